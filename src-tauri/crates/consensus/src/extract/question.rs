//! What a question asks for: its kind, its options, the unit it names, whether it wants an order. Read from the
//! question alone, so that all members' answers are read in the same way.

use std::collections::HashSet;

use super::exact::Exact;
use super::language::{Ask, Found, Language};
use super::number;
use super::prose::{Sentence, plain, read};
use super::token::{Token, TokenKind, tokens, words};
use super::units::Unit;

/// The most options a question can have.
const MOST_OPTIONS: usize = 26;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Precision {
    Year,
    Month,
    Day,
    Weekday,
    Century,
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
pub(crate) struct Choice {
    /// "b" or "2", as the question labels it; none for a bullet.
    pub(crate) label: Option<String>,
    pub(crate) text: String,
    pub(crate) words: Vec<String>,
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
    /// Numbers that stand in the question.
    pub(crate) values: Vec<Exact>,
    pub(crate) content: HashSet<String>,
    /// The words of the question without its options.
    pub(crate) stem: HashSet<String>,
    /// All its words, in order.
    pub(crate) words: Vec<String>,
    /// "odd or even": what it offers in its own sentence.
    pub(crate) alternatives: Vec<String>,
    /// Its common nouns and verbs: content that it does not write with a capital.
    pub(crate) common: HashSet<String>,
    /// "Who …?": a name is asked for.
    pub(crate) wants_person: bool,
    /// "Who …?", "which country …?": a name is asked for.
    pub(crate) wants_name: bool,
    /// "Which *vitamin* …?"
    pub(crate) noun: Option<String>,
    /// "How many sides …?": what is counted, where it is no unit.
    pub(crate) counted: Option<String>,
    /// "When did …?": a day in the past, whose hour nobody asks for.
    pub(crate) is_past: bool,
}

impl Question {
    pub(crate) fn read(text: &str, language: &'static Language) -> Self {
        let reading = read(text, language);
        let decimal = number::decimal_mark(&[text], language);
        let mut options = options(text);
        let stem_end = if options.is_empty() {
            usize::MAX
        } else {
            text.lines().position(|l| line_label(l).is_some()).unwrap_or(usize::MAX)
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
        let asked_in = |s: &&Sentence| classify(s, language, has_fence);
        let interrogative = sentences.iter().rev().filter(|s| s.text.contains(['?', '¿'])).find_map(asked_in);
        let imperative = || sentences.iter().rev().find_map(asked_in);
        let mut asked = interrogative.or_else(imperative).unwrap_or(Asked::Unknown);
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
        // "What is the best conductor?" over a list of four wants one of them.
        let picks = asked == Asked::Open
            && (2..=8).contains(&options.len())
            && options.iter().all(|o| (1..=6).contains(&o.words.len()))
            && sentences.iter().any(|s| {
                let first = s.tokens.iter().find(|t| t.is_word()).map(|t| t.folded.as_str());
                s.text.contains('?') && matches!(first, Some("what" | "which" | "who" | "que" | "cual" | "quien"))
            });
        let chooses = picks || has(Ask::OneOption) || has(Ask::SeveralOptions);
        let may_choose = matches!(
            asked,
            Asked::Fact | Asked::Unknown | Asked::YesNo | Asked::List | Asked::Number | Asked::Date(_) | Asked::Time
        );
        let lists_options = options.len() >= 2
            && (labelled && asked != Asked::CodeToWrite
                || chooses
                || (may_choose && interrogative.is_some() && !has(Ask::Ordered)));
        // "Who wrote it: Marlowe, Shakespeare or Jonson?" offers its options within the sentence.
        let offered = if lists_options || !may_choose || asked == Asked::YesNo {
            Vec::new()
        } else {
            sentences.iter().rev().find_map(|s| offered(s, language)).unwrap_or_default()
        };
        let offers = offered.len() >= 2;
        if offers {
            options = offered;
        }
        let is_choice = lists_options || offers;
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
            .find_map(|s| asked_unit(s, language))
            .or_else(|| implied_currency(&units, is_money, &all, language));
        let content: HashSet<String> =
            all.iter().filter(|t| t.is_word() && language.is_content(&t.folded)).map(|t| t.folded.clone()).collect();
        let several = has(Ask::SeveralOptions) && is_choice;
        let count = sentences.iter().rev().find_map(|s| count(s, language, decimal));
        Self {
            asked: if is_choice { Asked::Choice } else { asked },
            options: if is_choice { options } else { Vec::new() },
            several,
            ordered: has(Ask::Ordered),
            unit,
            is_money,
            count,
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
            alternatives: sentences.iter().rev().find_map(|s| alternatives(s, language)).unwrap_or_default(),
            common: sentences
                .iter()
                .flat_map(|s| s.tokens.iter().map(|t| (t, s.text.get(t.start..t.end).unwrap_or_default())))
                .filter(|(t, written)| {
                    t.is_word() && written.starts_with(char::is_lowercase) && language.is_content(&t.folded)
                })
                .map(|(t, _)| t.folded.clone())
                .collect(),
            wants_person: has(Ask::Person),
            wants_name: has(Ask::Person) || has(Ask::Place),
            noun: all
                .windows(2)
                .find(|w| matches!(w, [wh, _] if matches!(wh.folded.as_str(), "which" | "what" | "que")))
                .and_then(|w| w.get(1))
                .filter(|t| t.is_word() && language.is_content(&t.folded))
                .map(|t| t.folded.clone()),
            counted: sentences.iter().rev().find_map(|s| counted(s, language)),
            is_past: sentences.iter().any(|s| is_past(s)),
        }
    }
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

/// "…: Marlowe, Shakespeare or Jonson?", "…, the Moon or the Earth?": what a question that begins with an interrogative
/// offers at its end.
fn offered(sentence: &Sentence, language: &Language) -> Option<Vec<Choice>> {
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

/// An interrogative within a Spanish question bears an accent; without it, it joins clauses ("es verdad que …").
fn only_joins(sentence: &Sentence, token: &Token) -> bool {
    let joins = matches!(
        token.folded.as_str(),
        "que"
            | "cual"
            | "cuales"
            | "cuando"
            | "donde"
            | "quien"
            | "quienes"
            | "como"
            | "cuanto"
            | "cuanta"
            | "cuantos"
            | "cuantas"
    );
    joins && sentence.text.get(token.start..token.end).is_some_and(|w| w.is_ascii())
}

fn classify(sentence: &Sentence, language: &Language, has_fence: bool) -> Option<Asked> {
    // The question proper begins at its mark.
    let begin = sentence.tokens.iter().rposition(|t| t.is("¿")).map_or(0, |at| at + 1);
    let tokens = sentence.tokens.get(begin..)?;
    let asks = language.find_asks(tokens);
    let has = |ask: Ask| asks.iter().any(|f| f.what == ask);
    let interrogative = sentence.text.contains(['?', '¿']);
    if has(Ask::Form) && !interrogative {
        return None;
    }
    for (ask, asked) in
        [(Ask::CodeResult, Asked::CodeResult), (Ask::CodeToWrite, Asked::CodeToWrite), (Ask::YesNo, Asked::YesNo)]
    {
        if has(ask) {
            return Some(asked);
        }
    }
    let shows = |t: &Token| {
        matches!(
            t.folded.as_str(),
            "print"
                | "prints"
                | "output"
                | "outputs"
                | "return"
                | "returns"
                | "imprime"
                | "devuelve"
                | "muestra"
                | "produce"
                | "salida"
                | "printed"
                | "display"
                | "displays"
                | "evaluate"
                | "result"
                | "resultado"
                | "obtiene"
                | "imprimira"
                | "mostrara"
                | "devolvera"
        )
    };
    if interrogative && (has_fence || !sentence.coded.is_empty()) && tokens.iter().any(shows) {
        return Some(Asked::CodeResult);
    }
    let polite_end = asks.iter().find(|f| f.what == Ask::Polite && f.start <= 1).map_or(0, |f| f.end);
    let starts = |f: &Found<Ask>| {
        f.start <= polite_end
            || f.start.checked_sub(1).and_then(|at| tokens.get(at)).is_some_and(|t| t.is(",") || t.is(":"))
    };
    let mut leading = asks.iter().filter(|f| {
        let inner = f.start > polite_end + 1;
        let joins = language.tag == "es"
            && inner
            && tokens.get(f.start).is_some_and(|t| {
                let preposition = f.end > f.start + 1 && !t.is("que");
                let at = if preposition && !only_joins(sentence, t) { f.start + 1 } else { f.start };
                tokens.get(at).is_some_and(|t| only_joins(sentence, t))
            });
        // "¿Puedo usar una lista …?": an imperative does not stand inside a question.
        let imperative =
            begin > 0 && polite_end == 0 && inner && f.end - f.start == 1 && matches!(f.what, Ask::List | Ask::Number);
        f.start >= polite_end
            && !joins
            && !imperative
            && match f.what {
                Ask::Auxiliary => interrogative && starts(f),
                Ask::Polite
                | Ask::Form
                | Ask::Money
                | Ask::OneOption
                | Ask::SeveralOptions
                | Ask::CodeResult
                | Ask::CodeToWrite
                | Ask::YesNo => false,
                Ask::Number
                | Ask::Counted
                | Ask::Year
                | Ask::Month
                | Ask::Day
                | Ask::Weekday
                | Ask::Century
                | Ask::When
                | Ask::Time
                | Ask::List
                | Ask::Ordered
                | Ask::Fact
                | Ask::Person
                | Ask::Place
                | Ask::Open => interrogative || f.start <= polite_end + 2 || f.what == Ask::Ordered,
            }
    });
    let first = leading.next();
    let arithmetic = is_arithmetic(tokens, language);
    let or = tokens.iter().skip(1).any(|t| language.or.contains(&t.folded.as_str()));
    let asked = match first.map(|f| f.what) {
        Some(Ask::Open)
            if arithmetic
                && first.is_some_and(|f| f.end - f.start == 2 && tokens.get(f.start).is_some_and(|t| t.is("que"))) =>
        {
            Asked::Number
        }
        Some(Ask::Open) => Asked::Open,
        Some(Ask::Fact) if has(Ask::Day) => Asked::Date(Precision::Day),
        Some(Ask::Person) if asks_for_a_life(sentence, tokens) => Asked::Open,
        Some(Ask::Fact | Ask::List | Ask::Person | Ask::Place) if has(Ask::Open) => Asked::Open,
        Some(Ask::Year) => Asked::Date(Precision::Year),
        Some(Ask::Month) => Asked::Date(Precision::Month),
        Some(Ask::Weekday) => Asked::Date(Precision::Weekday),
        Some(Ask::Century) => Asked::Date(Precision::Century),
        Some(Ask::Day) => Asked::Date(if has(Ask::Weekday) { Precision::Weekday } else { Precision::Day }),
        Some(Ask::When) => {
            if has(Ask::Time) || super::moment::has_clock(&sentence.text, language) {
                Asked::Time
            } else {
                Asked::Date(Precision::Any)
            }
        }
        Some(Ask::Time) => Asked::Time,
        Some(Ask::Counted) => Asked::Number,
        // "Can you divide by zero?" asks whether one can.
        Some(Ask::Number)
            if interrogative
                && polite_end > 0
                && !has_numbers(tokens, language)
                && first.is_some_and(|f| f.end - f.start == 1) =>
        {
            Asked::YesNo
        }
        Some(Ask::Number) if compares_ideas(tokens, language) => Asked::Open,
        Some(Ask::Number) => Asked::Number,
        // "What is its average speed?"
        Some(Ask::Fact)
            if first.is_some_and(|f| measures(tokens, f, language))
                && !compares_ideas(tokens, language)
                && !has(Ask::Open) =>
        {
            Asked::Number
        }
        Some(Ask::Ordered) => Asked::List,
        Some(Ask::List | Ask::Fact) if has(Ask::Ordered) && !arithmetic => Asked::List,
        // "What ingredients go into it?"
        Some(Ask::Fact) if first.is_some_and(|f| asks_in_plural(tokens, f, language)) => Asked::List,
        // "Which of the numbers … are prime?"
        Some(Ask::Fact | Ask::List) if picks_several(tokens) => Asked::List,
        Some(Ask::List) if wants_several(tokens, first, language) => Asked::List,
        Some(Ask::Fact | Ask::List) if arithmetic => Asked::Number,
        Some(Ask::Fact) if first.is_some_and(|f| f.end - f.start == 1) && has(Ask::Year) => {
            Asked::Date(Precision::Year)
        }
        Some(Ask::Fact | Ask::List | Ask::Person | Ask::Place) => Asked::Fact,
        Some(Ask::Auxiliary) if or && !tokens.iter().any(|t| t.is("not")) => Asked::Fact,
        Some(Ask::Auxiliary) => Asked::YesNo,
        Some(
            Ask::Polite
            | Ask::Form
            | Ask::Money
            | Ask::OneOption
            | Ask::SeveralOptions
            | Ask::CodeResult
            | Ask::CodeToWrite
            | Ask::YesNo,
        ) => return None,
        None if arithmetic || (begin == 0 && interrogative && tokens.iter().any(|t| t.is("number"))) => Asked::Number,
        None if has(Ask::SeveralOptions) || picks_several(tokens) => Asked::List,
        None if has(Ask::OneOption) => Asked::Fact,
        // In Spanish a question without an interrogative asks for yes or no.
        // "¿Puedes recomendarme …?" asks for more than yes.
        None if interrogative && polite_end > 0 && begin + polite_end > 0 => {
            let for_me =
                |t: &Token| matches!(t.folded.as_str(), "me" | "us" | "my" | "mi") || t.folded.ends_with("rme");
            let asks_whether = tokens.first().is_some_and(|t| matches!(t.folded.as_str(), "can" | "could" | "puedes"));
            if asks_whether && polite_end <= 2 && !tokens.iter().any(for_me) { Asked::YesNo } else { Asked::Open }
        }
        None if begin > 0 && or => Asked::Fact,
        None if begin > 0 => Asked::YesNo,
        None => return None,
    };
    Some(asked)
}

/// "Who was Marie Curie?" wants to be told about her.
fn asks_for_a_life(sentence: &Sentence, tokens: &[Token]) -> bool {
    let named: Vec<&Token> = tokens.iter().skip(2).filter(|t| t.is_word()).collect();
    let is_copula = tokens.get(1).is_some_and(|t| matches!(t.folded.as_str(), "is" | "was" | "es" | "fue" | "era"));
    let capital = |t: &&Token| sentence.text.get(t.start..t.end).is_some_and(|w| w.starts_with(char::is_uppercase));
    is_copula && (1..=4).contains(&named.len()) && named.iter().all(capital)
}

/// "What ingredients", "qué ingredientes".
fn asks_in_plural(tokens: &[Token], asked: &Found<Ask>, language: &Language) -> bool {
    let opens = |at: usize| tokens.get(at).is_some_and(|t| matches!(t.folded.as_str(), "what" | "which" | "que"));
    let noun = tokens.get(asked.start + 1);
    opens(asked.start)
        && noun.is_some_and(|t| {
            let word = t.folded.as_str();
            t.is_word()
                && word.len() > 4
                && word.ends_with('s')
                && !["ss", "us", "is", "'s"].iter().any(|end| word.ends_with(end))
                && language.is_content(word)
                && !matches!(
                    word,
                    "happens" | "makes" | "causes" | "means" | "significas" | "comes" | "tienes" | "eres" | "follows"
                )
        })
}

/// Is what follows "what is the" a measure, perhaps after an adjective or two?
fn measures(tokens: &[Token], asked: &Found<Ask>, language: &Language) -> bool {
    let opening = tokens.get(asked.start..asked.end).unwrap_or_default();
    let is_what = opening.iter().all(|t| {
        matches!(
            t.folded.as_str(),
            "what" | "is" | "was" | "what's" | "the" | "which" | "cual" | "es" | "fue" | "era" | "que" | "'"
        )
    });
    is_what
        && tokens
            .iter()
            .skip(asked.end)
            .take(3)
            .take_while(|t| {
                t.is_word() && !matches!(t.folded.as_str(), "of" | "de" | "del" | "with" | "con" | "has" | "tiene")
            })
            .any(|t| language.measures.contains(&t.folded.as_str()))
}

/// "Which of these numbers are …?"
fn picks_several(tokens: &[Token]) -> bool {
    let of = tokens.windows(2).position(|w| matches!(w, [a, b] if a.is("which") && b.is("of")));
    of.is_some_and(|at| {
        tokens.iter().skip(at + 3).any(|t| matches!(t.folded.as_str(), "are" | "were" | "have" | "belong" | "do"))
    })
}

/// "12 × 4 + 1", "15% of 80", "two plus two".
fn is_arithmetic(tokens: &[Token], language: &Language) -> bool {
    let digits = tokens.iter().filter(|t| t.is_digits()).count();
    let operator = tokens.iter().any(|t| {
        matches!(
            t.folded.as_str(),
            "+" | "×"
                | "*"
                | "÷"
                | "/"
                | "^"
                | "√"
                | "%"
                | "="
                | "plus"
                | "minus"
                | "times"
                | "divided"
                | "mas"
                | "menos"
                | "por"
                | "entre"
                | "dividido"
                | "multiplicado"
                | "squared"
                | "cubed"
                | "cuadrado"
                | "cubo"
                | "factorial"
                | "!"
        )
    }) || tokens.windows(3).enumerate().any(|(at, w)| {
        // "3-4-5" is a name.
        let chained = |i: Option<usize>| i.and_then(|i| tokens.get(i)).is_some_and(|t| t.is("-"));
        matches!(w, [a, b, c] if a.is_digits() && (b.is("-") || b.is("x")) && c.is_digits())
            && !chained(at.checked_sub(1))
            && !chained(Some(at + 3))
    });
    let words =
        tokens.iter().filter(|t| language.numerals.addends.iter().any(|(name, v)| t.is(name) && *v > 1)).count();
    operator && digits + words >= 2
        || operator
            && digits == 1
            && tokens
                .iter()
                .any(|t| matches!(t.folded.as_str(), "√" | "squared" | "cubed" | "cuadrado" | "cubo" | "factorial"))
}

/// "the difference between TCP and UDP" is no number.
fn compares_ideas(tokens: &[Token], language: &Language) -> bool {
    let difference = tokens.iter().any(|t| t.is("difference") || t.is("diferencia"));
    difference && !has_numbers(tokens, language)
}

fn has_numbers(tokens: &[Token], language: &Language) -> bool {
    tokens.iter().any(|t| t.is_digits() || language.numerals.addends.iter().any(|(name, v)| t.is(name) && *v > 1))
}

/// "Name the capital" asks for one thing, "name the capitals" for several.
fn wants_several(tokens: &[Token], first: Option<&Found<Ask>>, language: &Language) -> bool {
    let Some(first) = first else { return false };
    let asked = tokens.get(first.start..first.end).unwrap_or_default();
    let plural_verb = asked.iter().any(|t| {
        matches!(
            t.folded.as_str(),
            "are"
                | "were"
                | "cuales"
                | "son"
                | "list"
                | "lista"
                | "enumerate"
                | "enumera"
                | "all"
                | "todos"
                | "quienes"
                | "los"
                | "las"
                | "dos"
                | "tres"
                | "cuatro"
                | "two"
                | "three"
                | "four"
                | "five"
        )
    });
    let plural_noun = tokens.iter().take(first.end + 4).skip(first.start).any(|t| {
        (t.is_word()
            && t.folded.len() > 3
            && t.folded.ends_with('s')
            && !t.folded.ends_with("ss")
            && !t.folded.ends_with("'s"))
            || (t.is_digits() && t.folded.len() <= 2)
            || language.numerals.addends.iter().any(|(n, v)| t.is(n) && *v > 1)
    });
    plural_verb || plural_noun
}

/// "How many minutes", "in kilometres", "what percentage".
fn asked_unit(sentence: &Sentence, language: &'static Language) -> Option<&'static Unit> {
    let tokens = &sentence.tokens;
    let symbol_at = |at: usize| -> Option<&'static Unit> {
        let longest = (1..=4).rev().find_map(|length| {
            let name: Vec<&str> = tokens.get(at..at + length)?.iter().map(|t| t.folded.as_str()).collect();
            let name = name.join(" ").replace(" - ", "-");
            language
                .units
                .iter()
                .find(|(unit, _)| *unit == name)
                .and_then(|(_, symbol)| super::units::by_symbol(symbol))
        });
        longest.or_else(|| {
            let token = tokens.get(at)?;
            let written = sentence.text.get(token.start..token.end)?;
            let longer: Vec<&str> = tokens.get(at..at + 3)?.iter().map(|t| t.folded.as_str()).collect();
            super::units::by_symbol(&longer.concat()).or_else(|| {
                super::units::by_symbol(written).filter(|_| {
                    written.len() > 1
                        || !token.is_word()
                        || matches!(written, "m" | "g" | "l" | "L" | "h" | "s" | "K" | "V" | "W" | "J" | "N")
                })
            })
        })
    };
    let percent = tokens.iter().any(|t| matches!(t.folded.as_str(), "percentage" | "porcentaje"))
        || (tokens.iter().any(|t| t.is("percent")) && tokens.iter().any(|t| t.is("what")));
    if percent && sentence.text.contains(['?', '¿'])
        || percent && tokens.len() < 30 && !tokens.iter().any(|t| t.is_digits())
    {
        return super::units::by_symbol("%");
    }
    for found in language.find_asks(tokens) {
        if found.what == Ask::Counted {
            return (found.end..found.end + 2).find_map(symbol_at);
        }
    }
    // "convert 5 miles to km", "in metres", "expressed in hours".
    tokens.iter().enumerate().rev().find_map(|(at, t)| {
        let introduces = matches!(t.folded.as_str(), "in" | "to" | "into" | "en" | "a");
        let number_before = at.checked_sub(1).and_then(|i| tokens.get(i)).is_some_and(Token::is_digits);
        if introduces && !number_before {
            symbol_at(at + 1).filter(|u| {
                !matches!(u.symbol, "d" | "century" | "year" | "month" | "week" | "decade")
                    || tokens.iter().any(|t| t.is("convert") || t.is("convierte"))
            })
        } else {
            None
        }
    })
}

/// A price asked in a question that knows one currency is in that currency.
fn implied_currency(
    units: &[Option<&'static Unit>],
    is_money: bool,
    all: &[Token],
    language: &Language,
) -> Option<&'static Unit> {
    let mut currencies: Vec<&'static Unit> = units.iter().flatten().copied().filter(|u| u.is_currency()).collect();
    currencies.dedup_by_key(|unit| unit.base);
    let counted_money =
        language.find_asks(all).iter().any(|f| f.what == Ask::Counted && f.end - f.start == 2) || is_money;
    match currencies.as_slice() {
        [one] if counted_money => super::units::by_symbol(one.base),
        _ => None,
    }
}

/// "Name three", "los cinco primeros".
fn count(sentence: &Sentence, language: &Language, decimal: char) -> Option<usize> {
    number::read(&sentence.text, &sentence.tokens, language, decimal)
        .into_iter()
        .filter(|r| r.unit.is_none() && !r.weak)
        .find_map(|r| usize::try_from(r.value.to_integer()?).ok().filter(|n| (2..=30).contains(n)))
}

/// "Is 7 odd or even?"
fn alternatives(sentence: &Sentence, language: &Language) -> Option<Vec<String>> {
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

/// The label at the beginning of a line and what follows it.
fn line_label(line: &str) -> Option<(Option<String>, &str)> {
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

/// The options of a question: one to a line, or labelled inside a sentence.
fn options(text: &str) -> Vec<Choice> {
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

/// "a) red b) blue", "(1) x (2) y": labels that follow one another.
fn inline_options(text: &str) -> Vec<(String, String)> {
    let tokens = tokens(text);
    for (labels, closers) in
        [("abcdefghijklmnop", [")", "]"]), ("123456789", [")", "]"]), ("abcdefghijklmnop", [".", ":"])]
    {
        let mut found: Vec<(String, usize, usize)> = Vec::new();
        let mut expected = labels.chars();
        let mut next = expected.next();
        for (at, token) in tokens.iter().enumerate() {
            let Some(label) = next else { break };
            let closed =
                tokens.get(at + 1).is_some_and(|t| closers.contains(&t.folded.as_str()) && t.start == token.end);
            let before = at.checked_sub(1).and_then(|i| tokens.get(i));
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
