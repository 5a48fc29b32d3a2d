//! Whether the collector is ready to be sent work.

use std::sync::Arc;
use std::time::Duration;

use zeef_proto::{Clock, UnixTime};

use super::Metrics;
use crate::net::Stop;
use crate::retention::{ClockState, Lateness, Watch};
use crate::store::Store;

/// A store that takes longer to answer is as good as none.
const STORE_ANSWERS_WITHIN: Duration = Duration::from_secs(2);

/// Purges may be late by this many intervals before that is a failure.
const LATE_PURGES: u32 = 3;

/// What readiness is decided from.
pub struct Health {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    metrics: Arc<Metrics>,
    retention: Arc<Watch>,
    stop: Stop,
    started: UnixTime,
    purge_interval: Duration,
}

impl Health {
    /// The health of a collector that starts now.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        metrics: Arc<Metrics>,
        retention: Arc<Watch>,
        stop: Stop,
        purge_interval: Duration,
    ) -> Self {
        Self {
            started: clock.now(),
            store,
            clock,
            metrics,
            retention,
            stop,
            purge_interval,
        }
    }

    /// # Errors
    /// The reason why no work should be sent here.
    pub async fn ready(&self) -> Result<(), &'static str> {
        if self.stop.is_requested() {
            return Err("stopping");
        }
        let now = self.clock.now();
        if self.retention.clock() == ClockState::Ahead {
            return Err(
                "the clock jumped far ahead and deletion is held; run `zeef-collector retention status`",
            );
        }
        if self.retention.lateness(now) > Lateness::OnTime {
            return Err("expired values are still on the disk; run `zeef-collector retention status`");
        }
        let last_purge = self.metrics.last_purge().unwrap_or(self.started);
        if is_overdue(last_purge, self.purge_interval, now) {
            return Err("the purge of expired values is overdue; see the log");
        }
        match tokio::time::timeout(STORE_ANSWERS_WITHIN, self.store.newest_change()).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) => Err("the store fails; see the log"),
            Err(_) => Err("the store does not answer"),
        }
    }

    pub(super) fn metrics(&self) -> &Metrics {
        &self.metrics
    }
}

fn is_overdue(last: UnixTime, interval: Duration, now: UnixTime) -> bool {
    let allowed = interval.saturating_mul(LATE_PURGES).as_secs();
    now.since(last) > i64::try_from(allowed).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_purge_is_overdue_after_three_intervals() {
        let interval = Duration::from_secs(600);
        assert!(!is_overdue(UnixTime(0), interval, UnixTime(1_800)));
        assert!(is_overdue(UnixTime(0), interval, UnixTime(1_801)));
        assert!(!is_overdue(UnixTime(5_000), interval, UnixTime(0)));
    }
}
