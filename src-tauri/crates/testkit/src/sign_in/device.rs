//! A server of the device flow that answers as GitHub does: 200 with an `error` field, and JSON only where it is asked for.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::people;
use super::service::{Service, line_without_query, parameters};
use crate::canned::Canned;
use crate::http::Request;

/// What the next poll is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeviceAnswer {
    /// The person has not decided.
    Pending,
    /// Asked too often; with the interval that is wanted, where the server says it.
    SlowDown(Option<u64>),
    /// The code is too old.
    Expired,
    /// The person said no.
    Denied,
    /// A status, and a page for people.
    Status(u16),
    /// The person said yes.
    Granted,
    /// This answer.
    Other(Canned),
}

/// A server on 127.0.0.1. It stops when dropped.
#[derive(Debug)]
pub struct DeviceServer {
    service: Service,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    answers: VecDeque<DeviceAnswer>,
    /// Whether the person still has to type the code.
    asks: bool,
    code: Value,
    user: Value,
    token: String,
}

impl DeviceServer {
    /// Starts a server that answers polls with these, one after the other, and then that the person said yes.
    pub async fn start(answers: impl IntoIterator<Item = DeviceAnswer>) -> Self {
        let state = Arc::new(Mutex::new(State {
            answers: answers.into_iter().collect(),
            asks: false,
            code: json!({ "device_code": "device-kit", "user_code": "WDJB-MJHT", "expires_in": 900, "interval": 5 }),
            user: json!({ "id": 583231, "login": "octocat", "name": "Mònica Öztürk", "email": null }),
            token: "gho_kit".to_owned(),
        }));
        let answering = Arc::clone(&state);
        let service =
            Service::start(move |request, origin| answering.lock().expect("a lock").answer(request, origin)).await;
        Self { service, state }
    }

    /// Its address.
    pub fn origin(&self) -> String {
        self.service.origin()
    }

    /// Changes a field of the device code's answer: `server.code("interval", json!(1))`.
    ///
    /// # Panics
    /// Never.
    pub fn code(&self, field: &str, value: Value) {
        self.state.lock().expect("a lock").code[field] = value;
    }

    /// Changes a field of who somebody is.
    ///
    /// # Panics
    /// Never.
    pub fn user(&self, field: &str, value: Value) {
        self.state.lock().expect("a lock").user[field] = value;
    }

    /// Gives this token, and a device code with the same text in it.
    ///
    /// # Panics
    /// Never.
    pub fn mark(&self, marker: &str) {
        let mut state = self.state.lock().expect("a lock");
        state.token = format!("gho_{marker}");
        state.code["device_code"] = format!("device-{marker}").into();
    }

    /// Answers polls with [`DeviceAnswer::Pending`] from now on, until somebody types the code into the page at
    /// `/login/device`: `input[name=user_code]`, then `button[value=yes]`.
    ///
    /// # Panics
    /// Never.
    pub fn ask_people(&self) {
        self.state.lock().expect("a lock").asks = true;
    }

    /// Takes no token any more.
    ///
    /// # Panics
    /// Never.
    pub fn forget(&self) {
        self.state.lock().expect("a lock").token = "another".to_owned();
    }

    /// What was asked of a route.
    pub fn asked(&self, route: &str) -> Vec<Request> {
        self.service.asked(route)
    }
}

impl State {
    fn answer(&mut self, request: &Request, origin: &str) -> Canned {
        let form = parameters(&request.body);
        let parameter = |name: &str| form.get(name).map_or("", String::as_str);
        let error =
            |error: &str| Canned::json(&json!({ "error": error, "error_description": "see the documentation" }));
        match line_without_query(request).as_str() {
            "POST /login/device/code" if parameter("client_id") == "own-client" => {
                let mut code = self.code.clone();
                if code.get("verification_uri").is_none() {
                    code["verification_uri"] = format!("{origin}/login/device").into();
                }
                Canned::json(&code)
            }
            "POST /login/device/code" => Canned::status(404).with_json(&json!({ "error": "Not Found" })),
            "POST /login/oauth/access_token" => {
                let proper = parameter("grant_type") == "urn:ietf:params:oauth:grant-type:device_code"
                    && self.code["device_code"] == parameter("device_code")
                    && request.header("accept") == Some("application/json");
                if !proper {
                    return error("incorrect_device_code");
                }
                let usual = if self.asks { DeviceAnswer::Pending } else { DeviceAnswer::Granted };
                match self.answers.pop_front().unwrap_or(usual) {
                    DeviceAnswer::Pending => error("authorization_pending"),
                    DeviceAnswer::SlowDown(None) => error("slow_down"),
                    DeviceAnswer::SlowDown(Some(interval)) => {
                        Canned::json(&json!({ "error": "slow_down", "interval": interval }))
                    }
                    DeviceAnswer::Expired => error("expired_token"),
                    DeviceAnswer::Denied => error("access_denied"),
                    DeviceAnswer::Status(status) => {
                        Canned::status(status).header("content-type", "text/html").with_body("<p>Unicorn")
                    }
                    DeviceAnswer::Granted => Canned::json(&json!({
                        "access_token": self.token, "token_type": "bearer", "scope": "read:user,user:email",
                    })),
                    DeviceAnswer::Other(canned) => canned,
                }
            }
            "GET /login/device" => people::ask_for_code(),
            "POST /login/device" if self.code["user_code"] == parameter("user_code") => {
                self.asks = false;
                people::page("<p>All set.")
            }
            "POST /login/device" => people::ask_for_code(),
            "GET /user" if request.header("authorization") == Some(&format!("Bearer {}", self.token)) => {
                Canned::json(&self.user)
            }
            "GET /user" => Canned::status(401).with_json(&json!({ "message": "Bad credentials" })),
            _ => Canned::status(404),
        }
    }
}
