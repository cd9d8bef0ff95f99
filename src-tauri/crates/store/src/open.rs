//! Opening: finds out what lies at the path before anything is written, and never puts a new database in the place of
//! something it does not understand. Nothing here reads more than a few pages, however large the history is.
//!
//! The file is never opened with plain file calls: closing such a handle would drop SQLite's POSIX locks in this process
//! (<https://www.sqlite.org/howtocorrupt.html>, 2.2).

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, Connection as _};
use zeroize::Zeroizing;

use crate::cipher::{self, Cipher};
use crate::error::{Result, StoreError, cannot_open};
use crate::key::DatabaseKey;
use crate::replace;
use crate::schema::{self, Identity};
use crate::stand_in;

/// Readers at the same time; they never wait for the writer (WAL).
const READERS: u32 = 4;

/// The pages that each of them keeps, in SQLite's notation: 8 MB.
const READER_CACHE: &str = "-8000";

/// Rows that a reader hands over before it waits.
const ROWS: usize = 256;

/// How long a connection waits for another process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// What opening gives.
pub(crate) struct Opened {
    /// Where it is, from the root.
    pub path: PathBuf,
    /// The one writer; absent where the file can only be read.
    pub writer: Option<SqlitePool>,
    pub readers: SqlitePool,
    /// Why there is no writer.
    pub trouble: Option<StoreError>,
    /// Held while this process is the one that may tidy up after a crashed run.
    pub claim: Claim,
    pub sqlite_version: String,
}

/// Whether another live process has the database open.
pub(crate) enum Claim {
    /// No other process has: what is still `streaming` was left behind. The lock goes with the file handle.
    Alone(#[allow(dead_code, reason = "held for its lock")] Option<File>),
    /// Another one has: what is `streaming` may be its.
    Shared,
}

/// How the file can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// Beside a writer, with its write-ahead log.
    Normal,
    /// From a directory in which nothing can be made, without a write-ahead log.
    Immutable,
}

/// Opens the database at `path` or makes a new one, encrypted where there is a key; `max_pages` limits its size as a full
/// disk would.
pub(crate) async fn open(path: &Path, key: Option<&DatabaseKey>, max_pages: Option<u32>) -> Result<Opened> {
    let path = std::path::absolute(path).map_err(|error| StoreError::from_io(&error))?;
    replace::finish(&path, key).await?;
    if let Presence::Absent = look(&path)? {
        create(&path, key).await?;
    }
    let (identity, reading, sqlite_version) = probe(&path, key).await?;
    if identity.readable_from > schema::VERSION {
        return Err(StoreError::Newer);
    }
    let claim = claim(&path);
    let written = if identity.version > schema::VERSION {
        Err(StoreError::Newer)
    } else {
        connect_writer(&path, key, identity.version, max_pages).await
    };
    let (writer, trouble, reading) = match written {
        Ok(writer) => (Some(writer), None, Reading::Normal),
        Err(trouble @ (StoreError::Full | StoreError::ReadOnly | StoreError::Newer)) => (None, Some(trouble), reading),
        Err(other) => return Err(other),
    };
    let stand_ins = if writer.is_none() && identity.version < schema::VERSION {
        let mut reader = try_reader(&path, key, reading).await.map_err(refused)?;
        let stand_ins = stand_in::stand_ins(&mut reader).await;
        reader.close().await?;
        stand_ins?
    } else {
        Vec::new()
    };
    let readers = pool(READERS)
        .after_connect({
            let stand_ins = Arc::<[String]>::from(stand_ins);
            move |reader, _| {
                let stand_ins = Arc::clone(&stand_ins);
                Box::pin(async move { stand_in::lend(reader, &stand_ins).await })
            }
        })
        .connect_lazy_with(reader_options(&path, key, reading));
    Ok(Opened { path, writer, readers, trouble, claim, sqlite_version })
}

/// Connections to a database that could only be read when it was opened, now that it can perhaps be written.
pub(crate) async fn resume(
    path: &Path,
    key: Option<&DatabaseKey>,
    max_pages: Option<u32>,
) -> Result<(SqlitePool, SqlitePool)> {
    let (identity, _, _) = probe(path, key).await?;
    if identity.version > schema::VERSION {
        return Err(StoreError::Newer);
    }
    let writer = connect_writer(path, key, identity.version, max_pages).await?;
    Ok((writer, pool(READERS).connect_lazy_with(reader_options(path, key, Reading::Normal))))
}

/// Whether opening would change the layout of what lies there.
pub(crate) async fn migration_is_due(path: &Path, key: Option<&DatabaseKey>) -> bool {
    if !path.is_file() {
        return false;
    }
    probe(path, key).await.is_ok_and(|(identity, _, _)| identity.version < schema::VERSION)
}

enum Presence {
    Absent,
    Present,
}

/// Finds out whether there is a file, without opening it.
fn look(path: &Path) -> Result<Presence> {
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Err(StoreError::Damaged("a directory".to_owned())),
        // New databases appear at their path complete: an empty file is one that was cut off.
        Ok(found) if found.len() == 0 => Err(StoreError::Damaged("an empty file".to_owned())),
        Ok(_) => Ok(Presence::Present),
        // SQLite would delete a log without its database.
        Err(error) if error.kind() == io::ErrorKind::NotFound && has_log(path) => {
            Err(StoreError::Damaged("a write-ahead log without its database".to_owned()))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Presence::Absent),
        Err(error) => Err(StoreError::from_io(&error)),
    }
}

/// Whether there is a write-ahead log with something in it.
pub(crate) fn has_log(path: &Path) -> bool {
    fs::metadata(beside(path, "-wal")).is_ok_and(|log| log.len() > 0)
}

/// A file beside the database, named after it.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Makes a new database beside its place, complete, and only then gives it its name: nobody ever sees half of one, and
/// a file that appeared in the meantime is not replaced.
async fn create(path: &Path, key: Option<&DatabaseKey>) -> Result<()> {
    let from_io = |error: io::Error| StoreError::from_io(&error);
    let directory = path.parent().ok_or_else(|| StoreError::Failed("a path without a directory".to_owned()))?;
    fs::create_dir_all(directory).map_err(from_io)?;
    let draft = beside(path, &format!(".new-{}", std::process::id()));
    // Of an earlier attempt that could not be cleaned up.
    remove_draft(&draft);
    let drafted = async {
        draft_file(&draft).map_err(from_io)?;
        draft_database(&draft, key).await?;
        publish(&draft, path).map_err(from_io)
    }
    .await;
    remove_draft(&draft);
    drafted?;
    // Makes the new name durable where directories can be synchronised; elsewhere the system does it by itself.
    if let Ok(directory) = File::open(directory) {
        let _ = directory.sync_all();
    }
    Ok(())
}

/// Makes an empty file that only its owner can read; SQLite gives the same permissions to the files beside it.
pub(crate) fn draft_file(draft: &Path) -> io::Result<()> {
    let mut options = File::options();
    options.create(true).write(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(draft).map(drop)
}

/// Removes a draft and what SQLite keeps beside it. What is not there need not be removed.
pub(crate) fn remove_draft(draft: &Path) {
    for suffix in ["-journal", "-wal", "-shm", ""] {
        let _ = fs::remove_file(beside(draft, suffix));
    }
}

async fn draft_database(draft: &Path, key: Option<&DatabaseKey>) -> Result<()> {
    let mut connection = base_options(draft, key).connect().await.map_err(refused)?;
    let drafted = async {
        schema::migrate(&mut connection, 0).await?;
        sqlx::query("PRAGMA journal_mode = WAL").execute(&mut connection).await?;
        Ok(())
    }
    .await;
    connection.close().await?;
    drafted
}

/// Gives the draft its name, unless that name is taken by now.
fn publish(draft: &Path, path: &Path) -> io::Result<()> {
    match fs::hard_link(draft, path) {
        Ok(()) => Ok(()),
        Err(_) if path.exists() => Ok(()),
        // File systems without hard links.
        Err(_) => fs::rename(draft, path),
    }
}

/// Reads what the file says about itself, through a connection that cannot write.
async fn probe(path: &Path, key: Option<&DatabaseKey>) -> Result<(Identity, Reading, String)> {
    let (mut connection, reading) = connect_reader(path, key).await?;
    let found = async {
        let identity = schema::identify(&mut connection).await?;
        expect_whole(&mut connection, path).await?;
        let version = sqlx::query_scalar("SELECT sqlite_version()").fetch_one(&mut connection).await?;
        Ok((identity, reading, version))
    }
    .await;
    connection.close().await?;
    found
}

/// Finds a file that was cut off. While there is a log, pages may be missing that are still in it.
async fn expect_whole(connection: &mut SqliteConnection, path: &Path) -> Result<()> {
    let bytes: i64 = sqlx::query_scalar("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
        .fetch_one(connection)
        .await?;
    let length = fs::metadata(path).map_err(|error| StoreError::from_io(&error))?.len();
    if has_log(path) || u64::try_from(bytes).is_ok_and(|bytes| bytes <= length) {
        return Ok(());
    }
    Err(StoreError::Damaged(format!("{length} bytes of {bytes}")))
}

/// Opens a connection that can only read, in whichever way the directory allows.
async fn connect_reader(path: &Path, key: Option<&DatabaseKey>) -> Result<(SqliteConnection, Reading)> {
    match try_reader(path, key, Reading::Normal).await.map_err(refused) {
        Ok(connection) => Ok((connection, Reading::Normal)),
        // The log's index cannot be made in this directory. Without a log nothing is missed by reading the file alone.
        Err(StoreError::ReadOnly | StoreError::Full) if !has_log(path) => {
            Ok((try_reader(path, key, Reading::Immutable).await.map_err(refused)?, Reading::Immutable))
        }
        Err(error) => Err(error),
    }
}

async fn try_reader(path: &Path, key: Option<&DatabaseKey>, reading: Reading) -> Result<SqliteConnection, sqlx::Error> {
    let mut connection = reader_options(path, key, reading).connect().await?;
    // SQLite opens the file for good with the first read.
    sqlx::query("SELECT count(*) FROM sqlite_schema").execute(&mut connection).await?;
    Ok(connection)
}

/// Opens the writer, brings the schema up to date and proves that something can be written.
async fn connect_writer(
    path: &Path,
    key: Option<&DatabaseKey>,
    version: i64,
    max_pages: Option<u32>,
) -> Result<SqlitePool> {
    let mut options = base_options(path, key)
        .journal_mode(SqliteJournalMode::Wal)
        // What is acknowledged survives a power cut, not only a crash; `append_soon` asks for less.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        // What is deleted is overwritten with zeros.
        .pragma("secure_delete", "ON")
        .pragma("journal_size_limit", "16777216")
        .pragma("cache_size", "-8000");
    if let Some(pages) = max_pages {
        options = options.pragma("max_page_count", pages.to_string());
    }
    let writer = pool(1).connect_with(options).await.map_err(refused)?;
    let begun = async {
        let mut connection = writer.acquire().await?;
        schema::migrate(&mut connection, version).await?;
        // On a file that cannot be written a transaction begins all the same; a statement that would write does not.
        sqlx::query("DELETE FROM about WHERE key = ''").execute(&mut *connection).await.map_err(refused)?;
        Ok(())
    }
    .await;
    match begun {
        Ok(()) => Ok(writer),
        Err(error) => {
            writer.close().await;
            Err(error)
        }
    }
}

/// A file beside ours that cannot be made is a directory that cannot be written.
fn refused(error: sqlx::Error) -> StoreError {
    if cannot_open(&error) { StoreError::ReadOnly } else { error.into() }
}

fn pool(connections: u32) -> SqlitePoolOptions {
    // Connections are to a file: they neither age nor break while nobody looks.
    SqlitePoolOptions::new()
        .max_connections(connections)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
}

pub(crate) fn base_options(path: &Path, key: Option<&DatabaseKey>) -> SqliteConnectOptions {
    let options = match key.filter(|_| cipher::of(path) != Cipher::Plain) {
        // sqlx sends it before all others.
        Some(key) => SqliteConnectOptions::new().pragma("key", key.pragma().to_string()),
        None => SqliteConnectOptions::new(),
    };
    options
        .filename(path)
        .busy_timeout(BUSY_TIMEOUT)
        .pragma("temp_store", "MEMORY")
        // What people say does not belong in a log, not even as the shape of a query.
        .disable_statement_logging()
}

/// Options for reading a database beside whoever writes it, outside of a store.
pub(crate) fn reading_options(path: &Path, key: Option<&DatabaseKey>) -> SqliteConnectOptions {
    reader_options(path, key, Reading::Normal)
}

/// What ends an `ATTACH` of the database at `path`. SQLCipher would take the key of the main one as it is derived there, salt
/// and all, also for a database that has none.
pub(crate) fn attach_clause(path: &Path, key: Option<&DatabaseKey>) -> Zeroizing<String> {
    let mut clause = Zeroizing::new(" KEY ".to_owned());
    match key.filter(|_| cipher::of(path) != Cipher::Plain) {
        Some(key) => clause.push_str(&key.pragma()),
        None => clause.push_str("''"),
    }
    clause
}

fn reader_options(path: &Path, key: Option<&DatabaseKey>, reading: Reading) -> SqliteConnectOptions {
    base_options(path, key)
        .read_only(true)
        .immutable(reading == Reading::Immutable)
        // Each holds what it read last, and never more, however large the file is. Not mapped into memory: a disk that fails
        // under a map ends the program, where a read that fails is an error that can be told.
        .pragma("cache_size", READER_CACHE)
        // A page of anything is read in one go, without waiting for whoever takes its rows.
        .row_buffer_size(ROWS)
}

/// Claims the database for this process; the system gives the claim back when the process ends, however it ends.
fn claim(path: &Path) -> Claim {
    let file = File::options().create(true).truncate(false).write(true).open(beside(path, "-lock"));
    match file.map(|file| (file.try_lock(), file)) {
        Ok((Err(TryLockError::WouldBlock), _)) => Claim::Shared,
        Ok((Ok(()), file)) => Claim::Alone(Some(file)),
        // No file, or no locks on this file system: one instance is the rule, so it is taken as alone.
        Ok((Err(TryLockError::Error(_)), _)) | Err(_) => Claim::Alone(None),
    }
}
