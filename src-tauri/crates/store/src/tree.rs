//! The tree: what of it is shown, and how the active branch moves through it.
//!
//! The active branch is the way from a root down to the conversation's `leaf`. Each message on it remembers its child
//! there (`chosen`), and keeps remembering when the branch moves away: choosing a version again leads back to where one
//! was below it.

use std::collections::HashSet;

use capibara6_protocol::{ConversationId, ConversationView, Message, MessageId};
use sqlx::sqlite::SqliteConnection;

use crate::error::{Result, StoreError};
use crate::record::{self, key, message_columns, message_joins};
use crate::{Store, list};

/// Most messages of one view.
const VIEW: u32 = 200;

/// A message and its ancestors, at most so many of them, however deep the tree is.
pub(crate) const STRETCH: &str = concat!(
    "WITH RECURSIVE up (id, parent) AS (
        SELECT id, parent FROM message WHERE id = ?1
        UNION ALL
        SELECT a.id, a.parent FROM up CROSS JOIN message a ON a.id = up.parent
        LIMIT ?2
     ) SELECT ",
    message_columns!(),
    " FROM up CROSS JOIN message m ON m.id = up.id",
    message_joins!()
);

/// Makes every ancestor of a message remember the child through which one comes to it. Writes only where that changes.
pub(crate) const REMEMBER: &str = "
    WITH RECURSIVE up (id, parent) AS (
        SELECT id, parent FROM message WHERE id = ?1
        UNION ALL
        SELECT a.id, a.parent FROM up CROSS JOIN message a ON a.id = up.parent
    )
    UPDATE message SET chosen = up.id FROM up WHERE message.id = up.parent AND message.chosen IS NOT up.id";

/// From a message down its most recently active descendants to the end.
pub(crate) const DESCENT: &str = "
    WITH RECURSIVE down (id) AS (
        SELECT ?1
        UNION ALL
        SELECT COALESCE(
            (SELECT child.id FROM message child WHERE child.id = m.chosen AND child.parent = m.id),
            (SELECT max(child.id) FROM message child WHERE child.parent = m.id))
        FROM down CROSS JOIN message m ON m.id = down.id
    )
    SELECT max(id) FROM down";

/// From a message down its most recently active descendants, at most so many of them.
pub(crate) const BELOW: &str = concat!(
    "WITH RECURSIVE down (id) AS (
        SELECT ?1
        UNION ALL
        SELECT COALESCE(
            (SELECT child.id FROM message child WHERE child.id = m.chosen AND child.parent = m.id),
            (SELECT max(child.id) FROM message child WHERE child.parent = m.id))
        FROM down CROSS JOIN message m ON m.id = down.id
        LIMIT ?2
     ) SELECT ",
    message_columns!(),
    " FROM down CROSS JOIN message m ON m.id = down.id",
    message_joins!()
);

/// Which stretch of a conversation is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stretch {
    /// The end of the active branch.
    End,
    /// What stands before a message, on whichever branch.
    Before(MessageId),
    /// What stands after a message, on the branch that was last active through it.
    After(MessageId),
    /// A message with what stands before and after it.
    Around(MessageId),
}

/// What stands before a message, or the end.
impl From<Option<MessageId>> for Stretch {
    fn from(before: Option<MessageId>) -> Self {
        before.map_or(Self::End, Self::Before)
    }
}

/// Where a message stands.
pub(crate) struct Found {
    pub id: i64,
    pub conversation: i64,
    pub parent: Option<i64>,
}

impl Store {
    /// A stretch of a conversation: at most `limit` (1 to 200) messages, oldest first. A message that is being written has
    /// all its text that is on disk. Nothing is changed: `Around` shows the branch through its message also where that is
    /// not the active one ([`Self::jump`] makes it so).
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for a conversation that is not there or deleted, or a message that is not in it.
    pub async fn view(&self, id: ConversationId, stretch: impl Into<Stretch>, limit: u32) -> Result<ConversationView> {
        let left_over = self.left_over().clone();
        let stretch = stretch.into();
        self.read(async |reader| {
            let conversation = list::find(reader, id).await?;
            match stretch {
                Stretch::End => {
                    let end = leaf(reader, conversation).await?;
                    view(reader, conversation, end, limit, &left_over).await
                }
                Stretch::Before(before) => {
                    let end = find_in(reader, before, conversation).await?.parent;
                    let view = view(reader, conversation, end, limit, &left_over).await?;
                    Ok(ConversationView { later: true, ..view })
                }
                Stretch::After(after) => {
                    let from = find_in(reader, after, conversation).await?.id;
                    let limit = limit.clamp(1, VIEW);
                    let (mut messages, later) = below(reader, from, limit + 1, &left_over).await?;
                    messages.remove(0);
                    Ok(ConversationView {
                        conversation: list::load(reader, conversation).await?,
                        messages,
                        earlier: true,
                        later,
                    })
                }
                Stretch::Around(message) => {
                    let around = find_in(reader, message, conversation).await?.id;
                    let limit = limit.clamp(1, VIEW);
                    let (mut after, later) = below(reader, around, limit / 2 + 1, &left_over).await?;
                    // What the end does not need goes to the beginning.
                    let before = limit - u32::try_from(after.len() - 1).unwrap_or(0);
                    let mut view = view(reader, conversation, Some(around), before, &left_over).await?;
                    view.messages.extend(after.drain(1..));
                    Ok(ConversationView { later, ..view })
                }
            }
        })
        .await
    }

    /// Shows a message with what stands around it, and makes the branch through it the active one where it is not. A
    /// database that cannot be written shows it all the same.
    ///
    /// # Errors
    /// As [`Self::view`].
    pub async fn jump(&self, id: ConversationId, message: MessageId, limit: u32) -> Result<ConversationView> {
        let is_active = self
            .read(async |reader| {
                let conversation = list::find(reader, id).await?;
                let found = find_in(reader, message, conversation).await?;
                let end: i64 = sqlx::query_scalar(DESCENT).bind(found.id).fetch_one(&mut *reader).await?;
                Ok(leaf(reader, conversation).await? == Some(end))
            })
            .await?;
        if !is_active {
            match self.select(message).await {
                Ok(_) | Err(StoreError::Full | StoreError::ReadOnly | StoreError::Newer) => {}
                Err(error) => return Err(error),
            }
        }
        self.view(id, Stretch::Around(message), limit).await
    }

    /// One message, on whichever branch, also of a deleted conversation.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn message(&self, id: MessageId) -> Result<Message> {
        let left_over = self.left_over().clone();
        self.read(async |reader| {
            let found = find(reader, id).await?;
            load(reader, found.id, &left_over).await
        })
        .await
    }

    /// The whole branch from its root to the message `leaf`: what is sent to a model.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn branch(&self, leaf: MessageId) -> Result<Vec<Message>> {
        let left_over = self.left_over().clone();
        self.read(async |reader| {
            let found = find(reader, leaf).await?;
            stretch(reader, found.id, i64::MAX, &left_over).await
        })
        .await
    }

    /// Makes the branch through this message the active one, down its most recently active descendants, and shows its
    /// end.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], also where the conversation is deleted.
    pub async fn select(&self, message: MessageId) -> Result<ConversationView> {
        let left_over = self.left_over().clone();
        self.write(async |writer| {
            let found = find(writer, message).await?;
            let deleted: bool = sqlx::query_scalar("SELECT deleted_at IS NOT NULL FROM conversation WHERE id = ?1")
                .bind(found.conversation)
                .fetch_one(&mut *writer)
                .await?;
            if deleted {
                return Err(StoreError::NotFound);
            }
            let end = activate_through(writer, found.conversation, found.id).await?;
            view(writer, found.conversation, Some(end), VIEW, &left_over).await
        })
        .await
    }
}

/// The stretch of a branch that ends with the message in the row `end`.
async fn view(
    connection: &mut SqliteConnection,
    conversation: i64,
    end: Option<i64>,
    limit: u32,
    left_over: &HashSet<i64>,
) -> Result<ConversationView> {
    let limit = limit.clamp(1, VIEW);
    let mut messages = match end {
        // One more than asked for tells whether there is more.
        Some(end) => stretch(connection, end, i64::from(limit) + 1, left_over).await?,
        None => Vec::new(),
    };
    let excess = messages.len().saturating_sub(limit as usize);
    messages.drain(..excess);
    Ok(ConversationView {
        conversation: list::load(connection, conversation).await?,
        messages,
        earlier: excess > 0,
        later: false,
    })
}

/// A message and at most `limit - 1` of those below it, and whether there are more.
async fn below(
    connection: &mut SqliteConnection,
    from: i64,
    limit: u32,
    left_over: &HashSet<i64>,
) -> Result<(Vec<Message>, bool)> {
    let rows = sqlx::query(BELOW).bind(from).bind(i64::from(limit) + 1).fetch_all(&mut *connection).await?;
    let mut messages = record::messages(connection, &rows, left_over).await?;
    let later = messages.len() > limit as usize;
    messages.truncate(limit as usize);
    if messages.is_empty() { Err(StoreError::NotFound) } else { Ok((messages, later)) }
}

async fn stretch(
    connection: &mut SqliteConnection,
    end: i64,
    limit: i64,
    left_over: &HashSet<i64>,
) -> Result<Vec<Message>> {
    let rows = sqlx::query(STRETCH).bind(end).bind(limit).fetch_all(&mut *connection).await?;
    record::messages(connection, &rows, left_over).await
}

/// The message in a row.
pub(crate) async fn load(connection: &mut SqliteConnection, id: i64, left_over: &HashSet<i64>) -> Result<Message> {
    stretch(connection, id, 1, left_over).await?.pop().ok_or(StoreError::NotFound)
}

/// Where a message stands.
pub(crate) async fn find(connection: &mut SqliteConnection, id: MessageId) -> Result<Found> {
    let (id, conversation, parent) = sqlx::query_as("SELECT id, conversation, parent FROM message WHERE uuid = ?1")
        .bind(key(id.0))
        .fetch_one(connection)
        .await?;
    Ok(Found { id, conversation, parent })
}

/// Where a message of this conversation stands.
pub(crate) async fn find_in(connection: &mut SqliteConnection, id: MessageId, conversation: i64) -> Result<Found> {
    let found = find(connection, id).await?;
    if found.conversation == conversation { Ok(found) } else { Err(StoreError::NotFound) }
}

/// The end of the active branch: nothing where the conversation is empty.
pub(crate) async fn leaf(connection: &mut SqliteConnection, conversation: i64) -> Result<Option<i64>> {
    Ok(sqlx::query_scalar(
        "SELECT COALESCE(
            (SELECT m.id FROM conversation c JOIN message m ON m.id = c.leaf AND m.conversation = c.id WHERE c.id = ?1),
            (SELECT max(id) FROM message WHERE conversation = ?1))",
    )
    .bind(conversation)
    .fetch_one(connection)
    .await?)
}

/// Ends the active branch with the message in the row `leaf`.
pub(crate) async fn activate(connection: &mut SqliteConnection, conversation: i64, leaf: i64) -> Result<()> {
    sqlx::query(REMEMBER).bind(leaf).execute(&mut *connection).await?;
    sqlx::query("UPDATE conversation SET leaf = ?2 WHERE id = ?1")
        .bind(conversation)
        .bind(leaf)
        .execute(connection)
        .await?;
    Ok(())
}

/// Makes the branch through a message the active one, down its most recently active descendants, and gives its end.
pub(crate) async fn activate_through(connection: &mut SqliteConnection, conversation: i64, id: i64) -> Result<i64> {
    let end = sqlx::query_scalar(DESCENT).bind(id).fetch_one(&mut *connection).await?;
    activate(connection, conversation, end).await?;
    Ok(end)
}
