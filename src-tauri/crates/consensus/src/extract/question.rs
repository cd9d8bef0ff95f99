//! What a question asks for: its kind, its options, the unit it names, whether it wants an order. Read from the
//! question alone, so that all members' answers are read in the same way.

mod kind;
mod options;
mod program;
mod unit;

use std::collections::HashSet;

use super::canonical::Moment;
use super::exact::Exact;
use super::language::{Ask, Found, Language};
use super::number;
use super::prose::{Sentence, read};
use super::token::{Token, words};
use super::units::Unit;
pub(crate) use options::Choice;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Precision {
    Year,
    Month,
    Day,
    Weekday,
    Century,
    /// "In which month and year".
    YearAndMonth,
    /// A date with its hour.
    Moment,
    /// A date as precise as the answer gives it.
    Any,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    Number,
    Choice,
    YesNo,
    Date(Precision),
    Time,
    List,
    Fact,
    /// What does it print?
    CodeResult,
    /// A command, query or expression.
    CodeToWrite,
    Open,
    /// Nothing tells.
    Unknown,
}

#[derive(Debug)]
pub(crate) struct Question {
    pub(crate) asked: Asked,
    pub(crate) options: Vec<Choice>,
    pub(crate) several: bool,
    pub(crate) ordered: bool,
    /// The unit that a bare number means.
    pub(crate) unit: Option<&'static Unit>,
    pub(crate) is_money: bool,
    /// How many things are asked for.
    pub(crate) count: Option<usize>,
    /// The base unit of what is asked for: "m" for a distance.
    pub(crate) dimension: Option<&'static str>,
    /// The noun that a number is asked for: "what is the *interest* …?"
    pub(crate) focus: Option<String>,
    /// Is it about how hot or cold something is?
    pub(crate) wants_temperature: bool,
    /// "What fraction …?"
    pub(crate) wants_fraction: bool,
    /// Asks what solves an equation.
    pub(crate) is_equation: bool,
    /// Its own number, which it asks for in another notation.
    pub(crate) renoted: Option<Exact>,
    /// Asks for a time of its own in another format.
    pub(crate) converts_clock: bool,
    /// Dates and times that stand in the question.
    pub(crate) moments: Vec<Moment>,
    /// How long something takes is given: moments are counted on from it.
    pub(crate) gives_duration: bool,
    /// The units of the numbers that stand in the question, in their order.
    pub(crate) units: Vec<Option<&'static Unit>>,
    /// Numbers that stand in the question.
    pub(crate) values: Vec<Exact>,
    pub(crate) content: HashSet<String>,
    /// The words of the question without its options.
    pub(crate) stem: HashSet<String>,
    /// All its words, in order.
    pub(crate) words: Vec<String>,
    /// The things that it lists, each by its words: what is to be put in order.
    pub(crate) listed: Vec<Vec<String>>,
    /// "odd or even": what it offers in its own sentence.
    pub(crate) alternatives: Vec<String>,
    /// Its common nouns and verbs: content that it does not write with a capital.
    pub(crate) common: HashSet<String>,
    /// "Who …?": a name is asked for.
    pub(crate) wants_person: bool,
    /// "Where …?"
    pub(crate) wants_place: bool,
    /// "Who …?", "which country …?": a name is asked for.
    pub(crate) wants_name: bool,
    /// "Which *vitamin* …?"
    pub(crate) noun: Option<String>,
    /// "Which instrument *played* …?": the verb after the noun.
    pub(crate) verb: Option<String>,
    /// "How many sides …?": what is counted, where it is no unit.
    pub(crate) counted: Option<String>,
    /// "When did …?": a day in the past, whose hour nobody asks for.
    pub(crate) is_past: bool,
}

impl Question {
    pub(crate) fn read(text: &str, language: &'static Language) -> Self {
        let spelled = with_apostrophes(text);
        let fenced = program::fenced(&spelled);
        let text = fenced.as_ref();
        let reading = read(text, language);
        let decimal = number::decimal_mark(&[text], language);
        let mut options = options::options(text);
        let stem_end = if options.is_empty() {
            usize::MAX
        } else {
            text.lines().position(|l| options::line_label(l).is_some()).unwrap_or(usize::MAX)
        };
        let is_option = |sentence: &Sentence| {
            let folded = words(&sentence.text);
            options
                .iter()
                .any(|o| !o.words.is_empty() && folded.ends_with(&o.words) && folded.len() <= o.words.len() + 2)
        };
        let sentences: Vec<&Sentence> =
            reading.sentences.iter().filter(|s| stem_end == usize::MAX || !is_option(s)).collect();
        let has_fence = !reading.fences.is_empty();
        let has_clock = super::moment::has_clock(text, language);
        let is_bare = !text.contains('¿') && text.chars().all(|c| !matches!(c, 'á' | 'é' | 'í' | 'ó' | 'ú'));
        let context = kind::Context { has_program: has_fence, has_clock, is_bare, embedded: false };
        let asked_in = |s: &&Sentence| kind::classify(s, language, context);
        let interrogative = sentences.iter().rev().filter(|s| kind::is_asking(s, language, is_bare)).find_map(asked_in);
        let imperative = || sentences.iter().rev().find_map(asked_in);
        let embedded = || {
            let context = kind::Context { embedded: true, ..context };
            let asked = sentences.iter().rev().find_map(|s| kind::classify(s, language, context));
            asked.filter(|asked| !matches!(asked, Asked::YesNo | Asked::List | Asked::CodeResult))
        };
        let mut asked = interrogative.or_else(imperative).or_else(embedded).unwrap_or(Asked::Unknown);
        if asked == Asked::CodeResult && !has_fence && !text.contains('`') && !text.contains('(') {
            asked = Asked::Unknown;
        }
        // "A train leaves at 2:15 … When does it arrive?" asks for a time, though only the story names one.
        if asked == Asked::Date(Precision::Any) && super::moment::has_clock(text, language) {
            asked = Asked::Time;
        }
        let asks: Vec<Found<Ask>> = sentences.iter().flat_map(|s| language.find_asks(&s.tokens)).collect();
        let has = |ask: Ask| asks.iter().any(|f| f.what == ask);
        if has(Ask::CodeToWrite) && matches!(asked, Asked::Open | Asked::Unknown | Asked::YesNo) {
            asked = Asked::CodeToWrite;
        }
        let labelled =
            options.iter().any(|o| o.label.as_ref().is_some_and(|l| l.bytes().all(|b| b.is_ascii_alphabetic())));
        // "What is the best conductor?" over a list of four wants one of them; so does "How do letters end?" where the four
        // have labels.
        let few = (2..=8).contains(&options.len());
        let are_short = |most: usize| options.iter().all(|o| (1..=most).contains(&o.words.len()));
        let all_labelled = options.iter().all(|o| o.label.is_some());
        let picks = few
            && match asked {
                Asked::Open => {
                    are_short(6)
                        && sentences.iter().any(|s| {
                            let first = s.tokens.iter().find(|t| t.is_word()).map(|t| t.folded.as_str());
                            let which = matches!(first, Some("what" | "which" | "who" | "que" | "cual" | "quien"));
                            s.text.contains('?') && (which || all_labelled)
                        })
                }
                // "… am I entitled to: 1) … 2) …", "Complete: the sky ___ blue. - is - are"
                Asked::Unknown => are_short(8) && (all_labelled || text.contains("__")),
                Asked::Fact => are_short(4) && text.contains("__"),
                Asked::Number
                | Asked::Choice
                | Asked::YesNo
                | Asked::Date(_)
                | Asked::Time
                | Asked::List
                | Asked::CodeResult
                | Asked::CodeToWrite => false,
            };
        let chooses = picks || has(Ask::OneOption) || has(Ask::SeveralOptions);
        let may_choose = matches!(
            asked,
            Asked::Fact | Asked::Unknown | Asked::YesNo | Asked::List | Asked::Number | Asked::Date(_) | Asked::Time
        ) || asked == Asked::CodeToWrite && interrogative.is_some();
        let lists_options = options.len() >= 2
            && (labelled && (may_choose || asked != Asked::CodeToWrite)
                || chooses
                || (may_choose && interrogative.is_some() && !has(Ask::Ordered)));
        // "Who wrote it: Marlowe, Shakespeare or Jonson?" offers its options within the sentence.
        let offered = if lists_options || !may_choose || asked == Asked::YesNo {
            Vec::new()
        } else {
            sentences.iter().rev().find_map(|s| options::offered(s, language)).unwrap_or_default()
        };
        let offers = offered.len() >= 2;
        if offers {
            options = offered;
        }
        let is_choice = lists_options || offers;
        let ordered = has(Ask::Ordered) || sentences.iter().any(|s| kind::names_an_order(&s.tokens, language));
        if asked == Asked::Unknown && ordered {
            asked = Asked::List;
        }
        let all: Vec<Token> = reading.sentences.iter().flat_map(|s| s.tokens.iter().cloned()).collect();
        let (values, units): (Vec<Exact>, Vec<Option<&'static Unit>>) = reading
            .sentences
            .iter()
            .flat_map(|s| number::read(&s.text, &s.tokens, language, decimal))
            .filter(|r| !r.weak)
            .map(|r| (r.value, r.unit))
            .unzip();
        let is_money = has(Ask::Money);
        let unit = sentences
            .iter()
            .rev()
            .find_map(|s| unit::asked_unit(s, language))
            .or_else(|| unit::implied_currency(&units, is_money, &all, language));
        let dimension = sentences.iter().rev().find_map(|s| unit::dimension(s, language));
        // "what speed … if I ride 42 km in an hour": the hour is given, not asked for.
        let unit = unit.filter(|unit| dimension.is_none_or(|base| base == unit.base));
        let content: HashSet<String> =
            all.iter().filter(|t| t.is_word() && language.is_content(&t.folded)).map(|t| t.folded.clone()).collect();
        let several = is_choice && (has(Ask::SeveralOptions) || lists_options && asked == Asked::List);
        let about = |ask: Ask| sentences.iter().any(|s| kind::noun_asked(s, language) == Some(ask));
        let count = sentences.iter().rev().find_map(|s| count(s, language, decimal));
        Self {
            asked: if is_choice { Asked::Choice } else { asked },
            options: if is_choice { options } else { Vec::new() },
            several,
            ordered,
            unit,
            is_money,
            count,
            converts_clock: sentences.iter().any(|s| kind::converts_clock(&s.tokens, context)),
            moments: super::moment::all(text, language),
            dimension,
            focus: sentences.iter().rev().find_map(|s| kind::focus(s, language)),
            wants_temperature: all.iter().any(|t| {
                [
                    "temperatur",
                    "hot",
                    "cold",
                    "boil",
                    "freez",
                    "melt",
                    "hierv",
                    "ebullicion",
                    "fusion",
                    "congela",
                    "funde",
                    "grados",
                    "degrees",
                    "calor",
                    "frio",
                    "celsius",
                    "fahrenheit",
                    "kelvin",
                    "warm",
                ]
                .iter()
                .any(|stem| t.folded.starts_with(stem))
            }),
            wants_fraction: sentences.iter().any(|s| s.tokens.iter().any(|t| t.is("fraction") || t.is("fraccion"))),
            is_equation: sentences.iter().any(|s| kind::is_equation(s)),
            renoted: sentences.iter().find_map(|s| kind::renoted(s, language, decimal)),
            gives_duration: units.iter().flatten().any(|u| matches!(u.base, "s" | "month")),
            units,
            values,
            content,
            stem: sentences
                .iter()
                .flat_map(|s| &s.tokens)
                .filter(|t| t.is_word() && language.is_content(&t.folded))
                .map(|t| t.folded.clone())
                .collect(),
            words: all
                .iter()
                .filter(|t| t.is_word() || t.is_digits())
                .map(|t| t.folded.clone())
                .chain(reading.fences.iter().flat_map(|fence| words(&fence.body)))
                .collect(),
            listed: if ordered { listed(text, language) } else { Vec::new() },
            alternatives: sentences.iter().rev().find_map(|s| options::alternatives(s, language)).unwrap_or_default(),
            common: sentences
                .iter()
                .flat_map(|s| s.tokens.iter().map(|t| (t, s.text.get(t.start..t.end).unwrap_or_default())))
                .filter(|(t, written)| {
                    t.is_word() && written.starts_with(char::is_lowercase) && language.is_content(&t.folded)
                })
                .map(|(t, _)| t.folded.clone())
                .collect(),
            wants_person: has(Ask::Person) || about(Ask::Person),
            wants_place: sentences
                .iter()
                .any(|s| s.tokens.iter().any(|t| t.is("where") || t.is("donde") || t.is("adonde"))),
            wants_name: has(Ask::Person) || has(Ask::Place) || about(Ask::Person) || about(Ask::Place),
            noun: all
                .windows(2)
                .find(|w| matches!(w, [wh, _] if matches!(wh.folded.as_str(), "which" | "what" | "que")))
                .and_then(|w| w.get(1))
                .filter(|t| t.is_word() && language.is_content(&t.folded))
                .map(|t| t.folded.clone()),
            verb: all
                .windows(3)
                .find(|w| matches!(w, [wh, noun, _] if matches!(wh.folded.as_str(), "which" | "what" | "que") && noun.is_word() && language.is_content(&noun.folded)))
                .and_then(|w| w.get(2))
                .filter(|t| t.is_word() && language.is_content(&t.folded) && !language.copulas.contains(&t.folded.as_str()))
                .map(|t| t.folded.clone()),
            counted: sentences.iter().rev().find_map(|s| counted(s, language)),
            is_past: sentences.iter().any(|s| is_past(s)),
        }
    }
}

/// What stands between commas and "and" in a question, after its colon where it has one.
fn listed(text: &str, language: &Language) -> Vec<Vec<String>> {
    let body = text.split_once(':').map_or(text, |(_, body)| body);
    let parts = super::token::tokens(&body.replace(['\n', ';'], ","));
    let parts = parts.split(|t| t.is(",") || language.and.contains(&t.folded.as_str()));
    let parts = parts.map(|part| {
        let word = |t: &&Token| (t.is_word() || t.is_digits()) && !language.articles.contains(&t.folded.as_str());
        part.iter().filter(word).map(|t| t.folded.clone()).collect::<Vec<_>>()
    });
    parts.filter(|part| !part.is_empty()).collect()
}

/// "whats", "whos": written in haste.
fn with_apostrophes(text: &str) -> String {
    [("whats ", "what's "), ("Whats ", "What's "), ("whos ", "who's "), ("Whos ", "Who's "), ("wheres ", "where's ")]
        .iter()
        .filter(|(hasty, _)| text.starts_with(hasty) || text.contains(&format!(" {hasty}")))
        .fold(text.to_owned(), |text, (hasty, written)| text.replace(hasty, written))
}

/// "How many *sides*"; none where a unit is counted.
fn counted(sentence: &Sentence, language: &'static Language) -> Option<String> {
    let found = language.find_asks(&sentence.tokens).into_iter().find(|f| f.what == Ask::Counted)?;
    let noun = sentence.tokens.get(found.end).filter(|t| t.is_word() && language.is_content(&t.folded))?;
    let is_unit = language.units.iter().any(|(name, _)| noun.is(name));
    (!is_unit && !language.copulas.contains(&noun.folded.as_str())).then(|| noun.folded.clone())
}

/// Does the question tell of something that is over?
fn is_past(sentence: &Sentence) -> bool {
    sentence.tokens.iter().any(|t| {
        let preterite = || {
            sentence.text.get(t.start..t.end).is_some_and(|w| w.ends_with('ó'))
                || t.folded.ends_with("aron")
                || t.folded.ends_with("ieron")
        };
        t.is_word()
            && (matches!(
                t.folded.as_str(),
                "did" | "was" | "were" | "fue" | "fueron" | "era" | "eran" | "ended" | "began"
            ) || preterite())
    })
}

/// "Name three", "los cinco primeros".
fn count(sentence: &Sentence, language: &Language, decimal: char) -> Option<usize> {
    number::read(&sentence.text, &sentence.tokens, language, decimal)
        .into_iter()
        .filter(|r| r.unit.is_none() && !r.weak)
        .find_map(|r| usize::try_from(r.value.to_integer()?).ok().filter(|n| (2..=30).contains(n)))
}
