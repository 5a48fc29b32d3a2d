//! The process that is killed: this same program, started for the one test, with a task in its environment.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use zeef_collector::failpoint::{Point, times_reached};
use zeef_collector::ledger::SignedHead;
use zeef_collector::store::ledger::LedgerStore;

use crate::hand::{Hand, Home, ask};
use crate::script::Scenario;

const TASK: &str = "ZEEF_KILL_MATRIX_TASK";

/// What a child does.
#[derive(serde::Serialize, serde::Deserialize)]
pub(crate) struct Task {
    pub(crate) home: Home,
    pub(crate) scenario: Scenario,
    pub(crate) run: u8,
}

/// A line of what a child has told: it is there although the child was killed.
#[derive(serde::Serialize, serde::Deserialize)]
pub(crate) enum Told {
    /// What was asked for is done.
    Done { group: usize, at: usize },
    /// The ledger's head after a group.
    Head { group: usize, head: SignedHead },
    /// How often it came to each point, at the end of its work.
    Times(Vec<u32>),
}

/// The task of this process, where it is a child.
pub(crate) fn task() -> Option<Task> {
    let text = std::env::var(TASK).ok()?;
    Some(serde_json::from_str(&text).unwrap())
}

/// Starts a child for the test that calls this; gives whether it was killed at its point, and what it told.
pub(crate) fn run(test: &str, task: &Task, point: Option<(Point, u32)>) -> (bool, Vec<Told>) {
    use std::os::unix::process::ExitStatusExt;
    let told = task.home.file("told");
    drop(std::fs::remove_file(&told));
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args([test, "--exact", "--nocapture"])
        .env(TASK, serde_json::to_string(task).unwrap())
        .stdin(Stdio::null());
    if let Some((point, time)) = point {
        command.env("ZEEF_FAILPOINT", format!("{point:?}:{time}"));
    }
    let output = command.output().unwrap();
    let killed = output.status.signal() == Some(9);
    assert!(
        killed || output.status.success(),
        "{point:?}: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    (killed, read(&told))
}

fn read(told: &Path) -> Vec<Told> {
    let text = std::fs::read_to_string(told).unwrap_or_default();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Does the task, unless it is killed.
pub(crate) fn work(task: &Task) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(follow(task));
}

async fn follow(task: &Task) {
    let told = task.home.file("told");
    let mut out = OpenOptions::new().create(true).append(true).open(told).unwrap();
    let mut hand = Hand::new(task.home.clone(), task.run, false);
    hand.store();
    for (group, ops) in task.scenario.script().into_iter().enumerate() {
        if let [op] = *ops {
            hand.act(op).await;
            tell(&mut out, &Told::Done { group, at: 0 });
        } else {
            let mut asked = tokio::task::JoinSet::new();
            for (at, op) in ops.into_iter().enumerate() {
                let (store, run) = (hand.store(), task.run);
                asked.spawn(async move {
                    ask(&store, (run, false), op).await;
                    at
                });
            }
            while let Some(done) = asked.join_next().await {
                tell(
                    &mut out,
                    &Told::Done {
                        group,
                        at: done.unwrap(),
                    },
                );
            }
        }
        if let Some(head) = hand.store().ledger_head().await.unwrap() {
            tell(&mut out, &Told::Head { group, head });
        }
    }
    hand.let_go();
    tell(&mut out, &Told::Times(Point::ALL.map(times_reached).to_vec()));
}

fn tell(out: &mut File, told: &Told) {
    let line = serde_json::to_string(told).unwrap() + "\n";
    out.write_all(line.as_bytes()).unwrap();
}
