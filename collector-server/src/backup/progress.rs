//! How far long work has come, for whoever shows it.

/// A step after which a cut-off leaves something to think about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// The key of a new backup is in the key store.
    KeyMade,
    /// The database was copied as it was at one moment.
    Copied,
    /// The backup was written, under a name that is not its own yet.
    Written,
    /// The backup was read again and is whole.
    Verified,
    /// A backup of the key store was decrypted beside it.
    KeysDecrypted,
    /// A backup of the database was decrypted beside it.
    Decrypted,
    /// What was erased after the backup was erased in it.
    Replayed,
    /// The key store was replaced.
    KeysInPlace,
    /// The database that is to be replaced has nothing in its log.
    Settled,
    /// A new key-encryption key was written beside the former one.
    KeyWritten,
    /// All keys are wrapped by the new key.
    Rewrapped,
    /// The new file has its name, or what is new is in the server's database: a backup, a database, a key.
    InPlace,
    /// The database that the installation was moved from can be opened no more.
    MovedAway,
    /// The database that it was moved to can be opened.
    Arrived,
}

/// Is told how far the work has come, on whatever thread does it.
pub trait Progress: Send {
    /// A step was done.
    fn reached(&mut self, step: Step);
    /// Of the step in hand, so many parts of so many are done.
    fn part(&mut self, done: u64, total: u64);
}
