//! Whether deletion keeps up: a pure function of what is still on the disk, the time and two bounds.

use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use zeef_proto::UnixTime;

use super::time::{ClockState, StoreTime};
use crate::store::retention::Backlog;

/// How long what has expired may still be on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lags {
    /// Longer is a failure, with an alarm.
    pub overdue: Duration,
    /// Longer, and nothing more is taken in.
    pub stop: Duration,
}

/// How late deletion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lateness {
    /// Nothing expired is on the disk for longer than it may be.
    OnTime,
    /// Something is: operators are told.
    Overdue,
    /// It has been for so long that no reports are taken in.
    Stopped,
}

impl Lateness {
    /// One word, for output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OnTime => "on-time",
            Self::Overdue => "overdue",
            Self::Stopped => "stopped",
        }
    }
}

impl Lags {
    /// How late deletion is at `now`, where something has been due since `since`.
    #[must_use]
    pub fn judge(&self, since: Option<UnixTime>, now: UnixTime) -> Lateness {
        let longer = |bound: Duration| {
            since.is_some_and(|since| now.since(since) > i64::try_from(bound.as_secs()).unwrap_or(i64::MAX))
        };
        if longer(self.stop) {
            Lateness::Stopped
        } else if longer(self.overdue) {
            Lateness::Overdue
        } else {
            Lateness::OnTime
        }
    }
}

/// Since when something should be gone from the disk that is not: the oldest expired value, or what was deleted and
/// lingers in the write-ahead log. While the clock is not believed, a value counts from the jump on.
#[must_use]
pub(super) fn due_since(
    time: &StoreTime,
    backlog: &Backlog,
    log_kept_since: Option<UnixTime>,
) -> Option<UnixTime> {
    let oldest = backlog
        .oldest
        .map(|oldest| time.ahead_since.map_or(oldest, |jumped| oldest.max(jumped)));
    oldest.into_iter().chain(log_kept_since).min()
}

/// What the purge last found, for those who ask between two purges.
pub struct Watch {
    lags: Lags,
    found: RwLock<Option<Found>>,
}

#[derive(Clone, Copy)]
struct Found {
    due_since: Option<UnixTime>,
    time: StoreTime,
}

impl Watch {
    /// Nothing is found yet.
    #[must_use]
    pub const fn new(lags: Lags) -> Self {
        Self {
            lags,
            found: RwLock::new(None),
        }
    }

    /// Notes what was found.
    pub fn find(&self, time: StoreTime, due_since: Option<UnixTime>) {
        *self.found.write().unwrap_or_else(PoisonError::into_inner) = Some(Found { due_since, time });
    }

    /// How late deletion is when the clock says `now`. It grows later by itself where the purge does not come back.
    #[must_use]
    pub fn lateness(&self, now: UnixTime) -> Lateness {
        self.found().map_or(Lateness::OnTime, |found| {
            self.lags.judge(found.due_since, now.max(found.time.high_water))
        })
    }

    /// How the clock stood.
    #[must_use]
    pub fn clock(&self) -> ClockState {
        self.found()
            .map_or(ClockState::Steady, |found| found.time.state())
    }

    fn found(&self) -> Option<Found> {
        *self.found.read().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use zeef_proto::time::{DAY, HOUR};

    use super::*;

    const NOW: UnixTime = UnixTime(1_767_603_600);
    const LAGS: Lags = Lags {
        overdue: Duration::from_secs(24 * 3_600),
        stop: Duration::from_secs(72 * 3_600),
    };

    fn steady() -> StoreTime {
        StoreTime {
            now: NOW,
            high_water: NOW,
            ahead_since: None,
        }
    }

    fn backlog(oldest: Option<UnixTime>) -> Backlog {
        Backlog {
            oldest,
            ..Backlog::default()
        }
    }

    #[test]
    fn deletion_is_late_the_second_after_its_bound() {
        for (age, lateness) in [
            (0, Lateness::OnTime),
            (24 * HOUR, Lateness::OnTime),
            (24 * HOUR + 1, Lateness::Overdue),
            (72 * HOUR, Lateness::Overdue),
            (72 * HOUR + 1, Lateness::Stopped),
        ] {
            assert_eq!(LAGS.judge(Some(NOW.plus(-age)), NOW), lateness, "{age}");
        }
        assert_eq!(LAGS.judge(None, NOW), Lateness::OnTime);
    }

    #[test]
    fn what_lingers_in_the_log_is_due_like_a_value() {
        let (value, log) = (NOW.plus(-HOUR), NOW.plus(-DAY));
        assert_eq!(due_since(&steady(), &backlog(None), None), None);
        assert_eq!(due_since(&steady(), &backlog(Some(value)), None), Some(value));
        assert_eq!(due_since(&steady(), &backlog(Some(value)), Some(log)), Some(log));
    }

    #[test]
    fn while_the_clock_is_not_believed_values_are_due_from_its_jump_on() {
        let jumped = NOW.plus(365 * DAY);
        let time = StoreTime {
            now: jumped.plus(HOUR),
            high_water: NOW,
            ahead_since: Some(jumped),
        };
        assert_eq!(
            due_since(&time, &backlog(Some(NOW.plus(DAY))), None),
            Some(jumped)
        );
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_silence_the_alarm() {
        let watch = Watch::new(LAGS);
        assert_eq!(watch.lateness(NOW), Lateness::OnTime);
        watch.find(steady(), Some(NOW.plus(-25 * HOUR)));
        assert_eq!(watch.lateness(NOW.plus(-2 * DAY)), Lateness::Overdue);
        assert_eq!(watch.lateness(NOW.plus(3 * DAY)), Lateness::Stopped);
    }
}
