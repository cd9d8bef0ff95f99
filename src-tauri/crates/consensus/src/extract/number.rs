//! Numbers: in digits with either decimal mark, in words, as fractions, percent or scientific notation, with their units.
//! Whether `1.234` is a thousand or one and a bit is told by the other numbers of the same text, then by the language.

use super::canonical::{Quantity, Value};
use super::discourse::{Candidate, Discourse, Mention, bound};
use super::exact::Exact;
use super::language::Language;
use super::prose::{Block, Sentence};
use super::question::Question;
use super::token::Token;
use super::units::{Unit, by_symbol};

/// The longest number, in tokens: marks and groups of digits.
const LONGEST_NUMBER: usize = 32;
/// What a line "Total: 5" that repeats the question before its colon adds.
const LABELLED: i32 = 14;
/// What standing before the noun that the question counts adds.
const COUNTED: i32 = 22;
/// What a number loses that was set aside elsewhere in the answer.
const SET_ASIDE: i32 = 10;
/// What a number of the last sentence gains where something is calculated.
const RESULT: i32 = 10;
/// What a result loses that a later step calculates with.
const OPERAND: i32 = 12;
/// What the first of the sentences with numbers adds where nothing is calculated.
const TOLD_FIRST: i32 = 6;
/// The longest name of a unit, in tokens.
const LONGEST_UNIT: usize = 5;

/// A number as found among tokens.
#[derive(Debug, Clone)]
pub(crate) struct Read {
    pub(crate) value: Exact,
    pub(crate) unit: Option<&'static Unit>,
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Written in words.
    pub(crate) in_words: bool,
    /// "a", "un": an article as likely as a number.
    pub(crate) weak: bool,
}

/// A text's decimal mark, as far as its own numbers tell.
pub(crate) fn decimal_mark(texts: &[&str], language: &Language) -> char {
    let (mut points, mut commas) = (0_usize, 0_usize);
    for text in texts {
        let mut rest = *text;
        while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
            let tail = rest.get(at..).unwrap_or_default();
            let length = tail.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',').unwrap_or(tail.len());
            let shape = tail.get(..length).unwrap_or_default().trim_end_matches(['.', ',']);
            match proven_mark(shape) {
                Some('.') => points += 1,
                Some(_) => commas += 1,
                None => (),
            }
            rest = tail.get(length..).unwrap_or_default();
        }
    }
    match points.cmp(&commas) {
        std::cmp::Ordering::Greater => '.',
        std::cmp::Ordering::Less => ',',
        std::cmp::Ordering::Equal => language.decimal,
    }
}

/// The decimal mark that a number can only have.
fn proven_mark(shape: &str) -> Option<char> {
    let point = shape.rfind('.');
    let comma = shape.rfind(',');
    let other = |mark| if mark == '.' { ',' } else { '.' };
    let (mark, last) = match (point, comma) {
        (Some(p), Some(c)) if p > c => return (shape.matches('.').count() == 1).then_some('.'),
        (Some(_), Some(_)) => return (shape.matches(',').count() == 1).then_some(','),
        (Some(p), None) => ('.', p),
        (None, Some(c)) => (',', c),
        (None, None) => return None,
    };
    let groups: Vec<&str> = shape.split(mark).collect();
    let grouped =
        groups.iter().skip(1).all(|g| g.len() == 3) && groups.first().is_some_and(|g| (1..=3).contains(&g.len()));
    if groups.len() > 2 {
        return grouped.then_some(other(mark));
    }
    let leading_zero = shape.starts_with('0');
    (shape.len() - last - 1 != 3 || leading_zero || !grouped).then_some(mark)
}

/// Digits with marks between them, read with a decimal mark.
fn digits(shape: &str, decimal: char) -> Option<Exact> {
    let decimal = proven_mark(shape).unwrap_or(decimal);
    let (whole, fraction) = match shape.rfind(decimal) {
        Some(at) => (shape.get(..at)?, shape.get(at + 1..)?),
        None => (shape, ""),
    };
    let groups: Vec<&str> = whole.split(|c: char| !c.is_ascii_digit()).collect();
    let grouped = groups.iter().skip(1).all(|g| g.len() == 3);
    if !fraction.bytes().all(|b| b.is_ascii_digit()) || !grouped {
        return None;
    }
    Exact::decimal(&groups.concat(), fraction)
}

/// All numbers of a sentence.
pub(crate) fn read(text: &str, tokens: &[Token], language: &Language, decimal: char) -> Vec<Read> {
    let mut found: Vec<Read> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let reader = Reader { text, tokens, language, decimal };
        match reader.number(at).map(|read| reader.with_unit(read)) {
            Some(read) => {
                at = read.end.max(at + 1);
                match found.last_mut() {
                    Some(last) if reader.goes_on(last, &read) => {
                        reader.join(last, &read);
                    }
                    _ => found.push(read),
                }
            }
            None => at += 1,
        }
    }
    found
}

struct Reader<'a> {
    text: &'a str,
    tokens: &'a [Token],
    language: &'a Language,
    decimal: char,
}

impl Reader<'_> {
    fn token(&self, at: usize) -> Option<&Token> {
        self.tokens.get(at)
    }

    fn adjacent(&self, at: usize) -> bool {
        match (self.token(at), self.token(at + 1)) {
            (Some(left), Some(right)) => left.end == right.start,
            _ => false,
        }
    }

    fn number(&self, at: usize) -> Option<Read> {
        // A number glued to a word before it is part of a name: "CO2", "COVID-19".
        let glued = at > 0 && self.adjacent(at - 1) && self.token(at - 1).is_some_and(Token::is_word);
        let named = at > 1
            && self.adjacent(at - 1)
            && self.adjacent(at - 2)
            && self.token(at - 1).is_some_and(|t| t.is("-"))
            && self.token(at - 2).is_some_and(Token::is_word);
        let token = self.token(at)?;
        let read = if token.is_digits() && !glued && !named { self.in_digits(at) } else { None };
        read.or_else(|| if token.is_word() { self.in_words(at) } else { None }).and_then(|read| self.signed(read))
    }

    fn signed(&self, mut read: Read) -> Option<Read> {
        let Some(before) = read.start.checked_sub(1) else { return Some(read) };
        let Some(sign) = self.token(before) else { return Some(read) };
        let follows_operand = before.checked_sub(1).and_then(|i| self.token(i)).is_some_and(|t| {
            t.is_digits()
                || t.is(")")
                || (t.is_word() && (t.end == sign.start || self.language.numerals.addends.iter().any(|(n, _)| t.is(n))))
        });
        let is_minus = sign.is("-") && self.adjacent(before) || self.language.numerals.minus.iter().any(|m| sign.is(m));
        if is_minus && !follows_operand {
            read.value = read.value.negated()?;
            read.start = before;
        }
        Some(read)
    }

    /// A run of digits with its grouping and decimal marks.
    fn shape(&self, at: usize) -> Option<(String, usize)> {
        let mut shape = self.token(at)?.folded.clone();
        let mut end = at + 1;
        let mut spaces_allowed = shape.len() <= 3;
        while end - at < LONGEST_NUMBER {
            let (Some(last), Some(next)) = (self.token(end - 1), self.token(end)) else { break };
            let gap = self.text.get(last.end..next.start).unwrap_or_default();
            if next.is_digits()
                && next.folded.len() == 3
                && spaces_allowed
                && !gap.is_empty()
                && gap.chars().count() == 1
            {
                shape.push(' ');
                shape.push_str(&next.folded);
                end += 1;
                continue;
            }
            let is_mark = matches!(next.folded.as_str(), "." | "," | "'" | "_");
            let digits_follow = self.token(end + 1).is_some_and(|t| t.is_digits() && t.start == next.end);
            if !(is_mark && next.start == last.end && digits_follow) {
                break;
            }
            let group = self.token(end + 1).map(|t| t.folded.clone()).unwrap_or_default();
            if matches!(next.folded.as_str(), "'" | "_") && group.len() != 3 {
                break;
            }
            shape.push_str(&next.folded);
            shape.push_str(&group);
            spaces_allowed = false;
            end += 2;
        }
        Some((shape, end))
    }

    fn in_digits(&self, at: usize) -> Option<Read> {
        let (shape, mut end) = self.shape(at)?;
        let shape = shape.replace(['\'', '_', ' '], if self.decimal == '.' { "," } else { "." });
        let mut value = match digits(&shape, self.decimal) {
            Some(value) => value,
            // "2,4,7" without spaces is three numbers.
            None => {
                end = at + 1;
                Exact::decimal(&self.token(at)?.folded, "")?
            }
        };
        // Ordinals, "3rd" and "2.º", are no amounts.
        if self
            .token(end)
            .is_some_and(|t| matches!(t.folded.as_str(), "st" | "nd" | "rd" | "th") && self.adjacent(end - 1))
        {
            return None;
        }
        let is_raised = |t: Option<&Token>| t.is_some_and(|t| t.is("º") || t.is("ª") || t.is("o") || t.is("a"));
        let ordinal_mark = self.text.get(self.token(end - 1)?.end..).is_some_and(|tail| {
            let tail = tail.trim_start_matches('.');
            (tail.starts_with('º') || tail.starts_with('ª')) && !tail.starts_with("ºC") && !tail.starts_with("ºF")
        });
        if ordinal_mark && is_raised(self.token(end).filter(|t| !t.is(".")).or_else(|| self.token(end + 1))) {
            return None;
        }
        // "25:00" and dates are read elsewhere; "3:1" is no number either.
        let colon_after = self.token(end).is_some_and(|t| t.is(":"))
            && self.adjacent(end - 1)
            && self.adjacent(end)
            && self.token(end + 1).is_some_and(Token::is_digits);
        if colon_after {
            return None;
        }
        if let Some((power, after)) = self.power_of_ten(end) {
            value = value.scaled(power)?;
            end = after;
        } else if let Some((bottom, after)) = self.denominator(end) {
            value = value.divided(bottom)?;
            end = after;
        } else if let Some((fraction, after)) = self.mixed_fraction(end).filter(|_| value.is_integer()) {
            value = value.plus(fraction)?;
            end = after;
        } else if value == Exact::integer(10)? && self.token(end).is_some_and(|t| t.is("^")) {
            let (power, after) = self.exponent(end + 1)?;
            value = Exact::integer(1)?.scaled(power)?;
            end = after;
        }
        while let Some(by) = self.multiplier(end) {
            value = value.times(Exact::integer(i128::from(by))?)?;
            end += 1;
        }
        Some(Read { value, unit: None, start: at, end, in_words: false, weak: false })
    }

    fn multiplier(&self, at: usize) -> Option<i64> {
        let token = self.token(at)?;
        let (_, by) = self.language.numerals.multipliers.iter().find(|(name, _)| token.is(name))?;
        Some(*by)
    }

    /// "× 10^23", "e23".
    fn power_of_ten(&self, at: usize) -> Option<(i32, usize)> {
        let token = self.token(at)?;
        if matches!(token.folded.as_str(), "×" | "x" | "*" | "·") && self.token(at + 1)?.is("10") {
            let caret = self.token(at + 2)?.is("^") || (self.token(at + 2)?.is("*") && self.token(at + 3)?.is("*"));
            return if caret { self.exponent(at + if self.token(at + 2)?.is("^") { 3 } else { 4 }) } else { None };
        }
        if token.is("e") && self.adjacent(at.checked_sub(1)?) {
            return self.exponent(at + 1);
        }
        None
    }

    fn exponent(&self, at: usize) -> Option<(i32, usize)> {
        let sign = self.token(at)?;
        let (negative, at) = match sign.folded.as_str() {
            "-" => (true, at + 1),
            "+" => (false, at + 1),
            _ => (false, at),
        };
        let digits = self.token(at).filter(|t| t.is_digits())?;
        let power: i32 = digits.folded.parse().ok()?;
        Some((if negative { -power } else { power }, at + 1))
    }

    /// "/4" after a numerator; "5/18/2024" is none.
    fn denominator(&self, at: usize) -> Option<(Exact, usize)> {
        let slash = self.token(at).filter(|t| t.is("/"))?;
        let bottom = self.token(at + 1).filter(|t| t.is_digits())?;
        let is_date = self.token(at + 2).is_some_and(|t| t.is("/")) && self.token(at + 3).is_some_and(Token::is_digits);
        if is_date || bottom.start.saturating_sub(slash.end) > 1 {
            return None;
        }
        let (shape, end) = self.shape(at + 1)?;
        let (value, end) = match digits(&shape, self.decimal) {
            Some(value) => (value, end),
            None => (Exact::decimal(&bottom.folded, "")?, at + 2),
        };
        (value != Exact::ZERO).then_some((value, end))
    }

    /// "1/2" after "2 ".
    fn mixed_fraction(&self, at: usize) -> Option<(Exact, usize)> {
        let top = self.token(at).filter(|t| t.is_digits() && t.folded.len() <= 2)?;
        let previous = self.token(at.checked_sub(1)?)?;
        if previous.end == top.start || !self.adjacent(at) {
            return None;
        }
        let (bottom, after) = self.denominator(at + 1)?;
        Some((Exact::decimal(&top.folded, "")?.divided(bottom)?, after))
    }

    /// "mil doscientos cuarenta y dos", "three hundred and five point two", "two thirds".
    fn in_words(&self, start: usize) -> Option<Read> {
        let numerals = &self.language.numerals;
        let (mut total, mut group, mut at) = (0_i64, 0_i64, start);
        let (mut last, mut any) = (i64::MAX, false);
        let mut only_article = true;
        while let Some(token) = self.token(at) {
            let addend = numerals.addends.iter().find(|(name, _)| token.is(name)).map(|(_, v)| *v);
            if let Some(value) = addend {
                // "two three" is two numbers; "twenty three" is one.
                if any && (value >= last || last < 20 || (value >= 10 && last < 100)) {
                    break;
                }
                group = group.checked_add(value)?;
                (last, any) = (value, true);
                only_article &= numerals.articles.contains(&token.folded.as_str());
                at += 1;
            } else if let Some(by) = self.multiplier(at).filter(|by| any || *by >= 12) {
                // "cien mil", "two hundred thousand", and a bare "mil".
                if by == 12 && !any {
                    group = 0;
                }
                let factor = if group == 0 { 1 } else { group };
                if by == 100 || by == 12 {
                    group = factor.checked_mul(by)?;
                } else if by < 1_000_000 || total == 0 {
                    total = total.checked_add(factor.checked_mul(by)?)?;
                    group = 0;
                } else {
                    total = total.checked_add(group)?.checked_mul(by)?;
                    group = 0;
                }
                (last, any, only_article) = (by, true, false);
                at += 1;
            } else if (numerals.joiners.contains(&token.folded.as_str())
                || (token.is("-") && self.adjacent(at - usize::from(at > 0))))
                && any
            {
                let next = self.token(at + 1);
                let small = next.and_then(|t| numerals.addends.iter().find(|(name, _)| t.is(name))).map(|(_, v)| *v);
                let fits = small.is_some_and(|v| {
                    v < last
                        && v < 100
                        && (last >= 100 || (last >= 20 && v < 10))
                        && (token.is("-") || last >= 100 || numerals.joiners.contains(&"y"))
                });
                if !fits {
                    break;
                }
                at += 1;
            } else if token.is_word()
                && at == start
                && numerals.articles.contains(&token.folded.as_str())
                && self.multiplier(at + 1).is_some()
            {
                at += 1;
            } else {
                break;
            }
        }
        if any {
            let mut value = Exact::integer(i128::from(total.checked_add(group)?))?;
            if self.token(at).is_some_and(|t| numerals.points.contains(&t.folded.as_str())) {
                let (mut digits, mut after) = (String::new(), at + 1);
                while let Some((_, v)) =
                    self.token(after).and_then(|t| numerals.addends.iter().find(|(name, v)| t.is(name) && *v < 100))
                {
                    digits.push_str(&v.to_string());
                    after += 1;
                }
                if !digits.is_empty() && value.is_integer() {
                    value = value.plus(Exact::decimal("0", &digits)?)?;
                    at = after;
                }
            }
            // "two thirds", "three quarters".
            let dash = usize::from(self.token(at).is_some_and(|t| t.is("-")));
            if let Some((top, bottom)) = self.fraction(at + dash) {
                value = value.times(Exact::new(top, bottom, 0)?)?;
                return Some(Read { value, unit: None, start, end: at + dash + 1, in_words: true, weak: false });
            }
            let weak = only_article || (value == Exact::integer(1)? && at == start + 1);
            return Some(Read { value, unit: None, start, end: at, in_words: true, weak });
        }
        let token = self.token(start)?;
        let article = usize::from(numerals.articles.contains(&token.folded.as_str()));
        if let Some((top, bottom)) = self.fraction(start + article).filter(|(_, bottom)| article > 0 || *bottom == 2) {
            return Some(Read {
                value: Exact::new(top, bottom, 0)?,
                unit: None,
                start,
                end: start + article + 1,
                in_words: true,
                weak: true,
            });
        }
        numerals.none.contains(&token.folded.as_str()).then_some(Read {
            value: Exact::ZERO,
            unit: None,
            start,
            end: start + 1,
            in_words: true,
            weak: true,
        })
    }

    fn fraction(&self, at: usize) -> Option<(i128, i128)> {
        // "una media de 90" is a mean.
        let token =
            self.token(at).filter(|t| !(t.is("media") && self.token(at + 1).is_some_and(|next| next.is("de"))))?;
        let (_, top, bottom) = self.language.numerals.fractions.iter().find(|(name, _, _)| token.is(name))?;
        Some((i128::from(*top), i128::from(*bottom)))
    }

    /// Adds the unit before ("$5") or after ("5 km") the number, and "and a half" after that.
    fn with_unit(&self, mut read: Read) -> Read {
        let before = read.start.checked_sub(1).and_then(|at| self.token(at));
        if let Some(unit) =
            before.filter(|t| matches!(t.folded.as_str(), "$" | "€" | "£" | "¥")).and_then(|t| by_symbol(&t.folded))
        {
            read.unit = Some(unit);
            read.start -= 1;
        }
        if let Some((unit, end)) = self.unit_at(read.end, read.in_words) {
            let both_money = read.unit.is_some_and(Unit::is_currency) && unit.is_currency();
            if read.unit.is_none() || both_money {
                read.unit = Some(unit);
                read.end = end;
                read.weak = false;
            }
        }
        // "dos horas y media", "two and a half", "two hours and a quarter".
        if self.token(read.end).is_some_and(|t| self.language.numerals.joiners.contains(&t.folded.as_str())) {
            let article = usize::from(
                self.token(read.end + 1).is_some_and(|t| self.language.numerals.articles.contains(&t.folded.as_str())),
            );
            if let Some(value) = self
                .fraction(read.end + 1 + article)
                .and_then(|(top, bottom)| Exact::new(top, bottom, 0)?.plus(read.value))
                .filter(|_| read.value.is_integer())
            {
                read.value = value;
                read.end += 2 + article;
                if read.unit.is_none()
                    && let Some((unit, end)) = self.unit_at(read.end, true)
                {
                    read.unit = Some(unit);
                    read.end = end;
                }
                read.weak = false;
            }
        }
        read
    }

    /// The unit that begins at a token, and where it ends.
    fn unit_at(&self, at: usize, in_words: bool) -> Option<(&'static Unit, usize)> {
        // "150-kilometre", "20 de euros".
        let at = at
            + usize::from(
                self.token(at).is_some_and(|t| t.is("-") && self.adjacent(at))
                    && self.token(at + 1).is_some_and(Token::is_word),
            );
        let at = at + usize::from(self.token(at).is_some_and(|t| t.is("de")) && self.named_unit(at + 1).is_some());
        if let Some(found) = self.named_unit(at) {
            return Some(found);
        }
        if in_words {
            return None;
        }
        let first = self.token(at)?;
        let gap = self.text.get(self.token(at.checked_sub(1)?)?.end..first.start).unwrap_or_default();
        if gap.chars().count() > 2 {
            return None;
        }
        // Symbols may be of several tokens without spaces: "km/h", "m^2", "°C".
        let mut end = at + 1;
        let mut best = None;
        for last in at..(at + LONGEST_UNIT).min(self.tokens.len()) {
            if last > at && !self.adjacent(last - 1) && !self.token(last - 1).is_some_and(|t| t.is("°")) {
                break;
            }
            let written: String = self
                .tokens
                .get(at..=last)
                .unwrap_or_default()
                .iter()
                .filter_map(|t| self.text.get(t.start..t.end))
                .collect();
            if let Some(unit) = by_symbol(&written) {
                best = Some(unit);
                end = last + 1;
            }
        }
        let unit = best?;
        // "5 in the box", "a": a word that happens to look like a symbol.
        let goes_on = self.token(end).is_some_and(Token::is_word);
        let wordlike = matches!(first.folded.as_str(), "in" | "a" | "as");
        if wordlike && (goes_on || first.is("a")) {
            return None;
        }
        Some((unit, end))
    }

    fn named_unit(&self, at: usize) -> Option<(&'static Unit, usize)> {
        let mut name = String::new();
        let mut best = None;
        for last in at..(at + LONGEST_UNIT).min(self.tokens.len()) {
            let token = self.token(last)?;
            if token.is("%") && last == at {
                return by_symbol("%").map(|unit| (unit, at + 1));
            }
            if !token.is_word() && !token.is("-") && !token.is("/") {
                break;
            }
            if !name.is_empty() && !token.is("-") && !name.ends_with('-') && !token.is("/") {
                name.push(' ');
            }
            name.push_str(&token.folded);
            if let Some((_, symbol)) = self.language.units.iter().find(|(unit, _)| *unit == name) {
                best = by_symbol(symbol).map(|unit| (unit, last + 1));
            }
        }
        best
    }

    /// "2 h 30 min", "5 feet 11 inches", "2 horas y 15 minutos".
    fn goes_on(&self, last: &Read, next: &Read) -> bool {
        let (Some(left), Some(right)) = (last.unit, next.unit) else { return false };
        let between = self.tokens.get(last.end..next.start).unwrap_or_default();
        let joined = between.len() <= 2
            && between.iter().all(|t| t.is(",") || self.language.and.contains(&t.folded.as_str()) || t.is("con"));
        let smaller = match (Exact::parse(left.factor), Exact::parse(right.factor)) {
            (Some(left), Some(right)) => {
                left.divided(right).is_some_and(|ratio| ratio.is_integer() && ratio != Exact::ZERO && left != right)
            }
            _ => false,
        };
        joined && left.base == right.base && left.base != "°C" && smaller
    }

    fn join(&self, last: &mut Read, next: &Read) {
        let sum = || -> Option<(Exact, &'static Unit)> {
            let (left, right) = (last.unit?, next.unit?);
            let total = left.to_base(last.value)?.plus(right.to_base(next.value)?)?;
            Some((total.divided(Exact::parse(right.factor)?)?, right))
        };
        if let Some((value, unit)) = sum() {
            last.value = value;
            last.unit = Some(unit);
            last.end = next.end;
        }
    }
}

/// The canonical quantity: in the base unit, or bare.
pub(crate) fn quantity(value: Exact, unit: Option<&'static Unit>) -> Option<Quantity> {
    let recognised = value.recognised();
    match unit {
        Some(unit) => Some(Quantity {
            value: unit.to_base(recognised)?.recognised(),
            base: unit.base,
            written: format!("{value} {}", unit.symbol),
        }),
        None => Some(Quantity { value: recognised, base: "", written: value.to_string() }),
    }
}

/// A text that is one number and nothing else.
pub(crate) fn only(text: &str, language: &Language, decimal: char) -> Option<Read> {
    let tokens = super::token::tokens(text);
    let mut found = read(text, &tokens, language, decimal);
    let one = found.pop().filter(|_| found.is_empty())?;
    let rest_is_marks = |range: &[Token]| {
        range.iter().all(|t| {
            t.kind == super::token::TokenKind::Mark
                && !matches!(t.folded.as_str(), "+" | "×" | "*" | "=" | "^" | "(" | "[" | ":" | "/")
        })
    };
    (rest_is_marks(tokens.get(..one.start)?) && rest_is_marks(tokens.get(one.end..)?)).then_some(one)
}

/// The number an answer commits to.
pub(crate) fn answer(question: &Question, discourse: &Discourse, decimal: char) -> Option<Value> {
    let mut candidates: Vec<Candidate<Quantity>> = Vec::new();
    for (at, sentence) in discourse.sentences.iter().enumerate() {
        for read in read(&sentence.text, &sentence.tokens, discourse.language, decimal) {
            let unit = read.unit.or(question.unit);
            let Some(quantity) = quantity(read.value, unit) else { continue };
            let labelled = if discourse.is_labelled(at, read.start, &question.stem) { LABELLED } else { 0 };
            let bonus = bonus(question, sentence, &read, &quantity) + echo(question, sentence) + labelled;
            candidates.push(Candidate {
                value: quantity,
                sentence: at,
                start: read.start,
                end: read.end,
                bonus,
                mention: Mention::Thing,
            });
        }
    }
    bound(&mut candidates);
    // What is said twice is meant.
    let repeated: Vec<bool> = candidates
        .iter()
        .map(|c| candidates.iter().any(|other| other.sentence != c.sentence && other.value == c.value))
        .collect();
    for (candidate, repeated) in candidates.iter_mut().zip(repeated) {
        candidate.bonus += if repeated { 4 } else { 0 };
    }
    // What was named only to be set aside stays so where it comes up again.
    let rejected: Vec<Quantity> = candidates
        .iter()
        .filter(|c| discourse.is_rejected(c.sentence, c.start, c.end, c.mention))
        .map(|c| c.value.clone())
        .collect();
    for candidate in candidates.iter_mut().filter(|c| rejected.contains(&c.value)) {
        candidate.bonus -= SET_ASIDE;
    }
    // A fact is told and then explained; a result comes after its steps.
    let calculates = question.values.len() >= 2
        || question.is_equation
        || discourse
            .sentences
            .iter()
            .any(|s| s.tokens.iter().any(|t| matches!(t.folded.as_str(), "=" | "×" | "÷" | "≈")));
    if !calculates && let Some(first) = candidates.iter().map(|c| c.sentence).min() {
        for candidate in &mut candidates {
            let sentence = discourse.sentences.get(candidate.sentence);
            let before = sentence.and_then(|s| s.tokens.get(..candidate.start)).unwrap_or_default();
            let goes_on = before.iter().any(|t| t.is(";"));
            candidate.bonus += if candidate.sentence == first && !goes_on { TOLD_FIRST } else { 0 };
            candidate.bonus -= if goes_on { TOLD_FIRST } else { 0 };
        }
    } else if let Some(last) = candidates.iter().map(|c| c.sentence).max().filter(|last| *last > 0) {
        // Calculations begin with what is given; only the last sentence has come to the end.
        let final_values: Vec<Quantity> =
            candidates.iter().filter(|c| c.sentence == last).map(|c| c.value.clone()).collect();
        let operands: Vec<(usize, Quantity)> = candidates
            .iter()
            .filter(|c| discourse.sentences.get(c.sentence).is_some_and(|s| is_operand(s, c.start, c.end)))
            .map(|c| (c.sentence, c.value.clone()))
            .collect();
        for candidate in &mut candidates {
            let used = operands.iter().any(|(at, value)| *at > candidate.sentence && *value == candidate.value);
            candidate.bonus -= if used { OPERAND } else { 0 };
        }
        let steps: Vec<bool> = candidates.iter().map(|c| c.sentence == 0 && !final_values.contains(&c.value)).collect();
        for candidate in candidates.iter_mut().filter(|c| c.sentence == last) {
            let operand = discourse.sentences.get(last).is_some_and(|s| is_operand(s, candidate.start, candidate.end));
            let results = !operand && candidate.bonus > -10 && (!question.values.is_empty() || question.is_equation);
            candidate.bonus += if results { RESULT } else { 0 };
        }
        for (candidate, is_step) in candidates.iter_mut().zip(steps) {
            candidate.bonus -= if is_step { TOLD_FIRST } else { 0 };
        }
    }
    let units: Vec<Quantity> = candidates.iter().map(|c| c.value.clone()).filter(|q| !q.base.is_empty()).collect();
    let chosen = if calculates { discourse.choose(candidates) } else { discourse.choose_first(candidates) }?.value;
    // "… = 260. You will cover 260 km.": said once with its unit, it has it.
    let with_unit = || units.into_iter().find(|q| q.plain() == chosen.plain());
    Some(Value::Number(if chosen.base.is_empty() { with_unit().unwrap_or(chosen) } else { chosen }))
}

/// What the number's surroundings say for or against it.
fn bonus(question: &Question, sentence: &Sentence, read: &Read, quantity: &Quantity) -> i32 {
    let token = |at: Option<usize>| at.and_then(|at| sentence.tokens.get(at));
    let before = token(read.start.checked_sub(1));
    let after = token(Some(read.end));
    let is_operator = |t: Option<&Token>| {
        t.is_some_and(|t| matches!(t.folded.as_str(), "+" | "×" | "*" | "÷" | "/" | "^" | "·" | "-") && !t.is_word())
    };
    let same_claim = |t: &&Token| {
        !matches!(t.folded.as_str(), "," | ";" | ":" | "(" | "since" | "because" | "porque" | "ya" | "so" | "luego")
    };
    let later_equals = sentence
        .tokens
        .iter()
        .skip(read.end)
        .take_while(same_claim)
        .any(|t| matches!(t.folded.as_str(), "=" | "≈" | "→"));
    let mut bonus = 0;
    if before.is_some_and(|t| matches!(t.folded.as_str(), "=" | "≈" | "→")) && !later_equals {
        bonus += 12;
    }
    // "x = 13", "n = 7": what the unknown is, not what a multiple of it is.
    let unknown = before.is_some_and(|t| t.is("=")) && {
        let letter = token(read.start.checked_sub(2)).filter(|t| t.is_word() && t.folded.len() == 1);
        let term = token(read.start.checked_sub(3))
            .is_some_and(|t| t.is_digits() || matches!(t.folded.as_str(), "+" | "-" | "×" | "*" | "/" | "·" | "="));
        letter.is_some() && !term
    };
    let given = token(read.start.checked_sub(3)).is_some_and(|t| {
        matches!(t.folded.as_str(), "con" | "with" | "where" | "si" | "sea" | "let" | "for" | "donde" | "if" | "para")
    });
    if unknown && !later_equals && !given {
        bonus += 16;
    }
    let verb = before
        .filter(|t| {
            matches!(
                t.folded.as_str(),
                "un" | "una" | "a" | "an" | "the" | "el" | "about" | "exactly" | "just" | "unos" | "unas"
            )
        })
        .and_then(|_| token(read.start.checked_sub(2)))
        .or(before);
    let after_verb = verb.is_some_and(|t| {
        matches!(
            t.folded.as_str(),
            "is" | "are"
                | "es"
                | "son"
                | "makes"
                | "gives"
                | "da"
                | "dan"
                | "to"
                | "was"
                | "has"
                | "tiene"
                | "hay"
                | "tienen"
                | "have"
                | "suman"
                | "make"
                | "takes"
                | "take"
                | "took"
                | "lasts"
                | "lasted"
                | "costs"
                | "cost"
                | "weighs"
                | "weighed"
                | "measures"
                | "contains"
                | "needs"
                | "need"
                | "covers"
                | "travels"
                | "holds"
                | "uses"
                | "receives"
                | "gets"
                | "pay"
                | "pays"
                | "earns"
                | "saves"
                | "owes"
                | "becomes"
                | "remain"
                | "remains"
                | "leaves"
                | "equals"
                | "yields"
                | "dura"
                | "duro"
                | "duran"
                | "tarda"
                | "tardo"
                | "tardan"
                | "cuesta"
                | "cuestan"
                | "mide"
                | "miden"
                | "pesa"
                | "pesan"
                | "contiene"
                | "recorre"
                | "vale"
                | "valen"
                | "necesita"
                | "necesitas"
                | "gasta"
                | "paga"
                | "pagas"
                | "pagara"
                | "pagaras"
                | "pagarias"
                | "recibe"
                | "cobra"
                | "gana"
                | "resulta"
                | "sera"
                | "fue"
                | "seran"
                | "obtenemos"
                | "sale"
                | "salen"
                | "equivale"
                | "representa"
                | "represents"
                | "consta"
                | "ronda"
                | "alcanza"
                | "vive"
                | "viven"
                | "queda"
                | "quedan"
                | "a"
                | "be"
        )
    });
    if after_verb {
        bonus += 12;
    }
    // "How many sides?" is answered by what stands before "sides".
    if let Some(counted) = &question.counted {
        let names = |t: Option<&Token>| {
            t.is_some_and(|t| {
                t.is(counted) || (counted.len() > 3 && t.folded.len() > 3 && same_noun(counted, &t.folded))
            })
        };
        if names(after) || names(token(Some(read.end + 1))) {
            // In a calculation the intermediate results count the same things.
            bonus += if question.values.len() >= 2 { COUNTED / 2 } else { COUNTED };
        } else if read.unit.is_some() && question.unit.is_none() && !question.is_money {
            bonus -= 18;
        }
    } else {
        // "the atomic number 6"
        let known =
            |back: usize| token(read.start.checked_sub(back)).is_some_and(|t| question.content.contains(&t.folded));
        if known(1) && known(2) {
            bonus += 10;
        }
    }
    // "a bit more than a thousand million; exactly 1,073,741,824"
    let roughly = before
        .is_some_and(|t| matches!(t.folded.as_str(), "than" | "over" | "nearly" | "almost" | "casi" | "de"))
        && token(read.start.checked_sub(2))
            .is_some_and(|t| matches!(t.folded.as_str(), "more" | "mas" | "just" | "less" | "menos" | "slightly"))
        || before.is_some_and(|t| matches!(t.folded.as_str(), "nearly" | "almost" | "casi"));
    let exactly =
        before.is_some_and(|t| matches!(t.folded.as_str(), "exactly" | "exactamente" | "precisely" | "concretamente"));
    bonus += match (roughly, exactly) {
        (true, _) => -24,
        (_, true) => 10,
        _ => 0,
    };
    match (question.dimension, read.unit) {
        (Some(asked), Some(given)) if asked == given.base => bonus += 10,
        (Some(asked), Some(_)) if !asked.is_empty() => bonus -= 18,
        _ => (),
    }
    // "$270 is interest", "the interest is $270" to "what is the interest?"
    if let Some(focus) = &question.focus {
        let near = (read.end..read.end + 3).chain(read.start.saturating_sub(3)..read.start);
        if near.filter_map(|at| sentence.tokens.get(at)).any(|t| t.is(focus)) {
            bonus += 8;
        }
    }
    // "often rounded to 300,000"
    let rounds = |t: &Token| t.folded.starts_with("redonde") || t.is("rounded") || t.is("aproxima");
    let usually = |t: &Token| {
        matches!(t.folded.as_str(), "often" | "usually" | "commonly" | "suele" | "suelen" | "frequently" | "sometimes")
    };
    // Of a long sentence only what stands near is looked at, so that a line of numbers takes linear time.
    let said_before = sentence.tokens.get(read.start.saturating_sub(16)..read.start).unwrap_or_default();
    if said_before.iter().any(rounds) && said_before.iter().any(usually) {
        bonus -= 24;
    }
    // "1 kg at 4 °C": a condition.
    let states_condition = read.unit.is_some_and(|u| matches!(u.base, "°C" | "K" | "Pa"))
        && before.is_some_and(|t| matches!(t.folded.as_str(), "at" | "a"))
        && (said_before.iter().any(Token::is_digits) || !question.wants_temperature);
    if states_condition {
        bonus -= 26;
    }
    // "What fraction …?": five twelfths rather than five.
    let is_fraction = sentence.tokens.get(read.start..read.end).is_some_and(|t| t.iter().any(|t| t.is("/")));
    if question.wants_fraction && (is_fraction || read.in_words && !read.value.is_integer()) {
        bonus += 22;
    }
    // "four significant figures": a small number in words counts things by the way.
    if read.in_words && question.counted.is_none() && read.value.to_integer().is_some_and(|v| (0..10).contains(&v)) {
        bonus -= 4;
    }
    if question.is_money && read.unit.is_some_and(Unit::is_currency) {
        bonus += 6;
    }
    if later_equals {
        bonus -= 14;
    }
    if is_operator(before) || is_operator(after) || after.is_some_and(|t| t.is("^") || t.is("=")) {
        bonus -= 12;
    }
    // Of all a text says the one number set in bold.
    let at = sentence.tokens.get(read.start).map_or(0, |t| t.start);
    if sentence.bold.len() == 1 && sentence.bold.iter().any(|b| b.start <= at && at < b.end && b.len() <= 24) {
        bonus += 8;
    }
    if read.weak {
        // "a triangle", "un triángulo": an article.
        let article = after.is_some_and(Token::is_word) && read.end == read.start + 1;
        bonus -= if article { 34 } else { 16 };
    }
    // "What's 7/8 as a percentage?": 87.5 % is the same number, a bare 0.875 is a step.
    let in_unit = match (question.unit, read.unit) {
        (Some(asked), None) if asked.symbol == "%" => None,
        (_, Some(unit)) if unit.base.is_empty() => unit.to_base(read.value),
        _ => Some(read.value),
    };
    if question.renoted.is_some() && question.renoted == in_unit {
        // "Express 0.00056 in scientific notation": the same number, written otherwise.
        bonus += 60;
    } else if let Some(same) = question.values.iter().position(|v| *v == read.value) {
        // "one litre … weighs one kilogram": of what is given only the very same quantity is ruled out.
        let unit = question.units.get(same).copied().flatten();
        bonus -= match (unit, read.unit) {
            (Some(given), Some(said)) if given == said && question.unit != Some(given) => 20,
            (Some(given), Some(said)) if given != said => 0,
            // "You need an 8.5, as in the second": what concludes may have been given before.
            _ if after_verb && sentence.tokens.iter().any(|t| shares_stem(question, t)) => 0,
            _ => 9,
        };
    }
    match (question.unit, read.unit) {
        (Some(asked), Some(given)) if asked == given => bonus += 10,
        (Some(asked), Some(given)) if asked.base == given.base => bonus += 2,
        (Some(_), Some(_)) => bonus -= 25,
        // "0.18, so 18 %": a share is no percentage yet.
        (Some(asked), None) => bonus -= if asked.symbol == "%" && !read.value.is_integer() { 25 } else { 2 },
        (None, Some(_)) => bonus += 3,
        (None, None) => (),
    }
    if question.is_money && quantity.base.is_empty() && read.unit.is_none() {
        bonus -= 3;
    }
    // "Step 2", "Paso 3", "option 4": labels.
    let is_label = before.is_some_and(|t| {
        matches!(
            t.folded.as_str(),
            "step"
                | "paso"
                | "option"
                | "opcion"
                | "equation"
                | "ecuacion"
                | "case"
                | "caso"
                | "figure"
                | "figura"
                | "chapter"
                | "page"
                | "section"
                | "method"
                | "metodo"
                | "#"
        )
    });
    if is_label {
        bonus -= 30;
    }
    // A year beside a figure is seldom the figure.
    let year_like = read.unit.is_none()
        && read.value.to_integer().is_some_and(|v| (1900..=2100).contains(&v))
        && read.end == read.start + 1;
    let after_in = before.is_some_and(|t| {
        matches!(t.folded.as_str(), "in" | "en" | "of" | "de" | "since" | "desde" | "by" | "(" | "del")
    });
    if year_like && after_in {
        bonus -= 20;
    }
    bonus
}

/// Is it a word of the question, in whatever form: "necesito", "necesitas"?
fn shares_stem(question: &Question, token: &Token) -> bool {
    /// Letters that two forms of a word share.
    const STEM: usize = 5;
    let stem = |w: &str| w.char_indices().nth(STEM).map(|(at, _)| w.get(..at).unwrap_or_default().to_owned());
    token.is_word()
        && (question.stem.contains(&token.folded)
            || stem(&token.folded).is_some_and(|s| question.stem.iter().any(|w| w.starts_with(&s))))
}

/// Is something calculated with what stands at these tokens?
fn is_operand(sentence: &Sentence, start: usize, end: usize) -> bool {
    let operator =
        |t: Option<&Token>| t.is_some_and(|t| matches!(t.folded.as_str(), "+" | "×" | "*" | "÷" | "/" | "·" | "-"));
    operator(start.checked_sub(1).and_then(|at| sentence.tokens.get(at))) || operator(sentence.tokens.get(end))
}

/// The same noun in the singular or the plural.
fn same_noun(a: &str, b: &str) -> bool {
    let stem = |w: &str| w.trim_end_matches('s').trim_end_matches('e').to_owned();
    stem(a) == stem(b)
}

/// A sentence that repeats the question's words answers it.
fn echo(question: &Question, sentence: &Sentence) -> i32 {
    if question.content.is_empty() || matches!(sentence.block, Block::Quote) {
        return 0;
    }
    let shared = sentence.tokens.iter().filter(|t| t.is_word() && question.content.contains(&t.folded)).count();
    i32::try_from(shared.min(4)).unwrap_or(0)
}
