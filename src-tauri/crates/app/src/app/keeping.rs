//! What is done for the safety of the history without being asked: daily backups, reading what lies on disk from end to end,
//! salvage of what is damaged, and going on once a full disk has room again. None of it while people look at what opens, and
//! never faster than leaves the machine to them.

use std::sync::{Arc, Weak};
use std::time::Duration;

use capibara6_protocol::*;
use capibara6_store::{BackupFolder, Pace, Store, StoreError, salvage};

use super::App;
use crate::keeping;
use crate::spaces::{DATABASE, History, Space};

/// How long after the window can be used the first round begins, and then each next one.
const FIRST_ROUND: Duration = Duration::from_secs(30);
const ROUND: Duration = Duration::from_secs(30 * 60);

/// After so long a database or a backup is read from end to end again.
const READ_AGAIN_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// How often it is tried to write again where nothing could be written at the start.
const TRY_AGAIN: Duration = Duration::from_secs(2);

impl App {
    /// Looks after the open space from now on. Called whenever a space was opened, and when the window can be used.
    pub(super) fn keep_safe(&self) {
        let Some(opened) = self.inner.spaces.opened() else { return };
        match opened.history {
            Ok(history) => {
                if history.store.trouble().is_some() {
                    tokio::spawn(wait_for_room(Arc::downgrade(&history)));
                }
                history.guarding.call_once(|| drop(tokio::spawn(self.clone().guard(Arc::downgrade(&history)))));
                if self.inner.ready.is_completed() && self.inner.keeping.takes(&history) {
                    tokio::spawn(self.clone().rounds(Arc::downgrade(&history)));
                }
            }
            Err(error) if error.code == ErrorCode::StorageDamaged => {
                tokio::spawn(self.clone().rescue(opened.space, error.detail.unwrap_or_default(), Known::Told));
            }
            Err(error) if [ErrorCode::StorageFull, ErrorCode::StorageReadOnly].contains(&error.code) => {
                tokio::spawn(self.clone().wait_for_a_place(opened.space));
            }
            Err(_) => {}
        }
    }

    /// Round after round, for as long as the history is open.
    async fn rounds(self, history: Weak<History>) {
        tokio::time::sleep(FIRST_ROUND).await;
        loop {
            let Some(open) = history.upgrade() else { return };
            self.look_after(&open.store).await;
            // The settings of the program are in the signed-out space's, whichever is open.
            if let Ok(program) = self.inner.spaces.program()
                && program.path() != open.store.path()
            {
                self.look_after(&program).await;
            }
            drop(open);
            tokio::time::sleep(ROUND).await;
        }
    }

    /// One round, now: for tests.
    #[doc(hidden)]
    pub async fn look_after_now(&self) -> Result<(), AppError> {
        let history = self.history().await?;
        self.look_after(&history.store).await;
        Ok(())
    }

    /// Reads a database from end to end where that is due, makes its daily backup, and removes those that are not kept.
    pub(super) async fn look_after(&self, store: &Store) {
        let now = self.inner.surroundings.now();
        if store.trouble().is_some() {
            return;
        }
        let checked = store.checked_at().await.ok().flatten();
        if checked.is_none_or(|at| at > now || at < now.saturating_sub(READ_AGAIN_MS)) {
            match store.check_gently(now).await {
                Err(StoreError::Damaged(detail)) => return self.found_damaged(store, detail).await,
                Err(error) => tracing::warn!(%error, "the history could not be read from end to end"),
                Ok(()) => {}
            }
        }
        let backups = self.telling(store.backups());
        if backups.is_due(now).await.unwrap_or(false) {
            match self.make(&backups, BackupReason::Daily, Pace::Gentle).await {
                Err(AppError { code: ErrorCode::StorageDamaged, detail, .. }) => {
                    return self.found_damaged(store, detail.unwrap_or_default()).await;
                }
                Err(error) if error.code == ErrorCode::Busy => {}
                Err(error) => {
                    let failure = BackupFailure { at: now, reason: BackupReason::Daily, error };
                    self.inner.keeping.ended(Some(failure.clone()));
                    self.inner.frames.send(Event::BackupFailed { failure });
                }
                Ok(_) => self.rotate(store, &backups).await,
            }
        }
        if let Ok(Some(id)) = backups.longest_unread(now, READ_AGAIN_MS).await {
            let read = backups.verify(&id, now, Pace::Gentle).await;
            self.inner.keeping.is_at(None);
            if let Err(error) = read {
                tracing::warn!(%error, backup = %id.0, "a backup could not be read");
            }
        }
    }

    /// Removes the backups that are no longer kept.
    pub(super) async fn rotate(&self, store: &Store, backups: &BackupFolder) {
        let retention = store.retention().await.unwrap_or_default();
        match backups.rotate(&retention).await {
            Ok(removed) => tracing::info!(removed = removed.len(), "backups that are no longer kept"),
            Err(error) => tracing::warn!(%error, "backups that are no longer kept are still there"),
        }
    }

    /// Looks out for damage that anybody comes across while a history is open, for as long as it is.
    async fn guard(self, history: Weak<History>) {
        let Some(mut trouble) = history.upgrade().map(|open| open.store.watch_trouble()) else { return };
        loop {
            let is_damage = |trouble: &Option<StoreError>| matches!(trouble, Some(StoreError::Damaged(_)));
            let damage = trouble.wait_for(is_damage).await.map(|damage| damage.clone());
            let Ok(Some(StoreError::Damaged(detail))) = damage else { return };
            let Some(open) = history.upgrade() else { return };
            self.found_damaged(&open.store, detail).await;
            drop(open);
            // Nothing is left to do before it is sound again, or another one is open.
            if trouble.wait_for(|trouble| !is_damage(trouble)).await.is_err() {
                return;
            }
        }
    }

    /// A database seems to be damaged while it is open: nothing is written into it any more. It is read from end to end once, because
    /// SQLite also calls it damage where a disk fails to read for a moment; where it is damaged it is salvaged at once, with what is
    /// said meanwhile, or at the next start.
    async fn found_damaged(&self, store: &Store, detail: String) {
        if store.suspect(detail.clone()).await.is_ok() {
            tracing::warn!(%detail, "what seemed damaged can be read");
            return;
        }
        tracing::error!(%detail, "the history is damaged");
        keeping::note_damage(store.path(), &detail);
        let known = if store.is_proven_damaged() { Known::Proven } else { Known::Told };
        if let Some(opened) = self.inner.spaces.opened()
            && let Ok(history) = &opened.history
            && history.store.path() == store.path()
        {
            history.in_trouble(AppError::new(ErrorCode::StorageDamaged).with_detail(detail.clone()));
            tokio::spawn(self.clone().rescue(opened.space, detail, known));
        }
    }

    /// Salvages what is damaged, once in each run of the program. What can be read from end to end is opened as it is; so is what
    /// was about to take the place of what is damaged and was cut off.
    async fn rescue(self, space: Space, detail: String, known: Known) {
        let path = space.folder(&self.inner.home).join(DATABASE);
        let key = self.inner.keys.known(&path);
        // One that was open is ours, and nobody may look into its file beside SQLite.
        if known == Known::Told && !salvage::can_be_tried(&path, key.as_ref()).await {
            return;
        }
        if !self.inner.keeping.tries(&path) {
            return;
        }
        let (now, frames) = (self.inner.surroundings.now(), self.inner.frames.clone());
        let telling = self.clone();
        let rescued = self.reopen(move |path| async move {
            let took_its_place = salvage::finish_begun(&path, key.as_ref()).await?;
            if (took_its_place || known == Known::Told) && BackupFolder::prove(&path, key.as_ref()).await.is_ok() {
                keeping::forget_damage(&path);
                return Ok(None);
            }
            let progress = move |progress| telling.tell_progress(progress);
            let report = salvage::salvage(&path, key.as_ref(), now, &detail, progress).await?;
            keeping::forget_damage(&path);
            Ok(Some(report))
        });
        let rescued = rescued.await;
        self.inner.keeping.is_at(None);
        match rescued {
            Ok(None) => tracing::warn!("the history can be read, and was opened as it is"),
            Ok(Some(report)) => {
                tracing::warn!(saved = report.saved_messages, lost = report.lost_messages, "the history was salvaged");
                frames.send(Event::StorageSalvaged);
            }
            Err(error) => tracing::error!(%error, "the history could not be salvaged"),
        }
    }

    /// Opens a space once its folder can be written: there was nothing to read in it.
    async fn wait_for_a_place(self, space: Space) {
        let path = space.folder(&self.inner.home).join(DATABASE);
        loop {
            tokio::time::sleep(TRY_AGAIN).await;
            let is_wanted = self.inner.spaces.opened().is_some_and(|open| open.space == space && open.history.is_err());
            if !is_wanted {
                return;
            }
            let key = self.inner.keys.known(&path);
            if let Ok(store) = keeping::open(&path, key.as_ref()).await {
                store.close().await;
                drop(store);
                if let Err(error) = self.reopen(|_| async { Ok(()) }).await {
                    tracing::warn!(%error, "the history could not be opened anew");
                }
                return;
            }
        }
    }

    /// The same backups, telling the window how far they are.
    pub(super) fn telling(&self, backups: BackupFolder) -> BackupFolder {
        let app = self.clone();
        backups.with_progress(move |progress| app.tell_progress(progress))
    }

    fn tell_progress(&self, progress: BackupProgress) {
        self.inner.keeping.is_at(Some(progress));
        self.inner.frames.send(Event::BackupProgress { progress });
    }

    /// Makes a backup and tells the window.
    pub(super) async fn make(
        &self,
        backups: &BackupFolder,
        reason: BackupReason,
        pace: Pace,
    ) -> Result<BackupEntry, AppError> {
        let made = backups.create(reason, self.inner.surroundings.now(), pace).await;
        self.inner.keeping.is_at(None);
        let entry = made?;
        self.inner.keeping.ended(None);
        self.inner.frames.send(Event::BackupMade { entry: entry.clone() });
        Ok(entry)
    }
}

/// What is known of a damage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    /// Somebody said so: the run before this one, or whoever could not open it.
    Told,
    /// The whole file was read just now.
    Proven,
}

/// Writes again as soon as that is possible, and says so.
async fn wait_for_room(history: Weak<History>) {
    loop {
        tokio::time::sleep(TRY_AGAIN).await;
        let Some(open) = history.upgrade() else { return };
        match open.store.resume().await {
            Ok(()) => return open.recovered(),
            Err(StoreError::Full | StoreError::ReadOnly) => {}
            Err(error) => return tracing::warn!(%error, "the history stays read-only"),
        }
    }
}
