//! Takes a JSON document apart into records, one at a time, whatever its size and however damaged it is.
//!
//! A good document is a list of records, or an object with such a list under a known name. Where something is wrong, the
//! record is given up, and the next place that reads as a record is looked for: no damage costs more than what it touches.
//! Memory holds one record, and no record larger than [`LARGEST`] is taken.

use std::io::{self, Read};
use std::ops::Range;

use memchr::memchr;

use super::scan::{Ended, Scan, Scanned};

/// The largest record in bytes. The largest conversations that people have are some megabytes.
pub const LARGEST: usize = 128 << 20;

/// The names under which an object holds a list of records.
const LISTS: [&str; 4] = ["conversations", "chats", "data", "items"];

/// How much is read again while looking for the next record before what was seen once is passed over.
const EFFORT: usize = 256 << 20;

const CHUNK: usize = 256 << 10;

/// What a document consists of. Ranges are valid until the next call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// A member of the object that the document is.
    Member(String, Range<usize>),
    /// The object ended.
    ObjectEnd,
    /// An element of a list.
    Record(Range<usize>),
    /// Something that cannot be read, and what of it was whole.
    Broken(Flaw, Option<Vec<u8>>),
    /// Nothing of it looks like JSON.
    NotJson,
    /// The document ended.
    End,
}

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// It is not JSON.
    Syntax,
    /// It is larger than anything that is taken.
    TooLarge,
    /// The document ends in the middle of it.
    Truncated,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Start,
    Object,
    /// In a list, of the document itself or of its object.
    List(Within),
    Over,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    Document,
    Object,
    /// Records without brackets around them: one after the other, or after damage.
    Nothing,
}

enum Found {
    Whole(Range<usize>),
    Broken { flaw: Flaw, seen: usize, rest: Option<Vec<u8>> },
}

/// A document that is being taken apart.
pub struct Records<R> {
    source: R,
    buffer: Vec<u8>,
    start: usize,
    place: Place,
    effort: usize,
    largest: usize,
    /// A record that was found while looking for the end of damage.
    found: Option<Range<usize>>,
}

impl<R: Read> Records<R> {
    /// Begins at the beginning of `source`.
    pub fn new(source: R) -> Self {
        Self::limited(source, LARGEST)
    }

    fn limited(source: R, largest: usize) -> Self {
        Self { source, buffer: Vec::new(), start: 0, place: Place::Start, effort: EFFORT, largest, found: None }
    }

    /// The bytes of a range that the last call gave.
    pub fn bytes(&self, range: Range<usize>) -> &[u8] {
        self.buffer.get(range).unwrap_or_default()
    }

    /// The next piece. `is_record` tells a record from whatever else may stand inside one: it is asked after damage only.
    pub fn next(&mut self, is_record: impl Fn(&[u8]) -> bool) -> io::Result<Piece> {
        if let Some(range) = self.found.take() {
            self.start = range.end;
            self.place = Place::List(Within::Nothing);
            return Ok(Piece::Record(range));
        }
        loop {
            let next = self.peek()?;
            match (self.place, next) {
                (Place::Over, _) => return Ok(Piece::End),
                (Place::Start, None) => {
                    self.place = Place::Over;
                    return Ok(Piece::NotJson);
                }
                (Place::Start, Some(b'[')) => self.enter(Place::List(Within::Document)),
                (Place::Start, Some(b'{')) => self.enter(Place::Object),
                (Place::Start, Some(_)) => {
                    self.place = Place::Over;
                    let found = self.seek(&is_record)?;
                    self.found.clone_from(&found);
                    return Ok(if found.is_some() { Piece::Broken(Flaw::Syntax, None) } else { Piece::NotJson });
                }
                (Place::List(Within::Nothing), None) => self.place = Place::Over,
                (Place::List(Within::Nothing), Some(b'}' | b']')) => self.start += 1,
                (Place::Object | Place::List(_), None) => {
                    self.place = Place::Over;
                    return Ok(Piece::Broken(Flaw::Truncated, None));
                }
                (Place::Object | Place::List(_), Some(b',')) => self.start += 1,
                (Place::Object, Some(b'}')) => {
                    self.start += 1;
                    // Objects one after the other are a list without brackets.
                    self.place = if self.peek()?.is_some() { Place::List(Within::Nothing) } else { Place::Over };
                    return Ok(Piece::ObjectEnd);
                }
                (Place::Object, Some(_)) => {
                    if let Some(piece) = self.member(&is_record)? {
                        return Ok(piece);
                    }
                }
                (Place::List(Within::Object), Some(b']')) => self.enter(Place::Object),
                (Place::List(Within::Document), Some(b']')) => {
                    self.start += 1;
                    self.place = Place::List(Within::Nothing);
                }
                (Place::List(_), Some(b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n')) => {
                    return match self.value()? {
                        Found::Whole(range) => {
                            self.start = range.end;
                            Ok(Piece::Record(range))
                        }
                        broken @ Found::Broken { .. } => self.give_up(broken, &is_record),
                    };
                }
                (Place::List(_), Some(_)) => {
                    let stray = Found::Broken { flaw: Flaw::Syntax, seen: 0, rest: None };
                    return self.give_up(stray, &is_record);
                }
            }
        }
    }

    /// A key and its value; nothing where the value is a list of records, which is entered.
    fn member(&mut self, is_record: &impl Fn(&[u8]) -> bool) -> io::Result<Option<Piece>> {
        let key = match self.value()? {
            Found::Whole(range) => {
                let key = serde_json::from_slice::<String>(self.bytes(range.clone())).ok();
                self.start = range.end;
                key
            }
            broken @ Found::Broken { .. } => return self.give_up(broken, is_record).map(Some),
        };
        let (Some(key), Some(b':')) = (key, self.peek()?) else {
            let stray = Found::Broken { flaw: Flaw::Syntax, seen: 0, rest: None };
            return self.give_up(stray, is_record).map(Some);
        };
        self.start += 1;
        if self.peek()? == Some(b'[') && LISTS.contains(&key.as_str()) {
            self.enter(Place::List(Within::Object));
            return Ok(None);
        }
        match self.value()? {
            Found::Whole(range) => {
                self.start = range.end;
                Ok(Some(Piece::Member(key, range)))
            }
            broken @ Found::Broken { .. } => self.give_up(broken, is_record).map(Some),
        }
    }

    /// Gives up what begins here and looks for the next record behind it.
    fn give_up(&mut self, broken: Found, is_record: &impl Fn(&[u8]) -> bool) -> io::Result<Piece> {
        let Found::Broken { flaw, seen, rest } = broken else { return Ok(Piece::End) };
        self.effort = self.effort.saturating_sub(seen);
        self.start += if flaw == Flaw::TooLarge { seen.max(1) } else { usize::from(self.start < self.buffer.len()) };
        self.found = self.seek(is_record)?;
        let flaw = match (flaw, &self.found) {
            // Something follows, so it was not the document that ended.
            (Flaw::Truncated, Some(_)) => Flaw::Syntax,
            (flaw, _) => flaw,
        };
        if self.found.is_none() {
            self.place = Place::Over;
        }
        Ok(Piece::Broken(flaw, rest))
    }

    /// The next value anywhere that is a record.
    fn seek(&mut self, is_record: &impl Fn(&[u8]) -> bool) -> io::Result<Option<Range<usize>>> {
        loop {
            let Some(ahead) = memchr(b'{', &self.buffer[self.start..]) else {
                self.start = self.buffer.len();
                if !self.fill()? {
                    return Ok(None);
                }
                continue;
            };
            self.start += ahead;
            match self.value()? {
                Found::Whole(range) if is_record(self.bytes(range.clone())) => return Ok(Some(range)),
                Found::Whole(range) => self.start = range.end,
                Found::Broken { seen, .. } if seen > self.effort => self.start += seen.max(1),
                Found::Broken { seen, .. } => {
                    self.effort -= seen;
                    self.start += 1;
                }
            }
        }
    }

    /// The value that begins here.
    fn value(&mut self) -> io::Result<Found> {
        let mut scan = Scan::new();
        loop {
            let here = &self.buffer[self.start..];
            let flaw = match scan.feed(here) {
                Scanned::Done(length) => return Ok(Found::Whole(self.start..self.start + length)),
                Scanned::Bad(seen) => Some((Flaw::Syntax, seen)),
                Scanned::More if here.len() > self.largest => Some((Flaw::TooLarge, here.len())),
                Scanned::More => None,
            };
            let flaw = match flaw {
                Some(flaw) => flaw,
                None if self.fill()? => continue,
                None => (Flaw::Truncated, self.buffer.len() - self.start),
            };
            let rest = match flaw.0 {
                Flaw::TooLarge => None,
                Flaw::Syntax => scan.closed(&self.buffer[self.start..], Ended::Wrong),
                Flaw::Truncated => scan.closed(&self.buffer[self.start..], Ended::CutOff),
            };
            return Ok(Found::Broken { flaw: flaw.0, seen: flaw.1, rest });
        }
    }

    fn enter(&mut self, place: Place) {
        self.start += 1;
        self.place = place;
    }

    /// The next byte that is not blank.
    fn peek(&mut self) -> io::Result<Option<u8>> {
        loop {
            let rest = &self.buffer[self.start..];
            match rest.iter().position(|byte| !byte.is_ascii_whitespace()) {
                Some(blanks) => {
                    self.start += blanks;
                    return Ok(self.buffer.get(self.start).copied());
                }
                None => {
                    self.start = self.buffer.len();
                    if !self.fill()? {
                        return Ok(None);
                    }
                }
            }
        }
    }

    /// Reads more; false at the end. Forgets what lies before `start`.
    fn fill(&mut self) -> io::Result<bool> {
        if self.start > CHUNK && self.start > self.buffer.len() / 2 {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        let length = self.buffer.len();
        self.buffer.resize(length + CHUNK, 0);
        let read = loop {
            match self.source.read(&mut self.buffer[length..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        self.buffer.truncate(length + *read.as_ref().unwrap_or(&0));
        read.map(|read| read > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> Vec<String> {
        // One byte at a time, so that every place where a read may end is one.
        struct Slow<'a>(&'a [u8]);
        impl Read for Slow<'_> {
            fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
                let read = self.0.read(&mut into[..1])?;
                Ok(read)
            }
        }
        let mut records = Records::limited(Slow(text.as_bytes()), 60);
        let is_record = |bytes: &[u8]| {
            serde_json::from_slice::<serde_json::Value>(bytes).is_ok_and(|value| value.get("id").is_some())
        };
        let mut pieces = Vec::new();
        loop {
            let show = |records: &Records<_>, range| String::from_utf8_lossy(records.bytes(range)).into_owned();
            match records.next(is_record).expect("memory does not fail") {
                Piece::End => return pieces,
                Piece::Record(range) => pieces.push(show(&records, range)),
                Piece::Member(key, range) => pieces.push(format!("{key}={}", show(&records, range))),
                Piece::Broken(flaw, rest) => {
                    let rest = rest.map(|rest| String::from_utf8_lossy(&rest).into_owned());
                    pieces.push(format!("{flaw:?} {}", rest.unwrap_or_default()).trim().to_owned());
                }
                piece @ (Piece::ObjectEnd | Piece::NotJson) => pieces.push(format!("{piece:?}")),
            }
        }
    }

    #[test]
    fn documents_come_apart() {
        let cases: [(&str, &[&str]); 10] = [
            ("[]", &[]),
            (r#" [ {"id":1} , {"id":2} ] "#, &[r#"{"id":1}"#, r#"{"id":2}"#]),
            (
                r#"{"format":"x","conversations":[{"id":1},{"id":2}],"end":true}"#,
                &[r#"format="x""#, r#"{"id":1}"#, r#"{"id":2}"#, "end=true", "ObjectEnd"],
            ),
            ("{\"id\":1}\n{\"id\":2}\n", &["id=1", "ObjectEnd", r#"{"id":2}"#]),
            ("", &["NotJson"]),
            ("hello", &["NotJson"]),
            ("<html>{\"a\":1}</html>", &["NotJson"]),
            (r#"[1,"a",null]"#, &["1", r#""a""#, "null"]),
            (r#"{"a":[1]}"#, &["a=[1]", "ObjectEnd"]),
            (r#"{}"#, &["ObjectEnd"]),
        ];
        for (text, expected) in cases {
            assert_eq!(pieces(text), expected, "{text}");
        }
    }

    #[test]
    fn damage_costs_only_what_it_touches() {
        let cases: [(&str, &[&str]); 12] = [
            // A quotation mark too few, too many.
            (r#"[{"id":1,"t":"a},{"id":2},{"id":3}]"#, &["Syntax {\"id\":1}", r#"{"id":2}"#, r#"{"id":3}"#]),
            (r#"[{"id":1,"t":"a"b"},{"id":2}]"#, &["Syntax {\"id\":1}", r#"{"id":2}"#]),
            // A bracket too few, too many.
            (r#"[{"id":1,"t":{"a":1},{"id":2}]"#, &["Syntax {\"id\":1,\"t\":{\"a\":1}}", r#"{"id":2}"#]),
            (r#"[{"id":1}},{"id":2}]"#, &[r#"{"id":1}"#, "Syntax", r#"{"id":2}"#]),
            // Between records.
            (r#"[{"id":1}x{"id":2}]"#, &[r#"{"id":1}"#, "Syntax", r#"{"id":2}"#]),
            (r#"[{"id":1} {"id":2}]"#, &[r#"{"id":1}"#, r#"{"id":2}"#]),
            // The beginning is gone.
            (r#"id":1},{"id":2},{"id":3}]"#, &["Syntax", r#"{"id":2}"#, r#"{"id":3}"#]),
            (r#"{"f":1,"conve"#, &["f=1", "Truncated"]),
            (
                r#"{"format":1,"conversat"ions":[{"id":1},{"id":2}]}"#,
                &["format=1", "Syntax", r#"{"id":1}"#, r#"{"id":2}"#],
            ),
            // The end is gone.
            (r#"[{"id":1},{"id":2,"m":[{"x":1},{"x"#, &[r#"{"id":1}"#, "Truncated {\"id\":2,\"m\":[{\"x\":1}]}"]),
            (r#"[{"id":1},"#, &[r#"{"id":1}"#, "Truncated"]),
            (
                r#"[{"id":1,"t":"0123456789012345678901234567890123456789012345678901234567890123456789"},{"id":2}]"#,
                &["TooLarge", r#"{"id":2}"#],
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(pieces(text), expected, "{text}");
        }
    }
}
