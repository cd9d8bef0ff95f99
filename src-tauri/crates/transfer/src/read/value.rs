//! Values of records, read tolerantly: a field of another type than expected is a field that is not there, and no field makes
//! a record unreadable.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDateTime};
use serde_json::{Map, Value};

/// An object of JSON. A key that occurs twice has its last value.
pub type Object = Map<String, Value>;

/// Times that can be meant, in milliseconds: from 1990 to 2200. Others are read as absent.
const SENSIBLE: std::ops::Range<i64> = 631_152_000_000..7_258_118_400_000;

/// Parses a record; mends what JavaScript and broken tools write (halves of surrogate pairs, bytes that are not UTF-8).
///
/// # Errors
/// What the parser says.
pub fn parse(bytes: &[u8]) -> Result<Value, serde_json::Error> {
    serde_json::from_slice(bytes).or_else(|_| serde_json::from_str(&mend(bytes)))
}

/// The text with replacement characters where bytes are not UTF-8 and where half of a surrogate pair is escaped alone.
fn mend(bytes: &[u8]) -> Cow<'_, str> {
    let text = String::from_utf8_lossy(bytes);
    let mut mended = String::new();
    let mut kept = 0;
    let mut at = 0;
    let raw = text.as_bytes();
    while let Some(ahead) = memchr::memchr(b'\\', &raw[at..]) {
        at += ahead;
        let Some(unit) = escaped_unit(raw, at) else {
            at += 2;
            if at >= raw.len() {
                break;
            }
            continue;
        };
        let pair = (0xD800..0xDC00).contains(&unit)
            && escaped_unit(raw, at + 6).is_some_and(|low| (0xDC00..0xE000).contains(&low));
        if pair {
            at += 12;
        } else {
            if (0xD800..0xE000).contains(&unit) {
                mended.push_str(&text[kept..at]);
                mended.push('\u{FFFD}');
                kept = at + 6;
            }
            at += 6;
        }
        if at >= raw.len() {
            break;
        }
    }
    if kept == 0 {
        return text;
    }
    mended.push_str(text.get(kept..).unwrap_or_default());
    Cow::Owned(mended)
}

/// The code unit that is escaped at an offset, as `\uXXXX`.
fn escaped_unit(bytes: &[u8], at: usize) -> Option<u16> {
    let hex = bytes.get(at..at + 6)?.strip_prefix(br"\u")?;
    let hex = std::str::from_utf8(hex).ok()?;
    hex.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u16::from_str_radix(hex, 16).ok())?
}

/// A text that is not empty.
pub fn text<'a>(object: &'a Object, key: &str) -> Option<&'a str> {
    object.get(key)?.as_str().filter(|text| !text.is_empty())
}

/// An id: a text or a number.
pub fn id(object: &Object, key: &str) -> Option<String> {
    match object.get(key)? {
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A flag; absent is no.
pub fn flag(object: &Object, key: &str) -> bool {
    object.get(key).and_then(Value::as_bool).unwrap_or_default()
}

/// An object.
pub fn object<'a>(object: &'a Object, key: &str) -> Option<&'a Object> {
    object.get(key)?.as_object()
}

/// A list; absent is empty.
pub fn list<'a>(object: &'a Object, key: &str) -> &'a [Value] {
    object.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A time in milliseconds, from any of the ways in which exports write one: seconds or milliseconds since 1970, as a number or
/// as text, or a date with or without a zone (then UTC). What no conversation can be as old or as young as is absent.
pub fn time(object: &Object, key: &str) -> Option<i64> {
    let ms = match object.get(key)? {
        Value::Number(number) => since_1970(number.as_f64()?),
        Value::String(text) => match text.trim().parse::<f64>() {
            Ok(number) => since_1970(number),
            Err(_) => date(text.trim()),
        },
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    ms.filter(|ms| SENSIBLE.contains(ms))
}

/// Seconds have ten digits in our times, milliseconds thirteen, and nanoseconds nineteen.
#[expect(clippy::cast_possible_truncation, reason = "saturates, and what is not sensible is dropped")]
fn since_1970(number: f64) -> Option<i64> {
    let ms = match number.abs() {
        seconds if seconds < 1e11 => number * 1e3,
        ms if ms < 1e14 => number,
        us if us < 1e17 => number / 1e3,
        _ => number / 1e6,
    };
    ms.is_finite().then(|| ms.round() as i64)
}

fn date(text: &str) -> Option<i64> {
    if let Ok(date) = DateTime::parse_from_rfc3339(text) {
        return Some(date.timestamp_millis());
    }
    ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .map(|date| date.and_utc().timestamp_millis())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_javascript_cuts_is_mended() {
        let cases = [
            (&br#""a\ud83d""#[..], "a\u{FFFD}"),
            (br#""\ud83e\uddab b\udc00c""#, "\u{1f9ab} b\u{FFFD}c"),
            (br#""\\ud83d""#, "\\ud83d"),
            (b"\"a\xffb\"", "a\u{FFFD}b"),
            (br#""\ud83d\ud83d\udc00""#, "\u{FFFD}\u{1f400}"),
        ];
        for (bytes, expected) in cases {
            assert_eq!(parse(bytes).ok(), Some(json!(expected)));
        }
        for bytes in [&b"\"\\"[..], b"\"\\u", b"\\u12", b"{"] {
            assert!(parse(bytes).is_err());
        }
    }

    #[test]
    fn times_of_all_kinds_are_read() {
        let expected = Some(1_700_000_000_123);
        for value in [
            json!(1_700_000_000.123),
            json!(1_700_000_000_123_i64),
            json!(1_700_000_000_123_000_i64),
            json!("1700000000.123"),
            json!("2023-11-14T22:13:20.123Z"),
            json!("2023-11-14T22:13:20.123456+00:00"),
            json!("2023-11-14T22:13:20.123"),
            json!("2023-11-14 22:13:20.123"),
        ] {
            let object = Object::from_iter([("t".to_owned(), value.clone())]);
            assert_eq!(time(&object, "t"), expected, "{value}");
        }
        for value in
            [json!(0), json!(-5), json!(1e300), json!("soon"), json!(null), json!([1]), json!("9999-01-01T00:00:00Z")]
        {
            let object = Object::from_iter([("t".to_owned(), value.clone())]);
            assert_eq!(time(&object, "t"), None, "{value}");
        }
    }
}
