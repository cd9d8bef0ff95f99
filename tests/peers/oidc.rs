//! Signing in with a certified OpenID provider, its own pages in a real browser included: RSA keys, rotating refresh tokens,
//! the detection of those that come twice, revocation and sign-out, each as the provider itself sees it.

#![allow(clippy::significant_drop_tightening, reason = "an attempt lives until it is finished")]

use std::sync::{Arc, Mutex};

use capibara6_identity::sign_in::oidc::{NotRenewed, Provider};
use capibara6_identity::sign_in::{Arrival, Method, Pages, Person, Session, SignIn, SignInError, Way, Words};
use capibara6_identity::{
    Account, AccountId, Clock, Http, Memory, PlainConsent, Revocation, SecretStore, Sending, Sessions, State, Transport,
};
use capibara6_journeys::{Browser, Home};
use capibara6_protocol::{AppError, ErrorCode, Oidc};
use http::{Request, Response};
use serde_json::Value;

use crate::peer;

const CLIENT: &str = "desktop-chat";

fn settings() -> Oidc {
    let scopes = ["openid", "profile", "email", "offline_access"];
    Oidc {
        issuer: peer("CAPIBARA6_PEER_ISSUER"),
        client_id: CLIENT.into(),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
    }
}

/// The window's HTTP client as far as identity needs one, which remembers the answers.
#[derive(Clone, Default)]
struct Wire(Arc<Mutex<Vec<Answer>>>);

/// What a path answered.
struct Answer {
    path: String,
    body: Vec<u8>,
}

impl Wire {
    fn http(&self) -> Http {
        Http::new(self.clone(), PlainConsent::default())
    }

    /// The JSON of the last answer of a path.
    fn last(&self, path: &str) -> Value {
        let answers = self.0.lock().expect("a lock");
        let last = answers.iter().rev().find(|answer| answer.path == path).expect("an answer");
        serde_json::from_slice(&last.body).expect("JSON")
    }
}

impl Transport for Wire {
    fn send(&self, request: Request<Vec<u8>>) -> Sending {
        let answers = Arc::clone(&self.0);
        Box::pin(async move {
            let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build();
            let path = request.uri().path().to_owned();
            let unreachable =
                |error: reqwest::Error| AppError::new(ErrorCode::Unreachable).with_detail(error.to_string());
            let request = reqwest::Request::try_from(request).map_err(unreachable)?;
            let answer = client.map_err(unreachable)?.execute(request).await.map_err(unreachable)?;
            let mut response = Response::builder().status(answer.status());
            for (name, value) in answer.headers() {
                response = response.header(name, value);
            }
            let body = answer.bytes().await.map_err(unreachable)?.to_vec();
            let response = response.body(body).map_err(|_| AppError::new(ErrorCode::Malformed))?;
            answers.lock().expect("a lock").push(Answer { path, body: response.body().clone() });
            Ok(response)
        })
    }
}

fn pages() -> Pages {
    let words = |title: &str| Words {
        language: "es".into(),
        right_to_left: false,
        title: title.into(),
        text: "Vuelve a Capibara6.".into(),
    };
    Pages { success: words("Has iniciado sesión"), failure: words("No has iniciado sesión") }
}

/// Answers the login page.
async fn log_in(browser: &mut Browser, login: &str) {
    browser.type_into("form[data-prompt=login] input[name=login]", login).await;
    browser.click("form[data-prompt=login] button[value=yes]").await;
}

/// Answers the consent page.
async fn consent(browser: &mut Browser, answer: &str) {
    browser.click(&format!("form[data-prompt=consent] button[value={answer}]")).await;
}

/// A person signs in, with a browser that has never been here.
async fn arrive(home: &Home, wire: &Wire, login: &str) -> Result<Arrival, SignInError> {
    let attempt = SignIn::new(wire.http(), Clock::system()).begin(Way::Oidc(settings()), pages()).await.expect("begun");
    let mut browser = home.open(attempt.address().as_str()).await;
    let finishing = tokio::spawn(attempt.finish());
    log_in(&mut browser, login).await;
    consent(&mut browser, "yes").await;
    browser.until_says("Has iniciado sesión").await;
    assert!(browser.address().await.ends_with("/signed-in"), "the last address tells nothing");
    browser.close().await;
    finishing.await.expect("it does not panic")
}

fn ana() -> Person {
    Person {
        method: Method::Oidc,
        issuer: settings().issuer,
        subject: "ana".into(),
        name: Some("Ana Ñandú Öztürk".into()),
        email: Some("ana@example.test".into()),
    }
}

async fn session_of_ana(wire: &Wire) -> Session {
    let arrival = arrive(&Home::first_run().with_browser(), wire, "ana").await.expect("somebody arrives");
    assert_eq!(arrival.person(), &ana());
    arrival.confirm()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs real servers: make test-peers"]
async fn somebody_signs_in_is_renewed_and_signs_out() {
    let wire = Wire::default();
    let session = session_of_ana(&wire).await;
    let id_token = wire.last("/token")["id_token"].as_str().expect("an ID token").to_owned();
    let algorithms = wire.last("/.well-known/openid-configuration")["id_token_signing_alg_values_supported"].clone();
    assert!(algorithms.as_array().is_some_and(|all| all.contains(&"RS256".into())), "{algorithms}");
    assert_eq!(header(&id_token)["alg"], "RS256");

    let sessions = Sessions::new(SecretStore::with_backend(Memory::default()), wire.http(), Clock::system());
    let id = sessions.keep(session).await.expect("it is kept");
    assert_eq!(id, AccountId { issuer: settings().issuer, subject: "ana".into() });
    let first = sessions.bearer(None).await.expect("a token").expect("a token");
    sessions.check().await.expect("the provider answers");
    assert_eq!(sessions.account(), Some(Account { person: ana(), state: State::Good }));

    // a hundred services say 401 at once: one renewal
    let asked = |wire: &Wire| wire.0.lock().expect("a lock").iter().filter(|answer| answer.path == "/token").count();
    let before = asked(&wire);
    let all = (0..100).map(|_| {
        let (sessions, stale) = (sessions.clone(), first.clone());
        tokio::spawn(async move { sessions.bearer(Some(&stale)).await.expect("renewed").expect("a token") })
    });
    let renewed: Vec<_> =
        futures_util::future::join_all(all).await.into_iter().map(|one| one.expect("no panic")).collect();
    assert_eq!(asked(&wire) - before, 1);
    assert!(renewed.iter().all(|bearer| bearer.expose() == renewed[0].expose() && bearer.expose() != first.expose()));
    sessions.check().await.expect("the new token is good");
    assert_eq!(sessions.account().map(|account| account.state), Some(State::Good));

    let last = renewed[0].expose().to_owned();
    let gone = sessions.sign_out(&id).await.expect("signed out");
    assert_eq!(gone.revocation, Revocation::Done);
    let provider = Provider::discover(&wire.http(), &settings().issuer, CLIENT).await.expect("a provider");
    let standing = provider.check(&wire.http(), &capibara6_identity::Secret::new(last)).await;
    assert_eq!(standing, Ok(capibara6_identity::sign_in::oidc::Standing::Stale), "the provider forgot it");
    assert_eq!(sessions.account(), None);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs real servers: make test-peers"]
async fn a_refresh_token_that_comes_twice_ends_the_session() {
    let wire = Wire::default();
    let session = session_of_ana(&wire).await;
    let provider = Provider::discover(&wire.http(), &settings().issuer, CLIENT).await.expect("a provider");
    let (http, clock) = (wire.http(), Clock::system());
    let first = session.tokens.clone().expect("tokens").refresh.expect("offline access");
    let second = provider.refresh(&http, &clock, &session.person, &first).await.expect("renewed");
    let rotated = second.refresh.clone().expect("another one");
    assert_ne!(rotated.expose(), first.expose(), "it rotates");

    // somebody has a copy of the first one: the provider ends everything that came of it, for the thief and for us
    let stolen = provider.refresh(&http, &clock, &session.person, &first).await;
    assert_eq!(stolen.map(drop), Err(NotRenewed::Over));
    let ours = provider.refresh(&http, &clock, &session.person, &rotated).await;
    assert_eq!(ours.map(drop), Err(NotRenewed::Over));

    // and to the window that is a session that is over, with the person remembered
    let sessions = Sessions::new(SecretStore::with_backend(Memory::default()), wire.http(), Clock::system());
    let over = Session { tokens: Some(second), ..session };
    sessions.keep(over).await.expect("it is kept");
    sessions.check().await.expect("an expired session is no error");
    assert_eq!(sessions.account(), Some(Account { person: ana(), state: State::Expired }));
    assert_eq!(sessions.bearer(None).await.map(drop).map_err(|error| error.code), Err(ErrorCode::SessionExpired));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs real servers: make test-peers"]
async fn a_person_who_says_no_is_not_signed_in() {
    let (home, wire) = (Home::first_run().with_browser(), Wire::default());
    let attempt = SignIn::new(wire.http(), Clock::system()).begin(Way::Oidc(settings()), pages()).await.expect("begun");
    let mut browser = home.open(attempt.address().as_str()).await;
    let finishing = tokio::spawn(attempt.finish());
    log_in(&mut browser, "ana").await;
    consent(&mut browser, "no").await;
    browser.until_says("No has iniciado sesión").await;
    let outcome = finishing.await.expect("it does not panic").map(|arrival| arrival.person().clone());
    let expected =
        SignInError::Refused { error: "access_denied".into(), description: Some("the person said no".into()) };
    assert_eq!(outcome, Err(expected));
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs real servers: make test-peers"]
async fn signing_out_in_the_browser_asks_who_it_is_the_next_time() {
    let (home, wire) = (Home::first_run().with_browser(), Wire::default());
    let sign_in = SignIn::new(wire.http(), Clock::system());
    let attempt = sign_in.begin(Way::Oidc(settings()), pages()).await.expect("begun");
    let mut browser = home.open(attempt.address().as_str()).await;
    let finishing = tokio::spawn(attempt.finish());
    log_in(&mut browser, "ana").await;
    consent(&mut browser, "yes").await;
    browser.until_says("Has iniciado sesión").await;
    let session = finishing.await.expect("it does not panic").expect("somebody arrives").confirm();

    let sessions = Sessions::new(SecretStore::with_backend(Memory::default()), wire.http(), Clock::system());
    let id = sessions.keep(session).await.expect("it is kept");
    let gone = sessions.sign_out(&id).await.expect("signed out");
    let there = gone.end_session.expect("the provider offers it");
    browser.visit(there.as_str()).await;
    browser.click("button[name=logout]").await;
    browser.until_says("Signed out").await;

    // the same browser, a second attempt: the provider does not know the person any more
    let attempt = sign_in.begin(Way::Oidc(settings()), pages()).await.expect("begun");
    browser.visit(attempt.address().as_str()).await;
    let finishing = tokio::spawn(attempt.finish());
    log_in(&mut browser, "bob").await;
    consent(&mut browser, "yes").await;
    browser.until_says("Has iniciado sesión").await;
    let arrival = finishing.await.expect("it does not panic").expect("somebody arrives");
    assert_eq!((arrival.person().subject.as_str(), arrival.person().name.as_deref()), ("bob", Some("Bob")));
    browser.close().await;
}

/// The header of a token.
fn header(token: &str) -> Value {
    use base64::Engine as _;
    let first = token.split('.').next().expect("a part");
    let bytes = base64::prelude::BASE64_URL_SAFE_NO_PAD.decode(first).expect("base64url");
    serde_json::from_slice(&bytes).expect("JSON")
}
