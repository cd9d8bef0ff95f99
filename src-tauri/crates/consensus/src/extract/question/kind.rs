//! Which kind of answer a sentence asks for: told by its interrogative or its command, and by the noun that this is about.

use super::super::exact::Exact;
use super::super::language::{Ask, Found, Language};
use super::super::number;
use super::super::prose::Sentence;
use super::super::token::Token;
use super::{Asked, Precision};

/// What the rest of the question holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context {
    pub(super) has_program: bool,
    pub(super) has_clock: bool,
    /// Written without accents or opening marks: "que" may ask.
    pub(super) is_bare: bool,
    /// Nothing else asks: a statement that holds a question, "my son asked how many …".
    pub(super) embedded: bool,
}

/// Does the sentence ask? By its mark, or by the word it begins with where marks are left out.
pub(super) fn is_asking(sentence: &Sentence, language: &Language, is_bare: bool) -> bool {
    const OPENINGS: [&str; 24] = [
        "what", "which", "who", "whose", "when", "where", "how", "why", "what's", "que", "cual", "cuales", "cuanto",
        "cuanta", "cuantos", "cuantas", "quien", "quienes", "cuando", "donde", "como", "whats", "hows", "whos",
    ];
    if sentence.text.contains(['?', '¿']) {
        return true;
    }
    let Some(first) = sentence.tokens.iter().find(|t| t.is_word()) else { return false };
    let word = first.folded.as_str();
    let auxiliary = language.tag == "en"
        && language.asks.iter().any(|(ask, names)| *ask == Ask::Auxiliary && names.contains(&word));
    let accented = language.tag != "es" || sentence.text.get(first.start..first.end).is_some_and(|w| !w.is_ascii());
    const VERBS: [&str; 18] = [
        "es", "son", "se", "puede", "puedo", "hay", "tiene", "existe", "esta", "estan", "debo", "tienen", "pueden",
        "era", "fue", "sirve", "funciona", "existen",
    ];
    let verb = language.tag == "es" && is_bare && VERBS.contains(&word);
    verb || auxiliary || OPENINGS.contains(&word) && (accented || sentence.text.is_ascii())
}

/// "from cheapest to priciest", "del más lento al más rápido".
pub(super) fn names_an_order(tokens: &[Token], language: &Language) -> bool {
    let rank = |at: usize| {
        let at = at + usize::from(tokens.get(at).is_some_and(|t| language.articles.contains(&t.folded.as_str())));
        tokens.get(at).is_some_and(|t| {
            t.folded.len() > 4 && t.folded.ends_with("est")
                || matches!(
                    t.folded.as_str(),
                    "most" | "least" | "best" | "worst" | "mas" | "menos" | "mayor" | "menor" | "mejor" | "peor"
                )
        })
    };
    let ends = |from: usize| {
        (from + 2..from + 7).any(|at| tokens.get(at).is_some_and(|t| matches!(t.folded.as_str(), "to" | "a" | "al")))
    };
    let superlative = |at: usize| tokens.get(at).is_some_and(|t| t.folded.len() > 4 && t.folded.ends_with("est"));
    (0..tokens.len()).any(|at| {
        tokens.get(at).is_some_and(|t| matches!(t.folded.as_str(), "from" | "de" | "del")) && rank(at + 1) && ends(at)
            // "smallest to largest"
            || superlative(at) && tokens.get(at + 1).is_some_and(|t| t.is("to")) && superlative(at + 2)
    })
}

pub(super) fn classify(sentence: &Sentence, language: &Language, context: Context) -> Option<Asked> {
    // The question proper begins at its mark.
    let begin = sentence.tokens.iter().rposition(|t| t.is("¿")).map_or(0, |at| at + 1);
    let tokens = sentence.tokens.get(begin..)?;
    let asks = language.find_asks(tokens);
    let has = |ask: Ask| asks.iter().any(|f| f.what == ask);
    let interrogative = context.embedded || is_asking(sentence, language, context.is_bare);
    if has(Ask::Form) && !interrogative {
        return None;
    }
    if converts_clock(tokens, context) {
        return Some(Asked::Time);
    }
    // "the solutions of x² − x − 12 = 0"
    if asks_for_roots(sentence, tokens) && !has(Ask::Counted) {
        return Some(Asked::List);
    }
    // "At what date and time", "qué día y hora"
    let day_and_hour = tokens.windows(3).any(|w| {
        matches!(w, [day, and, hour] if matches!(day.folded.as_str(), "date" | "day" | "fecha" | "dia")
            && language.and.contains(&and.folded.as_str())
            && matches!(hour.folded.as_str(), "time" | "hour" | "hora"))
    });
    if interrogative && day_and_hour {
        return Some(Asked::Date(Precision::Moment));
    }
    // "Does `[] == []` evaluate to true?" asks whether it does.
    let opens_with_auxiliary = tokens.first().is_some_and(|t| {
        language.tag == "en"
            && language.asks.iter().any(|(ask, names)| *ask == Ask::Auxiliary && names.contains(&t.folded.as_str()))
    });
    if interrogative && opens_with_auxiliary && has(Ask::CodeResult) && !tokens.iter().any(|t| t.is("what")) {
        return Some(Asked::YesNo);
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
                | "logged"
                | "give"
                | "gives"
                | "da"
                | "dara"
                | "logs"
                | "log"
                | "shown"
                | "muestran"
                | "imprimen"
                | "evaluates"
                | "yield"
                | "yields"
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
    // "What does print('ab' * 3) output?"
    let calls = tokens.windows(2).any(|w| matches!(w, [name, open] if name.is_word() && name.folded.len() > 2 && open.is("(") && name.end == open.start));
    if interrogative && (context.has_program || calls || !sentence.coded.is_empty()) && tokens.iter().any(shows) {
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
            && !context.is_bare
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
                // "¿Se escribe con hache?" commands nothing.
                Ask::Command => {
                    f.start <= polite_end + 2 && (!interrogative || polite_end > 0 || (begin == 0 && f.start == 0))
                }
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
        Some(Ask::Fact) if asks_for_a_definition(tokens, language) => Asked::Open,
        // "Write 17:20 in 12-hour format", "what is 17:20 on a 12-hour clock?"
        Some(Ask::Fact | Ask::Number | Ask::Command)
            if asks.iter().any(|f| f.what == Ask::Time)
                && super::super::moment::has_clock(&sentence.text, language)
                || converts_clock(tokens, context) =>
        {
            Asked::Time
        }
        Some(Ask::Fact) if has(Ask::Day) => Asked::Date(Precision::Day),
        Some(Ask::Person) if asks_for_a_life(sentence, tokens) => Asked::Open,
        Some(Ask::Fact | Ask::List | Ask::Person | Ask::Place) if has(Ask::Open) => Asked::Open,
        Some(Ask::Year | Ask::Month) if has(Ask::Month) && both_asked(tokens, language) => {
            Asked::Date(Precision::YearAndMonth)
        }
        Some(Ask::Year) => Asked::Date(Precision::Year),
        Some(Ask::Month) => Asked::Date(Precision::Month),
        Some(Ask::Weekday) => Asked::Date(Precision::Weekday),
        Some(Ask::Century) => Asked::Date(Precision::Century),
        // "On which date and at what time"
        Some(Ask::Time) if has(Ask::Day) && joins_day_and_hour(tokens, &asks, language) => {
            Asked::Date(Precision::Moment)
        }
        Some(Ask::Day) if has(Ask::Time) && !has(Ask::Weekday) => Asked::Date(Precision::Moment),
        Some(Ask::Day) => Asked::Date(if has(Ask::Weekday) { Precision::Weekday } else { Precision::Day }),
        Some(Ask::When) => {
            if has(Ask::Time) || super::super::moment::has_clock(&sentence.text, language) {
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
        // "Solve x² = 49" has as many solutions as its degree.
        Some(Ask::Number) if is_even_equation(tokens) => Asked::List,
        Some(Ask::Number) if spells(tokens) => Asked::Fact,
        Some(Ask::Number) if compares_ideas(tokens, language) => Asked::Open,
        Some(Ask::Number) => Asked::Number,
        Some(Ask::Fact) if !has(Ask::Open) && noun_asked(sentence, language).is_some_and(|n| n != Ask::Person) => {
            noun_asked(sentence, language).and_then(of_noun).unwrap_or(Asked::Fact)
        }
        Some(Ask::Command) => commanded(tokens, first.map_or(0, |f| f.end), context, language)?,
        // "If log₂ x = 9, what's x?"
        Some(Ask::Fact)
            if first.is_some_and(|f| {
                tokens.get(f.end).is_some_and(|t| t.folded.len() == 1 && t.is_word() && !t.is("a"))
                    && tokens.get(f.end + 1).is_none_or(|t| !t.is_word())
            }) =>
        {
            Asked::Number
        }
        // "What does the ball cost?"
        Some(Ask::Fact)
            if has(Ask::Money)
                && tokens.iter().any(|t| t.is("does") || t.is("did"))
                && tokens.last().is_some_and(|_| {
                    tokens.iter().rev().find(|t| t.is_word()).is_some_and(|t| {
                        matches!(t.folded.as_str(), "cost" | "pay" | "earn" | "owe" | "spend" | "save" | "weigh")
                    })
                }) =>
        {
            Asked::Number
        }
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
        Some(Ask::Fact)
            if first.is_some_and(|f| asks_in_plural(tokens, f, language) || names_in_plural(tokens, f, language)) =>
        {
            Asked::List
        }
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
        // "What ingredients go in …?"
        None if interrogative && what_in_plural(tokens, language) => Asked::List,
        // "greatest common divisor of 84 and 126?", "the word for fear of heights"
        None if interrogative
            && begin == 0
            && noun_from(tokens, skip_articles(tokens, language), language).is_some() =>
        {
            noun_from(tokens, skip_articles(tokens, language), language).and_then(of_noun).unwrap_or(Asked::Fact)
        }
        None if has(Ask::SeveralOptions) || picks_several(tokens) => Asked::List,
        None if has(Ask::OneOption) => Asked::Fact,
        // "Dime los colores de la bandera."
        None if !interrogative && polite_end > 0 && polite_end < tokens.len() => {
            commanded(tokens, polite_end, context, language)?
        }
        // In Spanish a question without an interrogative asks for yes or no.
        // "¿Puedes recomendarme …?" asks for more than yes.
        None if interrogative && polite_end > 0 && begin + polite_end > 0 => {
            let for_me =
                |t: &Token| matches!(t.folded.as_str(), "me" | "us" | "my" | "mi") || t.folded.ends_with("rme");
            let asks_whether = tokens.first().is_some_and(|t| matches!(t.folded.as_str(), "can" | "could" | "puedes"));
            if asks_whether && polite_end <= 2 && !tokens.iter().any(for_me) { Asked::YesNo } else { Asked::Open }
        }
        None if begin > 0 && or => Asked::Fact,
        None if begin > 0 || language.tag == "es" && context.is_bare && interrogative && !context.embedded => {
            Asked::YesNo
        }
        None => return None,
    };
    Some(asked)
}

/// "What is photosynthesis?" wants it explained; "what is the …", "what is … of …" wants a name.
fn asks_for_a_definition(tokens: &[Token], language: &Language) -> bool {
    let [what, rest @ ..] = tokens else { return false };
    let opens = what.is("what") && rest.first().is_some_and(|t| t.is("is") || t.is("are")) || what.is("what's");
    let named: Vec<&Token> =
        rest.iter().skip(usize::from(what.is("what"))).filter(|t| t.is_word() || t.is_digits()).collect();
    let named = match named.split_first() {
        Some((first, rest)) if first.is("a") || first.is("an") => rest,
        _ => named.as_slice(),
    };
    opens
        && (1..=3).contains(&named.len())
        && named.iter().all(|t| t.is_word() && language.is_content(&t.folded) && !t.folded.ends_with("'s"))
        && !has_numbers(tokens, language)
        && !named.iter().any(|t| language.measures.contains(&t.folded.as_str()))
}

fn skip_articles(tokens: &[Token], language: &Language) -> usize {
    tokens.iter().take_while(|t| language.articles.contains(&t.folded.as_str())).count()
}

/// What a noun asks for where a question is about it.
fn of_noun(noun: Ask) -> Option<Asked> {
    Some(match noun {
        Ask::Year => Asked::Date(Precision::Year),
        Ask::Month => Asked::Date(Precision::Month),
        Ask::Weekday => Asked::Date(Precision::Weekday),
        Ask::Day => Asked::Date(Precision::Day),
        Ask::Century => Asked::Date(Precision::Century),
        Ask::Time => Asked::Time,
        Ask::Number => Asked::Number,
        Ask::CodeToWrite => Asked::CodeToWrite,
        Ask::Person | Ask::Place => Asked::Fact,
        Ask::YesNo
        | Ask::Auxiliary
        | Ask::When
        | Ask::List
        | Ask::Ordered
        | Ask::Fact
        | Ask::CodeResult
        | Ask::Open
        | Ask::Form
        | Ask::SeveralOptions
        | Ask::OneOption
        | Ask::Money
        | Ask::Counted
        | Ask::Command
        | Ask::Polite => return None,
    })
}

/// The noun that "what is the …", "which …", "cuál es el …" are about: "the last *month* of the year".
pub(super) fn noun_asked(sentence: &Sentence, language: &Language) -> Option<Ask> {
    let begin = sentence.tokens.iter().rposition(|t| t.is("¿")).map_or(0, |at| at + 1);
    let tokens = sentence.tokens.get(begin..)?;
    let asks = |t: &Token| {
        matches!(t.folded.as_str(), "what" | "what's" | "which" | "cual" | "que") && !only_joins(sentence, t)
            || matches!(t.folded.as_str(), "what" | "which")
    };
    let wh = tokens.iter().position(asks)?;
    let opening = |t: &Token| {
        language.copulas.contains(&t.folded.as_str())
            || language.articles.contains(&t.folded.as_str())
            || t.is("'s")
            || matches!(t.folded.as_str(), "will" | "would" | "should" | "sera" | "seria" | "seran" | "be")
    };
    let start = tokens.iter().enumerate().skip(wh + 1).find(|(_, t)| !opening(t)).map(|(at, _)| at)?;
    noun_from(tokens, start, language)
}

/// The measure that a question is about, as it names it.
pub(super) fn focus(sentence: &Sentence, language: &Language) -> Option<String> {
    let asks = |t: &Token| matches!(t.folded.as_str(), "what" | "what's" | "cual" | "que" | "how");
    let wh = sentence.tokens.iter().position(asks)?;
    let near = sentence.tokens.iter().skip(wh + 1).take(6);
    near.take_while(|t| t.is_word())
        .find(|t| language.measures.contains(&t.folded.as_str()) && !t.is("total") && !t.is("number"))
        .map(|t| t.folded.clone())
}

/// The class of the noun phrase that begins at a token: of its last known noun in English, of its first in Spanish.
fn noun_from(tokens: &[Token], start: usize, language: &Language) -> Option<Ask> {
    /// A noun phrase is not longer.
    const LONGEST: usize = 5;
    let phrase: Vec<&Token> = tokens
        .iter()
        .skip(start)
        .take(LONGEST)
        .take_while(|t| {
            t.is_word() && (language.is_content(&t.folded) || language.articles.contains(&t.folded.as_str()))
        })
        .collect();
    let measure = |t: &Token| language.measures.contains(&t.folded.as_str()).then_some(Ask::Number);
    let class = |t: &&Token| {
        language
            .nouns
            .iter()
            .find(|(_, nouns)| nouns.contains(&t.folded.as_str()))
            .map(|(a, _)| *a)
            .or_else(|| measure(t))
    };
    let known = |at: usize| Some((at, class(phrase.get(at)?)?));
    let (at, ask) = if language.head_first {
        // "el último mes del año": an adjective may stand before the noun, as a rule it follows.
        let adjectives = phrase.iter().take_while(|t| language.before_nouns.contains(&t.folded.as_str())).count();
        known(adjectives)?
    } else {
        (0..phrase.len()).rev().find_map(known)?
    };
    // "the total time", "the average travel time" are durations.
    let lasts = ask == Ask::Time && phrase.iter().take(at).any(|t| language.durations.contains(&t.folded.as_str()));
    Some(if lasts { Ask::Number } else { ask })
}

/// "Express 0.00056 in scientific notation", "¿cuánto es 3/8 en forma decimal?": the number before the notation.
pub(super) fn renoted(sentence: &Sentence, language: &Language, decimal: char) -> Option<Exact> {
    let notation = sentence.tokens.iter().rposition(|t| language.notations.contains(&t.folded.as_str()))?;
    let before = sentence.tokens.get(..notation)?;
    let mut numbers = number::read(&sentence.text, before, language, decimal).into_iter().filter(|r| !r.weak);
    let one = numbers.next().filter(|_| numbers.next().is_none())?;
    let operated =
        before.iter().skip(one.end).any(|t| matches!(t.folded.as_str(), "^" | "×" | "+" | "*" | "of" | "de"));
    let turned = before
        .get(one.end)
        .is_none_or(|t| matches!(t.folded.as_str(), "in" | "as" | "to" | "into" | "en" | "a" | "como" | "written"));
    (!operated && turned).then_some(one.value)
}

/// What a command asks for: "find the …", "express … as …", "dime los …".
fn commanded(tokens: &[Token], from: usize, context: Context, language: &Language) -> Option<Asked> {
    let asks = language.find_asks(tokens);
    let has = |ask: Ask| asks.iter().any(|f| f.what == ask);
    if converts_clock(tokens, context) {
        return Some(Asked::Time);
    }
    let notation = tokens.iter().any(|t| language.notations.contains(&t.folded.as_str()));
    if notation && has_numbers(tokens, language) {
        return Some(if spells(tokens) { Asked::Fact } else { Asked::Number });
    }
    if has(Ask::Open) {
        return Some(Asked::Open);
    }
    let start = tokens
        .iter()
        .enumerate()
        .skip(from)
        .find(|(_, t)| !(language.articles.contains(&t.folded.as_str()) || t.is("me") || t.is("us")))
        .map(|(at, _)| at)?;
    let plural = tokens.get(start).is_some_and(|t| {
        t.folded.len() > 3 && t.folded.ends_with('s') && !t.folded.ends_with("ss") && !t.folded.ends_with("'s")
    }) || tokens
        .iter()
        .skip(from)
        .take(2)
        .any(|t| matches!(t.folded.as_str(), "los" | "las" | "all" | "todos" | "todas"))
        || language.numerals.addends.iter().any(|(n, v)| *v > 1 && tokens.get(start).is_some_and(|t| t.is(n)));
    if has(Ask::Ordered) || plural {
        return Some(Asked::List);
    }
    // "Find f(6)."
    let function = tokens.get(start).is_some_and(|t| t.is_word() && t.folded.len() == 1)
        && tokens.get(start + 1).is_some_and(|t| t.is("(") || t.is("."));
    if function {
        return Some(Asked::Number);
    }
    let by_noun = noun_from(tokens, start, language).and_then(of_noun);
    let counts = is_arithmetic(tokens, language);
    Some(by_noun.unwrap_or(if counts { Asked::Number } else { Asked::Fact }))
}

/// "Write 17:20 in 12-hour format", "las ocho y cuarto de la tarde en formato de 24 horas".
pub(super) fn converts_clock(tokens: &[Token], context: Context) -> bool {
    let hours = tokens.windows(3).any(|w| {
        matches!(w, [n, dash, hour] if (n.is("12") || n.is("24")) && (dash.is("-") && hour.is("hour") || dash.is("horas") || dash.is("hour")))
    });
    let named = tokens.iter().any(|t| matches!(t.folded.as_str(), "clock" | "military"));
    (hours || named) && context.has_clock
}

/// "Solve x² = 49", "the roots of x² − 5x + 6".
pub(super) fn is_equation(sentence: &Sentence) -> bool {
    let unknown =
        sentence.tokens.iter().any(|t| {
            t.is_word() && t.folded.len() == 1 && !matches!(t.folded.as_str(), "a" | "e" | "i" | "o" | "u" | "y")
        }) || sentence.tokens.iter().any(|t| t.is("y") && sentence.tokens.iter().any(|t| t.is("=")));
    let solves = sentence.tokens.iter().any(|t| {
        t.is("=")
            || ["root", "raic", "solution", "solucion", "zeros", "ceros"].iter().any(|stem| t.folded.starts_with(stem))
    });
    unknown && solves && sentence.tokens.iter().any(Token::is_digits)
}

/// "the solutions", "las raíces" of an equation.
fn asks_for_roots(sentence: &Sentence, tokens: &[Token]) -> bool {
    is_equation(sentence)
        && tokens
            .iter()
            .any(|t| matches!(t.folded.as_str(), "solutions" | "roots" | "soluciones" | "raices" | "zeros" | "ceros"))
}

/// An equation with a square: as a rule two numbers solve it.
fn is_even_equation(tokens: &[Token]) -> bool {
    let equation = tokens.iter().any(|t| t.is("="));
    let solves = tokens.iter().any(|t| t.folded.starts_with("solve") || t.folded.starts_with("resuelv"));
    let square =
        tokens.windows(2).any(|w| matches!(w, [caret, power] if caret.is("^") && (power.is("2") || power.is("4"))));
    equation && solves && square
}

/// "in Roman numerals", "to hexadecimal": the result is written in letters.
fn spells(tokens: &[Token]) -> bool {
    tokens.iter().any(|t| matches!(t.folded.as_str(), "roman" | "romanos" | "hexadecimal" | "hex" | "words" | "letras"))
}

/// "At what time and on what date": both, joined.
fn joins_day_and_hour(tokens: &[Token], asks: &[Found<Ask>], language: &Language) -> bool {
    let place = |ask: Ask| asks.iter().find(|f| f.what == ask);
    let (Some(day), Some(time)) = (place(Ask::Day), place(Ask::Time)) else { return false };
    let between = tokens.get(day.end.min(time.end)..day.start.max(time.start)).unwrap_or_default();
    between.len() <= 3 && between.iter().any(|t| language.and.contains(&t.folded.as_str()))
}

/// "In which month and year": both, joined.
fn both_asked(tokens: &[Token], language: &Language) -> bool {
    let month = |t: &Token| t.is("month") || t.is("mes");
    let year = |t: &Token| t.is("year") || t.is("ano");
    tokens.windows(3).any(|w| {
        matches!(w, [a, and, b] if language.and.contains(&and.folded.as_str()) && (month(a) && year(b) || year(a) && month(b)))
    }) || tokens.windows(4).any(|w| {
        matches!(w, [a, and, wh, b] if language.and.contains(&and.folded.as_str()) && (wh.is("que") || wh.is("what") || wh.is("which"))
            && (month(a) && year(b) || year(a) && month(b)))
    })
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
    // "De qué ingredientes"
    let start = asked.start + usize::from(asked.end > asked.start + 1 && opens(asked.start + 1));
    let noun = tokens.get(start + 1);
    opens(start)
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

/// "What ingredients go into it?", without any phrase of the table.
fn what_in_plural(tokens: &[Token], language: &Language) -> bool {
    let what = tokens.iter().position(|t| t.is("what"));
    let asked = what.map(|start| Found { what: Ask::Fact, start, end: start + 1 });
    asked.is_some_and(|f| asks_in_plural(tokens, &f, language) || names_in_plural(tokens, &f, language))
}

/// "Which noble gases are …", "which primary colors mix …": the noun after an adjective is plural. "Which planet orbits
/// the …" has a verb there.
fn names_in_plural(tokens: &[Token], asked: &Found<Ask>, language: &Language) -> bool {
    let opens = tokens.get(asked.start).is_some_and(|t| matches!(t.folded.as_str(), "what" | "which"));
    let (Some(first), Some(noun)) = (tokens.get(asked.start + 1), tokens.get(asked.start + 2)) else { return false };
    let is_plural = |t: &Token| {
        t.is_word()
            && t.folded.len() > 3
            && t.folded.ends_with('s')
            && !["ss", "us", "is", "'s"].iter().any(|e| t.folded.ends_with(e))
    };
    let is_noun = language.nouns.iter().any(|(_, nouns)| nouns.contains(&first.folded.as_str()))
        || language.measures.contains(&first.folded.as_str());
    // A verb of several: none that ends in "s", and not what one organ "filters" or produces.
    let next_is_verb = tokens.get(asked.start + 3).is_some_and(|t| {
        matches!(
            t.folded.as_str(),
            "are"
                | "were"
                | "have"
                | "do"
                | "did"
                | "can"
                | "will"
                | "would"
                | "should"
                | "had"
                | "make"
                | "mix"
                | "contain"
                | "belong"
                | "produce"
                | "form"
                | "border"
                | "share"
                | "use"
                | "lie"
                | "exist"
                | "include"
                | "come"
                | "go"
                | "combine"
                | "start"
                | "begin"
                | "end"
        )
    });
    opens && language.is_content(&first.folded) && !is_noun && !is_plural(first) && is_plural(noun) && next_is_verb
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
    // "three quarters of 1,600", "la mitad de 90"
    let share = tokens.windows(2).enumerate().any(|(at, w)| {
        let fraction = |t: &Token| language.numerals.fractions.iter().any(|(name, _, _)| t.is(name)) || t.is("mitad");
        matches!(w, [part, of] if fraction(part) && (of.is("of") || of.is("de")))
            && tokens.iter().skip(at + 2).take(2).any(Token::is_digits)
    });
    share
        || operator && digits + words >= 2
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
