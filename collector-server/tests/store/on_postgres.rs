//! The same suite on PostgreSQL. What only SQLite has, its files, stands in the other program.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    dead_code,
    reason = "a test that cannot go on says where; some helpers serve tests of files alone"
)]

mod accounts;
mod administration;
mod api_tokens;
mod backup;
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
mod g5_erased_is_unreadable;
mod g6_erased_stays_erased;
mod g8_clock;
mod g9_overdue;
mod holds;
mod joins;
mod joins_model;
mod ledger;
mod model;
mod moving;
mod needle;
mod organisation_leads;
mod packages;
mod receipts;
mod records;
mod reports;
mod requests;
mod restart;
mod retention;
mod sealing;
mod second_factor;
mod several;
mod views;
