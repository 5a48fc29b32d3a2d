//! How new devices are let in: tokens, and what is typed on each system to enrol with one.

mod commands;
mod invitations;

pub use commands::{Part, Step, System};
pub use invitations::{Invitation, Invitations};
