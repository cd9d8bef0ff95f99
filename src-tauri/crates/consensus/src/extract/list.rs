//! Lists: from a Markdown list, a table's first column, an enumeration in a sentence, or terms in a row. A set, unless
//! the question asks for an order. Items are numbers or texts; an item's explanation does not belong to it.

use super::canonical::{Item, Text, Value};
use super::discourse::{Candidate, Discourse, Mention};
use super::fact::text_of;
use super::language::{Cue, Language};
use super::number;
use super::prose::{Block, Sentence};
use super::question::Question;
use super::token::{Token, words};

/// An item of more words is a sentence: the answer is no list of things.
const LONGEST_ITEM: usize = 8;
/// What a line "Ascending order: …" that repeats the question before its colon adds.
const LABELLED: i32 = 14;

pub(crate) fn answer(question: &Question, discourse: &Discourse, decimal: char) -> Option<Value> {
    let language = discourse.language;
    let mut candidates: Vec<Candidate<Vec<Item>>> = Vec::new();
    let fits = |items: &[Item]| if question.count == Some(items.len()) { 14 } else { 0 };
    for (list, (start, sentences)) in blocks(discourse.sentences).into_iter().enumerate() {
        let items: Vec<Item> = sentences.iter().filter_map(|s| head(s, language, decimal)).collect();
        if items.len() >= 2 && items.len() == sentences.len() {
            let announced =
                start.checked_sub(1).and_then(|at| discourse.stances.get(at)).is_some_and(|s| s.has(Cue::Final));
            let concludes =
                start.checked_sub(1).and_then(|at| discourse.stances.get(at)).is_some_and(|s| s.has(Cue::Conclusion));
            let as_asked = question.ordered && is_as_asked(&items, question);
            let bonus = if concludes { 12 } else { 0 } - if as_asked { 24 } else { 0 } + 20 + fits(&items)
                - i32::try_from(list.min(3)).unwrap_or(0) * 4
                + if announced { 60 } else { 0 };
            candidates.push(Candidate {
                value: items,
                sentence: start,
                start: 0,
                end: 0,
                bonus,
                mention: Mention::Claim,
            });
        }
    }
    for (at, sentence) in discourse.sentences.iter().enumerate() {
        if matches!(sentence.block, Block::Item(_) | Block::Row(_))
            && sentence.marker.is_none()
            && !discourse.stances.get(at).is_some_and(|s| s.has(Cue::Final))
        {
            continue;
        }
        for (items, start, ordered) in enumerations(question, sentence, discourse, at, decimal) {
            let labelled = discourse.is_labelled(at, start, &question.stem);
            let bonus = if labelled { LABELLED } else { 0 } + fits(&items) + if ordered { 6 } else { 0 }
                - if is_from_question(&items, question) && !question.ordered { 12 } else { 0 }
                - if is_as_asked(&items, question) { 12 } else { 0 };
            candidates.push(Candidate {
                value: items,
                sentence: at,
                start,
                end: start,
                bonus,
                mention: Mention::Claim,
            });
        }
    }
    if let Some((sentence, values)) = solutions(question, discourse, decimal) {
        candidates.push(Candidate { value: values, sentence, start: 0, end: 0, bonus: 40, mention: Mention::Claim });
    }
    let Some(chosen) = discourse.choose_first(candidates).map(|c| c.value) else {
        // An equation with one solution, asked for as if it had several.
        return if question.is_equation { number::answer(question, discourse, decimal) } else { None };
    };
    Some(value(question, chosen))
}

/// The items as a list of the kind that was asked for.
pub(super) fn value(question: &Question, items: Vec<Item>) -> Value {
    let items = items.into_iter().map(|item| as_named(question, item));
    if question.ordered { Value::Sequence(items.collect()) } else { Value::Set(items.collect()) }
}

/// An item as the question has it where it lists what is to be put in order ("the press" of "… Gutenberg's press, …"), else
/// without the word that the question gave for it ("the visual phase" to "which phases?").
fn as_named(question: &Question, item: Item) -> Item {
    let Item::Text(text) = item else { return item };
    let said: Vec<&str> = text.folded.split(' ').collect();
    let mut named = question.listed.iter().filter(|listed| said.iter().all(|word| listed.iter().any(|w| w == word)));
    match (named.next(), named.next()) {
        (Some(listed), None) => Item::Text(Text { folded: listed.join(" "), written: text.written }),
        _ => Item::Text(super::fact::bare_text(question, text)),
    }
}

/// The things that a line counts up, between semicolons or between commas and "and"; nothing where it names one.
pub(super) fn in_a_line(question: &Question, line: &str, language: &Language, decimal: char) -> Option<Vec<Item>> {
    let parts: Vec<&str> = line.split(';').map(str::trim).filter(|part| !part.is_empty()).collect();
    if parts.len() >= 2 {
        return parts.into_iter().map(|part| item(part, language, decimal)).collect();
    }
    split_items(line, question, language, decimal)
}

/// What an equation's unknown is said to be: "x = 2 and x = 3", "x₁ = 5" and "x₂ = −1" line by line. What was said last
/// of a root counts.
fn solutions(question: &Question, discourse: &Discourse, decimal: char) -> Option<(usize, Vec<Item>)> {
    if !question.is_equation {
        return None;
    }
    let mut found: Vec<(usize, Item)> = Vec::new();
    for (at, sentence) in discourse.sentences.iter().enumerate() {
        let tokens = &sentence.tokens;
        for read in number::read(&sentence.text, tokens, discourse.language, decimal) {
            let token = |back: usize| read.start.checked_sub(back).and_then(|i| tokens.get(i));
            let is_unknown = |t: Option<&Token>| {
                t.is_some_and(|t| t.is_word() && t.folded.len() == 1 && question.words.contains(&t.folded))
            };
            // An index may stand between the unknown and the sign: "x₁", "x_1".
            let (indexed, marked) = (token(2).is_some_and(Token::is_digits), token(3).is_some_and(|t| t.is("_")));
            let unknown = is_unknown(token(2)) || indexed && is_unknown(token(if marked { 4 } else { 3 }));
            let begins = !token(if indexed { if marked { 5 } else { 4 } } else { 3 })
                .is_some_and(|t| matches!(t.folded.as_str(), "+" | "-" | "×" | "*" | "/" | "=") || t.is_digits());
            let goes_on = tokens.get(read.end).is_some_and(|t| {
                matches!(t.folded.as_str(), "+" | "-" | "×" | "*" | "/" | "=" | "^" | "·" | "÷" | "±" | "√")
                    || t.is_word() && t.folded.len() == 1 && question.words.contains(&t.folded)
            });
            if token(1).is_some_and(|t| t.is("="))
                && unknown
                && begins
                && !goes_on
                && let Some(quantity) = number::quantity(read.value, read.unit)
            {
                let item = Item::Number(quantity);
                found.retain(|(_, other)| *other != item);
                found.push((at, item));
            }
        }
    }
    let last = found.last().map(|(at, _)| *at)?;
    (found.len() >= 2).then(|| (last, found.into_iter().map(|(_, item)| item).collect()))
}

/// The items stand in the question in this very order: the answer repeats the task.
fn is_as_asked(items: &[Item], question: &Question) -> bool {
    let said: Vec<String> = items.iter().flat_map(|i| words(&i.to_string())).collect();
    !said.is_empty() && question.words.windows(said.len()).any(|w| w.iter().zip(&said).all(|(a, b)| a == b))
}

fn is_from_question(items: &[Item], question: &Question) -> bool {
    items.iter().all(|item| words(&item.to_string()).iter().all(|w| question.words.contains(w)))
}

/// Lists and tables with where they begin; a table's head is left out.
fn blocks(sentences: &[Sentence]) -> Vec<(usize, Vec<&Sentence>)> {
    let mut found: Vec<(Block, usize, Vec<&Sentence>)> = Vec::new();
    for (at, sentence) in sentences.iter().enumerate() {
        let is_list = matches!(sentence.block, Block::Item(_) | Block::Row(_));
        match found.last_mut() {
            // What follows an item's first sentence explains it.
            Some((block, _, _)) if *block == sentence.block && !sentence.opens_line => (),
            Some((block, _, items)) if *block == sentence.block => items.push(sentence),
            _ if is_list => found.push((sentence.block, at, vec![sentence])),
            _ => (),
        }
    }
    found
        .into_iter()
        .map(|(block, at, mut items)| {
            if matches!(block, Block::Row(_)) && items.len() > 1 {
                items.remove(0);
            }
            (at, items)
        })
        .collect()
}

/// What a list's item names, without its explanation.
fn head(sentence: &Sentence, language: &Language, decimal: char) -> Option<Item> {
    if let Block::Row(_) = sentence.block {
        let cell = sentence.cells.iter().find(|c| {
            number::only(c, language, decimal).is_none_or(|r| r.value.to_integer().is_none_or(|v| v > 30))
                && !c.is_empty()
        })?;
        return item(cell, language, decimal);
    }
    let bold = sentence.bold.iter().find(|b| b.start <= 2).and_then(|b| sentence.text.get(b.clone()));
    let text = bold.unwrap_or(&sentence.text);
    item(until_explanation(text), language, decimal)
}

fn until_explanation(text: &str) -> &str {
    let ends = [": ", " - ", " – ", " — ", " (", ", ", "; ", " → ", " = "];
    let end = ends.iter().filter_map(|mark| text.find(mark)).filter(|at| *at > 0).min().unwrap_or(text.len());
    text.get(..end).unwrap_or(text).trim().trim_end_matches(':')
}

fn item(text: &str, language: &Language, decimal: char) -> Option<Item> {
    let text = text.trim().trim_end_matches(['.', ',', ';']);
    let text = text.strip_prefix("con ").or_else(|| text.strip_prefix("with ")).unwrap_or(text);
    // "x = 2" is a 2.
    let text = text
        .split_once('=')
        .filter(|(left, _)| left.trim().chars().count() <= 3)
        .map_or(text, |(_, right)| right.trim());
    // "el 12, el 14 y el 16"
    let bare =
        text.split_once(' ').filter(|(first, _)| language.articles.contains(&super::token::fold(first).as_str()));
    let text = bare.map(|(_, rest)| rest).filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit())).unwrap_or(text);
    if let Some(read) = number::only(text, language, decimal).filter(|r| !r.weak) {
        return number::quantity(read.value, read.unit).map(Item::Number);
    }
    // "2 × 2" is a calculation.
    if text.contains(['×', '÷']) {
        return None;
    }
    let text: Text = text_of(text, language)?;
    (text.folded.split(' ').count() <= LONGEST_ITEM).then_some(Item::Text(text))
}

/// "a, b and c", "2 < 4 < 7", "x → y → z" inside a sentence, with where they begin and whether the marks give an order.
fn enumerations(
    question: &Question,
    sentence: &Sentence,
    discourse: &Discourse,
    at: usize,
    decimal: char,
) -> Vec<(Vec<Item>, usize, bool)> {
    let language = discourse.language;
    let mut found = Vec::new();
    // "helium (He), neon (Ne)": an aside does not end an enumeration.
    let blanked = without_restatements(&without_directions(&without_asides(&sentence.text)));
    let text = blanked.as_str();
    let token_at = |byte: usize| sentence.tokens.iter().position(|t| t.start >= byte).unwrap_or(0);
    for mark in [" < ", " > ", " → ", " -> ", "→", "<", " ≤ "] {
        let parts: Vec<&str> = text.split(mark).collect();
        if parts.len() >= 3 {
            let first = parts.first().map(|p| p.rsplit([':', ';']).next().unwrap_or(p)).unwrap_or_default();
            let items: Vec<Item> = std::iter::once(first)
                .chain(
                    parts
                        .iter()
                        .skip(1)
                        .map(|p| p.split([';', '(']).next().map(|p| p.trim_end_matches('.')).unwrap_or(p)),
                )
                .filter_map(|p| item(p, language, decimal))
                .collect();
            if items.len() == parts.len() {
                found.push((items, 0, true));
                break;
            }
        }
    }
    // Segments between strong marks; each may be an enumeration.
    let mut start = 0;
    let mut segments: Vec<(usize, &str)> = Vec::new();
    for (byte, c) in text.char_indices() {
        if matches!(c, ':' | ';' | '(' | ')' | '—' | '!' | '?' | '[' | ']' | '{' | '}') {
            segments.push((start, text.get(start..byte).unwrap_or_default()));
            start = byte + c.len_utf8();
        }
    }
    segments.push((start, text.get(start..).unwrap_or_default()));
    for span in &sentence.bold {
        segments.push((span.start, text.get(span.clone()).unwrap_or_default()));
    }
    for (byte, segment) in segments {
        // What stands before the copula is the subject.
        // "7 and 11 are prime": the things asked for may be the subject.
        let parts = [
            after_copula(segment, language, true),
            after_copula(segment, language, false),
            (0, before_copula(segment, language)),
        ];
        let Some((offset, items)) =
            parts.iter().find_map(|(offset, body)| Some((*offset, split_items(body, question, language, decimal)?)))
        else {
            continue;
        };
        let rejected = discourse.is_rejected(at, token_at(byte + offset), token_at(byte + offset) + 1, Mention::Thing);
        if !rejected {
            found.push((items, token_at(byte + offset), false));
        }
    }
    let bold: Vec<Item> = sentence
        .bold
        .iter()
        .filter_map(|b| sentence.text.get(b.clone()))
        .filter(|b| !b.contains(','))
        .filter_map(|b| item(b, language, decimal))
        .collect();
    if bold.len() >= 2 {
        found.push((bold, 0, true));
    }
    found
}

/// What stands before the first copula.
fn before_copula<'a>(segment: &'a str, language: &Language) -> &'a str {
    let tokens = super::token::tokens(segment);
    let copula = tokens.iter().find(|t| language.copulas.contains(&t.folded.as_str()));
    copula.and_then(|t| segment.get(..t.start)).unwrap_or_default()
}

/// The text with short asides turned into spaces, byte by byte, so that places stay what they are.
fn without_asides(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once('(') {
        out.push_str(before);
        match inside.split_once(')').filter(|(aside, _)| aside.len() <= 24) {
            Some((aside, after)) => {
                out.push_str(&" ".repeat(aside.len() + 2));
                rest = after;
            }
            None => {
                out.push('(');
                rest = inside;
            }
        }
    }
    out.push_str(rest);
    out
}

/// "…, es decir, a, b y c": what says it again begins anew; as many bytes as before.
fn without_restatements(text: &str) -> String {
    [" es decir, ", " o sea, ", " that is, ", " i.e., ", " namely, "]
        .iter()
        .fold(text.to_owned(), |text, phrase| text.replace(phrase, &format!("{:1$}", ":", phrase.len())))
}

/// The text with "to the west and north", "al norte y al este" turned into spaces, byte by byte.
fn without_directions(text: &str) -> String {
    const DIRECTIONS: [&str; 20] = [
        "north",
        "south",
        "east",
        "west",
        "northeast",
        "northwest",
        "southeast",
        "southwest",
        "norte",
        "sur",
        "este",
        "oeste",
        "noreste",
        "noroeste",
        "sureste",
        "suroeste",
        "left",
        "right",
        "izquierda",
        "derecha",
    ];
    let tokens = super::token::tokens(text);
    let is_direction = |at: usize| tokens.get(at).is_some_and(|t| DIRECTIONS.contains(&t.folded.as_str()));
    let is_lead = |at: usize| {
        tokens.get(at).is_some_and(|t| {
            matches!(t.folded.as_str(), "to" | "in" | "on" | "the" | "al" | "por" | "el" | "en" | "la" | "a" | "hacia")
        })
    };
    let mut spans: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let direction = (at + 1..at + 3).find(|i| is_direction(*i));
        let Some(direction) = direction.filter(|d| (at..*d).all(is_lead)) else {
            at += 1;
            continue;
        };
        let mut end = direction + 1;
        while tokens.get(end).is_some_and(|t| matches!(t.folded.as_str(), "and" | "y" | "," | "e"))
            && let Some(next) = (end + 1..end + 4).find(|i| is_direction(*i)).filter(|d| (end + 1..*d).all(is_lead))
        {
            end = next + 1;
        }
        if let (Some(first), Some(last)) = (tokens.get(at), tokens.get(end - 1)) {
            spans.push((first.start, last.end));
        }
        at = end;
    }
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for (start, end) in spans {
        out.push_str(text.get(from..start).unwrap_or_default());
        out.push_str(&" ".repeat(end - start));
        from = end;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

/// What follows the copula that stands before the first comma, or the last one.
fn after_copula<'a>(segment: &'a str, language: &Language, before_comma: bool) -> (usize, &'a str) {
    let tokens = super::token::tokens(segment);
    let comma = tokens.iter().position(|t| before_comma && t.is(",")).unwrap_or(tokens.len());
    let verbs = [
        "include",
        "tiene",
        "tienen",
        "has",
        "contains",
        "contiene",
        "contienen",
        "hay",
        "comprise",
        "forman",
        "sobreviven",
        "includes",
        "have",
        "incluyen",
        "incluye",
        "get",
        "tenemos",
        "obtenemos",
        "limita",
        "limitan",
        "borders",
        "border",
        "need",
        "necesitas",
    ];
    let copula = tokens
        .iter()
        .take(comma)
        .rposition(|t| language.copulas.contains(&t.folded.as_str()) || verbs.contains(&t.folded.as_str()));
    match copula.and_then(|at| tokens.get(at)) {
        // "is bordered by …"
        Some(token) => {
            let by = tokens.iter().find(|t| {
                t.start > token.end
                    && language.agents.contains(&t.folded.as_str())
                    && !segment.get(token.end..t.start).unwrap_or_default().contains(',')
            });
            let end = by.map_or(token.end, |by| by.end);
            (end, segment.get(end..).unwrap_or_default())
        }
        None => (0, segment),
    }
}

/// Items between commas and a last "and".
fn split_items(body: &str, question: &Question, language: &Language, decimal: char) -> Option<Vec<Item>> {
    let tokens = super::token::tokens(body);
    let mut parts: Vec<&str> = Vec::new();
    let mut start = 0;
    let mut commas = 0;
    let mut closed = false;
    let mut end = body.len();
    for (at, token) in tokens.iter().enumerate() {
        let inside_number = token.is(",")
            && at.checked_sub(1).and_then(|i| tokens.get(i)).is_some_and(|t| t.is_digits() && t.end == token.start)
            && tokens.get(at + 1).is_some_and(|t| t.is_digits() && t.start == token.end);
        let neighbour = |i: Option<usize>| i.and_then(|i| tokens.get(i)).is_none_or(|t| t.is(","));
        // "a, e, i, o, u": a letter of the list.
        let is_item = neighbour(at.checked_sub(1)) && neighbour(Some(at + 1));
        let splits = (token.is(",") && !inside_number) || (language.and.contains(&token.folded.as_str()) && !is_item);
        // "23, 29, 31 y 37, que no son …": after "and" the next comma ends it.
        if token.is(",") && !inside_number && closed {
            end = token.start;
            break;
        }
        if splits {
            closed |= !token.is(",");
            parts.push(body.get(start..token.start)?);
            start = token.end;
            commas += 1;
        }
    }
    parts.push(body.get(start..end.max(start))?);
    // "son, en definitiva, 1, 2 y 3"
    let is_cue = |part: &str| {
        let tokens = super::token::tokens(part);
        language
            .find_cues(&tokens)
            .iter()
            .any(|f| f.start == 0 && f.end == tokens.len() && f.what != Cue::Yes && f.what != Cue::No)
    };
    let parts: Vec<&str> =
        parts.into_iter().map(|p| p.trim().trim_end_matches('.')).filter(|p| !p.is_empty() && !is_cue(p)).collect();
    let items: Vec<Item> =
        parts.iter().filter_map(|p| item(without_place(without_order(p, language)), language, decimal)).collect();
    let items = with_bare_number(items, &parts, language, decimal);
    // What the question named may be longer than what the answer adds.
    let short = items.iter().all(|i| {
        let said = words(&i.to_string());
        said.len() <= 4 || said.len() <= LONGEST_ITEM && said.iter().all(|w| question.words.contains(w))
    });
    (commas >= 1 && items.len() >= 2 && items.len() == parts.len() && short).then_some(items)
}

/// "Sobreviven 23, 29 y 31": the first of several numbers is one, too.
fn with_bare_number(mut items: Vec<Item>, parts: &[&str], language: &Language, decimal: char) -> Vec<Item> {
    let numbers = items.iter().skip(1).all(|item| matches!(item, Item::Number(_)));
    if let (true, Some(first @ Item::Text(_)), Some(part)) = (items.len() >= 3 && numbers, items.first(), parts.first())
    {
        let last_word = part.rsplit(' ').next().unwrap_or_default();
        let number = number::only(last_word, language, decimal).and_then(|r| number::quantity(r.value, r.unit));
        let number = number.map_or_else(|| first.clone(), Item::Number);
        if let Some(slot) = items.first_mut() {
            *slot = number;
        }
    }
    items
}

/// "3, then 9 and lastly 27": words that only tell the order.
fn without_order<'a>(part: &'a str, language: &Language) -> &'a str {
    const ORDER: [&str; 14] = [
        "then",
        "next",
        "lastly",
        "finally",
        "first",
        "followed by",
        "luego",
        "despues",
        "por ultimo",
        "finalmente",
        "primero",
        "a continuacion",
        "after that",
        "and then",
    ];
    let folded = super::token::fold(part);
    let lead = ORDER.iter().filter(|w| folded.starts_with(&format!("{w} "))).map(|w| w.len()).max();
    match lead.filter(|_| folded.len() == part.len() || language.tag == "en").and_then(|at| part.get(at..)) {
        Some(rest) => rest.trim(),
        None => part,
    }
}

/// "Belgium to the west" is Belgium.
fn without_place(part: &str) -> &str {
    let end = [" to the ", " in the ", " al ", " en el ", " en la "].iter().filter_map(|mark| part.find(mark)).min();
    end.filter(|_| part.starts_with(char::is_uppercase)).and_then(|end| part.get(..end)).unwrap_or(part)
}
