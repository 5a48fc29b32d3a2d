//! Pairs of keys and values, with and without a syslog header.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| zeef_fuzz::records(zeef_agent::sieve::definition::Format::Pairs, data));
