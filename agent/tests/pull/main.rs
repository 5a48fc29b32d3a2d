//! Records that the agent fetches over HTTPS, against servers on loopback that answer as the vendors document.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "helpers of tests fail like tests"
)]

#[path = "../collector/authority.rs"]
#[allow(dead_code, reason = "shared with the tests of the collector's contract")]
mod authority;
mod datto;
#[path = "../sieve/harness.rs"]
#[allow(dead_code, reason = "shared with the tests of the sieve")]
mod harness;
#[path = "../collector/proxy.rs"]
#[allow(dead_code, reason = "shared with the tests of the collector's contract")]
mod proxy;
mod pulling;
mod schedule;
#[path = "../collector/server.rs"]
#[allow(dead_code, reason = "shared with the tests of the collector's contract")]
mod server;
mod tables;
mod trouble;
mod trust;
mod unifi;
