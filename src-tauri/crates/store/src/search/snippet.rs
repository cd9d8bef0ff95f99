//! The place in a text that a hit shows: around what was found, short, with what was found marked.

use std::ops::ControlFlow;

use capibara6_protocol::SnippetPart;

use super::query::{Found, Query, merged};

/// How much is shown, in characters.
const LENGTH: usize = 160;

/// How much of it stands before what was found.
const BEFORE: usize = 48;

/// How many bytes behind the first complete find are looked through for a better place.
const FURTHER: usize = 4096;

/// What reading a text for a query gave.
pub(crate) struct Reading {
    /// Absent where the text does not hold all of the query.
    pub snippet: Option<Vec<SnippetPart>>,
    /// How many bytes were read: what it cost.
    pub read: usize,
}

/// Reads a text as far as it takes to know whether it holds the query, and where best.
pub(crate) fn read(query: &Query, text: &str) -> Reading {
    let mut seen = vec![false; query.units()];
    let mut missing = query.units();
    let mut found: Vec<Found> = Vec::new();
    let mut enough = usize::MAX;
    let mut read = text.len();
    query.find(text, |next| {
        if next.start >= enough || found.len() >= 4096 && missing == 0 {
            read = next.end;
            return ControlFlow::Break(());
        }
        if let Some(unit) = seen.get_mut(next.unit).filter(|unit| !**unit) {
            *unit = true;
            missing -= 1;
            if missing == 0 {
                enough = next.end + FURTHER;
            }
        }
        if found.len() < 65_536 {
            found.push(next);
        }
        ControlFlow::Continue(())
    });
    if missing > 0 || found.is_empty() {
        return Reading { snippet: None, read };
    }
    found.sort_unstable_by_key(|found| (found.start, found.end));
    let stretches = merged(found.iter().map(|found| (found.start, found.end)).collect());
    Reading { snippet: Some(parts(text, &stretches, best(&found, query.units()))), read }
}

/// A whole text with what was found in it marked; nothing where it does not hold all of the query.
pub(crate) fn whole(query: &Query, text: &str) -> Option<Vec<SnippetPart>> {
    let reading = read(query, text);
    reading.snippet.map(|_| {
        let mut out = Vec::new();
        append_marked(&mut out, text, 0, text.len(), &query.marks(text, 1000));
        out
    })
}

/// Where the snippet begins: at the find from which most units are found within its length; the first of those.
fn best(found: &[Found], units: usize) -> usize {
    let mut best = (0, 0);
    for (index, first) in found.iter().enumerate() {
        let mut seen = vec![false; units];
        let near = found[index..].iter().take_while(|each| each.start < first.start + LENGTH - BEFORE).take(64);
        near.for_each(|each| seen[each.unit] = true);
        let count = seen.iter().filter(|seen| **seen).count();
        if count > best.0 {
            best = (count, first.start);
        }
        if count == units {
            break;
        }
    }
    best.1
}

/// Cuts the snippet around the byte `at`.
fn parts(text: &str, stretches: &[(usize, usize)], at: usize) -> Vec<SnippetPart> {
    let back = text[..at].char_indices().rev().take(BEFORE).last().map_or(at, |(start, _)| start);
    let start = if back == 0 { 0 } else { next_word(text, back, at) };
    let end = text[at..].char_indices().nth(LENGTH - BEFORE).map_or(text.len(), |(end, _)| at + end);
    let mut out = Vec::new();
    if start > 0 {
        push(&mut out, "…", false);
    }
    append_marked(&mut out, text, start, end, stretches);
    if end < text.len() {
        push(&mut out, "…", false);
    }
    out
}

/// The beginning of the first whole word behind `from`, if there is one before `to`.
fn next_word(text: &str, from: usize, to: usize) -> usize {
    let Some(gap) = text[from..to].find(char::is_whitespace) else { return from };
    let rest = &text[from + gap..to];
    from + gap + (rest.len() - rest.trim_start().len())
}

fn append_marked(out: &mut Vec<SnippetPart>, text: &str, from: usize, to: usize, stretches: &[(usize, usize)]) {
    let mut at = from;
    let first = stretches.partition_point(|stretch| stretch.1 <= from);
    for (start, end) in stretches[first..].iter().take_while(|stretch| stretch.0 < to) {
        let (start, end) = ((*start).max(at), (*end).min(to));
        push(out, &text[at..start], false);
        push(out, &text[start..end], true);
        at = end;
    }
    push(out, &text[at..to], false);
}

/// Adds text with white space as single spaces.
fn push(out: &mut Vec<SnippetPart>, text: &str, marked: bool) {
    let mut tidy = String::with_capacity(text.len());
    let mut after_space = out.last().is_some_and(|part| part.text.ends_with(' '));
    for ch in text.chars() {
        if ch.is_whitespace() {
            if !after_space {
                tidy.push(' ');
            }
            after_space = true;
        } else {
            tidy.push(ch);
            after_space = false;
        }
    }
    if tidy.is_empty() {
        return;
    }
    match out.last_mut() {
        Some(last) if last.marked == marked => last.text.push_str(&tidy),
        _ => out.push(SnippetPart { text: tidy, marked }),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(query: &str, text: &str) -> Option<String> {
        let parts = read(&Query::parse(query), text).snippet?;
        Some(
            parts.iter().map(|part| if part.marked { format!("[{}]", part.text) } else { part.text.clone() }).collect(),
        )
    }

    #[test]
    fn the_place_is_shown_with_what_was_found() {
        assert_eq!(shown("rio", "El   río\n\nbaja").as_deref(), Some("El [río] baja"));
        assert_eq!(shown("rio baja", "El río sube"), None);
        let long = format!("{} la orilla del río {}", "palabra ".repeat(40), "fin ".repeat(80));
        let expected = format!("…{}la orilla del [río] {}fin …", "palabra ".repeat(4), "fin ".repeat(26));
        assert_eq!(shown("rio", &long).as_deref(), Some(expected.as_str()));
    }

    #[test]
    fn the_place_with_most_of_it_is_shown() {
        let text = format!("río {} la orilla del río", "x ".repeat(300));
        let shown = shown("orilla rio", &text).expect("found");
        assert!(shown.ends_with("la [orilla] del [río]"), "{shown}");
    }

    #[test]
    fn a_long_text_is_read_only_as_far_as_needed() {
        let text = format!("río {}", "más palabras y ".repeat(100_000));
        let reading = read(&Query::parse("rio"), &format!("{text} río"));
        assert!(reading.snippet.is_some());
        let reading = read(&Query::parse("mas"), &text);
        assert!(reading.read < 10_000, "{}", reading.read);
    }

    proptest! {
        #[test]
        fn a_snippet_is_short_and_of_the_text(text in "\\PC{0,400}", query in "\\PC{0,3}") {
            if let Some(parts) = read(&Query::parse(&query), &text).snippet {
                let length: usize = parts.iter().map(|part| part.text.chars().count()).sum();
                prop_assert!(length <= LENGTH + 2);
                prop_assert!(parts.iter().any(|part| part.marked));
                prop_assert!(parts.windows(2).all(|pair| pair[0].marked != pair[1].marked));
            }
        }
    }
}
