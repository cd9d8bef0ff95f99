//! The options a question offers: one to a line, labelled inside a sentence, or joined by "or".

use super::super::language::{Ask, Language};
use super::super::prose::{Sentence, plain};
use super::super::token::{Token, TokenKind, tokens, words};

/// The most options a question can have.
const MOST_OPTIONS: usize = 26;

#[derive(Debug)]
pub(crate) struct Choice {
    /// "b" or "2", as the question labels it; none for a bullet.
    pub(crate) label: Option<String>,
    pub(crate) text: String,
    pub(crate) words: Vec<String>,
}

/// The options of a question: one to a line, or labelled inside a sentence.
pub(super) fn options(text: &str) -> Vec<Choice> {
    let of = |label: Option<String>, text: &str| {
        let text = plain(text).trim().trim_end_matches(['.', ';', ',', '?']).to_owned();
        Choice { label, words: words(&text), text }
    };
    let lines: Vec<Choice> =
        text.lines().filter_map(line_label).take(MOST_OPTIONS).map(|(label, text)| of(label, text)).collect();
    let lines = match lines.iter().position(|o| o.label.as_deref().is_some_and(|l| matches!(l, "a" | "1" | "i"))) {
        Some(first) => lines.into_iter().skip(first).collect(),
        None => lines,
    };
    let inside = inline_options(text);
    if lines.len() >= 2 && lines.len() >= inside.len() {
        return lines;
    }
    if inside.len() >= 2 {
        inside.into_iter().map(|(label, text)| of(Some(label), &text)).collect()
    } else {
        Vec::new()
    }
}

/// The label at the beginning of a line and what follows it.
pub(super) fn line_label(line: &str) -> Option<(Option<String>, &str)> {
    let line = line.trim();
    let bulleted = ["- ", "* ", "• ", "+ "].iter().find_map(|b| line.strip_prefix(b));
    let body = bulleted.unwrap_or(line).trim_start_matches('*').trim_start();
    let open = body.strip_prefix('(').or_else(|| body.strip_prefix('[')).unwrap_or(body);
    let length = open.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(0);
    let label = open.get(..length).unwrap_or_default();
    let rest = open.get(length..).unwrap_or_default();
    let is_label = label.len() == 1
        || (label.len() == 2 && label.bytes().all(|b| b.is_ascii_digit()))
        || matches!(label.to_ascii_lowercase().as_str(), "ii" | "iii" | "iv" | "vi");
    let marked =
        rest.strip_prefix([')', '.', ':', ']']).or_else(|| rest.strip_prefix(" -")).or_else(|| rest.strip_prefix(" –"));
    if let (true, Some(after)) = (is_label, marked) {
        let after = after.trim_start_matches(['*', '-', '.', ')']).trim_start_matches(['*', ' ']);
        if !after.is_empty() {
            return Some((Some(label.to_ascii_lowercase()), after));
        }
    }
    bulleted.map(|text| (None, text))
}

/// "a) red b) blue", "(1) x (2) y": labels that follow one another.
fn inline_options(text: &str) -> Vec<(String, String)> {
    let tokens = tokens(text);
    for (labels, closers) in [
        ("abcdefghijklmnop", [")", "]"]),
        ("123456789", [")", "]"]),
        ("abcdefghijklmnop", [".", ":"]),
        ("123456789", [".", ":"]),
    ] {
        let mut found: Vec<(String, usize, usize)> = Vec::new();
        let mut expected = labels.chars();
        let mut next = expected.next();
        for (at, token) in tokens.iter().enumerate() {
            let Some(label) = next else { break };
            let closed =
                tokens.get(at + 1).is_some_and(|t| closers.contains(&t.folded.as_str()) && t.start == token.end);
            let before = at.checked_sub(1).and_then(|i| tokens.get(i));
            // "1.5" is no label.
            let closed = closed
                && tokens
                    .get(at + 2)
                    .is_none_or(|t| !t.is_digits() || tokens.get(at + 1).is_some_and(|mark| mark.end < t.start));
            let apart = before.is_none_or(|t| t.end < token.start || t.is("(") || t.is("["));
            if token.is(label.encode_utf8(&mut [0; 4])) && closed && apart {
                let opened = before
                    .filter(|t| (t.is("(") || t.is("[")) && t.end == token.start)
                    .map_or(token.start, |t| t.start);
                found.push((label.to_string(), opened, tokens.get(at + 1).map_or(token.end, |t| t.end)));
                next = expected.next();
            }
        }
        if found.len() >= 2 {
            let ends: Vec<usize> = found.iter().skip(1).map(|(_, opened, _)| *opened).chain([text.len()]).collect();
            return found
                .into_iter()
                .zip(ends)
                .map(|((label, _, start), end)| {
                    let body = text.get(start..end).unwrap_or_default().trim();
                    (
                        label,
                        body.lines()
                            .next()
                            .unwrap_or_default()
                            .trim_end_matches([',', ';', ' ', '.', '?', '/'])
                            .to_owned(),
                    )
                })
                .collect();
        }
    }
    Vec::new()
}

/// "…: Marlowe, Shakespeare or Jonson?", "…, the Moon or the Earth?": what a question that begins with an interrogative
/// offers at its end.
pub(super) fn offered(sentence: &Sentence, language: &Language) -> Option<Vec<Choice>> {
    const INTERROGATIVES: [&str; 12] =
        ["which", "what", "who", "where", "when", "how", "que", "cual", "cuales", "quien", "donde", "cuando"];
    let close = sentence.tokens.iter().rposition(|t| t.is("?"))?;
    let tokens = sentence.tokens.get(..close)?;
    let or = tokens.iter().rposition(|t| language.or.contains(&t.folded.as_str()))?;
    let asks = |range: &[Token]| range.iter().any(|t| INTERROGATIVES.contains(&t.folded.as_str()));
    let is_item = |range: &[Token]| {
        let spoken = range.iter().filter(|t| t.kind != TokenKind::Mark).count();
        let verb = |t: &Token| {
            language.copulas.contains(&t.folded.as_str())
                || language.asks.iter().any(|(ask, names)| *ask == Ask::Auxiliary && names.contains(&t.folded.as_str()))
        };
        (1..=6).contains(&spoken) && !range.iter().any(verb) && !asks(range)
    };
    let begin = tokens.iter().take(or).rposition(|t| t.is(":") || t.is("¿")).map_or(0, |at| at + 1);
    let after_colon = begin.checked_sub(1).and_then(|at| tokens.get(at)).is_some_and(|t| t.is(":"));
    // Backwards from "or", as far as what stands between commas is an item.
    let inside_number = |at: usize| {
        matches!((at.checked_sub(1).and_then(|i| tokens.get(i)), tokens.get(at), tokens.get(at + 1)),
            (Some(l), Some(m), Some(r)) if l.is_digits() && r.is_digits() && l.end == m.start && m.end == r.start)
    };
    let mut commas: Vec<usize> =
        (begin..or).filter(|at| tokens.get(*at).is_some_and(|t| t.is(",")) && !inside_number(*at)).collect();
    commas.push(or);
    let mut items: Vec<std::ops::Range<usize>> = Vec::new();
    for pair in commas.windows(2).rev() {
        let [left, right] = pair else { break };
        let range = left + 1..*right;
        // "Jupiter, or Saturn"
        if range.is_empty() {
            continue;
        }
        if !is_item(tokens.get(range.clone())?) {
            break;
        }
        items.insert(0, range);
    }
    let first = begin..*commas.first()?;
    if after_colon && items.len() + 1 >= commas.len().saturating_sub(1) && is_item(tokens.get(first.clone())?) {
        items.insert(0, first);
    }
    let end = tokens.iter().enumerate().skip(or + 1).find(|(at, t)| t.is(",") && !inside_number(*at));
    let last = or + 1..end.map_or(tokens.len(), |(at, _)| at);
    let stem = tokens.get(..items.first()?.start)?;
    if !asks(stem)
        || !is_item(tokens.get(last.clone())?)
        || tokens.get(last.start)?.is("not")
        || tokens.get(last.start)?.is("no")
    {
        return None;
    }
    items.push(last);
    items
        .into_iter()
        .map(|range| {
            let range = tokens.get(range)?;
            let text = sentence.text.get(range.first()?.start..range.last()?.end)?.to_owned();
            Some(Choice { label: None, words: words(&text), text })
        })
        .collect()
}

/// "Is 7 odd or even?"
pub(super) fn alternatives(sentence: &Sentence, language: &Language) -> Option<Vec<String>> {
    if !sentence.text.contains(['?', '¿']) {
        return None;
    }
    let tokens = &sentence.tokens;
    let or = tokens.iter().position(|t| language.or.contains(&t.folded.as_str()))?;
    let side = |range: &[Token], reverse: bool| -> Vec<String> {
        let is_word = |t: &&Token| t.is_word() && !language.articles.contains(&t.folded.as_str());
        let until = |t: &&Token| t.is_word() || t.is_digits();
        let mut words: Vec<String> = if reverse {
            range.iter().rev().take_while(until).filter(is_word).take(1).map(|t| t.folded.clone()).collect()
        } else {
            range.iter().take_while(until).filter(is_word).take(1).map(|t| t.folded.clone()).collect()
        };
        words.truncate(1);
        words
    };
    let mut found = side(tokens.get(..or)?, true);
    // "a, b or c"
    found.extend(
        tokens
            .get(..or)?
            .iter()
            .enumerate()
            .filter(|(_, t)| t.is(","))
            .filter_map(|(at, _)| at.checked_sub(1).and_then(|i| tokens.get(i)))
            .filter(|t| t.is_word())
            .map(|t| t.folded.clone()),
    );
    found.extend(side(tokens.get(or + 1..)?, false));
    Some(found)
}
