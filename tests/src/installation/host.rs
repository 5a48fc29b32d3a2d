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
    /// Size of the disk for the installation, in KiB, on a machine of its own.
    pub disk: Option<u32>,
}

impl Host {
    /// With a clock that a test sets.
    #[must_use]
    pub fn with_clock(clock: &Arc<FakeClock>) -> Self {
        Self {
            clock: Some(Arc::clone(clock)),
            ..Self::default()
        }
    }

    /// With a disk of that many KiB, which a test can fill.
    #[must_use]
    pub fn with_disk(kilobytes: u32) -> Self {
        Self {
            machine: Some(Machine::new("collector")),
            disk: Some(kilobytes),
            ..Self::default()
        }
    }

    pub(super) fn mount_disk(&self, directory: &Path) {
        if let (Some(machine), Some(kilobytes)) = (&self.machine, self.disk) {
            machine.mount_small(directory, kilobytes);
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
