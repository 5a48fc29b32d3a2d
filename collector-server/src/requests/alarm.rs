//! When whoever handles requests is reminded of one.

use jiff::ToSpan;
use zeef_proto::UnixTime;
use zeef_proto::time::DAY;

use super::Case;
use super::deadline::{day_of, start_of};

/// How urgent a request is. Later ones are more so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Alarm {
    /// Not yet.
    None,
    /// A week of the month has gone.
    First,
    /// Two weeks have.
    Second,
    /// Three weeks have.
    Third,
    /// The answer is late.
    Overdue,
}

impl Alarm {
    /// What it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::First => "first",
            Self::Second => "second",
            Self::Third => "third",
            Self::Overdue => "overdue",
        }
    }
}

/// How urgent a request is at `now`: weeks count from receipt, and after an extension from a month before its end.
#[must_use]
pub fn alarm(case: &Case, now: UnixTime) -> Alarm {
    if !case.is_open() {
        return Alarm::None;
    }
    if case.due <= now {
        return Alarm::Overdue;
    }
    let counted_from = if case.extension.is_some() {
        let last_day = day_of(case.due.plus(-1));
        start_of(last_day.saturating_sub(1.month()))
    } else {
        case.received
    };
    match now.since(counted_from) {
        since if since >= 21 * DAY => Alarm::Third,
        since if since >= 14 * DAY => Alarm::Second,
        since if since >= 7 * DAY => Alarm::First,
        _ => Alarm::None,
    }
}

#[cfg(test)]
mod tests {
    use zeef_proto::OrganisationId;
    use zeef_proto::id::RequestId;

    use super::super::{Answer, Extension, Kind, State, extended_deadline};
    use super::*;

    fn case() -> Case {
        let received = "2026-03-10T09:00:00Z".parse().unwrap();
        let (id, organisation) = (
            RequestId::from_bytes([1; 16]),
            OrganisationId::from_bytes([2; 16]),
        );
        Case::received(id, organisation, Kind::Access, received)
    }

    #[test]
    fn an_open_request_warns_after_one_two_and_three_weeks_and_then_is_overdue() {
        let case = case();
        let at = |days| alarm(&case, case.received.plus(days * DAY));
        assert_eq!([at(0), at(6)], [Alarm::None; 2]);
        assert_eq!([at(7), at(13)], [Alarm::First; 2]);
        assert_eq!([at(14), at(20)], [Alarm::Second; 2]);
        assert_eq!([at(21), at(31)], [Alarm::Third; 2]);
        assert_eq!(alarm(&case, case.due.plus(-1)), Alarm::Third);
        assert_eq!(alarm(&case, case.due), Alarm::Overdue);
    }

    #[test]
    fn an_extended_one_warns_in_its_last_month() {
        let mut case = case();
        case.extension = Some(Extension::Complexity);
        case.due = extended_deadline(case.received).ends;
        let at = |text: &str| alarm(&case, text.parse().unwrap());
        assert_eq!(at("2026-04-20T09:00:00Z"), Alarm::None);
        assert_eq!(at("2026-05-17T09:00:00Z"), Alarm::First);
        assert_eq!(at("2026-05-31T09:00:00Z"), Alarm::Third);
        assert_eq!(at("2026-06-11T09:00:00Z"), Alarm::Overdue);
    }

    #[test]
    fn an_answered_one_is_never_overdue() {
        let mut case = case();
        case.state = State::Answered(Answer::Delivered);
        assert_eq!(alarm(&case, case.due.plus(DAY)), Alarm::None);
    }
}
