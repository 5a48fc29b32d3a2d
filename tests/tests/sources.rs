//! Records of other products: read by the running agent, minimised there, and in the inventory under what they are
//! about.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on says where"
)]

use std::fs::OpenOptions;
use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use tempfile::TempDir;
use zeef_tests::installation::Device;
use zeef_tests::relay::Relay;
use zeef_tests::scan::Canaries;
use zeef_tests::{Agent, Installation, Machine, wait};

const CUSTOMER: &str = "Bakkerij Jansen";

/// What products write besides, and nothing may take along.
const CANARY: &str = "canaryontslagbrief";

const INTAKE: &str = r#"
[[tail]]
path = "PRODUCTS/eset.jsonl"
source = "eset-protect"
about = "this-device"
from = "start"

[[folder]]
path = "PRODUCTS/wifi"
source = "unifi"
about = "site"
files = "*.json"

[[syslog]]
listen = "ADDRESS"
transport = "tcp"
source = "eset-protect"
about = "site"
"#;

/// A collector, and an agent that reads what products write into a folder and send to a port.
struct Site {
    collector: Installation,
    agent: Agent,
    products: TempDir,
    socket: SocketAddr,
}

impl Site {
    fn new(hostname: &str) -> Self {
        let collector = Installation::started();
        collector.organisation_with(CUSTOMER, &["antivirus", "rmm", "wifi"]);
        let url = collector.url();
        Self::at(collector, hostname, &url)
    }

    /// An agent that reaches the collector at `url`.
    fn at(collector: Installation, hostname: &str, url: &str) -> Self {
        let machine = Arc::new(Machine::new(hostname));
        collector.knows(&machine);
        let agent = Agent::new(&machine);
        agent.enroll(url, &collector.token(CUSTOMER, 1));
        let products = tempfile::tempdir().unwrap();
        std::fs::create_dir(products.path().join("wifi")).unwrap();
        // The collector's address is its own, and so is every port of it.
        let socket = collector.port(5514);
        let intake = INTAKE
            .replace("PRODUCTS", &products.path().display().to_string())
            .replace("ADDRESS", &socket.to_string());
        std::fs::write(agent.state().join("intake.toml"), intake).unwrap();
        Self {
            collector,
            agent,
            products,
            socket,
        }
    }

    /// What ESET's own log says of this machine.
    fn eset(&self, user: &str) {
        let path = self.products.path().join("eset.jsonl");
        let mut log = OpenOptions::new().create(true).append(true).open(path).unwrap();
        writeln!(
            log,
            r#"{{"event_type":"Threat_Event","source_uuid":"5dbe31ae-4ca7-4e8c-972f-15c197d12474","hostname":"lap-17","username":"BAKKERIJ\\{user}","ipv4":"192.0.2.200","object_uri":"file:///C:/Users/{CANARY}/x.exe"}}"#
        )
        .unwrap();
    }

    /// A page of a UniFi controller: name, address, and id of each client.
    fn wifi(&self, page: &str, clients: &[(&str, &str, &str)]) {
        let clients = clients.iter().map(|(name, address, id)| {
            format!(
                r#"{{"_id":"{id}","mac":"00:1a:2b:3c:4d:5e","is_wired":false,"hostname":"{name}","ip":"{address}","essid":"{CANARY}"}}"#
            )
        });
        let text = format!(r#"{{"data":[{}]}}"#, clients.collect::<Vec<_>>().join(","));
        std::fs::write(self.products.path().join("wifi").join(page), text).unwrap();
    }

    /// A message to the agent's port.
    fn syslog(&self, host: &str, address: &str) {
        let mut stream = wait::until("the agent's port", || TcpStream::connect(self.socket).ok());
        writeln!(
            stream,
            r#"<14>1 2026-07-01T10:00:00Z console ERAServer 1 - - {{"event_type":"FirewallAggregated_Event","source_uuid":"{host}-id","hostname":"{host}","ipv4":"{address}","source_address":"198.51.100.7","process_name":"{CANARY}"}}"#
        )
        .unwrap();
    }

    fn own(&self) -> Device {
        let own = self.collector.devices().into_iter();
        let own = own.filter(|device| !device.0["agent"].is_null());
        let own: Vec<Device> = own.collect();
        assert_eq!(own.len(), 1, "{own:?}");
        own.into_iter().next().unwrap()
    }

    fn allow(&self) {
        drop(
            self.collector
                .run(&["device", "site", self.own().id(), "--allow"])
                .done(),
        );
    }

    /// Waits until there are devices of these names and addresses, and no others.
    #[track_caller]
    fn wait_for_devices(&self, wanted: &[(&str, &[&str])]) -> Vec<Device> {
        wait::until("the devices", || {
            let devices = self.collector.devices();
            let mut there: Vec<_> = devices.iter().map(described).collect();
            there.sort();
            let mut wanted: Vec<_> = wanted
                .iter()
                .map(|(name, addresses)| {
                    (
                        (*name).to_owned(),
                        addresses.iter().map(|a| (*a).to_owned()).collect(),
                    )
                })
                .collect::<Vec<(String, Vec<String>)>>();
            wanted.sort();
            (there == wanted).then_some(devices)
        })
    }
}

/// Its name, and those of its private addresses that are in the site's network.
fn described(device: &Device) -> (String, Vec<String>) {
    let name = device.values("device_name").first().copied().unwrap_or_default();
    let addresses = device.values("private_ip").into_iter();
    let addresses = addresses.filter(|address| address.starts_with("10.99."));
    (name.to_owned(), addresses.map(str::to_owned).collect())
}

/// The values of a field, each with the source that says it.
fn said_by(device: &Device, field: &str) -> Vec<(String, String)> {
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let observations = device.0["observations"].as_array().unwrap().iter();
    observations
        .filter(|one| one["field"] == field)
        .map(|one| (text(&one["value"]), text(&one["source"])))
        .collect()
}

#[test]
fn records_of_the_device_join_it_and_those_of_others_become_devices_once_that_is_allowed() {
    let mut site = Site::new("lap-17");
    site.agent.start();
    site.agent.wait_for_report(1);

    site.eset("anna.jansen");
    let own = wait::until("the user that only ESET knows of", || {
        Some(site.own()).filter(|own| own.values("username") == ["anna.jansen"])
    });
    let pair = |value: &str, source: &str| (value.to_owned(), source.to_owned());
    assert_eq!(said_by(&own, "username"), [pair("anna.jansen", "eset-protect")]);
    assert_eq!(
        said_by(&own, "device_name"),
        [pair("lap-17", "native"), pair("lap-17", "eset-protect")]
    );

    site.wifi(
        "1.json",
        &[("phone-1", "10.99.0.1", "a"), ("phone-2", "10.99.0.2", "b")],
    );
    drop(site.agent.wait_for_status("what is to be done", |status| {
        status["records_problem"].to_string().contains("device site")
    }));
    assert_eq!(site.collector.devices().len(), 1, "nobody has allowed it yet");
    site.allow();
    // It asks again within the hour; a restart asks at once.
    site.agent.stop();
    site.agent.start();
    let lap = ("lap-17", &[][..]);
    let devices = site.wait_for_devices(&[lap, ("phone-1", &["10.99.0.1"]), ("phone-2", &["10.99.0.2"])]);
    let phone = devices
        .iter()
        .find(|device| device.values("device_name") == ["phone-1"])
        .unwrap();
    assert!(phone.values("mac_address").is_empty(), "not documented for Wi-Fi");
    assert!(phone.0["agent"].is_null());

    site.syslog("kassa-1", "10.99.0.3");
    drop(site.wait_for_devices(&[
        lap,
        ("phone-1", &["10.99.0.1"]),
        ("phone-2", &["10.99.0.2"]),
        ("kassa-1", &["10.99.0.3"]),
    ]));
    drop(site.collector.run(&["ledger", "verify"]).done());
}

#[test]
fn what_was_read_before_a_kill_is_in_the_inventory_once() {
    let mut site = Site::new("lap-17");
    site.agent.start();
    site.agent.wait_for_report(1);
    site.allow();
    let names: Vec<String> = (0..40).map(|number| format!("phone-{number}")).collect();
    let addresses: Vec<String> = (0..40).map(|number| format!("10.99.1.{number}")).collect();
    for number in 0..40 {
        let client = (
            names[number].as_str(),
            addresses[number].as_str(),
            names[number].as_str(),
        );
        site.wifi(&format!("{number}.json"), &[client]);
        if number % 8 == 7 {
            site.agent.kill();
            site.agent.start();
        }
    }
    let lists: Vec<[&str; 1]> = addresses.iter().map(|address| [address.as_str()]).collect();
    let mut wanted: Vec<(&str, &[&str])> = names
        .iter()
        .zip(&lists)
        .map(|(name, list)| (name.as_str(), &list[..]))
        .collect();
    wanted.push(("lap-17", &[]));
    drop(site.wait_for_devices(&wanted));
    drop(
        site.agent
            .wait_for_status("an empty spool", |status| status["intake"]["waiting"] == 0),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_records_hold_besides_is_nowhere() {
    let mut collector = Installation::started();
    collector.organisation_with(CUSTOMER, &["antivirus", "rmm", "wifi"]);
    let relay = Relay::before(&collector).await;
    let url = relay.url();
    let (site, logs, printed) = tokio::task::spawn_blocking(move || {
        let mut site = Site::at(collector, "lap-17", &url);
        site.agent.start();
        site.agent.wait_for_report(1);
        site.allow();
        site.eset("anna.jansen");
        site.wifi("1.json", &[("phone-1", "10.99.0.1", CANARY)]);
        site.syslog("kassa-1", "10.99.0.3");
        drop(site.wait_for_devices(&[
            ("lap-17", &[]),
            ("phone-1", &["10.99.0.1"]),
            ("kassa-1", &["10.99.0.3"]),
        ]));
        let printed: Vec<String> = ["status", "sent", "preview"]
            .map(|command| site.agent.run(&[command]).done())
            .into();
        let logs = [site.agent.stop(), site.collector.stop()];
        (site, logs, printed)
    })
    .await
    .unwrap();
    collector = site.collector;
    let mut canaries = Canaries::default();
    canaries.add("a path, a network's name, a process", CANARY);
    canaries.add("an attacker's address", "198.51.100.7");
    let wire = relay.seen();
    let mut hits = canaries.hits("the wire", &wire);
    for text in logs.iter().chain(&printed) {
        hits.extend(canaries.hits("a log or a command", text.as_bytes()));
    }
    hits.extend(canaries.hits_below(&site.agent.state()));
    hits.extend(canaries.hits_below(&collector.path()));
    assert_eq!(hits, []);
    // The search looked at what it should have looked at.
    let text = String::from_utf8_lossy(&wire).into_owned();
    assert!(text.contains("POST /v1/records") && text.contains("phone-1") && text.contains("kassa-1"));
}
