//! Files of definitions that users add.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| zeef_fuzz::definition_file(data));
