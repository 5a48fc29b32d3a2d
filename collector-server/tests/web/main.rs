//! The pages, asked over HTTP against a real store, with a faked clock.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod account;
mod administration;
mod browser;
mod device;
mod forms;
mod g1_expired_is_invisible;
mod g3_silence;
mod installation;
mod inventory;
mod isolation;
mod portal;
mod protection;
mod sign_in;
mod traces;
