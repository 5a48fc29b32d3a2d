//! Which device a record of a site is about: a decision about data, without any I/O.

mod decide;
mod identity;

pub use decide::{Candidate, Found, Match, decide};
pub use identity::{Identity, Key};
