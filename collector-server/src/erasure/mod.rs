//! Erasure: what is asked for, what it comes to, and the receipt that proves it.
//!
//! * [`Subject`], [`Counts`]: what is erased, and how much that is;
//! * [`Facts`]: what a receipt tells; the ledger holds their hash;
//! * [`Receipt`]: the facts, their ledger entry, its proof and a signed head, as a file.
//!
//! `docs/receipts.md` has the form to the byte, for whoever checks with a program of their own.

mod facts;
mod receipt;

pub(crate) use facts::canonical;
pub use facts::{Counts, Facts, KeyId, Kind, Subject, Tombstone, Tombstones};
pub use receipt::{Receipt, ReceiptError};
