//! Input that means harm, or was made by nobody with care.

use std::time::Instant;

use capibara6_llm::{
    ChatEvent, DETAIL_BYTES,
    decode::{Decoder, End, LIMIT, Progress, Unframed},
};
use capibara6_protocol::ErrorCode;

use super::decoding::{Decoded, content, run, steady, whole};

const HI: &str = r#"{"choices":[{"delta":{"content":"Hi"}}]}"#;

fn hi() -> Decoded {
    Decoded { events: vec![content("Hi")], end: Ok(End::Answered) }
}

#[test]
fn every_line_end_and_a_byte_order_mark() {
    for end in ["\n", "\r", "\r\n"] {
        for start in ["", "\u{FEFF}", "\n\n", ": hello\n", ":\r\n\r\n"] {
            let stream = format!("{start}event: x{end}data: {HI}{end}id: 4{end}{end}data: [DONE]{end}{end}");
            assert_eq!(steady(stream.as_bytes()), hi(), "{stream:?}");
        }
    }
}

#[test]
fn the_last_event_counts_without_its_blank_line() {
    for stream in [
        format!("data: {HI}\r\rdata: [DONE]\r"),
        format!("data: {HI}\n\ndata: [DONE]"),
        format!("data: {HI}\ndata: [DONE]\n"),
        format!("data:{HI}\r\ndata:[DONE]"),
    ] {
        assert_eq!(steady(stream.as_bytes()), hi(), "{stream:?}");
    }
}

#[test]
fn an_event_may_have_several_lines() {
    let stream = "data: {\"choices\":\ndata: [{\"delta\":\ndata\ndata: {\"content\":\"Hi\"}}]}\n\ndata: [DONE]\n\n";
    assert_eq!(steady(stream.as_bytes()), hi());
}

#[test]
fn bytes_that_are_not_text_are_replaced_one_by_one() {
    let stream =
        b"data: {\"choices\":[{\"delta\":{\"content\":\"a\xFF\xE2\x82 \xF0\x9F\xA6\xABb\"}}]}\n\ndata: [DONE]\n\n";
    assert_eq!(steady(stream).events, [content("a\u{FFFD}\u{FFFD} \u{1F9AB}b")]);
    let surrogate = br#"data: {"choices":[{"delta":{"content":"a\ud83d"}}]}"#;
    assert_eq!(steady(surrogate).events, [content("a\u{FFFD}")]);
}

#[test]
fn control_characters_are_kept_as_text() {
    let escaped = br#"{"response":"a\u0000\u001b[31mb"}"#;
    assert_eq!(steady(escaped).events, [content("a\0\u{1b}[31mb")]);
    let raw = b"{\"response\":\"a\0\x1b[31mb\"}";
    assert_eq!(steady(raw).events, [content("a\0\u{1b}[31mb")]);
}

#[test]
fn repeated_keys_do_not_end_an_answer() {
    assert_eq!(steady(br#"{"response":"first","response":"last"}"#).events, [content("last")]);
}

#[test]
fn deep_nesting_is_malformed() {
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    // Unknown fields are skipped without recursion: harmless.
    assert_eq!(whole(deep.as_bytes()).end, Ok(End::Empty));
    let deep = format!("{{\"error\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(whole(deep.as_bytes()).end, Err(ErrorCode::Malformed));
}

#[test]
fn whatever_is_too_long_ends_with_a_clear_failure() {
    let limit = LIMIT + 1;
    for (name, start, filling) in [
        ("line", "data: ", "x"),
        ("comment", "data: {}\n\n: ", "x"),
        (
            "event",
            "data: {\"a\":\"\n",
            "data: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n",
        ),
        ("document", "{\"a\":\"", "x"),
        ("brackets", "{\"a\":[", "["),
    ] {
        let mut stream = start.to_owned();
        while stream.len() < limit + start.len() + limit / 10 {
            stream.push_str(filling);
        }
        let (_, end) = run(Unframed::Accept, stream.as_bytes().chunks(1 << 16));
        let failure = end.unwrap_err();
        assert_eq!(failure.code, ErrorCode::Malformed, "{name}");
        assert!(failure.detail.contains("longer than 16777216 bytes"), "{name}: {}", failure.detail);
    }
}

/// A long line in small pieces must not be looked at again with each piece. A quadratic decoder would take hours.
#[test]
fn long_lines_cost_no_more_than_short_ones() {
    let text = "x".repeat(LIMIT - 100);
    let line = format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\ndata: [DONE]\n\n");
    let document = format!("{{\"response\":\"{text}\"}}");
    let mut event = String::from("data: {\"response\":\"");
    while event.len() < LIMIT - 100 {
        event.push_str("y\"\ndata: ,\"a\":\"");
    }
    event.push_str("\"}\n\ndata: [DONE]\n\n");
    let begun = Instant::now();
    for stream in [line, document] {
        assert_eq!(super::decoding::decode(stream.as_bytes().chunks(7)).events, [content(&text)]);
    }
    assert_eq!(super::decoding::decode(event.as_bytes().chunks(7)).end, Ok(End::Answered));
    assert!(begun.elapsed().as_secs() < 60, "took {:?}", begun.elapsed());
}

#[test]
fn an_endless_stream_needs_no_more_memory_than_a_short_one() {
    let mut decoder = Decoder::new(Unframed::Accept);
    let mut events = Vec::new();
    let chunk = format!("data: {HI}\n\n").repeat(100);
    for _ in 0..1_000 {
        events.clear();
        assert_eq!(decoder.push(chunk.as_bytes(), &mut events), Ok(Progress::More));
        assert_eq!(events.len(), 100);
    }
}

#[test]
fn nothing_is_read_after_the_end() {
    let stream = format!("data: {HI}\n\ndata: [DONE]\n\ndata: not json\n\ndata: [DONE]\n\n\0\0\0");
    assert_eq!(steady(stream.as_bytes()), hi());
    let mut decoder = Decoder::new(Unframed::Accept);
    let mut events = Vec::new();
    let ended = Ok(Progress::Ended(End::Answered));
    assert_eq!(decoder.push(stream.as_bytes(), &mut events), ended);
    assert_eq!(decoder.push(b"data: {\"error\":\"late\"}\n\n", &mut events), ended);
    assert_eq!(decoder.finish(&mut events), Ok(End::Answered));
    assert_eq!(events, [content("Hi")]);
}

#[test]
fn a_failure_is_final() {
    let mut decoder = Decoder::new(Unframed::Accept);
    let mut events: Vec<ChatEvent> = Vec::new();
    let failure = decoder.push(b"data: {\"error\":\"x\"}\n\n", &mut events).unwrap_err();
    assert_eq!(decoder.push(format!("data: {HI}\n\n").as_bytes(), &mut events), Err(failure.clone()));
    assert_eq!(decoder.finish(&mut events), Err(failure));
    assert_eq!(events, []);
}

#[test]
fn details_are_bounded() {
    let long = format!("{{\"error\":\"{}\"}}", "é".repeat(100_000));
    let (_, end) = run(Unframed::Accept, [long.as_bytes()]);
    let detail = end.unwrap_err().detail;
    assert!(detail.len() <= DETAIL_BYTES && detail.ends_with('…'), "{} bytes", detail.len());
}
