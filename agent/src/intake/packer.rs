//! Records in batches, as many as a message takes, written to the spool as they fill.

use std::io;
use std::time::Duration;

use zeef_proto::UnixTime;
use zeef_proto::wire::{MAX_BODY, MAX_RECORDS, RecordBatch, SourceRecord, VERSION};
use zeroize::Zeroizing;

use super::inputs::InputId;
use super::minimise::Origin;
use super::piece::Mark;
use super::shown::Tally;
use super::spool::{AppendError, Head, Spool};
use crate::report::version;

/// How long to wait before a disk that took nothing is tried again, unless something was settled before.
const RETRY: Duration = Duration::from_secs(30);

/// The largest number, for its length.
const LONGEST: u64 = (1 << 53) - 1;

/// The batches of one piece.
pub(super) struct Packer<'a> {
    spool: &'a Spool,
    tally: &'a Tally,
    round: u64,
    input: InputId,
    policy: u64,
    envelope: usize,
    records: Vec<SourceRecord>,
    bytes: usize,
}

impl<'a> Packer<'a> {
    pub(super) fn new(spool: &'a Spool, origin: &Origin<'a>, policy: u64) -> Self {
        Self {
            spool,
            tally: origin.tally,
            round: origin.round,
            input: origin.input,
            policy,
            envelope: batch(LONGEST, policy, Vec::new()).to_bytes().len(),
            records: Vec::new(),
            bytes: 0,
        }
    }

    /// Takes a record, whose text has so many bytes. False where no message has room for it.
    ///
    /// # Errors
    /// Where the agent ends before there was room for the batch before it.
    pub(super) fn push(&mut self, record: SourceRecord, bytes: usize) -> io::Result<bool> {
        let room = MAX_BODY.saturating_sub(self.envelope);
        // With the comma.
        let bytes = bytes + 1;
        if bytes > room {
            return Ok(false);
        }
        if self.records.len() == MAX_RECORDS || self.bytes + bytes > room {
            self.write(None)?;
        }
        self.records.push(record);
        self.bytes += bytes;
        Ok(true)
    }

    /// Ends the piece: its mark goes with the last batch, or by itself where there is none.
    ///
    /// # Errors
    /// Where the agent ends before there was room.
    pub(super) fn finish(mut self, mark: Option<Mark>, now: UnixTime) -> io::Result<()> {
        match (self.records.is_empty(), mark) {
            (false, mark) => self.write(mark),
            (true, Some(mark)) => {
                self.spool.pass(self.round, self.input, mark, now);
                Ok(())
            }
            (true, None) => Ok(()),
        }
    }

    /// Waits for room, however long that takes.
    fn write(&mut self, mark: Option<Mark>) -> io::Result<()> {
        let records = std::mem::take(&mut self.records);
        self.bytes = 0;
        let mut content = batch(0, self.policy, records);
        let head = Head {
            input: self.input,
            mark,
        };
        loop {
            let appended = self.spool.append(self.round, head.clone(), |number| {
                content.sequence = number;
                Zeroizing::new(content.to_bytes())
            });
            match appended {
                Ok(_) => {
                    self.tally.waits_for(None);
                    return Ok(());
                }
                Err(AppendError::Over) => return Err(io::ErrorKind::Interrupted.into()),
                Err(error) => {
                    self.tally.waits_for(Some(error));
                    self.spool.wait_for_room(RETRY);
                }
            }
        }
    }
}

fn batch(sequence: u64, policy: u64, records: Vec<SourceRecord>) -> RecordBatch {
    RecordBatch {
        wire: VERSION,
        sequence,
        policy,
        agent: version(),
        records,
    }
}
