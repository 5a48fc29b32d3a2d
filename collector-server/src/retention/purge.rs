//! The purge: deletes in bounded batches that let reports in between, until nothing is left that is due.

use zeef_proto::UnixTime;

use super::lateness::due_since;
use super::silence::follow_up;
use super::time::StoreTime;
use crate::store::retention::{Backlog, PurgeRun};
use crate::store::{Result, Store, StoreError};

/// Observations deleted in one transaction.
const BATCH: usize = 1_000;

/// What a whole purge did.
#[derive(Debug)]
pub struct Purge {
    /// What it deleted, until it ended or failed.
    pub run: PurgeRun,
    /// Why it did not come to its end.
    pub failure: Option<StoreError>,
}

/// Deletes all that is due, batch by batch, takes it out of the write-ahead log, and notes what was done. What a clock
/// that is not believed makes due is left.
///
/// # Errors
/// Those of the store where even the time could not be noted; nothing was deleted then. A purge that fails later says
/// so in what it returns: what was deleted stays deleted, and the next run goes on.
pub async fn purge(store: &dyn Store, now: UnixTime) -> Result<Purge> {
    let time = store.observe_time(now).await?;
    let before = store.last_purge().await?;
    let mut run = PurgeRun {
        ended_at: now,
        completed: true,
        observations: 0,
        other: 0,
        log_kept_since: before.and_then(|before| before.log_kept_since),
    };
    let failure = delete(store, time.deletes(), &mut run).await.err();
    run.completed = failure.is_none();
    // A purge that cannot be noted is one that failed.
    let failure = store.record_purge(run).await.err().or(failure);
    Ok(Purge { run, failure })
}

async fn delete(store: &dyn Store, until: UnixTime, run: &mut PurgeRun) -> Result<()> {
    loop {
        let purged = store.purge(until, BATCH).await?;
        run.observations += purged.observations;
        run.other += purged.other;
        if !purged.more {
            break;
        }
        tokio::task::yield_now().await;
    }
    run.other += follow_up(store, until).await?;
    // Not only after a purge: what reports and commands replaced lingers in the log as well.
    run.log_kept_since = if store.checkpoint().await? {
        None
    } else {
        run.log_kept_since.or(Some(run.ended_at))
    };
    Ok(())
}

/// What should be gone and is not.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// How far time has come.
    pub time: StoreTime,
    /// Values that have expired by then.
    pub backlog: Backlog,
    /// What the last purge did.
    pub last: Option<PurgeRun>,
    /// Since when something should be gone that is not.
    pub due_since: Option<UnixTime>,
}

/// Looks what should be gone and is not. Changes nothing, so that it can be asked of a full disk as well.
///
/// # Errors
/// Those of the store.
pub async fn look(store: &dyn Store, now: UnixTime) -> Result<Look> {
    let time = store.time(now).await?;
    let backlog = store.backlog(time.shows()).await?;
    let last = store.last_purge().await?;
    let log_kept_since = last.and_then(|last| last.log_kept_since);
    Ok(Look {
        time,
        backlog,
        last,
        due_since: due_since(&time, &backlog, log_kept_since),
    })
}
