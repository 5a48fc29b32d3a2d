//! Ten thousand agents that return at once, as after an outage, each over a new handshake.

use std::process::{Command, Stdio};

use serde_json::Value;

use crate::servers::{Installation, built};
use crate::table::{self, progress};

const AGENTS: usize = 10_000;
const ROUNDS: usize = 3;

pub(crate) fn measure() {
    let directory = tempfile::tempdir().expect("a directory");
    let installation = Installation::new(directory.path());
    let server = installation.serve();
    let token = directory.path().join("token");
    std::fs::write(&token, installation.token_text(AGENTS)).expect("the token is written");
    let rows: Vec<Vec<String>> = (1..=ROUNDS)
        .map(|round| {
            progress(&format!(
                "a storm of {AGENTS} agents: round {round} of {ROUNDS}{}",
                if round == 1 { ", who enrol first" } else { "" }
            ));
            let output = Command::new(built("release", "zeef-fleet-sim"))
                .args(["storm", "--json", "--name", "127.0.0.1"])
                .args(["--address", &server.address.to_string()])
                .args(["--agents", &AGENTS.to_string()])
                .args(["--collector-pid", &server.process.id().to_string()])
                .arg("--root")
                .arg(installation.root_file())
                .arg("--state")
                .arg(directory.path().join("fleet"))
                .arg("--token-file")
                .arg(&token)
                .stderr(Stdio::inherit())
                .output()
                .expect("the simulator runs");
            let summary: Value = serde_json::from_slice(&output.stdout).expect("a summary");
            row(round, &summary)
        })
        .collect();
    table::print(
        &format!("{AGENTS} agents return at once, each over a new mutual-TLS connection"),
        &[
            "round",
            "acknowledged",
            "lost",
            "seconds",
            "reports/s",
            "p50, ms",
            "p99, ms",
            "collector CPU, µs a report",
            "most memory, MiB",
        ],
        &rows,
    );
}

fn row(round: usize, summary: &Value) -> Vec<String> {
    let number = |pointer: &str| {
        summary
            .pointer(pointer)
            .and_then(Value::as_f64)
            .unwrap_or(f64::NAN)
    };
    vec![
        round.to_string(),
        format!("{:.0}", number("/acknowledged")),
        format!("{:.0}", number("/lost")),
        format!("{:.1}", number("/seconds")),
        format!("{:.0}", number("/reports_per_second")),
        format!("{:.0}", number("/latency/p50")),
        format!("{:.0}", number("/latency/p99")),
        format!("{:.0}", number("/collector/cpu_micros_per_report")),
        format!("{:.0}", number("/collector/peak_kib") / 1024.0),
    ]
}
