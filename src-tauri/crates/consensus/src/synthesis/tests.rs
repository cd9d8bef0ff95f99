use proptest::prelude::*;

use super::*;

fn shown() -> Vec<ShownCandidate> {
    let candidate = |slot, label: &str| ShownCandidate { slot: Slot(slot), label: label.into(), shown: 1, of: 1 };
    vec![candidate(2, "K"), candidate(0, "P")]
}

fn cited(text: &str, from: &[u8]) -> CitedPart {
    CitedPart { text: text.into(), from: from.iter().copied().map(Slot).collect() }
}

#[test]
fn citations_are_those_that_were_shown() {
    let reply = r#"{"parts": [{"text": " A. ", "from": ["K", "P", "K", "Q"]}, {"text": " ", "from": ["K"]}],
        "consensus": [{"text": "c", "from": ["P"]}],
        "contradictions": [{"about": "x", "positions": [{"text": "1", "from": ["K"]}, {"text": "2", "from": ["P"]}]}],
        "unique": [{"text": "u", "from": []}], "gaps": ["g", " "]}"#;
    let expected = Synthesis {
        parts: vec![cited("A.", &[0, 2])],
        consensus: vec![cited("c", &[0])],
        contradictions: vec![Contradiction { about: "x".into(), positions: vec![cited("1", &[2]), cited("2", &[0])] }],
        unique: vec![cited("u", &[])],
        gaps: vec!["g".into()],
    };
    assert_eq!(read(reply, &shown()), Some(expected));
}

#[test]
fn what_is_no_synthesis_is_none() {
    for reply in [
        "",
        "It is 42.",
        r#"{"parts": [], "consensus": [], "contradictions": [], "unique": [], "gaps": []}"#,
        r#"{"parts": [{"text": " ", "from": []}], "consensus": [], "contradictions": [], "unique": [], "gaps": []}"#,
        r#"{"parts": [{"text": "cut", "from": []}], "consensus": ["#,
        r#"{"parts": [{"text": "a", "from": [], "tool": "rm"}], "consensus": [], "contradictions": [], "unique": [], "gaps": []}"#,
    ] {
        assert_eq!(read(reply, &shown()), None, "{reply}");
    }
}

/// What a reader gives for a text in pieces.
fn streamed(pieces: &[&str]) -> String {
    let mut reader = Reader::default();
    pieces.iter().map(|piece| reader.push(piece)).collect()
}

#[test]
fn only_the_answer_streams() {
    for (reply, expected) in [
        (
            r#"{"parts": [{"text": "a", "from": ["K"]}, {"from": [], "text": "b"}], "consensus": [{"text": "c"}]}"#,
            "a\n\nb",
        ),
        (r#"{"consensus": [{"text": "c", "from": []}], "parts": [{"text": "a"}]}"#, "a"),
        (
            r#"{"parts": [{"text": "he said \"no\"\\ \u00e9\ud83d\ude00\n\n  - x \n"}, {"text": "  "}, {"text": "y"}]}"#,
            "he said \"no\"\\ é😀\n\n  - x\n\ny",
        ),
        (r#"{"parts": [{"text": "a", "more": {"parts": [{"text": "no"}]}}]}"#, "a"),
        (r#"{"parts": [{"text": "never clo"#, "never clo"),
        (r#"{"text": "no", "other": [{"text": "no"}], "parts": {"text": "no"}}"#, ""),
        ("Not JSON at all: \"text\"", ""),
    ] {
        assert_eq!(streamed(&[reply]), expected, "{reply}");
    }
}

proptest! {
    #[test]
    fn the_stream_is_the_text_wherever_it_is_cut(
        texts in prop::collection::vec("[a-z \\n\"\\\\é😀]{0,12}", 1..5), cuts in prop::collection::vec(0usize..200, 0..8),
    ) {
        let parts: Vec<_> = texts.iter().map(|text| json!({"text": text, "from": ["K"]})).collect();
        let reply = json!({"parts": parts, "consensus": [], "contradictions": [], "unique": [], "gaps": []}).to_string();
        let mut ends: Vec<usize> = cuts.into_iter().filter(|&cut| reply.is_char_boundary(cut)).collect();
        ends.push(reply.len());
        ends.sort_unstable();
        let mut begin = 0;
        let mut pieces = Vec::new();
        for end in ends {
            pieces.push(&reply[begin..end]);
            begin = end;
        }
        let whole = read(&reply, &shown()).map(|synthesis| text(&synthesis)).unwrap_or_default();
        prop_assert_eq!(streamed(&pieces), whole);
    }

    #[test]
    fn no_reply_breaks_it(reply in "[\\[\\]{}\",:\\\\utexpars0-9 ]{0,60}") {
        streamed(&[&reply]);
        prop_assert!(read(&reply, &shown()).is_none());
    }
}
