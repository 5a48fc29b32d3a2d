//! What every engine of the store must do. The suite knows the interface alone; `fixture` opens the engine.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on says where"
)]

mod accounts;
mod administration;
mod backup;
mod devices;
mod fixture;
mod joins;
mod joins_model;
mod ledger;
mod records;
mod reports;
mod restart;
mod retention;
mod sealing;
