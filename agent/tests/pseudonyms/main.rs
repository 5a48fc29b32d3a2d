//! Keys and what is hashed with them: the hashes themselves, their properties, the treatments of a policy, and the
//! commands.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod builders;
#[cfg(unix)]
mod commands;
mod golden;
mod properties;
mod texts;
mod treatments;
