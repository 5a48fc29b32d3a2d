//! The real program over a stream that is longer and longer: its memory must not follow.

use std::io::Write;
use std::process::{Command, Stdio};

use super::records::PRODUCTS;
use crate::process::wait_with_usage;
use crate::servers::agent_binary;
use crate::table::{self, progress};

const BLOCK: usize = 1 << 20;
const SIZES: [(&str, usize); 4] = [
    ("10 MB", 10_000_000),
    ("100 MB", 100_000_000),
    ("1 GB", 1_000_000_000),
    ("10 GB", 10_000_000_000),
];

pub(crate) fn measure() {
    let directory = tempfile::tempdir().expect("a directory");
    let rows: Vec<Vec<String>> = SIZES
        .iter()
        .map(|(name, bytes)| {
            progress(&format!("minimise, {name}"));
            let (peak, cpu) = stream(&directory.path().join("state"), *bytes);
            vec![
                (*name).to_owned(),
                format!("{:.1} MiB", peak as f64 / 1024.0),
                format!("{cpu:.2} s"),
            ]
        })
        .collect();
    let columns = ["records on standard input", "largest resident size", "CPU"];
    table::print(
        "`zeef-agent minimise --source defender`, streamed",
        &columns,
        &rows,
    );
}

/// Peak in KiB and CPU seconds of the agent over `bytes` of records.
#[expect(
    clippy::zombie_processes,
    reason = "wait4 waits for it, and tells what it used"
)]
fn stream(state: &std::path::Path, bytes: usize) -> (u64, f64) {
    let block = PRODUCTS
        .iter()
        .find(|product| product.source == "defender")
        .map(|product| product.lines(BLOCK))
        .expect("the benchmark has records of Defender");
    let mut agent = Command::new(agent_binary())
        .arg("--state-dir")
        .arg(state)
        .args(["minimise", "--source", "defender"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the agent starts");
    let mut input = agent.stdin.take().expect("it has standard input");
    for _ in 0..bytes.div_ceil(block.len()) {
        input.write_all(&block).expect("the agent reads on");
    }
    let peak = largest_resident(agent.id());
    drop(input);
    (peak, wait_with_usage(agent.id()).1)
}

/// KiB, of a program that runs. What the kernel tells afterwards counts the memory of the program that started it.
fn largest_resident(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or(0)
}
