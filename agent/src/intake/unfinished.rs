//! Pieces that a crash cut off: some of their batches wait, and the input reads them again from their beginning.

use std::collections::HashMap;

use zeef_proto::wire::RecordBatch;

use super::inputs::InputId;
use super::minimise::text_of;
use super::repeats::Repeats;
use super::spool::Entry;

/// For each input, the records of its last piece that wait already, and how often.
#[derive(Default)]
pub(super) struct Unfinished(HashMap<InputId, HashMap<u64, u32>>);

impl Unfinished {
    /// What `waiting` holds of such pieces: the batches of an input behind its last mark.
    pub(super) fn among(waiting: &[Entry], repeats: &Repeats) -> Self {
        let mut unfinished: HashMap<InputId, HashMap<u64, u32>> = HashMap::new();
        for entry in waiting {
            let records = unfinished.entry(entry.head.input).or_default();
            if entry.head.mark.is_some() {
                records.clear();
                continue;
            }
            let batch = RecordBatch::read(&entry.body);
            for record in batch.iter().flat_map(|batch| &batch.records) {
                *records.entry(repeats.digest(&text_of(record))).or_default() += 1;
            }
        }
        Self(unfinished)
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
