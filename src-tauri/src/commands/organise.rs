//! Order in the history: projects, the archive, the trash, and conversations made out of others.

use capibara6_protocol::{
    AppError, ConversationDuplicate, ConversationSummary, ConversationsArchive, ConversationsMerge, ConversationsMove,
    ConversationsPin, ConversationsRef, MessageRef, Project, ProjectCreate, ProjectMove, ProjectRef, ProjectRename,
};
use tauri::State;

use crate::backend::Backend;

/// Makes another conversation with the same messages, all versions among them.
#[tauri::command]
pub async fn conversation_duplicate(
    backend: State<'_, Backend>,
    request: ConversationDuplicate,
) -> Result<ConversationSummary, AppError> {
    backend.core().await.conversation_duplicate(request).await
}

/// Makes another conversation with everything up to this message.
#[tauri::command]
pub async fn conversation_branch(
    backend: State<'_, Backend>,
    request: MessageRef,
) -> Result<ConversationSummary, AppError> {
    backend.core().await.conversation_branch(request).await
}

/// Puts conversations into a project or takes them out.
#[tauri::command]
pub async fn conversations_move(
    backend: State<'_, Backend>,
    request: ConversationsMove,
) -> Result<Vec<ConversationSummary>, AppError> {
    backend.core().await.conversations_move(request).await
}

/// Archives conversations or takes them out of the archive.
#[tauri::command]
pub async fn conversations_archive(
    backend: State<'_, Backend>,
    request: ConversationsArchive,
) -> Result<Vec<ConversationSummary>, AppError> {
    backend.core().await.conversations_archive(request).await
}

/// Pins or unpins conversations.
#[tauri::command]
pub async fn conversations_pin(
    backend: State<'_, Backend>,
    request: ConversationsPin,
) -> Result<Vec<ConversationSummary>, AppError> {
    backend.core().await.conversations_pin(request).await
}

/// Removes conversations from the list; `conversations_restore` brings them back.
#[tauri::command]
pub async fn conversations_delete(backend: State<'_, Backend>, request: ConversationsRef) -> Result<(), AppError> {
    backend.core().await.conversations_delete(request).await
}

/// Brings deleted conversations back.
#[tauri::command]
pub async fn conversations_restore(
    backend: State<'_, Backend>,
    request: ConversationsRef,
) -> Result<Vec<ConversationSummary>, AppError> {
    backend.core().await.conversations_restore(request).await
}

/// Removes deleted conversations for good.
#[tauri::command]
pub async fn conversations_purge(backend: State<'_, Backend>, request: ConversationsRef) -> Result<(), AppError> {
    backend.core().await.conversations_purge(request).await
}

/// Makes one conversation out of several.
#[tauri::command]
pub async fn conversations_merge(
    backend: State<'_, Backend>,
    request: ConversationsMerge,
) -> Result<ConversationSummary, AppError> {
    backend.core().await.conversations_merge(request).await
}

/// The projects in their order.
#[tauri::command]
pub async fn project_list(backend: State<'_, Backend>) -> Result<Vec<Project>, AppError> {
    backend.core().await.project_list().await
}

/// Makes a project.
#[tauri::command]
pub async fn project_create(backend: State<'_, Backend>, request: ProjectCreate) -> Result<Project, AppError> {
    backend.core().await.project_create(request).await
}

/// Changes a project's name.
#[tauri::command]
pub async fn project_rename(backend: State<'_, Backend>, request: ProjectRename) -> Result<Project, AppError> {
    backend.core().await.project_rename(request).await
}

/// Moves a project in the list.
#[tauri::command]
pub async fn project_move(backend: State<'_, Backend>, request: ProjectMove) -> Result<Vec<Project>, AppError> {
    backend.core().await.project_move(request).await
}

/// Removes a project; its conversations stay.
#[tauri::command]
pub async fn project_delete(backend: State<'_, Backend>, request: ProjectRef) -> Result<(), AppError> {
    backend.core().await.project_delete(request).await
}

/// Brings a deleted project back.
#[tauri::command]
pub async fn project_restore(backend: State<'_, Backend>, request: ProjectRef) -> Result<Project, AppError> {
    backend.core().await.project_restore(request).await
}
