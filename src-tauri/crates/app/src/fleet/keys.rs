//! The keys of a fleet's endpoints: fetched from the secret store once, kept in memory for the life of the profile.

use std::collections::HashMap;

use capibara6_identity::{Bearer, PlainConsent, Secret, SecretError, SecretStore};
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
    /// There is one, or a token, but the address is another computer's and not encrypted.
    Withheld,
    /// There is none, but the session's token is sent.
    Token(ApiKey, Bearer),
}

impl Key {
    /// What goes with a request.
    pub(super) fn to_send(&self) -> Option<ApiKey> {
        match self {
            Self::Sent(key) | Self::Token(key, _) => Some(key.clone()),
            Self::Absent | Self::Withheld => None,
        }
    }
}

impl Keys {
    pub(super) fn of(&self, model: &ModelId) -> Key {
        self.keys.get(model).cloned().unwrap_or_default()
    }

    /// Whether the secret store could not be asked for all of them.
    pub(super) fn in_trouble(&self) -> bool {
        self.trouble.is_some()
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
pub(super) async fn fetch(secrets: &SecretStore, view: &ProfileView, consent: PlainConsent) -> Keys {
    let withheld = super::withheld(&view.profile, &consent);
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

/// Copies the keys of a profile to another keeper. What cannot be read stays where it is.
///
/// # Errors
/// Why the other one does not keep them.
pub(super) async fn copy(profile: &Profile, from: &SecretStore, to: &SecretStore) -> Result<(), AppError> {
    for account in profile.models.iter().filter_map(account) {
        if let Ok(Some(secret)) = from.get(&account).await {
            to.set(&account, secret).await?;
        }
    }
    Ok(())
}

/// Removes the keys of a profile from a keeper. The first trouble ends it: the others would meet the same.
pub(super) async fn remove(profile: &Profile, from: &SecretStore) {
    for account in profile.models.iter().filter_map(account) {
        if let Err(error) = from.delete(&account).await {
            tracing::warn!(%error, "a key is still where secrets were kept before");
            return;
        }
    }
}

fn code(error: SecretError) -> ErrorCode {
    AppError::from(error).code
}

#[cfg(test)]
mod tests {
    use capibara6_identity::Backend;
    use capibara6_protocol::{Network, ProfileOrigin, Tier};

    use super::*;

    /// A keeper that has a key for everybody, or none for anybody.
    struct Keeper(Option<SecretError>);

    impl Backend for Keeper {
        fn get(&mut self, _: &str, account: &str) -> Result<Option<Secret>, SecretError> {
            match &self.0 {
                Some(error) => Err(error.clone()),
                None => Ok(Some(Secret::new(format!("key-of-{}", account.rsplit('/').next().unwrap_or_default())))),
            }
        }

        fn set(&mut self, _: &str, _: &str, _: &Secret) -> Result<(), SecretError> {
            Err(SecretError::Denied)
        }

        fn delete(&mut self, _: &str, _: &str) -> Result<(), SecretError> {
            Err(SecretError::Denied)
        }

        fn probe(&mut self, _: &str) -> Result<(), SecretError> {
            Ok(())
        }
    }

    fn entry(id: &str, url: &str) -> ModelEntry {
        ModelEntry {
            id: id.into(),
            label: String::new(),
            url: url.to_owned(),
            tier: Tier::Fast,
            weight: 1.0,
            context: None,
            temperature: None,
            max_tokens: None,
        }
    }

    fn view(models: Vec<ModelEntry>) -> ProfileView {
        let network = Network::default();
        let profile = Profile {
            name: "p".to_owned(),
            models,
            services: Default::default(),
            oidc: None,
            device: None,
            token_origins: Vec::new(),
            sign_in_port: None,
            network,
        };
        ProfileView { id: "p".into(), origin: ProfileOrigin::File, profile, insecure: Vec::new() }
    }

    #[test]
    fn an_account_is_bound_to_the_origin() {
        let accounts =
            ["http://h:1", "http://h:1/v1/", "https://h:1/v1", "http://h:2/v1"].map(|url| account(&entry("m", url)));
        let expected = ["http://h:1", "http://h:1", "https://h:1", "http://h:2"];
        assert_eq!(accounts, expected.map(|origin| Some(format!("endpoint-key/{origin}/m"))));
    }

    #[tokio::test]
    async fn a_key_is_withheld_from_public_addresses_without_encryption() {
        // Documentation addresses (RFC 5737); nothing is contacted here.
        let view = view(vec![
            entry("open", "http://203.0.113.7:8000/v1"),
            entry("sealed", "https://203.0.113.7/v1"),
            entry("home", "http://127.0.0.1:1/v1"),
        ]);
        let keys = fetch(&SecretStore::with_backend(Keeper(None)), &view, PlainConsent::default()).await;
        assert!(matches!(keys.of(&"open".into()), Key::Withheld));
        assert!(keys.of(&"open".into()).to_send().is_none());
        assert!(keys.of(&"sealed".into()).to_send().is_some());
        assert!(keys.of(&"home".into()).to_send().is_some());
        let consent = PlainConsent::to([&url::Url::parse("http://203.0.113.7:8000").unwrap()]);
        let consented = fetch(&SecretStore::with_backend(Keeper(None)), &view, consent).await;
        assert!(consented.of(&"open".into()).to_send().is_some());
        let present = ["open", "sealed", "home"].map(ModelId::from).to_vec();
        assert_eq!(keys.states(&view.profile), KeyStates { trouble: None, present });
    }

    #[tokio::test]
    async fn trouble_with_the_secret_store_is_told_and_leaves_the_rest_to_work() {
        let view = view(vec![entry("m", "http://127.0.0.1:1/v1")]);
        for (error, code) in
            [(SecretError::Absent, ErrorCode::SecretStoreAbsent), (SecretError::Locked, ErrorCode::SecretStoreLocked)]
        {
            let keys = fetch(&SecretStore::with_backend(Keeper(Some(error))), &view, PlainConsent::default()).await;
            assert!(matches!(keys.of(&"m".into()), Key::Absent));
            assert_eq!(keys.states(&view.profile), KeyStates { trouble: Some(code), present: Vec::new() });
        }
    }
}
