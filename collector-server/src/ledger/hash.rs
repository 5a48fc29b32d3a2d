//! Hashes of leaves and nodes (RFC 6962, section 2.1).

use std::fmt;

use data_encoding::HEXLOWER;
use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};

/// A SHA-256, of a leaf or of a node; lower-case hex as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Hash(pub [u8; 32]);

/// Keeps a leaf from being taken for a node.
const LEAF: &[u8] = &[0];
const NODE: &[u8] = &[1];

impl Hash {
    /// Stands before the first entry, where a chain has nothing to name.
    pub const NONE: Self = Self([0; 32]);

    /// The root of a tree without leaves.
    #[must_use]
    pub fn of_nothing() -> Self {
        Self::of(&[])
    }

    /// The hash of an entry's bytes as a leaf.
    #[must_use]
    pub fn of_leaf(entry: &[u8]) -> Self {
        Self::of(&[LEAF, entry])
    }

    /// The hash of the node above two others.
    #[must_use]
    pub fn of_node(left: &Self, right: &Self) -> Self {
        Self::of(&[NODE, &left.0, &right.0])
    }

    fn of(parts: &[&[u8]]) -> Self {
        let mut context = Context::new(&SHA256);
        parts.iter().for_each(|part| context.update(part));
        let mut hash = [0; 32];
        hash.copy_from_slice(context.finish().as_ref());
        Self(hash)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl From<Hash> for String {
    fn from(hash: Hash) -> Self {
        hash.to_string()
    }
}

impl TryFrom<String> for Hash {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let bytes = HEXLOWER.decode(text.as_bytes()).unwrap_or_default();
        let hash = bytes.try_into().map(Self);
        hash.map_err(|_| "not a hash: expected 64 digits of lower-case hex")
    }
}
