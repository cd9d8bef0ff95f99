//! What the reader knows about a language: words and phrases, as data. A language is one table like [`es`] or [`en`];
//! adding one means adding a file and a line to [`ALL`], no rule. Phrases are written without accents and in lower
//! case, the way [`super::token`] folds what it reads.

mod en;
mod es;

use std::collections::HashMap;
use std::sync::LazyLock;

use super::token::{Token, words};

/// What a phrase tells about the words around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Cue {
    /// Introduces the answer: "the answer is".
    Final,
    /// Draws a conclusion: "therefore".
    Conclusion,
    /// Commits in spite of doubt: "my best guess is".
    Commit,
    /// Takes back what was said before: "wait".
    Correction,
    /// Introduces what others say: "many people think".
    Attribution,
    /// Says that something is wrong.
    Wrong,
    /// Says that something is right.
    Right,
    /// Negates what follows.
    Not,
    /// Sets aside what follows: "instead of".
    InsteadOf,
    /// Turns to the opposite: "but".
    Contrast,
    /// Grants a point that does not decide: "although".
    Concession,
    /// Gives the reason: "because".
    Because,
    /// Declines or does not know.
    Refusal,
    /// Offers something else than an answer: "you can check".
    Offer,
    /// Speaks to the vote, the judge or the other members.
    Instruction,
    /// Would speak to the vote beside words like "vote" or "ignore": "the judge", "weight of".
    Ballot,
    /// Commits to nothing: "it depends".
    Depends,
    /// Sounds negative and is not: "no doubt", "not only".
    Idiom,
    Yes,
    No,
    /// A supposition: "if it were".
    Hypothetical,
    /// Shows a result: "prints", "the output is".
    Output,
    /// Goes on to something else: "also", "by the way".
    Addition,
}

/// How number words of a language combine.
pub(crate) struct Numerals {
    /// Added up: "forty", "two", "doscientos".
    pub(crate) addends: &'static [(&'static str, i64)],
    /// Multiply what stands before: "hundred", "thousand", "mil", "millones".
    pub(crate) multipliers: &'static [(&'static str, i64)],
    /// May stand inside: "and", "y".
    pub(crate) joiners: &'static [&'static str],
    /// Articles that also mean one.
    pub(crate) articles: &'static [&'static str],
    pub(crate) minus: &'static [&'static str],
    /// "point", "coma".
    pub(crate) points: &'static [&'static str],
    /// "half" and the like, alone or after "and".
    pub(crate) fractions: &'static [(&'static str, i64, i64)],
    /// Says zero in place of a number: "none".
    pub(crate) none: &'static [&'static str],
}

/// What kind of question a phrase opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Ask {
    Number,
    YesNo,
    /// Yes or no, told by an auxiliary at the beginning.
    Auxiliary,
    Year,
    Month,
    Day,
    Weekday,
    Century,
    When,
    Time,
    List,
    Ordered,
    Fact,
    /// Who did it: a name.
    Person,
    Place,
    CodeResult,
    CodeToWrite,
    Open,
    /// About the form of the answer, not the question.
    Form,
    /// Several options may be right.
    SeveralOptions,
    OneOption,
    /// Asks for an amount of money.
    Money,
    /// "how many": what follows is counted or measured.
    Counted,
    /// Polite words before the real question.
    Polite,
    /// "find", "express": what it asks for is told by its object.
    Command,
}

pub(crate) struct Language {
    pub(crate) tag: &'static str,
    /// The decimal mark where nothing else tells: `,` or `.`.
    pub(crate) decimal: char,
    pub(crate) day_first: bool,
    pub(crate) articles: &'static [&'static str],
    /// Words without content of their own; also what the language is recognised by.
    pub(crate) function_words: &'static [&'static str],
    pub(crate) abbreviations: &'static [&'static str],
    pub(crate) option_nouns: &'static [&'static str],
    pub(crate) numerals: Numerals,
    /// First is 1; the last is -1, the one before -2; 0 is the middle.
    pub(crate) ordinals: &'static [(&'static str, i8)],
    pub(crate) months: [&'static str; 12],
    pub(crate) month_abbreviations: [&'static str; 12],
    /// Monday first.
    pub(crate) weekdays: [&'static str; 7],
    /// A unit's names to its symbol.
    pub(crate) units: &'static [(&'static str, &'static str)],
    pub(crate) before_christ: &'static [&'static str],
    pub(crate) centuries: &'static [&'static str],
    pub(crate) morning: &'static [&'static str],
    pub(crate) afternoon: &'static [&'static str],
    /// Named times of day.
    pub(crate) named_times: &'static [(&'static str, u8)],
    /// "is", "are", "es", "se llama": stands between a thing and what it is.
    pub(crate) copulas: &'static [&'static str],
    /// "by", "por" before an author.
    pub(crate) agents: &'static [&'static str],
    pub(crate) or: &'static [&'static str],
    pub(crate) and: &'static [&'static str],
    /// Pairs of which one denies the other.
    pub(crate) opposites: &'static [(&'static str, &'static str)],
    /// What a claim can be called to deny it: "false", "incorrect".
    pub(crate) falsity: &'static [&'static str],
    pub(crate) pronouns: &'static [&'static str],
    /// What one does to votes and members.
    pub(crate) voting: &'static [&'static str],
    /// What is measured or counted: asked for what it is, a number answers.
    pub(crate) measures: &'static [&'static str],
    /// What a question about such a noun asks for: "the last *month* of the year".
    pub(crate) nouns: &'static [(Ask, &'static [&'static str])],
    /// What a question about such a word measures: its base unit.
    pub(crate) dimensions: &'static [(&'static [&'static str], &'static str)],
    /// Adjectives that stand before their noun where others follow it.
    pub(crate) before_nouns: &'static [&'static str],
    /// Does a noun stand before its adjectives?
    pub(crate) head_first: bool,
    /// Before "time", make it a duration.
    pub(crate) durations: &'static [&'static str],
    /// Ways to write a number: "notation", "fraction".
    pub(crate) notations: &'static [&'static str],
    /// "many", "algunos": who is said to think what follows.
    pub(crate) quantifiers: &'static [&'static str],
    pub(crate) opinion_verbs: &'static [&'static str],
    /// Say that a number is not exact: "about".
    pub(crate) approximators: &'static [&'static str],
    /// What kind of thing an answer names, before the answer: "the *number* 42", "la *fórmula* …".
    pub(crate) lead_nouns: &'static [&'static str],
    pub(crate) cues: &'static [(Cue, &'static [&'static str])],
    pub(crate) asks: &'static [(Ask, &'static [&'static str])],
}

pub(crate) static ALL: [&Language; 2] = [&es::SPANISH, &en::ENGLISH];

/// The language of a text: by the hint where the words do not say otherwise.
pub(crate) fn of(text: &str, hint: Option<&str>) -> &'static Language {
    let near = text.get(..text.floor_char_boundary(text.len().min(4096))).unwrap_or_default();
    let words = words(near);
    let count = |language: &Language| words.iter().filter(|w| language.function_words.contains(&w.as_str())).count();
    let primary = hint.and_then(|tag| tag.split(['-', '_']).next()).map(str::to_ascii_lowercase);
    let hinted = ALL.into_iter().find(|language| primary.as_deref() == Some(language.tag));
    let foreign_marks = near.contains(['¿', '¡', 'ñ']);
    let best = ALL.into_iter().max_by_key(|language| (count(language), language.tag == "en" && !foreign_marks));
    match (hinted, best) {
        (Some(hinted), Some(best)) if count(best) <= count(hinted) + 2 => hinted,
        (_, Some(best)) => best,
        (hinted, None) => hinted.unwrap_or(&en::ENGLISH),
    }
}

/// A phrase found among tokens, from `start` up to `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found<T> {
    pub(crate) what: T,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// Phrases by their first word.
struct Index<T>(HashMap<String, Vec<(Vec<String>, T)>>);

impl<T: Copy> Index<T> {
    fn new(table: &[(T, &[&str])]) -> Self {
        let mut index: HashMap<String, Vec<(Vec<String>, T)>> = HashMap::new();
        for (what, phrases) in table {
            for phrase in *phrases {
                let pieces: Vec<String> = super::token::tokens(phrase).into_iter().map(|t| t.folded).collect();
                if let Some(first) = pieces.first().cloned() {
                    index.entry(first).or_default().push((pieces, *what));
                }
            }
        }
        Self(index)
    }

    /// How many tokens the longest phrase has that begins at a place.
    fn longest(&self, tokens: &[Token], at: usize) -> Option<usize> {
        let phrases = self.0.get(&tokens.get(at)?.folded)?;
        let here = |pieces: &[String]| {
            tokens.get(at..at + pieces.len()).is_some_and(|t| t.iter().zip(pieces).all(|(t, p)| t.is(p)))
        };
        phrases.iter().filter(|(pieces, _)| here(pieces)).map(|(pieces, _)| pieces.len()).max()
    }

    /// The longest phrase at each place, left to right, without overlap.
    fn find(&self, tokens: &[Token]) -> Vec<Found<T>> {
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let longest = self.longest(tokens, at);
            // "y no puedo" is "no puedo": a negation goes with what it negates.
            let longest = longest.filter(|length| {
                let last = at + length - 1;
                let negates = *length > 1 && tokens.get(last).is_some_and(|t| t.is("no") || t.is("not"));
                !negates || self.longest(tokens, last).is_none_or(|other| other < *length)
            });
            let Some(length) = longest else {
                at += 1;
                continue;
            };
            // A phrase may tell several things: "incorrect" answers no, and calls something wrong.
            let here = tokens.get(at..at + length).unwrap_or_default();
            let same = |pieces: &[String]| pieces.len() == length && here.iter().zip(pieces).all(|(t, p)| t.is(p));
            let phrases = self.0.get(&token.folded).into_iter().flatten().filter(|(pieces, _)| same(pieces));
            found.extend(phrases.map(|(_, what)| Found { what: *what, start: at, end: at + length }));
            at += length;
        }
        found
    }
}

struct Indexed {
    cues: Index<Cue>,
    asks: Index<Ask>,
}

static INDEXES: LazyLock<HashMap<&'static str, Indexed>> = LazyLock::new(|| {
    ALL.iter()
        .map(|language| (language.tag, Indexed { cues: Index::new(language.cues), asks: Index::new(language.asks) }))
        .collect()
});

impl Language {
    pub(crate) fn find_cues(&self, tokens: &[Token]) -> Vec<Found<Cue>> {
        INDEXES.get(self.tag).map(|index| index.cues.find(tokens)).unwrap_or_default()
    }

    pub(crate) fn find_asks(&self, tokens: &[Token]) -> Vec<Found<Ask>> {
        INDEXES.get(self.tag).map(|index| index.asks.find(tokens)).unwrap_or_default()
    }

    /// Does the word carry a meaning of its own?
    pub(crate) fn is_content(&self, word: &str) -> bool {
        word.len() > 1 && !self.function_words.contains(&word) && !self.articles.contains(&word)
    }

    pub(crate) fn ordinal(&self, word: &str) -> Option<i8> {
        self.ordinals.iter().find(|(name, _)| *name == word).map(|(_, position)| *position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_written_the_way_texts_are_folded() {
        for language in ALL {
            let phrases = language.cues.iter().flat_map(|(_, p)| *p).chain(language.asks.iter().flat_map(|(_, p)| *p));
            let words_of = language.units.iter().map(|(name, _)| name);
            for phrase in phrases.chain(words_of).chain(language.function_words) {
                assert_eq!(*phrase, super::super::token::fold(phrase), "{}", language.tag);
            }
        }
    }

    #[test]
    fn the_words_decide_before_the_hint() {
        for (text, hint, expected) in [
            ("¿Cuál es la capital de Australia?", None, "es"),
            ("What is the capital of Australia?", Some("es"), "en"),
            ("42", Some("es-MX"), "es"),
            ("42", None, "en"),
        ] {
            assert_eq!(of(text, hint).tag, expected, "{text}");
        }
    }
}
