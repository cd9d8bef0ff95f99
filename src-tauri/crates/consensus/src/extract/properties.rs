//! What holds for every text: it is read without a panic, always in the same way, and a megabyte in the time it takes to
//! look at it.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::{Extraction, canonical, kind};

/// Far above what it takes on a busy machine in a debug build, and far below anything quadratic.
const LIMIT: Duration = Duration::from_secs(20);

const QUESTIONS: [&str; 10] = [
    "How many apples are left?",
    "Which one?\nA) red\nB) green\nC) 7",
    "¿Es primo el 7?",
    "When did it end?",
    "¿A qué hora llega?",
    "Name three colours in order.",
    "Who wrote it?",
    "What does this print?\n```\nprint(1)\n```",
    "Write a git command that undoes it.",
    "¿Qué opinas?",
];

/// Pieces that the rules react to, in any order.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("**"),
        Just("\\boxed{"),
        Just("}"),
        Just("\\frac{1}{"),
        Just("$"),
        Just("`"),
        Just("```\n"),
        Just("\n- "),
        Just("| a |"),
        Just("1.234,5"),
        Just("3/4 "),
        Just("10^"),
        Just("²"),
        Just("½"),
        Just("-"),
        Just("not "),
        Just("no "),
        Just("sí, "),
        Just("B) "),
        Just("<think>"),
        Just("</think>"),
        Just("~~"),
        Just("wait, "),
        Just("the answer is "),
        Just("5 de marzo "),
        Just("12:30 "),
        Just("\u{301}"),
        Just("ﬁ"),
        Just("٣"),
        Just("👩‍👩‍👧"),
        Just("99999999999999999999999999999999999999999999 "),
        Just("dos mil millones "),
        Just("half past "),
        Just("(("),
        Just("="),
        Just("1e400 "),
        Just("&nbsp;"),
    ];
    proptest::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_text_is_read_and_always_alike(question in 0..QUESTIONS.len(), answer in "\\PC{0,200}", spiced in pieces()) {
        for answer in [&answer, &spiced, &format!("{answer}{spiced}")] {
            let first = canonical(QUESTIONS[question], answer, None, None);
            prop_assert_eq!(&first, &canonical(QUESTIONS[question], answer, None, None));
        }
        // A question is as untrusted as an answer.
        let _ = (kind(&answer), canonical(&spiced, &answer, None, Some("es")));
    }

    #[test]
    fn nothing_to_read_is_empty(blank in "[ \\t\\n*_.-]{0,40}") {
        prop_assert_eq!(canonical("How many?", &blank, None, None), Extraction::Empty);
    }
}

#[test]
fn a_megabyte_of_anything_is_read_at_once() {
    let hostile = [
        "**a ",
        "[x](",
        "<b",
        "\\boxed{",
        "1,",
        "$ ",
        "(",
        "not 1 ",
        "`",
        "² ",
        "B) ",
        "wait, 4 ",
        "- a\n",
        "| a ",
        "<think>",
        "{",
        "the answer is 4, but that is wrong ",
        "12:30 ",
        "dos ",
        "\u{301}",
    ];
    for piece in hostile {
        let answer = piece.repeat(1_000_000 / piece.len());
        // The two kinds with the most candidates; the others share their readers.
        for question in QUESTIONS.into_iter().take(2) {
            let begun = Instant::now();
            canonical(question, &answer, None, None);
            if std::env::var_os("SHOW_TIMES").is_some() {
                println!("{piece:?} to {question:?}: {:?}", begun.elapsed());
            }
            assert!(begun.elapsed() < LIMIT, "{piece:?} to {question:?}: {:?}", begun.elapsed());
        }
    }
}
