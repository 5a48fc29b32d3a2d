//! The file that holds a key: its owner's alone, and never written over by a new key.

use std::io;
use std::path::Path;

use zeef_proto::log_safe_by_display;

use super::Key;
use crate::platform::{Privacy, files};
use crate::private_file::{self, Unread};

/// A key has some hundred bytes.
const MOST_BYTES: usize = 4096;

/// Why a key file could not be used. Names no path, which may hold a person's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileError {
    /// Not there, or not for this account.
    #[error("the key file cannot be read ({0}); name one that zeef-agent key new has made")]
    Read(io::ErrorKind),
    /// Others can read it.
    #[error(
        "the key file is open to other accounts; make it yours alone (chmod 600), and rotate the key if somebody \
         may have read it"
    )]
    NotPrivate,
    /// It is another account's. An administrator may read it, and not write it anew.
    #[error("the key file belongs to another account; run as that account")]
    NotYours,
    /// It is not what was written.
    #[error("the key file holds no key or a damaged one; restore it from a copy, or make a new key")]
    Damaged,
    /// Something of that name is there.
    #[error("there is a file of that name already, which was not changed; name another, or rotate its key")]
    Exists,
    /// It could not be written.
    #[error("the key file cannot be written ({0}); what was there was kept")]
    Write(io::ErrorKind),
}

log_safe_by_display!(KeyFileError);

/// Reads a key.
///
/// # Errors
/// All but [`KeyFileError::Exists`] and [`KeyFileError::Write`].
pub fn read(path: &Path) -> Result<Key, KeyFileError> {
    let bytes = private_file::read(path, MOST_BYTES)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| KeyFileError::Damaged)?;
    text.parse().map_err(|_| KeyFileError::Damaged)
}

impl From<Unread> for KeyFileError {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::Failed(kind) => Self::Read(kind),
            Unread::NotPrivate => Self::NotPrivate,
            Unread::NotYours => Self::NotYours,
        }
    }
}

/// Writes a key to a file that is not there yet.
///
/// # Errors
/// [`KeyFileError::Exists`] or [`KeyFileError::Write`].
pub fn create(path: &Path, key: &Key) -> Result<(), KeyFileError> {
    files::create_private(path, key.expose().as_bytes()).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => KeyFileError::Exists,
        kind => KeyFileError::Write(kind),
    })
}

/// Writes a key over the one that it was rotated from: afterwards the file holds the one or the other, never a part.
///
/// # Errors
/// [`KeyFileError::NotYours`] or [`KeyFileError::Write`].
pub fn replace(path: &Path, key: &Key) -> Result<(), KeyFileError> {
    // The new file would be an administrator's, and its owner could not read it any more.
    if files::file_privacy(path).is_ok_and(|privacy| privacy == Privacy::Anothers) {
        return Err(KeyFileError::NotYours);
    }
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".rotating");
    let temporary = Path::new(&temporary);
    // What a rotation that was cut short left behind.
    drop(std::fs::remove_file(temporary));
    let written = files::create_private(temporary, key.expose().as_bytes()).and_then(|()| {
        let renamed = files::rename_durably(temporary, path);
        if renamed.is_err() {
            drop(std::fs::remove_file(temporary));
        }
        renamed
    });
    written.map_err(|error| KeyFileError::Write(error.kind()))
}
