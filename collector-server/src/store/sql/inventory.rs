//! What pages, exports and the index read. Every read of values carries the expiry predicate.

use std::collections::{BTreeMap, BTreeSet};

use zeef_proto::field::{Field, MacAddress, Parse, matching_form};
use zeef_proto::{DeviceId, Logged, OrganisationId, UnixTime};

use super::columns;
use super::erasure;
use super::readers::Reading;
use crate::retention::Expiry;
use crate::seal::{DataKey, Place};
use crate::store::records::{Alike, Change, Device, Observation};
use crate::store::sql::driver::{self, OptionalExtension, Row, params};
use crate::store::{Origin, Result, StoreError};

/// One device with its live values; `None` where it is gone.
pub(super) fn device(
    reading: &Reading,
    organisation: OrganisationId,
    device: DeviceId,
    now: UnixTime,
) -> Result<Option<Device>> {
    match in_this_snapshot(reading, organisation, device, now) {
        // Its values were sealed anew while this snapshot was being read.
        Err(StoreError::Unsealing) => {
            reading.db.commit()?;
            reading.db.begin_to_read()?;
            in_this_snapshot(reading, organisation, device, now)
        }
        read => read,
    }
}

fn in_this_snapshot(
    reading: &Reading,
    organisation: OrganisationId,
    device: DeviceId,
    now: UnixTime,
) -> Result<Option<Device>> {
    let mut statement = reading.db.prepare_cached(
        "SELECT *, CASE WHEN asked_at >= coalesce(last_contact, enrolled_at) + 3600 THEN asked_at END AS question,
                (SELECT count(*) FROM link AS l
                 WHERE l.organisation = d.organisation AND l.device = d.device) AS links,
                EXISTS (SELECT 1 FROM device_restriction AS r
                        WHERE r.organisation = d.organisation AND r.device = d.device) AS restricted
         FROM device AS d LEFT JOIN device_silence USING (organisation, device)
         WHERE organisation = ?1 AND device = ?2",
    )?;
    let read = |row: &Row<'_>| {
        Ok(Device {
            organisation,
            id: device,
            agent: columns::agent(row)?,
            known_since: columns::time(row, "enrolled_at")?,
            last_contact: columns::optional_time(row, "last_contact")?,
            asked_at: columns::optional_time(row, "question")?,
            links: row.get("links")?,
            restricted: row.get("restricted")?,
            observations: Vec::new(),
        })
    };
    let found = statement
        .query_row(params![organisation.as_bytes(), device.as_bytes()], read)
        .optional()?;
    let Some(mut found) = found else { return Ok(None) };
    let sealed = sealed_values(reading, organisation, device, now)?;
    if sealed.is_empty() {
        // Without an agent there is nothing but its values: it goes with the last.
        return Ok(found.agent.is_some().then_some(found));
    }
    let Some(key) = erasure::data_key(&reading.db, &reading.keys, organisation, device)? else {
        // Destroyed while this snapshot was being read; or an older database was put back beside a newer key store,
        // and what was erased since stays unreadable. That must not hide all other devices.
        if ended_meanwhile(reading, organisation, device)? {
            return Ok(None);
        }
        tracing::warn!(
            organisation = %Logged(&organisation),
            device = %Logged(&device),
            "a device's data key is gone and its values cannot be read; end it with `zeef-collector erase device`"
        );
        return Ok(Some(found));
    };
    for sealed in sealed {
        found.observations.push(sealed.open(&key, organisation, device)?);
    }
    found
        .observations
        .sort_by_cached_key(|one| (one.field, matching_form(&one.value), one.origin.clone()));
    Ok(Some(found))
}

struct Sealed {
    field: Field,
    origin: Origin,
    value: Vec<u8>,
    first_seen: UnixTime,
    expires_at: i64,
}

impl Sealed {
    fn open(self, key: &DataKey, organisation: OrganisationId, device: DeviceId) -> Result<Observation> {
        Ok(Observation {
            field: self.field,
            value: key.open(
                &Place {
                    organisation,
                    device,
                    field: self.field,
                },
                &self.value,
            )?,
            origin: self.origin,
            first_seen: self.first_seen,
            expires_at: Expiry::from_stored(self.expires_at),
        })
    }
}

fn sealed_values(
    reading: &Reading,
    organisation: OrganisationId,
    device: DeviceId,
    now: UnixTime,
) -> Result<Vec<Sealed>> {
    let mut statement = reading.db.prepare_cached(
        "SELECT field, source, product, sealed, first_seen, expires_at FROM observation
         WHERE organisation = ?1 AND device = ?2 AND expires_at > ?3",
    )?;
    let read = |row: &Row<'_>| {
        Ok(Sealed {
            field: columns::field(row)?,
            origin: columns::origin(row)?,
            value: row.get("sealed")?,
            first_seen: columns::time(row, "first_seen")?,
            expires_at: row.get("expires_at")?,
        })
    };
    let rows = statement.query_map(params![organisation.as_bytes(), device.as_bytes(), now.0], read)?;
    Ok(rows.collect::<driver::Result<_>>()?)
}

/// Looks in a new snapshot: the reader's own may be older than the key's end.
fn ended_meanwhile(reading: &Reading, organisation: OrganisationId, device: DeviceId) -> Result<bool> {
    reading.db.commit()?;
    reading.db.begin_to_read()?;
    let still_there = reading
        .db
        .prepare_cached("SELECT 1 FROM device WHERE organisation = ?1 AND device = ?2")?
        .exists(params![organisation.as_bytes(), device.as_bytes()])?;
    Ok(!still_there)
}

/// Ids in order, after `after`.
pub(super) fn device_ids(
    reading: &Reading,
    organisation: Option<OrganisationId>,
    after: Option<(OrganisationId, DeviceId)>,
    limit: usize,
) -> Result<Vec<(OrganisationId, DeviceId)>> {
    let zero = (OrganisationId::from_bytes([0; 16]), DeviceId::from_bytes([0; 16]));
    let (after_organisation, after_device) = after.unwrap_or(zero);
    let (after_organisation, after_device) = (after_organisation.as_bytes(), after_device.as_bytes());
    let db = &reading.db;
    let found = match &organisation {
        Some(organisation) => db
            .prepare_cached(
                "SELECT organisation, device FROM device
                 WHERE organisation = ?4 AND (organisation, device) > (?1, ?2)
                 ORDER BY organisation, device LIMIT ?3",
            )?
            .query_map(
                params![after_organisation, after_device, limit, organisation.as_bytes()],
                columns::key_of_device,
            )?,
        None => db
            .prepare_cached(
                "SELECT organisation, device FROM device
                 WHERE (organisation, device) > (?1, ?2) ORDER BY organisation, device LIMIT ?3",
            )?
            .query_map(
                params![after_organisation, after_device, limit],
                columns::key_of_device,
            )?,
    };
    Ok(found.collect::<driver::Result<_>>()?)
}

/// Devices with exactly this value, by blind index.
pub(super) fn devices_with(
    reading: &Reading,
    organisation: OrganisationId,
    field: Field,
    matching_form: &str,
    now: UnixTime,
) -> Result<Vec<DeviceId>> {
    first_with(reading, organisation, (field, matching_form), now, usize::MAX)
}

/// The first of them, in order of id.
fn first_with(
    reading: &Reading,
    organisation: OrganisationId,
    (field, matching_form): (Field, &str),
    now: UnixTime,
    limit: usize,
) -> Result<Vec<DeviceId>> {
    let Some(blind) = reading.keys.blind_key(organisation)? else {
        return Ok(Vec::new());
    };
    let mut statement = reading.db.prepare_cached(
        "SELECT DISTINCT device FROM observation {INDEXED BY observation_blind|}
         WHERE organisation = ?1 AND field = ?2 AND blind = ?3 AND expires_at > ?4 ORDER BY device LIMIT ?5",
    )?;
    let key = params![
        organisation.as_bytes(),
        field.name(),
        blind.value(field, matching_form),
        now.0,
        i64::try_from(limit).unwrap_or(i64::MAX)
    ];
    Ok(statement
        .query_map(key, columns::device_id)?
        .collect::<driver::Result<_>>()?)
}

/// Other devices that could be this one, in order of id.
pub(super) fn alike(
    reading: &Reading,
    organisation: OrganisationId,
    device: DeviceId,
    now: UnixTime,
    limit: usize,
) -> Result<Vec<Alike>> {
    let Some(own) = self::device(reading, organisation, device, now)? else {
        return Ok(Vec::new());
    };
    let mut found: BTreeMap<DeviceId, BTreeSet<Field>> = BTreeMap::new();
    for one in own.observations.iter().filter(|one| tells_devices_apart(one)) {
        let form = matching_form(&one.value);
        // One more than asked for: the device itself is among them.
        let others = first_with(reading, organisation, (one.field, &form), now, limit + 1)?;
        for other in others.into_iter().filter(|other| *other != device) {
            found.entry(other).or_default().insert(one.field);
        }
    }
    let alike = found.into_iter().map(|(device, fields)| Alike {
        device,
        fields: fields.into_iter().collect(),
    });
    Ok(alike.take(limit).collect())
}

/// Whether two devices that hold this value are likely one.
fn tells_devices_apart(one: &Observation) -> bool {
    match one.field {
        Field::DeviceName | Field::ServiceId | Field::LineId => true,
        Field::MacAddress => {
            MacAddress::parse(&one.value).is_ok_and(|address| !address.is_locally_administered())
        }
        Field::Username | Field::PrivateIp | Field::PublicIp => false,
    }
}

pub(super) fn find_device(reading: &Reading, device: DeviceId) -> Result<Option<OrganisationId>> {
    let mut statement = reading
        .db
        .prepare_cached("SELECT organisation FROM device WHERE device = ?1")?;
    Ok(statement
        .query_row([device.as_bytes()], columns::organisation_id)
        .optional()?)
}

pub(super) fn changes_after(reading: &Reading, sequence: u64, limit: usize) -> Result<Vec<Change>> {
    let settled = settled_before(reading)?;
    let mut statement = reading.db.prepare_cached(
        "SELECT sequence, organisation, device FROM device_change WHERE sequence > ?1 AND sequence < ?3
         ORDER BY sequence {LIMIT ?2|FETCH FIRST ?2 ROWS WITH TIES}",
    )?;
    let read = |row: &Row<'_>| {
        Ok(Change {
            sequence: row.get("sequence")?,
            organisation: columns::organisation_id(row)?,
            device: columns::device_id(row)?,
        })
    };
    Ok(statement
        .query_map(params![sequence, limit, settled], read)?
        .collect::<driver::Result<_>>()?)
}

pub(super) fn newest_change(reading: &Reading) -> Result<u64> {
    let settled = settled_before(reading)?;
    let mut statement = reading
        .db
        .prepare_cached("SELECT coalesce(max(sequence), 0) FROM device_change WHERE sequence < ?1")?;
    Ok(statement.query_row([settled], |row| row.get(0))?)
}

/// Below which number no change is still to come. On PostgreSQL a change has the number of its transaction, and one that
/// began earlier may commit later: those that run are asked for before the snapshot is taken that is read.
fn settled_before(reading: &Reading) -> Result<i64> {
    if reading.db.sqlite().is_some() {
        return Ok(i64::MAX);
    }
    reading.db.commit()?;
    let settled = reading.db.query_row(
        "SELECT least(
             pg_snapshot_xmax(pg_current_snapshot())::text::bigint,
             pg_snapshot_xmax(pg_current_snapshot())::text::bigint - max(age(backend_xid))
         ) FROM pg_stat_activity WHERE datname = current_database() AND backend_xid IS NOT NULL",
        [],
        |row| row.get(0),
    )?;
    reading.db.begin_to_read()?;
    Ok(settled)
}
