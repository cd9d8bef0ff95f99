//! Open WebUI's export: a list of chats, each a tree of messages (`history.messages`) of which `currentId` is shown. Older
//! ones hold a plain list. What was thought, called and run stands inside the text there, in `<details>` blocks, or beside it in a
//! list of items ([`details`]); here thoughts have a place of their own, and calls and programs are blocks of code in the answer.

use capibara6_protocol::{AppError, ErrorCode, MessageStatus, Metrics, Role};
use serde_json::Value;

use super::details::{self, Parted};
use super::{Named, Taken, Unfit, children, conversation_id, fenced, paragraphs};
use crate::conversation::{Node, Said, Tree, order_siblings};
use crate::read::value::{self, Object};

/// Reads a record.
pub(crate) fn read(record: &Object) -> Result<Taken, Unfit> {
    let chat = value::object(record, "chat").unwrap_or(record);
    let id = value::id(record, "id").or_else(|| value::id(chat, "id"));
    let history = value::object(chat, "history");
    let mut named = Named::default();
    let tree = history.and_then(|history| value::object(history, "messages"));
    let nodes: Vec<Node> = match tree.filter(|messages| !messages.is_empty()) {
        Some(messages) => {
            let mut nodes = Vec::with_capacity(messages.len());
            for (key, message) in messages {
                let Some(message) = message.as_object() else { continue };
                nodes.extend(read_node(key, message, &mut named));
                nodes.extend(read_merged(key, message, &mut named));
            }
            order_siblings(&mut nodes, &children(messages, "childrenIds"));
            nodes
        }
        None => {
            let mut nodes: Vec<Node> = Vec::new();
            for (at, message) in value::list(chat, "messages").iter().filter_map(Value::as_object).enumerate() {
                let key = value::id(message, "id").unwrap_or_else(|| at.to_string());
                let parent = nodes.last().map(|node| node.key.clone());
                nodes.extend(read_node(&key, message, &mut named).map(|node| Node { parent, ..node }));
            }
            nodes
        }
    };
    let current = history.and_then(|history| value::id(history, "currentId"));
    let first = || nodes.iter().find(|node| node.parent.is_none()).map(|node| node.key.clone());
    let tree = Tree {
        id: conversation_id("open-webui", &id.or_else(first).ok_or_else(|| Unfit::without("id"))?),
        title: value::text(record, "title").or_else(|| value::text(chat, "title")).map(str::to_owned),
        pinned: value::flag(record, "pinned"),
        archived: value::flag(record, "archived"),
        created_at: value::time(record, "created_at").or_else(|| value::time(chat, "timestamp")),
        updated_at: value::time(record, "updated_at"),
        nodes,
        current,
    };
    let conversation = tree.plant().ok_or_else(Unfit::empty)?;
    Ok(Taken { conversation, named: named.0 })
}

fn read_node(key: &str, message: &Object, named: &mut Named) -> Option<Node> {
    let at = value::time(message, "timestamp");
    let parent = value::id(message, "parentId");
    let hidden = |reasoning| Some(Node { key: key.to_owned(), parent: parent.clone(), said: None, at, reasoning });
    let role = match value::text(message, "role") {
        Some("user") => Role::User,
        Some("assistant") => Role::Assistant,
        Some(_) => return hidden(String::new()),
        // Cut off before it says who speaks.
        None => return None,
    };
    let content = match message.get("content") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => {
            let parts = parts.iter().filter_map(Value::as_object).map(|part| match value::text(part, "type") {
                Some("text") | None => value::text(part, "text").unwrap_or_default().to_owned(),
                Some(kind) => named.line(kind.trim_end_matches("_url"), None),
            });
            paragraphs(parts.collect())
        }
        _ => String::new(),
    };
    let (reasoning, content) = match role {
        Role::Assistant => answered(&content, message, named).joined(),
        Role::User => (String::new(), content),
    };
    let mut words = vec![content];
    for run in value::list(message, "code_executions").iter().filter_map(Value::as_object) {
        words.extend(executed(run, named));
    }
    words.extend(details::embeds(value::list(message, "embeds")));
    for file in value::list(message, "files").iter().filter_map(Value::as_object) {
        let kind = value::text(file, "type").unwrap_or("file");
        words.push(named.line(kind, value::text(file, "name")));
    }
    for source in value::list(message, "sources").iter().filter_map(Value::as_object) {
        let source = value::object(source, "source").unwrap_or(source);
        words.push(named.line("source", value::text(source, "name")));
    }
    let error = message.get("error").and_then(failure);
    let words = paragraphs(words);
    if words.is_empty() && error.is_none() {
        return hidden(reasoning);
    }
    let status = match (&error, message.get("done")) {
        (Some(_), _) => MessageStatus::Failed,
        (None, Some(Value::Bool(false))) => MessageStatus::Interrupted,
        (None, _) => MessageStatus::Complete,
    };
    let model = (role == Role::Assistant).then(|| value::text(message, "model")).flatten().map(Into::into);
    let metrics = value::object(message, "usage").and_then(measured);
    let said = Said { role, status, content: words, model, metrics, error };
    Some(Node { key: key.to_owned(), parent, said: Some(said), at, reasoning })
}

/// One answer that was made out of several: another version beside them.
fn read_merged(key: &str, message: &Object, named: &mut Named) -> Option<Node> {
    let merged = value::object(message, "merged")?;
    let (reasoning, content) = details::parted(value::text(merged, "content")?, named).joined();
    let asks = value::text(message, "role") == Some("user");
    let parent = if asks { Some(key.to_owned()) } else { value::id(message, "parentId") };
    let at = value::time(merged, "timestamp").or_else(|| value::time(message, "timestamp"));
    let said = Some(Said::new(Role::Assistant, content));
    Some(Node { key: format!("{key}/merged"), parent, said, at, reasoning })
}

/// What the server said it counted.
fn measured(usage: &Object) -> Option<Metrics> {
    let count = |key: &str| usage.get(key).and_then(Value::as_u64).and_then(|count| u32::try_from(count).ok());
    let (prompt_tokens, completion_tokens) = (count("prompt_tokens"), count("completion_tokens"));
    let known = prompt_tokens.is_some() || completion_tokens.is_some();
    known.then(|| Metrics { prompt_tokens, completion_tokens, ..Metrics::default() })
}

fn failure(error: &Value) -> Option<AppError> {
    let said = match error {
        Value::String(text) => Some(text.as_str()),
        Value::Object(object) => value::text(object, "content").or_else(|| value::text(object, "detail")),
        Value::Bool(true) => None,
        Value::Null | Value::Bool(false) | Value::Number(_) | Value::Array(_) => return None,
    };
    let error = AppError::new(ErrorCode::Server);
    Some(said.map(|said| error.clone().with_detail(said)).unwrap_or(error))
}

/// An answer in its parts. Where its items are there as well, they know more; the text stays where it says something else,
/// because whoever changed it by hand changed nothing but the text.
fn answered(content: &str, message: &Object, named: &mut Named) -> Parted {
    let (mut in_text, mut in_items) = (Named::default(), Named::default());
    let written = details::parted(content, &mut in_text);
    let mut items = details::items(value::list(message, "output"), &mut in_items);
    if written.has_blocks || !items.has_blocks && !content.trim().is_empty() {
        named.add(in_text);
        return written;
    }
    named.add(in_items);
    let blank_less = |words: &[String]| words.concat().split_whitespace().collect::<String>();
    if !blank_less(&items.words).contains(&blank_less(&written.words)) {
        items.words.extend(written.words);
    }
    items
}

/// A program that was run beside the answer.
fn executed(run: &Object, named: &mut Named) -> Vec<String> {
    let code = value::text(run, "code").unwrap_or_default();
    let language = value::text(run, "language").unwrap_or_default();
    let mut parts = vec![value::text(run, "name").map(|name| format!("🔧 {name}")).unwrap_or_default()];
    parts.extend((!code.trim().is_empty()).then(|| fenced(language, code)));
    if let Some(result) = value::object(run, "result") {
        let printed = ["output", "error"].iter().filter_map(|key| result.get(*key));
        parts.extend(printed.flat_map(details::printed));
        parts.extend(details::files(value::list(result, "files"), named));
    }
    parts
}
