//! Time passes: certificates are renewed, lapse and are recovered; clocks that are off are told of.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on says where"
)]

use std::sync::Arc;

use zeef_tests::installation::Host;
use zeef_tests::{Agent, FakeClock, Installation, Machine, Settings};

/// A collector and an agent that has reported once; both see the same clock.
fn under_one_clock(hostname: &str) -> (Arc<FakeClock>, Installation, Agent) {
    let clock = Arc::new(FakeClock::new());
    let collector = Installation::started_with(Settings::default(), Host::with_clock(&clock));
    let token = collector.customer("Bakkerij Jansen", 1);
    let machine = Arc::new(Machine::new(hostname));
    collector.knows(&machine);
    let mut agent = Agent::new(&machine).with_clock(&clock);
    agent.enroll(&collector.url(), &token);
    agent.start();
    agent.wait_for_report(1);
    (clock, collector, agent)
}

#[test]
fn a_certificate_is_renewed_at_half_its_life_and_the_device_reports_on() {
    let (clock, collector, mut agent) = under_one_clock("lap-70");
    let first = collector.only_device();
    clock.set_days_ahead(44);
    agent.machine().set_hostname("lap-71");
    agent.look();
    agent.wait_for_report(2);
    assert_eq!(
        collector.only_device().certificate_until(),
        first.certificate_until(),
        "not before its time"
    );

    clock.set_days_ahead(46);
    agent.machine().set_hostname("lap-72");
    agent.look();
    agent.process().wait_for_log("the certificate was renewed");
    agent.wait_for_report(3);
    let renewed = collector.only_device();
    assert_eq!(renewed.id(), first.id());
    assert_ne!(renewed.certificate_until(), first.certificate_until());
    let until = renewed.certificate_until();
    drop(agent.wait_for_status("the new certificate", |status| {
        status["certificate_until"] == until
    }));

    // The first certificate has lapsed by now; the second carries on.
    clock.set_days_ahead(91);
    agent.machine().set_hostname("lap-73");
    agent.look();
    agent.wait_for_report(4);
    assert_eq!(collector.only_device().values("device_name"), ["lap-73"]);
    agent.stop();
}

#[test]
fn a_device_whose_certificate_lapsed_while_it_was_off_recovers_by_itself() {
    let (clock, collector, mut agent) = under_one_clock("lap-80");
    let before = collector.only_device();
    agent.stop();
    clock.set_days_ahead(100);
    assert_eq!(agent.status()["certificate_lapsed"], true);
    agent.machine().set_hostname("lap-81");
    agent.start();
    agent.wait_for_report(2);
    let after = collector.only_device();
    assert_eq!(after.id(), before.id());
    assert_eq!(after.values("device_name"), ["lap-81"]);
    drop(agent.wait_for_status("a certificate that holds", |status| {
        status["certificate_lapsed"] == false
    }));
    agent.stop();
}

#[test]
fn a_revoked_device_does_not_recover() {
    let (clock, collector, mut agent) = under_one_clock("lap-90");
    let id = collector.only_device().id().to_owned();
    agent.stop();
    collector.revoke(&id);
    clock.set_days_ahead(100);
    agent.machine().set_hostname("lap-91");
    agent.start();
    agent.process().wait_for_log("revoked");
    let status = agent.wait_for_status("the refusal", |status| status["refused"] == "revoked");
    assert_eq!(status["certificate_lapsed"], true);
    assert_eq!(collector.device(&id).values("device_name"), ["lap-90"]);
    agent.stop();
}

#[test]
fn an_ended_device_is_wiped_also_when_its_certificate_has_lapsed() {
    let (clock, collector, mut agent) = under_one_clock("lap-92");
    let id = collector.only_device().id().to_owned();
    agent.stop();
    collector.end(&id);
    clock.set_days_ahead(100);
    agent.start();
    let log = agent.ended(4);
    assert!(log.contains("its state was wiped"), "{log}");
}

#[test]
fn a_clock_that_is_an_hour_off_is_told_of_and_keeps_nothing_from_arriving() {
    let clock = Arc::new(FakeClock::new());
    let collector = Installation::started_with(Settings::default(), Host::with_clock(&clock));
    let token = collector.customer("Bakkerij Jansen", 1);
    let machine = Arc::new(Machine::new("lap-94"));
    collector.knows(&machine);
    let mut agent = Agent::new(&machine);
    agent.enroll(&collector.url(), &token);
    clock.set_ahead(3_600);
    agent.start();
    agent.process().wait_for_log("clock differs from the collector's");
    let status = agent.wait_for_status("the difference", |status| status["clock_off_seconds"].is_number());
    let off = status["clock_off_seconds"].as_i64().unwrap();
    assert!((3_590..=3_610).contains(&off), "{off}");
    assert_eq!(collector.only_device().values("device_name"), ["lap-94"]);

    clock.set_ahead(0);
    agent.machine().set_hostname("lap-95");
    agent.look();
    agent.wait_for_report(2);
    drop(agent.wait_for_status("no difference", |status| status["clock_off_seconds"].is_null()));
    agent.stop();
}

#[test]
fn a_certificate_of_a_collector_whose_clock_was_ahead_is_replaced_once_its_clock_is_right() {
    let clock = Arc::new(FakeClock::new());
    let collector = Installation::started_with(Settings::default(), Host::with_clock(&clock));
    let token = collector.customer("Bakkerij Jansen", 1);
    let machine = Arc::new(Machine::new("lap-97"));
    collector.knows(&machine);
    let mut agent = Agent::new(&machine);
    clock.set_days_ahead(5);
    agent.enroll(&collector.url(), &token);
    agent.start();
    agent.wait_for_report(1);
    let first = collector.only_device();

    clock.set_days_ahead(0);
    machine.set_hostname("lap-98");
    agent.look();
    agent.wait_for_report(2);
    let second = collector.only_device();
    assert_eq!(second.id(), first.id());
    assert_eq!(second.values("device_name"), ["lap-98"]);
    assert!(second.certificate_until() < first.certificate_until());
    agent.stop();
}

#[test]
fn a_clock_that_is_years_off_is_named_as_the_reason_and_nothing_is_sent() {
    let clock = Arc::new(FakeClock::new());
    let collector = Installation::started();
    let token = collector.customer("Bakkerij Jansen", 1);
    let machine = Arc::new(Machine::new("lap-96"));
    let agent = Agent::new(&machine).with_clock(&clock);
    for days in [-800, 800] {
        clock.set_days_ahead(days);
        let said = agent.try_enroll(&collector.url(), &token).refused(1);
        assert!(said.contains("clock"), "{said}");
    }
    assert!(collector.devices().is_empty());
    clock.set_days_ahead(0);
    agent.enroll(&collector.url(), &token);
}
