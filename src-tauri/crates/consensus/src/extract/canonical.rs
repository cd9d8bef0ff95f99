//! The canonical forms: what two answers are compared by. Equality is by meaning (42.195 km is 42195 m, `{b, a}` is
//! `{a, b}`); how the member wrote it is kept beside for people to read and never compared.

use std::collections::BTreeSet;
use std::fmt;
use std::hash::{Hash, Hasher};

use super::exact::Exact;

/// The canonical form of an answer: equal for answers that say the same. Shown as a person would write it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Canonical {
    pub(crate) value: Value,
}

impl Canonical {
    /// "Gogh" and "van Gogh" are short for "Vincent van Gogh": the end of a longer name.
    pub(crate) fn is_short_for(&self, other: &Self) -> bool {
        let (Value::Text(short), Value::Text(long)) = (&self.value, &other.value) else { return false };
        long.folded.strip_suffix(short.folded.as_str()).is_some_and(|first| first.ends_with(' '))
    }

    /// How long a name is, in bytes.
    pub(crate) fn length(&self) -> usize {
        if let Value::Text(text) = &self.value { text.folded.len() } else { 0 }
    }
}

impl From<Value> for Canonical {
    fn from(value: Value) -> Self {
        Self { value }
    }
}

impl fmt::Display for Canonical {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.value)
    }
}

/// What an answer can come to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Value {
    Number(Quantity),
    /// Positions in the question's options, from 0.
    Choice(BTreeSet<u8>),
    YesNo(YesNo),
    Moment(Moment),
    Set(BTreeSet<Item>),
    Sequence(Vec<Item>),
    Text(Text),
    /// Code without its comments and insignificant spaces.
    Code(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum YesNo {
    Yes,
    No,
}

impl YesNo {
    pub(crate) fn turned(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
        }
    }
}

/// A number in the base unit of its dimension (`""` for a bare one).
#[derive(Debug, Clone)]
pub(crate) struct Quantity {
    pub(crate) value: Exact,
    pub(crate) base: &'static str,
    /// As the answer has it, in plain decimal with the unit's symbol.
    pub(crate) written: String,
}

impl Quantity {
    /// The number as the answer has it, without its unit.
    pub(crate) fn plain(&self) -> &str {
        self.written.split(' ').next().unwrap_or_default()
    }

    fn key(&self) -> (Exact, &'static str) {
        (self.value, self.base)
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}
impl Eq for Quantity {}
impl Hash for Quantity {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}
impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

/// Words compared without case, accents, articles and punctuation.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    pub(crate) folded: String,
    pub(crate) written: String,
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.folded == other.folded
    }
}
impl Eq for Text {}
impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.folded.hash(state);
    }
}
impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Text {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.folded.cmp(&other.folded)
    }
}

/// One member of a list.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Item {
    Number(Quantity),
    Text(Text),
}

/// A date as precise as it was given, a time of day, or both.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Moment {
    /// Negative before Christ.
    pub(crate) century: Option<i16>,
    /// Negative before Christ.
    pub(crate) year: Option<i32>,
    /// 1 to 12.
    pub(crate) month: Option<u8>,
    /// 1 to 31.
    pub(crate) day: Option<u8>,
    /// Monday is 1, Sunday 7; only where there is no date.
    pub(crate) weekday: Option<u8>,
    pub(crate) clock: Option<Clock>,
}

/// A time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Clock {
    pub(crate) hour: u8,
    pub(crate) minute: u8,
    pub(crate) second: u8,
}

pub(crate) const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.hour, self.minute)?;
        if self.second > 0 { write!(f, ":{:02}", self.second) } else { Ok(()) }
    }
}

impl fmt::Display for Moment {
    /// ISO 8601 (`--07-04` and `--07` from its 2000 edition for dates without a year).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(century) = self.century {
            return write!(f, "century {century}");
        }
        let mut dated = true;
        match (self.year, self.month, self.day) {
            (Some(year), Some(month), Some(day)) => write!(f, "{year:04}-{month:02}-{day:02}")?,
            (Some(year), Some(month), None) => write!(f, "{year:04}-{month:02}")?,
            (Some(year), None, _) if year < 0 => write!(f, "{year:05}")?,
            (Some(year), None, _) => write!(f, "{year:04}")?,
            (None, Some(month), Some(day)) => write!(f, "--{month:02}-{day:02}")?,
            (None, Some(month), None) => write!(f, "--{month:02}")?,
            (None, None, Some(day)) => write!(f, "---{day:02}")?,
            (None, None, None) => dated = false,
        }
        if let (false, Some(name)) =
            (dated, self.weekday.and_then(|day| WEEKDAYS.get(usize::from(day).checked_sub(1)?)))
        {
            f.write_str(name)?;
            dated = true;
        }
        match self.clock {
            Some(clock) if dated => write!(f, "T{clock}"),
            Some(clock) => write!(f, "{clock}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(quantity) => f.write_str(&quantity.written),
            Self::Text(text) => f.write_str(&text.written),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let join = |items: Vec<String>, mark: &str| items.join(mark);
        match self {
            Self::Number(quantity) => f.write_str(&quantity.written),
            Self::Choice(options) => f.write_str(&join(
                options.iter().map(|o| char::from(b'A'.saturating_add(*o)).to_string()).collect(),
                ", ",
            )),
            Self::YesNo(YesNo::Yes) => f.write_str("yes"),
            Self::YesNo(YesNo::No) => f.write_str("no"),
            Self::Moment(moment) => write!(f, "{moment}"),
            Self::Set(items) => f.write_str(&join(items.iter().map(Item::to_string).collect(), "; ")),
            Self::Sequence(items) => f.write_str(&join(items.iter().map(Item::to_string).collect(), " → ")),
            Self::Text(text) => f.write_str(&text.written),
            Self::Code(code) => f.write_str(code),
        }
    }
}
