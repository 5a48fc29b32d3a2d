//! Records of other products, from a file to the spool and out of it: nothing is lost, nothing is sent under two
//! numbers, and nothing that is not documented gets further than memory.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod bench;
mod crashes;
mod folder;
mod hostile;
mod rules;
mod spool;
mod tail;
