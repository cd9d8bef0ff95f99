//! Backups and proofs of a history without the program around it: for the command line. They work beside whoever has the
//! history open, also where it can no longer be opened.

use std::path::Path;

use capibara6_protocol::{AppError, BackupEntry, BackupProgress, BackupReason, BackupState, ErrorCode, Retention};
use capibara6_store::{BackupFolder, DatabaseKey, Pace, Store, StoreError};
use serde::Serialize;

use crate::offline::{Offline, Unlock};
use crate::surroundings::Surroundings;

/// What a proof found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Proof {
    /// The database.
    pub path: String,
    /// What is wrong with it, where something is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<AppError>,
    /// Its backups, the newest first, each read from end to end.
    pub backups: Vec<BackupEntry>,
}

impl Proof {
    /// How many backups cannot be relied on.
    pub fn damaged_backups(&self) -> usize {
        self.backups.iter().filter(|entry| entry.state == BackupState::Damaged).count()
    }
}

/// Makes a backup of the history of a space, and removes those that are no longer kept.
///
/// # Errors
/// `not-found` where there is no history; why it cannot be unlocked; the store's.
pub async fn back_up(
    home: &Path,
    account: Option<&str>,
    unlock: &Unlock,
    progress: impl Fn(BackupProgress) + Send + Sync + 'static,
) -> Result<BackupEntry, AppError> {
    let path = Offline::path(home, account)?;
    expect_there(&path)?;
    let key = unlock.key(home, account).await?;
    let backups = BackupFolder::of(&path, key.as_ref()).with_progress(progress);
    let made = backups.create(BackupReason::Manual, Surroundings::system().now(), Pace::Full).await?;
    let retention = retention(&path, key.as_ref()).await;
    if let Err(error) = backups.rotate(&retention).await {
        tracing::warn!(%error, "backups that are no longer kept are still there");
    }
    Ok(made)
}

/// The backups of a space, the newest first, and where they lie.
///
/// # Errors
/// The store's.
pub async fn backups(
    home: &Path,
    account: Option<&str>,
    unlock: &Unlock,
) -> Result<(String, Vec<BackupEntry>), AppError> {
    let key = unlock.key(home, account).await?;
    let folder = BackupFolder::of(&Offline::path(home, account)?, key.as_ref());
    Ok((folder.path().display().to_string(), folder.list().await?))
}

/// Reads a history and all its backups from end to end.
///
/// # Errors
/// `not-found` where there is no history; what keeps the files from being read. Damage is no error but what is found.
pub async fn prove(
    home: &Path,
    account: Option<&str>,
    unlock: &Unlock,
    progress: impl Fn(BackupProgress) + Send + Sync + 'static,
) -> Result<Proof, AppError> {
    let path = Offline::path(home, account)?;
    expect_there(&path)?;
    let key = unlock.key(home, account).await?;
    let error = match BackupFolder::prove(&path, key.as_ref()).await {
        Ok(()) => None,
        Err(error @ (StoreError::Damaged(_) | StoreError::Newer)) => Some(error.into()),
        Err(error) => return Err(error.into()),
    };
    let folder = BackupFolder::of(&path, key.as_ref()).with_progress(progress);
    let mut backups = Vec::new();
    for entry in folder.list().await? {
        backups.push(folder.verify(&entry.id, Surroundings::system().now(), Pace::Full).await?);
    }
    Ok(Proof { path: path.display().to_string(), error, backups })
}

fn expect_there(path: &Path) -> Result<(), AppError> {
    if path.exists() { Ok(()) } else { Err(AppError::new(ErrorCode::NotFound).with_detail(path.display().to_string())) }
}

/// How long backups are kept, where the history can still say so.
async fn retention(path: &Path, key: Option<&DatabaseKey>) -> Retention {
    let opened = match key {
        Some(key) => Store::open_encrypted(path, key).await,
        None => Store::open(path).await,
    };
    let Ok(store) = opened else { return Retention::default() };
    let retention = store.retention().await.unwrap_or_default();
    store.close().await;
    retention
}
