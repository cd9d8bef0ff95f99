//! The lists of conversations: pages by key, titles, pins, removal and return.

use capibara6_protocol::{ConversationId, ConversationPage, ConversationScope, ConversationSummary};
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::error::{Result, StoreError};
use crate::record::{self, key, summary_columns};
use crate::{Store, project};

/// Most conversations of one page.
const PAGE: u32 = 200;

/// The longest title in characters.
pub(crate) const TITLE: usize = 200;

/// The two queries of a list: its first page, and the one behind a place.
pub(crate) struct Pages {
    pub first: &'static str,
    pub next: &'static str,
}

/// A list by pin and time. `?1` how many, `?2`, `?3` and `?4` the place behind which it begins, `?5` the project.
macro_rules! pages {
    ($which:literal) => {
        Pages {
            first: concat!(
                "SELECT ",
                summary_columns!(),
                " FROM conversation c WHERE ",
                $which,
                " ORDER BY c.pinned DESC, c.updated_at DESC, c.id DESC LIMIT ?1"
            ),
            next: concat!(
                "SELECT ",
                summary_columns!(),
                " FROM conversation c WHERE ",
                $which,
                " AND (c.pinned, c.updated_at, c.id) < (?2, ?3, ?4)",
                " ORDER BY c.pinned DESC, c.updated_at DESC, c.id DESC LIMIT ?1"
            ),
        }
    };
}

pub(crate) const ACTIVE: Pages = pages!("c.deleted_at IS NULL AND c.archived_at IS NULL");
pub(crate) const UNFILED: Pages = pages!("c.deleted_at IS NULL AND c.archived_at IS NULL AND c.project IS NULL");
pub(crate) const FILED: Pages = pages!("c.deleted_at IS NULL AND c.archived_at IS NULL AND c.project = ?5");
pub(crate) const ARCHIVED: Pages = pages!("c.deleted_at IS NULL AND c.archived_at IS NOT NULL");

/// The trash, latest deleted first.
pub(crate) const DELETED: Pages = Pages {
    first: concat!(
        "SELECT ",
        summary_columns!(),
        " FROM conversation c WHERE c.deleted_at IS NOT NULL ORDER BY c.deleted_at DESC, c.id DESC LIMIT ?1"
    ),
    next: concat!(
        "SELECT ",
        summary_columns!(),
        " FROM conversation c WHERE c.deleted_at IS NOT NULL AND (c.deleted_at, c.id) < (?3, ?4)",
        " ORDER BY c.deleted_at DESC, c.id DESC LIMIT ?1"
    ),
};

/// Where a page of the list begins: the place of the last row before it, in the order of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cursor {
    /// Zero in the trash, where pins do not count.
    pinned: i64,
    /// `updated_at`, and in the trash `deleted_at`.
    time: i64,
    id: i64,
}

impl Cursor {
    fn of(row: &SqliteRow, scope: ConversationScope) -> Result<Self> {
        let id = row.try_get("id")?;
        Ok(match scope {
            ConversationScope::Deleted => Self { pinned: 0, time: row.try_get("deleted_at")?, id },
            ConversationScope::Active
            | ConversationScope::Unfiled
            | ConversationScope::Project { .. }
            | ConversationScope::Archived => {
                Self { pinned: row.try_get("pinned")?, time: row.try_get("updated_at")?, id }
            }
        })
    }

    fn parse(text: &str) -> Option<Self> {
        let mut fields = text.split('.').map(str::parse);
        let cursor = Self { pinned: fields.next()?.ok()?, time: fields.next()?.ok()?, id: fields.next()?.ok()? };
        fields.next().is_none().then_some(cursor)
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.pinned, self.time, self.id)
    }
}

impl Store {
    /// A page of what is neither archived nor deleted. As [`Self::conversations_in`].
    ///
    /// # Errors
    /// As [`Self::conversations_in`].
    pub async fn conversations(&self, after: Option<&str>, limit: u32) -> Result<ConversationPage> {
        self.conversations_in(ConversationScope::Active, after, limit).await
    }

    /// A page of a list, at most `limit` (1 to 200) long. `after` is `next` of the page before: the page begins behind that
    /// place, whatever has changed in the meantime. A project that is not there has no conversations.
    ///
    /// # Errors
    /// [`StoreError::InvalidInput`] `after` for a cursor that this store did not give.
    pub async fn conversations_in(
        &self,
        scope: ConversationScope,
        after: Option<&str>,
        limit: u32,
    ) -> Result<ConversationPage> {
        let limit = limit.clamp(1, PAGE);
        let after = match after {
            Some(after) => Some(Cursor::parse(after).ok_or(StoreError::InvalidInput("after"))?),
            None => None,
        };
        let pages = match scope {
            ConversationScope::Active => &ACTIVE,
            ConversationScope::Unfiled => &UNFILED,
            ConversationScope::Project { .. } => &FILED,
            ConversationScope::Archived => &ARCHIVED,
            ConversationScope::Deleted => &DELETED,
        };
        let rows = self
            .read(async |reader| {
                let project = match scope {
                    ConversationScope::Project { project } => project::find(reader, project).await.map(Some)?,
                    ConversationScope::Active
                    | ConversationScope::Unfiled
                    | ConversationScope::Archived
                    | ConversationScope::Deleted => None,
                };
                let query = sqlx::query(after.map_or(pages.first, |_| pages.next)).bind(i64::from(limit) + 1);
                let after = after.unwrap_or(Cursor { pinned: 0, time: 0, id: 0 });
                let query = query.bind(after.pinned).bind(after.time).bind(after.id).bind(project);
                Ok(query.fetch_all(reader).await?)
            })
            .await;
        let rows = match rows {
            Err(StoreError::NotFound) => Vec::new(),
            rows => rows?,
        };
        let page = &rows[..rows.len().min(limit as usize)];
        let next = if page.len() < rows.len() {
            page.last().map(|row| Cursor::of(row, scope)).transpose()?.map(|cursor| cursor.to_string())
        } else {
            None
        };
        Ok(ConversationPage { conversations: page.iter().filter_map(record::summary).collect(), next })
    }

    /// A conversation in the list.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], also for a deleted one.
    pub async fn summary(&self, id: ConversationId) -> Result<ConversationSummary> {
        self.read(async |reader| {
            let conversation = find(reader, id).await?;
            load(reader, conversation).await
        })
        .await
    }

    /// Gives a conversation the user's own title, which no model replaces any more. White space around it is dropped.
    ///
    /// # Errors
    /// [`StoreError::InvalidInput`] `title` where it is empty or longer than 200 characters; [`StoreError::NotFound`].
    pub async fn rename(&self, id: ConversationId, title: &str) -> Result<ConversationSummary> {
        let title = acceptable(title)?;
        self.write(async |writer| {
            let conversation = find(writer, id).await?;
            sqlx::query("UPDATE conversation SET title = ?2, titled_by = 'user' WHERE id = ?1")
                .bind(conversation)
                .bind(title)
                .execute(&mut *writer)
                .await?;
            load(writer, conversation).await
        })
        .await
    }

    /// Gives a conversation a model's title, unless the user has given one. The summary says which one it has now.
    ///
    /// # Errors
    /// As [`Self::rename`].
    pub async fn suggest_title(&self, id: ConversationId, title: &str) -> Result<ConversationSummary> {
        let title = acceptable(title)?;
        self.write(async |writer| {
            let conversation = find(writer, id).await?;
            sqlx::query(
                "UPDATE conversation SET title = ?2, titled_by = 'model' WHERE id = ?1 AND titled_by <> 'user'",
            )
            .bind(conversation)
            .bind(title)
            .execute(&mut *writer)
            .await?;
            load(writer, conversation).await
        })
        .await
    }

    /// Pins a conversation to the top of the list, or unpins it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn pin(&self, id: ConversationId, pinned: bool) -> Result<ConversationSummary> {
        self.write(async |writer| {
            let conversation = find(writer, id).await?;
            sqlx::query("UPDATE conversation SET pinned = ?2 WHERE id = ?1")
                .bind(conversation)
                .bind(i64::from(pinned))
                .execute(&mut *writer)
                .await?;
            load(writer, conversation).await
        })
        .await
    }

    /// Removes a conversation from the list at the time `at`. [`Self::restore`] brings it back until it is purged,
    /// [`crate::Upkeep::RETENTION_MS`] later.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], also where it is deleted already.
    pub async fn delete(&self, id: ConversationId, at: i64) -> Result<()> {
        self.write(async |writer| {
            let conversation = find(writer, id).await?;
            sqlx::query("UPDATE conversation SET deleted_at = ?2 WHERE id = ?1")
                .bind(conversation)
                .bind(at)
                .execute(&mut *writer)
                .await?;
            Ok(())
        })
        .await
    }

    /// Brings a deleted conversation back as it was.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where it never was or is purged.
    pub async fn restore(&self, id: ConversationId) -> Result<ConversationSummary> {
        self.write(async |writer| {
            let conversation: i64 =
                sqlx::query_scalar("UPDATE conversation SET deleted_at = NULL WHERE uuid = ?1 RETURNING id")
                    .bind(key(id.0))
                    .fetch_one(&mut *writer)
                    .await?;
            load(writer, conversation).await
        })
        .await
    }
}

/// A title without the white space around it.
pub(crate) fn acceptable(title: &str) -> Result<&str> {
    let title = title.trim();
    if title.is_empty() || title.chars().count() > TITLE {
        return Err(StoreError::InvalidInput("title"));
    }
    Ok(title)
}

/// The row of a conversation that is not deleted.
pub(crate) async fn find(connection: &mut SqliteConnection, id: ConversationId) -> Result<i64> {
    let found = sqlx::query_scalar("SELECT id FROM conversation WHERE uuid = ?1 AND deleted_at IS NULL");
    Ok(found.bind(key(id.0)).fetch_one(connection).await?)
}

/// The summary of the conversation in a row.
pub(crate) async fn load(connection: &mut SqliteConnection, conversation: i64) -> Result<ConversationSummary> {
    const QUERY: &str = concat!("SELECT ", summary_columns!(), " FROM conversation c WHERE c.id = ?1");
    let row = sqlx::query(QUERY).bind(conversation).fetch_one(connection).await?;
    record::summary(&row).ok_or(StoreError::NotFound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_survive_the_way_through_the_window() {
        let cursor = Cursor { pinned: 1, time: -5, id: i64::MAX };
        assert_eq!(Cursor::parse(&cursor.to_string()), Some(cursor));
        for foreign in ["", "1.2", "1.2.3.4", "1.2.x", "1.2.", "99999999999999999999.1.1"] {
            assert_eq!(Cursor::parse(foreign), None, "{foreign}");
        }
    }

    #[test]
    fn titles_are_trimmed_and_bounded() {
        assert_eq!(acceptable("  hola \n"), Ok("hola"));
        assert_eq!(acceptable(" \t"), Err(StoreError::InvalidInput("title")));
        let longest = "ñ".repeat(TITLE);
        assert_eq!(acceptable(&longest), Ok(longest.as_str()));
        assert_eq!(acceptable(&format!("{longest}x")), Err(StoreError::InvalidInput("title")));
    }
}
