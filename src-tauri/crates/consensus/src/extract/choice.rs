//! Which of the question's options an answer picks: by its letter or number, by an ordinal ("the second one"), or by
//! its text.

use std::collections::BTreeSet;

use super::canonical::Value;
use super::discourse::{Candidate, Discourse, Mention, bound};
use super::language::Cue;
use super::number;
use super::prose::{Block, Sentence};
use super::question::Question;
use super::token::{Token, TokenKind};

/// From this many words on, an option is also known by most of its words.
const LONG_OPTION: usize = 5;
/// What an ordinal adds: "the third one" picks, where an option's own words may only mention it.
const DESIGNATED: i32 = 8;
/// What the last of several sentences loses: a choice is made, then explained.
const EXPLAINED: i32 = 4;
/// What each option loses that stands beside others.
const COMPARED: i32 = 8;
/// From this many words on, an option that is named whole is meant.
const WHOLE: usize = 2;

pub(crate) fn answer(question: &Question, discourse: &Discourse, decimal: char) -> Option<Value> {
    if discourse.leaves_open() {
        return None;
    }
    let mut candidates = Vec::new();
    for (at, sentence) in discourse.sentences.iter().enumerate() {
        by_label(question, discourse, at, sentence, &mut candidates);
        by_ordinal(question, discourse, at, sentence, &mut candidates);
        by_text(question, at, sentence, &mut candidates);
        by_value(question, discourse, at, sentence, decimal, &mut candidates);
    }
    if question.several {
        return several(discourse, candidates);
    }
    // A list that goes through all options one by one says something of each; what it says of one counts only where it
    // is called right.
    // Within a sentence the first counts: what follows explains it.
    bound(&mut candidates);
    let first = candidates.iter().map(|c| c.sentence).min().unwrap_or(0);
    let last = candidates.iter().map(|c| c.sentence).max().unwrap_or(0);
    for candidate in candidates.iter_mut().filter(|c| first < last && c.sentence == last) {
        candidate.bonus -= EXPLAINED;
    }
    // A sentence that names several compares them.
    let compared: Vec<bool> = candidates
        .iter()
        .map(|c| candidates.iter().any(|other| other.sentence == c.sentence && other.value != c.value))
        .collect();
    for (candidate, _) in candidates.iter_mut().zip(compared).filter(|(_, compared)| *compared) {
        candidate.bonus -= COMPARED;
    }
    let weighed = discourse.weighed(candidates);
    let best = weighed.into_iter().max_by_key(|(score, c)| (*score, std::cmp::Reverse((c.sentence, c.start))));
    best.map(|(_, candidate)| Value::Choice(BTreeSet::from([candidate.value])))
}

/// All options that the strongest sentence, or the list it opens, names.
fn several(discourse: &Discourse, candidates: Vec<Candidate<u8>>) -> Option<Value> {
    let weighed = discourse.weighed(candidates);
    let (best, lead) = weighed.iter().max_by_key(|(score, c)| (*score, c.sentence))?;
    let listed = |at: usize| discourse.sentences.get(at).map(|s| s.block).filter(|b| matches!(b, Block::Item(_)));
    let chosen: BTreeSet<u8> = weighed
        .iter()
        .filter(|(score, c)| {
            c.sentence == lead.sentence && *score + 25 >= *best
                || (listed(c.sentence).is_some() && listed(c.sentence) == listed(lead.sentence) && *score + 12 >= *best)
        })
        .map(|(_, c)| c.value)
        .collect();
    (!chosen.is_empty()).then_some(Value::Choice(chosen))
}

fn index(at: usize) -> Option<u8> {
    u8::try_from(at).ok()
}

/// "B", "b)", "(B)", "option 2", "**B**".
fn by_label(question: &Question, discourse: &Discourse, at: usize, sentence: &Sentence, into: &mut Vec<Candidate<u8>>) {
    let tokens = &sentence.tokens;
    let nouns = discourse.language.option_nouns;
    if let Some(marker) = &sentence.marker
        && let Some(option) = question.options.iter().position(|o| o.label.as_deref() == Some(marker.as_str()))
    {
        // "2. Carbon dioxide" alone is an answer; within a list of all of them it is an enumeration.
        let says_it =
            question.options.get(option).is_some_and(|o| super::token::words(&sentence.text).starts_with(&o.words));
        if let (true, Some(value)) = (says_it, index(option)) {
            into.push(Candidate { value, sentence: at, start: 0, end: 1, bonus: 1, mention: Mention::Thing });
        }
    }
    for (position, token) in tokens.iter().enumerate() {
        let Some(option) = question.options.iter().position(|o| o.label.as_deref() == Some(token.folded.as_str()))
        else {
            continue;
        };
        let before = position.checked_sub(1).and_then(|i| tokens.get(i));
        let after = tokens.get(position + 1);
        // "0 °C", "5 B": a unit.
        if before.is_some_and(|t| t.is("°") || t.is_digits()) {
            continue;
        }
        let glued = |t: Option<&Token>, left: bool| {
            t.is_some_and(|t| if left { t.end == token.start } else { token.end == t.start })
        };
        let is_mark = |t: Option<&Token>| t.is_none_or(|t| t.kind == TokenKind::Mark);
        let noun = before.is_some_and(|t| nouns.contains(&t.folded.as_str()))
            || (is_mark(before)
                && position
                    .checked_sub(2)
                    .and_then(|i| tokens.get(i))
                    .is_some_and(|t| nouns.contains(&t.folded.as_str()))
                && !before.is_some_and(|t| t.is(",")));
        let closed = after.is_some_and(|t| matches!(t.folded.as_str(), ")" | "]")) && glued(after, false);
        let bracketed = closed && before.is_some_and(|t| matches!(t.folded.as_str(), "(" | "["));
        let bytes = token.start..token.end;
        let set_off = [&sentence.bold, &sentence.boxed, &sentence.coded].iter().any(|spans| {
            spans.iter().any(|s| {
                s.start <= bytes.start && bytes.start <= s.start + 1 && (s.end <= bytes.end + 2 || is_mark(after))
            })
        });
        let written = sentence.text.get(bytes).unwrap_or_default();
        let upper = written.starts_with(char::is_uppercase);
        let alone = tokens.iter().filter(|t| t.kind != TokenKind::Mark).count() == 1;
        let ended = is_mark(after)
            && !after.is_some_and(|t| t.is("'") || t.is("-") && glued(Some(t), false) && token.is_digits());
        let introduced = before.is_some_and(|t| {
            matches!(
                t.folded.as_str(),
                "is" | "es"
                    | "be"
                    | ":"
                    | "seria"
                    | "answer"
                    | "la"
                    | "con"
                    | "with"
                    | "choose"
                    | "pick"
                    | "elijo"
                    | "marco"
                    | "por"
                    | "for"
                    | "select"
                    | "→"
                    | "="
                    | "son"
                    | "are"
                    | "and"
                    | "y"
                    | ","
            )
        });
        // "A whale is", "a la": a letter that is a word.
        let wordlike = matches!(token.folded.as_str(), "a" | "e" | "i" | "o" | "y" | "u");
        let digits = token.is_digits();
        let counts = noun
            || bracketed
            || alone
            || set_off && (upper || digits || is_mark(after))
            || (closed
                && (upper
                    || position == 0
                    || before.is_some_and(|t| t.kind == TokenKind::Mark || introduced || t.is_word())))
            || (upper && ended && (position == 0 || introduced || !wordlike))
            || (upper
                && after.is_some_and(|t| matches!(t.folded.as_str(), "y" | "and" | "e" | "&"))
                && (2..=3).any(|i| tokens.get(position + i).is_some_and(|t| t.folded.len() == 1)))
            || (ended && before.is_some_and(|t| t.is("la")) && !digits)
            || (upper && !wordlike && !digits && introduced)
            || (upper && !wordlike && !digits && token.is_word() && written.len() == 1)
            || (digits
                && introduced
                && ended
                && before.is_some_and(|t| matches!(t.folded.as_str(), ":" | "is" | "es" | "la" | "=")));
        // "vitamina D", "hepatitis B": a part of a name.
        let of_name = !digits
            && !set_off
            && !bracketed
            && !closed
            && before.is_some_and(|t| {
                t.is_word()
                    && discourse.language.is_content(&t.folded)
                    && question.content.contains(&t.folded)
                    && !nouns.contains(&t.folded.as_str())
            });
        // "1/3)", "^-3": a part of a number.
        let of_number = digits
            && glued(before, true)
            && before.is_some_and(|t| matches!(t.folded.as_str(), "/" | "^" | "-" | "." | ","));
        if of_name || of_number {
            continue;
        }
        let decimal_point = digits
            && after.is_some_and(|t| t.is(".") || t.is(","))
            && tokens.get(position + 2).is_some_and(|t| t.is_digits() && glued(after, false));
        if !counts || decimal_point {
            continue;
        }
        if let Some(value) = index(option) {
            let opening = position <= 1 && sentence.opens_line && closed;
            let named = before.is_some_and(|t| nouns.contains(&t.folded.as_str()) && !t.is("one"));
            into.push(Candidate {
                value,
                sentence: at,
                start: position,
                end: position + 1,
                bonus: if opening && at > 0 { 0 } else { 3 } + if named || alone_fits(before) { 6 } else { 0 },
                mention: Mention::Thing,
            });
        }
    }
}

/// "the second option", "la última", "the former".
fn by_ordinal(
    question: &Question,
    discourse: &Discourse,
    at: usize,
    sentence: &Sentence,
    into: &mut Vec<Candidate<u8>>,
) {
    let language = discourse.language;
    let tokens = &sentence.tokens;
    let mentioned = |word: &str| {
        question.options.iter().any(|o| o.words.iter().any(|w| w == word)) || question.content.contains(word)
    };
    let has_digit_labels =
        question.options.iter().any(|o| o.label.as_ref().is_some_and(|l| l.bytes().all(|b| b.is_ascii_digit())));
    for (position, token) in tokens.iter().enumerate() {
        // "option 2" where the labels are letters, or there are none.
        let follows_noun = position
            .checked_sub(1)
            .and_then(|i| tokens.get(i))
            .is_some_and(|t| language.option_nouns.contains(&t.folded.as_str()));
        let spelled = language
            .numerals
            .addends
            .iter()
            .find(|(name, _)| token.is(name))
            .and_then(|(_, v)| u8::try_from(*v).ok())
            .filter(|_| !language.articles.contains(&token.folded.as_str()));
        if (token.is_digits() && !has_digit_labels || spelled.is_some())
            && follows_noun
            && let Some(value) = spelled
                .or_else(|| token.folded.parse::<u8>().ok())
                .and_then(|n| n.checked_sub(1))
                .filter(|n| usize::from(*n) < question.options.len())
        {
            into.push(Candidate {
                value,
                sentence: at,
                start: position,
                end: position + 1,
                bonus: 2,
                mention: Mention::Thing,
            });
            continue;
        }
        let joined = tokens
            .get(position + 1)
            .filter(|t| token.is_digits() && t.start == token.end)
            .map(|t| format!("{}{}", token.folded, t.folded));
        let Some(ordinal) =
            language.ordinal(&token.folded).or_else(|| joined.as_deref().and_then(|j| language.ordinal(j)))
        else {
            continue;
        };
        // "Final answer: B" names no last option.
        let announces = discourse
            .stances
            .get(at)
            .is_some_and(|s| s.cues.iter().any(|f| f.what == Cue::Final && f.start <= position && position < f.end));
        if announces {
            continue;
        }
        let after = tokens.get(position + 1 + usize::from(joined.is_some()));
        let noun = |t: Option<&Token>| t.is_some_and(|t| language.option_nouns.contains(&t.folded.as_str()));
        let article = position
            .checked_sub(1)
            .and_then(|i| tokens.get(i))
            .is_some_and(|t| language.articles.contains(&t.folded.as_str()));
        let ends = after.is_none_or(|t| t.kind == TokenKind::Mark);
        // "the middle one", "el de en medio"
        let middle = ordinal == 0
            && position
                .checked_sub(1)
                .and_then(|i| tokens.get(i))
                .is_some_and(|t| matches!(t.folded.as_str(), "en" | "the" | "del" | "el" | "la"));
        let word_answer = article
            && !mentioned(&token.folded)
            && (ends
                || after
                    .filter(|t| !matches!(t.folded.as_str(), "que" | "who" | "that" | "thing"))
                    .is_some_and(|t| language.copulas.contains(&t.folded.as_str()) || !language.is_content(&t.folded)));
        let noun_before = noun(position.checked_sub(1).and_then(|i| tokens.get(i)));
        // "the fourth city on your list": a noun of the question; "only the second breathes air": any verb.
        let of_question = after.is_some_and(|t| {
            question.stem.iter().any(|w| *w == t.folded || same_but_plural(w, &t.folded))
                || t.is("place")
                || t.is("animal")
        });
        let loose = article && !mentioned(&token.folded) && after.is_some_and(|t| t.is_word());
        if !(noun(after) || noun_before || word_answer || article && of_question || loose || middle) {
            continue;
        }
        let sure = noun(after) || noun_before || word_answer || of_question || middle;
        let count = question.options.len();
        let from_end = |back: i8| count.checked_sub(usize::from(back.unsigned_abs()));
        let second_to_last = tokens.get(position + 1).is_some_and(|t| t.is("to") || t.is("-"))
            && tokens.iter().skip(position + 1).take(4).any(|t| t.is("last"));
        let option = match ordinal {
            2 if second_to_last => count.checked_sub(2),
            0 if count % 2 == 1 => Some(count / 2),
            0 => None,
            back if back < 0 => from_end(back),
            forward => usize::try_from(forward).ok().and_then(|n| n.checked_sub(1)).filter(|n| *n < count),
        };
        if let Some(value) = option.and_then(index) {
            into.push(Candidate {
                value,
                sentence: at,
                start: position,
                end: position + 1,
                bonus: if sure { DESIGNATED } else { -8 },
                mention: Mention::Thing,
            });
        }
    }
}

/// The option's own words; where one option's text is inside another's, the longer counts.
fn by_text(question: &Question, at: usize, sentence: &Sentence, into: &mut Vec<Candidate<u8>>) {
    let spoken: Vec<(usize, &str)> = sentence
        .tokens
        .iter()
        .enumerate()
        .filter(|(_, t)| t.kind != TokenKind::Mark)
        .map(|(i, t)| (i, t.folded.strip_suffix("'s").unwrap_or(&t.folded)))
        .collect();
    let mut found: Vec<(usize, usize, usize)> = Vec::new();
    for (option, choice) in question.options.iter().enumerate() {
        let words = without_article(&choice.words);
        // A letter or a digit alone is read as a label or a value.
        let is_letter = words.len() == 1 && words.iter().all(|w| w.chars().count() == 1);
        let is_label = words.iter().any(|w| question.options.iter().any(|o| o.label.as_deref() == Some(w.as_str())));
        if words.is_empty() || is_letter && (is_label || !is_set_off(sentence, words)) {
            continue;
        }
        for start in 0..spoken.len() {
            let here = spoken
                .get(start..start + words.len())
                .is_some_and(|s| s.iter().zip(words).all(|((_, s), w)| s == w || same_but_plural(s, w)));
            if here {
                found.push((start, start + words.len(), option));
            }
        }
        if words.len() >= LONG_OPTION && !found.iter().any(|(_, _, o)| *o == option) {
            let shared = words.iter().filter(|w| spoken.iter().any(|(_, s)| s == w)).count();
            if shared * 5 >= words.len() * 4 {
                found.push((0, spoken.len(), option));
            }
        }
    }
    // A name is known by its last word, a sentence by the word that no other option has.
    let mut partial: Vec<(usize, usize, usize)> = Vec::new();
    for (option, choice) in question.options.iter().enumerate() {
        if choice.words.len() < 2 || found.iter().any(|(_, _, o)| *o == option) {
            continue;
        }
        let only_here = |word: &String| {
            word.len() >= 4
                && !super::language::ALL.iter().any(|l| l.function_words.contains(&word.as_str()))
                && !question.options.iter().enumerate().any(|(o, other)| o != option && other.words.contains(word))
        };
        for word in choice.words.iter().filter(|w| only_here(w)) {
            partial.extend(
                spoken
                    .iter()
                    .enumerate()
                    .filter(|(_, (_, s))| s == word || same_but_plural(s, word))
                    .map(|(i, _)| (i, i + 1, option)),
            );
        }
    }
    let echo = i32::try_from(
        sentence.tokens.iter().filter(|t| t.is_word() && question.stem.contains(&t.folded)).count().min(4),
    )
    .unwrap_or(0);
    // One option named whole is meant, not the words it shares with the others.
    let whole = found.iter().any(|(start, end, _)| end - start >= WHOLE);
    for &(start, end, option) in partial.iter().filter(|_| !whole) {
        let place = spoken.get(start).map(|(i, _)| *i).zip(spoken.get(end.saturating_sub(1)).map(|(i, _)| *i + 1));
        if let (Some((start, end)), Some(value)) = (place, index(option)) {
            into.push(Candidate {
                value,
                sentence: at,
                start,
                end,
                bonus: echo - 3 + after_copula(sentence, start),
                mention: Mention::Thing,
            });
        }
    }
    for &(start, end, option) in &found {
        let inside_another =
            found.iter().any(|&(s, e, o)| o != option && s <= start && end <= e && e - s > end - start);
        let place = spoken.get(start).map(|(i, _)| *i).zip(spoken.get(end.saturating_sub(1)).map(|(i, _)| *i + 1));
        if let (false, Some((start, end)), Some(value)) = (inside_another, place, index(option)) {
            into.push(Candidate {
                value,
                sentence: at,
                start,
                end,
                bonus: echo + after_copula(sentence, start) + if end - start >= WHOLE { 8 } else { 0 },
                mention: Mention::Thing,
            });
        }
    }
    by_writing(question, at, sentence, into);
}

/// Options of signs rather than words, "8 = 512^(1/3)", are known by how they are written.
fn by_writing(question: &Question, at: usize, sentence: &Sentence, into: &mut Vec<Candidate<u8>>) {
    let compact = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    let written = compact(&sentence.text);
    for (option, choice) in question.options.iter().enumerate() {
        let text = compact(&choice.text);
        let signs = text.chars().filter(|c| !c.is_alphanumeric()).count();
        if signs >= 2
            && text.len() >= 4
            && written.contains(&text)
            && let Some(value) = index(option)
        {
            let end = sentence.tokens.len();
            into.push(Candidate { value, sentence: at, start: 0, end, bonus: 8, mention: Mention::Claim });
        }
    }
}

/// "Only B is made of verbs."
fn alone_fits(before: Option<&Token>) -> bool {
    before.is_some_and(|t| matches!(t.folded.as_str(), "only" | "solo" | "unicamente" | "solamente"))
}

/// Is the one letter of these words set in bold, boxed or quoted as code?
fn is_set_off(sentence: &Sentence, words: &[String]) -> bool {
    let spans = sentence.bold.iter().chain(&sentence.boxed).chain(&sentence.coded);
    spans.filter_map(|s| sentence.text.get(s.clone())).any(|t| super::token::words(t) == words)
}

fn same_but_plural(a: &str, b: &str) -> bool {
    a.len() > 3 && b.len() > 3 && (a.strip_suffix('s') == Some(b) || b.strip_suffix('s') == Some(a))
}

fn without_article(words: &[String]) -> &[String] {
    match words.split_first() {
        Some((first, rest))
            if !rest.is_empty() && super::language::ALL.iter().any(|l| l.articles.contains(&first.as_str())) =>
        {
            rest
        }
        _ => words,
    }
}

/// Options that are numbers are picked by their value: "0,5" for "1/2".
fn by_value(
    question: &Question,
    discourse: &Discourse,
    at: usize,
    sentence: &Sentence,
    decimal: char,
    into: &mut Vec<Candidate<u8>>,
) {
    let of_options: Vec<_> = question
        .options
        .iter()
        .map(|o| number::only(&o.text, discourse.language, decimal).and_then(|r| number::quantity(r.value, r.unit)))
        .collect();
    if of_options.iter().all(Option::is_none) {
        return;
    }
    for read in number::read(&sentence.text, &sentence.tokens, discourse.language, decimal) {
        let Some(quantity) = number::quantity(read.value, read.unit) else { continue };
        let option = of_options.iter().position(|o| {
            o.as_ref().is_some_and(|o| {
                *o == quantity || (o.value == quantity.value && (o.base.is_empty() || quantity.base.is_empty()))
            })
        });
        if let Some(value) = option.and_then(index) {
            let before = read.start.checked_sub(1).and_then(|i| sentence.tokens.get(i));
            into.push(Candidate {
                value,
                sentence: at,
                start: read.start,
                end: read.end,
                bonus: match before.map(|t| t.folded.as_str()) {
                    Some("=") => 8,
                    Some("is" | "es" | "are" | "son") => 14,
                    _ => -2,
                },
                mention: Mention::Thing,
            });
        }
    }
}

/// "The capital is Ottawa": what follows the verb answers.
fn after_copula(sentence: &Sentence, start: usize) -> i32 {
    let word = |at: Option<usize>| at.and_then(|at| sentence.tokens.get(at)).map_or("", |t| t.folded.as_str());
    let articles = |w: &str| super::language::ALL.iter().any(|l| l.articles.contains(&w));
    let before = start.checked_sub(1);
    let verb = if articles(word(before)) { start.checked_sub(2) } else { before };
    if matches!(word(verb), "is" | "es" | "are" | "son" | "was" | "fue" | "by" | "por") { 6 } else { 0 }
}
