//! What the database says about its own safety: when it was last read from end to end, how long its backups are kept, and
//! what was saved of the file before it. Rows of tables that every version of the program has.

use std::path::Path;

use capibara6_protocol::{BackupReason, Restored, Retention, SalvageReport};

use crate::backup::{self, Pace};
use crate::error::{Result, StoreError};
use crate::key::DatabaseKey;
use crate::{BackupFolder, Store, open};

/// Rows of `about`.
pub(crate) const SALVAGE: &str = "salvage";
pub(crate) const RESTORED: &str = "restored";
const CHECKED: &str = "checked_at";

/// A row of `setting`: it belongs to whoever uses the program.
const RETENTION: &str = "backup_retention";

impl Store {
    /// Opens like [`Self::open`] (or [`Self::open_encrypted`]), after a backup where a migration is due. A migration only
    /// adds and happens whole or not at all: where there is no room for the backup it is done without, because a history
    /// that can no longer be written would be the greater loss.
    ///
    /// # Errors
    /// As for [`Self::open`].
    pub async fn open_kept(path: &Path, key: Option<&DatabaseKey>, now: i64) -> Result<Self> {
        if open::migration_is_due(path, key).await {
            let backups = BackupFolder::of(path, key);
            match backups.create(BackupReason::BeforeMigration, now, Pace::Full).await {
                Ok(made) => tracing::info!(backup = %made.id.0, "a backup before the migration"),
                Err(error @ StoreError::Damaged(_)) => return Err(error),
                Err(error) => tracing::error!(%error, "there is no backup before the migration"),
            }
        }
        match key {
            Some(key) => Self::open_encrypted(path, key).await,
            None => Self::open(path).await,
        }
    }

    /// The backups of this database.
    pub fn backups(&self) -> BackupFolder {
        BackupFolder::of(&self.inner.path, self.inner.key.as_ref())
    }

    /// Reads the whole file beside whoever uses it, and notes that it is sound. Takes little of the machine.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] with the first things found; nothing is written from then on.
    pub async fn check_gently(&self, now: i64) -> Result<()> {
        let checked = backup::check(&self.inner.path, self.inner.key.as_ref(), Pace::Gentle).await;
        checked.inspect_err(|error| self.remember(error))?;
        self.set_about(CHECKED, &now).await
    }

    /// When the file was last found sound.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn checked_at(&self) -> Result<Option<i64>> {
        self.about(CHECKED).await
    }

    /// How long backups are kept.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn retention(&self) -> Result<Retention> {
        let text: Option<String> = self
            .read(async |reader| {
                Ok(sqlx::query_scalar("SELECT value FROM setting WHERE key = ?1")
                    .bind(RETENTION)
                    .fetch_optional(reader)
                    .await?)
            })
            .await?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    }

    /// Changes how long backups are kept.
    ///
    /// # Errors
    /// Those of writing.
    pub async fn set_retention(&self, retention: &Retention) -> Result<()> {
        let text = serde_json::to_string(retention).map_err(|error| StoreError::Failed(error.to_string()))?;
        self.write(async |writer| {
            sqlx::query("INSERT OR REPLACE INTO setting (key, value) VALUES (?1, ?2)")
                .bind(RETENTION)
                .bind(text)
                .execute(writer)
                .await?;
            Ok(())
        })
        .await
    }

    /// The last time a backup took the place of the history, where it names a way back: that backup may be gone by now.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn restored(&self) -> Result<Option<Restored>> {
        self.about(RESTORED).await
    }

    /// What was saved when the file before this one was found damaged, until it is dismissed.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn salvage_report(&self) -> Result<Option<SalvageReport>> {
        self.about(SALVAGE).await
    }

    /// The report was read.
    ///
    /// # Errors
    /// Those of writing.
    pub async fn dismiss_salvage_report(&self) -> Result<()> {
        self.write(async |writer| {
            sqlx::query("DELETE FROM about WHERE key = ?1").bind(SALVAGE).execute(writer).await?;
            Ok(())
        })
        .await
    }

    async fn about<T: serde::de::DeserializeOwned>(&self, key: &'static str) -> Result<Option<T>> {
        let text: Option<String> = self
            .read(async |reader| {
                Ok(sqlx::query_scalar("SELECT value FROM about WHERE key = ?1")
                    .bind(key)
                    .fetch_optional(reader)
                    .await?)
            })
            .await?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }

    async fn set_about<T: serde::Serialize + Sync>(&self, key: &'static str, value: &T) -> Result<()> {
        let text = serde_json::to_string(value).map_err(|error| StoreError::Failed(error.to_string()))?;
        self.write(async |writer| {
            sqlx::query("INSERT OR REPLACE INTO about (key, value) VALUES (?1, ?2)")
                .bind(key)
                .bind(text)
                .execute(writer)
                .await?;
            Ok(())
        })
        .await
    }
}
