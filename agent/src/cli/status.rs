//! `status`: how things stand with the collector.

use std::io::Write;
use std::path::Path;

use serde_json::{Value, json};
use zeef_proto::wire::ProblemCode;
use zeef_proto::{Clock, UnixTime};

use super::intake::{self, Seen};
use super::{Exit, Failure, output};
use crate::state::{Cause, Identity, Records, Standing, StateDirectory};

pub(super) fn run(
    state_dir: &Path,
    json: bool,
    clock: &dyn Clock,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let now = clock.now();
    let directory = StateDirectory::to_read(state_dir)?;
    let (records, damage) = Records::read(&directory, now)?;
    let seen = intake::see(&directory)?;
    if json {
        output::json(out, &as_json(&records, &damage, seen.as_ref(), now))?;
    }
    match (&records.identity, &records.enrolment) {
        (None, None) => Err(Failure::not_enrolled()),
        (None, Some(_)) if json => Ok(()),
        (Some(_), _) if json => Ok(()),
        (None, Some(enrolment)) => {
            let mut table = output::Table::default();
            table.row(["Enrolled", "no: it has not been completed yet"]);
            table.row(["Collector", &enrolment.place.url.to_string()]);
            trouble(&records, &mut table);
            output::table(out, &table)?;
            Err(Failure::new(
                Exit::NotEnrolled,
                "the enrolment is not completed; zeef-agent run keeps trying",
            ))
        }
        (Some(identity), _) => {
            let mut table = as_table(identity, &records, &damage, now);
            if let Some(seen) = &seen {
                intake::rows(seen, &mut table);
            }
            output::table(out, &table)
        }
    }
}

fn as_table(identity: &Identity, records: &Records, damage: &[&str], now: UnixTime) -> output::Table {
    let status = &records.status;
    let mut table = output::Table::default();
    table.row(["Enrolled", "yes"]);
    table.row(["Standing", &standing(status.standing)]);
    table.row(["Collector", &identity.place.url.to_string()]);
    table.row(["Organisation", &identity.organisation.to_string()]);
    table.row(["Device", &identity.device.to_string()]);
    let until = identity.certificate.not_after;
    let lapsed = if until <= now {
        " (lapsed; it is recovered at the next contact)"
    } else {
        ""
    };
    table.row(["Certificate until", &format!("{until}{lapsed}")]);
    table.row(["Renewed from", &identity.certificate.renew_after.to_string()]);
    let contact = status
        .last_contact
        .map_or("never".to_owned(), |at| at.to_string());
    table.row(["Last contact", &contact]);
    let waiting = if records.progress.pending().is_some() {
        "yes"
    } else {
        "no"
    };
    table.row(["Report on its way", waiting]);
    if let Some(enrolment) = &records.enrolment {
        table.row(["Enrols anew", enrolment.cause.in_words()]);
    }
    trouble(records, &mut table);
    if let Some(text) = &status.policy_trouble {
        table.row(["Policy", text]);
    }
    if let Some(text) = &status.records_trouble {
        table.row(["Records", text]);
    }
    if let Some(seconds) = status.clock_off {
        table.row(["Clock", &clock_in_words(seconds)]);
    }
    for file in damage {
        table.row(["Damaged", file]);
    }
    table
}

fn trouble(records: &Records, table: &mut output::Table) {
    if let Some(trouble) = &records.status.trouble {
        table.row(["Problem", &trouble.text]);
        table.row(["Problem since", &trouble.since.to_string()]);
    }
}

fn standing(standing: Standing) -> String {
    match standing {
        Standing::Good => "good".to_owned(),
        Standing::Refused(ProblemCode::Revoked) => "revoked; asked again once an hour".to_owned(),
        Standing::Refused(code) => format!("refused ({code}); asked again once an hour"),
    }
}

fn clock_in_words(ahead: i64) -> String {
    let (seconds, way) = (
        ahead.unsigned_abs(),
        if ahead > 0 { "behind" } else { "ahead of" },
    );
    format!("{seconds} s {way} the collector's; set it right")
}

fn as_json(records: &Records, damage: &[&str], seen: Option<&Seen>, now: UnixTime) -> Value {
    let status = &records.status;
    let identity = records.identity.as_ref();
    let refusal = match status.standing {
        Standing::Good => None,
        Standing::Refused(code) => Some(code.as_str()),
    };
    let anew = |cause: Cause| (cause != Cause::Asked).then(|| cause.in_words());
    json!({
        "enrolled": identity.is_some(),
        "enrolment_pending": records.enrolment.is_some(),
        "enrols_anew": records.enrolment.as_ref().and_then(|enrolment| anew(enrolment.cause)),
        "refused": refusal,
        "collector": identity.map(|identity| &identity.place.url),
        "organisation": identity.map(|identity| identity.organisation),
        "device": identity.map(|identity| identity.device),
        "certificate_until": identity.map(|identity| identity.certificate.not_after.to_string()),
        "certificate_lapsed": identity.map(|identity| identity.certificate.not_after <= now),
        "renew_after": identity.map(|identity| identity.certificate.renew_after.to_string()),
        "last_contact": status.last_contact.map(|at| at.to_string()),
        "pending": records.progress.pending().is_some(),
        "sequence": records.progress.sequence(),
        "problem": status.trouble.as_ref().map(|trouble| &trouble.text),
        "problem_since": status.trouble.as_ref().map(|trouble| trouble.since.to_string()),
        "policy_problem": status.policy_trouble,
        "records_problem": status.records_trouble,
        "intake": intake::as_json(seen),
        "clock_off_seconds": status.clock_off,
        "damaged": damage,
    })
}
