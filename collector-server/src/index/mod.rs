//! The inventory's index: opened values in memory, for sorting and "contains" search.
//!
//! It only proposes ids, in order. What a page shows is read from the store under the expiry predicate, so a
//! stale index can show nothing that is gone; and a value past its term is dropped here before it can match.
//!
//! * [`term`]: what a person typed, and what it matches; [`query`]: filters, order and page;
//! * [`Index`]: the pure core; [`LiveIndex`]: the core, kept up with the store.

mod core;
mod entry;
mod live;
mod natural;
mod order;
pub mod query;
pub mod term;

pub use self::core::Index;
pub use live::{Found, LiveIndex, Shown};
pub use query::{Column, Kind, Page, Query, Sort, State};
pub use term::Term;
