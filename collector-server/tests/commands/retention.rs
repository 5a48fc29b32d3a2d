//! What expires when, and whether it is gone.

use serde_json::Value;
use zeef_collector::clock::SystemClock;
use zeef_collector::config::Config;
use zeef_collector::installation;
use zeef_collector::store::AgentStore;
use zeef_collector::store::records::{Enrolment, IncomingReport, ReportOutcome};
use zeef_collector::store::retention::RetentionStore;
use zeef_proto::field::{DeviceName, Parse};
use zeef_proto::time::{DAY, HOUR};
use zeef_proto::wire::{EnrolmentToken, Platform, Report};
use zeef_proto::{Clock, DeviceId};

use crate::cli::Cli;

/// One device of one organisation that has rmm, with a name; gives the subscription's id.
pub(crate) fn with_device(cli: &Cli) -> String {
    cli.run(&["organisation", "add", "Bakkerij Jansen"]).done();
    let of = ["--organisation", "Bakkerij Jansen", "--json"];
    let subscription = cli
        .run(&[&["subscription", "add", "rmm"], &of[..]].concat())
        .json();
    let token = cli.run(&[&["token", "create"], &of[..]].concat()).json();
    let token: EnrolmentToken = token["token"].as_str().unwrap().parse().unwrap();
    run(async {
        let store = installation::store(&config(cli).files).unwrap();
        let now = SystemClock.now();
        let secret_hash = ring::digest::digest(&ring::digest::SHA256, &token.secret);
        let enrolment = Enrolment {
            secret_hash: secret_hash.as_ref().try_into().unwrap(),
            key_hash: [1; 32],
            device: DeviceId::from_bytes([2; 16]),
            platform: Platform::Linux,
            agent: "0.1.0".parse().unwrap(),
            now,
        };
        let enrolled = store.enrol(enrolment).await.unwrap().unwrap();
        let report = Report {
            wire: 1,
            sequence: 1,
            policy: 1,
            agent: "0.1.0".parse().unwrap(),
            device_name: Some(DeviceName::parse("lap-17").unwrap()),
            usernames: None,
            private_ips: None,
            mac_addresses: None,
        };
        let incoming = IncomingReport {
            organisation: enrolled.organisation,
            device: enrolled.device,
            body: report.to_bytes().into(),
            report,
            public_ip: None,
            now,
        };
        let outcome = store.record_report(incoming).await.unwrap();
        assert!(matches!(outcome, ReportOutcome::Stored { .. }));
    });
    subscription["id"].as_str().unwrap().to_owned()
}

fn config(cli: &Cli) -> Config {
    Config::read(&cli.file("zeef/collector.toml")).unwrap()
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(work)
}

fn end(cli: &Cli, subscription: &str, at: &str) {
    let of = ["--organisation", "Bakkerij Jansen"];
    cli.run(&[&["subscription", "end", subscription, "--at", at], &of[..]].concat())
        .done();
}

#[test]
fn a_plan_says_what_goes_when_and_why_and_no_value() {
    let cli = Cli::installed();
    let subscription = with_device(&cli);
    let lines = |until: &str| -> Vec<Value> {
        let plan = cli.run(&["retention", "plan", "--until", until, "--json"]).json();
        plan["lines"].as_array().unwrap().clone()
    };
    assert!(lines("366d").is_empty(), "the service has no end");
    let ends = SystemClock.now().plus(20 * DAY);
    end(&cli, &subscription, &ends.to_string());
    assert!(lines("19d").is_empty());
    let found = lines("2100-01-01");
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(
        [
            &found[0]["field"],
            &found[0]["product"],
            &found[0]["row"],
            &found[0]["count"]
        ],
        [
            &Value::from("device_name"),
            &"rmm".into(),
            &"rmm-device".into(),
            &1.into()
        ]
    );
    assert_eq!(
        [&found[1]["what"], &found[1]["count"]],
        [&Value::from("devices"), &1.into()]
    );
    let shown = cli.run(&["retention", "plan", "--until", "30d"]).done();
    assert!(shown.contains("Bakkerij Jansen") && shown.contains("for the duration of the service"));
    assert!(!shown.contains("lap-17"));
    assert!(
        cli.run(&["retention", "plan", "--until", "soon"])
            .refused()
            .contains("2026-03-01")
    );
}

#[test]
fn a_run_deletes_what_has_expired_and_the_status_tells_before_and_after() {
    let cli = Cli::installed();
    let subscription = with_device(&cli);
    let status = || cli.run(&["retention", "status", "--json"]).json();
    assert_eq!(status()["last_purge"], Value::Null);
    // A service that is said to have ended days ago leaves nothing overdue: it is known only now.
    let ended = SystemClock.now().plus(-9 * DAY).to_string();
    end(&cli, &subscription, &ended);
    assert_eq!(status()["expired"], 1);
    assert_eq!(status()["deletion"], "on-time");
    let text = cli.run(&["retention", "status"]).done();
    assert!(text.contains("expired values that are still stored: 1"), "{text}");

    let done = cli.run(&["retention", "run", "--json"]).json();
    assert_eq!([&done["expired"], &done["last_purge"]["observations"]], [0, 1]);
    let after = status();
    assert_eq!(after["last_purge"]["completed"], true);
    assert_eq!(after["oldest_due_since"], Value::Null);
    assert_eq!(
        cli.run(&["device", "list", "--json"]).json(),
        serde_json::json!([])
    );
}

#[test]
fn a_clock_is_confirmed_where_it_is_ahead_and_not_where_it_was_set_back() {
    let cli = Cli::installed();
    cli.run(&["retention", "run"]).done();
    assert!(
        cli.run(&["retention", "confirm-clock"])
            .done()
            .contains("already")
    );
    let clock = |days| {
        // As another process has seen it, whose clock was right or wrong.
        let seen = SystemClock.now().plus(days * DAY);
        let database = rusqlite::Connection::open(cli.file("zeef/data/zeef.db")).unwrap();
        database
            .execute("UPDATE retention_time SET high_water = ?1", [seen.0])
            .unwrap();
    };
    clock(-100);
    let status = cli.run(&["retention", "status", "--json"]).json();
    assert_eq!(status["clock"]["state"], "ahead");
    assert!(
        cli.run(&["retention", "confirm-clock"])
            .done()
            .contains("is believed")
    );
    let state = || cli.run(&["retention", "status", "--json"]).json()["clock"]["state"].clone();
    assert_eq!(state(), "steady");
    clock(3);
    assert_eq!(state(), "set-back");
    let refused = cli.run(&["retention", "confirm-clock"]).refused();
    assert!(refused.contains("by itself"), "{refused}");
    let found = run(async {
        let store = installation::store(&config(&cli).files).unwrap();
        store.observe_time(SystemClock.now()).await.unwrap()
    });
    assert!(found.high_water > found.now, "nothing was changed");
}

#[test]
fn an_organisation_has_its_days_of_silence_and_a_device_can_be_answered_for() {
    let cli = Cli::installed();
    with_device(&cli);
    let days = || cli.run(&["organisation", "list", "--json"]).json()[0]["silence_days"].clone();
    assert_eq!(days(), 60);
    let silence =
        |arguments: &[&str]| cli.run(&[&["organisation", "silence", "Bakkerij Jansen"], arguments].concat());
    silence(&["--days", "90"]).done();
    assert_eq!(days(), 90);
    silence(&["--never"]).done();
    assert_eq!(days(), Value::Null);
    silence(&["--days", "1"]).refused();
    silence(&[]).refused();
    assert_eq!(days(), Value::Null);

    let device = || cli.run(&["device", "list", "--json"]).json()[0].clone();
    let id = device()["id"].as_str().unwrap().to_owned();
    // One in the hour of a contact is answered by it.
    let asked = SystemClock.now().plus(HOUR);
    run(async {
        let store = installation::store(&config(&cli).files).unwrap();
        let listed = device()["organisation"].as_str().unwrap().parse().unwrap();
        store
            .ask_about(listed, vec![id.parse().unwrap()], asked)
            .await
            .unwrap();
    });
    assert_eq!(device()["state"], "asked about");
    assert_eq!(device()["counts_as_ended_at"], asked.plus(30 * DAY).to_string());
    let status = cli.run(&["retention", "status", "--json"]).json();
    assert_eq!(status["asked_about"], 1);
    let plan = cli.run(&["retention", "plan", "--json"]).json();
    assert_eq!(
        plan["lines"],
        serde_json::json!([]),
        "nobody is asked for this organisation"
    );
    cli.run(&["device", "keep", &id]).done();
    assert_eq!(device()["state"], "reporting");
}

#[test]
fn a_legal_hold_has_a_reason_and_an_end_and_keeps_a_device_from_being_ended() {
    let cli = Cli::installed();
    with_device(&cli);
    let add = |arguments: &[&str]| {
        let hold = ["retention", "hold", "add", "--organisation", "Bakkerij Jansen"];
        cli.run(&[&hold[..], arguments].concat())
    };
    for wrong in [
        &["--until", "90d"][..],
        &["--reason", "a case"],
        &["--reason", " ", "--until", "90d"],
        &["--reason", "a case", "--until", "2020-01-01"],
        &["--reason", "a case", "--until", "soon"],
        &[
            "--reason",
            "a case",
            "--until",
            "90d",
            "--device",
            "6f1b0c7e-0d4f-4a7e-9b62-1d8f0a3c5e21",
        ],
    ] {
        add(wrong).refused();
    }
    let list = || cli.run(&["retention", "hold", "list", "--json"]).json();
    assert_eq!(list(), serde_json::json!([]));
    let id = add(&["--reason", "a case before the court", "--until", "90d", "--json"]).json()["id"].clone();
    let listed = list()[0].clone();
    assert_eq!(
        [
            &listed["id"],
            &listed["reason"],
            &listed["stands"],
            &listed["device"]
        ],
        [&id, &"a case before the court".into(), &true.into(), &Value::Null]
    );
    let device = cli.run(&["device", "list", "--json"]).json()[0]["id"].clone();
    let end = || cli.run(&["erase", "device", device.as_str().unwrap(), "--yes"]);
    let refused = end().refused();
    assert!(refused.contains("legal hold"), "{refused}");
    let end_hold = || cli.run(&["retention", "hold", "end", id.as_str().unwrap()]);
    end_hold().done();
    end_hold().refused();
    assert_eq!(list()[0]["stands"], false);
    end().done();
}
