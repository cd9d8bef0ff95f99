//! Runs the decoder over bytes in given pieces and gathers what comes out.

use capibara6_llm::{
    ChatEvent, Failure,
    decode::{Decoder, End, Progress, Unframed},
};
use capibara6_protocol::ErrorCode;

/// What a decoder made of some bytes: the events with neighbouring pieces of text joined, and how it ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    pub events: Vec<ChatEvent>,
    pub end: Result<End, ErrorCode>,
}

/// Joins neighbouring pieces of one text: where they are cut depends on where the input was.
pub fn joined(events: impl IntoIterator<Item = ChatEvent>) -> Vec<ChatEvent> {
    let mut out: Vec<ChatEvent> = Vec::new();
    for event in events {
        match (out.last_mut(), event) {
            (Some(ChatEvent::Content(text)), ChatEvent::Content(more))
            | (Some(ChatEvent::Reasoning(text)), ChatEvent::Reasoning(more)) => text.push_str(&more),
            (_, event) => out.push(event),
        }
    }
    out
}

/// Decodes the pieces and then the end of the input, with the failure in full.
pub fn run<'a>(
    unframed: Unframed,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<ChatEvent>, Result<End, Failure>) {
    let mut decoder = Decoder::new(unframed);
    let mut events = Vec::new();
    for piece in pieces {
        match decoder.push(piece, &mut events) {
            Ok(Progress::More) => {}
            Ok(Progress::Ended(end)) => return (events, Ok(end)),
            Err(failure) => return (events, Err(failure)),
        }
    }
    let end = decoder.finish(&mut events);
    (events, end)
}

pub fn decode<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Decoded {
    let (events, end) = run(Unframed::Accept, pieces);
    for event in &events {
        if let ChatEvent::Content(text) | ChatEvent::Reasoning(text) | ChatEvent::Replace(text) = event {
            assert!(!text.is_empty(), "no text is ever empty");
        }
    }
    Decoded { events: joined(events), end: end.map_err(|failure| failure.code) }
}

/// In one piece.
pub fn whole(bytes: &[u8]) -> Decoded {
    decode([bytes])
}

/// Byte by byte.
pub fn bytewise(bytes: &[u8]) -> Decoded {
    decode(bytes.chunks(1))
}

/// Cut at the given places (in any order, as fractions of the length).
pub fn cut(bytes: &[u8], places: &[usize]) -> Decoded {
    decode(pieces(bytes, places))
}

pub fn pieces<'a>(bytes: &'a [u8], places: &[usize]) -> Vec<&'a [u8]> {
    let mut places: Vec<usize> = places.iter().map(|place| place % (bytes.len() + 1)).collect();
    places.sort_unstable();
    let mut pieces = Vec::new();
    let mut from = 0;
    for place in places {
        pieces.push(&bytes[from..place]);
        from = place;
    }
    pieces.push(&bytes[from..]);
    pieces
}

/// Decodes in one piece and byte by byte, which must not differ.
pub fn steady(bytes: &[u8]) -> Decoded {
    let decoded = whole(bytes);
    assert_eq!(bytewise(bytes), decoded, "byte by byte: {:?}", String::from_utf8_lossy(bytes));
    decoded
}

pub fn content(text: &str) -> ChatEvent {
    ChatEvent::Content(text.to_owned())
}

pub fn reasoning(text: &str) -> ChatEvent {
    ChatEvent::Reasoning(text.to_owned())
}

pub fn replace(text: &str) -> ChatEvent {
    ChatEvent::Replace(text.to_owned())
}

pub fn usage(prompt_tokens: u32, completion_tokens: u32) -> ChatEvent {
    ChatEvent::Usage { prompt_tokens, completion_tokens }
}
