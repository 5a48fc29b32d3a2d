//! Linux.

pub mod host;
pub(super) mod interfaces;
pub mod process;
pub(super) mod sessions;
pub use super::unix::{files, signals};

mod logind;
mod routes;
mod sysfs;
mod utmp;

pub(super) const PLATFORM: zeef_proto::wire::Platform = zeef_proto::wire::Platform::Linux;
pub(super) const STATE_DIRECTORY: &str = "/var/lib/zeef-agent";

use std::io::Read;

use zeroize::Zeroizing;

/// Reads a small text file; nothing where it is not there, too large or not UTF-8.
fn small_text(path: &std::path::Path) -> Option<Zeroizing<String>> {
    const MOST: u64 = 1 << 20;
    let mut text = Zeroizing::new(String::new());
    std::fs::File::open(path)
        .ok()?
        .take(MOST)
        .read_to_string(&mut text)
        .ok()?;
    Some(text)
}
