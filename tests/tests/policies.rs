//! The policy: published only when it is signed and newer, obeyed by agents from their next report on.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on says where"
)]

use std::path::PathBuf;
use std::sync::Arc;

use zeef_proto::policy::Policy;
use zeef_tests::{Agent, Installation, Machine};

const REFERENCE: &str = include_str!("../../proto/policies/vokus-1.1.toml");

fn reference() -> Policy {
    Policy::parse(REFERENCE).unwrap()
}

/// A signed policy of that version, changed by `change`, in a file.
fn signed(collector: &Installation, version: u64, change: impl FnOnce(String) -> String) -> PathBuf {
    let held = format!("\nversion = {}\n", reference().version);
    assert!(
        REFERENCE.contains(&held),
        "the policy states its version on a line of its own"
    );
    let text = change(REFERENCE.replacen(&held, &format!("\nversion = {version}\n"), 1));
    let (file, out) = (
        collector.file(format!("policy-{version}.toml")),
        collector.file(format!("policy-{version}.json")),
    );
    std::fs::write(&file, text).unwrap();
    let key = collector.file("offline/policy.key");
    let paths = [&file, &key, &out].map(|path| path.to_str().unwrap().to_owned());
    drop(
        collector
            .run(&[
                "policy", "sign", &paths[0], "--key", &paths[1], "--out", &paths[2],
            ])
            .done(),
    );
    out
}

fn publish(collector: &Installation, file: &std::path::Path) -> zeef_tests::Outcome {
    collector.run(&["policy", "publish", file.to_str().unwrap(), "--yes"])
}

fn shown(collector: &Installation) -> serde_json::Value {
    collector.run(&["policy", "show", "--json"]).json()
}

#[test]
fn a_narrower_policy_reaches_the_agent_which_stops_sending_and_the_collector_which_stops_taking() {
    let collector = Installation::started();
    let token = collector.customer("Bakkerij Jansen", 1);
    let machine = Arc::new(Machine::new("lap-17"));
    machine.sign_in("anna.jansen");
    collector.knows(&machine);
    let mut agent = Agent::new(&machine);
    agent.enroll(&collector.url(), &token);
    agent.start();
    agent.wait_for_report(1);
    assert_eq!(collector.only_device().values("username"), ["anna.jansen"]);

    let version = reference().version + 1;
    let narrower = signed(&collector, version, |text| {
        let without = text.replace(", \"username\"", "").replace("\"username\", ", "");
        assert_ne!(text, without, "the policy documents usernames");
        without
    });
    drop(publish(&collector, &narrower).done());
    machine.set_hostname("lap-18");
    agent.look();
    let status = agent.wait_for_status("the new policy", |_| {
        agent.run(&["policy", "--json"]).json()["version"] == version
    });
    assert_eq!(status["policy_problem"], serde_json::Value::Null);
    machine.sign_out("anna.jansen");
    machine.sign_in("bram.bakker");
    machine.set_hostname("lap-19");
    agent.look();
    let held = zeef_tests::wait::until("the last name", || {
        Some(collector.only_device()).filter(|device| device.values("device_name") == ["lap-19"])
    });
    assert!(held.values("username").is_empty(), "{held:?}");
    let sent = zeef_tests::wait::until("the agent's own record of it", || {
        let sent = agent.run(&["sent", "--json"]).json();
        Some(sent).filter(|sent| sent["last"].to_string().contains("lap-19"))
    });
    assert!(
        !sent.to_string().contains("bram.bakker") && !sent.to_string().contains("anna.jansen"),
        "{sent}"
    );
    agent.stop();
}

#[test]
fn a_policy_with_a_bad_signature_a_lower_version_or_another_key_is_refused_and_nothing_changes() {
    let collector = Installation::started();
    let other = Installation::new(
        zeef_tests::Settings::default(),
        zeef_tests::installation::Host::default(),
    );
    let before = shown(&collector);
    let version = reference().version;

    let sound = signed(&collector, version + 5, |text| text);
    let tampered = collector.file("tampered.json");
    let text = std::fs::read_to_string(&sound).unwrap();
    std::fs::write(&tampered, text.replacen("Vokus", "Vokuz", 1)).unwrap();
    let foreign = signed(&other, version + 6, |text| text);
    let nothing = collector.file("nothing.json");
    std::fs::write(&nothing, "{\"document\":").unwrap();
    for file in [&tampered, &foreign, &nothing] {
        let said = publish(&collector, file).refused(2);
        assert!(said.contains("sign"), "{said}");
        assert_eq!(shown(&collector), before);
    }

    drop(publish(&collector, &sound).done());
    let published = shown(&collector);
    assert_eq!(published["version"], version + 5);
    let lower = signed(&collector, version + 4, |text| text);
    let said = publish(&collector, &lower).refused(2);
    assert!(said.contains("version"), "{said}");
    assert_eq!(shown(&collector), published);
}

#[test]
fn the_end_of_a_subscription_ends_what_it_documents() {
    let collector = Installation::started();
    collector.organisation_with("Bakkerij Jansen", &["antivirus"]);
    let token = collector.token("Bakkerij Jansen", 1);
    let machine = Arc::new(Machine::new("lap-17"));
    collector.knows(&machine);
    let mut agent = Agent::new(&machine);
    agent.enroll(&collector.url(), &token);
    agent.start();
    agent.wait_for_report(1);
    assert_eq!(collector.only_device().values("device_name"), ["lap-17"]);

    let list = collector
        .run(&[
            "subscription",
            "list",
            "--organisation",
            "Bakkerij Jansen",
            "--json",
        ])
        .json();
    let id = list[0]["id"].as_str().unwrap();
    drop(
        collector
            .run(&["subscription", "end", "--organisation", "Bakkerij Jansen", id])
            .done(),
    );
    assert!(
        collector.only_device().0["observations"]
            .as_array()
            .unwrap()
            .is_empty()
    );

    // The agent learns it from the refusal of the second report, and the third holds nothing of this machine.
    machine.set_hostname("lap-18");
    agent.look();
    agent.process().wait_for_log("not-documented");
    agent.wait_for_report(3);
    agent.stop();
    let device = collector.only_device();
    assert!(device.0["observations"].as_array().unwrap().is_empty());
    let sent = agent.run(&["sent", "--json"]).json();
    assert!(!sent["last"].to_string().contains("lap-18"), "{sent}");
}
