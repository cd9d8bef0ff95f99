//! The keys of a fleet's endpoints: fetched from the secret store once, kept in memory for the life of the profile.

use std::collections::HashMap;

use capibara6_identity::{Secret, SecretError, SecretStore};
use capibara6_llm::ApiKey;
use capibara6_profile::base_url;
use capibara6_protocol::{AppError, ErrorCode, KeySet, KeyStates, ModelEntry, ModelId, Profile, ProfileView};

/// What the secret store says about the keys of a profile.
#[derive(Clone, Default)]
pub(super) struct Keys {
    keys: HashMap<ModelId, Key>,
    trouble: Option<ErrorCode>,
}

/// The key of one model.
#[derive(Clone, Default, Debug)]
pub(crate) enum Key {
    /// There is none.
    #[default]
    Absent,
    /// It is sent.
    Sent(ApiKey),
    /// There is one, but the address is public and not encrypted.
    Withheld,
}

impl Key {
    /// What goes with a request.
    pub(super) fn to_send(&self) -> Option<ApiKey> {
        match self {
            Self::Sent(key) => Some(key.clone()),
            Self::Absent | Self::Withheld => None,
        }
    }
}

impl Keys {
    pub(super) fn of(&self, model: &ModelId) -> Key {
        self.keys.get(model).cloned().unwrap_or_default()
    }

    pub(super) fn states(&self, profile: &Profile) -> KeyStates {
        let present = profile.models.iter().map(|entry| &entry.id).filter(|id| self.keys.contains_key(id)).cloned();
        KeyStates { trouble: self.trouble, present: present.collect() }
    }
}

/// Where the key of a model is kept: bound to the origin, so that a profile that points elsewhere does not get it.
pub(super) fn account(entry: &ModelEntry) -> Option<String> {
    let origin = base_url(&entry.url).ok()?.origin().ascii_serialization();
    Some(format!("endpoint-key/{origin}/{}", entry.id))
}

/// Asks the secret store for every model's key. The first trouble ends the asking: the others would meet the same.
pub(super) async fn fetch(secrets: &SecretStore, view: &ProfileView) -> Keys {
    let withheld = super::withheld(&view.profile);
    let mut keys = Keys::default();
    for entry in &view.profile.models {
        let Some(account) = account(entry) else { continue };
        match secrets.get(&account).await {
            Ok(None) => {}
            Ok(Some(_)) if withheld.contains(&entry.id) => {
                keys.keys.insert(entry.id.clone(), Key::Withheld);
            }
            Ok(Some(secret)) => match ApiKey::new(secret.expose()) {
                Ok(key) => {
                    capibara6_logging::protect(secret.expose());
                    keys.keys.insert(entry.id.clone(), Key::Sent(key));
                }
                Err(_) => tracing::warn!(model = %entry.id, "the stored key cannot be sent as a header"),
            },
            Err(error) => {
                keys.trouble = Some(code(error));
                break;
            }
        }
    }
    keys
}

/// Stores or removes a key.
pub(super) async fn store(secrets: &SecretStore, entry: &ModelEntry, key: Option<KeySet>) -> Result<(), AppError> {
    let account = account(entry).ok_or(ErrorCode::ProfileInvalid)?;
    match key {
        Some(key) => {
            // What cannot be sent is refused here, where it can still be corrected.
            ApiKey::new(&key.key).map_err(|_| AppError::new(ErrorCode::InvalidInput).with_field("key"))?;
            capibara6_logging::protect(key.key.trim());
            secrets.set(&account, Secret::new(key.key.trim().to_owned())).await?;
        }
        None => secrets.delete(&account).await?,
    }
    Ok(())
}

fn code(error: SecretError) -> ErrorCode {
    AppError::from(error).code
}
