//! Whatever arrives on the loopback listener: it is read without a panic, only the attempt's own answer is one, and where
//! the bytes were cut on their way makes no difference.
//!
//! From `src-tauri/crates/identity`: `cargo +nightly fuzz run callback -- -max_total_time=180`
#![no_main]

use capibara6_identity::sign_in::callback::{Answer, Expected, Kind, Reading};
use libfuzzer_sys::fuzz_target;

/// Half of the inputs are the part of a request that an attacker would write, so that they get past the first checks.
fn request(input: &[u8]) -> Vec<u8> {
    match input.split_first() {
        Some((b'q', query)) => {
            [b"GET /callback?state=s-1&", query, b" HTTP/1.1\r\nhost: 127.0.0.1:4711\r\n\r\n"].concat()
        }
        Some((b'h', headers)) => [
            b"GET /callback?state=s-1&code=c-1 HTTP/1.1\r\nhost: 127.0.0.1:4711\r\n",
            headers,
            b"\r\n\r\n",
        ]
        .concat(),
        _ => input.to_vec(),
    }
}

fuzz_target!(|input: &[u8]| {
    let bytes = request(input);
    let code = Kind::Code { state: "s-1".into(), issuer: "https://idp.example".into(), issuer_required: false };
    for answer in [code, Kind::Token] {
        let token = answer == Kind::Token;
        let expected = Expected { hosts: vec!["127.0.0.1:4711".into()], path: "/callback".into(), answer };
        let reading = expected.read(&bytes);
        match &reading {
            Reading::Answered(Answer::Token(text)) => assert!(token && !text.is_empty()),
            Reading::Answered(Answer::Code(text)) => assert!(!token && !text.is_empty()),
            Reading::Answered(Answer::Refused { .. }) => assert!(!token),
            Reading::Incomplete | Reading::Other(_) => {}
        }
        if let Reading::Answered(_) = &reading {
            let lower = bytes.to_ascii_lowercase();
            assert!(lower.windows(14).any(|part| part == b"127.0.0.1:4711"), "nothing is answered without our host");
            assert!(token || lower.windows(3).any(|part| part == b"s-1") || lower.contains(&b'%'), "nor without our state");
        }
        // Piece by piece, as it may arrive: what is decided once stays decided, and decided the same.
        let mut early = None;
        for end in 0..bytes.len().min(512) {
            let part = expected.read(&bytes[..end]);
            if part != Reading::Incomplete {
                early = Some(part);
                break;
            }
        }
        if let (Some(early @ Reading::Answered(_)), Reading::Answered(_)) = (early, &reading) {
            assert_eq!(early, reading);
        }
    }
});
