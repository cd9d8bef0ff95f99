//! Client of OpenAI-compatible model servers: stream decoding, error categories, endpoint health.
//!
//! The way of an answer through this crate: [`Client`] sends the request, [`decode::Decoder`] turns bytes into
//! [`ChatEvent`]s whatever the server's dialect, [`Failure`] says in a closed set of codes what went wrong, and
//! [`HealthMonitor`] watches the endpoints in between. Nothing here knows of conversations, storage or windows, and
//! nothing contacts an address that the caller did not give.

mod client;
pub mod decode;
mod endpoint;
mod failure;
mod health;
mod http;
mod plain;
mod retry;
mod traffic;

pub use client::{ChatStream, Client, Completion, ModelCard, ModelList, TokenCount, Usage};
pub use decode::ChatEvent;
pub use endpoint::{ApiKey, ChatMessage, ChatRequest, ChatRole, Counting, Endpoint, Timeouts};
pub use failure::{DETAIL_BYTES, Failure};
pub use health::{FreshKey, HealthMonitor, Schedule, Watched};
pub use http::{HttpOptions, http_client};
pub use plain::PlainHttp;
pub use retry::RetryPolicy;
