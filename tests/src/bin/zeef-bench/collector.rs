//! CPU of the collector per report, beside a bare server and nginx under the same load.

use std::time::Instant;

use tokio::task::JoinSet;

use crate::client::{self, Device, Load};
use crate::servers::{Installation, Server};
use crate::table::{self, median, progress};

const CONNECTIONS: usize = 64;
const REPORTS: usize = 32_000;
const HANDSHAKES: usize = 3_000;
const ROUNDS: usize = 5;

/// What a round cost the server.
struct Cost {
    /// CPU microseconds for each report.
    cpu: f64,
    /// Reports in a second of wall time, load generator included.
    rate: f64,
}

pub(crate) fn measure() {
    let directory = tempfile::tempdir().expect("a directory");
    let installation = Installation::new(directory.path());
    let servers = [installation.serve(), installation.bare(), installation.nginx()];
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    progress("enrolling devices");
    let token = installation.token(CONNECTIONS);
    let mut devices = runtime.block_on(async {
        let mut devices = Vec::new();
        for number in 0..CONNECTIONS {
            devices.push(client::enrol(servers[0].address, &installation.root, &token, number).await);
        }
        devices
    });

    let idle = servers[0].process.memory();
    for (name, load) in [
        ("the field that changed", Load::Changed),
        ("all fields, one changed", Load::Whole),
        ("heartbeat", Load::Heartbeat),
    ] {
        let mut rounds: Vec<Vec<Cost>> = Vec::new();
        for round in 1..=ROUNDS {
            progress(&format!("kept connections, {name}: round {round} of {ROUNDS}"));
            rounds.push(each(&servers, &mut devices, |server, devices| {
                runtime.block_on(kept(server, devices, load))
            }));
        }
        show(
            &format!("A report on a kept mutual-TLS connection ({name}), {CONNECTIONS} connections"),
            "≤ 3 × bare",
            &servers,
            &rounds,
        );
    }
    let mut rounds = Vec::new();
    for round in 1..=ROUNDS {
        progress(&format!("new connections: round {round} of {ROUNDS}"));
        rounds.push(each(&servers, &mut devices, |server, devices| {
            runtime.block_on(new(server, devices))
        }));
    }
    show(
        "A report over a new mutual-TLS connection (full handshake)",
        "≤ 1.15 × bare, ≤ 0.5 × nginx",
        &servers,
        &rounds,
    );

    let after = servers[0].process.memory();
    let row = |name: &str, memory: crate::process::Memory| {
        vec![
            name.to_owned(),
            format!("{:.1}", memory.resident as f64 / 1024.0),
            format!("{:.1}", memory.private as f64 / 1024.0),
        ]
    };
    table::print(
        "Memory of the collector (MiB)",
        &["when", "resident", "private"],
        &[row("before the load", idle), row("after it", after)],
    );
}

/// One round of every server in turn, so that a drift of the machine meets all alike.
fn each(
    servers: &[Server],
    devices: &mut Vec<Device>,
    load: impl Fn(&Server, Vec<Device>) -> (Vec<Device>, Cost),
) -> Vec<Cost> {
    let mut costs = Vec::new();
    for server in servers {
        let counted: Vec<u64> = devices.iter().map(Device::sequence).collect();
        let (back, cost) = load(server, std::mem::take(devices));
        *devices = back;
        if server.name != "zeef-collector" {
            for (device, sequence) in devices.iter_mut().zip(counted) {
                device.go_on_from(sequence);
            }
        }
        costs.push(cost);
    }
    costs
}

async fn kept(server: &Server, devices: Vec<Device>, load: Load) -> (Vec<Device>, Cost) {
    let address = server.address;
    let mut open = Vec::new();
    for device in devices {
        let connection = device.connect(address).await;
        open.push((device, connection));
    }
    let each = REPORTS / open.len();
    spend(
        server,
        each * open.len(),
        open.into_iter().map(|(mut device, mut connection)| async move {
            for _ in 0..each {
                device.report(&mut connection, load).await;
            }
            device
        }),
    )
    .await
}

async fn new(server: &Server, devices: Vec<Device>) -> (Vec<Device>, Cost) {
    let address = server.address;
    let each = HANDSHAKES / devices.len();
    spend(
        server,
        each * devices.len(),
        devices.into_iter().map(|mut device| async move {
            for _ in 0..each {
                let mut connection = device.connect(address).await;
                device.report(&mut connection, Load::Changed).await;
            }
            device
        }),
    )
    .await
}

/// Runs the senders at once and reads the server's CPU clock before and after.
async fn spend<F>(server: &Server, reports: usize, senders: impl Iterator<Item = F>) -> (Vec<Device>, Cost)
where
    F: Future<Output = Device> + Send + 'static,
{
    let (cpu, start) = (server.process.cpu(), Instant::now());
    let mut tasks = JoinSet::new();
    for (at, sender) in senders.enumerate() {
        tasks.spawn(async move { (at, sender.await) });
    }
    let mut devices = tasks.join_all().await;
    let cost = Cost {
        cpu: (server.process.cpu() - cpu) * 1e6 / reports as f64,
        rate: reports as f64 / start.elapsed().as_secs_f64(),
    };
    devices.sort_by_key(|(at, _)| *at);
    (devices.into_iter().map(|(_, device)| device).collect(), cost)
}

fn show(heading: &str, goal: &str, servers: &[Server], rounds: &[Vec<Cost>]) {
    let of =
        |at: usize, figure: fn(&Cost) -> f64| median(rounds.iter().map(|round| figure(&round[at])).collect());
    // Ratios pair by pair within a round; the median of them is the figure.
    let ratio = |other: usize| {
        median(
            rounds
                .iter()
                .map(|round| round[0].cpu / round[other].cpu)
                .collect(),
        )
    };
    let rows: Vec<Vec<String>> = servers
        .iter()
        .enumerate()
        .map(|(at, server)| {
            let compared = if at == 0 {
                "1".to_owned()
            } else {
                format!("{:.2}", ratio(at))
            };
            vec![
                server.name.to_owned(),
                format!("{:.0}", of(at, |cost| cost.cpu)),
                format!("{:.0}", of(at, |cost| cost.rate)),
                compared,
            ]
        })
        .collect();
    let columns = ["server", "CPU µs per report", "reports/s", "collector ÷ this"];
    table::print(&format!("{heading}; goal {goal}"), &columns, &rows);
}
