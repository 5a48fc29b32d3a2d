//! Decisions that were made lately. A device writes thousands of records and is the same device in each: what was
//! taken of them is the same to the byte, and so is what passes.

use super::Minimised;
use super::decide::Outcome;
use super::record::Record;

const SLOTS: usize = 256;

/// A bounded number of decisions, each of bounded size. What was taken is wiped when it is replaced.
pub(super) struct Memo<'a>(Vec<Option<Decision<'a>>>);

/// What was taken of a record, and what was decided about it.
pub(super) struct Decision<'a> {
    taken: Option<Record>,
    pub(super) minimised: Minimised<'a>,
    pub(super) outcomes: Vec<Outcome>,
}

impl<'a> Memo<'a> {
    pub(super) fn new() -> Self {
        Self((0..SLOTS).map(|_| None).collect())
    }

    /// The decision about a record like this; made by `decide` where it is not known.
    pub(super) fn recall(
        &mut self,
        record: &Record,
        decide: impl FnOnce() -> (Minimised<'a>, Vec<Outcome>),
    ) -> &mut Decision<'a> {
        let slot = &mut self.0[record.hash() as usize % SLOTS];
        let known = slot
            .as_ref()
            .is_some_and(|decision| decision.taken.as_ref() == Some(record));
        if !known {
            *slot = None;
        }
        slot.get_or_insert_with(|| {
            let (minimised, outcomes) = decide();
            Decision {
                taken: record.small_copy(),
                minimised,
                outcomes,
            }
        })
    }
}
