//! Deleting what is past its term, in bounded steps that let reports in between.

use std::collections::BTreeSet;

use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::columns::{self, note_change};
use super::postgres::Lock;
use super::writer::Writing;
use super::{device, erasure, link, requests};
use crate::failpoint::{Point, reached};
use crate::ledger::{Actor, Event, InstallationEvent};
use crate::store::records::Purged;
use crate::store::sql::driver::{self, Connection, Row, params};
use crate::store::{Origin, Result};

/// A token that can no longer be spent is listed this much longer, so that an administrator sees what became of it.
const SPENT_TOKENS_LISTED: i64 = 30 * zeef_proto::time::DAY;

/// A hold that ended is listed this much longer, with its reason.
const ENDED_HOLDS_LISTED: i64 = 30 * zeef_proto::time::DAY;
/// The mark that a device went is kept this long: every index has then read it or begun anew.
const ENDS_KEPT: i64 = 30 * zeef_proto::time::DAY;

/// One step.
pub(super) fn step(writing: &mut Writing, now: UnixTime, limit: usize) -> Result<Purged> {
    Lock::Purge.take(&writing.db)?;
    let observations = expired_observations(writing, now, limit)?;
    reached(Point::ValuesPurged);
    let devices = devices_without_service(writing, now, limit)?;
    reached(Point::DevicesPurged);
    let other = devices + expired_rest(writing, now)?;
    reached(Point::RestPurged);
    forget_samples(&writing.db)?;
    let purged = Purged {
        observations: observations as u64,
        other: other as u64,
        more: observations == limit || devices == limit,
    };
    if observations + other > 0 {
        let event = InstallationEvent::Purged {
            observations: purged.observations,
            other: purged.other,
        };
        writing.note(Actor::Retention, Event::Installation(event), now)?;
    }
    Ok(purged)
}

fn expired_observations(writing: &mut Writing, now: UnixTime, limit: usize) -> Result<usize> {
    let deleted: Vec<(OrganisationId, DeviceId, Origin)> = {
        let mut statement = writing.db.prepare_cached(
            "DELETE FROM observation WHERE (organisation, device, field, blind, source, product) IN
                 (SELECT organisation, device, field, blind, source, product FROM observation AS o
                  WHERE expires_at <= ?1 AND expires_at < 9223372036854775807
                    AND NOT EXISTS (SELECT 1 FROM legal_hold AS h WHERE h.organisation = o.organisation
                                    AND (h.device IS NULL OR h.device = o.device) AND h.ends > ?1)
                  LIMIT ?2)
             RETURNING organisation, device, source, product",
        )?;
        let read = |row: &Row<'_>| {
            let (organisation, device) = columns::key_of_device(row)?;
            Ok((organisation, device, columns::origin(row)?))
        };
        let rows = statement.query_map(params![now.0, limit], read)?;
        rows.collect::<driver::Result<_>>()?
    };
    let origins: BTreeSet<_> = deleted.iter().collect();
    // The agent's own values have no links.
    let sources = origins.iter().filter(|(_, _, origin)| *origin != Origin::Native);
    for (organisation, device, origin) in sources {
        link::forget_without_values(&writing.db, *organisation, *device, origin, now)?;
    }
    let devices: BTreeSet<_> = origins
        .iter()
        .map(|(organisation, device, _)| (*organisation, *device))
        .collect();
    for (organisation, device) in devices {
        if is_spoken_of(writing, organisation, device, now)? {
            note_change(&writing.db, organisation, device)?;
        } else {
            device::end(writing, organisation, device, Actor::Retention, now)?;
        }
    }
    Ok(deleted.len())
}

/// Whether a device has an agent or a value: one with neither is gone.
fn is_spoken_of(
    writing: &Writing,
    organisation: OrganisationId,
    device: DeviceId,
    now: UnixTime,
) -> Result<bool> {
    // Nobody gives it a value between this look and its end.
    writing
        .db
        .prepare_cached("SELECT 1 FROM device WHERE organisation = ?1 AND device = ?2{| FOR UPDATE}")?
        .exists(params![organisation.as_bytes(), device.as_bytes()])?;
    let key = params![organisation.as_bytes(), device.as_bytes(), now.0];
    Ok(writing
        .db
        .prepare_cached(
            "SELECT 1 FROM device AS d WHERE organisation = ?1 AND device = ?2 AND (platform IS NOT NULL
               OR EXISTS (SELECT 1 FROM observation AS o WHERE o.organisation = d.organisation
                          AND o.device = d.device AND o.expires_at > ?3))",
        )?
        .exists(key)?)
}

/// Devices whose subscriptions have all ended: what the protocol holds of them was for the service too. Of one without
/// an agent it holds nothing: its values' terms decide.
fn devices_without_service(writing: &mut Writing, now: UnixTime, limit: usize) -> Result<usize> {
    let ended: Vec<(OrganisationId, DeviceId)> = {
        let mut statement = writing.db.prepare_cached(
            "SELECT organisation, device FROM device AS d
             WHERE platform IS NOT NULL
               AND organisation IN (SELECT organisation FROM subscription WHERE ends <= ?1)
               AND EXISTS (SELECT 1 FROM subscription AS s WHERE s.organisation = d.organisation
                           AND (s.device IS NULL OR s.device = d.device))
               AND NOT EXISTS (SELECT 1 FROM subscription AS s WHERE s.organisation = d.organisation
                               AND (s.device IS NULL OR s.device = d.device)
                               AND (s.ends IS NULL OR s.ends > ?1))
               AND NOT EXISTS (SELECT 1 FROM legal_hold AS h WHERE h.organisation = d.organisation
                               AND (h.device IS NULL OR h.device = d.device) AND h.ends > ?1)
             LIMIT ?2",
        )?;
        let rows = statement.query_map(params![now.0, limit], columns::key_of_device)?;
        rows.collect::<driver::Result<_>>()?
    };
    for (organisation, device) in &ended {
        device::end(writing, *organisation, *device, Actor::Retention, now)?;
    }
    Ok(ended.len())
}

fn expired_rest(writing: &mut Writing, now: UnixTime) -> Result<usize> {
    let mut deleted = writing.keys.purge(now)?;
    let delete = |sql: &str, until: UnixTime| writing.db.prepare_cached(sql)?.execute([until.0]);
    deleted += delete(
        "DELETE FROM session WHERE {min|least}(idle_until, absolute_until) <= ?1",
        now,
    )?;
    deleted += delete("DELETE FROM sign_in_link WHERE expires_at <= ?1", now)?;
    deleted += delete("DELETE FROM api_token WHERE expires_at <= ?1", now)?;
    deleted += delete("DELETE FROM api_answer WHERE expires_at <= ?1", now)?;
    deleted += delete(
        "DELETE FROM token WHERE expires_at <= ?1",
        now.plus(-SPENT_TOKENS_LISTED),
    )?;
    deleted += delete(
        "DELETE FROM legal_hold WHERE ends <= ?1",
        now.plus(-ENDED_HOLDS_LISTED),
    )?;
    deleted += delete("DELETE FROM tombstone WHERE expires_at <= ?1", now)?;
    deleted += erasure::forget_expired(&writing.db, now)?;
    deleted += requests::purge(&writing.db, now)?;
    // The newest mark stays: its number says how far the changes have come.
    deleted += delete(
        "DELETE FROM device_change WHERE gone_at <= ?1
         AND sequence < (SELECT max(sequence) FROM device_change)",
        now.plus(-ENDS_KEPT),
    )?;
    Ok(deleted)
}

/// Deletes the samples of indexed values that an administrator's `ANALYZE` leaves in a build of SQLite that takes them
/// (`SQLITE_ENABLE_STAT4`): they would outlive their rows.
fn forget_samples(db: &Connection) -> Result<()> {
    let Some(db) = db.sqlite() else { return Ok(()) };
    let taken = db
        .prepare_cached("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat4'")?
        .exists([])?;
    if taken {
        db.execute("DELETE FROM sqlite_stat4", [])?;
    }
    Ok(())
}
