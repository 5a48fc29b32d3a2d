//! Another key-encryption key, without touching data: the new key lies beside the former one before the key store is
//! wrapped by it, so that at every step one of the two opens it.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::OpenError;
use super::key::{key_encryption_key, next};
use super::open::{at, check_present, check_private, places};
use crate::backup::{Progress, Step};
use crate::config::{Files, KeySource};
use crate::files;
use crate::seal::KeyEncryptionKey;
use crate::store::StoreError;
use crate::store::sql::{End, Exclusive, Place, apart, opens, rewrap};

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotated {
    /// Keys that were wrapped anew.
    pub keys: u64,
    /// The new key is in its place; otherwise whoever hands it over must hand over the new one from now on.
    pub in_place: bool,
}

/// Why the key is still the former one.
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    /// The installation or the new key cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The key store does not serve, or others have it open.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A key that is handed over from outside must be made outside.
    #[error(
        "the key-encryption key comes from a descriptor or a credential, where this command can put no new one; name the file that holds the new key with --new, and hand that over afterwards"
    )]
    NeedsNew,
    /// The new key is the former one.
    #[error("{path} holds the key that is in use already; nothing was changed. Name another key", path = .0.display())]
    Same(PathBuf),
}

/// Wraps all keys by a new key: the one in the file `new`, or one that is made. Nobody else may have the installation
/// open.
///
/// # Errors
/// [`RotateError`]; the former key stays in use then.
pub fn rotate(
    files: &Files,
    new: Option<&Path>,
    progress: &mut dyn Progress,
) -> Result<Rotated, RotateError> {
    let key = key_encryption_key(files)?;
    if let Some(path) = new {
        check_private(path)?;
        let offered = KeyEncryptionKey::read(path).map_err(at(path))?;
        let place = b"comparison";
        if key.unwrap_key(place, &offered.wrap(place, &[0; 32]).0).is_ok() {
            return Err(RotateError::Same(path.to_owned()));
        }
    }
    check_present(files)?;
    let (database, key_store) = places(files)?;
    let _alone = Exclusive::take(&database)?;
    // The key of an installation that is elsewhere now must not change behind its back.
    apart(|| End::of(&database, &key_store))?.check()?;
    if !opens(key_store.clone(), &key)? {
        return Err(StoreError::WrongKey.into());
    }
    match (&files.key_encryption_key, new) {
        (KeySource::File(path), new) => {
            let beside = write_beside(path, new)?;
            let new_key = KeyEncryptionKey::read(&beside).map_err(at(&beside))?;
            progress.reached(Step::KeyWritten);
            // Should this fail, the new key stays beside: the next command finds out which of the two is right.
            let keys = wrap_anew(key_store, key, new_key, progress)?;
            files::rename(&beside, path).map_err(at(path))?;
            progress.reached(Step::InPlace);
            Ok(Rotated { keys, in_place: true })
        }
        (_, Some(new)) => {
            let new_key = KeyEncryptionKey::read(new).map_err(at(new))?;
            let keys = wrap_anew(key_store, key, new_key, progress)?;
            Ok(Rotated {
                keys,
                in_place: false,
            })
        }
        (_, None) => Err(RotateError::NeedsNew),
    }
}

/// Writes the new key beside the former one, in place of one that an earlier rotation left there and that opens
/// nothing.
fn write_beside(path: &Path, new: Option<&Path>) -> Result<PathBuf, OpenError> {
    let beside = next(path);
    drop(std::fs::remove_file(&beside));
    match new {
        Some(new) => {
            let text = Zeroizing::new(std::fs::read(new).map_err(at(new))?);
            files::write_new_private(&beside, &text)
        }
        None => KeyEncryptionKey::create(&beside).map(drop),
    }
    .map_err(at(&beside))?;
    Ok(beside)
}

fn wrap_anew(
    key_store: Place,
    key: KeyEncryptionKey,
    new: KeyEncryptionKey,
    progress: &mut dyn Progress,
) -> Result<u64, StoreError> {
    let keys = rewrap(key_store, key, new, &mut |done, total| {
        progress.part(done, total);
    })?;
    progress.reached(Step::Rewrapped);
    Ok(keys)
}
