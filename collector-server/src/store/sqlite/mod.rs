//! The embedded engine: SQLite, one file for the data and one for the keys.
//!
//! * `writer`: one thread commits waiting transactions in groups; readers work beside it on snapshots;
//! * each other file holds the transactions of one concern.
//!
//! Several processes may have the same files open, such as the service and an administrator's command: what one
//! commits, the others see at their next transaction.

mod administration;
mod batch;
mod cache;
mod columns;
mod connection;
mod device;
mod facts;
mod inventory;
mod key_store;
mod ledger;
mod link;
mod migrate;
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

use connection::Access;
use key_store::KeyStore;
use readers::Readers;
use retention::HighWater;
use writer::{Writer, Writing};

use super::Result;
use crate::seal::KeyEncryptionKey;

/// The store on SQLite. Dropping it waits until all accepted transactions are committed.
pub struct SqliteStore {
    writer: Writer,
    readers: Readers,
    high_water: Arc<HighWater>,
}

impl SqliteStore {
    /// Opens the database and its key store, makes them where they are not there, brings them to the newest schema
    /// and finishes what an earlier process left half done. Blocks.
    ///
    /// # Errors
    /// [`super::StoreError::WrongKey`], [`super::StoreError::ForeignKeyStore`],
    /// [`super::StoreError::NewerSchema`], or those of the files; nothing is changed then.
    pub fn open(database: &Path, key_store: &Path, key: KeyEncryptionKey) -> Result<Self> {
        let wrapping = Arc::new(key);
        let keys = KeyStore::open(key_store, Arc::clone(&wrapping))?;
        let db = connection::open(database, Access::Write)?;
        migrate::migrate(&db, &migrate::DATABASE)?;
        migrate::pair(&db, keys.connection())?;
        let high_water = Arc::new(HighWater::stored(&db)?);
        Ok(Self {
            writer: Writer::start(Writing {
                db,
                keys,
                cache: cache::Cache::default(),
            })?,
            readers: Readers::new(database, key_store, wrapping),
            high_water,
        })
    }
}
