//! `device`.

use std::collections::BTreeMap;

use serde_json::json;
use zeef_proto::field::{
    DeviceName, Field, LineId, MacAddress, Parse, PrivateIp, PublicIp, ServiceId, Username,
};
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::arguments::Device as Command;
use super::failure::Failure;
use super::output::print;
use super::table::Table;
use super::{Context, Output};
use crate::ledger::Actor;
use crate::retention::ANSWER_WITHIN;
use crate::store::Store;
use crate::store::ledger::{Look, LookedAt};
use crate::store::records::Device;

/// Devices read at a time.
const PAGE: usize = 500;

/// A device that said nothing for that long is called silent: agents speak at least once a day.
const SILENT_AFTER: i64 = 7 * zeef_proto::time::DAY;

pub(super) async fn run(command: Command, context: Context) -> Result<(), Failure> {
    match command {
        Command::List {
            organisation,
            with,
            form,
        } => {
            let organisation = match organisation {
                Some(named) => Some(context.organisation(&named).await?.id),
                None => None,
            };
            let searched = with.is_some();
            let devices = match with {
                None => all(context.store.as_ref(), organisation, context.now).await?,
                Some(value) => with_value(&context, organisation, &given(value)?).await?,
            };
            let owners = devices.iter().map(|device| device.organisation);
            note_look(&context, LookedAt::devices(owners, searched)).await?;
            list(&context, &devices, Output::new(form)).await
        }
        Command::Show { id, form } => {
            let owner = context.owner(id).await?;
            let device = context.store.device(owner, id, context.now).await?;
            let device = device.ok_or_else(|| Failure::refused("there is no such device"))?;
            note_look(&context, LookedAt::Device(owner, id)).await?;
            show(&context, &device, Output::new(form)).await
        }
        Command::Revoke { id } => {
            let owner = context.owner(id).await?;
            if !context
                .store
                .revoke_device(owner, id, Actor::Administrator, context.now)
                .await?
            {
                return Err(without_agent());
            }
            print("The device is refused from its next request on; what is held of it stays for its term.\n")
        }
        Command::Keep { id } => {
            let owner = context.owner(id).await?;
            context
                .store
                .keep_device(owner, id, Actor::Administrator, context.now)
                .await?;
            print("The device is still there: its silence is counted from now.\n")
        }
        Command::Site { id, given } => {
            let owner = context.owner(id).await?;
            if !context
                .store
                .allow_site(owner, id, given.allow, Actor::Administrator, context.now)
                .await?
            {
                return Err(without_agent());
            }
            print(if given.allow {
                "The device may tell of other devices of its site from now on.\n"
            } else {
                "The device may not tell of other devices; what it told stays for its term.\n"
            })
        }
    }
}

/// Whoever is at the command line leaves a trace too, before anything is printed.
async fn note_look(context: &Context, at: LookedAt) -> Result<(), Failure> {
    let by = Actor::Administrator;
    Ok(context.store.record_look(Look { by, at }, context.now).await?)
}

fn without_agent() -> Failure {
    Failure::refused(
        "there is no agent on that device, so it has nothing to refuse or allow; erase it if it must go",
    )
}

/// A value that was given as `-` is read from standard input, where no list of processes shows it.
pub(super) fn given(value: String) -> Result<String, Failure> {
    if value != "-" {
        return Ok(value);
    }
    std::io::read_to_string(std::io::stdin())
        .map(|text| text.trim().to_owned())
        .map_err(|_| Failure::refused("the value cannot be read from standard input"))
}

/// All devices of an organisation, or of all.
pub(crate) async fn all(
    store: &dyn Store,
    organisation: Option<OrganisationId>,
    now: UnixTime,
) -> Result<Vec<Device>, Failure> {
    let mut devices = Vec::new();
    let mut after = None;
    loop {
        let ids = store.device_ids(organisation, after, PAGE).await?;
        let Some(last) = ids.last().copied() else {
            return Ok(devices);
        };
        devices.extend(store.devices(ids, now).await?);
        after = Some(last);
    }
}

async fn with_value(
    context: &Context,
    organisation: Option<OrganisationId>,
    value: &str,
) -> Result<Vec<Device>, Failure> {
    let forms = matching_forms(value);
    if forms.is_empty() {
        return Err(Failure::refused(
            "the value has the form of no documented field; give a device name, username, IP or MAC address, \
             ServiceID or LineID",
        ));
    }
    let organisations = match organisation {
        Some(one) => vec![one],
        None => context
            .store
            .organisations()
            .await?
            .into_iter()
            .map(|one| one.id)
            .collect(),
    };
    let mut found = BTreeMap::new();
    for organisation in organisations {
        for (field, form) in &forms {
            let ids: Vec<DeviceId> = context
                .store
                .devices_with(organisation, *field, form.clone(), context.now)
                .await?;
            found.extend(ids.into_iter().map(|id| (id, organisation)));
        }
    }
    let ids = found
        .into_iter()
        .map(|(device, organisation)| (organisation, device))
        .collect();
    Ok(context.store.devices(ids, context.now).await?)
}

/// The fields whose form the value has, with the form under which it is found.
fn matching_forms(value: &str) -> Vec<(Field, String)> {
    fn of<T: Parse>(value: &str) -> Option<(Field, String)> {
        T::parse(value)
            .ok()
            .map(|parsed| (T::FIELD, parsed.matching_form()))
    }
    [
        of::<DeviceName>,
        of::<Username>,
        of::<PrivateIp>,
        of::<MacAddress>,
        of::<PublicIp>,
        of::<ServiceId>,
        of::<LineId>,
    ]
    .into_iter()
    .filter_map(|parse| parse(value))
    .collect()
}

/// One row for each device, as an inventory.
pub(crate) fn inventory(
    devices: &[Device],
    organisations: &BTreeMap<OrganisationId, String>,
    now: UnixTime,
) -> Table {
    let mut table = Table::new([
        "DEVICE",
        "USERS",
        "PRIVATE IP",
        "MAC ADDRESS",
        "PUBLIC IP",
        "ORGANISATION",
        "STATE",
        "LAST CONTACT",
        "ID",
    ]);
    for device in devices {
        let joined = |field| device.values(field).collect::<Vec<_>>().join(", ");
        table.row([
            joined(Field::DeviceName),
            joined(Field::Username),
            joined(Field::PrivateIp),
            joined(Field::MacAddress),
            joined(Field::PublicIp),
            organisations
                .get(&device.organisation)
                .cloned()
                .unwrap_or_default(),
            kind(device, now),
            device
                .last_contact
                .map(|contact| contact.to_string())
                .unwrap_or_default(),
            device.id.to_string(),
        ]);
    }
    table
}

async fn list(context: &Context, devices: &[Device], output: Output) -> Result<(), Failure> {
    let names = names(context.store.as_ref()).await?;
    let json: Vec<_> = devices
        .iter()
        .map(|device| as_json(device, context.now))
        .collect();
    output.show(&json, &inventory(devices, &names, context.now))
}

/// Names of all organisations.
pub(crate) async fn names(store: &dyn Store) -> Result<BTreeMap<OrganisationId, String>, Failure> {
    let organisations = store.organisations().await?;
    Ok(organisations.into_iter().map(|one| (one.id, one.name)).collect())
}

async fn show(context: &Context, device: &Device, output: Output) -> Result<(), Failure> {
    let products = match device.agent {
        Some(_) => {
            context
                .store
                .products(device.organisation, device.id, context.now)
                .await?
        }
        None => device.products_of_sources(),
    };
    let mut json = as_json(device, context.now);
    json["products"] = json!(products);
    let mut table = Table::new(["WHAT", "VALUE", "SOURCE", "PRODUCT", "SINCE", "EXPIRES"]);
    for one in &device.observations {
        let expires = one
            .expires_at
            .map_or("with the service".to_owned(), |at| at.to_string());
        table.row([
            one.field.to_string(),
            one.value.clone(),
            one.origin.source().to_owned(),
            one.origin.product().to_owned(),
            one.first_seen.to_string(),
            expires,
        ]);
    }
    let mut protocol = |what: &str, value: String, since: Option<UnixTime>| {
        let since = since.map(|since| since.to_string()).unwrap_or_default();
        let none = String::new;
        table.row([what.to_owned(), value, none(), none(), since, none()]);
    };
    let products: Vec<_> = products.iter().map(|product| product.as_str()).collect();
    protocol(
        "state",
        state(device, context.now).to_owned(),
        Some(device.known_since),
    );
    protocol("products", products.join(", "), None);
    if let Some(asked_at) = device.asked_at {
        let ends = format!("counts as ended at {}", asked_at.plus(ANSWER_WITHIN));
        protocol("silence", ends, Some(asked_at));
    }
    let last_contact = device.last_contact.map(|at| at.to_string()).unwrap_or_default();
    if let Some(agent) = &device.agent {
        protocol("agent", agent.version.clone(), None);
        protocol("policy", agent.policy.to_string(), None);
        protocol("last contact", last_contact, None);
        let site = if agent.speaks_for_site {
            "allowed"
        } else {
            "not allowed"
        };
        protocol("other devices", site.to_owned(), None);
        if let Some(certificate) = &agent.certificate {
            let until = format!("until {}", certificate.not_after);
            protocol("certificate", until, Some(certificate.not_before));
        }
    } else {
        protocol("agent", "none".to_owned(), None);
        protocol("last record", last_contact, None);
    }
    output.show(&json, &table)
}

fn state(device: &Device, now: UnixTime) -> &'static str {
    let agent = device.agent.as_ref();
    if agent.is_some_and(|agent| agent.revoked) {
        "revoked"
    } else if agent.is_some_and(|agent| agent.suspected_clone) {
        "suspected clone"
    } else if device.asked_at.is_some() {
        "asked about"
    } else if device
        .last_contact
        .is_none_or(|contact| now.since(contact) > SILENT_AFTER)
    {
        "silent"
    } else {
        "reporting"
    }
}

/// The state, and what else a list says of what kind of device it is.
fn kind(device: &Device, now: UnixTime) -> String {
    let more = match &device.agent {
        None => ", no agent",
        Some(agent) if agent.speaks_for_site => ", tells of others",
        Some(_) => "",
    };
    format!("{}{more}", state(device, now))
}

fn as_json(device: &Device, now: UnixTime) -> serde_json::Value {
    let observations: Vec<_> = device
        .observations
        .iter()
        .map(|one| {
            json!({
                "field": one.field, "value": one.value, "first_seen": one.first_seen.to_string(),
                "expires_at": one.expires_at.map(|at| at.to_string()),
                "source": one.origin.source(),
                "product": Some(one.origin.product()).filter(|product| !product.is_empty()),
            })
        })
        .collect();
    let mut shown = json!({
        "id": device.id,
        "organisation": device.organisation,
        "state": state(device, now),
        "has_agent": device.agent.is_some(),
        "known_since": device.known_since.to_string(),
        "last_contact": device.last_contact.map(|at| at.to_string()),
        "counts_as_ended_at": device.asked_at.map(|at| at.plus(ANSWER_WITHIN).to_string()),
        "observations": observations,
    });
    if let Some(agent) = &device.agent {
        let certificate_until = agent.certificate.as_ref().map(|one| one.not_after.to_string());
        shown["platform"] = json!(agent.platform);
        shown["agent"] = json!(agent.version);
        shown["policy"] = json!(agent.policy);
        shown["may_tell_of_others"] = json!(agent.speaks_for_site);
        shown["certificate_until"] = json!(certificate_until);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_looked_for_under_every_field_whose_form_it_has() {
        let fields = |value: &str| {
            matching_forms(value)
                .into_iter()
                .map(|(field, _)| field)
                .collect::<Vec<_>>()
        };
        assert!(fields("10.0.3.17").contains(&Field::PrivateIp));
        assert!(!fields("10.0.3.17").contains(&Field::PublicIp));
        assert!(
            fields("AA-BB-CC-00-11-22").contains(&Field::MacAddress)
                || fields("A8-BB-CC-00-11-22").contains(&Field::MacAddress)
        );
        assert!(fields("lap-17").contains(&Field::DeviceName));
    }
}
