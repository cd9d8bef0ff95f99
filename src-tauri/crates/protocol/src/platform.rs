//! The program itself: start, versions, keys, links.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{AccountView, ErrorCode, ModelId, ProfileId, ProfileOption, ProfileView, Settings};

/// What the window needs before it can be used. Nothing in here waited for a network or a secret store.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Boot {
    /// The program's version.
    pub version: String,
    /// The system's preferred languages, best first.
    pub system_locales: Vec<String>,
    /// What the user has set.
    pub settings: Settings,
    /// The profile in use; onboarding is due where absent.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<ProfileView>,
    /// The profiles at hand.
    pub profiles: Vec<ProfileOption>,
    /// Who is signed in, as it was remembered; nothing was asked yet.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountView>,
    /// Which shortcuts are usual here.
    pub platform: Platform,
    /// Why history cannot be written (or read), when it cannot.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_trouble: Option<ErrorCode>,
}

/// The operating system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Platform {
    /// Linux and the like.
    Linux,
    /// macOS.
    Macos,
    /// Windows.
    Windows,
}

/// Names a profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ProfileRef {
    /// Which one.
    pub id: ProfileId,
}

/// Versions, for the about box.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct About {
    /// The program.
    pub version: String,
    /// The commit it was built from, where known.
    pub commit: String,
    /// Tauri.
    pub tauri: String,
    /// The system's webview.
    pub webview: String,
    /// SQLite.
    pub sqlite: String,
    /// Operating system and architecture.
    pub system: String,
    /// Where data lives.
    pub data_directory: String,
}

/// The secret store and the keys in it (their presence, never their text).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct KeyStates {
    /// What is wrong with the secret store, when something is.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<ErrorCode>,
    /// The models of the active profile that have a key.
    pub present: Vec<ModelId>,
}

/// Stores an endpoint's key in the secret store.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct KeySet {
    /// The model of the active profile.
    pub model: ModelId,
    /// The key.
    pub key: String,
}

impl std::fmt::Debug for KeySet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeySet").field("model", &self.model).finish_non_exhaustive()
    }
}

/// Names a model of the active profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ModelRef {
    /// Which one.
    pub model: ModelId,
}

/// Opens a link outside, through the one checked door.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LinkOpen {
    /// `https`, `http` or `mailto`.
    pub url: String,
}
