//! The spool at work.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use zeef_proto::{DeviceId, UnixTime};
use zeroize::Zeroizing;

use super::files::Files;
use super::key::{self, Keys};
use super::ledger::{LastSent, Ledger};
use super::sealed::{Entry, Head};
use super::unreadable;
use crate::intake::digest::Digester;
use crate::intake::inputs::InputId;
use crate::intake::piece::Mark;
use crate::intake::position::{Position, follow};
use crate::state::{StateDirectory, StateError};

/// How long a position that moved on without anything to send may be behind on disk. Losing it costs a second
/// reading and nothing else.
const LEDGER_DELAY: i64 = 30;

/// Batches that wait, shared by those who write and the one who sends.
pub struct Spool {
    shared: Mutex<Shared>,
    room: Condvar,
    news: Notify,
    digester: Digester,
}

struct Shared {
    directory: Arc<StateDirectory>,
    files: Files,
    keys: Keys,
    ledger: Ledger,
    /// When the ledger was written; `None` where it says what is remembered.
    behind_since: Option<UnixTime>,
    waiting: BTreeMap<u64, Waiting>,
    /// Where each input stands, what waits included.
    positions: BTreeMap<InputId, Position>,
    next: u64,
    bytes: u64,
    most_bytes: u64,
    damaged: u64,
    foreign: u64,
    /// How often what waited was forgotten.
    round: u64,
    closed: bool,
}

struct Waiting {
    input: InputId,
    /// What takes effect with its acknowledgement.
    marks: Vec<Mark>,
    bytes: u64,
}

/// A batch to send.
#[derive(Clone, PartialEq, Eq)]
pub struct Batch {
    /// Its number.
    pub number: u64,
    /// Its exact bytes.
    pub body: Zeroizing<Vec<u8>>,
}

/// What may be told of the spool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shown {
    /// Batches that wait.
    pub waiting: u64,
    /// What they take on disk, in bytes.
    pub bytes: u64,
    /// What they may take.
    pub most_bytes: u64,
    /// Batches that could not be opened and were passed over.
    pub damaged: u64,
    /// Files that are nothing of the spool's, and were left alone.
    pub foreign: u64,
}

/// Why a batch was not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// No room.
    #[error("the spool is full; reading goes on once the collector has acknowledged something")]
    Full,
    /// The disk did not take it.
    #[error("the spool cannot be written to ({0}); make room on the disk")]
    Disk(io::ErrorKind),
    /// The agent ends, or what waited was forgotten and is read again.
    #[error("nobody waits for this any more")]
    Over,
}

impl Spool {
    /// Opens the spool of a state directory, and makes it where there is none. What waits is shown to `each`, oldest
    /// first.
    ///
    /// # Errors
    /// Those of the state. Damaged batches and foreign files are no error: they are counted and passed over.
    pub fn open(
        directory: Arc<StateDirectory>,
        most_bytes: u64,
        now: UnixTime,
        mut each: impl FnMut(&Entry),
    ) -> Result<Self, StateError> {
        let files = Files::within(directory.path());
        files.make_folder().map_err(unwritable)?;
        let mut ledger = Ledger::read_or_lost(&directory, now)?;
        let keys = match key::read(&directory)? {
            Some(keys) => keys,
            None => key::make(&directory)?,
        };
        let found = files.find(true).map_err(unreadable)?;
        let mut shared = Shared {
            next: ledger.settled.saturating_add(1),
            positions: ledger.positions.clone(),
            waiting: BTreeMap::new(),
            behind_since: None,
            bytes: 0,
            most_bytes,
            damaged: 0,
            foreign: found.foreign,
            round: 0,
            closed: false,
            directory,
            files,
            keys,
            ledger: ledger.clone(),
        };
        for (number, bytes) in found.batches {
            if number <= ledger.settled {
                // A crash came between the acknowledgement and this, or somebody put an old file back.
                drop(shared.put_away(number));
                continue;
            }
            shared.next = shared.next.max(number.saturating_add(1));
            match shared.read(number) {
                Ok(Some(entry)) => {
                    each(&entry);
                    shared.wait(number, entry.head, bytes);
                }
                Ok(None) | Err(_) => shared.damaged += 1,
            }
        }
        // From now on no number is used that a lost ledger might have forgotten.
        ledger = shared.ledger.clone();
        ledger.write(&shared.directory)?;
        Ok(Self {
            digester: shared.keys.digester.clone(),
            shared: Mutex::new(shared),
            room: Condvar::new(),
            news: Notify::new(),
        })
    }

    /// Forgets where inputs stand that are not among these.
    ///
    /// # Errors
    /// Those of the state.
    pub fn keep_only(&self, inputs: &[InputId]) -> Result<(), StateError> {
        let mut shared = self.lock();
        let mut ledger = shared.ledger.clone();
        ledger.positions.retain(|input, _| inputs.contains(input));
        if ledger != shared.ledger {
            ledger.write(&shared.directory)?;
            shared.ledger = ledger;
        }
        Ok(())
    }

    /// What this machine recognises things by.
    #[must_use]
    pub const fn digester(&self) -> &Digester {
        &self.digester
    }

    /// How often what waited was forgotten: what was begun in one round does not go on in the next.
    #[must_use]
    pub fn round(&self) -> u64 {
        self.lock().round
    }

    /// Writes a batch durably that was begun in this `round`. `body` makes its bytes for its number.
    ///
    /// # Errors
    /// [`AppendError`]; nothing was written then, and the number is not used.
    pub fn append(
        &self,
        round: u64,
        head: Head,
        body: impl FnOnce(u64) -> Zeroizing<Vec<u8>>,
    ) -> Result<u64, AppendError> {
        let mut shared = self.lock();
        if shared.closed || shared.round != round {
            return Err(AppendError::Over);
        }
        let number = shared.next;
        let entry = Entry {
            body: body(number),
            head,
        };
        let sealed = shared.keys.seal.seal(number, &entry);
        let sealed = sealed.ok_or(AppendError::Disk(io::ErrorKind::InvalidData))?;
        let bytes = sealed.len() as u64;
        if shared.bytes.saturating_add(on_disk(bytes)) > shared.most_bytes {
            return Err(AppendError::Full);
        }
        let written = shared.files.write(number, &sealed);
        written.map_err(|error| AppendError::Disk(error.kind()))?;
        shared.next = number.saturating_add(1);
        shared.wait(number, entry.head, bytes);
        drop(shared);
        self.news.notify_one();
        Ok(number)
    }

    /// Waits until something was settled, at most so long.
    pub fn wait_for_room(&self, most: Duration) {
        let shared = self.lock();
        if !shared.closed {
            drop(self.room.wait_timeout(shared, most));
        }
    }

    /// An input has come further, in this `round`, without anything to send.
    pub fn pass(&self, round: u64, input: InputId, mark: Mark, now: UnixTime) {
        let mut shared = self.lock();
        let shared = &mut *shared;
        if shared.round != round {
            return;
        }
        shared.positions.entry(input).or_default().advance(&mark);
        let newest = shared
            .waiting
            .values_mut()
            .rev()
            .find(|waiting| waiting.input == input);
        match newest {
            Some(waiting) => follow(&mut waiting.marks, mark),
            None => {
                shared.ledger.positions.entry(input).or_default().advance(&mark);
                let since = *shared.behind_since.get_or_insert(now);
                if now.since(since).abs() >= LEDGER_DELAY {
                    shared.catch_up();
                }
            }
        }
    }

    /// Where an input stands, what waits included.
    #[must_use]
    pub fn position(&self, input: InputId) -> Position {
        self.lock().positions.get(&input).cloned().unwrap_or_default()
    }

    /// Waits until a batch was written. One that was written since the last call counts.
    pub async fn news(&self) {
        self.news.notified().await;
    }

    /// Whether something waits.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        !self.lock().waiting.is_empty()
    }

    /// The oldest batch that waits. Those that cannot be opened are passed over.
    ///
    /// # Errors
    /// Where the disk does not give it.
    pub fn front(&self) -> Result<Option<Batch>, StateError> {
        let mut shared = self.lock();
        while let Some((&number, _)) = shared.waiting.first_key_value() {
            if let Some(entry) = shared.read(number)? {
                let body = entry.body;
                return Ok(Some(Batch { number, body }));
            }
            shared.damaged += 1;
            shared.forget(number);
        }
        Ok(None)
    }

    /// The collector holds a batch: its input has come so far, durably, and then its file goes. Again has no effect.
    ///
    /// # Errors
    /// Those of the state; the batch waits as before then, and can be sent again as it was.
    pub fn settle(&self, number: u64, now: UnixTime) -> Result<(), StateError> {
        self.end(number, Some(LastSent { number, at: now }))
    }

    /// The collector will never take a batch: it goes, and its input goes on behind it.
    ///
    /// # Errors
    /// As [`Self::settle`].
    pub fn give_up(&self, number: u64) -> Result<(), StateError> {
        self.end(number, None)
    }

    fn end(&self, number: u64, sent: Option<LastSent>) -> Result<(), StateError> {
        let mut shared = self.lock();
        let Some(waiting) = shared.waiting.get(&number) else {
            return Ok(());
        };
        let mut ledger = shared.ledger.clone();
        let position = ledger.positions.entry(waiting.input).or_default();
        for mark in &waiting.marks {
            position.advance(mark);
        }
        ledger.settled = ledger.settled.max(number);
        ledger.last = sent.or(ledger.last);
        ledger.write(&shared.directory)?;
        shared.ledger = ledger;
        shared.behind_since = None;
        shared.put_away(number).map_err(unwritable)?;
        shared.forget(number);
        drop(shared);
        self.room.notify_all();
        Ok(())
    }

    /// Sends as `device` from now on. Where that is another than before, what waits was read by the one that it was
    /// taken for: it goes, and is read again. True then.
    ///
    /// # Errors
    /// Those of the state.
    pub fn speak_as(&self, device: DeviceId) -> Result<bool, StateError> {
        let mut shared = self.lock();
        match shared.ledger.device {
            Some(before) if before == device => Ok(false),
            Some(_) => {
                drop(shared);
                self.discard(Some(device)).map(|()| true)
            }
            None => {
                let mut ledger = shared.ledger.clone();
                ledger.device = Some(device);
                ledger.write(&shared.directory)?;
                shared.ledger = ledger;
                shared.behind_since = None;
                Ok(false)
            }
        }
    }

    /// Forgets what waits, durably, and that any of it was read.
    ///
    /// # Errors
    /// Those of the state.
    pub fn discard(&self, device: Option<DeviceId>) -> Result<(), StateError> {
        let mut shared = self.lock();
        let mut ledger = shared.ledger.clone();
        ledger.device = device;
        ledger.settled = shared.next.saturating_sub(1);
        ledger.last = None;
        ledger.write(&shared.directory)?;
        shared.ledger = ledger;
        shared.behind_since = None;
        for number in std::mem::take(&mut shared.waiting).into_keys() {
            // One that stays is known as settled at the next start.
            drop(shared.files.remove(number));
        }
        drop(shared.files.remove_last());
        shared.bytes = 0;
        shared.round += 1;
        shared.positions = shared.ledger.positions.clone();
        drop(shared);
        self.room.notify_all();
        Ok(())
    }

    /// Nothing is written any more, and nobody waits for room.
    pub fn close(&self) {
        let mut shared = self.lock();
        shared.closed = true;
        shared.catch_up();
        drop(shared);
        self.room.notify_all();
    }

    /// What may be told of it.
    #[must_use]
    pub fn shown(&self) -> Shown {
        let shared = self.lock();
        Shown {
            waiting: shared.waiting.len() as u64,
            bytes: shared.bytes,
            most_bytes: shared.most_bytes,
            damaged: shared.damaged,
            foreign: shared.foreign,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    /// Reads a batch; `None` where it is not what was written.
    fn read(&self, number: u64) -> Result<Option<Entry>, StateError> {
        match self.files.read(number) {
            Ok(sealed) => Ok(self.keys.seal.open(number, sealed)),
            // Gone, or something else in its place.
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::InvalidInput | io::ErrorKind::PermissionDenied
                ) =>
            {
                Ok(None)
            }
            Err(error) => Err(unreadable(error)),
        }
    }

    fn wait(&mut self, number: u64, head: Head, bytes: u64) {
        let Head { input, mark } = head;
        if let Some(mark) = &mark {
            self.positions.entry(input).or_default().advance(mark);
        }
        let bytes = on_disk(bytes);
        self.bytes = self.bytes.saturating_add(bytes);
        let marks = mark.into_iter().collect();
        self.waiting.insert(number, Waiting { input, marks, bytes });
    }

    fn forget(&mut self, number: u64) {
        if let Some(waiting) = self.waiting.remove(&number) {
            self.bytes = self.bytes.saturating_sub(waiting.bytes);
        }
    }

    /// Takes the file of a settled batch out of the way; the last that was sent can still be shown.
    fn put_away(&self, number: u64) -> io::Result<()> {
        match self.ledger.last {
            Some(last) if last.number == number => self.files.keep_as_last(number),
            _ => self.files.remove(number),
        }
    }

    /// Writes the ledger where it is behind. What fails is tried again with the next position.
    fn catch_up(&mut self) {
        if self.behind_since.is_some() && self.ledger.write(&self.directory).is_ok() {
            self.behind_since = None;
        }
    }
}

impl std::fmt::Debug for Batch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Batch")
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

/// What a file of so many bytes takes: small ones a block each, which bounds their number too.
const fn on_disk(bytes: u64) -> u64 {
    const BLOCK: u64 = 4096;
    bytes.div_ceil(BLOCK).saturating_mul(BLOCK)
}

#[expect(clippy::needless_pass_by_value, reason = "the form that map_err wants")]
fn unwritable(error: io::Error) -> StateError {
    StateError::Write {
        file: "spool",
        kind: error.kind(),
    }
}
