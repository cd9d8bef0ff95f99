//! The channel from the core to the window.

use capibara6_protocol::{AppError, Frame};
use tauri::State;
use tauri::ipc::Channel;

use crate::backend::Backend;

/// Receives what the core tells without being asked, until the next call takes its place: the page was loaded anew.
#[tauri::command]
pub async fn events_subscribe(backend: State<'_, Backend>, channel: Channel<Frame>) -> Result<(), AppError> {
    let mut frames = backend.core().await.frames();
    tauri::async_runtime::spawn(async move {
        while let Some(frame) = frames.next().await {
            if let Err(error) = channel.send(frame) {
                tracing::debug!(%error, "the window is gone");
                break;
            }
        }
    });
    Ok(())
}
