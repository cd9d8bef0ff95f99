//! The old web client's storage: a dump of the browser's `localStorage`, as an object or as pairs, and the export file of its
//! account page. The list of chats (`capibara6_chats`) has titles and times, the words are under `capibara6_chat_<id>`; a
//! chat that is only in the list has no words to bring in, which is reported. Projects name their chats. Values may still be
//! JSON inside of text. Everything else in the dump (settings, tokens, profile) is passed over.

use std::collections::{HashMap, HashSet};

use capibara6_protocol::{AppError, ErrorCode, MessageStatus, ProjectId, Role};
use serde_json::Value;

use super::{Taken, Unfit, conversation_id, project_id};
use crate::conversation::{Node, Project, Said, Tree};
use crate::read::value::{self, Object};

const LISTS: [&str; 2] = ["capibara6_chats", "capibara6-chats"];
const PROJECTS: &str = "capibara6_projects";
const CHAT: &str = "capibara6_chat_";
/// Begins like a chat and is none.
const SETTINGS: &str = "capibara6_chat_settings";

/// Chats as they are found in a dump, in whichever order.
#[derive(Debug, Default)]
pub(crate) struct Storage {
    /// What the list says of each chat, by its id.
    listed: Vec<(String, Object)>,
    chats: Vec<Object>,
    /// The projects, each with the ids of its chats.
    projects: Vec<(Project, Vec<String>)>,
}

impl Storage {
    /// Whether a key of the storage is one of the web client's.
    pub(crate) fn knows(key: &str) -> bool {
        key.starts_with("capibara6_") || key.starts_with("capibara6-")
    }

    /// Takes an entry of the storage.
    pub(crate) fn take(&mut self, key: &str, entry: Value) {
        let entry = match entry.as_str() {
            Some(text) => value::parse(text.as_bytes()).unwrap_or(Value::Null),
            None => entry,
        };
        if LISTS.contains(&key) {
            for chat in entry.as_array().cloned().unwrap_or_default() {
                self.record(chat);
            }
        } else if key == PROJECTS {
            let projects = entry.as_array().map_or(&[][..], Vec::as_slice).iter().filter_map(Value::as_object);
            self.projects.extend(projects.filter_map(read_project));
        } else if let (Some(id), Value::Object(mut chat)) = (key.strip_prefix(CHAT), entry)
            && key != SETTINGS
        {
            chat.entry("id").or_insert_with(|| Value::String(id.to_owned()));
            self.record(Value::Object(chat));
        }
    }

    /// Takes a chat, or what the list says of one.
    pub(crate) fn record(&mut self, chat: Value) {
        let Value::Object(chat) = chat else { return };
        if chat.get("messages").is_some_and(Value::is_array) {
            self.chats.push(chat);
        } else if let Some(id) = value::id(&chat, "id") {
            self.listed.push((id, chat));
        }
    }

    /// The projects.
    pub(crate) fn projects(&self) -> Vec<Project> {
        self.projects.iter().map(|(project, _)| project.clone()).collect()
    }

    /// The conversations, in the order of the list; each with its title for the report.
    pub(crate) fn conversations(self) -> Vec<(Option<String>, Result<Taken, Unfit>)> {
        let mut chats: Vec<(Option<String>, Object)> =
            self.chats.into_iter().map(|chat| (value::id(&chat, "id"), chat)).collect();
        let places: HashMap<String, usize> =
            self.listed.iter().enumerate().map(|(at, (id, _))| (id.clone(), at)).collect();
        let place = |id: &Option<String>| id.as_ref().and_then(|id| places.get(id)).copied().unwrap_or(usize::MAX);
        chats.sort_by_key(|(id, _)| place(id));
        let mut projects = HashMap::<&str, ProjectId>::new();
        for (project, held) in &self.projects {
            for chat in held {
                // The first project that names it has it.
                projects.entry(chat).or_insert(project.id);
            }
        }
        let mut found = Vec::new();
        for (id, chat) in &chats {
            let listed = self.listed.get(place(id)).map(|(_, listed)| listed);
            let title = listed.and_then(super::title).or_else(|| super::title(chat));
            let mut taken = read(chat, listed, title.clone());
            if let (Ok(taken), Some(id)) = (&mut taken, id) {
                taken.conversation.head.project = projects.get(id.as_str()).copied();
            }
            found.push((title, taken));
        }
        let with_words: HashSet<&str> = chats.iter().filter_map(|(id, _)| id.as_deref()).collect();
        for (id, listed) in &self.listed {
            if !with_words.contains(id.as_str()) {
                found.push((super::title(listed), Err(Unfit::empty())));
            }
        }
        found
    }
}

fn read(chat: &Object, listed: Option<&Object>, title: Option<String>) -> Result<Taken, Unfit> {
    let id = value::id(chat, "id").ok_or_else(|| Unfit::without("id"))?;
    let mut nodes: Vec<Node> = Vec::new();
    let mut same = HashMap::<String, u32>::new();
    for (at, message) in value::list(chat, "messages").iter().filter_map(Value::as_object).enumerate() {
        let Some(said) = read_message(message) else { continue };
        // Messages have no ids: who spoke and when is one, and where that is not known, the place in the list.
        let when = value::id(message, "timestamp").unwrap_or_else(|| at.to_string());
        let key = format!("{when}/{:?}", said.role);
        let nth = same.entry(key.clone()).and_modify(|nth| *nth += 1).or_default();
        let key = format!("{key}/{nth}");
        let parent = nodes.last().map(|node| node.key.clone());
        let time = value::time(message, "timestamp");
        nodes.push(Node { key, parent, said: Some(said), at: time, reasoning: String::new() });
    }
    let current = nodes.last().map(|node| node.key.clone());
    let tree = Tree {
        id: conversation_id("capibara6-web", &id),
        title,
        pinned: false,
        archived: false,
        created_at: value::time(chat, "createdAt").or_else(|| time_in(&id, "chat_")),
        updated_at: listed
            .and_then(|listed| value::time(listed, "timestamp"))
            .or_else(|| value::time(chat, "updatedAt")),
        nodes,
        current,
    };
    let conversation = tree.plant().ok_or_else(Unfit::empty)?;
    Ok(Taken { conversation, named: Vec::new() })
}

/// A project and the ids of its chats, which stand there as they are or inside of objects.
fn read_project(project: &Object) -> Option<(Project, Vec<String>)> {
    let id = value::id(project, "id")?;
    let name = value::text(project, "name").and_then(crate::conversation::title)?;
    let created_at = value::time(project, "createdAt").or_else(|| time_in(&id, "project_")).unwrap_or_default();
    let chats = value::list(project, "chats").iter().filter_map(|chat| match chat {
        Value::Object(chat) => value::id(chat, "id"),
        Value::String(id) => Some(id.clone()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
    });
    Some((Project { id: project_id("capibara6-web", &id), name, created_at }, chats.collect()))
}

/// The time that stands in an id: that of its beginning.
fn time_in(id: &str, prefix: &str) -> Option<i64> {
    let ms = Value::String(id.strip_prefix(prefix)?.to_owned());
    value::time(&Object::from_iter([("at".to_owned(), ms)]), "at")
}

fn read_message(message: &Object) -> Option<Said> {
    let text = value::text(message, "text").or_else(|| value::text(message, "content"))?;
    let role = match value::text(message, "type").or_else(|| value::text(message, "role"))? {
        "user" => Role::User,
        "bot" | "assistant" => Role::Assistant,
        // What the page itself said.
        _ => return None,
    };
    let mut said = Said::new(role, text.to_owned());
    if value::flag(message, "isError") {
        // The text is the page's word for the failure, not a model's.
        let error = AppError::new(ErrorCode::Server).with_detail(std::mem::take(&mut said.content));
        said = Said { status: MessageStatus::Failed, error: Some(error), ..said };
    }
    Some(said)
}
