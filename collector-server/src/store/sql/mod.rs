//! The two engines behind the store's interface, and the transactions that they share.
//!
//! * `writer`: one thread commits waiting transactions in groups; readers work beside it on snapshots;
//! * `driver`: one face for a connection of either engine, so that SQL is written once;
//! * `sqlite` and `postgres`: what only one of them has;
//! * each other file holds the transactions of one concern.
//!
//! Several processes may have the same databases open, such as collectors that share a PostgreSQL, or an
//! administrator's command beside the service: what one commits, the others see at their next transaction.

mod administration;
mod api_tokens;
mod backup;
mod batch;
mod cache;
mod catch_up;
mod columns;
mod device;
mod driver;
mod erasure;
mod facts;
mod finish;
mod inventory;
mod key_store;
mod ledger;
mod link;
mod lock;
mod moved;
mod note;
mod pair;
mod people;
mod place;
mod postgres;
mod purge;
mod readers;
mod report;
mod requests;
mod retention;
mod sign_in;
mod snapshot;
mod sqlite;
mod terms;
mod transactions;
mod transfer;
mod values;
mod views;
mod writer;

use std::sync::Arc;

use zeef_proto::Logged;

use super::Result;
use crate::seal::KeyEncryptionKey;
pub use backup::{NewBackup, accept_older_keys, backup_key, opens, prepare_restored, rewrap};
pub use catch_up::{Accepted, CaughtUp};
use key_store::Lingering;
pub use lock::Exclusive;
pub use moved::{End, Moved, arrive, close, remove};
pub use place::{Kind, Place, Server, check, generation_of};
use readers::Readers;
use retention::HighWater;
pub use sqlite::files::settle;
pub use transfer::{copy, fill};
use writer::{Writer, Writing};

/// The store on either engine. Dropping it waits until all accepted transactions are committed.
pub struct SqlStore {
    database: Place,
    key_store: Place,
    writer: Writer,
    readers: Readers,
    high_water: Arc<HighWater>,
    lingering: Lingering,
    // After the writer: it is let go of once all is committed.
    _lock: Option<lock::Shared>,
}

impl SqlStore {
    /// Opens the database and its key store, makes them where they are not there, brings them to the newest schema,
    /// deletes again what an earlier copy of the database has back, and finishes what an earlier process left half
    /// done. Blocks.
    ///
    /// # Errors
    /// [`super::StoreError::WrongKey`], [`super::StoreError::ForeignKeyStore`],
    /// [`super::StoreError::OlderKeyStore`], [`super::StoreError::NewerSchema`],
    /// [`super::StoreError::BeingChanged`], or those of the files; nothing is changed then.
    pub fn open(
        database: impl Into<Place>,
        key_store: impl Into<Place>,
        key: KeyEncryptionKey,
    ) -> Result<Self> {
        let (database, key_store) = (database.into(), key_store.into());
        match &database {
            Place::File(_) => Self::open_here(database, key_store, key),
            Place::Server(_) => apart(|| Self::open_here(database, key_store, key)),
        }
    }

    fn open_here(database: Place, key_store: Place, key: KeyEncryptionKey) -> Result<Self> {
        let lock = match &database {
            Place::File(path) => Some(lock::Shared::take(path)?),
            Place::Server(_) => None,
        };
        let wrapping = Arc::new(key);
        let mut writing = Writing::open(&database, &key_store, Arc::clone(&wrapping))?;
        writing.hold_installation()?;
        Moved::of(&writing.db)?.check()?;
        postgres::settle_changes(&writing.db)?;
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
            lingering: writing.keys.lingering(),
            writer: Writer::start(writing)?,
            readers: Readers::new(database.clone(), key_store.clone(), wrapping),
            database,
            key_store,
            high_water,
            _lock: lock,
        })
    }
}

/// Works on a thread of its own: to wait for a server is not allowed where futures run.
pub(crate) fn apart<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|threads| threads.spawn(work).join())
        .unwrap_or_else(|panicked| std::panic::resume_unwind(panicked))
}
