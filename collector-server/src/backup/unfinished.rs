//! A database in the making, beside the file that it is of or for.

use std::path::{Path, PathBuf};

use crate::files::beside;

/// What SQLite puts beside a database, and the database itself.
const ENDINGS: [&str; 4] = ["", "-journal", "-wal", "-shm"];

/// A database that is deleted with this, unless it was renamed by then.
pub(super) struct Unfinished {
    /// Where it is.
    pub(super) path: PathBuf,
}

impl Unfinished {
    /// One that has this ending to its name. Deletes what was left of that name by a process that was cut off.
    pub(super) fn beside(path: &Path, ending: &str) -> Self {
        let unfinished = Self {
            path: beside(path, ending),
        };
        unfinished.remove();
        unfinished
    }

    fn remove(&self) {
        for ending in ENDINGS {
            drop(std::fs::remove_file(beside(&self.path, ending)));
        }
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        self.remove();
    }
}
