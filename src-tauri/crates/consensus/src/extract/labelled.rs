//! The reader against labelled answers (`tests/extract`): accuracy by group for each set. The held-out set was written
//! by somebody who did not know the rules; of it only counts are printed unless `SHOW_MISSES=held-out` ends that.
//! `SHOW_WEIGHTS=id,…` prints what each candidate of a row weighs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;

use serde::Deserialize;

use super::canonical::{Item, Quantity, Value, YesNo};
use super::question::Question;
use super::{Extraction, canonical, code, exact::Exact, fact, language, moment, number, units};

#[derive(Deserialize)]
struct Row {
    id: String,
    kind: String,
    language: String,
    question: String,
    answer: String,
    expected: String,
}

/// An `expected` as its form says. A bare number means the unit the question asks for.
fn expected(row: &Row) -> Option<Extraction> {
    let tongue = language::of(&row.question, Some(&row.language));
    let question = Question::read(&row.question, tongue);
    let quantity = |text: &str| -> Option<Quantity> {
        let text = text.trim();
        let (value, symbol) = text.split_once(' ').unwrap_or((text, ""));
        let unit = if symbol.is_empty() { question.unit } else { Some(units::by_symbol(symbol.trim())?) };
        number::quantity(Exact::parse(value)?, unit)
    };
    let item = |text: &str| -> Option<Item> {
        let plain = Exact::parse(text.trim()).and_then(|value| number::quantity(value, None));
        let quantity = plain.or_else(|| {
            number::only(text, tongue, '.').filter(|r| !r.weak).and_then(|r| number::quantity(r.value, r.unit))
        });
        quantity.map(Item::Number).or_else(|| fact::text_of(text, tongue).map(Item::Text))
    };
    let items = |text: &str| text.split(';').map(item).collect::<Option<Vec<_>>>();
    let value = match row.expected.split_once(':') {
        None => match row.expected.trim() {
            "yes" => Value::YesNo(YesNo::Yes),
            "no" => Value::YesNo(YesNo::No),
            "refusal" => return Some(Extraction::Refusal),
            "empty" => return Some(Extraction::Empty),
            "open" => return Some(Extraction::Open),
            _ => return None,
        },
        Some(("number", rest)) => Value::Number(quantity(rest)?),
        Some(("choice", rest)) => {
            Value::Choice(rest.split(',').filter_map(|l| l.trim().bytes().next()?.checked_sub(b'A')).collect())
        }
        Some(("date" | "time", rest)) => Value::Moment(moment::parse(rest)?),
        Some(("set", rest)) => Value::Set(items(rest)?.into_iter().collect()),
        Some(("sequence", rest)) => Value::Sequence(items(rest)?),
        Some(("text", rest)) => fact::value_of(rest, tongue, '.')?,
        Some(("code", rest)) => Value::Code(code::canonical(rest, "")),
        Some(_) => return None,
    };
    // An option named by its text is that option.
    let option = |text: &str| {
        question.options.iter().position(|o| fact::value_of(&o.text, tongue, '.') == fact::value_of(text, tongue, '.'))
    };
    let shape = value.clone();
    let value = match (&shape, row.expected.split_once(": ")) {
        (Value::Text(_) | Value::Number(_), Some((_, text))) => option(text)
            .and_then(|at| u8::try_from(at).ok())
            .map_or_else(|| fact::bare(&question, value), |at| Value::Choice(BTreeSet::from([at]))),
        _ => value,
    };
    Some(Extraction::Answer(value.into()))
}

struct Score {
    right: usize,
    all: usize,
    by_kind: BTreeMap<String, (usize, usize)>,
}

fn evaluate(name: &str, rows: &str) -> Score {
    let show = std::env::var("SHOW_MISSES").is_ok_and(|set| set == name);
    let mut score = Score { right: 0, all: 0, by_kind: BTreeMap::new() };
    for (line, text) in rows.lines().enumerate().filter(|(_, text)| !text.trim().is_empty()) {
        let row: Row = serde_json::from_str(text).unwrap_or_else(|error| panic!("{name}, line {}: {error}", line + 1));
        let wanted =
            expected(&row).unwrap_or_else(|| panic!("{name}, {}: `{}` is no expected form", row.id, row.expected));
        let weighs = std::env::var("SHOW_WEIGHTS").is_ok_and(|ids| ids.split(',').any(|id| id == row.id));
        super::discourse::SHOW_WEIGHTS.store(weighs, Ordering::Relaxed);
        let got = canonical(&row.question, &row.answer, None, Some(&row.language));
        let counts = score.by_kind.entry(row.kind.clone()).or_default();
        counts.1 += 1;
        score.all += 1;
        if got == wanted {
            counts.0 += 1;
            score.right += 1;
        } else if show {
            let shown = match &got {
                Extraction::Answer(value) => format!("{:?}", value.value),
                Extraction::Refusal | Extraction::Empty | Extraction::Open => format!("{got:?}"),
            };
            let asked = super::kind(&row.question);
            println!(
                "{} [{}] {asked:?}\n  Q {}\n  A {}\n  wanted {}\n  got    {shown}\n",
                row.id, row.kind, row.question, row.answer, row.expected
            );
        }
    }
    println!("extraction, {name}: {} of {}", score.right, score.all);
    for (kind, (right, all)) in &score.by_kind {
        println!("  {kind:16} {right:3} of {all}");
    }
    score
}

fn read_set(file: &str) -> Option<String> {
    std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/extract").join(file)).ok()
}

#[test]
fn extraction_reads_the_samples() {
    let score = evaluate("samples", &read_set("samples.jsonl").unwrap());
    assert_eq!(score.right, score.all);
}

#[test]
fn extraction_reads_the_development_set() {
    let score = evaluate("dev", &read_set("dev.jsonl").unwrap());
    assert!(score.all >= 1_000, "{} rows", score.all);
    assert!(score.right * 100 >= score.all * 97, "{} of {}", score.right, score.all);
}

#[test]
fn extraction_reads_answers_it_was_not_written_for() {
    let rows = read_set("held-out.jsonl").expect(
        "tests/extract/held-out.jsonl is missing: without answers that the rules were not written for, nothing is measured",
    );
    // Measured once, when the set was new: 209 of 255. The goal is 97 % and not reached; until it is, this keeps what was.
    let score = evaluate("held-out", &rows);
    assert!(score.all >= 170, "{} rows", score.all);
    assert!(score.right * 100 >= score.all * 80, "{} of {}", score.right, score.all);
}

/// The answer as a member writes it that keeps to the line it was asked for. Nothing for partial dates and centuries, which
/// everybody writes in another way, and where there is no answer.
fn in_a_line(row: &Row) -> Option<String> {
    let spanish = row.language == "es";
    let (form, rest) = row.expected.split_once(": ").unwrap_or((&row.expected, ""));
    let said = match form {
        "yes" => (if spanish { "Sí" } else { "Yes" }).to_owned(),
        "no" => "No".to_owned(),
        "number" if spanish => rest.replace('.', ","),
        "date" | "time" if rest.starts_with('-') || rest.starts_with("century") => return None,
        "number" | "choice" | "date" | "time" | "text" => rest.to_owned(),
        "set" | "sequence" => rest.replace("; ", ", "),
        "code" => format!("`{rest}`"),
        _ => return None,
    };
    let beginning = if spanish { "Respuesta final" } else { "**Final answer" };
    let end = if spanish { "" } else { "**" };
    Some(format!("{}\n\n{beginning}: {said}{end}", row.answer))
}

/// What members say in a line of its own is read from there, whatever they wrote above it: measured where they are asked for
/// that line, which is where the question is taken for a closed one.
#[test]
fn extraction_reads_the_line_that_members_are_asked_for() {
    for (set, least) in [("dev.jsonl", 95), ("held-out.jsonl", 90)] {
        let rows: Vec<Row> = read_set(set).unwrap().lines().map(|row| serde_json::from_str(row).unwrap()).collect();
        let with_line = rows.iter().filter_map(|row| Some((row, in_a_line(row)?)));
        let (mut closed, mut asked, mut right) = (0, 0, 0);
        for (row, answer) in with_line {
            closed += 1;
            if super::kind(&row.question) == super::QuestionKind::Open {
                continue;
            }
            asked += 1;
            let read = canonical(&row.question, &answer, None, Some(&row.language)) == expected(row).unwrap();
            right += usize::from(read);
            if !read && set == "dev.jsonl" && std::env::var("SHOW_MISSES").is_ok_and(|set| set == "line") {
                println!("{} {} | {} | {:?}", row.id, row.question, row.expected, super::kind(&row.question));
            }
        }
        println!("{set}, with a line: {right} of {asked} that are asked for it, of {closed} with an answer");
        assert!(right * 100 >= asked * least, "{set}: {right} of {asked}");
    }
}
