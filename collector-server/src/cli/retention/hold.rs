//! `retention hold`.

use serde_json::json;
use zeef_proto::id::HoldId;

use super::super::device::names;
use super::super::failure::Failure;
use super::super::output::print;
use super::super::table::Table;
use super::super::{Context, Output, moment};
use super::arguments::Hold;
use crate::random;
use crate::retention::{LegalHold, Reason};

pub(super) async fn run(command: Hold, context: &Context) -> Result<(), Failure> {
    match command {
        Hold::Add {
            organisation,
            device,
            reason,
            until,
            form,
        } => {
            let organisation = context.organisation(&organisation.organisation).await?.id;
            if let Some(device) = device
                && context.owner(device).await? != organisation
            {
                return Err(Failure::refused("the device is not one of this organisation"));
            }
            let zone = context.policy().await?.timezone;
            let ends = moment::read_or_length(&until, &zone, context.now)?;
            if ends <= context.now {
                return Err(Failure::refused("a legal hold ends in the future"));
            }
            let id = HoldId::from_random(random::bytes());
            let hold = LegalHold {
                id,
                organisation,
                device,
                reason: Reason::parse(&reason).map_err(|error| Failure::refused(error.to_string()))?,
                starts: context.now,
                ends,
            };
            context.store.add_hold(hold).await?;
            Output::new(form).say(&json!({ "id": id }), &format!("{id}\n"))
        }
        Hold::List { form } => {
            let names = names(context.store.as_ref()).await?;
            let mut table = Table::new([
                "ID",
                "ORGANISATION",
                "DEVICE",
                "SINCE",
                "ENDS",
                "STANDS",
                "REASON",
            ]);
            let mut list = Vec::new();
            for hold in context.store.holds().await? {
                let stands = hold.stands_at(context.now);
                table.row([
                    hold.id.to_string(),
                    names.get(&hold.organisation).cloned().unwrap_or_default(),
                    hold.device.map_or("all".to_owned(), |device| device.to_string()),
                    hold.starts.to_string(),
                    hold.ends.to_string(),
                    if stands { "yes" } else { "no" }.to_owned(),
                    hold.reason.expose().to_owned(),
                ]);
                list.push(json!({
                    "id": hold.id, "organisation": hold.organisation, "device": hold.device, "stands": stands,
                    "starts": hold.starts.to_string(), "ends": hold.ends.to_string(),
                    "reason": hold.reason.expose(),
                }));
            }
            Output::new(form).show(&list, &table)
        }
        Hold::End { id } => {
            if !context.store.end_hold(id, context.now).await? {
                return Err(Failure::refused(
                    "no such legal hold stands; see `zeef-collector retention hold list`",
                ));
            }
            print("The legal hold has ended; what it kept is deleted at the next purge.\n")
        }
    }
}
