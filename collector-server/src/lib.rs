//! zeef-collector: takes in agents' reports, seals them, keeps them no longer than the policy says, and shows
//! them to the people who may see them.
//!
//! * [`store`]: named transactions over SQLite; [`seal`]: the keys under which values are stored;
//! * [`retention`]: when a value expires, and the task that deletes it;
//! * [`clock`], [`files`], [`random`]: the operating system's time, private files and random bytes.

pub mod cli;
pub mod clock;
pub mod config;
pub mod files;
pub mod ingest;
pub mod installation;
pub mod log;
pub mod net;
pub mod operations;
pub mod pki;
pub mod random;
pub mod retention;
pub mod seal;
pub mod serve;
pub mod store;
