//! Conversations that leave the program or come into it: exports, imports, print.
//!
//! A path never comes from the window: the shell asks for it with the system's own dialog, or takes what was dropped on the
//! window from the system. What a transfer does is told by events; `transfer_list` tells it again to a page that was loaded
//! anew.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{AppError, ConversationId, ProjectId, TransferId};

/// Writes conversations to where the user says. Nothing begins where the user cancels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ExportRequest {
    /// Which conversations.
    pub what: ExportScope,
    /// As what.
    pub format: ExportFormat,
}

/// Which conversations are written. Deleted ones never are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "scope", rename_all = "kebab-case")]
pub enum ExportScope {
    /// All of them, archived ones too.
    All,
    /// These.
    Conversations {
        /// Which ones; those that are not there (any more) are left out.
        ids: Vec<ConversationId>,
    },
    /// Those of a project.
    Project {
        /// Which one.
        id: ProjectId,
    },
}

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum ExportFormat {
    /// One Markdown file per conversation, in a folder: the branch that is shown.
    Markdown,
    /// One JSON file with all that is known of every message of every branch; can be imported again without loss.
    Json,
    /// One page per conversation, in a folder, that opens in any browser without a network: the branch that is shown.
    Html,
}

/// Brings conversations in. What the files hold is recognised from their content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ImportRequest {
    /// Which files.
    pub source: ImportSource,
}

/// Where the files come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum ImportSource {
    /// The user chooses them in the system's dialog.
    Choose,
    /// Those that were dropped on the window last (`files-dropped`); nothing begins where there are none.
    Dropped,
}

/// What was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TransferBegun {
    /// The transfer; absent where the user cancelled the dialog.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transfer: Option<TransferId>,
}

/// Names a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TransferRef {
    /// Which one.
    pub id: TransferId,
}

/// Which way conversations go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum TransferKind {
    /// Out.
    Export,
    /// In.
    Import,
}

/// A transfer of this run of the program.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Transfer {
    /// Its id.
    pub id: TransferId,
    /// How far it is.
    pub progress: TransferProgress,
    /// How it ended; absent while it runs.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<TransferReport>,
}

/// How far a transfer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TransferProgress {
    /// Which way.
    pub kind: TransferKind,
    /// Conversations so far.
    #[ts(type = "number")]
    pub done: u64,
    /// Conversations in all; absent where that is not known (a file that is being read says it at its end).
    #[ts(optional, type = "number")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// Bytes read or written so far.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Bytes in all; absent where that is not known.
    #[ts(optional, type = "number")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes_total: Option<u64>,
}

/// How a transfer ended. What was brought in or written before a cancellation or an error stays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct TransferReport {
    /// Which way.
    pub kind: TransferKind,
    /// Conversations that were written, or brought in: new ones.
    #[ts(type = "number")]
    pub conversations: u64,
    /// Messages that were written, or brought in: new ones, in new and in known conversations.
    #[ts(type = "number")]
    pub messages: u64,
    /// Conversations that were known and got new messages.
    #[ts(type = "number")]
    pub grown: u64,
    /// Conversations that were known with all their messages.
    #[ts(type = "number")]
    pub already_there: u64,
    /// What was left out: the first ones, in the order of the files. In an event as many as fit a frame; `transfer_list`
    /// gives more.
    pub skipped: Vec<Skipped>,
    /// How many were left out in all.
    #[ts(type = "number")]
    pub skipped_total: u64,
    /// Whether the user ended it.
    pub cancelled: bool,
    /// What was written, or read where that was a single file, as the system shows it; `transfer_reveal` opens its folder.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Why it could not go on to the end.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<AppError>,
}

/// Something that was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Skipped {
    /// The file's name, without its folder.
    pub file: String,
    /// Which record of the file, from 1; absent where it is about the file as a whole.
    #[ts(optional, type = "number")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<u64>,
    /// The conversation's title, where it could be read.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Why.
    pub code: SkipCode,
    /// What exactly, untranslated: the name of a field, the parser's words, a kind of content.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// Why something was left out, as a closed set that the window translates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SkipCode {
    /// The file cannot be read; `detail` is the system's word.
    Unreadable,
    /// The file is none of the known kinds.
    UnknownFormat,
    /// The file was written by a newer version of the program.
    Newer,
    /// The file ends in the middle; what stood whole before was taken.
    Truncated,
    /// The record is not valid JSON.
    Syntax,
    /// The record is not a conversation, or lacks what one needs.
    Shape,
    /// The record is larger than anything that is taken at once.
    TooLarge,
    /// The conversation has no message that can be shown.
    Empty,
    /// A message that refers to no place in its conversation; the others were taken.
    Message,
    /// A run of several models that cannot be understood, or whose messages are not there; the messages were taken.
    Run,
    /// Something else than text in a message (an image, a file, a recording): its name stands in the text, its content is
    /// not brought in.
    Content,
}
