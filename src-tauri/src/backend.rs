//! The core as the commands reach it. The window is shown before the core is open; whoever asks early waits here.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, Once, PoisonError};
use std::time::Instant;

use capibara6_app::App;
use capibara6_protocol::Settings;
use tauri::{AppHandle, Manager as _};
use tokio::sync::SetOnce;

use crate::appearance::Appearance;
use crate::words::Words;
use crate::{menu, window};

/// The core, once it is open.
pub struct Backend {
    core: SetOnce<App>,
    started: Instant,
    ready: Once,
    home: PathBuf,
    system_locales: Vec<String>,
    shown: Mutex<Appearance>,
}

impl Backend {
    /// A core that is not open yet, and how the window looks meanwhile.
    pub fn new(started: Instant, home: PathBuf, system_locales: Vec<String>, shown: Appearance) -> Self {
        let (core, ready) = (SetOnce::new(), Once::new());
        Self { core, started, ready, home, system_locales, shown: Mutex::new(shown) }
    }

    /// The core; waits until it is open.
    pub async fn core(&self) -> &App {
        self.core.wait().await
    }

    /// The core, if it is open.
    pub fn opened(&self) -> Option<&App> {
        self.core.get()
    }

    /// The core is open.
    pub fn open(&self, core: App) {
        if self.core.set(core).is_err() {
            tracing::error!("the core was opened twice");
        }
    }

    /// The window can be used. Says how long that took, once: a page that is loaded anew does not start the program.
    pub fn ready(&self) {
        self.ready.call_once(|| tracing::info!(ms = self.started.elapsed().as_millis(), "ready"));
    }

    /// The data directory.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// The words of the language that is set.
    pub fn words(&self) -> Words {
        Words::new(self.appearance().locale.as_deref(), &self.system_locales)
    }

    /// Gives frame and menu the look and the language of these settings, where they differ from what is shown.
    pub fn show(&self, app: &AppHandle, settings: &Settings) {
        let wanted = Appearance::from(settings);
        let before = std::mem::replace(&mut *self.shown.lock().unwrap_or_else(PoisonError::into_inner), wanted.clone());
        if before == wanted {
            return;
        }
        wanted.keep(&self.home);
        let changed = app.clone();
        let scheduled = app.run_on_main_thread(move || {
            if let Err(error) = apply(&changed, &before, &wanted) {
                tracing::warn!(%error, "frame and menu do not follow the settings");
            }
        });
        if let Err(error) = scheduled {
            tracing::warn!(%error, "frame and menu do not follow the settings");
        }
    }

    /// How frame and menu look.
    pub fn appearance(&self) -> Appearance {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn apply(app: &AppHandle, before: &Appearance, wanted: &Appearance) -> tauri::Result<()> {
    if before.locale != wanted.locale {
        app.set_menu(menu::build(app, &app.state::<Backend>().words())?)?;
    }
    if before.theme != wanted.theme {
        window::dress(app, wanted)?;
    }
    Ok(())
}
