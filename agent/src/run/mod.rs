//! The service: a machine that decides what to do next, and a shell that does it.

mod machine;
mod outcomes;
pub(crate) mod pause;
mod service;

pub use machine::{Action, Ending, Machine};
pub use outcomes::{News, ends_batch, wait_for};
pub use service::{RunError, Service};
