//! Reading a database of an earlier version that cannot be brought up to date, because its disk is full or cannot be written.
//! Each connection that reads gets what the file lacks as temporary views and empty tables, which stand before the file's own
//! in every query that does not say otherwise (<https://www.sqlite.org/lang_naming.html>). Nothing is copied and nothing
//! written; where something can be written again, the migration takes their place.

use std::path::Path;

use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};

use crate::error::Result;
use crate::open::base_options;
use crate::schema;

/// Columns that a migration fills from what was there: table, column, value in a row `t` of it.
const FILLED: &[(&str, &str, &str)] =
    &[("conversation", "messages", "(SELECT count(*) FROM main.message m WHERE m.conversation = t.id)")];

/// Tables that a migration fills from what was there.
const PENDING: (&str, &str) = (
    "search_todo",
    "SELECT id AS item FROM main.message WHERE status <> 'streaming' AND content <> ''
     UNION ALL SELECT -id FROM main.conversation",
);

/// What is to be said to each connection that reads the file: statements, in order.
pub(crate) async fn stand_ins(file: &mut SqliteConnection) -> Result<Vec<String>> {
    let mut current = base_options(Path::new(":memory:"), None).connect().await?;
    let found = async {
        schema::migrate(&mut current, 0).await?;
        // Virtual tables keep their rows in tables of their own, which come with them.
        let tables: Vec<(String, String)> = sqlx::query_as(
            "SELECT s.name, s.sql FROM pragma_table_list l JOIN sqlite_schema s ON s.name = l.name
             WHERE l.schema = 'main' AND l.type IN ('table', 'virtual') AND l.name NOT LIKE 'sqlite_%' ORDER BY s.name",
        )
        .fetch_all(&mut current)
        .await?;
        let mut statements = Vec::new();
        for (table, sql) in tables {
            let then = columns(file, &table).await?;
            let now = columns(&mut current, &table).await?;
            statements.extend(stand_in(&table, &sql, &then, &now));
        }
        Ok(statements)
    }
    .await;
    current.close().await?;
    found
}

/// A column and its default, as SQL.
type Column = (String, Option<String>);

async fn columns(connection: &mut SqliteConnection, table: &str) -> Result<Vec<Column>> {
    Ok(sqlx::query_as("SELECT name, dflt_value FROM pragma_table_info(?1, 'main') ORDER BY cid")
        .bind(table)
        .fetch_all(connection)
        .await?)
}

fn stand_in(table: &str, sql: &str, then: &[Column], now: &[Column]) -> Option<String> {
    if then.is_empty() {
        return Some(match (PENDING.0 == table, sql.strip_prefix("CREATE VIRTUAL TABLE ")) {
            (true, _) => format!("CREATE TEMP VIEW {table} AS {}", PENDING.1),
            (false, Some(rest)) => format!("CREATE VIRTUAL TABLE temp.{rest}"),
            (false, None) => sql.replacen("CREATE TABLE ", "CREATE TEMP TABLE ", 1),
        });
    }
    let is_there = |name: &str| then.iter().any(|(known, _)| known == name);
    let mut missing = now.iter().filter(|(name, _)| !is_there(name)).peekable();
    missing.peek()?;
    let values: Vec<String> = missing
        .map(|(name, default)| {
            let filled = FILLED.iter().find(|filled| (filled.0, filled.1) == (table, name.as_str()));
            let value = filled.map_or_else(|| default.as_deref().unwrap_or("NULL"), |filled| filled.2);
            format!("{value} AS {name}")
        })
        .collect();
    Some(format!("CREATE TEMP VIEW {table} AS SELECT t.*, {} FROM main.{table} t", values.join(", ")))
}

/// Gives a connection what the file lacks.
pub(crate) async fn lend(connection: &mut SqliteConnection, statements: &[String]) -> Result<(), sqlx::Error> {
    for statement in statements {
        sqlx::raw_sql(AssertSqlSafe(statement.clone())).execute(&mut *connection).await?;
    }
    Ok(())
}
