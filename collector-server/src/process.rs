//! The collector's own process: what is in its memory stays there, and memory that is free is given back.

/// Forbids core dumps, which would put keys and opened values on a disk. On Linux the memory is closed to debuggers
/// of the same account too.
#[allow(unsafe_code, reason = "prctl and setrlimit are C functions")]
pub fn harden() {
    let none = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: the pointer is to a live value; a failure leaves the limit as it was.
    unsafe {
        libc::setrlimit(libc::RLIMIT_CORE, &raw const none);
    }
    // The limit does not reach a program that the system hands dumps to.
    #[cfg(target_os = "linux")]
    // SAFETY: takes integers only; a failure leaves things as they were.
    unsafe {
        libc::prctl(libc::PR_SET_DUMPABLE, 0, 0, 0, 0);
    }
}

/// Has large blocks given back to the system as soon as they are free. Otherwise glibc keeps them for each thread
/// once it has seen one, and whoever tries many passwords at once leaves gigabytes behind.
#[allow(unsafe_code, reason = "mallopt is a C function")]
pub fn give_large_memory_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: takes integers only, before there is a second thread.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, 1 << 20);
    }
}

/// Ends this process as `kill -9` does: nothing of it runs any more, no destructor and no other thread.
#[cfg(feature = "failpoints")]
#[allow(unsafe_code, reason = "raise is a C function")]
pub(crate) fn kill() {
    // SAFETY: takes an integer only.
    unsafe {
        libc::raise(libc::SIGKILL);
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #[test]
    fn no_core_is_dumped() {
        super::harden();
        let limits = std::fs::read_to_string("/proc/self/limits").unwrap();
        let core = limits.lines().find(|line| line.starts_with("Max core file size"));
        let bounds: Vec<_> = core.unwrap().split_whitespace().skip(4).take(2).collect();
        assert_eq!(bounds, ["0", "0"]);
    }
}
