//! Limits of the own process.

/// Forbids core dumps: they would hold what was never meant for a disk.
#[allow(unsafe_code, reason = "setrlimit is a C function")]
pub fn forbid_core_dump() {
    let none = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: the pointer is to a live value; a failure leaves the limit as it was.
    unsafe {
        libc::setrlimit(libc::RLIMIT_CORE, &raw const none);
    }
}
