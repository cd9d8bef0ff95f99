//! Whole conversations in and out of the database: what an export reads, page by page, and what an import adds.
//!
//! An import never takes anything away and never writes over a decision: what it knows by its id is left as it is, what is new is
//! added, in transactions small enough that an answer that is being written meanwhile waits for none of them. New is also what
//! continues what is here: an answer that was cut off and is whole there, a run whose verdicts go on where they end here, a
//! title that somebody wrote in the place of first words.

use std::collections::HashMap;

use capibara6_protocol::{ConversationId, ConversationSummary, Message, MessageId, MessageStatus, ProjectId};
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;
use uuid::Uuid;

use crate::consensus::{self, RunRecord};
use crate::error::{Result, StoreError};
use crate::record::{self, json, key, message_columns, message_joins, role_word, status_word, summary_columns};
use crate::{Store, list, tree};

/// A project as it is exported and imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectRecord {
    /// Its id.
    pub id: ProjectId,
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created_at: i64,
}

/// A conversation without its messages, as it is exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedHead {
    /// Where the next page of heads begins.
    pub row: i64,
    /// As it stands in the list.
    pub summary: ConversationSummary,
    /// Who wrote the title: `opening`, `model` or `user`.
    pub titled_by: String,
    /// The end of the branch that is shown; absent where the conversation is empty.
    pub leaf: Option<MessageId>,
}

/// A message as it is exported.
#[derive(Debug, Clone, PartialEq)]
pub struct ExportedMessage {
    /// Where the next page of messages begins.
    pub row: i64,
    /// The message, without its `versions`.
    pub message: Message,
    /// The child through which the branch that was last shown goes on below it.
    pub chosen: Option<MessageId>,
}

/// A conversation that is brought in.
#[derive(Debug, Clone, PartialEq)]
pub struct Incoming {
    /// As it shall stand in the list. `messages` and `deleted_at` are not read.
    pub summary: ConversationSummary,
    /// Who wrote the title.
    pub titled_by: String,
    /// The end of the branch that is shown; the last message where absent.
    pub leaf: Option<MessageId>,
    /// Its messages, parents before their children, each with the child that was chosen below it. `versions` are not read;
    /// a `streaming` message becomes `interrupted`.
    pub messages: Vec<(Message, Option<MessageId>)>,
    /// The runs of several models on questions among its messages, oldest first.
    pub runs: Vec<RunRecord>,
}

/// What came of a conversation that was brought in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Merged {
    /// It is new, with so many messages.
    New(u64),
    /// It was there, and has so many new messages, or something of it went on.
    Grown(u64),
    /// It was there with all that came.
    Known,
}

const HEADS: &str = concat!(
    "SELECT ",
    summary_columns!(),
    ", c.titled_by, (SELECT m.uuid FROM message m WHERE m.id = COALESCE(
        (SELECT l.id FROM message l WHERE l.id = c.leaf AND l.conversation = c.id),
        (SELECT max(n.id) FROM message n WHERE n.conversation = c.id))) AS leaf_uuid
     FROM conversation c WHERE c.id > ?1 AND c.deleted_at IS NULL ORDER BY c.id LIMIT ?2"
);

const MESSAGES: &str = concat!(
    "SELECT ",
    message_columns!(),
    ", (SELECT k.uuid FROM message k WHERE k.id = m.chosen AND k.parent = m.id) AS chosen_uuid FROM message m",
    message_joins!(),
    " WHERE m.conversation = (SELECT id FROM conversation WHERE uuid = ?1) AND m.id > ?2 ORDER BY m.id LIMIT ?3"
);

impl Store {
    /// The projects in the order of their list.
    pub async fn export_projects(&self) -> Result<Vec<ProjectRecord>> {
        self.read(async |reader| {
            let rows: Vec<(Vec<u8>, String, i64)> = sqlx::query_as(
                "SELECT uuid, name, created_at FROM project WHERE deleted_at IS NULL ORDER BY place, id",
            )
            .fetch_all(reader)
            .await?;
            let projects = rows.into_iter().filter_map(|(uuid, name, created_at)| {
                Some(ProjectRecord { id: Uuid::from_slice(&uuid).ok()?.into(), name, created_at })
            });
            Ok(projects.collect())
        })
        .await
    }

    /// How many conversations there are that are not deleted.
    pub async fn export_count(&self) -> Result<u64> {
        self.read(async |reader| {
            let count: i64 = sqlx::query_scalar("SELECT count(*) FROM conversation WHERE deleted_at IS NULL")
                .fetch_one(reader)
                .await?;
            Ok(u64::try_from(count).unwrap_or_default())
        })
        .await
    }

    /// Conversations that are not deleted, in the order in which they came into the database, after the row `after`.
    pub async fn export_heads(&self, after: i64, limit: u32) -> Result<Vec<ExportedHead>> {
        self.read(async |reader| {
            let rows = sqlx::query(HEADS).bind(after).bind(limit).fetch_all(reader).await?;
            Ok(rows.iter().filter_map(exported_head).collect())
        })
        .await
    }

    /// One conversation.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], also where it is deleted.
    pub async fn export_head(&self, id: ConversationId) -> Result<ExportedHead> {
        self.read(async |reader| {
            let row = list::find(reader, id).await?;
            let rows = sqlx::query(HEADS).bind(row - 1).bind(1).fetch_all(reader).await?;
            rows.iter().find_map(exported_head).filter(|head| head.row == row).ok_or(StoreError::NotFound)
        })
        .await
    }

    /// Messages of a conversation in all its branches, parents before their children, after the row `after`; the text of one
    /// that is being written is what is on disk.
    pub async fn export_messages(&self, id: ConversationId, after: i64, limit: u32) -> Result<Vec<ExportedMessage>> {
        let left_over = self.left_over().clone();
        self.read(async |reader| {
            let rows = sqlx::query(MESSAGES).bind(key(id.0)).bind(after).bind(limit).fetch_all(&mut *reader).await?;
            let mut about: HashMap<MessageId, (i64, Option<MessageId>)> = HashMap::with_capacity(rows.len());
            for row in &rows {
                let uuid = |column: &str| {
                    let bytes: Option<Vec<u8>> = row.try_get(column).ok().flatten();
                    bytes.and_then(|bytes| Uuid::from_slice(&bytes).ok()).map(MessageId)
                };
                if let Some(message) = uuid("uuid") {
                    about.insert(message, (row.try_get("id")?, uuid("chosen_uuid")));
                }
            }
            let messages = record::messages(reader, &rows, &left_over).await?;
            let messages = messages.into_iter().filter_map(|mut message| {
                let (row, chosen) = about.get(&message.id).copied()?;
                message.versions.clear();
                Some(ExportedMessage { row, message, chosen })
            });
            Ok(messages.collect())
        })
        .await
    }

    /// Adds the projects that are not there, at the end of the list. One that was deleted comes back.
    pub async fn merge_projects(&self, projects: &[ProjectRecord]) -> Result<()> {
        self.write(async |writer| {
            for ProjectRecord { id, name, created_at } in projects {
                sqlx::query(
                    "INSERT INTO project (uuid, created_at, place, name)
                     VALUES (?1, ?2, (SELECT COALESCE(max(place), 0) + 1 FROM project), ?3)
                     ON CONFLICT (uuid) DO UPDATE SET deleted_at = NULL WHERE deleted_at IS NOT NULL",
                )
                .bind(key(id.0))
                .bind(created_at)
                .bind(list::acceptable(name)?)
                .execute(&mut *writer)
                .await?;
            }
            Ok(())
        })
        .await
    }

    /// Puts conversations that were brought in before their project into it, as far as they are in none.
    ///
    /// # Errors
    /// What the disk says.
    pub async fn merge_filed(&self, project: ProjectId, conversations: &[ConversationId]) -> Result<()> {
        self.write(async |writer| {
            for conversation in conversations {
                sqlx::query(
                    "UPDATE conversation SET project = (SELECT id FROM project WHERE uuid = ?2 AND deleted_at IS NULL)
                     WHERE uuid = ?1 AND project IS NULL",
                )
                .bind(key(conversation.0))
                .bind(key(project.0))
                .execute(&mut *writer)
                .await?;
            }
            Ok(())
        })
        .await
    }

    /// Brings conversations in, in one transaction, and says what came of each. What is known by its id stays as it is, or
    /// goes on where it ended; what is new is added below the message that it answers. A known conversation that goes on
    /// where it ended shows its new end; one that was deleted comes back.
    ///
    /// # Errors
    /// [`StoreError::InvalidInput`] `messages` for a parent that does not come before its child, `runs` for one without its
    /// question, `title`.
    pub async fn merge(&self, conversations: &[Incoming]) -> Result<Vec<Merged>> {
        self.write(async |writer| {
            let mut merged = Vec::with_capacity(conversations.len());
            for conversation in conversations {
                merged.push(merge_one(writer, conversation).await?);
            }
            Ok(merged)
        })
        .await
    }

    /// A number that changes when another connection, of this process or of another, has written to the database. It says
    /// nothing about what this store writes by itself.
    ///
    /// # Errors
    /// [`StoreError::ReadOnly`] where nothing is written here.
    pub async fn foreign_changes(&self) -> Result<i64> {
        let writer = self.connections().writer.ok_or(StoreError::ReadOnly)?;
        let mut connection = writer.acquire().await?;
        Ok(sqlx::query_scalar("PRAGMA data_version").fetch_one(&mut *connection).await?)
    }
}

fn exported_head(row: &sqlx::sqlite::SqliteRow) -> Option<ExportedHead> {
    let leaf: Option<Vec<u8>> = row.try_get("leaf_uuid").ok().flatten();
    Some(ExportedHead {
        row: row.try_get("id").ok()?,
        summary: record::summary(row)?,
        titled_by: record::text(row, "titled_by").unwrap_or_default(),
        leaf: leaf.and_then(|leaf| Uuid::from_slice(&leaf).ok()).map(MessageId),
    })
}

async fn merge_one(writer: &mut SqliteConnection, incoming: &Incoming) -> Result<Merged> {
    let Incoming { summary, titled_by, leaf, messages, runs } = incoming;
    let known: Option<(i64, Option<i64>, Option<i64>, String)> =
        sqlx::query_as("SELECT id, leaf, deleted_at, titled_by FROM conversation WHERE uuid = ?1")
            .bind(key(summary.id.0))
            .fetch_optional(&mut *writer)
            .await?;
    let (conversation, deleted) = match &known {
        Some((id, _, deleted, _)) => (*id, deleted.is_some()),
        None => (insert(writer, summary, titled_by).await?, false),
    };
    // Whether something that was there went on.
    let mut continued = false;
    if known.as_ref().is_some_and(|(_, _, _, known)| weight_of_title(titled_by) > weight_of_title(known)) {
        sqlx::query("UPDATE conversation SET title = ?2, titled_by = ?3 WHERE id = ?1")
            .bind(conversation)
            .bind(list::acceptable(&summary.title)?)
            .bind(titled_by)
            .execute(&mut *writer)
            .await?;
        continued = true;
    }

    let mut rows = HashMap::<MessageId, i64>::with_capacity(messages.len());
    let mut added = Vec::new();
    let mut ids = HashMap::new();
    for (message, chosen) in messages {
        let found: Option<(i64, i64)> = sqlx::query_as("SELECT id, conversation FROM message WHERE uuid = ?1")
            .bind(key(message.id.0))
            .fetch_optional(&mut *writer)
            .await?;
        let uuid = match found {
            Some((row, holder)) if holder == conversation => {
                continued |= continue_message(writer, row, message).await?;
                rows.insert(message.id, row);
                continue;
            }
            // The same message in two conversations: each has its own, under an id that follows from both.
            Some(_) => Uuid::new_v5(&summary.id.0, message.id.0.as_bytes()),
            None => message.id.0,
        };
        if uuid != message.id.0 {
            ids.insert(message.id.0, uuid);
        }
        if uuid != message.id.0
            && let Some(row) = sqlx::query_scalar("SELECT id FROM message WHERE uuid = ?1 AND conversation = ?2")
                .bind(key(uuid))
                .bind(conversation)
                .fetch_optional(&mut *writer)
                .await?
        {
            continued |= continue_message(writer, row, message).await?;
            rows.insert(message.id, row);
            continue;
        }
        let parent = match &message.parent {
            Some(parent) => Some(*rows.get(parent).ok_or(StoreError::InvalidInput("messages"))?),
            None => None,
        };
        let row = insert_message(writer, conversation, parent, uuid, message).await?;
        rows.insert(message.id, row);
        added.push((row, *chosen));
    }

    for (row, chosen) in &added {
        if let Some(chosen) = chosen.and_then(|chosen| rows.get(&chosen)) {
            sqlx::query("UPDATE message SET chosen = ?2 WHERE id = ?1")
                .bind(row)
                .bind(chosen)
                .execute(&mut *writer)
                .await?;
        }
    }
    for run in runs {
        continued |= consensus::merge_run(writer, (conversation, summary.id), &rows, &ids, run).await?;
    }
    let end = leaf.as_ref().or_else(|| messages.last().map(|(message, _)| &message.id)).and_then(|leaf| rows.get(leaf));
    let Some((_, shown, _, _)) = known else {
        if let Some(end) = end {
            tree::activate(writer, conversation, *end).await?;
        }
        return Ok(Merged::New(added.len() as u64));
    };
    if deleted {
        sqlx::query("UPDATE conversation SET deleted_at = NULL WHERE id = ?1")
            .bind(conversation)
            .execute(&mut *writer)
            .await?;
    }
    if added.is_empty() {
        return Ok(if deleted || continued { Merged::Grown(0) } else { Merged::Known });
    }
    // Where the reader is shown an end that goes on, the new end; elsewhere the branch stays.
    if let (Some(end), Some(shown)) = (end, shown)
        && below(writer, *end, shown).await?
    {
        tree::activate(writer, conversation, *end).await?;
    }
    sqlx::query("UPDATE conversation SET updated_at = max(updated_at, ?2) WHERE id = ?1")
        .bind(conversation)
        .bind(summary.updated_at)
        .execute(&mut *writer)
        .await?;
    Ok(Merged::Grown(added.len() as u64))
}

/// Whose title stays where two are known: the user's before a model's, and that before the first words.
fn weight_of_title(titled_by: &str) -> u8 {
    match titled_by {
        "opening" => 0,
        "model" => 1,
        _ => 2,
    }
}

/// Takes the rest of an answer that was cut off when it was brought in, or when it was exported: what is there is the
/// beginning of what comes, to the letter. Says whether it did.
async fn continue_message(writer: &mut SqliteConnection, row: i64, message: &Message) -> Result<bool> {
    if matches!(message.status, MessageStatus::Interrupted | MessageStatus::Streaming) {
        return Ok(false);
    }
    let cut: Option<(String, String)> =
        sqlx::query_as("SELECT content, reasoning FROM message WHERE id = ?1 AND status = 'interrupted'")
            .bind(row)
            .fetch_optional(&mut *writer)
            .await?;
    let goes_on = cut.is_some_and(|(content, reasoning)| {
        message.content.starts_with(&content) && message.reasoning.starts_with(&reasoning)
    });
    if !goes_on {
        return Ok(false);
    }
    sqlx::query(
        "UPDATE message SET status = ?2, model = COALESCE(model, ?3), metrics = COALESCE(?4, metrics), error = ?5,
            content = ?6, reasoning = ?7
         WHERE id = ?1",
    )
    .bind(row)
    .bind(status_word(message.status))
    .bind(message.model.as_ref().map(|model| model.0.clone()))
    .bind(json(message.metrics.as_ref())?)
    .bind(json(message.error.as_ref())?)
    .bind(message.content.as_str())
    .bind(message.reasoning.as_str())
    .execute(writer)
    .await?;
    Ok(true)
}

async fn insert(writer: &mut SqliteConnection, summary: &ConversationSummary, titled_by: &str) -> Result<i64> {
    Ok(sqlx::query_scalar(
        "INSERT INTO conversation (uuid, created_at, updated_at, pinned, titled_by, title, archived_at, project)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, (SELECT id FROM project WHERE uuid = ?8 AND deleted_at IS NULL))
         RETURNING id",
    )
    .bind(key(summary.id.0))
    .bind(summary.created_at)
    .bind(summary.updated_at)
    .bind(i64::from(summary.pinned))
    .bind(titled_by)
    .bind(list::acceptable(&summary.title)?)
    .bind(summary.archived_at)
    .bind(summary.project.map(|project| key(project.0)))
    .fetch_one(writer)
    .await?)
}

/// Inserts a message below the row `parent` and gives its row.
pub(crate) async fn insert_message(
    writer: &mut SqliteConnection,
    conversation: i64,
    parent: Option<i64>,
    uuid: Uuid,
    message: &Message,
) -> Result<i64> {
    let status = if message.status == MessageStatus::Streaming { MessageStatus::Interrupted } else { message.status };
    let id: i64 = sqlx::query_scalar(
        "INSERT INTO message (uuid, conversation, parent, created_at, scripted, role, status, model,
            routing, omitted, metrics, error, content, reasoning)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) RETURNING id",
    )
    .bind(key(uuid))
    .bind(conversation)
    .bind(parent)
    .bind(message.created_at)
    .bind(i64::from(message.scripted))
    .bind(role_word(message.role))
    .bind(status_word(status))
    .bind(message.model.as_ref().map(|model| model.0.clone()))
    .bind(json(message.routing.as_ref())?)
    .bind(json(message.omitted.as_ref())?)
    .bind(json(message.metrics.as_ref())?)
    .bind(json(message.error.as_ref())?)
    .bind(message.content.as_str())
    .bind(message.reasoning.as_str())
    .fetch_one(&mut *writer)
    .await?;
    if let Some(origin) = &message.origin {
        let (conversation_key, title) = (key(origin.conversation.0), origin.title.as_str());
        let known: Option<i64> =
            sqlx::query_scalar("SELECT id FROM origin WHERE holder = ?1 AND conversation = ?2 AND title = ?3")
                .bind(conversation)
                .bind(conversation_key.clone())
                .bind(title)
                .fetch_optional(&mut *writer)
                .await?;
        let origin: i64 = match known {
            Some(origin) => origin,
            None => {
                sqlx::query_scalar("INSERT INTO origin (holder, conversation, title) VALUES (?1, ?2, ?3) RETURNING id")
                    .bind(conversation)
                    .bind(conversation_key)
                    .bind(title)
                    .fetch_one(&mut *writer)
                    .await?
            }
        };
        sqlx::query("INSERT INTO message_origin (message, origin) VALUES (?1, ?2)")
            .bind(id)
            .bind(origin)
            .execute(&mut *writer)
            .await?;
    }
    Ok(id)
}

/// Whether a message stands below another one.
async fn below(connection: &mut SqliteConnection, message: i64, above: i64) -> Result<bool> {
    Ok(sqlx::query_scalar(
        "WITH RECURSIVE up (id, parent) AS (
            SELECT id, parent FROM message WHERE id = ?1
            UNION ALL
            SELECT a.id, a.parent FROM up CROSS JOIN message a ON a.id = up.parent
        )
        SELECT EXISTS (SELECT 1 FROM up WHERE id = ?2)",
    )
    .bind(message)
    .bind(above)
    .fetch_one(connection)
    .await?)
}
