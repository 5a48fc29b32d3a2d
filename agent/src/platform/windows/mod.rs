//! Windows.

pub mod files;
pub mod host;
pub(super) mod interfaces;
pub mod process;
pub(super) mod sessions;
pub mod signals;

mod wide;

pub(super) const PLATFORM: zeef_proto::wire::Platform = zeef_proto::wire::Platform::Windows;
pub(super) const STATE_DIRECTORY: &str = r"C:\ProgramData\Zeef\Agent";
