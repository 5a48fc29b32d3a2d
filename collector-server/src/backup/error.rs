//! Why there is no backup, or why it was not put back.

use std::io;
use std::path::{Path, PathBuf};

use crate::installation::OpenError;
use crate::store::StoreError;

/// Nothing was changed, and nothing half done is left.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A file cannot be read or written.
    #[error("{path} cannot be used ({reason}); nothing was changed. Check the disk and its permissions", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        reason: io::ErrorKind,
    },
    /// A backup is never written over.
    #[error("{path} is there already; nothing was written. Name another file", path = .0.display())]
    Exists(PathBuf),
    /// Two at a time would write to the same copy.
    #[error("another backup of this installation is being made; try again when it is ready")]
    Underway,
    /// What was written is not what is read.
    #[error("{path} does not read back as it was written, and was removed; check the medium, or name a file on another one", path = .0.display())]
    Unverified(PathBuf),
    /// Not a backup at all.
    #[error("{path} is not a backup of a collector; nothing was changed. Name a file that `zeef-collector backup` made", path = .0.display())]
    NotABackup(PathBuf),
    /// A newer version's format.
    #[error("{path} was made by a newer version; nothing was changed. Install the newer collector again", path = .0.display())]
    NewerFormat(PathBuf),
    /// A backup of the other file.
    #[error("{path} is a backup of the {found}, not of the {wanted}; nothing was changed. `--from` takes the database's, `--keys` the key store's", path = path.display())]
    OtherKind {
        /// The backup.
        path: PathBuf,
        /// What it holds.
        found: &'static str,
        /// What was asked for.
        wanted: &'static str,
    },
    /// Changed, cut off, or under another key.
    #[error("{path} is not whole: it was changed or cut off, or its key is another; nothing was changed. Use another backup", path = .0.display())]
    Damaged(PathBuf),
    /// Another installation's.
    #[error("{path} is a backup of another installation; nothing was changed. Use one of this installation", path = .0.display())]
    Foreign(PathBuf),
    /// Its key is not in the key store.
    #[error("the key of {path} is not in the key store: its life is over, or the key store is older than it; nothing was changed. Use a newer backup, or put a newer key store back with --keys", path = .0.display())]
    KeyGone(PathBuf),
    /// The key-encryption key of its time is needed.
    #[error("{path} does not open under the key-encryption key; nothing was changed. Put back the key of its time, or use a backup that was made since the key was changed", path = .0.display())]
    OtherKey(PathBuf),
    /// No key store, and so no keys.
    #[error("{path} is not there; nothing was changed. Put a backup of the key store back with --keys", path = .0.display())]
    NoKeyStore(PathBuf),
    /// The same, of a server.
    #[error(
        "the key store on the server is empty; nothing was changed. Put a backup of the key store back with --keys"
    )]
    NoKeysOnServer,
    /// The key store in place is the better one.
    #[error("the key store in place is newer than {path}, in which destroyed keys may be; nothing was changed. Leave out --keys", path = .0.display())]
    KeysAreNewer(PathBuf),
    /// The database or the key store does not serve.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It is not even known where they are.
    #[error(transparent)]
    Open(#[from] OpenError),
}

pub(super) fn at(path: &Path) -> impl Fn(io::Error) -> BackupError {
    move |error| BackupError::File {
        path: path.to_owned(),
        reason: error.kind(),
    }
}
