//! The decoder must make the same of the same bytes however they are cut, and never panic, hang or give empty text.
//!
//! The input's first byte chooses what is done with bare text and how the rest is cut; the rest is the body.
#![no_main]

use capibara6_llm::{
    ChatEvent, DETAIL_BYTES, Failure,
    decode::{Decoder, End, Progress, Unframed},
};
use capibara6_protocol::ErrorCode;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((&choice, body)) = input.split_first() else { return };
    let unframed = if choice & 1 == 0 { Unframed::Accept } else { Unframed::Refuse };
    let whole = decode(unframed, [body].into_iter());
    assert_eq!(decode(unframed, Cuts::new(body, u64::from(choice))), whole);
    assert_eq!(decode(unframed, Cuts::new(body, u64::from(choice) << 8 | body.len() as u64)), whole);
    // Byte by byte, where it is cheap: most corner cases of framing are there.
    if body.len() < 512 {
        assert_eq!(decode(unframed, body.chunks(1)), whole);
    }
});

/// What came out, with neighbouring pieces of one text joined: where they are cut may depend on the input's cuts.
fn decode<'a>(unframed: Unframed, pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<ChatEvent>, Result<End, Failure>) {
    let mut decoder = Decoder::new(unframed);
    let mut events = Vec::new();
    let mut ended = None;
    for piece in pieces {
        match decoder.push(piece, &mut events) {
            Ok(Progress::More) => {}
            Ok(Progress::Ended(end)) => ended = Some(Ok(end)),
            Err(failure) => ended = Some(Err(failure)),
        }
    }
    let finished = decoder.finish(&mut events);
    if let Some(ended) = ended {
        assert_eq!(ended, finished);
    }
    if let Err(failure) = &finished {
        assert!(failure.detail.len() <= DETAIL_BYTES);
    }
    let mut joined: Vec<ChatEvent> = Vec::new();
    for event in events {
        if let ChatEvent::Content(text) | ChatEvent::Reasoning(text) | ChatEvent::Replace(text) = &event {
            assert!(!text.is_empty());
        }
        match (joined.last_mut(), event) {
            (Some(ChatEvent::Content(text)), ChatEvent::Content(more))
            | (Some(ChatEvent::Reasoning(text)), ChatEvent::Reasoning(more)) => text.push_str(&more),
            (_, event) => joined.push(event),
        }
    }
    // An excerpt of bare text shows as much as had come; everything else of a failure must agree.
    let end = finished.map_err(|failure| {
        let excerpt = failure.code == ErrorCode::Simulated || failure.detail.starts_with("neither events nor JSON");
        if excerpt { Failure { detail: String::new(), ..failure } } else { failure }
    });
    (joined, end)
}

/// Cuts a body at places that follow from a seed (a linear congruential generator; Knuth's MMIX constants).
struct Cuts<'a> {
    rest: &'a [u8],
    state: u64,
}

impl<'a> Cuts<'a> {
    fn new(body: &'a [u8], seed: u64) -> Self {
        Self { rest: body, state: seed }
    }
}

impl<'a> Iterator for Cuts<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let random = (self.state >> 33) as usize;
        // Mostly short pieces, sometimes long ones.
        let length = 1 + if random & 7 == 0 { random / 8 % 400 } else { random / 8 % 12 };
        let (piece, rest) = self.rest.split_at(length.min(self.rest.len()));
        self.rest = rest;
        Some(piece)
    }
}
