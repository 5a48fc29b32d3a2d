//! Tests of Zeef as a whole: real programs, real connections, and the rules that the repository keeps.
//!
//! * [`installation`]: a collector that is set up, started, stopped, killed;
//! * [`agent`] on a [`machine`] of its own, whose facts a test changes;
//! * [`device`]: the protocol from a device's side, for all that an agent would never send;
//! * [`authority`], [`relay`], [`proxy`]: certificates and go-betweens;
//! * [`postgres`], [`haproxy`]: what a larger installation stands on and behind;
//! * [`scan`]: whether a value is anywhere;
//! * [`fleet`]: thousands of agents in one program, for `zeef-fleet-sim`;
//! * [`process`], [`command`], [`clock`], [`wait`], [`binaries`], [`usage`]: what they stand on.
//!
//! The harness asserts cleanliness itself: a program that ends otherwise than it was told, a panic, an unannounced
//! error, or a planted value in a log fails the test that started it.

#![allow(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a harness that cannot go on says where"
)]

pub mod agent;
pub mod authority;
pub mod binaries;
pub mod clock;
pub mod command;
pub mod device;
pub mod fleet;
pub mod haproxy;
pub mod installation;
mod loopback;
pub mod machine;
pub mod postgres;
pub mod process;
pub mod proxy;
pub mod relay;
mod sample;
pub mod scan;
pub mod secrets;
mod throwaway;
pub mod usage;
pub mod wait;

pub use agent::Agent;
pub use authority::Authority;
pub use clock::FakeClock;
pub use command::Outcome;
pub use haproxy::HaProxy;
pub use installation::{Installation, Settings};
pub use machine::Machine;
pub use process::Process;
pub use secrets::Secrets;
