//! Where an input stands: what its marks add up to.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::digest::Digest;
use super::piece::Mark;

/// Where an input goes on. Empty at first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// The last mark of an input that goes along a line: a tailed file or a pull.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last: Option<Mark>,
    /// Files of a watched folder that were read.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    files: BTreeSet<Digest>,
}

impl Position {
    /// Goes on to a mark.
    pub fn advance(&mut self, mark: &Mark) {
        match mark {
            Mark::File { read, gone } => {
                for file in gone {
                    self.files.remove(file);
                }
                self.files.insert(*read);
            }
            Mark::Pulled(_) | Mark::Line(_) => self.last = Some(mark.clone()),
        }
    }

    /// The last mark of a tailed file or a pull.
    #[must_use]
    pub const fn last(&self) -> Option<&Mark> {
        self.last.as_ref()
    }

    /// Files that were read.
    #[must_use]
    pub const fn files(&self) -> &BTreeSet<Digest> {
        &self.files
    }
}

/// Marks that take effect together, as few as say the same.
pub(super) fn follow(marks: &mut Vec<Mark>, mark: Mark) {
    let replaces = !matches!(mark, Mark::File { .. });
    match marks.last_mut() {
        Some(last) if replaces => *last = mark,
        _ => marks.push(mark),
    }
}
