//! Finding what was said. Any text is a query; there is no syntax that could be wrong.
//!
//! A query is read as units, which must all be found in one message (or in one title): words between white space, and
//! phrases in quotes. Case, accents and width do not count. The last word need only begin a word; Chinese, Japanese, Korean
//! and Thai are found anywhere in a run of them; what is typed in one piece with punctuation in it (`foo::bar(`) is found
//! in one piece.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{ConversationSummary, MessageId, ModelId, ProjectId, Role};

/// Looks for something.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct SearchQuery {
    /// What the person typed, as it is. Where it says nothing, nothing is found.
    pub text: String,
    /// Where to look.
    pub filters: SearchFilters,
    /// `next` of the page before; the first page where absent.
    #[ts(optional)]
    pub after: Option<String>,
    /// At most this many hits, up to 100.
    pub limit: u32,
}

/// Which messages come into question. Each filter narrows; without any, everything but the trash is searched.
///
/// Filters that only a message can fulfil (`model`, `role`, `has_code`) leave the titles out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct SearchFilters {
    /// Only what this model said.
    #[ts(optional)]
    pub model: Option<ModelId>,
    /// Only what this side said.
    #[ts(optional)]
    pub role: Option<Role>,
    /// Only what was said at this time or later.
    #[ts(optional, type = "number")]
    pub from: Option<i64>,
    /// Only what was said before this time.
    #[ts(optional, type = "number")]
    pub to: Option<i64>,
    /// Only in pinned conversations.
    pub pinned: bool,
    /// Only messages with a code block.
    pub has_code: bool,
    /// Only in this project.
    #[ts(optional)]
    pub project: Option<ProjectId>,
    /// What about the archive.
    pub archive: ArchiveFilter,
}

/// What about archived conversations.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum ArchiveFilter {
    /// They are searched like the others.
    #[default]
    Include,
    /// They are left out.
    Exclude,
    /// Only they are searched.
    Only,
}

/// Some of what was found: on the first page titles first, then messages, each newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SearchPage {
    /// What was found.
    pub hits: Vec<SearchHit>,
    /// Where to go on; absent where everything was looked at. A page does a bounded amount of work: it may hold fewer hits
    /// than asked for, even none, and still have a `next`.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// Where there is a `next`: everything newer than this was looked at.
    #[ts(optional, type = "number")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub searched_to: Option<i64>,
    /// Messages that cannot be found yet, because the index has not come to them; beyond ten thousand they are not counted.
    pub pending: u32,
}

/// A message, or a conversation by its title.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SearchHit {
    /// The conversation.
    pub conversation: ConversationSummary,
    /// The message; absent where the title was found.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<MessageId>,
    /// Who said it.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// The model that said it.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelId>,
    /// When it was said; for a title, when something was last said in the conversation.
    #[ts(type = "number")]
    pub created_at: i64,
    /// The place in the text, or the title: in order, white space made single spaces, `…` where something is left out.
    pub snippet: Vec<SnippetPart>,
}

/// A piece of a snippet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SnippetPart {
    /// Its text.
    pub text: String,
    /// Whether it is what was looked for.
    pub marked: bool,
}

/// Asks what a query would mark in texts: those that the window shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SearchMarks {
    /// The query.
    pub query: String,
    /// The texts as they are shown, at most 4 MB together. A match never goes from one into the next.
    pub texts: Vec<String>,
}

/// A stretch of a text in UTF-16 code units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
pub struct TextSpan {
    /// Where it begins.
    pub start: u32,
    /// Where the text after it begins.
    pub end: u32,
}

/// How far the index is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SearchState {
    /// Messages that the index has yet to come to.
    pub pending: u32,
    /// Messages that can be found.
    pub indexed: u32,
}
