//! Asking the user for places: the system's own dialogs, and what was dropped on the window.

use std::path::{Path, PathBuf};

use capibara6_app::transfer::{Export, Place};
use capibara6_protocol::{
    AppError, ErrorCode, ExportFormat, ExportRequest, ExportScope, ImportRequest, ImportSource, TransferBegun,
};
use tauri::{AppHandle, Manager as _};
use tauri_plugin_dialog::{DialogExt as _, FilePath};
use tokio::sync::oneshot;

use crate::backend::Backend;
use crate::window;

/// Asks where to write, and begins.
///
/// # Errors
/// The core's; nothing begins where the user cancels.
pub async fn export(app: &AppHandle, backend: &Backend, request: ExportRequest) -> Result<TransferBegun, AppError> {
    let core = backend.core().await;
    let words = backend.words();
    let single = match &request.what {
        ExportScope::Conversations { ids } => match ids.as_slice() {
            [id] => Some(*id),
            _ => None,
        },
        ExportScope::All | ExportScope::Project { .. } => None,
    };
    let (ending, kind) = match request.format {
        ExportFormat::Json => ("json", "JSON"),
        ExportFormat::Markdown => ("md", "Markdown"),
        ExportFormat::Html => ("html", "HTML"),
    };
    let is_file = single.is_some() || request.format == ExportFormat::Json;
    let name = match single {
        Some(id) => capibara6_app::transfer::file_name(&core.conversation_title(id).await?, ending),
        None if is_file => format!("capibara6.{ending}"),
        None => "capibara6".to_owned(),
    };
    let (sender, chosen) = oneshot::channel();
    let mut dialog = app.dialog().file().set_title(words.say("dialog-export")).set_can_create_directories(true);
    if let Some(window) = app.get_webview_window(window::LABEL) {
        dialog = dialog.set_parent(&window);
    }
    let answer = move |path: Option<FilePath>| drop(sender.send(path));
    if is_file {
        dialog.set_file_name(&name).add_filter(kind, &[ending]).save_file(answer);
    } else {
        dialog.pick_folder(answer);
    }
    let Some(path) = path(chosen.await.ok().flatten())? else { return Ok(TransferBegun { transfer: None }) };
    let to = if is_file { Place::File(path) } else { Place::NewFolder(path, name) };
    let export = Export { what: request.what, format: request.format, to };
    Ok(TransferBegun { transfer: Some(core.export_start(export, words.labels()).await?) })
}

/// Asks which files to read, or takes those that were dropped, and begins.
///
/// # Errors
/// The core's; nothing begins where the user cancels.
pub async fn import(app: &AppHandle, backend: &Backend, request: ImportRequest) -> Result<TransferBegun, AppError> {
    let core = backend.core().await;
    let files = match request.source {
        ImportSource::Dropped => core.take_dropped(),
        ImportSource::Choose => {
            let (sender, chosen) = oneshot::channel();
            let mut dialog = app.dialog().file().set_title(backend.words().say("dialog-import"));
            if let Some(window) = app.get_webview_window(window::LABEL) {
                dialog = dialog.set_parent(&window);
            }
            dialog
                .add_filter("JSON, ZIP", &["json", "jsonl", "zip", "JSON", "ZIP"])
                .add_filter("*", &["*"])
                .pick_files(move |paths| drop(sender.send(paths)));
            let chosen = chosen.await.ok().flatten().unwrap_or_default();
            chosen
                .into_iter()
                .map(|chosen| path(Some(chosen)))
                .filter_map(Result::transpose)
                .collect::<Result<_, _>>()?
        }
    };
    if files.is_empty() {
        return Ok(TransferBegun { transfer: None });
    }
    Ok(TransferBegun { transfer: Some(core.import_start(files).await?) })
}

/// Shows a file or folder in the system's file manager.
///
/// # Errors
/// `not-found` where it is gone; `internal` where the system has nothing to show it with.
pub fn reveal(path: &Path) -> Result<(), AppError> {
    if !path.exists() {
        return Err(ErrorCode::NotFound.into());
    }
    tauri_plugin_opener::reveal_item_in_dir(path)
        .map_err(|error| AppError::new(ErrorCode::Internal).with_detail(error.to_string()))
}

/// What a dialog gave, as a path.
fn path(chosen: Option<FilePath>) -> Result<Option<PathBuf>, AppError> {
    let path = chosen.map(FilePath::into_path).transpose();
    path.map_err(|error| AppError::new(ErrorCode::Internal).with_detail(error.to_string()))
}
