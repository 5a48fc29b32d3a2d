//! What backups, restores and another key-encryption key need of the files: copies of one moment, checks, and changes
//! while nobody else has the installation open.

use std::path::Path;
use std::sync::Arc;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use zeef_proto::UnixTime;
use zeroize::Zeroizing;

use super::SqliteStore;
use super::catch_up::{self, Accepted, CaughtUp};
use super::connection::{self, Access};
use super::key_store::{self, BackupId, ErasedDevice, ErasedMark, Generation, KeyStore, truncate_log};
use super::migrate::{self, Schema};
use super::writer::Writing;
use crate::files::beside;
use crate::ledger::{Actor, Event, InstallationEvent};
use crate::random;
use crate::seal::KeyEncryptionKey;
use crate::store::{Result, StoreError};

/// Pages that are copied at a time.
const PAGES: i32 = 1_024;

/// The two files of an installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// The data.
    Database,
    /// The keys.
    KeyStore,
}

impl FileKind {
    const fn schema(self) -> &'static Schema {
        match self {
            Self::Database => &migrate::DATABASE,
            Self::KeyStore => &migrate::KEY_STORE,
        }
    }
}

/// A backup that is about to be made.
pub struct NewBackup {
    /// Names it.
    pub id: [u8; 16],
    /// Encrypts it.
    pub key: Zeroizing<[u8; 32]>,
}

impl SqliteStore {
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

/// Copies one of the files, as it is at this moment and while others write to it, into the empty file `to`, and checks
/// the copy. `progress` is told how many of how many pages are done.
///
/// # Errors
/// Those of the files.
pub fn copy(source: &Path, to: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<()> {
    let source = connection::open(source, Access::Read)?;
    // The snapshot of one transaction does not move under the copy.
    source.execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema")?;
    let mut target = Connection::open_with_flags(to, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    {
        let copying = Backup::new(&source, &mut target)?;
        loop {
            let step = copying.step(PAGES)?;
            let told = copying.progress();
            let pages = |count: i32| u64::try_from(count).unwrap_or(0);
            progress(pages(told.pagecount - told.remaining), pages(told.pagecount));
            match step {
                StepResult::Done => break,
                StepResult::More => {}
                _ => return Err(StoreError::Busy),
            }
        }
    }
    // One file that needs no other beside it.
    target.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(()))?;
    whole(&target)
}

/// Checks that a file that nobody has open is whole, of this kind and not from a newer version; gives the id of its
/// installation.
///
/// # Errors
/// [`StoreError::ForeignDatabase`], [`StoreError::NewerSchema`] or [`StoreError::Database`].
pub fn check(path: &Path, kind: FileKind) -> Result<[u8; 16]> {
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    migrate::known(&db, kind.schema())?;
    whole(&db)?;
    Ok(db.query_row("SELECT id FROM installation", [], |row| row.get(0))?)
}

/// How far a file had come that nobody has open; `None` where it cannot be told.
#[must_use]
pub fn generation_of(path: &Path) -> Option<i64> {
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).ok()?;
    let Generation(generation) = key_store::generation(&db).ok()?;
    Some(generation)
}

fn whole(db: &Connection) -> Result<()> {
    let found: String = db.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if found == "ok" {
        Ok(())
    } else {
        Err(StoreError::Database("it is damaged".to_owned()))
    }
}

/// The key of a backup of the database; `None` where it is destroyed, or where the key store is older.
///
/// # Errors
/// [`StoreError::WrongKey`], or those of the key store.
pub fn backup_key(
    key_store: &Path,
    key: &Arc<KeyEncryptionKey>,
    backup: &BackupId,
    now: UnixTime,
) -> Result<Option<Zeroizing<[u8; 32]>>> {
    KeyStore::open(key_store, Arc::clone(key))?.backup_key(backup, now)
}

/// Makes a database that was taken from a backup fit to be served: what was erased since is deleted, nobody is signed
/// in, tokens are worthless, for they may have been spent since, and every device is asked for all its values. What
/// the database that it is to replace still knows to be erased counts as well: the key store may be an earlier copy.
///
/// # Errors
/// [`StoreError::OlderKeyStore`], or those of the files.
pub fn prepare_restored(
    database: &Path,
    key_store: &Path,
    key: &Arc<KeyEncryptionKey>,
    replaced: &Path,
    made_at: UnixTime,
    now: UnixTime,
) -> Result<CaughtUp> {
    let mut writing = Writing::open(database, key_store, Arc::clone(key))?;
    // One that cannot be read has nothing to tell.
    let (devices, others) = erased_in(replaced, database).unwrap_or_default();
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
fn erased_in(path: &Path, other: &Path) -> Result<(Vec<ErasedDevice>, Vec<ErasedMark>)> {
    let id =
        |db: &Connection| db.query_row("SELECT id FROM installation", [], |row| row.get::<_, [u8; 16]>(0));
    let db = connection::open(path, Access::Read)?;
    if id(&db)? == id(&connection::open(other, Access::Read)?)? {
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
    database: &Path,
    key_store: &Path,
    key: &Arc<KeyEncryptionKey>,
    now: UnixTime,
) -> Result<Accepted> {
    let mut writing = Writing::open(database, key_store, Arc::clone(key))?;
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
pub fn opens(key_store: &Path, key: &KeyEncryptionKey) -> Result<bool> {
    let db = connection::open(key_store, Access::Read)?;
    match key_store::check(&db, key) {
        Err(StoreError::WrongKey) => Ok(false),
        checked => checked,
    }
}

/// Wraps all keys by another key-encryption key; gives how many there are.
///
/// # Errors
/// [`StoreError::WrongKey`], or those of the key store; the former key still opens everything then.
pub fn rewrap(
    key_store: &Path,
    key: KeyEncryptionKey,
    new: KeyEncryptionKey,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<u64> {
    let mut keys = KeyStore::open(key_store, Arc::new(key))?;
    let count = keys.rewrap(new, progress)?;
    // The former wrappings would linger in the log. Closing the file, too, empties it.
    drop(keys.checkpoint());
    Ok(count)
}

/// Moves what lies in a file's write-ahead log into the file, so that it can be replaced: the log of one database
/// must never meet another. One that cannot be opened loses its log; it is about to be replaced.
///
/// # Errors
/// [`StoreError::InUse`] where another process has it open.
pub fn settle(path: &Path) -> Result<()> {
    if path.exists() {
        match connection::open(path, Access::Write).and_then(|db| truncate_log(&db)) {
            Ok(true) | Err(StoreError::Database(_)) => {}
            Ok(false) => return Err(StoreError::InUse),
            Err(error) => return Err(error),
        }
    }
    for suffix in ["-wal", "-shm"] {
        drop(std::fs::remove_file(beside(path, suffix)));
    }
    Ok(())
}

/// Notes it in the ledger. One that cannot be continued says so elsewhere, and keeps nobody from a backup.
fn note(writing: &Writing, event: InstallationEvent, now: UnixTime) -> Result<()> {
    match writing.note(Actor::Administrator, Event::Installation(event), now) {
        Err(StoreError::Ledger) => Ok(()),
        noted => noted,
    }
}

/// Leaves nothing in the write-ahead logs.
fn rest(writing: &Writing) -> Result<()> {
    if writing.checkpoint()? {
        Ok(())
    } else {
        Err(StoreError::InUse)
    }
}
