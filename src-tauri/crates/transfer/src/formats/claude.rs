//! Claude's `conversations.json`: a list of conversations, each a list of messages. Where a message names the one that it
//! answers (`parent_message_uuid`), the conversation is a tree; where none does, each answers the one before.

use capibara6_protocol::Role;
use serde_json::Value;

use super::{Named, Taken, Unfit, conversation_id, fenced, paragraphs};
use crate::conversation::{Node, Said, Tree};
use crate::read::value::{self, Object};

/// Reads a record.
pub(crate) fn read(record: &Object) -> Result<Taken, Unfit> {
    let id = value::id(record, "uuid").ok_or_else(|| Unfit::without("uuid"))?;
    let messages: Vec<&Object> = value::list(record, "chat_messages").iter().filter_map(Value::as_object).collect();
    let is_tree = messages.iter().any(|message| value::id(message, "parent_message_uuid").is_some());
    let mut named = Named::default();
    let mut nodes: Vec<Node> = Vec::with_capacity(messages.len());
    for (at, message) in messages.into_iter().enumerate() {
        let key = value::id(message, "uuid").unwrap_or_else(|| at.to_string());
        let before = nodes.last().map(|node| node.key.clone());
        let parent = if is_tree { value::id(message, "parent_message_uuid") } else { before };
        let (said, reasoning) = read_message(message, &mut named);
        nodes.push(Node { key, parent, said, at: value::time(message, "created_at"), reasoning });
    }
    let last = nodes.last().map(|node| node.key.clone());
    let tree = Tree {
        id: conversation_id("claude", &id),
        title: value::text(record, "name").map(str::to_owned),
        pinned: value::flag(record, "is_starred"),
        archived: false,
        created_at: value::time(record, "created_at"),
        updated_at: value::time(record, "updated_at"),
        nodes,
        current: value::id(record, "current_leaf_message_uuid").or(last),
    };
    let conversation = tree.plant().ok_or_else(Unfit::empty)?;
    Ok(Taken { conversation, named: named.0 })
}

fn read_message(message: &Object, named: &mut Named) -> (Option<Said>, String) {
    let role = match value::text(message, "sender") {
        Some("human" | "user") => Role::User,
        Some("assistant") => Role::Assistant,
        _ => return (None, String::new()),
    };
    let mut words = Vec::new();
    let mut thoughts = Vec::new();
    for block in value::list(message, "content").iter().filter_map(Value::as_object) {
        match value::text(block, "type") {
            Some("text") => words.push(value::text(block, "text").unwrap_or_default().to_owned()),
            Some("thinking") => thoughts.push(value::text(block, "thinking").unwrap_or_default().to_owned()),
            Some("tool_use") => words.push(tool_use(block, named)),
            // What a tool gave back is for the model; the answer says what came of it.
            Some("tool_result" | "token_budget") | None => {}
            Some(kind) => words.push(named.line(kind, None)),
        }
    }
    let mut words = vec![paragraphs(words)];
    if words.iter().all(String::is_empty) {
        words.push(value::text(message, "text").unwrap_or_default().to_owned());
    }
    for attachment in value::list(message, "attachments").iter().filter_map(Value::as_object) {
        let name = value::text(attachment, "file_name").unwrap_or("file");
        match value::text(attachment, "extracted_content") {
            // The words of the file are all there is of it here: nothing is left out.
            Some(content) => words.push(format!("📎 {name}\n\n{}", fenced("", content))),
            None => words.push(named.line("file", Some(name))),
        }
    }
    for file in value::list(message, "files").iter().filter_map(Value::as_object) {
        words.push(named.line("file", value::text(file, "file_name")));
    }
    let words = paragraphs(words);
    (if words.is_empty() { None } else { Some(Said::new(role, words)) }, paragraphs(thoughts))
}

/// What a tool was asked: a text that was written with it (an artifact, a program) is part of the answer.
fn tool_use(block: &Object, named: &mut Named) -> String {
    let input = value::object(block, "input");
    let text = |key| input.and_then(|input| value::text(input, key));
    let name = text("title").or_else(|| value::text(block, "name")).unwrap_or("tool");
    match text("content").or_else(|| text("code")) {
        Some(content) => format!("📎 {name}\n\n{}", fenced(text("language").unwrap_or_default(), content)),
        None => named.line("tool", Some(name)),
    }
}
