//! Decisions that were made lately. A device writes thousands of records and is the same device in each: what was
//! taken of them is the same to the byte, and so is what passes.

use super::Minimised;
use super::decide::Outcome;
use super::record::Record;

const SLOTS: usize = 256;

/// A bounded number of decisions, each of bounded size. What was taken is wiped when it is replaced.
pub(super) struct Memo<'a> {
    slots: Vec<Slot<'a>>,
    /// About the latest record, where it is not remembered.
    passing: Option<Decision<'a>>,
}

/// A page of many devices has each of them once: only what is seen twice is remembered.
#[derive(Default)]
struct Slot<'a> {
    seen: u64,
    remembered: Option<(Record, Decision<'a>)>,
}

/// What was decided about a record.
pub(super) struct Decision<'a> {
    pub(super) minimised: Minimised<'a>,
    pub(super) outcomes: Vec<Outcome>,
}

impl<'a> Memo<'a> {
    pub(super) fn new() -> Self {
        Self {
            slots: (0..SLOTS).map(|_| Slot::default()).collect(),
            passing: None,
        }
    }

    /// The decision about a record like this; made by `decide` where it is not known.
    pub(super) fn recall(
        &mut self,
        record: &Record,
        decide: impl FnOnce() -> Decision<'a>,
    ) -> &mut Decision<'a> {
        let hash = record.hash();
        let slot = &mut self.slots[hash as usize % SLOTS];
        let known = slot.remembered.as_ref().is_some_and(|(known, _)| known == record);
        if !known {
            let again = std::mem::replace(&mut slot.seen, hash) == hash;
            let copy = if again { record.small_copy() } else { None };
            let Some(copy) = copy else {
                return self.passing.insert(decide());
            };
            slot.remembered = None;
            let mut decision = decide();
            decision.minimised.repeats = true;
            return &mut slot.remembered.insert((copy, decision)).1;
        }
        match &mut slot.remembered {
            Some((_, decision)) => decision,
            None => self.passing.insert(decide()),
        }
    }
}
