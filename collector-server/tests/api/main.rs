//! The API, asked over HTTP against a real store, with a faked clock.

#![allow(
    clippy::unwrap_used,
    dead_code,
    reason = "a test that cannot go on says where; the installation serves the pages' tests too"
)]

mod changes;
mod devices;
mod g1_expired_is_invisible;
#[path = "../web/installation.rs"]
mod installation;
mod isolation;
mod officer;
mod once;
mod problems;
mod program;
mod restricted;
mod traces;
