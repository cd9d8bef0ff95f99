//! What the user has set.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{ConsensusSettings, KeepIn, ModelId, PlainConsent, ProfileId};

/// Everything the user can set, apart from profiles.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Settings {
    /// A BCP 47 tag, or the system's language where absent.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Light, dark, or as the system says.
    pub theme: Theme,
    /// Size of type in percent, 80 to 160.
    pub type_size: u16,
    /// Whether the fast model writes the titles.
    pub model_titles: bool,
    /// Whether a long answer that ends in the background is announced by the system.
    pub notify: bool,
    /// The profile in use.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<ProfileId>,
    /// What was picked last in the mode picker.
    pub mode: Mode,
    /// What was picked last in the model picker, for `single`.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelId>,
    /// Generation parameters by model; absent values come from the profile, then from the server.
    pub parameters: BTreeMap<ModelId, Parameters>,
    /// Where secrets are kept; `secret_keeping_set` changes it, `settings_set` does not.
    pub keep_secrets: KeepIn,
    /// Where credentials may go unencrypted; `plain_consent_set` changes it, `settings_set` does not.
    pub plain_consents: Vec<PlainConsent>,
    /// Profiles whose plain-HTTP warning was dismissed.
    pub dismissed_warnings: Vec<String>,
    /// Asking several models at once.
    pub consensus: ConsensusSettings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            locale: None,
            theme: Theme::System,
            type_size: 100,
            model_titles: false,
            notify: true,
            profile: None,
            mode: Mode::Auto,
            model: None,
            parameters: BTreeMap::new(),
            keep_secrets: KeepIn::System,
            plain_consents: Vec::new(),
            dismissed_warnings: Vec::new(),
            consensus: ConsensusSettings::default(),
        }
    }
}

/// The colours of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Theme {
    /// As the system says.
    System,
    /// Dark ink on paper.
    Light,
    /// Light ink on dark paper.
    Dark,
}

/// How the model is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// By the rules over the question.
    Auto,
    /// By the user.
    Single,
    /// Several at once: `consensus_begin` asks, not `chat_send`.
    Consensus,
}

/// Generation parameters of one model.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Parameters {
    /// 0 to 2.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// Above 0, at most 1.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_p: Option<f64>,
    /// Longest answer in tokens.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u32>,
    /// For repeatable answers.
    #[ts(optional, type = "number")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<i64>,
    /// Texts that end the answer; never an empty one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stop: Vec<String>,
    /// What the model is told before the conversation.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub system_prompt: String,
}
