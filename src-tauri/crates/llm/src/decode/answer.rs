//! From records to events: every dialect of the platform in one set of rules.
//!
//! The dialects are those of vLLM, Ollama and the platform's own servers; a fixed order says which of their fields is read
//! where a record has several. This module never guesses what a model said: text is passed on as it came, canned text is
//! refused (see `simulated`), and where a server sends the text so far instead of pieces, only what is new is passed on.

use capibara6_protocol::{ErrorCode, FinishReason};
use serde::Deserialize;
use serde_json::Value;

use super::{
    ChatEvent, End, Unframed,
    chunk::{Chunk, Template},
    cumulative::Cumulative,
    framing::{Frame, Kind},
    simulated::{self, Sender, Verdict},
    wire::{Choice, Field, First, Message, Record, Words, repair},
};
use crate::Failure;

/// How much of a record that was not understood stands in the failure's detail.
const EXCERPT: usize = 200;

/// What an answer has been so far.
#[derive(Debug)]
pub(super) struct Answer {
    unframed: Unframed,
    /// Whether the answer has ended, with its end mark or whole.
    end: Option<End>,
    model: Option<String>,
    finish: Option<FinishReason>,
    usage: Option<(u32, u32)>,
    /// Whether anything of a model came: text, thinking, a tool call.
    begun: bool,
    opening: Opening,
    sender: Sender,
    cumulative: Cumulative,
    template: Template,
    /// The text so far, kept only for servers that repeat it all at the end.
    said: String,
}

/// The beginning of an answer, held back while it could become a known canned text.
#[derive(Debug)]
enum Opening {
    Held(String),
    /// Shown: nothing more to decide.
    Passed,
}

impl Answer {
    pub(super) fn new(unframed: Unframed) -> Self {
        Self {
            unframed,
            end: None,
            model: None,
            finish: None,
            usage: None,
            begun: false,
            opening: Opening::Held(String::new()),
            sender: Sender::default(),
            cumulative: Cumulative::default(),
            template: Template::default(),
            said: String::new(),
        }
    }

    pub(super) fn end(&self) -> Option<End> {
        self.end
    }

    pub(super) fn model(&self) -> Option<&str> {
        self.model.as_deref()
    }

    pub(super) fn counted(&self) -> Option<u32> {
        self.usage.map(|(_, completion_tokens)| completion_tokens)
    }

    pub(super) fn has_begun(&self) -> bool {
        self.begun
    }

    /// Takes one piece of the input.
    pub(super) fn frame(&mut self, frame: &Frame<'_>, events: &mut Vec<ChatEvent>) -> Result<(), Failure> {
        if self.end.is_some() {
            return Ok(());
        }
        match *frame {
            Frame::Record(kind, bytes) => self.bytes(kind, bytes, events),
            // What ends in the middle of a record is an interrupted answer, not a malformed one.
            Frame::Cut(kind, bytes) => match self.bytes(kind, bytes, events) {
                Err(failure) if failure.code == ErrorCode::Malformed => Err(truncated("in the middle of a record")),
                other => other,
            },
            Frame::Text(text) => self.text(text, events),
        }
    }

    /// Says that the input has ended in order.
    pub(super) fn finish(&mut self, kind: Option<Kind>, events: &mut Vec<ChatEvent>) -> Result<End, Failure> {
        if let Some(end) = self.end {
            return Ok(end);
        }
        let ended = self.finish.is_some() || kind == Some(Kind::Text);
        if ended || !self.begun {
            return Ok(self.close(events));
        }
        self.settle(events);
        Err(truncated("before its end mark"))
    }

    /// Hands out what is held back: the input is over, in whatever way.
    pub(super) fn settle(&mut self, events: &mut Vec<ChatEvent>) {
        self.release(events);
        if let Some((prompt_tokens, completion_tokens)) = self.usage.take() {
            events.push(ChatEvent::Usage { prompt_tokens, completion_tokens });
        }
    }

    fn close(&mut self, events: &mut Vec<ChatEvent>) -> End {
        self.settle(events);
        // A model may well say nothing; then it says why it stopped.
        let end = if self.begun || self.finish.is_some() { End::Answered } else { End::Empty };
        self.end = Some(end);
        end
    }

    // --- records ----------------------------------------------------------------------------------------------------

    fn bytes(&mut self, kind: Kind, bytes: &[u8], events: &mut Vec<ChatEvent>) -> Result<(), Failure> {
        let bytes = bytes.trim_ascii();
        if bytes.is_empty() {
            return Ok(());
        }
        if bytes == b"[DONE]" {
            self.close(events);
            return Ok(());
        }
        if let Some(text) = self.template.text(bytes) {
            return self.content(&text, events);
        }
        if let Some(chunk) = Chunk::read(bytes) {
            self.template.learn(bytes, &chunk);
            return self.chunk(chunk, events);
        }
        if let Ok(record) = Record::parse(bytes) {
            let whole = || serde_json::from_slice(bytes).unwrap_or_default();
            return self.record(kind, &record, whole, events);
        }
        let repaired = repair(bytes);
        let malformed = |error: serde_json::Error| {
            let excerpt: String = repaired.chars().take(EXCERPT).collect();
            Failure::new(ErrorCode::Malformed, format!("{error}: {excerpt}"))
        };
        let value: Value = serde_json::from_str(&repaired).map_err(malformed)?;
        let record = Record::deserialize(&value).map_err(malformed)?;
        self.record(kind, &record, || value.clone(), events)
    }

    /// Takes the usual chunk; what [`record`](Self::record) would make of it, in a tenth of the code.
    fn chunk(&mut self, chunk: Chunk<'_>, events: &mut Vec<ChatEvent>) -> Result<(), Failure> {
        self.sent_by_model_server(events)?;
        if self.model.is_none() {
            self.model = Some(chunk.model.to_owned());
        }
        if let Some(usage) = chunk.usage {
            self.usage = Some((usage.prompt_tokens, usage.completion_tokens));
        }
        let Some(choice) = chunk.choices.0 else { return Ok(()) };
        let given = |text: &String| !text.is_empty();
        let delta = choice.delta;
        if let Some(reasoning) = delta.reasoning_content.filter(given).or(delta.reasoning.filter(given)) {
            self.begun = true;
            events.push(ChatEvent::Reasoning(reasoning));
        }
        if let Some(content) = delta.content.filter(given) {
            self.begun = true;
            match self.opening {
                Opening::Passed => events.push(ChatEvent::Content(content)),
                Opening::Held(_) => self.content(&content, events)?,
            }
        }
        if let Some(reason) = choice.finish_reason {
            self.stop_for(reason, events);
        }
        Ok(())
    }

    /// Takes a record; `whole` gives all of it, for the rare case that its unknown fields matter.
    fn record(
        &mut self,
        kind: Kind,
        record: &Record<'_>,
        whole: impl FnOnce() -> Value,
        events: &mut Vec<ChatEvent>,
    ) -> Result<(), Failure> {
        if let Some(mark) = simulated::mark(record) {
            return Err(Failure::new(ErrorCode::Simulated, mark));
        }
        if is_error(record) {
            return Err(Failure::from_error_object(&whole()));
        }
        if matches!(self.opening, Opening::Held(_)) && simulated::is_model_server(record) {
            self.sent_by_model_server(events)?;
        }
        if self.model.is_none() {
            self.model = record.model.words().map(str::to_owned);
        }
        if let Some(usage) = usage_of(record) {
            self.usage = Some(usage);
        }
        match &record.choices {
            First::Choice(choice) => self.choice(kind, record, choice, events),
            First::Empty => Ok(()),
            First::Absent => self.own_shape(kind, record, events),
        }
    }

    /// OpenAI: chunks with a `delta`, completions with a `message`, either with a `text`.
    fn choice(
        &mut self,
        kind: Kind,
        record: &Record<'_>,
        choice: &Choice<'_>,
        events: &mut Vec<ChatEvent>,
    ) -> Result<(), Failure> {
        let mut whole = false;
        if let Words::Message(delta) = &choice.delta {
            self.message(delta, events)?;
        }
        if let Words::Message(message) = &choice.message {
            self.message(message, events)?;
            whole = true;
        }
        if let Some(text) = choice.text.text() {
            match record.object.text() {
                // vLLM and OpenAI: pieces. The platform's streaming server: the text so far.
                Some("text_completion") => self.content(text, events)?,
                Some("text_completion.chunk") => {
                    self.cumulative.assume();
                    self.perhaps_cumulative(text, events)?;
                }
                _ => self.perhaps_cumulative(text, events)?,
            }
            whole |= !record.object.text().is_some_and(|object| object.ends_with("chunk"));
        }
        self.finish_reason(&choice.finish_reason, events);
        if whole && kind == Kind::Documents {
            self.close(events);
        }
        Ok(())
    }

    /// Everything without `choices`: the platform's own shapes, and Ollama's.
    fn own_shape(&mut self, kind: Kind, record: &Record<'_>, events: &mut Vec<ChatEvent>) -> Result<(), Failure> {
        let done = match record.kind.text() {
            Some("start") => return Ok(()),
            Some("content") => false,
            Some("done" | "complete") => true,
            // Not ours: a server may announce what it likes, only known shapes are read.
            Some(_) if !record.done.is_bool() => return Ok(()),
            _ => record.done.is_true() || record.stop.is_true(),
        };
        let mut known = record.kind.text().is_some() || record.done.is_bool();
        if let Some(thinking) = record.thinking.words() {
            self.reasoning(thinking, events);
        }
        if let Some(text) = record.response.text() {
            known = true;
            // Ollama itself speaks NDJSON and sends pieces; its imitation speaks events and sends the text so far.
            if kind == Kind::Events { self.perhaps_cumulative(text, events)? } else { self.content(text, events)? }
        }
        if let Some(text) = record.content.text() {
            known = true;
            self.said.push_str(text);
            self.content(text, events)?;
        }
        if let Words::Message(message) = &record.message {
            known = true;
            self.message(message, events)?;
        }
        if let Some(full) = record.full_response.words()
            && full != self.said
        {
            self.replace(full, events)?;
        }
        let reason = if record.finish_reason.is_absent() { &record.done_reason } else { &record.finish_reason };
        self.finish_reason(reason, events);
        let whole = kind == Kind::Documents
            && known
            && !record.done.is_bool()
            && record.kind.is_absent()
            && record.stop.is_absent();
        if done || whole {
            self.close(events);
        }
        Ok(())
    }

    fn message(&mut self, message: &Message<'_>, events: &mut Vec<ChatEvent>) -> Result<(), Failure> {
        if let Some(reasoning) = message.reasoning() {
            self.reasoning(reasoning, events);
        }
        self.begun |= message.calls_tools();
        match message.content.words() {
            Some(content) => self.content(content, events),
            None => Ok(()),
        }
    }

    fn text(&mut self, text: &str, events: &mut Vec<ChatEvent>) -> Result<(), Failure> {
        let refuse = |text: &str| {
            let excerpt: String = text.chars().take(EXCERPT).collect();
            Err(Failure::new(ErrorCode::Malformed, format!("neither events nor JSON: {excerpt}")))
        };
        match (self.unframed, &self.opening) {
            (Unframed::Refuse, _) => return refuse(text),
            (Unframed::Accept, Opening::Passed) => {}
            // A web page in place of an answer: a proxy's, or another service at this address.
            (Unframed::Accept, Opening::Held(held)) => {
                let opening = format!("{held}{text}");
                match web_page(&opening) {
                    Verdict::Canned => {
                        self.forget();
                        return refuse(&opening);
                    }
                    Verdict::Open => {
                        self.begun = true;
                        self.opening = Opening::Held(opening);
                        return Ok(());
                    }
                    Verdict::Clean => {}
                }
            }
        }
        self.content(text, events)
    }

    // --- pieces -----------------------------------------------------------------------------------------------------

    fn content(&mut self, text: &str, events: &mut Vec<ChatEvent>) -> Result<(), Failure> {
        if text.is_empty() {
            return Ok(());
        }
        self.begun = true;
        match &mut self.opening {
            Opening::Passed => {
                events.push(ChatEvent::Content(text.to_owned()));
                Ok(())
            }
            Opening::Held(held) => {
                held.push_str(text);
                self.judge(events)
            }
        }
    }

    fn replace(&mut self, text: &str, events: &mut Vec<ChatEvent>) -> Result<(), Failure> {
        self.begun = true;
        match &mut self.opening {
            Opening::Passed => {
                events.push(ChatEvent::Replace(text.to_owned()));
                Ok(())
            }
            Opening::Held(held) => {
                text.clone_into(held);
                self.judge(events)
            }
        }
    }

    fn perhaps_cumulative(&mut self, text: &str, events: &mut Vec<ChatEvent>) -> Result<(), Failure> {
        match self.cumulative.piece(text) {
            super::cumulative::Piece::New(text) => self.content(text, events),
            super::cumulative::Piece::Instead(text) => self.replace(&text, events),
        }
    }

    fn reasoning(&mut self, text: &str, events: &mut Vec<ChatEvent>) {
        self.begun = true;
        events.push(ChatEvent::Reasoning(text.to_owned()));
    }

    fn finish_reason(&mut self, reason: &Field<'_>, events: &mut Vec<ChatEvent>) {
        if let Some(reason) = reason.words() {
            self.stop_for(reason, events);
        }
    }

    fn stop_for(&mut self, reason: &str, events: &mut Vec<ChatEvent>) {
        if reason.is_empty() || self.finish.is_some() {
            return;
        }
        let reason = match reason {
            "stop" | "eos" | "eos_token" | "stop_sequence" | "end_turn" => FinishReason::Stop,
            "length" | "max_tokens" => FinishReason::Length,
            "tool_calls" | "function_call" => FinishReason::ToolCalls,
            "content_filter" => FinishReason::ContentFilter,
            _ => FinishReason::Other,
        };
        self.finish = Some(reason);
        // What is still held back was said before.
        if let Opening::Held(held) = &mut self.opening
            && !held.is_empty()
        {
            events.push(ChatEvent::Content(std::mem::take(held)));
        }
        events.push(ChatEvent::Finish(reason));
    }

    /// Lets the beginning through.
    fn release(&mut self, events: &mut Vec<ChatEvent>) {
        if let Opening::Held(held) = std::mem::replace(&mut self.opening, Opening::Passed)
            && !held.is_empty()
        {
            events.push(ChatEvent::Content(held));
        }
    }

    /// Drops the beginning: no model said it.
    fn forget(&mut self) {
        self.opening = Opening::Passed;
        self.usage = None;
    }

    /// The envelope says who speaks: what is held back is judged by that.
    fn sent_by_model_server(&mut self, events: &mut Vec<ChatEvent>) -> Result<(), Failure> {
        if self.sender == Sender::ModelServer {
            return Ok(());
        }
        self.sender = Sender::ModelServer;
        self.judge(events)
    }

    fn judge(&mut self, events: &mut Vec<ChatEvent>) -> Result<(), Failure> {
        let Opening::Held(held) = &self.opening else { return Ok(()) };
        match simulated::judge(held, self.sender) {
            Verdict::Canned => {
                let failure = Failure::new(ErrorCode::Simulated, held);
                self.forget();
                Err(failure)
            }
            Verdict::Open => Ok(()),
            Verdict::Clean => {
                self.release(events);
                Ok(())
            }
        }
    }
}

/// Whether a record reports an error.
fn is_error(record: &Record<'_>) -> bool {
    let reported = record
        .error
        .as_ref()
        .is_some_and(|error| !matches!(error, Value::Null | Value::Bool(false)) && error.as_str() != Some(""));
    if reported
        || record.success.is_false()
        || record.kind.text() == Some("error")
        || record.object.text() == Some("error")
    {
        return true;
    }
    // FastAPI's shape, where nothing else is said.
    record.detail.as_ref().is_some_and(|detail| !detail.is_null())
        && matches!(record.choices, First::Absent)
        && record.content.is_absent()
        && record.response.is_absent()
        && record.message == Words::Absent
        && !record.done.is_bool()
}

fn usage_of(record: &Record<'_>) -> Option<(u32, u32)> {
    record.usage.0.or_else(|| record.prompt_eval_count.count().zip(record.eval_count.count()))
}

/// Whether a plain text begins like a web page; the verdict's names are those for canned text.
fn web_page(text: &str) -> Verdict {
    let text = text.trim_start().as_bytes();
    let mut verdict = Verdict::Clean;
    for mark in [&b"<!doctype"[..], b"<html", b"<head", b"<?xml"] {
        let length = mark.len().min(text.len());
        if text[..length].eq_ignore_ascii_case(&mark[..length]) {
            if length == mark.len() {
                return Verdict::Canned;
            }
            verdict = Verdict::Open;
        }
    }
    verdict
}

fn truncated(place: &str) -> Failure {
    Failure::new(ErrorCode::Truncated, format!("the stream ended {place}"))
}
