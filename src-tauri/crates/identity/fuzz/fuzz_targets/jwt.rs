//! Tokens of a sign-in server: whatever is brought is read without a panic, and what is read is what was written.
//!
//! From `src-tauri/crates/identity`: `cargo +nightly fuzz run jwt -- -max_total_time=180`
#![no_main]

use capibara6_identity::sign_in::jwt::{LONGEST, Unreadable, read};
use libfuzzer_sys::fuzz_target;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Base64url without padding, written here so that the reader is not tested against itself.
fn encoded(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..=chunk.len() {
            text.push(char::from(ALPHABET[(bits >> (18 - 6 * place) & 63) as usize]));
        }
    }
    text
}

fuzz_target!(|input: &[u8]| {
    // As it is.
    if let Ok(text) = std::str::from_utf8(input) {
        let reading = read(text);
        assert_eq!(text.len() > LONGEST, reading == Err(Unreadable::TooLong));
        if reading.is_ok() {
            assert_eq!(text.bytes().filter(|byte| *byte == b'.').count(), 2);
        }
    }
    // As the claims of a token that is well formed otherwise.
    let token = format!("e30.{}.c2ln", encoded(input));
    match read(&token) {
        Ok(claims) => {
            assert!(!claims.user_id.is_empty() && claims.exp.is_finite() && claims.exp >= 0.0);
            assert!(std::str::from_utf8(input).is_ok(), "claims are UTF-8");
        }
        Err(Unreadable::TooLong) => assert!(token.len() > LONGEST),
        Err(Unreadable::Parts) => assert!(input.is_empty()),
        Err(Unreadable::Encoding) => panic!("it was encoded as it must be"),
        Err(Unreadable::Claims) => {}
    }
});
