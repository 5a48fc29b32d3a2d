//! One inventory of this machine by Zeef, OCS Inventory and Zabbix.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::process::{Running, pause, run, size, wait_until};
use crate::servers::{Installation, agent_binary};
use crate::table::{self, progress};

pub(crate) fn measure() {
    let directory = tempfile::tempdir().expect("a directory");
    let rows = [
        zeef(directory.path()),
        ocs(directory.path()),
        zabbix(directory.path()),
    ];
    let columns = [
        "program",
        "resident",
        "CPU for one inventory",
        "wall",
        "bytes of one inventory",
    ];
    table::print("One inventory of this machine", &columns, &rows);
}

fn row(name: &str, resident_kib: u64, cpu: f64, wall: f64, bytes: u64) -> Vec<String> {
    vec![
        name.to_owned(),
        format!("{:.1} MiB", resident_kib as f64 / 1024.0),
        format!("{:.3} s", cpu),
        format!("{:.3} s", wall),
        bytes.to_string(),
    ]
}

fn zeef(directory: &Path) -> Vec<String> {
    progress("zeef-agent");
    let installation = Installation::new(directory);
    let server = installation.serve();
    let agent = crate::agent::reporting(&installation, server.address, &directory.join("state"));
    let one = run(Command::new(agent_binary())
        .arg("--state-dir")
        .arg(directory.join("fresh"))
        .arg("preview"));
    row(
        "zeef-agent (enrolment and first report, TLS included)",
        agent.process.memory().resident,
        one.cpu,
        one.wall,
        agent.sent,
    )
}

/// Its whole inventory as XML into a folder: what it would send.
fn ocs(directory: &Path) -> Vec<String> {
    progress("ocsinventory-agent");
    let folder = directory.join("ocs");
    std::fs::create_dir_all(&folder).expect("a directory");
    let mut command = Command::new("/usr/bin/ocsinventory-agent");
    let used = run(command
        .arg(format!("--local={}", folder.display()))
        .arg(format!("--basevardir={}", folder.display())));
    let written = std::fs::read_dir(&folder).expect("the folder").flatten();
    let bytes = written
        .filter(|entry| entry.path().is_file())
        .map(|entry| size(&entry.path()))
        .max()
        .unwrap_or(0);
    row(
        "ocsinventory-agent (one run, before compression)",
        used.peak,
        used.cpu,
        used.wall,
        bytes,
    )
}

/// Zabbix takes no port above 32767.
fn low_free_address() -> SocketAddr {
    let mut candidates = (20_050..32_767).map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
    let free = candidates.find(|address| std::net::TcpListener::bind(address).is_ok());
    free.expect("a free port")
}

/// The items that come closest to the documented fields.
const ITEMS: [&str; 4] = [
    "system.hostname",
    "system.uname",
    "net.if.discovery",
    "system.sw.os",
];

fn zabbix(directory: &Path) -> Vec<String> {
    progress("zabbix-agent2");
    let address = low_free_address();
    let file = directory.join("zabbix.conf");
    let at = directory.display();
    let text = format!(
        "Server=127.0.0.1\nListenIP=127.0.0.1\nListenPort={}\nLogType=file\nLogFile={at}/zabbix.log\n\
         PidFile={at}/zabbix.pid\nControlSocket={at}/zabbix.sock\nPluginSocket={at}/zabbix-plugin.sock\nHostname=bench\n",
        address.port()
    );
    std::fs::write(&file, text).expect("Zabbix's configuration");
    let agent = Running::start(
        Command::new("/usr/sbin/zabbix_agent2")
            .arg("-f")
            .arg("-c")
            .arg(&file),
    );
    let listens = wait_until(Duration::from_secs(20), || TcpStream::connect(address).is_ok());
    assert!(listens, "zabbix_agent2 does not listen");
    pause(Duration::from_secs(2));
    let (cpu, start) = (agent.cpu(), Instant::now());
    let bytes: u64 = ITEMS.iter().map(|item| ask(address, item)).sum();
    let wall = start.elapsed().as_secs_f64();
    row(
        "zabbix-agent2 (four items, without TLS)",
        agent.memory().resident,
        agent.cpu() - cpu,
        wall,
        bytes,
    )
}

/// Asks one item and gives the length of the answer. Protocol: `ZBXD`, a flag byte, the length (8 bytes, little
/// endian), the data.
fn ask(address: SocketAddr, item: &str) -> u64 {
    let mut stream = TcpStream::connect(address).expect("the agent listens");
    let mut request = b"ZBXD\x01".to_vec();
    request.extend_from_slice(&(item.len() as u64).to_le_bytes());
    request.extend_from_slice(item.as_bytes());
    stream.write_all(&request).expect("the request is sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("the answer is read");
    answer.len() as u64
}
