//! What the service does next, whatever the collector says and whatever the clock does.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod builders;
mod records;

use std::time::Duration;

use zeef_agent::enrol::Renewed;
use zeef_agent::policy::HeldPolicy;
use zeef_agent::run::{Action, Ending, Machine, News};
use zeef_agent::state::{Cause, Enrolment, MachineMark, Records, SecretKey, Standing};
use zeef_agent::transport::{Distrust, ExchangeError};
use zeef_proto::field::{DeviceName, Parse};
use zeef_proto::time::{DAY, HOUR};
use zeef_proto::wire::{ProblemCode, ReportReply};
use zeef_proto::{DeviceId, UnixTime};

use builders::*;

#[test]
fn a_device_looks_reports_and_then_waits_for_its_interval() {
    let (mut machine, report) = about_to_report();
    assert_eq!(sent(&report).sequence, 1);
    assert_eq!(machine.acknowledged(reply(1), NOW, 0), News::None);
    assert_eq!(machine.next(NOW), Action::Wait(Duration::from_secs(60)));
    assert_eq!(machine.next(NOW.plus(59)), Action::Wait(Duration::from_secs(1)));
    assert_eq!(machine.next(NOW.plus(60)), Action::Collect);
    machine.collect_now();
    assert_eq!(machine.next(NOW), Action::Collect);
}

#[test]
fn an_unreachable_collector_is_tried_again_ever_more_rarely_with_the_same_bytes() {
    let (mut machine, report) = about_to_report();
    let mut now = NOW;
    let mut longest = 0;
    for failure in 1..30_u32 {
        machine.failed(
            &report,
            &ExchangeError::Unreachable,
            now,
            u64::from(failure) * 7_919,
        );
        let mut waited = 0;
        let again = loop {
            match machine.next(now) {
                Action::Wait(time) => {
                    let seconds = i64::try_from(time.as_secs()).unwrap();
                    now = now.plus(seconds);
                    waited += seconds;
                }
                Action::Collect => machine.collected(fields("lap-18"), now),
                action => break action,
            }
        };
        assert_eq!(again, report);
        longest = longest.max(waited);
        assert!(waited <= 960, "{waited}");
    }
    assert!(longest > 60, "{longest}");
    machine.acknowledged(reply(1), now, 0);
    let next = machine.next(now);
    assert_eq!(sent(&next).sequence, 2);
    assert_eq!(sent(&next).device_name, DeviceName::parse("lap-18").ok());
}

#[test]
fn retry_after_is_heeded() {
    let (mut machine, report) = about_to_report();
    let busy = ExchangeError::Refused {
        code: ProblemCode::Unavailable,
        retry_after: Some(40),
    };
    machine.failed(&report, &busy, NOW, 0);
    assert_eq!(machine.next(NOW), Action::Wait(Duration::from_secs(40)));
    assert_eq!(machine.next(NOW.plus(40)), report);
}

#[test]
fn a_revoked_device_says_so_keeps_its_state_and_asks_once_an_hour() {
    for code in [
        ProblemCode::Revoked,
        ProblemCode::CertificateUnknown,
        ProblemCode::CertificateRequired,
    ] {
        let (mut machine, report) = about_to_report();
        assert!(matches!(
            machine.failed(&report, &refused(code), NOW, 0),
            News::Trouble(_)
        ));
        assert_eq!(machine.records().status.standing, Standing::Refused(code));
        assert!(machine.records().identity.is_some());
        assert_eq!(
            machine.next(NOW.plus(HOUR - 1)),
            Action::Wait(Duration::from_secs(1))
        );
        assert_eq!(next_exchange(&mut machine, NOW.plus(HOUR)), report);
        assert_eq!(machine.failed(&report, &refused(code), NOW, 0), News::None);
        machine.acknowledged(reply(1), NOW.plus(HOUR), 0);
        assert_eq!(machine.records().status.standing, Standing::Good);
        assert_eq!(machine.records().status.trouble, None);
    }
}

#[test]
fn a_refused_device_asks_again_after_a_restart_even_with_nothing_new_to_say() {
    let (mut first, _) = about_to_report();
    first.acknowledged(reply(1), NOW, 0);
    first.failed(&Action::FetchPolicy, &refused(ProblemCode::Revoked), NOW, 0);
    let mut second = machine(first.records().clone());
    let question = sent(&next_exchange(&mut second, NOW.plus(1)));
    assert_eq!((question.sequence, question.fields().count()), (2, 0));
}

#[test]
fn a_removed_device_ends() {
    let (mut machine, report) = about_to_report();
    machine.failed(&report, &refused(ProblemCode::Gone), NOW, 0);
    assert_eq!(machine.next(NOW), Action::End(Ending::Gone));
}

#[test]
fn a_copied_device_becomes_one_of_its_own_and_starts_from_the_beginning() {
    let (mut machine, report) = about_to_report();
    machine.failed(&report, &refused(ProblemCode::SequenceFork), NOW, 0);
    assert_eq!(machine.next(NOW), Action::MakeKey(Cause::SequenceFork));
    machine.key_made(SecretKey::new(vec![9]), Cause::SequenceFork);
    assert_eq!(machine.next(NOW), Action::Enrol);
    let enrolled = enrolment_reply();
    machine.enrolled(enrolled, None, NOW, 0);
    let identity = machine.records().identity.as_ref().unwrap();
    assert_eq!(identity.device, DeviceId::from_random([7; 16]));
    assert_eq!(identity.key.expose(), [9]);
    assert!(machine.records().enrolment.is_none());
    assert_eq!(machine.next(NOW), Action::Collect);
    machine.collected(fields("lap-17"), NOW);
    assert_eq!(sent(&machine.next(NOW)).sequence, 1);
}

#[test]
fn a_device_that_is_copied_again_and_again_enrols_no_more_than_once_an_hour() {
    let mut records = enrolled_device();
    records.identity.as_mut().unwrap().copies = 1;
    let mut machine = machine(records);
    machine.collected(fields("lap-17"), NOW);
    let report = machine.next(NOW);
    machine.failed(&report, &refused(ProblemCode::SequenceFork), NOW, 0);
    assert_eq!(machine.next(NOW.plus(59)), Action::Wait(Duration::from_secs(1)));
    machine.collected(fields("lap-17"), NOW.plus(HOUR));
    assert_eq!(machine.next(NOW.plus(HOUR)), Action::MakeKey(Cause::SequenceFork));
}

#[test]
fn state_that_was_made_on_another_machine_is_not_used() {
    let mut moved = Machine::new(enrolled_device(), INTERVAL, Some(b"another machine's identifier"));
    moved.collected(fields("lap-17"), NOW);
    assert_eq!(moved.next(NOW), Action::MakeKey(Cause::OtherMachine));
    let mut unknown = Machine::new(enrolled_device(), INTERVAL, None);
    assert_eq!(unknown.next(NOW), Action::Collect);
}

#[test]
fn a_copy_whose_token_is_used_up_says_so_and_tries_hourly_without_reporting() {
    let (mut machine, report) = about_to_report();
    machine.failed(&report, &refused(ProblemCode::SequenceFork), NOW, 0);
    machine.key_made(SecretKey::new(vec![9]), Cause::SequenceFork);
    machine.failed(&Action::Enrol, &refused(ProblemCode::TokenRefused), NOW, 0);
    assert_eq!(
        machine.records().status.standing,
        Standing::Refused(ProblemCode::TokenRefused)
    );
    assert!(matches!(machine.next(NOW), Action::Wait(_)));
    assert_eq!(machine.next(NOW.plus(HOUR)), Action::Enrol);
}

#[test]
fn a_lapsed_certificate_is_recovered_before_anything_else() {
    let mut records = enrolled_device();
    records.identity.as_mut().unwrap().certificate = certificate(NOW);
    let mut machine = machine(records);
    machine.collected(fields("lap-17"), NOW);
    assert_eq!(machine.next(NOW), Action::Recover);
    machine.renewed(
        Renewed {
            key: SecretKey::new(vec![8]),
            certificate: certificate(NOW.plus(90 * DAY)),
        },
        NOW,
    );
    assert!(matches!(machine.next(NOW), Action::Report(_)));
}

#[test]
fn a_certificate_that_lapsed_by_the_collectors_clock_alone_is_recovered_too() {
    let (mut machine, report) = about_to_report();
    machine.failed(&report, &ExchangeError::CertificateLapsed, NOW, 0);
    assert_eq!(machine.next(NOW.plus(1)), Action::Recover);
}

#[test]
fn half_way_through_its_life_a_certificate_is_renewed_and_reports_go_on_if_that_fails() {
    let mut records = enrolled_device();
    records.identity.as_mut().unwrap().certificate = certificate(NOW.plus(45 * DAY));
    let mut machine = machine(records);
    machine.collected(fields("lap-17"), NOW);
    assert_eq!(machine.next(NOW), Action::Renew);
    machine.failed(&Action::Renew, &refused(ProblemCode::Internal), NOW, 0);
    assert!(matches!(
        next_exchange(&mut machine, NOW.plus(1)),
        Action::Report(_)
    ));
}

#[test]
fn a_clock_that_runs_ahead_does_not_renew_in_a_circle() {
    let mut records = enrolled_device();
    records.identity.as_mut().unwrap().certificate = certificate(NOW.plus(DAY));
    let mut machine = machine(records);
    machine.collected(fields("lap-17"), NOW);
    assert_eq!(machine.next(NOW), Action::Renew);
    let renewed = Renewed {
        key: SecretKey::new(vec![8]),
        certificate: certificate(NOW.plus(DAY)),
    };
    machine.renewed(renewed, NOW);
    assert!(matches!(machine.next(NOW), Action::Report(_)));
}

#[test]
fn a_higher_policy_is_fetched_and_adopted_and_a_lower_or_forged_one_is_not() {
    let (mut machine, _) = about_to_report();
    machine.acknowledged(
        ReportReply {
            policy: 2,
            ..reply(1)
        },
        NOW,
        0,
    );
    assert_eq!(machine.next(NOW), Action::FetchPolicy);

    let mut forged = policy(2);
    forged.document.push('\n');
    assert!(matches!(machine.policy_fetched(forged, NOW), News::Trouble(_)));
    assert_eq!(machine.records().policy.signed, Some(policy(1)));
    assert!(machine.records().status.policy_trouble.is_some());

    assert_eq!(machine.policy_fetched(policy(2), NOW), News::None);
    assert_eq!(machine.records().policy.signed, Some(policy(2)));
    assert!(machine.records().status.policy_trouble.is_none());

    assert!(matches!(machine.policy_fetched(policy(1), NOW), News::Trouble(_)));
    assert_eq!(machine.records().policy.signed, Some(policy(2)));
}

#[test]
fn products_that_the_collector_names_narrow_what_is_sent_and_never_widen_the_policy() {
    let (mut machine, _) = about_to_report();
    let none = ReportReply {
        products: products(&["wifi", "telepathy"]),
        ..reply(1)
    };
    machine.acknowledged(none, NOW, 0);
    assert_eq!(machine.permits().iter().count(), 0);
    assert!(machine.records().progress.held().is_empty());
    assert_eq!(machine.next(NOW), Action::Collect);
}

#[test]
fn after_an_undocumented_field_the_policy_and_the_products_are_asked_for_first() {
    let (mut machine, report) = about_to_report();
    machine.failed(&report, &refused(ProblemCode::NotDocumented), NOW, 0);
    assert_eq!(machine.next(NOW.plus(1)), Action::FetchPolicy);
    machine.policy_fetched(policy(1), NOW.plus(1));
    let question = sent(&machine.next(NOW.plus(1)));
    assert_eq!((question.sequence, question.fields().count()), (2, 0));
}

#[test]
fn without_a_policy_nothing_is_collected_or_said() {
    let mut records = enrolled_device();
    records.policy = HeldPolicy::default();
    let mut machine = machine(records);
    assert_eq!(machine.next(NOW), Action::FetchPolicy);
    machine.failed(&Action::FetchPolicy, &refused(ProblemCode::Internal), NOW, 0);
    assert!(matches!(machine.next(NOW.plus(2)), Action::Wait(_)));
}

#[test]
fn a_policy_on_disk_that_was_tampered_with_is_not_obeyed() {
    let mut records = enrolled_device();
    records.policy.signed.as_mut().unwrap().document.push('#');
    let mut machine = machine(records);
    assert_eq!(machine.permits().iter().count(), 0);
    assert_eq!(machine.next(NOW), Action::FetchPolicy);
    machine.policy_fetched(policy(1), NOW);
    assert_eq!(machine.next(NOW), Action::Collect);
}

#[test]
fn a_clock_that_is_off_is_told_once_and_shown() {
    let (mut machine, _) = about_to_report();
    let off = ReportReply {
        time: NOW.plus(3 * HOUR),
        ..reply(1)
    };
    assert!(matches!(machine.acknowledged(off, NOW, 0), News::Trouble(_)));
    assert_eq!(machine.records().status.clock_off, Some(3 * HOUR));
}

#[test]
fn a_collector_that_claims_an_impossible_time_does_not_stop_the_agent() {
    for (time, off) in [(i64::MIN, i64::MIN), (i64::MAX, i64::MAX - NOW.0)] {
        let (mut machine, _) = about_to_report();
        let reply = ReportReply {
            time: UnixTime(time),
            ..reply(1)
        };
        assert!(matches!(machine.acknowledged(reply, NOW, 0), News::Trouble(_)));
        assert_eq!(machine.records().status.clock_off, Some(off));
    }
}

#[test]
fn a_server_that_is_not_trusted_is_backed_off_from_like_one_that_is_not_there() {
    let (mut machine, report) = about_to_report();
    for error in [
        ExchangeError::Distrusted(Distrust::Root),
        ExchangeError::Nonsense(404),
        ExchangeError::NotTls,
    ] {
        assert!(matches!(
            machine.failed(&report, &error, NOW, 0),
            News::Trouble(_)
        ));
        assert_eq!(machine.failed(&report, &error, NOW, 0), News::None);
        assert!(matches!(machine.next(NOW), Action::Wait(_)));
        assert_eq!(machine.records().progress.sequence(), 1);
    }
}

#[test]
fn a_clock_that_is_set_back_does_not_stall_the_service() {
    let (mut machine, report) = about_to_report();
    machine.failed(&report, &refused(ProblemCode::Revoked), NOW, 0);
    assert_eq!(next_exchange(&mut machine, NOW.plus(-7 * DAY)), report);
}

#[test]
fn an_enrolment_that_was_interrupted_is_completed_by_the_service() {
    let records = Records {
        enrolment: Some(Enrolment {
            place: place(),
            key: SecretKey::new(vec![5]),
            cause: Cause::Asked,
            copies: 0,
        }),
        ..Records::default()
    };
    let mut machine = machine(records);
    assert_eq!(machine.next(NOW), Action::Enrol);
    let enrolled = enrolment_reply();
    machine.enrolled(enrolled, Some(MachineMark::new(HERE, [1; 32])), NOW, 0);
    assert_eq!(machine.records().identity.as_ref().unwrap().copies, 0);
    assert_eq!(machine.next(NOW), Action::Collect);
}

#[test]
fn an_enrolment_whose_policy_is_not_signed_by_the_pinned_key_changes_nothing() {
    let (mut machine, report) = about_to_report();
    machine.failed(&report, &refused(ProblemCode::SequenceFork), NOW, 0);
    machine.key_made(SecretKey::new(vec![9]), Cause::SequenceFork);
    let before = machine.records().identity.clone();
    let mut enrolled = enrolment_reply();
    enrolled.reply.policy.document.push('#');
    assert!(matches!(
        machine.enrolled(enrolled, None, NOW, 0),
        News::Trouble(_)
    ));
    assert_eq!(machine.records().identity, before);
    assert_eq!(machine.next(NOW.plus(1)), Action::Enrol);
}

#[test]
fn without_identity_and_enrolment_the_service_ends() {
    assert_eq!(
        machine(Records::default()).next(NOW),
        Action::End(Ending::NotEnrolled)
    );
}
