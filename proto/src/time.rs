//! Instants, and the one interface through which programs learn the time.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::log_safe_by_display;

/// Seconds since 1970-01-01T00:00:00Z, leap seconds not counted (POSIX time).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UnixTime(pub i64);

/// A day in seconds.
pub const DAY: i64 = 86_400;
/// An hour in seconds.
pub const HOUR: i64 = 3_600;

impl UnixTime {
    /// The start of the hour that holds this instant: as fine as last contact is ever kept.
    #[must_use]
    pub const fn to_the_hour(self) -> Self {
        Self(self.0 - self.0.rem_euclid(HOUR))
    }

    /// This instant `seconds` later (or earlier), held at the ends of the range.
    #[must_use]
    pub const fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// Seconds from `earlier` to this instant; negative where `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Display for UnixTime {
    /// RFC 3339 in UTC, such as `2026-03-01T09:30:00Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_second(self.0) {
            Ok(instant) => fmt::Display::fmt(&instant, f),
            Err(_) => write!(f, "@{}", self.0),
        }
    }
}

impl FromStr for UnixTime {
    type Err = InvalidTime;

    fn from_str(text: &str) -> Result<Self, InvalidTime> {
        text.parse::<jiff::Timestamp>()
            .map(|instant| Self(instant.as_second()))
            .map_err(|_| InvalidTime)
    }
}

/// A text that is not an RFC 3339 instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an instant: write it like 2026-03-01T09:30:00Z")]
pub struct InvalidTime;

log_safe_by_display!(UnixTime);

/// Where a program takes the time from. Each binary implements it once over the system's clock; tests fake it.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> UnixTime;
}

impl<C: Clock + ?Sized> Clock for std::sync::Arc<C> {
    fn now(&self) -> UnixTime {
        (**self).now()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_cut_to_its_hour_before_and_after_the_epoch() {
        assert_eq!(UnixTime(7_199).to_the_hour(), UnixTime(3_600));
        assert_eq!(UnixTime(-1).to_the_hour(), UnixTime(-3_600));
    }

    #[test]
    fn an_instant_survives_its_text() {
        let instant = UnixTime(1_772_357_400);
        assert_eq!(instant.to_string(), "2026-03-01T09:30:00Z");
        assert_eq!(instant.to_string().parse(), Ok(instant));
    }
}
