//! Records of other products, taken in by the running agent.
//!
//! * [`piece`]: what an input hands on; [`health`]: what it says about itself;
//! * [`syslog`]: messages that are sent here; [`pull`]: records that are fetched over HTTPS.

pub mod health;
pub mod piece;
pub mod pull;
pub mod syslog;
