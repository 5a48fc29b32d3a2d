//! The one writer: a thread that runs waiting transactions in groups, commits each group once, and only then tells
//! their callers. What was acknowledged is therefore on the disk, and a group costs one sync.

use std::cell::RefCell;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};
use zeef_proto::Logged;

use super::cache::Cache;
use super::key_store::KeyStore;
use super::ledger::Noted;
use super::pair::pair;
use super::place::{self, Access, Kind, Place};
use super::postgres::{Lock, installation_shared};
use super::sqlite::connection::truncate_log;
use crate::failpoint::{Point, reached};
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
/// How often a group is begun again because others were in the way.
const ATTEMPTS: usize = 4;
/// Transactions that may wait.
const QUEUE: usize = 4_096;

/// The writer's side of the database.
pub(super) struct Writing {
    places: (Place, Place),
    wrapping: Arc<KeyEncryptionKey>,
    /// The database, inside the group's transaction.
    pub(super) db: Connection,
    /// The key store; what is written here is committed before the group.
    pub(super) keys: KeyStore,
    pub(super) cache: Cache,
    /// Entries that go into the ledger with the group.
    pub(super) noted: RefCell<Vec<Noted>>,
    /// The group changes what others remember.
    pub(super) changes_facts: bool,
    /// The server did not answer, or must not be written to any more.
    broken: bool,
}

impl Writing {
    /// Opens both, brings them to the newest schema and checks that they belong together.
    pub(super) fn open(database: &Place, key_store: &Place, wrapping: Arc<KeyEncryptionKey>) -> Result<Self> {
        let keys = KeyStore::open(key_store, Arc::clone(&wrapping))?;
        let db = database.open(Access::Write)?;
        place::migrate(&db, Kind::Database)?;
        pair(&db, keys.connection())?;
        Ok(Self {
            places: (database.clone(), key_store.clone()),
            wrapping,
            db,
            keys,
            cache: Cache::default(),
            noted: RefCell::default(),
            changes_facts: false,
            broken: false,
        })
    }

    /// Keeps others from having the installation alone, as long as the connection holds. Files have a lock of their own.
    pub(super) fn hold_installation(&self) -> Result<()> {
        if self.db.sqlite().is_some() || installation_shared(&self.db)? {
            Ok(())
        } else {
            Err(StoreError::BeingChanged)
        }
    }

    /// Empties the write-ahead logs; `false` where a reader was in the way.
    pub(super) fn checkpoint(&self) -> Result<bool> {
        let emptied = self.db.sqlite().map_or(Ok(true), truncate_log)?;
        reached(Point::DatabaseSettled);
        let emptied = emptied && self.keys.checkpoint()?;
        reached(Point::KeyStoreSettled);
        Ok(emptied)
    }

    /// Begins a transaction that relies on organisations, subscriptions and the policy.
    pub(super) fn begin(&mut self) -> Result<()> {
        self.begin_under(Lock::Facts)
    }

    /// Begins one that changes them.
    pub(super) fn begin_alone(&mut self) -> Result<()> {
        self.begin_under(Lock::FactsAlone)?;
        self.changes_facts = true;
        Ok(())
    }

    fn begin_under(&mut self, lock: Lock) -> Result<()> {
        self.db.begin()?;
        lock.take(&self.db)?;
        let version = self
            .db
            .prepare_cached("{PRAGMA data_version|SELECT changes FROM installation}")?
            .query_row([], |row| row.get(0))?;
        if version != self.cache.data_version {
            self.cache.clear();
            self.cache.data_version = version;
        }
        Ok(())
    }

    /// Does what comes last in a transaction.
    fn conclude(&mut self) -> Result<()> {
        self.append_noted()?;
        if std::mem::take(&mut self.changes_facts) && self.db.sqlite().is_none() {
            self.db
                .execute("UPDATE installation SET changes = changes + 1", [])?;
        }
        Ok(())
    }

    pub(super) fn commit(&mut self) -> Result<()> {
        self.conclude()?;
        self.commit_concluded()
    }

    fn commit_concluded(&mut self) -> Result<()> {
        // A key is durable before the first value that it seals.
        reached(Point::KeyStoreCommitting);
        let generation = self.keys.commit()?;
        reached(Point::KeyStoreCommitted);
        self.keep_step(generation)?;
        reached(Point::DatabaseCommitting);
        self.db.commit()?;
        reached(Point::DatabaseCommitted);
        Ok(())
    }

    pub(super) fn roll_back(&mut self) {
        self.keys.roll_back();
        self.cache.clear();
        self.noted.get_mut().clear();
        self.changes_facts = false;
        self.db.roll_back();
    }

    /// Connects again where a server has gone.
    fn reconnect(&mut self) -> Result<()> {
        if self.broken {
            self.db = self.places.0.open(Access::Write)?;
            self.hold_installation()?;
            self.keys = KeyStore::open(&self.places.1, Arc::clone(&self.wrapping))?.continuing(&self.keys);
            self.cache.clear();
            self.broken = false;
        }
        Ok(())
    }
}

/// A transaction that waits for its turn, and the caller that waits for it.
trait Job: Send {
    /// Whether it changes what others rely on.
    fn is_alone(&self) -> bool;
    /// Does its work; where the group is begun again, once more.
    fn run(&mut self, writing: &mut Writing) -> Result<()>;
    /// Tells the caller: its own result if the group was committed, the group's error otherwise.
    fn finish(self: Box<Self>, group: &Result<()>);
}

struct Transaction<F, T> {
    work: F,
    alone: bool,
    result: Option<Result<T>>,
    caller: oneshot::Sender<Result<T>>,
}

impl<T: Send, F: FnMut(&mut Writing) -> Result<T> + Send> Job for Transaction<F, T> {
    fn is_alone(&self) -> bool {
        self.alone
    }

    fn run(&mut self, writing: &mut Writing) -> Result<()> {
        let result = (self.work)(writing);
        let failed = result.as_ref().err().cloned();
        self.result = Some(result);
        failed.map_or(Ok(()), Err)
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

    /// Runs one transaction; returns once it is durable. Where the group that it is in must begin again, `work` is done
    /// again.
    pub(super) async fn run<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Writing) -> Result<T> + Send + 'static,
    {
        self.order_transaction(work, false).await
    }

    /// The same of one that changes organisations, subscriptions, holds or the policy: no other collector's transaction
    /// that relies on them runs meanwhile.
    pub(super) async fn run_alone<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Writing) -> Result<T> + Send + 'static,
    {
        self.order_transaction(work, true).await
    }

    async fn order_transaction<T, F>(&self, work: F, alone: bool) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Writing) -> Result<T> + Send + 'static,
    {
        let (caller, result) = oneshot::channel();
        self.order(Order::Run(Box::new(Transaction {
            work,
            alone,
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
            for mut group in groups(jobs) {
                let outcome = run_group(&mut writing, &mut group);
                for job in group {
                    reached(Point::Acknowledging);
                    job.finish(&outcome);
                }
            }
            committed = Some(Instant::now());
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

/// Jobs that run alone are groups of their own.
fn groups(jobs: Vec<Box<dyn Job>>) -> Vec<Vec<Box<dyn Job>>> {
    let mut groups: Vec<Vec<Box<dyn Job>>> = Vec::new();
    for job in jobs {
        match groups.last_mut() {
            Some(group) if !job.is_alone() && !group[0].is_alone() => group.push(job),
            _ => groups.push(vec![job]),
        }
    }
    groups
}

fn run_group(writing: &mut Writing, jobs: &mut [Box<dyn Job>]) -> Result<()> {
    commit_group(writing, jobs)?;
    // The deletes are durable; should this fail, the marks stay and the next group or start tries again.
    if let Err(error) = writing.finish_begun() {
        writing.roll_back();
        writing.broken = error == StoreError::Unreachable;
        tracing::error!(reason = %Logged(&error), "data keys that are due could not be destroyed yet, or noted as gone; it is tried again");
    }
    Ok(())
}

/// Runs the jobs in one transaction. As a rule none fails; where one does, all are done again, each so that its failure
/// undoes nothing of the others'.
fn commit_group(writing: &mut Writing, jobs: &mut [Box<dyn Job>]) -> Result<()> {
    let mut apart = false;
    let mut attempts = 0;
    loop {
        writing.reconnect()?;
        let Err(failure) = attempt(writing, jobs, apart) else {
            return Ok(());
        };
        writing.roll_back();
        attempts += 1;
        let (Failure::Job(error) | Failure::Group(error) | Failure::Commit(error)) = &failure;
        writing.broken = *error == StoreError::Unreachable;
        match failure {
            // Others were in the way, or the server went before it was asked to commit.
            Failure::Group(StoreError::Contended | StoreError::Unreachable)
            | Failure::Job(StoreError::Contended | StoreError::Unreachable)
                if attempts < ATTEMPTS => {}
            Failure::Job(StoreError::DiskFull) => return Err(StoreError::DiskFull),
            Failure::Job(_) if !apart => apart = true,
            Failure::Job(error) | Failure::Group(error) | Failure::Commit(error) => return Err(error),
        }
    }
}

/// Where a group failed.
enum Failure {
    /// In one of its jobs.
    Job(StoreError),
    /// Before the commit.
    Group(StoreError),
    /// In the commit: whether it happened is not known.
    Commit(StoreError),
}

fn attempt(
    writing: &mut Writing,
    jobs: &mut [Box<dyn Job>],
    apart: bool,
) -> std::result::Result<(), Failure> {
    let alone = jobs.iter().any(|job| job.is_alone());
    if alone {
        writing.begin_alone()
    } else {
        writing.begin()
    }
    .map_err(Failure::Group)?;
    reached(Point::GroupBegun);
    for job in jobs {
        if apart {
            run_apart(writing, job.as_mut()).map_err(Failure::Group)?;
        } else {
            job.run(writing).map_err(Failure::Job)?;
        }
        reached(Point::JobDone);
    }
    writing.conclude().map_err(Failure::Group)?;
    writing.commit_concluded().map_err(Failure::Commit)
}

fn run_apart(writing: &mut Writing, job: &mut dyn Job) -> Result<()> {
    let noted = writing.noted.get_mut().len();
    writing.db.execute_batch("SAVEPOINT job")?;
    match job.run(writing) {
        Ok(()) => {}
        // The transaction is lost as a whole.
        Err(error @ (StoreError::Contended | StoreError::Unreachable)) => return Err(error),
        Err(_) => {
            writing.cache.clear();
            writing.noted.get_mut().truncate(noted);
            // Where the whole transaction is gone (a full disk), this fails and the group with it.
            writing.db.execute_batch("ROLLBACK TO job")?;
        }
    }
    Ok(writing.db.execute_batch("RELEASE job")?)
}
