//! What is said while the history is damaged. Nothing may be written into a damaged file, and an answer that streams in does not
//! wait: its words go, as they come, into a small database beside it, encrypted as the history is. They come into the history
//! when it can be written again: because it only seemed damaged, at the next opening, or with what is salvaged of it.
//!
//! Where the history is set aside, this file goes with it (`replace.rs`). Its words come in once, however often that is begun: in
//! the transaction that takes them over the history notes which file they came from.

use std::path::{Path, PathBuf};

use capibara6_protocol::{MessageId, ModelId, Part, Routing};
use serde::{Deserialize, Serialize};
use sqlx::sqlite::{SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _};

use crate::error::{Result, StoreError};
use crate::journal::{self, Kind, Piece, Settled};
use crate::key::DatabaseKey;
use crate::open::{base_options, beside, draft_file, remove_draft};
use crate::{cipher, record, salvage};

/// The row of `about` in which a history says whose words it took over last.
const TAKEN_OVER: &str = "rescued";

/// Where it lies; the endings of all its files.
const FILE: &str = ".rescue";
pub(crate) const FILES: [&str; 3] = [".rescue", ".rescue-wal", ".rescue-shm"];

/// One thing that was said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "said")]
pub(crate) enum Said {
    /// Text arrived.
    Append { message: MessageId, part: Part, text: String },
    /// A text is another one.
    Replace { message: MessageId, part: Part, text: String },
    /// Another model answers.
    Reroute { message: MessageId, model: ModelId, scripted: bool, routing: Box<Routing> },
    /// A message ended.
    Settle(Box<Settled>),
}

/// The file beside a history, opened with the first words that go there.
pub(crate) struct Rescue {
    file: PathBuf,
    key: Option<DatabaseKey>,
    connection: Option<SqliteConnection>,
}

impl Rescue {
    pub(crate) fn of(path: &Path, key: Option<&DatabaseKey>) -> Self {
        // Who reads the one has to be able to read the other.
        let key = key.filter(|_| cipher::of(path) != cipher::Cipher::Plain).cloned();
        Self { file: beside(path, FILE), key, connection: None }
    }

    pub(crate) fn exists(&self) -> bool {
        self.file.exists()
    }

    /// Keeps what was said, in this order; on disk when it returns.
    pub(crate) async fn keep(&mut self, said: &[Said]) -> Result<()> {
        let kept = self.keep_all(said).await;
        if kept.is_err() {
            // Whatever state it is in.
            self.connection = None;
        }
        kept
    }

    async fn keep_all(&mut self, said: &[Said]) -> Result<()> {
        let connection = match &mut self.connection {
            Some(connection) => connection,
            none => none.insert(open(&self.file, self.key.as_ref()).await?),
        };
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        for each in said {
            let text = serde_json::to_string(each).map_err(|error| StoreError::Failed(error.to_string()))?;
            sqlx::query("INSERT INTO said (entry) VALUES (?1)").bind(text).execute(&mut *transaction).await?;
        }
        Ok(transaction.commit().await?)
    }

    pub(crate) async fn close(&mut self) {
        if let Some(connection) = self.connection.take()
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "what was kept beside the history was not closed");
        }
    }

    /// Removes the file: the history has all of it.
    pub(crate) async fn remove(&mut self) {
        self.close().await;
        remove_draft(&self.file);
    }

    /// Takes what was said over into a history, in the transaction that is open on `into`.
    pub(crate) async fn take_over(&mut self, into: &mut SqliteConnection) -> Result<()> {
        self.close().await;
        take_over(&self.file, self.key.as_ref(), into).await
    }
}

/// Takes over what was said beside the history at `path`, where anything was, into another one that takes its place.
pub(crate) async fn salvage(path: &Path, key: Option<&DatabaseKey>, into: &mut SqliteConnection) -> Result<()> {
    let file = beside(path, FILE);
    if file.exists() { take_over(&file, key, into).await } else { Ok(()) }
}

async fn open(file: &Path, key: Option<&DatabaseKey>) -> Result<SqliteConnection> {
    if !file.exists() {
        draft_file(file).map_err(|error| StoreError::from_io(&error))?;
    }
    let mut connection = base_options(file, key)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .connect()
        .await?;
    sqlx::raw_sql(
        "BEGIN IMMEDIATE;
         CREATE TABLE IF NOT EXISTS said (id INTEGER PRIMARY KEY, entry TEXT NOT NULL) STRICT;
         CREATE TABLE IF NOT EXISTS name (name TEXT NOT NULL) STRICT;
         INSERT INTO name (name) SELECT hex(randomblob(16)) WHERE NOT EXISTS (SELECT 1 FROM name);
         COMMIT",
    )
    .execute(&mut connection)
    .await?;
    Ok(connection)
}

/// All that was said, and the name of the file. Nothing where the file itself cannot be read: then it goes out of the way, and the
/// history is none the worse for it.
async fn read(file: &Path, key: Option<&DatabaseKey>) -> Result<Option<(String, Vec<String>)>> {
    let read = async {
        let mut connection = open(file, key).await?;
        let read = async {
            let name: String = sqlx::query_scalar("SELECT name FROM name").fetch_one(&mut connection).await?;
            let said = sqlx::query_scalar("SELECT entry FROM said ORDER BY id").fetch_all(&mut connection).await?;
            Ok((name, said))
        }
        .await;
        connection.close().await?;
        read
    }
    .await;
    match read {
        Ok(read) => Ok(Some(read)),
        Err(StoreError::Damaged(detail)) => {
            tracing::error!(%detail, "what was said while the history was damaged cannot be read");
            for suffix in ["", "-wal", "-shm"] {
                let _ = std::fs::rename(beside(file, suffix), beside(&beside(file, "-damaged"), suffix));
            }
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

async fn take_over(file: &Path, key: Option<&DatabaseKey>, into: &mut SqliteConnection) -> Result<()> {
    let Some((name, entries)) = read(file, key).await? else { return Ok(()) };
    let known: Option<String> = sqlx::query_scalar("SELECT value FROM main.about WHERE key = ?1")
        .bind(TAKEN_OVER)
        .fetch_optional(&mut *into)
        .await?;
    let mut taken = 0_usize;
    if known.as_deref() != Some(&name) {
        for entry in entries {
            let Ok(said) = serde_json::from_str(&entry) else {
                tracing::warn!("words that a newer program kept beside the history are passed over");
                continue;
            };
            match enter(into, &said).await {
                Ok(()) => taken += 1,
                Err(StoreError::NotFound) => tracing::warn!("the message that was written is gone"),
                Err(error) => return Err(error),
            }
        }
        sqlx::query("INSERT OR REPLACE INTO main.about (key, value) VALUES (?1, ?2)")
            .bind(TAKEN_OVER)
            .bind(name)
            .execute(into)
            .await?;
    }
    tracing::info!(taken, "what was said while the history was damaged is in it");
    Ok(())
}

async fn enter(into: &mut SqliteConnection, said: &Said) -> Result<()> {
    let (message, part, text, kind) = match said {
        Said::Append { message, part, text } => (*message, *part, text, Kind::Append),
        Said::Replace { message, part, text } => (*message, *part, text, Kind::Replace),
        Said::Reroute { message, model, scripted, routing } => {
            return journal::sign(into, *message, model, *scripted, routing).await;
        }
        Said::Settle(settled) => return journal::end(into, settled).await.map(drop),
    };
    let piece = Piece { message, part, text: text.clone() };
    match journal::enter(into, &piece, kind).await {
        // Salvage marked it, because something of it is lost; these words are not.
        Err(StoreError::NotFound) => mend(into, &piece, kind).await,
        entered => entered,
    }
}

/// Adds words to a message that is marked as lost.
async fn mend(into: &mut SqliteConnection, piece: &Piece, kind: Kind) -> Result<()> {
    let statement = match (piece.part, kind) {
        (Part::Content, Kind::Append) => "UPDATE message SET content = content || ?2 WHERE uuid = ?1 AND error = ?3",
        (Part::Reasoning, Kind::Append) => {
            "UPDATE message SET reasoning = reasoning || ?2 WHERE uuid = ?1 AND error = ?3"
        }
        (Part::Content, Kind::Replace) => "UPDATE message SET content = ?2 WHERE uuid = ?1 AND error = ?3",
        (Part::Reasoning, Kind::Replace) => "UPDATE message SET reasoning = ?2 WHERE uuid = ?1 AND error = ?3",
    };
    let mended = sqlx::query(statement)
        .bind(record::key(piece.message.0))
        .bind(piece.text.as_str())
        .bind(salvage::mark())
        .execute(into)
        .await?;
    if mended.rows_affected() == 0 { Err(StoreError::NotFound) } else { Ok(()) }
}
