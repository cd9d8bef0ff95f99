//! Short facts: a name, a place, a word. Found where the answer marks it, sets it in bold, or says that the thing asked
//! for *is* it; compared without case, accents, articles and punctuation.

use super::canonical::{Text, Value};
use super::discourse::{Candidate, Discourse, Mention, bound};
use super::language::{Cue, Language};
use super::number;
use super::prose::{Block, Sentence};
use super::question::Question;
use super::token::{Token, TokenKind, words};

/// A phrase of more words is an explanation.
const LONGEST_FACT: usize = 9;
/// What the last of several sentences loses: facts are told, then explained.
const EXPLAINED: i32 = 4;
/// What a name loses that was set aside elsewhere in the answer.
const SET_ASIDE: i32 = 14;

/// The normal form of a phrase; `None` where nothing is left.
pub(crate) fn text_of(text: &str, language: &Language) -> Option<Text> {
    let written = text
        .trim()
        .trim_matches(|c: char| {
            c.is_whitespace()
                || matches!(
                    c,
                    '.' | ','
                        | ';'
                        | ':'
                        | '"'
                        | '\''
                        | '“'
                        | '”'
                        | '«'
                        | '»'
                        | '*'
                        | '('
                        | ')'
                        | '!'
                        | '¡'
                        | '`'
                        | '‘'
                        | '’'
                )
        })
        .trim();
    let mut folded = words(written);
    while folded.len() > 1 && folded.first().is_some_and(|w| language.articles.contains(&w.as_str())) {
        folded.remove(0);
    }
    if folded.is_empty() {
        // "{}" or "+": marks alone are compared as they are.
        let marks: String = written.chars().filter(|c| !c.is_whitespace()).collect();
        return (!marks.is_empty()).then(|| Text { folded: marks.clone(), written: marks });
    }
    Some(Text { folded: folded.join(" "), written: written.to_owned() })
}

/// The value of a phrase: a number where it is one.
pub(crate) fn value_of(text: &str, language: &Language, decimal: char) -> Option<Value> {
    if let Some(quantity) =
        number::only(text, language, decimal).filter(|r| !r.weak).and_then(|r| number::quantity(r.value, r.unit))
    {
        return Some(Value::Number(quantity));
    }
    text_of(text, language).map(Value::Text)
}

/// A fact without the words that the question gave for it: "río Ebro" to "which river?" is the Ebro, "the Pacific Ocean"
/// to "which ocean?" the Pacific, so that members who repeat the word agree with those who do not.
pub(crate) fn bare(question: &Question, value: Value) -> Value {
    let Value::Text(text) = value else { return value };
    Value::Text(bare_text(question, text))
}

/// The same of a text.
pub(crate) fn bare_text(question: &Question, text: Text) -> Text {
    let words: Vec<&str> = text.folded.split(' ').collect();
    let joins = |w: &str| matches!(w, "of" | "de" | "del" | "the" | "la" | "el" | "las" | "los" | "for" | "para");
    let given = |w: &str| question.common.contains(w) || question.common.contains(&format!("{w}s"));
    let mut range = 0..words.len();
    if words.iter().all(|w| given(w) || joins(w)) || question.options.len() + question.alternatives.len() >= 2 {
        return text;
    }
    while words.get(range.start).is_some_and(|w| given(w) || joins(w)) {
        range.start += 1;
    }
    while range.end > range.start + 1 && words.get(range.end - 1).is_some_and(|w| given(w)) {
        range.end -= 1;
    }
    match words.get(range.clone()) {
        Some(rest) if !rest.is_empty() && range.len() < words.len() => {
            Text { folded: rest.join(" "), written: text.written }
        }
        _ => text,
    }
}

pub(crate) fn answer(question: &Question, discourse: &Discourse, decimal: char) -> Option<Value> {
    let language = discourse.language;
    if discourse.leaves_open() {
        return None;
    }
    if question.alternatives.len() >= 2
        && let Some(value) = alternative(question, discourse)
    {
        return Some(value);
    }
    let mut candidates: Vec<Candidate<String>> = Vec::new();
    let asks_back = |s: &Sentence| s.text.trim_end().ends_with('?') && discourse.sentences.len() > 1;
    for (at, sentence) in discourse.sentences.iter().enumerate().filter(|(_, s)| !asks_back(s)) {
        let mut add = |range: std::ops::Range<usize>, bonus: i32| {
            // "creo", "wrong": a cue is no fact.
            let is_cue = discourse.stances.get(at).is_some_and(|s| {
                s.cues.iter().any(|f| {
                    f.start <= range.start
                        && range.end <= f.end
                        && !matches!(f.what, Cue::Yes | Cue::No | Cue::Right | Cue::Output | Cue::Not)
                })
            });
            if is_cue {
                return;
            }
            if let Some(candidate) = phrase(question, language, sentence, at, range, bonus) {
                candidates.push(candidate);
            }
        };
        for span in sentence.bold.iter().chain(&sentence.boxed).chain(&sentence.coded) {
            let label = sentence.text.get(span.clone()).is_some_and(|t| t.trim_end().ends_with(':'))
                || sentence.text.get(span.end..).is_some_and(|t| t.starts_with(':'));
            let range = tokens_in(sentence, span);
            if !label {
                add(trimmed(sentence, range), if at == 0 { 12 } else { 6 });
            }
        }
        for range in quoted(sentence) {
            add(range, 6);
        }
        let content = sentence.tokens.iter().filter(|t| t.kind != TokenKind::Mark).count();
        if (1..=5).contains(&content)
            && !sentence.text.trim_end().ends_with(':')
            && !matches!(sentence.block, Block::Heading(_))
        {
            let stance = discourse.stances.get(at);
            let affirms =
                stance.is_some_and(|s| s.cues.iter().any(|f| matches!(f.what, Cue::Yes | Cue::Refusal | Cue::Offer)));
            let bonus = if discourse.sentences.len() == 1 {
                14
            } else if at == 0 {
                8
            } else {
                0
            };
            let sets_off = sentence
                .bold
                .iter()
                .chain(&sentence.coded)
                .chain(&sentence.boxed)
                .any(|s| s.len() + 2 < sentence.text.len())
                || !quoted(sentence).is_empty();
            // A sentence that repeats the question, or has a verb, is more than the fact.
            let tells = sentence
                .tokens
                .iter()
                .any(|t| question.content.contains(&t.folded) || language.copulas.contains(&t.folded.as_str()));
            let bonus = bonus - if tells { 14 } else { 0 };
            if !affirms && !sets_off {
                add(trimmed(sentence, 0..sentence.tokens.len()), bonus);
            }
        }
        // "Almost certainly Marie Curie, together with …": the answer before its explanation.
        if at == 0 {
            let start = skip_copula(&sentence.tokens, 0, language);
            let end = end_of_phrase(sentence, start, sentence.tokens.len());
            let said = sentence.tokens.get(start..end).unwrap_or_default();
            let spoken = said.iter().filter(|t| t.kind != TokenKind::Mark).count();
            let tells = said
                .iter()
                .any(|t| language.copulas.contains(&t.folded.as_str()) || question.content.contains(&t.folded));
            let affirms = discourse.stances.first().is_some_and(|s| {
                s.cues.iter().any(|f| {
                    matches!(
                        f.what,
                        Cue::Yes
                            | Cue::No
                            | Cue::Refusal
                            | Cue::Offer
                            | Cue::Depends
                            | Cue::Attribution
                            | Cue::Hypothetical
                    ) && f.start < end
                })
            });
            let closed = sentence.tokens.get(end).is_some_and(|t| t.kind == TokenKind::Mark);
            if closed && (1..=4).contains(&spoken) && !tells && !affirms {
                add(start..end, 2);
            }
        }
        for (range, bonus) in stated(question, discourse, at, sentence) {
            add(range, bonus);
        }
    }
    bound(&mut candidates);
    // Who was named only to be set aside stays so where the name comes up again, in whole or in part.
    let rejected: Vec<String> = candidates
        .iter()
        .filter(|c| discourse.is_rejected(c.sentence, c.start, c.end, c.mention))
        .map(|c| super::token::fold(&c.value))
        .filter(|name| name.split(' ').count() <= 4)
        .collect();
    for candidate in &mut candidates {
        let value = super::token::fold(&candidate.value);
        if rejected.iter().any(|name| *name == value || value.len() > 3 && name.ends_with(&format!(" {value}"))) {
            candidate.bonus -= SET_ASIDE;
        }
    }
    let last = candidates.iter().map(|c| c.sentence).max().unwrap_or(0);
    for candidate in candidates.iter_mut().filter(|c| last > 0 && c.sentence == last) {
        candidate.bonus -= EXPLAINED;
    }
    let mut weighed = discourse.weighed(candidates);
    // Nothing says what it is: the one name that is not set aside.
    let leaves_open = [Cue::Refusal, Cue::Depends, Cue::Offer].into_iter().any(|cue| discourse.has(cue));
    if weighed.is_empty() && !leaves_open {
        weighed = discourse.weighed(all_names(question, discourse));
    }
    weighed
        .into_iter()
        // Of equals the first: facts are told, then explained.
        .max_by_key(|(score, c)| (*score, std::cmp::Reverse((c.sentence, c.start))))
        .and_then(|(_, c)| value_of(&c.value, language, decimal))
        .map(|value| bare(question, value))
}

/// Names that the question did not know, wherever they stand.
fn all_names(question: &Question, discourse: &Discourse) -> Vec<Candidate<String>> {
    let known = |t: &Token| is_known(question, t);
    let of = |(at, sentence): (usize, &Sentence)| {
        let found = names(sentence, &known);
        found
            .into_iter()
            .filter_map(|range| phrase(question, discourse.language, sentence, at, range, 0))
            .collect::<Vec<_>>()
    };
    let mut found: Vec<Candidate<String>> = discourse.sentences.iter().enumerate().flat_map(of).collect();
    bound(&mut found);
    found
}

/// "odd" to "odd or even?".
fn alternative(question: &Question, discourse: &Discourse) -> Option<Value> {
    let mut candidates = Vec::new();
    for (at, sentence) in discourse.sentences.iter().enumerate() {
        for (position, token) in sentence.tokens.iter().enumerate() {
            if let Some(word) = question.alternatives.iter().find(|a| token.is(a)) {
                candidates.push(Candidate {
                    value: word.clone(),
                    sentence: at,
                    start: position,
                    end: position + 1,
                    bonus: 0,
                    mention: Mention::Thing,
                });
            }
        }
    }
    let weighed = discourse.weighed(candidates);
    let best = weighed.into_iter().max_by_key(|(score, c)| (*score, std::cmp::Reverse((c.sentence, c.start))))?;
    text_of(&best.1.value, discourse.language).map(Value::Text)
}

/// A phrase as a candidate, unless it only repeats the question.
fn phrase(
    question: &Question,
    language: &Language,
    sentence: &Sentence,
    at: usize,
    range: std::ops::Range<usize>,
    bonus: i32,
) -> Option<Candidate<String>> {
    let described = sentence
        .tokens
        .get(range.clone())
        .and_then(|r| r.first())
        .is_some_and(|t| language.articles.contains(&t.folded.as_str()));
    let range = if question.wants_person {
        name_in(question, sentence, range)
    } else if question.wants_name && described {
        // "the antagonist of Othello", but "el monte Everest".
        let name = name_in(question, sentence, range.clone());
        let joins = name.start.checked_sub(1).and_then(|at| sentence.tokens.get(at));
        let belongs = joins.is_some_and(|t| matches!(t.folded.as_str(), "of" | "de" | "del" | "by" | "por" | "in"));
        if belongs { name } else { range }
    } else {
        range
    };
    let range = if question.wants_name { leading_name(sentence, range, language) } else { range };
    let tokens = sentence.tokens.get(range.clone())?;
    let spoken: Vec<&Token> = tokens.iter().filter(|t| t.kind != TokenKind::Mark).collect();
    let negated = spoken.first().is_some_and(|t| matches!(t.folded.as_str(), "not" | "no" | "never" | "nunca" | "ni"));
    if spoken.is_empty() || spoken.len() > LONGEST_FACT || negated {
        return None;
    }
    let text = sentence.text.get(tokens.first()?.start..tokens.last()?.end)?.to_owned();
    let new = spoken
        .iter()
        .filter(|t| {
            !question.words.contains(&t.folded)
                && (language.is_content(&t.folded) || t.is_digits() || t.folded.len() == 1)
        })
        .count();
    let capital =
        spoken.iter().any(|t| sentence.text.get(t.start..t.end).is_some_and(|w| w.starts_with(char::is_uppercase)));
    // "me he confundido", "I looked it up": the answer speaks of itself.
    let speaks_of_itself = tokens.iter().enumerate().any(|(at, t)| {
        let written = sentence.text.get(t.start..t.end).unwrap_or_default();
        match language.tag {
            "es" => matches!(written, "me" | "he" | "te" | "hemos" | "mi"),
            _ => matches!(written, "me" | "my" | "i've" | "you" | "your" | "we") || written == "I" && at == 0,
        }
    });
    // A name has a capital where the text has them at all.
    let nameless = question.wants_name && !capital && sentence.text.contains(char::is_uppercase);
    let penalty = if new == 0 { 25 } else { 0 } + if speaks_of_itself { 20 } else { 0 } + if nameless { 14 } else { 0 };
    Some(Candidate {
        value: text,
        sentence: at,
        start: range.start,
        end: range.end,
        bonus: bonus - penalty + i32::from(capital) * 2,
        mention: Mention::Thing,
    })
}

/// "a novel by the Colombian author Gabriel García Márquez" is Gabriel García Márquez: the name at the end of a phrase,
/// where the phrase has other words before it.
fn name_in(question: &Question, sentence: &Sentence, range: std::ops::Range<usize>) -> std::ops::Range<usize> {
    let tokens = sentence.tokens.get(range.clone()).unwrap_or_default();
    let capital = |t: &Token| sentence.text.get(t.start..t.end).is_some_and(|w| w.starts_with(char::is_uppercase));
    let particle = |t: &Token| {
        t.kind == TokenKind::Mark
            || matches!(
                t.folded.as_str(),
                "van"
                    | "von"
                    | "de"
                    | "del"
                    | "la"
                    | "da"
                    | "di"
                    | "der"
                    | "den"
                    | "al"
                    | "bin"
                    | "ibn"
                    | "el"
                    | "le"
                    | "and"
                    | "y"
                    | "e"
            )
    };
    let from = tokens.iter().rposition(|t| !capital(t) && !particle(t)).map_or(0, |at| at + 1);
    let from = (from..tokens.len()).find(|at| tokens.get(*at).is_some_and(capital));
    match from {
        Some(from) if from > 0 && tokens.get(from).is_some_and(|t| !question.content.contains(&t.folded)) => {
            range.start + from..range.end
        }
        _ => range,
    }
}

/// "Mexico stepped in" is Mexico: where a name is asked for, what goes on without a capital is no part of it.
fn leading_name(sentence: &Sentence, range: std::ops::Range<usize>, language: &Language) -> std::ops::Range<usize> {
    let tokens = sentence.tokens.get(range.clone()).unwrap_or_default();
    let written = |t: &Token| sentence.text.get(t.start..t.end).unwrap_or_default();
    let is_article = |t: &Token| language.articles.contains(&t.folded.as_str());
    let start = tokens.iter().take_while(|t| is_article(t)).count();
    let run = tokens.iter().skip(start).take_while(|t| written(t).starts_with(char::is_uppercase)).count();
    // "Gulf of Mexico", "Río de la Plata": a small word goes on with the name.
    match tokens.get(start + run) {
        Some(next) if run > 0 && next.is_word() && language.is_content(&next.folded) && written(next).len() > 3 => {
            range.start..range.start + start + run
        }
        _ => range,
    }
}

fn tokens_in(sentence: &Sentence, span: &std::ops::Range<usize>) -> std::ops::Range<usize> {
    let start = sentence.tokens.iter().position(|t| t.start >= span.start).unwrap_or(sentence.tokens.len());
    let end = sentence.tokens.iter().position(|t| t.start >= span.end).unwrap_or(sentence.tokens.len());
    start..end.max(start)
}

/// Phrases between quotation marks.
fn quoted(sentence: &Sentence) -> Vec<std::ops::Range<usize>> {
    let mut found = Vec::new();
    let mut open: Option<(usize, &str)> = None;
    for (at, token) in sentence.tokens.iter().enumerate() {
        match (token.folded.as_str(), open) {
            (mark, Some((start, close))) if mark == close => {
                found.push(start..at);
                open = None;
            }
            ("\"", None) => open = Some((at + 1, "\"")),
            ("“", None) => open = Some((at + 1, "”")),
            ("«", None) => open = Some((at + 1, "»")),
            _ => (),
        }
    }
    found
}

/// Without the introduction before it and the explanation after it: "Answer: **Paris**, the capital".
fn trimmed(sentence: &Sentence, range: std::ops::Range<usize>) -> std::ops::Range<usize> {
    let tokens = sentence.tokens.get(range.clone()).unwrap_or_default();
    let colon = tokens.iter().position(|t| t.is(":")).filter(|at| at + 1 < tokens.len());
    let start = range.start + colon.map_or(0, |at| at + 1);
    start..end_of_phrase(sentence, start, range.end)
}

/// A phrase ends at a strong mark, a comma, or a word that begins a clause.
fn end_of_phrase(sentence: &Sentence, start: usize, limit: usize) -> usize {
    let ends = |at: usize, t: &Token| {
        let mark = match t.folded.as_str() {
            ";" | ":" | "(" | ")" | "—" | "–" | "!" | "?" | "[" => true,
            // "29.497,50"
            "," => {
                let digit = |t: Option<&Token>| t.is_some_and(Token::is_digits);
                let inside =
                    sentence.text.get(t.end..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
                !(inside && digit(at.checked_sub(1).and_then(|i| sentence.tokens.get(i))))
            }
            "." => sentence.tokens.get(at + 1).is_none_or(|next| next.start > t.end) && at + 1 >= limit,
            // "España al vencer a Alemania"
            "al" => sentence.tokens.get(at + 1).is_some_and(|next| next.is_word() && next.folded.ends_with('r')),
            "and" | "y" | "e" => {
                at + 1 < limit
                    && sentence
                        .tokens
                        .get(at + 1)
                        .and_then(|next| sentence.text.get(next.start..))
                        .is_some_and(|next| next.starts_with(char::is_lowercase))
            }
            "-" => sentence.tokens.get(at + 1).is_some_and(|next| next.start > t.end),
            _ => false,
        };
        mark || (t.is_word()
            && matches!(
                t.folded.as_str(),
                "because"
                    | "which"
                    | "who"
                    | "that"
                    | "since"
                    | "until"
                    | "hasta"
                    | "but"
                    | "not"
                    | "where"
                    | "when"
                    | "although"
                    | "as"
                    | "whose"
                    | "so"
                    | "while"
                    | "porque"
                    | "que"
                    | "quien"
                    | "ya"
                    | "pero"
                    | "aunque"
                    | "donde"
                    | "cuando"
                    | "cuyo"
                    | "cuya"
                    | "pues"
                    | "situada"
                    | "situado"
                    | "ubicada"
                    | "ubicado"
                    | "located"
                    | "published"
                    | "publicada"
                    | "publicado"
                    | "with"
                    | "con"
                    | "desde"
                    | "en"
                    | "in"
                    | "around"
                    | "during"
                    | "on"
                    | "for"
                    | "para"
                    | "hacia"
                    | "from"
                    | "between"
                    | "entre"
                    | "sobre"
                    | "at"
                    | "no"
            ))
    };
    let first_word = sentence
        .tokens
        .iter()
        .enumerate()
        .skip(start)
        .take(limit.saturating_sub(start))
        .find(|(_, t)| t.kind != TokenKind::Mark)
        .map_or(start, |(at, _)| at);
    sentence
        .tokens
        .iter()
        .enumerate()
        .take(limit)
        .skip(first_word + 1)
        .find(|(at, t)| ends(*at, t))
        .map_or(limit, |(at, _)| at)
}

/// "The capital of Australia is Canberra", "Canberra is the capital", "It was written by Cervantes", "Cervantes wrote it".
fn stated(
    question: &Question,
    discourse: &Discourse,
    at: usize,
    sentence: &Sentence,
) -> Vec<(std::ops::Range<usize>, i32)> {
    let language = discourse.language;
    let tokens = &sentence.tokens;
    let mut found = Vec::new();
    let is_known = |t: &Token| is_known(question, t);
    let known = |range: &[Token]| range.iter().filter(|t| is_known(t)).count();
    let Some(stance) = discourse.stances.get(at) else { return found };
    // After what announces the answer.
    for cue in
        stance.cues.iter().filter(|f| matches!(f.what, Cue::Final | Cue::Commit | Cue::Conclusion | Cue::Correction))
    {
        let start = skip_copula(tokens, cue.end, language);
        let bonus = if matches!(cue.what, Cue::Final | Cue::Commit) { 6 } else { -6 };
        found.push((start..end_of_phrase(sentence, start, tokens.len()), bonus));
    }
    // "not Istanbul but Ankara".
    for turn in stance.cues.iter().filter(|f| f.what == Cue::Contrast) {
        if stance.cues.iter().any(|not| not.what == Cue::Not && not.end <= turn.start) {
            let start = skip_copula(tokens, turn.end, language);
            found.push((start..end_of_phrase(sentence, start, tokens.len()), 10));
        }
    }
    for (position, token) in tokens.iter().enumerate() {
        if !language.copulas.contains(&token.folded.as_str()) || position == 0 {
            continue;
        }
        let before = tokens.get(..position).unwrap_or_default();
        // "Si no me equivoco, es el Ebro"
        let clause = before.iter().rposition(|t| t.is(",")).and_then(|at| before.get(at + 1..)).unwrap_or(before);
        // "es, con mucha diferencia, el Amazonas"
        let inserted = tokens.get(position + 1).filter(|t| t.is(",")).and_then(|_| {
            tokens.iter().enumerate().skip(position + 2).take(6).find(|(_, t)| t.is(",")).map(|(at, _)| at)
        });
        let after_start = skip_copula(tokens, inserted.unwrap_or(position) + 1, language);
        let after = tokens.get(after_start..).unwrap_or_default();
        // "The doctrine you are referring to is …": the verb that the clause comes to.
        let goes_on = after
            .iter()
            .take_while(|t| t.kind != TokenKind::Mark)
            .any(|t| language.copulas.contains(&t.folded.as_str()) && !t.is("called") && !t.is("named"));
        if goes_on && tokens.get(position + 1).is_some_and(|t| t.is_word() && t.folded.ends_with("ing")) {
            continue;
        }
        let (left, right) = (known(before), known(after));
        let subject_is_pronoun = before.iter().all(|t| !language.is_content(&t.folded))
            || (clause.len() < before.len() && left == 0 && clause.iter().all(|t| !language.is_content(&t.folded)));
        if left > 0 && left >= right || subject_is_pronoun {
            let end = end_of_phrase(sentence, after_start, tokens.len());
            let said = tokens.get(after_start..end).unwrap_or_default();
            // "fue obra de los romanos", "is the creation of Doyle"
            let made = said.windows(2).position(|w| {
                matches!(w, [made, of] if (of.is("de") || of.is("of"))
                    && matches!(made.folded.as_str(), "obra" | "creacion" | "invento" | "creation" | "work" | "invention" | "brainchild"))
            });
            let agent =
                said.iter().position(|t| language.agents.contains(&t.folded.as_str())).or(made.map(|at| at + 1));
            match agent {
                Some(by) => {
                    found.push((after_start + by + 1..end_of_phrase(sentence, after_start + by + 1, tokens.len()), 10))
                }
                None => found.push((after_start..end, if subject_is_pronoun { 6 } else { 9 })),
            }
        }
        // "The winner was Spain"
        let names = tokens
            .iter()
            .skip(after_start)
            .find(|t| t.is_word() && !language.articles.contains(&t.folded.as_str()))
            .and_then(|t| sentence.text.get(t.start..t.end))
            .is_some_and(|w| w.starts_with(char::is_uppercase));
        let defined = before.first().is_some_and(|t| language.articles.contains(&t.folded.as_str()));
        let possessed =
            before.first().is_some_and(|t| matches!(t.folded.as_str(), "su" | "its" | "his" | "her" | "their"));
        if (at == 0 && defined || possessed)
            && left == 0
            && right == 0
            && question.wants_name
            && names
            && before.len() <= 3
        {
            found.push((after_start..end_of_phrase(sentence, after_start, tokens.len()), 4));
        }
        // "Diamond, a form of carbon, is the hardest …": the subject before what describes it.
        let comma = before.iter().position(|t| t.is(","));
        if let Some(comma) = comma.filter(|c| (1..=3).contains(c) && right > 0 && right >= left)
            && before.last().is_some_and(|t| t.is(",") || t.is_word())
            && before.iter().skip(comma + 1).any(|t| t.is(","))
            && before.iter().take(comma).all(Token::is_word)
        {
            found.push((0..comma, 11));
        }
        // "Most of the air around us is nitrogen, with …"
        if at == 0 && left == 0 && right == 0 && !subject_is_pronoun {
            found.push((after_start..end_of_phrase(sentence, after_start, tokens.len()), -2));
        }
        let chained = before.iter().any(|t| language.copulas.contains(&t.folded.as_str()));
        if right > 0 && (right > left || left == 0) && !chained {
            let start =
                before.iter().rposition(|t| matches!(t.folded.as_str(), "," | ":" | ";")).map_or(0, |at| at + 1);
            found.push((start..position, 9));
        }
    }
    // What follows all that the question knew: "En Brasil se habla portugués".
    if let Some(last) = tokens.iter().rposition(|t| t.is_word() && is_known(t)).filter(|at| {
        let names = question.wants_person
            && tokens
                .get(at + 1)
                .and_then(|t| sentence.text.get(t.start..t.end))
                .is_some_and(|w| w.starts_with(char::is_uppercase));
        known(tokens.get(..=*at).unwrap_or_default()) >= 2 || names
    }) {
        let start = skip_copula(tokens, last + 1, language);
        if tokens.get(start).is_some_and(|t| t.kind != TokenKind::Mark) {
            found.push((start..end_of_phrase(sentence, start, tokens.len()), 3));
        }
    }
    // "produces vitamin D" to "which vitamin?"
    if let Some(noun) = &question.noun
        && let Some(position) = tokens.iter().position(|t| t.is(noun))
        && let Some(next) = tokens.get(position + 1)
        && !is_known(next)
        && sentence.text.get(next.start..next.end).is_some_and(|w| w.starts_with(char::is_uppercase))
    {
        found.push((position..end_of_phrase(sentence, position, tokens.len()), 7));
    }
    // "took place in London": where something happened.
    if question.wants_place || question.wants_name {
        for (position, token) in tokens.iter().enumerate() {
            let bonus = match token.folded.as_str() {
                "in" | "at" | "en" | "near" if question.wants_place => 7,
                "from" | "de" | "of" | "desde" if question.wants_name && !question.wants_person => -2,
                _ => continue,
            };
            let start = skip_copula(tokens, position + 1, language);
            let named = tokens.get(start).and_then(|t| sentence.text.get(t.start..t.end));
            if named.is_some_and(|w| w.starts_with(char::is_uppercase)) && !tokens.get(start).is_some_and(is_known) {
                found.push((start..end_of_phrase(sentence, start, tokens.len()), bonus));
            }
        }
    }
    // "George Washington held the office": the name a sentence begins with.
    if question.wants_name && !question.wants_place && at == 0 {
        let capital = |t: &Token| {
            t.is_word() && sentence.text.get(t.start..t.end).is_some_and(|w| w.starts_with(char::is_uppercase))
        };
        let run = tokens.iter().take_while(|t| capital(t)).count();
        let named = tokens.get(..run).unwrap_or_default();
        let new =
            !named.is_empty() && !named.iter().any(&is_known) && named.iter().all(|t| language.is_content(&t.folded));
        if new && run >= 2 && tokens.get(run).is_some_and(Token::is_word) {
            found.push((0..run, 2));
        }
    }
    // "…; tocaba la guitarra": what the question's own verb takes.
    if let Some(verb) = &question.verb
        && let Some(position) = tokens.iter().rposition(|t| t.is(verb))
    {
        let start = skip_copula(tokens, position + 1, language);
        let next = tokens.get(start).filter(|t| t.kind != TokenKind::Mark);
        let takes = next.is_some_and(|t| !is_known(t) && !language.agents.contains(&t.folded.as_str()));
        if takes {
            found.push((start..end_of_phrase(sentence, start, tokens.len()), 6));
        }
    }
    // Any name that the question did not know, where a name is asked for.
    if question.wants_name {
        found.extend(names(sentence, &is_known).into_iter().map(|range| {
            // "the Indian Ocean" to "which ocean?" says what it is.
            let says_kind = range.len() > 1
                && tokens
                    .get(range.clone())
                    .is_some_and(|r| r.iter().any(|t| question.noun.as_ref().is_some_and(|n| t.is(n))));
            let bonus = if says_kind { 6 } else { -8 };
            (range, bonus)
        }));
    }
    // A verb of the question: what stands before it and is new is who did it.
    let verb = tokens.iter().position(|t| t.is_word() && is_known(t));
    if let Some(verb) = verb.filter(|at| *at > 0) {
        // "Rectifico: Venus tiene …"
        let from = tokens.iter().take(verb).rposition(|t| t.is(":") || t.is(";")).map_or(0, |at| at + 1);
        let run = tokens.get(from..verb).unwrap_or_default();
        let named = run.iter().all(|t| {
            t.kind == TokenKind::Mark
                || sentence.text.get(t.start..t.end).is_some_and(|w| w.starts_with(char::is_uppercase))
                || !language.is_content(&t.folded)
        });
        let has_name = run.iter().any(|t| {
            language.is_content(&t.folded)
                && sentence.text.get(t.start..t.end).is_some_and(|w| w.starts_with(char::is_uppercase))
        });
        let short = run.iter().filter(|t| language.is_content(&t.folded)).count();
        if !named
            && (1..=2).contains(&short)
            && at == 0
            && !run.iter().any(|t| t.is(",") || language.copulas.contains(&t.folded.as_str()))
        {
            found.push((from..verb, 3));
        }
        let end = run.iter().rposition(|t| language.is_content(&t.folded)).map_or(verb, |at| from + at + 1);
        if named
            && has_name
            && !question.wants_place
            && !run.iter().any(|t| t.is(",") || language.copulas.contains(&t.folded.as_str()))
        {
            found.push((from..end, 5));
        }
    }
    found
}

/// Runs of capitalised words that the question does not have.
fn names(sentence: &Sentence, is_known: &dyn Fn(&Token) -> bool) -> Vec<std::ops::Range<usize>> {
    let capital =
        |t: &Token| t.is_word() && sentence.text.get(t.start..t.end).is_some_and(|w| w.starts_with(char::is_uppercase));
    let mut found = Vec::new();
    let mut at = 1;
    while at < sentence.tokens.len() {
        let start = at;
        while sentence.tokens.get(at).is_some_and(capital) {
            at += 1;
        }
        let run = sentence.tokens.get(start..at).unwrap_or_default();
        if !run.is_empty() && !run.iter().all(is_known) {
            found.push(start..at);
        }
        at = at.max(start + 1);
    }
    found
}

fn skip_copula(tokens: &[Token], mut at: usize, language: &Language) -> usize {
    while tokens.get(at).is_some_and(|t| {
        matches!(
            t.folded.as_str(),
            ":" | "\""
                | "“"
                | "«"
                | "="
                | "is"
                | "es"
                | "se"
                | "it's"
                | "that"
                | "que"
                | "it"
                | "simply"
                | "indeed"
                | "simplemente"
                | ","
                | "of"
                | "course"
                | "was"
                | "fue"
                | "called"
                | "known"
                | "located"
                | "situated"
                | "found"
                | "based"
                | "ubicado"
                | "ubicada"
                | "situado"
                | "situada"
                | "encuentra"
                | "in"
                | "en"
                | "at"
                | "on"
                | "for"
                | "con"
                | "only"
                | "solo"
                | "stands"
                | "conocido"
                | "conocida"
                | "como"
                | "as"
                | "actually"
                | "named"
                | "written"
                | "just"
                | "llamado"
                | "llamada"
                | "believed"
                | "still"
                | "gives"
                | "give"
                | "you"
                | "makes"
                | "obtienes"
                | "obtiene"
                | "sigue"
                | "siendo"
                | "todavia"
                | "usually"
                | "generally"
                | "uses"
                | "usa"
                | "utiliza"
                | "habla"
                | "probably"
                | "likely"
                | "almost"
                | "certainly"
                | "possibly"
                | "perhaps"
                | "probablemente"
                | "posiblemente"
                | "seguramente"
                | "quiza"
                | "quizas"
        ) || t.is("most") && tokens.get(at + 1).is_some_and(|next| next.is("likely"))
            || language.copulas.contains(&t.folded.as_str()) && !t.is("queda")
    }) {
        at += 1;
    }
    at
}

/// A word of the question, in the singular or the plural, as "filter" and "filters".
fn is_known(question: &Question, token: &Token) -> bool {
    let word = token.folded.as_str();
    question.content.contains(word)
        || word.strip_suffix('s').is_some_and(|singular| question.content.contains(singular))
        || question.content.contains(&format!("{word}s"))
        || (word.len() >= 4 && question.content.iter().any(|known| same_verb(known, word)))
}

/// "used" and "uses".
fn same_verb(a: &str, b: &str) -> bool {
    let stem = |w: &str| -> usize {
        ["ing", "ed", "es", "s", "d", "e"].iter().find_map(|end| w.strip_suffix(end)).map_or(w.len(), str::len)
    };
    let (left, right) = (stem(a), stem(b));
    left >= 2
        && left == right
        && a.get(..left) == b.get(..right)
        && (a.ends_with(['d', 'e', 's', 'g']) || b.ends_with(['d', 's', 'g']))
}
