//! The records of every dialect, as one typed structure that borrows from the input.
//!
//! A field of an unexpected type is treated as absent instead of spoiling the record: the dialects use the same names
//! for different things (`message` is text here and an object there). What cannot be parsed is repaired once (bad
//! UTF-8, lone surrogates, raw control characters, repeated keys) before it is given up.

use std::{borrow::Cow, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};
use serde_json::Value;

/// One record: an OpenAI chunk or completion, an Ollama line, or one of the platform's own shapes.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Record<'a> {
    #[serde(borrow)]
    pub(super) id: Field<'a>,
    #[serde(borrow)]
    pub(super) object: Field<'a>,
    #[serde(borrow)]
    pub(super) model: Field<'a>,
    #[serde(borrow)]
    pub(super) choices: First<'a>,
    pub(super) usage: Counts,

    pub(super) error: Option<Value>,
    pub(super) detail: Option<Value>,
    #[serde(borrow)]
    pub(super) success: Field<'a>,

    #[serde(borrow, rename = "type")]
    pub(super) kind: Field<'a>,
    #[serde(borrow)]
    pub(super) content: Field<'a>,
    #[serde(borrow)]
    pub(super) response: Field<'a>,
    #[serde(borrow)]
    pub(super) full_response: Field<'a>,
    #[serde(borrow)]
    pub(super) thinking: Field<'a>,
    #[serde(borrow)]
    pub(super) message: Words<'a>,
    #[serde(borrow)]
    pub(super) done: Field<'a>,
    #[serde(borrow)]
    pub(super) stop: Field<'a>,
    #[serde(borrow)]
    pub(super) done_reason: Field<'a>,
    #[serde(borrow)]
    pub(super) finish_reason: Field<'a>,
    #[serde(borrow)]
    pub(super) created_at: Field<'a>,
    #[serde(borrow)]
    pub(super) prompt_eval_count: Field<'a>,
    #[serde(borrow)]
    pub(super) eval_count: Field<'a>,

    #[serde(borrow)]
    pub(super) status: Field<'a>,
    #[serde(borrow)]
    pub(super) fallback: Field<'a>,
    #[serde(borrow)]
    pub(super) fallback_mode: Field<'a>,
    pub(super) routing_info: Option<Value>,
}

impl<'a> Record<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> serde_json::Result<Self> {
        serde_json::from_slice(bytes)
    }
}

/// Reads a value of any JSON type: what a type does not care for is its default.
trait Loose<'de>: Default {
    fn text(_: Cow<'de, str>) -> Self {
        Self::default()
    }

    fn flag(_: bool) -> Self {
        Self::default()
    }

    fn number(_: f64) -> Self {
        Self::default()
    }

    fn map<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }

    fn list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }
}

/// The visitor behind [`Loose`].
struct AnyValue<T>(PhantomData<T>);

impl<'de, T: Loose<'de>> Visitor<'de> for AnyValue<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<T, E> {
        Ok(T::text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok(T::text(Cow::Owned(text.to_owned())))
    }

    fn visit_bool<E>(self, flag: bool) -> Result<T, E> {
        Ok(T::flag(flag))
    }

    fn visit_u64<E>(self, number: u64) -> Result<T, E> {
        Ok(T::number(number as f64))
    }

    fn visit_i64<E>(self, number: i64) -> Result<T, E> {
        Ok(T::number(number as f64))
    }

    fn visit_f64<E>(self, number: f64) -> Result<T, E> {
        Ok(T::number(number))
    }

    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::map(map)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<T, A::Error> {
        T::list(list)
    }
}

macro_rules! deserialize_loosely {
    ($($name:ident)*) => {$(
        impl<'de: 'a, 'a> Deserialize<'de> for $name<'a> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(AnyValue(PhantomData))
            }
        }
    )*};
}

deserialize_loosely!(Field Part Words First Slot);

/// A value of which only text, truth and numbers are of interest.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) enum Field<'a> {
    /// Not there, or `null`.
    #[default]
    Absent,
    Text(Cow<'a, str>),
    Flag(bool),
    Number(f64),
    /// Something else.
    Other,
}

impl Field<'_> {
    pub(super) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The text, where there is some.
    pub(super) fn words(&self) -> Option<&str> {
        self.text().filter(|text| !text.is_empty())
    }

    pub(super) fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    pub(super) fn is_true(&self) -> bool {
        matches!(self, Self::Flag(true))
    }

    pub(super) fn is_false(&self) -> bool {
        matches!(self, Self::Flag(false))
    }

    pub(super) fn is_bool(&self) -> bool {
        matches!(self, Self::Flag(_))
    }

    pub(super) fn count(&self) -> Option<u32> {
        let Self::Number(number) = self else { return None };
        (0.0..=f64::from(u32::MAX)).contains(number).then_some(*number as u32)
    }
}

impl<'de> Loose<'de> for Field<'de> {
    fn text(text: Cow<'de, str>) -> Self {
        Self::Text(text)
    }

    fn flag(flag: bool) -> Self {
        Self::Flag(flag)
    }

    fn number(number: f64) -> Self {
        Self::Number(number)
    }

    fn map<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::Other)
    }

    /// The parts of a message, `[{"type":"text","text":"…"}]`: the texts, joined.
    fn list<A: SeqAccess<'de>>(mut parts: A) -> Result<Self, A::Error> {
        let mut joined: Option<String> = None;
        while let Some(Part(part)) = parts.next_element()? {
            if let Some(text) = part.text() {
                joined.get_or_insert_default().push_str(text);
            }
        }
        Ok(joined.map_or(Self::Other, |text| Self::Text(Cow::Owned(text))))
    }
}

/// One part of a message: the `text` of an object, nothing of anything else.
#[derive(Default)]
struct Part<'a>(Field<'a>);

impl<'de> Loose<'de> for Part<'de> {
    fn map<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut part = Self::default();
        while let Some(key) = map.next_key::<Field<'de>>()? {
            if key.text() == Some("text") {
                part = Self(map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(part)
    }
}

/// What is said: a message (`message`), or a piece of one (`delta`).
#[derive(Debug, Default, PartialEq)]
pub(super) enum Words<'a> {
    #[default]
    Absent,
    /// An error's text, in the dialects that call it `message`.
    Text(Cow<'a, str>),
    Message(Message<'a>),
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct Message<'a> {
    #[serde(borrow)]
    pub(super) content: Field<'a>,
    #[serde(borrow)]
    reasoning_content: Field<'a>,
    #[serde(borrow)]
    reasoning: Field<'a>,
    #[serde(borrow)]
    thinking: Field<'a>,
    tool_calls: Items,
}

impl Message<'_> {
    /// `reasoning_content` (DeepSeek, older vLLM), `reasoning` (newer vLLM) or `thinking` (Ollama). Some versions send
    /// the same text under two names: the first in this list counts.
    pub(super) fn reasoning(&self) -> Option<&str> {
        [&self.reasoning_content, &self.reasoning, &self.thinking].into_iter().find_map(Field::words)
    }

    pub(super) fn calls_tools(&self) -> bool {
        self.tool_calls.0
    }
}

impl<'de> Loose<'de> for Words<'de> {
    fn text(text: Cow<'de, str>) -> Self {
        Self::Text(text)
    }

    fn map<A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        Message::deserialize(MapAccessDeserializer::new(map)).map(Self::Message)
    }
}

/// Whether a list has items; what they are does not matter.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Items(bool);

impl<'de> Loose<'de> for Items {
    fn list<A: SeqAccess<'de>>(mut items: A) -> Result<Self, A::Error> {
        let mut any = Self(false);
        while items.next_element::<IgnoredAny>()?.is_some() {
            any = Self(true);
        }
        Ok(any)
    }
}

impl<'de> Deserialize<'de> for Items {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue(PhantomData))
    }
}

/// The choice with index 0; only one is ever asked for.
#[derive(Debug, Default)]
#[allow(clippy::large_enum_variant)] // lives on the stack for one record; a box would cost an allocation per token
pub(super) enum First<'a> {
    /// No `choices` at all.
    #[default]
    Absent,
    /// A list without it: the chunk with the usage.
    Empty,
    Choice(Choice<'a>),
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Choice<'a> {
    #[serde(borrow)]
    index: Field<'a>,
    #[serde(borrow)]
    pub(super) delta: Words<'a>,
    #[serde(borrow)]
    pub(super) message: Words<'a>,
    #[serde(borrow)]
    pub(super) text: Field<'a>,
    #[serde(borrow)]
    pub(super) finish_reason: Field<'a>,
}

impl<'de> Loose<'de> for First<'de> {
    fn list<A: SeqAccess<'de>>(mut choices: A) -> Result<Self, A::Error> {
        let mut first = Self::Empty;
        while let Some(Slot(choice)) = choices.next_element()? {
            if let Some(choice) = choice
                && matches!(first, Self::Empty)
                && (choice.index.is_absent() || choice.index == Field::Number(0.0))
            {
                first = Self::Choice(choice);
            }
        }
        Ok(first)
    }
}

/// A choice, or anything else in its place.
#[derive(Default)]
struct Slot<'a>(Option<Choice<'a>>);

impl<'de> Loose<'de> for Slot<'de> {
    fn map<A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        Choice::deserialize(MapAccessDeserializer::new(map)).map(|choice| Self(Some(choice)))
    }
}

/// Token counts of the prompt and of the answer; present only where both are.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counts(pub(super) Option<(u32, u32)>);

impl<'de> Loose<'de> for Counts {
    fn map<A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Wire<'a> {
            #[serde(borrow)]
            prompt_tokens: Field<'a>,
            #[serde(borrow)]
            completion_tokens: Field<'a>,
        }

        let wire = Wire::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Self(wire.prompt_tokens.count().zip(wire.completion_tokens.count())))
    }
}

impl<'de> Deserialize<'de> for Counts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue(PhantomData))
    }
}

// --- repair ---------------------------------------------------------------------------------------------------------

/// A record's bytes as text that the parser takes: what is not UTF-8 and lone surrogates become U+FFFD, control
/// characters inside strings are escaped.
pub(super) fn repair(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_ref();
    let mut in_string = false;
    while let Some(character) = rest.chars().next() {
        let mut taken = character.len_utf8();
        match character {
            '"' => {
                in_string = !in_string;
                out.push('"');
            }
            '\\' if in_string => match hex_escape(rest) {
                Some(0xD800..=0xDBFF) => match hex_escape(&rest[6..]) {
                    Some(0xDC00..=0xDFFF) => {
                        taken = 12;
                        out.push_str(&rest[..taken]);
                    }
                    _ => {
                        taken = 6;
                        out.push(char::REPLACEMENT_CHARACTER);
                    }
                },
                Some(0xDC00..=0xDFFF) => {
                    taken = 6;
                    out.push(char::REPLACEMENT_CHARACTER);
                }
                _ => {
                    taken += rest[1..].chars().next().map_or(0, char::len_utf8);
                    out.push_str(&rest[..taken]);
                }
            },
            control if in_string && control < ' ' => {
                out.push_str(&format!("\\u{:04x}", u32::from(control)));
            }
            other => out.push(other),
        }
        rest = &rest[taken..];
    }
    out
}

/// The code unit of an escape like `\u00e9` at the beginning of `text`.
fn hex_escape(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u16::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_other_types_do_not_spoil_a_record() {
        let record = Record::parse(
            br#"{"id":7,"choices":[5,null,{"index":1,"delta":{"content":"no"}},{"index":0,"delta":{"content":"yes","tool_calls":[{}]},
                "finish_reason":{"x":[1]}}],"usage":[1],"message":"text","content":["a",{"type":"text","text":"b"},{"text":"c"}],
                "status":200,"done":"no","detail":[1]}"#,
        )
        .unwrap();
        let First::Choice(choice) = &record.choices else { panic!("no choice") };
        let Words::Message(delta) = &choice.delta else { panic!("no delta") };
        assert_eq!((delta.content.words(), delta.calls_tools()), (Some("yes"), true));
        assert_eq!(choice.finish_reason, Field::Other);
        assert_eq!(record.usage, Counts(None));
        assert_eq!(record.message, Words::Text("text".into()));
        assert_eq!(record.content, Field::Text("bc".into()));
        assert_eq!((record.id.count(), record.status.count(), record.done.is_bool()), (Some(7), Some(200), false));
    }

    #[test]
    fn the_first_of_several_names_for_reasoning_counts() {
        for (message, reasoning) in [
            (r#"{"reasoning_content":"a","reasoning":"a"}"#, Some("a")),
            (r#"{"reasoning_content":"","reasoning":"b"}"#, Some("b")),
            (r#"{"reasoning":null,"thinking":"c"}"#, Some("c")),
            (r#"{"reasoning":{"effort":"low"}}"#, None),
        ] {
            assert_eq!(serde_json::from_str::<Message<'_>>(message).unwrap().reasoning(), reasoning, "{message}");
        }
    }

    #[test]
    fn repair_makes_the_parser_take_what_it_refuses() {
        for (broken, text) in [
            (&b"{\"content\":\"a\xFFb\"}"[..], "a\u{FFFD}b"),
            (br#"{"content":"\ud83d"}"#, "\u{FFFD}"),
            (br#"{"content":"\ud83dx\ude00"}"#, "\u{FFFD}x\u{FFFD}"),
            (br#"{"content":"\ud83d\ud83d\ude00"}"#, "\u{FFFD}\u{1F600}"),
            (br#"{"content":"\\ud83d"}"#, "\\ud83d"),
            (b"{\"content\":\"a\x00\nb\"}", "a\0\nb"),
        ] {
            let repaired = repair(broken);
            assert_eq!(Record::parse(repaired.as_bytes()).unwrap().content.text(), Some(text), "{repaired}");
        }
    }

    #[test]
    fn repair_changes_nothing_that_is_right() {
        let right = r#"{"content":"\u00e9\ud83d\ude00 \" \\ é\n", "x" : [1 , 2]}"#;
        assert_eq!(repair(right.as_bytes()), right);
    }
}
