//! The store's time, as docs/retention.md tells it under "The clock".

use zeef_proto::UnixTime;
use zeef_proto::time::DAY;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Time {
    /// What the clock says.
    pub(super) clock: UnixTime,
    /// The latest time that the store has seen and believes.
    pub(super) believed: UnixTime,
    /// Since when the clock is not believed.
    pub(super) ahead_since: Option<UnixTime>,
}

impl Time {
    pub(super) const fn at(clock: UnixTime) -> Self {
        Self {
            clock,
            believed: clock,
            ahead_since: None,
        }
    }

    /// The clock says something else. More than a week ahead is not believed; what is behind is not followed.
    pub(super) fn set(&mut self, clock: UnixTime) {
        self.clock = clock;
        if clock.since(self.believed) > 7 * DAY {
            self.ahead_since.get_or_insert(clock);
        } else {
            self.believed = self.believed.max(clock);
            self.ahead_since = None;
        }
    }

    /// An administrator says that the clock is right.
    pub(super) fn confirm(&mut self, clock: UnixTime) {
        *self = Self::at(clock);
    }

    /// What has expired by this time is hidden.
    pub(super) fn shows(&self) -> UnixTime {
        self.clock.max(self.believed)
    }
}
