//! The history.

use capibara6_protocol::{
    AppError, ConversationList, ConversationOpen, ConversationPage, ConversationPin, ConversationRef,
    ConversationRename, ConversationSummary, ConversationView, MessageRef,
};
use tauri::State;

use crate::backend::Backend;

/// A page of conversations.
#[tauri::command]
pub async fn conversation_list(
    backend: State<'_, Backend>,
    request: ConversationList,
) -> Result<ConversationPage, AppError> {
    backend.core().await.conversation_list(request).await
}

/// A stretch of a conversation.
#[tauri::command]
pub async fn conversation_open(
    backend: State<'_, Backend>,
    request: ConversationOpen,
) -> Result<ConversationView, AppError> {
    backend.core().await.conversation_open(request).await
}

/// Changes a title.
#[tauri::command]
pub async fn conversation_rename(
    backend: State<'_, Backend>,
    request: ConversationRename,
) -> Result<ConversationSummary, AppError> {
    backend.core().await.conversation_rename(request).await
}

/// Pins or unpins.
#[tauri::command]
pub async fn conversation_pin(
    backend: State<'_, Backend>,
    request: ConversationPin,
) -> Result<ConversationSummary, AppError> {
    backend.core().await.conversation_pin(request).await
}

/// Removes a conversation from the list; `conversation_restore` brings it back.
#[tauri::command]
pub async fn conversation_delete(backend: State<'_, Backend>, request: ConversationRef) -> Result<(), AppError> {
    backend.core().await.conversation_delete(request).await
}

/// Brings a deleted conversation back.
#[tauri::command]
pub async fn conversation_restore(
    backend: State<'_, Backend>,
    request: ConversationRef,
) -> Result<ConversationSummary, AppError> {
    backend.core().await.conversation_restore(request).await
}

/// Shows another version: makes the branch through this message the active one.
#[tauri::command]
pub async fn conversation_select(
    backend: State<'_, Backend>,
    request: MessageRef,
) -> Result<ConversationView, AppError> {
    backend.core().await.conversation_select(request).await
}
