//! The connection test of a profile that may not even be saved yet: every address at once, each with its own outcome.

use std::time::Duration;

use capibara6_identity::{PlainConsent, SecretStore};
use capibara6_llm::{ApiKey, Client};
use capibara6_profile::base_url;
use capibara6_protocol::{AppError, EndpointTest, ErrorCode, ModelEntry, Profile};
use futures_util::future::join_all;

use super::keys;

/// Beyond the connection: a server that lists its models only after loading one takes this long at most.
const PATIENCE: Duration = Duration::from_secs(10);

/// The outcomes in the profile's order.
pub(super) async fn test(
    client: Client,
    profile: &Profile,
    secrets: &SecretStore,
    consent: &PlainConsent,
) -> Vec<EndpointTest> {
    let deadline = Duration::from_secs(profile.network.connect_timeout_s.into()) + PATIENCE;
    let withheld = super::withheld(profile, consent);
    let tests = profile.models.iter().map(|entry| {
        let key_is_withheld = withheld.contains(&entry.id);
        test_one(&client, entry, secrets, key_is_withheld, deadline)
    });
    join_all(tests).await
}

async fn test_one(
    client: &Client,
    entry: &ModelEntry,
    secrets: &SecretStore,
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
    let key = stored.as_ref().filter(|_| !key_is_withheld).and_then(|secret| ApiKey::new(secret.expose()).ok());
    match client.models(&base, key.as_ref(), deadline).await {
        Ok(list) => {
            test.latency_ms = u64::try_from(list.latency.as_millis()).ok();
            test.served = list.models.into_iter().map(|model| model.id).collect();
            if !test.served.contains(&entry.id.0) {
                test.error = Some(ErrorCode::ModelNotFound.into());
            }
        }
        Err(failure) if failure.code == ErrorCode::Unauthorised && key_is_withheld && stored.is_some() => {
            test.error = Some(AppError::new(ErrorCode::InsecureTransport).with_detail(failure.detail));
        }
        Err(failure) => test.error = Some(failure.into()),
    }
    test
}
