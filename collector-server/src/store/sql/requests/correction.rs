//! Values that somebody said were wrong. They stand beside what the agent says, in a table that no report touches.

use zeef_proto::field::{Field, matching_form};
use zeef_proto::id::RequestId;
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::super::columns;
use super::super::readers::Reading;
use super::super::writer::Writing;
use crate::ledger::OrganisationEvent;
use crate::requests::{Line, Officer};
use crate::seal::Digest16;
use crate::store::requests::Correction;
use crate::store::sql::driver::{Connection, Row, params};
use crate::store::{Result, StoreError};

pub(super) fn add(
    writing: &mut Writing,
    organisation: OrganisationId,
    device: DeviceId,
    correction: &Correction,
    by: Officer,
    now: UnixTime,
) -> Result<()> {
    let (field, request) = (correction.field, correction.request);
    let key = writing.keys.request_key(organisation, request)?;
    let key = key.ok_or(StoreError::NotFound("organisation"))?;
    let known = writing
        .db
        .prepare_cached("SELECT 1 FROM request WHERE organisation = ?1 AND request = ?2")?
        .exists(params![organisation.as_bytes(), request.as_bytes()])?;
    if !known {
        return Err(StoreError::NotFound("request"));
    }
    let blind = writing.organisation(organisation)?.blind.clone();
    let mark = |value: &Line| blind.value(field, &matching_form(value.expose()));
    let said = mark(&correction.said);
    let there = writing
        .db
        .prepare_cached(
            "SELECT 1 FROM observation
             WHERE organisation = ?1 AND device = ?2 AND field = ?3 AND blind = ?4 AND expires_at > ?5",
        )?
        .exists(params![
            organisation.as_bytes(),
            device.as_bytes(),
            field.name(),
            said,
            now.0
        ])?;
    if !there {
        return Err(StoreError::NotFound("value"));
    }
    // A line has no line break.
    let both = format!("{}\n{}", correction.said.expose(), correction.corrected.expose());
    let sealed = key.seal(&place(device, field), &both);
    writing
        .db
        .prepare_cached(
            "INSERT INTO correction (organisation, device, field, said, blind, request, sealed, since)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (organisation, device, field, said) DO UPDATE
             SET blind = excluded.blind, request = excluded.request, sealed = excluded.sealed,
                 since = excluded.since",
        )?
        .execute(params![
            organisation.as_bytes(),
            device.as_bytes(),
            field.name(),
            said,
            mark(&correction.corrected),
            request.as_bytes(),
            sealed,
            now.0,
        ])?;
    let event = OrganisationEvent::ValueCorrected;
    writing.note_device(by.actor(), organisation, device, event, now)
}

pub(super) fn take_back(
    writing: &mut Writing,
    organisation: OrganisationId,
    device: DeviceId,
    (field, said): (Field, &str),
    by: Officer,
    now: UnixTime,
) -> Result<bool> {
    let blind = writing.organisation(organisation)?.blind.clone();
    let taken_back = writing
        .db
        .prepare_cached(
            "DELETE FROM correction WHERE organisation = ?1 AND device = ?2 AND field = ?3 AND said = ?4",
        )?
        .execute(params![
            organisation.as_bytes(),
            device.as_bytes(),
            field.name(),
            blind.value(field, &matching_form(said)),
        ])?;
    if taken_back > 0 {
        let event = OrganisationEvent::CorrectionTakenBack;
        writing.note_device(by.actor(), organisation, device, event, now)?;
    }
    Ok(taken_back > 0)
}

struct Sealed {
    field: Field,
    request: RequestId,
    sealed: Vec<u8>,
    since: UnixTime,
}

pub(super) fn all(
    reading: &Reading,
    organisation: OrganisationId,
    device: DeviceId,
) -> Result<Vec<Correction>> {
    let mut statement = reading.db.prepare_cached(
        "SELECT field, request, sealed, since FROM correction
         WHERE organisation = ?1 AND device = ?2 ORDER BY field, since",
    )?;
    let read = |row: &Row<'_>| {
        Ok(Sealed {
            field: columns::field(row)?,
            request: RequestId::from_bytes(row.get("request")?),
            sealed: row.get("sealed")?,
            since: columns::time(row, "since")?,
        })
    };
    let rows = statement.query_map(params![organisation.as_bytes(), device.as_bytes()], read)?;
    let mut corrections = Vec::new();
    for row in rows {
        let Sealed {
            field,
            request,
            sealed,
            since,
        } = row?;
        let key = reading.keys.request_key(organisation, request)?;
        let key = key.ok_or(StoreError::Unsealing)?;
        let both = key.open(&place(device, field), &sealed)?;
        let (said, corrected) = both.split_once('\n').ok_or(StoreError::Unsealing)?;
        let line = |text| Line::parse(text).map_err(|_| StoreError::Unsealing);
        corrections.push(Correction {
            field,
            said: line(said)?,
            corrected: line(corrected)?,
            request,
            since,
        });
    }
    Ok(corrections)
}

/// Deletes what corrections say of an erased username, as the agent's word or as the right one.
pub(in crate::store::sql) fn forget(
    db: &Connection,
    organisation: OrganisationId,
    username: &Digest16,
) -> Result<()> {
    db.prepare_cached(
        "DELETE FROM correction WHERE organisation = ?1 AND field = 'username' AND (said = ?2 OR blind = ?2)",
    )?
    .execute(params![organisation.as_bytes(), username])?;
    Ok(())
}

/// Deletes corrections of fields of which a device holds nothing any more; how many.
pub(super) fn purge(db: &Connection) -> Result<usize> {
    Ok(db
        .prepare_cached(
            "DELETE FROM correction WHERE NOT EXISTS
                 (SELECT 1 FROM observation AS o WHERE o.organisation = correction.organisation
                  AND o.device = correction.device AND o.field = correction.field)",
        )?
        .execute([])?)
}

fn place(device: DeviceId, field: Field) -> Vec<u8> {
    [&b"correction"[..], device.as_bytes(), field.name().as_bytes()].concat()
}
