//! Archives as ChatGPT and Claude deliver theirs: read without a panic, and whatever is found in them is whole.
//!
//! From `src-tauri/crates/transfer`: `cargo +nightly fuzz run archive -- -max_total_time=60`
#![no_main]

mod whole;

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use capibara6_transfer::{Item, import_file};
use libfuzzer_sys::fuzz_target;

thread_local! {
    /// One file without a name for all inputs.
    static FILE: File = {
        let path = std::env::temp_dir().join(format!("capibara6-fuzz-{}", std::process::id()));
        let file = File::options().read(true).write(true).create_new(true).open(&path).expect("a file");
        std::fs::remove_file(path).expect("the file");
        file
    };
}

fuzz_target!(|input: &[u8]| {
    let mut file = FILE.with(|file| file.try_clone().expect("a file"));
    file.set_len(0).expect("a file");
    file.seek(SeekFrom::Start(0)).expect("a file");
    // Half of the inputs begin as an archive does.
    let input = [input.strip_prefix(b"z").map_or(&b""[..], |_| b"PK\x03\x04"), input].concat();
    file.write_all(&input).expect("a file");
    file.seek(SeekFrom::Start(0)).expect("a file");
    let mut items: Vec<Item> = Vec::new();
    let mut sink = |item| {
        items.push(item);
        ControlFlow::Continue(())
    };
    let _ = import_file(file, "file", Arc::new(AtomicU64::new(0)), &mut sink);
    whole::check(&items);
});
