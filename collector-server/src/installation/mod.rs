//! An installation's files: made whole or not at all, and opened with care.

mod create;
mod open;
mod template;

pub use create::{Addresses, CreateError, CreatedPaths, create};
pub use open::{OpenError, authority, read_signing_key, renew_authority, store};
