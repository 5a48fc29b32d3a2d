//! Devices that are not heard of. Contacts are known to the hour: a question stands where it was asked after the hour of
//! the last one, and is answered by a contact in its own hour.

use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::super::columns;
use super::super::device;
use super::super::writer::Writing;
use super::hold;
use crate::ledger::{Actor, Event, OrganisationEvent};
use crate::retention::{ANSWER_WITHIN, LastSign, Silence};
use crate::store::sql::driver::{self, Connection, OptionalExtension, Row, params};
use crate::store::{Result, StoreError};

/// An organisation's number of days.
pub(super) fn setting(db: &Connection, organisation: OrganisationId) -> Result<Silence> {
    let days = db
        .prepare_cached("SELECT days FROM silence WHERE organisation = ?1")?
        .query_row([organisation.as_bytes()], |row| row.get(0))
        .optional()?;
    Ok(days.map_or_else(Silence::default, Silence))
}

/// Sets it, and takes back the questions that the former number led to.
pub(super) fn set(
    writing: &Writing,
    organisation: OrganisationId,
    silence: Silence,
    now: UnixTime,
) -> Result<()> {
    let db = &writing.db;
    let known = db
        .prepare_cached("SELECT 1 FROM organisation WHERE organisation = ?1")?
        .exists([organisation.as_bytes()])?;
    if !known {
        return Err(StoreError::NotFound("organisation"));
    }
    db.prepare_cached(
        "INSERT INTO silence VALUES (?1, ?2) ON CONFLICT (organisation) DO UPDATE SET days = excluded.days",
    )?
    .execute(params![organisation.as_bytes(), silence.0])?;
    db.prepare_cached("UPDATE device_silence SET asked_at = NULL WHERE organisation = ?1")?
        .execute([organisation.as_bytes()])?;
    let event = OrganisationEvent::SilenceSet(silence.0.unwrap_or(0).into());
    writing.note(Actor::Administrator, Event::Of(organisation, event), now)
}

/// Devices that were last heard of by `threshold`, in order of id.
pub(super) fn silent(
    db: &Connection,
    organisation: OrganisationId,
    threshold: UnixTime,
    after: Option<DeviceId>,
    limit: usize,
) -> Result<Vec<LastSign>> {
    let mut statement = db.prepare_cached(
        "SELECT device, heard, asked_at
         FROM (SELECT device, asked_at,
                      {max|greatest}(coalesce(last_contact, enrolled_at), coalesce(kept_at, 0)) AS heard
               FROM device LEFT JOIN device_silence USING (organisation, device)
               WHERE organisation = ?1 AND device > ?2) AS last_sign
         WHERE heard <= ?3 ORDER BY device LIMIT ?4",
    )?;
    let read = |row: &Row<'_>| {
        Ok(LastSign {
            device: columns::device_id(row)?,
            heard: columns::time(row, "heard")?,
            asked_at: columns::optional_time(row, "asked_at")?,
        })
    };
    let after = after.unwrap_or(DeviceId::from_bytes([0; 16]));
    let key = params![organisation.as_bytes(), after.as_bytes(), threshold.0, limit];
    Ok(statement.query_map(key, read)?.collect::<driver::Result<_>>()?)
}

/// How many devices are asked about.
pub(super) fn asked_about(db: &Connection) -> Result<u64> {
    let mut statement = db.prepare_cached(
        "SELECT count(*) FROM device_silence JOIN device USING (organisation, device)
         WHERE asked_at >= coalesce(last_contact, enrolled_at) + 3600",
    )?;
    Ok(statement.query_row([], |row| row.get(0))?)
}

/// Asks about devices.
pub(super) fn ask(
    db: &Connection,
    organisation: OrganisationId,
    devices: &[DeviceId],
    now: UnixTime,
) -> Result<()> {
    // A device that was ended meanwhile is asked about no more.
    let mut ask = db.prepare_cached(
        "INSERT INTO device_silence (organisation, device, asked_at)
         SELECT organisation, device, ?3 FROM device WHERE organisation = ?1 AND device = ?2
         ON CONFLICT (organisation, device) DO UPDATE SET asked_at = excluded.asked_at",
    )?;
    for device in devices {
        ask.execute(params![organisation.as_bytes(), device.as_bytes(), now.0])?;
    }
    Ok(())
}

/// Notes that a device is still there.
pub(super) fn keep(
    writing: &mut Writing,
    organisation: OrganisationId,
    device: DeviceId,
    by: Actor,
    now: UnixTime,
) -> Result<bool> {
    let kept = writing
        .db
        .prepare_cached(
            "INSERT INTO device_silence (organisation, device, kept_at)
             SELECT organisation, device, ?3 FROM device WHERE organisation = ?1 AND device = ?2
             ON CONFLICT (organisation, device) DO UPDATE SET asked_at = NULL, kept_at = excluded.kept_at",
        )?
        .execute(params![organisation.as_bytes(), device.as_bytes(), now.0])?;
    if kept > 0 {
        writing.note_device(by, organisation, device, OrganisationEvent::DeviceKept, now)?;
    }
    Ok(kept > 0)
}

/// Ends a device about which nobody answered in time, unless it was heard of meanwhile or a legal hold keeps
/// it.
pub(super) fn end(
    writing: &mut Writing,
    organisation: OrganisationId,
    device: DeviceId,
    now: UnixTime,
) -> Result<bool> {
    let unanswered = writing
        .db
        .prepare_cached(
            "SELECT 1 FROM device_silence JOIN device USING (organisation, device)
             WHERE organisation = ?1 AND device = ?2 AND asked_at <= ?3
               AND asked_at >= coalesce(last_contact, enrolled_at) + 3600{| FOR UPDATE}",
        )?
        .exists(params![
            organisation.as_bytes(),
            device.as_bytes(),
            now.plus(-ANSWER_WITHIN).0
        ])?;
    if !unanswered || hold::check(&writing.db, organisation, device, now).is_err() {
        return Ok(false);
    }
    device::end(writing, organisation, device, Actor::Retention, now)
}
