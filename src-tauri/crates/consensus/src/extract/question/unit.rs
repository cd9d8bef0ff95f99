//! The unit that a bare number in the answer means.

use super::super::language::{Ask, Language};
use super::super::prose::Sentence;
use super::super::token::Token;
use super::super::units::{Unit, by_symbol};

/// "How many minutes", "in kilometres", "what percentage".
pub(super) fn asked_unit(sentence: &Sentence, language: &'static Language) -> Option<&'static Unit> {
    let tokens = &sentence.tokens;
    let symbol_at = |at: usize| -> Option<&'static Unit> {
        let longest = (1..=4).rev().find_map(|length| {
            let name: Vec<&str> = tokens.get(at..at + length)?.iter().map(|t| t.folded.as_str()).collect();
            let name = name.join(" ").replace(" - ", "-");
            language.units.iter().find(|(unit, _)| *unit == name).and_then(|(_, symbol)| by_symbol(symbol))
        });
        longest.or_else(|| {
            let token = tokens.get(at)?;
            let written = sentence.text.get(token.start..token.end)?;
            // "en mi restaurante"
            if matches!(written, "mi" | "in" | "a" | "as") {
                return None;
            }
            let longer: Vec<&str> = tokens.get(at..at + 3)?.iter().map(|t| t.folded.as_str()).collect();
            by_symbol(&longer.concat()).or_else(|| {
                by_symbol(written).filter(|_| {
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
        return by_symbol("%");
    }
    // "What is the third angle?"
    let asks = sentence.text.contains(['?', '¿']);
    if asks
        && tokens.iter().any(|t| matches!(t.folded.as_str(), "angle" | "angulo"))
        && !tokens.iter().any(|t| t.is("radians") || t.is("radianes"))
    {
        return by_symbol("deg");
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
pub(super) fn implied_currency(
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
        [one] if counted_money => by_symbol(one.base),
        _ => None,
    }
}

/// The base unit of what "what speed", "how far", "cuánto pesa" ask for.
pub(super) fn dimension(sentence: &Sentence, language: &Language) -> Option<&'static str> {
    let tokens = &sentence.tokens;
    let asks = |t: &Token| {
        matches!(
            t.folded.as_str(),
            "what" | "what's" | "which" | "how" | "cual" | "que" | "cuanto" | "cuanta" | "cuantos"
        )
    };
    let wh = tokens.iter().rposition(asks)?;
    let near = tokens.iter().skip(wh + 1).take(4).take_while(|t| t.is_word());
    near.into_iter().find_map(|t| {
        language.dimensions.iter().find(|(names, _)| names.contains(&t.folded.as_str())).map(|(_, base)| *base)
    })
}
