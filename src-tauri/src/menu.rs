//! The native menu, with the shortcuts that are usual on each system. Entries ask the window for something through the same
//! channel as all other news; what the window does then is its own affair. Nothing here knows a text: the catalogues do.

use capibara6_protocol::WindowAction;
use tauri::menu::{IsMenuItem, Menu, MenuItem, PredefinedMenuItem, Submenu};
use tauri::{AppHandle, Manager as _, Wry};

use crate::backend::Backend;
use crate::window;
use crate::words::Words;

/// An entry that asks the window for something: its text's id, which is also the entry's, and its shortcut.
struct Request {
    id: &'static str,
    action: WindowAction,
    shortcut: Option<&'static str>,
}

const REQUESTS: &[Request] = &[
    Request { id: "menu-about", action: WindowAction::About, shortcut: None },
    Request { id: "menu-settings", action: WindowAction::Settings, shortcut: Some("CmdOrCtrl+,") },
    Request { id: "menu-new-chat", action: WindowAction::NewChat, shortcut: Some("CmdOrCtrl+N") },
    Request { id: "menu-find", action: WindowAction::Find, shortcut: Some("CmdOrCtrl+F") },
    Request { id: "menu-palette", action: WindowAction::Palette, shortcut: Some("CmdOrCtrl+K") },
    Request { id: "menu-shortcuts", action: WindowAction::Shortcuts, shortcut: Some("CmdOrCtrl+/") },
    Request { id: "menu-toggle-sidebar", action: WindowAction::ToggleSidebar, shortcut: Some("CmdOrCtrl+B") },
    Request { id: "menu-toggle-inspector", action: WindowAction::ToggleInspector, shortcut: Some("CmdOrCtrl+I") },
    Request { id: "menu-larger-type", action: WindowAction::LargerType, shortcut: Some("CmdOrCtrl+=") },
    Request { id: "menu-smaller-type", action: WindowAction::SmallerType, shortcut: Some("CmdOrCtrl+-") },
    Request { id: "menu-reset-type", action: WindowAction::ResetType, shortcut: Some("CmdOrCtrl+0") },
];

/// Builds the menu in a language.
pub fn build(app: &AppHandle, words: &Words) -> tauri::Result<Menu<Wry>> {
    let entries = Entries { app, words };
    let menu = Menu::new(app)?;
    for submenu in entries.submenus()? {
        menu.append(&submenu)?;
    }
    Ok(menu)
}

/// Does what an entry says.
pub fn act(app: &AppHandle, id: &str) {
    if let Some(request) = REQUESTS.iter().find(|request| request.id == id) {
        if let Some(core) = app.state::<Backend>().opened() {
            core.request(request.action);
        }
        return;
    }
    match id {
        "menu-close-window" => {
            if let Some(window) = app.get_webview_window(window::LABEL) {
                let _ = window.close();
            }
        }
        "menu-quit" => app.exit(0),
        "menu-fullscreen" => toggle_fullscreen(app),
        id => edit(app, id),
    }
}

fn toggle_fullscreen(app: &AppHandle) {
    let Some(window) = app.get_webview_window(window::LABEL) else { return };
    let _ = window.is_fullscreen().and_then(|is| window.set_fullscreen(!is));
}

/// GTK has no entries of its own for editing: the webview is told what to do.
#[cfg(target_os = "linux")]
fn edit(app: &AppHandle, id: &str) {
    use webkit2gtk::WebViewExt as _;

    let command = match id {
        "menu-undo" => "Undo",
        "menu-redo" => "Redo",
        "menu-cut" => "Cut",
        "menu-copy" => "Copy",
        "menu-paste" => "Paste",
        "menu-select-all" => "SelectAll",
        _ => return,
    };
    if let Some(window) = app.get_webview_window(window::LABEL) {
        let _ = window.with_webview(move |webview| webview.inner().execute_editing_command(command));
    }
}

#[cfg(not(target_os = "linux"))]
fn edit(_app: &AppHandle, id: &str) {
    tracing::warn!(id, "a menu entry without a meaning");
}

/// Makes entries and the menus they stand in.
struct Entries<'a> {
    app: &'a AppHandle,
    words: &'a Words,
}

type Entry = Box<dyn IsMenuItem<Wry>>;

impl Entries<'_> {
    fn submenus(&self) -> tauri::Result<Vec<Submenu<Wry>>> {
        let mut submenus = Vec::new();
        if cfg!(target_os = "macos") {
            submenus.push(self.application()?);
        }
        submenus.extend([self.file()?, self.edit()?, self.view()?]);
        if cfg!(target_os = "macos") {
            submenus.push(self.window()?);
        }
        submenus.push(self.help()?);
        Ok(submenus)
    }

    /// The menu that bears the program's name on macOS.
    fn application(&self) -> tauri::Result<Submenu<Wry>> {
        let app = self.app;
        self.submenu(
            "menu-app",
            vec![
                self.request("menu-about")?,
                self.separator()?,
                self.request("menu-settings")?,
                self.separator()?,
                self.system(PredefinedMenuItem::services(app, Some(&self.words.say("menu-services"))))?,
                self.separator()?,
                self.system(PredefinedMenuItem::hide(app, Some(&self.words.say("menu-hide"))))?,
                self.system(PredefinedMenuItem::hide_others(app, Some(&self.words.say("menu-hide-others"))))?,
                self.system(PredefinedMenuItem::show_all(app, Some(&self.words.say("menu-show-all"))))?,
                self.separator()?,
                self.own("menu-quit", Some("Cmd+Q"))?,
            ],
        )
    }

    fn file(&self) -> tauri::Result<Submenu<Wry>> {
        let mut entries = vec![self.request("menu-new-chat")?, self.separator()?];
        if cfg!(not(target_os = "macos")) {
            entries.extend([self.request("menu-settings")?, self.separator()?]);
        }
        entries.push(self.own("menu-close-window", Some("CmdOrCtrl+W"))?);
        if cfg!(not(target_os = "macos")) {
            entries.push(self.own("menu-quit", Some("Ctrl+Q"))?);
        }
        self.submenu("menu-file", entries)
    }

    fn edit(&self) -> tauri::Result<Submenu<Wry>> {
        let app = self.app;
        let say = |id| self.words.say(id);
        let mut entries = if cfg!(target_os = "linux") {
            // Without shortcuts: the webview has them, and a menu's would take the keys away from the page.
            vec![
                self.own("menu-undo", None)?,
                self.own("menu-redo", None)?,
                self.separator()?,
                self.own("menu-cut", None)?,
                self.own("menu-copy", None)?,
                self.own("menu-paste", None)?,
                self.own("menu-select-all", None)?,
            ]
        } else {
            vec![
                self.system(PredefinedMenuItem::undo(app, Some(&say("menu-undo"))))?,
                self.system(PredefinedMenuItem::redo(app, Some(&say("menu-redo"))))?,
                self.separator()?,
                self.system(PredefinedMenuItem::cut(app, Some(&say("menu-cut"))))?,
                self.system(PredefinedMenuItem::copy(app, Some(&say("menu-copy"))))?,
                self.system(PredefinedMenuItem::paste(app, Some(&say("menu-paste"))))?,
                self.system(PredefinedMenuItem::select_all(app, Some(&say("menu-select-all"))))?,
            ]
        };
        entries.extend([self.separator()?, self.request("menu-find")?]);
        self.submenu("menu-edit", entries)
    }

    fn view(&self) -> tauri::Result<Submenu<Wry>> {
        let fullscreen = if cfg!(target_os = "macos") { "Ctrl+Cmd+F" } else { "F11" };
        self.submenu(
            "menu-view",
            vec![
                self.request("menu-palette")?,
                self.separator()?,
                self.request("menu-toggle-sidebar")?,
                self.request("menu-toggle-inspector")?,
                self.separator()?,
                self.request("menu-larger-type")?,
                self.request("menu-smaller-type")?,
                self.request("menu-reset-type")?,
                self.separator()?,
                self.own("menu-fullscreen", Some(fullscreen))?,
            ],
        )
    }

    fn window(&self) -> tauri::Result<Submenu<Wry>> {
        self.submenu(
            "menu-window",
            vec![
                self.system(PredefinedMenuItem::minimize(self.app, Some(&self.words.say("menu-minimize"))))?,
                self.system(PredefinedMenuItem::maximize(self.app, Some(&self.words.say("menu-maximize"))))?,
            ],
        )
    }

    fn help(&self) -> tauri::Result<Submenu<Wry>> {
        let mut entries = vec![self.request("menu-shortcuts")?];
        if cfg!(not(target_os = "macos")) {
            entries.extend([self.separator()?, self.request("menu-about")?]);
        }
        self.submenu("menu-help", entries)
    }

    fn submenu(&self, id: &str, entries: Vec<Entry>) -> tauri::Result<Submenu<Wry>> {
        let entries: Vec<&dyn IsMenuItem<Wry>> = entries.iter().map(AsRef::as_ref).collect();
        Submenu::with_id_and_items(self.app, id, self.words.say(id), true, &entries)
    }

    fn request(&self, id: &'static str) -> tauri::Result<Entry> {
        self.own(id, REQUESTS.iter().find(|request| request.id == id).and_then(|request| request.shortcut))
    }

    fn own(&self, id: &'static str, shortcut: Option<&str>) -> tauri::Result<Entry> {
        Ok(Box::new(MenuItem::with_id(self.app, id, self.words.say(id), true, shortcut)?))
    }

    fn system(&self, entry: tauri::Result<PredefinedMenuItem<Wry>>) -> tauri::Result<Entry> {
        Ok(Box::new(entry?))
    }

    fn separator(&self) -> tauri::Result<Entry> {
        self.system(PredefinedMenuItem::separator(self.app))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_entry_has_a_text_in_every_language() {
        let own = ["menu-app", "menu-file", "menu-edit", "menu-view", "menu-window", "menu-help", "menu-quit"];
        let more =
            ["menu-close-window", "menu-fullscreen", "menu-undo", "menu-redo", "menu-cut", "menu-copy", "menu-paste"];
        for language in ["en", "es"] {
            let words = Words::new(Some(language), &[]);
            for id in REQUESTS.iter().map(|request| request.id).chain(own).chain(more) {
                assert_ne!(words.say(id), id, "{language}");
            }
        }
    }

    #[test]
    fn no_two_entries_share_an_id_an_action_or_a_shortcut() {
        let ids: HashSet<_> = REQUESTS.iter().map(|request| request.id).collect();
        let actions: HashSet<_> = REQUESTS.iter().map(|request| request.action).collect();
        let shortcuts: Vec<_> = REQUESTS.iter().filter_map(|request| request.shortcut).collect();
        let distinct: HashSet<_> = shortcuts.iter().collect();
        assert_eq!((ids.len(), actions.len(), distinct.len()), (REQUESTS.len(), REQUESTS.len(), shortcuts.len()));
    }
}
