//! zeef-collector: takes in agents' reports, seals them, keeps them no longer than the policy says, and shows
//! them to the people who may see them.
//!
//! * [`ingest`]: the agents' port; [`pki`]: the authority behind it; [`net`]: what all listeners share;
//! * [`store`]: named transactions over SQLite; [`seal`]: the keys under which values are stored;
//! * [`join`]: which device a record of another product is about;
//! * [`backup`]: copies of both files, and putting them back;
//! * [`retention`]: when a value expires, and the task that deletes it;
//! * [`enrolment`]: tokens, and what is typed on each system to enrol with one;
//! * [`erasure`]: what is erased when somebody asks for it, and the receipt that proves it;
//! * [`requests`]: what people ask for about their own data, step by step and in time;
//! * [`package`]: what is held, for whoever asks for it, signed; [`export`]: lists as files; [`sheet`]: their rows;
//! * [`ledger`]: what was done and who looked, in a form that shows every change to it;
//! * [`index`]: opened values in memory, for search and order; [`web`]: the pages that people see; [`otp`]: the codes of second
//!   factors; [`openid`]: signing in at an identity provider; [`mail`]: what is written to people;
//! * [`compliance`]: what a month's report tells;
//! * `notice`: privacy notice, register and differences between policies, made from the policy;
//! * [`my_data`]: what is told to those whom data is about;
//! * [`api`]: what pages show and do, for programs;
//! * [`cli`]: what administrators type; [`serve`]: the running service; [`installation`], [`config`]: its files;
//! * [`operations`], [`log`]: what operators watch;
//! * [`clock`], [`files`], [`process`], [`random`]: the operating system's time, private files, dumps and random
//!   bytes; [`failpoint`]: steps at which a test kills the process.

pub mod access;
pub mod api;
pub mod backup;
pub mod cli;
pub mod clock;
pub mod compliance;
pub mod config;
pub mod enrolment;
pub mod erasure;
pub mod export;
pub mod failpoint;
pub mod files;
pub mod index;
pub mod ingest;
pub mod installation;
pub mod join;
pub mod ledger;
pub mod log;
pub mod mail;
pub mod my_data;
pub mod net;
mod notice;
pub mod openid;
pub mod operations;
pub mod otp;
pub mod package;
pub mod pki;
pub mod process;
pub mod random;
pub mod requests;
pub mod retention;
pub mod seal;
pub mod serve;
pub mod sheet;
pub mod store;
pub mod web;
