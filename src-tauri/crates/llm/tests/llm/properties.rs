//! However the bytes are cut, the same comes out, and it is what a slow and simple decoder makes of them.

use capibara6_llm::decode::LIMIT;
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Value, json};

use super::{
    captures,
    decoding::{bytewise, cut, whole},
    oracle,
};

/// A text as models send it: words, pieces of words, emoji, escapes, and often nothing.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => Just(String::new()),
        6 => "[ a-zñé€\u{1F9AB}\u{10FFFF}\\\\\"\n\t]{1,12}",
        1 => ".{1,20}",
    ]
}

/// The data of one event.
fn record() -> impl Strategy<Value = Value> {
    let delta = |delta: Value| {
        json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": "m",
        "choices": [{"index": 0, "delta": delta, "logprobs": null, "finish_reason": null}]})
    };
    prop_oneof![
        12 => text().prop_map(move |text| delta(json!({"content": text}))),
        4 => (select(&["reasoning", "reasoning_content"][..]), text()).prop_map(move |(key, text)| delta(json!({key: text}))),
        2 => text().prop_map(move |text| delta(json!({"reasoning": text, "reasoning_content": text, "content": null}))),
        1 => Just(delta(json!({"role": "assistant", "content": ""}))),
        1 => Just(delta(json!({"content": null, "tool_calls": [{"index": 0, "function": {"arguments": "{\"a\":["}}]}))),
        1 => select(&["stop", "length", "tool_calls", "abort"][..]).prop_map(|reason| json!({"id": "chatcmpl-1",
            "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})),
        1 => (0u32..99, 0u32..99).prop_map(|(prompt, completion)| json!({"choices": [],
            "usage": {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": 1}})),
        1 => Just(json!({"type": "start"})),
        1 => Just(json!({"something": ["of", {"no": "interest"}]})),
        1 => Just(json!({"error": {"message": "engine died", "type": "InternalServerError", "code": 500}})),
    ]
}

/// How an event is written down.
#[derive(Debug, Clone)]
struct Spelling {
    line_end: &'static str,
    space: bool,
    pretty: bool,
    noise: &'static str,
}

fn spelling() -> impl Strategy<Value = Spelling> {
    static NOISE: &[&str] = &[
        "",
        "",
        "",
        ": ping",
        "event: message",
        "id: 7",
        "retry: 10",
        ":",
        "unknown",
        "datum: 1",
        ":\u{1F9AB} data: {}",
    ];
    (select(&["\n", "\r", "\r\n"][..]), any::<bool>(), any::<bool>(), select(NOISE))
        .prop_map(|(line_end, space, pretty, noise)| Spelling { line_end, space, pretty, noise })
}

/// A stream: a first event that says what it is, records in any spelling, an end mark or not.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    static ENDS: &[&str] =
        &["data: [DONE]\n\n", "data: [DONE]\r\r", "data:[DONE]", "data: {\"type\":\"done\"}\n\n", ""];
    (vec((record(), spelling()), 0..30), select(ENDS), any::<bool>()).prop_map(|(records, end, bom)| {
        let mut out = String::from(if bom { "\u{FEFF}" } else { "" });
        for (record, spelling) in records {
            let Spelling { line_end, space, pretty, noise } = spelling;
            // What a stream is must be clear from its first line that is not a comment.
            let decisive = out.trim_start_matches('\u{FEFF}').contains(':') || !matches!(noise, "unknown" | "datum: 1");
            if !noise.is_empty() && decisive {
                out.push_str(noise);
                out.push_str(line_end);
            }
            let text = if pretty { serde_json::to_string_pretty(&record) } else { serde_json::to_string(&record) };
            for line in text.unwrap().split('\n') {
                out.push_str(if space { "data: " } else { "data:" });
                out.push_str(line);
                out.push_str(line_end);
            }
            out.push_str(line_end);
        }
        out.push_str(end);
        out.into_bytes()
    })
}

/// The same stream with a key in each record that no fast way knows.
fn odd(stream: &[u8]) -> Vec<u8> {
    let text = String::from_utf8(stream.to_vec()).unwrap();
    text.replace("{\"choices\"", "{\"odd\":[],\"choices\"")
        .replace("\"choices\":", "\"unknown\":0,\"choices\":")
        .into_bytes()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_cut_of_any_stream_agrees_with_the_oracle(stream in stream(), places in vec(any::<usize>(), 0..40)) {
        let expected = oracle::decode(&stream);
        prop_assert_eq!(&whole(&stream), &expected);
        prop_assert_eq!(&whole(&odd(&stream)), &expected, "the slow way");
        prop_assert_eq!(&bytewise(&stream), &expected);
        prop_assert_eq!(&cut(&stream, &places), &expected);
    }

    #[test]
    fn any_cut_of_any_bytes_gives_the_same(bytes in vec(any::<u8>(), 0..400), places in vec(any::<usize>(), 0..20)) {
        let expected = whole(&bytes);
        prop_assert_eq!(&bytewise(&bytes), &expected);
        prop_assert_eq!(&cut(&bytes, &places), &expected);
    }

    /// Bytes that look like a protocol more often than random ones do.
    #[test]
    fn any_cut_of_any_fragments_gives_the_same(
        fragments in vec(select(&[
            "data:", "data: ", "event: x", ": c", "\n", "\r", "\r\n", "\n\n", "{", "}", "[", "]", "\"", "\\", ",", "[DONE]", " ",
            "{\"content\":\"hola\",\"done\":false}", "{\"content\":\"\",\"done\":true}", "{\"response\":\"ab\"}", "{\"response\":\"a\"}",
            "{\"type\":\"content\",\"content\":\"Error\"}", "{\"error\":\"x\"}", "{\"choices\":[{\"text\":\"a\"}]}",
            "{\"choices\":[{\"text\":\"aa\"}]}", "{\"choices\":[{\"delta\":{\"content\":\": é\"},\"finish_reason\":\"stop\"}]}",
            "{\"message\":{\"content\":\"x\"},\"done\":true}", "\u{FEFF}", "Simulación de respuesta para", "\u{1F9AB}", "id", "<html",
        ][..]), 0..24),
        tail in vec(any::<u8>(), 0..4),
        places in vec(any::<usize>(), 0..20),
    ) {
        let mut bytes = fragments.concat().into_bytes();
        bytes.extend(tail);
        let expected = whole(&bytes);
        prop_assert_eq!(&bytewise(&bytes), &expected);
        prop_assert_eq!(&cut(&bytes, &places), &expected);
    }
}

#[test]
fn every_recording_can_be_cut_anywhere() {
    let mut random = fastrand::Rng::with_seed(6);
    for recording in captures::all().filter(|recording| recording.status == 200) {
        let expected = whole(&recording.body);
        for _ in 0..20 {
            let places: Vec<usize> = (0..random.usize(1..40)).map(|_| random.usize(..)).collect();
            assert_eq!(cut(&recording.body, &places), expected, "{} cut at {places:?}", recording.name);
        }
    }
}

#[test]
fn the_limit_is_a_limit_under_any_cut() {
    for (length, fits) in [(LIMIT, true), (LIMIT + 1, false)] {
        let mut line = b"data: ".to_vec();
        line.resize(length, b'x');
        line.extend(b"\n\n");
        for step in [line.len(), 1 << 16, 4099] {
            let decoded = super::decoding::run(capibara6_llm::decode::Unframed::Accept, line.chunks(step));
            let failure = decoded.1.unwrap_err();
            assert_eq!(
                failure.detail.contains("longer than"),
                !fits,
                "{length} in steps of {step}: {}",
                failure.detail
            );
        }
    }
}
