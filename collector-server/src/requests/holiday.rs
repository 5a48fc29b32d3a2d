//! Working days in the Netherlands.

use jiff::civil::{Date, Weekday, date};
use jiff::{Span, ToSpan};

/// Whether a day is neither in the weekend nor a holiday.
///
/// Holidays are those on which hardly anybody works: New Year's Day, Easter Monday, King's Day, Liberation Day in years
/// that divide by five, Ascension Day, Whit Monday and both days of Christmas. Good Friday and 5 May in other years are
/// days off for some alone. They count as working days here: a deadline must not be later than whoever asks may hold it
/// to be.
#[must_use]
pub fn is_working_day(day: Date) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !is_holiday(day)
}

fn is_holiday(day: Date) -> bool {
    let from_easter = |span: Span| {
        easter_sunday(day.year())
            .checked_add(span)
            .is_ok_and(|then| then == day)
    };
    matches!((day.month(), day.day()), (1, 1) | (12, 25 | 26))
        || day == kings_day(day.year())
        || ((day.month(), day.day()) == (5, 5) && day.year() % 5 == 0)
        || from_easter(1.day())
        || from_easter(39.days())
        || from_easter(50.days())
}

/// 27 April, or the day before where that is a Sunday.
fn kings_day(year: i16) -> Date {
    let day = date(year, 4, 27);
    if day.weekday() == Weekday::Sunday {
        date(year, 4, 26)
    } else {
        day
    }
}

/// Easter in the Gregorian calendar, by the rule that is named after Meeus, Jones and Butcher.
fn easter_sunday(year: i16) -> Date {
    let year = i32::from(year);
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let (d, e) = (b / 4, b % 4);
    let g = (8 * b + 13) / 25;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let since_march = h + l - 7 * m + 114;
    let (month, day) = (since_march / 31, since_march % 31 + 1);
    let small = |number: i32| i8::try_from(number).unwrap_or(1);
    date(i16::try_from(year).unwrap_or(i16::MAX), small(month), small(day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn easter_is_on_the_days_of_the_calendar() {
        for (year, month, day) in [
            (1961, 4, 2),
            (2000, 4, 23),
            (2008, 3, 23),
            (2024, 3, 31),
            (2025, 4, 20),
            (2026, 4, 5),
            (2027, 3, 28),
            (2038, 4, 25),
        ] {
            assert_eq!(easter_sunday(year), date(year, month, day));
        }
    }

    #[test]
    fn holidays_and_weekends_are_no_working_days() {
        for (month, day) in [(1, 1), (4, 6), (4, 27), (5, 14), (5, 25), (12, 25), (12, 26)] {
            assert!(!is_working_day(date(2026, month, day)), "{month}-{day}");
        }
        // A Saturday and a Sunday.
        assert!(!is_working_day(date(2026, 3, 7)) && !is_working_day(date(2026, 3, 8)));
    }

    #[test]
    fn kings_day_moves_from_a_sunday_to_the_saturday_before() {
        assert_eq!(kings_day(2025), date(2025, 4, 26));
        assert!(is_working_day(date(2025, 4, 28)));
        assert_eq!(kings_day(2027), date(2027, 4, 27));
    }

    #[test]
    fn liberation_day_is_a_holiday_every_five_years_and_good_friday_is_none() {
        assert!(!is_working_day(date(2025, 5, 5)));
        assert!(is_working_day(date(2026, 5, 5)));
        assert!(is_working_day(date(2026, 4, 3)));
    }
}
