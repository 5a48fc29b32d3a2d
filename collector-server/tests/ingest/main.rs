//! The agents' port over real TLS on loopback: who gets in, what is taken, what every refusal says.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on says where"
)]

mod admission;
mod bounds;
mod certificates;
mod client;
mod closed_records;
mod closed_wire;
mod device;
mod enrolment;
mod g9_overdue;
mod harness;
mod my_data;
mod operations;
mod proxy;
mod records;
mod reports;
mod retention;
mod stopping;
mod target;
