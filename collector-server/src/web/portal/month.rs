//! A calendar month, by which looks are paged.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use zeef_proto::UnixTime;

/// A calendar month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Month(Date);

/// Not a month such as `2026-08`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoMonth;

impl Month {
    /// The month of an instant.
    pub(super) fn of(at: UnixTime, zone: &TimeZone) -> Self {
        let instant = Timestamp::from_second(at.0).unwrap_or(Timestamp::UNIX_EPOCH);
        Self(zone.to_datetime(instant).date().first_of_month())
    }

    /// The month before it.
    pub(super) fn previous(self) -> Self {
        Self(self.0.saturating_sub(1.month()))
    }

    /// The month after it.
    pub(super) fn next(self) -> Self {
        Self(self.0.saturating_add(1.month()))
    }

    /// Its first instant.
    pub(super) fn begins(self, zone: &TimeZone) -> UnixTime {
        let midnight = zone.to_ambiguous_zoned_datetime(self.0.to_datetime(jiff::civil::Time::midnight()));
        midnight
            .compatible()
            .map_or(UnixTime(0), |begins| UnixTime(begins.timestamp().as_second()))
    }

    pub(super) fn year(self) -> i16 {
        self.0.year()
    }

    /// From 0.
    pub(super) fn number(self) -> usize {
        usize::try_from(self.0.month() - 1).unwrap_or(0)
    }
}

impl FromStr for Month {
    type Err = NoMonth;

    fn from_str(text: &str) -> Result<Self, NoMonth> {
        let day = format!("{text}-01").parse::<Date>().map_err(|_| NoMonth)?;
        // A year of four digits has no other form that is read back.
        let month = Self(day);
        (month.to_string() == text && (1970..=9000).contains(&day.year()))
            .then_some(month)
            .ok_or(NoMonth)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0.year(), self.0.month())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_begins_at_midnight_in_the_policys_zone() {
        let zone = TimeZone::get("Europe/Amsterdam").unwrap();
        let august: Month = "2026-08".parse().unwrap();
        assert_eq!(august.begins(&zone).to_string(), "2026-07-31T22:00:00Z");
        assert_eq!(
            august.next().next().next().begins(&zone).to_string(),
            "2026-10-31T23:00:00Z"
        );
        assert_eq!(august.previous().to_string(), "2026-07");
        let last = "2026-07-31T21:59:59Z".parse().unwrap();
        assert_eq!(Month::of(last, &zone), august.previous());
        assert_eq!(Month::of(last.plus(1), &zone), august);
    }

    #[test]
    fn what_is_no_month_is_refused() {
        for text in ["", "2026", "2026-8", "2026-13", "2026-08-01", "0000-01", "x"] {
            assert_eq!(text.parse::<Month>(), Err(NoMonth), "{text}");
        }
    }
}
