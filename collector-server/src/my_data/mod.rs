//! What those whom data is about are told: all that is held of a device and on what account, and who looked at it.
//!
//! * [`compose`]: one device's record, from what the store holds and what the policy says; pure;
//! * [`Looks`]: looks as the ledger tells them, for one organisation;
//! * [`read`]: the same over a store.

mod compose;
mod looks;
mod read;

pub use compose::{Holding, compose};
pub use looks::{Look, Looks, Sight, first_entry_at};
pub use read::{Told, read};
