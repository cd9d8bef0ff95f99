//! Asking and answering.

use capibara6_protocol::{AppError, ChatEdit, ChatRegenerate, ChatSend, ChatStarted, MessageRef};
use tauri::State;

use crate::backend::Backend;

/// Asks.
#[tauri::command]
pub async fn chat_send(backend: State<'_, Backend>, request: ChatSend) -> Result<ChatStarted, AppError> {
    backend.core().await.chat_send(request).await
}

/// Asks in other words.
#[tauri::command]
pub async fn chat_edit(backend: State<'_, Backend>, request: ChatEdit) -> Result<ChatStarted, AppError> {
    backend.core().await.chat_edit(request).await
}

/// Answers again.
#[tauri::command]
pub async fn chat_regenerate(backend: State<'_, Backend>, request: ChatRegenerate) -> Result<ChatStarted, AppError> {
    backend.core().await.chat_regenerate(request).await
}

/// Goes on with an answer that was interrupted, stopped or cut short, in the same message.
#[tauri::command]
pub async fn chat_continue(backend: State<'_, Backend>, request: MessageRef) -> Result<ChatStarted, AppError> {
    backend.core().await.chat_continue(request).await
}

/// Stops an answer.
#[tauri::command]
pub async fn chat_stop(backend: State<'_, Backend>, request: MessageRef) -> Result<(), AppError> {
    backend.core().await.chat_stop(request).await
}
