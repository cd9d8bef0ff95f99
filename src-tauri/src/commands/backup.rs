//! Backups of the history, and what was saved of a damaged one.

use capibara6_protocol::{AppError, BackupEntry, BackupPreview, BackupRef, Backups, Retention, StorageReport};
use tauri::State;

use crate::backend::Backend;

/// The backups at hand.
#[tauri::command]
pub async fn backup_list(backend: State<'_, Backend>) -> Result<Backups, AppError> {
    backend.core().await.backup_list().await
}

/// Makes a backup now, and gives it once it was read from end to end.
#[tauri::command]
pub async fn backup_create(backend: State<'_, Backend>) -> Result<BackupEntry, AppError> {
    backend.core().await.backup_create().await
}

/// What a backup holds: reads all of it, which takes seconds where it is large.
#[tauri::command]
pub async fn backup_preview(backend: State<'_, Backend>, request: BackupRef) -> Result<BackupPreview, AppError> {
    backend.core().await.backup_preview(request).await
}

/// Puts a backup in the place of the history, after a backup of the history.
#[tauri::command]
pub async fn backup_restore(backend: State<'_, Backend>, request: BackupRef) -> Result<BackupEntry, AppError> {
    backend.core().await.backup_restore(request).await
}

/// Removes a backup.
#[tauri::command]
pub async fn backup_delete(backend: State<'_, Backend>, request: BackupRef) -> Result<Backups, AppError> {
    backend.core().await.backup_delete(request).await
}

/// Changes how long backups are kept.
#[tauri::command]
pub async fn backup_retention_set(backend: State<'_, Backend>, request: Retention) -> Result<Backups, AppError> {
    backend.core().await.backup_retention_set(request).await
}

/// What the disk holds of the history, and what was saved of a damaged one.
#[tauri::command]
pub async fn storage_report(backend: State<'_, Backend>) -> Result<StorageReport, AppError> {
    backend.core().await.storage_report().await
}

/// The report about a damaged history was read.
#[tauri::command]
pub async fn salvage_dismiss(backend: State<'_, Backend>) -> Result<(), AppError> {
    backend.core().await.salvage_dismiss().await
}
