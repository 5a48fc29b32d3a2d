//! When a value expires, and the task that deletes what has.

mod expiry;
mod task;

pub use expiry::{Expiry, expiry};
pub use task::{PurgeReport, purge_all, run};
