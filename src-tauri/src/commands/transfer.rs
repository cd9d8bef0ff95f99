//! Conversations that leave the program or come in.

use capibara6_protocol::{
    AppError, ConversationRef, ErrorCode, ExportRequest, ImportRequest, Transfer, TransferBegun, TransferRef,
};

/// Writes conversations to a place that the user is asked for.
#[tauri::command]
pub async fn export_begin(request: ExportRequest) -> Result<TransferBegun, AppError> {
    tracing::debug!(?request, "export");
    Ok(TransferBegun { transfer: None })
}

/// Brings in conversations from files that the user is asked for, or has dropped on the window.
#[tauri::command]
pub async fn import_begin(request: ImportRequest) -> Result<TransferBegun, AppError> {
    tracing::debug!(?request, "import");
    Ok(TransferBegun { transfer: None })
}

/// The exports and imports of this run of the program.
#[tauri::command]
pub async fn transfer_list() -> Result<Vec<Transfer>, AppError> {
    Ok(Vec::new())
}

/// Ends an export or import.
#[tauri::command]
pub async fn transfer_cancel(request: TransferRef) -> Result<(), AppError> {
    Err(AppError::new(ErrorCode::NotFound).with_detail(request.id.to_string()))
}

/// Shows what was written in the system's file manager.
#[tauri::command]
pub async fn transfer_reveal(request: TransferRef) -> Result<(), AppError> {
    Err(AppError::new(ErrorCode::NotFound).with_detail(request.id.to_string()))
}

/// Opens the system's print dialog for a conversation.
#[tauri::command]
pub async fn conversation_print(request: ConversationRef) -> Result<(), AppError> {
    Err(AppError::new(ErrorCode::NotFound).with_detail(request.id.to_string()))
}
