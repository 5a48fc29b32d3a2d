//! What became of each path of a record, for the person who wants to check it.

use super::{Reason, Refused, Subject, Verdict};

/// One record, explained.
#[derive(Debug)]
pub struct Explained<'a> {
    /// Which record of the input it is, from 1.
    pub record: u64,
    /// The line on which it began, from 1.
    pub line: u64,
    /// The kind of record, as the definition calls it.
    pub shape: Option<&'a str>,
    /// Why it did not pass.
    pub refused: Option<Refused>,
    /// Its paths: named ones, and those that nobody named down to where they were passed over.
    pub lines: &'a [Line],
}

/// One path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// Named by the definition.
    Named {
        /// The path, as the definition writes it.
        path: String,
        /// What it feeds.
        subject: Subject,
        /// What became of its value.
        verdict: Verdict,
        /// The value as it passed; never one that did not.
        passed: Option<String>,
    },
    /// Not named, and passed over with all that is in it.
    Unnamed {
        /// The path.
        path: String,
    },
}

impl Line {
    /// Why nothing passed here.
    #[must_use]
    pub const fn reason(&self) -> Option<Reason> {
        match self {
            Self::Named {
                verdict: Verdict::Dropped(reason),
                ..
            } => Some(*reason),
            _ => None,
        }
    }
}

/// Paths of one record that are explained; a record can have millions.
const MOST_LINES: usize = 4096;
/// Bytes of a key that are shown.
const MOST_KEY_BYTES: usize = 64;

/// Notes a path that nobody named. A key can hold anything; what does not look like an identifier is not shown.
pub(super) fn note_unnamed(lines: &mut Vec<Line>, within: &str, key: &[u8]) {
    if lines.len() == MOST_LINES {
        return;
    }
    let mut path = within.to_owned();
    if !path.is_empty() {
        path.push('.');
    }
    if is_identifier(key) {
        path.extend(key.iter().map(|byte| char::from(*byte)));
    } else {
        path.push('?');
    }
    lines.push(Line::Unnamed { path });
}

fn is_identifier(key: &[u8]) -> bool {
    let Some((first, rest)) = key.split_first() else {
        return false;
    };
    key.len() <= MOST_KEY_BYTES
        && (first.is_ascii_alphabetic() || b"_@#$".contains(first))
        && rest
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(key: &str) -> String {
        let mut lines = Vec::new();
        note_unnamed(&mut lines, "a", key.as_bytes());
        match lines.remove(0) {
            Line::Unnamed { path } => path,
            Line::Named { .. } => unreachable!(),
        }
    }

    #[test]
    fn keys_that_are_values_are_not_shown() {
        assert_eq!(shown("hostName"), "a.hostName");
        assert_eq!(shown("@timestamp"), "a.@timestamp");
        for key in [
            "",
            "10.0.3.17",
            "00:1a:2b:3c:4d:5e",
            "jan@contoso.example",
            "Jan Jansen",
            "jos\u{e9}",
            "C:\\Users",
        ] {
            assert_eq!(shown(key), "a.?", "{key}");
        }
    }
}
