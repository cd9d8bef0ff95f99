//! What a model's answer says, in a form that can be compared: the canonical answer of a closed question, or that there
//! is none. Reads texts and nothing else: no model is asked, no code is run, and what a text says about votes, judges or
//! other members changes nothing. For closed questions a vote is taken over these answers, not over texts
//! (self-consistency, arXiv 2203.11171).
//!
//! The rules stand in layers, each knowing only the one below:
//!
//! 1. `prose` turns Markdown, LaTeX and HTML into sentences and remembers emphasis;
//! 2. `token` folds them, `language` holds each language's words and phrases as data;
//! 3. `discourse` tells what is meant from what is only mentioned: final-answer marks, corrections, rejected and
//!    quoted claims, words to the vote;
//! 4. one module per kind (`number`, `choice`, `yes_no`, `moment`, `list`, `fact`, `code`) finds its
//!    candidates among the sentences;
//! 5. `question` decides which kind is asked for, from the question alone, so that all members are read alike.
//!
//! How well this reads is measured on labelled answers: see `tests/extract/README.md`.

mod canonical;
mod choice;
mod code;
mod discourse;
mod exact;
mod fact;
mod language;
mod line;
mod list;
mod moment;
mod number;
mod prose;
mod question;
mod refusal;
mod token;
mod units;
mod yes_no;

#[cfg(test)]
mod labelled;
#[cfg(test)]
mod properties;

pub use canonical::Canonical;

use canonical::Value;
use discourse::Discourse;
use prose::Reading;
use question::{Asked, Question};

/// An answer of at most this many words may be a definite one, whatever the question looks like.
const SHORT_ANSWER: usize = 60;

/// What a question asks for: whether answers to it can be compared by what they say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum QuestionKind {
    /// One answer is right, and it can be told apart from others.
    Closed(ClosedKind),
    /// Everything else: answers are compared by how much they resemble each other.
    Open,
}

/// The kinds of closed questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ClosedKind {
    /// A number, with or without a unit.
    Number,
    /// One of the options that the question names.
    Choice,
    /// Yes or no, true or false.
    YesNo,
    /// A day, month, year or weekday.
    Date,
    /// A time of day or a moment.
    Time,
    /// Several things.
    List,
    /// A name, a place, a word.
    ShortFact,
    /// Code with a checkable result.
    Code,
}

/// What was read out of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Extraction {
    /// It answers the closed question with this.
    Answer(Canonical),
    /// It declines, or says that it does not know, and gives no answer.
    Refusal,
    /// There is nothing in it.
    Empty,
    /// It says something that cannot be reduced: the question is open, or the answer commits to nothing.
    Open,
}

/// What a question asks for.
pub fn kind(question: &str) -> QuestionKind {
    let language = language::of(question, None);
    let closed = match Question::read(question, language).asked {
        Asked::Number => ClosedKind::Number,
        Asked::Choice => ClosedKind::Choice,
        Asked::YesNo => ClosedKind::YesNo,
        Asked::Date(_) => ClosedKind::Date,
        Asked::Time => ClosedKind::Time,
        Asked::List => ClosedKind::List,
        Asked::Fact => ClosedKind::ShortFact,
        Asked::CodeResult | Asked::CodeToWrite => ClosedKind::Code,
        Asked::Open | Asked::Unknown => return QuestionKind::Open,
    };
    QuestionKind::Closed(closed)
}

/// Whether members are asked for their answer in a line of its own: the question has one definite answer, or nothing tells.
pub fn wants_line(question: &str) -> bool {
    Question::read(question, language::of(question, None)).asked != Asked::Open
}

/// Whether a question asks for a person, whose name may be given in full or in part.
pub(crate) fn asks_for_a_person(question: &str) -> bool {
    Question::read(question, language::of(question, None)).wants_person
}

/// What a member is told so that it closes with a line that holds its answer alone, in the language of the question.
pub fn last_line(question: &str) -> &'static str {
    line::request(language::of(question, None))
}

/// Whether a member is to be asked for its answer in a line of its own: the answer closes without it, and the question has one
/// definite answer, or nothing tells, or it was answered shortly although it seems open.
pub fn needs_line(question: &str, answer: &str) -> bool {
    let is_short = || answer.split_whitespace().count() <= SHORT_ANSWER;
    line::said(answer).is_none()
        && (wants_line(question) || is_short())
        && !prose::read(answer, language::of(question, None)).is_empty()
}

/// What that member is told after its answer, in the language of the question.
pub fn line_prompt(question: &str) -> &'static str {
    line::second_request(language::of(question, None))
}

/// The JSON schema of the reply to [`line_prompt`].
pub fn line_schema() -> serde_json::Value {
    line::schema()
}

/// The line in a reply to [`line_prompt`]: empty where the member says that it gave no definite answer, nothing where the
/// reply cannot be read.
pub fn line_of_reply(reply: &str) -> Option<String> {
    line::of_reply(reply)
}

/// Reads what an answer says. `said` is what the member replied to [`line_prompt`], where it was asked. `language_hint` is a
/// BCP 47 tag, used where question and answer leave a form ambiguous.
///
/// Time is linear in the answer's length, and of very long answers only the beginning and the end are read. Any text is
/// fine; the same arguments always give the same result.
pub fn canonical(question: &str, answer: &str, said: Option<&str>, language_hint: Option<&str>) -> Extraction {
    let asked_in = language::of(question, language_hint);
    let question_text = question;
    let question = Question::read(question, asked_in);
    let language = language::of(answer, Some(asked_in.tag));
    let mut reading = prose::read(answer, language);
    if reading.is_empty() {
        return Extraction::Empty;
    }
    // What a member itself sets apart as its answer needs no reading between lines.
    let line = said.or_else(|| line::said(answer));
    let decimal = number::decimal_mark(&[line.unwrap_or_default(), answer, question_text], language);
    if let Some(declined) = line.and_then(|line| line::declined(line, language)) {
        return declined;
    }
    if let Some(value) = line.and_then(|line| line::read(&question, line, language, decimal)) {
        return Extraction::Answer(value.into());
    }
    // An answer that is nothing but a fence is read as text, unless code was asked for.
    let wants_code = matches!(question.asked, Asked::CodeToWrite | Asked::CodeResult);
    if reading.sentences.is_empty() && !wants_code {
        let body: String = reading.fences.iter().map(|fence| fence.body.as_str()).collect();
        reading = Reading { fences: Vec::new(), ..prose::read(&body, language) };
    }
    let discourse = Discourse::new(&reading.sentences, language);
    let gives_code = question.asked == Asked::CodeToWrite && !reading.fences.is_empty();
    if !gives_code && refusal::declines(&discourse) {
        return Extraction::Refusal;
    }
    // It was asked, and says that it gave no definite answer.
    let found = if line == Some("") { None } else { find(&question, &reading, &discourse, decimal) };
    // Nothing found and somebody declines somewhere: it is a refusal after all.
    match found {
        Some(value) => Extraction::Answer(value.into()),
        None if discourse.has(language::Cue::Refusal) && question.asked != Asked::Open => Extraction::Refusal,
        None => Extraction::Open,
    }
}

fn find(question: &Question, reading: &Reading, discourse: &Discourse, decimal: char) -> Option<Value> {
    match question.asked {
        Asked::Number => number::answer(question, discourse, decimal),
        Asked::Choice => choice::answer(question, discourse, decimal),
        Asked::YesNo => yes_no::answer(question, discourse),
        Asked::Date(_) | Asked::Time => moment::answer(question, discourse),
        Asked::List => list::answer(question, discourse, decimal),
        Asked::Fact => fact::answer(question, discourse, decimal),
        Asked::CodeResult => code::result(question, reading, discourse, decimal),
        Asked::CodeToWrite => code::written(reading, discourse),
        Asked::Open => None,
        // Nothing tells what is asked; a marked final answer still counts.
        Asked::Unknown => marked(discourse, decimal),
    }
}

/// The content of the last `\boxed{…}`.
fn marked(discourse: &Discourse, decimal: char) -> Option<Value> {
    let boxed = discourse.sentences.iter().rev().find_map(|s| s.text.get(s.boxed.last()?.clone()))?;
    fact::value_of(boxed, discourse.language, decimal)
}
