//! An OpenID provider that signs for real, and misbehaves where a test asks for it.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
use capibara6_protocol::Oidc;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::people::{self, Decision};
use super::service::{Gate, Service, line_without_query, parameters, query};
use crate::canned::Canned;
use crate::http::Request;

/// The client that the provider knows.
const CLIENT: &str = "desktop-chat";

/// What is wrong with a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Misbehaviour {
    /// Its description names another issuer.
    DescriptionOfAnother,
    /// Its description is a page for people.
    DescriptionIsAPage,
    /// Its description sends browsers to something that is no web address.
    AuthorizationIsACommand,
    /// Its description sends browsers and tokens over plain HTTP to another computer.
    EverythingUnencrypted,
    /// The redirect brings another `state`.
    State,
    /// The redirect brings no `state`.
    NoState,
    /// The redirect brings another issuer's `iss`.
    Issuer,
    /// The redirect brings no `iss`, though the description promises it.
    NoIssuer,
    /// The redirect brings an error with this code.
    Refusal(&'static str),
    /// The ID token has another nonce.
    Nonce,
    /// The ID token has no nonce.
    NoNonce,
    /// The ID token is from another issuer.
    TokenIssuer,
    /// The ID token is for another client.
    Audience,
    /// The ID token is for this client and another.
    Audiences,
    /// The ID token is signed with a key that the provider does not have, under the name of one that it has.
    ForeignKey,
    /// The ID token is signed with a key that the provider never shows.
    HiddenKey,
    /// The ID token is not signed.
    Unsigned,
    /// The ID token is signed with the client's id as a shared secret would be.
    Symmetric,
    /// The ID token has expired by so many seconds.
    Expired(u64),
    /// The ID token was issued so many seconds from now.
    Future(u64),
    /// The ID token names another access token.
    AccessTokenHash,
    /// There is no ID token.
    NoIdToken,
    /// The ID token says nothing but the subject.
    OnlySubject,
    /// The token endpoint never answers.
    TokenSilence,
    /// The token endpoint answers with this status and a page for people.
    TokenStatus(u16),
    /// The token endpoint answers 200 with a page for people.
    TokenPage,
    /// The token endpoint's refusals repeat what they were sent.
    Echo,
    /// The tokens are of another type.
    TokenType,
    /// A refresh brings no new refresh token.
    NoRotation,
    /// A refresh brings somebody else's ID token.
    OtherSubject,
    /// Who somebody is, is answered about somebody else.
    OtherUserInfo,
    /// Revocations fail.
    NoRevocation,
}

/// A provider on 127.0.0.1 whose person is always signed in and always consents, until [`IdentityProvider::ask_people`]. It
/// stops when dropped.
#[derive(Debug)]
pub struct IdentityProvider {
    service: Service,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    misbehaviour: Option<Misbehaviour>,
    asks: bool,
    subject: String,
    name: String,
    email: Option<String>,
    /// Which keys are shown; the last one signs.
    keys: Vec<u8>,
    lifetime: u64,
    counter: u64,
    marker: String,
    codes: HashMap<String, Code>,
    /// Access tokens and refresh tokens with their grants.
    access: HashMap<String, u64>,
    refresh: HashMap<String, u64>,
    used_refresh: HashMap<String, u64>,
    dead_grants: HashSet<u64>,
}

#[derive(Debug, Clone)]
struct Code {
    challenge: String,
    redirect: String,
    nonce: Option<String>,
    offline: bool,
    used_by: Option<u64>,
}

impl IdentityProvider {
    /// Starts a provider that behaves. `IdentityProvider::start().await`
    pub async fn start() -> Self {
        let state = Arc::new(Mutex::new(State {
            misbehaviour: None,
            asks: false,
            subject: "alice".to_owned(),
            name: "Alicia Núñez".to_owned(),
            email: Some("alicia@example.test".to_owned()),
            keys: vec![1],
            lifetime: 3600,
            counter: 0,
            marker: "kit".to_owned(),
            codes: HashMap::new(),
            access: HashMap::new(),
            refresh: HashMap::new(),
            used_refresh: HashMap::new(),
            dead_grants: HashSet::new(),
        }));
        let answering = Arc::clone(&state);
        let service =
            Service::start(move |request, origin| answering.lock().expect("a lock").answer(request, origin)).await;
        Self { service, state }
    }

    /// Its issuer.
    pub fn issuer(&self) -> String {
        self.service.origin()
    }

    /// What a profile says about it.
    pub fn oidc(&self) -> Oidc {
        let scopes = ["openid", "profile", "email", "offline_access"];
        Oidc {
            issuer: self.issuer(),
            client_id: CLIENT.to_owned(),
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        }
    }

    /// Misbehaves from now on. `provider.misbehave(Misbehaviour::Nonce)`
    pub fn misbehave(&self, misbehaviour: Misbehaviour) {
        self.state().misbehaviour = Some(misbehaviour);
    }

    /// Behaves from now on.
    pub fn behave(&self) {
        self.state().misbehaviour = None;
    }

    /// Who signs in from now on.
    pub fn sign_in_as(&self, subject: &str, name: &str, email: Option<&str>) {
        let mut state = self.state();
        subject.clone_into(&mut state.subject);
        name.clone_into(&mut state.name);
        state.email = email.map(str::to_owned);
    }

    /// Shows a page from now on, for a real browser: `button[value=yes]` goes on, `button[value=no]` refuses.
    pub fn ask_people(&self) {
        self.state().asks = true;
    }

    /// Every secret it makes from now on has this text in it.
    pub fn mark(&self, marker: &str) {
        marker.clone_into(&mut self.state().marker);
    }

    /// How many seconds access tokens live from now on.
    pub fn lifetime(&self, seconds: u64) {
        self.state().lifetime = seconds;
    }

    /// Signs with a new key from now on, and shows only that one.
    pub fn rotate_keys(&self) {
        let mut state = self.state();
        let newest = state.keys.last().copied().unwrap_or_default();
        state.keys = vec![newest + 1];
    }

    /// Forgets every access token, as a provider that was started anew; refresh tokens stay good.
    pub fn forget_access_tokens(&self) {
        self.state().access.clear();
    }

    /// Ends every session.
    pub fn end_everything(&self) {
        let mut state = self.state();
        state.access.clear();
        state.refresh.clear();
    }

    /// How many refresh tokens are good.
    pub fn good_refresh_tokens(&self) -> usize {
        self.state().refresh.len()
    }

    /// Whether an access token is good.
    pub fn knows(&self, access_token: &str) -> bool {
        self.state().access.contains_key(access_token)
    }

    /// Holds a route back, as `POST /token`.
    pub fn hold(&self, route: &str) -> Gate {
        self.service.hold(route)
    }

    /// What was asked of a route.
    pub fn asked(&self, route: &str) -> Vec<Request> {
        self.service.asked(route)
    }

    /// Waits until a route was asked so many times.
    pub async fn asked_times(&self, route: &str, times: usize) {
        self.service.asked_times(route, times).await;
    }

    /// Everything that was asked.
    pub fn requests(&self) -> Vec<Request> {
        self.service.requests()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("a lock")
    }
}

impl State {
    fn answer(&mut self, request: &Request, origin: &str) -> Canned {
        match line_without_query(request).as_str() {
            "GET /.well-known/openid-configuration" => self.description(origin),
            "GET /jwks" => {
                Canned::json(&json!({ "keys": self.keys.iter().map(|key| public(*key)).collect::<Vec<_>>() }))
            }
            "GET /auth" if self.asks => people::ask(&self.name),
            "GET /auth" => self.authorize(request, origin, Decision::Yes),
            "POST /auth" => self.authorize(request, origin, people::decision(request)),
            "POST /token" => self.token(request, origin),
            "GET /me" => self.user_info(request),
            "POST /revoke" => self.revoke(request),
            _ => Canned::status(404),
        }
    }

    fn description(&self, origin: &str) -> Canned {
        let (mut issuer, mut authorization, mut token) =
            (origin.to_owned(), format!("{origin}/auth"), format!("{origin}/token"));
        match self.misbehaviour {
            Some(Misbehaviour::DescriptionOfAnother) => issuer = "https://idp.example".to_owned(),
            Some(Misbehaviour::DescriptionIsAPage) => return Canned::text("text/html", "<p>Welcome"),
            Some(Misbehaviour::AuthorizationIsACommand) => authorization = "file:///bin/sh?-c=x".to_owned(),
            Some(Misbehaviour::EverythingUnencrypted) => {
                authorization = "http://idp.example/auth".to_owned();
                token = "http://idp.example/token".to_owned();
            }
            _ => {}
        }
        Canned::json(&json!({
            "issuer": issuer,
            "authorization_endpoint": authorization,
            "token_endpoint": token,
            "jwks_uri": format!("{origin}/jwks"),
            "userinfo_endpoint": format!("{origin}/me"),
            "revocation_endpoint": format!("{origin}/revoke"),
            "end_session_endpoint": format!("{origin}/session/end"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256", "HS256"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": true,
        }))
    }

    fn authorize(&mut self, request: &Request, origin: &str, decision: Decision) -> Canned {
        let asked = query(request);
        let parameter = |name: &str| asked.get(name).map(String::as_str);
        let redirect = parameter("redirect_uri").unwrap_or_default();
        let known = Url::parse(redirect)
            .is_ok_and(|url| url.host_str() == Some("127.0.0.1") && url.path() == "/callback" && url.port().is_some());
        if !known || parameter("client_id") != Some(CLIENT) {
            return Canned::status(400);
        }
        let mut back = Url::parse(redirect).expect("it was parsed before");
        let proper = parameter("response_type") == Some("code")
            && parameter("code_challenge_method") == Some("S256")
            && parameter("code_challenge").is_some_and(|challenge| challenge.len() == 43);
        if proper {
            let scopes: HashSet<&str> = parameter("scope").unwrap_or_default().split(' ').collect();
            let code = self.secret("code");
            self.codes.insert(
                code.clone(),
                Code {
                    challenge: parameter("code_challenge").unwrap_or_default().to_owned(),
                    redirect: redirect.to_owned(),
                    nonce: parameter("nonce").map(str::to_owned),
                    // OpenID Connect Core §11.
                    offline: scopes.contains("offline_access") && parameter("prompt") == Some("consent"),
                    used_by: None,
                },
            );
            match (self.misbehaviour, decision) {
                (Some(Misbehaviour::Refusal(error)), _) => {
                    back.query_pairs_mut()
                        .append_pair("error", error)
                        .append_pair("error_description", "Not <b>today</b>");
                }
                (_, Decision::No) => _ = back.query_pairs_mut().append_pair("error", "access_denied"),
                (_, Decision::Yes) => _ = back.query_pairs_mut().append_pair("code", &code),
            }
        } else {
            back.query_pairs_mut().append_pair("error", "invalid_request");
        }
        match self.misbehaviour {
            Some(Misbehaviour::NoState) => {}
            Some(Misbehaviour::State) => _ = back.query_pairs_mut().append_pair("state", "another"),
            _ => _ = back.query_pairs_mut().append_pair("state", parameter("state").unwrap_or_default()),
        }
        match self.misbehaviour {
            Some(Misbehaviour::NoIssuer) => {}
            Some(Misbehaviour::Issuer) => _ = back.query_pairs_mut().append_pair("iss", "https://idp.example"),
            _ => _ = back.query_pairs_mut().append_pair("iss", origin),
        }
        Canned::status(302).header("location", back.as_str())
    }

    fn token(&mut self, request: &Request, origin: &str) -> Canned {
        match self.misbehaviour {
            Some(Misbehaviour::TokenSilence) => return Canned::silence(),
            Some(Misbehaviour::TokenStatus(status)) => {
                return Canned::status(status).header("content-type", "text/html").with_body("<p>Gone fishing");
            }
            Some(Misbehaviour::TokenPage) => return Canned::text("application/json", "<p>Welcome"),
            _ => {}
        }
        let form = parameters(&request.body);
        let parameter = |name: &str| form.get(name).map_or("", String::as_str);
        let invalid_grant = || self.refusal("invalid_grant", &request.body);
        if parameter("client_id") != CLIENT {
            return self.refusal("invalid_client", &request.body);
        }
        match parameter("grant_type") {
            "authorization_code" => {
                let Some(code) = self.codes.get(parameter("code")).cloned() else { return invalid_grant() };
                if let Some(grant) = code.used_by {
                    // RFC 6749 §4.1.2: what a replayed code has bought is taken back.
                    self.end(grant);
                    return self.refusal("invalid_grant", &request.body);
                }
                let challenge = BASE64URL.encode(Sha256::digest(parameter("code_verifier")));
                if challenge != code.challenge || parameter("redirect_uri") != code.redirect {
                    return invalid_grant();
                }
                let grant = self.next();
                if let Some(code) = self.codes.get_mut(parameter("code")) {
                    code.used_by = Some(grant);
                }
                self.give(grant, code.offline, code.nonce.as_deref(), origin)
            }
            "refresh_token" => {
                let token = parameter("refresh_token");
                if let Some(grant) = self.used_refresh.get(token).copied() {
                    // RFC 9700 §4.14.2: a refresh token that comes twice ends everything that came of it.
                    self.end(grant);
                    return self.refusal("invalid_grant", &request.body);
                }
                let Some(grant) = self.refresh.get(token).copied() else { return invalid_grant() };
                let rotates = self.misbehaviour != Some(Misbehaviour::NoRotation);
                if rotates {
                    self.refresh.remove(token);
                    self.used_refresh.insert(token.to_owned(), grant);
                }
                self.give(grant, rotates, None, origin)
            }
            _ => self.refusal("unsupported_grant_type", &request.body),
        }
    }

    fn refusal(&self, error: &str, body: &[u8]) -> Canned {
        let description = if self.misbehaviour == Some(Misbehaviour::Echo) {
            String::from_utf8_lossy(body).into_owned()
        } else {
            "grant request is invalid".to_owned()
        };
        Canned::status(400).with_json(&json!({ "error": error, "error_description": description }))
    }

    fn give(&mut self, grant: u64, offline: bool, nonce: Option<&str>, origin: &str) -> Canned {
        let access = self.secret("access");
        self.access.insert(access.clone(), grant);
        let token_type = if self.misbehaviour == Some(Misbehaviour::TokenType) { "mac" } else { "Bearer" };
        let mut given = json!({ "access_token": access, "token_type": token_type, "expires_in": self.lifetime });
        if offline {
            let refresh = self.secret("refresh");
            self.refresh.insert(refresh.clone(), grant);
            given["refresh_token"] = refresh.into();
        }
        if self.misbehaviour != Some(Misbehaviour::NoIdToken) {
            given["id_token"] = self.id_token(&access, nonce, origin).into();
        }
        Canned::json(&given).header("cache-control", "no-store")
    }

    fn id_token(&self, access: &str, nonce: Option<&str>, origin: &str) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time after 1970").as_secs();
        let misbehaviour = self.misbehaviour;
        let (issued, expires) = match misbehaviour {
            Some(Misbehaviour::Expired(by)) => (now - by - 600, now - by),
            Some(Misbehaviour::Future(by)) => (now + by, now + by + 600),
            _ => (now, now + 600),
        };
        let hashed = if misbehaviour == Some(Misbehaviour::AccessTokenHash) { "another" } else { access };
        let mut claims = json!({
            "iss": if misbehaviour == Some(Misbehaviour::TokenIssuer) { "https://idp.example" } else { origin },
            "sub": if misbehaviour == Some(Misbehaviour::OtherSubject) { "mallory" } else { &self.subject },
            "aud": match misbehaviour {
                Some(Misbehaviour::Audience) => json!("another"),
                Some(Misbehaviour::Audiences) => json!([CLIENT, "another"]),
                _ => json!(CLIENT),
            },
            "iat": issued,
            "exp": expires,
            "at_hash": BASE64URL.encode(&Sha256::digest(hashed)[..16]),
        });
        match misbehaviour {
            Some(Misbehaviour::Nonce) => claims["nonce"] = "another".into(),
            Some(Misbehaviour::NoNonce) => {}
            _ => {
                if let Some(nonce) = nonce {
                    claims["nonce"] = nonce.into();
                }
            }
        }
        if !matches!(misbehaviour, Some(Misbehaviour::OnlySubject | Misbehaviour::OtherUserInfo)) {
            claims["name"] = self.name.clone().into();
            if let Some(email) = &self.email {
                claims["email"] = email.clone().into();
            }
        }
        let key = self.keys.last().copied().unwrap_or_default();
        match misbehaviour {
            Some(Misbehaviour::ForeignKey) => signed(&claims, &kid(key), key + 100),
            Some(Misbehaviour::HiddenKey) => signed(&claims, &kid(key + 100), key + 100),
            Some(Misbehaviour::Unsigned) => format!("{}.", unsigned(&json!({ "alg": "none" }), &claims)),
            Some(Misbehaviour::Symmetric) => {
                // Any bytes do: the algorithm alone must be reason enough.
                format!(
                    "{}.{}",
                    unsigned(&json!({ "alg": "HS256" }), &claims),
                    BASE64URL.encode(Sha256::digest(CLIENT))
                )
            }
            _ => signed(&claims, &kid(key), key),
        }
    }

    fn user_info(&self, request: &Request) -> Canned {
        let token = request.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
        if !token.is_some_and(|token| self.access.contains_key(token)) {
            return Canned::status(401).header("www-authenticate", "Bearer error=\"invalid_token\"");
        }
        let other = self.misbehaviour == Some(Misbehaviour::OtherUserInfo);
        let subject = if other { "mallory" } else { &self.subject };
        Canned::json(&json!({ "sub": subject, "name": self.name, "email": self.email }))
    }

    fn revoke(&mut self, request: &Request) -> Canned {
        if self.misbehaviour == Some(Misbehaviour::NoRevocation) {
            return Canned::status(503);
        }
        let form = parameters(&request.body);
        let token = form.get("token").map_or("", String::as_str);
        if let Some(grant) = self.refresh.get(token).or_else(|| self.access.get(token)).copied() {
            self.end(grant);
        }
        // RFC 7009 §2.2: 200 also for a token that nobody knows.
        Canned::status(200)
    }

    fn end(&mut self, grant: u64) {
        self.dead_grants.insert(grant);
        self.access.retain(|_, of| *of != grant);
        self.refresh.retain(|_, of| *of != grant);
    }

    fn next(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    fn secret(&mut self, kind: &str) -> String {
        let number = self.next();
        format!("{kind}-{}-{number}", self.marker)
    }
}

/// The kit's keys are small numbers: they protect nothing, and every run has the same.
fn key(number: u8) -> SigningKey {
    SigningKey::from_slice(&[number; 32]).expect("a number that is a key")
}

fn kid(number: u8) -> String {
    format!("kit-{number}")
}

fn public(number: u8) -> Value {
    let point = key(number).verifying_key().to_sec1_point(false);
    let coordinate = |bytes: &[u8]| BASE64URL.encode(bytes);
    let bytes = point.as_bytes();
    json!({
        "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": kid(number),
        "x": coordinate(&bytes[1..33]), "y": coordinate(&bytes[33..65]),
    })
}

fn unsigned(header: &Value, claims: &Value) -> String {
    format!("{}.{}", BASE64URL.encode(header.to_string()), BASE64URL.encode(claims.to_string()))
}

fn signed(claims: &Value, kid: &str, number: u8) -> String {
    let text = unsigned(&json!({ "alg": "ES256", "kid": kid, "typ": "JWT" }), claims);
    let signature: Signature = key(number).sign(text.as_bytes());
    format!("{text}.{}", BASE64URL.encode(signature.to_bytes()))
}
