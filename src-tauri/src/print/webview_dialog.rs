//! The print dialog that the webview of the system brings with it. It belongs to the window of the page, which is shown behind
//! it and closed by the user.

use std::time::Duration;

use capibara6_protocol::{AppError, ErrorCode};
use tauri::WebviewWindow;

/// The page can be seen behind the dialog.
pub const SHOWS_THE_PAGE: bool = true;

/// How long a page that was read takes to be on the screen; it has no script that could tell.
const PAINT: Duration = Duration::from_millis(300);

/// Opens the dialog.
///
/// # Errors
/// `print-failed` where it does not open.
pub async fn print(page: &WebviewWindow, _title: String, _name: String) -> Result<(), AppError> {
    tokio::time::sleep(PAINT).await;
    page.print().map_err(|error| AppError::new(ErrorCode::PrintFailed).with_detail(error.to_string()))?;
    tracing::info!("print dialog opened");
    Ok(())
}
