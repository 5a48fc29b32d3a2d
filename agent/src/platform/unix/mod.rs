//! What Linux and macOS share.

pub mod files;
pub(super) mod process;
pub mod signals;
