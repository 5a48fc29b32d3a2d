//! What the fuzz targets share.
//!
//! * [`input`]: what an input says before its records;
//! * [`sieves`]: definitions under each treatment; [`chunks`]: a stream in pieces;
//! * [`outcome`]: all that came out of one run; [`documented`]: what may come out at all;
//! * [`again`]: what came out, minimised once more; [`check`]: all of these together;
//! * [`definition`]: definitions that nobody has checked.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a finding is a panic, which the fuzzer reports with its input"
)]

mod again;
pub mod check;
mod chunks;
mod definition;
mod documented;
mod input;
pub mod outcome;
mod sieves;

pub use check::records;
pub use definition::definition_file;
pub use input::Input;
pub use sieves::reference;
