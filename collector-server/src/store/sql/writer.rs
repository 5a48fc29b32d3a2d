//! The one writer: a thread that runs waiting transactions in groups, commits each group once, and only then tells
//! their callers. What was acknowledged is therefore on the disk, and a group costs one sync.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};
use zeef_proto::Logged;

use super::cache::Cache;
use super::key_store::KeyStore;
use super::pair::pair;
use super::place::{self, Access, Kind, Place};
use super::sqlite::connection::truncate_log;
use crate::seal::KeyEncryptionKey;
use crate::store::sql::driver::Connection;
use crate::store::{Result, StoreError};

/// Transactions that are committed together at most.
const GROUP: usize = 512;
/// A group with fewer waits for company if the last one has only just been committed: a commit costs as much as
/// several transactions, and agents do not notice two milliseconds.
const COMPANY: usize = 32;
const WAIT_FOR_COMPANY: Duration = Duration::from_millis(2);
/// Commits closer together than this are a load.
const ONLY_JUST: Duration = Duration::from_millis(10);
/// Transactions that may wait.
const QUEUE: usize = 4_096;

/// The writer's side of the database.
pub(super) struct Writing {
    /// The database, inside the group's transaction.
    pub(super) db: Connection,
    /// The key store; what is written here is committed before the group.
    pub(super) keys: KeyStore,
    pub(super) cache: Cache,
}

impl Writing {
    /// Opens both files, brings them to the newest schema and checks that they belong together.
    pub(super) fn open(database: &Place, key_store: &Place, wrapping: Arc<KeyEncryptionKey>) -> Result<Self> {
        let keys = KeyStore::open(key_store, wrapping)?;
        let db = database.open(Access::Write)?;
        place::migrate(&db, Kind::Database)?;
        pair(&db, keys.connection())?;
        Ok(Self {
            db,
            keys,
            cache: Cache::default(),
        })
    }

    /// Empties the write-ahead logs; `false` where a reader was in the way.
    pub(super) fn checkpoint(&self) -> Result<bool> {
        Ok(self.db.sqlite().map_or(Ok(true), truncate_log)? && self.keys.checkpoint()?)
    }

    pub(super) fn begin(&mut self) -> Result<()> {
        self.db.begin()?;
        let version = self
            .db
            .prepare_cached("PRAGMA data_version")?
            .query_row([], |row| row.get(0))?;
        if version != self.cache.data_version {
            self.cache.clear();
            self.cache.data_version = version;
        }
        Ok(())
    }

    pub(super) fn commit(&mut self) -> Result<()> {
        // A key is durable before the first value that it seals.
        let generation = self.keys.commit()?;
        self.keep_step(generation)?;
        Ok(self.db.commit()?)
    }

    pub(super) fn roll_back(&mut self) {
        self.keys.roll_back();
        self.cache.clear();
        self.db.roll_back();
    }
}

/// A transaction that waits for its turn, and the caller that waits for it.
trait Job: Send {
    fn run(&mut self, writing: &mut Writing) -> Result<()>;
    /// Tells the caller: its own result if the group was committed, the group's error otherwise.
    fn finish(self: Box<Self>, group: &Result<()>);
}

struct Transaction<F, T> {
    work: Option<F>,
    result: Option<Result<T>>,
    caller: oneshot::Sender<Result<T>>,
}

impl<T: Send, F: FnOnce(&mut Writing) -> Result<T> + Send> Job for Transaction<F, T> {
    fn run(&mut self, writing: &mut Writing) -> Result<()> {
        let Some(work) = self.work.take() else {
            return Ok(());
        };
        // One transaction's failure undoes nothing of the others'.
        writing.db.prepare_cached("SAVEPOINT job")?.execute([])?;
        let result = work(writing);
        if result.is_err() {
            writing.cache.clear();
            // Where the whole transaction is gone (a full disk), this fails and the group with it.
            writing.db.execute_batch("ROLLBACK TO job")?;
        }
        writing.db.prepare_cached("RELEASE job")?.execute([])?;
        self.result = Some(result);
        Ok(())
    }

    fn finish(self: Box<Self>, group: &Result<()>) {
        let result = match (group, self.result) {
            (Ok(()), Some(result)) => result,
            // What failed by itself says why better than the group that failed with it.
            (Err(_), Some(Err(own))) => Err(own),
            (Err(error), _) => Err(error.clone()),
            (Ok(()), None) => Err(StoreError::Stopping),
        };
        // A caller that went away does not undo what was committed.
        drop(self.caller.send(result));
    }
}

enum Order {
    Run(Box<dyn Job>),
    Checkpoint(oneshot::Sender<Result<bool>>),
}

/// The callers' side.
pub(super) struct Writer {
    orders: Option<mpsc::Sender<Order>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread; finishes first what an earlier process left half done.
    pub(super) fn start(mut writing: Writing) -> Result<Self> {
        writing.finish_begun()?;
        let (orders, waiting) = mpsc::channel(QUEUE);
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || serve(writing, waiting))
            .map_err(|_| StoreError::Database("no thread can be started".to_owned()))?;
        Ok(Self {
            orders: Some(orders),
            thread: Some(thread),
        })
    }

    /// Runs one transaction; returns once it is durable.
    pub(super) async fn run<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Writing) -> Result<T> + Send + 'static,
    {
        let (caller, result) = oneshot::channel();
        self.order(Order::Run(Box::new(Transaction {
            work: Some(work),
            result: None,
            caller,
        })))?;
        result.await.map_err(|_| StoreError::Stopping)?
    }

    /// Empties the write-ahead logs; `false` where a reader was in the way.
    pub(super) async fn checkpoint(&self) -> Result<bool> {
        let (caller, result) = oneshot::channel();
        self.order(Order::Checkpoint(caller))?;
        result.await.map_err(|_| StoreError::Stopping)?
    }

    fn order(&self, order: Order) -> Result<()> {
        let orders = self.orders.as_ref().ok_or(StoreError::Stopping)?;
        orders.try_send(order).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => StoreError::Busy,
            mpsc::error::TrySendError::Closed(_) => StoreError::Stopping,
        })
    }
}

impl Drop for Writer {
    /// Waits until every transaction that was accepted is committed.
    fn drop(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

fn serve(mut writing: Writing, mut waiting: mpsc::Receiver<Order>) {
    let mut orders = Vec::with_capacity(GROUP);
    let mut committed: Option<Instant> = None;
    while waiting.blocking_recv_many(&mut orders, GROUP) > 0 {
        if orders.len() < COMPANY && committed.is_some_and(|at| at.elapsed() < ONLY_JUST) {
            wait_for_company();
            while orders.len() < GROUP
                && let Ok(order) = waiting.try_recv()
            {
                orders.push(order);
            }
        }
        let mut jobs = Vec::with_capacity(orders.len());
        let mut checkpoints = Vec::new();
        for order in orders.drain(..) {
            match order {
                Order::Run(job) => jobs.push(job),
                Order::Checkpoint(caller) => checkpoints.push(caller),
            }
        }
        if !jobs.is_empty() {
            let outcome = run_group(&mut writing, &mut jobs);
            committed = Some(Instant::now());
            for job in jobs {
                job.finish(&outcome);
            }
        }
        for caller in checkpoints {
            drop(caller.send(writing.checkpoint()));
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "what is waited for is time itself; a wake-up for each arrival would cost what the group saves"
)]
fn wait_for_company() {
    std::thread::sleep(WAIT_FOR_COMPANY);
}

fn run_group(writing: &mut Writing, jobs: &mut [Box<dyn Job>]) -> Result<()> {
    let committed = (|| {
        writing.begin()?;
        for job in &mut *jobs {
            job.run(writing)?;
        }
        writing.commit()
    })();
    if committed.is_err() {
        writing.roll_back();
        return committed;
    }
    // The deletes are durable; should this fail, the marks stay and the next group or start tries again.
    if let Err(error) = writing.finish_begun() {
        writing.roll_back();
        tracing::error!(reason = %Logged(&error), "data keys that are due could not be destroyed yet, or noted as gone; it is tried again");
    }
    Ok(())
}
