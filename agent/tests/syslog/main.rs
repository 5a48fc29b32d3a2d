//! Syslog that is sent to the agent over loopback: what becomes of messages between the socket and the sieve.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "helpers of tests fail like tests"
)]

mod framing;
#[path = "../sieve/harness.rs"]
#[allow(dead_code, reason = "shared with the tests of the sieve")]
mod harness;
mod listening;
mod tcp;
mod udp;
