//! What only PostgreSQL has: how its server is reached, and its schema.

mod locks;
mod schema;
mod server;
mod vacuum;

pub(super) use locks::{Lock, installation_alone, installation_shared};
pub(super) use schema::{is_set_up, migrate};
pub use server::Server;
pub(super) use vacuum::{rewrite_keys, vacuum};
