//! Which kind of answer a sentence asks for: told by its interrogative or its command, and by the noun that this is about.

use super::super::language::{Ask, Found, Language};
use super::super::prose::Sentence;
use super::super::token::Token;
use super::{Asked, Precision};

pub(super) fn classify(sentence: &Sentence, language: &Language, has_fence: bool) -> Option<Asked> {
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
