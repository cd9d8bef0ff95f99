//! Backups: whole databases in a folder beside the one they were made of.
//!
//! A backup is made with `VACUUM INTO` on a connection of its own: one consistent moment, while the writer goes on (a
//! write-ahead log), without free pages and so without what was deleted. It is a draft until `integrity_check` has read all
//! of it and the disk has it; only then it gets its name. A disk that is nearly full makes no backup: the room belongs to what
//! is being said. SQLite's backup interface would copy the pages as they are, damage included, and begin anew whenever
//! somebody writes (<https://www.sqlite.org/backup.html>); `docs/backups.md` has the figures.
//!
//! Nothing here reads a clock: what needs the time is told.

mod content;
mod rotation;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use capibara6_protocol::{
    BackupEntry, BackupId, BackupPreview, BackupProgress, BackupReason, BackupState, BackupStep, Restored, Retention,
};
use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteConnection;
use sqlx::{ConnectOptions as _, Connection as _};

use crate::error::{Result, StoreError};
use crate::key::DatabaseKey;
use crate::open::{base_options, beside, draft_file, reading_options, remove_draft};
use crate::{replace, schema};

/// The folder of the backups, beside the database.
pub const FOLDER: &str = "backups";

/// What the disk must have left beside a backup: no less than this, and than a tenth of the backup.
const RESERVE: u64 = 64 * 1024 * 1024;

/// How often the progress is said, and the disk is asked whether there is room.
const TICK: Duration = Duration::from_millis(200);

/// After so many instructions of SQLite's machine (some milliseconds of work) a backup that is made by itself rests, so that
/// it takes at most about half of a core from whoever streams.
const REST_EVERY: i32 = 100_000;
const REST: Duration = Duration::from_millis(2);

/// The row of `about` in which a backup says what it is.
const ABOUT: &str = "backup";

/// The endings of what is not a backup yet, and of one.
const DRAFT: &str = "draft";
const DATABASE: &str = "db";

/// Counts the drafts of this run of the program.
static DRAFTS: AtomicU64 = AtomicU64::new(0);

/// How much of the machine a backup may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// All it needs: somebody waits for it.
    Full,
    /// Little: nobody waits for it.
    Gentle,
}

/// The backups of one database. Clones share nothing but the folder.
#[derive(Clone)]
pub struct BackupFolder {
    database: PathBuf,
    folder: PathBuf,
    key: Option<DatabaseKey>,
    progress: Arc<dyn Fn(BackupProgress) + Send + Sync>,
}

/// What a backup says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Label {
    created_at: i64,
    reason: BackupReason,
    conversations: u32,
    messages: u32,
    newest_at: Option<i64>,
}

/// What the last reading from end to end found, per backup; a file beside them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Verified(BTreeMap<String, Verification>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Verification {
    at: i64,
    sound: bool,
}

/// Held while something in the folder is made or removed; another program waits for its turn, or is told `busy`.
struct Turn(#[allow(dead_code, reason = "held for its lock")] File);

/// The name of a backup's file: its number, when it was made, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Name {
    number: u64,
    id: BackupId,
    created_at: i64,
    reason: BackupReason,
}

impl BackupFolder {
    /// The backups of the database at this path, whether there are any or not.
    pub fn of(database: &Path, key: Option<&DatabaseKey>) -> Self {
        let folder = database.parent().unwrap_or(Path::new("")).join(FOLDER);
        Self { database: database.to_owned(), folder, key: key.cloned(), progress: Arc::new(|_| {}) }
    }

    /// Reads the database at a path from end to end, beside whoever has it open and also where nobody can open it any more.
    /// Writes nothing.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] with the first things found; [`StoreError::Newer`] where only a newer program could tell.
    pub async fn prove(database: &Path, key: Option<&DatabaseKey>) -> Result<()> {
        let mut connection = reading_options(database, key).connect().await?;
        let identity = schema::identify(&mut connection).await;
        connection.close().await?;
        if identity?.readable_from > schema::VERSION {
            return Err(StoreError::Newer);
        }
        check(database, key, Pace::Full).await
    }

    /// Says how far things are, from whichever thread.
    #[must_use]
    pub fn with_progress(mut self, progress: impl Fn(BackupProgress) + Send + Sync + 'static) -> Self {
        self.progress = Arc::new(progress);
        self
    }

    /// Where they lie.
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// All backups, the newest first. Opens each and reads a page or two: damage further inside is found by
    /// [`Self::verify`].
    ///
    /// # Errors
    /// Where the folder cannot be read; there being none is no error.
    pub async fn list(&self) -> Result<Vec<BackupEntry>> {
        let verified = self.verified();
        let mut entries = Vec::new();
        for name in self.names()?.into_iter().rev() {
            let looked = content::look(&self.file(&name.id), self.key.as_ref()).await;
            entries.push(self.entry(&name, &verified, looked));
        }
        Ok(entries)
    }

    /// Whether a day has gone by since the newest good one.
    ///
    /// # Errors
    /// Those of [`Self::list`].
    pub async fn is_due(&self, now: i64) -> Result<bool> {
        Ok(rotation::is_due(&self.list().await?, now))
    }

    /// Makes a backup of the database as it is now, beside whoever reads and writes it. Where it is given up (the future is
    /// dropped) or fails, nothing of it is left.
    ///
    /// # Errors
    /// [`StoreError::Full`] where the disk has no room to spare, [`StoreError::Damaged`] where the database is,
    /// [`StoreError::Busy`] while another one is made.
    pub async fn create(&self, reason: BackupReason, now: i64, pace: Pace) -> Result<BackupEntry> {
        self.make_folder()?;
        let _turn = self.turn()?;
        self.clear_drafts();
        let number = self.names()?.last().map_or(1, |newest| newest.number + 1);
        let id = BackupId(format!("{number:06}-{}-{}", stamp(now), reason_word(reason)));
        // A copy that was given up may take a moment to end: no two ever share a name.
        let turn = DRAFTS.fetch_add(1, Ordering::Relaxed);
        let draft = Draft(self.folder.join(format!("{}.{}-{turn}.{DRAFT}", id.0, std::process::id())));
        draft_file(&draft.0).map_err(|error| StoreError::from_io(&error))?;

        self.copy(&draft.0, pace).await?;
        let label = content::label(&draft.0, self.key.as_ref(), reason, now).await?;
        self.say(BackupStep::Verifying, 0);
        check(&draft.0, self.key.as_ref(), pace).await?;
        self.say(BackupStep::Verifying, 100);

        let file = self.file(&id);
        let published = publish(&draft.0, &file);
        published.map_err(|error| StoreError::from_io(&error))?;
        replace::synchronise(&self.folder);
        self.note(&id, now, true);
        Ok(BackupEntry {
            bytes: fs::metadata(&file).map_or(0, |found| found.len()),
            id,
            created_at: label.created_at,
            reason,
            state: BackupState::Good,
            conversations: label.conversations,
            messages: label.messages,
            newest_at: label.newest_at,
            verified_at: Some(now),
        })
    }

    /// Reads a backup from end to end, and gives it as it turned out.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn verify(&self, id: &BackupId, now: i64, pace: Pace) -> Result<BackupEntry> {
        let name = self.find(id)?;
        let entry = self.examine(&name).await?;
        if entry.state != BackupState::Good {
            self.note(id, now, entry.state != BackupState::Damaged);
            return Ok(entry);
        }
        self.say(BackupStep::Verifying, 0);
        let sound = match self.check_twice(id, pace).await {
            Ok(()) => true,
            Err(StoreError::Damaged(detail)) => {
                tracing::warn!(%detail, backup = %id.0, "a backup is damaged");
                false
            }
            Err(other) => return Err(other),
        };
        self.say(BackupStep::Verifying, 100);
        self.note(id, now, sound);
        let state = if sound { BackupState::Good } else { BackupState::Damaged };
        Ok(BackupEntry { state, verified_at: Some(now), ..entry })
    }

    /// Reads a backup from end to end, and once more where it seems damaged: SQLite says the same of a disk that fails to
    /// read, and that can pass.
    async fn check_twice(&self, id: &BackupId, pace: Pace) -> Result<()> {
        match check(&self.file(id), self.key.as_ref(), pace).await {
            Err(StoreError::Damaged(_)) => check(&self.file(id), self.key.as_ref(), pace).await,
            checked => checked,
        }
    }

    /// What a backup holds and how it differs from the database as it is now. Reads all of it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Damaged`] and [`StoreError::Newer`] for a backup that cannot be relied on.
    pub async fn preview(&self, id: &BackupId, now: i64) -> Result<BackupPreview> {
        let entry = expect_good(self.verify(id, now, Pace::Full).await?)?;
        content::preview(&self.database, &self.file(id), self.key.as_ref(), entry).await
    }

    /// Puts a copy of a backup beside the database, complete and read from end to end, ready to take its place: whoever has
    /// the database open closes it, and [`Self::finish_restore`] does the rest. Until then nothing has changed. The old
    /// database is removed then, or set aside in a folder under `aside` where it is in no backup. Where it is in one (the
    /// newest that was made before a restore), what takes its place names that one as the way back.
    ///
    /// # Errors
    /// Those of [`Self::preview`]; [`StoreError::Full`] where there is no room for the copy.
    pub async fn stage_restore(&self, id: &BackupId, now: i64, aside: Option<&str>) -> Result<BackupEntry> {
        let _turn = self.turn()?;
        let entry = expect_good(self.examine(&self.find(id)?).await?)?;
        self.expect_room(entry.bytes)?;
        self.say(BackupStep::Restoring, 0);
        let draft = Draft(beside(&self.database, ".restore-draft"));
        // The journal of an attempt that could not be cleaned up must never be played into this one.
        draft.clear();
        let (from, to) = (self.file(id), draft.0.clone());
        let copied = tokio::task::spawn_blocking(move || copy_file(&from, &to)).await;
        copied.map_err(|error| StoreError::Failed(error.to_string()))?.map_err(|error| StoreError::from_io(&error))?;
        self.say(BackupStep::Restoring, 40);
        match check(&draft.0, self.key.as_ref(), Pace::Full).await {
            // The copy or what was copied: only the latter is held against the backup.
            Err(StoreError::Damaged(detail)) => {
                if let Err(damage @ StoreError::Damaged(_)) = self.check_twice(id, Pace::Full).await {
                    self.note(id, now, false);
                    return Err(damage);
                }
                return Err(StoreError::Failed(format!("the copy: {detail}")));
            }
            other => other?,
        }
        let old = aside.map_or_else(|| replace::DISCARDED.to_owned(), |folder| format!("{folder}/{}", stamp(now)));
        let before = self.names()?.into_iter().rfind(|name| name.reason == BackupReason::BeforeRestore);
        let restored = before.filter(|_| aside.is_none()).map(|before| Restored {
            at: now,
            to: entry.created_at,
            before: before.id,
        });
        content::mark_as_incoming(&draft.0, self.key.as_ref(), &old, restored.as_ref()).await?;
        publish(&draft.0, &replace::incoming(&self.database)).map_err(|error| StoreError::from_io(&error))?;
        self.say(BackupStep::Restoring, 90);
        Ok(BackupEntry { verified_at: Some(now), ..entry })
    }

    /// Puts what [`Self::stage_restore`] prepared in the place of the database, which nobody has open any more.
    ///
    /// # Errors
    /// What the file system says. The next opening tries again.
    pub async fn finish_restore(&self) -> Result<()> {
        replace::finish(&self.database, self.key.as_ref()).await?;
        self.say(BackupStep::Restoring, 100);
        Ok(())
    }

    /// Gives up what [`Self::stage_restore`] prepared.
    pub fn abandon_restore(&self) {
        let _ = fs::remove_file(replace::incoming(&self.database));
    }

    /// Removes a backup.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Busy`] while one is made.
    pub fn delete(&self, id: &BackupId) -> Result<()> {
        let _turn = self.turn()?;
        self.find(id)?;
        self.remove(id)
    }

    /// Removes what `retention` no longer keeps, and says which.
    ///
    /// # Errors
    /// [`StoreError::Busy`] while one is made, and those of [`Self::list`].
    pub async fn rotate(&self, retention: &Retention) -> Result<Vec<BackupId>> {
        if !self.folder.is_dir() {
            return Ok(Vec::new());
        }
        let _turn = self.turn()?;
        self.clear_drafts();
        let entries = self.list().await?;
        let mut removed = Vec::new();
        for id in rotation::expired(&entries, retention) {
            let seems_damaged = entries.iter().any(|entry| entry.id == id && entry.state == BackupState::Damaged);
            if seems_damaged && !self.is_damaged(&id).await {
                continue;
            }
            self.remove(&id)?;
            removed.push(id);
        }
        Ok(removed)
    }

    /// Whether a backup that cannot be looked into is damaged, and not merely out of reach just now.
    async fn is_damaged(&self, id: &BackupId) -> bool {
        self.verified().0.get(&id.0).is_some_and(|found| !found.sound)
            || matches!(content::look(&self.file(id), self.key.as_ref()).await, Err(StoreError::Damaged(_)))
    }

    /// The good backup that was not read for the longest time, where that is longer than `age_ms` ago.
    ///
    /// # Errors
    /// Those of [`Self::list`].
    pub async fn longest_unread(&self, now: i64, age_ms: i64) -> Result<Option<BackupId>> {
        let mut good = self.list().await?;
        good.retain(|entry| entry.state == BackupState::Good);
        let oldest = good.into_iter().min_by_key(|entry| entry.verified_at.unwrap_or(i64::MIN));
        let is_old =
            |entry: &BackupEntry| entry.verified_at.is_none_or(|at| at > now || at < now.saturating_sub(age_ms));
        Ok(oldest.filter(is_old).map(|entry| entry.id))
    }

    /// Copies the database into an empty file, and says how far it is.
    async fn copy(&self, draft: &Path, pace: Pace) -> Result<()> {
        let mut source = reading_options(&self.database, self.key.as_ref()).connect().await?;
        let expected: i64 = sqlx::query_scalar(
            "SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size",
        )
        .fetch_one(&mut source)
        .await?;
        let expected = u64::try_from(expected).unwrap_or_default().max(1);
        self.expect_room(expected)?;
        let stop = Stop::default();
        stop.watch(&mut source, pace).await?;
        let into = draft.to_str().ok_or_else(|| StoreError::Failed("a path that is not UTF-8".to_owned()))?;
        self.say(BackupStep::Copying, 0);
        let copied = {
            let copying = sqlx::query("VACUUM INTO ?1").bind(into).execute(&mut source);
            tokio::pin!(copying);
            loop {
                tokio::select! {
                    copied = &mut copying => break copied,
                    () = tokio::time::sleep(TICK) => {
                        let written = fs::metadata(draft).map_or(0, |found| found.len());
                        self.say(BackupStep::Copying, u8::try_from((written * 100 / expected).min(99)).unwrap_or(99));
                        if free(&self.folder).is_some_and(|free| free < RESERVE / 2) {
                            stop.stop();
                        }
                    }
                }
            }
        };
        copied.map_err(|error| if stop.is_stopped() { StoreError::Full } else { error.into() })?;
        self.say(BackupStep::Copying, 100);
        source.close().await?;
        Ok(())
    }

    fn expect_room(&self, bytes: u64) -> Result<()> {
        let needed = bytes + RESERVE.max(bytes / 10);
        let folder = if self.folder.is_dir() { &self.folder } else { self.database.parent().unwrap_or(&self.folder) };
        if free(folder).is_some_and(|free| free < needed) { Err(StoreError::Full) } else { Ok(()) }
    }

    fn say(&self, step: BackupStep, percent: u8) {
        (self.progress)(BackupProgress { step, percent });
    }

    /// A backup as it is now.
    ///
    /// # Errors
    /// Where nothing can be said about it: it cannot be read just now, which is not its fault.
    async fn examine(&self, name: &Name) -> Result<BackupEntry> {
        let look = async || content::look(&self.file(&name.id), self.key.as_ref()).await;
        let looked = match look().await {
            // A disk that fails to read looks like damage, and can pass.
            Err(StoreError::Damaged(_)) => look().await,
            looked => looked,
        };
        match looked {
            Ok(_) | Err(StoreError::Damaged(_) | StoreError::Newer) => {
                Ok(self.entry(name, &Verified::default(), looked))
            }
            Err(error) => Err(error),
        }
    }

    fn entry(&self, name: &Name, verified: &Verified, looked: Result<(i64, Option<Label>)>) -> BackupEntry {
        let file = self.file(&name.id);
        let verification = verified.0.get(&name.id.0);
        let (state, label) = match looked {
            Ok((_, label)) if verification.is_some_and(|found| !found.sound) => (BackupState::Damaged, label),
            Ok((version, label)) if version > schema::VERSION => (BackupState::Newer, label),
            Ok((_, label)) => (BackupState::Good, label),
            Err(StoreError::Newer) => (BackupState::Newer, None),
            Err(error) => {
                tracing::debug!(%error, backup = %name.id.0, "a backup cannot be read");
                (BackupState::Damaged, None)
            }
        };
        BackupEntry {
            id: name.id.clone(),
            created_at: label.as_ref().map_or(name.created_at, |label| label.created_at),
            bytes: fs::metadata(&file).map_or(0, |found| found.len()),
            reason: name.reason,
            state,
            conversations: label.as_ref().map_or(0, |label| label.conversations),
            messages: label.as_ref().map_or(0, |label| label.messages),
            newest_at: label.and_then(|label| label.newest_at),
            verified_at: verification.map(|found| found.at),
        }
    }

    /// The backups in the order in which they were made.
    fn names(&self) -> Result<Vec<Name>> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(StoreError::from_io(&error)),
        };
        let mut names: Vec<Name> =
            entries.filter_map(|entry| Name::read(Path::new(&entry.ok()?.file_name()))).collect();
        names.sort();
        Ok(names)
    }

    fn find(&self, id: &BackupId) -> Result<Name> {
        // Compared with what is there, so that a made-up id never leads out of the folder.
        self.names()?.into_iter().find(|name| &name.id == id).ok_or(StoreError::NotFound)
    }

    /// Where a backup lies.
    pub fn file(&self, id: &BackupId) -> PathBuf {
        let mut name = id.0.clone();
        name.push('.');
        name.push_str(DATABASE);
        self.folder.join(name)
    }

    fn remove(&self, id: &BackupId) -> Result<()> {
        fs::remove_file(self.file(id)).map_err(|error| StoreError::from_io(&error))?;
        let mut verified = self.verified();
        verified.0.remove(&id.0);
        self.keep(&verified);
        Ok(())
    }

    fn make_folder(&self) -> Result<()> {
        fs::create_dir_all(&self.folder).map_err(|error| StoreError::from_io(&error))?;
        #[cfg(unix)]
        {
            // Others have nothing to look for here, whatever the folder around it allows.
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
            let _ = fs::set_permissions(&self.folder, mode);
        }
        Ok(())
    }

    fn turn(&self) -> Result<Turn> {
        let file = File::create(self.folder.join("lock")).map_err(|error| StoreError::from_io(&error))?;
        match file.try_lock() {
            Err(fs::TryLockError::WouldBlock) => Err(StoreError::Busy),
            // Where the file system knows no locks there is one program, as everywhere.
            Ok(()) | Err(fs::TryLockError::Error(_)) => Ok(Turn(file)),
        }
    }

    /// Removes what a killed program left half made. Called by whoever has the turn.
    fn clear_drafts(&self) {
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            if path.to_string_lossy().contains(&format!(".{DRAFT}")) {
                let _ = fs::remove_file(path);
            }
        }
        if let Some(folder) = self.database.parent() {
            let _ = fs::remove_dir_all(folder.join(replace::DISCARDED));
        }
    }

    fn verified(&self) -> Verified {
        let read = fs::read(self.folder.join("verified.json"));
        read.ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
    }

    fn note(&self, id: &BackupId, at: i64, sound: bool) {
        let mut verified = self.verified();
        verified.0.insert(id.0.clone(), Verification { at, sound });
        self.keep(&verified);
    }

    /// What is lost with this file is only when the backups were last read.
    fn keep(&self, verified: &Verified) {
        let file = self.folder.join("verified.json");
        let draft = file.with_extension(format!("json.{DRAFT}"));
        let kept = serde_json::to_vec(verified).map_err(io::Error::other);
        if let Err(error) = kept.and_then(|bytes| fs::write(&draft, bytes)).and_then(|()| fs::rename(&draft, &file)) {
            tracing::warn!(%error, "it cannot be noted when the backups were last read");
        }
    }
}

fn expect_good(entry: BackupEntry) -> Result<BackupEntry> {
    match entry.state {
        BackupState::Good => Ok(entry),
        BackupState::Damaged => Err(StoreError::Damaged("the backup".to_owned())),
        BackupState::Newer => Err(StoreError::Newer),
    }
}

/// Reads a database file from end to end.
pub(crate) async fn check(file: &Path, key: Option<&DatabaseKey>, pace: Pace) -> Result<()> {
    let mut connection = base_options(file, key).read_only(true).connect().await?;
    let stop = Stop::default();
    stop.watch(&mut connection, pace).await?;
    let found: Result<Vec<String>, sqlx::Error> =
        sqlx::query_scalar("PRAGMA integrity_check(5)").fetch_all(&mut connection).await;
    connection.close().await?;
    let found = found?;
    if found == ["ok"] { Ok(()) } else { Err(StoreError::Damaged(found.join("; "))) }
}

/// Stops a statement that runs elsewhere: when it is told to, or when it is dropped because nobody waits any more.
#[derive(Default)]
pub(crate) struct Stop(Arc<AtomicBool>);

impl Stop {
    pub(crate) async fn watch(&self, connection: &mut SqliteConnection, pace: Pace) -> Result<()> {
        let stopped = Arc::clone(&self.0);
        connection.lock_handle().await?.set_progress_handler(REST_EVERY, move || {
            if pace == Pace::Gentle {
                // On the connection's own thread.
                std::thread::sleep(REST);
            }
            !stopped.load(Ordering::Relaxed)
        });
        Ok(())
    }

    pub(crate) fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for Stop {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A file that is removed unless it was given another name.
pub(crate) struct Draft(pub(crate) PathBuf);

impl Drop for Draft {
    fn drop(&mut self) {
        self.clear();
    }
}

impl Draft {
    /// Removes the file and what SQLite keeps beside it.
    pub(crate) fn clear(&self) {
        remove_draft(&self.0);
    }
}

impl Name {
    fn read(file: &Path) -> Option<Self> {
        if file.extension()? != DATABASE {
            return None;
        }
        let stem = file.file_stem()?.to_str()?;
        let (number, rest) = stem.split_once('-')?;
        // 2026-01-02T03-04-05Z
        let (stamp, reason) = rest.split_at_checked(20)?;
        let reason = match reason.strip_prefix('-')? {
            "daily" => BackupReason::Daily,
            "before-migration" => BackupReason::BeforeMigration,
            "manual" => BackupReason::Manual,
            "before-restore" => BackupReason::BeforeRestore,
            "encryption" => BackupReason::Encryption,
            _ => return None,
        };
        let created_at = chrono::NaiveDateTime::parse_from_str(stamp, STAMP).ok()?.and_utc().timestamp_millis();
        Some(Self { number: number.parse().ok()?, id: BackupId(stem.to_owned()), created_at, reason })
    }
}

/// A time as file names on all systems can hold it, in UTC.
const STAMP: &str = "%Y-%m-%dT%H-%M-%SZ";

pub(crate) fn stamp(at: i64) -> String {
    chrono::DateTime::from_timestamp_millis(at).unwrap_or_default().format(STAMP).to_string()
}

const fn reason_word(reason: BackupReason) -> &'static str {
    match reason {
        BackupReason::Daily => "daily",
        BackupReason::BeforeMigration => "before-migration",
        BackupReason::Manual => "manual",
        BackupReason::BeforeRestore => "before-restore",
        BackupReason::Encryption => "encryption",
    }
}

fn copy_file(from: &Path, to: &Path) -> io::Result<()> {
    draft_file(to)?;
    fs::copy(from, to)?;
    Ok(())
}

/// Has the disk take a file, and gives it its name.
pub(crate) fn publish(draft: &Path, file: &Path) -> io::Result<()> {
    File::options().read(true).write(true).open(draft)?.sync_all()?;
    fs::rename(draft, file)
}

/// How much room the disk has for us; nothing where the system does not say.
pub fn free(folder: &Path) -> Option<u64> {
    #[cfg(unix)]
    {
        let found = rustix::fs::statvfs(folder).ok()?;
        Some(found.f_bavail.saturating_mul(found.f_frsize))
    }
    #[cfg(not(unix))]
    {
        let _ = folder;
        None
    }
}
