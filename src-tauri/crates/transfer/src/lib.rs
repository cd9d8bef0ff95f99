//! Conversations in and out: what the program exports, and what it imports from its own exports and from other programs.
//!
//! Formats and nothing else: this crate reads from what it is given and writes to what it is given, knows no database and no
//! clock, and contacts nothing. Reading takes one record after the other in bounded memory; a record that cannot be read is
//! reported and costs itself, never the others. The ids of conversations from elsewhere follow from their ids there, so that
//! bringing them in twice adds nothing.

mod conversation;
mod export;
mod formats;
mod import;
mod read;

pub use crate::conversation::{Conversation, Entry, Head, Judgement, Project, Run, TitledBy, Weight};
pub use crate::export::names::Names;
pub use crate::export::{Form, Labels, PageWriter};
pub use crate::formats::history::{HistoryWriter, VERSION};
pub use crate::import::{Item, Sink, import, import_file};
