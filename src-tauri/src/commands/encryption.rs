//! Encryption of the open history.

use capibara6_protocol::{
    AppError, Encryption, EncryptionEnable, EncryptionPassphraseSet, EncryptionUnlock, HistoryLock,
};
use tauri::State;

use crate::backend::Backend;

/// How the open history lies on disk.
#[tauri::command]
pub async fn encryption_state(backend: State<'_, Backend>) -> Result<Encryption, AppError> {
    backend.core().await.encryption_state().await
}

/// How every history of this computer lies on disk.
#[tauri::command]
pub async fn encryption_list(backend: State<'_, Backend>) -> Result<Vec<HistoryLock>, AppError> {
    backend.core().await.encryption_list().await
}

/// Encrypts the open history.
#[tauri::command]
pub async fn encryption_enable(backend: State<'_, Backend>, request: EncryptionEnable) -> Result<Encryption, AppError> {
    backend.core().await.encryption_enable(request).await
}

/// Takes the encryption of the open history away.
#[tauri::command]
pub async fn encryption_disable(backend: State<'_, Backend>) -> Result<Encryption, AppError> {
    backend.core().await.encryption_disable().await
}

/// Opens an encrypted history.
#[tauri::command]
pub async fn encryption_unlock(backend: State<'_, Backend>, request: EncryptionUnlock) -> Result<Encryption, AppError> {
    backend.core().await.encryption_unlock(request).await
}

/// Changes the recovery passphrase.
#[tauri::command]
pub async fn encryption_passphrase_set(
    backend: State<'_, Backend>,
    request: EncryptionPassphraseSet,
) -> Result<Encryption, AppError> {
    backend.core().await.encryption_passphrase_set(request).await
}
