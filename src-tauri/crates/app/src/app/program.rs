//! The program itself: start, versions, what is done when nobody waits.

use std::sync::Arc;
use std::time::Duration;

use capibara6_protocol::*;

use super::{App, Versions};
use crate::diagnostics::{LOG_LINES, Report};

/// How long after the window can be used the history is tidied up: not while people look at what opens.
const UPKEEP_AFTER: Duration = Duration::from_secs(10);

impl App {
    /// What the window needs before it can be used.
    pub async fn boot(&self) -> Result<Boot, AppError> {
        // Awaited first: the locks below must not be held meanwhile.
        let profiles = self.inner.fleets.list().await;
        Ok(Boot {
            version: self.inner.versions.version.clone(),
            system_locales: self.inner.system_locales.clone(),
            settings: self.settings().clone(),
            profile: self.inner.fleets.current().map(|fleet| fleet.view.clone()),
            profiles,
            account: self.inner.accounts.active_view(),
            platform: platform(),
            storage_trouble: self.inner.spaces.trouble(),
        })
    }

    /// The window can be used. What can wait until then is begun now.
    pub async fn window_ready(&self) -> Result<(), AppError> {
        self.inner.ready.call_once(|| {
            tracing::info!(ms = self.inner.opened.elapsed().as_millis(), "the window is usable");
        });
        self.keep_safe();
        self.keep_up();
        Ok(())
    }

    /// Tidies the open history up in a while, once the window can be used.
    pub(super) fn keep_up(&self) {
        if !self.inner.ready.is_completed() {
            return;
        }
        let Some(Ok(history)) = self.inner.spaces.opened().map(|opened| opened.history) else { return };
        history.indexing.call_once(|| self.keep_index(&history));
        let (history, surroundings) = (Arc::downgrade(&history), self.inner.surroundings.clone());
        tokio::spawn(async move {
            tokio::time::sleep(UPKEEP_AFTER).await;
            // Another space may be open by now.
            if let Some(history) = history.upgrade()
                && let Err(error) = history.store.purge(surroundings.now()).await
            {
                tracing::warn!(%error, "deleted conversations are not purged yet");
            }
        });
    }

    /// Versions.
    pub async fn about(&self) -> Result<About, AppError> {
        let Versions { version, commit, tauri, webview } = self.inner.versions.clone();
        let sqlite = self.inner.spaces.program().map(|store| store.sqlite_version().to_owned());
        Ok(About {
            version,
            commit,
            tauri,
            webview,
            sqlite: sqlite.unwrap_or_default(),
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            data_directory: self.inner.home.display().to_string(),
        })
    }

    /// Text for a bug report.
    pub async fn diagnostics(&self) -> Result<String, AppError> {
        let about = self.about().await?;
        let fleet = self.inner.fleets.current();
        let log = self.inner.logging.as_ref().map(|logging| logging.tail(LOG_LINES)).unwrap_or_default();
        let report = Report {
            about: &about,
            profile: fleet.as_ref().map(|fleet| &fleet.view),
            endpoints: &self.inner.fleets.health(),
            storage_trouble: self.inner.spaces.trouble(),
            log: &log,
        };
        Ok(report.text())
    }
}

fn platform() -> Platform {
    if cfg!(target_os = "macos") {
        Platform::Macos
    } else if cfg!(target_os = "windows") {
        Platform::Windows
    } else {
        Platform::Linux
    }
}
