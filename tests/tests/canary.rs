//! Values that are none of ours are planted where the agent could see them, and are then nowhere; and the search
//! that says so finds one that is let through.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on says where"
)]

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use zeef_tests::relay::Relay;
use zeef_tests::scan::{Canaries, Hit};
use zeef_tests::{Agent, Installation, Machine, Outcome, Process, wait};

const SERIAL: &str = "ZXSerial4711QX";
const NETWORK: &str = "CanaryWifiZolder";
const E_MAIL: &str = "canary.adres@prive.example";
const SECOND_ACCOUNT: &str = "canarytweede";
const BACKGROUND_ACCOUNT: &str = "canaryachtergrond";
const DOCUMENT: &str = "/home/anna/CanaryOntslagbrief.odt";
const DOMAIN: &str = "canarydomein.example";
const REALM: &str = "canaryrealm.example";
const VARIABLE: &str = "canary-omgeving-0815";
const USER_VARIABLE: &str = "canarygebruiker";

fn planted() -> Canaries {
    let mut canaries = Canaries::default();
    for (name, value) in [
        ("a serial number", SERIAL),
        ("a wireless network", NETWORK),
        ("an e-mail address", E_MAIL),
        ("a second account", SECOND_ACCOUNT),
        ("an account in the background", BACKGROUND_ACCOUNT),
        ("a document", DOCUMENT),
        ("the host's domain", DOMAIN),
        ("an account's realm", REALM),
        ("an environment variable", VARIABLE),
        ("the variable USER", USER_VARIABLE),
    ] {
        canaries.add(name, value);
    }
    canaries
}

/// System files as real machines have them, with a canary in each.
fn plant(root: &Path) {
    let write = |path: &str, text: String| {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    for file in ["product_serial", "board_serial", "chassis_serial", "product_uuid"] {
        write(&format!("dmi/{file}"), format!("{SERIAL}\n"));
    }
    write(
        "etc/machine-info",
        format!("PRETTY_HOSTNAME=\"{SERIAL}\"\nHARDWARE_SERIAL={SERIAL}\n"),
    );
    write(
        &format!("etc/NetworkManager/system-connections/{NETWORK}.nmconnection"),
        format!("[wifi]\nssid={NETWORK}\n[802-1x]\nidentity={E_MAIL}\n"),
    );
    write(
        "etc/wpa_supplicant.conf",
        format!("network={{ ssid=\"{NETWORK}\" }}\n"),
    );
    write(
        "etc/passwd",
        format!(
            "root:x:0:0::/root:/bin/sh\nanna:x:1000:1000:Anna <{E_MAIL}>:/home/anna:/bin/sh\n\
             {SECOND_ACCOUNT}:x:1001:1001::/home/{SECOND_ACCOUNT}:/bin/sh\n"
        ),
    );
    write(
        "etc/hosts",
        format!("127.0.0.1 localhost\n127.0.1.1 anna-laptop.{DOMAIN} anna-laptop\n"),
    );
    write("run/user/1000/recently-used", format!("file://{DOCUMENT}\n"));
}

/// A machine with all of it: files, sessions, a process whose command line names a document.
struct Planted {
    machine: Arc<Machine>,
    reader: Process,
}

impl Planted {
    fn named(hostname: &str) -> Self {
        let machine = Arc::new(Machine::with_files(&format!("{hostname}.{DOMAIN}"), plant));
        let remote =
            format!("DESKTOP={DOCUMENT}\nREMOTE_HOST=pc.{DOMAIN}\nREMOTE_USER={E_MAIL}\nSERVICE={NETWORK}\n");
        machine.session(&format!("anna.jansen@{REALM}"), "active", &remote);
        machine.session(BACKGROUND_ACCOUNT, "online", "");
        machine.secrets().add("anna.jansen");
        let mut reader = machine.command("sh");
        reader
            .args(["-c", "exec cat", "sh", DOCUMENT])
            .stdin(Stdio::piped());
        let reader = Process::start(
            reader,
            "a program that reads a document",
            machine.secrets().clone(),
        );
        Self { machine, reader }
    }

    /// An agent with canaries in its environment.
    fn agent(&self) -> Agent {
        Agent::new(&self.machine)
            .with_environment("ZEEF_CANARY", VARIABLE)
            .with_environment("USER", USER_VARIABLE)
            .with_environment("LOGNAME", USER_VARIABLE)
            .with_environment("HOME", &format!("/home/{SECOND_ACCOUNT}"))
            .with_environment("OLDPWD", DOCUMENT)
    }
}

/// Everything that agent and collector wrote, sent, printed or showed in a whole life of a device.
async fn leave_traces(hostname: &str) -> Traces {
    let mut collector = Installation::started();
    let token = collector.customer("Bakkerij Jansen", 1);
    let relay = Relay::before(&collector).await;
    let planted = Planted::named(hostname);
    collector.knows(&planted.machine);
    let mut agent = planted.agent();
    let mut printed = Vec::new();
    let mut command = |name: &'static str, outcome: Outcome| {
        printed.push((name, outcome.stderr.clone() + &outcome.done()));
    };
    command("preview before enrolment", agent.run(&["preview"]));
    command("enroll", agent.try_enroll(&relay.url(), &token));
    agent.start();
    agent.wait_for_report(1);
    planted.machine.session("bram.bakker", "active", "");
    agent.look();
    agent.wait_for_report(2);
    drop(wait::until("the acknowledgement on disk", || {
        let sent = agent.run(&["sent", "--json"]).json();
        sent["pending"].is_null().then_some(sent)
    }));
    for name in ["preview", "sent", "status", "policy"] {
        command(name, agent.run(&[name]));
    }
    let device = collector.only_device();
    let browser = collector.signed_in("beheer").await;
    let organisation = device.0["organisation"].as_str().unwrap();
    let mut pages = Vec::new();
    for path in [
        "/inventory",
        "/policy",
        "/account",
        &format!("/devices/{organisation}/{}", device.id()),
    ] {
        pages.push(browser.page(path).await);
    }
    let metrics = collector.operations("/metrics").await.unwrap().text();
    // Pages of the database that are still in the log, and those that are not: before and after the stop.
    let running = copy_of(&collector.path());
    let logs = [agent.stop(), collector.stop()];
    planted.reader.signal("KILL");
    drop(planted.reader.kill());
    Traces {
        wire: relay.seen(),
        pages,
        metrics,
        logs,
        printed,
        running,
        agent,
        collector,
    }
}

fn copy_of(directory: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    let status = Command::new("cp")
        .arg("-a")
        .arg(directory)
        .arg(copy.path())
        .status();
    assert!(status.unwrap().success());
    copy
}

struct Traces {
    wire: Vec<u8>,
    pages: Vec<String>,
    metrics: String,
    logs: [String; 2],
    printed: Vec<(&'static str, String)>,
    running: tempfile::TempDir,
    agent: Agent,
    collector: Installation,
}

impl Traces {
    /// Where canaries are in what nobody but the two ends of the wire, and people who sign in, may know.
    fn hits_at_rest(&self, canaries: &Canaries) -> Vec<Hit> {
        let mut hits = canaries.hits("metrics", self.metrics.as_bytes());
        hits.extend(canaries.hits("the agent's log", self.logs[0].as_bytes()));
        hits.extend(canaries.hits("the collector's log", self.logs[1].as_bytes()));
        hits.extend(canaries.hits_below(self.running.path()));
        hits.extend(canaries.hits_below(&self.collector.path()));
        hits
    }

    fn hits(&self, canaries: &Canaries) -> Vec<Hit> {
        let mut hits = self.hits_at_rest(canaries);
        hits.extend(canaries.hits("the wire", &self.wire));
        hits.extend(
            self.pages
                .iter()
                .flat_map(|page| canaries.hits("a page", page.as_bytes())),
        );
        for (name, text) in &self.printed {
            hits.extend(canaries.hits(name, text.as_bytes()));
        }
        hits.extend(canaries.hits_below(&self.agent.state()));
        hits
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_documented_is_nowhere() {
    let traces = leave_traces("anna-laptop").await;
    assert_eq!(traces.hits(&planted()), []);
    // The search looked at what it should have looked at.
    let text = String::from_utf8_lossy(&traces.wire).into_owned();
    assert!(
        text.contains("POST /v1/enrolment")
            && text.contains("POST /v1/report")
            && text.contains("anna-laptop")
    );
    assert!(
        text.contains(r#""usernames":["anna.jansen"]"#),
        "the account is there, its realm is not"
    );
    assert!(traces.pages.iter().any(|page| page.contains("anna-laptop")));
    assert!(traces.metrics.contains("zeef_reports_total{result=\"stored\"} 2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canary_that_is_let_through_is_found_on_the_wire_and_on_the_page_and_never_at_rest() {
    let traces = leave_traces("canary-let-through").await;
    let mut canaries = planted();
    canaries.add("the host's name", "canary-let-through");
    let hits = traces.hits(&canaries);
    assert!(hits.iter().all(|hit| hit.canary == "the host's name"), "{hits:?}");
    let places: Vec<&str> = hits.iter().map(|hit| hit.place.as_str()).collect();
    for place in ["the wire", "a page", "preview", "sent"] {
        assert!(places.contains(&place), "not found in {place}: {places:?}");
    }
    // What the inventory holds is sealed: a stolen database, log or graph does not tell it.
    assert_eq!(traces.hits_at_rest(&canaries), []);
}
