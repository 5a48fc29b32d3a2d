//! The embedded engine: SQLite, one file for the data and one for the keys.
//!
//! * `writer`: one thread commits waiting transactions in groups; readers work beside it on snapshots;
//! * each other file holds the transactions of one concern.
//!
//! Several processes may have the same files open, such as the service and an administrator's command: what one
//! commits, the others see at their next transaction.

mod administration;
mod backup;
mod batch;
mod cache;
mod catch_up;
mod columns;
mod connection;
mod device;
mod erasure;
mod facts;
mod finish;
mod inventory;
mod key_store;
mod ledger;
mod link;
mod lock;
mod migrate;
mod note;
mod people;
mod purge;
mod readers;
mod report;
mod retention;
mod terms;
mod transactions;
mod values;
mod writer;

use std::path::Path;
use std::sync::Arc;

pub use backup::{
    FileKind, NewBackup, accept_older_keys, backup_key, check, copy, generation_of, opens, prepare_restored,
    rewrap, settle,
};
pub use catch_up::{Accepted, CaughtUp};
pub use lock::Exclusive;

use readers::Readers;
use retention::HighWater;
use writer::{Writer, Writing};
use zeef_proto::Logged;

use super::Result;
use crate::seal::KeyEncryptionKey;

/// The store on SQLite. Dropping it waits until all accepted transactions are committed.
pub struct SqliteStore {
    writer: Writer,
    readers: Readers,
    high_water: Arc<HighWater>,
    // After the writer: it is let go of once all is committed.
    _lock: lock::Shared,
}

impl SqliteStore {
    /// Opens the database and its key store, makes them where they are not there, brings them to the newest schema,
    /// deletes again what an earlier copy of the database has back, and finishes what an earlier process left half
    /// done. Blocks.
    ///
    /// # Errors
    /// [`super::StoreError::WrongKey`], [`super::StoreError::ForeignKeyStore`],
    /// [`super::StoreError::OlderKeyStore`], [`super::StoreError::NewerSchema`],
    /// [`super::StoreError::BeingChanged`], or those of the files; nothing is changed then.
    pub fn open(database: &Path, key_store: &Path, key: KeyEncryptionKey) -> Result<Self> {
        let lock = lock::Shared::take(database)?;
        let wrapping = Arc::new(key);
        let mut writing = Writing::open(database, key_store, Arc::clone(&wrapping))?;
        let deleted = writing.catch_up()?;
        if deleted != CaughtUp::default() {
            tracing::warn!(
                devices = %Logged(&deleted.devices),
                organisations = %Logged(&deleted.organisations),
                accounts = %Logged(&deleted.users),
                revoked = %Logged(&deleted.revoked),
                usernames = %Logged(&deleted.usernames),
                unreadable = %Logged(&deleted.unreadable),
                "the database is an earlier copy; what was erased or revoked since is so again"
            );
        }
        let high_water = Arc::new(HighWater::stored(&writing.db)?);
        Ok(Self {
            writer: Writer::start(writing)?,
            readers: Readers::new(database, key_store, wrapping),
            high_water,
            _lock: lock,
        })
    }
}
