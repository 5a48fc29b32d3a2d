//! macOS.

pub mod host;
pub(super) mod interfaces;
pub mod process;
pub(super) mod sessions;
pub use super::unix::{files, signals};

pub(super) const PLATFORM: zeef_proto::wire::Platform = zeef_proto::wire::Platform::Macos;
pub(super) const STATE_DIRECTORY: &str = "/Library/Application Support/Zeef/Agent";
