//! The one window: made here, so that its place, its theme and what it may do are settled before it is shown.
//!
//! It shows our own pages and nothing else. It never follows a link, opens another window, downloads, or asks for the
//! microphone or the place of the reader; links leave through `links`.

use std::path::Path;

use tauri::webview::{NewWindowResponse, PermissionResponse};
use tauri::{
    App, AppHandle, DragDropEvent, Manager as _, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder, WindowEvent,
};

use crate::appearance::{Appearance, paper};
use crate::backend::Backend;
use crate::print;

/// Its label, which the capability names.
pub const LABEL: &str = "main";

/// Where its webview keeps what it keeps, below the program's own folder.
pub const DATA: &str = "webview";

/// Opens the window. The place and size of last time are restored by the window-state plugin while it is still hidden.
pub fn open(app: &App, home: &Path, appearance: &Appearance) -> tauri::Result<()> {
    // For the whole program, because on Linux a theme of the window alone leaves the menu as it is.
    app.set_theme(appearance.imposed());
    let first_guess = appearance.imposed().unwrap_or(tauri::Theme::Light);
    let builder = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::default());
    // There the system's way of dropping files and the page's own way of dragging exclude each other.
    #[cfg(windows)]
    let builder = builder.disable_drag_drop_handler();
    let window = builder
        .title("Capibara6")
        .inner_size(1200.0, 800.0)
        .min_inner_size(380.0, 480.0)
        .prevent_overflow()
        .visible(false)
        .background_color(paper(first_guess))
        .data_directory(home.join(DATA))
        .devtools(cfg!(debug_assertions))
        .general_autofill_enabled(false)
        .on_navigation(is_ours)
        .on_new_window(|url, _| {
            tracing::warn!(scheme = url.scheme(), "refused to open another window");
            NewWindowResponse::Deny
        })
        .on_download(|_, _| false)
        .on_permission_request(|_, kind| {
            tracing::warn!(?kind, "refused a permission to the page");
            PermissionResponse::Deny
        })
        .build()?;

    lay_paper(&window, appearance)?;
    let follower = window.clone();
    window.on_window_event(move |event| {
        if let WindowEvent::ThemeChanged(theme) = event {
            let _ = follower.set_background_color(Some(paper(*theme)));
        }
        if let WindowEvent::Destroyed = event {
            print::close_all(follower.app_handle());
        }
        if let WindowEvent::DragDrop(DragDropEvent::Drop { paths, .. }) = event
            && let Some(core) = follower.state::<Backend>().opened()
        {
            // A link that is dropped comes here as well, as a path that leads nowhere.
            core.files_dropped(paths.iter().filter(|path| path.is_absolute() && path.is_file()).cloned().collect());
        }
    });
    window.show()
}

/// Whether the window may go there: only to our own pages.
fn is_ours(url: &Url) -> bool {
    let ours = match url.scheme() {
        "tauri" => url.host_str() == Some("localhost"),
        // Windows knows no custom schemes.
        "http" | "https" => cfg!(windows) && url.host_str() == Some("tauri.localhost"),
        _ => false,
    };
    if !ours {
        tracing::warn!(scheme = url.scheme(), "refused to leave our own pages");
    }
    ours
}

/// Brings the window to the front.
pub fn raise(app: &AppHandle) {
    let Some(window) = app.get_webview_window(LABEL) else { return };
    let raised = window.unminimize().and_then(|()| window.show()).and_then(|()| window.set_focus());
    if let Err(error) = raised {
        tracing::warn!(%error, "the window was not raised");
    }
}

/// Whether the reader is looking at it.
pub fn is_focused(app: &AppHandle) -> bool {
    app.get_webview_window(LABEL).is_some_and(|window| window.is_focused().unwrap_or(false))
}

/// Gives the frame and the menu another theme.
pub fn dress(app: &AppHandle, appearance: &Appearance) -> tauri::Result<()> {
    app.set_theme(appearance.imposed());
    app.get_webview_window(LABEL).map_or(Ok(()), |window| lay_paper(&window, appearance))
}

/// Colours what is behind the page. Where the system decides, only the window knows how.
fn lay_paper(window: &WebviewWindow, appearance: &Appearance) -> tauri::Result<()> {
    let theme = appearance.imposed().map_or_else(|| window.theme(), Ok)?;
    window.set_background_color(Some(paper(theme)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_lets_the_page_load_and_run_only_what_ships_with_it() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tauri.conf.json");
        let text = std::fs::read_to_string(file).expect("a text");
        let shipped: serde_json::Value = serde_json::from_str(&text).expect("a configuration");
        let expected = serde_json::json!({
            "default-src": "'none'",
            "script-src": "'self'",
            "style-src": "'self'",
            "img-src": "'self' data: blob:",
            "font-src": "'self'",
            "connect-src": "ipc: http://ipc.localhost",
            "base-uri": "'none'",
            "form-action": "'none'",
            "frame-ancestors": "'none'",
            "object-src": "'none'",
            "require-trusted-types-for": "'script'",
            "trusted-types": "capibara6 lit-html",
        });
        assert_eq!(shipped["app"]["security"]["csp"], expected);
    }

    #[test]
    fn the_window_goes_nowhere_but_to_our_own_pages() {
        let ours = |url: &str| is_ours(&Url::parse(url).expect("an address"));
        assert!(ours("tauri://localhost"));
        assert!(ours("tauri://localhost/index.html?x#y"));
        for url in [
            "tauri://example.org",
            "tauri://localhost.example.org",
            "https://example.org",
            "http://127.0.0.1:8000",
            "http://ipc.localhost",
            "file:///etc/passwd",
            "data:text/html,hello",
            "about:blank",
            "javascript:alert(1)",
        ] {
            assert!(!ours(url), "{url}");
        }
        assert_eq!(ours("http://tauri.localhost/index.html"), cfg!(windows));
    }
}
