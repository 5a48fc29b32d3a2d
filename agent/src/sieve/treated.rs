//! A value as it may pass.

use serde::Serialize;
use zeef_proto::field::Parse;

use super::{Truncated, Verdict};
use crate::pseudonym::Token;

/// A value after its treatment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
pub enum Treated<T> {
    /// In canonical form.
    Kept(T),
    /// Cut to its network or vendor part.
    Truncated(Truncated),
    /// As a keyed hash.
    Hashed(Token),
}

impl<T: Parse> Treated<T> {
    /// Writes the text that passes behind what `out` holds.
    pub(super) fn expose_to(&self, out: &mut String) {
        match self {
            Self::Kept(value) => value.expose_to(out),
            Self::Truncated(cut) => out.push_str(cut.expose()),
            Self::Hashed(token) => out.push_str(token.as_str()),
        }
    }

    pub(super) const fn verdict(&self) -> Verdict {
        match self {
            Self::Kept(_) => Verdict::Kept,
            Self::Truncated(_) => Verdict::Truncated,
            Self::Hashed(_) => Verdict::Hashed,
        }
    }

    /// The text that passes.
    pub(super) fn expose(&self) -> String {
        let mut text = String::new();
        self.expose_to(&mut text);
        text
    }
}
