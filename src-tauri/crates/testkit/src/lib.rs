//! Loopback servers that speak the real protocols, gated piece by piece; for tests, journeys and benches only.
//!
//! Raw sockets underneath, so that every byte, every chunk boundary and every way of breaking off is the test's own.
//! Nothing here sleeps unless a pace was asked for; everything is bound to 127.0.0.1, on ports that the system chooses,
//! and ends when its handle is dropped. A kit fails tests by panicking, and waits at most [`PATIENCE`].
//!
//! # A server that waits for you: [`ModelServer`]
//! ```no_run
//! # use capibara6_testkit::ModelServer; use std::time::Instant;
//! # async fn example() {
//! let server = ModelServer::start(&["phi4:mini"]).await;      // speaks as vLLM does
//! let url = server.url();                                     // http://127.0.0.1:PORT/v1
//! // … the code under test asks …
//! let mut chat = server.next_chat().await;                    // its request, held open
//! assert_eq!(chat.request["model"], "phi4:mini");
//! chat.send_text("Hello").await;                              // head, role chunk and one delta
//! chat.send_text(" world").await;
//! chat.finish("stop").await;
//! chat.usage(7, 2).await;
//! chat.done().await;                                          // [DONE] and the last HTTP chunk
//! # }
//! ```
//! | on the server | what it does |
//! |---|---|
//! | [`start`](ModelServer::start)`(&["m"]).await` | every chat waits for [`next_chat`](ModelServer::next_chat) |
//! | [`scripted`](ModelServer::scripted)`(&["m"], Script::tokens(500).every(ms)).await` | answers by itself, at a pace |
//! | [`answer`](ModelServer::answer)`(Chat::Canned(Canned::status(429).header("retry-after", "2")))` | changes how chats are answered from now on |
//! | [`route`](ModelServer::route)`("GET /health", Canned::status(503))` | replaces the answer of one path |
//! | [`require_key`](ModelServer::require_key)`("k")` | 401 as vLLM's without `Bearer k` |
//! | [`pretend`](ModelServer::pretend)`(ServerKind::Ollama)` | is known as another kind of server |
//! | [`max_model_len`](ModelServer::max_model_len)`(512)` | the context that `/v1/models` and `/tokenize` tell |
//! | [`requests`](ModelServer::requests)`()`, [`request_matching`](ModelServer::request_matching)`(…).await` | everything that was asked, with headers and times |
//! | [`go_down`](ModelServer::go_down)`().await`, [`come_back`](ModelServer::come_back)`().await` | the port refuses; the same port answers again |
//!
//! | on an exchange | what it sends |
//! |---|---|
//! | [`send_text`](Exchange::send_text)`("…")`, [`send_reasoning`](Exchange::send_reasoning)`("…")` | one delta (after head and role chunk) |
//! | [`send_event`](Exchange::send_event)`("{…}")`, [`send_error`](Exchange::send_error)`("boom")` | one event with this data; an error object |
//! | [`send_raw`](Exchange::send_raw)`(b"data: {")` | these bytes as one HTTP chunk |
//! | [`send_bytes`](Exchange::send_bytes)`(b"HTTP/1.1 …")` | these bytes, no framing, no head |
//! | [`begin`](Exchange::begin)`()`, [`begin_as`](Exchange::begin_as)`("text/plain")` | only the head |
//! | [`finish`](Exchange::finish)`("stop")`, [`usage`](Exchange::usage)`(p, c)`, [`done`](Exchange::done)`()` | as vLLM ends |
//! | [`end`](Exchange::end)`()` | the last HTTP chunk without `[DONE]` |
//! | [`speak`](Exchange::speak)`(Producer::OllamaChat, &["a", "b"])` | a whole answer in another producer's form |
//! | [`respond`](Exchange::respond)`(Canned::json(…))`, [`respond_status`](Exchange::respond_status)`(429, &[("retry-after", "1")], "…")` | a whole answer |
//! | [`complete`](Exchange::complete)`("…", 7, 2)` | a whole answer to a request without `stream` |
//! | [`close_abruptly`](Exchange::close_abruptly)`()`, [`reset`](Exchange::reset)`()` | the connection breaks: FIN, or RST |
//! | [`closed_by_client`](Exchange::closed_by_client)`()` | waits until the client closes; says when |
//!
//! Dropping an exchange closes its connection. Sending to a client that has gone does nothing.
//!
//! # Servers with a fault
//! [`BlackHole::accepting`] takes connections and never answers; [`BlackHole::unanswered`] does not even take them;
//! [`RefusedPort::reserve`] holds a port that refuses; [`RawServer`] does with a socket whatever it is told
//! ([`reset_on_accept`](RawServer::reset_on_accept), [`close_on_accept`](RawServer::close_on_accept),
//! [`drip`](RawServer::drip), [`say`](RawServer::say), [`redirect`](RawServer::redirect)).
//! [`Replay::start`] plays a recorded HTTP answer byte by byte as it was. [`canned`] holds the simulated answers and
//! errors of contracts that answer 200 without a model.
//!
//! # Several servers
//! [`Fleet::start`] starts the four default models; [`Fleet::profile`] and [`Fleet::write_profile`] lead a client there.
//!
//! # Signing in
//! [`sign_in::IdentityProvider`] is an OpenID provider that signs for real, [`sign_in::SignInServer`] the fleet's sign-in
//! server, [`sign_in::DeviceServer`] one of the device flow; each misbehaves where a test asks for it.
//! [`sign_in::Browser`] visits them as a person's browser does, or as something that only pretends to be one.
//!
//! # Outside of tests
//! The program `capibara6-testkit-server` starts paced servers, prints their ports and stays until its standard input
//! closes; `--help` lists its options.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A kit fails tests by panicking.

pub mod canned;
mod dialect;
mod exchange;
mod fault;
mod fleet;
mod history;
mod http;
mod replay;
mod script;
mod server;
pub mod sign_in;
#[cfg(test)]
mod tests;
pub mod wire;

use std::time::Duration;

pub use canned::Canned;
pub use dialect::Producer;
pub use exchange::Exchange;
pub use fault::{BlackHole, RawServer, RefusedPort};
pub use fleet::{DEFAULT_MODELS, Fleet};
pub use history::LargeHistory;
pub use http::Request;
pub use replay::{Cut, Replay};
pub use script::{Script, Stamp};
pub use server::{Chat, ModelServer};

/// How long the kit waits for something that must happen before it fails the test.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Waits for `what`, at most [`PATIENCE`].
///
/// # Panics
/// When it does not happen in time.
pub async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("{what}: not within {PATIENCE:?}"))
}
