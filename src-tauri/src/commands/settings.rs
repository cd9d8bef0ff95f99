//! What the user has set.

use capibara6_protocol::{AppError, Settings};
use tauri::{AppHandle, State};

use crate::backend::Backend;

/// All settings.
#[tauri::command]
pub async fn settings_get(backend: State<'_, Backend>) -> Result<Settings, AppError> {
    backend.core().await.settings_get().await
}

/// Replaces all settings but the profile. The window's frame and the menu follow.
#[tauri::command]
pub async fn settings_set(
    app: AppHandle,
    backend: State<'_, Backend>,
    request: Settings,
) -> Result<Settings, AppError> {
    let settings = backend.core().await.settings_set(request).await?;
    backend.show(&app, &settings);
    Ok(settings)
}
