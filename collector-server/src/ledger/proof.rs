//! Proofs that an entry is in the tree, and that a later tree holds an earlier one (RFC 6962, section 2.1; the way of
//! checking is that of RFC 9162).
//!
//! A proof is made of the roots of parts of the tree. Which parts is arithmetic; their roots are read off the leaves
//! in one pass, however many there are.

use std::ops::Range;

use super::{Frontier, Hash};

/// The parts of a tree of `size` leaves whose roots prove that the leaf at `index` is in it, in order; nothing where
/// there is no such leaf.
#[must_use]
pub fn inclusion_parts(index: u64, size: u64) -> Vec<Range<u64>> {
    let mut parts = Vec::new();
    let mut around = 0..size;
    while around.contains(&index) && around.end - around.start > 1 {
        let middle = middle(&around);
        let (left, right) = (around.start..middle, middle..around.end);
        around = if index < middle {
            parts.push(right);
            left
        } else {
            parts.push(left);
            right
        };
    }
    parts.reverse();
    parts
}

/// The parts of a tree of `new` leaves whose roots prove that it begins with the tree of its first `old` leaves, in
/// order; nothing where `old` is not between 1 and `new`.
#[must_use]
pub fn consistency_parts(old: u64, new: u64) -> Vec<Range<u64>> {
    let mut parts = Vec::new();
    if old == 0 || old > new {
        return parts;
    }
    let mut around = 0..new;
    while around.end != old {
        let middle = middle(&around);
        let (left, right) = (around.start..middle, middle..around.end);
        around = if old <= middle {
            parts.push(right);
            left
        } else {
            parts.push(left);
            right
        };
    }
    // Whoever holds the old tree's root knows the part already if it is that whole tree.
    if around.start > 0 {
        parts.push(around);
    }
    parts.reverse();
    parts
}

/// Where a part of two leaves or more splits: after the largest power of two that is smaller than it.
const fn middle(part: &Range<u64>) -> u64 {
    part.start + (1 << (part.end - part.start - 1).ilog2())
}

/// Reads the roots of parts of the tree off its leaves.
pub struct Roots {
    parts: Vec<(Range<u64>, Frontier)>,
    next: u64,
}

impl Roots {
    /// For these parts.
    #[must_use]
    pub fn of(parts: Vec<Range<u64>>) -> Self {
        Self {
            parts: parts
                .into_iter()
                .map(|part| (part, Frontier::default()))
                .collect(),
            next: 0,
        }
    }

    /// Takes the next leaf, from the first one on.
    pub fn push(&mut self, leaf: Hash) {
        for (part, frontier) in &mut self.parts {
            if part.contains(&self.next) {
                frontier.push(leaf);
            }
        }
        self.next += 1;
    }

    /// The roots, in the order of the parts.
    #[must_use]
    pub fn finish(self) -> Vec<Hash> {
        self.parts.iter().map(|(_, frontier)| frontier.root()).collect()
    }
}

/// Whether `path` proves that the tree of `size` leaves under `root` has this leaf at `index` (RFC 9162, section
/// 2.1.3.2).
#[must_use]
pub fn includes(root: &Hash, size: u64, index: u64, leaf: &Hash, path: &[Hash]) -> bool {
    if index >= size {
        return false;
    }
    let mut climb = Climb::from(index, size - 1);
    let mut found = *leaf;
    for sibling in path {
        match climb.next() {
            None => return false,
            Some(Side::Left) => found = Hash::of_node(sibling, &found),
            Some(Side::Right) => found = Hash::of_node(&found, sibling),
        }
    }
    climb.is_at_the_root() && found == *root
}

/// Whether `path` proves that the tree of `new` leaves under `new_root` begins with the tree of `old` leaves under
/// `old_root` (RFC 9162, section 2.1.4.2).
#[must_use]
pub fn extends(old: u64, old_root: &Hash, new: u64, new_root: &Hash, path: &[Hash]) -> bool {
    if old == 0 || old > new {
        return false;
    }
    if old == new {
        return path.is_empty() && old_root == new_root;
    }
    // Where the old tree is one perfect subtree of the new one, its root is the first step, and is not in the path.
    let (start, rest) = if old.is_power_of_two() {
        (old_root, path)
    } else {
        match path.split_first() {
            Some(split) => split,
            None => return false,
        }
    };
    let mut climb = Climb::from(old - 1, new - 1);
    climb.skip_right_children();
    let (mut old_found, mut new_found) = (*start, *start);
    for sibling in rest {
        match climb.next() {
            None => return false,
            Some(Side::Left) => {
                old_found = Hash::of_node(sibling, &old_found);
                new_found = Hash::of_node(sibling, &new_found);
            }
            Some(Side::Right) => new_found = Hash::of_node(&new_found, sibling),
        }
    }
    climb.is_at_the_root() && old_found == *old_root && new_found == *new_root
}

/// On which side of the way up the next hash of a path stands.
enum Side {
    Left,
    Right,
}

/// The way from a node up to the root: its place in its level, and that level's last place.
struct Climb {
    place: u64,
    last: u64,
}

impl Climb {
    const fn from(place: u64, last: u64) -> Self {
        Self { place, last }
    }

    /// One step up; `None` at the root.
    const fn next(&mut self) -> Option<Side> {
        if self.last == 0 {
            return None;
        }
        let side = if self.place & 1 == 1 || self.place == self.last {
            // A last node without a sibling rises until it has one.
            while self.place & 1 == 0 && self.place != 0 {
                self.up();
            }
            Side::Left
        } else {
            Side::Right
        };
        self.up();
        Some(side)
    }

    /// Up to the perfect subtree that ends with this node.
    const fn skip_right_children(&mut self) {
        while self.place & 1 == 1 {
            self.up();
        }
    }

    const fn up(&mut self) {
        self.place >>= 1;
        self.last >>= 1;
    }

    const fn is_at_the_root(&self) -> bool {
        self.last == 0
    }
}

#[cfg(test)]
#[path = "proof_tests.rs"]
mod tests;
