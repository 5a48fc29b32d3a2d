//! `zeef-fleet-sim` against a real collector: what it says was acknowledged is there, and what it provokes is noticed.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on says where"
)]

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use zeef_tests::command::{self, Outcome};
use zeef_tests::installation::{AGENTS, Host, NAME};
use zeef_tests::{Installation, Process, Settings, wait};

/// A collector, and a fleet's directory with a token for so many devices.
struct Ground {
    collector: Installation,
    directory: TempDir,
    agents: u32,
}

impl Ground {
    fn with(settings: Settings, agents: u32, uses: u32) -> Self {
        let collector = Installation::started_with(settings, Host::default());
        let directory = tempfile::tempdir().unwrap();
        let token = collector.customer("Bakkerij Jansen", uses);
        std::fs::write(directory.path().join("token"), token).unwrap();
        Self {
            collector,
            directory,
            agents,
        }
    }

    fn new(agents: u32) -> Self {
        Self::with(Settings::default(), agents, agents)
    }

    fn file(&self, name: &str) -> String {
        self.directory.path().join(name).display().to_string()
    }

    fn command(&self, mode: &str, more: &str, address: SocketAddr) -> Command {
        let root = self.collector.file("authority/root.pem");
        let mut command = simulator();
        command
            .args([mode, "--json", "--name", NAME, "--address", &address.to_string()])
            .args([
                "--state",
                &self.file("state"),
                "--token-file",
                &self.file("token"),
            ])
            .args(["--acknowledged", &self.file("acknowledged")])
            .args(["--agents", &self.agents.to_string(), "--root"])
            .arg(root)
            .args(more.split_whitespace());
        command
    }

    fn run(&self, mode: &str, more: &str) -> Outcome {
        command::run(self.command(mode, more, self.collector.port(AGENTS)))
    }

    /// What a run said was acknowledged, line by line.
    fn acknowledged(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.file("acknowledged")).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// Every device whose values were acknowledged has these in the store, and whoever left is not there. Gives how
    /// many are there.
    #[track_caller]
    fn assert_held(&self) -> usize {
        let there = self.collector.devices();
        let mut count = 0;
        for line in self.acknowledged() {
            let id = line["device"].as_str().unwrap();
            if line["left"] == true {
                assert!(there.iter().all(|device| device.id() != id));
            } else {
                assert_eq!(line["values"], self.collector.device(id).digest());
                count += 1;
            }
        }
        count
    }

    async fn stored(&self) -> u64 {
        self.collector
            .metric("zeef_reports_total{result=\"stored\"}")
            .await
    }
}

fn simulator() -> Command {
    Command::new(env!("CARGO_BIN_EXE_zeef-fleet-sim"))
}

/// A port before another: the first `closed_for` connections end at once, as where nobody is there.
async fn gate(to: SocketAddr, closed_for: u32) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut left = closed_for;
        while let Ok((mut outer, _)) = listener.accept().await {
            if left > 0 {
                left -= 1;
                continue;
            }
            tokio::spawn(async move {
                let mut inner = TcpStream::connect(to).await?;
                copy_bidirectional(&mut outer, &mut inner).await
            });
        }
    });
    address
}

fn sum(of: &Value) -> u64 {
    let counts = of.as_object().unwrap().values();
    counts.map(|count| count.as_u64().unwrap()).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_steady_run_had_acknowledged_is_what_the_collector_holds_once() {
    let ground = Ground::with(Settings::default(), 24, 100);
    let pid = ground.collector.process().id();
    let summary = ground
        .run(
            "steady",
            &format!("--reports 120 --rate 200 --churn 10 --collector-pid {pid}"),
        )
        .json();
    assert_eq!(summary["left"], 12);
    assert_eq!(summary["enrolled"], 12);
    assert_eq!(summary["acknowledged"], 120);
    assert_eq!(ground.stored().await, 120);
    assert!(summary["collector"]["cpu_seconds"].as_f64().unwrap() > 0.0);
    assert!(summary["collector"]["resident_kib"].as_u64().unwrap() > 0);
    assert_eq!(
        ground.acknowledged().len(),
        36,
        "those that are there, and those that left"
    );
    assert_eq!(ground.assert_held(), 24);
    assert_eq!(ground.collector.devices().len(), 24);
}

#[test]
fn devices_that_leave_and_cannot_be_replaced_are_told_of() {
    let ground = Ground::new(4);
    let outcome = ground.run("steady", "--churn 100 --rate 100");
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    let summary: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(summary["left"], 4);
    assert_eq!(summary["failures"]["token-refused"], 4);
    assert_eq!(summary["troubles"].as_array().unwrap().len(), 1, "{summary}");
    assert!(ground.collector.devices().is_empty());
}

#[test]
fn a_fleet_enrols_once_and_goes_on_where_it_was() {
    let mut ground = Ground::new(12);
    drop(ground.run("storm", "").json());
    let first = ground.acknowledged();
    ground.agents = 13;
    let used_up = ground.run("storm", "").refused(1);
    assert!(used_up.contains("token-refused"), "{used_up}");
    ground.agents = 12;
    drop(ground.run("storm", "").json());
    for (before, after) in first.iter().zip(ground.acknowledged()) {
        assert_eq!(before["device"], after["device"]);
        assert_eq!(before["sequence"], 1);
        assert_eq!(after["sequence"], 2);
    }
    assert_eq!(ground.assert_held(), 12);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_that_finds_the_door_shut_is_absorbed_in_the_end() {
    let ground = Ground::new(40);
    drop(ground.run("storm", "").json());
    let gate = gate(ground.collector.port(AGENTS), 60).await;
    let command = ground.command("storm", "", gate);
    let outcome = tokio::task::spawn_blocking(|| command::run(command))
        .await
        .unwrap();
    let summary = outcome.json();
    assert_eq!(summary["acknowledged"], 40);
    assert_eq!(sum(&summary["failures"]), 60, "{summary}");
    assert_eq!(ground.stored().await, 80);
    assert_eq!(ground.assert_held(), 40);
}

#[test]
fn each_clone_is_noticed_as_a_fork_and_its_device_keeps_what_was_acknowledged() {
    let ground = Ground::new(10);
    let summary = ground.run("storm", "--clones 4").json();
    assert_eq!(summary["forks"], 4);
    let devices = ground.collector.devices();
    let suspected = devices
        .iter()
        .filter(|device| device.state() == "suspected clone");
    assert_eq!(suspected.count(), 4);
    assert_eq!(ground.assert_held(), 10);

    let summary = ground
        .run("steady", "--clones 2 --reports 20 --rate 200 --changed 0")
        .json();
    assert_eq!(summary["forks"], 2);
    assert_eq!(ground.assert_held(), 10);
}

#[test]
fn bad_clients_are_refused_while_agents_are_served() {
    let impatient = Settings {
        request_timeout: "1s",
        ..Settings::default()
    };
    let ground = Ground::with(impatient, 20, 20);
    let summary = ground
        .run("steady", "--bad-clients 5 --reports 60 --rate 100")
        .json();
    assert_eq!(summary["acknowledged"], 60);
    for kind in ["garbage", "no-certificate", "oversize", "wrong-case", "slow"] {
        let met = &summary["bad_clients"][kind];
        assert!(met["refused"].as_u64().unwrap() > 0, "{kind}: {summary}");
        assert_eq!(met["let_in"], 0, "{kind}");
        assert_eq!(met["undecided"], 0, "{kind}");
    }
    assert_eq!(ground.assert_held(), 20);
}

#[test]
fn a_run_ends_by_its_bound_though_nobody_answers() {
    let mut ground = Ground::new(8);
    drop(ground.run("storm", "").json());
    ground.collector.kill();
    let outcome = ground.run("storm", "--duration 1");
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    let summary: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(summary["acknowledged"], 0);
    assert_eq!(summary["unfinished"], 8);
    assert!(sum(&summary["failures"]) >= 8);

    ground.collector.start();
    let summary = ground.run("storm", "").json();
    assert_eq!(
        summary["acknowledged"], 16,
        "what was under way, and what has changed since"
    );
    assert_eq!(ground.assert_held(), 8);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn agents_of_a_run_that_was_killed_go_on_without_a_fork() {
    let ground = Ground::new(8);
    let command = ground.command("steady", "--rate 100", ground.collector.port(AGENTS));
    let simulator = Process::start(command, "zeef-fleet-sim", ground.collector.secrets().clone());
    let enough = async { while ground.stored().await < 20 {} };
    tokio::time::timeout(wait::SOON, enough).await.unwrap();
    simulator.kill();
    let summary = ground.run("storm", "").json();
    assert_eq!(summary["forks"], 0);
    assert_eq!(ground.assert_held(), 8);
    let devices = ground.collector.devices();
    assert!(devices.iter().all(|device| device.state() == "reporting"));
}

#[test]
fn reports_that_an_older_database_does_not_know_show_as_lost_and_are_said_again() {
    let mut ground = Ground::new(6);
    drop(ground.run("storm", "").json());
    let backup = ground.file("backup");
    drop(ground.collector.run(&["backup", "--out", &backup]).done());
    drop(ground.run("storm", "").json());
    ground.collector.stop();
    drop(ground.collector.run(&["restore", "--from", &backup]).done());
    ground.collector.start();

    let outcome = ground.run("storm", "");
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    let summary: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(summary["lost"], 6);
    assert_eq!(summary["acknowledged"], 12);
    assert_eq!(ground.assert_held(), 6);
}

#[test]
fn an_address_of_another_machine_is_refused_before_anything_is_done() {
    let directory = tempfile::tempdir().unwrap();
    let state = directory.path().join("state");
    for address in ["192.0.2.1:8443", "0.0.0.0:8443", "[2001:db8::1]:8443"] {
        let mut command = simulator();
        command
            .args(["storm", "--root", "root.pem", "--address", address, "--state"])
            .arg(&state);
        let said = command::run(command).refused(2);
        assert!(said.contains("not an address of this machine"), "{said}");
    }
    assert!(!Path::exists(&state));
}

#[test]
fn a_fleet_without_what_it_needs_says_what_is_missing() {
    let ground = Ground::new(2);
    let other = Ground::new(2);
    let stranger = other.collector.file("authority/root.pem");
    let run = |root: &Path, more: &[&str]| {
        let mut command = simulator();
        command
            .args(["storm", "--name", NAME, "--agents", "2"])
            .args(["--address", &ground.collector.port(AGENTS).to_string()])
            .args(["--state", &ground.file("state"), "--root"])
            .arg(root)
            .args(more);
        command::run(command).refused(1)
    };
    let root = ground.collector.file("authority/root.pem");
    let token = ground.file("token");
    assert!(run(&root, &[]).contains("--token-file"));
    assert!(run(&stranger, &["--token-file", &token]).contains("another collector"));
    assert!(run(&stranger, &[]).contains("agents of another collector"));
    assert!(run(Path::new("nowhere.pem"), &[]).contains("authority/root.pem"));
    assert!(run(&root, &["--collector-pid", "4294967295"]).contains("process id"));
    drop(ground.run("storm", "").json());
    assert_eq!(ground.assert_held(), 2);
}
