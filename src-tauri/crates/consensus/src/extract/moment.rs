//! Dates and times of day, in the formats of the languages and in ISO 8601, as precise as question and answer allow.
//! `03/04/2024` is read by the language's order unless one of its parts can only be a day.

use super::canonical::{Clock, Moment, Value};
use super::discourse::{Candidate, Discourse, Mention};
use super::language::Language;
use super::question::{Asked, Precision, Question};
use super::token::{Token, tokens};

/// What a moment of the first sentence loses where later ones are calculated from it.
const STEP: i32 = 6;

#[derive(Debug, Clone)]
struct Read {
    moment: Moment,
    start: usize,
    end: usize,
}

/// Does a text name a time of day?
pub(crate) fn has_clock(text: &str, language: &Language) -> bool {
    let tokens = tokens(text);
    (0..tokens.len()).any(|at| Reader { text, tokens: &tokens, language, loose: false }.clock(at).is_some())
}

struct Reader<'a> {
    text: &'a str,
    tokens: &'a [Token],
    language: &'a Language,
    /// A bare hour counts: the question asked for a time.
    loose: bool,
}

impl Reader<'_> {
    fn token(&self, at: usize) -> Option<&Token> {
        self.tokens.get(at)
    }

    fn is(&self, at: usize, text: &str) -> bool {
        self.token(at).is_some_and(|t| t.is(text))
    }

    fn adjacent(&self, at: usize) -> bool {
        matches!((self.token(at), self.token(at + 1)), (Some(l), Some(r)) if l.end == r.start)
    }

    fn digits(&self, at: usize, longest: usize) -> Option<i32> {
        self.token(at).filter(|t| t.is_digits() && t.folded.len() <= longest)?.folded.parse().ok()
    }

    fn small(&self, at: usize, most: u8) -> Option<u8> {
        self.digits(at, 2).and_then(|v| u8::try_from(v).ok()).filter(|v| *v <= most)
    }

    fn month(&self, at: usize) -> Option<u8> {
        let token = self.token(at).filter(|t| t.is_word())?;
        let named = |names: &[&str]| names.iter().position(|name| token.is(name));
        let index = named(&self.language.months).or_else(|| {
            // "may" and "mar" are words; an abbreviation stands beside a number.
            let beside = self.token(at + 1).is_some_and(Token::is_digits)
                || at.checked_sub(1).and_then(|i| self.token(i)).is_some_and(Token::is_digits)
                || self.is(at + 1, ".");
            named(&self.language.month_abbreviations).filter(|_| beside)
        })?;
        // "may" as a verb.
        let capital = self.text.get(token.start..token.end).is_some_and(|w| w.starts_with(char::is_uppercase));
        if token.is("may") && self.language.tag == "en" && !capital {
            return None;
        }
        u8::try_from(index + 1).ok()
    }

    fn year(&self, at: usize) -> Option<i32> {
        self.token(at).filter(|t| t.is_digits() && (3..=4).contains(&t.folded.len()))?.folded.parse().ok()
    }

    fn phrase(&self, at: usize, phrases: &[&str]) -> Option<usize> {
        phrases
            .iter()
            .filter_map(|phrase| {
                let pieces = tokens(phrase);
                let here = self.tokens.get(at..at + pieces.len())?;
                here.iter().zip(&pieces).all(|(t, p)| t.is(&p.folded)).then_some(at + pieces.len())
            })
            .max()
    }

    /// A year with what follows it: "44 BC".
    fn era(&self, year: i32, end: usize) -> (i32, usize) {
        let skip = usize::from(self.is(end, ","));
        match self.phrase(end + skip, self.language.before_christ) {
            Some(after) => (-year, after + usize::from(self.is(after, "."))),
            None => (year, end),
        }
    }

    fn date(&self, at: usize) -> Option<Read> {
        self.iso(at)
            .or_else(|| self.with_marks(at))
            .or_else(|| self.day_and_month(at))
            .or_else(|| self.month_first(at))
            .or_else(|| self.century(at))
            .or_else(|| self.weekday(at))
    }

    fn read(&self, year: Option<i32>, month: Option<u8>, day: Option<u8>, start: usize, end: usize) -> Option<Read> {
        let valid = month.is_none_or(|m| (1..=12).contains(&m)) && day.is_none_or(|d| (1..=31).contains(&d));
        valid.then(|| Read { moment: Moment { year, month, day, ..Moment::default() }, start, end })
    }

    /// 2024-03-05
    fn iso(&self, at: usize) -> Option<Read> {
        let year = self.token(at).filter(|t| t.is_digits() && t.folded.len() == 4)?.folded.parse().ok()?;
        let mark = self.token(at + 1).filter(|t| matches!(t.folded.as_str(), "-" | "/"))?;
        let month = self.small(at + 2, 12)?;
        if !(self.adjacent(at) && self.adjacent(at + 1)) {
            return None;
        }
        match self.small(at + 4, 31) {
            Some(day) if self.is(at + 3, &mark.folded) => self.read(Some(year), Some(month), Some(day), at, at + 5),
            _ if mark.is("-") => self.read(Some(year), Some(month), None, at, at + 3),
            _ => None,
        }
    }

    /// 05/03/2024, 5-3-24, 5.3.2024
    fn with_marks(&self, at: usize) -> Option<Read> {
        let first = self.small(at, 31)?;
        let mark = self.token(at + 1).filter(|t| matches!(t.folded.as_str(), "/" | "-" | "."))?;
        let second = self.small(at + 2, 31)?;
        if !(self.is(at + 3, &mark.folded) && (0..4).all(|i| self.adjacent(at + i))) {
            return None;
        }
        let year =
            self.digits(at + 4, 4).filter(|_| self.token(at + 4).is_some_and(|t| matches!(t.folded.len(), 2 | 4)))?;
        let year = if year < 100 { if year < 70 { 2000 + year } else { 1900 + year } } else { year };
        let day_first = match (first > 12, second > 12) {
            (true, false) => true,
            (false, true) => false,
            _ => self.language.day_first || self.text_is_day_first(),
        };
        let (day, month) = if day_first { (first, second) } else { (second, first) };
        self.read(Some(year), Some(month), Some(day), at, at + 5)
    }

    /// Another date of the same text that can only be read day first.
    fn text_is_day_first(&self) -> bool {
        let lower = self.text.to_ascii_lowercase();
        lower.contains("dd/mm") || self.tokens.windows(5).any(|w| {
            matches!(w, [d, m1, m, m2, y] if d.is_digits() && m1.is("/") && m.is_digits() && m2.is("/") && y.is_digits() && d.folded.parse::<u8>().is_ok_and(|d| d > 12))
        })
    }

    /// "5 de marzo de 2024", "5 March 2024", "the 4th of July", "1.º de mayo".
    fn day_and_month(&self, at: usize) -> Option<Read> {
        let day = self.small(at, 31)?;
        if at > 0 && self.is(at - 1, ",") && self.adjacent(at - 1) {
            return None;
        }
        let mut next = at + 1;
        if self.token(next).is_some_and(|t| matches!(t.folded.as_str(), "st" | "nd" | "rd" | "th" | "º" | "o" | "°"))
        {
            next += 1;
        } else if self.is(next, ".") && self.token(next + 1).is_some_and(|t| matches!(t.folded.as_str(), "º" | "o")) {
            next += 2;
        }
        if self.is(next, "of") || self.is(next, "de") {
            next += 1;
        }
        let month = self.month(next)?;
        let (year, end) = self.year_after(next + 1);
        self.read(year, Some(month), Some(day), at, end)
    }

    fn year_after(&self, at: usize) -> (Option<i32>, usize) {
        let mut next = at + usize::from(self.is(at, ".") && !self.is(at + 1, "º"));
        while ["de", "del", "of", ",", "ano", "in"].iter().any(|w| self.is(next, w)) && next < at + 3 {
            next += 1;
        }
        let small_year = self.digits(next, 2).filter(|_| self.phrase(next + 1, self.language.before_christ).is_some());
        match self.year(next).or(small_year) {
            Some(year) => {
                let (year, end) = self.era(year, next + 1);
                (Some(year), end)
            }
            None => (None, at),
        }
    }

    /// "March 5, 2024", "March 2024", "marzo de 2024", "marzo".
    fn month_first(&self, at: usize) -> Option<Read> {
        let month = self.month(at)?;
        let after = at + 1 + usize::from(self.is(at + 1, ".") && self.token(at + 2).is_some_and(Token::is_digits));
        let the = usize::from(self.is(after, "the"));
        if let Some(day) = self.small(after + the, 31).filter(|_| self.language.tag != "es") {
            let mut next = after + the + 1;
            if self.token(next).is_some_and(|t| matches!(t.folded.as_str(), "st" | "nd" | "rd" | "th")) {
                next += 1;
            }
            // "July 4, 10 am": only a year belongs to the date.
            let (year, end) = self.year_after(next);
            return self.read(year, Some(month), Some(day), at, if year.is_some() { end } else { next });
        }
        let (year, end) = self.year_after(at + 1);
        self.read(year, Some(month), None, at, if year.is_some() { end } else { at + 1 })
    }

    /// "siglo XV", "15th century", "siglo I a. C."
    fn century(&self, at: usize) -> Option<Read> {
        let language = self.language;
        let of = |number: i16, start: usize, end: usize| {
            let (number, end) =
                self.phrase(end, language.before_christ).map_or((number, end), |after| (-number, after));
            Some(Read { moment: Moment { century: Some(number), ..Moment::default() }, start, end })
        };
        if let Some(next) = self.phrase(at, language.centuries) {
            let token = self.token(next)?;
            let number = roman(&token.folded).or_else(|| token.folded.parse().ok()).or_else(|| {
                language.numerals.addends.iter().find(|(n, _)| token.is(n)).and_then(|(_, v)| i16::try_from(*v).ok())
            })?;
            return of(number, at, next + 1);
        }
        let number: i16 = match self.digits(at, 2) {
            Some(number) => i16::try_from(number).ok()?,
            None => ordinal_word(&self.token(at)?.folded, self.token(at + 1), self.token(at + 2))?,
        };
        let next = (at + 1..at + 4).find(|i| self.phrase(*i, language.centuries).is_some())?;
        of(number, at, next + 1)
    }

    fn weekday(&self, at: usize) -> Option<Read> {
        let token = self.token(at)?;
        let index = self.language.weekdays.iter().position(|day| {
            token.is(day)
                || token.folded.strip_suffix('s').is_some_and(|singular| singular == *day && self.language.tag == "en")
        })?;
        let moment = Moment { weekday: u8::try_from(index + 1).ok(), ..Moment::default() };
        Some(Read { moment, start: at, end: at + 1 })
    }

    fn lone_year(&self, at: usize) -> Option<Read> {
        let token = self.token(at).filter(|t| t.is_digits() && t.folded.len() <= 4)?;
        let year: i32 = token.folded.parse().ok()?;
        let (signed, end) = self.era(year, at + 1);
        let marked = signed < 0
            || at
                .checked_sub(1)
                .and_then(|i| self.token(i))
                .is_some_and(|t| matches!(t.folded.as_str(), "ano" | "year" | "ad"));
        let glued = at > 0
            && self.adjacent(at - 1)
            && self
                .token(at - 1)
                .is_some_and(|t| t.is_word() || matches!(t.folded.as_str(), "." | "," | "-" | "/" | "$" | "€"));
        let goes_on = self.adjacent(at)
            && self.token(at + 1).is_some_and(|t| matches!(t.folded.as_str(), "." | "," | "/" | "-" | "%"))
            && self.token(at + 2).is_some_and(Token::is_digits)
            && self.adjacent(at + 1);
        let plausible = marked || ((3..=4).contains(&token.folded.len()) && (100..=2200).contains(&year));
        (plausible && !glued && !goes_on).then(|| Read {
            moment: Moment { year: Some(signed), ..Moment::default() },
            start: at,
            end,
        })
    }

    /// "14:30", "2:15 pm", "3 p.m.", "las tres y media", "quarter past three", "noon".
    fn clock(&self, at: usize) -> Option<(Clock, usize)> {
        let language = self.language;
        if let Some((_, hour)) = language.named_times.iter().find(|(name, _)| self.is(at, name)) {
            let twelve = at.checked_sub(1).and_then(|i| self.token(i)).is_some_and(|t| t.is("12"));
            let _ = twelve;
            return Some((Clock { hour: *hour, minute: 0, second: 0 }, at + 1));
        }
        let glued = at > 0
            && self.adjacent(at - 1)
            && self.token(at - 1).is_some_and(|t| {
                matches!(t.folded.as_str(), ":" | "." | "," | "/" | "-" | "$") && at > 1 && self.adjacent(at - 2)
            });
        if glued {
            return None;
        }
        // "1545 hours"
        if let Some(both) = self.digits(at, 4).filter(|_| {
            self.token(at).is_some_and(|t| t.folded.len() == 4)
                && self.token(at + 1).is_some_and(|t| matches!(t.folded.as_str(), "hours" | "hrs" | "horas" | "h"))
        }) && let (Ok(hour), Ok(minute)) = (u8::try_from(both / 100), u8::try_from(both % 100))
            && hour < 24
            && minute < 60
        {
            return Some((Clock { hour, minute, second: 0 }, at + 2));
        }
        if let Some(hour) = self.small(at, 24) {
            let marked = |mark: &str| self.is(at + 1, mark) && self.adjacent(at) && self.adjacent(at + 1);
            let minute = self.small(at + 2, 59).filter(|_| self.token(at + 2).is_some_and(|t| t.folded.len() == 2));
            if let (Some(minute), true) =
                (minute, marked(":") || marked("h") || (marked(".") && self.followed_by_hours(at + 3)))
            {
                let second = self
                    .small(at + 4, 59)
                    .filter(|_| self.is(at + 3, ":") && self.adjacent(at + 2) && self.adjacent(at + 3));
                let end = if second.is_some() { at + 5 } else { at + 3 };
                return Some(self.half_of_day(hour, minute, second.unwrap_or(0), end));
            }
            if self.half(at + 1).is_some() {
                return Some(self.half_of_day(hour, 0, 0, at + 1));
            }
            let hours = self.token(at + 1).is_some_and(|t| matches!(t.folded.as_str(), "h" | "hs" | "horas" | "hrs"));
            let sharp = self.phrase(at + 1, &["o'clock", "en punto"]);
            let las = at.checked_sub(1).is_some_and(|i| self.is(i, "las") || self.is(i, "la"));
            if let Some(end) = sharp {
                return Some(self.half_of_day(hour, 0, 0, end));
            }
            if (las && self.language.tag == "es")
                || (self.loose
                    && hours
                    && (hour > 12 || !self.is(at + 1, "horas"))
                    && !self.token(at + 2).is_some_and(Token::is_digits))
            {
                let (minute, end) = self.spoken_minutes(at + 1).unwrap_or((0, at + 1 + usize::from(hours)));
                return Some(self.with_minutes(hour, minute, end));
            }
            return self.relative(at);
        }
        // In words, only where something says that it is a time.
        if language.tag == "es" && at > 0 && (self.is(at - 1, "las") || self.is(at - 1, "la")) {
            let hour = self.word_number(at).filter(|v| *v <= 24)?;
            let (minute, end) = self.spoken_minutes(at + 1).unwrap_or((0, at + 1));
            return Some(self.with_minutes(hour, minute, end));
        }
        if let Some(hour) = self.word_number(at).filter(|v| *v <= 12)
            && language.tag == "en"
        {
            if let Some(end) = self.phrase(at + 1, &["o'clock"]) {
                return Some(self.half_of_day(hour, 0, 0, end));
            }
            if let Some(minute) = self.word_number(at + 1).filter(|v| (*v == 15 || *v % 5 == 0) && *v < 60) {
                let more = usize::from(self.is(at + 2, "-"));
                let extra = self.word_number(at + 2 + more).filter(|v| *v < 10 && minute >= 20);
                let end = if extra.is_some() { at + 3 + more } else { at + 2 };
                if self.half(end).is_some() || self.loose {
                    return Some(self.half_of_day(hour, minute + extra.unwrap_or(0), 0, end));
                }
            }
            if self.half(at + 1).is_some() {
                return Some(self.half_of_day(hour, 0, 0, at + 1));
            }
        }
        self.relative(at)
    }

    fn followed_by_hours(&self, at: usize) -> bool {
        self.token(at).is_some_and(|t| matches!(t.folded.as_str(), "h" | "hs" | "horas" | "hrs"))
            || self.half(at).is_some()
            || (self.loose && self.language.tag == "es")
    }

    /// "half past two", "quarter to five", "ten past six", "20 minutes to nine".
    fn relative(&self, at: usize) -> Option<(Clock, usize)> {
        let minute = match self.token(at)?.folded.as_str() {
            "half" => 30,
            "quarter" => 15,
            _ => self.small(at, 59).or_else(|| self.word_number(at))?,
        };
        let mut next = at + 1;
        if self.is(next, "minutes") || self.is(next, "minutos") {
            next += 1;
        }
        let before = match self.token(next)?.folded.as_str() {
            "past" | "after" => false,
            "to" | "before" | "till" => true,
            _ => return None,
        };
        let named = self.language.named_times.iter().find(|(name, _)| self.is(next + 1, name)).map(|(_, hour)| *hour);
        if let Some(hour) = named {
            let minutes = i16::from(hour) * 60 + if before { -i16::from(minute) } else { i16::from(minute) };
            let minutes = u16::try_from(minutes.rem_euclid(24 * 60)).unwrap_or(0);
            return Some((clock_of(minutes), next + 2));
        }
        let hour = self.small(next + 1, 12).or_else(|| self.word_number(next + 1)).filter(|h| (1..=12).contains(h))?;
        let (clock, end) = self.half_of_day(hour, 0, 0, next + 2);
        let minutes = u16::from(clock.hour) * 60 + if before { 24 * 60 - u16::from(minute) } else { u16::from(minute) };
        Some((clock_of(minutes), end))
    }

    /// "y media", "y cuarto", "y diez", "menos cuarto": as minutes after the hour, negative before.
    fn spoken_minutes(&self, at: usize) -> Option<(i16, usize)> {
        let sign = match self.token(at)?.folded.as_str() {
            "y" => 1,
            "menos" => -1,
            _ => return None,
        };
        let minutes: i16 = match self.token(at + 1)?.folded.as_str() {
            "media" => 30,
            "cuarto" => 15,
            _ => {
                let tens = self.word_number(at + 1).or_else(|| self.small(at + 1, 59))?;
                let units = self.word_number(at + 3).filter(|v| *v < 10 && self.is(at + 2, "y") && tens >= 30);
                let end = at + if units.is_some() { 4 } else { 2 };
                return Some((sign * i16::from(tens + units.unwrap_or(0)), end));
            }
        };
        Some((sign * minutes, at + 2))
    }

    fn with_minutes(&self, hour: u8, minutes: i16, end: usize) -> (Clock, usize) {
        let (clock, end) = self.half_of_day(hour, 0, 0, end);
        let total = (i16::from(clock.hour) * 60 + minutes).rem_euclid(24 * 60);
        (clock_of(u16::try_from(total).unwrap_or(0)), end)
    }

    fn word_number(&self, at: usize) -> Option<u8> {
        let token = self.token(at)?;
        let (_, value) = self.language.numerals.addends.iter().find(|(name, _)| token.is(name))?;
        u8::try_from(*value).ok().filter(|v| *v > 0)
    }

    /// Is it said which half of the day is meant? Then where that ends.
    fn half(&self, at: usize) -> Option<(bool, usize)> {
        let hours = usize::from(self.token(at).is_some_and(|t| matches!(t.folded.as_str(), "h" | "horas" | "hrs")));
        let at = at + hours;
        let morning = self.phrase(at, self.language.morning).map(|end| (false, end));
        let afternoon = self.phrase(at, self.language.afternoon).map(|end| (true, end));
        afternoon.or(morning)
    }

    fn half_of_day(&self, hour: u8, minute: u8, second: u8, end: usize) -> (Clock, usize) {
        let noon = self.phrase(end, &["del mediodia", "noon"]).map(|end| (true, end));
        let midnight = self.phrase(end, &["midnight", "de la medianoche"]).map(|end| (false, end));
        let (hour, end) = match self.half(end).or(noon).or(midnight) {
            Some((true, end)) if hour < 12 => (hour + 12, end),
            Some((true, end)) => {
                // "las doce de la noche", "twelve at night" is midnight.
                let night =
                    self.tokens.get(..end).and_then(<[Token]>::last).is_some_and(|t| t.is("noche") || t.is("night"));
                (if hour == 12 && night { 0 } else { hour }, end)
            }
            Some((false, end)) if hour == 12 => (0, end),
            Some((false, end)) => (hour, end),
            None => (hour % 24, end),
        };
        (Clock { hour, minute, second }, end)
    }
}

fn clock_of(minutes: u16) -> Clock {
    let minutes = minutes % (24 * 60);
    Clock { hour: u8::try_from(minutes / 60).unwrap_or(0), minute: u8::try_from(minutes % 60).unwrap_or(0), second: 0 }
}

pub(super) fn roman(text: &str) -> Option<i16> {
    let mut total: i16 = 0;
    let mut last = 0;
    for c in text.chars().rev() {
        let value = match c {
            'i' => 1,
            'v' => 5,
            'x' => 10,
            _ => return None,
        };
        if value < last {
            total = total.checked_sub(value)?;
        } else {
            total = total.checked_add(value)?;
            last = value;
        }
    }
    (total > 0).then_some(total)
}

/// "fifteenth", "twenty-first".
fn ordinal_word(word: &str, mark: Option<&Token>, unit: Option<&Token>) -> Option<i16> {
    const WORDS: [&str; 20] = [
        "first",
        "second",
        "third",
        "fourth",
        "fifth",
        "sixth",
        "seventh",
        "eighth",
        "ninth",
        "tenth",
        "eleventh",
        "twelfth",
        "thirteenth",
        "fourteenth",
        "fifteenth",
        "sixteenth",
        "seventeenth",
        "eighteenth",
        "nineteenth",
        "twentieth",
    ];
    if word == "twenty" && mark.is_some_and(|t| t.is("-")) && unit.is_some_and(|t| t.is("first")) {
        return Some(21);
    }
    WORDS.iter().position(|w| *w == word).and_then(|at| i16::try_from(at + 1).ok())
}

/// The moment an answer commits to.
pub(crate) fn answer(question: &Question, discourse: &Discourse) -> Option<Value> {
    let mut candidates = Vec::new();
    for (at, sentence) in discourse.sentences.iter().enumerate() {
        let loose = question.asked == Asked::Time;
        let reader = Reader { text: &sentence.text, tokens: &sentence.tokens, language: discourse.language, loose };
        let mut position = 0;
        let mut previous = 0;
        while position < sentence.tokens.len() {
            let Some(read) = one(&reader, position, question.asked).map(|read| with_clock(&reader, question, read))
            else {
                position += 1;
                continue;
            };
            position = read.end.max(position + 1);
            let echo = sentence.tokens.iter().filter(|t| t.is_word() && question.content.contains(&t.folded)).count();
            let in_question = question.moments.contains(&read.moment)
                || is_in_question(question, sentence.tokens.get(read.start..read.end).unwrap_or_default());
            let equals = sentence.tokens.get(..read.start).is_some_and(|t| t.iter().any(|t| t.is("=") || t.is("→")));
            // The end of a period answers less often than its beginning.
            // Of several moments in a sentence the one beside the question's words.
            let near = sentence.tokens.get(previous..read.start).unwrap_or_default();
            let local = near.iter().filter(|t| t.is_word() && question.content.contains(&t.folded)).count();
            let local = i32::try_from(local.min(3)).unwrap_or(0) * 2;
            previous = read.end;
            let labelled = discourse.is_labelled(at, read.start, &question.stem);
            let bonus = i32::try_from(echo.min(4)).unwrap_or(0) + local + if labelled { 14 } else { 0 }
                - match (in_question, question.converts_clock) {
                    (true, true) => -14,
                    (true, false) => 14,
                    (false, _) => 0,
                }
                + if equals { 8 } else { 0 }
                + precision(&read.moment, question.asked)
                - if is_bound(&sentence.tokens, read.start) { 10 } else { 0 }
                - if question.asked == Asked::Date(Precision::Day)
                    && read.moment.day.is_none()
                    && read.moment.weekday.is_none()
                {
                    12
                } else {
                    0
                };
            candidates.push(Candidate {
                value: read.moment,
                sentence: at,
                start: read.start,
                end: read.end,
                bonus,
                mention: Mention::Thing,
            });
        }
    }
    // What was calculated stands at the end, what is told at the beginning.
    let last_counts = question.asked == Asked::Time || question.gives_duration && !question.moments.is_empty();
    let last = candidates.iter().map(|c| c.sentence).max().filter(|last| last_counts && *last > 0);
    for candidate in candidates.iter_mut().filter(|c| last.is_some() && c.sentence == 0) {
        candidate.bonus -= STEP;
    }
    for candidate in candidates.iter_mut().filter(|c| Some(c.sentence) == last) {
        candidate.bonus += STEP;
    }
    let weighed = discourse.weighed(candidates);
    weighed
        .into_iter()
        .max_by_key(|(score, c)| {
            (*score, if last_counts { (c.sentence, c.start) } else { (usize::MAX - c.sentence, usize::MAX - c.start) })
        })
        .map(|(_, c)| Value::Moment(c.value))
}

fn is_in_question(question: &Question, tokens: &[Token]) -> bool {
    let said: Vec<&str> = tokens.iter().filter(|t| t.is_word() || t.is_digits()).map(|t| t.folded.as_str()).collect();
    !said.is_empty() && question.words.windows(said.len()).any(|w| w.iter().zip(&said).all(|(a, b)| a == b))
}

fn precision(moment: &Moment, asked: Asked) -> i32 {
    match asked {
        Asked::Date(Precision::Any | Precision::Day | Precision::Moment) => {
            i32::from(moment.clock.is_some()) * 5
                + i32::from(moment.year.is_some() && moment.day.is_some()) * 2
                + i32::from(moment.day.is_some()) * 4
                + i32::from(moment.month.is_some()) * 2
        }
        Asked::Date(_)
        | Asked::Time
        | Asked::Number
        | Asked::Choice
        | Asked::YesNo
        | Asked::List
        | Asked::Fact
        | Asked::CodeResult
        | Asked::CodeToWrite
        | Asked::Open
        | Asked::Unknown => 0,
    }
}

/// "On 5 March at 14:30" to "when does it begin?": a moment.
fn with_clock(reader: &Reader, question: &Question, read: Read) -> Read {
    let tells_hour = question.asked == Asked::Date(Precision::Any) && !question.is_past
        || question.asked == Asked::Date(Precision::Moment);
    if !tells_hour || read.moment.clock.is_some() {
        return read;
    }
    let joins = |at: usize| {
        reader.token(at).is_some_and(|t| matches!(t.folded.as_str(), "at" | "," | "a" | "las" | "la" | "t"))
    };
    let mut at = read.end;
    while at < read.end + 3 && joins(at) {
        at += 1;
    }
    match reader.clock(at) {
        Some((clock, end)) if at > read.end => {
            Read { moment: Moment { clock: Some(clock), ..read.moment }, end, ..read }
        }
        _ => read,
    }
}

/// What begins at a token, cut to what was asked.
fn one(reader: &Reader, at: usize, asked: Asked) -> Option<Read> {
    let clock = || {
        reader.clock(at).map(|(clock, end)| Read {
            moment: Moment { clock: Some(clock), ..Moment::default() },
            start: at,
            end,
        })
    };
    let Asked::Date(precision) = asked else {
        // A time, with its date where both are told together: 2024-03-05T14:30.
        if let Some(date) = reader.iso(at).filter(|d| reader.is(d.end, "t")) {
            let (clock, end) = reader.clock(date.end + 1)?;
            return Some(Read { moment: Moment { clock: Some(clock), ..date.moment }, start: at, end });
        }
        if let Some(date) = reader.date(at) {
            return Some(Read { moment: Moment::default(), ..date }).filter(|r| r.moment.clock.is_some());
        }
        return clock();
    };
    // "When does it leave?" is answered by an hour as well as by a day.
    let hour = || if precision == Precision::Any { clock() } else { None };
    let mut read = reader.date(at).or_else(|| reader.lone_year(at)).or_else(hour)?;
    let moment = &mut read.moment;
    match precision {
        Precision::Year => *moment = Moment { year: Some(moment.year?), ..Moment::default() },
        Precision::Month => *moment = Moment { month: Some(moment.month?), ..Moment::default() },
        Precision::Weekday => *moment = Moment { weekday: Some(moment.weekday?), ..Moment::default() },
        Precision::YearAndMonth => {
            *moment = Moment { year: Some(moment.year?), month: Some(moment.month?), ..Moment::default() };
        }
        Precision::Century => *moment = Moment { century: Some(moment.century?), ..Moment::default() },
        Precision::Day | Precision::Any | Precision::Moment => (),
    }
    Some(read)
}

/// "after 00:00", "desde las tres": what stands beside another moment.
fn is_bound(tokens: &[Token], start: usize) -> bool {
    let before = |back: usize| start.checked_sub(back).and_then(|at| tokens.get(at));
    let article = |t: &Token| matches!(t.folded.as_str(), "las" | "la" | "the" | "de" | "a");
    let near = (1..=3).find_map(|back| before(back).filter(|t| !article(t)));
    near.is_some_and(|t| {
        matches!(t.folded.as_str(), "after" | "before" | "despues" | "antes" | "from" | "desde" | "hasta" | "until")
    })
}

/// The moments a text names.
pub(crate) fn all(text: &str, language: &Language) -> Vec<Moment> {
    let tokens = tokens(text);
    let reader = Reader { text, tokens: &tokens, language, loose: false };
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let clock = || reader.clock(at).map(|(clock, end)| (Moment { clock: Some(clock), ..Moment::default() }, end));
        match reader.date(at).map(|r| (r.moment, r.end)).or_else(clock) {
            Some((moment, end)) => {
                found.push(moment);
                at = end.max(at + 1);
            }
            None => at += 1,
        }
    }
    found
}

/// Reads the notation of [`Moment`]'s display, for tests and for stored verdicts.
#[cfg(test)]
pub(crate) fn parse(text: &str) -> Option<Moment> {
    let text = text.trim();
    if let Some(century) = text.strip_prefix("century ") {
        return Some(Moment { century: Some(century.parse().ok()?), ..Moment::default() });
    }
    if let Some(day) = super::canonical::WEEKDAYS.iter().position(|d| *d == text) {
        return Some(Moment { weekday: u8::try_from(day + 1).ok(), ..Moment::default() });
    }
    let (date, clock) = match text.split_once('T') {
        Some((date, clock)) => (date, Some(clock)),
        None if text.contains(':') => ("", Some(text)),
        None => (text, None),
    };
    let clock = match clock {
        Some(clock) => {
            let mut parts = clock.split(':').map(|p| p.parse().ok());
            Some(Clock { hour: parts.next()??, minute: parts.next()??, second: parts.next().flatten().unwrap_or(0) })
        }
        None => None,
    };
    let mut moment = Moment { clock, ..Moment::default() };
    if let Some(rest) = date.strip_prefix("--") {
        let mut parts = rest.split('-').map(|p| p.parse().ok());
        moment.month = Some(parts.next()??);
        moment.day = parts.next().flatten();
    } else if !date.is_empty() {
        let (negative, digits) = date.strip_prefix('-').map_or((false, date), |rest| (true, rest));
        let mut parts = digits.split('-');
        let year: i32 = parts.next()?.parse().ok()?;
        moment.year = Some(if negative { -year } else { year });
        moment.month = parts.next().and_then(|p| p.parse().ok());
        moment.day = parts.next().and_then(|p| p.parse().ok());
    }
    Some(moment)
}
