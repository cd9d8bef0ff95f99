//! The program's own format: all that is known of every message of every branch (`docs/export.md`, `docs/export.schema.json`).
//!
//! What is written is a function of what is exported and of nothing else, no clock among it: exporting, importing into an
//! empty history and exporting again gives the same bytes. Reading is as tolerant as for any other format; fields that are
//! not known are passed over, so that a file of a later version can be read as far as its version number allows.

use std::collections::HashSet;
use std::io::{self, Write};

use capibara6_protocol::{
    AppError, ConversationId, Message, MessageId, MessageOrigin, MessageStatus, Metrics, ModelId, Omitted, ProjectId,
    Role, Routing, SkipCode,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::Unfit;
use crate::conversation::{Conversation, Entry, Head, Project, TitledBy};
use crate::read::value::{self, Object};

/// What stands in `format`.
pub(crate) const FORMAT: &str = "capibara6-history";

/// The version of the format.
pub const VERSION: u64 = 1;

/// The longest title in characters.
const TITLE: usize = 200;

/// The last millisecond that every calendar of ours can show.
const LAST: i64 = 8_640_000_000_000_000;

#[derive(Serialize, Deserialize)]
struct WrittenProject {
    id: ProjectId,
    name: String,
    created_at: i64,
}

#[derive(Serialize)]
struct WrittenHead<'a> {
    id: ConversationId,
    title: &'a str,
    titled_by: &'static str,
    pinned: bool,
    created_at: i64,
    updated_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<ProjectId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    archived_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    leaf: Option<MessageId>,
}

#[derive(Serialize)]
struct WrittenMessage<'a> {
    id: MessageId,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<MessageId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chosen: Option<MessageId>,
    role: Role,
    status: MessageStatus,
    created_at: i64,
    content: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    reasoning: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: &'a Option<ModelId>,
    #[serde(skip_serializing_if = "is_false")]
    scripted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    routing: &'a Option<Routing>,
    #[serde(skip_serializing_if = "Option::is_none")]
    omitted: &'a Option<Omitted>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metrics: Option<Metrics>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: &'a Option<AppError>,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: &'a Option<MessageOrigin>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_false(value: &bool) -> bool {
    !value
}

/// Writes a history, conversation after conversation, message after message.
pub struct HistoryWriter<W: Write> {
    out: W,
    conversations: u64,
    /// How many messages of the conversation that is open were written; none is open where absent.
    messages: Option<u64>,
}

impl<W: Write> HistoryWriter<W> {
    /// Begins a history.
    ///
    /// # Errors
    /// What `out` says, here and in all other methods.
    pub fn begin(mut out: W, projects: &[Project]) -> io::Result<Self> {
        write!(out, "{{\"format\":\"{FORMAT}\",\"version\":{VERSION},\n\"projects\":[")?;
        for (at, Project { id, name, created_at }) in projects.iter().enumerate() {
            out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
            let project = WrittenProject { id: *id, name: name.clone(), created_at: *created_at };
            serde_json::to_writer(&mut out, &project)?;
        }
        out.write_all(b"],\n\"conversations\":[")?;
        Ok(Self { out, conversations: 0, messages: None })
    }

    /// Begins a conversation, and ends the one before.
    pub fn conversation(&mut self, head: &Head) -> io::Result<()> {
        self.end_conversation()?;
        self.out.write_all(if self.conversations == 0 { b"\n" } else { b",\n" })?;
        let Head { id, title, titled_by, pinned, created_at, updated_at, project, archived_at, leaf } = head;
        let head = WrittenHead {
            id: *id,
            title,
            titled_by: titled_by.word(),
            pinned: *pinned,
            created_at: *created_at,
            updated_at: *updated_at,
            project: *project,
            archived_at: *archived_at,
            leaf: *leaf,
        };
        let mut written = serde_json::to_vec(&head)?;
        // The messages are a member of the same object.
        written.pop();
        self.out.write_all(&written)?;
        self.out.write_all(b",\"messages\":[")?;
        self.conversations += 1;
        self.messages = Some(0);
        Ok(())
    }

    /// Writes a message of the conversation. One that is still being written is `interrupted` here.
    pub fn message(&mut self, entry: &Entry) -> io::Result<()> {
        let first = self.messages == Some(0);
        self.out.write_all(if first { b"\n" } else { b",\n" })?;
        // Named one by one: a field that is added to a message does not compile until it is exported.
        let Message {
            id,
            conversation: _,
            parent,
            role,
            status,
            content,
            reasoning,
            model,
            scripted,
            routing,
            omitted,
            metrics,
            error,
            origin,
            created_at,
            versions: _,
        } = &entry.message;
        let status = if *status == MessageStatus::Streaming { MessageStatus::Interrupted } else { *status };
        let message = WrittenMessage {
            id: *id,
            parent: *parent,
            chosen: entry.chosen,
            role: *role,
            status,
            created_at: *created_at,
            content,
            reasoning,
            model,
            scripted: *scripted,
            routing,
            omitted,
            metrics: metrics.map(|metrics| Metrics {
                // As many digits as any parser of numbers keeps: what is read is what was written.
                tokens_per_second: metrics.tokens_per_second.map(|rate| (rate * 1e6).round() / 1e6),
                ..metrics
            }),
            error,
            origin,
        };
        serde_json::to_writer(&mut self.out, &message)?;
        self.messages = self.messages.map(|count| count + 1);
        Ok(())
    }

    fn end_conversation(&mut self) -> io::Result<()> {
        match self.messages.take() {
            Some(_) => self.out.write_all(b"]}"),
            None => Ok(()),
        }
    }

    /// Ends the history and gives back what it was written to.
    pub fn finish(mut self) -> io::Result<W> {
        self.end_conversation()?;
        self.out.write_all(b"\n]}\n")?;
        self.out.flush()?;
        Ok(self.out)
    }
}

/// The projects of a history.
pub(crate) fn projects(list: &Value) -> Vec<Project> {
    let projects = list.as_array().map_or(&[][..], Vec::as_slice);
    let projects = projects.iter().filter_map(|project| WrittenProject::deserialize(project).ok());
    let named = projects.filter(|project| !project.name.trim().is_empty());
    named.map(|WrittenProject { id, name, created_at }| Project { id, name, created_at }).collect()
}

/// A conversation, and how many of its messages could not be taken.
pub(crate) fn read(record: &Object) -> Result<(Conversation, u64), Unfit> {
    let id = uuid(record, "id").map(ConversationId).ok_or_else(|| Unfit::without("id"))?;
    let list = value::list(record, "messages");
    let begun = time(record, "created_at");
    let mut known = HashSet::new();
    let mut messages: Vec<Entry> = Vec::with_capacity(list.len());
    for message in list {
        let entry = message.as_object().and_then(|message| read_message(message, id, begun.unwrap_or_default()));
        let Some(mut entry) = entry.filter(|entry| known.insert(entry.message.id)) else { continue };
        // Parents stand before their children; one that does not is none.
        let parent = entry.message.parent;
        entry.message.parent = parent.filter(|parent| *parent != entry.message.id && known.contains(parent));
        messages.push(entry);
    }
    let lost = (list.len() - messages.len()) as u64;
    if messages.is_empty() && lost > 0 {
        return Err(Unfit { code: SkipCode::Message, detail: Some(lost.to_string()) });
    }
    let children: HashSet<(MessageId, MessageId)> =
        messages.iter().filter_map(|entry| Some((entry.message.parent?, entry.message.id))).collect();
    for entry in &mut messages {
        entry.chosen = entry.chosen.filter(|chosen| children.contains(&(entry.message.id, *chosen)));
    }
    let title = value::text(record, "title").map(str::trim).filter(|title| !title.is_empty());
    let title = title.map(|title| title.chars().take(TITLE).collect::<String>().trim_end().to_owned());
    let titled_by = value::text(record, "titled_by").map_or(TitledBy::Opening, TitledBy::from_word);
    let (title, titled_by) = match title {
        Some(title) => (title, titled_by),
        None => (crate::conversation::opening(&messages).unwrap_or_else(|| "…".to_owned()), TitledBy::Opening),
    };
    let first = messages.iter().map(|entry| entry.message.created_at).min();
    let last = messages.iter().map(|entry| entry.message.created_at).max();
    let created_at = begun.or(first).unwrap_or_default();
    let head = Head {
        id,
        title,
        titled_by,
        pinned: value::flag(record, "pinned"),
        created_at,
        updated_at: time(record, "updated_at").or(last).unwrap_or(created_at),
        project: uuid(record, "project").map(ProjectId),
        archived_at: time(record, "archived_at"),
        leaf: uuid(record, "leaf").map(MessageId).filter(|leaf| known.contains(leaf)),
    };
    Ok((Conversation { head, messages }, lost))
}

fn read_message(message: &Object, conversation: ConversationId, begun: i64) -> Option<Entry> {
    Some(Entry {
        message: Message {
            id: MessageId(uuid(message, "id")?),
            conversation,
            parent: uuid(message, "parent").map(MessageId),
            role: typed(message, "role")?,
            // A word of tomorrow: the text is there, how it came to its end is not known.
            status: typed(message, "status").unwrap_or(MessageStatus::Interrupted),
            content: message.get("content")?.as_str()?.to_owned(),
            reasoning: value::text(message, "reasoning").unwrap_or_default().to_owned(),
            model: typed(message, "model"),
            scripted: value::flag(message, "scripted"),
            routing: typed(message, "routing"),
            omitted: typed(message, "omitted"),
            metrics: typed(message, "metrics"),
            error: typed(message, "error"),
            origin: typed(message, "origin"),
            created_at: time(message, "created_at").unwrap_or(begun),
            versions: Vec::new(),
        },
        chosen: uuid(message, "chosen").map(MessageId),
    })
}

fn uuid(object: &Object, key: &str) -> Option<Uuid> {
    Uuid::try_parse(value::text(object, key)?).ok()
}

/// A time as it was written: whole milliseconds.
fn time(object: &Object, key: &str) -> Option<i64> {
    object.get(key)?.as_i64().filter(|ms| (-LAST..=LAST).contains(ms))
}

fn typed<T: DeserializeOwned>(object: &Object, key: &str) -> Option<T> {
    T::deserialize(object.get(key)?).ok()
}
