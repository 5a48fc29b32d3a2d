//! The agent's own process.

pub use super::super::unix::process::forbid_core_dump;

/// Keeps what is in memory from debuggers and from core dumps.
#[allow(unsafe_code, reason = "ptrace is a C function")]
pub fn harden() {
    forbid_core_dump();
    // SAFETY: PT_DENY_ATTACH takes no address; a failure leaves things as they were.
    unsafe {
        libc::ptrace(libc::PT_DENY_ATTACH, 0, std::ptr::null_mut(), 0);
    }
}

/// Nothing to do: this system's allocator gives free pages back by itself when memory is short.
pub const fn release_memory() {}
