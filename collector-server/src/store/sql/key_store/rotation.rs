//! Another data key for a device. It is durable beside the present one before anything is sealed with it, and takes its
//! place once what was sealed anew is durable too.
use zeef_proto::{DeviceId, OrganisationId};
use zeroize::Zeroizing;

use super::{KeyStore, device_place};
use crate::erasure::KeyId;
use crate::random;
use crate::seal::DataKey;
use crate::store::Result;
use crate::store::sql::driver::{self, OptionalExtension, params};

/// One change of a device's data key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store::sql) struct RotationId(pub(in crate::store::sql) [u8; 16]);

impl KeyStore {
    /// Makes a key that waits to take the place of a device's own.
    pub(in crate::store::sql) fn create_next_data_key(
        &mut self,
        organisation: OrganisationId,
        device: DeviceId,
    ) -> Result<(RotationId, DataKey)> {
        let rotation = RotationId(random::bytes());
        let (key, bytes) = DataKey::generate();
        let wrapped = self.wrapping.wrap(&place(&rotation.0), &bytes);
        self.begin()?;
        self.db.execute(
            "INSERT INTO next_device_key (rotation, organisation, device, wrapped) VALUES (?1, ?2, ?3, ?4)",
            params![rotation.0, organisation.as_bytes(), device.as_bytes(), wrapped.0],
        )?;
        Ok((rotation, key))
    }

    /// A key that waits; `None` where it has taken its place, or another has followed.
    pub(in crate::store::sql) fn next_data_key(&self, rotation: RotationId) -> Result<Option<DataKey>> {
        let bytes = self.next_bytes(rotation)?;
        Ok(bytes.map(|bytes| DataKey::from_bytes(&bytes)))
    }

    /// Lets a key take the place of the device's own, which is destroyed. Done twice it changes nothing more.
    pub(in crate::store::sql) fn promote(
        &mut self,
        organisation: OrganisationId,
        device: DeviceId,
        rotation: RotationId,
    ) -> Result<()> {
        let Some(bytes) = self.next_bytes(rotation)? else {
            return Ok(());
        };
        let wrapped = self.wrapping.wrap(&device_place(organisation, device), &bytes);
        self.begin()?;
        self.db.execute(
            "UPDATE device_key SET wrapped = ?3, rotated = 1 WHERE organisation = ?1 AND device = ?2",
            params![organisation.as_bytes(), device.as_bytes(), wrapped.0],
        )?;
        self.drop_next(rotation)
    }

    /// Notes that a device's data key is not its first.
    pub(in crate::store::sql) fn mark_rotated(
        &mut self,
        organisation: OrganisationId,
        device: DeviceId,
    ) -> Result<()> {
        self.begin()?;
        self.db.execute(
            "UPDATE device_key SET rotated = 1 WHERE organisation = ?1 AND device = ?2",
            params![organisation.as_bytes(), device.as_bytes()],
        )?;
        Ok(())
    }

    /// Destroys a key that waited, where another one has followed.
    pub(in crate::store::sql) fn drop_next(&mut self, rotation: RotationId) -> Result<()> {
        self.begin()?;
        self.db
            .execute("DELETE FROM next_device_key WHERE rotation = ?1", [rotation.0])?;
        Ok(())
    }

    /// The id of the key that a device's values are sealed with: its own, or the one that waits.
    pub(in crate::store::sql) fn key_id(
        &self,
        organisation: OrganisationId,
        device: DeviceId,
        waiting: Option<RotationId>,
    ) -> Result<Option<KeyId>> {
        let bytes = match waiting.map(|rotation| self.next_bytes(rotation)).transpose()? {
            Some(Some(bytes)) => Some(bytes),
            _ => self.data_key_bytes(organisation, device)?,
        };
        Ok(bytes.map(|bytes| KeyId::of(&bytes)))
    }

    /// Devices whose data key is not their first.
    pub(in crate::store::sql) fn rotated_devices(&self) -> Result<Vec<(OrganisationId, DeviceId)>> {
        let mut statement = self
            .db
            .prepare_cached("SELECT organisation, device FROM device_key WHERE rotated = 1")?;
        let rows = statement.query_map([], |row| {
            Ok((
                OrganisationId::from_bytes(row.get(0)?),
                DeviceId::from_bytes(row.get(1)?),
            ))
        })?;
        Ok(rows.collect::<driver::Result<_>>()?)
    }

    fn next_bytes(&self, rotation: RotationId) -> Result<Option<Zeroizing<[u8; 32]>>> {
        let wrapped = self
            .db
            .prepare_cached("SELECT wrapped FROM next_device_key WHERE rotation = ?1")?
            .query_row([rotation.0], |row| row.get::<_, Vec<u8>>(0))
            .optional()?;
        wrapped
            .map(|wrapped| Ok(self.wrapping.unwrap_key(&place(&rotation.0), &wrapped)?))
            .transpose()
    }
}

/// Where a waiting key stands: it opens nowhere else.
pub(super) fn place(rotation: &[u8; 16]) -> Vec<u8> {
    [&b"rotation|"[..], rotation].concat()
}
