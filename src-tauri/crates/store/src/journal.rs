//! Writing: a question and the answer to it, piece by piece.
//!
//! What streams in is appended to a journal, never written over; when the message ends, the journal is folded into it in
//! the transaction that ends it. After a crash the journal is what the person saw, and the next run folds it.

use std::collections::HashSet;

use capibara6_protocol::{
    AppError, ConversationId, ConversationSummary, Message, MessageId, MessageStatus, Metrics, ModelId, Omitted, Part,
    Role, Routing,
};
use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteConnection;

use crate::error::{Result, StoreError};
use crate::record::{self, json, key, part_word, role_word, status_word};
use crate::rescue::Said;
use crate::{Store, Survives, list, tree};

/// What is asked, where, and who is to answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Begin {
    /// Where.
    pub place: Place,
    /// What.
    pub asked: Asked,
    /// The answer, still without text.
    pub answer: NewAnswer,
}

/// A conversation to speak in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A new one.
    New {
        /// Its id.
        id: ConversationId,
        /// Its first title: a model or the user may replace it.
        title: String,
    },
    /// One that is there.
    Known(ConversationId),
}

/// The question that is to be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// A new one; beside those that have the same parent.
    New(NewQuestion),
    /// One that is there, answered again.
    Known(MessageId),
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewQuestion {
    /// Its id.
    pub id: MessageId,
    /// The answer that it follows; absent for the first of a conversation.
    pub parent: Option<MessageId>,
    /// Its text, stored as it is.
    pub text: String,
    /// When, in milliseconds since the epoch.
    pub created_at: i64,
}

/// An answer that is about to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAnswer {
    /// Its id.
    pub id: MessageId,
    /// The model that is asked.
    pub model: Option<ModelId>,
    /// Whether its words are scripted.
    pub scripted: bool,
    /// Why this model.
    pub routing: Option<Routing>,
    /// When, in milliseconds since the epoch.
    pub created_at: i64,
}

/// What was begun, as it is on disk.
#[derive(Debug, Clone, PartialEq)]
pub struct Begun {
    /// The conversation, which is now at the top of the list.
    pub conversation: ConversationSummary,
    /// The question, where it is new.
    pub question: Option<Message>,
    /// The answer: `streaming`, without text.
    pub answer: Message,
}

/// An ended answer that is to go on.
#[derive(Debug, Clone, PartialEq)]
pub struct Reopen {
    /// Which one.
    pub message: MessageId,
    /// The model that goes on.
    pub model: Option<ModelId>,
    /// Whether its words are scripted.
    pub scripted: bool,
    /// Why this model.
    pub routing: Option<Routing>,
    /// When, in milliseconds since the epoch.
    pub at: i64,
}

/// Text that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// For which message.
    pub message: MessageId,
    /// For which of its texts.
    pub part: Part,
    /// The text, stored as it is.
    pub text: String,
}

/// How a message ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settled {
    /// Which one.
    pub message: MessageId,
    /// How; not `streaming`.
    pub status: MessageStatus,
    /// What was measured.
    pub metrics: Metrics,
    /// Why it failed.
    pub error: Option<AppError>,
    /// What was left out of the request.
    pub omitted: Option<Omitted>,
}

/// How a piece of text changes what was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Append,
    Replace,
}

impl Store {
    /// Puts a question and its empty answer on disk in one transaction and makes them the end of the active branch.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where the conversation is not there or deleted, or the parent or the known question is
    /// not in it; [`StoreError::InvalidInput`] `id` or `title`.
    pub async fn begin(&self, begin: Begin) -> Result<Begun> {
        self.settle_left_over().await;
        self.write(async |writer| {
            let at = begin.answer.created_at;
            let conversation = match &begin.place {
                Place::New { id, title } => insert_conversation(writer, *id, list::acceptable(title)?, at).await?,
                Place::Known(id) => list::find(writer, *id).await?,
            };
            let (question, is_new) = match &begin.asked {
                Asked::New(question) => (insert_question(writer, conversation, question).await?, true),
                Asked::Known(question) => (tree::find_in(writer, *question, conversation).await?.id, false),
            };
            let answer = insert_answer(writer, conversation, question, &begin.answer).await?;
            tree::activate(writer, conversation, answer).await?;
            touch(writer, conversation, at).await?;
            let none_left_over = HashSet::new();
            Ok(Begun {
                conversation: list::load(writer, conversation).await?,
                question: if is_new { Some(tree::load(writer, question, &none_left_over).await?) } else { None },
                answer: tree::load(writer, answer, &none_left_over).await?,
            })
        })
        .await
    }

    /// Lets an ended answer go on: it is `streaming` again, with its text, and the active branch goes
    /// through it.
    ///
    /// # Errors
    /// [`StoreError::Busy`] where it is being written; [`StoreError::NotFound`], also for a question and in a deleted
    /// conversation.
    pub async fn reopen(&self, reopen: Reopen) -> Result<Message> {
        self.settle_left_over().await;
        self.write(async |writer| {
            let (id, conversation, status): (i64, i64, String) = sqlx::query_as(
                "SELECT m.id, m.conversation, m.status FROM message m JOIN conversation c ON c.id = m.conversation
                 WHERE m.uuid = ?1 AND m.role = ?2 AND c.deleted_at IS NULL",
            )
            .bind(key(reopen.message.0))
            .bind(role_word(Role::Assistant))
            .fetch_one(&mut *writer)
            .await?;
            if status == status_word(MessageStatus::Streaming) {
                return Err(StoreError::Busy);
            }
            sqlx::query(
                "UPDATE message SET status = ?2, model = ?3, scripted = ?4, routing = ?5, metrics = NULL, error = NULL
                 WHERE id = ?1",
            )
            .bind(id)
            .bind(status_word(MessageStatus::Streaming))
            .bind(reopen.model.as_ref().map(|model| model.0.clone()))
            .bind(i64::from(reopen.scripted))
            .bind(json(reopen.routing.as_ref())?)
            .execute(&mut *writer)
            .await?;
            // What stands below it stays in sight: a branch never ends above its end.
            tree::activate_through(writer, conversation, id).await?;
            touch(writer, conversation, reopen.at).await?;
            tree::load(writer, id, &HashSet::new()).await
        })
        .await
    }

    /// Appends text to messages that are being written, in this order, in one transaction. When this returns, the text
    /// is on disk and survives a power cut, and so does all that was written before.
    ///
    /// While the file is damaged, this and the calls below that end a message or change what is written of it keep what they
    /// are given beside the history: it comes into what is salvaged of it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where one of the messages is not being written: nothing is appended then.
    pub async fn append(&self, pieces: Vec<Piece>) -> Result<()> {
        self.append_surviving(Survives::PowerCut, pieces).await
    }

    /// Appends text like [`Self::append`], without waiting for the disk: when this returns, the text survives the end of
    /// the program, however it ends. A power cut it survives after the next other write, or [`Self::synchronise`].
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where one of the messages is not being written: nothing is appended then.
    pub async fn append_soon(&self, pieces: Vec<Piece>) -> Result<()> {
        self.append_surviving(Survives::Kill, pieces).await
    }

    /// Makes all that was written survive a power cut.
    ///
    /// # Errors
    /// What the disk says.
    pub async fn synchronise(&self) -> Result<()> {
        if self.is_damaged() {
            // What is kept beside it was synchronised with every word.
            return Ok(());
        }
        // A commit synchronises the log only if it writes to it; this writes what is there.
        self.write(async |writer| {
            sqlx::query("UPDATE about SET value = value WHERE key = 'readable_from'").execute(writer).await?;
            Ok(())
        })
        .await
    }

    async fn append_surviving(&self, survives: Survives, pieces: Vec<Piece>) -> Result<()> {
        if pieces.is_empty() {
            return Ok(());
        }
        let said = || {
            let append = |Piece { message, part, text }: &Piece| Said::Append {
                message: *message,
                part: *part,
                text: text.clone(),
            };
            pieces.iter().map(append).collect()
        };
        let written = self.write_or_rescue(said, || async {
            self.write_surviving(survives, async |writer| {
                for piece in &pieces {
                    enter(writer, piece, Kind::Append).await?;
                }
                Ok(())
            })
            .await
        });
        written.await.map(drop)
    }

    /// Replaces a text of a message that is being written: what the producer says is the whole of it so far.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where the message is not being written.
    pub async fn replace_text(&self, message: MessageId, part: Part, text: &str) -> Result<()> {
        let piece = Piece { message, part, text: text.to_owned() };
        let said = || vec![Said::Replace { message, part, text: text.to_owned() }];
        let write = || self.write(async |writer| enter(writer, &piece, Kind::Replace).await);
        self.write_or_rescue(said, write).await.map(drop)
    }

    /// Notes that another model answers.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where the message is not being written.
    pub async fn reroute(&self, message: MessageId, model: &ModelId, scripted: bool, routing: &Routing) -> Result<()> {
        let said =
            || vec![Said::Reroute { message, model: model.clone(), scripted, routing: Box::new(routing.clone()) }];
        let write = || self.write(async |writer| sign(writer, message, model, scripted, routing).await);
        self.write_or_rescue(said, write).await.map(drop)
    }

    /// Ends a message: its journal becomes its text, in one transaction. A message that has ended already stays as it
    /// is and is given as it is: the first end counts.
    ///
    /// # Errors
    /// [`StoreError::InvalidInput`] `status` for `streaming`; [`StoreError::NotFound`]; [`StoreError::Damaged`] where the file
    /// is, and nothing is kept of it.
    pub async fn settle(&self, settled: Settled) -> Result<Message> {
        self.settle_in_place(&settled).await
    }

    /// Ends a message like [`Self::settle`]; nothing is given where the file is damaged and the end is kept beside it.
    ///
    /// # Errors
    /// As for [`Self::settle`].
    pub async fn settle_anyhow(&self, settled: &Settled) -> Result<Option<Message>> {
        let said = || vec![Said::Settle(Box::new(settled.clone()))];
        self.write_or_rescue(said, || self.settle_in_place(settled)).await
    }

    async fn settle_in_place(&self, settled: &Settled) -> Result<Message> {
        if settled.status == MessageStatus::Streaming {
            return Err(StoreError::InvalidInput("status"));
        }
        self.write(async |writer| {
            let id = end(writer, settled).await?;
            tree::load(writer, id, &HashSet::new()).await
        })
        .await
    }

    /// Settles what a crashed run left `streaming`. What cannot be settled (a full disk, a file that cannot be written)
    /// is shown as `interrupted` all the same, and settled as soon as something can be written.
    pub(crate) async fn settle_crashed_run(&self) -> Result<()> {
        let unsettled: Vec<i64> =
            self.read(async |reader| Ok(sqlx::query_scalar(UNSETTLED).fetch_all(reader).await?)).await?;
        self.left_over().extend(unsettled);
        self.settle_left_over().await;
        Ok(())
    }

    pub(crate) async fn settle_left_over(&self) {
        let ids: Vec<i64> = self.left_over().iter().copied().collect();
        for id in ids {
            let settled = self.write(async |writer| {
                sqlx::query("UPDATE message SET status = 'interrupted' WHERE id = ?1 AND status = 'streaming'")
                    .bind(id)
                    .execute(&mut *writer)
                    .await?;
                fold(writer, id).await
            });
            match settled.await {
                Ok(()) => drop(self.left_over().remove(&id)),
                Err(error) => tracing::warn!(%error, row = id, "an interrupted message could not be settled yet"),
            }
        }
    }
}

pub(crate) const UNSETTLED: &str = "SELECT id FROM message WHERE status = 'streaming'
    UNION SELECT message FROM journal";

/// Ends everything that is still being written in a database that nobody has open, as the next opening would.
pub(crate) async fn settle_all(connection: &mut SqliteConnection) -> Result<()> {
    let unsettled: Vec<i64> = sqlx::query_scalar(UNSETTLED).fetch_all(&mut *connection).await?;
    for id in unsettled {
        sqlx::query("UPDATE message SET status = 'interrupted' WHERE id = ?1 AND status = 'streaming'")
            .bind(id)
            .execute(&mut *connection)
            .await?;
        fold(connection, id).await?;
    }
    Ok(())
}

/// Makes the journal of a message its text. The journal's pages are given back before the text takes new ones: a disk
/// that is full can still end a message.
async fn fold(connection: &mut SqliteConnection, id: i64) -> Result<()> {
    let Some(arrived) = record::arrived(connection, &[id]).await?.remove(&id) else { return Ok(()) };
    let texts = sqlx::query("SELECT content, reasoning FROM message WHERE id = ?1")
        .bind(id)
        .fetch_one(&mut *connection)
        .await?;
    let mut content = record::text(&texts, "content").unwrap_or_default();
    let mut reasoning = record::text(&texts, "reasoning").unwrap_or_default();
    arrived.onto(&mut content, &mut reasoning);
    sqlx::query("DELETE FROM journal WHERE message = ?1").bind(id).execute(&mut *connection).await?;
    sqlx::query("UPDATE message SET content = ?2, reasoning = ?3 WHERE id = ?1")
        .bind(id)
        .bind(content)
        .bind(reasoning)
        .execute(connection)
        .await?;
    Ok(())
}

/// Ends a message that is being written; gives its row.
pub(crate) async fn end(connection: &mut SqliteConnection, settled: &Settled) -> Result<i64> {
    let found = tree::find(connection, settled.message).await?;
    let ended = sqlx::query(
        "UPDATE message SET status = ?2, metrics = ?3, error = ?4, omitted = ?5
         WHERE id = ?1 AND status = 'streaming'",
    )
    .bind(found.id)
    .bind(status_word(settled.status))
    .bind(json(Some(&settled.metrics))?)
    .bind(json(settled.error.as_ref())?)
    .bind(json(settled.omitted.as_ref())?)
    .execute(&mut *connection)
    .await?;
    if ended.rows_affected() > 0 {
        fold(connection, found.id).await?;
    }
    Ok(found.id)
}

/// Notes who writes a message that is being written.
pub(crate) async fn sign(
    connection: &mut SqliteConnection,
    message: MessageId,
    model: &ModelId,
    scripted: bool,
    routing: &Routing,
) -> Result<()> {
    let updated = sqlx::query(
        "UPDATE message SET model = ?2, scripted = ?3, routing = ?4 WHERE uuid = ?1 AND status = 'streaming'",
    )
    .bind(key(message.0))
    .bind(model.0.clone())
    .bind(i64::from(scripted))
    .bind(json(Some(routing))?)
    .execute(connection)
    .await?;
    if updated.rows_affected() == 0 { Err(StoreError::NotFound) } else { Ok(()) }
}

/// Adds a row to the journal of a message that is being written.
pub(crate) async fn enter(connection: &mut SqliteConnection, piece: &Piece, kind: Kind) -> Result<()> {
    let kind = match kind {
        Kind::Append => "append",
        Kind::Replace => "replace",
    };
    let entered = sqlx::query(
        "INSERT INTO journal (message, part, kind, text)
         SELECT id, ?2, ?3, ?4 FROM message WHERE uuid = ?1 AND status = 'streaming'",
    )
    .bind(key(piece.message.0))
    .bind(part_word(piece.part))
    .bind(kind)
    .bind(piece.text.as_str())
    .execute(connection)
    .await?;
    if entered.rows_affected() == 0 { Err(StoreError::NotFound) } else { Ok(()) }
}

pub(crate) async fn insert_conversation(
    connection: &mut SqliteConnection,
    id: ConversationId,
    title: &str,
    at: i64,
) -> Result<i64> {
    Ok(sqlx::query_scalar(
        "INSERT INTO conversation (uuid, created_at, updated_at, titled_by, title) VALUES (?1, ?2, ?2, 'opening', ?3)
         RETURNING id",
    )
    .bind(key(id.0))
    .bind(at)
    .bind(title)
    .fetch_one(connection)
    .await?)
}

pub(crate) async fn insert_question(
    connection: &mut SqliteConnection,
    conversation: i64,
    question: &NewQuestion,
) -> Result<i64> {
    let parent = match question.parent {
        Some(parent) => Some(tree::find_in(connection, parent, conversation).await?.id),
        None => None,
    };
    Ok(sqlx::query_scalar(
        "INSERT INTO message (uuid, conversation, parent, created_at, role, status, content)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) RETURNING id",
    )
    .bind(key(question.id.0))
    .bind(conversation)
    .bind(parent)
    .bind(question.created_at)
    .bind(role_word(Role::User))
    .bind(status_word(MessageStatus::Complete))
    .bind(question.text.as_str())
    .fetch_one(connection)
    .await?)
}

pub(crate) async fn insert_answer(
    connection: &mut SqliteConnection,
    conversation: i64,
    question: i64,
    answer: &NewAnswer,
) -> Result<i64> {
    Ok(sqlx::query_scalar(
        "INSERT INTO message (uuid, conversation, parent, created_at, scripted, role, status, model, routing)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) RETURNING id",
    )
    .bind(key(answer.id.0))
    .bind(conversation)
    .bind(question)
    .bind(answer.created_at)
    .bind(i64::from(answer.scripted))
    .bind(role_word(Role::Assistant))
    .bind(status_word(MessageStatus::Streaming))
    .bind(answer.model.as_ref().map(|model| model.0.clone()))
    .bind(json(answer.routing.as_ref())?)
    .fetch_one(connection)
    .await?)
}

/// Notes when something was last said, and takes the conversation out of the archive: what goes on is not put away. A clock that
/// was set back does not move a conversation down.
pub(crate) async fn touch(connection: &mut SqliteConnection, conversation: i64, at: i64) -> Result<()> {
    sqlx::query("UPDATE conversation SET updated_at = max(updated_at, ?2), archived_at = NULL WHERE id = ?1")
        .bind(conversation)
        .bind(at)
        .execute(connection)
        .await?;
    Ok(())
}
