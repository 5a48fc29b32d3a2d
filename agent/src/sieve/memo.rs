//! Decisions that were made lately. A device writes thousands of records and is the same device in each: what was
//! taken of them is the same to the byte, and so is what passes.

use zeef_proto::policy::ProductId;

use super::Minimised;
use super::decide::Outcome;
use super::record::Record;

const SLOTS: usize = 256;

/// A bounded number of decisions, each of bounded size. What was taken is wiped when it is replaced.
pub(super) struct Memo<'a> {
    slots: Vec<Slot<'a>>,
    /// About the latest record that is not remembered; its room is used again.
    passing: Decision<'a>,
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
    /// For each outcome the value as it passed, where somebody wants an explanation; else empty.
    pub(super) passed: Vec<Option<String>>,
}

impl<'a> Decision<'a> {
    fn nothing(source: &'a str, product: &'a ProductId) -> Self {
        Self {
            minimised: Minimised::nothing(source, product),
            outcomes: Vec::new(),
            passed: Vec::new(),
        }
    }
}

impl<'a> Memo<'a> {
    /// Of decisions about records of `source`, under the policy rows of `product`.
    pub(super) fn new(source: &'a str, product: &'a ProductId) -> Self {
        Self {
            slots: (0..SLOTS).map(|_| Slot::default()).collect(),
            passing: Decision::nothing(source, product),
        }
    }

    /// The decision about a record like this; made by `decide` where it is not known.
    pub(super) fn recall(
        &mut self,
        record: &Record,
        decide: impl FnOnce(&mut Decision<'a>),
    ) -> &mut Decision<'a> {
        let hash = record.hash();
        let slot = &mut self.slots[hash as usize % SLOTS];
        let known = slot.remembered.as_ref().is_some_and(|(known, _)| known == record);
        if !known {
            let again = std::mem::replace(&mut slot.seen, hash) == hash;
            let copy = if again { record.small_copy() } else { None };
            let Some(copy) = copy else {
                decide(&mut self.passing);
                return &mut self.passing;
            };
            let Minimised { source, product, .. } = self.passing.minimised;
            let mut decision = Decision::nothing(source, product);
            decide(&mut decision);
            decision.minimised.repeats = true;
            slot.remembered = Some((copy, decision));
        }
        match &mut slot.remembered {
            Some((_, decision)) => decision,
            None => &mut self.passing,
        }
    }
}
