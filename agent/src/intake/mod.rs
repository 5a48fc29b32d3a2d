//! Records of other products, taken in by the running agent.
//!
//! * [`piece`]: what an input hands on; [`health`]: what it says about itself.

pub mod health;
pub mod piece;
