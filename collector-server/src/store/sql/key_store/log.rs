//! The log of what was erased, kept where no backup of the database is: a restored database is told by it.

use zeef_proto::id::UserId;
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::KeyStore;
use crate::seal::Digest16;
use crate::store::Result;
use crate::store::sql::driver::{self, params};

/// A device that was ended.
pub(in crate::store::sql) struct ErasedDevice {
    pub(in crate::store::sql) organisation: OrganisationId,
    pub(in crate::store::sql) mark: Digest16,
    /// Until when it must be known.
    pub(in crate::store::sql) expires_at: i64,
}

/// A device that has a data key.
pub(in crate::store::sql) struct KeyedDevice {
    pub(in crate::store::sql) organisation: OrganisationId,
    pub(in crate::store::sql) device: DeviceId,
    pub(in crate::store::sql) revoked: bool,
}

impl KeyStore {
    /// Notes that a device was ended.
    pub(in crate::store::sql) fn note_erased(&mut self, erased: &ErasedDevice) -> Result<()> {
        self.begin()?;
        self.db
            .prepare_cached(
                "INSERT INTO erased_device VALUES (?1, ?2, ?3)
                 ON CONFLICT (organisation, mark) DO UPDATE SET expires_at = excluded.expires_at",
            )?
            .execute(params![
                erased.organisation.as_bytes(),
                erased.mark,
                erased.expires_at
            ])?;
        Ok(())
    }

    /// All devices that were ended and must still be known.
    pub(in crate::store::sql) fn erased(&self) -> Result<Vec<ErasedDevice>> {
        let mut statement = self
            .db
            .prepare_cached("SELECT organisation, mark, expires_at FROM erased_device")?;
        let rows = statement.query_map([], |row| {
            Ok(ErasedDevice {
                organisation: OrganisationId::from_bytes(row.get(0)?),
                mark: row.get(1)?,
                expires_at: row.get(2)?,
            })
        })?;
        Ok(rows.collect::<driver::Result<_>>()?)
    }

    /// Notes whether a device is revoked.
    pub(in crate::store::sql) fn note_revoked(
        &mut self,
        organisation: OrganisationId,
        device: DeviceId,
        revoked: bool,
    ) -> Result<()> {
        self.begin()?;
        self.db.execute(
            "UPDATE device_key SET revoked = ?3 WHERE organisation = ?1 AND device = ?2",
            params![organisation.as_bytes(), device.as_bytes(), revoked],
        )?;
        Ok(())
    }

    /// All devices that have a data key.
    pub(in crate::store::sql) fn keyed_devices(&self) -> Result<Vec<KeyedDevice>> {
        let mut statement = self
            .db
            .prepare_cached("SELECT organisation, device, revoked FROM device_key")?;
        let rows = statement.query_map([], |row| {
            Ok(KeyedDevice {
                organisation: OrganisationId::from_bytes(row.get(0)?),
                device: DeviceId::from_bytes(row.get(1)?),
                revoked: row.get(2)?,
            })
        })?;
        Ok(rows.collect::<driver::Result<_>>()?)
    }

    /// Notes that an account was removed.
    pub(in crate::store::sql) fn note_removed_user(&mut self, user: UserId) -> Result<()> {
        self.begin()?;
        self.db.execute(
            "INSERT INTO removed_user VALUES (?1) ON CONFLICT DO NOTHING",
            [user.as_bytes()],
        )?;
        Ok(())
    }

    /// All accounts that were removed.
    pub(in crate::store::sql) fn removed_users(&self) -> Result<Vec<UserId>> {
        let mut statement = self.db.prepare_cached("SELECT \"user\" FROM removed_user")?;
        let rows = statement.query_map([], |row| row.get(0).map(UserId::from_bytes))?;
        Ok(rows.collect::<driver::Result<_>>()?)
    }

    /// Forgets ended devices that need no longer be known, and destroys the keys of backups whose life is over; gives
    /// how many.
    pub(in crate::store::sql) fn purge(&mut self, now: UnixTime) -> Result<usize> {
        let due = self
            .db
            .prepare_cached(
                "SELECT 1 WHERE EXISTS (SELECT 1 FROM erased_device WHERE expires_at <= ?1)
                             OR EXISTS (SELECT 1 FROM erased WHERE expires_at <= ?1)
                             OR EXISTS (SELECT 1 FROM backup_key WHERE expires_at <= ?1)",
            )?
            .exists([now.0])?;
        if !due {
            return Ok(0);
        }
        self.begin()?;
        self.destroys = true;
        let delete = |sql| self.db.execute(sql, [now.0]);
        Ok(delete("DELETE FROM erased_device WHERE expires_at <= ?1")?
            + delete("DELETE FROM erased WHERE expires_at <= ?1")?
            + delete("DELETE FROM backup_key WHERE expires_at <= ?1")?)
    }
}
