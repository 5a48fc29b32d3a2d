//! Keys of backups: each backup of the database has its own, which is destroyed when the backup's life is over.

use zeef_proto::UnixTime;
use zeroize::Zeroizing;

use super::KeyStore;
use crate::random;
use crate::store::Result;
use crate::store::sql::driver::{OptionalExtension, params};

/// Names one backup.
pub(in crate::store::sql) type BackupId = [u8; 16];

impl KeyStore {
    /// Makes the key of a new backup.
    pub(in crate::store::sql) fn create_backup_key(
        &mut self,
        backup: BackupId,
        expires_at: UnixTime,
    ) -> Result<Zeroizing<[u8; 32]>> {
        let key = Zeroizing::new(random::bytes());
        let wrapped = self.wrapping.wrap(&place(&backup), &key);
        self.begin()?;
        self.db.execute(
            "INSERT INTO backup_key VALUES (?1, ?2, ?3)",
            params![backup, wrapped.0, expires_at.0],
        )?;
        Ok(key)
    }

    /// Destroys the key of a backup.
    pub(in crate::store::sql) fn destroy_backup_key(&mut self, backup: &BackupId) -> Result<()> {
        self.begin()?;
        self.destroys = true;
        self.db
            .execute("DELETE FROM backup_key WHERE backup = ?1", [backup])?;
        Ok(())
    }

    /// The key of a backup; `None` where it was destroyed, or is younger than this key store.
    pub(in crate::store::sql) fn backup_key(
        &self,
        backup: &BackupId,
        now: UnixTime,
    ) -> Result<Option<Zeroizing<[u8; 32]>>> {
        let wrapped: Option<Vec<u8>> = self
            .db
            .prepare_cached("SELECT wrapped FROM backup_key WHERE backup = ?1 AND expires_at > ?2")?
            .query_row(params![backup, now.0], |row| row.get(0))
            .optional()?;
        let open = |wrapped: Vec<u8>| self.wrapping.unwrap_key(&place(backup), &wrapped);
        Ok(wrapped.map(open).transpose()?)
    }
}

pub(super) fn place(backup: &BackupId) -> Vec<u8> {
    [&b"backup|"[..], backup].concat()
}
