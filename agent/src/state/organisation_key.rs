//! The key that the organisation's devices share: it came with the enrolment bundle, and never goes to the collector.

use std::io;

use super::StateDirectory;
use crate::pseudonym::{self, Key, KeyFileError};

pub(super) const FILE: &str = "organisation.key";

impl StateDirectory {
    /// The organisation's key; `None` where none was handed out.
    ///
    /// # Errors
    /// [`KeyFileError`].
    pub fn organisation_key(&self) -> Result<Option<Key>, KeyFileError> {
        match pseudonym::read(&self.path_of(FILE)) {
            Ok(key) => Ok(Some(key)),
            Err(KeyFileError::Read(io::ErrorKind::NotFound)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Keeps the organisation's key in place of an earlier one.
    ///
    /// # Errors
    /// [`KeyFileError::NotYours`] or [`KeyFileError::Write`].
    pub fn keep_organisation_key(&self, key: &Key) -> Result<(), KeyFileError> {
        pseudonym::replace(&self.path_of(FILE), key)
    }
}
