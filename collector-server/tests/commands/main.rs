//! The binary as administrators use it: what each command prints, refuses and leaves unchanged.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on says where"
)]

mod administration;
mod authority;
mod cli;
mod erase;
mod installation;
mod keys;
mod ledger;
mod migrate;
mod policy;
mod request;
mod retention;
