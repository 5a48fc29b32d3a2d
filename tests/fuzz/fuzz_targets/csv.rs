//! CSV with a header.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| zeef_fuzz::records(zeef_agent::sieve::definition::Format::Csv, data));
