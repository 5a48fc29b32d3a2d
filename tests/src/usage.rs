//! CPU time and memory of running programs, from /proc; nothing where there is none.

use std::ops::Add;

/// Memory in KiB, as the kernel counts it.
#[derive(Debug, Default, Clone, Copy)]
pub struct Memory {
    /// All that is in memory.
    pub resident: u64,
    /// Of it what only this program has and has written to.
    pub private: u64,
    /// Of it what only this program maps and has not written to: its code, while it runs once.
    pub unwritten: u64,
}

impl Add for Memory {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            resident: self.resident + other.resident,
            private: self.private + other.private,
            unwritten: self.unwritten + other.unwritten,
        }
    }
}

/// CPU time so far of a program and its children, in seconds.
#[must_use]
pub fn cpu(id: u32) -> Option<f64> {
    let children = descendants(id).into_iter().filter_map(cpu_of);
    Some(cpu_of(id)? + children.sum::<f64>())
}

/// Memory of a program and its children.
#[must_use]
pub fn memory(id: u32) -> Option<Memory> {
    let children = descendants(id).into_iter().filter_map(memory_of);
    Some(children.fold(memory_of(id)?, Add::add))
}

/// The most that a program, without its children, ever had in memory, in KiB.
#[must_use]
pub fn peak(id: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    Some(kibibytes(&status, "VmHWM:"))
}

/// Each of them may end at any moment.
fn descendants(id: u32) -> Vec<u32> {
    let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
    children
        .split_whitespace()
        .filter_map(|child| child.parse().ok())
        .flat_map(|child| std::iter::once(child).chain(descendants(child)))
        .collect()
}

fn cpu_of(id: u32) -> Option<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // After the name, which may hold anything: state is the first, utime the 12th, stime the 13th.
    let after_name = stat.rsplit(") ").next().unwrap_or_default();
    let ticks: f64 = after_name
        .split(' ')
        .skip(11)
        .take(2)
        .filter_map(|ticks| ticks.parse::<f64>().ok())
        .sum();
    Some(ticks / ticks_per_second())
}

#[expect(unsafe_code, reason = "sysconf has no safe form")]
fn ticks_per_second() -> f64 {
    // SAFETY: sysconf reads a constant and has no preconditions.
    unsafe { libc::sysconf(libc::_SC_CLK_TCK) as f64 }
}

fn memory_of(id: u32) -> Option<Memory> {
    let rollup = std::fs::read_to_string(format!("/proc/{id}/smaps_rollup")).ok()?;
    Some(Memory {
        resident: kibibytes(&rollup, "Rss:"),
        private: kibibytes(&rollup, "Private_Dirty:"),
        unwritten: kibibytes(&rollup, "Private_Clean:"),
    })
}

fn kibibytes(text: &str, name: &str) -> u64 {
    let found = text.lines().find_map(|line| line.strip_prefix(name));
    found
        .and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or(0)
}
