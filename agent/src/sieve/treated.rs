//! A value as it may pass.

use serde::Serialize;

use super::Truncated;
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
