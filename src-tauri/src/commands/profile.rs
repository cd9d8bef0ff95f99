//! Fleets of model servers.

use capibara6_protocol::{
    AppError, EndpointTest, FoundServer, Profile, ProfileOption, ProfileRef, ProfileSave, ProfileView,
};
use tauri::State;

use crate::backend::Backend;

/// The profiles at hand.
#[tauri::command]
pub async fn profile_list(backend: State<'_, Backend>) -> Result<Vec<ProfileOption>, AppError> {
    backend.core().await.profile_list().await
}

/// Uses a profile from now on.
#[tauri::command]
pub async fn profile_select(backend: State<'_, Backend>, request: ProfileRef) -> Result<ProfileView, AppError> {
    backend.core().await.profile_select(request).await
}

/// Reads a profile, to edit or copy it.
#[tauri::command]
pub async fn profile_read(backend: State<'_, Backend>, request: ProfileRef) -> Result<ProfileView, AppError> {
    backend.core().await.profile_read(request).await
}

/// Writes a profile of the user's own.
#[tauri::command]
pub async fn profile_save(backend: State<'_, Backend>, request: ProfileSave) -> Result<ProfileOption, AppError> {
    backend.core().await.profile_save(request).await
}

/// Removes a profile of the user's own.
#[tauri::command]
pub async fn profile_delete(backend: State<'_, Backend>, request: ProfileRef) -> Result<(), AppError> {
    backend.core().await.profile_delete(request).await
}

/// Asks every model's address what it serves.
#[tauri::command]
pub async fn profile_test(backend: State<'_, Backend>, request: Profile) -> Result<Vec<EndpointTest>, AppError> {
    backend.core().await.profile_test(request).await
}

/// Looks for servers on this computer: loopback only, and only on this request.
#[tauri::command]
pub async fn servers_scan(backend: State<'_, Backend>) -> Result<Vec<FoundServer>, AppError> {
    backend.core().await.servers_scan().await
}
