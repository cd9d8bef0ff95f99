//! Conversations: a tree of messages, of which the window shows one branch.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    AppError, ConversationId, ConversationScope, ErrorCode, MessageId, MessageOrigin, Mode, ModelId, ProjectId, Tier,
};

/// A conversation in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConversationSummary {
    /// Its id.
    pub id: ConversationId,
    /// Its title; never empty.
    pub title: String,
    /// Whether it stays at the top.
    pub pinned: bool,
    /// When it was begun.
    #[ts(type = "number")]
    pub created_at: i64,
    /// When something was last said in it; the list is ordered by this.
    #[ts(type = "number")]
    pub updated_at: i64,
    /// How many messages it holds, in all its branches.
    pub messages: u32,
    /// The project it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub project: Option<ProjectId>,
    /// When it was archived; absent where it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub archived_at: Option<i64>,
    /// When it was deleted; absent where it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub deleted_at: Option<i64>,
}

/// A page of the list: pinned ones first, then by `updated_at`, newest first; of the trash, by `deleted_at`, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConversationPage {
    /// The conversations.
    pub conversations: Vec<ConversationSummary>,
    /// Where the next page begins; absent on the last.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Which page of the list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConversationList {
    /// `next` of the page before; the first page where absent.
    #[serde(default)]
    #[ts(optional)]
    pub after: Option<String>,
    /// At most this many, up to 200.
    pub limit: u32,
    /// Of which conversations.
    #[serde(default)]
    #[ts(optional, as = "Option<ConversationScope>")]
    pub scope: ConversationScope,
}

/// Opens a conversation at the end of its active branch, or shows what stands elsewhere on it. At most one of `before`,
/// `after` and `around` is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConversationOpen {
    /// Which one.
    pub id: ConversationId,
    /// The messages before this one.
    #[serde(default)]
    #[ts(optional)]
    pub before: Option<MessageId>,
    /// The messages after this one.
    #[serde(default)]
    #[ts(optional)]
    pub after: Option<MessageId>,
    /// This message and those on both sides of it. Where it is not on the active branch, the branch through it becomes the
    /// active one.
    #[serde(default)]
    #[ts(optional)]
    pub around: Option<MessageId>,
    /// At most this many messages, up to 200.
    pub limit: u32,
}

/// A stretch of the active branch, oldest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ConversationView {
    /// The conversation.
    pub conversation: ConversationSummary,
    /// Its messages.
    pub messages: Vec<Message>,
    /// Whether there are messages before these.
    pub earlier: bool,
    /// Whether there are messages after these.
    pub later: bool,
}

/// Changes the title.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConversationRename {
    /// Which one.
    pub id: ConversationId,
    /// The new title, at most 200 characters; white space around it is dropped.
    pub title: String,
}

/// Pins or unpins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConversationPin {
    /// Which one.
    pub id: ConversationId,
    /// Whether it stays at the top.
    pub pinned: bool,
}

/// Names a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConversationRef {
    /// Which one.
    pub id: ConversationId,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// The conversation it belongs to.
    pub conversation: ConversationId,
    /// The message it answers; absent for the first.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<MessageId>,
    /// Who speaks.
    pub role: Role,
    /// How it stands.
    pub status: MessageStatus,
    /// The text, unmodified.
    pub content: String,
    /// What the model thought aloud.
    pub reasoning: String,
    /// The model that answers.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelId>,
    /// Whether the words are scripted (practice fleet), which is always shown.
    pub scripted: bool,
    /// Why this model.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub routing: Option<Routing>,
    /// What was left out of the request, when something was.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub omitted: Option<Omitted>,
    /// What was measured; absent while streaming.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics: Option<Metrics>,
    /// Why it failed.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<AppError>,
    /// Where it was before its conversation was merged with others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub origin: Option<MessageOrigin>,
    /// When it was begun.
    #[ts(type = "number")]
    pub created_at: i64,
    /// All versions at this place, oldest first, this one among them.
    pub versions: Vec<MessageId>,
}

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The person.
    User,
    /// A model.
    Assistant,
}

/// How a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum MessageStatus {
    /// Being written.
    Streaming,
    /// Ended by itself.
    Complete,
    /// Stopped by the user.
    Stopped,
    /// The application ended while it was being written.
    Interrupted,
    /// Ended by an error; the text so far is kept.
    Failed,
}

/// Why this model answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Routing {
    /// How it was asked for.
    pub mode: Mode,
    /// The tier that the rule chose (`auto`), or the model's own (`single`).
    pub tier: Tier,
    /// The rule that fired.
    pub rule: RoutingRule,
    /// The model first chosen, when another one answers in its place.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instead_of: Option<ModelId>,
    /// Why the first one could not.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<ErrorCode>,
}

/// The rules of `auto`, in the order in which they are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum RoutingRule {
    /// The user chose the model.
    Pinned,
    /// The question holds a code block or a line of code.
    CodeText,
    /// The question speaks of programming.
    CodeWords,
    /// The question asks for a story, a poem, a tone.
    CreativeWords,
    /// The question asks for reasoning or comparison.
    ComplexWords,
    /// The question is long.
    LongQuestion,
    /// The question is short.
    ShortQuestion,
    /// None of the others.
    Otherwise,
    /// It is a member of those that are asked together.
    Member,
    /// It writes one answer from those of the others.
    Synthesis,
}

/// The oldest turns that did not fit the model's context.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Omitted {
    /// How many messages were left out.
    pub messages: u32,
    /// How many tokens those are, counted by the server or estimated (`estimated`).
    pub tokens: u32,
    /// The model's context in tokens.
    pub context: u32,
    /// Whether `tokens` is an estimate.
    pub estimated: bool,
}

/// What was measured while a message was written. Nothing here is estimated: what the server did not say is absent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Metrics {
    /// From sending the request to the first non-empty delta (content or reasoning).
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttft_ms: Option<u64>,
    /// From sending the request to the end.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// Tokens of the request, from the server's usage.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt_tokens: Option<u32>,
    /// Tokens of the answer, from the server's usage.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completion_tokens: Option<u32>,
    /// `(completion_tokens - 1) / (time of the last delta - time of the first)`; absent below two tokens or 1 ms.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens_per_second: Option<f64>,
    /// Why the model stopped.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finish_reason: Option<FinishReason>,
}

/// Why a model stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum FinishReason {
    /// It was done, or wrote a stop text.
    Stop,
    /// It reached `max_tokens` or the end of its context.
    Length,
    /// It wants a tool.
    ToolCalls,
    /// The server held something back.
    ContentFilter,
    /// A reason that is not in the protocol.
    Other,
}
