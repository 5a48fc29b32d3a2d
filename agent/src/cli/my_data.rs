//! `my-data`: what the collector holds of this device, and on what account, asked by proof of this device's key.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use zeef_proto::wire::{HeldReason, HeldUnder, LooksCounted, MyData};
use zeef_proto::{Clock, UnixTime};

use super::policy::word;
use super::{Failure, output, runtime};
use crate::enrol::connect;
use crate::state::{Records, StateDirectory};

pub(super) fn run(
    state_dir: &Path,
    json: bool,
    clock: Arc<dyn Clock>,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let (records, _) = Records::read(&StateDirectory::to_read(state_dir)?, clock.now())?;
    let identity = records.identity.as_ref().ok_or_else(Failure::not_enrolled)?;
    let connection = connect(identity, clock)?;
    let data = runtime::block_on(Box::pin(connection.my_data()))??;
    if json {
        return output::json(out, &serde_json::to_value(&data).unwrap_or_default());
    }
    head(&data, out)?;
    values(&data, out)?;
    reasons(&data, out)?;
    protocol(&data, out)?;
    output::line(out, &looks(&data.looks))?;
    data.policy
        .as_ref()
        .map_or(Ok(()), |policy| output::line(out, &contact(policy)))
}

fn head(data: &MyData, out: &mut dyn Write) -> Result<(), Failure> {
    let mut table = output::Table::default();
    table.row(["Held at", &data.at.to_string()]);
    table.row(["Organisation", &data.organisation]);
    table.row(["Device", &data.device.to_string()]);
    table.row(["Known since", &data.known_since.to_string()]);
    if let Some(policy) = &data.policy {
        table.row(["Policy", &format!("{}, version {}", policy.title, policy.version)]);
    }
    output::table(out, &table)
}

fn values(data: &MyData, out: &mut dyn Write) -> Result<(), Failure> {
    if data.values.is_empty() {
        return output::line(out, "\nNo value is held of this device.");
    }
    output::line(out, "")?;
    let mut table = output::Table::with_head(["field", "value", "from", "since", "until", "for"]);
    for held in &data.values {
        let products: BTreeSet<&str> = held
            .reasons
            .iter()
            .map(|reason| reason.product.as_str())
            .collect();
        let products: Vec<&str> = products.into_iter().collect();
        table.row([
            held.field.name(),
            &held.value,
            held.source.map_or("this agent", |source| source.as_str()),
            &held.since.to_string(),
            &until(held.until),
            &products.join(", "),
        ]);
    }
    output::table(out, &table)
}

fn until(until: Option<UnixTime>) -> String {
    until.map_or_else(|| "the service ends".to_owned(), |until| until.to_string())
}

/// Each row of the policy once: the values rest on the same few.
fn reasons(data: &MyData, out: &mut dyn Write) -> Result<(), Failure> {
    let mut seen: Vec<&HeldReason> = Vec::new();
    for reason in data.values.iter().flat_map(|held| &held.reasons) {
        if !seen.contains(&reason) {
            seen.push(reason);
        }
    }
    if seen.is_empty() {
        return Ok(());
    }
    output::line(out, "")?;
    let mut table =
        output::Table::with_head(["for", "purpose", "ground", "responsible", "shared with", "term"]);
    for reason in seen {
        let grounds: Vec<String> = reason.grounds.iter().map(word).collect();
        let responsible: Vec<String> = reason.responsible.iter().map(word).collect();
        table.row([
            reason.product.as_str(),
            &reason.purpose.en,
            &grounds.join(", "),
            &responsible.join(", "),
            &reason.recipients.join(", "),
            &reason.term.to_string(),
        ]);
    }
    output::table(out, &table)
}

fn protocol(data: &MyData, out: &mut dyn Write) -> Result<(), Failure> {
    let held = &data.protocol;
    let mut table = output::Table::default();
    if let Some(certificate) = &held.certificate {
        let validity = format!("{} to {}", certificate.not_before, certificate.not_after);
        table.row(["Certificate", &certificate.serial]);
        table.row(["Valid", &validity]);
    }
    if let (Some(agent), Some(platform)) = (&held.agent, &held.platform) {
        table.row(["Agent", &format!("{agent} on {}", word(platform))]);
    }
    if let Some(policy) = held.policy {
        table.row(["Policy obeyed", &format!("version {policy}")]);
    }
    if let Some(sequence) = held.sequence {
        table.row(["Last report", &format!("number {sequence}")]);
    }
    if let Some(contact) = held.last_contact {
        table.row(["Last contact", &contact.to_string()]);
    }
    table.row(["Links to other products' records", &held.links.to_string()]);
    output::line(out, "\nThe protocol itself holds:")?;
    output::table(out, &table)
}

fn looks(looks: &LooksCounted) -> String {
    let last = looks
        .last_of_device
        .map_or(String::new(), |last| format!(", last at {last}"));
    format!(
        "\nSince {}: all of this was opened {} times{last}; devices of the organisation stood in a list or in what a \
         search found {} times; this device asked {} times before.",
        looks.since, looks.of_device, looks.of_lists, looks.by_device
    )
}

fn contact(policy: &HeldUnder) -> String {
    format!(
        "To have something corrected or erased: {}, {}, {}. Complaints: {}.",
        policy.controller,
        policy.email,
        policy.phone,
        policy.complaints.join(", ")
    )
}
