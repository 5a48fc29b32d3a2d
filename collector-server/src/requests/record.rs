//! How long a request itself is kept: what the person said for thirty days after it was closed, its record for
//! twenty-four months, and then a count.

use zeef_proto::UnixTime;
use zeef_proto::time::DAY;

use super::deadline::{day_of, same_day_of_later_month, start_of};

/// From when on nobody sees what was said by and of the person.
#[must_use]
pub const fn contact_until(closed: UnixTime) -> UnixTime {
    closed.plus(30 * DAY)
}

/// From when on there is no record of the request.
#[must_use]
pub fn record_until(closed: UnixTime) -> UnixTime {
    start_of(same_day_of_later_month(day_of(closed), 24))
}

/// The year under which a closed request is counted.
#[must_use]
pub fn closed_in(closed: UnixTime) -> i16 {
    day_of(closed).year()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_kept_for_two_calendar_years() {
        let until = |closed: &str| record_until(closed.parse().unwrap()).to_string();
        assert_eq!(until("2026-03-10T09:00:00Z"), "2028-03-09T23:00:00Z");
        assert_eq!(until("2024-02-29T09:00:00Z"), "2026-02-27T23:00:00Z");
    }
}
