//! The pages, asked over HTTP against a real store, with a faked clock.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod account;
mod administration;
mod browser;
mod device;
mod device_actions;
mod enrol;
mod every_route;
mod export;
mod false_provider;
mod forms;
mod g1_expired_is_invisible;
mod g3_silence;
mod identity_provider;
mod installation;
mod inventory;
mod isolation;
mod listed_pages;
mod officer;
mod portal;
mod protection;
mod requests;
mod second_factor;
mod sign_in;
mod tokens;
mod traces;
mod views;
