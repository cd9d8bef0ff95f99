//! The connection test of a profile that may not even be saved yet: every address at once, each with its own outcome.

use std::time::Duration;

use capibara6_identity::SecretStore;
use capibara6_llm::{ApiKey, Client};
use capibara6_profile::base_url;
use capibara6_protocol::{AppError, EndpointTest, ErrorCode, ModelEntry, Profile};
use futures_util::future::join_all;
use url::Url;

use super::keys;
use crate::accounts::{Pass, Token};

/// Beyond the connection: a server that lists its models only after loading one takes this long at most.
const PATIENCE: Duration = Duration::from_secs(10);

/// The outcomes in the profile's order.
pub(super) async fn test(client: Client, profile: &Profile, secrets: &SecretStore, pass: &Pass) -> Vec<EndpointTest> {
    let deadline = Duration::from_secs(profile.network.connect_timeout_s.into()) + PATIENCE;
    let withheld = super::withheld(profile, &pass.consent());
    let tests = profile.models.iter().map(|entry| {
        let key_is_withheld = withheld.contains(&entry.id);
        let token = move |base| async move { pass.token(profile, &base, None).await };
        test_one(&client, entry, secrets, token, key_is_withheld, deadline)
    });
    join_all(tests).await
}

/// As chats do: a key that somebody entered for the very endpoint comes first, then the session's token.
async fn test_one(
    client: &Client,
    entry: &ModelEntry,
    secrets: &SecretStore,
    token: impl AsyncFnOnce(Url) -> Result<Token, AppError>,
    key_is_withheld: bool,
    deadline: Duration,
) -> EndpointTest {
    let mut test = EndpointTest {
        model: entry.id.clone(),
        url: entry.url.clone(),
        served: Vec::new(),
        latency_ms: None,
        error: None,
    };
    let base = match base_url(&entry.url) {
        Ok(base) => base,
        Err(why) => {
            test.error = Some(AppError::new(ErrorCode::ProfileInvalid).with_detail(why));
            return test;
        }
    };
    // Without the secret store the test still says what an endpoint does without a key.
    let stored = match keys::account(entry) {
        Some(account) => secrets.get(&account).await.ok().flatten(),
        None => None,
    };
    if let Some(secret) = &stored {
        capibara6_logging::protect(secret.expose());
    }
    let own = stored.as_ref().filter(|_| !key_is_withheld).and_then(|secret| ApiKey::new(secret.expose()).ok());
    let (key, is_withheld) = match (own, &stored) {
        (Some(key), _) => (Some(key), false),
        (None, Some(_)) => (None, key_is_withheld),
        (None, None) => match token(base.clone()).await {
            Ok(Token::Sent(key, _)) => (Some(key), false),
            Ok(Token::Withheld) => (None, true),
            // A session that has ended says nothing about the endpoint.
            Ok(Token::None) | Err(_) => (None, false),
        },
    };
    match client.models(&base, key.as_ref(), deadline).await {
        Ok(list) => {
            test.latency_ms = u64::try_from(list.latency.as_millis()).ok();
            test.served = list.models.into_iter().map(|model| model.id).collect();
            if !test.served.contains(&entry.id.0) {
                test.error = Some(ErrorCode::ModelNotFound.into());
            }
        }
        Err(failure) if failure.code == ErrorCode::Unauthorised && is_withheld => {
            test.error = Some(AppError::new(ErrorCode::InsecureTransport).with_detail(failure.detail));
        }
        Err(failure) => test.error = Some(failure.into()),
    }
    test
}
