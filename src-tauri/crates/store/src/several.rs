//! What is done to several conversations at once: to all of them in one transaction, or to none.

use capibara6_protocol::{ConversationId, ConversationSummary, ProjectId};
use sqlx::sqlite::SqliteConnection;

use crate::error::{Result, StoreError};
use crate::record::{id_list, key};
use crate::{Store, list, project};

/// Most conversations of one call.
const SEVERAL: usize = 1000;

impl Store {
    /// Puts conversations into a project, or into none.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where one of them or the project is not there; [`StoreError::InvalidInput`] `ids` for more
    /// than 1,000.
    pub async fn move_conversations(
        &self,
        ids: &[ConversationId],
        project: Option<ProjectId>,
    ) -> Result<Vec<ConversationSummary>> {
        self.write(async |writer| {
            let project = match project {
                Some(project) => Some(project::find(writer, project).await?),
                None => None,
            };
            let rows = find_all(writer, ids).await?;
            sqlx::query(
                "UPDATE conversation SET project = ?2, former_project = NULL
                 WHERE id IN (SELECT value FROM json_each(?1))",
            )
            .bind(id_list(rows.iter().copied()))
            .bind(project)
            .execute(&mut *writer)
            .await?;
            load_all(writer, &rows).await
        })
        .await
    }

    /// Archives conversations at the time `at`, or takes them out of the archive. One that is there already keeps its time.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::InvalidInput`] `ids` for more than 1,000.
    pub async fn archive(&self, ids: &[ConversationId], at: Option<i64>) -> Result<Vec<ConversationSummary>> {
        self.write(async |writer| {
            let rows = find_all(writer, ids).await?;
            sqlx::query(
                "UPDATE conversation SET archived_at = CASE WHEN ?2 IS NULL THEN NULL ELSE COALESCE(archived_at, ?2) END
                 WHERE id IN (SELECT value FROM json_each(?1))",
            )
            .bind(id_list(rows.iter().copied()))
            .bind(at)
            .execute(&mut *writer)
            .await?;
            load_all(writer, &rows).await
        })
        .await
    }

    /// Pins conversations to the top of their list, or unpins them.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::InvalidInput`] `ids` for more than 1,000.
    pub async fn pin_all(&self, ids: &[ConversationId], pinned: bool) -> Result<Vec<ConversationSummary>> {
        self.write(async |writer| {
            let rows = find_all(writer, ids).await?;
            sqlx::query("UPDATE conversation SET pinned = ?2 WHERE id IN (SELECT value FROM json_each(?1))")
                .bind(id_list(rows.iter().copied()))
                .bind(i64::from(pinned))
                .execute(&mut *writer)
                .await?;
            load_all(writer, &rows).await
        })
        .await
    }

    /// Puts conversations into the trash at the time `at`.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], also where one is deleted already; [`StoreError::InvalidInput`] `ids` for more than 1,000.
    pub async fn delete_all(&self, ids: &[ConversationId], at: i64) -> Result<()> {
        self.write(async |writer| {
            let rows = find_all(writer, ids).await?;
            delete_rows(writer, &rows, at).await
        })
        .await
    }

    /// Brings deleted conversations back as they were; one that is not deleted stays as it is.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where one never was or is purged; [`StoreError::InvalidInput`] `ids` for more than 1,000.
    pub async fn restore_all(&self, ids: &[ConversationId]) -> Result<Vec<ConversationSummary>> {
        self.write(async |writer| {
            let rows = find_any(writer, ids).await?;
            sqlx::query("UPDATE conversation SET deleted_at = NULL WHERE id IN (SELECT value FROM json_each(?1))")
                .bind(id_list(rows.iter().copied()))
                .execute(&mut *writer)
                .await?;
            load_all(writer, &rows).await
        })
        .await
    }

    /// Removes deleted conversations for good, one after the other: their words are overwritten in the file, in the log and
    /// in the index. One that is gone already is passed over.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where one is not deleted: nothing is removed then; those of writing.
    pub async fn purge_all(&self, ids: &[ConversationId]) -> Result<()> {
        bounded(ids)?;
        let rows = self
            .read(async |reader| {
                let mut rows = Vec::with_capacity(ids.len());
                for id in ids {
                    let row: Option<(i64, bool)> =
                        sqlx::query_as("SELECT id, deleted_at IS NOT NULL FROM conversation WHERE uuid = ?1")
                            .bind(key(id.0))
                            .fetch_optional(&mut *reader)
                            .await?;
                    match row {
                        Some((row, true)) => rows.push(row),
                        Some((_, false)) => return Err(StoreError::NotFound),
                        None => {}
                    }
                }
                Ok(rows)
            })
            .await?;
        for row in rows {
            self.write(async |writer| {
                sqlx::query("DELETE FROM conversation WHERE id = ?1 AND deleted_at IS NOT NULL")
                    .bind(row)
                    .execute(writer)
                    .await?;
                Ok(())
            })
            .await?;
        }
        self.wipe().await
    }
}

fn bounded(ids: &[ConversationId]) -> Result<()> {
    if ids.len() > SEVERAL { Err(StoreError::InvalidInput("ids")) } else { Ok(()) }
}

/// The rows of conversations that are not deleted, each once.
pub(crate) async fn find_all(connection: &mut SqliteConnection, ids: &[ConversationId]) -> Result<Vec<i64>> {
    bounded(ids)?;
    let mut rows = Vec::with_capacity(ids.len());
    for id in ids {
        let row = list::find(connection, *id).await?;
        if !rows.contains(&row) {
            rows.push(row);
        }
    }
    Ok(rows)
}

async fn find_any(connection: &mut SqliteConnection, ids: &[ConversationId]) -> Result<Vec<i64>> {
    bounded(ids)?;
    let mut rows = Vec::with_capacity(ids.len());
    for id in ids {
        let row = sqlx::query_scalar("SELECT id FROM conversation WHERE uuid = ?1");
        let row: i64 = row.bind(key(id.0)).fetch_one(&mut *connection).await?;
        if !rows.contains(&row) {
            rows.push(row);
        }
    }
    Ok(rows)
}

pub(crate) async fn delete_rows(connection: &mut SqliteConnection, rows: &[i64], at: i64) -> Result<()> {
    sqlx::query("UPDATE conversation SET deleted_at = ?2 WHERE id IN (SELECT value FROM json_each(?1))")
        .bind(id_list(rows.iter().copied()))
        .bind(at)
        .execute(connection)
        .await?;
    Ok(())
}

async fn load_all(connection: &mut SqliteConnection, rows: &[i64]) -> Result<Vec<ConversationSummary>> {
    let mut summaries = Vec::with_capacity(rows.len());
    for row in rows {
        summaries.push(list::load(connection, *row).await?);
    }
    Ok(summaries)
}
