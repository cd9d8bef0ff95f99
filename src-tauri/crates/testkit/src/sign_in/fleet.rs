//! The fleet's sign-in server as it is deployed, with GitHub and Google played by pages of its own.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::people::{self, Decision};
use super::service::{Gate, Service, line_without_query, query};
use crate::canned::Canned;
use crate::http::Request;

/// Who signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FleetUser {
    /// The number at the provider.
    pub id: u64,
    /// The name.
    pub name: Option<String>,
    /// The e-mail; the server writes `null` where there is none.
    pub email: Option<String>,
}

/// What is wrong with the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FleetMisbehaviour {
    /// Every token is invalid, as after a restart without a fixed key.
    ForgotItsKey,
    /// Verifying fails with this status.
    VerifyStatus(u16),
    /// Verifying answers 200 with a page for people.
    VerifyPage,
    /// Verifying never answers.
    VerifySilence,
    /// Verifying speaks of somebody else.
    OtherUser,
    /// The token is another provider's than the one that was chosen.
    OtherProvider,
    /// The token expired so many seconds ago.
    Expired(u64),
    /// The token has claims that cannot be read.
    Unreadable,
}

/// A sign-in server on 127.0.0.1. It stops when dropped.
#[derive(Debug)]
pub struct SignInServer {
    service: Service,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    misbehaviour: Option<FleetMisbehaviour>,
    asks: bool,
    user: FleetUser,
    /// Where browsers are sent: the one thing that the deployed server has fixed, at port 8000.
    success: String,
    marker: String,
    counter: u64,
    /// The state that each session cookie stands for.
    sessions: HashMap<String, String>,
    /// The claims of every token.
    tokens: HashMap<String, Value>,
}

impl SignInServer {
    /// Starts a server that sends browsers to this port of localhost. `SignInServer::start(8000).await`
    pub async fn start(success_port: u16) -> Self {
        let state = Arc::new(Mutex::new(State {
            misbehaviour: None,
            asks: false,
            user: FleetUser {
                id: 4711,
                name: Some("José Ñandú".to_owned()),
                email: Some("jose@example.test".to_owned()),
            },
            success: format!("http://localhost:{success_port}/auth/success"),
            marker: "kit".to_owned(),
            counter: 0,
            sessions: HashMap::new(),
            tokens: HashMap::new(),
        }));
        let answering = Arc::clone(&state);
        let service =
            Service::start(move |request, origin| answering.lock().expect("a lock").answer(request, origin)).await;
        Self { service, state }
    }

    /// Its base address, as a profile holds it.
    pub fn url(&self) -> String {
        self.service.origin()
    }

    /// Misbehaves from now on.
    pub fn misbehave(&self, misbehaviour: FleetMisbehaviour) {
        self.state().misbehaviour = Some(misbehaviour);
    }

    /// Behaves from now on.
    pub fn behave(&self) {
        self.state().misbehaviour = None;
    }

    /// Who signs in from now on.
    pub fn sign_in_as(&self, user: FleetUser) {
        self.state().user = user;
    }

    /// GitHub and Google show a page from now on, for a real browser: `button[value=yes]` goes on, `button[value=no]` does
    /// what they do: the browser stays with them, and nobody hears of it.
    pub fn ask_people(&self) {
        self.state().asks = true;
    }

    /// Every token's signature has this text in it from now on.
    pub fn mark(&self, marker: &str) {
        marker.clone_into(&mut self.state().marker);
    }

    /// Holds a route back, as `POST /auth/verify`.
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

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("a lock")
    }
}

impl State {
    fn answer(&mut self, request: &Request, origin: &str) -> Canned {
        let asked = query(request);
        let parameter = |name: &str| asked.get(name).map_or("", String::as_str);
        match line_without_query(request).as_str() {
            "GET /auth/github" => self.begin(origin, "github"),
            "GET /auth/google" => self.begin(origin, "google"),
            "GET /provider/github" | "GET /provider/google" if self.asks => {
                people::ask(self.user.name.as_deref().unwrap_or("nobody"))
            }
            "POST /provider/github" | "POST /provider/google" if people::decision(request) == Decision::No => {
                people::page("<p>You are still here.")
            }
            // The provider's page, on which a person has agreed.
            "GET /provider/github" | "GET /provider/google" | "POST /provider/github" | "POST /provider/google" => {
                let back = format!("{}?code=c-1&state={}", parameter("redirect_uri"), parameter("state"));
                Canned::status(302).header("location", &back)
            }
            "GET /auth/callback/github" => self.end(request, "github", parameter("state")),
            "GET /auth/callback/google" => self.end(request, "google", parameter("state")),
            "POST /auth/verify" => self.verify(request),
            "POST /auth/logout" => Canned::json(&json!({ "message": "Logged out successfully" })),
            "GET /health" => Canned::json(&json!({
                "status": "healthy", "service": "capibara6-auth", "timestamp": "2026-11-22T15:00:00",
            })),
            _ => Canned::status(404).with_json(&json!({ "error": "Endpoint not found" })),
        }
    }

    fn begin(&mut self, origin: &str, provider: &str) -> Canned {
        self.counter += 1;
        let (cookie, state) = (format!("cookie-{}", self.counter), format!("state-{}", self.counter));
        self.sessions.insert(cookie.clone(), state.clone());
        let there = format!(
            "{origin}/provider/{provider}?client_id=your_{provider}_client_id&redirect_uri={origin}/auth/callback/{provider}&state={state}"
        );
        Canned::status(302)
            .header("location", &there)
            .header("set-cookie", &format!("session={cookie}; HttpOnly; Path=/"))
    }

    fn end(&mut self, request: &Request, provider: &str, state: &str) -> Canned {
        let cookie = request.header("cookie").and_then(|jar| jar.split("session=").nth(1)).unwrap_or_default();
        let cookie = cookie.split(';').next().unwrap_or_default();
        if self.sessions.get(cookie).is_none_or(|expected| expected != state) {
            return Canned::status(400).with_json(&json!({ "error": "Invalid state parameter" }));
        }
        let token = self.token(provider);
        Canned::status(302).header("location", &format!("{}?token={token}", self.success))
    }

    /// A token as PyJWT writes it: JSON in ASCII, base64url without padding.
    fn token(&mut self, provider: &str) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time after 1970").as_secs();
        let provider = match (self.misbehaviour, provider) {
            (Some(FleetMisbehaviour::OtherProvider), "github") => "google",
            (Some(FleetMisbehaviour::OtherProvider), _) => "github",
            (_, provider) => provider,
        };
        let expires = match self.misbehaviour {
            Some(FleetMisbehaviour::Expired(by)) => now - by,
            _ => now + 7 * 24 * 3600,
        };
        let claims = json!({
            "user_id": format!("{provider}_{}", self.user.id), "email": self.user.email, "name": self.user.name,
            "provider": provider, "exp": expires, "iat": now,
        });
        let payload = if self.misbehaviour == Some(FleetMisbehaviour::Unreadable) {
            "not JSON".to_owned()
        } else {
            ascii(&claims.to_string())
        };
        self.counter += 1;
        let signature = Sha256::digest(format!("{} {}", self.marker, self.counter));
        let token = format!(
            "{}.{}.{}{}",
            BASE64URL.encode(r#"{"alg":"HS256","typ":"JWT"}"#),
            BASE64URL.encode(payload),
            BASE64URL.encode(signature),
            self.marker,
        );
        self.tokens.insert(token.clone(), claims);
        token
    }

    fn verify(&self, request: &Request) -> Canned {
        match self.misbehaviour {
            Some(FleetMisbehaviour::ForgotItsKey) => return Canned::status(401).with_json(&json!({ "valid": false })),
            Some(FleetMisbehaviour::VerifyStatus(status)) => return Canned::status(status),
            Some(FleetMisbehaviour::VerifyPage) => return Canned::text("text/html", "<p>Welcome"),
            Some(FleetMisbehaviour::VerifySilence) => return Canned::silence(),
            _ => {}
        }
        let body = request.json();
        let Some(token) = body["token"].as_str() else {
            return Canned::status(400).with_json(&json!({ "error": "No token provided" }));
        };
        let Some(claims) = self.tokens.get(token) else {
            return Canned::status(401).with_json(&json!({ "valid": false }));
        };
        let id = if self.misbehaviour == Some(FleetMisbehaviour::OtherUser) {
            json!("github_1")
        } else {
            claims["user_id"].clone()
        };
        Canned::json(&json!({
            "valid": true,
            "user": { "id": id, "email": claims["email"], "name": claims["name"], "provider": claims["provider"] },
        }))
    }
}

/// JSON with every other character than ASCII escaped, as Python writes it by default.
fn ascii(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        if character.is_ascii() {
            escaped.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                escaped.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    escaped
}
