//! Salvage: what can still be read of a damaged database, row by row, into a new one.
//!
//! The damaged file is only read, and set aside as it was found. Rows are taken by ranges of their ids; a range that cannot
//! be read is halved until what is broken stands alone, and what the indices say has been there tells what is missing. A
//! message that is lost leaves a mark in its place, so that a branch is never cut in two and the reader sees where
//! something was. What is missing and can be read in the newest good backup is taken from there: a message that has ended
//! does not change any more.
//!
//! Where no table leads to its rows any more, because its root or an inner page is destroyed, all pages are looked at: leaves
//! are whole and say by themselves what they hold. The first page may be destroyed as well.
//!
//! The idea to walk the ids, to look at all pages, and to doubt every one of them is that of SQLite's own recovery
//! (<https://www.sqlite.org/recovery.html>), which needs an extension that sqlx does not load.

mod leaves;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use capibara6_protocol::{
    AppError, BackupEntry, BackupProgress, BackupState, BackupStep, ConversationId, ErrorCode, LostMessages,
    SalvageReport,
};
use futures_util::TryStreamExt as _;
use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Row as _};
use uuid::Uuid;

use crate::backup::{self, Draft, Pace};
use crate::error::{self, Result, StoreError};
use crate::journal;
use crate::key::DatabaseKey;
use crate::open::{attach_clause, base_options, beside, draft_file, has_log};
use crate::salvage::leaves::{Shape, Value};
use crate::{BackupFolder, replace, rescue, safety, schema};

/// The folder for damaged databases, beside the database.
pub const FOLDER: &str = "damaged";

/// How many rows are taken at once.
const CHUNK: i64 = 512;

/// How many ranges of a table may fail before it is left to the looking at all pages. Encryption opens the file anew each time.
const PATIENCE: u32 = 4000;
const PATIENCE_ENCRYPTED: u32 = 200;

/// How many gathered rows are written at once, and how many bytes of their ends are held at most before they are.
const BATCH: usize = 500;
const HELD: usize = 16 << 20;

/// The size of our pages, and how many are looked at for a message where the first one is no longer SQLite's.
const PAGE: usize = 4096;
const LOOKED_AT: usize = 2000;

/// How many conversations with losses are named.
const NAMED: usize = 50;

/// What people said and set, in the order in which it is copied. All other tables are made anew from these.
const TABLES: &[Table] = &[
    Table { name: "project", leave: &[], keyed: Keyed::ByRow },
    // Counted anew by the triggers.
    CONVERSATION,
    MESSAGE,
    Table { name: JOURNAL, leave: &[], keyed: Keyed::ByRow },
    Table { name: "consensus", leave: &[], keyed: Keyed::ByRow },
    Table { name: "origin", leave: &[], keyed: Keyed::ByRow },
    Table { name: "message_origin", leave: &[], keyed: Keyed::ByRow },
    Table { name: "setting", leave: &[], keyed: Keyed::ByText },
    Table { name: "learned_weight", leave: &[], keyed: Keyed::ByText },
];

const CONVERSATION: Table = Table { name: "conversation", leave: &["messages"], keyed: Keyed::ByRow };
const JOURNAL: &str = "journal";
const MESSAGE: Table = Table { name: "message", leave: &[], keyed: Keyed::ByRow };

/// Tables that are made from the others, or that say something about the file only.
#[cfg(test)]
const DERIVED: &[&str] = &["about", "search_index", "search_place", "search_todo", "search_stale"];

struct Table {
    name: &'static str,
    /// Columns that are not copied.
    leave: &'static [&'static str],
    keyed: Keyed,
}

#[derive(PartialEq, Eq)]
enum Keyed {
    ByRow,
    ByText,
}

/// Whether what lies at a path is worth an attempt: a file that begins as SQLite's do or holds messages of ours, or that opens
/// with the key. Anything else may be a database with another key, and is left alone.
pub async fn can_be_tried(path: &Path, key: Option<&DatabaseKey>) -> bool {
    // Another one lies ready to take its place, which may be all that lies there.
    if replace::incoming(path).exists() {
        return true;
    }
    let path = path.to_owned();
    if key.is_some() {
        let Ok(mut connection) = base_options(&path, key).read_only(true).connect().await else { return false };
        let opened = sqlx::query("SELECT count(*) FROM sqlite_schema").execute(&mut connection).await.is_ok();
        let _ = connection.close().await;
        return opened;
    }
    // Nobody in this process has it open: it could not be opened, or was closed.
    let looked = tokio::task::spawn_blocking(move || {
        let mut file = std::fs::File::open(path)?;
        let mut page = vec![0; PAGE];
        std::io::Read::read_exact(&mut file, &mut page)?;
        if page.starts_with(b"SQLite format 3\0") {
            return Ok(true);
        }
        for _ in 0..LOOKED_AT {
            if std::io::Read::read_exact(&mut file, &mut page).is_err() {
                break;
            }
            let rows = leaves::cells(&page, false, PAGE).into_iter().filter_map(|cell| cell.row(&[]));
            if rows.into_iter().any(|row| Shape::of(&row).is_some_and(|shape| shape.table == MESSAGE.name)) {
                return Ok(true);
            }
        }
        Ok::<_, std::io::Error>(false)
    });
    matches!(looked.await, Ok(Ok(true)))
}

/// Puts what can be read of the damaged database at `path`, which nobody has open, in its place; the damaged files are set
/// aside together. `detail` says what was found.
///
/// # Errors
/// What makes it impossible to write the new one ([`StoreError::Full`], …). The damaged one is in its place then.
/// [`StoreError::NotFound`] where nothing damaged is there any more, because a backup was about to take its place and has now.
pub async fn salvage(
    path: &Path,
    key: Option<&DatabaseKey>,
    now: i64,
    detail: &str,
    progress: impl Fn(BackupProgress) + Send + Sync + 'static,
) -> Result<SalvageReport> {
    let path = std::path::absolute(path).map_err(|error| StoreError::from_io(&error))?;
    let progress: Arc<dyn Fn(u8) + Send + Sync> =
        Arc::new(move |percent| progress(BackupProgress { step: BackupStep::Salvaging, percent }));
    progress(0);
    if let Some(report) = begun_before(&path, key).await? {
        return Ok(report);
    }
    let backup = newest_good(&path, key, now).await;
    let draft = Draft(beside(&path, ".salvage-draft"));
    draft.clear();
    draft_file(&draft.0).map_err(|error| StoreError::from_io(&error))?;

    let mut connection = base_options(&draft.0, key).foreign_keys(false).connect().await?;
    let salvaged: Result<SalvageReport> = async {
        // It is read from end to end and handed to the disk before it counts.
        sqlx::query("PRAGMA synchronous = OFF").execute(&mut connection).await?;
        schema::migrate(&mut connection, 0).await?;
        let mut work =
            Work { connection: &mut connection, path: &path, key, progress: &progress, found: Found::default() };
        match attach(work.connection, &path, key).await {
            Attached::Not => {
                work.found.nothing_is_known = true;
                if key.is_none() {
                    work.gather(&Pages::File(path.clone())).await?;
                }
            }
            attached @ (Attached::WithItsLog | Attached::Alone) => {
                work.found.rest_is_unknown = attached == Attached::Alone && has_log(&path);
                work.copy_everything().await?;
            }
        }
        // A disk that went away meanwhile is not what was lost.
        if !can_be_tried(&path, key).await {
            return Err(StoreError::Failed("the damaged file can no longer be read".to_owned()));
        }
        if let Some((_, file)) = &backup {
            work.fill_from(file, key).await?;
        }
        work.mark_what_is_missing().await?;
        rescue::salvage(&path, key, work.connection).await?;
        journal::settle_all(work.connection).await?;
        let aside = format!("{FOLDER}/{}", backup::stamp(now));
        let report = work.report(&path, &aside, now, detail, backup.map(|(entry, _)| entry)).await?;
        work.finish(&aside, &report).await?;
        Ok(report)
    }
    .await;
    connection.close().await?;
    let report = salvaged?;
    progress(90);
    backup::check(&draft.0, key, Pace::Full).await?;
    backup::publish(&draft.0, &replace::incoming(&path)).map_err(|error| StoreError::from_io(&error))?;
    replace::finish(&path, key).await?;
    progress(100);
    Ok(report)
}

/// Puts what lies ready to take the place of the database at `path` there, where the program ended before it could: a backup that
/// was being restored, or what an attempt before this one had saved. Whether anything did.
///
/// # Errors
/// What the file system says.
pub async fn finish_begun(path: &Path, key: Option<&DatabaseKey>) -> Result<bool> {
    let path = std::path::absolute(path).map_err(|error| StoreError::from_io(&error))?;
    let begun = replace::incoming(&path).try_exists().map_err(|error| StoreError::from_io(&error))?;
    replace::finish(&path, key).await?;
    Ok(begun)
}

/// Finishes what an attempt before this one had saved but not put in its place.
async fn begun_before(path: &Path, key: Option<&DatabaseKey>) -> Result<Option<SalvageReport>> {
    let from_io = |error: std::io::Error| StoreError::from_io(&error);
    if !replace::incoming(path).try_exists().map_err(from_io)? {
        return Ok(None);
    }
    replace::finish(path, key).await?;
    let mut connection = base_options(path, key).read_only(true).connect().await?;
    let text: Option<String> = sqlx::query_scalar("SELECT value FROM about WHERE key = ?1")
        .bind(safety::SALVAGE)
        .fetch_optional(&mut connection)
        .await?;
    connection.close().await?;
    // A backup that was being restored is here now. It was read from end to end, and there is nothing to be salvaged of it.
    let report = text.and_then(|text| serde_json::from_str(&text).ok()).ok_or(StoreError::NotFound)?;
    Ok(Some(report))
}

/// The newest backup that is good when it is read now.
async fn newest_good(path: &Path, key: Option<&DatabaseKey>, now: i64) -> Option<(BackupEntry, std::path::PathBuf)> {
    let folder = BackupFolder::of(path, key);
    for entry in folder.list().await.unwrap_or_default() {
        if entry.state != BackupState::Good {
            continue;
        }
        match folder.verify(&entry.id, now, Pace::Full).await {
            Ok(entry) if entry.state == BackupState::Good => {
                let file = folder.file(&entry.id);
                return Some((entry, file));
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "a backup cannot be read"),
        }
    }
    None
}

/// How the damaged database is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Attached {
    WithItsLog,
    /// Its log cannot be read.
    Alone,
    Not,
}

/// Attaches the damaged database as `old`: with its log, or else alone. Never so that it could be written.
async fn attach(connection: &mut SqliteConnection, path: &Path, key: Option<&DatabaseKey>) -> Attached {
    // A disk that fails to read can do better at the second attempt.
    let log = Attached::WithItsLog;
    for (mode, attached) in [("mode=ro", log), ("mode=ro", log), ("immutable=1", Attached::Alone)] {
        let attach = format!("ATTACH ?1 AS old{}", attach_clause(path, key).as_str());
        let done = sqlx::query(AssertSqlSafe(attach)).bind(uri(path, mode)).execute(&mut *connection).await;
        if done.is_err() {
            continue;
        }
        match sqlx::query("SELECT count(*) FROM old.sqlite_schema").fetch_one(&mut *connection).await {
            Ok(_) => return attached,
            Err(error) => {
                tracing::warn!(%error, mode, "the damaged database cannot be opened so");
                let _ = sqlx::query("DETACH old").execute(&mut *connection).await;
            }
        }
    }
    Attached::Not
}

/// <https://www.sqlite.org/uri.html>
fn uri(path: &Path, parameters: &str) -> String {
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => uri.push(char::from(*byte)),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri.push('?');
    uri.push_str(parameters);
    uri
}

/// Where pages are read from.
enum Pages {
    /// The attached database: decrypted, and with its log.
    Attached,
    /// A file that SQLite does not open any more. Its log is passed over.
    File(std::path::PathBuf),
}

/// What is known by now.
#[derive(Default)]
struct Found {
    /// Messages that are known to have been there, by their row: their uuid and conversation where an index says so.
    known: BTreeMap<i64, (Option<Uuid>, Option<i64>)>,
    /// Conversations that are known to have been there.
    known_conversations: BTreeMap<i64, Option<Uuid>>,
    /// Messages whose row could be read but not their text.
    without_text: BTreeSet<i64>,
    /// Messages that were taken from the backup.
    from_backup: u32,
    /// Something of what was being written could not be read.
    journal_is_broken: bool,
    /// Something of the indices could not be read.
    index_is_broken: bool,
    /// Something of the tables could not be read.
    table_is_broken: bool,
    /// Something could not be read of which nothing tells what it held.
    rest_is_unknown: bool,
    /// Nothing could be read at all.
    nothing_is_known: bool,
    lost_settings: bool,
    /// What stays lost, per conversation (by its row).
    lost: BTreeMap<Option<i64>, u32>,
    lost_conversations: u32,
}

struct Work<'a> {
    connection: &'a mut SqliteConnection,
    path: &'a Path,
    key: Option<&'a DatabaseKey>,
    progress: &'a Arc<dyn Fn(u8) + Send + Sync>,
    found: Found,
}

impl Work<'_> {
    /// Goes on where something of the damaged file could not be read. Encryption gives nothing of a file any more once one
    /// of its pages was false: it is opened anew then.
    async fn pass_over(&mut self, error: sqlx::Error) -> Result<()> {
        is_damage(error)?;
        self.open_anew().await
    }

    async fn open_anew(&mut self) -> Result<()> {
        if self.key.is_some() {
            let _ = sqlx::query("DETACH old").execute(&mut *self.connection).await;
            if attach(self.connection, self.path, self.key).await == Attached::Not {
                return Err(StoreError::Failed("the damaged file can no longer be read".to_owned()));
            }
        }
        Ok(())
    }

    async fn copy_everything(&mut self) -> Result<()> {
        self.take_stock().await?;
        for (n, table) in TABLES.iter().enumerate() {
            self.copy(table).await?;
            (self.progress)(u8::try_from(10 + n * 8).unwrap_or(80));
        }
        if self.found.table_is_broken || self.found.rest_is_unknown {
            self.gather(&Pages::Attached).await?;
        }
        self.doubt_texts().await
    }

    /// Looks at every page for rows that no table leads to any more.
    async fn gather(&mut self, pages: &Pages) -> Result<()> {
        let first = self.page(pages, 1).await?.unwrap_or_default();
        // Encryption keeps some bytes of each page for itself; the first page says how many.
        let kept = if first.starts_with(b"SQLite format 3\0") { first.get(20).copied().unwrap_or_default() } else { 0 };
        let usable = PAGE - usize::from(kept);
        let mut gathered = 0_u64;
        let (mut batch, mut held) = (Vec::new(), 0);
        let count = self.count(pages).await?;
        for number in 1..=count {
            let Some(page) = self.page(pages, number).await? else { continue };
            for cell in leaves::cells(&page, number == 1, usable) {
                let Some(shape) = cell.row(&[]).and_then(|row| Shape::of(&row)) else { continue };
                // Most rows are here already, and the ends of those need not be read.
                if cell.further().is_some() && self.is_here(shape, cell.id()).await? {
                    continue;
                }
                let rest = self.rest(pages, count, &cell, usable).await?;
                batch.extend(cell.row(&rest).map(|row| (shape, row)));
                held += rest.len();
                if batch.len() >= BATCH || held >= HELD {
                    gathered += self.take_all(&mut batch).await?;
                    held = 0;
                }
            }
        }
        gathered += self.take_all(&mut batch).await?;
        if gathered > 0 && self.found.nothing_is_known {
            self.found.nothing_is_known = false;
            self.found.lost_settings = true;
            (self.found.index_is_broken, self.found.table_is_broken) = (true, true);
            // What was being written, and of whose text nothing was found.
            let without: Vec<i64> = sqlx::query_scalar(
                "UPDATE main.message SET status = 'failed', error = ?1
                 WHERE status = 'streaming' AND id NOT IN (SELECT message FROM main.journal) RETURNING id",
            )
            .bind(mark())
            .fetch_all(&mut *self.connection)
            .await?;
            self.found.without_text.extend(without);
            self.doubt_texts().await?;
        }
        if gathered > 0 {
            // Messages may have come before their conversation.
            sqlx::query(
                "UPDATE main.conversation SET messages =
                    (SELECT count(*) FROM main.message WHERE message.conversation = main.conversation.id)",
            )
            .execute(&mut *self.connection)
            .await?;
            tracing::info!(gathered, "rows that no table led to");
        }
        Ok(())
    }

    async fn is_here(&mut self, shape: &Shape, id: i64) -> Result<bool> {
        let query = format!("SELECT EXISTS (SELECT 1 FROM main.{} WHERE id = ?1)", shape.table);
        Ok(sqlx::query_scalar(AssertSqlSafe(query)).bind(id).fetch_one(&mut *self.connection).await?)
    }

    /// Takes rows that were found by themselves, in one transaction; how many were missing.
    async fn take_all(&mut self, batch: &mut Vec<(&'static Shape, leaves::Row)>) -> Result<u64> {
        sqlx::query("BEGIN").execute(&mut *self.connection).await?;
        let mut taken = 0;
        for (shape, row) in batch.drain(..) {
            taken += u64::from(self.take(shape, &row).await?);
        }
        sqlx::query("COMMIT").execute(&mut *self.connection).await?;
        Ok(taken)
    }

    /// How many pages there are.
    async fn count(&mut self, pages: &Pages) -> Result<u32> {
        match pages {
            Pages::Attached => Ok(sqlx::query_scalar("SELECT page_count FROM pragma_page_count('old')")
                .fetch_one(&mut *self.connection)
                .await
                .unwrap_or_default()),
            Pages::File(path) => {
                let length = std::fs::metadata(path).map_err(|error| StoreError::from_io(&error))?.len();
                Ok(u32::try_from(length / PAGE as u64).unwrap_or(u32::MAX))
            }
        }
    }

    /// A page; nothing where it cannot be read.
    async fn page(&mut self, pages: &Pages, number: u32) -> Result<Option<Vec<u8>>> {
        match pages {
            Pages::Attached => {
                for _attempt in [1, 2] {
                    let page: Result<Option<Vec<u8>>, _> =
                        sqlx::query_scalar("SELECT data FROM sqlite_dbpage('old') WHERE pgno = ?1")
                            .bind(number)
                            .fetch_optional(&mut *self.connection)
                            .await;
                    match page {
                        // Encryption gives nothing but zeros once a page was false, that page among them.
                        Ok(Some(page)) if self.key.is_some() && page.iter().all(|byte| *byte == 0) => {
                            self.open_anew().await?;
                        }
                        Ok(page) => return Ok(page.filter(|page| page.len() == PAGE)),
                        Err(error) => self.pass_over(error).await?,
                    }
                }
                Ok(None)
            }
            Pages::File(path) => {
                let path = path.clone();
                let at = u64::from(number.saturating_sub(1)) * PAGE as u64;
                let read = tokio::task::spawn_blocking(move || {
                    use std::io::{Read as _, Seek as _};
                    let mut page = vec![0; PAGE];
                    let mut file = std::fs::File::open(path)?;
                    file.seek(std::io::SeekFrom::Start(at))?;
                    file.read_exact(&mut page).map(|()| page)
                });
                Ok(read.await.ok().and_then(|page: std::io::Result<_>| page.ok()))
            }
        }
    }

    /// The end of a row that stands on further pages, as far as they can be read. A chain of more pages than there are goes in
    /// a circle and says nothing.
    async fn rest(&mut self, pages: &Pages, count: u32, cell: &leaves::Cell<'_>, usable: usize) -> Result<Vec<u8>> {
        let mut rest = Vec::new();
        if cell.missing() / usable >= count as usize {
            return Ok(rest);
        }
        let mut next = cell.further();
        while let Some(number) = next.filter(|number| *number > 1)
            && rest.len() < cell.missing()
        {
            let Some(page) = self.page(pages, number).await? else { break };
            let Some((after, bytes)) = leaves::further(&page, usable) else { break };
            rest.extend_from_slice(&bytes[..bytes.len().min(cell.missing() - rest.len())]);
            next = Some(after);
        }
        Ok(rest)
    }

    /// Takes a row that was found by itself, where the indices do not say that it was removed; whether it was missing.
    async fn take(&mut self, shape: &'static Shape, row: &leaves::Row) -> Result<bool> {
        let uuid = match row.values.get(1) {
            Some(Value::Blob(bytes)) => Uuid::from_slice(bytes).ok(),
            _ => None,
        };
        let is_known = match shape.table {
            "message" => self.found.known.get(&row.id).map(|(uuid, _)| *uuid),
            "conversation" => self.found.known_conversations.get(&row.id).copied(),
            _ => Some(None),
        };
        match is_known {
            None if !self.found.index_is_broken && !self.found.nothing_is_known => return Ok(false),
            Some(Some(known)) if uuid != Some(known) => return Ok(false),
            _ => {}
        }
        let is_whole = row.values.iter().all(|value| *value != Value::Unread);
        let is_message = shape.table == MESSAGE.name;
        if !is_whole && !is_message {
            self.found.journal_is_broken |= shape.table == JOURNAL;
            return Ok(false);
        }
        let mut statement = format!("INSERT OR IGNORE INTO main.{} (", shape.table);
        let columns: Vec<(&str, &Value)> = shape
            .columns
            .iter()
            .zip(&row.values)
            .filter(|((name, _), _)| !(shape.table == CONVERSATION.name && CONVERSATION.leave.contains(name)))
            .filter(|((name, _), value)| is_whole || !(**value == Value::Unread || ["status", "error"].contains(name)))
            .map(|((name, _), value)| (*name, value))
            .collect();
        statement.push_str(&columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", "));
        statement.push_str(if is_whole { ") VALUES (" } else { ", status, error) VALUES (" });
        // The bytes as they are: whether they are a text is found out later.
        let place = |value: &Value| if matches!(value, Value::Text(_)) { "CAST(? AS TEXT)" } else { "?" };
        let mut places: Vec<&str> = columns.iter().map(|(_, value)| place(value)).collect();
        if !is_whole {
            places.extend(["?", "?"]);
        }
        statement.push_str(&places.join(", "));
        statement.push(')');
        let mut insert = sqlx::query(AssertSqlSafe(statement));
        for (name, value) in columns {
            insert = match value {
                Value::Null if name == "id" => insert.bind(row.id),
                Value::Null | Value::Unread => insert.bind(None::<i64>),
                Value::Integer(value) => insert.bind(*value),
                Value::Real(value) => insert.bind(*value),
                Value::Text(bytes) | Value::Blob(bytes) => insert.bind(bytes.clone()),
            };
        }
        if !is_whole {
            insert = insert.bind("failed").bind(mark());
        }
        match insert.execute(&mut *self.connection).await {
            Ok(done) if done.rows_affected() > 0 => {
                if !is_whole {
                    self.found.without_text.insert(row.id);
                }
                Ok(true)
            }
            Ok(_) => Ok(false),
            Err(error) => is_damage(error).map(|()| false),
        }
    }

    /// Finds texts that were never written so: pages of a long text carry no mark of their own, so SQLite gives whatever lies
    /// there. What can be read of such a text is kept, and the message marked.
    async fn doubt_texts(&mut self) -> Result<()> {
        let mut last = i64::MIN;
        loop {
            let rows: Vec<(i64, Vec<u8>, Vec<u8>)> = sqlx::query_as(
                "SELECT id, CAST(content AS BLOB), CAST(reasoning AS BLOB) FROM main.message WHERE id > ?1 ORDER BY id LIMIT 100",
            )
            .bind(last)
            .fetch_all(&mut *self.connection)
            .await?;
            let Some((newest, _, _)) = rows.last() else { break };
            last = *newest;
            for (id, content, reasoning) in
                rows.into_iter().filter(|(_, content, reasoning)| is_foreign(content) || is_foreign(reasoning))
            {
                self.found.without_text.insert(id);
                sqlx::query(
                    "UPDATE main.message SET content = ?2, reasoning = ?3, status = 'failed', error = ?4 WHERE id = ?1",
                )
                .bind(id)
                .bind(readable(&content))
                .bind(readable(&reasoning))
                .bind(mark())
                .execute(&mut *self.connection)
                .await?;
            }
        }
        let rows: Vec<(i64, i64, Vec<u8>)> = sqlx::query_as("SELECT id, message, CAST(text AS BLOB) FROM main.journal")
            .fetch_all(&mut *self.connection)
            .await?;
        let mut broken = BTreeSet::new();
        for (id, message, text) in rows.into_iter().filter(|(_, _, text)| is_foreign(text)) {
            broken.insert(message);
            sqlx::query("UPDATE main.journal SET text = ?2 WHERE id = ?1")
                .bind(id)
                .bind(readable(&text))
                .execute(&mut *self.connection)
                .await?;
        }
        // What was being written and may have lost some of it; the rest is folded at the next opening.
        let streaming: Vec<i64> = sqlx::query_scalar("SELECT id FROM main.message WHERE status = 'streaming'")
            .fetch_all(&mut *self.connection)
            .await?;
        for id in streaming.into_iter().filter(|id| self.found.journal_is_broken || broken.contains(id)) {
            self.found.without_text.insert(id);
            sqlx::query("UPDATE main.message SET status = 'failed', error = ?2 WHERE id = ?1")
                .bind(id)
                .bind(mark())
                .execute(&mut *self.connection)
                .await?;
        }
        Ok(())
    }

    /// Reads from the indices what has been there.
    async fn take_stock(&mut self) -> Result<()> {
        let messages = self
            .pairs("SELECT id, conversation FROM old.message INDEXED BY message_conversation ORDER BY conversation")
            .await?;
        for (id, conversation) in messages {
            self.found.known.entry(id).or_default().1 = Some(conversation);
        }
        let uuids =
            self.uuids("SELECT id, uuid FROM old.message INDEXED BY sqlite_autoindex_message_1 ORDER BY uuid").await?;
        for (id, uuid) in uuids {
            self.found.known.entry(id).or_default().0 = Some(uuid);
        }
        let uuids = self
            .uuids("SELECT id, uuid FROM old.conversation INDEXED BY sqlite_autoindex_conversation_1 ORDER BY uuid")
            .await?;
        self.found.known_conversations.extend(uuids.into_iter().map(|(id, uuid)| (id, Some(uuid))));
        Ok(())
    }

    /// All rows of a walk through an index, from both ends where its middle is broken. What cannot be read is tried once more:
    /// a disk that fails to read looks like damage, and that can pass.
    async fn rows(&mut self, query: &str) -> Result<Vec<sqlx::sqlite::SqliteRow>> {
        let mut rows = Vec::new();
        for direction in ["ASC", "ASC", "DESC"] {
            let mut walk = sqlx::query(AssertSqlSafe(format!("{query} {direction}"))).fetch(&mut *self.connection);
            let error = loop {
                match walk.try_next().await {
                    Ok(Some(row)) => rows.push(row),
                    Ok(None) => return Ok(rows),
                    Err(error) => break error,
                }
            };
            drop(walk);
            self.pass_over(error).await?;
        }
        self.found.index_is_broken = true;
        Ok(rows)
    }

    async fn pairs(&mut self, query: &str) -> Result<Vec<(i64, i64)>> {
        let rows = self.rows(query).await?;
        Ok(rows.iter().filter_map(|row| Some((row.try_get(0).ok()?, row.try_get(1).ok()?))).collect())
    }

    async fn uuids(&mut self, query: &str) -> Result<Vec<(i64, Uuid)>> {
        let rows = self.rows(query).await?;
        let pair = |row: &sqlx::sqlite::SqliteRow| {
            Some((row.try_get(0).ok()?, Uuid::from_slice(&row.try_get::<Vec<u8>, _>(1).ok()?).ok()?))
        };
        Ok(rows.iter().filter_map(pair).collect())
    }

    /// Copies what can be read of a table.
    async fn copy(&mut self, table: &Table) -> Result<()> {
        let columns = self.columns_in_common(table, "old").await?;
        if columns.is_empty() {
            return Ok(());
        }
        let copy =
            format!("INSERT OR IGNORE INTO main.{0} ({1}) SELECT {1} FROM old.{0}", table.name, columns.join(", "));
        if table.keyed == Keyed::ByText {
            for attempt in [1, 2] {
                match sqlx::query(AssertSqlSafe(copy.clone())).execute(&mut *self.connection).await {
                    Ok(_) => break,
                    Err(error) => self.pass_over(error).await?,
                }
                self.found.lost_settings |= attempt == 2;
            }
            return Ok(());
        }
        let row = if columns.iter().any(|column| column == "id") { "id" } else { "message" };
        let highest = self.highest(table, row).await?;
        let mut ranges = vec![(i64::MIN, 0)];
        ranges.extend((0..).map(|n| (n * CHUNK + 1, (n + 1) * CHUNK)).take_while(|(first, _)| *first <= highest));
        // The rest, in case there is one beyond what is known.
        ranges.push((highest.max(0) / CHUNK * CHUNK + CHUNK + 1, i64::MAX));
        let mut patience = if self.key.is_some() { PATIENCE_ENCRYPTED } else { PATIENCE };
        for range in ranges {
            self.copy_range(table, &copy, row, range, highest, &mut patience).await?;
        }
        Ok(())
    }

    /// Copies the rows of a range, and halves it where something in it cannot be read.
    async fn copy_range(
        &mut self,
        table: &Table,
        copy: &str,
        row: &str,
        range: (i64, i64),
        highest: i64,
        patience: &mut u32,
    ) -> Result<()> {
        let statement = format!("{copy} WHERE {row} BETWEEN ?1 AND ?2");
        let mut ranges = vec![range];
        let mut again = None;
        while let Some((first, last)) = ranges.pop() {
            if range != (first, last) && self.holds_nothing(table, first, last) {
                continue;
            }
            let copied = sqlx::query(AssertSqlSafe(statement.clone()))
                .bind(first)
                .bind(last)
                .execute(&mut *self.connection)
                .await;
            let Err(error) = copied else { continue };
            self.pass_over(error).await?;
            // A disk that fails to read looks like damage, and that can pass.
            let is_whole_or_one = range == (first, last) || first == last;
            if is_whole_or_one && again != Some((first, last)) {
                again = Some((first, last));
                ranges.push((first, last));
                continue;
            }
            self.found.table_is_broken = true;
            *patience = patience.saturating_sub(1);
            if first == last {
                self.copy_without_text(table, first).await?;
            } else if first >= 1 && last <= highest.max(1) / CHUNK * CHUNK + CHUNK {
                if *patience == 0 {
                    // Nearly nothing is reached through the table; its leaves are looked at one by one later.
                    self.found.journal_is_broken |= table.name == JOURNAL;
                    continue;
                }
                let middle = first + (last - first) / 2;
                ranges.extend([(middle + 1, last), (first, middle)]);
            } else if table.name != MESSAGE.name && table.name != CONVERSATION.name {
                // Beyond what is known there is nothing to halve, and of this table no index tells more.
                self.found.rest_is_unknown = true;
                self.found.journal_is_broken |= table.name == JOURNAL;
            }
        }
        Ok(())
    }

    /// Whether the indices, where they are whole, know of no row in a range.
    fn holds_nothing(&self, table: &Table, first: i64, last: i64) -> bool {
        if self.found.index_is_broken {
            return false;
        }
        match table.name {
            "message" => self.found.known.range(first..=last).next().is_none(),
            "conversation" => self.found.known_conversations.range(first..=last).next().is_none(),
            _ => false,
        }
    }

    /// Copies what stands before the texts of a message: those may be on other pages.
    async fn copy_without_text(&mut self, table: &Table, id: i64) -> Result<()> {
        if table.name != MESSAGE.name {
            self.found.journal_is_broken |= table.name == JOURNAL;
            return Ok(());
        }
        let columns = "id, uuid, conversation, parent, chosen, created_at, scripted, role";
        let copy = format!(
            "INSERT OR IGNORE INTO main.message ({columns}, status, error)
             SELECT {columns}, 'failed', ?2 FROM old.message WHERE id = ?1"
        );
        for _attempt in [1, 2] {
            let copied = sqlx::query(AssertSqlSafe(copy.clone())).bind(id).bind(mark());
            match copied.execute(&mut *self.connection).await {
                Ok(done) => {
                    if done.rows_affected() > 0 {
                        self.found.without_text.insert(id);
                    }
                    break;
                }
                Err(error) => self.pass_over(error).await?,
            }
        }
        Ok(())
    }

    /// The columns that a table has here and there. None where it cannot be read there, or is not there.
    async fn columns_in_common(&mut self, table: &Table, there: &str) -> Result<Vec<String>> {
        let query = format!(
            "SELECT here.name FROM pragma_table_info('{0}', 'main') here
             JOIN pragma_table_info('{0}', '{there}') there ON there.name = here.name ORDER BY here.cid",
            table.name
        );
        let mut columns: Vec<String> =
            sqlx::query_scalar(AssertSqlSafe(query)).fetch_all(&mut *self.connection).await?;
        columns.retain(|column| !table.leave.contains(&column.as_str()));
        Ok(columns)
    }

    /// The highest id that is known of a table.
    async fn highest(&mut self, table: &Table, row: &str) -> Result<i64> {
        let mut highest = match table.name {
            "message" => self.found.known.keys().next_back().copied().unwrap_or_default(),
            "conversation" => self.found.known_conversations.keys().next_back().copied().unwrap_or_default(),
            _ => 0,
        };
        let query = format!("SELECT max({row}) FROM old.{}", table.name);
        match sqlx::query_scalar::<_, Option<i64>>(AssertSqlSafe(query)).fetch_one(&mut *self.connection).await {
            Ok(found) => highest = highest.max(found.unwrap_or_default()),
            Err(error) if highest > 0 && !self.found.index_is_broken => self.pass_over(error).await?,
            Err(error) => {
                self.pass_over(error).await?;
                // As many rows as the file could hold, were each as short as can be.
                let pages: i64 = sqlx::query_scalar("SELECT page_count FROM pragma_page_count('old')")
                    .fetch_one(&mut *self.connection)
                    .await
                    .unwrap_or(1);
                highest = highest.max(pages.saturating_mul(64));
            }
        }
        Ok(highest)
    }

    /// Takes what is missing from a backup: the same row with the same uuid, in the same conversation.
    async fn fill_from(&mut self, backup: &Path, key: Option<&DatabaseKey>) -> Result<()> {
        let attach = format!("ATTACH ?1 AS backup{}", attach_clause(backup, key).as_str());
        sqlx::query(AssertSqlSafe(attach)).bind(uri(backup, "mode=ro")).execute(&mut *self.connection).await?;
        let columns = |columns: Vec<String>| columns.join(", ");
        let of_conversation = columns(self.columns_in_common(&CONVERSATION, "backup").await?);
        let of_message = columns(self.columns_in_common(&MESSAGE, "backup").await?);
        if self.found.nothing_is_known {
            // Nothing is known of what there was, so the backup is not mixed into it; it is offered as it is.
            sqlx::query("DETACH backup").execute(&mut *self.connection).await?;
            return Ok(());
        }
        let gone: Vec<i64> =
            self.missing("conversation", self.found.known_conversations.keys().copied().collect()).await?;
        for id in gone {
            let uuid = self.found.known_conversations.get(&id).copied().flatten();
            sqlx::query(AssertSqlSafe(format!(
                "INSERT OR IGNORE INTO main.conversation ({of_conversation})
                 SELECT {of_conversation} FROM backup.conversation WHERE id = ?1 AND (?2 IS NULL OR uuid = ?2)"
            )))
            .bind(id)
            .bind(uuid.map(|uuid| uuid.as_bytes().to_vec()))
            .execute(&mut *self.connection)
            .await?;
        }
        let mut gone = self.missing("message", self.found.known.keys().copied().collect()).await?;
        gone.extend(self.found.without_text.iter().copied());
        for id in gone {
            let (uuid, conversation) = self.found.known.get(&id).copied().unwrap_or_default();
            let had_head = self.found.without_text.contains(&id);
            if had_head {
                let filled = sqlx::query(
                    "UPDATE main.message SET (status, error, content, reasoning, model, routing, omitted, metrics) =
                        (SELECT status, error, content, reasoning, model, routing, omitted, metrics FROM backup.message b
                         WHERE b.id = ?1)
                     WHERE id = ?1 AND EXISTS (SELECT 1 FROM backup.message b
                        WHERE b.id = ?1 AND b.uuid = main.message.uuid AND b.status <> 'streaming')",
                )
                .bind(id)
                .execute(&mut *self.connection)
                .await?;
                if filled.rows_affected() > 0 {
                    self.found.without_text.remove(&id);
                    self.found.from_backup += 1;
                }
                continue;
            }
            let filled = sqlx::query(AssertSqlSafe(format!(
                "INSERT OR IGNORE INTO main.message ({of_message})
                 SELECT {of_message} FROM backup.message b WHERE b.id = ?1 AND b.status <> 'streaming'
                    AND (?2 IS NULL OR b.uuid = ?2) AND (?3 IS NULL OR b.conversation = ?3)
                    AND EXISTS (SELECT 1 FROM main.conversation c JOIN backup.conversation o ON o.uuid = c.uuid
                        WHERE c.id = b.conversation AND o.id = b.conversation)"
            )))
            .bind(id)
            .bind(uuid.map(|uuid| uuid.as_bytes().to_vec()))
            .bind(conversation)
            .execute(&mut *self.connection)
            .await?;
            self.found.from_backup += u32::try_from(filled.rows_affected()).unwrap_or_default();
        }
        sqlx::query("DETACH backup").execute(&mut *self.connection).await?;
        Ok(())
    }

    /// Those of these rows that are not in the new database.
    async fn missing(&mut self, table: &str, ids: Vec<i64>) -> Result<Vec<i64>> {
        let query = format!(
            "SELECT wanted.value FROM json_each(?1) wanted
             WHERE NOT EXISTS (SELECT 1 FROM main.{table} WHERE id = wanted.value)"
        );
        let ids = crate::record::id_list(ids);
        Ok(sqlx::query_scalar(AssertSqlSafe(query)).bind(ids).fetch_all(&mut *self.connection).await?)
    }

    /// Puts a mark where a message is lost whose conversation or whose answers are here, and makes a conversation for
    /// messages that have lost theirs.
    async fn mark_what_is_missing(&mut self) -> Result<()> {
        let known = self.found.known.clone();
        for id in self.missing("message", known.keys().copied().collect()).await? {
            let (uuid, conversation) = known.get(&id).copied().unwrap_or_default();
            self.mark_message(id, uuid, conversation).await?;
        }
        // Parents that nothing else tells of.
        loop {
            let lost_before: u32 = self.found.lost.values().sum();
            let orphans: Vec<(i64, i64)> = sqlx::query_as(
                "SELECT DISTINCT parent, conversation FROM main.message m
                 WHERE parent IS NOT NULL AND NOT EXISTS (SELECT 1 FROM main.message p WHERE p.id = m.parent) LIMIT 1000",
            )
            .fetch_all(&mut *self.connection)
            .await?;
            if orphans.is_empty() {
                break;
            }
            for (parent, conversation) in orphans {
                self.mark_message(parent, None, Some(conversation)).await?;
            }
            if self.found.lost.values().sum::<u32>() == lost_before {
                sqlx::query("UPDATE main.message SET parent = NULL WHERE parent NOT IN (SELECT id FROM main.message)")
                    .execute(&mut *self.connection)
                    .await?;
            }
        }
        for id in self.found.without_text.clone() {
            let conversation: Option<i64> = sqlx::query_scalar("SELECT conversation FROM main.message WHERE id = ?1")
                .bind(id)
                .fetch_optional(&mut *self.connection)
                .await?;
            *self.found.lost.entry(conversation).or_default() += 1;
        }
        self.make_conversations().await?;
        let known: Vec<i64> = self.found.known_conversations.keys().copied().collect();
        self.found.lost_conversations +=
            u32::try_from(self.missing("conversation", known).await?.len()).unwrap_or(u32::MAX);
        // What hangs on nothing any more.
        for statement in [
            "DELETE FROM main.consensus WHERE question NOT IN (SELECT id FROM main.message)
                OR conversation NOT IN (SELECT id FROM main.conversation)",
            "DELETE FROM main.journal WHERE message NOT IN (SELECT id FROM main.message)",
            "DELETE FROM main.message_origin WHERE message NOT IN (SELECT id FROM main.message)",
            "DELETE FROM main.origin WHERE holder NOT IN (SELECT id FROM main.conversation)",
            "UPDATE main.conversation SET project = NULL WHERE project NOT IN (SELECT id FROM main.project)",
            "UPDATE main.message SET chosen = NULL WHERE chosen NOT IN (SELECT id FROM main.message)",
            "UPDATE main.conversation SET leaf = NULL WHERE leaf NOT IN (SELECT id FROM main.message)",
        ] {
            sqlx::query(statement).execute(&mut *self.connection).await?;
        }
        Ok(())
    }

    /// A mark in the place of a message: failed, without a text, with the reason. Only where something is there to hold it.
    async fn mark_message(&mut self, id: i64, uuid: Option<Uuid>, conversation: Option<i64>) -> Result<()> {
        let Some(conversation) = conversation else {
            *self.found.lost.entry(None).or_default() += 1;
            return Ok(());
        };
        // An answer is what a question follows, and what follows a question.
        let marked = sqlx::query(
            "INSERT OR IGNORE INTO main.message (id, uuid, conversation, parent, created_at, role, status, error)
             SELECT ?1, ?2, ?3,
                (SELECT max(p.id) FROM main.message p WHERE p.conversation = ?3 AND p.id < ?1),
                coalesce((SELECT max(p.created_at) FROM main.message p WHERE p.conversation = ?3 AND p.id < ?1),
                    (SELECT min(p.created_at) FROM main.message p WHERE p.conversation = ?3), 0),
                CASE (SELECT role FROM main.message k WHERE k.parent = ?1 LIMIT 1) WHEN 'user' THEN 'assistant'
                    WHEN 'assistant' THEN 'user'
                    ELSE CASE (SELECT role FROM main.message p WHERE p.conversation = ?3 AND p.id < ?1
                        ORDER BY p.id DESC LIMIT 1) WHEN 'user' THEN 'assistant' ELSE 'user' END END,
                'failed', ?4
             WHERE EXISTS (SELECT 1 FROM main.message o WHERE o.conversation = ?3)
                OR EXISTS (SELECT 1 FROM main.conversation c WHERE c.id = ?3)",
        )
        .bind(id)
        .bind(uuid.unwrap_or_else(|| made_up(b"m", id)).as_bytes().to_vec())
        .bind(conversation)
        .bind(mark())
        .execute(&mut *self.connection)
        .await?;
        let is_new = marked.rows_affected() > 0 || self.found.known.contains_key(&id);
        *self.found.lost.entry(Some(conversation)).or_default() += u32::from(is_new);
        Ok(())
    }

    /// Conversations for messages whose own is lost, titled with what was said first.
    async fn make_conversations(&mut self) -> Result<()> {
        let ids: Vec<i64> = sqlx::query_scalar(
            "SELECT DISTINCT conversation FROM main.message m
             WHERE NOT EXISTS (SELECT 1 FROM main.conversation c WHERE c.id = m.conversation)",
        )
        .fetch_all(&mut *self.connection)
        .await?;
        for id in ids {
            let uuid = self.found.known_conversations.get(&id).copied().flatten().unwrap_or_else(|| made_up(b"c", id));
            sqlx::query(
                "INSERT OR IGNORE INTO main.conversation (id, uuid, created_at, updated_at, titled_by, title)
                 SELECT ?1, ?2, min(created_at), max(created_at), 'opening',
                    coalesce((SELECT substr(trim(content), 1, 60) FROM main.message
                        WHERE conversation = ?1 AND role = 'user' AND trim(content) <> '' ORDER BY id LIMIT 1), '…')
                 FROM main.message WHERE conversation = ?1",
            )
            .bind(id)
            .bind(uuid.as_bytes().to_vec())
            .execute(&mut *self.connection)
            .await?;
            // The triggers had nothing to count in while it was missing.
            sqlx::query(
                "UPDATE main.conversation SET messages = (SELECT count(*) FROM main.message WHERE conversation = ?1) WHERE id = ?1",
            )
            .bind(id)
            .execute(&mut *self.connection)
            .await?;
            self.found.lost_conversations += 1;
        }
        Ok(())
    }

    async fn report(
        &mut self,
        path: &Path,
        aside: &str,
        now: i64,
        detail: &str,
        backup: Option<BackupEntry>,
    ) -> Result<SalvageReport> {
        let (conversations, messages): (u32, u32) = sqlx::query_as(
            "SELECT (SELECT count(*) FROM main.conversation WHERE deleted_at IS NULL),
                (SELECT count(*) FROM main.message m JOIN main.conversation c ON c.id = m.conversation
                 WHERE c.deleted_at IS NULL AND NOT (m.status = 'failed' AND m.error IS ?1))",
        )
        .bind(mark())
        .fetch_one(&mut *self.connection)
        .await?;
        let mut lost = Vec::new();
        for (conversation, messages) in &self.found.lost {
            let row: Option<(Vec<u8>, String, i64)> = match conversation {
                Some(id) => {
                    sqlx::query_as("SELECT uuid, title, updated_at FROM main.conversation WHERE id = ?1")
                        .bind(id)
                        .fetch_optional(&mut *self.connection)
                        .await?
                }
                None => None,
            };
            let known = conversation.and_then(|id| self.found.known_conversations.get(&id).copied().flatten());
            let id = row.as_ref().and_then(|(uuid, _, _)| Uuid::from_slice(uuid).ok()).or(known).map(ConversationId);
            let updated_at = row.as_ref().map_or(i64::MIN, |(_, _, at)| *at);
            lost.push((
                updated_at,
                LostMessages { conversation: id, title: row.map(|(_, title, _)| title), messages: *messages },
            ));
        }
        lost.sort_by_key(|(updated_at, _)| std::cmp::Reverse(*updated_at));
        let lost_messages = lost.iter().map(|(_, lost)| lost.messages).sum();
        let folder = path.parent().unwrap_or(path).join(aside);
        Ok(SalvageReport {
            at: now,
            detail: detail.to_owned(),
            set_aside: folder.display().to_string(),
            saved_conversations: conversations,
            saved_messages: messages,
            messages_from_backup: self.found.from_backup,
            lost_conversations: self.found.lost_conversations,
            lost_messages,
            lost: lost.into_iter().take(NAMED).map(|(_, lost)| lost).collect(),
            lost_settings: self.found.lost_settings,
            incomplete: self.found.nothing_is_known
                || self.found.rest_is_unknown
                || (self.found.index_is_broken && self.found.table_is_broken),
            backup,
        })
    }

    async fn finish(&mut self, aside: &str, report: &SalvageReport) -> Result<()> {
        let _ = sqlx::query("DETACH old").execute(&mut *self.connection).await;
        let text = serde_json::to_string(report).map_err(|error| StoreError::Failed(error.to_string()))?;
        for (key, value) in [(safety::SALVAGE, text.as_str()), (replace::ABOUT_OLD, aside)] {
            sqlx::query("INSERT OR REPLACE INTO about (key, value) VALUES (?1, ?2)")
                .bind(key)
                .bind(value)
                .execute(&mut *self.connection)
                .await?;
        }
        let broken = sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut *self.connection).await?;
        if broken.is_empty() {
            Ok(())
        } else {
            Err(StoreError::Failed(format!("{} rows hang on nothing", broken.len())))
        }
    }
}

/// Goes on where something of the damaged file could not be read. What cannot be written, or even tried, is an end: nothing
/// may count as lost because the new file or the machine failed.
fn is_damage(error: sqlx::Error) -> Result<()> {
    if error::is_not_of_reading(&error) {
        return Err(error.into());
    }
    let error = StoreError::from(error);
    match &error {
        // A page that cannot be read, a shape that does not fit, an index that is not there.
        StoreError::Damaged(_) | StoreError::InvalidInput(_) => Ok(()),
        StoreError::Failed(detail) => {
            tracing::debug!(%detail, "passed over");
            Ok(())
        }
        StoreError::Full | StoreError::ReadOnly | StoreError::Newer | StoreError::NotFound | StoreError::Busy => {
            Err(error)
        }
    }
}

/// A run of zeros that nobody types: a page that was never written.
const ZEROS: [u8; 64] = [0; 64];

/// Whether these bytes were never a text of ours.
fn is_foreign(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_err() || text.windows(ZEROS.len()).any(|window| window == ZEROS)
}

/// What can be read of a text; one sign in the place of each stretch that cannot.
fn readable(text: &[u8]) -> String {
    let mut readable = String::new();
    for chunk in text.utf8_chunks() {
        readable.extend(chunk.valid().chars().filter(|character| *character != '\0'));
        if !chunk.invalid().is_empty() && !readable.ends_with(char::REPLACEMENT_CHARACTER) {
            readable.push(char::REPLACEMENT_CHARACTER);
        }
    }
    readable
}

/// What a message says that is lost.
pub(crate) fn mark() -> String {
    serde_json::to_string(&AppError::new(ErrorCode::StorageDamaged).with_field("content")).unwrap_or_default()
}

/// An id for what has lost its own: the same at every attempt, of the version that RFC 9562 leaves to applications.
fn made_up(kind: &[u8; 1], row: i64) -> Uuid {
    let mut bytes = [0; 16];
    bytes[..7].copy_from_slice(b"salvage");
    bytes[7] = kind[0];
    bytes[8..].copy_from_slice(&row.to_be_bytes());
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_table_is_saved_or_made_anew() {
        let mut connection = base_options(Path::new(":memory:"), None).connect().await.expect("a connection");
        schema::migrate(&mut connection, 0).await.expect("a schema");
        // Virtual tables keep their rows in tables of their own, which go with them.
        let query = "SELECT name FROM pragma_table_list
            WHERE schema = 'main' AND type IN ('table', 'virtual') AND name NOT LIKE 'sqlite_%' ORDER BY name";
        let tables: Vec<String> = sqlx::query_scalar(query).fetch_all(&mut connection).await.expect("tables");
        let mut known: Vec<&str> = TABLES.iter().map(|table| table.name).chain(DERIVED.iter().copied()).collect();
        known.sort_unstable();
        assert_eq!(tables, known);
    }
}
