//! Asking and answering.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{ConversationId, Message, MessageId, Mode, ModelId};

/// Asks a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ChatSend {
    /// Where; a new conversation where absent.
    #[serde(default)]
    #[ts(optional)]
    pub conversation: Option<ConversationId>,
    /// The question; not only white space.
    pub text: String,
    /// How the model is chosen.
    pub mode: Mode,
    /// The model, for `single`.
    #[serde(default)]
    #[ts(optional)]
    pub model: Option<ModelId>,
}

/// Asks the same question again in other words: a new version beside the old one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ChatEdit {
    /// The question to put anew.
    pub message: MessageId,
    /// The new words.
    pub text: String,
    /// How the model is chosen.
    pub mode: Mode,
    /// The model, for `single`.
    #[serde(default)]
    #[ts(optional)]
    pub model: Option<ModelId>,
}

/// Answers again: a new version beside the old one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ChatRegenerate {
    /// The answer to write anew.
    pub message: MessageId,
    /// How the model is chosen.
    pub mode: Mode,
    /// The model, for `single`.
    #[serde(default)]
    #[ts(optional)]
    pub model: Option<ModelId>,
}

/// Names a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MessageRef {
    /// Which one.
    pub message: MessageId,
}

/// What was begun: the messages that are now on disk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ChatStarted {
    /// The conversation.
    pub conversation: ConversationId,
    /// The question, where it is new.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<Message>,
    /// The answer, still empty (or, when continued, with its text so far).
    pub answer: Message,
}
