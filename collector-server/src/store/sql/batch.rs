//! One batch of records: who may send it, whether it is new, which device each record is about, and what it changes.

use zeef_proto::policy::ProductId;
use zeef_proto::wire::{About, SourceRecord};
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::columns::note_change;
use super::device;
use super::erasure;
use super::link::{self, Marks, Search};
use super::postgres::Lock;
use super::report::{Order, mark_suspected_clone, order};
use super::values::Values;
use super::writer::Writing;
use crate::join::{Identity, Match, decide};
use crate::store::batch::{IncomingRecords, RecordCounts, RecordsOutcome};
use crate::store::records::{Standing, Subscription};
use crate::store::sql::driver::{OptionalExtension, Row, params};
use crate::store::{Origin, Result};

/// What is held of the device that sends.
struct Sender {
    revoked: bool,
    speaks_for_site: bool,
    sequence: u64,
    check: Option<[u8; 16]>,
    last_contact: Option<i64>,
}

/// What became of one record.
enum Became {
    Stored,
    Ambiguous,
    /// Left out.
    Left,
}

/// Decides about one batch and stores what counts of it.
pub(super) fn record(writing: &mut Writing, incoming: &IncomingRecords) -> Result<RecordsOutcome> {
    let (organisation, device, now) = (incoming.organisation, incoming.device, incoming.now);
    let batch = &incoming.batch;
    Lock::Joins(organisation).take(&writing.db)?;
    let Some(sender) = sender(writing, organisation, device)? else {
        let standing = device::absent(writing, organisation, device)?;
        return Ok(RecordsOutcome::NotAdmitted(standing));
    };
    if sender.revoked {
        return Ok(RecordsOutcome::NotAdmitted(Standing::Revoked));
    }
    let facts = writing.organisation(organisation)?;
    let stored = |writing: &mut Writing, counts, repeated| {
        Ok(RecordsOutcome::Stored {
            counts,
            repeated,
            products: facts.products(device, now),
            policy: writing.policy()?.map_or(0, |published| published.policy.version),
        })
    };
    let check = facts.blind.batch(&incoming.body);
    match order(sender.sequence, sender.check, batch.sequence, check) {
        Order::New { .. } => {}
        Order::Repeated => return stored(writing, RecordCounts::default(), true),
        Order::Fork => {
            mark_suspected_clone(writing, organisation, device)?;
            return Ok(RecordsOutcome::SequenceFork);
        }
    }
    let tells_of_others = batch
        .records
        .iter()
        .any(|record| record.about == About::SiteDevice);
    if tells_of_others && !sender.speaks_for_site {
        return Ok(RecordsOutcome::SiteNotAllowed);
    }
    let mut counts = RecordCounts::default();
    for record in &batch.records {
        match take(writing, (organisation, device), record, now)? {
            Became::Stored => counts.stored += 1,
            Became::Ambiguous => {
                counts.stored += 1;
                counts.ambiguous += 1;
            }
            Became::Left => counts.not_documented += 1,
        }
    }
    let contact = now.to_the_hour();
    writing
        .db
        .prepare_cached(
            "UPDATE device SET record_sequence = ?3, record_check = ?4, last_contact = ?5
             WHERE organisation = ?1 AND device = ?2",
        )?
        .execute(params![
            organisation.as_bytes(),
            device.as_bytes(),
            batch.sequence,
            check,
            contact.0
        ])?;
    if sender.last_contact != Some(contact.0) {
        note_change(&writing.db, organisation, device)?;
    }
    stored(writing, counts, false)
}

fn sender(writing: &Writing, organisation: OrganisationId, device: DeviceId) -> Result<Option<Sender>> {
    let mut statement = writing.db.prepare_cached(
        "SELECT state, speaks_for_site, record_sequence, record_check, last_contact
         FROM device WHERE organisation = ?1 AND device = ?2 AND platform IS NOT NULL{| FOR UPDATE}",
    )?;
    let read = |row: &Row<'_>| {
        Ok(Sender {
            revoked: row.get::<_, i64>(0)? != 0,
            speaks_for_site: row.get(1)?,
            sequence: row.get(2)?,
            check: row.get(3)?,
            last_contact: row.get(4)?,
        })
    };
    Ok(statement
        .query_row(params![organisation.as_bytes(), device.as_bytes()], read)
        .optional()?)
}

/// Takes in one record whole, or nothing of it.
fn take(
    writing: &mut Writing,
    (organisation, sender): (OrganisationId, DeviceId),
    record: &SourceRecord,
    now: UnixTime,
) -> Result<Became> {
    let Some(published) = writing.policy()? else {
        return Ok(Became::Left);
    };
    let permits = writing.cache.record_permits(&published, &record.product);
    if record.undocumented(&permits).is_some() {
        return Ok(Became::Left);
    }
    let origin = Origin::Source {
        source: record.source,
        product: record.product.clone(),
    };
    let facts = writing.organisation(organisation)?;
    let marks = Marks::of(record, &facts.blind);
    let identity = Identity::of(record);
    let (found, apart) = match record.about {
        About::ThisDevice => (Match::Existing(sender), false),
        About::SiteDevice => {
            let search = Search {
                db: &writing.db,
                organisation,
                blind: &facts.blind,
                now,
            };
            let found = search.find(&identity, &marks, &origin)?;
            let which = decide(&identity, &found);
            (which, which == Match::Ambiguous || !found.before.is_empty())
        }
    };
    let known = match found {
        Match::Existing(device) => Some(device),
        Match::New | Match::Ambiguous => None,
    };
    if !is_served(&facts.subscriptions, &record.product, known, now) {
        return Ok(Became::Left);
    }
    if known.is_none()
        && erasure::is_refused(
            writing,
            organisation,
            &facts,
            (&marks, &identity),
            &record.product,
            now,
        )?
    {
        return Ok(Became::Left);
    }
    let device = match known {
        Some(device) => {
            // What the source knew it by when its last value expired must not depend on when the purge comes.
            link::forget_without_values(&writing.db, organisation, device, &origin, now)?;
            device
        }
        None => device::insert_without_agent(writing, organisation, now)?,
    };
    let changed = store(writing, (organisation, device), record, origin.clone(), now)?;
    link::remember(&writing.db, (organisation, device), &origin, &marks, apart)?;
    if heard_of(writing, organisation, device, now)? || changed {
        note_change(&writing.db, organisation, device)?;
    }
    Ok(if found == Match::Ambiguous {
        Became::Ambiguous
    } else {
        Became::Stored
    })
}

/// Whether the product runs at `now` for a device; for one that is not known yet, whether it does for all.
fn is_served(
    subscriptions: &[Subscription],
    product: &ProductId,
    device: Option<DeviceId>,
    now: UnixTime,
) -> bool {
    subscriptions.iter().any(|subscription| {
        let covers = match device {
            Some(device) => subscription.covers(device),
            None => subscription.device.is_none(),
        };
        covers && subscription.product == *product && subscription.runs_at(now)
    })
}

/// Replaces what the origin said of each field that the record mentions; whether anything changed.
fn store(
    writing: &mut Writing,
    (organisation, device): (OrganisationId, DeviceId),
    record: &SourceRecord,
    origin: Origin,
    now: UnixTime,
) -> Result<bool> {
    let mut values = Values::held(writing, organisation, device, origin, now)?;
    if let Some(name) = &record.device_name {
        values.replace(writing, std::slice::from_ref(name))?;
    }
    if !record.usernames.is_empty() {
        values.replace(writing, &record.usernames)?;
    }
    if !record.private_ips.is_empty() {
        values.replace(writing, &record.private_ips)?;
    }
    if !record.mac_addresses.is_empty() {
        values.replace(writing, &record.mac_addresses)?;
    }
    if !record.public_ips.is_empty() {
        values.replace(writing, &record.public_ips)?;
    }
    if let Some(id) = &record.service_id {
        values.replace(writing, std::slice::from_ref(id))?;
    }
    if let Some(id) = &record.line_id {
        values.replace(writing, std::slice::from_ref(id))?;
    }
    Ok(values.changed)
}

/// A device without an agent is heard of by its records; whether that moved its hour.
fn heard_of(
    writing: &Writing,
    organisation: OrganisationId,
    device: DeviceId,
    now: UnixTime,
) -> Result<bool> {
    let moved = writing
        .db
        .prepare_cached(
            "UPDATE device SET last_contact = ?3
             WHERE organisation = ?1 AND device = ?2 AND platform IS NULL AND last_contact {IS NOT|IS DISTINCT FROM} ?3",
        )?
        .execute(params![
            organisation.as_bytes(),
            device.as_bytes(),
            now.to_the_hour().0
        ])?;
    Ok(moved > 0)
}
