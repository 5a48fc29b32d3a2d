//! How records follow each other.

use super::Halt;
use crate::sieve::Refusal;

/// What a line's end means inside a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sieve) enum Mode {
    /// No line has ended yet: it may be either.
    Unsure,
    /// Each record has a line of its own: the next line is sound whatever this one holds.
    Lines,
    /// Records run over lines. Where one is broken, what follows could be a part of it: no telling.
    Document,
}

/// Mode and position of a stream.
#[derive(Debug)]
pub(in crate::sieve) struct Framing {
    pub(in crate::sieve) mode: Mode,
    /// The line that is being read, from 1.
    pub(in crate::sieve) line: u64,
    /// Whether exactly one line has ended in the stream, and inside a record: what followed may have been cut off.
    pub(in crate::sieve) first_break: bool,
}

impl Framing {
    pub(in crate::sieve) const fn new(mode: Mode) -> Self {
        Self {
            mode,
            line: 1,
            first_break: false,
        }
    }

    /// A line ends inside a record.
    pub(super) fn break_inside(&mut self) -> Result<(), Halt> {
        match self.mode {
            Mode::Lines => return Err(Refusal::CutOff.into()),
            Mode::Unsure => {
                self.mode = Mode::Document;
                self.first_break = true;
            }
            Mode::Document => self.first_break = false,
        }
        self.line += 1;
        Ok(())
    }
}
