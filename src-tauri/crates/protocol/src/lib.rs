//! What crosses the bridge between the core and the window: requests, views, events and error codes.
//!
//! Every type here is serialised with serde and exported to TypeScript (`ui/src/bridge/types.d.ts`), so that both sides
//! share one declaration. Nothing in this crate does anything: no I/O, no clock, no defaults that decide behaviour.
//!
//! Conventions: times are milliseconds since the Unix epoch, durations are milliseconds, text offsets are UTF-16 code
//! units (what the window's strings count), names on the wire are `snake_case`, enum values are `kebab-case`.

mod account;
mod backup;
mod chat;
mod command;
mod consensus;
mod conversation;
mod encryption;
mod error;
mod event;
mod id;
mod organise;
mod platform;
mod profile;
mod search;
mod settings;
mod transfer;
mod typescript;

pub use account::*;
pub use backup::*;
pub use chat::*;
pub use command::*;
pub use consensus::*;
pub use conversation::*;
pub use encryption::*;
pub use error::*;
pub use event::*;
pub use id::*;
pub use organise::*;
pub use platform::*;
pub use profile::*;
pub use search::*;
pub use settings::*;
pub use transfer::*;
pub use typescript::typescript;
