//! zeef-agent: collects the documented fields of this machine, minimises them here, and sends them.
//!
//! * [`platform`]: the operating system; [`facts`]: what it says, raw and in memory only;
//! * [`minimise`]: from facts to what may be sent, under the [`policy`] that is held;
//! * [`sieve`]: records of other products, minimised as they stream; [`pseudonym`]: keyed hashes of values;
//! * [`report`]: what to send and when; [`run`]: the service that does it;
//! * [`enrol`], [`transport`]: the device's certificate, and the way to the collector;
//! * [`state`]: what is kept on disk; [`cli`]: the commands; [`log`]: what may be logged;
//! * [`clock`], [`random`]: the operating system's time and random bytes; [`private_file`]: files with a secret;
//! * [`intake`]: records of other products, taken in by the running agent.

pub mod cli;
pub mod clock;
pub mod enrol;
pub mod facts;
pub mod intake;
pub mod log;
pub mod minimise;
pub mod platform;
pub mod policy;
pub mod private_file;
pub mod pseudonym;
pub mod random;
pub mod report;
pub mod run;
pub mod sieve;
pub mod state;
pub mod transport;
