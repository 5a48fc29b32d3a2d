//! The tree's right edge: all that appending and the root need, O(log n) hashes.

use super::Hash;

/// The roots of the perfect subtrees into which the leaves so far fall, from left to right, each smaller than the
/// one before it: one for each bit of their number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    roots: Vec<Hash>,
}

impl Frontier {
    /// How many leaves there are.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf.
    pub fn push(&mut self, leaf: Hash) {
        let mut node = leaf;
        // As a carry runs through the ones at the end of a number, so do subtrees of equal size join.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.roots.pop() {
                node = Hash::of_node(&left, &node);
            }
        }
        self.roots.push(node);
        self.size += 1;
    }

    /// The Merkle tree hash of all leaves (RFC 6962, section 2.1).
    #[must_use]
    pub fn root(&self) -> Hash {
        let from_the_right = self.roots.iter().rev().copied();
        from_the_right
            .reduce(|right, left| Hash::of_node(&left, &right))
            .unwrap_or_else(Hash::of_nothing)
    }

    /// The subtrees' roots, one after the other, as stored beside the size.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.roots.iter().flat_map(|root| root.0).collect()
    }

    /// Takes what [`Self::to_bytes`] gave; `None` where it is not of a tree of that size.
    #[must_use]
    pub fn from_bytes(size: u64, bytes: &[u8]) -> Option<Self> {
        let (roots, rest) = bytes.as_chunks();
        let fits = rest.is_empty() && roots.len() == size.count_ones() as usize;
        fits.then(|| Self {
            size,
            roots: roots.iter().copied().map(Hash).collect(),
        })
    }
}
