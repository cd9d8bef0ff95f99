//! Conversations, settings and journals in SQLite: what a person and the models said, on disk before it is acknowledged.
//!
//! Nothing that was said is ever overwritten: a conversation is a tree, an edited question or a regenerated answer is a
//! sibling of the old one, and what streams in is appended to a journal that is folded into its message when it ends, or
//! when the next run finds it after a crash. Text is kept exactly as it came. This crate draws no ids and reads no clock,
//! contacts nothing, and holds no secret.
//!
//! One connection writes, a few read (write-ahead log, so that neither waits for the other). The layout of the tree
//! follows from two rules that the schema enforces or the code keeps: a parent's row is older than its children's, and
//! each message remembers the child through which the active branch last went.

mod backup;
mod cipher;
mod compose;
mod consensus;
mod copies;
mod error;
mod import;
mod journal;
mod key;
mod list;
mod open;
#[cfg(test)]
mod plans;
mod project;
mod record;
mod replace;
mod rescue;
mod safety;
pub mod salvage;
mod schema;
pub(crate) mod search;
mod settings;
mod several;
mod stand_in;
mod transfer;
mod tree;
mod upkeep;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

// The SQLite that sqlx calls.
use capibara6_sqlcipher as _;
use sqlx::Connection as _;
use sqlx::sqlite::{SqliteConnection, SqlitePool};

pub use crate::backup::{BackupFolder, FOLDER as BACKUPS, Pace, free};
pub use crate::cipher::{Cipher, recrypt};
pub use crate::consensus::{BeginConsensus, BegunConsensus, ExportedRun, Judged, Measured, RunRecord};
pub use crate::error::{Result, StoreError};
pub use crate::import::ImportedConversation;
pub use crate::journal::{Asked, Begin, Begun, NewAnswer, NewQuestion, Piece, Place, Reopen, Settled};
pub use crate::key::DatabaseKey;
use crate::open::Claim;
use crate::rescue::{Rescue, Said};
pub use crate::search::search_marks;
pub use crate::transfer::{ExportedHead, ExportedMessage, Incoming, Merged, ProjectRecord};
pub use crate::tree::Stretch;
pub use crate::upkeep::Upkeep;

/// The database. Clones share it.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    path: PathBuf,
    key: Option<DatabaseKey>,
    max_pages: Option<u32>,
    connections: Mutex<Connections>,
    /// Held by whoever tries to write again.
    resuming: tokio::sync::Mutex<()>,
    /// Why nothing is written any more.
    trouble: tokio::sync::watch::Sender<Option<StoreError>>,
    /// What is said while the file is damaged.
    rescue: tokio::sync::Mutex<Rescue>,
    /// Whether the file was read from end to end since it was found damaged, and is.
    is_proven: AtomicBool,
    /// Messages that a crashed run left `streaming` and that could not be settled yet: they are shown as `interrupted`.
    left_over: Mutex<HashSet<i64>>,
    /// Counts what was written.
    written: tokio::sync::watch::Sender<u64>,
    /// What the steps have in common in which the index is made.
    indexing: search::index::Indexing,
    sqlite_version: String,
    _claim: Claim,
}

/// The connections; others take their place when a file that could only be read can be written.
#[derive(Clone)]
struct Connections {
    writer: Option<SqlitePool>,
    readers: SqlitePool,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("trouble", &self.trouble()).finish_non_exhaustive()
    }
}

impl Store {
    /// The version of the schema that this program writes.
    pub const SCHEMA: i64 = schema::VERSION;

    /// Opens the database at `path`, or makes a new one (and its directory) where there is nothing. What a crashed run
    /// left half written becomes `interrupted`, with all its text.
    ///
    /// A full disk, a directory that cannot be written and a file of a newer version still give a store: [`Self::trouble`]
    /// says why it can only be read. A file that is damaged or not ours is left as it is.
    ///
    /// # Errors
    /// [`StoreError::Damaged`]; [`StoreError::Newer`] where the newer version does not allow reading;
    /// [`StoreError::ReadOnly`] and [`StoreError::Full`] where there is nothing to read; [`StoreError::Failed`].
    pub async fn open(path: &Path) -> Result<Self> {
        Self::open_inner(path, None, None).await
    }

    /// Opens an encrypted database, or makes a new one, as [`Self::open`] does with one that is not.
    ///
    /// # Errors
    /// As for [`Self::open`]; [`StoreError::Damaged`] also where the key is another one, because nothing tells the two apart.
    pub async fn open_encrypted(path: &Path, key: &DatabaseKey) -> Result<Self> {
        Self::open_inner(path, Some(key), None).await
    }

    /// Opens a database that is full once it has so many pages: for tests of a full disk.
    #[doc(hidden)]
    pub async fn open_limited(path: &Path, max_pages: u32) -> Result<Self> {
        Self::open_inner(path, None, Some(max_pages)).await
    }

    async fn open_inner(path: &Path, key: Option<&DatabaseKey>, max_pages: Option<u32>) -> Result<Self> {
        match Self::try_open(path, key, max_pages).await {
            // SQLite also calls it damage where the disk fails to read (`EIO`): asked twice, because that can pass.
            Err(StoreError::Damaged(detail)) => {
                tracing::warn!(%detail, "the history is opened once more");
                Self::try_open(path, key, max_pages).await
            }
            opened => opened,
        }
    }

    async fn try_open(path: &Path, key: Option<&DatabaseKey>, max_pages: Option<u32>) -> Result<Self> {
        let opened = open::open(path, key, max_pages).await?;
        let alone = matches!(opened.claim, Claim::Alone(_));
        let rescue = Rescue::of(&opened.path, key);
        let store = Self {
            inner: Arc::new(Inner {
                path: opened.path,
                key: key.cloned(),
                max_pages,
                connections: Mutex::new(Connections { writer: opened.writer, readers: opened.readers }),
                resuming: tokio::sync::Mutex::default(),
                trouble: tokio::sync::watch::Sender::new(opened.trouble),
                rescue: tokio::sync::Mutex::new(rescue),
                is_proven: AtomicBool::new(false),
                left_over: Mutex::default(),
                written: tokio::sync::watch::Sender::default(),
                indexing: search::index::Indexing::default(),
                sqlite_version: opened.sqlite_version,
                _claim: opened.claim,
            }),
        };
        if alone {
            store.take_over_rescued().await;
            store.settle_crashed_run().await?;
        }
        Ok(store)
    }

    /// Closes the database after what is under way. Calls after this fail.
    pub async fn close(&self) {
        let Connections { writer, readers } = self.connections();
        readers.close().await;
        if let Some(writer) = writer {
            writer.close().await;
        }
        self.inner.rescue.lock().await.close().await;
    }

    /// Tries to write again where the database could only be read when it was opened, because the disk was full or the
    /// directory could not be written, or where something in it seemed damaged. Every write does so by itself; whoever
    /// waits for it to get better asks this.
    ///
    /// Damage is doubted once: SQLite says the same of a disk that fails to read, and that can pass. The whole file is
    /// read, seconds for a large history.
    ///
    /// # Errors
    /// Why nothing can be written still; [`Self::trouble`] says the same.
    pub async fn resume(&self) -> Result<()> {
        if self.trouble().is_none() {
            return Ok(());
        }
        let turn = self.inner.resuming.lock().await;
        // Somebody else may have managed meanwhile.
        match self.trouble() {
            None => Ok(()),
            Some(StoreError::Full | StoreError::ReadOnly) => self.reconnect().await,
            Some(damage @ StoreError::Damaged(_)) => self.doubt(damage).await,
            Some(trouble) => Err(trouble),
        }?;
        drop(turn);
        tracing::info!("the history can be written again");
        Ok(())
    }

    /// Connections to a database that could not be written.
    async fn reconnect(&self) -> Result<()> {
        let inner = &self.inner;
        let (writer, readers) = open::resume(&inner.path, inner.key.as_ref(), inner.max_pages).await?;
        // Those that read the file without its log would miss what is written from now on.
        let before = std::mem::replace(&mut *lock(&inner.connections), Connections { writer: Some(writer), readers });
        self.is_over(|trouble| matches!(trouble, StoreError::Full | StoreError::ReadOnly));
        before.readers.close().await;
        Ok(())
    }

    /// Reads a file from end to end that seemed damaged, unless that was done.
    async fn doubt(&self, damage: StoreError) -> Result<()> {
        let inner = &self.inner;
        if inner.is_proven.load(Ordering::Relaxed) {
            return Err(damage);
        }
        match backup::check(&inner.path, inner.key.as_ref(), Pace::Full).await {
            Ok(()) => {
                tracing::warn!(error = %damage, "a read failed; the file is sound");
                // It may have been opened as one that can only be read. Where it still is, that has to be told on.
                if self.connections().writer.is_none() {
                    self.reconnect().await?;
                }
                // What was said meanwhile first: what comes next goes into the history again.
                let mut rescue = inner.rescue.lock().await;
                self.take_over(&mut rescue).await?;
                self.is_over(|trouble| matches!(trouble, StoreError::Damaged(_)));
                drop(rescue);
                Ok(())
            }
            Err(StoreError::Damaged(detail)) => {
                tracing::error!(%detail, "the file is damaged");
                inner.is_proven.store(true, Ordering::Relaxed);
                Err(damage)
            }
            // Nothing is known yet.
            Err(_) => Err(damage),
        }
    }

    fn connections(&self) -> Connections {
        lock(&self.inner.connections).clone()
    }

    /// Why nothing can be written, when nothing can; reading goes on.
    pub fn trouble(&self) -> Option<StoreError> {
        self.inner.trouble.borrow().clone()
    }

    /// Tells when that changes, whoever came across it.
    pub fn watch_trouble(&self) -> tokio::sync::watch::Receiver<Option<StoreError>> {
        self.inner.trouble.subscribe()
    }

    fn is_over(&self, trouble: impl Fn(&StoreError) -> bool) {
        self.inner.trouble.send_if_modified(|known| known.take_if(|known| trouble(known)).is_some());
    }

    fn is_damaged(&self) -> bool {
        matches!(*self.inner.trouble.borrow(), Some(StoreError::Damaged(_)))
    }

    /// Something in the file seems damaged: nothing is written any more before the whole of it was read, once.
    ///
    /// # Errors
    /// As for [`Self::resume`].
    pub async fn suspect(&self, detail: String) -> Result<()> {
        self.remember(&StoreError::Damaged(detail));
        self.resume().await
    }

    /// Whether the file was read from end to end since it seemed damaged, and is.
    pub fn is_proven_damaged(&self) -> bool {
        self.inner.is_proven.load(Ordering::Relaxed)
    }

    /// Writes what is said, or keeps it beside the file while that is damaged: then nothing is given.
    async fn write_or_rescue<T, W: Future<Output = Result<T>>>(
        &self,
        said: impl Fn() -> Vec<Said>,
        write: impl Fn() -> W,
    ) -> Result<Option<T>> {
        loop {
            if !self.is_damaged() {
                match write().await {
                    Err(StoreError::Damaged(_)) if self.is_damaged() => {}
                    written => return written.map(Some),
                }
            }
            let mut rescue = self.inner.rescue.lock().await;
            // It may have turned out to be sound meanwhile.
            if self.is_damaged() {
                rescue.keep(&said()).await?;
                drop(rescue);
                return Ok(None);
            }
            drop(rescue);
        }
    }

    /// Takes over what was kept beside the file by a run that found it damaged, where it can be opened after all. What cannot be
    /// taken over stays there.
    async fn take_over_rescued(&self) {
        let mut rescue = self.inner.rescue.lock().await;
        if let Err(error) = self.take_over(&mut rescue).await {
            tracing::error!(%error, "what was said while the history was damaged is not in it yet");
            self.remember(&error);
        }
    }

    async fn take_over(&self, rescue: &mut Rescue) -> Result<()> {
        let Some(writer) = self.connections().writer.filter(|_| rescue.exists()) else { return Ok(()) };
        let mut connection = writer.acquire().await?;
        let taken = async {
            let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
            rescue.take_over(&mut transaction).await?;
            Ok(transaction.commit().await?)
        }
        .await;
        if let Err(error) = taken {
            connection.close_on_drop();
            return Err(error);
        }
        rescue.remove().await;
        Ok(())
    }

    /// Tells when something was written, other than text that streams in and the index.
    pub fn written(&self) -> tokio::sync::watch::Receiver<u64> {
        self.inner.written.subscribe()
    }

    /// Where it is, from the root.
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// The version of SQLite.
    pub fn sqlite_version(&self) -> &str {
        &self.inner.sqlite_version
    }

    /// Runs `job` on one consistent view of the database.
    async fn read<T>(&self, job: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T>) -> Result<T> {
        let mut connection = self.connections().readers.acquire().await?;
        let done = async {
            let mut view = connection.begin().await?;
            job(&mut view).await
        }
        .await;
        done.inspect_err(|error| {
            // Encryption gives nothing to a connection any more that has met a false page.
            if let StoreError::Damaged(_) = error {
                connection.close_on_drop();
            }
            self.remember(error);
        })
    }

    /// Runs `job` in one transaction of the writer: all of it is on disk when this returns, or none of it.
    async fn write<T>(&self, job: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T>) -> Result<T> {
        let done = self.write_surviving(Survives::PowerCut, job).await;
        if done.is_ok() {
            self.inner.written.send_modify(|count| *count = count.wrapping_add(1));
        }
        done
    }

    async fn write_surviving<T>(
        &self,
        survives: Survives,
        job: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T>,
    ) -> Result<T> {
        self.resume().await?;
        let writer = self.connections().writer.ok_or(StoreError::ReadOnly)?;
        let mut connection = writer.acquire().await?;
        let done = async {
            // Said before each transaction, because a caller that gave up may have left the other mode behind.
            sqlx::query(survives.pragma()).execute(&mut *connection).await?;
            let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
            let value = job(&mut transaction).await?;
            transaction.commit().await?;
            Ok(value)
        }
        .await;
        done.inspect_err(|error: &StoreError| {
            if error.poisons_connection() {
                connection.close_on_drop();
            }
            self.remember(error);
        })
    }

    /// Stops the writing where the file is damaged: it could take with it what can still be read.
    fn remember(&self, error: &StoreError) {
        if let StoreError::Damaged(_) = error {
            self.inner.trouble.send_if_modified(|known| {
                let is_new = known.is_none();
                known.get_or_insert_with(|| error.clone());
                is_new
            });
        }
    }

    fn left_over(&self) -> MutexGuard<'_, HashSet<i64>> {
        lock(&self.inner.left_over)
    }
}

/// What a write outlives once it is acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Survives {
    /// The end of the program, however it ends: the system has it, the disk may not.
    Kill,
    /// A power cut as well, and everything that was written before: the log is synchronised.
    PowerCut,
}

impl Survives {
    /// <https://www.sqlite.org/pragma.html#pragma_synchronous>, for a write-ahead log.
    fn pragma(self) -> &'static str {
        match self {
            Self::Kill => "PRAGMA synchronous = NORMAL",
            Self::PowerCut => "PRAGMA synchronous = FULL",
        }
    }
}

/// Locks; a panic elsewhere leaves nothing half done in the plain values that are guarded here.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
