//! A copied disk: the copy becomes a device of its own, and nothing of the two is mixed up.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on says where"
)]

use std::sync::Arc;

use zeef_tests::{Agent, Installation, Machine, wait};

/// A collector and an agent that has reported once, whose token enrols that many devices.
fn reporting(hostname: &str, uses: u32) -> (Installation, Agent) {
    let collector = Installation::started();
    let token = collector.customer("Bakkerij Jansen", uses);
    let machine = Arc::new(Machine::new(hostname));
    collector.knows(&machine);
    let mut agent = Agent::new(&machine);
    agent.enroll(&collector.url(), &token);
    agent.start();
    agent.wait_for_report(1);
    (collector, agent)
}

fn names(collector: &Installation) -> Vec<String> {
    let devices = collector.devices();
    let mut names: Vec<String> = devices
        .iter()
        .flat_map(|one| one.values("device_name"))
        .map(str::to_owned)
        .collect();
    names.sort();
    names
}

#[test]
fn a_state_that_wakes_up_on_another_machine_becomes_a_device_of_its_own_before_it_reports() {
    let (collector, mut original) = reporting("original-1", 2);
    let other = Arc::new(Machine::new("copy-1"));
    collector.knows(&other);
    let mut copy = original.copied_to(&other);
    copy.start();
    copy.process().wait_for_log("enrols anew");
    copy.wait_for_report(1);
    assert_eq!(names(&collector), ["copy-1", "original-1"]);
    assert!(collector.devices().iter().all(|one| one.state() == "reporting"));

    original.machine().set_hostname("original-2");
    original.look();
    original.wait_for_report(2);
    assert_eq!(names(&collector), ["copy-1", "original-2"]);
    original.stop();
    copy.stop();
}

#[test]
fn a_copy_that_cannot_be_told_by_its_machine_is_noticed_by_its_reports() {
    let (collector, mut original) = reporting("original-1", 2);
    let twin = Arc::new(Machine::new("copy-1"));
    twin.take_identifier_of(original.machine());
    collector.knows(&twin);
    original.stop();
    let mut copy = original.copied_to(&twin);

    copy.start();
    copy.wait_for_report(2);
    original.machine().set_hostname("original-2");
    original.start();
    original.process().wait_for_log("enrols anew");
    wait::until("both of them", || {
        (names(&collector) == ["copy-1", "original-2"]).then_some(())
    });
    let mut states: Vec<_> = collector
        .devices()
        .iter()
        .map(|one| one.state().to_owned())
        .collect();
    states.sort();
    assert_eq!(states, ["reporting", "suspected clone"]);
    original.stop();
    copy.stop();
}

#[test]
fn a_copy_without_a_token_that_is_good_reports_nothing_and_says_why() {
    let (collector, mut original) = reporting("original-1", 1);
    let other = Arc::new(Machine::new("copy-1"));
    collector.knows(&other);
    let mut copy = original.copied_to(&other);
    copy.start();
    copy.process().wait_for_log("token-refused");
    let status = copy.wait_for_status("the refusal", |status| status["refused"] == "token-refused");
    assert!(
        status["enrols_anew"].as_str().unwrap().contains("copied"),
        "{status}"
    );
    copy.stop();

    original.machine().set_hostname("original-2");
    original.look();
    original.wait_for_report(2);
    assert_eq!(names(&collector), ["original-2"]);
    assert_eq!(collector.only_device().state(), "reporting");
    original.stop();
}
