//! The ledger: what was done and who looked, in the order in which it happened, so that nobody can change it unseen.
//!
//! * [`Entry`], [`Event`], [`Actor`]: what is noted, closed types without a personal value; `encoding`: their bytes;
//! * [`Frontier`]: the tree over the entries (RFC 6962), as far as appending needs it; [`proof`]: proofs from it;
//! * [`SignedHead`]: the tree's state under the installation's signature, for others to keep;
//! * [`Checker`]: finds what was changed, dropped, moved or cut off; [`read`]: all of this over a store.
//!
//! `docs/ledger.md` has the form to the byte, for whoever checks with a program of their own.

mod checker;
mod describe;
mod encoding;
mod entry;
mod frontier;
mod hash;
mod head;
pub mod proof;
pub mod read;

pub use checker::{Checked, Checker, Fault, StoredEntry};
pub use encoding::InvalidEntry;
pub use entry::{Actor, DeviceMark, Engine, Entry, Event, InstallationEvent, OrganisationEvent};
pub use frontier::Frontier;
pub use hash::Hash;
pub use head::{Head, HeadError, Identity, LedgerKey, LedgerSigningKey, SignedHead};
