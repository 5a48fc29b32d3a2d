//! Programs that are measured: started, awaited, ended.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use zeef_tests::usage;
pub(crate) use zeef_tests::usage::Memory;

/// A program that is killed when it goes out of scope.
pub(crate) struct Running(Child);

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn();
        Self(child.unwrap_or_else(|error| panic!("{command:?} does not start: {error}")))
    }

    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// CPU time so far of the program and its children, in seconds.
    pub(crate) fn cpu(&self) -> f64 {
        usage::cpu(self.id()).unwrap_or(0.0)
    }

    /// Memory of the program and its children.
    pub(crate) fn memory(&self) -> Memory {
        usage::memory(self.id()).unwrap_or_default()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // By its own way out where it has one, so that its children go along.
        let term = Command::new("kill").arg(self.id().to_string()).status();
        let ended = term.is_ok()
            && wait_until(Duration::from_secs(5), || {
                matches!(self.0.try_wait(), Ok(Some(_)))
            });
        if !ended {
            drop(self.0.kill());
        }
        drop(self.0.wait());
    }
}

/// Polls until it is so, or the time is over.
pub(crate) fn wait_until(most: Duration, mut is_so: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    while start.elapsed() < most {
        if is_so() {
            return true;
        }
        pause(Duration::from_millis(20));
    }
    false
}

/// Lets time pass: a benchmark measures over time.
#[expect(
    clippy::disallowed_methods,
    reason = "a measurement over time has to let it pass"
)]
pub(crate) fn pause(time: Duration) {
    std::thread::sleep(time);
}

/// Resources of a program that ran to its end, from the kernel's own accounting.
pub(crate) struct Used {
    /// Wall time, seconds.
    pub(crate) wall: f64,
    /// CPU time, seconds.
    pub(crate) cpu: f64,
    /// Largest resident size, KiB.
    pub(crate) peak: u64,
}

/// Runs a program to its end.
#[expect(
    clippy::zombie_processes,
    reason = "wait4 waits for it, and tells what it used"
)]
pub(crate) fn run(command: &mut Command) -> Used {
    let start = Instant::now();
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let child = child.unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
    let (peak, cpu) = wait_with_usage(child.id());
    Used {
        wall: start.elapsed().as_secs_f64(),
        cpu,
        peak,
    }
}

#[expect(
    unsafe_code,
    reason = "the standard library does not give a child's resource usage"
)]
fn usage_of(id: u32) -> libc::rusage {
    let mut status = 0;
    // SAFETY: all-zero is a valid rusage; wait4 fills it for a child of ours that nobody else waits for.
    unsafe {
        let mut usage = std::mem::zeroed();
        libc::wait4(id.cast_signed(), &raw mut status, 0, &raw mut usage);
        usage
    }
}

/// Waits for a child of ours that nobody else waits for: its largest resident size in KiB, its CPU time in seconds.
pub(crate) fn wait_with_usage(id: u32) -> (u64, f64) {
    let usage = usage_of(id);
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    let peak = u64::try_from(usage.ru_maxrss).unwrap_or(0);
    (peak, seconds(usage.ru_utime) + seconds(usage.ru_stime))
}

/// Size of a file in bytes.
pub(crate) fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |metadata| metadata.len())
}
