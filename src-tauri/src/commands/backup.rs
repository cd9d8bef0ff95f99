//! Backups of the history, and what was saved of a damaged one.

use capibara6_protocol::{
    AppError, BackupEntry, BackupPreview, BackupRef, Backups, ErrorCode, Retention, StorageReport,
};

/// The backups at hand.
#[tauri::command]
pub async fn backup_list() -> Result<Backups, AppError> {
    Err(ErrorCode::NotFound.into())
}

/// Makes a backup now.
#[tauri::command]
pub async fn backup_create() -> Result<BackupEntry, AppError> {
    Err(ErrorCode::NotFound.into())
}

/// What a backup holds.
#[tauri::command]
pub async fn backup_preview(request: BackupRef) -> Result<BackupPreview, AppError> {
    Err(AppError::new(ErrorCode::NotFound).with_detail(request.id.0))
}

/// Puts a backup in the place of the history.
#[tauri::command]
pub async fn backup_restore(request: BackupRef) -> Result<BackupEntry, AppError> {
    Err(AppError::new(ErrorCode::NotFound).with_detail(request.id.0))
}

/// Removes a backup.
#[tauri::command]
pub async fn backup_delete(request: BackupRef) -> Result<Backups, AppError> {
    Err(AppError::new(ErrorCode::NotFound).with_detail(request.id.0))
}

/// Changes how long backups are kept.
#[tauri::command]
pub async fn backup_retention_set(request: Retention) -> Result<Backups, AppError> {
    tracing::debug!(?request, "retention");
    Err(ErrorCode::NotFound.into())
}

/// What the disk holds of the history, and what was saved of a damaged one.
#[tauri::command]
pub async fn storage_report() -> Result<StorageReport, AppError> {
    Err(ErrorCode::NotFound.into())
}

/// The report about a damaged history was read.
#[tauri::command]
pub async fn salvage_dismiss() -> Result<(), AppError> {
    Ok(())
}
