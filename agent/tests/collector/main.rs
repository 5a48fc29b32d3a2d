//! The agent against a collector's side of the contract, in this process and on loopback: who is trusted, what is
//! sent, and what the commands do.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod authority;
#[cfg(unix)]
mod bundle;
mod certificates;
#[cfg(unix)]
mod commands;
#[cfg(unix)]
mod my_data;
mod proxy;
#[cfg(unix)]
mod records;
mod server;
mod transport;
