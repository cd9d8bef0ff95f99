//! The crate against recorded bytes, generated streams, hostile input and real sockets on loopback.

mod captures;
mod chat;
mod decoding;
mod dialects;
mod health;
mod hostile;
mod oracle;
mod properties;
mod server;
mod tls;
