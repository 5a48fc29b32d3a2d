//! What to do next with a tailed file: a function of where reading stands and of what is seen.

use crate::intake::digest::Digest;
use crate::intake::piece::Line;

/// Where reading begins with a file that is there at first sight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum From {
    /// With all that it holds.
    Start,
    /// With what is written from then on.
    #[default]
    End,
}

/// What is seen at one look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// The file that has the name now.
    pub named: Option<Digest>,
    /// The file in which reading stands, whatever its name is; `None` where it is not found any more.
    pub current: Option<Current>,
}

/// The file in which reading stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Current {
    /// Its size in bytes.
    pub size: u64,
    /// Whether it still holds what was read of it last.
    pub same: bool,
    /// Whether it is larger than at the look before.
    pub grown: bool,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing.
    Wait,
    /// Begin with the file that has the name now.
    Begin(From),
    /// The file was cut and is written anew: begin with it again.
    StartOver,
    /// Read lines. The last one counts without its end too where nothing will follow.
    Read {
        /// Whether nothing will follow.
        to_the_end: bool,
    },
}

/// The next step. `from` counts for a file that is there at first sight: one that comes later is read from its start.
#[must_use]
pub fn next(line: Option<&Line>, observed: &Observation, from: From) -> Step {
    let Some(line) = line else {
        return observed.named.map_or(Step::Wait, |_| Step::Begin(from));
    };
    // A file that has no successor yet may be written on, under whatever name.
    let succeeded = observed.named.is_some_and(|named| named != line.file);
    match &observed.current {
        None => observed.named.map_or(Step::Wait, |_| Step::Begin(From::Start)),
        Some(current) if current.size < line.offset || !current.same => Step::StartOver,
        // Who writes may hold on to the old file for a moment.
        Some(current) => match (current.size > line.offset, succeeded && !current.grown) {
            (true, to_the_end) => Step::Read { to_the_end },
            (false, true) => Step::Begin(From::Start),
            (false, false) => Step::Wait,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::digest::Digester;

    fn digest(text: &str) -> Digest {
        Digester::new(&[1; 32]).digest(&[text.as_bytes()])
    }

    fn line(offset: u64) -> Line {
        Line {
            file: digest("file 1"),
            offset,
            before: digest("before"),
            within: false,
        }
    }

    fn seen(named: Option<&str>, current: Option<(u64, bool, bool)>) -> Observation {
        Observation {
            named: named.map(digest),
            current: current.map(|(size, same, grown)| Current { size, same, grown }),
        }
    }

    #[test]
    fn each_thing_that_happens_to_a_file_has_its_step() {
        let read = |to_the_end| Step::Read { to_the_end };
        for (what, line, observed, expected) in [
            ("not there yet", None, seen(None, None), Step::Wait),
            (
                "there at first sight",
                None,
                seen(Some("file 1"), None),
                Step::Begin(From::End),
            ),
            (
                "unchanged",
                Some(line(9)),
                seen(Some("file 1"), Some((9, true, false))),
                Step::Wait,
            ),
            (
                "grown",
                Some(line(9)),
                seen(Some("file 1"), Some((12, true, true))),
                read(false),
            ),
            (
                "a part of a line",
                Some(line(9)),
                seen(Some("file 1"), Some((12, true, false))),
                read(false),
            ),
            (
                "cut",
                Some(line(9)),
                seen(Some("file 1"), Some((0, true, false))),
                Step::StartOver,
            ),
            (
                "cut and longer than before",
                Some(line(9)),
                seen(Some("file 1"), Some((12, false, true))),
                Step::StartOver,
            ),
            (
                "renamed, no other yet",
                Some(line(9)),
                seen(None, Some((9, true, false))),
                Step::Wait,
            ),
            (
                "renamed and written on",
                Some(line(9)),
                seen(None, Some((12, true, true))),
                read(false),
            ),
            (
                "succeeded and written on",
                Some(line(9)),
                seen(Some("file 2"), Some((12, true, true))),
                read(false),
            ),
            (
                "succeeded with a last part",
                Some(line(9)),
                seen(Some("file 2"), Some((12, true, false))),
                read(true),
            ),
            (
                "succeeded a moment ago",
                Some(line(9)),
                seen(Some("file 2"), Some((9, true, true))),
                Step::Wait,
            ),
            (
                "succeeded",
                Some(line(9)),
                seen(Some("file 2"), Some((9, true, false))),
                Step::Begin(From::Start),
            ),
            ("lost, no other yet", Some(line(9)), seen(None, None), Step::Wait),
            (
                "lost",
                Some(line(9)),
                seen(Some("file 2"), None),
                Step::Begin(From::Start),
            ),
        ] {
            assert_eq!(next(line.as_ref(), &observed, From::End), expected, "{what}");
        }
    }
}
