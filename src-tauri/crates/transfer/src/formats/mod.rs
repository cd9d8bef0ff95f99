//! What other programs write, each in a file of its own, and how one is told from another: by what a record holds, never by
//! the name of its file.

pub(crate) mod chatgpt;
pub(crate) mod claude;
mod details;
pub(crate) mod history;
pub(crate) mod open_webui;
pub(crate) mod web;

use std::collections::HashMap;

use capibara6_protocol::SkipCode;
use serde_json::Value;
use uuid::{Uuid, uuid};

use crate::conversation::Conversation;
use crate::read::value::{self, Object};

/// What the ids of conversations from elsewhere are made of, together with the name of their program and their id there
/// (RFC 9562, version 5): the same conversation has the same id every time it is brought in.
const NAMESPACE: Uuid = uuid!("5b1e0d0c-8f0e-4f0b-9d5e-6a1c3c2f7ab4");

/// The id of a conversation of another program.
pub(crate) fn conversation_id(program: &str, id: &str) -> capibara6_protocol::ConversationId {
    Uuid::new_v5(&NAMESPACE, format!("{program}/{id}").as_bytes()).into()
}

/// The id of a project of another program.
pub(crate) fn project_id(program: &str, id: &str) -> capibara6_protocol::ProjectId {
    Uuid::new_v5(&NAMESPACE, format!("{program}/project/{id}").as_bytes()).into()
}

/// The kinds of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    History,
    ChatGpt,
    Claude,
    OpenWebUi,
    Web,
}

/// What kind of record this is.
pub(crate) fn kind(record: &Object) -> Option<Kind> {
    let holds = |key: &str, inside: &str| value::object(record, key).is_some_and(|object| object.contains_key(inside));
    let first = value::list(record, "messages").first().and_then(Value::as_object);
    if value::object(record, "mapping").is_some() {
        Some(Kind::ChatGpt)
    } else if record.get("chat_messages").is_some_and(Value::is_array) {
        Some(Kind::Claude)
    } else if holds("history", "messages") || holds("chat", "history") || holds("chat", "messages") {
        Some(Kind::OpenWebUi)
    } else if record.contains_key("titled_by") && record.get("messages").is_some_and(Value::is_array) {
        Some(Kind::History)
    } else if first.is_some_and(|message| message.contains_key("text") && message.contains_key("type"))
        || record.contains_key("lastMessage") && record.contains_key("messageCount")
    {
        Some(Kind::Web)
    } else {
        None
    }
}

/// Whether a record is a conversation that says which one it is: what is looked for after damage.
pub(crate) fn is_conversation(bytes: &[u8]) -> bool {
    let Ok(Value::Object(record)) = value::parse(bytes) else { return false };
    let keys: &[&str] = match kind(&record) {
        Some(Kind::ChatGpt) => &["id", "conversation_id"],
        Some(Kind::Claude) => &["uuid"],
        Some(Kind::History | Kind::OpenWebUi | Kind::Web) => &["id"],
        None => return false,
    };
    keys.iter().any(|key| value::id(&record, key).is_some())
}

/// The title of a record, for the report about it.
pub(crate) fn title(record: &Object) -> Option<String> {
    let named = value::text(record, "title").or_else(|| value::text(record, "name"));
    named.or_else(|| value::text(value::object(record, "chat")?, "title")).and_then(crate::conversation::title)
}

/// What became of a record.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Taken {
    pub conversation: Conversation,
    /// Kinds of content that were named and not brought in, with how many of each.
    pub named: Vec<(String, u64)>,
}

/// Why a record is not a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unfit {
    pub code: SkipCode,
    pub detail: Option<String>,
}

impl Unfit {
    fn without(field: &str) -> Self {
        Self { code: SkipCode::Shape, detail: Some(field.to_owned()) }
    }

    fn empty() -> Self {
        Self { code: SkipCode::Empty, detail: None }
    }
}

/// Contents that are no text: named where they stood, counted for the report.
#[derive(Debug, Default)]
pub(crate) struct Named(Vec<(String, u64)>);

impl Named {
    /// The line that stands for something of this kind.
    pub(crate) fn line(&mut self, kind: &str, name: Option<&str>) -> String {
        self.count(kind, 1);
        format!("📎 {}", name.unwrap_or(kind))
    }

    /// Counts what was named elsewhere.
    pub(crate) fn add(&mut self, other: Self) {
        other.0.into_iter().for_each(|(kind, count)| self.count(&kind, count));
    }

    fn count(&mut self, kind: &str, more: u64) {
        match self.0.iter_mut().find(|(known, _)| known == kind) {
            Some((_, count)) => *count += more,
            None => self.0.push((kind.to_owned(), more)),
        }
    }
}

/// The places of all nodes among those that stand below the same one, by their ids.
pub(crate) fn children(nodes: &Object, list: &str) -> HashMap<String, usize> {
    let lists = nodes.values().filter_map(Value::as_object).map(|node| value::list(node, list));
    let places = lists.flat_map(|list| list.iter().enumerate());
    places.filter_map(|(at, key)| Some((key.as_str()?.to_owned(), at))).collect()
}

/// A fenced block around a text, whatever stands in it.
pub(crate) fn fenced(language: &str, text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(3.max(longest + 1));
    let language: String = language.chars().filter(|c| c.is_alphanumeric() || "+-#.".contains(*c)).collect();
    format!("{fence}{language}\n{}\n{fence}", text.trim_end_matches('\n'))
}

/// Paragraphs, without the empty ones.
pub(crate) fn paragraphs(parts: Vec<String>) -> String {
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.trim().is_empty()).collect();
    parts.join("\n\n")
}
