//! Instants and remaining terms as people read them, in the policy's time zone.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use zeef_proto::UnixTime;
use zeef_proto::policy::Policy;
use zeef_proto::time::{DAY, HOUR};

use super::locale::{Phrase, Texts};

/// Writes instants for one page.
pub(crate) struct Moments {
    texts: &'static Texts,
    zone: TimeZone,
    now: UnixTime,
}

/// An instant for a `<time>` element.
#[derive(Clone)]
pub(crate) struct Moment {
    /// For people.
    pub(crate) text: String,
    /// For programs, RFC 3339.
    pub(crate) machine: String,
}

/// How long a value may still be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Remaining {
    Months(i64),
    Days(i64),
    Hours(i64),
    UnderAnHour,
}

impl Moments {
    /// In the time zone in which the policy counts; UTC before there is one.
    pub(crate) fn new(texts: &'static Texts, policy: Option<&Policy>, now: UnixTime) -> Self {
        let zone = policy.and_then(|policy| TimeZone::get(&policy.timezone).ok());
        Self {
            texts,
            zone: zone.unwrap_or(TimeZone::UTC),
            now,
        }
    }

    /// For a document that is kept: every day has its year.
    pub(crate) fn dated(texts: &'static Texts, policy: Option<&Policy>) -> Self {
        // No day that is shown lies in this year.
        Self::new(texts, policy, UnixTime(0))
    }

    /// The zone's name.
    pub(crate) fn zone(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// The zone.
    pub(super) const fn time_zone(&self) -> &TimeZone {
        &self.zone
    }

    /// A day, with its year where that is not this one.
    pub(crate) fn day(&self, at: UnixTime) -> Moment {
        self.moment(at, |date, _| date)
    }

    /// A day and the time of day.
    pub(crate) fn time(&self, at: UnixTime) -> Moment {
        self.moment(at, |date, zoned| {
            self.texts
                .date
                .time
                .with("date", date)
                .with("hour", format_args!("{:02}", zoned.hour()))
                .with("minute", format_args!("{:02}", zoned.minute()))
        })
    }

    /// Until when a value is held.
    pub(crate) fn until(&self, expires_at: Option<UnixTime>) -> Phrase {
        let texts = &self.texts.remaining;
        let Some(expires_at) = expires_at else {
            return texts.service.clone();
        };
        let left = match remaining(self.now, expires_at) {
            Remaining::Months(count) => texts.months.with("count", count),
            Remaining::Days(1) => texts.one_day.clone(),
            Remaining::Days(count) => texts.days.with("count", count),
            Remaining::Hours(1) => texts.one_hour.clone(),
            Remaining::Hours(count) => texts.hours.with("count", count),
            Remaining::UnderAnHour => texts.under_an_hour.clone(),
        };
        texts
            .until
            .with("date", self.day(expires_at).text)
            .with("left", left)
    }

    fn moment(&self, at: UnixTime, text: impl Fn(Phrase, &jiff::ZonedDateTime) -> Phrase) -> Moment {
        let machine = at.to_string();
        let (Some(zoned), Some(now)) = (self.zoned(at), self.zoned(self.now)) else {
            return Moment {
                text: machine.clone(),
                machine,
            };
        };
        let date = self.texts.day(zoned.date(), zoned.year() != now.year());
        Moment {
            text: text(date, &zoned).to_string(),
            machine,
        }
    }

    fn zoned(&self, at: UnixTime) -> Option<jiff::ZonedDateTime> {
        Some(
            Timestamp::from_second(at.0)
                .ok()?
                .to_zoned_datetime(self.zone.clone()),
        )
    }
}

/// Rounded down, so that no page promises more than there is.
fn remaining(now: UnixTime, expires_at: UnixTime) -> Remaining {
    const MONTH: i64 = 31 * DAY;
    match expires_at.since(now) {
        left if left >= 3 * MONTH => Remaining::Months(left / MONTH),
        left if left >= DAY => Remaining::Days(left / DAY),
        left if left >= HOUR => Remaining::Hours(left / HOUR),
        _ => Remaining::UnderAnHour,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::locale::Language;

    fn at(text: &str) -> UnixTime {
        text.parse().unwrap()
    }

    fn moments(language: Language) -> Moments {
        let policy = Policy::parse(include_str!("../../../proto/policies/vokus-1.1.toml")).unwrap();
        Moments::new(language.texts(), Some(&policy), at("2026-08-05T10:00:00Z"))
    }

    #[test]
    fn instants_are_written_in_the_policys_zone_and_with_the_year_where_it_differs() {
        let dutch = moments(Language::Dutch);
        assert_eq!(dutch.time(at("2026-03-05T09:05:00Z")).text, "5 mrt 10:05");
        assert_eq!(
            dutch.time(at("2026-03-05T09:05:00Z")).machine,
            "2026-03-05T09:05:00Z"
        );
        assert_eq!(dutch.day(at("2025-12-31T23:30:00Z")).text, "1 jan");
        assert_eq!(dutch.day(at("2025-12-31T22:30:00Z")).text, "31 dec 2025");
        assert_eq!(Language::English.texts().civil_date("2023-05-11"), "11 May 2023");
        assert_eq!(dutch.zone(), "Europe/Amsterdam");
    }

    #[test]
    fn what_remains_is_rounded_down() {
        let now = UnixTime(0);
        for (seconds, expected) in [
            (1, Remaining::UnderAnHour),
            (HOUR, Remaining::Hours(1)),
            (DAY - 1, Remaining::Hours(23)),
            (2 * DAY, Remaining::Days(2)),
            (92 * DAY, Remaining::Days(92)),
            (183 * DAY, Remaining::Months(5)),
        ] {
            assert_eq!(remaining(now, UnixTime(seconds)), expected);
        }
        let english = moments(Language::English);
        assert_eq!(english.until(None).as_str(), "while the service runs");
        let until = english.until(Some(at("2026-08-06T10:00:00Z")));
        assert_eq!(until.as_str(), "until 6 Aug (1 day left)");
    }
}
