//! Making backups, beside whoever uses the installation.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufReader, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use zeef_proto::UnixTime;
use zeroize::Zeroizing;

use super::draft::Draft;
use super::error::{BackupError, at};
use super::format::{self, Header, ReadError};
use super::progress::{Progress, Step};
use super::restore::unreadable;
use super::unfinished::Unfinished;
use crate::config::Files;
use crate::files::{self, beside};
use crate::installation::places;
use crate::random;
use crate::seal::KeyEncryptionKey;
use crate::store::sql::{self, Kind, Place, SqlStore};

/// A backup that was made and read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Saved {
    /// Bytes of its file.
    pub bytes: u64,
}

/// Backs up the database into the new file `out`. At `expires_at` its key is destroyed, and it can be read no more.
///
/// # Errors
/// [`BackupError`].
pub async fn save_database(
    files: &Files,
    store: &SqlStore,
    out: &Path,
    expires_at: UnixTime,
    now: UnixTime,
    progress: &mut dyn Progress,
) -> Result<Saved, BackupError> {
    let (database, _) = places(files)?;
    let scratch = Scratch::beside(&files.database)?;
    refuse_existing(out)?;
    let made = store.new_backup(expires_at, now).await?;
    progress.reached(Step::KeyMade);
    let saved = scratch
        .fill(&database, Kind::Database, progress)
        .and_then(|installation| {
            let header = Header {
                kind: Kind::Database,
                installation,
                backup: made.id,
                made_at: now,
                wrapped: None,
            };
            write(&scratch.copy.path, &header, &made.key, out, progress)
        });
    if saved.is_err() {
        // What cannot be deleted now is deleted when its life would have been over.
        drop(store.forget_backup(made.id).await);
    }
    saved
}

/// Backs up the key store into the new file `out`, under the key-encryption key.
///
/// # Errors
/// [`BackupError`].
pub fn save_keys(
    files: &Files,
    key: &KeyEncryptionKey,
    out: &Path,
    now: UnixTime,
    progress: &mut dyn Progress,
) -> Result<Saved, BackupError> {
    let (_, key_store) = places(files)?;
    let scratch = Scratch::beside(&files.key_store)?;
    refuse_existing(out)?;
    let installation = scratch.fill(&key_store, Kind::KeyStore, progress)?;
    let backup: [u8; 16] = random::bytes();
    let own = Zeroizing::new(random::bytes());
    let header = Header {
        kind: Kind::KeyStore,
        installation,
        backup,
        made_at: now,
        wrapped: Some(key.wrap(&place(&backup), &own)),
    };
    write(&scratch.copy.path, &header, &own, out, progress)
}

/// Where the key of a key store's backup stands: in its header, wrapped.
pub(super) fn place(backup: &[u8; 16]) -> Vec<u8> {
    [&b"key-store-backup|"[..], backup].concat()
}

/// Deletes what backups and restores left that were cut off, while the installation is open, so that no restore is at
/// work; a backup that is being made is left alone.
pub fn remove_leftovers(files: &Files) {
    for file in [&files.database, &files.key_store] {
        drop(Draft::beside(file));
        if beside(file, COPY).exists() {
            drop(Scratch::beside(file));
        }
    }
}

const COPY: &str = ".copy";

/// A copy in a file beside the one that is configured, while it is needed. One at a time.
struct Scratch {
    copy: Unfinished,
    _alone: File,
}

impl Scratch {
    fn beside(source: &Path) -> Result<Self, BackupError> {
        // Where the databases are on a server, nothing else may need this directory.
        if let Some(parent) = source.parent() {
            files::create_private_directory(parent).map_err(at(parent))?;
        }
        let lock = beside(source, ".copy-lock");
        let alone = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&lock)
            .map_err(at(&lock))?;
        match alone.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(BackupError::Underway),
            Err(TryLockError::Error(error)) => return Err(at(&lock)(error)),
        }
        Ok(Self {
            copy: Unfinished::beside(source, COPY),
            _alone: alone,
        })
    }

    /// Fills it; gives the id of the installation.
    fn fill(&self, source: &Place, kind: Kind, progress: &mut dyn Progress) -> Result<[u8; 16], BackupError> {
        let path = &self.copy.path;
        // SQLite gives the files beside it the same mode.
        files::write_new_private(path, b"").map_err(at(path))?;
        sql::copy(source, kind, path, &mut |done, total| progress.part(done, total))?;
        let installation = sql::check(&path.into(), kind)?;
        progress.reached(Step::Copied);
        Ok(installation)
    }
}

fn refuse_existing(out: &Path) -> Result<(), BackupError> {
    if out.symlink_metadata().is_ok() {
        return Err(BackupError::Exists(out.to_owned()));
    }
    Ok(())
}

/// Encrypts the copy into a file beside `out`, reads it again, and gives it its name.
fn write(
    copy: &Path,
    header: &Header,
    key: &[u8; 32],
    out: &Path,
    progress: &mut dyn Progress,
) -> Result<Saved, BackupError> {
    let part = beside(out, ".part");
    let written = write_part(copy, header, key, &part, progress)
        .and_then(|saved| files::rename(&part, out).map_err(at(out)).map(|()| saved))
        .map_err(|error| named(error, &part, out));
    match written {
        Ok(saved) => {
            progress.reached(Step::InPlace);
            Ok(saved)
        }
        Err(error) => {
            drop(std::fs::remove_file(&part));
            Err(error)
        }
    }
}

fn write_part(
    copy: &Path,
    header: &Header,
    key: &[u8; 32],
    part: &Path,
    progress: &mut dyn Progress,
) -> Result<Saved, BackupError> {
    let mut from = BufReader::new(File::open(copy).map_err(at(copy))?);
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(part)
        .map_err(at(part))?;
    let mut to = BufWriter::new(&file);
    let digest = format::seal(header, key, &mut from, &mut to).map_err(|error| match error {
        ReadError::To(error) => at(part)(error),
        other => unreadable(other, copy),
    })?;
    to.flush().and_then(|()| file.sync_all()).map_err(at(part))?;
    progress.reached(Step::Written);

    let mut back = BufReader::new(File::open(part).map_err(at(part))?);
    let unverified = |_| BackupError::Unverified(part.to_owned());
    let header = Header::read(&mut back).map_err(unverified)?;
    let read = format::open(&header, key, &mut back, &mut io::sink()).map_err(unverified)?;
    if read.as_ref() != digest.as_ref() {
        return Err(BackupError::Unverified(part.to_owned()));
    }
    progress.reached(Step::Verified);
    let bytes = file.metadata().map_err(at(part))?.len();
    Ok(Saved { bytes })
}

/// Errors name the file that was asked for, not the one beside it.
fn named(error: BackupError, part: &Path, out: &Path) -> BackupError {
    match error {
        BackupError::File { path, reason } if path == part => BackupError::File {
            path: out.to_owned(),
            reason,
        },
        BackupError::Unverified(_) => BackupError::Unverified(out.to_owned()),
        other => other,
    }
}
