//! A profile: where the models and services of a fleet are. The same shape is the TOML file and the form in the window.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{AppError, ModelId, ProfileId};

/// A fleet of model servers and services.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The name people see.
    pub name: String,
    /// The models, in the order in which a fallback is sought.
    pub models: Vec<ModelEntry>,
    /// Base addresses of other services by name; a missing one hides its feature.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub services: BTreeMap<Service, String>,
    /// OpenID Connect, where the fleet has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub oidc: Option<Oidc>,
    /// The device flow, with a client id of the user's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub device: Option<Device>,
    /// Origins (scheme, host, port) whose models and services get the session's token. None by itself: whoever signs in
    /// shows their token to nobody but the provider.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub token_origins: Vec<String>,
    /// The port of this computer to which the fleet's sign-in server (`services.auth`) sends browsers; 8000 where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub sign_in_port: Option<u16>,
    /// How to reach all of it.
    #[serde(default, skip_serializing_if = "Network::is_default")]
    pub network: Network,
}

/// One model on one server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ModelEntry {
    /// What is sent as `model`; unique in the profile.
    pub id: ModelId,
    /// The name people see; the id where empty.
    #[serde(default)]
    pub label: String,
    /// Base address up to and including `/v1`.
    pub url: String,
    /// What the model is best at.
    pub tier: Tier,
    /// Weight of its vote in a consensus, above 0.
    #[serde(default = "ModelEntry::default_weight")]
    pub weight: f64,
    /// Context window in tokens; asked from the server where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub context: Option<u32>,
    /// Sampling temperature; the server's default where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub temperature: Option<f64>,
    /// Longest answer in tokens; the server's default where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub max_tokens: Option<u32>,
}

impl ModelEntry {
    fn default_weight() -> f64 {
        1.0
    }

    /// The label, or the id where there is none.
    pub fn shown_name(&self) -> &str {
        if self.label.is_empty() { self.id.as_str() } else { &self.label }
    }
}

/// What a model is best at; `auto` routing chooses one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Tier {
    /// Short questions, answered at once.
    Fast,
    /// Programming.
    Code,
    /// Reasoning, comparison, long questions.
    Complex,
    /// Stories, poems, tone.
    Creative,
}

/// A service beside the models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)] // the names are the documentation
pub enum Service {
    Auth,
    Consensus,
    Backend,
    Tts,
    Mcp,
    Rag,
    N8n,
}

/// An OpenID Connect provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Oidc {
    /// The issuer's address.
    pub issuer: String,
    /// The public client's id.
    pub client_id: String,
    /// Scopes asked for.
    #[serde(default)]
    pub scopes: Vec<String>,
}

/// The device flow (RFC 8628): GitHub's, unless other addresses are given. All three belong to one server.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Device {
    /// The client id.
    pub client_id: String,
    /// Where codes are asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub authorization: Option<String>,
    /// Where tokens are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub token: Option<String>,
    /// What tells whose a token is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub user: Option<String>,
}

/// How the fleet is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields, default)]
pub struct Network {
    /// A PEM file with further roots, relative to the profile's folder or absolute.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub ca_file: Option<String>,
    /// A proxy for everything that is not loopback.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub proxy: Option<String>,
    /// Seconds until a connection must stand.
    pub connect_timeout_s: u32,
    /// Seconds until the first token must have arrived.
    pub first_token_timeout_s: u32,
    /// Longest silence inside a stream, in seconds.
    pub idle_timeout_s: u32,
}

impl Default for Network {
    fn default() -> Self {
        Self { ca_file: None, proxy: None, connect_timeout_s: 5, first_token_timeout_s: 180, idle_timeout_s: 60 }
    }
}

impl Network {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// A profile in the list of those at hand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ProfileOption {
    /// Its id.
    pub id: ProfileId,
    /// The name people see.
    pub name: String,
    /// Where it comes from.
    pub origin: ProfileOrigin,
    /// The models' shown names.
    pub models: Vec<String>,
    /// Why it cannot be used, when it cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub error: Option<AppError>,
}

/// Where a profile comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum ProfileOrigin {
    /// A file in the data directory (or the one that `CAPIBARA6_PROFILE` names).
    File,
    /// Shipped with the application, never contacted before it is picked.
    Example,
    /// The practice fleet: scripted answers on loopback.
    Practice,
}

/// The active profile as the window needs it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ProfileView {
    /// Its id.
    pub id: ProfileId,
    /// Where it comes from.
    pub origin: ProfileOrigin,
    /// What it says.
    pub profile: Profile,
    /// Models whose address is neither loopback nor private and not encrypted.
    pub insecure: Vec<ModelId>,
}

/// A profile to be written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ProfileSave {
    /// The profile to replace; a new one where absent.
    #[serde(default)]
    #[ts(optional)]
    pub id: Option<ProfileId>,
    /// What it shall say.
    pub profile: Profile,
}

/// What a connection test found at one model's address.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct EndpointTest {
    /// The model asked for.
    pub model: ModelId,
    /// Its address.
    pub url: String,
    /// The models that the server says it serves.
    pub served: Vec<String>,
    /// Time of the answer to `/v1/models`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub latency_ms: Option<u64>,
    /// Why it cannot answer; `model-not-found` where the server is there but does not serve the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub error: Option<AppError>,
}

/// An OpenAI-compatible server found on this computer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FoundServer {
    /// Base address up to and including `/v1`.
    pub url: String,
    /// What answered.
    pub kind: ServerKind,
    /// The models it serves.
    pub models: Vec<String>,
}

/// What kind of server answered, known by what it answers, not by its port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum ServerKind {
    /// vLLM.
    Vllm,
    /// The platform's multi-model server.
    Capibara6,
    /// Ollama.
    Ollama,
    /// Anything else that speaks `/v1/models`.
    OpenaiCompatible,
}
