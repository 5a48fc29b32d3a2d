//! By when a request is answered: one calendar month from receipt, or three (12(3)), counted as regulation 1182/71
//! says: to the end of the day of the same number, or of the month's last; where that is no working day, to the end of
//! the next that is (3(2)(c), 3(4)).

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use zeef_proto::UnixTime;

use super::is_working_day;

/// A last day, and the moment at which it is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline {
    /// The last day on which an answer is in time.
    pub last_day: Date,
    /// From when on it is late.
    pub ends: UnixTime,
}

/// The zone in which days are counted: the holidays are those of the Netherlands.
#[must_use]
pub fn zone() -> TimeZone {
    // The zones are in the program; were this one not, days would be those of UTC.
    TimeZone::get("Europe/Amsterdam").unwrap_or(TimeZone::UTC)
}

/// By when a request that came in then is answered.
#[must_use]
pub fn deadline(received: UnixTime) -> Deadline {
    months_from(received, 1)
}

/// The same with two more months.
#[must_use]
pub fn extended_deadline(received: UnixTime) -> Deadline {
    months_from(received, 3)
}

fn months_from(received: UnixTime, months: i32) -> Deadline {
    let last_day = same_day_of_later_month(day_of(received), months);
    let last_day = std::iter::successors(Some(last_day), |day| day.tomorrow().ok())
        .find(|day| is_working_day(*day))
        .unwrap_or(last_day);
    Deadline {
        last_day,
        ends: start_of(last_day.tomorrow().unwrap_or(last_day)),
    }
}

/// The day that many calendar months later; the month's last where it is shorter.
pub(super) fn same_day_of_later_month(day: Date, months: i32) -> Date {
    day.saturating_add(months.months())
}

/// The day in the Netherlands on which a moment falls.
pub(super) fn day_of(moment: UnixTime) -> Date {
    let instant = Timestamp::from_second(moment.0).unwrap_or_default();
    instant.to_zoned_datetime(zone()).date()
}

/// When a day begins there.
pub(super) fn start_of(day: Date) -> UnixTime {
    day.to_zoned_datetime(zone()).map_or(UnixTime(i64::MAX), |start| {
        UnixTime(start.timestamp().as_second())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last_days(received: &str) -> (String, String) {
        let received: UnixTime = received.parse().unwrap();
        let day = |deadline: Deadline| deadline.last_day.to_string();
        (day(deadline(received)), day(extended_deadline(received)))
    }

    #[test]
    fn a_month_ends_on_the_day_of_the_same_number_or_the_last() {
        for (received, month, three) in [
            ("2026-03-10T09:00:00Z", "2026-04-10", "2026-06-10"),
            // No 31st in June: its last day.
            ("2023-05-31T09:00:00Z", "2023-06-30", "2023-08-31"),
            // The month's last day in a common and in a leap year.
            ("2025-01-31T09:00:00Z", "2025-02-28", "2025-04-30"),
            ("2024-01-31T09:00:00Z", "2024-02-29", "2024-04-30"),
            ("2024-01-29T09:00:00Z", "2024-02-29", "2024-04-29"),
            ("2024-02-29T09:00:00Z", "2024-03-29", "2024-05-29"),
            // Over the end of a year: 31 December to 2 February, for 31 January 2027 is a Sunday.
            ("2026-12-31T09:00:00Z", "2027-02-01", "2027-03-31"),
        ] {
            assert_eq!(
                last_days(received),
                (month.to_owned(), three.to_owned()),
                "{received}"
            );
        }
    }

    #[test]
    fn a_last_day_in_a_weekend_or_on_a_holiday_moves_to_the_next_working_day() {
        for (received, month) in [
            // A Saturday.
            ("2026-03-11T09:00:00Z", "2026-04-13"),
            // A Sunday before a working Monday.
            ("2026-02-08T09:00:00Z", "2026-03-09"),
            // Good Friday is a working day; Saturday, Easter and its Monday are not.
            ("2026-03-03T09:00:00Z", "2026-04-03"),
            ("2026-03-04T09:00:00Z", "2026-04-07"),
            ("2026-03-06T09:00:00Z", "2026-04-07"),
            // King's Day on a Monday.
            ("2026-03-27T09:00:00Z", "2026-04-28"),
            // Liberation Day, in one year of five.
            ("2025-04-05T09:00:00Z", "2025-05-06"),
            ("2026-04-05T09:00:00Z", "2026-05-05"),
            // Ascension Day is a Thursday; Whit Monday ends a long weekend.
            ("2026-04-14T09:00:00Z", "2026-05-15"),
            ("2026-04-23T09:00:00Z", "2026-05-26"),
            // Christmas on Friday and Saturday.
            ("2026-11-25T09:00:00Z", "2026-12-28"),
            // New Year's Day on a Friday.
            ("2026-12-01T09:00:00Z", "2027-01-04"),
        ] {
            assert_eq!(last_days(received).0, month, "{received}");
        }
    }

    #[test]
    fn days_are_those_of_the_netherlands_in_summer_and_winter() {
        // Half past eleven in the evening in UTC is the next day there.
        assert_eq!(last_days("2026-07-07T21:30:00Z").0, "2026-08-07");
        assert_eq!(last_days("2026-07-07T22:30:00Z").0, "2026-08-10");
        // From winter into summer time and back: the last day ends at midnight there.
        let ends = |received: &str| deadline(received.parse().unwrap()).ends.to_string();
        assert_eq!(ends("2026-03-10T09:00:00Z"), "2026-04-10T22:00:00Z");
        assert_eq!(ends("2026-10-02T09:00:00Z"), "2026-11-02T23:00:00Z");
    }
}
