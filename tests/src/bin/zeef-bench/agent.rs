//! The agent as it ships: size, memory and CPU at rest, the time of a preview.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::process::{Running, pause, run, size, wait_until};
use crate::relay::Relay;
use crate::servers::{Installation, agent_binary};
use crate::table::{self, median, progress};

const ROUNDS: u32 = 10;
const INTERVAL: Duration = Duration::from_secs(5);
const PREVIEWS: usize = 21;

/// An agent that has sent its first report.
pub(crate) struct Reporting {
    pub(crate) process: Running,
    /// Bytes that enrolment and first report took on the wire, TLS handshakes included.
    pub(crate) sent: u64,
}

fn agent(state: &Path) -> Command {
    let mut command = Command::new(agent_binary());
    command
        .arg("--state-dir")
        .arg(state)
        .stderr(std::process::Stdio::null());
    command
}

/// Enrols an agent for this machine, runs it and waits for its first acknowledged report.
pub(crate) fn reporting(
    installation: &Installation,
    server: std::net::SocketAddr,
    state: &Path,
) -> Reporting {
    let relay = Relay::to(server);
    let url = format!("https://{}", relay.address);
    let enrolled = agent(state)
        .args(["enroll", "--url", &url, "--token", &installation.token_text(1)])
        .stdout(std::process::Stdio::null())
        .status();
    assert!(
        enrolled.is_ok_and(|status| status.success()),
        "the agent does not enrol"
    );
    let process = Running::start(
        agent(state)
            .args(["run", "--interval"])
            .arg(INTERVAL.as_secs().to_string()),
    );
    let acknowledged = || {
        let sent = agent(state)
            .args(["sent", "--json"])
            .output()
            .expect("the agent's command runs");
        sent.status.success() && String::from_utf8_lossy(&sent.stdout).contains("private_ip")
    };
    assert!(
        wait_until(Duration::from_secs(30), acknowledged),
        "the first report is not acknowledged"
    );
    Reporting {
        process,
        sent: relay.sent(),
    }
}

pub(crate) fn measure() {
    let directory = tempfile::tempdir().expect("a directory");
    let installation = Installation::new(directory.path());
    let server = installation.serve();
    let fresh = directory.path().join("fresh");
    progress("previews");
    let previews: Vec<_> = (0..PREVIEWS).map(|_| run(agent(&fresh).arg("preview"))).collect();
    progress("the agent's first report");
    let agent = reporting(&installation, server.address, &directory.path().join("state"));
    pause(INTERVAL);
    let before = agent.process.cpu();
    for round in 1..=ROUNDS {
        progress(&format!("the agent at rest: round {round} of {ROUNDS}"));
        pause(INTERVAL);
    }
    let cpu = agent.process.cpu() - before;
    let memory = agent.process.memory();
    let mib = |kib: u64| format!("{:.1} MiB", kib as f64 / 1024.0);
    let row = |what: &str, figure: String, goal: &str| vec![what.to_owned(), figure, goal.to_owned()];
    let binary = agent_binary();
    table::print(
        "The agent on this machine",
        &["what", "figure", "goal"],
        &[
            row(
                "binary, glibc, stripped",
                mib(size(&binary) / 1024),
                "≤ 4 MiB (static)",
            ),
            row(
                "resident, at rest after its first report",
                mib(memory.resident),
                "≤ 6 MiB",
            ),
            row("of it private and written to", mib(memory.private), "≤ 2 MiB"),
            row(
                "of it the program's own pages, which a second process would share",
                mib(memory.unwritten),
                "",
            ),
            row(
                "CPU over ten collection rounds (ten minutes of the default interval)",
                format!(
                    "{:.0} ms, {:.4} % of a core",
                    cpu * 1e3,
                    cpu / (f64::from(ROUNDS) * 60.0) * 100.0
                ),
                "≤ 0.02 %",
            ),
            row(
                "preview, wall",
                format!(
                    "{:.1} ms",
                    median(previews.iter().map(|p| p.wall).collect()) * 1e3
                ),
                "≤ 15 ms",
            ),
            row(
                "preview, CPU",
                format!("{:.1} ms", median(previews.iter().map(|p| p.cpu).collect()) * 1e3),
                "",
            ),
            row(
                "enrolment and first report, bytes sent with TLS",
                agent.sent.to_string(),
                "",
            ),
        ],
    );
}
