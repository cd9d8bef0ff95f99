//! What the window must know before the database is open: its colours and its language. A small copy of two settings stands
//! in a file of its own beside the database, so that the first picture is right already; losing it costs one flash.

use std::path::{Path, PathBuf};

use capibara6_protocol::{Settings, Theme};
use serde::{Deserialize, Serialize};
use tauri::window::Color;

/// The copy of the settings that decide the first picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Appearance {
    /// Light, dark, or as the system says.
    pub theme: Theme,
    /// The language chosen; the system's where absent.
    pub locale: Option<String>,
}

impl Default for Appearance {
    fn default() -> Self {
        Self { theme: Theme::System, locale: None }
    }
}

impl From<&Settings> for Appearance {
    fn from(settings: &Settings) -> Self {
        Self { theme: settings.theme, locale: settings.locale.clone() }
    }
}

impl Appearance {
    /// What was kept; what is usual where nothing was, or nothing that can be read.
    pub fn read(home: &Path) -> Self {
        std::fs::read(file(home)).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
    }

    /// Keeps it for the next start.
    pub fn keep(&self, home: &Path) {
        let kept =
            serde_json::to_vec(self).map_err(std::io::Error::other).and_then(|bytes| std::fs::write(file(home), bytes));
        if let Err(error) = kept {
            tracing::warn!(%error, "the appearance was not kept for the next start");
        }
    }

    /// The theme imposed on the window; `None` lets the system decide.
    pub fn imposed(&self) -> Option<tauri::Theme> {
        match self.theme {
            Theme::System => None,
            Theme::Light => Some(tauri::Theme::Light),
            Theme::Dark => Some(tauri::Theme::Dark),
        }
    }
}

/// The colour behind the page: `paper` of the window's palette (`ui/src/styles/tokens.css`).
pub fn paper(theme: tauri::Theme) -> Color {
    if theme == tauri::Theme::Dark { Color(0x18, 0x17, 0x14, 0xff) } else { Color(0xfa, 0xf8, 0xf4, 0xff) }
}

fn file(home: &Path) -> PathBuf {
    home.join("appearance.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_is_read_again() {
        let home = tempfile::tempdir().expect("a directory");
        let kept = Appearance { theme: Theme::Dark, locale: Some("es".into()) };
        kept.keep(home.path());
        assert_eq!(Appearance::read(home.path()), kept);
    }

    #[test]
    fn what_cannot_be_read_is_as_usual() {
        let home = tempfile::tempdir().expect("a directory");
        assert_eq!(Appearance::read(home.path()), Appearance::default());
        for text in ["", "{", r#"{"theme":"purple"}"#, "[]"] {
            std::fs::write(file(home.path()), text).expect("a file");
            assert_eq!(Appearance::read(home.path()), Appearance::default(), "{text}");
        }
    }
}
