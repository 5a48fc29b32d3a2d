//! From a piece to records in the spool. Blocks: on the disk, and where there is no room for as long as that lasts.

use std::io::{self, Read, Write};

use zeef_proto::wire::{About, RecordBatch};
use zeef_proto::{Clock, UnixTime};
use zeroize::Zeroizing;

use super::inputs::InputId;
use super::packer::Packer;
use super::piece::{Content, Piece};
use super::record;
use super::repeats::Repeats;
use super::rules::{Rules, Sieves};
use super::shown::Tally;
use super::spool::{Entry, Spool};
use super::unfinished::Unfinished;
use crate::sieve::{HEAD_BYTES, Minimised, Outlet, Refused, Sieve, recognise};

/// Where a piece comes from.
#[derive(Clone, Copy)]
pub(super) struct Origin<'a> {
    pub(super) input: InputId,
    pub(super) round: u64,
    pub(super) place: usize,
    pub(super) about: About,
    pub(super) tally: &'a Tally,
}

/// Minimises one piece after another.
pub(super) struct Desk {
    repeats: Repeats,
    unfinished: Unfinished,
}

impl Desk {
    /// A desk that knows of nothing yet.
    pub(super) fn new() -> Self {
        Self {
            repeats: Repeats::new(),
            unfinished: Unfinished::default(),
        }
    }

    /// Learns of a batch that waits already: what an input reads again after a crash is not sent again.
    pub(super) fn learn(&mut self, entry: &Entry, now: UnixTime) {
        let records = RecordBatch::read(&entry.body).map_or(Vec::new(), |batch| batch.records);
        let texts: Vec<_> = records.iter().map(text_of).collect();
        for (record, text) in records.iter().zip(&texts) {
            self.repeats.is_news(record, text, now);
        }
        let digests = texts.iter().map(|text| self.repeats.digest(text));
        self.unfinished.learn(&entry.head, digests);
    }

    /// Forgets what was said: nobody heard it.
    pub(super) fn forget(&mut self) {
        *self = Self::new();
    }

    /// Minimises a piece and writes what passes to the spool, with the piece's mark on the last of it.
    ///
    /// # Errors
    /// Where reading it broke off, or the agent ends.
    pub(super) fn take(
        &mut self,
        piece: Piece,
        origin: Origin<'_>,
        rules: &Rules,
        spool: &Spool,
        clock: &dyn Clock,
    ) -> io::Result<()> {
        let Piece { content, mark } = piece;
        let mut packer = Packer::new(spool, &origin, rules.policy);
        if let Some(sieves) = rules.of(origin.place) {
            let mut outlet = Records {
                packer: &mut packer,
                repeats: &mut self.repeats,
                unfinished: &mut self.unfinished,
                origin,
                now: clock.now(),
            };
            let ran = match content {
                Content::Bytes(bytes) if bytes.is_empty() => Ok(()),
                Content::Bytes(bytes) => run(sieves, &mut bytes.as_slice(), &mut outlet),
                Content::File(mut file) => run(sieves, &mut file, &mut outlet),
            };
            if let Err(error) = ran {
                // What passed until then counts as said, so that it must not be lost.
                packer.finish(None, clock.now())?;
                return Err(error);
            }
        }
        self.unfinished.finish(origin.input);
        packer.finish(mark, clock.now())
    }
}

fn run(sieves: &Sieves, input: &mut dyn Read, outlet: &mut Records<'_, '_>) -> io::Result<()> {
    let several = match sieves {
        Sieves::One(sieve) => return sift(sieve, input, outlet),
        Sieves::Auto(several) => several,
    };
    let mut head = Zeroizing::new(Vec::with_capacity(HEAD_BYTES));
    input.take(HEAD_BYTES as u64).read_to_end(&mut head)?;
    match recognise(&head, several)? {
        Some(sieve) => sift(sieve, &mut head.as_slice().chain(input), outlet),
        None => {
            outlet.origin.tally.unrecognised.add(1);
            Ok(())
        }
    }
}

fn sift(sieve: &Sieve, input: &mut dyn Read, outlet: &mut Records<'_, '_>) -> io::Result<()> {
    sieve.run(input, outlet).map(drop)
}

/// Takes what passes.
struct Records<'a, 'b> {
    packer: &'a mut Packer<'b>,
    repeats: &'a mut Repeats,
    unfinished: &'a mut Unfinished,
    origin: Origin<'b>,
    now: UnixTime,
}

impl Outlet for Records<'_, '_> {
    fn record(&mut self, minimised: &Minimised<'_>) -> io::Result<()> {
        let tally = self.origin.tally;
        let (record, dropped) = record::of(minimised, self.origin.about);
        tally.untransportable.add(dropped);
        let Some(record) = record else { return Ok(()) };
        tally.passed.add(1);
        let text = text_of(&record);
        if self
            .unfinished
            .holds(self.origin.input, self.repeats.digest(&text))
        {
            tally.repeated.add(1);
            return Ok(());
        }
        if !self.repeats.is_news(&record, &text, self.now) {
            tally.repeated.add(1);
            return Ok(());
        }
        if !self.packer.push(record, text.len())? {
            tally.refused.add(1);
        }
        Ok(())
    }

    fn refused(&mut self, _: &Refused) -> io::Result<()> {
        self.origin.tally.refused.add(1);
        Ok(())
    }
}

/// The text by which a record is measured and compared.
fn text_of<T: serde::Serialize>(record: &T) -> Zeroizing<Vec<u8>> {
    let mut text = Zeroizing::new(Vec::with_capacity(1 << 10));
    // Strings and lists of them always serialise, and memory takes all.
    drop(serde_json::to_writer(&mut *text as &mut dyn Write, record));
    text
}
