//! One field's values on their way through: parse, treat, sort, bound.

use std::collections::BTreeMap;

use zeef_proto::field::{Field, Parse, Rejection};
use zeef_proto::policy::{Permits, Treatment};

use super::{Dropped, Kept, Outcome, Reason};
use crate::facts::Sensitive;

/// Why nothing of a field may be sent; `None` where it may be as it is. A report has fields in full canonical
/// form only, so that a treatment which shortens or hashes can be met by dropping alone, never by passing.
pub(super) fn why_withheld(permits: &Permits, field: Field) -> Option<Reason> {
    match permits.treatment(field) {
        Treatment::Keep => None,
        Treatment::Truncate => Some(Reason::Truncate),
        Treatment::Pseudonymise => Some(Reason::Pseudonymise),
        Treatment::Drop => Some(Reason::NotDocumented),
    }
}

/// Gathers the values of one field.
pub(super) struct Sieve<T> {
    withheld: Option<Reason>,
    values: BTreeMap<T, String>,
    dropped: Vec<Dropped>,
}

impl<T: Parse + Ord> Sieve<T> {
    pub(super) fn new(permits: &Permits) -> Self {
        Self {
            withheld: why_withheld(permits, T::FIELD),
            values: BTreeMap::new(),
            dropped: Vec::new(),
        }
    }

    pub(super) fn text(&mut self, raw: &Sensitive, source: &str) {
        self.value(T::parse(raw.expose()), source);
    }

    pub(super) fn value(&mut self, parsed: Result<T, Rejection>, source: &str) {
        match (parsed, self.withheld) {
            (Err(rejection), _) => self.drop(source, Reason::Rejected(rejection)),
            (Ok(_), Some(reason)) => self.drop(source, reason),
            (Ok(value), None) => {
                self.values.entry(value).or_insert_with(|| source.to_owned());
            }
        }
    }

    pub(super) fn drop(&mut self, source: &str, reason: Reason) {
        self.dropped.push(Dropped {
            field: T::FIELD,
            source: source.to_owned(),
            reason,
        });
    }

    pub(super) fn drop_each(&mut self, count: usize, source: &str, reason: Reason) {
        (0..count).for_each(|_| self.drop(source, reason));
    }

    /// The values, at most `most`; `None` where the field is withheld.
    pub(super) fn finish(mut self, most: usize, outcome: &mut Outcome) -> Option<Vec<T>> {
        let mut kept = Vec::new();
        for (value, source) in std::mem::take(&mut self.values) {
            if kept.len() == most {
                self.drop(&source, Reason::TooMany);
            } else {
                outcome.kept.push(Kept {
                    field: T::FIELD,
                    value: value.expose(),
                    source,
                });
                kept.push(value);
            }
        }
        outcome.dropped.append(&mut self.dropped);
        self.withheld.is_none().then_some(kept)
    }
}
