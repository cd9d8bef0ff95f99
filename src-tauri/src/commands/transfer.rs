//! Conversations that leave the program or come in. The shell asks the user for every place: no path crosses the bridge
//! inwards, and none that the user did not choose is touched.

use capibara6_protocol::{
    AppError, ConversationRef, ExportRequest, ImportRequest, Transfer, TransferBegun, TransferRef,
};
use tauri::{AppHandle, State};

use crate::backend::Backend;
use crate::{places, print};

/// Writes conversations to a place that the user is asked for.
#[tauri::command]
pub async fn export_begin(
    app: AppHandle,
    backend: State<'_, Backend>,
    request: ExportRequest,
) -> Result<TransferBegun, AppError> {
    places::export(&app, &backend, request).await
}

/// Brings in conversations from files that the user is asked for, or has dropped on the window.
#[tauri::command]
pub async fn import_begin(
    app: AppHandle,
    backend: State<'_, Backend>,
    request: ImportRequest,
) -> Result<TransferBegun, AppError> {
    places::import(&app, &backend, request).await
}

/// The exports and imports of this run of the program.
#[tauri::command]
pub async fn transfer_list(backend: State<'_, Backend>) -> Result<Vec<Transfer>, AppError> {
    backend.core().await.transfer_list().await
}

/// Ends an export or import.
#[tauri::command]
pub async fn transfer_cancel(backend: State<'_, Backend>, request: TransferRef) -> Result<(), AppError> {
    backend.core().await.transfer_cancel(request).await
}

/// Shows what was written in the system's file manager.
#[tauri::command]
pub async fn transfer_reveal(backend: State<'_, Backend>, request: TransferRef) -> Result<(), AppError> {
    places::reveal(&backend.core().await.transfer_path(request).await?)
}

/// Opens the system's print dialog for a conversation.
#[tauri::command]
pub async fn conversation_print(
    app: AppHandle,
    backend: State<'_, Backend>,
    request: ConversationRef,
) -> Result<(), AppError> {
    let core = backend.core().await;
    let title = core.conversation_title(request.id).await?;
    let name = capibara6_app::transfer::file_name(&title, "pdf");
    let name = name.strip_suffix(".pdf").unwrap_or(&name).to_owned();
    let html = core.conversation_page(request, backend.words().labels()).await?;
    print::open(
        &app,
        backend.home(),
        print::Page { title: backend.words().say("dialog-print").into_owned(), name, html },
    )
    .await
}
