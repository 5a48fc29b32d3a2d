//! Backups: the database and the key store, each in an encrypted file of its own, and putting them back.
//!
//! * `format`: what such a file looks like;
//! * `save` makes one while the collector runs, `restore` puts one back while it does not;
//! * `draft` is a file in which a database is prepared.
//!
//! Whatever the engine, what is backed up is a file of SQLite: a backup of either can be put back on the other.
//!
//! A backup of the database holds sealed values and none of the keys that open them. Its own key is in the key store
//! and is destroyed when the backup's life is over. What was erased after it was made is erased again before anything
//! restored from it is served.

mod draft;
mod error;
mod format;
mod progress;
mod restore;
mod save;
mod unfinished;

pub(crate) use draft::Draft;
pub use error::BackupError;
pub use progress::{Progress, Step};
pub use restore::{Restored, Wanted, restore};
pub use save::{Saved, remove_leftovers, save_database, save_keys};
