//! Connections for reading. Each read sees one snapshot, beside the writer and without waiting for it.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

use super::key_store::KeyStore;
use super::place::{Access, Place};
use crate::seal::KeyEncryptionKey;
use crate::store::sql::driver::Connection;
use crate::store::{Result, StoreError};

/// Reads at the same time at most.
const MOST: usize = 4;

/// One reader: the database and the key store.
pub(super) struct Reading {
    pub(super) db: Connection,
    pub(super) keys: KeyStore,
}

/// The readers, opened as they are needed.
#[derive(Clone)]
pub(super) struct Readers(Arc<Shared>);

struct Shared {
    database: Place,
    key_store: Place,
    wrapping: Arc<KeyEncryptionKey>,
    idle: Mutex<Vec<Reading>>,
    places: Semaphore,
}

impl Readers {
    pub(super) fn new(database: Place, key_store: Place, wrapping: Arc<KeyEncryptionKey>) -> Self {
        Self(Arc::new(Shared {
            database,
            key_store,
            wrapping,
            idle: Mutex::default(),
            places: Semaphore::new(MOST),
        }))
    }

    /// Runs one read in a snapshot, off the threads that serve connections.
    pub(super) async fn run<T, F>(&self, read: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&Reading) -> Result<T> + Send + 'static,
    {
        let _place = self.0.places.acquire().await.map_err(|_| StoreError::Stopping)?;
        let shared = Arc::clone(&self.0);
        let read = move || shared.run(read);
        tokio::task::spawn_blocking(read)
            .await
            .map_err(|_| StoreError::Stopping)?
    }
}

impl Shared {
    fn run<T>(&self, read: impl Fn(&Reading) -> Result<T>) -> Result<T> {
        // Not in the condition: the lock would be held while it is read.
        let idle = self.idle().pop();
        if let Some(reading) = idle {
            match self.read(reading, &read) {
                // Its server went while it was idle.
                Err(StoreError::Unreachable) => {}
                read => return read,
            }
        }
        self.read(self.open()?, &read)
    }

    fn read<T>(&self, reading: Reading, read: &impl Fn(&Reading) -> Result<T>) -> Result<T> {
        reading.db.begin_to_read()?;
        let result = read(&reading);
        // A connection that does not come back to rest is closed instead of kept.
        reading.db.commit()?;
        if !reading.keys.connection().is_closed() {
            self.idle().push(reading);
        }
        result
    }

    fn open(&self) -> Result<Reading> {
        Ok(Reading {
            db: self.database.open(Access::Read)?,
            keys: KeyStore::open_to_read(&self.key_store, Arc::clone(&self.wrapping))?,
        })
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Reading>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
