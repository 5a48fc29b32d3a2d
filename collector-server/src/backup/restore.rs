//! Putting a backup back, while nobody has the installation open. All is prepared beside what is there, and what was
//! erased since is erased in it, before one rename replaces each file.

use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use zeef_proto::UnixTime;
use zeroize::Zeroizing;

use super::error::{BackupError, at};
use super::format::{self, Header, ReadError};
use super::progress::{Progress, Step};
use super::save::place;
use super::unfinished::Unfinished;
use crate::config::Files;
use crate::files;
use crate::seal::KeyEncryptionKey;
use crate::store::StoreError;
use crate::store::sql::{self, CaughtUp, Exclusive, Kind};

/// What the restore of a database came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Restored {
    /// The state that was put back is of this time.
    pub made_at: UnixTime,
    /// What had been erased since, and is so again.
    pub caught_up: CaughtUp,
}

/// What is put back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted<'a> {
    /// The database, beside the key store in place.
    Database(&'a Path),
    /// The key store, beside the database in place.
    KeyStore(&'a Path),
    /// Both: the database, then the key store.
    Both(&'a Path, &'a Path),
}

/// Puts backups back. `None` where there was no database among them.
///
/// # Errors
/// [`BackupError`].
pub fn restore(
    files: &Files,
    key: KeyEncryptionKey,
    wanted: Wanted<'_>,
    now: UnixTime,
    progress: &mut dyn Progress,
) -> Result<Option<Restored>, BackupError> {
    // A new machine may have nothing yet.
    for parent in [&files.database, &files.key_store]
        .into_iter()
        .filter_map(|file| file.parent())
    {
        files::create_private_directory(parent).map_err(at(parent))?;
    }
    let _alone = Exclusive::take(&(&files.database).into())?;
    drop(Draft::beside(&files.key_store));
    let key = Arc::new(key);
    let keys = match wanted {
        Wanted::Database(_) => None,
        Wanted::KeyStore(backup) | Wanted::Both(_, backup) => {
            let keys = decrypt_keys(files, &key, backup)?;
            progress.reached(Step::KeysDecrypted);
            Some(keys)
        }
    };
    let database = match wanted {
        Wanted::KeyStore(_) => None,
        Wanted::Database(backup) | Wanted::Both(backup, _) => {
            let key_store = keys.as_ref().map_or(&*files.key_store, Draft::path);
            Some(prepare_database(files, key_store, &key, backup, now, progress)?)
        }
    };
    if let Some(new) = keys {
        new.replace(&files.key_store)?;
        progress.reached(Step::KeysInPlace);
    }
    let Some((database, restored)) = database else {
        return Ok(None);
    };
    sql::settle(&files.database)?;
    progress.reached(Step::Settled);
    database.replace(&files.database)?;
    progress.reached(Step::InPlace);
    Ok(Some(restored))
}

/// A database from a backup, beside the one that it is to replace, fit to be served.
fn prepare_database(
    files: &Files,
    key_store: &Path,
    key: &Arc<KeyEncryptionKey>,
    backup: &Path,
    now: UnixTime,
    progress: &mut dyn Progress,
) -> Result<(Draft, Restored), BackupError> {
    // SQLite would make what is not there.
    if !key_store.exists() {
        return Err(BackupError::NoKeyStore(key_store.to_owned()));
    }
    let (database, made_at) = decrypt_database(files, key_store, key, backup, now)?;
    progress.reached(Step::Decrypted);
    let caught_up = sql::prepare_restored(database.path(), key_store, key, &files.database, made_at, now)?;
    progress.reached(Step::Replayed);
    Ok((database, Restored { made_at, caught_up }))
}

/// A file that is to replace another.
pub(super) struct Draft(Unfinished);

impl Draft {
    /// Deletes what a restore left that was cut off.
    pub(super) fn beside(path: &Path) -> Self {
        Self(Unfinished::beside(path, ".restored"))
    }

    fn path(&self) -> &Path {
        &self.0.path
    }

    /// Takes the place of the other. That one's log must be gone: it would be read as this one's.
    fn replace(self, other: &Path) -> Result<(), BackupError> {
        sql::settle(self.path())?;
        sql::settle(other)?;
        files::rename(self.path(), other).map_err(at(other))
    }
}

fn decrypt_keys(files: &Files, key: &KeyEncryptionKey, backup: &Path) -> Result<Draft, BackupError> {
    let (header, mut from) = open(backup, Kind::KeyStore)?;
    let wrapped = header.wrapped.as_ref();
    let wrapped = wrapped.ok_or_else(|| BackupError::Damaged(backup.to_owned()))?;
    let own = key
        .unwrap_key(&place(&header.backup), &wrapped.0)
        .map_err(|_| BackupError::OtherKey(backup.to_owned()))?;
    let draft = Draft::beside(&files.key_store);
    decrypt(&header, &own, &mut from, backup, draft.path())?;
    let installation = sql::check(draft.path(), Kind::KeyStore)?;
    if !sql::opens(draft.path(), key)? {
        return Err(StoreError::WrongKey.into());
    }
    // One in place that serves must not give way to an earlier copy of itself.
    let serves = match sql::opens(&files.key_store, key) {
        Err(StoreError::DiskFull) => return Err(StoreError::DiskFull.into()),
        serves => serves.unwrap_or(false),
    };
    if serves {
        if sql::check(&files.key_store, Kind::KeyStore) != Ok(installation) {
            return Err(BackupError::Foreign(backup.to_owned()));
        }
        if sql::generation_of(&files.key_store) > sql::generation_of(draft.path()) {
            return Err(BackupError::KeysAreNewer(backup.to_owned()));
        }
    }
    Ok(draft)
}

fn decrypt_database(
    files: &Files,
    key_store: &Path,
    key: &Arc<KeyEncryptionKey>,
    backup: &Path,
    now: UnixTime,
) -> Result<(Draft, UnixTime), BackupError> {
    let (header, mut from) = open(backup, Kind::Database)?;
    if sql::check(key_store, Kind::KeyStore)? != header.installation {
        return Err(BackupError::Foreign(backup.to_owned()));
    }
    let own = sql::backup_key(key_store, key, &header.backup, now)?;
    let own = own.ok_or_else(|| BackupError::KeyGone(backup.to_owned()))?;
    let draft = Draft::beside(&files.database);
    decrypt(&header, &own, &mut from, backup, draft.path())?;
    if sql::check(draft.path(), Kind::Database)? != header.installation {
        return Err(BackupError::Foreign(backup.to_owned()));
    }
    Ok((draft, header.made_at))
}

fn open(backup: &Path, wanted: Kind) -> Result<(Header, BufReader<File>), BackupError> {
    let mut from = BufReader::new(File::open(backup).map_err(at(backup))?);
    let header = Header::read(&mut from).map_err(|error| unreadable(error, backup))?;
    if header.kind == wanted {
        Ok((header, from))
    } else {
        Err(BackupError::OtherKind {
            path: backup.to_owned(),
            found: name(header.kind),
            wanted: name(wanted),
        })
    }
}

const fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Database => "database",
        Kind::KeyStore => "key store",
    }
}

fn decrypt(
    header: &Header,
    own: &Zeroizing<[u8; 32]>,
    from: &mut BufReader<File>,
    backup: &Path,
    draft: &Path,
) -> Result<(), BackupError> {
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(draft)
        .map_err(at(draft))?;
    let mut to = BufWriter::new(&file);
    format::open(header, own, from, &mut to).map_err(|error| match error {
        ReadError::To(error) => at(draft)(error),
        other => unreadable(other, backup),
    })?;
    to.flush().and_then(|()| file.sync_all()).map_err(at(draft))
}

pub(super) fn unreadable(error: ReadError, path: &Path) -> BackupError {
    match error {
        ReadError::NotABackup => BackupError::NotABackup(path.to_owned()),
        ReadError::Newer => BackupError::NewerFormat(path.to_owned()),
        ReadError::Damaged => BackupError::Damaged(path.to_owned()),
        ReadError::From(error) | ReadError::To(error) => at(path)(error),
    }
}
