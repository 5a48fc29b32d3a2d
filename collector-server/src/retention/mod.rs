//! When a value expires, and the task that deletes what has.

mod expiry;

pub use expiry::{Expiry, expiry};
