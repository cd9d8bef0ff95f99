//! Signing in through the system's browser.
//!
//! Nothing here opens a browser, talks HTTP by itself or keeps anything: whoever calls brings a [`Transport`], opens the
//! address, shows the person who arrived, and only then stores the [`Session`]. Sources: OpenID Connect Core 1.0, RFC 6749,
//! 7636 (PKCE), 8252 (native applications), 8628 (device flow), 9207 (`iss`), 9700 (best current practice).

pub mod callback;
mod holder;
mod listener;
mod page;

pub use listener::{Browser, ListenError, Listener};
pub use page::{Page, Pages, Words};
