//! All that a database holds, taken over into one of either engine.
//!
//! * `tables`: what there is to take over, in an order in which every reference finds its other end;
//! * `row` and `page`: rows in the order of their key, written in one form for both engines, and read in pages;
//! * `whole`: one database into another, compared by count and digest before it counts.

mod page;
mod row;
mod tables;
mod whole;

pub use whole::{copy, fill};
pub(super) use whole::{delete_rows, drop_tables};
