//! Records of other products, taken in by the running agent.
//!
//! * [`config`]: what is to be read, as the administrator wrote it; [`inputs`]: each of it, ready to be read;
//! * [`folder`], [`tail`], [`syslog`], [`pull`]: the inputs; [`piece`]: what an input hands on; [`health`]: what it says about itself;
//! * `rules`: whose records may pass now; `minimise`: from a piece to records; `record`: from what the sieve lets
//!   through to what the wire carries; `repeats`, `unfinished`: what was said or written already; `packer`: records in batches;
//! * [`spool`]: batches on disk until they are acknowledged; [`position`], [`digest`]: where each input stands;
//! * [`Intake`]: the whole; [`shown`]: what `status` tells of it.

pub mod config;
pub mod digest;
pub mod folder;
pub mod health;
pub mod inputs;
mod minimise;
mod packer;
pub mod piece;
pub mod position;
pub mod pull;
mod record;
mod repeats;
mod rules;
mod running;
pub mod shown;
pub mod spool;
pub mod syslog;
pub mod tail;
mod unfinished;

pub use config::ConfigError;
pub use running::{Intake, IntakeError};
