//! Whole conversations at once: for a generator of large histories, and for whatever brings conversations in from
//! elsewhere.

use std::collections::HashMap;

use capibara6_protocol::{ConversationSummary, Message, MessageId};

use crate::error::{Result, StoreError};
use crate::record::key;
use crate::{Store, list, transfer, tree};

/// A conversation with all its messages.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportedConversation {
    /// As it shall stand in the list.
    pub summary: ConversationSummary,
    /// Its messages, parents before their children; the last one ends the active branch. `versions` follow from the
    /// parents and are not read; a `streaming` message becomes `interrupted`.
    pub messages: Vec<Message>,
}

impl Store {
    /// Stores conversations in one transaction: all of them or none. Some thousand messages per call are quick and keep
    /// the write-ahead log small; a hundred thousand messages take seconds.
    ///
    /// # Errors
    /// [`StoreError::InvalidInput`] `id` for an id that is there already, `messages` for a parent that does not come
    /// before its child, `title`.
    pub async fn import(&self, conversations: &[ImportedConversation]) -> Result<()> {
        self.write(async |writer| {
            for ImportedConversation { summary, messages } in conversations {
                let conversation: i64 = sqlx::query_scalar(
                    "INSERT INTO conversation (uuid, created_at, updated_at, pinned, titled_by, title)
                     VALUES (?1, ?2, ?3, ?4, 'opening', ?5) RETURNING id",
                )
                .bind(key(summary.id.0))
                .bind(summary.created_at)
                .bind(summary.updated_at)
                .bind(i64::from(summary.pinned))
                .bind(list::acceptable(&summary.title)?)
                .fetch_one(&mut *writer)
                .await?;
                let mut rows = HashMap::<MessageId, i64>::new();
                let mut last = None;
                for message in messages {
                    let parent = match &message.parent {
                        Some(parent) => Some(*rows.get(parent).ok_or(StoreError::InvalidInput("messages"))?),
                        None => None,
                    };
                    let id = transfer::insert_message(writer, conversation, parent, message.id.0, message).await?;
                    rows.insert(message.id, id);
                    last = Some(id);
                }
                // Elsewhere on the tree the newest child is the one that was active.
                if let Some(last) = last {
                    tree::activate(writer, conversation, last).await?;
                }
            }
            Ok(())
        })
        .await
    }
}
