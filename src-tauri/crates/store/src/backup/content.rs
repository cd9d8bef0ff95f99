//! What is in a backup. Only what the first version of the schema had is asked for, so that a backup of any age can be looked
//! into.

use std::path::Path;

use capibara6_protocol::{
    BackupConversation, BackupEntry, BackupPreview, BackupReason, ConversationId, Difference, Restored,
};
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Row as _};
use uuid::Uuid;

use super::{ABOUT, Label};
use crate::error::{Result, StoreError};
use crate::journal;
use crate::key::DatabaseKey;
use crate::open::{attach_clause, base_options, reading_options};
use crate::replace::ABOUT_OLD;
use crate::{safety, schema};

/// How many conversations are named.
const NAMED: i64 = 20;

/// Makes a draft a single file, and has it say what it is.
pub(super) async fn label(draft: &Path, key: Option<&DatabaseKey>, reason: BackupReason, now: i64) -> Result<Label> {
    let mut connection = base_options(draft, key).connect().await?;
    let labelled = async {
        sqlx::query("PRAGMA journal_mode = DELETE").execute(&mut connection).await?;
        let (conversations, messages, newest_at): (u32, u32, Option<i64>) = sqlx::query_as(
            "SELECT (SELECT count(*) FROM conversation WHERE deleted_at IS NULL),
                (SELECT count(*) FROM message m JOIN conversation c ON c.id = m.conversation WHERE c.deleted_at IS NULL),
                (SELECT max(updated_at) FROM conversation WHERE deleted_at IS NULL)",
        )
        .fetch_one(&mut connection)
        .await?;
        let label = Label { created_at: now, reason, conversations, messages, newest_at };
        let text = serde_json::to_string(&label).map_err(|error| StoreError::Failed(error.to_string()))?;
        sqlx::query("INSERT OR REPLACE INTO about (key, value) VALUES (?1, ?2)")
            .bind(ABOUT)
            .bind(text)
            .execute(&mut connection)
            .await?;
        Ok(label)
    }
    .await;
    connection.close().await?;
    labelled
}

/// The version of a backup and what it says about itself, from its first pages.
pub(super) async fn look(file: &Path, key: Option<&DatabaseKey>) -> Result<(i64, Option<Label>)> {
    let mut connection = base_options(file, key).read_only(true).connect().await?;
    let looked = async {
        let identity = schema::identify(&mut connection).await?;
        if identity.readable_from > schema::VERSION {
            return Err(StoreError::Newer);
        }
        let bytes: i64 = sqlx::query_scalar("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
            .fetch_one(&mut connection)
            .await?;
        let length = std::fs::metadata(file).map_err(|error| StoreError::from_io(&error))?.len();
        if u64::try_from(bytes).ok() != Some(length) {
            return Err(StoreError::Damaged(format!("{length} bytes of {bytes}")));
        }
        let text: Option<String> = sqlx::query_scalar("SELECT value FROM about WHERE key = ?1")
            .bind(ABOUT)
            .fetch_optional(&mut connection)
            .await?;
        Ok((identity.version, text.and_then(|text| serde_json::from_str(&text).ok())))
    }
    .await;
    connection.close().await?;
    looked
}

/// Has a database say where the one goes that it takes the place of, and the way back to it. What the backup said of an earlier
/// restore is no longer so.
pub(super) async fn mark_as_incoming(
    file: &Path,
    key: Option<&DatabaseKey>,
    old: &str,
    restored: Option<&Restored>,
) -> Result<()> {
    let restored = restored.map(serde_json::to_string).transpose();
    let restored = restored.map_err(|error| StoreError::Failed(error.to_string()))?;
    let mut connection = base_options(file, key).connect().await?;
    let marked = async {
        sqlx::query("DELETE FROM about WHERE key IN (?1, ?2)")
            .bind(ABOUT)
            .bind(safety::RESTORED)
            .execute(&mut connection)
            .await?;
        journal::settle_all(&mut connection).await?;
        for (key, value) in [(ABOUT_OLD, Some(old)), (safety::RESTORED, restored.as_deref())] {
            let Some(value) = value else { continue };
            sqlx::query("INSERT OR REPLACE INTO about (key, value) VALUES (?1, ?2)")
                .bind(key)
                .bind(value)
                .execute(&mut connection)
                .await?;
        }
        Ok(())
    }
    .await;
    connection.close().await?;
    marked
}

/// What a backup holds beside the database, where that can be read.
pub(super) async fn preview(
    database: &Path,
    backup: &Path,
    key: Option<&DatabaseKey>,
    entry: BackupEntry,
) -> Result<BackupPreview> {
    let (mut connection, is_beside) = match beside_each_other(database, backup, key).await {
        Ok(connection) => (connection, true),
        Err(error) => {
            tracing::info!(%error, "a backup is looked at alone");
            let mut alone = base_options(backup, key).read_only(true).connect().await?;
            // The same names, so that the same queries hold.
            let attach = format!("ATTACH ?1 AS backup{}", attach_clause(backup, key).as_str());
            sqlx::query(AssertSqlSafe(attach)).bind(backup.to_str().unwrap_or_default()).execute(&mut alone).await?;
            (alone, false)
        }
    };
    let previewed = async {
        let newest = conversations(&mut connection, "backup", "1").await?;
        let (only_here, only_there) = if is_beside {
            (difference(&mut connection, "main", "backup").await?, difference(&mut connection, "backup", "main").await?)
        } else {
            let everything =
                Difference { conversations: entry.conversations, messages: entry.messages, newest: newest.clone() };
            (Difference::default(), everything)
        };
        Ok(BackupPreview { entry, newest, only_here, only_there })
    }
    .await;
    connection.close().await?;
    previewed
}

/// A connection that reads the database as `main` and the backup as `backup`.
async fn beside_each_other(database: &Path, backup: &Path, key: Option<&DatabaseKey>) -> Result<SqliteConnection> {
    let mut connection = reading_options(database, key).connect().await?;
    schema::identify(&mut connection).await?;
    let attach = format!("ATTACH ?1 AS backup{}", attach_clause(backup, key).as_str());
    let path = backup.to_str().ok_or_else(|| StoreError::Failed("a path that is not UTF-8".to_owned()))?;
    sqlx::query(AssertSqlSafe(attach)).bind(path).execute(&mut connection).await?;
    Ok(connection)
}

/// What `one` has and `other` has not; what is deleted is had by neither.
async fn difference(connection: &mut SqliteConnection, one: &str, other: &str) -> Result<Difference> {
    let missing =
        format!("NOT EXISTS (SELECT 1 FROM {other}.conversation o WHERE o.uuid = c.uuid AND o.deleted_at IS NULL)");
    let (conversations, messages): (u32, u32) = sqlx::query_as(AssertSqlSafe(format!(
        "SELECT (SELECT count(*) FROM {one}.conversation c WHERE c.deleted_at IS NULL AND {missing}),
            (SELECT count(*) FROM {one}.message m JOIN {one}.conversation c ON c.id = m.conversation
             WHERE c.deleted_at IS NULL
                AND ({missing} OR NOT EXISTS (SELECT 1 FROM {other}.message o WHERE o.uuid = m.uuid)))"
    )))
    .fetch_one(&mut *connection)
    .await?;
    Ok(Difference { conversations, messages, newest: self::conversations(connection, one, &missing).await? })
}

async fn conversations(
    connection: &mut SqliteConnection,
    schema: &str,
    condition: &str,
) -> Result<Vec<BackupConversation>> {
    let rows = sqlx::query(AssertSqlSafe(format!(
        "SELECT c.uuid, c.title, c.updated_at,
            (SELECT count(*) FROM {schema}.message m WHERE m.conversation = c.id) AS messages
         FROM {schema}.conversation c WHERE c.deleted_at IS NULL AND {condition}
         ORDER BY c.updated_at DESC, c.id DESC LIMIT {NAMED}"
    )))
    .fetch_all(connection)
    .await?;
    Ok(rows.iter().filter_map(conversation).collect())
}

fn conversation(row: &SqliteRow) -> Option<BackupConversation> {
    Some(BackupConversation {
        id: ConversationId(Uuid::from_slice(row.try_get("uuid").ok()?).ok()?),
        title: crate::record::text(row, "title").unwrap_or_default(),
        updated_at: row.try_get("updated_at").ok()?,
        messages: row.try_get("messages").unwrap_or_default(),
    })
}
