//! Putting a backup back, while nobody has the installation open. All is prepared in files beside those that are
//! configured, and what was erased since is erased in it, before one rename, or one transaction on a server, replaces
//! each database.

use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use zeef_proto::UnixTime;
use zeroize::Zeroizing;

use super::draft::Draft;
use super::error::{BackupError, at};
use super::format::{self, Header, ReadError};
use super::progress::{Progress, Step};
use super::save::place;
use crate::config::Files;
use crate::files;
use crate::installation::places;
use crate::seal::KeyEncryptionKey;
use crate::store::StoreError;
use crate::store::sql::{self, CaughtUp, Exclusive, Kind, Place};

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
    let (database, key_store) = places(files)?;
    let restoring = Restoring {
        files,
        database,
        key_store,
        key: Arc::new(key),
        now,
    };
    sql::apart(|| restoring.run(wanted, progress))
}

/// A restore at work.
struct Restoring<'a> {
    /// Beside these files it is prepared, wherever the databases are.
    files: &'a Files,
    database: Place,
    key_store: Place,
    key: Arc<KeyEncryptionKey>,
    now: UnixTime,
}

impl Restoring<'_> {
    fn run(&self, wanted: Wanted<'_>, progress: &mut dyn Progress) -> Result<Option<Restored>, BackupError> {
        // A new machine may have nothing yet.
        for parent in [&self.files.database, &self.files.key_store]
            .into_iter()
            .filter_map(|file| file.parent())
        {
            files::create_private_directory(parent).map_err(at(parent))?;
        }
        let _alone = Exclusive::take(&self.database)?;
        drop(Draft::beside(&self.files.key_store));
        let keys = match wanted {
            Wanted::Database(_) => None,
            Wanted::KeyStore(backup) | Wanted::Both(_, backup) => {
                let keys = self.decrypt_keys(backup)?;
                progress.reached(Step::KeysDecrypted);
                Some(keys)
            }
        };
        let database = match wanted {
            Wanted::KeyStore(_) => None,
            Wanted::Database(backup) | Wanted::Both(backup, _) => {
                let key_store = keys.as_ref().map_or(self.key_store.clone(), Draft::place);
                Some(self.prepare_database(&key_store, backup, progress)?)
            }
        };
        if let Some(new) = keys {
            new.replace(&self.key_store, Kind::KeyStore, progress)?;
            progress.reached(Step::KeysInPlace);
        }
        let Some((database, restored)) = database else {
            return Ok(None);
        };
        if let Place::File(path) = &self.database {
            sql::settle(path)?;
        }
        progress.reached(Step::Settled);
        database.replace(&self.database, Kind::Database, progress)?;
        progress.reached(Step::InPlace);
        Ok(Some(restored))
    }

    /// A database from a backup, beside the one that it is to replace, fit to be served.
    fn prepare_database(
        &self,
        key_store: &Place,
        backup: &Path,
        progress: &mut dyn Progress,
    ) -> Result<(Draft, Restored), BackupError> {
        check_there(key_store)?;
        let (database, made_at) = self.decrypt_database(key_store, backup)?;
        progress.reached(Step::Decrypted);
        let (place, now) = (database.place(), self.now);
        let caught_up = sql::prepare_restored(
            place,
            key_store.clone(),
            &self.key,
            self.database.clone(),
            made_at,
            now,
        )?;
        progress.reached(Step::Replayed);
        Ok((database, Restored { made_at, caught_up }))
    }

    fn decrypt_keys(&self, backup: &Path) -> Result<Draft, BackupError> {
        let (header, mut from) = open(backup, Kind::KeyStore)?;
        let wrapped = header.wrapped.as_ref();
        let wrapped = wrapped.ok_or_else(|| BackupError::Damaged(backup.to_owned()))?;
        let own = self
            .key
            .unwrap_key(&place(&header.backup), &wrapped.0)
            .map_err(|_| BackupError::OtherKey(backup.to_owned()))?;
        let draft = Draft::beside(&self.files.key_store);
        decrypt(&header, &own, &mut from, backup, draft.path())?;
        let installation = sql::check(&draft.place(), Kind::KeyStore)?;
        if !sql::opens(draft.path(), &self.key)? {
            return Err(StoreError::WrongKey.into());
        }
        // One in place that serves must not give way to an earlier copy of itself.
        let serves = match sql::opens(self.key_store.clone(), &self.key) {
            Err(error @ (StoreError::DiskFull | StoreError::Unreachable | StoreError::Refused(_))) => {
                return Err(error.into());
            }
            serves => serves.unwrap_or(false),
        };
        if serves {
            if sql::check(&self.key_store, Kind::KeyStore) != Ok(installation) {
                return Err(BackupError::Foreign(backup.to_owned()));
            }
            if sql::generation_of(&self.key_store) > sql::generation_of(&draft.place()) {
                return Err(BackupError::KeysAreNewer(backup.to_owned()));
            }
        }
        Ok(draft)
    }

    fn decrypt_database(&self, key_store: &Place, backup: &Path) -> Result<(Draft, UnixTime), BackupError> {
        let (header, mut from) = open(backup, Kind::Database)?;
        if sql::check(key_store, Kind::KeyStore)? != header.installation {
            return Err(BackupError::Foreign(backup.to_owned()));
        }
        let own = sql::backup_key(key_store.clone(), &self.key, &header.backup, self.now)?;
        let own = own.ok_or_else(|| BackupError::KeyGone(backup.to_owned()))?;
        let draft = Draft::beside(&self.files.database);
        decrypt(&header, &own, &mut from, backup, draft.path())?;
        if sql::check(&draft.place(), Kind::Database)? != header.installation {
            return Err(BackupError::Foreign(backup.to_owned()));
        }
        Ok((draft, header.made_at))
    }
}

/// Checks that there is a key store: SQLite would make what is not there.
fn check_there(key_store: &Place) -> Result<(), BackupError> {
    match key_store {
        Place::File(path) if !path.exists() => Err(BackupError::NoKeyStore(path.clone())),
        Place::Server(_) if key_store.installation()?.is_none() => Err(BackupError::NoKeysOnServer),
        _ => Ok(()),
    }
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
