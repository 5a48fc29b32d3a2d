//! One report: who may send it, whether it is new, and what of it changes.

use zeef_proto::field::Field;
use zeef_proto::{DeviceId, OrganisationId};

use super::columns::note_change;
use super::values::Values;
use super::writer::Writing;
use crate::store::records::{IncomingReport, ReportOutcome, Standing};
use crate::store::sql::driver::{OptionalExtension, Row, params};
use crate::store::{Origin, Result};

/// What is held of a device's last report.
struct Held {
    revoked: bool,
    sequence: u64,
    check: Option<[u8; 16]>,
    last_contact: Option<i64>,
    agent: String,
    policy: u64,
}

/// How the number of a report, or of a batch of records, stands to the last one's.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// It follows, or leaves numbers out (`gap`).
    New { gap: bool },
    /// It is the last one again.
    Repeated,
    /// Another one had its number.
    Fork,
}

pub(super) fn order(held: u64, held_check: Option<[u8; 16]>, offered: u64, check: [u8; 16]) -> Order {
    match offered.cmp(&held) {
        std::cmp::Ordering::Greater => Order::New {
            gap: offered > held + 1,
        },
        std::cmp::Ordering::Equal if held_check == Some(check) => Order::Repeated,
        _ => Order::Fork,
    }
}

macro_rules! reported {
    () => {
        "UPDATE device SET sequence = ?3, report_check = ?4, last_contact = ?5, agent = ?6, policy = ?7
         WHERE organisation = ?1 AND device = ?2"
    };
}

/// What a report makes of its device's row.
const REPORTED: &str = reported!();

/// The same, and the change noted with it, for PostgreSQL: each statement is a way to the server and back, which is most of
/// what a report costs there.
const REPORTED_AND_NOTED: &str = concat!(
    "WITH reported AS (",
    reported!(),
    ") INSERT INTO device_change VALUES (pg_current_xact_id()::text::bigint, ?1, ?2, NULL)
     ON CONFLICT (organisation, device) DO UPDATE SET sequence = excluded.sequence, gone_at = NULL"
);

/// Decides about one report and stores what it says.
pub(super) fn record(writing: &mut Writing, incoming: &IncomingReport) -> Result<ReportOutcome> {
    let IncomingReport {
        organisation,
        device,
        report,
        body,
        public_ip,
        now,
    } = incoming;
    let (organisation, device, now) = (*organisation, *device, *now);
    let Some(held) = held(writing, organisation, device)? else {
        return Ok(ReportOutcome::NotAdmitted(super::device::absent(
            writing,
            organisation,
            device,
        )?));
    };
    if held.revoked {
        return Ok(ReportOutcome::NotAdmitted(Standing::Revoked));
    }
    let facts = writing.organisation(organisation)?;
    let products = facts.products(device, now);
    let published = writing.policy()?;
    let policy = published.as_ref().map_or(0, |published| published.policy.version);
    let permits = published
        .as_ref()
        .map(|published| writing.cache.permits(published, &products))
        .unwrap_or_default();
    let check = facts.blind.report(body);
    let gap = match order(held.sequence, held.check, report.sequence, check) {
        Order::New { gap } => gap,
        Order::Repeated => {
            return Ok(ReportOutcome::Stored {
                send_all: false,
                repeated: true,
                products,
                policy,
            });
        }
        Order::Fork => {
            mark_suspected_clone(writing, organisation, device)?;
            return Ok(ReportOutcome::SequenceFork);
        }
    };
    // After the number: what was taken once is acknowledged again, also when its product has ended meanwhile.
    if let Err(refusal) = report.check_documented(&permits) {
        return Ok(ReportOutcome::Refused(refusal));
    }

    let mut values = Values::held(writing, organisation, device, Origin::Native, now)?;
    if let Some(name) = &report.device_name {
        values.replace(writing, std::slice::from_ref(name))?;
    }
    if let Some(names) = &report.usernames {
        values.replace(writing, names)?;
    }
    if let Some(addresses) = &report.private_ips {
        values.replace(writing, addresses)?;
    }
    if let Some(addresses) = &report.mac_addresses {
        values.replace(writing, addresses)?;
    }
    // Seen, not sent: a connection without a public address says that the last one is no longer known.
    let seen = if permits.documents(Field::PublicIp) {
        public_ip.as_slice()
    } else {
        &[]
    };
    values.replace(writing, seen)?;

    let contact = now.to_the_hour();
    let changed = values.changed
        || held.last_contact != Some(contact.0)
        || held.agent != report.agent.as_str()
        || held.policy != report.policy;
    let noted_with_it = changed && writing.db.sqlite().is_none();
    let reported = if noted_with_it {
        REPORTED_AND_NOTED
    } else {
        REPORTED
    };
    writing.db.prepare_cached(reported)?.execute(params![
        organisation.as_bytes(),
        device.as_bytes(),
        report.sequence,
        check,
        contact.0,
        report.agent.as_str(),
        report.policy,
    ])?;
    if changed && !noted_with_it {
        note_change(&writing.db, organisation, device)?;
    }
    Ok(ReportOutcome::Stored {
        send_all: gap,
        repeated: false,
        products,
        policy,
    })
}

fn held(writing: &Writing, organisation: OrganisationId, device: DeviceId) -> Result<Option<Held>> {
    let mut statement = writing.db.prepare_cached(
        "SELECT state, sequence, report_check, last_contact, agent, policy
         FROM device WHERE organisation = ?1 AND device = ?2 AND platform IS NOT NULL{| FOR UPDATE}",
    )?;
    let read = |row: &Row<'_>| {
        Ok(Held {
            revoked: row.get::<_, i64>(0)? != 0,
            sequence: row.get(1)?,
            check: row.get(2)?,
            last_contact: row.get(3)?,
            agent: row.get(4)?,
            policy: row.get(5)?,
        })
    };
    Ok(statement
        .query_row(params![organisation.as_bytes(), device.as_bytes()], read)
        .optional()?)
}

pub(super) fn mark_suspected_clone(
    writing: &Writing,
    organisation: OrganisationId,
    device: DeviceId,
) -> Result<()> {
    let marked = writing
        .db
        .prepare_cached(
            "UPDATE device SET suspected_clone = 1 WHERE organisation = ?1 AND device = ?2 AND suspected_clone = 0",
        )?
        .execute(params![organisation.as_bytes(), device.as_bytes()])?;
    if marked > 0 {
        note_change(&writing.db, organisation, device)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reports_number_and_bytes_tell_new_repeated_and_forked() {
        let (this, that) = ([1; 16], [2; 16]);
        assert_eq!(order(0, None, 1, this), Order::New { gap: false });
        assert_eq!(order(7, Some(this), 8, that), Order::New { gap: false });
        assert_eq!(order(7, Some(this), 9, that), Order::New { gap: true });
        assert_eq!(order(7, Some(this), 7, this), Order::Repeated);
        assert_eq!(order(7, Some(this), 7, that), Order::Fork);
        assert_eq!(order(7, Some(this), 6, this), Order::Fork);
        assert_eq!(order(0, None, 0, this), Order::Fork);
    }
}
