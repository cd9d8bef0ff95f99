//! Backups of the open history, and what was saved of a damaged one.

use capibara6_protocol::*;
use capibara6_store::{BackupFolder, Cipher, Pace, StoreError, free, recrypt, salvage};

use super::App;
use crate::keeping;
use crate::spaces::{DATABASE, Space};

impl App {
    /// The backups at hand; also where the history itself cannot be opened.
    pub async fn backup_list(&self) -> Result<Backups, AppError> {
        let folder = self.backup_folder();
        let entries = folder.list().await?;
        let restored = match self.history().await {
            Ok(history) => history.store.restored().await.ok().flatten(),
            Err(_) => None,
        };
        let leads_back =
            |to: &BackupId| entries.iter().any(|entry| &entry.id == to && entry.state == BackupState::Good);
        Ok(Backups {
            folder: folder.path().display().to_string(),
            restored: restored.filter(|restored| leads_back(&restored.before)),
            entries,
            retention: self.retention().await,
            running: self.inner.keeping.running(),
            failure: self.inner.keeping.failure(),
        })
    }

    /// Makes a backup now.
    pub async fn backup_create(&self) -> Result<BackupEntry, AppError> {
        let history = self.history().await?;
        self.make(&self.telling(history.store.backups()), BackupReason::Manual, Pace::Full).await
    }

    /// What a backup holds.
    pub async fn backup_preview(&self, request: BackupRef) -> Result<BackupPreview, AppError> {
        let preview = self.telling(self.backup_folder()).preview(&request.id, self.inner.surroundings.now()).await;
        self.inner.keeping.is_at(None);
        Ok(preview?)
    }

    /// Puts a backup in the place of the history. The history as it is becomes a backup before; where it cannot be read its
    /// files are set aside.
    pub async fn backup_restore(&self, request: BackupRef) -> Result<BackupEntry, AppError> {
        let restored = self.restore(request.id).await;
        self.inner.keeping.is_at(None);
        restored
    }

    async fn restore(&self, id: BackupId) -> Result<BackupEntry, AppError> {
        let backups = self.telling(self.backup_folder());
        let now = self.inner.surroundings.now();
        let aside = match self.history().await {
            // Whatever a copy of it says: it stands beside what was said since it is damaged.
            Ok(history) if matches!(history.store.trouble(), Some(StoreError::Damaged(_))) => Some(salvage::FOLDER),
            Ok(_) => match self.make(&backups, BackupReason::BeforeRestore, Pace::Full).await {
                Ok(_) => None,
                Err(error) if error.code == ErrorCode::StorageDamaged => Some(salvage::FOLDER),
                Err(error) => return Err(error),
            },
            Err(_) => Some(salvage::FOLDER),
        };
        let cipher_now = Cipher::of(&self.space().folder(&self.inner.home).join(DATABASE));
        let entry = backups.stage_restore(&id, now, aside).await?;
        let finish = backups.clone();
        // What was encrypted stays so, also where the backup was made before.
        let path = self.space().folder(&self.inner.home).join(DATABASE);
        let key = self.inner.keys.known(&path).filter(|_| cipher_now == Cipher::Encrypted);
        let finished = self
            .reopen(move |path| async move {
                finish.finish_restore().await?;
                if key.is_some() && Cipher::of(&path) == Cipher::Plain {
                    recrypt(&path, None, key.as_ref()).await?;
                }
                keeping::forget_damage(&path);
                Ok(())
            })
            .await;
        if let Err(error) = finished {
            backups.abandon_restore();
            return Err(error);
        }
        tracing::info!(backup = %id.0, "a backup took the place of the history");
        Ok(entry)
    }

    /// Removes a backup.
    pub async fn backup_delete(&self, request: BackupRef) -> Result<Backups, AppError> {
        self.backup_folder().delete(&request.id)?;
        self.backup_list().await
    }

    /// Changes how long backups are kept.
    pub async fn backup_retention_set(&self, request: Retention) -> Result<Backups, AppError> {
        let history = self.history().await?;
        history.store.set_retention(&request).await?;
        self.rotate(&history.store, &history.store.backups()).await;
        self.backup_list().await
    }

    /// What the disk holds of the history, and what was saved of a damaged one.
    pub async fn storage_report(&self) -> Result<StorageReport, AppError> {
        let history = self.history().await.ok();
        let (mut salvage, mut checked_at) = (None, None);
        if let Some(history) = &history {
            salvage = history.store.salvage_report().await?;
            checked_at = history.store.checked_at().await?;
        }
        let folder = self.space().folder(&self.inner.home);
        let size = |name: &str| std::fs::metadata(folder.join(name)).map_or(0, |found| found.len());
        let entries = self.backup_folder().list().await.unwrap_or_default();
        Ok(StorageReport {
            salvage,
            checked_at,
            bytes: size(DATABASE) + size(&format!("{DATABASE}-wal")),
            backup_bytes: entries.iter().map(|entry| entry.bytes).sum(),
            free_bytes: free(&folder),
        })
    }

    /// The report about a damaged history was read.
    pub async fn salvage_dismiss(&self) -> Result<(), AppError> {
        Ok(self.history().await?.store.dismiss_salvage_report().await?)
    }

    pub(super) fn space(&self) -> Space {
        self.inner.spaces.opened().map_or(Space::SignedOut, |opened| opened.space)
    }

    pub(super) fn backup_folder(&self) -> BackupFolder {
        let path = self.space().folder(&self.inner.home).join(DATABASE);
        BackupFolder::of(&path, self.inner.keys.known(&path).as_ref())
    }

    async fn retention(&self) -> Retention {
        match self.history().await {
            Ok(history) => history.store.retention().await.unwrap_or_default(),
            Err(_) => Retention::default(),
        }
    }
}
