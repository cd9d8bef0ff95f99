//! The schema and its versions. SQLite's `user_version` counts the applied migrations; they only ever add, so a program
//! can read a file of a later version as long as that file's `readable_from` allows it.

use sqlx::{AssertSqlSafe, Connection as _, SqliteConnection};

use crate::error::{Result, StoreError};

/// Marks a file as ours in SQLite's header: "Cap6".
pub(crate) const APPLICATION_ID: i64 = 0x4361_7036;

/// The migrations in order; the first makes version 1. A released one is never edited.
const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001_conversations.sql"),
    include_str!("../migrations/0002_search_and_order.sql"),
    include_str!("../migrations/0003_consensus.sql"),
];

/// The version that this program writes.
pub(crate) const VERSION: i64 = MIGRATIONS.len() as i64;

/// Names every table and column of version 1 without reading a row: fails where one is missing.
const SHAPE: &str = "
    SELECT about.key, about.value, setting.key, setting.value,
        c.id, c.uuid, c.created_at, c.updated_at, c.pinned, c.deleted_at, c.leaf, c.titled_by, c.title,
        m.id, m.uuid, m.conversation, m.parent, m.chosen, m.created_at, m.scripted, m.role, m.status, m.model,
        m.routing, m.omitted, m.metrics, m.error, m.content, m.reasoning,
        j.id, j.message, j.part, j.kind, j.text
    FROM about, setting, conversation c, message m, journal j LIMIT 0";

/// What a file says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    pub version: i64,
    /// The oldest version that can read it.
    pub readable_from: i64,
}

/// Reads what a file says about itself, or finds that it is not ours or damaged. Writes nothing.
pub(crate) async fn identify(connection: &mut SqliteConnection) -> Result<Identity> {
    let application: i64 = sqlx::query_scalar("PRAGMA application_id").fetch_one(&mut *connection).await?;
    if application != APPLICATION_ID {
        return Err(StoreError::Damaged(format!("application_id is {application}")));
    }
    let version: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *connection).await?;
    if version < 1 {
        return Err(StoreError::Damaged(format!("user_version is {version}")));
    }
    // A shape that does not fit is an ordinary error to SQLite; to us it is damage.
    let damaged = |error: sqlx::Error| {
        let error = StoreError::from(error);
        if let StoreError::Failed(detail) = error { StoreError::Damaged(detail) } else { error }
    };
    let readable_from: Option<String> = sqlx::query_scalar("SELECT value FROM about WHERE key = 'readable_from'")
        .fetch_optional(&mut *connection)
        .await
        .map_err(damaged)?;
    // A value that cannot be understood is a later program's way to say more than we know.
    let readable_from = readable_from.and_then(|value| value.parse().ok()).unwrap_or(i64::MAX);
    if readable_from <= VERSION {
        sqlx::query(SHAPE).fetch_optional(&mut *connection).await.map_err(damaged)?;
    }
    Ok(Identity { version, readable_from })
}

/// Applies the migrations after `from`, each in a transaction of its own.
pub(crate) async fn migrate(connection: &mut SqliteConnection, from: i64) -> Result<()> {
    for (version, migration) in (1_i64..).zip(MIGRATIONS).filter(|(version, _)| *version > from) {
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::raw_sql(*migration).execute(&mut *transaction).await?;
        // Pragmas take no parameters; both values are numbers of ours.
        let marks = format!("PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {version}");
        sqlx::raw_sql(AssertSqlSafe(marks)).execute(&mut *transaction).await?;
        transaction.commit().await?;
    }
    Ok(())
}
