//! The purge: deletes in bounded batches that let reports in between, until nothing is left that is due.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::MissedTickBehavior;
use zeef_proto::{Clock, Logged, UnixTime};

use crate::net::Stop;
use crate::operations::Metrics;
use crate::store::{Result, Store};

/// Observations deleted in one transaction.
const BATCH: usize = 1_000;

/// What a whole purge deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PurgeReport {
    /// Observations past their term.
    pub observations: u64,
    /// Everything else past its use.
    pub other: u64,
}

/// Deletes all that is due at `now`, batch by batch, and takes it out of the write-ahead log.
///
/// # Errors
/// Those of the store; what was deleted before stays deleted, and the next run goes on.
pub async fn purge_all(store: &dyn Store, now: UnixTime) -> Result<PurgeReport> {
    let mut report = PurgeReport::default();
    loop {
        let purged = store.purge(now, BATCH).await?;
        report.observations += purged.observations;
        report.other += purged.other;
        if !purged.more {
            break;
        }
        tokio::task::yield_now().await;
    }
    // Not only after a purge: what reports and commands replaced lingers in the log as well. A reader in the way is
    // gone at the next interval.
    store.checkpoint().await?;
    Ok(report)
}

/// Purges at once and then every `interval` until the stop.
pub async fn run(
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    metrics: Arc<Metrics>,
    interval: Duration,
    mut stop: Stop,
) {
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = stop.requested() => return,
        }
        match purge_all(store.as_ref(), clock.now()).await {
            Ok(report) => {
                metrics.purged(report.observations, clock.now());
                if report.observations > 0 {
                    tracing::info!(observations = %Logged(&report.observations), "expired values were deleted");
                }
            }
            Err(error) => {
                metrics.purge_failed();
                tracing::error!(reason = %Logged(&error), "the purge failed; it is tried again at the next interval");
            }
        }
    }
}
