//! Traps that records of other products hold for a filter, one test each. The records are made up, after the forms
//! that the vendors document.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod addresses;
mod definitions;
mod formats;
mod json;
mod names;
mod program;
mod support;
