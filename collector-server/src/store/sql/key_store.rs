//! The second file: data keys, blind-index keys and the keys of backups, each wrapped by the key-encryption key, and
//! the log of what was erased.

mod backup_key;
mod erased;
mod log;
mod rewrap;
mod rotation;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use zeef_proto::id::RequestId;
use zeef_proto::{DeviceId, OrganisationId};
use zeroize::Zeroizing;

use super::place::{self, Access, Kind, Place};
use super::postgres::rewrite_keys;
use super::sqlite::connection::truncate_log;
use crate::ledger::LedgerSigningKey;
use crate::random;
use crate::seal::{BlindKey, DataKey, KeyEncryptionKey, RequestKey, SecondFactorKey, SharedSecret};
use crate::store::sql::driver::{Connection, OptionalExtension, params};
use crate::store::{Result, StoreError};

pub(super) use backup_key::BackupId;
pub(super) use erased::{ErasedMark, MarkKind};
pub(super) use log::ErasedDevice;
pub(super) use rotation::RotationId;

/// Keys that the installation has one of.
const LEDGER: &str = "ledger";
const TICKETS: &str = "tickets";
const SECOND_FACTORS: &str = "second factors";

/// How many commits a key store has seen. A database keeps step with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Generation(pub(super) i64);

/// Reads the generation that a database or a key store holds.
pub(super) fn generation(db: &Connection) -> Result<Generation> {
    Ok(db
        .prepare_cached("SELECT generation FROM installation")?
        .query_row([], |row| row.get(0).map(Generation))?)
}

/// One connection to the key store.
pub(super) struct KeyStore {
    db: Connection,
    wrapping: Arc<KeyEncryptionKey>,
    /// Something was written that [`Self::commit`] must make durable.
    begun: bool,
    /// Some of it destroys keys.
    destroys: bool,
    /// Destroyed keys may linger on the disk.
    lingering: Lingering,
}

/// Says that destroyed keys may linger on the disk; so they may when a key store is opened, by who had it open before.
#[derive(Clone)]
pub(super) struct Lingering(Arc<AtomicBool>);

impl Lingering {
    /// Whether they may; from now on they do not, unless this is [said again](Self::say).
    pub(super) fn take(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
    }

    pub(super) fn say(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl KeyStore {
    /// Opens the key store for writing, making it where it is not there, and checks that `wrapping` is its key.
    pub(super) fn open(place: &Place, wrapping: Arc<KeyEncryptionKey>) -> Result<Self> {
        let db = place.open(Access::Write)?;
        place::migrate(&db, Kind::KeyStore)?;
        let store = Self {
            db,
            wrapping,
            begun: false,
            destroys: false,
            lingering: Lingering(Arc::new(AtomicBool::new(true))),
        };
        store.check_wrapping_key()?;
        store.make_installation_key(LEDGER)?;
        store.make_installation_key(TICKETS)?;
        store.make_installation_key(SECOND_FACTORS)?;
        Ok(store)
    }

    /// Opens an existing key store for reading.
    pub(super) fn open_to_read(place: &Place, wrapping: Arc<KeyEncryptionKey>) -> Result<Self> {
        Ok(Self {
            db: place.open(Access::Read)?,
            wrapping,
            begun: false,
            destroys: false,
            lingering: Lingering(Arc::new(AtomicBool::new(true))),
        })
    }

    /// The connection, to pair the file with its database.
    pub(super) const fn connection(&self) -> &Connection {
        &self.db
    }

    /// Checks that the key is this store's, or makes it so where the store is new.
    fn check_wrapping_key(&self) -> Result<()> {
        if !check(&self.db, &self.wrapping)? {
            let wrapped = self.wrapping.wrap(&installation_place("check"), &random::bytes());
            self.db
                .execute("INSERT INTO installation_key VALUES ('check', ?1)", [wrapped.0])?;
        }
        Ok(())
    }

    /// Makes a key of the installation, where there is none yet.
    fn make_installation_key(&self, purpose: &str) -> Result<()> {
        let there = "SELECT 1 FROM installation_key WHERE purpose = ?1";
        if self.db.prepare_cached(there)?.exists([purpose])? {
            return Ok(());
        }
        // Another process may make it at the same time; the first one's stays.
        let wrapped = self
            .wrapping
            .wrap(&installation_place(purpose), &Zeroizing::new(random::bytes()));
        self.db.execute(
            "INSERT INTO installation_key VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            params![purpose, wrapped.0],
        )?;
        Ok(())
    }

    fn installation_key(&self, purpose: &str) -> Result<Zeroizing<[u8; 32]>> {
        let wrapped: Vec<u8> = self
            .db
            .prepare_cached("SELECT wrapped FROM installation_key WHERE purpose = ?1")?
            .query_row([purpose], |row| row.get(0))?;
        Ok(self.wrapping.unwrap_key(&installation_place(purpose), &wrapped)?)
    }

    /// The key that signs the ledger's heads.
    pub(super) fn ledger_key(&self) -> Result<LedgerSigningKey> {
        LedgerSigningKey::from_seed(&*self.installation_key(LEDGER)?).ok_or(StoreError::Unsealing)
    }

    /// The secret that all collectors of the installation share.
    pub(super) fn shared_secret(&self) -> Result<SharedSecret> {
        Ok(SharedSecret::from_bytes(&*self.installation_key(TICKETS)?))
    }

    /// The key that seals the secrets of second factors.
    pub(super) fn second_factor_key(&self) -> Result<SecondFactorKey> {
        let bytes = self.installation_key(SECOND_FACTORS)?;
        Ok(SecondFactorKey::from_bytes(&bytes))
    }

    /// The organisation's key for blind indexes and check values, if it has one.
    pub(super) fn blind_key(&self, organisation: OrganisationId) -> Result<Option<BlindKey>> {
        let bytes = self.blind_key_bytes(organisation)?;
        Ok(bytes.map(|bytes| BlindKey::from_bytes(&bytes)))
    }

    /// The key of what is said in a request, if its organisation has one.
    pub(super) fn request_key(
        &self,
        organisation: OrganisationId,
        request: RequestId,
    ) -> Result<Option<RequestKey>> {
        let bytes = self.blind_key_bytes(organisation)?;
        Ok(bytes.map(|bytes| RequestKey::of(&bytes, organisation, request)))
    }

    fn blind_key_bytes(&self, organisation: OrganisationId) -> Result<Option<Zeroizing<[u8; 32]>>> {
        let wrapped = self
            .db
            .prepare_cached("SELECT wrapped FROM organisation_key WHERE organisation = ?1")?
            .query_row([organisation.as_bytes()], |row| row.get::<_, Vec<u8>>(0))
            .optional()?;
        wrapped
            .map(|wrapped| {
                Ok(self
                    .wrapping
                    .unwrap_key(&organisation_place(organisation), &wrapped)?)
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
        let bytes = self.data_key_bytes(organisation, device)?;
        Ok(bytes.map(|bytes| DataKey::from_bytes(&bytes)))
    }

    fn data_key_bytes(
        &self,
        organisation: OrganisationId,
        device: DeviceId,
    ) -> Result<Option<Zeroizing<[u8; 32]>>> {
        let wrapped = self
            .db
            .prepare_cached("SELECT wrapped FROM device_key WHERE organisation = ?1 AND device = ?2")?
            .query_row(params![organisation.as_bytes(), device.as_bytes()], |row| {
                row.get::<_, Vec<u8>>(0)
            })
            .optional()?;
        wrapped
            .map(|wrapped| {
                Ok(self
                    .wrapping
                    .unwrap_key(&device_place(organisation, device), &wrapped)?)
            })
            .transpose()
    }

    /// Makes the device's data key.
    pub(super) fn create_data_key(&mut self, organisation: OrganisationId, device: DeviceId) -> Result<()> {
        let (_, bytes) = DataKey::generate();
        let wrapped = self.wrapping.wrap(&device_place(organisation, device), &bytes);
        self.begin()?;
        self.db.execute(
            "INSERT INTO device_key (organisation, device, wrapped) VALUES (?1, ?2, ?3)",
            params![organisation.as_bytes(), device.as_bytes(), wrapped.0],
        )?;
        Ok(())
    }

    /// Destroys the device's data key; with the next commit what it sealed is unreadable, in backups too.
    pub(super) fn destroy_data_key(&mut self, organisation: OrganisationId, device: DeviceId) -> Result<()> {
        self.begin()?;
        self.destroys = true;
        self.db.execute(
            "DELETE FROM device_key WHERE organisation = ?1 AND device = ?2",
            params![organisation.as_bytes(), device.as_bytes()],
        )?;
        self.db.execute(
            "DELETE FROM next_device_key WHERE organisation = ?1 AND device = ?2",
            params![organisation.as_bytes(), device.as_bytes()],
        )?;
        Ok(())
    }

    /// Counts on from the generation of a database that is ahead.
    pub(super) fn advance_to(&mut self, generation: i64) -> Result<()> {
        self.begin()?;
        self.db.execute(
            "UPDATE installation SET generation = {max|greatest}(generation, ?1)",
            [generation],
        )?;
        Ok(())
    }

    /// Begins to write, where nothing was written since the last commit.
    pub(super) fn begin(&mut self) -> Result<()> {
        if !self.begun {
            self.db.begin()?;
            self.begun = true;
        }
        Ok(())
    }

    /// Makes durable what was written since the last commit, and gives the file's new generation; `None` where
    /// nothing was written.
    pub(super) fn commit(&mut self) -> Result<Option<Generation>> {
        if !self.begun {
            return Ok(None);
        }
        self.begun = false;
        let committed = self.next_generation().and_then(|generation| {
            self.db.commit()?;
            Ok(generation)
        });
        match &committed {
            Ok(_) if self.destroys => self.lingering.say(),
            Ok(_) => {}
            Err(_) => self.db.roll_back(),
        }
        self.destroys = false;
        committed.map(Some)
    }

    fn next_generation(&self) -> Result<Generation> {
        Ok(self
            .db
            .prepare_cached("UPDATE installation SET generation = generation + 1 RETURNING generation")?
            .query_row([], |row| row.get(0).map(Generation))?)
    }

    /// Forgets what was written since the last commit.
    pub(super) fn roll_back(&mut self) {
        if self.begun {
            self.begun = false;
            self.destroys = false;
            self.db.roll_back();
        }
    }

    /// Says when destroyed keys may linger on the disk.
    pub(super) fn lingering(&self) -> Lingering {
        self.lingering.clone()
    }

    /// Goes on for a connection that was lost: this one says it to the same listener.
    pub(super) fn continuing(self, lost: &Self) -> Self {
        lost.lingering.say();
        Self {
            lingering: lost.lingering(),
            ..self
        }
    }

    /// Takes destroyed keys out of the key store's write-ahead log, or its tables, so that they do not linger there. `false`
    /// where somebody was in the way.
    pub(super) fn checkpoint(&self) -> Result<bool> {
        match self.db.sqlite() {
            Some(db) => truncate_log(db),
            None => rewrite_keys(&self.db),
        }
    }
}

/// Whether a key is the one of this key store; `false` where it has none yet. A wrapped value of no other use tells a
/// wrong key before anything is read or written with it.
pub(super) fn check(db: &Connection, key: &KeyEncryptionKey) -> Result<bool> {
    let wrapped: Option<Vec<u8>> = db
        .query_row(
            "SELECT wrapped FROM installation_key WHERE purpose = 'check'",
            [],
            |row| row.get(0),
        )
        .optional()?;
    match wrapped {
        Some(wrapped) => Ok(key
            .unwrap_key(&installation_place("check"), &wrapped)
            .map(|_| true)?),
        None => Ok(false),
    }
}

fn installation_place(purpose: &str) -> Vec<u8> {
    [&b"installation|"[..], purpose.as_bytes()].concat()
}

fn organisation_place(organisation: OrganisationId) -> Vec<u8> {
    [&b"organisation|"[..], organisation.as_bytes()].concat()
}

fn device_place(organisation: OrganisationId, device: DeviceId) -> Vec<u8> {
    [&b"device|"[..], organisation.as_bytes(), device.as_bytes()].concat()
}
