//! How far the store's time has come, and what a clock that is set back or forward means for it.
//!
//! What has expired once stays expired: reads and purges use the latest time that was seen. A clock that is suddenly
//! far ahead hides what seems expired, but deletes nothing until an administrator says that it is right.

use zeef_proto::time::DAY;
use zeef_proto::{UnixTime, log_safe_by_display};

/// A step forward that needs no confirmation, in seconds. A collector may have been off that long.
pub const LONGEST_STEP: i64 = 7 * DAY;

/// A step back that is no more than a clock being set right, in seconds.
const SLIGHT: i64 = 300;

/// How the clock stands to the latest time that was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockState {
    /// It goes on.
    Steady,
    /// It was set back. The store stays at the latest time until the clock has caught up.
    Back,
    /// It is more than [`LONGEST_STEP`] ahead. Nothing is deleted until that is confirmed.
    Ahead,
}

impl ClockState {
    /// One word, for output and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Steady => "steady",
            Self::Back => "set-back",
            Self::Ahead => "ahead",
        }
    }
}

impl std::fmt::Display for ClockState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

log_safe_by_display!(ClockState);

/// How a clock that says `now` stands to the latest time that was seen; steady where none was.
#[must_use]
pub const fn judge(high_water: Option<UnixTime>, now: UnixTime) -> ClockState {
    match high_water {
        Some(high_water) if now.since(high_water) > LONGEST_STEP => ClockState::Ahead,
        Some(high_water) if high_water.since(now) > SLIGHT => ClockState::Back,
        _ => ClockState::Steady,
    }
}

/// The store's time at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreTime {
    /// What the clock says.
    pub now: UnixTime,
    /// The latest time that was seen and believed, this one included.
    pub high_water: UnixTime,
    /// Since when the clock is too far ahead to be believed, by that clock.
    pub ahead_since: Option<UnixTime>,
}

impl StoreTime {
    /// How the clock stands.
    #[must_use]
    pub const fn state(&self) -> ClockState {
        judge(Some(self.high_water), self.now)
    }

    /// What has expired by this time is not shown.
    #[must_use]
    pub fn shows(&self) -> UnixTime {
        self.now.max(self.high_water)
    }

    /// What has expired by this time is deleted.
    #[must_use]
    pub const fn deletes(&self) -> UnixTime {
        self.high_water
    }
}

/// What is kept of the time after the clock said `now`: the latest time believed, and since when a later one is not.
#[must_use]
pub fn observe(
    high_water: Option<UnixTime>,
    ahead_since: Option<UnixTime>,
    now: UnixTime,
) -> (UnixTime, Option<UnixTime>) {
    match (judge(high_water, now), high_water) {
        (ClockState::Ahead, Some(high_water)) => (high_water, Some(ahead_since.unwrap_or(now))),
        (_, Some(high_water)) => (high_water.max(now), None),
        (_, None) => (now, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEEN: UnixTime = UnixTime(1_767_603_600);

    #[test]
    fn a_clock_goes_on_is_set_back_or_is_too_far_ahead() {
        for (step, state) in [
            (-DAY, ClockState::Back),
            (-SLIGHT - 1, ClockState::Back),
            (-SLIGHT, ClockState::Steady),
            (0, ClockState::Steady),
            (LONGEST_STEP, ClockState::Steady),
            (LONGEST_STEP + 1, ClockState::Ahead),
        ] {
            assert_eq!(judge(Some(SEEN), SEEN.plus(step)), state, "{step}");
        }
        assert_eq!(judge(None, SEEN), ClockState::Steady);
    }

    #[test]
    fn the_latest_time_never_falls_and_does_not_follow_a_jump() {
        assert_eq!(observe(None, None, SEEN), (SEEN, None));
        assert_eq!(observe(Some(SEEN), None, SEEN.plus(60)), (SEEN.plus(60), None));
        assert_eq!(observe(Some(SEEN), None, SEEN.plus(-DAY)), (SEEN, None));
        let (jumped, later) = (SEEN.plus(365 * DAY), SEEN.plus(366 * DAY));
        assert_eq!(observe(Some(SEEN), None, jumped), (SEEN, Some(jumped)));
        assert_eq!(observe(Some(SEEN), Some(jumped), later), (SEEN, Some(jumped)));
        assert_eq!(
            observe(Some(SEEN), Some(jumped), SEEN.plus(DAY)),
            (SEEN.plus(DAY), None)
        );
    }

    #[test]
    fn a_jump_hides_by_the_clock_and_deletes_by_the_latest_time() {
        let time = |now: UnixTime| StoreTime {
            now,
            high_water: SEEN,
            ahead_since: None,
        };
        let ahead = time(SEEN.plus(365 * DAY));
        assert_eq!((ahead.shows(), ahead.deletes()), (SEEN.plus(365 * DAY), SEEN));
        let back = time(SEEN.plus(-365 * DAY));
        assert_eq!((back.shows(), back.deletes()), (SEEN, SEEN));
    }
}
