//! `erase`.

mod arguments;

use serde_json::json;
use zeef_proto::OrganisationId;
use zeef_proto::field::{Parse, Username};
use zeef_proto::id::ReceiptId;

pub(super) use arguments::{Command, How};

use super::device::given;
use super::failure::Failure;
use super::output::print;
use super::table::Table;
use super::{Context, Output, receipt, terminal};
use crate::erasure::{Counts, Kind, Subject};
use crate::ledger::Actor;
use crate::random;

pub(super) async fn run(command: Command, context: Context) -> Result<(), Failure> {
    match command {
        Command::Device { id, how } => {
            let organisation = context.owner(id).await?;
            erase(&context, organisation, Subject::Device(id), how).await
        }
        Command::Person {
            username,
            organisation,
            how,
        } => {
            let organisation = context.organisation(&organisation.organisation).await?.id;
            erase(&context, organisation, Subject::Person(named(username)?), how).await
        }
        Command::Organisation { organisation, how } => {
            let organisation = context.organisation(&organisation).await?.id;
            erase(&context, organisation, Subject::Organisation, how).await
        }
        Command::Lift {
            username,
            organisation,
        } => {
            let organisation = context.organisation(&organisation.organisation).await?.id;
            let username = named(username)?;
            if context
                .store
                .lift_erasure(organisation, username, context.now)
                .await?
            {
                print(
                    "The username is taken in again from the next time on that a device or a source sends it.\n",
                )
            } else {
                Err(Failure::refused(
                    "that username is not refused; nothing was changed",
                ))
            }
        }
    }
}

fn named(username: String) -> Result<Username, Failure> {
    Username::parse(&given(username)?).map_err(|_| {
        Failure::refused("that is not the form of a username; give it as `device show` shows it")
    })
}

async fn erase(
    context: &Context,
    organisation: OrganisationId,
    subject: Subject,
    how: How,
) -> Result<(), Failure> {
    let kind = subject.kind();
    let counts = context.store.plan_erasure(organisation, subject.clone()).await?;
    let output = Output::new(how.form);
    if how.plan {
        return output.show(&json!({ "kind": kind, "counts": counts }), &table(&counts));
    }
    let id = ReceiptId::from_random(random::bytes());
    let file = how.receipt.unwrap_or_else(|| receipt::default_name(id));
    // A receipt that could not be written is told of before anything is deleted.
    receipt::check_new(&file)?;
    if !how.yes {
        confirm(kind, &counts)?;
    }
    let erased = context
        .store
        .erase(organisation, subject, id, Actor::Administrator, context.now)
        .await?;
    // What was deleted must not linger in the write-ahead log; the service tries again where a reader is in the way.
    drop(context.store.checkpoint().await);
    receipt::write(context, erased, &file).await.map_err(|failure| {
        Failure::failed(format!(
            "the data was erased, and its receipt could not be written: {failure}; write it with `zeef-collector receipt \
             write {id} FILE`"
        ))
    })?;
    let file = file.display().to_string();
    output.say(
        &json!({ "kind": kind, "counts": counts, "receipt": id, "file": file }),
        &format!("{}\nThe receipt {id} is in {file}.\n", done(kind)),
    )
}

fn confirm(kind: Kind, counts: &Counts) -> Result<(), Failure> {
    if !terminal::is_there() {
        return Err(Failure::refused(
            "nobody can be asked; look with --plan and erase with --yes. Nothing was changed",
        ));
    }
    print(&format!(
        "{}\n{}",
        match kind {
            Kind::Device => "The device is deleted, and its agent, if it has one, wipes its state.",
            Kind::Person =>
                "The username is deleted from these devices, and refused for 400 days unless that is lifted.",
            Kind::Organisation =>
                "The organisation is deleted with all that is in it. This cannot be undone.",
        },
        table(counts).render()
    ))?;
    if terminal::confirm("Erase it? [y/N] ")? {
        Ok(())
    } else {
        Err(Failure::refused("nothing was changed"))
    }
}

const fn done(kind: Kind) -> &'static str {
    match kind {
        Kind::Device => "The device was erased and all that was held of it deleted.",
        Kind::Person => "The username was erased, and is refused from now on.",
        Kind::Organisation => "The organisation was erased with everything in it.",
    }
}

fn table(counts: &Counts) -> Table {
    let mut table = Table::new(["WHAT", "COUNT"]);
    for (field, count) in &counts.observations {
        table.row([format!("values of {field}"), count.to_string()]);
    }
    let rows = [
        ("devices", counts.devices),
        ("keys of devices, destroyed", counts.device_keys),
        ("keys of the organisation, destroyed", counts.organisation_keys),
        ("marks that records are known by", counts.links),
        ("entries of the search index", counts.index_entries),
        ("questions about silent devices", counts.questions),
        ("requests of people", counts.requests),
        ("subscriptions", counts.subscriptions),
        ("tokens", counts.tokens),
        ("legal holds that have ended", counts.holds),
    ];
    for (what, count) in rows {
        table.row([what.to_owned(), count.to_string()]);
    }
    table
}
