//! CPU time and memory of running programs, from /proc.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

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
        family(self.id()).into_iter().map(cpu_of).sum()
    }

    /// Memory of the program and its children.
    pub(crate) fn memory(&self) -> Memory {
        family(self.id())
            .into_iter()
            .map(memory_of)
            .fold(Memory::default(), |sum, one| Memory {
                resident: sum.resident + one.resident,
                private: sum.private + one.private,
                unwritten: sum.unwritten + one.unwritten,
            })
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

/// Memory in KiB, as the kernel counts it.
#[derive(Default, Clone, Copy)]
pub(crate) struct Memory {
    /// All that is in memory.
    pub(crate) resident: u64,
    /// Of it what only this program has and has written to.
    pub(crate) private: u64,
    /// Of it what only this program maps and has not written to: its code, while it runs once.
    pub(crate) unwritten: u64,
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

fn family(id: u32) -> Vec<u32> {
    let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
    let mut all = vec![id];
    all.extend(
        children
            .split_whitespace()
            .filter_map(|child| child.parse().ok())
            .flat_map(family),
    );
    all
}

fn cpu_of(id: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    // After the name, which may hold anything: state is the first, utime the 12th, stime the 13th.
    let after_name = stat.rsplit(") ").next().unwrap_or_default();
    let ticks: f64 = after_name
        .split(' ')
        .skip(11)
        .take(2)
        .filter_map(|ticks| ticks.parse::<f64>().ok())
        .sum();
    ticks / ticks_per_second()
}

#[expect(unsafe_code, reason = "sysconf has no safe form")]
fn ticks_per_second() -> f64 {
    // SAFETY: sysconf reads a constant and has no preconditions.
    unsafe { libc::sysconf(libc::_SC_CLK_TCK) as f64 }
}

fn memory_of(id: u32) -> Memory {
    let rollup = std::fs::read_to_string(format!("/proc/{id}/smaps_rollup")).unwrap_or_default();
    let line = |name: &str| -> u64 {
        let found = rollup.lines().find_map(|line| line.strip_prefix(name));
        found
            .and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok())
            .unwrap_or(0)
    };
    Memory {
        resident: line("Rss:"),
        private: line("Private_Dirty:"),
        unwritten: line("Private_Clean:"),
    }
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
