//! The minimiser of other products' records, on records written after the vendors' documentation.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on says where"
)]

mod broken;
mod command;
mod definitions;
mod formats;
mod gzip;
mod harness;
mod json;
mod links;
mod own_device;
mod properties;
mod tables;
mod treatments;
mod values;
