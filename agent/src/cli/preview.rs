//! `preview`: what would be sent, to the byte, and why; and what was seen and is not sent.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use serde_json::json;
use zeef_proto::Clock;
use zeef_proto::field::Field;
use zeef_proto::policy::{Permit, Permits};

use super::policy::{InForce, in_force, word};
use super::{Failure, intake, output};
use crate::intake::spool;
use crate::minimise::{Dropped, Fields, Outcome, minimise};
use crate::platform;
use crate::report::report_of;
use crate::state::{Records, StateDirectory};

/// What would be sent now.
struct Next {
    body: String,
    /// False where nothing changed since the last report, so that these bytes wait for the daily heartbeat.
    due: bool,
    /// Batches of other products' records that wait.
    waiting: u64,
}

pub(super) fn run(
    state_dir: &Path,
    json: bool,
    clock: &dyn Clock,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let now = clock.now();
    let directory = StateDirectory::to_read(state_dir)?;
    let (records, _) = Records::read(&directory, now)?;
    let waiting = spool::waiting(&directory)?;
    let in_force = in_force(&records)?;
    let permits = if in_force.signed {
        records.policy.permits(&in_force.policy)
    } else {
        Permits::of_any_agent(&in_force.policy)
    };
    let outcome = minimise(&platform::facts(), &permits);

    let version = in_force.policy.version;
    let mut progress = records.progress.clone();
    let next = match progress.next(Some(&outcome.fields), version, now) {
        Some(body) => Next {
            body: body.to_owned(),
            due: true,
            waiting,
        },
        None => {
            let heartbeat = report_of(progress.sequence() + 1, version, Fields::default());
            Next {
                body: String::from_utf8_lossy(&heartbeat.to_bytes()).into_owned(),
                due: false,
                waiting,
            }
        }
    };
    if json {
        as_json(&in_force, &permits, &outcome, &next, out)
    } else {
        as_text(&in_force, &permits, &outcome, &next, out)
    }
}

fn as_text(
    in_force: &InForce,
    permits: &Permits,
    outcome: &Outcome,
    next: &Next,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let policy = format!("{}, version {}", in_force.policy.title, in_force.policy.version);
    output::line(
        out,
        &if in_force.signed {
            format!("Policy: {policy}, signed.")
        } else {
            format!(
                "Policy: {policy}, compiled in; this machine is not enrolled, so all products are assumed."
            )
        },
    )?;
    output::line(out, "\nSent:")?;
    let mut kept = output::Table::with_head(["field", "value", "source", "treatment", "allowed by"]);
    for value in &outcome.kept {
        let rows: Vec<String> = permits
            .of(value.field)
            .map(|permit| format!("{}/{}", permit.product, permit.row))
            .collect();
        kept.row([
            value.field.name(),
            &value.value,
            &value.source,
            &word(&permits.treatment(value.field)),
            &rows.join(", "),
        ]);
    }
    for field in nothing_of(permits, outcome) {
        kept.row([field.name(), "(none now)"]);
    }
    output::table(out, &kept)?;

    output::line(out, "\nSeen and not sent:")?;
    let mut dropped = output::Table::with_head(["could have been", "source", "count", "why not"]);
    for (drop, count) in counted(outcome) {
        let reason = drop.reason.to_string();
        dropped.row([drop.field.name(), &drop.source, &count.to_string(), &reason]);
    }
    output::table(out, &dropped)?;
    output::line(
        out,
        "The public address is not sent: the collector sees from where this machine reaches it.",
    )?;

    let heading = if next.due {
        "\nThe exact bytes of the next report:"
    } else {
        "\nNothing changed since the last report. The exact bytes of the next heartbeat:"
    };
    output::line(out, heading)?;
    output::line(out, &next.body)?;
    match next.waiting {
        0 => Ok(()),
        some => {
            let batches = intake::batches(some);
            output::line(
                out,
                &format!("\nRecords of other products that wait to be sent: {batches}."),
            )
        }
    }
}

fn as_json(
    in_force: &InForce,
    permits: &Permits,
    outcome: &Outcome,
    next: &Next,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let allowed = |permit: &Permit| json!({ "product": permit.product, "row": permit.row, "term": permit.term.to_string() });
    let fields: Vec<_> = outcome
        .kept
        .iter()
        .map(|kept| {
            json!({
                "field": kept.field,
                "value": kept.value,
                "source": kept.source,
                "treatment": permits.treatment(kept.field),
                "allowed_by": permits.of(kept.field).map(allowed).collect::<Vec<_>>(),
            })
        })
        .collect();
    let dropped: Vec<_> = counted(outcome)
        .into_iter()
        .map(|(drop, count)| {
            json!({ "field": drop.field, "source": drop.source, "reason": drop.reason, "count": count })
        })
        .collect();
    output::json(
        out,
        &json!({
            "enrolled": in_force.signed,
            "policy": { "title": in_force.policy.title, "version": in_force.policy.version, "signed": in_force.signed },
            "fields": fields,
            "none_now": nothing_of(permits, outcome),
            "dropped": dropped,
            "due": next.due,
            "body": next.body,
            "records_waiting": next.waiting,
        }),
    )
}

/// Documented fields of which this machine has no value.
fn nothing_of(permits: &Permits, outcome: &Outcome) -> Vec<Field> {
    crate::minimise::sendable(permits)
        .into_iter()
        .filter(|field| outcome.kept.iter().all(|kept| kept.field != *field))
        .collect()
}

fn counted(outcome: &Outcome) -> BTreeMap<&Dropped, usize> {
    let mut counts = BTreeMap::new();
    for drop in &outcome.dropped {
        *counts.entry(drop).or_insert(0) += 1;
    }
    counts
}
