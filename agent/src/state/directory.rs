//! The state directory: private, one agent at a time, every write atomic and durable.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use zeef_proto::log_safe_by_display;
use zeroize::Zeroizing;

use crate::platform::{Privacy, files};

/// No file of the state is larger than this; a larger one is damaged.
const MOST_BYTES: u64 = 1 << 20;

/// Where the agent keeps its state.
#[derive(Debug)]
pub struct StateDirectory {
    path: PathBuf,
    /// Held as long as this lives, where this process may write.
    _lock: Option<File>,
}

/// Why the state could not be read or written. Names the file within the directory, never the directory, whose
/// path may hold a person's name.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The directory cannot be made or looked into.
    #[error(
        "the state directory cannot be used ({0}); run as administrator, or give another with --state-dir"
    )]
    Directory(io::ErrorKind),
    /// Others can look into it.
    #[error(
        "the state directory is open to other accounts; make it yours alone (chmod 700) or give another with \
         --state-dir"
    )]
    NotPrivate,
    /// It is another account's.
    #[error("the state directory belongs to another account; run as administrator")]
    NotYours,
    /// It is another account's, and an administrator would write to it.
    #[error(
        "the state directory belongs to another account, which could lead what is written there elsewhere; run as \
         that account, or give another directory with --state-dir"
    )]
    AnotherAccounts,
    /// Another agent works with it.
    #[error("another zeef-agent is using this state; stop it first")]
    InUse,
    /// A file cannot be read.
    #[error("{file} in the state directory cannot be read ({kind}); nothing was changed")]
    Read {
        /// Its name.
        file: &'static str,
        /// What the system said.
        kind: io::ErrorKind,
    },
    /// A file cannot be written.
    #[error("{file} cannot be written to the state directory ({kind}); its earlier content was kept")]
    Write {
        /// Its name.
        file: &'static str,
        /// What the system said.
        kind: io::ErrorKind,
    },
    /// A file is not what this agent wrote.
    #[error(
        "{file} in the state directory is damaged; restore it from a backup, or run unenroll --local-only and enrol again"
    )]
    Damaged {
        /// Its name.
        file: &'static str,
    },
}

log_safe_by_display!(StateError);

impl StateDirectory {
    /// Opens the directory to read from it. Nothing is made, and an agent that runs is not disturbed.
    ///
    /// # Errors
    /// [`StateError::Directory`], [`StateError::NotPrivate`] or [`StateError::NotYours`]; none where the directory is not there yet.
    pub fn to_read(path: &Path) -> Result<Self, StateError> {
        match files::privacy(path) {
            Ok(Privacy::Private | Privacy::Anothers) => {}
            Ok(Privacy::Open) => return Err(StateError::NotPrivate),
            Ok(Privacy::Foreign) => return Err(StateError::NotYours),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(StateError::Directory(error.kind())),
        }
        Ok(Self {
            path: path.to_owned(),
            _lock: None,
        })
    }

    /// Opens the directory to write to it, and makes it where it is not there. Nobody else can until this is
    /// dropped.
    ///
    /// # Errors
    /// Those of [`Self::to_read`], [`StateError::AnotherAccounts`] or [`StateError::InUse`].
    pub fn to_write(path: &Path) -> Result<Self, StateError> {
        files::create_private_directory(path).map_err(|error| StateError::Directory(error.kind()))?;
        let mut directory = Self::to_read(path)?;
        if matches!(files::privacy(path), Ok(Privacy::Anothers)) {
            return Err(StateError::AnotherAccounts);
        }
        let lock =
            files::open_lock_file(&path.join("lock")).map_err(|error| StateError::Directory(error.kind()))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(std::fs::TryLockError::WouldBlock) => return Err(StateError::InUse),
            Err(std::fs::TryLockError::Error(error)) => return Err(StateError::Directory(error.kind())),
        }
        directory._lock = Some(lock);
        Ok(directory)
    }

    /// Where a file of the state is.
    #[must_use]
    pub fn path_of(&self, file: &'static str) -> PathBuf {
        self.path.join(file)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads a file; `None` where it is not there.
    ///
    /// # Errors
    /// [`StateError::Read`] or [`StateError::Damaged`].
    pub fn read<T: DeserializeOwned>(&self, file: &'static str) -> Result<Option<T>, StateError> {
        let content = match read_bounded(&self.path.join(file)) {
            Ok(content) => content,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                let kind = error.kind();
                return Err(StateError::Read { file, kind });
            }
        };
        serde_json::from_slice(&content)
            .map(Some)
            .map_err(|_| StateError::Damaged { file })
    }

    /// Replaces a file: afterwards it holds `content` durably, or, after an error, what it held before.
    ///
    /// # Errors
    /// [`StateError::Write`].
    pub fn write<T: Serialize>(&self, file: &'static str, content: &T) -> Result<(), StateError> {
        let failed = |kind| StateError::Write { file, kind };
        let bytes = serde_json::to_vec(content).map(Zeroizing::new);
        let bytes = bytes.map_err(|_| failed(io::ErrorKind::InvalidData))?;
        files::replace_private(&self.path.join(file), &bytes).map_err(|error| failed(error.kind()))
    }

    /// Removes a file, durably. One that is not there is removed already.
    ///
    /// # Errors
    /// [`StateError::Write`].
    pub fn remove(&self, file: &'static str) -> Result<(), StateError> {
        let path = self.path.join(file);
        // What a write that was cut short left behind.
        drop(std::fs::remove_file(path.with_extension("new")));
        let removed = match std::fs::remove_file(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other.and_then(|()| files::sync_directory(&path)),
        };
        removed.map_err(|error| StateError::Write {
            file,
            kind: error.kind(),
        })
    }

    /// Removes a folder with all that is in it, durably. One that is not there is removed already.
    ///
    /// # Errors
    /// [`StateError::Write`].
    pub fn remove_folder(&self, file: &'static str) -> Result<(), StateError> {
        let path = self.path.join(file);
        let removed = match std::fs::remove_dir_all(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other.and_then(|()| files::sync_directory(&path)),
        };
        removed.map_err(|error| StateError::Write {
            file,
            kind: error.kind(),
        })
    }
}

fn read_bounded(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    use io::Read;
    let mut content = Zeroizing::new(Vec::new());
    File::open(path)?.take(MOST_BYTES).read_to_end(&mut content)?;
    Ok(content)
}
