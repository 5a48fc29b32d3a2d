//! A calendar month.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use zeef_proto::UnixTime;

/// A month of a year, written `2026-08`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    first: Date,
}

/// A text that is no month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a month is of the form 2026-08")]
pub struct InvalidMonth;

impl Month {
    /// The month of an instant, where the policy counts.
    #[must_use]
    pub fn of(at: UnixTime, zone: &TimeZone) -> Self {
        let instant = Timestamp::from_second(at.0).unwrap_or(Timestamp::MAX);
        Self {
            first: instant.to_zoned_datetime(zone.clone()).date().first_of_month(),
        }
    }

    /// Its first day.
    #[must_use]
    pub const fn first_day(self) -> Date {
        self.first
    }

    /// The one before it.
    #[must_use]
    pub fn previous(self) -> Self {
        Self {
            first: self.first.saturating_sub(1.month()),
        }
    }

    /// The one after it.
    #[must_use]
    pub fn next(self) -> Self {
        Self {
            first: self.first.saturating_add(1.month()),
        }
    }

    /// From its first second up to that of the next month.
    #[must_use]
    pub fn span(self, zone: &TimeZone) -> Range<UnixTime> {
        let begins = |day: Date| {
            let midnight = day.to_zoned_datetime(zone.clone());
            UnixTime(midnight.map_or(i64::MAX, |midnight| midnight.timestamp().as_second()))
        };
        begins(self.first)..begins(self.next().first)
    }
}

impl FromStr for Month {
    type Err = InvalidMonth;

    fn from_str(text: &str) -> Result<Self, InvalidMonth> {
        let fits = text.len() == 7 && text.is_ascii() && text.as_bytes()[4] == b'-';
        let first = fits.then(|| format!("{text}-01").parse().ok()).flatten();
        first.map(|first| Self { first }).ok_or(InvalidMonth)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.first.year(), self.first.month())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_spans_its_days_where_the_policy_counts() {
        let zone = TimeZone::get("Europe/Amsterdam").unwrap();
        for (month, begins, ends) in [
            ("2026-03", "2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z"),
            ("2024-02", "2024-01-31T23:00:00Z", "2024-02-29T23:00:00Z"),
            ("2026-12", "2026-11-30T23:00:00Z", "2026-12-31T23:00:00Z"),
        ] {
            let month: Month = month.parse().unwrap();
            let span = month.span(&zone);
            assert_eq!(
                (span.start.to_string(), span.end.to_string()),
                (begins.into(), ends.into())
            );
            assert_eq!(Month::of(span.start, &zone), month);
            assert_eq!(Month::of(span.end, &zone), month.next());
            assert_eq!(month.next().previous(), month);
        }
    }

    #[test]
    fn what_is_no_month_is_refused() {
        for text in [
            "",
            "2026",
            "2026-8",
            "2026-13",
            "2026-00",
            "08-2026",
            "2026-08-01",
            "2026–8",
        ] {
            assert!(text.parse::<Month>().is_err(), "{text}");
        }
    }
}
