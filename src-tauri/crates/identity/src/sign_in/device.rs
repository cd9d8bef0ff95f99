//! The device flow (RFC 8628), for people without a sign-in server: GitHub with a client id of the user's own. Nothing
//! listens; the person types a code into their browser while the program asks now and then.

use std::time::Duration;

use capibara6_protocol::AppError;
use serde::Deserialize;
use tokio::time::{Instant, sleep, sleep_until};
use url::{Url, form_urlencoded};

use super::error::{Distrust, SignInError};
use super::oidc::{form, standing, with_bearer};
use super::session::{Issued, Method, Person, Session, Tokens, shown};
use crate::Secret;
use crate::clock::Clock;
use crate::transport::Http;

/// RFC 8628 §3.2, where the server names no interval; §3.5, what `slow_down` adds.
const FIVE_SECONDS: Duration = Duration::from_secs(5);

/// The longest pause after requests that failed on their way.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// The longest life of a code that is believed.
const LONGEST_LIFE: Duration = Duration::from_secs(30 * 60);

/// Where a server of the device flow is, and who we are to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Where codes are asked for.
    pub authorization: Url,
    /// Where tokens are.
    pub token: Url,
    /// Tells whose a token is: an object with `id` and `login`, and perhaps `name` and `email`.
    pub user: Url,
    /// The client id.
    pub client_id: String,
    /// The scopes, separated by spaces.
    pub scope: String,
}

impl Settings {
    /// GitHub's, where nothing but the profile is asked for.
    ///
    /// # Errors
    /// Never, as long as the addresses in it are addresses.
    pub fn github(client_id: &str) -> Result<Self, url::ParseError> {
        Ok(Self {
            authorization: Url::parse("https://github.com/login/device/code")?,
            token: Url::parse("https://github.com/login/oauth/access_token")?,
            user: Url::parse("https://api.github.com/user")?,
            client_id: client_id.to_owned(),
            scope: "read:user user:email".to_owned(),
        })
    }
}

/// A code under way.
#[derive(Debug)]
pub struct Pending {
    /// What the person types.
    pub user_code: String,
    /// Where they type it.
    pub address: Url,
    /// How long it lives.
    pub life: Duration,
    device_code: Secret,
    interval: Duration,
}

#[derive(Deserialize)]
struct DeviceCode {
    device_code: String,
    user_code: String,
    verification_uri: Url,
    verification_uri_complete: Option<Url>,
    expires_in: u64,
    interval: Option<u64>,
}

/// GitHub answers 200 in both cases, so the fields tell which it is.
#[derive(Deserialize)]
#[serde(untagged)]
enum Polled {
    Refused { error: String, interval: Option<u64> },
    Given { access_token: String, token_type: String, expires_in: Option<u64> },
}

/// Asks for a code.
///
/// # Errors
/// Why there is none.
pub async fn begin(http: &Http, settings: &Settings) -> Result<Pending, SignInError> {
    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair("client_id", &settings.client_id)
        .append_pair("scope", &settings.scope)
        .finish();
    let response = http.send(form(&settings.authorization, body)?).await?;
    if let Ok(Polled::Refused { error, .. }) = serde_json::from_slice(response.body()) {
        return Err(SignInError::Refused { error: code(&error), description: None });
    }
    if !response.status().is_success() {
        return Err(SignInError::Unavailable(format!("{} to a device code", response.status())));
    }
    let given: DeviceCode = serde_json::from_slice(response.body())
        .map_err(|_| SignInError::Unavailable("not an answer of the device flow".to_owned()))?;
    let address = given.verification_uri_complete.unwrap_or(given.verification_uri);
    // It is handed to the system to be opened, so it must be one that a browser opens.
    if !http.allows(&address) {
        return Err(SignInError::Insecure(address.origin().ascii_serialization()));
    }
    Ok(Pending {
        user_code: shown(&given.user_code).ok_or(Distrust::Unreadable)?,
        address,
        life: Duration::from_secs(given.expires_in).min(LONGEST_LIFE),
        device_code: Secret::new(given.device_code),
        interval: given.interval.map_or(FIVE_SECONDS, |seconds| Duration::from_secs(seconds.max(1))),
    })
}

/// Asks until the person has decided, never more often than the server wants to be asked.
///
/// # Errors
/// Why nobody was signed in.
pub async fn redeem(http: &Http, clock: &Clock, settings: &Settings, pending: Pending) -> Result<Session, SignInError> {
    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair("client_id", &settings.client_id)
        .append_pair("device_code", pending.device_code.expose())
        .append_pair("grant_type", "urn:ietf:params:oauth:grant-type:device_code")
        .finish();
    let dead = Instant::now() + pending.life;
    let mut interval = pending.interval;
    let tokens = loop {
        tokio::select! {
            () = sleep(interval) => {}
            () = sleep_until(dead) => return Err(SignInError::Expired),
        }
        let response = match http.send(form(&settings.token, body.clone())?).await {
            Ok(response) if !response.status().is_server_error() => response,
            // §3.5: what failed on its way is tried again, later and later.
            Ok(_) => {
                interval = (interval * 2).min(LONGEST_PAUSE);
                continue;
            }
            Err(error) => {
                if let insecure @ SignInError::Insecure(_) = error.into() {
                    return Err(insecure);
                }
                interval = (interval * 2).min(LONGEST_PAUSE);
                continue;
            }
        };
        match serde_json::from_slice(response.body()).map_err(|_| Distrust::Unreadable)? {
            Polled::Given { access_token, token_type, expires_in } if token_type.eq_ignore_ascii_case("bearer") => {
                break Tokens::new(Secret::new(access_token), None, clock.now(), expires_in);
            }
            Polled::Given { .. } => return Err(Distrust::Unreadable.into()),
            Polled::Refused { error, interval: wanted } => match error.as_str() {
                "authorization_pending" => {}
                "slow_down" => {
                    interval = (interval + FIVE_SECONDS).max(Duration::from_secs(wanted.unwrap_or(0)));
                }
                "expired_token" => return Err(SignInError::Expired),
                other => return Err(SignInError::Refused { error: code(other), description: None }),
            },
        }
    };
    let person = whose(http, settings, &tokens.access).await?;
    let issued = Issued::Device { user: settings.user.to_string() };
    Ok(Session { person, issued, tokens: Some(tokens) })
}

/// Asks whether a token is still good.
///
/// # Errors
/// Where nobody could be asked.
pub async fn check(http: &Http, user: &Url, access: &Secret) -> Result<super::oidc::Standing, AppError> {
    standing(&http.send(with_bearer(user, access)?).await?)
}

async fn whose(http: &Http, settings: &Settings, access: &Secret) -> Result<Person, SignInError> {
    #[derive(Deserialize)]
    struct User {
        id: u64,
        login: String,
        name: Option<String>,
        email: Option<String>,
    }
    let response = http.send(with_bearer(&settings.user, access)?).await?;
    if !response.status().is_success() {
        return Err(SignInError::Unavailable(format!("{} to whose the token is", response.status())));
    }
    let user: User = serde_json::from_slice(response.body()).map_err(|_| Distrust::Unreadable)?;
    Ok(Person {
        method: Method::Device,
        issuer: settings.token.origin().ascii_serialization(),
        subject: user.id.to_string(),
        name: user.name.as_deref().and_then(shown).or_else(|| shown(&user.login)),
        email: user.email.as_deref().and_then(shown),
    })
}

/// An error code as the protocol allows one, and nothing that only looks like it: it is shown.
fn code(error: &str) -> String {
    let honest = error.len() <= 64 && error.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if honest { error.to_owned() } else { "an unknown error".to_owned() }
}
