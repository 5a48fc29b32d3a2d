//! What only PostgreSQL has: how its server is reached, and its schema.

mod locks;
mod schema;
mod server;
mod vacuum;

pub(super) use locks::Lock;
pub(super) use schema::migrate;
pub use server::Server;
pub(super) use vacuum::vacuum;
