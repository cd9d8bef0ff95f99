//! Rows as the protocol's values. Reading is tolerant: a value that cannot be understood costs itself and never the
//! record, a record that cannot be addressed costs itself and never its neighbours.

use std::collections::{HashMap, HashSet};

use capibara6_protocol::{
    AppError, ConversationId, ConversationSummary, ErrorCode, Message, MessageId, MessageOrigin, MessageStatus, Part,
    ProjectId, Role,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{Decode, Row as _, Sqlite, Type};
use uuid::Uuid;

use crate::error::{Result, StoreError};

/// The columns that [`summary`] reads, of `conversation c`.
macro_rules! summary_columns {
    () => {
        "c.id, c.uuid, c.title, c.pinned, c.created_at, c.updated_at, c.messages, c.archived_at, c.deleted_at, \
         (SELECT p.uuid FROM project p WHERE p.id = c.project) AS project_uuid"
    };
}
pub(crate) use summary_columns;

/// The columns that [`messages`] reads, and where from; `m` is the message.
macro_rules! message_columns {
    () => {
        "m.id, m.uuid, m.role, m.status, m.content, m.reasoning, m.model, m.scripted, m.routing, m.omitted, m.metrics, \
         m.error, m.created_at, c.uuid AS conversation_uuid, p.uuid AS parent_uuid, \
         o.conversation AS origin_conversation, o.title AS origin_title"
    };
}
pub(crate) use message_columns;

/// Completes `message m` to what [`message_columns`] names.
macro_rules! message_joins {
    () => {
        " JOIN conversation c ON c.id = m.conversation LEFT JOIN message p ON p.id = m.parent \
         LEFT JOIN message_origin mo ON mo.message = m.id LEFT JOIN origin o ON o.id = mo.origin "
    };
}
pub(crate) use message_joins;

/// An id as it is stored.
pub(crate) fn key(id: Uuid) -> Vec<u8> {
    id.as_bytes().to_vec()
}

/// A status as it is stored: its name on the wire.
pub(crate) const fn status_word(status: MessageStatus) -> &'static str {
    match status {
        MessageStatus::Streaming => "streaming",
        MessageStatus::Complete => "complete",
        MessageStatus::Stopped => "stopped",
        MessageStatus::Interrupted => "interrupted",
        MessageStatus::Failed => "failed",
    }
}

/// A role as it is stored: its name on the wire.
pub(crate) const fn role_word(role: Role) -> &'static str {
    match role {
        Role::User => "user",
        Role::Assistant => "assistant",
    }
}

/// A part as it is stored: its name on the wire.
pub(crate) const fn part_word(part: Part) -> &'static str {
    match part {
        Part::Content => "content",
        Part::Reasoning => "reasoning",
    }
}

/// A value as it is stored in a JSON column.
pub(crate) fn json<T: Serialize>(value: Option<&T>) -> Result<Option<String>> {
    value.map(serde_json::to_string).transpose().map_err(|error| StoreError::Failed(error.to_string()))
}

/// Row ids as the JSON array that `json_each` takes apart again.
pub(crate) fn id_list(ids: impl IntoIterator<Item = i64>) -> String {
    serde_json::Value::from_iter(ids).to_string()
}

/// A conversation in the list, or nothing where its id is unreadable.
pub(crate) fn summary(row: &SqliteRow) -> Option<ConversationSummary> {
    let created_at = value(row, "created_at").unwrap_or_default();
    Some(ConversationSummary {
        id: ConversationId(uuid(row, "uuid")?),
        title: text(row, "title").filter(|title| !title.trim().is_empty()).unwrap_or_else(|| "…".to_owned()),
        pinned: value::<i64>(row, "pinned").unwrap_or_default() != 0,
        created_at,
        updated_at: value(row, "updated_at").unwrap_or(created_at),
        messages: value(row, "messages").unwrap_or_default(),
        project: uuid(row, "project_uuid").map(ProjectId),
        archived_at: value(row, "archived_at"),
        deleted_at: value(row, "deleted_at"),
    })
}

/// A message with the key of its row; its `versions` are still missing.
struct Record {
    id: i64,
    message: Message,
}

/// The messages in `rows` in order of time, with their versions and, while they are being written, with the text that
/// is still in the journal. `left_over` are those that nobody is writing although their row says so.
pub(crate) async fn messages(
    connection: &mut SqliteConnection,
    rows: &[SqliteRow],
    left_over: &HashSet<i64>,
) -> Result<Vec<Message>> {
    let mut records: Vec<Record> = rows.iter().filter_map(record).collect();
    records.sort_unstable_by_key(|record| record.id);

    let streaming = |record: &&mut Record| record.message.status == MessageStatus::Streaming;
    let unsettled: Vec<i64> = records.iter_mut().filter(streaming).map(|record| record.id).collect();
    if !unsettled.is_empty() {
        let mut arrived = arrived(connection, &unsettled).await?;
        for record in records.iter_mut().filter(streaming) {
            if let Some(texts) = arrived.remove(&record.id) {
                texts.onto(&mut record.message.content, &mut record.message.reasoning);
            }
            if left_over.contains(&record.id) {
                record.message.status = MessageStatus::Interrupted;
            }
        }
    }

    let mut versions = versions(connection, id_list(records.iter().map(|record| record.id))).await?;
    Ok(records
        .into_iter()
        .map(|Record { id, mut message }| {
            message.versions = versions.remove(&id).unwrap_or_else(|| vec![message.id]);
            message
        })
        .collect())
}

fn record(row: &SqliteRow) -> Option<Record> {
    let id = value(row, "id")?;
    let Some((uuid, conversation)) = uuid(row, "uuid").zip(uuid(row, "conversation_uuid")) else {
        tracing::warn!(row = id, "a message without a readable id is passed over");
        return None;
    };
    let unreadable = |field: &str| {
        tracing::warn!(row = id, field, "a message with an unreadable field is shown as failed");
        AppError::new(ErrorCode::StorageDamaged).with_field(field)
    };
    let mut error: Option<AppError> = from_json(row, "error");
    let role = text(row, "role").and_then(|word| from_word(&word)).unwrap_or_else(|| {
        error = Some(unreadable("role"));
        Role::Assistant
    });
    let status = text(row, "status").and_then(|word| from_word(&word)).unwrap_or_else(|| {
        error = Some(unreadable("status"));
        MessageStatus::Failed
    });
    let message = Message {
        id: MessageId(uuid),
        conversation: ConversationId(conversation),
        parent: self::uuid(row, "parent_uuid").map(MessageId),
        role,
        status: if error.is_some() && status == MessageStatus::Complete { MessageStatus::Failed } else { status },
        content: text(row, "content").unwrap_or_default(),
        reasoning: text(row, "reasoning").unwrap_or_default(),
        model: text(row, "model").map(Into::into),
        scripted: value::<i64>(row, "scripted").unwrap_or_default() != 0,
        routing: from_json(row, "routing"),
        omitted: from_json(row, "omitted"),
        metrics: from_json(row, "metrics"),
        error,
        origin: self::uuid(row, "origin_conversation").map(|conversation| MessageOrigin {
            conversation: ConversationId(conversation),
            title: text(row, "origin_title").unwrap_or_default(),
        }),
        created_at: value(row, "created_at").unwrap_or_default(),
        versions: Vec::new(),
    };
    Some(Record { id, message })
}

/// What the journal holds for one message.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Arrived {
    content: Arriving,
    reasoning: Arriving,
}

/// What the journal holds for one of a message's texts.
#[derive(Debug, Default, PartialEq, Eq)]
struct Arriving {
    /// Whether `text` takes the place of what the message's row holds.
    replaces: bool,
    text: String,
}

impl Arrived {
    fn take(&mut self, part: &str, kind: &str, text: &str) {
        // An unknown part or kind is shown where it can be read rather than dropped.
        let arriving = if part == part_word(Part::Reasoning) { &mut self.reasoning } else { &mut self.content };
        if kind == "replace" {
            *arriving = Arriving { replaces: true, text: text.to_owned() };
        } else {
            arriving.text.push_str(text);
        }
    }

    /// Brings the two texts of a message up to date.
    pub(crate) fn onto(&self, content: &mut String, reasoning: &mut String) {
        for (arriving, text) in [(&self.content, content), (&self.reasoning, reasoning)] {
            if arriving.replaces {
                text.clear();
            }
            text.push_str(&arriving.text);
        }
    }
}

/// What the journal holds for the messages with these row ids.
pub(crate) async fn arrived(connection: &mut SqliteConnection, ids: &[i64]) -> Result<HashMap<i64, Arrived>> {
    let rows = sqlx::query(JOURNAL).bind(id_list(ids.iter().copied())).fetch_all(connection).await?;
    let mut arrived = HashMap::<i64, Arrived>::new();
    for row in &rows {
        let Some(message) = value(row, "message") else { continue };
        let word = |column| text(row, column).unwrap_or_default();
        arrived.entry(message).or_default().take(&word("part"), &word("kind"), &word("text"));
    }
    Ok(arrived)
}

pub(crate) const JOURNAL: &str = "
    SELECT j.message, j.part, j.kind, j.text
    FROM json_each(?1) wanted CROSS JOIN journal j ON j.message = wanted.value
    ORDER BY j.id";

/// All versions at the place of each message, oldest first.
async fn versions(connection: &mut SqliteConnection, ids: String) -> Result<HashMap<i64, Vec<MessageId>>> {
    let rows = sqlx::query(VERSIONS).bind(ids).fetch_all(connection).await?;
    let mut versions = HashMap::<i64, Vec<MessageId>>::new();
    for row in &rows {
        if let Some((id, version)) = value(row, "id").zip(uuid(row, "uuid")) {
            versions.entry(id).or_default().push(MessageId(version));
        }
    }
    Ok(versions)
}

pub(crate) const VERSIONS: &str = "
    SELECT m.id, v.uuid
    FROM json_each(?1) wanted
    CROSS JOIN message m ON m.id = wanted.value
    CROSS JOIN message v ON v.parent IS m.parent AND v.conversation = m.conversation
    ORDER BY v.id";

/// A value of its own type, or nothing where it is absent or of another.
pub(crate) fn value<'r, T: Decode<'r, Sqlite> + Type<Sqlite>>(row: &'r SqliteRow, column: &str) -> Option<T> {
    row.try_get::<Option<T>, _>(column).ok().flatten()
}

/// A text, with replacement characters where its bytes are not UTF-8.
pub(crate) fn text(row: &SqliteRow, column: &str) -> Option<String> {
    let bytes = row.try_get_unchecked::<Option<Vec<u8>>, _>(column).ok().flatten()?;
    Some(String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

pub(crate) fn uuid(row: &SqliteRow, column: &str) -> Option<Uuid> {
    Uuid::from_slice(&value::<Vec<u8>>(row, column)?).ok()
}

fn from_json<T: DeserializeOwned>(row: &SqliteRow, column: &str) -> Option<T> {
    serde_json::from_str(&text(row, column)?).ok()
}

pub(crate) fn from_word<T: DeserializeOwned>(word: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(word.to_owned())).ok()
}
