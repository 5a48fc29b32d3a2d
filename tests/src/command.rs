//! Commands that run to their end.

use std::process::{Command, Stdio};

use crate::process::Process;
use crate::secrets::Secrets;
use crate::wait;

/// What a command came to.
#[derive(Debug)]
pub struct Outcome {
    /// Exit code; `None` after a signal.
    pub code: Option<i32>,
    /// What it printed.
    pub stdout: String,
    /// What it said.
    pub stderr: String,
}

/// Runs a command to its end.
///
/// # Panics
/// If it takes too long or panics.
#[must_use]
pub fn run(command: Command) -> Outcome {
    run_with_input(command, "")
}

/// Runs a command that reads `input`.
///
/// # Panics
/// If it takes too long or panics.
#[must_use]
pub fn run_with_input(mut command: Command, input: &str) -> Outcome {
    command.stdin(Stdio::piped());
    let process = Process::start(command, "a command", Secrets::default());
    process.write_input(input);
    let status = process.wait_for_end(wait::SOON);
    let outcome = Outcome {
        code: status.code(),
        stdout: process.stdout(),
        stderr: process.stderr(),
    };
    process.forget();
    assert!(!outcome.stderr.contains("panicked"), "{outcome:?}");
    outcome
}

impl Outcome {
    /// What was printed by a command that did what it was asked.
    ///
    /// # Panics
    /// If it did not.
    #[track_caller]
    #[must_use]
    pub fn done(self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.stdout
    }

    /// [`Self::done`], as JSON.
    ///
    /// # Panics
    /// If it failed, or printed something else.
    #[track_caller]
    #[must_use]
    pub fn json(self) -> serde_json::Value {
        let printed = self.done();
        serde_json::from_str(&printed).unwrap_or_else(|error| panic!("{error}: {printed}"))
    }

    /// The one line of a command that ended with `code`.
    ///
    /// # Panics
    /// If it ended otherwise, printed something, or said more or less than one line.
    #[track_caller]
    #[must_use]
    pub fn refused(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert_eq!(self.stdout, "", "{self:?}");
        assert_eq!(self.stderr.trim_end().lines().count(), 1, "{self:?}");
        self.stderr.trim_end().to_owned()
    }
}
