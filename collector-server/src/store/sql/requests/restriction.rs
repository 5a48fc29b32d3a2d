//! Devices that technicians do not see (GDPR, article 18).

use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::super::columns::{self, note_change};
use super::super::writer::Writing;
use crate::ledger::OrganisationEvent;
use crate::requests::{Case, Officer};
use crate::store::Result;
use crate::store::sql::driver::{self, Connection, params};

/// Hides a device, until the request is closed or until it is lifted. One that is gone is hidden enough.
pub(super) fn begin(
    writing: &mut Writing,
    case: &Case,
    device: DeviceId,
    meanwhile: bool,
    by: Officer,
    now: UnixTime,
) -> Result<()> {
    let begun = writing
        .db
        .prepare_cached(
            "INSERT INTO device_restriction (organisation, device, request, meanwhile, since)
             SELECT organisation, device, ?3, ?4, ?5 FROM device WHERE organisation = ?1 AND device = ?2
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            case.organisation.as_bytes(),
            device.as_bytes(),
            case.id.as_bytes(),
            meanwhile,
            now.0
        ])?;
    if begun == 0 {
        return Ok(());
    }
    note_change(&writing.db, case.organisation, device)?;
    let event = OrganisationEvent::DeviceRestricted;
    writing.note_device(by.actor(), case.organisation, device, event, now)
}

/// Shows again what was hidden until the request is closed.
pub(super) fn end_meanwhile(writing: &mut Writing, case: &Case, by: Officer, now: UnixTime) -> Result<()> {
    let shown: Vec<DeviceId> = {
        let mut statement = writing.db.prepare_cached(
            "DELETE FROM device_restriction WHERE organisation = ?1 AND request = ?2 AND meanwhile = 1
             RETURNING device",
        )?;
        let rows = statement.query_map(
            params![case.organisation.as_bytes(), case.id.as_bytes()],
            columns::device_id,
        )?;
        rows.collect::<driver::Result<_>>()?
    };
    for device in shown {
        note_change(&writing.db, case.organisation, device)?;
        let event = OrganisationEvent::RestrictionLifted;
        writing.note_device(by.actor(), case.organisation, device, event, now)?;
    }
    Ok(())
}

pub(super) fn lift(
    writing: &mut Writing,
    organisation: OrganisationId,
    device: DeviceId,
    by: Officer,
    now: UnixTime,
) -> Result<bool> {
    let lifted = writing
        .db
        .prepare_cached("DELETE FROM device_restriction WHERE organisation = ?1 AND device = ?2")?
        .execute(params![organisation.as_bytes(), device.as_bytes()])?;
    if lifted > 0 {
        note_change(&writing.db, organisation, device)?;
        let event = OrganisationEvent::RestrictionLifted;
        writing.note_device(by.actor(), organisation, device, event, now)?;
    }
    Ok(lifted > 0)
}

pub(super) fn all(db: &Connection, organisation: OrganisationId) -> Result<Vec<DeviceId>> {
    let mut statement = db.prepare_cached(
        "SELECT DISTINCT device FROM device_restriction WHERE organisation = ?1 ORDER BY device",
    )?;
    let rows = statement.query_map([organisation.as_bytes()], columns::device_id)?;
    Ok(rows.collect::<driver::Result<_>>()?)
}
