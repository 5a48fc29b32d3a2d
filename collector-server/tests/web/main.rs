//! The pages, asked over HTTP against a real store, with a faked clock.

mod account;
mod browser;
mod device;
mod forms;
mod installation;
mod inventory;
mod protection;
mod sign_in;
