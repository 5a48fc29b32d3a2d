//! What only SQLite has: how its files are opened, locked, migrated, copied and replaced.

pub(super) mod connection;
pub(super) mod files;
pub(super) mod migrate;
