//! CPU time of this process and of others, from /proc.

/// CPU time so far of this process, in seconds.
pub(super) fn own() -> f64 {
    ticks(std::process::id(), 2)
}

/// CPU time so far of a process and its descendants, in seconds. One that has ended is in its parent's account.
pub(super) fn of_family(id: u32) -> f64 {
    let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
    let children = children.split_whitespace().filter_map(|child| child.parse().ok());
    ticks(id, 4) + children.map(of_family).sum::<f64>()
}

/// The sum of the first few of: time in the program, time in the kernel, and both of children that were waited for.
fn ticks(id: u32, first: usize) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    // After the name, which may hold anything, they begin with the 12th.
    let after_name = stat.rsplit(") ").next().unwrap_or_default();
    let ticks = after_name.split(' ').skip(11).take(first);
    ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / per_second()
}

#[expect(unsafe_code, reason = "sysconf has no safe form")]
fn per_second() -> f64 {
    // SAFETY: sysconf reads a constant and has no preconditions.
    unsafe { libc::sysconf(libc::_SC_CLK_TCK) as f64 }
}
