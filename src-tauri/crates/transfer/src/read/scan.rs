//! Finds where a JSON value ends, byte by byte, without building it.
//!
//! A pushdown automaton that knows the grammar well enough to notice the first byte that cannot be right, whatever the length
//! of the value, in memory that grows with its depth alone. A streaming parser would do as well for a good file; this one
//! exists because of the bad ones: it can begin anywhere, and it remembers how to close what was cut off.

use memchr::memchr2;

/// The deepest nesting that is followed. Real exports stay below twenty.
const DEPTH: usize = 512;

/// How far a scan is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scanned {
    /// The value goes on.
    More,
    /// The value ends before this offset.
    Done(usize),
    /// The byte at this offset cannot be right.
    Bad(usize),
}

/// Why a value has no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// There are no more bytes.
    CutOff,
    /// The next byte cannot be right.
    Wrong,
}

/// What may come next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expect {
    Value,
    /// A value, or the end of an array that is empty so far.
    ValueOrEnd,
    /// A key, or the end of an object that is empty so far.
    KeyOrEnd,
    Key,
    Colon,
    /// A comma or the end of what is open.
    Next,
    /// The rest of a string; whether it is a key.
    Text(Kind),
    Escape(Kind),
    Hex(Kind, u8),
    Number,
    /// The rest of `true`, `false` or `null`.
    Word(&'static [u8]),
    Over,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Key,
    Value,
}

/// A value that is being read.
#[derive(Debug, Clone)]
pub struct Scan {
    expect: Expect,
    /// What is open, as the bytes that opened it.
    open: Vec<u8>,
    at: usize,
    /// Where the last whole value ended that stands directly in the outermost brackets, and in those inside them.
    whole: [Option<usize>; CLOSABLE],
    /// The same without texts: where a quotation mark is missing, the last text is not what it was.
    sure: [Option<usize>; CLOSABLE],
}

/// How deep a value may be cut and still be closed: a record, and a list of messages in it.
const CLOSABLE: usize = 2;

impl Scan {
    /// A value that begins at the next byte.
    pub fn new() -> Self {
        Self { expect: Expect::Value, open: Vec::new(), at: 0, whole: [None; CLOSABLE], sure: [None; CLOSABLE] }
    }

    /// Goes on with `bytes`, which begin where the value begins and hold at least what was seen before.
    pub fn feed(&mut self, bytes: &[u8]) -> Scanned {
        while let Some(byte) = bytes.get(self.at).copied() {
            if let Expect::Text(kind) = self.expect {
                // Most of a conversation is text: jump to what ends it. Control characters are never written raw, so one
                // that is there means that a quotation mark was lost.
                let rest = &bytes[self.at..];
                let stretch = memchr2(b'"', b'\\', rest).unwrap_or(rest.len());
                if let Some(control) = rest[..stretch].iter().position(|byte| *byte < 0x20) {
                    return Scanned::Bad(self.at + control);
                }
                self.at += stretch;
                match rest.get(stretch) {
                    None => return Scanned::More,
                    Some(b'"') => {
                        self.at += 1;
                        self.ended(kind);
                    }
                    Some(_) => {
                        self.at += 1;
                        self.expect = Expect::Escape(kind);
                    }
                }
            } else if self.expect == Expect::Number && !matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-') {
                // The byte behind a number belongs to what comes next.
                self.ended(Kind::Value);
            } else if self.step(byte) {
                self.at += 1;
                self.after(byte);
            } else {
                return Scanned::Bad(self.at);
            }
            if self.expect == Expect::Over {
                return Scanned::Done(self.at);
            }
        }
        Scanned::More
    }

    /// The value as far as it is whole, closed where it was cut off or where it goes wrong: a valid value with less in it.
    /// `None` where nothing in it is whole.
    pub fn closed(&self, bytes: &[u8], end: Ended) -> Option<Vec<u8>> {
        let whole = match end {
            Ended::CutOff => &self.whole,
            Ended::Wrong => &self.sure,
        };
        let depth = (1..=CLOSABLE.min(self.open.len())).rev().find(|depth| whole[depth - 1].is_some())?;
        let mut closed = bytes.get(..whole[depth - 1]?)?.to_vec();
        closed.extend(self.open[..depth].iter().rev().map(|open| if *open == b'{' { b'}' } else { b']' }));
        Some(closed)
    }

    /// Takes one byte outside of strings and numbers; false where it cannot be right.
    fn step(&mut self, byte: u8) -> bool {
        self.expect = match (self.expect, byte) {
            (
                same @ (Expect::Value
                | Expect::ValueOrEnd
                | Expect::KeyOrEnd
                | Expect::Key
                | Expect::Colon
                | Expect::Next),
                b' ' | b'\t' | b'\n' | b'\r',
            ) => same,
            (Expect::ValueOrEnd, b']') => return self.close(b'['),
            (Expect::Value | Expect::ValueOrEnd, _) => match byte {
                b'{' | b'[' if self.open.len() < DEPTH => {
                    self.open.push(byte);
                    if byte == b'{' { Expect::KeyOrEnd } else { Expect::ValueOrEnd }
                }
                b'"' => Expect::Text(Kind::Value),
                b'-' | b'0'..=b'9' => Expect::Number,
                b't' => Expect::Word(b"rue"),
                b'f' => Expect::Word(b"alse"),
                b'n' => Expect::Word(b"ull"),
                _ => return false,
            },
            (Expect::KeyOrEnd, b'}') => return self.close(b'{'),
            (Expect::KeyOrEnd | Expect::Key, b'"') => Expect::Text(Kind::Key),
            (Expect::Colon, b':') => Expect::Value,
            // `feed` lets only the bytes of a number come here.
            (Expect::Number, _) => Expect::Number,
            (Expect::Next, b',') => {
                if self.open.last() == Some(&b'{') {
                    Expect::Key
                } else {
                    Expect::Value
                }
            }
            (Expect::Next, b'}') => return self.close(b'{'),
            (Expect::Next, b']') => return self.close(b'['),
            (Expect::Escape(kind), b'u') => Expect::Hex(kind, 4),
            (Expect::Escape(kind), b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Expect::Text(kind),
            (Expect::Hex(kind, 1), _) if byte.is_ascii_hexdigit() => Expect::Text(kind),
            (Expect::Hex(kind, left), _) if byte.is_ascii_hexdigit() => Expect::Hex(kind, left - 1),
            (Expect::Word([next, rest @ ..]), _) if *next == byte => Expect::Word(rest),
            _ => return false,
        };
        true
    }

    /// Notes what ended with a byte that is taken.
    fn after(&mut self, byte: u8) {
        // Only a closing bracket leads to `Next` or `Over`, besides the blanks in front of a comma.
        let closed = matches!(self.expect, Expect::Next | Expect::Over) && matches!(byte, b'}' | b']');
        if closed || self.expect == Expect::Word(b"") {
            self.ended(Kind::Value);
        }
    }

    fn close(&mut self, opener: u8) -> bool {
        let fits = self.open.pop() == Some(opener);
        for ends in [&mut self.whole, &mut self.sure] {
            if let Some(forgotten) = ends.get_mut(self.open.len()) {
                *forgotten = None;
            }
        }
        self.expect = if self.open.is_empty() { Expect::Over } else { Expect::Next };
        fits
    }

    /// A key, or a value of whichever kind, ended before `at`.
    fn ended(&mut self, kind: Kind) {
        let depth = self.open.len();
        self.expect = match kind {
            Kind::Key => Expect::Colon,
            Kind::Value if depth == 0 => Expect::Over,
            Kind::Value => {
                if let (Some(whole), Some(sure)) = (self.whole.get_mut(depth - 1), self.sure.get_mut(depth - 1)) {
                    *whole = Some(self.at);
                    if !matches!(self.expect, Expect::Text(_)) {
                        *sure = Some(self.at);
                    }
                }
                Expect::Next
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(text: &str) -> Scanned {
        Scan::new().feed(text.as_bytes())
    }

    #[test]
    fn a_value_ends_where_it_ends() {
        let whole = [
            r#"{}"#,
            r#"[]"#,
            r#"{"a":[1,-2.5e+3,true,false,null,"x"],"b":{"c":{}}}"#,
            r#""a \" \\ \u00e9 \n""#,
            " \n [ 1 , 2 ] ",
            r#"[[],[[]],{}]"#,
            "null",
        ];
        for text in whole {
            for rest in ["", ",", "]", " {"] {
                let both = format!("{text}{rest}");
                assert_eq!(scan(&both), Scanned::Done(text.trim_end().len()), "{both}");
            }
        }
        // A number at the very end could go on.
        assert_eq!(scan("12"), Scanned::More);
        assert_eq!(scan("12,"), Scanned::Done(2));
    }

    #[test]
    fn the_first_byte_that_cannot_be_right_is_noticed() {
        let cases = [
            ("x", 0),
            (r#"{"a" 1}"#, 5),
            (r#"{"a":1,}"#, 7),
            (r#"{a:1}"#, 1),
            (r#"[1 2]"#, 3),
            (r#"[1}"#, 2),
            (r#"{"a":"b"c"}"#, 8),
            ("[\"a\nb\"]", 3),
            (r#"["\x"]"#, 3),
            (r#"["\u12G4"]"#, 6),
            ("[tru]", 4),
            ("]", 0),
        ];
        for (text, at) in cases {
            assert_eq!(scan(text), Scanned::Bad(at), "{text}");
        }
        assert_eq!(scan(&"[".repeat(DEPTH + 1)), Scanned::Bad(DEPTH));
    }

    #[test]
    fn it_makes_no_difference_how_the_bytes_arrive() {
        let text = r#"{"id":"é","messages":[{"a":[1,2,{"b":null}]},{"c":"\u00e9\\"}],"n":-1.5e3}"#;
        let mut scan = Scan::new();
        for end in 0..text.len() {
            assert_eq!(scan.feed(&text.as_bytes()[..end]), Scanned::More, "{end}");
        }
        assert_eq!(scan.feed(text.as_bytes()), Scanned::Done(text.len()));
    }

    #[test]
    fn what_was_cut_off_is_closed_after_what_is_whole() {
        let cases = [
            (r#"{"id":1,"messages":[{"a":1},{"b":2},{"c":[3"#, Some(r#"{"id":1,"messages":[{"a":1},{"b":2}]}"#)),
            (r#"{"id":1,"messages":[{"a":1}],"t":"x"#, Some(r#"{"id":1,"messages":[{"a":1}]}"#)),
            (r#"{"id":1,"messages":["#, Some(r#"{"id":1}"#)),
            (r#"{"id":1,"mess"#, Some(r#"{"id":1}"#)),
            (r#"{"id"#, None),
            (r#"[1,2,"#, Some("[1,2]")),
        ];
        for (text, expected) in cases {
            let mut scan = Scan::new();
            assert_eq!(scan.feed(text.as_bytes()), Scanned::More, "{text}");
            let closed =
                scan.closed(text.as_bytes(), Ended::CutOff).map(|bytes| String::from_utf8(bytes).expect("text"));
            assert_eq!(closed.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_text_that_may_have_swallowed_what_follows_is_left_out() {
        let text = r#"{"n":1,"t":"a},{"id":2},"#;
        let mut scan = Scan::new();
        assert_eq!(scan.feed(text.as_bytes()), Scanned::Bad(17));
        assert_eq!(scan.closed(text.as_bytes(), Ended::Wrong).as_deref(), Some(&br#"{"n":1}"#[..]));
    }

    proptest::proptest! {
        #[test]
        fn what_is_found_whole_is_what_a_parser_finds_whole(text in r#"[\[\]{}",:0-9a-f\\ tru]{0,40}"#) {
            if let Scanned::Done(end) = Scan::new().feed(text.as_bytes()) {
                // The grammar of numbers and words is left to the parser.
                let _ = serde_json::from_str::<serde_json::Value>(&text[..end]);
            }
            let mut values = serde_json::Deserializer::from_str(&text).into_iter::<serde_json::Value>();
            if let Some(Ok(value)) = values.next() {
                let end = values.byte_offset();
                let found = Scan::new().feed(text.as_bytes());
                let number_at_the_end = value.is_number() && end == text.len();
                proptest::prop_assert!(found == Scanned::Done(end) || number_at_the_end, "{found:?} {end}");
            }
        }
    }
}
