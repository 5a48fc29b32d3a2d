//! The key-encryption key, from where the configuration says.

use std::path::{Path, PathBuf};

use super::OpenError;
use super::open::{at, check_present, check_private, places};
use crate::config::{Files, KeySource};
use crate::seal::KeyEncryptionKey;
use crate::store::StoreError;
use crate::store::sql::{Exclusive, opens};

/// The descriptor's number.
const DESCRIPTOR: &str = "ZEEF_KEK_FD";
/// Where systemd puts credentials.
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";

/// Why there is no key-encryption key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Started without the descriptor.
    #[error(
        "files.key_encryption_key is fd and {DESCRIPTOR} is not the number of an open file descriptor; start the collector with one, or name a file"
    )]
    NoDescriptor,
    /// Started without credentials.
    #[error(
        "files.key_encryption_key is a credential and {CREDENTIALS} is not set; run this as a systemd service with LoadCredential=, or name a file"
    )]
    NoCredentials,
}

/// Reads the key. Where a rotation was cut off between its last two steps, it is finished first.
///
/// # Errors
/// [`OpenError`].
pub fn key_encryption_key(files: &Files) -> Result<KeyEncryptionKey, OpenError> {
    match &files.key_encryption_key {
        KeySource::File(path) => {
            finish_rotation(files, path)?;
            check_private(path)?;
            read(path)
        }
        KeySource::Descriptor => {
            let number = std::env::var(DESCRIPTOR).ok();
            let number: u32 = number
                .and_then(|number| number.parse().ok())
                .ok_or(KeyError::NoDescriptor)?;
            KeyEncryptionKey::read(Path::new(&format!("/dev/fd/{number}"))).map_err(|error| {
                match error.kind() {
                    std::io::ErrorKind::NotFound => KeyError::NoDescriptor.into(),
                    _ => at(Path::new(DESCRIPTOR))(error),
                }
            })
        }
        KeySource::Credential(name) => {
            // Who may read it is systemd's to see to.
            let directory = std::env::var_os(CREDENTIALS).ok_or(KeyError::NoCredentials)?;
            read(&Path::new(&directory).join(name))
        }
    }
}

/// Where a rotation writes the new key before it takes the name of the former one.
pub(super) fn next(path: &Path) -> PathBuf {
    crate::files::beside(path, ".next")
}

fn read(path: &Path) -> Result<KeyEncryptionKey, OpenError> {
    KeyEncryptionKey::read(path).map_err(at(path))
}

/// The key store was wrapped anew and the new key has not got its name yet: it gets it now.
fn finish_rotation(files: &Files, path: &Path) -> Result<(), OpenError> {
    let next = next(path);
    if !next.exists() || check_present(files).is_err() {
        return Ok(());
    }
    let (database, key_store) = places(files)?;
    let _alone = match Exclusive::take(&database) {
        // Who has it open has a key that opens it.
        Err(StoreError::InUse) => return Ok(()),
        other => other?,
    };
    let is_right = |path| read(path).is_ok_and(|key| opens(key_store.clone(), &key) == Ok(true));
    if !is_right(path) && is_right(&next) {
        crate::files::rename(&next, path).map_err(at(path))?;
    }
    Ok(())
}
