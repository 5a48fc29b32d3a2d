//! The agent's own process.

pub use super::super::unix::process::forbid_core_dump;

/// Keeps what is in memory from debuggers of the same account and from core dumps.
#[allow(unsafe_code, reason = "prctl and setrlimit are C functions")]
pub fn harden() {
    forbid_core_dump();
    // SAFETY: takes integers only; a failure leaves things as they were.
    unsafe {
        libc::prctl(libc::PR_SET_DUMPABLE, 0, 0, 0, 0);
    }
}

/// Gives memory that is free back to the system, after the bustle of a connection.
#[allow(unsafe_code, reason = "malloc_trim is a C function")]
pub fn release_memory() {
    #[cfg(target_env = "gnu")]
    // SAFETY: safe to call at any time from any thread (malloc_trim(3)).
    unsafe {
        libc::malloc_trim(0);
    }
}
