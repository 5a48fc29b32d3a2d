//! JSON behind syslog headers.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| zeef_fuzz::check::behind_headers(data));
