//! Who has the installation open: all that read and write it share a lock; who replaces its files or its key has it
//! alone. The lock ends with its process, however that ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::files::beside;
use crate::store::{Result, StoreError};

/// Held while the installation is open.
pub(in crate::store::sql) struct Shared {
    _file: File,
}

/// Held while nobody else may have the installation open.
pub struct Exclusive {
    _file: File,
}

impl Shared {
    pub(in crate::store::sql) fn take(database: &Path) -> Result<Self> {
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
    /// [`StoreError::InUse`], or those of the file.
    pub fn take(database: &Path) -> Result<Self> {
        let file = open(database)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(error) => Err(refusal(error, StoreError::InUse)),
        }
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
