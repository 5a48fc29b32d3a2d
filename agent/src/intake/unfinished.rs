//! Pieces that a crash cut off: some of their batches wait, and the input reads them again from their beginning.

use std::collections::HashMap;

use super::inputs::InputId;
use super::spool::Head;

/// For each input, the records of its last piece that wait already, and how often.
#[derive(Default)]
pub(super) struct Unfinished(HashMap<InputId, HashMap<u64, u32>>);

impl Unfinished {
    /// Learns of a batch that waits, oldest first. What stands behind the last mark of an input is unfinished.
    pub(super) fn learn(&mut self, head: &Head, records: impl Iterator<Item = u64>) {
        if head.mark.is_some() {
            self.finish(head.input);
            return;
        }
        let known = self.0.entry(head.input).or_default();
        for record in records {
            *known.entry(record).or_default() += 1;
        }
    }

    /// Whether a record that is read waits already. It is taken for that one, and not for another like it.
    pub(super) fn holds(&mut self, input: InputId, record: u64) -> bool {
        let count = self
            .0
            .get_mut(&input)
            .and_then(|records| records.get_mut(&record));
        match count {
            Some(count) if *count > 0 => {
                *count -= 1;
                true
            }
            _ => false,
        }
    }

    /// A piece of that input was read to its end.
    pub(super) fn finish(&mut self, input: InputId) {
        self.0.remove(&input);
    }
}
