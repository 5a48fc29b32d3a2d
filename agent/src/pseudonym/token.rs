//! What comes out.

use serde::Serialize;

/// A keyed hash of a value, such as `1c7f0d07a2b3.2:XykOR8JeD9J86b_2UNTRkg`: the key's id, its epoch, and 128 bits
/// in base64url.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Token(pub(super) String);

impl Token {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
