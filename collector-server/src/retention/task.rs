//! The purge at its intervals, and a look in between, while the collector runs.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Interval, MissedTickBehavior};
use zeef_proto::{Clock, Logged};

use super::lateness::{Lateness, Watch};
use super::purge::{Purge, look, purge};
use super::time::ClockState;
use crate::net::Stop;
use crate::operations::Metrics;
use crate::store::{Result, Store};

/// The latest time is noted this often. A clock that is set back while the collector is killed can show again what
/// expired within it.
const LOOK: Duration = Duration::from_secs(60);

/// What the task works with.
pub struct Purges {
    /// Where it deletes.
    pub store: Arc<dyn Store>,
    /// The clock that is judged.
    pub clock: Arc<dyn Clock>,
    /// Where it is counted.
    pub metrics: Arc<Metrics>,
    /// Whom it tells.
    pub watch: Arc<Watch>,
}

impl Purges {
    /// Purges at once and then every `interval` until the stop.
    pub async fn run(self, interval: Duration, mut stop: Stop) {
        let mut purges = ticks(interval);
        let mut looks = ticks(LOOK);
        loop {
            tokio::select! {
                biased;
                () = stop.requested() => {
                    // The next start knows the time to the second.
                    drop(self.store.observe_time(self.clock.now()).await);
                    return;
                }
                _ = purges.tick() => {
                    self.purge().await;
                    self.look_and_tell(true).await;
                }
                _ = looks.tick() => self.look_and_tell(false).await,
            }
        }
    }

    async fn purge(&self) {
        let purged = purge(self.store.as_ref(), self.clock.now()).await;
        let failure = match purged {
            Ok(Purge { run, failure }) => {
                if run.observations > 0 {
                    tracing::info!(observations = %Logged(&run.observations), "expired values were deleted");
                }
                self.metrics.purged(run.observations);
                failure
            }
            Err(error) => Some(error),
        };
        match failure {
            None => self.metrics.purge_ended(self.clock.now()),
            Some(error) => {
                self.metrics.purge_failed();
                tracing::error!(reason = %Logged(&error), "the purge failed; it is tried again at the next interval");
            }
        }
    }

    async fn look_and_tell(&self, aloud: bool) {
        // Should the store fail, what was found last stays and grows later by itself.
        if let Err(error) = self.look(aloud).await {
            tracing::error!(reason = %Logged(&error), "the time could not be noted, or what is overdue not looked up");
        }
    }

    async fn look(&self, aloud: bool) -> Result<()> {
        let now = self.clock.now();
        let noted = self.store.observe_time(now).await;
        let found = look(self.store.as_ref(), now).await?;
        let clock = found.time.state();
        self.watch.find(found.time, found.due_since);
        self.metrics.retention(clock, &found.backlog, found.due_since);
        noted?;
        if !aloud {
            return Ok(());
        }
        match clock {
            ClockState::Steady => {}
            ClockState::Back => tracing::warn!(
                latest = %Logged(&found.time.high_water),
                "the clock was set back; values go on expiring once it has caught up with the latest time"
            ),
            ClockState::Ahead => tracing::error!(
                latest = %Logged(&found.time.high_water),
                held = %Logged(&found.backlog.expired),
                "the clock jumped far ahead: what seems expired is hidden and not deleted; mend the clock, or run \
                 `zeef-collector retention confirm-clock` if it is right"
            ),
        }
        match self.watch.lateness(now) {
            Lateness::OnTime => {}
            Lateness::Overdue => tracing::error!(
                expired = %Logged(&found.backlog.expired),
                "what has expired is still on the disk; see `zeef-collector retention status`"
            ),
            Lateness::Stopped => tracing::error!(
                expired = %Logged(&found.backlog.expired),
                "what has expired is still on the disk, and no reports are taken in until it is deleted; see \
                 `zeef-collector retention status`"
            ),
        }
        Ok(())
    }
}

fn ticks(interval: Duration) -> Interval {
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}
