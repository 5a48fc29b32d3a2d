//! The agent as a child process with a state directory of its own.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::process::{Child, Command};
use tokio::sync::Mutex;
use zeef_proto::wire::EnrolmentToken;

use super::agent_binary;
use crate::cli::failure::Failure;

/// A command of the agent's that reaches no further than loopback.
const COMMAND_WITHIN: Duration = Duration::from_secs(30);

/// The agent ends within a second; what it holds is safe in any case.
const ENDS_WITHIN: Duration = Duration::from_secs(5);

/// Exit code of an agent that is not enrolled.
const NOT_ENROLLED: i32 = 3;

/// Seconds between two looks of the agent at this machine.
const INTERVAL: &str = "15";

pub(super) struct Agent {
    binary: PathBuf,
    state: PathBuf,
    log: PathBuf,
    child: Mutex<Option<Child>>,
}

impl Agent {
    pub(super) fn find(named: Option<&Path>, directory: &Path) -> Result<Self, Failure> {
        Ok(Self {
            binary: agent_binary(named)?,
            state: directory.join("agent"),
            log: directory.join("agent.log"),
            child: Mutex::new(None),
        })
    }

    pub(super) fn log(&self) -> &Path {
        &self.log
    }

    /// How a person calls it.
    pub(super) fn command(&self) -> String {
        format!("{} --state-dir {}", self.binary.display(), self.state.display())
    }

    pub(super) async fn is_enrolled(&self) -> Result<bool, Failure> {
        let status = self.call(&["status"], None).await?;
        Ok(status.code() != Some(NOT_ENROLLED))
    }

    pub(super) async fn enrol(&self, url: &str, token: &EnrolmentToken) -> Result<(), Failure> {
        let status = self.call(&["enroll", "--url", url], Some(token)).await?;
        if status.success() {
            Ok(())
        } else {
            Err(Failure::failed(format!(
                "the agent did not enrol; see {}",
                self.log.display()
            )))
        }
    }

    /// Starts reporting.
    pub(super) async fn start(&self) -> Result<(), Failure> {
        let child = self.prepared(&["run", "--interval", INTERVAL])?.spawn();
        *self.child.lock().await = Some(child.map_err(|error| self.unusable(error.kind()))?);
        Ok(())
    }

    /// Resolves if the agent ends by itself, which it should not.
    pub(super) async fn ended(&self) -> Failure {
        if let Some(child) = self.child.lock().await.as_mut() {
            drop(child.wait().await);
        }
        Failure::failed(format!("the agent ended; see {}", self.log.display()))
    }

    /// Ends the agent as a service manager would.
    pub(super) async fn stop(&self) {
        let Some(mut child) = self.child.lock().await.take() else {
            return;
        };
        if let Some(id) = child.id() {
            // Every shell can send a signal; the standard library can only kill.
            let asked = Command::new("sh")
                .args(["-c", "kill -TERM \"$0\"", &id.to_string()])
                .status();
            drop(asked.await);
        }
        if tokio::time::timeout(ENDS_WITHIN, child.wait()).await.is_err() {
            drop(child.kill().await);
        }
    }

    async fn call(&self, arguments: &[&str], token: Option<&EnrolmentToken>) -> Result<ExitStatus, Failure> {
        let mut command = self.prepared(arguments)?;
        if let Some(token) = token {
            command.env("ZEEF_ENROLL_TOKEN", token.expose());
        }
        match tokio::time::timeout(COMMAND_WITHIN, command.status()).await {
            Ok(status) => status.map_err(|error| self.unusable(error.kind())),
            Err(_) => Err(Failure::failed(format!(
                "the agent did not answer; see {}",
                self.log.display()
            ))),
        }
    }

    /// A command of the agent's that writes to its log and dies with this process.
    fn prepared(&self, arguments: &[&str]) -> Result<Command, Failure> {
        let log = || {
            let mut options = std::fs::OpenOptions::new();
            let file = options.create(true).append(true).open(&self.log);
            file.map(Stdio::from).map_err(|error| {
                Failure::failed(format!(
                    "{} cannot be written ({})",
                    self.log.display(),
                    error.kind()
                ))
            })
        };
        let mut command = Command::new(&self.binary);
        command
            .args(arguments)
            .arg("--state-dir")
            .arg(&self.state)
            .stdin(Stdio::null())
            .stdout(log()?)
            .stderr(log()?)
            // Ctrl-C is for this process, which then ends the agent in order.
            .process_group(0)
            .kill_on_drop(true);
        Ok(command)
    }

    fn unusable(&self, reason: std::io::ErrorKind) -> Failure {
        Failure::failed(format!("{} cannot be run ({reason})", self.binary.display()))
    }
}
