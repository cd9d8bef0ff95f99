//! One chat request, held open until the test has said everything it wants to.

use std::sync::Arc;
use std::time::Instant;

use serde_json::Value;
use tokio::io::AsyncWriteExt as _;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::sync::{Mutex, oneshot, watch};
use tokio_util::sync::CancellationToken;

use crate::canned::Canned;
use crate::dialect::Producer;
use crate::http::{self, Request};
use crate::{soon, wire};

/// The way to the client, shared with the task that owns the connection: empty once that has closed it.
pub(crate) type Line = Arc<Mutex<Option<OwnedWriteHalf>>>;

/// How an exchange leaves its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Ready for the next request.
    Answered,
    /// Closed by us.
    Close,
    /// Reset by us.
    Reset,
}

/// How far the answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Nothing,
    Head,
    Role,
}

/// One chat request and the connection it waits on. Dropping it closes the connection.
#[derive(Debug)]
pub struct Exchange {
    /// The request's body.
    pub request: Value,
    /// The whole request with its headers.
    pub received: Request,
    line: Line,
    stage: Stage,
    /// Pieces that were sent: a token each.
    said: u32,
    end: Option<oneshot::Sender<End>>,
    closed: watch::Receiver<Option<Instant>>,
    stop: CancellationToken,
}

impl Exchange {
    pub(crate) fn new(
        received: Request,
        line: Line,
        end: oneshot::Sender<End>,
        closed: watch::Receiver<Option<Instant>>,
        stop: CancellationToken,
    ) -> Self {
        Self { request: received.json(), received, line, stage: Stage::Nothing, said: 0, end: Some(end), closed, stop }
    }

    /// The value of a request header (name in lower case). `chat.header("authorization")`
    pub fn header(&self, name: &str) -> Option<&str> {
        self.received.header(name)
    }

    /// The model that was asked for.
    pub fn model(&self) -> &str {
        self.request["model"].as_str().unwrap_or_default()
    }

    /// The last message's text.
    pub fn question(&self) -> &str {
        let last = self.request["messages"].as_array().and_then(|messages| messages.last());
        last.and_then(|message| message["content"].as_str()).unwrap_or_default()
    }

    /// Whether a stream was asked for.
    pub fn wants_stream(&self) -> bool {
        self.request["stream"] == true
    }

    /// Whether a usage chunk was asked for.
    pub fn wants_usage(&self) -> bool {
        self.request["stream_options"]["include_usage"] == true
    }

    /// Whether the count so far was asked for with every piece.
    pub fn wants_running_usage(&self) -> bool {
        self.request["stream_options"]["continuous_usage_stats"] == true
    }

    /// Sends the head of a stream, if it was not sent yet.
    pub async fn begin(&mut self) {
        self.begin_as("text/event-stream; charset=utf-8").await;
    }

    /// Sends the head of a stream with another content type. `chat.begin_as("application/json")`
    pub async fn begin_as(&mut self, content_type: &str) {
        if self.stage == Stage::Nothing {
            self.stage = Stage::Head;
            let head = http::stream_head(content_type, self.received.wants_close());
            self.send_bytes(&head).await;
        }
    }

    async fn begin_role(&mut self) {
        self.begin().await;
        if self.stage == Stage::Head {
            self.stage = Stage::Role;
            let data = wire::role(self.model());
            self.send_event(&data).await;
        }
    }

    /// Sends a piece of the answer, after the head and the role chunk. `chat.send_text("Hel").await`
    pub async fn send_text(&mut self, text: &str) {
        self.send_delta("content", text).await;
    }

    /// Sends a piece of reasoning, as vLLM names it. `chat.send_reasoning("Hm").await`
    pub async fn send_reasoning(&mut self, text: &str) {
        self.send_delta("reasoning", text).await;
    }

    /// Sends a piece under another name. `chat.send_delta("reasoning_content", "Hm").await`
    pub async fn send_delta(&mut self, field: &str, text: &str) {
        self.begin_role().await;
        self.said += 1;
        let data = if self.wants_running_usage() {
            wire::counted_delta(self.model(), field, text, 7, self.said)
        } else {
            wire::delta(self.model(), field, text)
        };
        self.send_event(&data).await;
    }

    /// Sends one event with this data, as one HTTP chunk. `chat.send_event("{}").await`
    pub async fn send_event(&mut self, data: &str) {
        self.send_raw(wire::event(data).as_bytes()).await;
    }

    /// Sends an error object inside the stream. `chat.send_error("boom").await`
    pub async fn send_error(&mut self, message: &str) {
        self.send_event(&wire::error(message)).await;
    }

    /// Sends bytes as one HTTP chunk, after the head. `chat.send_raw(b"data: {\"ch").await`
    pub async fn send_raw(&mut self, bytes: &[u8]) {
        self.begin().await;
        self.send_bytes(&http::chunk(bytes)).await;
    }

    /// Sends bytes as they are, without head or framing. `chat.send_bytes(b"HTTP/1.1 200 OK\r\n").await`
    pub async fn send_bytes(&mut self, bytes: &[u8]) {
        let line = self.line.clone();
        let write = async {
            if let Some(writer) = line.lock().await.as_mut() {
                // A client that has gone is seen by `closed_by_client`.
                _ = writer.write_all(bytes).await;
            }
        };
        tokio::select! {
            () = write => (),
            () = self.stop.cancelled() => (),
        }
    }

    /// Sends the chunk with the reason to stop. `chat.finish("stop").await`
    pub async fn finish(&mut self, reason: &str) {
        self.begin_role().await;
        let data = wire::finish(self.model(), "", reason);
        self.send_event(&data).await;
    }

    /// Sends the usage chunk. `chat.usage(7, 24).await`
    pub async fn usage(&mut self, prompt_tokens: u32, completion_tokens: u32) {
        let data = wire::usage(self.model(), prompt_tokens, completion_tokens);
        self.send_event(&data).await;
    }

    /// Ends the answer properly: `[DONE]` and the last HTTP chunk. `chat.done().await`
    pub async fn done(mut self) {
        self.send_event("[DONE]").await;
        self.end().await;
    }

    /// Ends the HTTP body without `[DONE]`. `chat.end().await`
    pub async fn end(mut self) {
        self.begin().await;
        self.send_bytes(http::LAST_CHUNK).await;
        self.leave(End::Answered);
    }

    /// Says all of an answer at once, with reason, usage (where asked for) and `[DONE]`. `chat.say_all(&["a", "b"]).await`
    pub async fn say_all(mut self, pieces: &[&str]) {
        for piece in pieces {
            self.send_text(piece).await;
        }
        self.finish("stop").await;
        if self.wants_usage() {
            self.usage(7, u32::try_from(pieces.len()).unwrap()).await;
        }
        self.done().await;
    }

    /// Says all of an answer in another producer's form. `chat.speak(Producer::OllamaChat, &["a", "b"]).await`
    pub async fn speak(mut self, producer: Producer, pieces: &[&str]) {
        self.begin_as(producer.content_type()).await;
        for part in producer.encode(self.model(), pieces) {
            self.send_raw(part.as_bytes()).await;
        }
        self.end().await;
    }

    /// Gives a whole answer. `chat.respond(&canned::gateway_fallback()).await`
    pub async fn respond(mut self, canned: &Canned) {
        if canned.hangs {
            self.closed_by_client().await;
            return;
        }
        let bytes = http::response(canned, self.received.wants_close());
        self.send_bytes(&bytes).await;
        self.leave(End::Answered);
    }

    /// Gives a whole answer. `chat.respond_status(429, &[("retry-after", "1")], "{}").await`
    pub async fn respond_status(self, status: u16, headers: &[(&str, &str)], body: &str) {
        let canned = headers.iter().fold(Canned::status(status), |canned, (name, value)| canned.header(name, value));
        self.respond(&canned.with_body(body)).await;
    }

    /// Gives the whole answer to a request without `stream`, with prompt and completion tokens.
    /// `chat.complete("Hello", 7, 2).await`
    pub async fn complete(self, content: &str, prompt_tokens: u32, completion_tokens: u32) {
        let body = wire::completion(self.model(), content, None, "stop", (prompt_tokens, completion_tokens));
        self.respond(&Canned::text("application/json", &body)).await;
    }

    /// Closes the connection at once, as a killed server does: the body is left without its last chunk.
    pub async fn close_abruptly(self) {
        self.leave_and_wait(End::Close).await;
    }

    /// Resets the connection (RST instead of FIN).
    pub async fn reset(self) {
        self.leave_and_wait(End::Reset).await;
    }

    /// Waits until the client closes the connection and says when that was.
    ///
    /// # Panics
    /// When it does not within [`crate::PATIENCE`], or when the server was stopped instead.
    pub async fn closed_by_client(&mut self) -> Instant {
        let mut closed = self.closed.clone();
        let at = soon("the client closes the connection", closed.wait_for(Option::is_some)).await;
        at.ok().and_then(|at| *at).expect("the client closes before the server does")
    }

    /// Whether the client has closed the connection by now.
    pub fn is_closed(&self) -> bool {
        self.closed.borrow().is_some()
    }

    /// Whether nothing that is sent can arrive any more.
    pub(crate) fn is_over(&self) -> bool {
        self.is_closed() || self.stop.is_cancelled()
    }

    fn leave(&mut self, end: End) {
        if let Some(sender) = self.end.take() {
            // The connection may be gone already.
            _ = sender.send(end);
        }
    }

    async fn leave_and_wait(mut self, end: End) {
        self.leave(end);
        let mut closed = self.closed.clone();
        // The sender goes with the connection's task, after the socket is closed.
        soon("the connection closes", async { while closed.changed().await.is_ok() {} }).await;
    }
}
