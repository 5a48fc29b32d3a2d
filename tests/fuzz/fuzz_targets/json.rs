//! JSON: lines, documents, arrays, and pages of an API.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| zeef_fuzz::records(zeef_agent::sieve::definition::Format::Json, data));
