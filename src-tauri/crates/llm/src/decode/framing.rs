//! From bytes to records: server-sent events, a sequence of JSON documents, or plain text.
//!
//! What the bytes are is decided by the bytes: half of the platform's servers send server-sent events as `text/plain`,
//! and some answer with one JSON document where a stream was asked for. Lines and documents are borrowed from the
//! caller's buffer where they lie in it whole, so the usual case copies nothing; every byte is looked at once, however
//! the input is cut. Server-sent events follow the WHATWG HTML standard, §9.2.6, with three deliberate differences: an
//! event at the end of the input counts without its blank line, data lines that are complete JSON documents each are
//! separate events (some servers forget the blank line), and a line has a limit.

use memchr::memchr2;

/// The longest line, event or document, in bytes. The same bound as the largest request vLLM's server accepts by
/// default; a longer one is hostile or broken.
pub const LIMIT: usize = 16 * 1024 * 1024;

/// Memory that a buffer may keep for the next line.
const KEEP: usize = 1024 * 1024;

/// How much may come before the kind of the input must be clear.
const SNIFF: usize = 64 * 1024;

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// What the input turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `text/event-stream`, whatever it is labelled.
    Events,
    /// JSON documents one after another: one per line (NDJSON), or one alone.
    Documents,
    /// Neither.
    Text,
}

/// One piece of the input.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Frame<'a> {
    /// The data of one event, or one JSON document.
    Record(Kind, &'a [u8]),
    /// The same, but the input ended inside it.
    Cut(Kind, &'a [u8]),
    /// A piece of plain text; bytes that are not UTF-8 are U+FFFD.
    Text(&'a str),
}

/// Why framing stops.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stop<E> {
    /// A line, event or document is longer than [`LIMIT`].
    TooLong,
    /// The receiver has had enough.
    Receiver(E),
}

/// The framing state machine.
#[derive(Debug)]
pub(super) struct Framer {
    state: State,
    /// Whether anything but comments and blank lines came since it was last asked.
    heard: bool,
}

#[derive(Debug)]
enum State {
    /// Not known yet; holds everything so far.
    Unknown(Vec<u8>),
    Events(Events),
    Documents(Documents),
    Text(Text),
}

impl Framer {
    pub(super) fn new() -> Self {
        Self { state: State::Unknown(Vec::new()), heard: false }
    }

    /// Whether anything but comments and blank lines came since the last call: comments keep a connection open, they
    /// do not say that the model is at work.
    pub(super) fn take_heard(&mut self) -> bool {
        std::mem::take(&mut self.heard)
    }

    /// What the input is, once that is clear.
    pub(super) fn kind(&self) -> Option<Kind> {
        match &self.state {
            State::Unknown(_) => None,
            State::Events(_) => Some(Kind::Events),
            State::Documents(_) => Some(Kind::Documents),
            State::Text(_) => Some(Kind::Text),
        }
    }

    /// Takes the next bytes and hands out what they complete.
    pub(super) fn push<E>(
        &mut self,
        bytes: &[u8],
        receive: &mut impl FnMut(Frame<'_>) -> Result<(), E>,
    ) -> Result<(), Stop<E>> {
        match &mut self.state {
            State::Events(events) => events.push(bytes, &mut self.heard, receive),
            State::Documents(documents) => {
                self.heard |= !bytes.is_empty();
                documents.push(bytes, receive)
            }
            State::Text(text) => {
                self.heard |= !bytes.is_empty();
                text.push(bytes, receive).map_err(Stop::Receiver)
            }
            State::Unknown(held) if held.is_empty() => match sniff(bytes, false) {
                Some(kind) => self.begin(kind, bytes, receive),
                None => {
                    held.extend_from_slice(bytes);
                    Ok(())
                }
            },
            State::Unknown(held) => {
                held.extend_from_slice(bytes);
                match sniff(held, false) {
                    Some(kind) => {
                        let held = std::mem::take(held);
                        self.begin(kind, &held, receive)
                    }
                    None => Ok(()),
                }
            }
        }
    }

    /// Says that the input has ended.
    pub(super) fn finish<E>(&mut self, receive: &mut impl FnMut(Frame<'_>) -> Result<(), E>) -> Result<(), Stop<E>> {
        if let State::Unknown(held) = &mut self.state {
            let held = std::mem::take(held);
            let kind = sniff(&held, true).unwrap_or(Kind::Events);
            self.begin(kind, &held, receive)?;
        }
        match &mut self.state {
            State::Events(events) => events.finish(receive),
            State::Documents(documents) => documents.finish(receive),
            State::Text(text) => text.finish(receive).map_err(Stop::Receiver),
            State::Unknown(_) => Ok(()),
        }
    }

    fn begin<E>(
        &mut self,
        kind: Kind,
        bytes: &[u8],
        receive: &mut impl FnMut(Frame<'_>) -> Result<(), E>,
    ) -> Result<(), Stop<E>> {
        self.state = match kind {
            Kind::Events => State::Events(Events::default()),
            Kind::Documents => State::Documents(Documents::default()),
            Kind::Text => State::Text(Text::default()),
        };
        self.push(bytes.strip_prefix(BOM).unwrap_or(bytes), receive)
    }
}

/// Decides what an input is by its beginning; `None` while more is needed.
///
/// Comments and blank lines decide nothing (a smiley begins with a colon too): the first other line does.
fn sniff(input: &[u8], ended: bool) -> Option<Kind> {
    const FIELDS: [&[u8]; 4] = [b"data:", b"event:", b"id:", b"retry:"];
    let input = match input.strip_prefix(BOM) {
        Some(rest) => rest,
        None if !ended && BOM.starts_with(input) => return None,
        None => input,
    };
    let mut rest = input.trim_ascii_start();
    while rest.first() == Some(&b':') {
        match memchr2(b'\n', b'\r', rest) {
            Some(end) => rest = rest[end..].trim_ascii_start(),
            None if input.len() > SNIFF => return Some(Kind::Events),
            None => return None,
        }
    }
    let Some(first) = rest.first() else {
        return (input.len() > SNIFF).then_some(Kind::Events);
    };
    match first {
        b'{' => Some(Kind::Documents),
        b'[' => match rest[1..].trim_ascii_start().first() {
            Some(b'{') => Some(Kind::Documents),
            Some(_) => Some(Kind::Text),
            None if ended || input.len() > SNIFF => Some(Kind::Text),
            None => None,
        },
        _ if FIELDS.iter().any(|field| rest.starts_with(field)) => Some(Kind::Events),
        _ if !ended && FIELDS.iter().any(|field| field.starts_with(rest)) => None,
        _ => Some(Kind::Text),
    }
}

// --- server-sent events ---------------------------------------------------------------------------------------------

#[derive(Debug, Default)]
struct Events {
    /// The line that the next bytes go on with.
    line: Vec<u8>,
    /// The data lines of the open event, joined by line feeds.
    data: Data,
    /// A carriage return came last: a line feed right after it belongs to it.
    after_cr: bool,
}

#[derive(Debug, Default)]
struct Data {
    /// `None` between events; an event may have empty data.
    lines: Option<Vec<u8>>,
    /// Looks for the end of a JSON document in them; only as far as a second line asked for it.
    scan: Scan,
    scanned: usize,
}

impl Events {
    fn push<E>(
        &mut self,
        bytes: &[u8],
        heard: &mut bool,
        receive: &mut impl FnMut(Frame<'_>) -> Result<(), E>,
    ) -> Result<(), Stop<E>> {
        let mut rest = bytes;
        loop {
            if self.after_cr
                && let Some(first) = rest.first()
            {
                self.after_cr = false;
                if *first == b'\n' {
                    rest = &rest[1..];
                }
            }
            let Some(end) = memchr2(b'\n', b'\r', rest) else {
                if self.line.len() + rest.len() > LIMIT {
                    return Err(Stop::TooLong);
                }
                self.line.extend_from_slice(rest);
                *heard |= !rest.is_empty() && self.line.first() != Some(&b':');
                return Ok(());
            };
            self.after_cr = rest[end] == b'\r';
            if self.line.len() + end > LIMIT {
                return Err(Stop::TooLong);
            }
            let (line, after) = (&rest[..end], &rest[end + 1..]);
            rest = after;
            if self.line.is_empty() {
                if !self.data.is_open()
                    && let Some(value) = data_value(line)
                    && let Some(after) = self.blank_line(rest)
                {
                    // The usual case: a whole event in one piece, handed on without a copy.
                    *heard = true;
                    rest = after;
                    receive(Frame::Record(Kind::Events, value)).map_err(Stop::Receiver)?;
                    continue;
                }
                *heard |= !matches!(line.first(), None | Some(b':'));
                self.data.line(line, receive)?;
            } else {
                let mut whole = std::mem::take(&mut self.line);
                whole.extend_from_slice(line);
                *heard |= whole.first() != Some(&b':');
                self.data.line(&whole, receive)?;
                self.line = recycled(whole);
            }
        }
    }

    /// What follows a blank line at the beginning of `rest`, if one is there for certain.
    fn blank_line<'a>(&mut self, rest: &'a [u8]) -> Option<&'a [u8]> {
        let line = match rest {
            [b'\n', line @ ..] if self.after_cr => line,
            line => line,
        };
        match line {
            [b'\n', after @ ..] => {
                self.after_cr = false;
                Some(after)
            }
            [b'\r', after @ ..] => {
                self.after_cr = true;
                Some(after)
            }
            _ => None,
        }
    }

    fn finish<E>(&mut self, receive: &mut impl FnMut(Frame<'_>) -> Result<(), E>) -> Result<(), Stop<E>> {
        let line = std::mem::take(&mut self.line);
        let cut = !line.is_empty();
        if cut {
            self.data.line(&line, receive)?;
        }
        match self.data.take() {
            Some(data) if cut => receive(Frame::Cut(Kind::Events, &data)).map_err(Stop::Receiver),
            Some(data) => receive(Frame::Record(Kind::Events, &data)).map_err(Stop::Receiver),
            None => Ok(()),
        }
    }
}

impl Data {
    fn is_open(&self) -> bool {
        self.lines.is_some()
    }

    fn take(&mut self) -> Option<Vec<u8>> {
        self.scan = Scan::default();
        self.scanned = 0;
        self.lines.take()
    }

    /// Takes one whole line of the stream.
    fn line<E>(&mut self, line: &[u8], receive: &mut impl FnMut(Frame<'_>) -> Result<(), E>) -> Result<(), Stop<E>> {
        if line.is_empty() {
            return match self.take() {
                Some(data) => receive(Frame::Record(Kind::Events, &data)).map_err(Stop::Receiver),
                None => Ok(()),
            };
        }
        let Some(value) = data_value(line) else { return Ok(()) };
        if self.is_complete() {
            self.line(b"", receive)?;
        }
        match &mut self.lines {
            None => self.lines = Some(value.to_vec()),
            Some(lines) => {
                if lines.len() + 1 + value.len() > LIMIT {
                    return Err(Stop::TooLong);
                }
                lines.push(b'\n');
                lines.extend_from_slice(value);
            }
        }
        Ok(())
    }

    /// Whether the lines so far are a record on their own.
    fn is_complete(&mut self) -> bool {
        let Some(lines) = &self.lines else { return false };
        let complete = self.scan.document(&lines[self.scanned..]).is_some();
        self.scanned = lines.len();
        complete
    }
}

/// The value of a `data` line; `None` for comments and all other fields.
fn data_value(line: &[u8]) -> Option<&[u8]> {
    match line.strip_prefix(b"data")? {
        [b':', b' ', value @ ..] | [b':', value @ ..] => Some(value),
        [] => Some(&[]),
        _ => None,
    }
}

/// An emptied buffer for the next line, unless it has grown out of proportion.
fn recycled(mut buffer: Vec<u8>) -> Vec<u8> {
    buffer.clear();
    if buffer.capacity() > KEEP { Vec::new() } else { buffer }
}

// --- JSON documents -------------------------------------------------------------------------------------------------

#[derive(Debug, Default)]
struct Documents {
    open: Vec<u8>,
    scan: Scan,
}

impl Documents {
    fn push<E>(&mut self, bytes: &[u8], receive: &mut impl FnMut(Frame<'_>) -> Result<(), E>) -> Result<(), Stop<E>> {
        let mut rest = bytes;
        while !rest.is_empty() {
            if self.open.is_empty() {
                rest = rest.trim_ascii_start();
                if rest.is_empty() {
                    break;
                }
            }
            match self.scan.document(rest) {
                Some(end) => {
                    if self.open.len() + end > LIMIT {
                        return Err(Stop::TooLong);
                    }
                    self.scan = Scan::default();
                    if self.open.is_empty() {
                        receive(Frame::Record(Kind::Documents, &rest[..end])).map_err(Stop::Receiver)?;
                    } else {
                        let mut whole = std::mem::take(&mut self.open);
                        whole.extend_from_slice(&rest[..end]);
                        receive(Frame::Record(Kind::Documents, &whole)).map_err(Stop::Receiver)?;
                        self.open = recycled(whole);
                    }
                    rest = &rest[end..];
                }
                None => {
                    if self.open.len() + rest.len() > LIMIT {
                        return Err(Stop::TooLong);
                    }
                    self.open.extend_from_slice(rest);
                    break;
                }
            }
        }
        Ok(())
    }

    fn finish<E>(&mut self, receive: &mut impl FnMut(Frame<'_>) -> Result<(), E>) -> Result<(), Stop<E>> {
        let open = std::mem::take(&mut self.open);
        if open.is_empty() {
            return Ok(());
        }
        receive(Frame::Cut(Kind::Documents, &open)).map_err(Stop::Receiver)
    }
}

/// Finds the end of a JSON document by its brackets, or of a line where it does not begin with one. Knows nothing
/// else of JSON: the parser finds what is wrong inside.
#[derive(Debug, Default, Clone, Copy)]
struct Scan {
    place: Place,
    depth: usize,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Place {
    #[default]
    Before,
    Inside,
    String,
    Escape,
    Line,
}

impl Scan {
    /// Goes on through `bytes`; the index after the document's last byte where it ends in them.
    fn document(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        while at < bytes.len() {
            match self.place {
                Place::Before => match bytes[at] {
                    b'{' | b'[' => {
                        self.place = Place::Inside;
                        self.depth = 1;
                        at += 1;
                    }
                    byte if byte.is_ascii_whitespace() => at += 1,
                    _ => self.place = Place::Line,
                },
                Place::Inside => {
                    match bytes[at] {
                        b'{' | b'[' => self.depth += 1,
                        b'}' | b']' => {
                            self.depth -= 1;
                            if self.depth == 0 {
                                return Some(at + 1);
                            }
                        }
                        b'"' => self.place = Place::String,
                        _ => {}
                    }
                    at += 1;
                }
                Place::String => match memchr2(b'"', b'\\', &bytes[at..]) {
                    Some(found) => {
                        self.place = if bytes[at + found] == b'"' { Place::Inside } else { Place::Escape };
                        at += found + 1;
                    }
                    None => return None,
                },
                Place::Escape => {
                    self.place = Place::String;
                    at += 1;
                }
                Place::Line => return memchr2(b'\n', b'\r', &bytes[at..]).map(|end| at + end),
            }
        }
        None
    }
}

// --- plain text -----------------------------------------------------------------------------------------------------

/// UTF-8 across any cut; what is not UTF-8 becomes U+FFFD, one per maximal ill-formed part (Unicode 16, §3.9, U+FFFD
/// substitution of maximal subparts).
#[derive(Debug, Default)]
struct Text {
    /// The beginning of a character whose rest has not come yet: at most three bytes.
    open: Vec<u8>,
}

impl Text {
    fn push<E>(&mut self, bytes: &[u8], receive: &mut impl FnMut(Frame<'_>) -> Result<(), E>) -> Result<(), E> {
        if self.open.is_empty() {
            self.open = Self::hand_on(bytes, receive)?;
        } else {
            let mut whole = std::mem::take(&mut self.open);
            whole.extend_from_slice(bytes);
            self.open = Self::hand_on(&whole, receive)?;
        }
        Ok(())
    }

    fn hand_on<E>(bytes: &[u8], receive: &mut impl FnMut(Frame<'_>) -> Result<(), E>) -> Result<Vec<u8>, E> {
        let open = match std::str::from_utf8(bytes) {
            Ok(_) => 0,
            Err(_) => unfinished(bytes),
        };
        let (ready, open) = bytes.split_at(bytes.len() - open);
        if !ready.is_empty() {
            receive(Frame::Text(&String::from_utf8_lossy(ready)))?;
        }
        Ok(open.to_vec())
    }

    fn finish<E>(&mut self, receive: &mut impl FnMut(Frame<'_>) -> Result<(), E>) -> Result<(), E> {
        if self.open.is_empty() {
            return Ok(());
        }
        let open = std::mem::take(&mut self.open);
        receive(Frame::Text(&String::from_utf8_lossy(&open)))
    }
}

/// How many bytes at the end could still become a character.
fn unfinished(bytes: &[u8]) -> usize {
    (1..=bytes.len().min(3))
        .rev()
        .find(|length| {
            let tail = &bytes[bytes.len() - length..];
            std::str::from_utf8(tail).is_err_and(|error| error.valid_up_to() == 0 && error.error_len().is_none())
        })
        .unwrap_or(0)
}
