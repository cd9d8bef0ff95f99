//! Documents of every kind that can be imported: read without a panic, the same every time, and whole.
//!
//! From `src-tauri/crates/transfer`: `cargo +nightly fuzz run document -- -dict=fuzz/formats.dict -max_total_time=180`
#![no_main]

mod whole;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let items = whole::read(input);
    assert_eq!(whole::read(input), items);
    whole::check(&items);
});
