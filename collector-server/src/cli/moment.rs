//! Days and instants as administrators write them.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use zeef_proto::UnixTime;

use super::failure::Failure;
use crate::config::duration::Length;

/// Reads `2026-03-01`, the start of that day in the policy's time zone, or `2026-03-01T09:30:00Z`.
pub(super) fn read(text: &str, zone: &str) -> Result<UnixTime, Failure> {
    if let Ok(instant) = text.parse() {
        return Ok(instant);
    }
    let start = text
        .parse::<Date>()
        .ok()
        .zip(TimeZone::get(zone).ok())
        .and_then(|(day, zone)| day.at(0, 0, 0, 0).to_zoned_datetime(zone).ok());
    start
        .map(|start| UnixTime(start.timestamp().as_second()))
        .ok_or_else(|| Failure::refused("a moment is written like 2026-03-01 or 2026-03-01T09:30:00Z"))
}

/// As [`read`], or a length of time from `now` on, such as `30d`.
pub(super) fn read_or_length(text: &str, zone: &str, now: UnixTime) -> Result<UnixTime, Failure> {
    match text.parse::<Length>() {
        Ok(length) => Ok(now.plus(length.seconds())),
        Err(_) => read(text, zone),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_day_starts_at_midnight_in_the_policys_zone() {
        let read = |text| super::read(text, "Europe/Amsterdam").map(|moment| moment.to_string());
        assert_eq!(read("2026-03-01").unwrap(), "2026-02-28T23:00:00Z");
        assert_eq!(read("2026-07-01").unwrap(), "2026-06-30T22:00:00Z");
        assert_eq!(read("2026-03-01T09:30:00Z").unwrap(), "2026-03-01T09:30:00Z");
        assert!(read("tomorrow").is_err());
        assert!(read("2026-02-30").is_err());
    }
}
