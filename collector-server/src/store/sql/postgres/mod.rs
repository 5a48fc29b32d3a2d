//! What only PostgreSQL has: how its server is reached, and its schema.

mod schema;
mod server;

pub(super) use schema::migrate;
pub use server::Server;
