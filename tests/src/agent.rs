//! The real agent, on a machine of its own.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;

use crate::clock::FakeClock;
use crate::command::{self, Outcome};
use crate::process::Process;
use crate::{Installation, Machine, binaries, wait};

/// SIGTERM ends an agent within a second; a busy machine is given some more.
const ENDS_WITHIN: Duration = Duration::from_secs(3);

/// Seconds between two looks: so many that the machine is looked at when a test says so, and at no other time.
const INTERVAL: &str = "86400";

/// An agent with its state.
pub struct Agent {
    machine: Arc<Machine>,
    directory: TempDir,
    clock: Option<Arc<FakeClock>>,
    environment: Vec<(String, String)>,
    running: Option<Process>,
}

impl Agent {
    /// An agent that is not enrolled.
    #[must_use]
    pub fn new(machine: &Arc<Machine>) -> Self {
        Self {
            machine: Arc::clone(machine),
            directory: tempfile::tempdir().expect("a temporary directory"),
            clock: None,
            environment: Vec::new(),
            running: None,
        }
    }

    /// An agent on a machine of that name, enrolled for a customer of `collector` whose token has uses left.
    ///
    /// # Panics
    /// If something of it fails.
    #[track_caller]
    #[must_use]
    pub fn enrolled(collector: &Installation, hostname: &str) -> Self {
        let machine = Arc::new(Machine::new(hostname));
        collector.knows(&machine);
        let agent = Self::new(&machine);
        agent.enroll(&collector.url(), &collector.customer("Bakkerij Jansen", 5));
        agent
    }

    /// It sees this clock.
    #[must_use]
    pub fn with_clock(mut self, clock: &Arc<FakeClock>) -> Self {
        self.clock = Some(Arc::clone(clock));
        self
    }

    /// It has this in its environment.
    #[must_use]
    pub fn with_environment(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The machine it looks at.
    #[must_use]
    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// Where its state is.
    #[must_use]
    pub fn state(&self) -> PathBuf {
        self.directory.path().join("state")
    }

    /// A copy of its state, as of a copied disk, for an agent on another machine.
    ///
    /// # Panics
    /// If it cannot be copied.
    #[must_use]
    pub fn copied_to(&self, machine: &Arc<Machine>) -> Self {
        let copy = Self::new(machine);
        let status = Command::new("cp")
            .arg("-a")
            .arg(self.state())
            .arg(copy.state())
            .status();
        assert!(
            status.expect("cp runs").success(),
            "the state could not be copied"
        );
        copy
    }

    /// A command of the agent.
    #[must_use]
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.command_with_state(arguments, &self.state())
    }

    /// A command of the agent with its state elsewhere.
    #[must_use]
    pub fn command_with_state(&self, arguments: &[&str], state: &Path) -> Command {
        let mut command = self.machine.command(binaries::agent());
        command.args(arguments).arg("--state-dir").arg(state);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        if let Some(clock) = &self.clock {
            clock.apply(&mut command);
        }
        command
    }

    /// Runs a command of the agent to its end.
    #[must_use]
    pub fn run(&self, arguments: &[&str]) -> Outcome {
        command::run(self.command(arguments))
    }

    /// Enrols, or fails.
    #[must_use]
    pub fn try_enroll(&self, url: &str, token: &str) -> Outcome {
        let mut command = self.command(&["enroll", "--url", url]);
        command.env("ZEEF_ENROLL_TOKEN", token);
        command::run(command)
    }

    /// Enrols.
    ///
    /// # Panics
    /// If it is refused.
    #[track_caller]
    pub fn enroll(&self, url: &str, token: &str) {
        drop(self.try_enroll(url, token).done());
    }

    /// Lets it run.
    pub fn start(&mut self) {
        let command = self.command(&["run", "--interval", INTERVAL]);
        let process = Process::start(command, "zeef-agent", self.machine.secrets().clone());
        self.running = Some(process);
    }

    /// The running agent.
    ///
    /// # Panics
    /// If it was not started.
    #[must_use]
    pub fn process(&self) -> &Process {
        self.running.as_ref().expect("the agent runs")
    }

    /// Makes the running agent look at its machine now.
    pub fn look(&self) {
        self.process().signal("HUP");
    }

    /// Waits until the collector has acknowledged the report of this number.
    ///
    /// # Panics
    /// If it does not.
    #[track_caller]
    pub fn wait_for_report(&self, sequence: u64) {
        self.process()
            .wait_for_log(&format!("the collector holds the report sequence={sequence}\n"));
    }

    /// How things stand, as `status` tells it.
    ///
    /// # Panics
    /// If the command fails.
    #[track_caller]
    #[must_use]
    pub fn status(&self) -> serde_json::Value {
        self.run(&["status", "--json"]).json()
    }

    /// Waits until `status` tells what is looked for; gives it all. What is logged is durable only a moment later.
    ///
    /// # Panics
    /// If it does not.
    #[track_caller]
    pub fn wait_for_status(
        &self,
        what: &str,
        look: impl Fn(&serde_json::Value) -> bool,
    ) -> serde_json::Value {
        wait::until(what, || Some(self.status()).filter(|status| look(status)))
    }

    /// Ends it in order; gives its log.
    ///
    /// # Panics
    /// If it does not run, or does not end as it should.
    #[track_caller]
    pub fn stop(&mut self) -> String {
        self.running.take().expect("the agent runs").stop(ENDS_WITHIN)
    }

    /// Kills it; gives its log.
    ///
    /// # Panics
    /// If it does not run.
    pub fn kill(&mut self) -> String {
        self.running.take().expect("the agent runs").kill()
    }

    /// Waits until it has ended by itself with `code`; gives its log.
    ///
    /// # Panics
    /// If it does not.
    #[track_caller]
    pub fn ended(&mut self, code: i32) -> String {
        self.running.take().expect("the agent runs").ended(code)
    }
}
