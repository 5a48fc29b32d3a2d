//! A database in a file that is to take the place of another database.

use std::path::Path;

use super::error::{BackupError, at};
use super::progress::Progress;
use super::unfinished::Unfinished;
use crate::files;
use crate::store::sql::{self, Kind, Moved, Place};

/// A database that is to replace another one: a file of its own beside the one that is configured.
pub(crate) struct Draft(Unfinished);

impl Draft {
    /// Deletes what was left there by work that was cut off.
    pub(crate) fn beside(path: &Path) -> Self {
        Self(Unfinished::beside(path, ".restored"))
    }

    /// An empty file.
    pub(crate) fn new(path: &Path) -> Result<Self, BackupError> {
        let draft = Self::beside(path);
        files::write_new_private(draft.path(), b"").map_err(at(draft.path()))?;
        Ok(draft)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0.path
    }

    pub(crate) fn place(&self) -> Place {
        self.path().into()
    }

    /// Takes the place of the other, in one step. A file's log must be gone then: it would be read as this one's.
    pub(crate) fn replace(
        self,
        other: &Place,
        kind: Kind,
        progress: &mut dyn Progress,
    ) -> Result<(), BackupError> {
        match other {
            Place::File(other) => {
                sql::settle(self.path())?;
                sql::settle(other)?;
                files::rename(self.path(), other).map_err(at(other))
            }
            Place::Server(_) => {
                let mut told = |done, total| progress.part(done, total);
                Ok(sql::fill(other, kind, &self.place(), Moved::Here, &mut told)?)
            }
        }
    }
}
