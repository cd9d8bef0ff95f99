//! Printing: a window of its own shows the exported page of a conversation and opens the system's print dialog, from which it
//! can also become a PDF.
//!
//! The window is no part of the program's: no capability names it, so nothing in it can ask the core for anything; its page
//! has no script, loads nothing, and it can go nowhere. The page comes from memory through a scheme of its own and is
//! forgotten with the window.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use capibara6_protocol::{AppError, ErrorCode};
use tauri::http::{Response, StatusCode, header};
use tauri::webview::{NewWindowResponse, PageLoadEvent, PermissionResponse};
use tauri::{AppHandle, Manager as _, Runtime, UriSchemeContext, Url, WebviewUrl, WebviewWindowBuilder, WindowEvent};

/// The scheme under which pages are served.
pub const SCHEME: &str = "print";

/// What the label of each window begins with.
const LABEL: &str = "print-";

/// How long a page that was read takes to be on the screen; it has no script that could tell.
const PAINT: Duration = Duration::from_millis(300);

/// The page may not do more than its own policy says, whatever stands in it.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; sandbox";

/// The pages that are shown, by the label of their window.
#[derive(Default)]
pub struct Pages {
    shown: Mutex<HashMap<String, String>>,
    opened: AtomicU64,
}

impl Pages {
    fn shown(&self) -> std::sync::MutexGuard<'_, HashMap<String, String>> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Answers a window with its own page, and with nothing else.
pub fn serve<R: Runtime>(context: &UriSchemeContext<'_, R>) -> Response<Vec<u8>> {
    let page = context.app_handle().state::<Pages>().shown().get(context.webview_label()).cloned();
    let status = if page.is_some() { StatusCode::OK } else { StatusCode::NOT_FOUND };
    let mut response = Response::new(page.unwrap_or_default().into_bytes());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CONTENT_SECURITY_POLICY, header::HeaderValue::from_static(POLICY));
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    response
}

/// Shows a page in a window of its own and opens the print dialog once it is there.
///
/// # Errors
/// `internal` where the system gives no window.
pub fn open(app: &AppHandle, page: String) -> Result<(), AppError> {
    let failed = |error: tauri::Error| AppError::new(ErrorCode::Internal).with_detail(error.to_string());
    let pages = app.state::<Pages>();
    let label = format!("{LABEL}{}", pages.opened.fetch_add(1, Ordering::Relaxed));
    pages.shown().insert(label.clone(), page);
    let address: Url = if cfg!(windows) { "http://print.localhost/" } else { "print://localhost/" }
        .parse()
        .map_err(|error: url::ParseError| AppError::new(ErrorCode::Internal).with_detail(error.to_string()))?;
    let window = WebviewWindowBuilder::new(app, &label, WebviewUrl::CustomProtocol(address.clone()))
        .title("Capibara6")
        .inner_size(820.0, 900.0)
        .incognito(true)
        .devtools(false)
        .disable_drag_drop_handler()
        .on_navigation(move |url| *url == address)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, _| false)
        .on_permission_request(|_, _| PermissionResponse::Deny)
        .on_page_load(|window, load| {
            if load.event() == PageLoadEvent::Finished {
                tauri::async_runtime::spawn(async move {
                    // The dialog holds up everything else on Linux: what is not on the screen by then stays white behind it.
                    tokio::time::sleep(PAINT).await;
                    match window.print() {
                        Ok(()) => tracing::info!("print dialog opened"),
                        Err(error) => tracing::warn!(%error, "the print dialog did not open"),
                    }
                });
            }
        })
        .build();
    let window = window.map_err(|error| {
        pages.shown().remove(&label);
        failed(error)
    })?;
    // Its entries are about the program's own window. Removed, it would take the keys of that one's menu with it.
    #[cfg(not(target_os = "macos"))]
    if let Err(error) = window.hide_menu() {
        tracing::warn!(%error, "the window to be printed has a menu");
    }
    if let Some(main) = app.get_webview_window(crate::window::LABEL) {
        let page = window.clone();
        // The program ends with its own window, whatever else is open.
        main.on_window_event(move |event| {
            if let WindowEvent::Destroyed = event {
                let _ = page.destroy();
            }
        });
    }
    let app = app.clone();
    window.on_window_event(move |event| {
        if let WindowEvent::Destroyed = event {
            app.state::<Pages>().shown().remove(&label);
        }
    });
    Ok(())
}
