//! Gzip, sound and damaged.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| zeef_fuzz::check::compressed(data));
