//! The agent's own process.

use windows_sys::Win32::System::Diagnostics::Debug::{
    SEM_FAILCRITICALERRORS, SEM_NOGPFAULTERRORBOX, SetErrorMode,
};
use windows_sys::Win32::System::Memory::{GetProcessHeap, HeapCompact};

/// Keeps Windows Error Reporting from writing what is in memory to a dump.
#[allow(unsafe_code, reason = "SetErrorMode is a C function")]
pub fn harden() {
    // SAFETY: takes flags only.
    unsafe {
        SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX);
    }
}

/// Gives memory that is free back to the system, after the bustle of a connection.
#[allow(unsafe_code, reason = "HeapCompact is a C function")]
pub fn release_memory() {
    // SAFETY: the process's own heap lives as long as the process, and is locked by the function.
    unsafe {
        HeapCompact(GetProcessHeap(), 0);
    }
}
