//! The time: as it is, and as a program under test is made to see it.

use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;
use zeef_proto::UnixTime;
use zeef_proto::time::DAY;

/// The real time.
#[must_use]
#[allow(
    clippy::disallowed_methods,
    reason = "the one place where the system's time is read"
)]
pub fn now() -> UnixTime {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    UnixTime(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

/// A wall clock that runs ahead of or behind the real one by what a test says, also while the program runs.
pub struct FakeClock {
    directory: TempDir,
}

impl FakeClock {
    /// A clock that shows the real time.
    ///
    /// # Panics
    /// If libfaketime is not installed.
    #[must_use]
    pub fn new() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let clock = Self { directory };
        clock.set_ahead(0);
        clock
    }

    /// From now on the clock is that far ahead of the real one.
    pub fn set_days_ahead(&self, days: i64) {
        self.set_ahead(days * DAY);
    }

    /// From now on the clock is that many seconds ahead of the real one; behind it, where negative.
    pub fn set_ahead(&self, seconds: i64) {
        // Replaced whole: the program reads it at any moment.
        let new = self.directory.path().join("new");
        std::fs::write(&new, format!("{seconds:+}\n")).expect("a clock can be written");
        std::fs::rename(new, self.file()).expect("a clock can be replaced");
    }

    fn file(&self) -> PathBuf {
        self.directory.path().join("ahead")
    }

    /// Lets a command see this clock. Only the wall clock: what a program waits for keeps its pace.
    pub fn apply(&self, command: &mut Command) {
        command
            .env("LD_PRELOAD", library())
            .env("FAKETIME_TIMESTAMP_FILE", self.file())
            .env("FAKETIME_NO_CACHE", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .env("NO_FAKE_STAT", "1");
    }
}

impl Default for FakeClock {
    fn default() -> Self {
        Self::new()
    }
}

fn library() -> PathBuf {
    let folders = std::fs::read_dir("/usr/lib").expect("/usr/lib can be read");
    folders
        .flatten()
        .map(|folder| folder.path().join("faketime/libfaketimeMT.so.1"))
        .find(|path| path.is_file())
        .unwrap_or_else(|| {
            panic!("libfaketime is missing: install the Debian package faketime (`make test` does)")
        })
}
