//! Who has the installation open: all that read and write it share a lock; who replaces its files or its key has it
//! alone. The lock ends with its process, however that ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::apart;
use super::driver::Connection;
use super::place::{Access, Place};
use super::postgres::installation_alone;
use crate::files::beside;
use crate::store::{Result, StoreError};

/// Held while the installation is open.
pub(super) struct Shared {
    _file: File,
}

/// Held while nobody else may have the installation open.
pub struct Exclusive {
    _held: Held,
}

enum Held {
    File { _locked: File },
    Server { _locking: Connection },
}

impl Shared {
    pub(super) fn take(database: &Path) -> Result<Self> {
        let file = open(database)?;
        match file.try_lock_shared() {
            Ok(()) => Ok(Self { _file: file }),
            Err(error) => Err(refusal(error, StoreError::BeingChanged)),
        }
    }
}

impl Exclusive {
    /// Takes the lock of the installation with this database.
    ///
    /// # Errors
    /// [`StoreError::InUse`], or those of the file or server.
    pub fn take(database: &Place) -> Result<Self> {
        let _held = match database {
            Place::File(path) => {
                let file = open(path)?;
                file.try_lock()
                    .map_err(|error| refusal(error, StoreError::InUse))?;
                Held::File { _locked: file }
            }
            Place::Server(_) => apart(|| {
                let connection = database.open(Access::Write)?;
                if installation_alone(&connection)? {
                    Ok(Held::Server { _locking: connection })
                } else {
                    Err(StoreError::InUse)
                }
            })?,
        };
        Ok(Self { _held })
    }
}

fn open(database: &Path) -> Result<File> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(beside(database, ".lock"))
        .map_err(|error| unusable(&error))
}

fn refusal(error: TryLockError, taken: StoreError) -> StoreError {
    match error {
        TryLockError::WouldBlock => taken,
        TryLockError::Error(error) => unusable(&error),
    }
}

fn unusable(error: &std::io::Error) -> StoreError {
    match error.kind() {
        std::io::ErrorKind::StorageFull => StoreError::DiskFull,
        kind => StoreError::Database(format!("its lock file: {kind}")),
    }
}
