//! What was taken of one record while it was read: named values only, in bounded memory.

use std::ops::Range;

use zeef_proto::field::Rejection;
use zeroize::Zeroize;

use super::plan::{Leaf, LeafId};
use super::{Reason, Refusal};

/// Bytes of a value that are kept; no field has more.
pub(super) const MOST_VALUE_BYTES: usize = 255;
const MOST_VALUES: usize = 1024;
const MOST_COPIED_BYTES: usize = 2048;
const MOST_COPIED_VALUES: usize = 64;

/// A record that is being read.
#[derive(PartialEq, Eq)]
pub(super) struct Record {
    /// The values one behind the other, each of them UTF-8.
    text: Vec<u8>,
    taken: Vec<Taken>,
    /// Conditions that are met so far.
    pub(super) met: u64,
    /// Whether values that only decide are held as well, so that they can be explained.
    all: bool,
}

/// One value at a named path.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Taken {
    pub(super) leaf: LeafId,
    /// Conditions that were met in the array element that the value stands in.
    pub(super) met: u64,
    pub(super) kind: Kind,
    value: Result<Range<usize>, Reason>,
}

impl Taken {
    /// The value, out of the texts of its record.
    pub(super) fn of<'t>(&self, texts: &'t str) -> Result<&'t str, Reason> {
        let range = self.value.clone()?;
        texts.get(range).ok_or(Reason::NotUnicode)
    }
}

/// What kind of JSON value it was; formats without kinds have text alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    /// `true` or `false`.
    Bool,
    /// An object or an array.
    Nested,
}

/// A place to come back to.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    text: usize,
    taken: usize,
}

impl Record {
    pub(super) fn new(all: bool) -> Self {
        Self {
            text: Vec::new(),
            taken: Vec::new(),
            met: 0,
            all,
        }
    }

    /// What was taken so far, with an empty record left in its place.
    pub(super) fn set_aside(&mut self) -> Self {
        let fresh = Self::new(self.all);
        std::mem::replace(self, fresh)
    }

    /// A copy to recognise the same record by; none where it is larger than most.
    pub(super) fn small_copy(&self) -> Option<Self> {
        let small = self.text.len() <= MOST_COPIED_BYTES && self.taken.len() <= MOST_COPIED_VALUES;
        small.then(|| Self {
            text: self.text.clone(),
            taken: self.taken.clone(),
            met: self.met,
            all: self.all,
        })
    }

    /// A number that equal records share.
    pub(super) fn hash(&self) -> u64 {
        const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
        let mix = |sum: u64, word: u64| (sum.rotate_left(5) ^ word).wrapping_mul(FACTOR);
        let mut sum = mix(self.met, self.taken.len() as u64);
        let mut chunks = self.text.chunks_exact(8);
        for chunk in &mut chunks {
            sum = mix(
                sum,
                chunk.first_chunk().map_or(0, |eight| u64::from_le_bytes(*eight)),
            );
        }
        let rest = chunks
            .remainder()
            .iter()
            .fold(0, |word, byte| word << 8 | u64::from(*byte));
        mix(sum, rest) >> 32
    }

    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.taken.clear();
        self.met = 0;
    }

    pub(super) fn mark(&self) -> Mark {
        Mark {
            text: self.text.len(),
            taken: self.taken.len(),
        }
    }

    pub(super) fn back_to(&mut self, mark: Mark) {
        self.text.truncate(mark.text);
        self.taken.truncate(mark.taken);
    }

    /// Gives the conditions met in an array's element to the values that were taken in it.
    pub(super) fn close_element(&mut self, since: Mark, met: u64) {
        for taken in &mut self.taken[since.taken..] {
            taken.met |= met;
        }
    }

    pub(super) fn taken(&self) -> &[Taken] {
        &self.taken
    }

    /// The texts of all values. One look at all of them is faster than one at each, for most are short.
    pub(super) fn text(&self) -> &str {
        std::str::from_utf8(&self.text).unwrap_or_default()
    }

    /// Takes a text that is at hand, or notes that it is no UTF-8.
    #[inline]
    pub(super) fn take_bytes(&mut self, id: LeafId, leaf: &Leaf, value: &[u8]) -> Result<(), Refusal> {
        if is_unicode(value) {
            self.take(id, leaf, Kind::Text, value)
        } else {
            self.drop(id, leaf, Kind::Text, Reason::NotUnicode)
        }
    }

    /// Takes a value that is at hand, which is UTF-8.
    pub(super) fn take(&mut self, id: LeafId, leaf: &Leaf, kind: Kind, value: &[u8]) -> Result<(), Refusal> {
        if leaf.is_tested() {
            self.met |= leaf.met_by(value);
        }
        if leaf.rules.is_empty() && !self.all {
            return Ok(());
        }
        if value.len() > MOST_VALUE_BYTES {
            return self.push(id, kind, Err(Reason::Rejected(Rejection::TooLong)));
        }
        let start = self.text.len();
        self.text.extend_from_slice(value);
        self.push(id, kind, Ok(start..self.text.len()))
    }

    /// Notes a value that could not be taken.
    pub(super) fn drop(
        &mut self,
        id: LeafId,
        leaf: &Leaf,
        kind: Kind,
        reason: Reason,
    ) -> Result<(), Refusal> {
        if leaf.rules.is_empty() && !self.all {
            return Ok(());
        }
        self.push(id, kind, Err(reason))
    }

    fn push(&mut self, leaf: LeafId, kind: Kind, value: Result<Range<usize>, Reason>) -> Result<(), Refusal> {
        if self.taken.len() == MOST_VALUES {
            return Err(Refusal::TooManyValues);
        }
        self.taken.push(Taken {
            leaf,
            met: 0,
            kind,
            value,
        });
        Ok(())
    }
}

/// Most text is ASCII, which is told faster.
pub(super) fn is_unicode(text: &[u8]) -> bool {
    text.is_ascii() || std::str::from_utf8(text).is_ok()
}

impl Drop for Record {
    fn drop(&mut self) {
        self.text.zeroize();
    }
}
