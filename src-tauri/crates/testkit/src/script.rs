//! Answers that a server gives by itself, at a pace.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

use crate::exchange::Exchange;
use crate::wire;

/// What a server says to every chat. `Script::tokens(500).every(Duration::from_millis(10)).stamped()`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// Pieces of reasoning, said first.
    pub reasoning: Vec<String>,
    /// Pieces of the answer.
    pub pieces: Vec<String>,
    /// Silence before the first piece.
    pub first: Duration,
    /// Time between two pieces; nothing waits where it is zero.
    pub interval: Duration,
    /// Why it stops.
    pub finish: String,
    /// Whether every piece begins with the time at which it is sent.
    pub stamp: Stamp,
}

/// Whether pieces carry their send time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stamp {
    /// They do not.
    None,
    /// `⟦1732300000123.456⟧`: milliseconds since the Unix epoch, with microseconds.
    SendTime,
}

/// Words for answers that need only be long.
const WORDS: [&str; 12] =
    ["The", " river", " keeps", " every", " word", " that", " was", " said", " on", " its", " two", " banks.\n\n"];

impl Script {
    /// These pieces, without waiting. `Script::new(["Hel", "lo"])`
    pub fn new<T: Into<String>>(pieces: impl IntoIterator<Item = T>) -> Self {
        Self {
            reasoning: Vec::new(),
            pieces: pieces.into_iter().map(Into::into).collect(),
            first: Duration::ZERO,
            interval: Duration::ZERO,
            finish: "stop".to_owned(),
            stamp: Stamp::None,
        }
    }

    /// So many words in paragraphs. `Script::tokens(500)`
    pub fn tokens(count: usize) -> Self {
        Self::new(WORDS.iter().cycle().take(count).copied())
    }

    /// The same with this time between pieces. `.every(Duration::from_millis(10))`
    #[must_use]
    pub fn every(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// The same with silence before the first piece. `.after(Duration::from_millis(300))`
    #[must_use]
    pub fn after(mut self, first: Duration) -> Self {
        self.first = first;
        self
    }

    /// The same with reasoning before the answer. `.thinking(["Hm", "."])`
    #[must_use]
    pub fn thinking<T: Into<String>>(mut self, pieces: impl IntoIterator<Item = T>) -> Self {
        self.reasoning = pieces.into_iter().map(Into::into).collect();
        self
    }

    /// The same with the send time in every piece. `.stamped()`
    #[must_use]
    pub fn stamped(mut self) -> Self {
        self.stamp = Stamp::SendTime;
        self
    }

    /// The whole answer's text, without stamps.
    pub fn text(&self) -> String {
        self.pieces.concat()
    }

    fn count(&self) -> u32 {
        u32::try_from(self.reasoning.len() + self.pieces.len()).unwrap_or(u32::MAX)
    }

    /// Plays the script to its end, or until the client goes away.
    pub(crate) async fn play(&self, mut exchange: Exchange) {
        let prompt_tokens = 7;
        if !exchange.wants_stream() {
            tokio::time::sleep(self.first).await;
            let thought = self.reasoning.concat();
            let reasoning = (!thought.is_empty()).then_some(thought.as_str());
            let tokens = (prompt_tokens, self.count());
            let body = wire::completion(exchange.model(), &self.text(), reasoning, &self.finish, tokens);
            exchange.respond(&crate::Canned::text("application/json", &body)).await;
            return;
        }
        exchange.begin().await;
        let mut due = Instant::now() + self.first;
        let reasoning = self.reasoning.iter().map(|piece| ("reasoning", piece));
        for (field, piece) in reasoning.chain(self.pieces.iter().map(|piece| ("content", piece))) {
            if self.first > Duration::ZERO || self.interval > Duration::ZERO {
                // Against absolute times, so that the rate holds however late a wake-up is.
                tokio::time::sleep_until(due).await;
                due += self.interval;
            }
            if exchange.is_over() {
                return;
            }
            match self.stamp {
                Stamp::None => exchange.send_delta(field, piece).await,
                Stamp::SendTime => exchange.send_delta(field, &format!("{}{piece}", now_stamp())).await,
            }
        }
        exchange.finish(&self.finish).await;
        if exchange.wants_usage() {
            exchange.usage(prompt_tokens, self.count()).await;
        }
        exchange.done().await;
    }
}

fn now_stamp() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("⟦{}.{:03}⟧", now.as_millis(), now.subsec_micros() % 1_000)
}
