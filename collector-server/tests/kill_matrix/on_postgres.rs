//! The same matrix on PostgreSQL.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    dead_code,
    reason = "a test that cannot go on says where; what is shared with the store's suite is not used whole"
)]

mod chapter;
mod check;
mod child;
#[path = "../store/engine/mod.rs"]
mod engine;
#[path = "../store/fixture.rs"]
mod fixture;
mod hand;
mod look;
mod matrix;
mod model;
mod script;

#[test]
fn whatever_is_acknowledged_or_erased_is_so_at_whatever_step_the_process_is_killed() {
    matrix::of_this_engine(
        "whatever_is_acknowledged_or_erased_is_so_at_whatever_step_the_process_is_killed",
        100,
    );
}
