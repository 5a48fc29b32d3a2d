//! The second file: data keys and blind-index keys, each wrapped by the key-encryption key.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};
use zeef_proto::{DeviceId, OrganisationId};
use zeroize::Zeroizing;

use super::connection::{self, Access};
use super::migrate;
use crate::ledger::LedgerSigningKey;
use crate::random;
use crate::seal::{BlindKey, DataKey, KeyEncryptionKey};
use crate::store::{Result, StoreError};

/// How long a reader that keeps a write-ahead log from being emptied is waited for.
const FOR_READERS: Duration = Duration::from_millis(250);

/// One connection to the key store.
pub(super) struct KeyStore {
    db: Connection,
    wrapping: Arc<KeyEncryptionKey>,
    /// Something was written that [`Self::commit`] must make durable.
    begun: bool,
}

impl KeyStore {
    /// Opens the key store for writing, making it where it is not there, and checks that `wrapping` is its key.
    pub(super) fn open(path: &Path, wrapping: Arc<KeyEncryptionKey>) -> Result<Self> {
        let db = connection::open(path, Access::Write)?;
        migrate::migrate(&db, &migrate::KEY_STORE)?;
        let store = Self {
            db,
            wrapping,
            begun: false,
        };
        store.check_wrapping_key()?;
        store.make_ledger_key()?;
        Ok(store)
    }

    /// Opens an existing key store for reading.
    pub(super) fn open_to_read(path: &Path, wrapping: Arc<KeyEncryptionKey>) -> Result<Self> {
        Ok(Self {
            db: connection::open(path, Access::Read)?,
            wrapping,
            begun: false,
        })
    }

    /// The connection, to pair the file with its database.
    pub(super) const fn connection(&self) -> &Connection {
        &self.db
    }

    /// A wrapped value of no other use tells a wrong key before anything is read or written with it.
    fn check_wrapping_key(&self) -> Result<()> {
        let place = b"installation|check";
        let wrapped = self
            .db
            .query_row(
                "SELECT wrapped FROM installation_key WHERE purpose = 'check'",
                [],
                |row| row.get::<_, Vec<u8>>(0),
            )
            .optional()?;
        if let Some(wrapped) = wrapped {
            self.wrapping.unwrap_key(place, &wrapped)?;
            return Ok(());
        }
        let wrapped = self.wrapping.wrap(place, &random::bytes());
        self.db
            .execute("INSERT INTO installation_key VALUES ('check', ?1)", [wrapped.0])?;
        Ok(())
    }

    /// Makes the key that signs the ledger's heads, where there is none yet.
    fn make_ledger_key(&self) -> Result<()> {
        let there = "SELECT 1 FROM installation_key WHERE purpose = 'ledger'";
        if self.db.prepare(there)?.exists([])? {
            return Ok(());
        }
        // Another process may make it at the same time; the first one's stays.
        let wrapped = self.wrapping.wrap(LEDGER_PLACE, &Zeroizing::new(random::bytes()));
        self.db.execute(
            "INSERT OR IGNORE INTO installation_key VALUES ('ledger', ?1)",
            [wrapped.0],
        )?;
        Ok(())
    }

    /// The key that signs the ledger's heads.
    pub(super) fn ledger_key(&self) -> Result<LedgerSigningKey> {
        let wrapped: Vec<u8> = self
            .db
            .prepare_cached("SELECT wrapped FROM installation_key WHERE purpose = 'ledger'")?
            .query_row([], |row| row.get(0))?;
        let seed = self.wrapping.unwrap_key(LEDGER_PLACE, &wrapped)?;
        LedgerSigningKey::from_seed(&seed).ok_or(StoreError::Unsealing)
    }

    /// The organisation's key for blind indexes and check values, if it has one.
    pub(super) fn blind_key(&self, organisation: OrganisationId) -> Result<Option<BlindKey>> {
        let wrapped = self
            .db
            .prepare_cached("SELECT wrapped FROM organisation_key WHERE organisation = ?1")?
            .query_row([organisation.as_bytes()], |row| row.get::<_, Vec<u8>>(0))
            .optional()?;
        wrapped
            .map(|wrapped| {
                let key = self
                    .wrapping
                    .unwrap_key(&organisation_place(organisation), &wrapped)?;
                Ok(BlindKey::from_bytes(&key))
            })
            .transpose()
    }

    /// Makes the organisation's key.
    pub(super) fn create_blind_key(&mut self, organisation: OrganisationId) -> Result<()> {
        let key = Zeroizing::new(random::bytes());
        let wrapped = self.wrapping.wrap(&organisation_place(organisation), &key);
        self.begin()?;
        self.db.execute(
            "INSERT INTO organisation_key VALUES (?1, ?2)",
            params![organisation.as_bytes(), wrapped.0],
        )?;
        Ok(())
    }

    /// The device's data key; `None` where it was destroyed.
    pub(super) fn data_key(&self, organisation: OrganisationId, device: DeviceId) -> Result<Option<DataKey>> {
        let wrapped = self
            .db
            .prepare_cached("SELECT wrapped FROM device_key WHERE organisation = ?1 AND device = ?2")?
            .query_row(params![organisation.as_bytes(), device.as_bytes()], |row| {
                row.get::<_, Vec<u8>>(0)
            })
            .optional()?;
        wrapped
            .map(|wrapped| {
                let key = self
                    .wrapping
                    .unwrap_key(&device_place(organisation, device), &wrapped)?;
                Ok(DataKey::from_bytes(&key))
            })
            .transpose()
    }

    /// Makes the device's data key.
    pub(super) fn create_data_key(&mut self, organisation: OrganisationId, device: DeviceId) -> Result<()> {
        let (_, bytes) = DataKey::generate();
        let wrapped = self.wrapping.wrap(&device_place(organisation, device), &bytes);
        self.begin()?;
        self.db.execute(
            "INSERT INTO device_key VALUES (?1, ?2, ?3)",
            params![organisation.as_bytes(), device.as_bytes(), wrapped.0],
        )?;
        Ok(())
    }

    /// Destroys the device's data key; with the next commit what it sealed is unreadable, in backups too.
    pub(super) fn destroy_data_key(&mut self, organisation: OrganisationId, device: DeviceId) -> Result<()> {
        self.begin()?;
        self.db.execute(
            "DELETE FROM device_key WHERE organisation = ?1 AND device = ?2",
            params![organisation.as_bytes(), device.as_bytes()],
        )?;
        Ok(())
    }

    fn begin(&mut self) -> Result<()> {
        if !self.begun {
            self.db.execute_batch("BEGIN IMMEDIATE")?;
            self.begun = true;
        }
        Ok(())
    }

    /// Makes durable what was written since the last commit.
    pub(super) fn commit(&mut self) -> Result<()> {
        if self.begun {
            self.begun = false;
            if let Err(error) = self.db.execute_batch("COMMIT") {
                self.abandon();
                return Err(error.into());
            }
        }
        Ok(())
    }

    /// Forgets what was written since the last commit.
    pub(super) fn roll_back(&mut self) {
        if self.begun {
            self.begun = false;
            self.abandon();
        }
    }

    fn abandon(&self) {
        if !self.db.is_autocommit() {
            drop(self.db.execute_batch("ROLLBACK"));
        }
    }

    /// Empties the key store's write-ahead log, so that destroyed keys do not linger in it. `false` where a reader
    /// was in the way.
    pub(super) fn checkpoint(&self) -> Result<bool> {
        truncate_log(&self.db)
    }
}

/// Moves the write-ahead log into the database and empties it; `false` where a reader was in the way. A reader is
/// waited for but briefly, for reports wait as long.
pub(super) fn truncate_log(db: &Connection) -> Result<bool> {
    db.busy_timeout(FOR_READERS)?;
    let busy = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
    db.busy_timeout(connection::PATIENCE)?;
    Ok(busy? == 0)
}

/// Where the ledger's key stands.
const LEDGER_PLACE: &[u8] = b"installation|ledger";

fn organisation_place(organisation: OrganisationId) -> Vec<u8> {
    [&b"organisation|"[..], organisation.as_bytes()].concat()
}

fn device_place(organisation: OrganisationId, device: DeviceId) -> Vec<u8> {
    [&b"device|"[..], organisation.as_bytes(), device.as_bytes()].concat()
}
