//! The formats. Each reader takes what the plan names into a [`Record`](super::record::Record) and passes the
//! rest by.

mod arrays;
mod brackets;
mod cef;
mod csv;
mod flat;
mod framing;
mod header;
mod inner;
mod json;
mod leef;
mod pairs;
mod simple;
mod skip;
mod stream;
mod text;
mod unescape;

use csv::Csv;
use flat::Flat;
use framing::{Framing, Mode};
use json::Json;
use text::Text;

pub(super) use stream::Stream;

use std::io;

use super::record::Record;
use super::{Refusal, definition::Format};

/// Takes records as they are read.
pub(super) trait Sink {
    /// The next record begins here.
    fn at(&mut self, line: u64, offset: u64);

    /// A record was read to its end.
    fn record(&mut self, record: &Record, format: Format) -> io::Result<()>;

    /// A record could not be read, which lies behind.
    fn refuse(&mut self, refusal: Refusal) -> io::Result<()>;

    /// Whether [`Self::unnamed`] wants to be told.
    fn explains(&self) -> bool {
        false
    }

    /// Something stands in the record that the definition does not name.
    fn unnamed(&mut self, _within: &str, _key: &[u8]) {}

    /// Something stands at `path` that the definition names to tell records apart, and for nothing else.
    fn only_tells(&mut self, _path: &str) {}
}

/// Why reading a record ended before its end.
#[derive(Debug)]
pub(super) enum Halt {
    Broken(Refusal),
    /// The input failed, or the outlet did.
    Io(io::Error),
}

impl From<io::Error> for Halt {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<Refusal> for Halt {
    fn from(refusal: Refusal) -> Self {
        Self::Broken(refusal)
    }
}
