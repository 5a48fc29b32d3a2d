//! What became of records and values, counted by field and reason. Holds no value.

use std::fmt;

use serde::Serialize;
use zeef_proto::field::{Field, Rejection};
use zeef_proto::log_safe_by_display;

/// What a value would have been.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A documented field.
    Field(Field),
    /// An address whose value did not say whether it is private or public.
    Address,
    /// A link token.
    Link,
}

impl Subject {
    const fn place(self) -> usize {
        match self {
            Self::Field(field) => field as usize,
            Self::Address => Field::ALL.len(),
            Self::Link => Field::ALL.len() + 1,
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(field) => f.write_str(field.name()),
            Self::Address => f.write_str("ip"),
            Self::Link => f.write_str("link"),
        }
    }
}

/// What became of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Passed in canonical form.
    Kept,
    /// Passed as a keyed hash.
    Hashed,
    /// Passed cut to its network or vendor part.
    Truncated,
    /// Not passed.
    Dropped(Reason),
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kept => "kept",
            Self::Hashed => "hashed",
            Self::Truncated => "truncated",
            Self::Dropped(_) => "dropped",
        })
    }
}

/// Why a value did not pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// Not of the field's form.
    Rejected(Rejection),
    /// Bytes that are no UTF-8, or half of a surrogate pair.
    NotUnicode,
    /// An address, a path, a URL or an id where a name should be.
    NotAName,
    /// Loopback, link-local, multicast or reserved.
    NeitherPrivateNorPublic,
    /// The policy in force does not document the field for the product.
    NotDocumented,
    /// The policy asks to shorten what cannot be shortened.
    NotTruncatable,
    /// It could only pass as a keyed hash, and no key was given.
    NoKey,
    /// The definition names it under a condition that does not hold.
    Condition,
    /// A path that the definition prefers gave a value.
    Superseded,
    /// Beyond the sixteen values of a field.
    TooMany,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rejected(rejection) => return rejection.fmt(f),
            Self::NotUnicode => "not Unicode",
            Self::NotAName => "an address, path or id, not a name",
            Self::NeitherPrivateNorPublic => "neither a private nor a public address",
            Self::NotDocumented => "not documented by the policy in force",
            Self::NotTruncatable => "cannot be truncated as the policy asks",
            Self::NoKey => "no key to hash it with",
            Self::Condition => "the definition's condition does not hold",
            Self::Superseded => "a preferred path has a value",
            Self::TooMany => "more than 16 values",
        })
    }
}

/// Why a record did not pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    /// Written in no form that the source's records have.
    Format,
    /// Well-formed, and none of the source's records.
    Unrecognised,
    /// Not well-formed.
    Syntax,
    /// Ended in the middle.
    CutOff,
    /// A control character inside a text.
    ControlCharacter,
    /// Something follows on the same line.
    TrailingText,
    /// A named key stands twice in one object: no telling which counts.
    DuplicateKey,
    /// Nested deeper than the engine goes.
    TooDeep,
    /// More named values than a record may hold.
    TooManyValues,
    /// A row with more or fewer columns than the header.
    Columns,
    /// UTF-16 or UTF-32.
    Encoding,
    /// Damaged gzip.
    Compression,
    /// Gzip that grows beyond all measure.
    Bomb,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Format => "not in a format of this source",
            Self::Unrecognised => "not a record of this source",
            Self::Syntax => "not well-formed",
            Self::CutOff => "cut off in the middle",
            Self::ControlCharacter => "a control character stands in a text",
            Self::TrailingText => "more text follows the record",
            Self::DuplicateKey => "a named key stands twice",
            Self::TooDeep => "nested too deeply",
            Self::TooManyValues => "more named values than a record may hold",
            Self::Columns => "other columns than the header",
            Self::Encoding => "UTF-16 or UTF-32; convert it to UTF-8",
            Self::Compression => "damaged gzip; the rest cannot be read",
            Self::Bomb => "gzip that grows beyond the set ratio; the rest was not read",
        })
    }
}

impl std::error::Error for Refusal {}

/// The result of a run, in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Account {
    /// Records that were read, refused ones included.
    pub read: u64,
    /// Records of which something passed.
    pub passed: u64,
    /// Records of the source that held nothing to pass.
    pub empty: u64,
    refused: Vec<(Refusal, u64)>,
    /// By subject, and for each in the order in which they came up: a handful.
    values: [Vec<(Verdict, u64)>; SUBJECTS],
}

/// The documented fields, addresses and links.
const SUBJECTS: usize = Field::ALL.len() + 2;

impl Account {
    /// Records that were refused, by reason.
    pub fn refused(&self) -> impl Iterator<Item = (Refusal, u64)> {
        self.refused.iter().copied()
    }

    /// How many records were refused.
    #[must_use]
    pub fn refusals(&self) -> u64 {
        self.refused.iter().map(|(_, count)| count).sum()
    }

    /// Named values by what became of them, in a settled order.
    #[must_use]
    pub fn values(&self) -> Vec<(Subject, Verdict, u64)> {
        let fields = Field::ALL.into_iter().map(Subject::Field);
        let subjects = fields.chain([Subject::Address, Subject::Link]);
        let mut values: Vec<_> = subjects
            .flat_map(|subject| {
                self.values[subject.place()]
                    .iter()
                    .map(move |(v, n)| (subject, *v, *n))
            })
            .collect();
        values.sort_unstable();
        values
    }

    /// This account with another added.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.read += other.read;
        self.passed += other.passed;
        self.empty += other.empty;
        for (refusal, count) in &other.refused {
            self.add_refusals(*refusal, *count);
        }
        for (subject, verdict, count) in other.values() {
            self.add_values(subject, verdict, count);
        }
        self
    }

    pub(super) fn refuse(&mut self, refusal: Refusal) {
        self.read += 1;
        self.add_refusals(refusal, 1);
    }

    pub(super) fn value(&mut self, subject: Subject, verdict: Verdict) {
        self.add_values(subject, verdict, 1);
    }

    fn add_refusals(&mut self, refusal: Refusal, count: u64) {
        match self.refused.iter_mut().find(|(known, _)| *known == refusal) {
            Some((_, sum)) => *sum += count,
            None => self.refused.push((refusal, count)),
        }
    }

    fn add_values(&mut self, subject: Subject, verdict: Verdict, count: u64) {
        let verdicts = &mut self.values[subject.place()];
        match verdicts.iter_mut().find(|(known, _)| *known == verdict) {
            Some((_, sum)) => *sum += count,
            None => verdicts.push((verdict, count)),
        }
    }
}

/// Serialised by their texts.
macro_rules! serialize_by_display {
    ($($name:ty),+) => {$(
        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    )+};
}
serialize_by_display!(Subject, Verdict, Reason, Refusal);

log_safe_by_display!(Subject, Verdict, Reason, Refusal);
