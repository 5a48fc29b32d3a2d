//! Goes through a ledger from its first entry to its last and finds what is not as it was written.

use super::{Entry, Frontier, Hash, Head};

/// An entry as a store gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEntry {
    /// Its place, from 0.
    pub index: u64,
    /// Its canonical bytes.
    pub bytes: Vec<u8>,
    /// Their leaf hash, as noted when the entry was written.
    pub leaf: Hash,
}

/// A ledger in which nothing was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checked {
    /// Entries looked at.
    pub size: u64,
    /// Their root.
    pub root: Hash,
    /// Heads that others kept, and that the ledger agrees with.
    pub kept: usize,
}

/// What is wrong with a ledger, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// No such entry, although later ones are there.
    #[error("entry {0} is missing: it was dropped from the database")]
    Dropped(u64),
    /// The bytes are not those that were written.
    #[error("entry {0} was changed: its bytes are not those that were hashed when it was written")]
    Changed(u64),
    /// An entry of another place.
    #[error("entry {0} is not the one that was written there: entries were put in another order")]
    Moved(u64),
    /// Not an entry.
    #[error("entry {0} cannot be read; a newer version may have written it")]
    Unreadable(u64),
    /// The chain is broken.
    #[error("entry {0} does not follow from the one before it: one of the two was replaced")]
    Unchained(u64),
    /// All fits together, and is not what was signed.
    #[error(
        "one of the entries {first} to {last} is not what was signed: the ledger was written anew from there on"
    )]
    Rewritten {
        /// The first entry that no head vouches for.
        first: u64,
        /// The last entry of the head that does not fit.
        last: u64,
    },
    /// Less than a head says.
    #[error(
        "the entries {first} to {last} are missing: the ledger was cut off, or an older database was put back"
    )]
    CutOff {
        /// The first that is missing.
        first: u64,
        /// The last that is known to have been.
        last: u64,
    },
    /// More than the newest head says.
    #[error("the entries from {0} on are under no signed head: the collector did not write them")]
    Unsigned(u64),
}

/// The pass over the entries.
pub struct Checker {
    frontier: Frontier,
    previous: Hash,
    /// Heads that others kept, largest first, as far as they lie ahead.
    kept: Vec<Head>,
    agreed: usize,
    /// Up to here a head has vouched for the entries.
    vouched: u64,
}

impl Checker {
    /// A pass that also looks at these heads, whose signatures were checked.
    #[must_use]
    pub fn new(mut kept: Vec<Head>) -> Self {
        kept.sort_by_key(|head| std::cmp::Reverse(head.size));
        Self {
            frontier: Frontier::default(),
            previous: Hash::NONE,
            kept,
            agreed: 0,
            vouched: 0,
        }
    }

    /// How many entries were taken.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// Takes the next entry.
    ///
    /// # Errors
    /// The [`Fault`] that shows at it.
    pub fn take(&mut self, stored: &StoredEntry) -> Result<(), Fault> {
        let index = self.size();
        if stored.index != index {
            return Err(Fault::Dropped(index));
        }
        let leaf = Hash::of_leaf(&stored.bytes);
        if leaf != stored.leaf {
            return Err(Fault::Changed(index));
        }
        let entry = Entry::from_bytes(&stored.bytes).map_err(|_| Fault::Unreadable(index))?;
        if entry.index != index {
            return Err(Fault::Moved(index));
        }
        if entry.previous != self.previous {
            return Err(Fault::Unchained(index));
        }
        self.frontier.push(leaf);
        self.previous = leaf;
        while let Some(head) = self.kept.pop_if(|head| head.size <= index + 1) {
            // A head of no entries says nothing.
            if head.size > 0 {
                self.agree_with(&head)?;
            }
            self.agreed += 1;
        }
        Ok(())
    }

    /// Looks at what is known of the end: the newest head, whose signature was checked, where the ledger has one.
    ///
    /// # Errors
    /// The [`Fault`] that shows there.
    pub fn finish(mut self, newest: Option<&Head>) -> Result<Checked, Fault> {
        let size = self.size();
        let signed = newest.map_or(0, |head| head.size);
        let largest = self.kept.first().map_or(signed, |head| head.size.max(signed));
        if largest > size {
            return Err(Fault::CutOff {
                first: size,
                last: largest - 1,
            });
        }
        if signed < size {
            return Err(Fault::Unsigned(signed));
        }
        if let Some(newest) = newest {
            self.agree_with(newest)?;
        }
        Ok(Checked {
            size,
            root: self.frontier.root(),
            kept: self.agreed + self.kept.len(),
        })
    }

    fn agree_with(&mut self, head: &Head) -> Result<(), Fault> {
        if self.frontier.root() != head.root {
            return Err(Fault::Rewritten {
                first: self.vouched.min(head.size.saturating_sub(1)),
                last: head.size.saturating_sub(1),
            });
        }
        self.vouched = head.size;
        Ok(())
    }
}

#[cfg(test)]
#[path = "checker_tests.rs"]
mod tests;
