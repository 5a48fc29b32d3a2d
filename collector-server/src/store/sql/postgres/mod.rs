//! What only PostgreSQL has: how its server is reached, and its schema.

mod changes;
mod locks;
mod schema;
mod server;
mod vacuum;

pub(super) use changes::settle_changes;
pub(super) use locks::{Lock, installation_alone, installation_shared};
#[cfg(test)]
pub(super) use schema::migrations;
pub(super) use schema::{is_set_up, known, migrate};
pub use server::Server;
pub(super) use vacuum::{rewrite_keys, vacuum};
