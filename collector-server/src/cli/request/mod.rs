//! `request`.

mod arguments;
mod show;
mod step;

use std::io::Read;

use serde_json::json;
use zeef_proto::OrganisationId;
use zeef_proto::id::RequestId;

pub(super) use arguments::Command;

use super::failure::Failure;
use super::output::print;
use super::table::Table;
use super::{Context, Output, moment};
use crate::random;
use crate::requests::{Details, InvalidWords, Line, Officer, Refused, Text, zone};
use crate::store::requests::{Correction, NewRequest};

pub(super) async fn run(command: Command, context: Context) -> Result<(), Failure> {
    match command {
        Command::List { organisation, form } => {
            let of = match organisation {
                Some(named) => Some(vec![context.organisation(&named).await?.id]),
                None => None,
            };
            show::list(&context, of, form).await
        }
        Command::Show { id, form } => show::one(&context, id, form).await,
        Command::Open {
            organisation,
            kind,
            received,
            form,
        } => {
            let zone = zone();
            let zone = zone.iana_name().unwrap_or("UTC");
            let received = match received {
                Some(text) => moment::read(&text, zone)?,
                None => context.now,
            };
            if received > context.now {
                return Err(Failure::refused("a request cannot come in later than now"));
            }
            let request = NewRequest {
                id: RequestId::from_random(random::bytes()),
                organisation: context.organisation(&organisation.organisation).await?.id,
                kind,
                received,
                details: details(&input()?)?,
            };
            let id = request.id;
            let (by, now) = (Officer::CommandLine, context.now);
            let case = context.store.open_request(request, by, now).await?;
            let json = json!({ "id": id, "due": case.due.to_string() });
            Output::new(form).say(&json, &format!("{id}\n"))
        }
        Command::Step { id, step } => step::take(&context, id, step).await,
        Command::Correct { id, device, field } => {
            let organisation = owner(&context, id).await?;
            let input = input()?;
            let mut lines = input.lines();
            let mut line = || Line::parse(lines.next().unwrap_or_default()).map_err(unreadable);
            let correction = Correction {
                field,
                said: line()?,
                corrected: line()?,
                request: id,
                since: context.now,
            };
            let (by, now) = (Officer::CommandLine, context.now);
            context
                .store
                .correct_value(organisation, device, correction, by, now)
                .await?;
            print("The value is shown with its correction beside it; no report changes that.\n")
        }
        Command::LiftRestriction { device } => {
            let organisation = context.owner(device).await?;
            let (by, now) = (Officer::CommandLine, context.now);
            let lifted = context.store.lift_restriction(organisation, device, by, now);
            if !lifted.await? {
                return Err(Failure::refused("the device is not restricted"));
            }
            print("Technicians see the device again.\n")
        }
        Command::Counts { organisation, form } => {
            let organisation = context.organisation(&organisation.organisation).await?.id;
            let mut table = Table::new(["YEAR", "KIND", "ENDING", "REQUESTS"]);
            let mut list = Vec::new();
            for one in context.store.counted_requests(organisation).await? {
                let ending = one.ending.name();
                table.row([
                    one.year.to_string(),
                    one.kind.name().to_owned(),
                    ending.to_owned(),
                    one.requests.to_string(),
                ]);
                list.push(json!({
                    "year": one.year, "kind": one.kind.name(), "ending": ending, "requests": one.requests,
                }));
            }
            Output::new(form).show(&list, &table)
        }
    }
}

/// Whose request it is.
async fn owner(context: &Context, request: RequestId) -> Result<OrganisationId, Failure> {
    let owner = context.store.find_request(request).await?;
    owner.ok_or_else(|| Failure::refused("there is no such request; see `zeef-collector request list`"))
}

/// Standard input, as far as a text may go.
fn input() -> Result<String, Failure> {
    const MOST: u64 = 64 * 1_024;
    let mut text = String::new();
    std::io::stdin()
        .lock()
        .take(MOST)
        .read_to_string(&mut text)
        .map_err(|error| Failure::refused(format!("standard input cannot be read ({})", error.kind())))?;
    Ok(text)
}

fn details(input: &str) -> Result<Details, Failure> {
    let mut lines = input.splitn(3, '\n');
    let mut line = || Line::parse(lines.next().unwrap_or_default()).map_err(unreadable);
    let (name, contact) = (line()?, line()?);
    let asked = lines.next().filter(|text| !text.trim().is_empty());
    Ok(Details {
        name,
        contact,
        asked: asked.map(Text::parse).transpose().map_err(unreadable)?,
        explanation: None,
    })
}

fn unreadable(invalid: InvalidWords) -> Failure {
    Failure::refused(format!("standard input is not what is read here: {invalid}"))
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        Self::refused(refused.to_string())
    }
}
