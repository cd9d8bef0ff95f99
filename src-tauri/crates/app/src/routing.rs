//! Which model answers. In `auto`, a short list of rules over the words of the question picks a tier, the profile's order
//! picks the model of that tier, and the same order says who stands in for a model that is down. In `single`, the user's
//! choice stands. The same question always gives the same tier: nothing here learns, guesses at random or asks a network.
//!
//! | rule (in this order) | fires when | tier |
//! |---|---|---|
//! | `code-text` | the question holds a fenced block, or a line that reads as source, a stack trace or a shell prompt | code |
//! | `code-words` | a word or phrase of programming ([`vocabulary::CODE`]) | code |
//! | `creative-words` | a word or phrase of writing and tone ([`vocabulary::CREATIVE`]) | creative |
//! | `complex-words` | a word or phrase of reasoning, comparison, mathematics ([`vocabulary::COMPLEX`]) | complex |
//! | `long-question` | more than [`LONG_WORDS`] words or [`LONG_CHARS`] characters | complex |
//! | `short-question` | at most [`SHORT_WORDS`] words and [`SHORT_CHARS`] characters | fast |
//! | `otherwise` | none of these | complex |
//!
//! Words are compared whole, without regard to case and accents, in Spanish and English at once. Phrases that contain a
//! programming word but mean something else ("código postal", "dress code") are taken out first
//! ([`vocabulary::NOT_CODE`]). Jokes and greetings are short questions, not creative ones, as on the platform's servers.
//! The idea of tiers by keyword and length is the platform's; what is not taken over is that a
//! question without any sign ("hola") went to the slowest model.

mod source;
pub mod vocabulary;

use std::collections::HashMap;

use capibara6_protocol::{ErrorCode, Mode, ModelEntry, ModelId, Profile, Routing, RoutingRule, Tier};

/// More words than this make a question long.
pub const LONG_WORDS: usize = 80;
/// More characters than this make a question long, for languages that write without spaces and for pasted text.
pub const LONG_CHARS: usize = 500;
/// At most this many words make a question short.
pub const SHORT_WORDS: usize = 15;
/// At most this many characters make a question short.
pub const SHORT_CHARS: usize = 120;

/// The rule that fires for a question, and the tier it chooses.
pub fn classify(question: &str) -> (RoutingRule, Tier) {
    let rule = first_rule(question);
    let tier = match rule {
        RoutingRule::CodeText | RoutingRule::CodeWords => Tier::Code,
        RoutingRule::CreativeWords => Tier::Creative,
        RoutingRule::ShortQuestion => Tier::Fast,
        RoutingRule::ComplexWords
        | RoutingRule::LongQuestion
        | RoutingRule::Otherwise
        | RoutingRule::Pinned
        | RoutingRule::Member
        | RoutingRule::Synthesis => Tier::Complex,
    };
    (rule, tier)
}

fn first_rule(question: &str) -> RoutingRule {
    if source::reads_as_code(question) {
        return RoutingRule::CodeText;
    }
    let words = Words::of(question);
    if words.without(vocabulary::NOT_CODE).has_any(vocabulary::CODE) {
        return RoutingRule::CodeWords;
    }
    if words.has_any(vocabulary::CREATIVE) {
        return RoutingRule::CreativeWords;
    }
    if words.has_any(vocabulary::COMPLEX) {
        return RoutingRule::ComplexWords;
    }
    let chars = question.trim().chars().count();
    if words.count() > LONG_WORDS || chars > LONG_CHARS {
        return RoutingRule::LongQuestion;
    }
    if words.count() <= SHORT_WORDS && chars <= SHORT_CHARS {
        return RoutingRule::ShortQuestion;
    }
    RoutingRule::Otherwise
}

/// Who answers, and who would stand in for whom.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// Why this model: goes to the message as it is.
    pub routing: Routing,
    /// The models to be asked, in this order; never empty. Those after the first stand in when one before cannot answer.
    pub candidates: Vec<ModelId>,
}

/// Chooses the model for a question.
///
/// `trouble` says why a model should not be asked now (its circuit is open), from what the health monitor knows.
///
/// # Errors
/// `no-model` where the profile has none, `not-found` where a pinned model is not in the profile,
/// `invalid-input` where several are to be asked.
pub fn route(
    question: &str,
    mode: Mode,
    pinned: Option<&ModelId>,
    profile: &Profile,
    trouble: impl Fn(&ModelId) -> Option<ErrorCode>,
) -> Result<Route, ErrorCode> {
    match mode {
        Mode::Single => {
            let id = pinned.ok_or(ErrorCode::InvalidInput)?;
            let entry = profile.models.iter().find(|entry| entry.id == *id).ok_or(ErrorCode::NotFound)?;
            Ok(Route { routing: pinned_routing(entry), candidates: vec![entry.id.clone()] })
        }
        Mode::Auto => {
            let (rule, tier) = classify(question);
            let chosen = profile
                .models
                .iter()
                .find(|entry| entry.tier == tier)
                .or_else(|| profile.models.first())
                .ok_or(ErrorCode::NoModel)?;
            Ok(with_stand_ins(&chosen.id, rule, tier, profile, trouble))
        }
        // Several are asked together, not one in place of another.
        Mode::Consensus => Err(ErrorCode::InvalidInput),
    }
}

/// The routing of a model that the user chose.
pub fn pinned_routing(entry: &ModelEntry) -> Routing {
    Routing { mode: Mode::Single, tier: entry.tier, rule: RoutingRule::Pinned, instead_of: None, because: None }
}

/// The routing of a member of several that are asked together.
pub fn consensus_routing(entry: &ModelEntry) -> Routing {
    Routing { mode: Mode::Consensus, rule: RoutingRule::Member, ..pinned_routing(entry) }
}

/// The routing of a model that writes one answer from several.
pub fn synthesis_routing(entry: &ModelEntry) -> Routing {
    Routing { mode: Mode::Consensus, rule: RoutingRule::Synthesis, ..pinned_routing(entry) }
}

/// The chosen model first, then the others in the profile's order; those in trouble last, because a circuit that is open
/// may still be mistaken and an attempt is better than none.
fn with_stand_ins(
    chosen: &ModelId,
    rule: RoutingRule,
    tier: Tier,
    profile: &Profile,
    trouble: impl Fn(&ModelId) -> Option<ErrorCode>,
) -> Route {
    let others = profile.models.iter().map(|entry| &entry.id).filter(|id| *id != chosen);
    let ordered: Vec<&ModelId> = std::iter::once(chosen).chain(others).collect();
    let (down, able): (Vec<&ModelId>, Vec<&ModelId>) = ordered.into_iter().partition(|id| trouble(id).is_some());
    let because = if able.is_empty() { None } else { trouble(chosen) };
    let instead_of = because.is_some().then(|| chosen.clone());
    Route {
        routing: Routing { mode: Mode::Auto, tier, rule, instead_of, because },
        candidates: able.into_iter().chain(down).cloned().collect(),
    }
}

/// A question as whole words, folded: lower case, no accents. `c++`, `c#` and `node.js` are one word each.
struct Words {
    words: Vec<String>,
    /// Where each word stands: a pasted text may have many thousands.
    places: HashMap<String, Vec<usize>>,
}

impl Words {
    fn of(text: &str) -> Self {
        let mut words = Vec::new();
        let mut word = String::new();
        for character in text.chars() {
            match fold(character) {
                Folded::Letter(letter) => word.extend(letter.to_lowercase()),
                Folded::Mark => {}
                Folded::Other('+' | '#' | '.' | '\'' | '’') if !word.is_empty() => word.push(character),
                Folded::Other(_) => finish(&mut word, &mut words),
            }
        }
        finish(&mut word, &mut words);
        Self::new(words)
    }

    fn new(words: Vec<String>) -> Self {
        let mut places: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, word) in words.iter().enumerate() {
            places.entry(word.clone()).or_default().push(place);
        }
        Self { words, places }
    }

    fn count(&self) -> usize {
        self.words.len()
    }

    /// The same words with those that form one of the phrases replaced by a gap that nothing matches.
    fn without(&self, phrases: &[&str]) -> Self {
        let mut words = self.words.clone();
        for phrase in phrases {
            for place in self.places_of(phrase) {
                words[place..place + phrase.split(' ').count()].fill(String::new());
            }
        }
        Self::new(words)
    }

    fn has_any(&self, phrases: &[&str]) -> bool {
        phrases.iter().any(|phrase| self.places_of(phrase).next().is_some())
    }

    /// Where a phrase begins.
    fn places_of<'a>(&'a self, phrase: &'a str) -> impl Iterator<Item = usize> + 'a {
        let first = phrase.split(' ').next().unwrap_or_default();
        let places = self.places.get(first).map(Vec::as_slice).unwrap_or_default();
        places.iter().copied().filter(move |place| {
            phrase.split(' ').enumerate().all(|(index, word)| self.words.get(place + index).is_some_and(|w| w == word))
        })
    }
}

/// Ends a word: dots and quotes at its end are punctuation, not part of it.
fn finish(word: &mut String, words: &mut Vec<String>) {
    let end = word.trim_end_matches(['.', '\'', '’']).len();
    word.truncate(end);
    if !word.is_empty() {
        words.push(std::mem::take(word));
    }
}

enum Folded {
    Letter(char),
    /// A combining accent, which disappears.
    Mark,
    Other(char),
}

/// A letter without its accent, for the letters of the languages that the vocabulary is written in.
fn fold(character: char) -> Folded {
    match character {
        'á' | 'à' | 'â' | 'ä' | 'ã' | 'å' | 'Á' | 'À' | 'Â' | 'Ä' | 'Ã' | 'Å' => Folded::Letter('a'),
        'é' | 'è' | 'ê' | 'ë' | 'É' | 'È' | 'Ê' | 'Ë' => Folded::Letter('e'),
        'í' | 'ì' | 'î' | 'ï' | 'Í' | 'Ì' | 'Î' | 'Ï' => Folded::Letter('i'),
        'ó' | 'ò' | 'ô' | 'ö' | 'õ' | 'Ó' | 'Ò' | 'Ô' | 'Ö' | 'Õ' => Folded::Letter('o'),
        'ú' | 'ù' | 'û' | 'ü' | 'Ú' | 'Ù' | 'Û' | 'Ü' => Folded::Letter('u'),
        'ñ' | 'Ñ' => Folded::Letter('n'),
        'ç' | 'Ç' => Folded::Letter('c'),
        '\u{300}'..='\u{36f}' => Folded::Mark,
        _ if character.is_alphanumeric() => Folded::Letter(character),
        _ => Folded::Other(character),
    }
}

#[cfg(test)]
mod tests;
