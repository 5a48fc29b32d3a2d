//! A sorted order over the index, brought up to date with few changes in one pass.

use std::cmp::{Ordering, Reverse};

use super::entry::Entry;
use super::query::{Column, Sort};

/// What orders read: entries by slot, and organisations' sort keys by number.
pub(super) struct Slots<'a> {
    pub(super) entries: &'a [Option<Entry>],
    pub(super) tenants: &'a [Box<[u8]>],
}

/// Slots in the order of one column. Changed slots are noted, and put in place when the order is next used.
pub(super) struct Order {
    column: Column,
    sorted: Vec<u32>,
    changed: Vec<u32>,
    /// So much changed that sorting all is cheaper.
    stale: bool,
}

impl Order {
    pub(super) const fn new(column: Column) -> Self {
        Self {
            column,
            sorted: Vec::new(),
            changed: Vec::new(),
            stale: false,
        }
    }

    pub(super) fn note_change(&mut self, slot: u32) {
        if self.stale {
            return;
        }
        self.changed.push(slot);
        if self.changed.len() > self.sorted.len() / 8 + 64 {
            self.note_all_changed();
        }
    }

    pub(super) fn note_all_changed(&mut self) {
        self.stale = true;
        self.changed.clear();
    }

    /// Puts what changed in its place.
    pub(super) fn settle(&mut self, slots: &Slots<'_>) {
        let column = self.column;
        let live = |slot: &u32| slots.entry(*slot).is_some();
        if self.stale {
            let all = 0..u32::try_from(slots.entries.len()).unwrap_or(u32::MAX);
            self.sorted.clear();
            self.sorted.extend(all.filter(live));
            self.sorted.sort_unstable_by(|a, b| slots.compare(column, *a, *b));
            self.stale = false;
            return;
        }
        if self.changed.is_empty() {
            return;
        }
        let mut changed = std::mem::take(&mut self.changed);
        changed.sort_unstable();
        changed.dedup();
        self.sorted.retain(|slot| changed.binary_search(slot).is_err());
        changed.retain(live);
        changed.sort_unstable_by(|a, b| slots.compare(column, *a, *b));
        self.sorted = merge(&self.sorted, &changed, |a, b| slots.compare(column, a, b));
    }

    /// The slots, one way or the other; those without a value in the column last either way.
    pub(super) fn run<'a>(&'a self, sort: Sort, slots: &Slots<'_>) -> Box<dyn Iterator<Item = u32> + 'a> {
        let with = self.sorted.partition_point(|slot| {
            slots
                .entry(*slot)
                .is_some_and(|entry| has_key(self.column, entry))
        });
        let (with, without) = self.sorted.split_at(with);
        if sort.reversed {
            Box::new(with.iter().rev().chain(without).copied())
        } else {
            Box::new(self.sorted.iter().copied())
        }
    }
}

fn merge(one: &[u32], other: &[u32], compare: impl Fn(u32, u32) -> Ordering) -> Vec<u32> {
    let mut merged = Vec::with_capacity(one.len() + other.len());
    let mut rest = one;
    for slot in other {
        let before = rest.partition_point(|held| compare(*held, *slot).is_lt());
        merged.extend_from_slice(&rest[..before]);
        merged.push(*slot);
        rest = &rest[before..];
    }
    merged.extend_from_slice(rest);
    merged
}

const fn has_key(column: Column, entry: &Entry) -> bool {
    match column {
        Column::Name => entry.name.is_some(),
        Column::Organisation => true,
        Column::User => entry.user.is_some(),
        Column::Address => entry.address.is_some(),
        Column::Mac => entry.mac.is_some(),
        Column::LastContact => entry.last_contact.is_some(),
    }
}

impl Slots<'_> {
    fn entry(&self, slot: u32) -> Option<&Entry> {
        self.entries.get(slot as usize)?.as_ref()
    }

    /// By the column, then by name, then by id, so that every order is total and stays the same.
    fn compare(&self, column: Column, a: u32, b: u32) -> Ordering {
        let (Some(a), Some(b)) = (self.entry(a), self.entry(b)) else {
            return Ordering::Equal;
        };
        let by_column = match column {
            Column::Name => Ordering::Equal,
            Column::Organisation => self.tenant(a).cmp(&self.tenant(b)),
            Column::User => present_first(a.user.as_ref(), b.user.as_ref()),
            Column::Address => present_first(a.address.as_ref(), b.address.as_ref()),
            Column::Mac => present_first(a.mac.as_ref(), b.mac.as_ref()),
            Column::LastContact => present_first(
                a.last_contact.map(Reverse).as_ref(),
                b.last_contact.map(Reverse).as_ref(),
            ),
        };
        by_column
            .then_with(|| present_first(a.name.as_ref(), b.name.as_ref()))
            .then_with(|| (a.device, a.organisation).cmp(&(b.device, b.organisation)))
    }

    fn tenant(&self, entry: &Entry) -> Option<&[u8]> {
        self.tenants.get(entry.tenant as usize).map(AsRef::as_ref)
    }
}

fn present_first<T: Ord>(a: Option<&T>, b: Option<&T>) -> Ordering {
    a.is_none().cmp(&b.is_none()).then_with(|| a.cmp(&b))
}
