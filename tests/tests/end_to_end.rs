//! What a machine is reaches the inventory, follows its changes, and ends as it should.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on says where"
)]

use std::sync::Arc;

use zeef_tests::scan::Canaries;
use zeef_tests::{Agent, Installation, Machine, wait};

/// A collector, and an agent on a machine of that name that is enrolled and has reported once.
fn reporting(hostname: &str) -> (Installation, Agent) {
    let collector = Installation::started();
    let mut agent = Agent::enrolled(&collector, hostname);
    agent.start();
    agent.wait_for_report(1);
    (collector, agent)
}

#[test]
fn a_machine_is_told_what_is_held_of_it_while_its_agent_runs_and_nothing_once_revoked() {
    let (collector, agent) = reporting("lap-17");
    let told = agent.run(&["my-data", "--json"]).json();
    let device = collector.only_device();
    assert_eq!(told["device"], device.id());
    let values: Vec<_> = told["values"].as_array().unwrap().iter().collect();
    let name = values.iter().find(|held| held["field"] == "device_name").unwrap();
    assert_eq!((&name["value"], &name["until"]), (&"lap-17".into(), &().into()));
    assert_eq!(name["reasons"][0]["grounds"][0], "contract");
    let again = agent.run(&["my-data", "--json"]).json();
    assert_eq!(again["looks"]["by_device"], 1);
    // The list above, by the command line.
    assert_eq!(again["looks"]["of_lists"], 1);
    collector.revoke(device.id());
    assert_eq!(agent.run(&["my-data"]).refused(4).lines().count(), 1);
}

#[test]
fn a_machine_is_in_the_inventory_follows_its_changes_and_is_refused_once_revoked() {
    let collector = Installation::started();
    let token = collector.customer("Bakkerij Jansen", 1);
    let machine = Arc::new(Machine::new("lap-17.bakkerij.example"));
    machine.sign_in("anna.jansen");
    collector.knows(&machine);
    let mut agent = Agent::new(&machine);
    assert_eq!(agent.run(&["status"]).refused(3).lines().count(), 1);

    agent.enroll(&collector.url(), &token);
    agent.start();
    agent.wait_for_report(1);
    let device = collector.only_device();
    assert_eq!(device.values("device_name"), ["lap-17"]);
    assert_eq!(device.values("username"), ["anna.jansen"]);
    assert_eq!(device.state(), "reporting");
    // What is logged is durable only a moment later.
    let held = wait::until("what the agent remembers of its report", || {
        let held = agent.run(&["sent", "--json"]).json()["held"].clone();
        Some(held).filter(|held| !held["private_ips"].is_null())
    });
    assert_eq!(
        serde_json::json!(device.values("private_ip")),
        held["private_ips"]
    );
    assert_eq!(
        serde_json::json!(device.values("mac_address")),
        held["mac_addresses"]
    );

    machine.set_hostname("lap-18");
    machine.sign_out("anna.jansen");
    machine.sign_in("bram.bakker");
    agent.look();
    agent.wait_for_report(2);
    let changed = collector.only_device();
    assert_eq!(changed.id(), device.id());
    assert_eq!(changed.values("device_name"), ["lap-18"]);
    assert_eq!(changed.values("username"), ["bram.bakker"]);
    assert_eq!(changed.values("mac_address"), device.values("mac_address"));
    let found = collector
        .run(&["device", "list", "--with", "BRAM.BAKKER", "--json"])
        .json();
    assert_eq!(found[0]["id"], device.id());

    collector.revoke(device.id());
    machine.set_hostname("lap-19");
    agent.look();
    agent.process().wait_for_log("revoked");
    drop(agent.wait_for_status("the refusal", |status| status["refused"] == "revoked"));
    let revoked = collector.only_device();
    assert_eq!(
        (revoked.state(), revoked.values("device_name")),
        ("revoked", vec!["lap-18"])
    );
    agent.stop();
    assert_eq!(
        agent.status()["device"],
        device.id(),
        "a revoked device keeps its identity"
    );
}

#[test]
fn what_preview_shows_to_the_byte_is_what_is_acknowledged() {
    let collector = Installation::started();
    let token = collector.customer("Bakkerij Jansen", 1);
    let machine = Arc::new(Machine::new("lap-17"));
    machine.sign_in("anna.jansen");
    collector.knows(&machine);
    let mut agent = Agent::new(&machine);
    let before = agent.run(&["preview", "--json"]).json();
    assert_eq!(before["enrolled"], false);
    assert!(!agent.state().exists(), "a preview leaves nothing behind");

    agent.enroll(&collector.url(), &token);
    let shown = agent.run(&["preview", "--json"]).json();
    agent.start();
    agent.wait_for_report(1);
    let sent = wait::until("the acknowledgement on disk", || {
        Some(agent.run(&["sent", "--json"]).json()).filter(|sent| sent["last"].is_object())
    });
    assert_eq!(shown["body"], sent["last"]["body"]);
    assert_eq!(
        before["body"], shown["body"],
        "what is shown before enrolment is what will be sent"
    );
}

#[test]
fn changes_made_while_the_collector_is_down_arrive_as_the_last_of_them() {
    let (mut collector, mut agent) = reporting("lap-21");
    collector.stop();
    let machine = agent.machine();
    machine.set_hostname("lap-twenty-two");
    agent.look();
    agent.process().wait_for_log("cannot be reached");
    for name in ["lap-twenty-three", "lap-twenty-four"] {
        machine.set_hostname(name);
        agent.look();
    }
    // One record on its way, and no list of what was in between.
    wait::until("the first change on disk", || {
        let pending = agent.run(&["sent", "--json"]).json()["pending"].clone();
        pending
            .as_str()
            .is_some_and(|body| body.contains("lap-twenty-two"))
            .then_some(())
    });
    let mut between = Canaries::default();
    between.add("a name in between", "lap-twenty-three");
    assert_eq!(between.hits_below(&agent.state()), []);

    collector.start();
    agent.wait_for_report(3);
    let device = collector.only_device();
    assert_eq!(device.values("device_name"), ["lap-twenty-four"]);
    assert_eq!(device.state(), "reporting");
    let status = agent.status();
    assert_eq!(
        (&status["pending"], &status["problem"]),
        (&false.into(), &serde_json::Value::Null)
    );
    agent.stop();
}

#[test]
fn an_agent_that_is_killed_at_any_moment_goes_on_where_it_was() {
    let (collector, mut agent) = reporting("lap-30");
    for round in 31..46 {
        agent.machine().set_hostname(&format!("lap-{round}"));
        agent.look();
        agent.kill();
        agent.start();
        // Later in its work each time: from before its first step to after its last.
        if round % 3 == 1 {
            agent.process().wait_for_log("the agent runs");
        } else if round % 3 == 2 {
            agent.process().wait_for_log("the collector holds the report");
        }
    }
    wait::until("the last name", || {
        (collector.only_device().values("device_name") == ["lap-45"]).then_some(())
    });
    let device = collector.only_device();
    assert_eq!(
        device.state(),
        "reporting",
        "no report was taken for another device's"
    );
    assert_eq!(device.values("mac_address").len(), {
        let mut distinct = device.values("mac_address");
        distinct.dedup();
        distinct.len()
    });
    agent.stop();
}

#[test]
fn a_device_that_was_ended_wipes_its_state_and_stops() {
    let (collector, mut agent) = reporting("lap-50");
    let id = collector.only_device().id().to_owned();
    collector.end(&id);
    agent.machine().set_hostname("lap-51");
    agent.look();
    let log = agent.ended(4);
    assert!(log.contains("its state was wiped"), "{log}");
    assert!(collector.devices().is_empty());
    let left: Vec<_> = std::fs::read_dir(agent.state())
        .unwrap()
        .flatten()
        .map(|file| file.file_name())
        .collect();
    assert!(left.iter().all(|name| name == "lock"), "{left:?}");
    drop(agent.run(&["status"]).refused(3));
}

#[test]
fn a_device_that_leaves_is_deleted_at_the_collector_and_forgotten_here() {
    let (collector, mut agent) = reporting("lap-60");
    drop(agent.run(&["unenroll"]).refused(1));
    agent.stop();
    drop(agent.run(&["unenroll"]).done());
    assert!(collector.devices().is_empty());
    drop(agent.run(&["status"]).refused(3));
    drop(agent.run(&["unenroll"]).refused(3));
}

#[test]
fn a_device_that_leaves_without_telling_stays_in_the_inventory() {
    let (mut collector, mut agent) = reporting("lap-61");
    agent.stop();
    collector.stop();
    let said = agent.run(&["unenroll"]).refused(5);
    assert!(said.contains("nothing was changed"), "{said}");
    drop(agent.run(&["status"]).done());
    drop(agent.run(&["unenroll", "--local-only"]).done());
    drop(agent.run(&["status"]).refused(3));
    assert_eq!(collector.devices().len(), 1);
}
