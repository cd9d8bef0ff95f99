//! The crate against recorded bytes, generated streams, hostile input and real sockets on loopback.

// All of this is test code: a helper may end the test too.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod captures;
mod chat;
mod decoding;
mod dialects;
mod health;
mod hostile;
mod oracle;
mod plain;
mod properties;
mod server;
mod tls;
