//! Printing: a window of its own holds the exported page of a conversation, and the system's print dialog makes paper or a PDF
//! of it.
//!
//! The window is no part of the program's: no capability names it, so nothing in it can ask the core for anything; its page
//! has no script, loads nothing, and it can go nowhere. The page comes from memory through a scheme of its own and is
//! forgotten with the window. Under GTK nobody sees that window: the dialog stands in front of the program's own one, and the
//! program goes on behind it.

#[cfg_attr(all(unix, not(target_os = "macos")), path = "print/gtk_dialog.rs")]
#[cfg_attr(not(all(unix, not(target_os = "macos"))), path = "print/webview_dialog.rs")]
mod dialog;

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use capibara6_protocol::{AppError, ErrorCode};
use tauri::http::{Response, StatusCode, header};
use tauri::webview::{NewWindowResponse, PageLoadEvent, PermissionResponse};
use tauri::{AppHandle, Manager as _, Runtime, UriSchemeContext, Url, WebviewUrl, WebviewWindowBuilder, WindowEvent};
use tokio::sync::oneshot;

/// The scheme under which pages are served.
pub const SCHEME: &str = "print";

/// What the label of each window begins with.
const LABEL: &str = "print-";

/// How long a page may take to be read. It comes from memory: more than this means that its webview has crashed.
const READING: Duration = Duration::from_secs(60);

/// The page may not do more than its own policy says, whatever stands in it.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; sandbox";

/// What is printed.
#[derive(Debug)]
pub struct Page {
    /// What the dialog is called.
    pub title: String,
    /// A name for the file that it may become, without an ending; every system takes it.
    pub name: String,
    /// The page itself.
    pub html: String,
}

/// The pages that are open, by the label of their window.
#[derive(Default)]
pub struct Pages {
    open: Mutex<HashMap<String, Open>>,
    opened: AtomicU64,
}

/// A page that is open.
struct Open {
    html: String,
    /// Whether its window has read it: what else a webview shows there, it says in its own words, and nobody wants it printed.
    read: bool,
}

impl Pages {
    fn open(&self) -> std::sync::MutexGuard<'_, HashMap<String, Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Answers a window with its own page, and with nothing else.
pub fn serve<R: Runtime>(context: &UriSchemeContext<'_, R>) -> Response<Vec<u8>> {
    let page = context.app_handle().state::<Pages>().open().get_mut(context.webview_label()).map(|page| {
        page.read = true;
        page.html.clone()
    });
    let status = if page.is_some() { StatusCode::OK } else { StatusCode::NOT_FOUND };
    let mut response = Response::new(page.unwrap_or_default().into_bytes());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CONTENT_SECURITY_POLICY, header::HeaderValue::from_static(POLICY));
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    response
}

/// Opens the print dialog for a page. Under GTK it returns when the page was printed or the dialog was cancelled, elsewhere
/// when the dialog is open.
///
/// # Errors
/// `print-failed` where the system could not print; `internal` where it gives no window.
pub async fn open(app: &AppHandle, home: &Path, page: Page) -> Result<(), AppError> {
    let pages = app.state::<Pages>();
    let label = format!("{LABEL}{}", pages.opened.fetch_add(1, Ordering::Relaxed));
    pages.open().insert(label.clone(), Open { html: page.html, read: false });
    let address: Url = if cfg!(windows) { "http://print.localhost/" } else { "print://localhost/" }
        .parse()
        .map_err(|error: url::ParseError| internal(&error))?;
    let (reader, read) = oneshot::channel();
    let reader = Mutex::new(Some(reader));
    let window = WebviewWindowBuilder::new(app, &label, WebviewUrl::CustomProtocol(address.clone()))
        .title("Capibara6")
        .inner_size(820.0, 900.0)
        .visible(dialog::SHOWS_THE_PAGE)
        .focused(dialog::SHOWS_THE_PAGE)
        // A scheme is served to the first webview of a context alone: under GTK the page lives in that of the program's window.
        .data_directory(home.join(crate::window::DATA))
        .incognito(dialog::SHOWS_THE_PAGE)
        .devtools(false)
        .disable_drag_drop_handler()
        .on_navigation(move |url| *url == address)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, _| false)
        .on_permission_request(|_, _| PermissionResponse::Deny)
        .on_page_load(move |_, load| {
            if load.event() == PageLoadEvent::Finished
                && let Some(reader) = reader.lock().unwrap_or_else(PoisonError::into_inner).take()
            {
                let _ = reader.send(());
            }
        })
        .build()
        .map_err(|error| {
            pages.open().remove(&label);
            internal(&error)
        })?;
    // Its entries are about the program's own window. Removed, it would take the keys of that one's menu with it.
    #[cfg(not(target_os = "macos"))]
    if let Err(error) = window.hide_menu() {
        tracing::warn!(%error, "the window to be printed has a menu");
    }
    window.on_window_event({
        let (app, label) = (app.clone(), label.clone());
        move |event| {
            if let WindowEvent::Destroyed = event {
                app.state::<Pages>().open().remove(&label);
            }
        }
    });
    let outcome = match tokio::time::timeout(READING, read).await {
        Ok(Ok(())) if pages.open().get(&label).is_some_and(|page| !page.read) => {
            Err(AppError::new(ErrorCode::PrintFailed).with_detail("the page to be printed was not read"))
        }
        Ok(Ok(())) => dialog::print(&window, page.title, page.name).await,
        // The window was closed before its page was there.
        Ok(Err(_)) => Ok(()),
        Err(_) => Err(AppError::new(ErrorCode::PrintFailed).with_detail("the page to be printed was not read in time")),
    };
    if !dialog::SHOWS_THE_PAGE || outcome.is_err() {
        let _ = window.destroy();
    }
    outcome
}

/// Closes all pages: the program ends with its own window, whatever else is open.
pub fn close_all(app: &AppHandle) {
    let labels: Vec<String> = app.state::<Pages>().open().keys().cloned().collect();
    for window in labels.iter().filter_map(|label| app.get_webview_window(label)) {
        let _ = window.destroy();
    }
}

fn internal(error: &impl std::fmt::Display) -> AppError {
    AppError::new(ErrorCode::Internal).with_detail(error.to_string())
}
