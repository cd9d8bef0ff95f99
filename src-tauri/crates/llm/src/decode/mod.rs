//! The streaming decoder: bytes in, [`ChatEvent`]s out, no I/O.
//!
//! `framing` cuts the bytes into records, `wire` types a record (`chunk` the usual one), `answer` says what it means, `simulated` refuses what
//! no model said. The result does not depend on how the bytes are cut: a property test compares it with a slow and
//! simple decoder, a fuzz target with itself under another cut.

mod answer;
mod chunk;
mod cumulative;
mod framing;
pub(crate) mod simulated;
mod wire;

use capibara6_protocol::{ErrorCode, FinishReason};

pub use framing::LIMIT;

use self::{
    answer::Answer,
    framing::{Frame, Framer, Stop},
};
use crate::Failure;

/// What a model says, whatever the server's dialect. No text is ever empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChatEvent {
    /// A piece of the answer.
    Content(String),
    /// A piece of the thinking before the answer.
    Reasoning(String),
    /// Why the model stopped.
    Finish(FinishReason),
    /// What the server counted; once, at the end.
    Usage {
        /// Tokens of the conversation that was sent.
        prompt_tokens: u32,
        /// Tokens of the answer, thinking included.
        completion_tokens: u32,
    },
    /// How many tokens the server has counted so far, thinking included: only where the request wanted that, after the
    /// pieces that it counts.
    Counted(u32),
    /// The whole answer so far is this instead: the server's own account of it differs from the pieces.
    Replace(String),
}

/// What is done with a body that is neither events nor JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unframed {
    /// It is the answer: one of the platform's servers streams bare text, labelled `text/plain`.
    Accept,
    /// It is not an answer: binary data, another service's page.
    Refuse,
}

/// How an answer ended, when it ended in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// A model answered; perhaps with nothing, but then it said why it stopped.
    Answered,
    /// There was an end, but nothing of a model before it.
    Empty,
}

/// What the decoder wants after a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// More bytes, or [`Decoder::finish`].
    More,
    /// Nothing: the answer has ended, further bytes are ignored.
    Ended(End),
}

/// Decodes one answer.
#[derive(Debug)]
pub struct Decoder {
    framer: Framer,
    answer: Answer,
    failed: Option<Failure>,
}

impl Decoder {
    /// A decoder for one answer.
    pub fn new(unframed: Unframed) -> Self {
        Self { framer: Framer::new(), answer: Answer::new(unframed), failed: None }
    }

    /// Takes the next bytes of the body and appends what they complete.
    ///
    /// # Errors
    /// An error of the server's, simulated text, or bytes that cannot be understood. The events before it are
    /// appended; every later call returns the same failure.
    pub fn push(&mut self, bytes: &[u8], events: &mut Vec<ChatEvent>) -> Result<Progress, Failure> {
        self.guarded(events, |framer, answer, events| {
            if answer.end().is_none() {
                framer
                    .push(bytes, &mut |frame: Frame<'_>| receive(answer, &frame, events))
                    .or_else(|stop| stopped(stop, answer, events))?;
            }
            Ok(answer.end().map_or(Progress::More, Progress::Ended))
        })
    }

    /// Says that the body has ended in order.
    ///
    /// # Errors
    /// [`ErrorCode::Truncated`] where the answer did not end in order; otherwise as [`push`](Self::push).
    pub fn finish(&mut self, events: &mut Vec<ChatEvent>) -> Result<End, Failure> {
        self.guarded(events, |framer, answer, events| {
            if let Some(end) = answer.end() {
                return Ok(end);
            }
            framer
                .finish(&mut |frame: Frame<'_>| receive(answer, &frame, events))
                .or_else(|stop| stopped(stop, answer, events))?;
            answer.finish(framer.kind(), events)
        })
    }

    /// Hands out what is held back, because no more bytes will come.
    pub fn abandon(&mut self, events: &mut Vec<ChatEvent>) {
        if self.failed.is_none() && self.answer.end().is_none() {
            self.answer.settle(events);
        }
    }

    /// Whether anything of a model has come: text, thinking, or a tool call.
    pub fn has_begun(&self) -> bool {
        self.answer.has_begun()
    }

    /// How many tokens of the answer the server has counted so far, where it says so.
    pub fn counted(&self) -> Option<u32> {
        self.answer.counted()
    }

    /// The model as the server calls it, where it does.
    pub fn model(&self) -> Option<&str> {
        self.answer.model()
    }

    /// Whether anything but comments and blank lines came since the last call.
    pub fn take_heard(&mut self) -> bool {
        self.framer.take_heard()
    }

    fn guarded<T>(
        &mut self,
        events: &mut Vec<ChatEvent>,
        step: impl FnOnce(&mut Framer, &mut Answer, &mut Vec<ChatEvent>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        if let Some(failure) = &self.failed {
            return Err(failure.clone());
        }
        let result = step(&mut self.framer, &mut self.answer, events);
        if let Err(failure) = &result {
            self.failed = Some(failure.clone());
        }
        result
    }
}

/// Why the receiver of frames wants no more.
enum Enough {
    Ended,
    Failed(Failure),
}

fn receive(answer: &mut Answer, frame: &Frame<'_>, events: &mut Vec<ChatEvent>) -> Result<(), Enough> {
    answer.frame(frame, events).map_err(Enough::Failed)?;
    if answer.end().is_some() { Err(Enough::Ended) } else { Ok(()) }
}

fn stopped(stop: Stop<Enough>, answer: &mut Answer, events: &mut Vec<ChatEvent>) -> Result<(), Failure> {
    let failure = match stop {
        Stop::Receiver(Enough::Ended) => return Ok(()),
        Stop::Receiver(Enough::Failed(failure)) => failure,
        Stop::TooLong => Failure::new(ErrorCode::Malformed, format!("a line or record is longer than {LIMIT} bytes")),
    };
    answer.settle(events);
    Err(failure)
}
