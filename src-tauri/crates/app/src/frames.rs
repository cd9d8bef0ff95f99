//! The one ordered channel from the core to the window. Text of one message that arrives within a display tick becomes one
//! delta; state changes go out at once and take the text before them along; no frame reaches [`FRAME_BYTES`], because
//! longer ones take a slower path through the webview.
//!
//! There is one subscriber: a window that reloads replaces itself and starts at `seq` 1. Nothing here can grow without
//! bound: without a subscriber nothing is kept, and a subscriber that does not read loses what exceeds
//! [`PENDING_BYTES`], with a gap in `seq` that tells it to read its view again. Losing is safe because the journal and the
//! snapshot hold the same text; this channel is never the only place of anything.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use capibara6_protocol::{Event, FRAME_BYTES, Frame, MessageId, Part};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::text::utf16_len;

/// Least time between two frames that hold nothing but text: a display tick. The first text after a pause goes at once.
pub const TICK: Duration = Duration::from_millis(16);

/// What may wait for a subscriber that does not read, in bytes of text and other content.
pub const PENDING_BYTES: usize = 1 << 20;

/// `{"seq":18446744073709551615,"events":[]}`, and the bound is exclusive.
const FRAME_OVERHEAD: usize = 41;

/// A delta is split to fill a frame only where at least this much of its text fits.
const LEAST_PIECE: usize = 256;

/// The sending side. Sending never waits.
#[derive(Clone, Default)]
pub struct Frames {
    shared: Arc<Shared>,
    /// The space that this side speaks for; the program itself where absent.
    space: Option<u64>,
}

#[derive(Default)]
struct Shared {
    pending: Mutex<Pending>,
    changed: Notify,
}

/// What waits for the subscriber.
#[derive(Default)]
struct Pending {
    /// Which space is open: they are numbered as they come.
    space: u64,
    /// Which subscriber is served: they are numbered from 1.
    subscriber: u64,
    /// Whether it is still there.
    listening: bool,
    /// The number of the last frame it got.
    seq: u64,
    queue: VecDeque<Event>,
    /// How many events were taken from the queue so far: makes a position in `growing` independent of taking.
    taken: u64,
    /// The delta at the end of a message's text, which may still grow.
    growing: HashMap<(MessageId, Part), Growing>,
    /// An upper bound of what the queue holds, in bytes.
    bytes: usize,
    /// Whether a state change waits.
    urgent: bool,
    last_sent: Option<Instant>,
    /// Whether the last frame was full and something is left.
    behind: bool,
}

/// A delta in the queue that more text may be appended to.
#[derive(Clone, Copy)]
struct Growing {
    /// Its position, counted from the first event ever.
    position: u64,
    /// Where its text ends in the message, in UTF-16 code units: kept, because counting it for every piece would make a
    /// reader that does not read quadratically expensive.
    end: u32,
}

impl Frames {
    /// Hands an event to the subscriber, in order.
    pub fn send(&self, event: Event) {
        let mut pending = lock(&self.shared.pending);
        if !pending.listening || self.space.is_some_and(|space| space != pending.space) {
            return;
        }
        let size = weight(&event);
        if pending.bytes + size > PENDING_BYTES {
            pending.forget();
        }
        pending.bytes += size;
        #[allow(clippy::wildcard_enum_match_arm, reason = "all others are state changes")]
        match event {
            Event::MessageDelta { conversation, message, part, at, text } => {
                if text.is_empty() || pending.grow(message, part, at, &text) {
                    return;
                }
                let position = pending.taken + pending.queue.len() as u64;
                pending.growing.insert((message, part), Growing { position, end: at + utf16_len(&text) });
                pending.queue.push_back(Event::MessageDelta { conversation, message, part, at, text });
            }
            state => {
                if let Some(message) = about(&state) {
                    pending.growing.remove(&(message, Part::Content));
                    pending.growing.remove(&(message, Part::Reasoning));
                }
                pending.queue.push_back(without_text(state));
                pending.urgent = true;
            }
        }
        drop(pending);
        self.shared.changed.notify_waiters();
    }

    /// Makes the subscriber read its view again: skips one number. Used where what it shows is no longer true and no event
    /// could say so.
    pub fn lose(&self) {
        let mut pending = lock(&self.shared.pending);
        if self.space.is_none_or(|space| space == pending.space) {
            pending.seq += 1;
        }
    }

    /// The sending side of the open space: says nothing any more once that is left.
    pub fn of_space(&self) -> Self {
        let space = lock(&self.shared.pending).space;
        Self { shared: Arc::clone(&self.shared), space: Some(space) }
    }

    /// The open space is left: what waits of it is dropped, and nothing more of it is sent.
    pub fn leave_space(&self) {
        let mut pending = lock(&self.shared.pending);
        pending.space += 1;
        pending.growing.clear();
        pending.queue.retain(|event| scope(event) == Scope::Program);
        pending.bytes = pending.queue.iter().map(weight).sum();
    }

    /// Takes the place of the subscriber before, which gets nothing more.
    pub fn subscribe(&self) -> FrameReceiver {
        let mut pending = lock(&self.shared.pending);
        let subscriber = pending.subscriber + 1;
        *pending = Pending { space: pending.space, subscriber, listening: true, ..Pending::default() };
        drop(pending);
        self.shared.changed.notify_waiters();
        FrameReceiver { shared: Arc::clone(&self.shared), subscriber }
    }
}

/// The receiving side: one window, until the next one subscribes.
pub struct FrameReceiver {
    shared: Arc<Shared>,
    subscriber: u64,
}

impl FrameReceiver {
    /// The next frame, or `None` for ever once another subscriber has taken the place.
    pub async fn next(&mut self) -> Option<Frame> {
        loop {
            // Registered before looking, so that no change between looking and waiting is missed.
            let changed = self.shared.changed.notified();
            let due = match self.look() {
                Look::Replaced => return None,
                Look::Ready(frame) => return Some(frame),
                Look::Wait(due) => due,
            };
            match due {
                Some(due) => drop(tokio::time::timeout_at(due, changed).await),
                None => changed.await,
            }
        }
    }
}

/// What waits for a receiver.
enum Look {
    /// Another one has taken its place.
    Replaced,
    Ready(Frame),
    /// Nothing to be sent before this, or before a change.
    Wait(Option<Instant>),
}

impl FrameReceiver {
    fn look(&self) -> Look {
        let mut pending = lock(&self.shared.pending);
        if pending.subscriber != self.subscriber {
            return Look::Replaced;
        }
        match pending.due() {
            Some(due) if due <= Instant::now() => pending.take_frame().map_or(Look::Wait(None), Look::Ready),
            due => Look::Wait(due),
        }
    }
}

impl Drop for FrameReceiver {
    fn drop(&mut self) {
        let mut pending = lock(&self.shared.pending);
        if pending.subscriber == self.subscriber {
            *pending = Pending { space: pending.space, subscriber: self.subscriber, ..Pending::default() };
        }
    }
}

impl Pending {
    /// Appends to the delta at the end of the text, where there is one that it continues without a gap.
    fn grow(&mut self, message: MessageId, part: Part, at: u32, text: &str) -> bool {
        let Some(growing) = self.growing.get_mut(&(message, part)).filter(|growing| growing.end == at) else {
            return false;
        };
        let Some(index) = growing.position.checked_sub(self.taken).and_then(|index| usize::try_from(index).ok()) else {
            return false;
        };
        if let Some(Event::MessageDelta { text: known, .. }) = self.queue.get_mut(index) {
            known.push_str(text);
            growing.end += utf16_len(text);
            return true;
        }
        false
    }

    /// Drops everything and leaves a gap.
    fn forget(&mut self) {
        self.taken += self.queue.len() as u64;
        self.queue.clear();
        self.growing.clear();
        self.bytes = 0;
        self.urgent = false;
        self.seq += 1;
    }

    /// When the next frame may go, if anything waits.
    fn due(&self) -> Option<Instant> {
        if self.queue.is_empty() {
            return None;
        }
        let now = Instant::now();
        // What did not fit into the last frame follows at twice the pace: a large answer catches up, and the window still
        // gets no more frames than it can take.
        let pause = if self.behind { TICK / 2 } else { TICK };
        Some(if self.urgent { now } else { self.last_sent.map_or(now, |sent| sent + pause) })
    }

    /// As many events as fit into one frame. `None` where nothing could be sent after all.
    fn take_frame(&mut self) -> Option<Frame> {
        let mut events = Vec::new();
        let mut room = FRAME_BYTES - FRAME_OVERHEAD;
        while let Some(event) = self.queue.pop_front() {
            if let Some(length) = length_below(&event, room) {
                room -= length + 1;
                self.taken += 1;
                self.bytes = self.bytes.saturating_sub(weight(&event));
                events.push(event);
                continue;
            }
            match split(event, room) {
                Split::Fits(head, tail) => {
                    self.bytes = self.bytes.saturating_sub(weight(&head));
                    events.push(head);
                    self.queue.push_front(tail);
                    break;
                }
                Split::Whole(event) if !events.is_empty() => {
                    self.queue.push_front(event);
                    break;
                }
                Split::Whole(event) => {
                    // Alone and still too long: the window reads its view again instead.
                    tracing::warn!(kind = kind(&event), "event too long for a frame");
                    self.taken += 1;
                    self.bytes = self.bytes.saturating_sub(weight(&event));
                    self.seq += 1;
                }
            }
        }
        if self.queue.is_empty() {
            self.growing.clear();
            self.bytes = 0;
            self.urgent = false;
        }
        if events.is_empty() {
            return None;
        }
        self.seq += 1;
        self.behind = !self.queue.is_empty();
        self.last_sent = Some(Instant::now());
        Some(Frame { seq: self.seq, events })
    }
}

enum Split {
    /// What fits, and what is left.
    Fits(Event, Event),
    /// It cannot be split, or not usefully.
    Whole(Event),
}

/// Splits a delta at a character boundary so that its first part is shorter than `room` when serialised.
fn split(event: Event, room: usize) -> Split {
    let Event::MessageDelta { conversation, message, part, at, mut text } = event else {
        return Split::Whole(event);
    };
    let delta = |at, text| Event::MessageDelta { conversation, message, part, at, text };
    let frame = json_length(&delta(at, String::new()));
    let Some(room) = room.checked_sub(frame + 1).filter(|room| *room >= LEAST_PIECE) else {
        return Split::Whole(delta(at, text));
    };
    let mut used = 0;
    let cut = text.char_indices().find_map(|(index, character)| {
        used += escaped_length(character);
        (used > room).then_some(index)
    });
    match cut {
        Some(cut) => {
            let tail = text.split_off(cut);
            let tail_at = at + utf16_len(&text);
            Split::Fits(delta(at, text), delta(tail_at, tail))
        }
        None => Split::Whole(delta(at, text)),
    }
}

/// Bytes of a character inside a JSON string, as serde_json writes it.
fn escaped_length(character: char) -> usize {
    match character {
        '"' | '\\' | '\u{8}' | '\u{c}' | '\n' | '\r' | '\t' => 2,
        '\0'..='\u{1f}' => 6,
        other => other.len_utf8(),
    }
}

/// Length of an event as JSON where it is below `bound`. Text is measured without building it and no further than needed:
/// this runs for every frame, and what waits may be long.
fn length_below(event: &Event, bound: usize) -> Option<usize> {
    let Event::MessageDelta { conversation, message, part, at, text } = event else {
        return Some(json_length(event)).filter(|length| *length < bound);
    };
    let (conversation, message, part, at) = (*conversation, *message, *part, *at);
    let mut length = json_length(&Event::MessageDelta { conversation, message, part, at, text: String::new() });
    for character in text.chars() {
        length += escaped_length(character);
        if length >= bound {
            return None;
        }
    }
    Some(length).filter(|length| *length < bound)
}

/// Length as JSON; too long for any frame where it cannot be written as JSON.
fn json_length(event: &Event) -> usize {
    serde_json::to_vec(event).map_or(usize::MAX / 2, |bytes| bytes.len())
}

/// What an event costs while it waits.
fn weight(event: &Event) -> usize {
    if let Event::MessageDelta { text, .. } = event { text.len() } else { 1024 }
}

/// The message whose text an event follows.
#[allow(clippy::wildcard_enum_match_arm, reason = "all others follow no text")]
fn about(event: &Event) -> Option<MessageId> {
    match event {
        Event::MessageBegun { message } => Some(message.id),
        Event::MessageDelta { message, .. }
        | Event::MessageRerouted { message, .. }
        | Event::MessageFitted { message, .. }
        | Event::MessageEnded { message, .. } => Some(*message),
        _ => None,
    }
}

/// Whom an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// What is in the open space: it means nothing in another one.
    Space,
    /// The program.
    Program,
}

#[allow(clippy::wildcard_enum_match_arm, reason = "what is not known to be the program's does not leave its space")]
fn scope(event: &Event) -> Scope {
    match event {
        Event::Health { .. }
        | Event::SpaceChanged { .. }
        | Event::AccountChanged { .. }
        | Event::SignInChanged { .. }
        | Event::FilesDropped { .. }
        | Event::Request { .. } => Scope::Program,
        _ => Scope::Space,
    }
}

/// A begun message crosses without its text, which may be of any length (it is continued, or asked anew).
fn without_text(mut event: Event) -> Event {
    if let Event::MessageBegun { message } = &mut event {
        message.content.clear();
        message.reasoning.clear();
    }
    event
}

/// The name of an event, for the log.
fn kind(event: &Event) -> String {
    let value = serde_json::to_value(event).unwrap_or_default();
    value["type"].as_str().unwrap_or_default().to_owned()
}

/// A panic while the lock was held cannot leave `Pending` half-written in a way that matters: the worst is a gap.
fn lock(pending: &Mutex<Pending>) -> MutexGuard<'_, Pending> {
    pending.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
