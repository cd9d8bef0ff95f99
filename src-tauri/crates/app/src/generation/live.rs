//! What is known in memory of an answer that is being written: its text so far and what was measured. A window that reads
//! the conversation anew is shown this, which is never behind the disk.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use capibara6_protocol::{
    AppError, ConversationId, FinishReason, Message, MessageId, MessageStatus, Metrics, ModelId, Omitted, Part, Routing,
};
use tokio::time::Instant;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use crate::text::utf16_len;

/// An answer that is being written.
pub(crate) struct Live {
    pub(crate) id: MessageId,
    pub(crate) conversation: ConversationId,
    cancel: CancellationToken,
    /// The text that was there before, where an answer goes on.
    before: String,
    state: Mutex<State>,
}

struct State {
    content: Text,
    reasoning: Text,
    model: Option<ModelId>,
    scripted: bool,
    routing: Option<Routing>,
    omitted: Option<Omitted>,
    measure: Measure,
    ended: Option<(MessageStatus, Metrics, Option<AppError>)>,
    /// Whether its end is kept beside a damaged history, and not in its place.
    is_aside: bool,
}

/// A text and its length as the window counts it.
#[derive(Default)]
struct Text {
    text: String,
    length: u32,
}

impl Text {
    fn new(text: &str) -> Self {
        Self { text: text.to_owned(), length: utf16_len(text) }
    }

    fn push(&mut self, text: &str) -> u32 {
        let at = self.length;
        self.text.push_str(text);
        self.length += utf16_len(text);
        at
    }
}

/// What is measured of one request.
#[derive(Default)]
pub(super) struct Measure {
    sent: Option<Instant>,
    first: Option<Instant>,
    last: Option<Instant>,
    prompt_tokens: Option<u32>,
    completion_tokens: Option<u32>,
    finish_reason: Option<FinishReason>,
    /// When somebody who follows was last told how it goes, and which speed.
    told: Option<(Instant, Option<f64>)>,
}

impl Measure {
    /// The metrics at the end. What was not said or seen is absent.
    pub(super) fn metrics(&self, end: Instant) -> Metrics {
        let since_sent = |until: Instant| Some(millis(until.checked_duration_since(self.sent?)?));
        Metrics {
            ttft_ms: self.first.and_then(since_sent),
            duration_ms: since_sent(end),
            prompt_tokens: self.prompt_tokens,
            completion_tokens: self.completion_tokens,
            tokens_per_second: self.tokens_per_second(),
            finish_reason: self.finish_reason,
        }
    }

    /// What is measured so far, if it is time to tell: the first token at once, another speed at most so often.
    fn so_far(&mut self, now: Instant, every: Duration) -> Option<Metrics> {
        self.first?;
        let speed = self.tokens_per_second();
        let is_news = match self.told {
            None => true,
            Some((at, told)) => speed != told && now.saturating_duration_since(at) >= every,
        };
        is_news.then(|| {
            self.told = Some((now, speed));
            Metrics { duration_ms: None, ..self.metrics(now) }
        })
    }

    /// Tokens after the first by the time they took: what the model does once it has begun. To a thousandth, so that the
    /// number is the same on its way through JSON and back.
    fn tokens_per_second(&self) -> Option<f64> {
        let time = self.last?.checked_duration_since(self.first?)?;
        let tokens = self.completion_tokens?.checked_sub(1)?;
        let rate = |tokens: u32| (f64::from(tokens) / time.as_secs_f64() * 1_000.0).round() / 1_000.0;
        (tokens >= 1 && time >= Duration::from_millis(1)).then(|| rate(tokens))
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// How an answer has ended.
pub(super) struct Ended {
    pub(super) model: Option<ModelId>,
    pub(super) metrics: Metrics,
    pub(super) omitted: Option<Omitted>,
    pub(super) content_length: u32,
    pub(super) reasoning_length: u32,
}

impl Live {
    pub(super) fn new(answer: &Message, cancel: CancellationToken) -> Self {
        let state = State {
            content: Text::new(&answer.content),
            reasoning: Text::new(&answer.reasoning),
            model: answer.model.clone(),
            scripted: answer.scripted,
            routing: answer.routing.clone(),
            omitted: answer.omitted,
            measure: Measure::default(),
            ended: None,
            is_aside: false,
        };
        Self {
            id: answer.id,
            conversation: answer.conversation,
            cancel,
            before: answer.content.clone(),
            state: Mutex::new(state),
        }
    }

    pub(super) fn cancel(&self) {
        self.cancel.cancel();
    }

    pub(super) fn cancelled(&self) -> WaitForCancellationFutureOwned {
        self.cancel.clone().cancelled_owned()
    }

    /// The text that this answer goes on from, where it does.
    pub(super) fn prefix(&self) -> Option<String> {
        Some(self.before.clone()).filter(|before| !before.trim().is_empty())
    }

    pub(super) fn is_streaming(&self) -> bool {
        self.state().ended.is_none()
    }

    /// Its end is on disk, but not in its place.
    pub(super) fn set_aside(&self) {
        self.state().is_aside = true;
    }

    pub(super) fn is_aside(&self) -> bool {
        self.state().is_aside
    }

    /// Whether a token has arrived.
    pub(super) fn has_answered(&self) -> bool {
        self.state().measure.first.is_some()
    }

    /// A request goes out: time is counted from here.
    pub(super) fn request_sent(&self) {
        self.state().measure = Measure { sent: Some(Instant::now()), ..Measure::default() };
    }

    /// Text arrived; gives where it belongs, in UTF-16 code units.
    pub(super) fn push(&self, part: Part, text: &str) -> u32 {
        let mut state = self.state();
        let now = Instant::now();
        state.measure.first.get_or_insert(now);
        state.measure.last = Some(now);
        match part {
            Part::Content => state.content.push(text),
            Part::Reasoning => state.reasoning.push(text),
        }
    }

    /// The text of this request is another one; gives the whole text of the message.
    pub(super) fn replace_content(&self, text: &str) -> String {
        let whole = format!("{}{text}", self.before);
        self.state().content = Text::new(&whole);
        whole
    }

    /// The whole text so far.
    pub(super) fn content(&self) -> String {
        self.state().content.text.clone()
    }

    pub(super) fn finished(&self, reason: FinishReason) {
        self.state().measure.finish_reason = Some(reason);
    }

    pub(super) fn used(&self, prompt_tokens: u32, completion_tokens: u32) {
        let mut state = self.state();
        state.measure.prompt_tokens = Some(prompt_tokens);
        state.measure.completion_tokens = Some(completion_tokens);
    }

    /// The server has counted so many tokens of this answer so far.
    pub(super) fn counted(&self, completion_tokens: u32) {
        self.state().measure.completion_tokens = Some(completion_tokens);
    }

    /// What is measured so far, if it is time to tell.
    pub(super) fn so_far(&self, every: Duration) -> Option<Metrics> {
        self.state().measure.so_far(Instant::now(), every)
    }

    /// Gives what was omitted before.
    pub(super) fn set_omitted(&self, omitted: Option<Omitted>) -> Option<Omitted> {
        std::mem::replace(&mut self.state().omitted, omitted)
    }

    pub(super) fn reroute(&self, model: &ModelId, scripted: bool, routing: &Routing) {
        let mut state = self.state();
        state.model = Some(model.clone());
        state.scripted = scripted;
        state.routing = Some(routing.clone());
    }

    /// Fixes how it ended.
    pub(super) fn end(&self, status: MessageStatus, error: Option<AppError>) -> Ended {
        let mut state = self.state();
        let metrics = state.measure.metrics(Instant::now());
        state.ended = Some((status, metrics, error));
        Ended {
            model: state.model.clone(),
            metrics,
            omitted: state.omitted,
            content_length: state.content.length,
            reasoning_length: state.reasoning.length,
        }
    }

    /// Brings a message that was read from disk up to now.
    pub(super) fn overlay(&self, message: &mut Message) {
        let state = self.state();
        message.content.clone_from(&state.content.text);
        message.reasoning.clone_from(&state.reasoning.text);
        message.model.clone_from(&state.model);
        message.scripted = state.scripted;
        message.routing.clone_from(&state.routing);
        message.omitted = state.omitted;
        match &state.ended {
            Some((status, metrics, error)) => {
                message.status = *status;
                message.metrics = Some(*metrics);
                message.error.clone_from(error);
            }
            None => {
                message.status = MessageStatus::Streaming;
                message.metrics = None;
                message.error = None;
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic cannot leave the state half-written: every change is one assignment or one append.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_is_measured_is_what_happened_and_the_rest_is_absent() {
        let sent = Instant::now();
        let at = |ms| Some(sent + Duration::from_millis(ms));
        let whole = Measure {
            sent: Some(sent),
            first: at(120),
            last: at(1_120),
            prompt_tokens: Some(9),
            completion_tokens: Some(31),
            finish_reason: Some(FinishReason::Length),
            told: None,
        };
        assert_eq!(
            whole.metrics(sent + Duration::from_millis(1_500)),
            Metrics {
                ttft_ms: Some(120),
                duration_ms: Some(1_500),
                prompt_tokens: Some(9),
                completion_tokens: Some(31),
                tokens_per_second: Some(30.0),
                finish_reason: Some(FinishReason::Length),
            }
        );
        assert_eq!(Measure::default().metrics(sent), Metrics::default());
        for (completion_tokens, last) in [(Some(1), at(500)), (None, at(500)), (Some(5), at(120))] {
            let measure = Measure { sent: Some(sent), first: at(120), last, completion_tokens, ..Measure::default() };
            assert_eq!(measure.metrics(sent).tokens_per_second, None);
        }
    }

    #[test]
    fn who_follows_is_told_the_first_token_at_once_and_the_speed_now_and_then() {
        let sent = Instant::now();
        let at = |ms| sent + Duration::from_millis(ms);
        let every = Duration::from_millis(500);
        let mut measure = Measure { sent: Some(sent), ..Measure::default() };
        let mut told = |ms, tokens: Option<u32>| {
            measure.first.get_or_insert(at(100));
            measure.last = Some(at(ms));
            measure.completion_tokens = tokens;
            measure.so_far(at(ms), every).map(|so_far| (so_far.ttft_ms, so_far.duration_ms, so_far.tokens_per_second))
        };
        assert_eq!(told(100, Some(1)), Some((Some(100), None, None)), "nothing to wait for, and no speed of one token");
        assert_eq!(told(300, Some(5)), None, "too soon");
        assert_eq!(told(600, Some(11)), Some((Some(100), None, Some(20.0))));
        assert_eq!(told(1_100, Some(21)), None, "the same speed is no news");
        assert_eq!(told(1_600, Some(46)), Some((Some(100), None, Some(30.0))));
        let mut silent = Measure { sent: Some(sent), ..Measure::default() };
        assert_eq!(silent.so_far(at(9_000), every), None, "nothing has come");
    }
}
