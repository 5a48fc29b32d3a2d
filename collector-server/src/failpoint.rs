//! Steps between which an installation must never be lost. With the feature `failpoints`, which no shipped program has, a
//! process that is started with `ZEEF_FAILPOINT=POINT:N` kills itself, as `kill -9` would, the N-th time that it comes to
//! that point. Without the feature a point is nothing.

use crate::backup::Step;

/// A point in the program. The name says what has just been done, or is about to be (`…ing`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// A group of transactions has begun.
    GroupBegun,
    /// One transaction of it did its work.
    JobDone,
    /// Entries were added to the ledger.
    EntriesAppended,
    /// A head over them was signed.
    HeadSigned,
    /// The key store is about to commit, before the database.
    KeyStoreCommitting,
    /// The key store has committed what it had, the database has not.
    KeyStoreCommitted,
    /// The database is about to commit.
    DatabaseCommitting,
    /// The database has committed; nobody is told yet.
    DatabaseCommitted,
    /// A data key that was due was destroyed, and this is not committed.
    KeyDestroyed,
    /// A note was passed on to the key store, and this is not committed.
    NotePassedOn,
    /// The key store has committed both.
    KeyStoreTold,
    /// The database is about to forget what was due.
    MarksForgetting,
    /// It has forgotten it.
    MarksForgotten,
    /// A caller is about to be told that its transaction is durable.
    Acknowledging,
    /// A batch of expired values was deleted.
    ValuesPurged,
    /// Devices without service were ended.
    DevicesPurged,
    /// All else that is past its use was deleted.
    RestPurged,
    /// What is deleted was taken out of the database's log or tables.
    DatabaseSettled,
    /// And out of the key store's.
    KeyStoreSettled,
    /// What was erased since was erased in an earlier copy of the database.
    CaughtUp,
    /// A number of keys were wrapped anew.
    TableRewrapped,
    /// All were, and this was committed.
    KeysRewrapped,
    /// A file is about to get another one's name.
    Renaming,
    /// It has it, and its directory is not synced.
    Renamed,
    /// All rows are in a database on a server and were read back, and this is not committed.
    Filled,
    /// A database says that it may not be opened, and this may be in its log alone.
    Closed,
    /// The keys in a file that was moved away are overwritten.
    KeysOverwritten,
    /// A file that was moved away is about to be deleted.
    SourceDeleting,
    /// All files or tables of a database that was moved away are.
    SourceDeleted,
    /// A step of a backup, a restore, a rotation or a move was done.
    Step(Step),
    /// A part of one was.
    Part,
}

impl Point {
    /// Every point.
    pub const ALL: [Self; 44] = [
        Self::GroupBegun,
        Self::JobDone,
        Self::EntriesAppended,
        Self::HeadSigned,
        Self::KeyStoreCommitting,
        Self::KeyStoreCommitted,
        Self::DatabaseCommitting,
        Self::DatabaseCommitted,
        Self::KeyDestroyed,
        Self::NotePassedOn,
        Self::KeyStoreTold,
        Self::MarksForgetting,
        Self::MarksForgotten,
        Self::Acknowledging,
        Self::ValuesPurged,
        Self::DevicesPurged,
        Self::RestPurged,
        Self::DatabaseSettled,
        Self::KeyStoreSettled,
        Self::CaughtUp,
        Self::TableRewrapped,
        Self::KeysRewrapped,
        Self::Renaming,
        Self::Renamed,
        Self::Filled,
        Self::Closed,
        Self::KeysOverwritten,
        Self::SourceDeleting,
        Self::SourceDeleted,
        Self::Step(Step::KeyMade),
        Self::Step(Step::Copied),
        Self::Step(Step::Written),
        Self::Step(Step::Verified),
        Self::Step(Step::KeysDecrypted),
        Self::Step(Step::Decrypted),
        Self::Step(Step::Replayed),
        Self::Step(Step::KeysInPlace),
        Self::Step(Step::Settled),
        Self::Step(Step::KeyWritten),
        Self::Step(Step::Rewrapped),
        Self::Step(Step::InPlace),
        Self::Step(Step::MovedAway),
        Self::Step(Step::Arrived),
        Self::Part,
    ];
}

/// The program has come to a point.
#[cfg(not(feature = "failpoints"))]
pub(crate) const fn reached(_point: Point) {}

#[cfg(feature = "failpoints")]
pub use counting::{reached, times_reached};

#[cfg(feature = "failpoints")]
mod counting {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::Point;

    /// The point at which this process dies, and at which of the times that it comes there.
    const VARIABLE: &str = "ZEEF_FAILPOINT";

    static TIMES: [AtomicU32; Point::ALL.len()] = [const { AtomicU32::new(0) }; Point::ALL.len()];
    static END: OnceLock<Option<(String, u32)>> = OnceLock::new();

    /// The program has come to a point; it may be its last.
    ///
    /// # Panics
    /// For a point that is not among [`Point::ALL`].
    pub fn reached(point: Point) {
        let times = of(point).fetch_add(1, Ordering::Relaxed) + 1;
        if let Some((name, time)) = END.get_or_init(end)
            && *time == times
            && *name == format!("{point:?}")
        {
            crate::process::kill();
        }
    }

    /// How often this process has come to a point.
    ///
    /// # Panics
    /// For a point that is not among [`Point::ALL`].
    #[must_use]
    pub fn times_reached(point: Point) -> u32 {
        of(point).load(Ordering::Relaxed)
    }

    #[expect(clippy::expect_used, reason = "for tests alone")]
    fn of(point: Point) -> &'static AtomicU32 {
        let at = Point::ALL.iter().position(|one| *one == point);
        &TIMES[at.expect("the point is among all")]
    }

    fn end() -> Option<(String, u32)> {
        let text = std::env::var(VARIABLE).ok()?;
        let (name, time) = text.rsplit_once(':')?;
        Some((name.to_owned(), time.parse().ok()?))
    }
}
