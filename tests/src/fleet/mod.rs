//! Thousands of enrolled agents in one program, each with its own key and certificate, its own numbers and values.
//!
//! * [`Arguments`] say what is done, within ceilings; [`main`] does it and prints the [`Summary`];
//! * `steady` and `storm` say when who reports; `agent` is one of them, `bad` are those who are no agents;
//! * `session` is one run from beginning to end, `run` what its agents share, `exchange` one try of one
//!   request, `enrolment` how they come to be;
//! * `state` keeps them from one run to the next; `acknowledged` says what the collector must hold now.
//!
//! What an agent sends and how long it waits is decided by the agent's own code.

mod acknowledged;
mod agent;
mod arguments;
mod bad;
mod cli;
mod cost;
mod counted;
mod enrolment;
mod error;
mod exchange;
mod loopback;
mod percentiles;
mod run;
mod session;
mod share;
mod state;
mod steady;
mod storm;
mod summary;
mod tally;
mod troubles;
mod values;

pub use acknowledged::digest;
pub use arguments::Arguments;
pub use cli::main;
pub use error::FleetError;
pub use loopback::LoopbackAddress;
pub use summary::Summary;
