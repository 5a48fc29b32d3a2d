//! The operating system. What differs has the same file name for each and is chosen here, once.
//!
//! * `host`: the host's own name, and the identifier by which a copied disk is noticed;
//! * `sessions`: who is signed in;
//! * `interfaces`: network interfaces and what they carry;
//! * `files`: files that only their owner may read;
//! * `process`: no core dumps, and memory given back;
//! * `signals`: when to stop and when to look at once.

#[cfg(target_os = "linux")]
#[path = "linux/mod.rs"]
mod os;
#[cfg(target_os = "macos")]
#[path = "macos/mod.rs"]
mod os;
#[cfg(windows)]
#[path = "windows/mod.rs"]
mod os;
#[cfg(unix)]
mod unix;

pub use os::{files, host, process, signals};

use crate::facts::Facts;

/// Reads what a report may need.
#[must_use]
pub fn facts() -> Facts {
    Facts {
        device_name: host::name(),
        sessions: os::sessions::read(),
        interfaces: os::interfaces::read(),
    }
}

/// Kind of this operating system, as told at enrolment.
pub const PLATFORM: zeef_proto::wire::Platform = os::PLATFORM;

/// Where the agent keeps its state unless told otherwise.
pub const STATE_DIRECTORY: &str = os::STATE_DIRECTORY;

/// What somebody asks of the running agent through the operating system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// End now.
    Stop,
    /// Collect now, without waiting for the interval.
    Collect,
}

/// Who can look into a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Privacy {
    /// This account alone, and administrators.
    Private,
    /// Other accounts too.
    Open,
    /// It is another account's, and this one is not an administrator's.
    Foreign,
    /// It is another account's, and this one is an administrator's.
    Anothers,
}
