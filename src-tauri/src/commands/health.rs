//! How the endpoints do.

use capibara6_protocol::{AppError, EndpointState};
use tauri::State;

use crate::backend::Backend;

/// The states of the active profile's endpoints.
#[tauri::command]
pub async fn health(backend: State<'_, Backend>) -> Result<Vec<EndpointState>, AppError> {
    backend.core().await.health().await
}

/// Asks the endpoints again now.
#[tauri::command]
pub async fn health_refresh(backend: State<'_, Backend>) -> Result<(), AppError> {
    backend.core().await.health_refresh().await
}
