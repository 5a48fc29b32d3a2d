//! What a month's compliance report tells: what was done in it, counted from the ledger.
//!
//! * [`Month`]: a calendar month where the policy counts; [`Tally`]: what its entries add up to.

mod month;
mod tally;

pub use month::Month;
pub use tally::{Erasure, Tally, tally};
