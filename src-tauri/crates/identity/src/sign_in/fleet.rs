//! The fleet's sign-in server as it is deployed: the browser goes to it, GitHub or Google answer it, and it sends the
//! browser to a fixed loopback address with a token of its own in the query. There is no `state` and no PKCE, so whatever
//! arrives is asked about at the server, must be from the provider that was chosen, and is shown to the person before
//! anything is stored.

use capibara6_protocol::AppError;
use http::{Request, header};
use serde::Deserialize;
use url::Url;

use super::error::{Distrust, SignInError};
use super::jwt;
use super::oidc::{Standing, not_an_address};
use super::session::{Issued, Method, Person, Session, Tokens, shown};
use crate::Secret;
use crate::clock::{Clock, SKEW};
use crate::transport::Http;

/// The port to which the server sends browsers.
pub const PORT: u16 = 8000;

/// The path to which it sends them.
pub const PATH: &str = "/auth/success";

/// Who vouches for a person at the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Via {
    /// GitHub.
    Github,
    /// Google.
    Google,
}

impl Via {
    fn as_str(self) -> &'static str {
        match self {
            Self::Github => "github",
            Self::Google => "google",
        }
    }

    fn method(self) -> Method {
        match self {
            Self::Github => Method::Github,
            Self::Google => Method::Google,
        }
    }
}

/// Where a browser starts.
pub fn address(base: &Url, via: Via) -> Url {
    beneath(base, &["auth", via.as_str()])
}

/// A path beneath a base address, which may or may not end with a slash.
fn beneath(base: &Url, path: &[&str]) -> Url {
    let mut address = base.clone();
    address.set_query(None);
    address.set_fragment(None);
    // Only addresses without a host have no path to extend, and none of those is sent to.
    if let Ok(mut segments) = address.path_segments_mut() {
        segments.pop_if_empty().extend(path);
    }
    address
}

/// What `POST /auth/verify` says. Its `email` may be null, and is not needed: the token has it too.
#[derive(Deserialize)]
struct Verified {
    valid: bool,
    user: Option<User>,
}

#[derive(Deserialize)]
struct User {
    id: String,
    provider: String,
}

/// Asks the server about a token that was brought, and then believes what the token says.
///
/// # Errors
/// Why nobody was signed in.
pub async fn redeem(http: &Http, clock: &Clock, base: &Url, via: Via, token: String) -> Result<Session, SignInError> {
    let token = Secret::new(token);
    let user = match verify(http, base, &token).await? {
        Answer::Valid(user) => user,
        Answer::Invalid => return Err(Distrust::NotValid.into()),
    };
    let claims = jwt::read(token.expose()).map_err(|_| Distrust::Unreadable)?;
    // The server's word and the token's must be about the same person, who came the way that was chosen.
    if user.id != claims.user_id || user.provider != claims.provider {
        return Err(Distrust::Subject.into());
    }
    if claims.provider != via.as_str() {
        return Err(Distrust::Issuer.into());
    }
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the reader lets no negative one through"
    )]
    let expires_at = claims.exp as u64;
    if expires_at.saturating_add(SKEW.as_secs()) <= clock.now() {
        return Err(Distrust::Time.into());
    }
    Ok(Session {
        person: Person {
            method: via.method(),
            issuer: base.origin().ascii_serialization(),
            subject: claims.user_id,
            name: claims.name.as_deref().and_then(shown),
            email: claims.email.as_deref().and_then(shown),
        },
        issued: Issued::Fleet { base: base.to_string() },
        tokens: Some(Tokens { access: token, expires_at: Some(expires_at), renew_at: None, refresh: None }),
    })
}

/// Asks the server whether a token is still good.
///
/// # Errors
/// Where it could not be asked.
pub async fn check(http: &Http, base: &Url, token: &Secret) -> Result<Standing, AppError> {
    match verify(http, base, token).await {
        Ok(Answer::Valid(_)) => Ok(Standing::Good),
        Ok(Answer::Invalid) => Ok(Standing::Stale),
        Err(error) => Err(error.into()),
    }
}

/// Tells the server that somebody signs out. It forgets nothing by that, and the token stays good until it expires.
///
/// # Errors
/// Where it could not be told.
pub async fn sign_out(http: &Http, base: &Url) -> Result<(), AppError> {
    http.send(post(&beneath(base, &["auth", "logout"]), b"{}".to_vec())?).await.map(drop)
}

enum Answer {
    Valid(User),
    Invalid,
}

async fn verify(http: &Http, base: &Url, token: &Secret) -> Result<Answer, SignInError> {
    let body = serde_json::json!({ "token": token.expose() }).to_string().into_bytes();
    let response = http.send(post(&beneath(base, &["auth", "verify"]), body)?).await?;
    let unavailable = || SignInError::Unavailable(format!("{} to a verification", response.status()));
    match response.status().as_u16() {
        200 => match serde_json::from_slice(response.body()).map_err(|_| unavailable())? {
            Verified { valid: true, user: Some(user) } => Ok(Answer::Valid(user)),
            Verified { valid: true, user: None } => Err(unavailable()),
            Verified { valid: false, .. } => Ok(Answer::Invalid),
        },
        401 => Ok(Answer::Invalid),
        _ => Err(unavailable()),
    }
}

fn post(address: &Url, body: Vec<u8>) -> Result<Request<Vec<u8>>, AppError> {
    Request::post(address.as_str())
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT, "application/json")
        .body(body)
        .map_err(not_an_address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_stand_beneath_the_base_however_it_ends() {
        for (base, expected) in [
            ("http://127.0.0.1:5004", "http://127.0.0.1:5004/auth/github"),
            ("http://127.0.0.1:5004/", "http://127.0.0.1:5004/auth/github"),
            ("https://fleet.example/sign-in?x=1#y", "https://fleet.example/sign-in/auth/github"),
            ("https://fleet.example/sign-in/", "https://fleet.example/sign-in/auth/github"),
        ] {
            let base = Url::parse(base).expect("an address");
            assert_eq!(address(&base, Via::Github).as_str(), expected);
        }
    }
}
