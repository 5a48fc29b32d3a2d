//! Records of other products: after reports, never in their way, and never in a circle.

use std::time::Duration;

use zeef_agent::run::{Action, Ending, Machine, News, ends_batch};
use zeef_agent::state::{Cause, Records, Standing};
use zeef_agent::transport::ExchangeError;
use zeef_proto::UnixTime;
use zeef_proto::time::{DAY, HOUR};
use zeef_proto::wire::{ProblemCode, RecordsReply};

use crate::builders::*;

fn stored(sequence: u64) -> RecordsReply {
    RecordsReply {
        acknowledged: sequence,
        stored: 1,
        not_documented: 0,
        ambiguous: 0,
        policy: 1,
        products: products(&["rmm"]),
    }
}

/// A service that has reported and for which a batch waits.
fn about_to_send() -> Machine {
    let (mut machine, _) = about_to_report();
    machine.acknowledged(reply(1), NOW, 0);
    machine.records_wait(true);
    assert_eq!(machine.next(NOW), Action::SendRecords);
    machine
}

/// What is exchanged next within a day, and when.
fn wait_for_exchange(machine: &mut Machine, from: UnixTime) -> (Action, UnixTime) {
    let mut now = from;
    while now < from.plus(DAY) {
        match next_exchange(machine, now) {
            Action::Wait(time) => now = now.plus(i64::try_from(time.as_secs()).unwrap()),
            action => return (action, now),
        }
    }
    panic!("nothing within a day");
}

#[test]
fn records_are_sent_after_the_report_and_one_after_another_while_there_are_more() {
    let (mut machine, report) = about_to_report();
    machine.records_wait(true);
    assert_eq!(machine.next(NOW), report);
    machine.acknowledged(reply(1), NOW, 0);
    assert_eq!(machine.next(NOW), Action::SendRecords);
    machine.records_acknowledged(stored(7), NOW);
    assert_eq!(machine.next(NOW), Action::SendRecords);
    machine.records_wait(false);
    assert_eq!(machine.next(NOW), Action::Wait(Duration::from_secs(60)));
    assert_eq!(machine.records().status.last_contact, Some(NOW));
}

#[test]
fn nothing_is_sent_without_a_policy_or_by_a_device_that_was_refused() {
    let mut records = enrolled_device();
    records.policy.signed = None;
    let mut without = machine(records);
    without.records_wait(true);
    assert_eq!(without.next(NOW), Action::FetchPolicy);
    without.failed(&Action::FetchPolicy, &refused(ProblemCode::Internal), NOW, 0);
    assert!(matches!(without.next(NOW.plus(DAY)), Action::FetchPolicy));

    let mut machine = about_to_send();
    machine.failed(&Action::SendRecords, &refused(ProblemCode::Revoked), NOW, 0);
    assert_eq!(
        machine.records().status.standing,
        Standing::Refused(ProblemCode::Revoked)
    );
    let (asked, at) = wait_for_exchange(&mut machine, NOW);
    assert!(matches!(asked, Action::Report(_)));
    assert_eq!(at, NOW.plus(HOUR));

    let mut unknown = Machine::new(Records::default(), INTERVAL, Some(HERE));
    unknown.records_wait(true);
    assert_eq!(unknown.next(NOW), Action::End(Ending::NotEnrolled));
}

#[test]
fn a_device_that_may_not_speak_of_its_site_says_so_once_asks_hourly_and_goes_on_reporting() {
    let mut machine = about_to_send();
    let error = refused(ProblemCode::SiteNotAllowed);
    assert!(matches!(
        machine.failed(&Action::SendRecords, &error, NOW, 0),
        News::Trouble(_)
    ));
    assert!(machine.records().status.records_trouble.is_some());
    assert_eq!(machine.records().status.trouble, None);
    machine.collected(fields("lap-18"), NOW);
    assert!(matches!(machine.next(NOW), Action::Report(_)));
    machine.acknowledged(reply(2), NOW, 0);
    let mut again = machine;
    let (asked, at) = wait_for_exchange_of_records(&mut again, NOW);
    assert_eq!((asked, at), (Action::SendRecords, NOW.plus(HOUR)));
    assert_eq!(again.failed(&Action::SendRecords, &error, at, 0), News::None);
    again.records_acknowledged(stored(7), at);
    assert_eq!(again.records().status.records_trouble, None);
}

/// The same, where reports are acknowledged on the way.
fn wait_for_exchange_of_records(machine: &mut Machine, from: UnixTime) -> (Action, UnixTime) {
    let mut now = from;
    loop {
        match wait_for_exchange(machine, now) {
            (Action::Report(body), at) => {
                let sequence = sent(&Action::Report(body)).sequence;
                machine.acknowledged(reply(sequence), at, 0);
                now = at;
            }
            other => return other,
        }
    }
}

#[test]
fn a_batch_that_will_never_be_taken_ends_and_the_next_is_tried_a_little_later() {
    for code in [
        ProblemCode::InvalidMessage,
        ProblemCode::TooLarge,
        ProblemCode::NotDocumented,
    ] {
        let mut machine = about_to_send();
        let error = refused(code);
        assert!(ends_batch(&error));
        assert!(matches!(
            machine.failed(&Action::SendRecords, &error, NOW, 0),
            News::Trouble(_)
        ));
        assert!(matches!(machine.next(NOW), Action::Wait(_)));
        // The report before it stays acknowledged.
        assert_eq!(machine.records().progress.pending(), None);
        let (asked, at) = wait_for_exchange(&mut machine, NOW);
        assert_eq!(asked, Action::SendRecords);
        assert!(at <= NOW.plus(60), "{at}");
    }
}

#[test]
fn what_may_be_taken_later_does_not_end_a_batch() {
    for error in [
        ExchangeError::Unreachable,
        ExchangeError::Nonsense(404),
        refused(ProblemCode::SiteNotAllowed),
        refused(ProblemCode::Unavailable),
        refused(ProblemCode::TooManyRequests),
        refused(ProblemCode::Revoked),
        refused(ProblemCode::NotFound),
        refused(ProblemCode::SequenceFork),
        refused(ProblemCode::WireVersion),
    ] {
        assert!(!ends_batch(&error), "{error}");
    }
}

#[test]
fn a_collector_without_room_for_records_still_gets_reports() {
    let mut machine = about_to_send();
    let busy = ExchangeError::Refused {
        code: ProblemCode::Unavailable,
        retry_after: Some(600),
    };
    machine.failed(&Action::SendRecords, &busy, NOW, 0);
    machine.collected(fields("lap-18"), NOW);
    assert!(matches!(machine.next(NOW), Action::Report(_)));
    machine.acknowledged(reply(2), NOW, 0);
    machine.collected(fields("lap-18"), NOW.plus(599));
    assert_eq!(machine.next(NOW.plus(599)), Action::Wait(Duration::from_secs(1)));
    assert_eq!(
        wait_for_exchange(&mut machine, NOW.plus(600)).0,
        Action::SendRecords
    );
}

#[test]
fn a_number_that_another_machine_used_makes_this_one_a_device_of_its_own() {
    let mut machine = about_to_send();
    machine.failed(&Action::SendRecords, &refused(ProblemCode::SequenceFork), NOW, 0);
    assert_eq!(machine.next(NOW), Action::MakeKey(Cause::SequenceFork));
}

#[test]
fn products_in_the_answer_narrow_what_is_sent_and_a_newer_policy_is_fetched() {
    let mut machine = about_to_send();
    let narrower = RecordsReply {
        policy: 2,
        products: products(&["wifi"]),
        ..stored(7)
    };
    machine.records_acknowledged(narrower, NOW);
    assert_eq!(machine.permits().iter().count(), 0);
    assert_eq!(machine.records().policy.products, products(&["wifi"]));
    machine.collected(fields("lap-17"), NOW);
    assert_eq!(machine.next(NOW), Action::FetchPolicy);
}

#[test]
fn records_that_the_disk_does_not_give_rest_for_a_while() {
    let mut machine = about_to_send();
    machine.records_rest(NOW);
    assert_eq!(machine.next(NOW), Action::Wait(Duration::from_secs(30)));
    assert_eq!(machine.next(NOW.plus(30)), Action::SendRecords);
}
