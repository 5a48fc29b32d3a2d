//! The API: what programs ask for, under `/api/v1`, beside the pages and with the same rights.
//!
//! * [`routes`]: every operation, and what it asks for; `guard`: asks for it; `caller`: who asks; [`token`]: by what;
//! * `resources`: a file for each kind of thing; `body`, `answer`, `cursor`, `problem`: what they share;
//! * `once`: requests that may be sent again; `rate`: how many a token may send;
//! * [`document`]: all of it as OpenAPI 3.1.
//!
//! Nothing here reads a cookie, so no page of another site can ask in somebody's name. What is shown of devices goes to
//! the ledger first, as on pages. No personal value stands in an address.

mod answer;
mod body;
mod caller;
mod cursor;
mod document;
mod guard;
mod once;
mod problem;
mod rate;
mod resources;
mod routes;
mod state;
pub mod token;

pub use document::document;
pub use guard::Needs;
pub(crate) use routes::router;
pub use routes::{Route, routes};

/// Where the API is, below the address of the pages.
pub const ROOT: &str = "/api/v1";
