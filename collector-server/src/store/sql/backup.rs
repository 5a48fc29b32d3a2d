//! What backups, restores and another key-encryption key need of the store, while nobody else has the installation open.

use std::sync::Arc;

use zeef_proto::UnixTime;
use zeroize::Zeroizing;

use super::catch_up::{self, Accepted, CaughtUp};
use super::key_store::{self, BackupId, ErasedDevice, ErasedMark, KeyStore};
use super::moved::Moved;
use super::pair::installation;
use super::place::{Access, Place};
use super::writer::Writing;
use super::{SqlStore, apart};
use crate::ledger::{Actor, Event, InstallationEvent};
use crate::random;
use crate::seal::KeyEncryptionKey;
use crate::store::{Result, StoreError};

/// A backup that is about to be made.
pub struct NewBackup {
    /// Names it.
    pub id: [u8; 16],
    /// Encrypts it.
    pub key: Zeroizing<[u8; 32]>,
}

impl SqlStore {
    /// Makes the key of a new backup, which is destroyed at `expires_at`.
    ///
    /// # Errors
    /// Those of the key store.
    pub async fn new_backup(&self, expires_at: UnixTime, now: UnixTime) -> Result<NewBackup> {
        let id = random::bytes();
        let make = move |writing: &mut Writing| {
            note(writing, InstallationEvent::BackupBegun(expires_at), now)?;
            writing.keys.create_backup_key(id, expires_at)
        };
        let key = self.writer.run(make).await?;
        Ok(NewBackup { id, key })
    }

    /// Destroys the key of a backup that was not made.
    ///
    /// # Errors
    /// Those of the key store.
    pub async fn forget_backup(&self, id: [u8; 16]) -> Result<()> {
        self.writer
            .run(move |writing| writing.keys.destroy_backup_key(&id))
            .await
    }
}

/// The key of a backup of the database; `None` where it is destroyed, or where the key store is older.
///
/// # Errors
/// [`StoreError::WrongKey`], or those of the key store.
pub fn backup_key(
    key_store: impl Into<Place>,
    key: &Arc<KeyEncryptionKey>,
    backup: &BackupId,
    now: UnixTime,
) -> Result<Option<Zeroizing<[u8; 32]>>> {
    KeyStore::open(&key_store.into(), Arc::clone(key))?.backup_key(backup, now)
}

/// Makes a database that was taken from a backup fit to be served: what was erased since is deleted, nobody is signed
/// in, tokens are worthless, for they may have been spent since, and every device is asked for all its values. What
/// the database that it is to replace still knows to be erased counts as well: the key store may be an earlier copy.
///
/// # Errors
/// [`StoreError::OlderKeyStore`], or those of the files.
pub fn prepare_restored(
    database: impl Into<Place>,
    key_store: impl Into<Place>,
    key: &Arc<KeyEncryptionKey>,
    replaced: impl Into<Place>,
    made_at: UnixTime,
    now: UnixTime,
) -> Result<CaughtUp> {
    let database = database.into();
    let mut writing = Writing::open(&database, &key_store.into(), Arc::clone(key))?;
    // One that cannot be read has nothing to tell.
    let (devices, others) = erased_in(&replaced.into(), &database).unwrap_or_default();
    for erased in &devices {
        writing.keys.note_erased(erased)?;
    }
    for erased in &others {
        writing.keys.note_mark(erased)?;
    }
    writing.keys.commit()?;
    // What was about to be told then has been told since.
    writing.db.execute("DELETE FROM key_store_note", [])?;
    let caught_up = writing.catch_up()?;
    writing.db.execute_batch(
        "BEGIN IMMEDIATE;
         DELETE FROM session;
         DELETE FROM sign_in_link;
         DELETE FROM api_token;
         DELETE FROM recovery_code;
         UPDATE token SET revoked = 1;
         UPDATE device SET sequence = 0, report_check = NULL, record_sequence = 0, record_check = NULL;",
    )?;
    let devices = caught_up.devices;
    note(&writing, InstallationEvent::Restored { made_at, devices }, now)?;
    writing.commit()?;
    writing.finish_begun()?;
    rest(&writing)?;
    Ok(caught_up)
}

/// What was erased, by a database of the same installation as another.
fn erased_in(place: &Place, other: &Place) -> Result<(Vec<ErasedDevice>, Vec<ErasedMark>)> {
    let db = place.open(Access::Read)?;
    if installation(&db)? == installation(&other.open(Access::Read)?)? {
        // One of before there were these marks has none.
        Ok((
            catch_up::tombstones(&db)?,
            ErasedMark::all(&db).unwrap_or_default(),
        ))
    } else {
        Ok(Default::default())
    }
}

/// Goes on with a key store that is older than the database: devices whose keys are lost get new ones, and are asked
/// for their values again; what was destroyed since is destroyed again.
///
/// # Errors
/// Those of the files; nothing is changed then.
pub fn accept_older_keys(
    database: impl Into<Place>,
    key_store: impl Into<Place>,
    key: &Arc<KeyEncryptionKey>,
    now: UnixTime,
) -> Result<Accepted> {
    let database = database.into();
    let mut writing = Writing::open(&database, &key_store.into(), Arc::clone(key))?;
    Moved::of(&writing.db)?.check()?;
    let accepted = match writing.catch_up() {
        Err(StoreError::OlderKeyStore) => writing.accept_older_keys()?,
        // It is not older: there is nothing to accept.
        caught_up => return caught_up.map(|_| Accepted::default()),
    };
    writing.begin()?;
    note(
        &writing,
        InstallationEvent::KeyStoreAccepted(accepted.devices),
        now,
    )?;
    writing.commit()?;
    rest(&writing)?;
    Ok(accepted)
}

/// Whether a key-encryption key is that of a key store.
///
/// # Errors
/// Those of the key store.
pub fn opens(key_store: impl Into<Place>, key: &KeyEncryptionKey) -> Result<bool> {
    let key_store = key_store.into();
    apart(|| match key_store::check(&key_store.open(Access::Read)?, key) {
        Err(StoreError::WrongKey) => Ok(false),
        checked => checked,
    })
}

/// Wraps all keys by another key-encryption key; gives how many there are.
///
/// # Errors
/// [`StoreError::WrongKey`], or those of the key store; the former key still opens everything then.
pub fn rewrap(
    key_store: impl Into<Place>,
    key: KeyEncryptionKey,
    new: KeyEncryptionKey,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<u64> {
    let mut keys = KeyStore::open(&key_store.into(), Arc::new(key))?;
    let count = keys.rewrap(new, progress)?;
    // The former wrappings would linger in the log. Closing the file, too, empties it.
    drop(keys.checkpoint());
    Ok(count)
}

/// Notes it in the ledger. One that cannot be continued says so elsewhere, and keeps nobody from a backup.
pub(super) fn note(writing: &Writing, event: InstallationEvent, now: UnixTime) -> Result<()> {
    match writing.note(Actor::Administrator, Event::Installation(event), now) {
        Err(StoreError::Ledger) => Ok(()),
        noted => noted,
    }
}

/// Leaves nothing in the write-ahead logs.
pub(super) fn rest(writing: &Writing) -> Result<()> {
    if writing.checkpoint()? {
        Ok(())
    } else {
        Err(StoreError::InUse)
    }
}
