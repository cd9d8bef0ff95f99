//! Finding what was said.

use capibara6_protocol::{AppError, SearchMarks, SearchPage, SearchQuery, SearchState, TextSpan};
use tauri::State;

use crate::backend::Backend;

/// Finds what was said.
#[tauri::command]
pub async fn search(backend: State<'_, Backend>, request: SearchQuery) -> Result<SearchPage, AppError> {
    backend.core().await.search(request).await
}

/// What a query marks in texts.
#[tauri::command]
pub async fn search_marks(backend: State<'_, Backend>, request: SearchMarks) -> Result<Vec<Vec<TextSpan>>, AppError> {
    backend.core().await.search_marks(request).await
}

/// How far the index is.
#[tauri::command]
pub async fn search_state(backend: State<'_, Backend>) -> Result<SearchState, AppError> {
    backend.core().await.search_state().await
}

/// Makes the index anew from the messages.
#[tauri::command]
pub async fn search_rebuild(backend: State<'_, Backend>) -> Result<(), AppError> {
    backend.core().await.search_rebuild().await
}
