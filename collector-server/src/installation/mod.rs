//! An installation's files: made whole or not at all, and opened with care.

mod create;
mod key;
mod migrate;
mod open;
mod rotate;
mod template;

pub use create::{Addresses, CreateError, CreatedPaths, create};
pub use key::{KeyError, key_encryption_key};
pub use migrate::{MigrateError, Migrated, migrate};
pub use open::{OpenError, authority, check_present, places, read_signing_key, renew_authority, store};
pub use rotate::{RotateError, Rotated, rotate};
