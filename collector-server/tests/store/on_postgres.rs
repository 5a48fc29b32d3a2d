//! The same suite on PostgreSQL. What only SQLite has, its files and their backups, stands in the other program.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    dead_code,
    reason = "a test that cannot go on says where; some helpers serve tests of files alone"
)]

mod accounts;
mod administration;
mod devices;
mod engine;
mod fixture;
mod g10_resumed;
mod g1_expired_is_invisible;
mod g2_records;
mod g2_terms;
mod g3_silence;
mod g4_on_a_server;
mod g5_destroyed_keys;
mod g8_clock;
mod holds;
mod joins;
mod joins_model;
mod ledger;
mod needle;
mod records;
mod reports;
mod restart;
mod retention;
mod sealing;
