//! The named keys of an object, found at one look: nearly every key of a record is none of them.

use super::NodeId;

/// Keys, and where they lead, in the order in which they were added.
#[derive(Debug, Default)]
pub(super) struct Children {
    known: Vec<(Box<[u8]>, NodeId)>,
    /// At a key's slot or behind it the key's place in `known`, from 1; 0 where there is none. A sixteenth full at most.
    slots: Vec<u16>,
    /// How many bits of a hash are too many for a slot.
    shift: u32,
}

impl Children {
    /// Adds a key that is not there.
    pub(super) fn add(&mut self, key: &[u8], child: NodeId) {
        self.known.push((key.into(), child));
        let size = (16 * self.known.len()).next_power_of_two();
        if size == self.slots.len() {
            self.enter(self.known.len() - 1);
        } else {
            self.slots = vec![0; size];
            self.shift = u32::BITS - size.trailing_zeros();
            (0..self.known.len()).for_each(|place| self.enter(place));
        }
    }

    fn enter(&mut self, place: usize) {
        let mut slot = (hash(&self.known[place].0) >> self.shift) as usize;
        while self.slots[slot] != 0 {
            slot = (slot + 1) % self.slots.len();
        }
        // Nodes are counted in sixteen bits.
        self.slots[slot] = place as u16 + 1;
    }

    /// The child of a key, and its place.
    #[inline(always)]
    pub(super) fn find(&self, key: &[u8]) -> Option<(u32, NodeId)> {
        let mut slot = (hash(key) >> self.shift) as usize;
        loop {
            let place = usize::from(*self.slots.get(slot)?).checked_sub(1)?;
            let (known, child) = &self.known[place];
            if same(known, key) {
                return Some((place as u32, *child));
            }
            slot = (slot + 1) % self.slots.len();
        }
    }

    /// The key at `place`.
    pub(super) fn key(&self, place: u32) -> &[u8] {
        &self.known[place as usize].0
    }

    /// Where the keys lead.
    pub(super) fn ids(&self) -> impl Iterator<Item = NodeId> {
        self.known.iter().map(|(_, child)| *child)
    }

    pub(super) const fn len(&self) -> usize {
        self.known.len()
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.known.is_empty()
    }
}

/// Whether two keys are equal; those of at most sixteen bytes, which most are, are read at once.
#[inline(always)]
fn same(known: &[u8], key: &[u8]) -> bool {
    if known.len() != key.len() {
        return false;
    }
    match (known.first_chunk::<8>(), key.first_chunk::<8>()) {
        (Some(first), Some(other)) => {
            let ends = first == other && known.last_chunk::<8>() == key.last_chunk::<8>();
            ends && (key.len() <= 16 || known == key)
        }
        _ => known.iter().eq(key),
    }
}

/// Thirty-two bits of the length and three bytes of a key.
#[inline(always)]
fn hash(key: &[u8]) -> u32 {
    let middle = key.get(key.len() / 2).copied().unwrap_or_default();
    let [first, .., last] = key else {
        return u32::from(middle);
    };
    u32::from_le_bytes([*first, middle, *last, key.len() as u8]).wrapping_mul(0x9e37_79b1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_is_found_and_no_other() {
        let mut children = Children::default();
        assert_eq!(children.find(b"a"), None);
        // All have one slot: what differs is no part of it.
        let keys: Vec<String> = (10..99).map(|n| format!("k{n}------x--x")).collect();
        for (place, key) in keys.iter().enumerate() {
            assert_eq!(children.find(key.as_bytes()), None);
            children.add(key.as_bytes(), NodeId(place as u16));
        }
        for (place, key) in keys.iter().enumerate() {
            let found = children.find(key.as_bytes());
            assert_eq!(found, Some((place as u32, NodeId(place as u16))));
            assert_eq!(children.key(place as u32), key.as_bytes());
        }
        for none in ["", "k", "k10", "k09------x--x", "k10------x--y"] {
            assert_eq!(children.find(none.as_bytes()), None, "{none}");
        }
    }
}
