//! What every engine of the store must do. The suite knows the interface alone; `fixture` opens the engine.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on says where"
)]

mod accounts;
mod administration;
mod api_tokens;
mod backup;
mod backup_files;
mod devices;
mod engine;
mod files;
mod fixture;
mod g10_resumed;
mod g1_expired_is_invisible;
mod g2_records;
mod g2_terms;
mod g3_silence;
mod g4_off_the_disk;
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
mod needle;
mod packages;
mod packages_large;
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
