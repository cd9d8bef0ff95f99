//! Endpoints' keys: they go in and are never read back.

use capibara6_protocol::{AppError, KeySet, KeyStates, ModelRef};
use tauri::State;

use crate::backend::Backend;

/// Which endpoints have a key.
#[tauri::command]
pub async fn key_states(backend: State<'_, Backend>) -> Result<KeyStates, AppError> {
    backend.core().await.key_states().await
}

/// Stores a key.
#[tauri::command]
pub async fn key_set(backend: State<'_, Backend>, request: KeySet) -> Result<KeyStates, AppError> {
    backend.core().await.key_set(request).await
}

/// Removes a key.
#[tauri::command]
pub async fn key_clear(backend: State<'_, Backend>, request: ModelRef) -> Result<KeyStates, AppError> {
    backend.core().await.key_clear(request).await
}
