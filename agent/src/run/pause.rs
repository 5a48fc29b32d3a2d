//! Waiting by a clock that somebody may set.

use zeef_proto::UnixTime;

/// A time before which something is not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pause {
    set_at: UnixTime,
    until: UnixTime,
}

/// The longest wait between two tries, in seconds.
const LONGEST: u64 = 15 * 60;

impl Pause {
    pub(crate) const fn of(seconds: i64, now: UnixTime) -> Self {
        Self {
            set_at: now,
            until: now.plus(seconds),
        }
    }

    /// Also over where the clock was set back, for the wait could be of any length then.
    pub(crate) fn is_over(&self, now: UnixTime) -> bool {
        now >= self.until || now < self.set_at
    }

    /// Seconds that are left.
    pub(crate) fn left(&self, now: UnixTime) -> i64 {
        if self.is_over(now) {
            0
        } else {
            self.until.since(now)
        }
    }
}

/// Seconds to wait after so many failures in a row: a random number from 1 up to a bound that doubles from one
/// second to fifteen minutes, so that a thousand machines do not come back at once.
pub(crate) fn back_off(failures: u32, random: u64) -> i64 {
    let bound = LONGEST.min(1_u64.checked_shl(failures.saturating_sub(1)).unwrap_or(LONGEST));
    i64::try_from(1 + random % bound.max(1)).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_fifteen_minutes_and_are_spread() {
        assert_eq!(back_off(1, 12_345), 1);
        for failures in 1..200 {
            let waits: Vec<i64> = (0..2_000).map(|random| back_off(failures, random)).collect();
            assert!(waits.iter().all(|wait| (1..=900).contains(wait)));
        }
        assert_eq!((0..5_000).map(|random| back_off(64, random)).max(), Some(900));
        assert_eq!((0..5_000).map(|random| back_off(64, random)).min(), Some(1));
    }

    #[test]
    fn a_pause_ends_at_its_time_or_when_the_clock_is_set_back() {
        let pause = Pause::of(60, UnixTime(1_000));
        assert!(!pause.is_over(UnixTime(1_059)));
        assert_eq!(pause.left(UnixTime(1_059)), 1);
        assert!(pause.is_over(UnixTime(1_060)));
        assert!(pause.is_over(UnixTime(999)));
        assert_eq!(pause.left(UnixTime(999)), 0);
    }
}
