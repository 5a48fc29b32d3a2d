//! Where minimised records go.

use std::io;

use super::{Explained, Minimised, Refusal};

/// Takes what comes out. An error ends the run.
pub trait Outlet {
    /// A record of which something passed.
    ///
    /// # Errors
    /// Where it could not be taken.
    fn record(&mut self, record: &Minimised<'_>) -> io::Result<()>;

    /// A record that did not pass.
    ///
    /// # Errors
    /// Where it could not be taken.
    fn refused(&mut self, refused: &Refused) -> io::Result<()>;

    /// Whether [`Self::explained`] is wanted; it costs time.
    fn explains(&self) -> bool {
        false
    }

    /// What became of each path of a record.
    ///
    /// # Errors
    /// Where it could not be taken.
    fn explained(&mut self, _: &Explained<'_>) -> io::Result<()> {
        Ok(())
    }
}

/// A record that did not pass: where it stood and why, never what it held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    /// Which record of the input it was, from 1.
    pub record: u64,
    /// The line on which it began, from 1.
    pub line: u64,
    /// Bytes before it, after gzip was opened.
    pub offset: u64,
    /// Why.
    pub refusal: Refusal,
}
