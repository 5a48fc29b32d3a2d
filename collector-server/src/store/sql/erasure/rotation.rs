//! Another data key for a device: what stays of it is sealed anew, and what was deleted of it opens nowhere, in no copy.

use std::sync::Arc;
use zeef_proto::{DeviceId, OrganisationId};

use super::super::columns;
use super::super::key_store::{KeyStore, RotationId};
use super::super::writer::Writing;
use crate::erasure::KeyId;
use crate::seal::{DataKey, Place};
use crate::store::sql::driver::{self, Connection, OptionalExtension, Row, ToSql, params};
use crate::store::{Result, StoreError};

/// A change of a key that is committed and not finished.
#[derive(Clone, Copy)]
pub(in crate::store::sql) struct Rotation {
    organisation: OrganisationId,
    device: DeviceId,
    rotation: RotationId,
    /// Whether no other one has followed.
    newest: bool,
}

impl Rotation {
    pub(in crate::store::sql) fn all(db: &Connection) -> Result<Vec<Self>> {
        let mut statement =
            db.prepare_cached("SELECT organisation, device, rotation, newest FROM key_to_rotate")?;
        let read = |row: &Row<'_>| {
            let (organisation, device) = columns::key_of_device(row)?;
            Ok(Self {
                organisation,
                device,
                rotation: RotationId(row.get("rotation")?),
                newest: row.get::<_, i64>("newest")? != 0,
            })
        };
        Ok(statement.query_map([], read)?.collect::<driver::Result<_>>()?)
    }

    /// Destroys the former key. Done twice it changes nothing more.
    pub(in crate::store::sql) fn finish(self, keys: &mut KeyStore) -> Result<()> {
        if self.newest {
            keys.promote(self.organisation, self.device, self.rotation)
        } else {
            keys.drop_next(self.rotation)
        }
    }

    /// Forgets that it is to be finished.
    pub(in crate::store::sql) fn forget(self, db: &Connection) -> Result<()> {
        db.prepare_cached(
            "DELETE FROM key_to_rotate WHERE organisation = ?1 AND device = ?2 AND rotation = ?3",
        )?
        .execute(params![
            self.organisation.as_bytes(),
            self.device.as_bytes(),
            self.rotation.0
        ])?;
        Ok(())
    }
}

/// The key that a device's values are sealed with, as the database stands.
pub(in crate::store::sql) fn data_key(
    db: &Connection,
    keys: &KeyStore,
    organisation: OrganisationId,
    device: DeviceId,
) -> Result<Option<DataKey>> {
    let waiting = waiting(db, organisation, device)?;
    // In this order: one that takes its place meanwhile is found there.
    match waiting.map(|rotation| keys.next_data_key(rotation)).transpose()? {
        Some(Some(next)) => Ok(Some(next)),
        _ => keys.data_key(organisation, device),
    }
}

/// The id of that key.
pub(super) fn key_id(
    writing: &Writing,
    organisation: OrganisationId,
    device: DeviceId,
) -> Result<Option<KeyId>> {
    let waiting = waiting(&writing.db, organisation, device)?;
    writing.keys.key_id(organisation, device, waiting)
}

fn waiting(db: &Connection, organisation: OrganisationId, device: DeviceId) -> Result<Option<RotationId>> {
    Ok(db
        .prepare_cached(
            "SELECT rotation FROM key_to_rotate WHERE organisation = ?1 AND device = ?2 AND newest = 1",
        )?
        .query_row(params![organisation.as_bytes(), device.as_bytes()], |row| {
            row.get(0).map(RotationId)
        })
        .optional()?)
}

/// Seals all that is held of a device with a new key, and gives the id of the former one, which is destroyed once this
/// is durable.
pub(super) fn rotate(writing: &mut Writing, organisation: OrganisationId, device: DeviceId) -> Result<KeyId> {
    let id = key_id(writing, organisation, device)?.ok_or(StoreError::Unsealing)?;
    let former = writing.data_key(organisation, device)?;
    let (rotation, new) = writing.keys.create_next_data_key(organisation, device)?;
    let key = params![organisation.as_bytes(), device.as_bytes()];
    for value in values(&writing.db, key)? {
        let place = Place {
            organisation,
            device,
            field: value.field,
        };
        let opened = zeroize::Zeroizing::new(former.open(&place, &value.sealed)?);
        writing
            .db
            .prepare_cached(
                "UPDATE observation SET sealed = ?7
                 WHERE organisation = ?1 AND device = ?2 AND field = ?3 AND blind = ?4
                   AND source = ?5 AND product = ?6",
            )?
            .execute(params![
                organisation.as_bytes(),
                device.as_bytes(),
                value.field.name(),
                value.blind,
                value.source,
                value.product,
                new.seal(&place, &opened)
            ])?;
    }
    writing
        .db
        .prepare_cached("UPDATE key_to_rotate SET newest = 0 WHERE organisation = ?1 AND device = ?2")?
        .execute(key)?;
    writing
        .db
        .prepare_cached(
            "INSERT INTO key_to_rotate (organisation, device, rotation, newest) VALUES (?1, ?2, ?3, 1)",
        )?
        .execute(params![organisation.as_bytes(), device.as_bytes(), rotation.0])?;
    writing.cache.keep_data_key(organisation, device, &Arc::new(new));
    Ok(id)
}

struct Value {
    field: zeef_proto::field::Field,
    blind: [u8; 16],
    source: String,
    product: String,
    sealed: Vec<u8>,
}

fn values(db: &Connection, key: &[&dyn ToSql]) -> Result<Vec<Value>> {
    let mut statement = db.prepare_cached(
        "SELECT field, blind, source, product, sealed FROM observation WHERE organisation = ?1 AND device = ?2",
    )?;
    let read = |row: &Row<'_>| {
        Ok(Value {
            field: columns::field(row)?,
            blind: row.get("blind")?,
            source: row.get("source")?,
            product: row.get("product")?,
            sealed: row.get("sealed")?,
        })
    };
    Ok(statement.query_map(key, read)?.collect::<driver::Result<_>>()?)
}
