//! The program itself: start, versions, links.

use capibara6_protocol::{About, AppError, Boot, LinkOpen};
use tauri::State;

use crate::backend::Backend;
use crate::links;

/// What the window needs before it can be used.
#[tauri::command]
pub async fn boot(backend: State<'_, Backend>) -> Result<Boot, AppError> {
    backend.core().await.boot().await
}

/// The window can be used: ends the measured start. Idempotent.
#[tauri::command]
pub async fn window_ready(backend: State<'_, Backend>) -> Result<(), AppError> {
    backend.ready();
    backend.core().await.window_ready().await
}

/// Versions.
#[tauri::command]
pub async fn about(backend: State<'_, Backend>) -> Result<About, AppError> {
    backend.core().await.about().await
}

/// Text for a bug report: versions, profile without secrets, endpoint states, last log lines.
#[tauri::command]
pub async fn diagnostics(backend: State<'_, Backend>) -> Result<String, AppError> {
    backend.core().await.diagnostics().await
}

/// Opens a link in the system's browser.
#[tauri::command]
pub async fn link_open(request: LinkOpen) -> Result<(), AppError> {
    links::open(&request.url)
}
