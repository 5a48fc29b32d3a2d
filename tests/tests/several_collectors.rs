//! Several collectors on one PostgreSQL: whatever of it fails, what was acknowledged is there, once, and people and
//! devices go on at another collector.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on says where"
)]

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustls::HandshakeKind;
use serde_json::Value;
use tempfile::TempDir;
use tokio::task::{JoinHandle, spawn_blocking};
use zeef_tests::device::{Connection, Fields, RawDevice, proxy_header};
use zeef_tests::installation::{AGENTS, Host, NAME, STOPS_WITHIN};
use zeef_tests::postgres::{Cluster, Databases, Server};
use zeef_tests::{HaProxy, Installation, Process, Settings, command, wait};

/// Agents that report.
const AGENTS_OF_FLEET: u32 = 40;
/// An election, and all that follows from it.
const TAKES_OVER_WITHIN: Duration = Duration::from_secs(40);
/// Where people begin.
const INVENTORY: &str = "/inventory";

/// Agents that one program plays.
struct Fleet {
    directory: TempDir,
    root: PathBuf,
}

impl Fleet {
    fn of(collector: &Installation) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let token = collector.customer("Bakkerij Jansen", AGENTS_OF_FLEET);
        std::fs::write(directory.path().join("token"), token).unwrap();
        Self {
            directory,
            root: collector.file("authority/root.pem"),
        }
    }

    /// A run that ended as it should; gives its summary.
    fn run(&self, mode: &str, more: &str, address: SocketAddr) -> Value {
        let file = |name| self.directory.path().join(name);
        let mut command = Command::new(env!("CARGO_BIN_EXE_zeef-fleet-sim"));
        command
            .args([mode, "--json", "--name", NAME, "--address", &address.to_string()])
            .args(["--agents", &AGENTS_OF_FLEET.to_string()])
            .arg("--root")
            .arg(&self.root)
            .arg("--state")
            .arg(file("state"))
            .arg("--token-file")
            .arg(file("token"))
            .arg("--acknowledged")
            .arg(file("acknowledged"))
            .args(more.split_whitespace());
        command::run(command).json()
    }

    /// What the last run said was acknowledged: device and digest of its values.
    fn acknowledged(&self) -> BTreeSet<(String, String)> {
        let text = std::fs::read_to_string(self.directory.path().join("acknowledged")).unwrap();
        let line = |line: &str| {
            let line: Value = serde_json::from_str(line).unwrap();
            let text = |key: &str| line[key].as_str().unwrap().to_owned();
            (text("device"), text("values"))
        };
        text.lines().map(line).collect()
    }
}

/// A fleet that reports all the time, in runs of a few seconds.
struct Reporting {
    over: Arc<AtomicBool>,
    /// How many reports were acknowledged.
    runs: JoinHandle<u64>,
}

impl Reporting {
    fn begin(fleet: &Arc<Fleet>, address: SocketAddr) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let (fleet, ends) = (Arc::clone(fleet), Arc::clone(&over));
        let runs = spawn_blocking(move || {
            let mut acknowledged = 0;
            while !ends.load(Ordering::Relaxed) {
                let summary = fleet.run("steady", "--duration 3 --rate 50 --changed 80", address);
                acknowledged += summary["acknowledged"].as_u64().unwrap();
            }
            acknowledged
        });
        Self { over, runs }
    }

    async fn end(self) -> u64 {
        self.over.store(true, Ordering::Relaxed);
        self.runs.await.unwrap()
    }
}

/// Several collectors of an installation, and what is before them.
struct Collectors {
    installation: Installation,
    each: Vec<(IpAddr, Process)>,
    proxy: HaProxy,
}

impl Collectors {
    /// Moves the installation to a server, and starts so many.
    fn of(mut installation: Installation, databases: Databases, count: usize) -> Self {
        installation.stop();
        installation.move_to(databases);
        let each: Vec<_> = (0..count).map(|_| installation.start_another()).collect();
        let addresses: Vec<_> = each.iter().map(|(address, _)| *address).collect();
        let collectors = Self {
            installation,
            each,
            proxy: HaProxy::start(&addresses),
        };
        collectors.wait_until_all_are_ready();
        collectors
    }

    #[track_caller]
    fn wait_until_all_are_ready(&self) {
        wait::until_within(TAKES_OVER_WITHIN, "all collectors to be ready", || {
            (self.proxy.ready() == self.each.len()).then_some(())
        });
    }

    fn address(&self, number: usize) -> IpAddr {
        self.each[number].0
    }

    /// Ends one in some way, and starts it again.
    fn restart(&mut self, number: usize, end: impl FnOnce(Process) -> String) {
        let (address, process) = self.each.remove(number);
        drop(end(process));
        let process = self.installation.start_again(address);
        self.each.insert(number, (address, process));
        self.wait_until_all_are_ready();
    }

    /// A failure of the server may be told of.
    fn allow_failures(&self) {
        for (_, process) in &self.each {
            process.allow_error("the database server cannot be reached");
        }
    }
}

/// A device that connects to one of the collectors, as if the load balancer had sent it there.
fn sent_to(device: &RawDevice, address: IpAddr) -> zeef_tests::device::Dial {
    device
        .dial
        .clone()
        .to(SocketAddr::new(address, AGENTS))
        .after(proxy_header("198.51.100.7:5000"))
}

fn behind_haproxy() -> Settings {
    Settings {
        proxies: vec![HaProxy::CONNECTS_FROM.to_owned()],
        ..Settings::default()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_or_held_twice_while_collectors_restart_and_die_and_the_primary_is_killed()
 {
    let mut cluster = Cluster::start(2);
    let installation = Installation::started_with(behind_haproxy(), Host::default());
    let fleet = Arc::new(Fleet::of(&installation));
    fleet.run("storm", "", installation.port(AGENTS));
    let moved = fleet.acknowledged();
    let mut collectors = Collectors::of(installation, cluster.databases(), 3);
    assert_eq!(held(&collectors.installation), moved);
    let browser = collectors
        .installation
        .signed_in_at(collectors.address(0), "ada")
        .await;
    let contact = collectors.proxy.contact(collectors.installation.contact());
    let reporting = Reporting::begin(&fleet, contact.address);

    for number in 0..3 {
        collectors.restart(number, |process| process.stop(STOPS_WITHIN));
    }
    collectors.restart(1, Process::kill);
    for number in [1, 2, 0] {
        let page = browser.at(collectors.address(number)).page(INVENTORY).await;
        assert!(page.contains("sim-"), "{page}");
    }

    collectors.allow_failures();
    let killed = cluster.wait_for_primary().address();
    cluster.kill_primary();
    assert_ne!(cluster.wait_for_primary().address(), killed);
    collectors.wait_until_all_are_ready();
    let acknowledged = reporting.end().await;
    assert!(acknowledged > 0);

    // Each agent says what it has still to say; a report that the collectors do not know any more would be told of.
    let last = fleet.run("storm", "", contact.address);
    assert_eq!((&last["lost"], &last["forks"]), (&0.into(), &0.into()));
    assert_eq!(held(&collectors.installation), fleet.acknowledged());
    for number in 0..3 {
        drop(browser.at(collectors.address(number)).page(INVENTORY).await);
    }
    drop(collectors.installation.run(&["ledger", "verify"]).done());
}

/// What is held of each device, none of which may be taken for a copy.
#[track_caller]
fn held(installation: &Installation) -> BTreeSet<(String, String)> {
    let devices = installation.devices();
    assert_eq!(devices.len(), AGENTS_OF_FLEET as usize);
    let of = |device: &zeef_tests::installation::Device| {
        assert_eq!(device.state(), "reporting");
        (device.id().to_owned(), device.digest())
    };
    devices.iter().map(of).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_resumes_its_tls_session_at_another_collector_when_the_first_was_killed() {
    let server = Server::start();
    let installation = Installation::started_with(behind_haproxy(), Host::default());
    let token = installation.customer("Bakkerij Jansen", 1);
    let mut collectors = Collectors::of(installation, server.databases(), 2);
    let contact = collectors.proxy.contact(collectors.installation.contact());
    let mut device = RawDevice::enrol(&contact, &token).await;
    device.dial = device.dial.resuming();
    device.dial = sent_to(&device, collectors.address(0));
    device.report(1, &Fields::numbered(1)).await;
    device.hang_up();

    collectors.each.remove(0).1.kill();
    let other = sent_to(&device, collectors.address(0));
    let stream = other.tls().await.unwrap();
    assert_eq!(stream.get_ref().1.handshake_kind(), Some(HandshakeKind::Resumed));
    let mut connection = Connection::over(stream).await.unwrap();
    let body = Fields::numbered(2).report(2);
    let answer = connection
        .ask(http::Method::POST, zeef_proto::wire::path::REPORT, body)
        .await
        .unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(
        collectors.installation.only_device().values("device_name"),
        ["name-2"]
    );
}
