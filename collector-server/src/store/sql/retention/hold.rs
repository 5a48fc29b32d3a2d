//! Legal holds.

use zeef_proto::id::HoldId;
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::super::columns;
use super::super::writer::Writing;
use crate::ledger::{Actor, Event, OrganisationEvent};
use crate::retention::{LegalHold, Reason};
use crate::store::sql::driver::{self, Connection, OptionalExtension, Row, params};
use crate::store::{Result, StoreError};

/// Begins a hold.
pub(super) fn add(writing: &Writing, hold: &LegalHold) -> Result<()> {
    let db = &writing.db;
    let known = db
        .prepare_cached("SELECT 1 FROM organisation WHERE organisation = ?1")?
        .exists([hold.organisation.as_bytes()])?;
    if !known {
        return Err(StoreError::NotFound("organisation"));
    }
    db.execute(
        "INSERT INTO legal_hold VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            hold.organisation.as_bytes(),
            hold.id.as_bytes(),
            hold.device.as_ref().map(DeviceId::as_bytes),
            hold.reason.expose(),
            hold.starts.0,
            hold.ends.0,
        ],
    )?;
    let event = OrganisationEvent::HoldBegun(hold.id, hold.ends);
    writing.note(
        Actor::Administrator,
        Event::Of(hold.organisation, event),
        hold.starts,
    )
}

/// All holds, those that ended lately too, the first to end first.
pub(super) fn all(db: &Connection) -> Result<Vec<LegalHold>> {
    let mut statement = db.prepare_cached("SELECT * FROM legal_hold ORDER BY ends, hold")?;
    let read = |row: &Row<'_>| {
        Ok(LegalHold {
            id: HoldId::from_bytes(row.get("hold")?),
            organisation: columns::organisation_id(row)?,
            device: row
                .get::<_, Option<[u8; 16]>>("device")?
                .map(DeviceId::from_bytes),
            reason: Reason::parse(row.get_ref("reason")?.as_str()?).map_err(|_| driver::Error::Type)?,
            starts: columns::time(row, "starts")?,
            ends: columns::time(row, "ends")?,
        })
    };
    Ok(statement.query_map([], read)?.collect::<driver::Result<_>>()?)
}

/// Ends a hold that stands.
pub(super) fn end(writing: &Writing, hold: HoldId, now: UnixTime) -> Result<bool> {
    let organisation = writing
        .db
        .prepare_cached(
            "UPDATE legal_hold SET ends = ?2 WHERE hold = ?1 AND ends > ?2 RETURNING organisation",
        )?
        .query_row(params![hold.as_bytes(), now.0], columns::organisation_id)
        .optional()?;
    let Some(organisation) = organisation else {
        return Ok(false);
    };
    let event = Event::Of(organisation, OrganisationEvent::HoldEnded(hold));
    writing.note(Actor::Administrator, event, now)?;
    Ok(true)
}

/// Refuses where a hold keeps the device's data.
pub(in crate::store::sql) fn check(
    db: &Connection,
    organisation: OrganisationId,
    device: DeviceId,
    now: UnixTime,
) -> Result<()> {
    let held = db
        .prepare_cached(
            "SELECT 1 FROM legal_hold
             WHERE organisation = ?1 AND (device IS NULL OR device = ?2) AND ends > ?3",
        )?
        .exists(params![organisation.as_bytes(), device.as_bytes(), now.0])?;
    if held { Err(StoreError::OnHold) } else { Ok(()) }
}
