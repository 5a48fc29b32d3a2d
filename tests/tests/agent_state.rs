//! The agent's state: private, whole or named as damaged, and had again where it can be.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on says where"
)]

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use zeef_tests::{Agent, Installation, Machine};

#[test]
fn a_state_directory_that_cannot_be_written_is_named_and_nothing_is_asked_of_the_collector() {
    let collector = Installation::started();
    let token = collector.customer("Bakkerij Jansen", 1);
    let machine = Arc::new(Machine::new("lap-17"));
    let agent = Agent::new(&machine);
    machine.make_read_only(agent.state().parent().unwrap());
    let said = agent.try_enroll(&collector.url(), &token).refused(1);
    assert!(said.contains("state directory"), "{said}");
    assert!(collector.devices().is_empty());
    drop(agent.run(&["preview"]).done());
}

#[test]
fn a_state_directory_that_others_can_read_is_refused() {
    let collector = Installation::started();
    let agent = Agent::enrolled(&collector, "lap-17");
    let mode = |mode| std::fs::set_permissions(agent.state(), std::fs::Permissions::from_mode(mode)).unwrap();
    assert_eq!(
        std::fs::metadata(agent.state()).unwrap().permissions().mode() & 0o777,
        0o700
    );
    for entry in std::fs::read_dir(agent.state()).unwrap().flatten() {
        assert_eq!(
            entry.metadata().unwrap().permissions().mode() & 0o777,
            0o600,
            "{:?}",
            entry.file_name()
        );
    }
    mode(0o755);
    for command in ["run", "status", "sent", "unenroll"] {
        let said = agent.run(&[command]).refused(1);
        assert!(said.contains("open to other accounts"), "{said}");
    }
    mode(0o700);
    drop(agent.run(&["status"]).done());
}

#[test]
fn a_half_written_file_that_the_agent_cannot_do_without_is_named_and_left_alone() {
    let collector = Installation::started();
    let agent = Agent::enrolled(&collector, "lap-17");
    let path = agent.state().join("identity.json");
    let whole = std::fs::read(&path).unwrap();
    for half in [&whole[..whole.len() / 2], b"", b"{}", &[0; 512]] {
        std::fs::write(&path, half).unwrap();
        for command in ["run", "status", "sent"] {
            let said = agent.run(&[command]).refused(1);
            assert!(
                said.contains("identity.json") && said.contains("damaged"),
                "{said}"
            );
        }
        assert_eq!(std::fs::read(&path).unwrap(), half);
    }
    std::fs::write(&path, whole).unwrap();
    drop(agent.run(&["status"]).done());
}

#[test]
fn a_half_written_file_that_can_be_had_again_is_had_again() {
    for file in ["report.json", "policy.json", "status.json"] {
        let collector = Installation::started();
        let mut agent = Agent::enrolled(&collector, "lap-17");
        agent.start();
        agent.wait_for_report(1);
        agent.stop();
        let id = collector.only_device().id().to_owned();
        let path = agent.state().join(file);
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        // What a write that was cut short leaves beside it.
        std::fs::write(path.with_extension("new"), &whole[..whole.len() / 3]).unwrap();

        agent.machine().set_hostname("lap-18");
        agent.start();
        agent.process().wait_for_log("damaged");
        zeef_tests::wait::until("the present name", || {
            collector
                .devices()
                .iter()
                .any(|one| one.values("device_name") == ["lap-18"])
                .then_some(())
        });
        let log = agent.stop();
        assert!(log.contains(file), "{log}");
        let after = agent.status();
        assert_eq!(after["damaged"], serde_json::json!([]), "{file}");
        if file != "report.json" {
            assert_eq!(collector.only_device().id(), id, "{file}");
        }
    }
}
