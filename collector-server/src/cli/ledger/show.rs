//! The newest entries in words.

use serde_json::{Map, Value, json};
use zeef_proto::{DeviceId, OrganisationId};

use super::super::device::names;
use super::super::failure::Failure;
use super::super::table::Table;
use super::super::{Context, Output};
use crate::ledger::{Actor, DeviceMark, Entry};

/// Entries read at a time.
const PAGE: usize = 500;

pub(super) async fn run(
    context: &Context,
    organisation: Option<String>,
    device: Option<DeviceId>,
    last: usize,
    output: Output,
) -> Result<(), Failure> {
    let mut organisation = match organisation {
        Some(named) => Some(context.organisation(&named).await?.id),
        None => None,
    };
    let mut mark = None;
    if let Some(device) = device {
        let owner = match organisation {
            Some(owner) => Some(owner),
            None => context.store.find_device(device).await?,
        };
        let owner = owner.ok_or_else(|| {
            Failure::refused("there is no such device; if it was ended, name its --organisation as well")
        })?;
        mark = context.store.device_mark(owner, device).await?;
        organisation = Some(owner);
    }
    let entries = newest(context, organisation, mark, last).await?;
    let names = names(&*context.store).await?;
    let mut table = Table::new(["INDEX", "TIME", "ORGANISATION", "WHO", "WHAT", "DETAILS"]);
    for entry in &entries {
        let id = entry.event.organisation();
        let name = id.map(|id| names.get(&id).cloned().unwrap_or_else(|| id.to_string()));
        table.row([
            entry.index.to_string(),
            entry.at.to_string(),
            name.unwrap_or_default(),
            who(entry.actor),
            entry.event.name().replace('_', " "),
            details(entry),
        ]);
    }
    let list: Vec<_> = entries.iter().map(as_json).collect();
    output.show(&list, &table)
}

/// The newest entries that are wanted, oldest of them first.
async fn newest(
    context: &Context,
    organisation: Option<OrganisationId>,
    mark: Option<DeviceMark>,
    last: usize,
) -> Result<Vec<Entry>, Failure> {
    let mut found = Vec::new();
    // As far as the store's numbers go.
    let mut before = i64::MAX as u64;
    while found.len() < last {
        let page = context.store.ledger_before(organisation, before, PAGE).await?;
        let Some(oldest) = page.last() else { break };
        before = oldest.index;
        for stored in &page {
            let entry = Entry::from_bytes(&stored.bytes)
                .map_err(|error| Failure::failed(format!("entry {}: {error}", stored.index)))?;
            if mark.is_none() || entry.event.device() == mark {
                found.push(entry);
            }
        }
    }
    found.truncate(last);
    found.reverse();
    Ok(found)
}

fn who(actor: Actor) -> String {
    match actor {
        Actor::User(user) => format!("{} {user}", actor.name()),
        Actor::Service(token) => format!("{} {token}", actor.name()),
        _ => actor.name().to_owned(),
    }
}

fn details(entry: &Entry) -> String {
    let details = entry
        .event
        .details()
        .into_iter()
        .map(|(name, value)| match value {
            Value::String(text) => format!("{name} {text}"),
            other => format!("{name} {other}"),
        });
    details.collect::<Vec<_>>().join(", ")
}

fn as_json(entry: &Entry) -> Value {
    let details: Map<String, Value> = entry
        .event
        .details()
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    let user = match entry.actor {
        Actor::User(user) => Some(user),
        _ => None,
    };
    let api_token = match entry.actor {
        Actor::Service(token) => Some(token),
        _ => None,
    };
    json!({
        "index": entry.index,
        "time": entry.at.to_string(),
        "organisation": entry.event.organisation(),
        "actor": entry.actor.name(),
        "user": user,
        "api_token": api_token,
        "event": entry.event.name(),
        "details": details,
    })
}
