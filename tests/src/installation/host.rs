//! On what a collector runs: with which clock, and in which namespaces.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use crate::Machine;
use crate::clock::FakeClock;

/// The real machine with the real time, unless it is said otherwise.
#[derive(Default)]
pub struct Host {
    /// Another time.
    pub clock: Option<Arc<FakeClock>>,
    /// Namespaces of its own, for mounts that nobody else sees.
    pub machine: Option<Machine>,
}

impl Host {
    /// With a clock that a test sets.
    #[must_use]
    pub fn with_clock(clock: &Arc<FakeClock>) -> Self {
        Self {
            clock: Some(Arc::clone(clock)),
            machine: None,
        }
    }

    pub(super) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = match &self.machine {
            Some(machine) => machine.command(program),
            None => Command::new(program),
        };
        if let Some(clock) = &self.clock {
            clock.apply(&mut command);
        }
        command
    }

    pub(super) fn outside(&self, path: &Path) -> PathBuf {
        self.machine
            .as_ref()
            .map_or_else(|| path.to_owned(), |machine| machine.outside(path))
    }
}
