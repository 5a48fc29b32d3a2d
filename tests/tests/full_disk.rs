//! A full disk: what was promised is kept, what cannot be kept is not promised, and room makes all well again.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on says where"
)]

use std::sync::Arc;

use zeef_proto::wire::{ProblemCode, ReportReply};
use zeef_tests::device::{Fields, RawDevice};
use zeef_tests::installation::Host;
use zeef_tests::{Agent, Installation, Machine, Settings};

/// Reports fit in what the database has allocated for a while.
const SOONER_OR_LATER: u64 = 20_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_without_room_acknowledges_nothing_that_it_cannot_keep() {
    let mut collector = Installation::started_with(Settings::default(), Host::with_disk(6_000));
    let token = collector.customer("Bakkerij Jansen", 5);
    let mut device = RawDevice::enrol(&collector.contact(), &token).await;
    device.report(1, &Fields::numbered(1)).await;
    collector.process().allow_error("failed in the store");
    let machine = collector.host().machine.as_ref().unwrap();
    let filler = machine.fill(&collector.path());

    let mut acknowledged = 1;
    let refused = loop {
        assert!(
            acknowledged < SOONER_OR_LATER,
            "the disk is full and everything is taken"
        );
        let number = acknowledged + 1;
        let answer = device
            .send(Fields::numbered(number).report(number))
            .await
            .unwrap();
        if answer.status != 200 {
            break answer;
        }
        acknowledged = number;
    };
    assert_eq!(refused.code(), ProblemCode::Unavailable, "{}", refused.text());
    assert!(refused.header("retry-after").parse::<u32>().is_ok());
    let said = collector
        .run(&["organisation", "add", "Slagerij Bakker"])
        .refused(1);
    assert!(said.contains("full"), "{said}");

    drop(filler);
    let number = acknowledged + 1;
    let answer = device
        .send(Fields::numbered(number).report(number))
        .await
        .unwrap();
    let reply: ReportReply = answer.json();
    assert_eq!(
        (reply.acknowledged, reply.send_all),
        (number, false),
        "the collector lost what it acknowledged"
    );
    let name = format!("name-{number}");
    assert_eq!(collector.only_device().values("device_name"), [name.as_str()]);
    collector.stop();
    assert_eq!(collector.only_device().values("device_name"), [name.as_str()]);
    let organisations = collector.run(&["organisation", "list", "--json"]).json();
    assert_eq!(
        organisations.as_array().unwrap().len(),
        1,
        "a refused organisation is not half there"
    );
}

#[test]
fn a_collector_is_killed_while_its_disk_is_full_and_has_everything_afterwards() {
    let mut collector = Installation::started_with(Settings::default(), Host::with_disk(6_000));
    let token = collector.customer("Bakkerij Jansen", 1);
    let machine = Arc::new(Machine::new("lap-17"));
    collector.knows(&machine);
    let mut agent = Agent::new(&machine);
    agent.enroll(&collector.url(), &token);
    agent.start();
    agent.wait_for_report(1);
    let filler = collector.host().machine.as_ref().unwrap().fill(&collector.path());
    collector.kill();
    drop(filler);
    collector.start();
    machine.set_hostname("lap-18");
    agent.look();
    agent.wait_for_report(2);
    assert_eq!(collector.only_device().values("device_name"), ["lap-18"]);
    agent.stop();
}

#[test]
fn an_agent_without_room_sends_nothing_that_it_could_not_remember() {
    let collector = Installation::started();
    let token = collector.customer("Bakkerij Jansen", 1);
    let machine = Arc::new(Machine::new("lap-17"));
    collector.knows(&machine);
    let mut agent = Agent::new(&machine);
    let disk = agent.state().parent().unwrap().to_owned();
    machine.mount_small(&disk, 256);

    let filler = machine.fill(&disk);
    let said = agent.try_enroll(&collector.url(), &token).refused(1);
    assert!(
        said.contains("storage") || said.contains("space") || said.contains("full"),
        "{said}"
    );
    assert!(collector.devices().is_empty());
    drop(filler);
    agent.enroll(&collector.url(), &token);
    agent.start();
    agent.wait_for_report(1);

    // Filled while nothing is being written: a file that is replaced at that moment would leave room behind.
    agent.stop();
    let filler = machine.fill(&disk);
    machine.set_hostname("lap-18");
    agent.start();
    agent
        .process()
        .wait_for_log("nothing is sent until the state can be written");
    assert_eq!(collector.only_device().values("device_name"), ["lap-17"]);
    assert_eq!(
        agent.status()["device"],
        collector.only_device().id(),
        "the earlier state is whole"
    );
    drop(filler);
    agent.look();
    agent.wait_for_report(2);
    assert_eq!(collector.only_device().values("device_name"), ["lap-18"]);
    agent.stop();
}
