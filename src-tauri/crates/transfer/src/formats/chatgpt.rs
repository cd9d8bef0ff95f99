//! ChatGPT's `conversations.json`: a list of conversations, each a tree of nodes (`mapping`) of which `current_node` is shown.
//!
//! Many nodes are not shown there: system prompts, the user's profile, calls of tools and what they gave back. They are not
//! shown here either, with two exceptions that people read: code that was run, and what it printed. What a model thought
//! becomes the reasoning of its answer.

use std::collections::{HashMap, VecDeque};

use capibara6_protocol::{MessageStatus, Role};
use serde_json::Value;

use super::{Named, Taken, Unfit, children, conversation_id, fenced, paragraphs};
use crate::conversation::{Node, Said, Tree, order_siblings};
use crate::read::value::{self, Object};

/// Reads a record.
pub(crate) fn read(record: &Object) -> Result<Taken, Unfit> {
    let id = value::id(record, "conversation_id").or_else(|| value::id(record, "id"));
    let mapping = value::object(record, "mapping").ok_or_else(|| Unfit::without("mapping"))?;
    let mut named = Named::default();
    let mut nodes: Vec<Node> = mapping.iter().map(|(key, node)| read_node(key, node, &mut named)).collect();
    order_siblings(&mut nodes, &children(mapping, "children"));
    // Old exports have no id: the place of the first message is as good, and as lasting.
    let id = id.or_else(|| nodes.iter().find(|node| node.parent.is_none()).map(|node| node.key.clone()));
    let tree = Tree {
        id: conversation_id("chatgpt", &id.ok_or_else(|| Unfit::without("id"))?),
        title: value::text(record, "title").map(str::to_owned),
        pinned: value::flag(record, "is_starred") || value::time(record, "pinned_time").is_some(),
        archived: value::flag(record, "is_archived"),
        created_at: value::time(record, "create_time"),
        updated_at: value::time(record, "update_time"),
        nodes,
        current: value::id(record, "current_node"),
    };
    let conversation = tree.plant().ok_or_else(Unfit::empty)?;
    Ok(Taken { conversation, named: named.0 })
}

fn read_node(key: &str, node: &Value, named: &mut Named) -> Node {
    let node = node.as_object();
    let parent = node.and_then(|node| value::id(node, "parent"));
    let message = node.and_then(|node| value::object(node, "message"));
    let at = message.and_then(|message| value::time(message, "create_time"));
    let (said, reasoning) = message.map(|message| read_message(message, named)).unwrap_or_default();
    Node { key: key.to_owned(), parent, said, at, reasoning }
}

/// What a message shows, and what was thought in it.
fn read_message(message: &Object, named: &mut Named) -> (Option<Said>, String) {
    let none = Object::new();
    let metadata = value::object(message, "metadata").unwrap_or(&none);
    let content = value::object(message, "content").unwrap_or(&none);
    let kind = value::text(content, "content_type").unwrap_or("text");
    let author = value::object(message, "author").and_then(|author| value::text(author, "role"));
    if value::flag(metadata, "is_visually_hidden_from_conversation") {
        return (None, String::new());
    }
    let to_all = value::text(message, "recipient").is_none_or(|recipient| recipient == "all");
    let text = |key: &str| value::text(content, key).unwrap_or_default();
    let (role, words) = match (author, kind) {
        (_, "thoughts") => return (None, thoughts(content)),
        (Some("user"), "text" | "multimodal_text") => (Role::User, parts(content, named)),
        (Some("assistant"), "text" | "multimodal_text") if to_all => (Role::Assistant, parts(content, named)),
        (Some("assistant"), "code") => {
            let language = value::text(content, "language").filter(|language| *language != "unknown");
            let recipient = value::text(message, "recipient").unwrap_or("all");
            let words = match recipient {
                "all" | "python" => fenced(language.unwrap_or("python"), text("text")),
                canvas if canvas.starts_with("canmore.") => written_on_canvas(text("text"), named),
                // A call of a search or of a picture: nothing that was said.
                _ => String::new(),
            };
            (Role::Assistant, words)
        }
        (Some("tool"), "execution_output") => (Role::Assistant, fenced("", text("text"))),
        (Some("tool"), "multimodal_text") => (Role::Assistant, parts(content, named)),
        (Some("assistant"), "system_error") => (Role::Assistant, text("text").to_owned()),
        _ => return (None, String::new()),
    };
    let attached = value::list(metadata, "attachments").iter().filter_map(Value::as_object);
    let attached = attached.filter_map(|attachment| value::text(attachment, "name"));
    let mut words = vec![words];
    words.extend(attached.map(|name| named.line("file", Some(name))));
    let words = paragraphs(words);
    if words.is_empty() {
        return (None, String::new());
    }
    let model = (role == Role::Assistant).then(|| value::text(metadata, "model_slug")).flatten();
    let ended = value::object(metadata, "finish_details").and_then(|details| value::text(details, "type"));
    let status = match (value::text(message, "status"), ended) {
        (_, Some("interrupted")) => MessageStatus::Stopped,
        (Some("in_progress"), _) => MessageStatus::Interrupted,
        _ => MessageStatus::Complete,
    };
    let words = cited(words, metadata);
    let said = Said { status, model: model.map(Into::into), ..Said::new(role, words) };
    (Some(said), String::new())
}

/// A text that was written on the canvas beside the conversation: part of the answer, as far as it is whole there.
fn written_on_canvas(call: &str, named: &mut Named) -> String {
    let call = value::parse(call.as_bytes()).unwrap_or(Value::Null);
    let Some(call) = call.as_object() else { return named.line("canvas", None) };
    let name = value::text(call, "name").unwrap_or("canvas");
    let language = value::text(call, "type").and_then(|kind| kind.strip_prefix("code/")).unwrap_or_default();
    // A later version of the whole text is a change that replaces everything.
    let replaced = value::list(call, "updates").iter().filter_map(Value::as_object);
    let mut replaced = replaced.filter(|update| value::text(update, "pattern") == Some(".*"));
    let content =
        value::text(call, "content").or_else(|| replaced.next().and_then(|update| value::text(update, "replacement")));
    match content {
        Some(content) => format!("📎 {name}\n\n{}", fenced(language, content)),
        None => named.line("canvas", Some(name)),
    }
}

/// Where a mark that stands for a reference begins and ends.
const MARK: [char; 2] = ['\u{e200}', '\u{e201}'];

/// A text with its references as they were shown, in the place of the marks that stand for them. Each reference is used once and
/// what is put in is not looked at again, so that no file makes more of a text than stands in it.
fn cited(words: String, metadata: &Object) -> String {
    let mut shown = HashMap::<&str, VecDeque<&str>>::new();
    for reference in value::list(metadata, "content_references").iter().filter_map(Value::as_object) {
        let mark = value::text(reference, "matched_text").filter(|mark| mark.starts_with(MARK[0]));
        if let (Some(mark), Some(alt)) = (mark, value::text(reference, "alt")) {
            shown.entry(mark).or_default().push_back(alt);
        }
    }
    if shown.is_empty() {
        return words;
    }
    let mut whole = String::with_capacity(words.len());
    let mut rest = words.as_str();
    while let Some(at) = rest.find(MARK[0]) {
        let (before, marked) = rest.split_at(at);
        whole.push_str(before);
        // A mark ends before the next one begins.
        let after = MARK[0].len_utf8();
        let end = marked[after..].find(MARK).map_or(marked.len(), |end| after + end);
        let end = if marked[end..].starts_with(MARK[1]) { end + MARK[1].len_utf8() } else { end };
        let (mark, next) = marked.split_at(end);
        whole.push_str(shown.get_mut(mark).and_then(VecDeque::pop_front).unwrap_or(mark));
        rest = next;
    }
    whole.push_str(rest);
    whole
}

fn parts(content: &Object, named: &mut Named) -> String {
    let parts = value::list(content, "parts").iter().map(|part| match part {
        Value::String(text) => text.clone(),
        Value::Object(part) => match value::text(part, "content_type").unwrap_or("part") {
            "audio_transcription" | "text" => value::text(part, "text").unwrap_or_default().to_owned(),
            "image_asset_pointer" => {
                let name = value::text(part, "asset_pointer").map(|pointer| format!("image ({pointer})"));
                named.line("image", name.as_deref())
            }
            // The words of a recording stand beside it.
            kind => named.line(kind.trim_end_matches("_asset_pointer").trim_end_matches("_pointer"), None),
        },
        Value::Null => String::new(),
        other @ (Value::Bool(_) | Value::Number(_) | Value::Array(_)) => other.to_string(),
    });
    paragraphs(parts.collect())
}

fn thoughts(content: &Object) -> String {
    let thoughts = value::list(content, "thoughts").iter().filter_map(Value::as_object);
    paragraphs(thoughts.filter_map(|thought| value::text(thought, "content").map(str::to_owned)).collect())
}
