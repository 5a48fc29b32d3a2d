//! Mutated reports at the real port: nothing undocumented is stored, nothing panics, and each refusal is a problem
//! with a stable code that names the field and never the value.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on says where"
)]

mod mutation;
mod senders;

use http::Method;
use proptest::test_runner::{Config, TestRunner};
use zeef_proto::wire::{MAX_BODY, ProblemCode, path};
use zeef_tests::device::RawDevice;

use mutation::mutation;
use senders::Senders;

/// Never in a log (the harness sees to that) and never in a refusal.
const MARK: &str = "GEHEIM4711";

const CASES: u32 = 400;

fn whole(sequence: u64) -> String {
    format!(
        r#"{{"wire":1,"sequence":{sequence},"policy":1,"agent":"0.1.0","device_name":"lap-17","usernames":["j.jansen"],"private_ips":["10.0.3.17","fd00::17"],"mac_addresses":["00:1a:2b:3c:4d:5e"]}}"#
    )
}

#[test]
fn whatever_is_done_to_a_report_only_documented_values_are_stored_and_refusals_tell_no_value() {
    let senders = std::cell::RefCell::new(Senders::new());
    let config = Config {
        failure_persistence: None,
        ..Config::with_cases(CASES)
    };
    let result = TestRunner::new(config).run(&mutation(), |mutation| {
        senders.borrow_mut().try_one(&mutation);
        Ok(())
    });
    result.unwrap();
    let senders = senders.into_inner();
    senders.check_held();
    let refused = senders.runtime.block_on(
        senders
            .collector
            .metric("zeef_refusals_total{code=\"invalid-message\"}"),
    );
    let stored = senders
        .runtime
        .block_on(senders.collector.metric("zeef_reports_total{result=\"stored\"}"));
    assert!(
        refused > 100 && stored > 10,
        "the mutations say something: {refused} refused, {stored} stored"
    );
}

#[test]
fn each_refusal_has_its_code_and_names_the_field() {
    let mut senders = Senders::new();
    let body = whole(1);
    for (from, to, code, said) in [
        (
            "\"policy\"",
            "\"serial\":\"GEHEIM4711\",\"policy\"",
            "invalid-message",
            "not documented",
        ),
        ("device_name", "Device_Name", "invalid-message", "not documented"),
        (
            "\"policy\"",
            "\"usernames\":[],\"policy\"",
            "invalid-message",
            "username has a key twice",
        ),
        (
            "\"lap-17\"",
            "\"GEHEIM4711.example\"",
            "invalid-message",
            "device_name is not in canonical form",
        ),
        (
            "10.0.3.17",
            "198.51.100.7",
            "invalid-message",
            "private_ip is not a private address",
        ),
        (
            "00:1a:2b",
            "00:1A:2B",
            "invalid-message",
            "mac_address is not in canonical form",
        ),
        (
            "\"j.jansen\"",
            "17",
            "invalid-message",
            "username is of the wrong JSON type",
        ),
        ("\"sequence\":1,", "", "invalid-message", "lacks a required key"),
        ("\"wire\":1", "\"wire\":2", "wire-version", ""),
    ] {
        assert!(body.contains(from), "{from}");
        let answer = senders.send(body.replacen(from, to, 1).into_bytes());
        let problem = answer.problem();
        assert_eq!(problem.code.as_str(), code, "{from} -> {to}");
        assert!(
            problem.detail.clone().unwrap_or_default().contains(said),
            "{problem:?}"
        );
        assert!(
            !answer.text().contains(MARK) && !answer.text().contains("198.51"),
            "{problem:?}"
        );
    }
    assert!(
        senders.collector.only_device().0["observations"]
            .as_array()
            .unwrap()
            .is_empty()
    );
}

#[test]
fn a_field_that_the_devices_products_do_not_document_refuses_the_report_whole() {
    let senders = Senders::new();
    // Wi-Fi has no agent: nothing that an agent sends is documented for it.
    senders.collector.organisation_with("Camping De Zon", &["wifi"]);
    let token = senders.collector.token("Camping De Zon", 1);
    let contact = senders.collector.contact();
    senders.runtime.block_on(async {
        let mut device = RawDevice::enrol(&contact, &token).await;
        let answer = device.send(whole(1).into_bytes()).await.unwrap();
        assert_eq!(answer.code(), ProblemCode::NotDocumented);
        let heartbeat = br#"{"wire":1,"sequence":1,"policy":1,"agent":"0.1.0"}"#.to_vec();
        assert_eq!(device.send(heartbeat).await.unwrap().status, 200);
        let held = senders.collector.device(&device.id.to_string());
        assert!(held.0["observations"].as_array().unwrap().is_empty());
    });
}

#[test]
fn bodies_paths_and_methods_that_are_none_get_their_own_codes() {
    let mut senders = Senders::new();
    let runtime = senders.runtime.handle().clone();
    let mut ask = |method, path, size| {
        let answer = runtime.block_on(senders.current.ask(method, path, vec![b' '; size]));
        answer.unwrap().code()
    };
    assert_eq!(ask(Method::POST, "/v1/reports", 0), ProblemCode::NotFound);
    assert_eq!(ask(Method::POST, "/v1/report/", 0), ProblemCode::NotFound);
    assert_eq!(ask(Method::GET, path::REPORT, 0), ProblemCode::MethodNotAllowed);
    assert_eq!(
        ask(Method::PUT, path::ENROLMENT, 0),
        ProblemCode::MethodNotAllowed
    );
    assert_eq!(ask(Method::POST, path::REPORT, 0), ProblemCode::InvalidMessage);
    assert_eq!(
        ask(Method::POST, path::REPORT, MAX_BODY),
        ProblemCode::InvalidMessage
    );
    assert_eq!(
        ask(Method::POST, path::REPORT, MAX_BODY + 1),
        ProblemCode::TooLarge
    );
    assert_eq!(
        ask(Method::POST, path::ENROLMENT, 3 * MAX_BODY),
        ProblemCode::TooLarge
    );
    // What is larger by far is not read to its end; whether the refusal is read depends on how much was on its way.
    let far_too_large = senders
        .current
        .ask(Method::POST, path::REPORT, vec![b' '; 64 * MAX_BODY]);
    if let Ok(answer) = senders.runtime.block_on(far_too_large) {
        assert_eq!(answer.code(), ProblemCode::TooLarge);
    }
    assert_eq!(
        senders.send(whole(1).into_bytes()).status,
        200,
        "and the device goes on"
    );
}
