//! Every secret of every flow is marked, everything that is traced and everything that shows itself is searched for them.

use std::fmt::{Debug, Write as _};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use capibara6_identity::sign_in::callback::{Answer, Kind};
use capibara6_identity::sign_in::fleet::Via;
use capibara6_identity::sign_in::oidc::Provider;
use capibara6_identity::sign_in::{SignInError, Way, device};
use capibara6_identity::{Cost, Memory, Secret, SecretStore, Sessions, Vault};
use capibara6_protocol::AppError;
use capibara6_testkit::sign_in::{
    Browser, DeviceServer, FleetMisbehaviour, IdentityProvider, Misbehaviour, SignInServer,
};
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;
use url::Url;

use crate::stage::{Shelf, Turned, Wire, free_port, pages, sign_in};

/// What every secret of these tests has in it.
const CANARY: &str = "tweety";

/// Everything that was said, by whomever.
#[derive(Clone, Default)]
struct Said(Arc<Mutex<String>>);

impl Said {
    fn shows(&self, thing: &impl Debug) {
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        write!(said, "{thing:?}\n{thing:#?}\n").expect("a text takes everything");
    }

    fn text(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn is_free_of(&self, secret: &str) {
        let text = self.text();
        let found = text.lines().find(|line| line.contains(secret));
        assert_eq!(found, None, "{secret} was said");
    }
}

impl io::Write for Said {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_str(&String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Said {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Traces everything of this thread, of every crate, down to the last detail.
fn listen() -> (Said, tracing::subscriber::DefaultGuard) {
    let said = Said::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(said.clone()).finish();
    (said, tracing::subscriber::set_default(subscriber))
}

/// What in an address is the attempt's own.
fn secrets_of(address: &Url) -> Vec<String> {
    let secret = |name: &str| matches!(name, "state" | "nonce" | "code_challenge");
    address.query_pairs().filter(|(name, _)| secret(name)).map(|(_, value)| value.into_owned()).collect()
}

#[test]
fn the_search_finds_what_is_there() {
    let (said, _guard) = listen();
    tracing::trace!(token = CANARY, "heard");
    said.shows(&format!("shown {CANARY}"));
    assert_eq!(said.text().matches(CANARY).count(), 3, "{}", said.text());
}

#[tokio::test]
async fn openid_says_nothing() {
    let (said, _guard) = listen();
    let (provider, wire, shelf) = (IdentityProvider::start().await, Wire::default(), Shelf::default());
    provider.mark(CANARY);
    let sign_in = sign_in(&wire);
    let sessions = Sessions::new(shelf.store(), wire.http(), Turned::default().clock());
    said.shows(&(&sign_in, &sessions));
    for misbehaviour in [
        None,
        Some(Misbehaviour::Nonce),
        Some(Misbehaviour::ForeignKey),
        Some(Misbehaviour::HiddenKey),
        Some(Misbehaviour::TokenIssuer),
        Some(Misbehaviour::Audience),
        Some(Misbehaviour::NoIdToken),
        Some(Misbehaviour::TokenType),
        Some(Misbehaviour::TokenPage),
        Some(Misbehaviour::TokenStatus(503)),
        Some(Misbehaviour::TokenStatus(400)),
        Some(Misbehaviour::OtherUserInfo),
        Some(Misbehaviour::Refusal("access_denied")),
    ] {
        provider.behave();
        let attempt = sign_in.begin(Way::Oidc(provider.oidc()), pages()).await.expect("the attempt begins");
        if let Some(misbehaviour) = misbehaviour {
            provider.misbehave(misbehaviour);
        }
        said.shows(&(&attempt, attempt.canceller()));
        let address = attempt.address().clone();
        let finishing = tokio::spawn(attempt.finish());
        let callback = Browser::default().until_elsewhere(&address).await;
        // Something wrong first, with the secrets in it.
        Browser::request("GET", &Url::parse(&format!("{callback}&code=2")).expect("an address"), &[]).await;
        Browser::default().visit(&callback).await;
        let outcome = finishing.await.expect("it does not panic");
        said.shows(&outcome);
        match outcome {
            Ok(arrival) => {
                let session = arrival.confirm();
                said.shows(&session);
                said.shows(&sessions.keep(session).await);
            }
            Err(error) => said.shows(&(error.to_string(), AppError::from(error.clone()).to_string())),
        }
        for secret in secrets_of(&address) {
            said.is_free_of(&secret);
        }
        said.is_free_of(CANARY);
    }
    assert!(shelf.text().contains(CANARY), "the canary is where it belongs");

    // Renewals, one of them refused with everything that was sent, and the end.
    provider.behave();
    for misbehaviour in [None, Some(Misbehaviour::TokenPage), Some(Misbehaviour::Echo)] {
        if let Some(misbehaviour) = misbehaviour {
            provider.misbehave(misbehaviour);
        }
        if misbehaviour == Some(Misbehaviour::Echo) {
            provider.end_everything();
        }
        let stale = sessions.bearer(None).await;
        said.shows(&stale);
        if let Ok(stale) = stale {
            said.shows(&sessions.bearer(stale.as_ref()).await);
        }
        said.shows(&(&sessions, sessions.account(), sessions.known(), sessions.check().await));
    }
    let id = sessions.active().expect("the person is remembered");
    said.shows(&sessions.sign_out(&id).await);
    said.is_free_of(CANARY);

    // The parts by themselves.
    let described = Provider::discover(&wire.http(), &provider.issuer(), "desktop-chat").await.expect("a provider");
    let authorization =
        described.authorize(&provider.oidc().scopes, "http://127.0.0.1:1/callback", &[]).expect("a request");
    said.shows(&(&described, &authorization));
    for secret in secrets_of(&authorization.address) {
        said.is_free_of(&secret);
    }
    said.shows(&(Answer::Code(CANARY.into()), Answer::Token(CANARY.into())));
    said.shows(&Kind::Code { state: CANARY.into(), issuer: "i".into(), issuer_required: true });
    said.is_free_of(CANARY);
}

#[tokio::test]
async fn the_fleets_server_says_nothing() {
    let (said, _guard) = listen();
    let (wire, shelf) = (Wire::default(), Shelf::default());
    let sign_in = sign_in(&wire);
    let sessions = Sessions::new(shelf.store(), wire.http(), Turned::default().clock());
    for misbehaviour in [
        None,
        Some(FleetMisbehaviour::ForgotItsKey),
        Some(FleetMisbehaviour::Unreadable),
        Some(FleetMisbehaviour::OtherUser),
        Some(FleetMisbehaviour::VerifyPage),
        Some(FleetMisbehaviour::VerifyStatus(500)),
    ] {
        let (server, attempt) = loop {
            let port = free_port();
            let server = SignInServer::start(port).await;
            let base = Url::parse(&server.url()).expect("an address");
            match sign_in.begin(Way::Fleet { base, via: Via::Github, port }, pages()).await {
                Ok(attempt) => break (server, attempt),
                Err(SignInError::PortTaken { .. }) => {}
                Err(error) => panic!("{error}"),
            }
        };
        server.mark(CANARY);
        if let Some(misbehaviour) = misbehaviour {
            server.misbehave(misbehaviour);
        }
        said.shows(&attempt);
        let address = attempt.address().clone();
        let finishing = tokio::spawn(attempt.finish());
        Browser::default().visit(&address).await;
        let outcome = finishing.await.expect("it does not panic");
        said.shows(&outcome);
        if let Ok(arrival) = outcome {
            said.shows(&sessions.keep(arrival.confirm()).await);
            said.shows(&(sessions.check().await, sessions.bearer(None).await, &sessions));
        }
        said.is_free_of(CANARY);
    }
    assert!(shelf.text().contains(CANARY), "the canary is where it belongs");
    // A session in parts, one of which is not its own.
    let id = sessions.active().expect("somebody is signed in");
    said.shows(&sessions.sign_out(&id).await);
    said.is_free_of(CANARY);
}

#[tokio::test(start_paused = true)]
async fn the_device_flow_says_nothing() {
    let (said, _guard) = listen();
    let (wire, server) = (Wire::default(), DeviceServer::start([]).await);
    server.mark(CANARY);
    let at = |path: &str| Url::parse(&format!("{}{path}", server.origin())).expect("an address");
    let settings = device::Settings {
        authorization: at("/login/device/code"),
        token: at("/login/oauth/access_token"),
        user: at("/user"),
        client_id: "own-client".into(),
        scope: String::new(),
    };
    for interval in [1, 2] {
        server.code("interval", json!(interval));
        said.shows(&device::begin(&wire.http(), &settings).await);
        let attempt = sign_in(&wire).begin(Way::Device(settings.clone()), pages()).await.expect("the attempt begins");
        said.shows(&attempt);
        let outcome = attempt.finish().await;
        assert!(outcome.is_ok());
        said.shows(&outcome);
        said.is_free_of(CANARY);
    }
}

#[tokio::test]
async fn keepers_say_nothing() {
    let (said, _guard) = listen();
    let folder = tempfile::tempdir().expect("a folder");
    let passphrase = Secret::new(format!("passphrase {CANARY}"));
    let path = folder.path().join("vault");
    let cheap = Cost { memory: 8, passes: 1, lanes: 1 };
    let vault = Vault::create(&path, &passphrase, cheap).expect("a vault");
    said.shows(&(&passphrase, &vault, Vault::open(&path, &Secret::new(CANARY.into()))));
    for store in [SecretStore::with_backend(vault), SecretStore::with_backend(Memory::default())] {
        said.shows(&store);
        let account = "session/i/s";
        said.shows(&store.set(account, Secret::new(CANARY.into())).await);
        let kept = store.get(account).await.expect("it answers").expect("it is kept");
        assert_eq!(kept.expose(), CANARY);
        said.shows(&kept);
    }
    let mut memory = Memory::default();
    capibara6_identity::Backend::set(&mut memory, "s", "a", &Secret::new(CANARY.into())).expect("it is kept");
    said.shows(&memory);
    said.is_free_of(CANARY);
    let sealed = std::fs::read(&path).expect("the file");
    assert!(!sealed.windows(CANARY.len()).any(|window| window == CANARY.as_bytes()), "the file is sealed");
}
