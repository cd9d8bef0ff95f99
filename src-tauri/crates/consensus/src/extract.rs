//! What a model's answer says, in a form that can be compared.

use std::fmt;

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

/// The canonical form of an answer: equal for answers that say the same. Shown as a person would write it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Canonical {
    shown: String,
}

impl fmt::Display for Canonical {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
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
pub fn kind(_question: &str) -> QuestionKind {
    QuestionKind::Open
}

/// Reads what an answer says. `language_hint` is a BCP 47 tag, used where question and answer leave a form ambiguous.
pub fn canonical(_question: &str, answer: &str, _language_hint: Option<&str>) -> Extraction {
    if answer.trim().is_empty() { Extraction::Empty } else { Extraction::Open }
}
