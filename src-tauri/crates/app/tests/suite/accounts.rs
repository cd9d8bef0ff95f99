//! Signing in by every way, staying signed in, signing out.

use std::sync::atomic::Ordering;

use capibara6_app::App;
use capibara6_identity::SecretError;
use capibara6_protocol::*;
use capibara6_testkit::sign_in::{Browser, DeviceAnswer, DeviceServer, FleetUser, Misbehaviour, SignInServer};
use url::Url;

use super::bench::*;
use super::person::*;

#[tokio::test]
async fn somebody_signs_in_with_openid_and_nothing_is_kept_before_they_confirm() {
    let mut stage = Stage::start().await;
    let page = stage.arrive(SignInMethod::Oidc).await;
    assert_eq!(title(&page), SUCCESS);
    let arrived = stage.state().await.attempt.unwrap();
    let SignInAttempt::Arrived { method, provider, subject, name, .. } = arrived else { panic!("{arrived:?}") };
    assert_eq!((method, &provider), (SignInMethod::Oidc, &stage.provider.issuer()));
    assert!(!subject.is_empty() && name.is_some());
    assert_eq!(stage.desk.fronts.load(Ordering::SeqCst), 1);
    assert_eq!(stage.desk.opened.lock().unwrap().len(), 1);
    assert_eq!(stage.bench.secrets.names(), [""; 0]);
    assert_eq!((stage.state().await.active, stage.bench.app.boot().await.unwrap().account), (None, None));

    let signed_in = stage.bench.app.sign_in_confirm().await.unwrap();
    assert_eq!(signed_in.not_kept, None);
    assert_eq!((&signed_in.account.subject, signed_in.account.state), (&subject, AccountState::Confirmed));
    assert!(signed_in.account.expires_at.is_some());
    let state = stage.state().await;
    assert_eq!(
        (state.active.clone(), state.known, state.attempt),
        (Some(signed_in.account.clone()), vec![signed_in.account.clone()], None)
    );
    assert_eq!(stage.bench.app.boot().await.unwrap().account, state.active);
    assert!(stage.bench.secrets.names().iter().all(|name| name.starts_with("session/")));
    assert!(!stage.bench.secrets.names().is_empty());
    let space = stage.bench.window.until(|event| matches!(event, Event::SpaceChanged { .. })).await;
    assert_eq!(space, Event::SpaceChanged { account: Some(signed_in.account.account) });
    // Nobody is there to be confirmed twice.
    assert_eq!(stage.bench.app.sign_in_confirm().await.unwrap_err().code, ErrorCode::NotFound);
}

#[tokio::test]
async fn somebody_signs_in_with_the_fleets_server_through_github_and_google() {
    let port = free_port();
    let server = SignInServer::start(port).await;
    let url = server.url();
    let mut stage = Stage::with(|profile, _| {
        profile.services.insert(Service::Auth, url.clone());
        profile.sign_in_port = Some(port);
        profile.oidc = None;
    })
    .await;
    server.sign_in_as(FleetUser { id: 99, name: Some("Íñigo Ünlü 🦫".to_owned()), email: None });
    for (method, subject) in [(SignInMethod::Github, "github_99"), (SignInMethod::Google, "google_99")] {
        stage.arrive(method).await;
        let account = stage.bench.app.sign_in_confirm().await.unwrap().account;
        assert_eq!(
            (account.method, account.subject.as_str(), account.name.as_deref(), account.email),
            (method, subject, Some("Íñigo Ünlü 🦫"), None)
        );
        assert_eq!(account.provider, origin(&url));
    }
    assert_eq!(stage.state().await.known.len(), 2);
}

#[tokio::test]
async fn a_taken_port_is_said_with_who_holds_it() {
    let holder = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = holder.local_addr().unwrap().port();
    let server = SignInServer::start(port).await;
    let url = server.url();
    let mut stage = Stage::with(|profile, _| {
        profile.services.insert(Service::Auth, url);
        profile.sign_in_port = Some(port);
    })
    .await;
    stage.bench.app.sign_in_begin(SignInBegin { method: SignInMethod::Github }).await.unwrap();
    let failed = stage.attempt(|attempt| matches!(attempt, SignInAttempt::Failed { .. })).await;
    let SignInAttempt::Failed { error, .. } = failed else { panic!() };
    assert_eq!(error.code, ErrorCode::PortTaken);
    assert!(error.detail.unwrap().contains(&port.to_string()));
    assert_eq!(stage.desk.opened.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn somebody_signs_in_with_a_code_on_another_device() {
    let server = DeviceServer::start([DeviceAnswer::Pending]).await;
    server.code("interval", serde_json::json!(1));
    let at = server.origin();
    let mut stage = Stage::with(|profile, _| {
        profile.device = Some(Device {
            client_id: "own-client".into(),
            authorization: Some(format!("{at}/login/device/code")),
            token: Some(format!("{at}/login/oauth/access_token")),
            user: Some(format!("{at}/user")),
        });
    })
    .await;
    stage.bench.app.sign_in_begin(SignInBegin { method: SignInMethod::Device }).await.unwrap();
    let waiting = stage.attempt(|attempt| matches!(attempt, SignInAttempt::Waiting { .. })).await;
    let SignInAttempt::Waiting { device: Some(device), .. } = waiting else { panic!("{waiting:?}") };
    assert_eq!(device.user_code, "WDJB-MJHT");
    stage.attempt(|attempt| matches!(attempt, SignInAttempt::Arrived { .. })).await;
    let account = stage.bench.app.sign_in_confirm().await.unwrap().account;
    assert_eq!((account.method, account.subject.as_str()), (SignInMethod::Device, "583231"));
}

#[tokio::test]
async fn the_ways_are_the_profiles_and_say_what_is_not_encrypted() {
    // A documentation address (RFC 5737); nothing is contacted.
    let stage = Stage::with(|profile, _| {
        profile.services.insert(Service::Auth, "http://203.0.113.7:5004".into());
    })
    .await;
    let way = |method, provider: Option<String>, insecure: Option<&str>| SignInWay {
        method,
        provider,
        insecure: insecure.map(str::to_owned),
    };
    let auth = "http://203.0.113.7:5004";
    let expected = |insecure| {
        vec![
            way(SignInMethod::Oidc, Some(origin(&stage.provider.issuer())), None),
            way(SignInMethod::Github, Some(auth.into()), insecure),
            way(SignInMethod::Google, Some(auth.into()), insecure),
            way(SignInMethod::ApiKey, None, None),
        ]
    };
    assert_eq!(stage.state().await.ways, expected(Some(auth)));
    let consent = |consent| PlainConsentSet { origin: format!("{auth}/auth/github?x"), consent };
    let given = stage.bench.app.plain_consent_set(consent(Consent::Given)).await.unwrap();
    assert_eq!(given.ways, expected(None));
    assert_eq!(given.consents, [PlainConsent { profile: "kit".into(), origin: auth.into() }]);
    // It is not for the window's settings to give or take.
    let settings = stage.bench.app.settings_set(Settings::default()).await.unwrap();
    assert_eq!(settings.plain_consents.len(), 1);
    let withdrawn = stage.bench.app.plain_consent_set(consent(Consent::Withdrawn)).await.unwrap();
    assert_eq!((withdrawn.ways, withdrawn.consents), (expected(Some(auth)), vec![]));
    for address in ["https://203.0.113.7", "file:///etc/passwd", "nonsense"] {
        let refused =
            stage.bench.app.plain_consent_set(PlainConsentSet { origin: address.into(), consent: Consent::Given });
        assert_eq!(refused.await.unwrap_err().field.as_deref(), Some("origin"));
    }
}

#[tokio::test]
async fn without_consent_nothing_is_sent_in_the_open() {
    let mut stage = Stage::with(|profile, _| {
        profile.services.insert(Service::Auth, "http://203.0.113.7:5004".into());
        profile.sign_in_port = Some(free_port());
    })
    .await;
    stage.bench.app.sign_in_begin(SignInBegin { method: SignInMethod::Github }).await.unwrap();
    let failed = stage.attempt(|attempt| matches!(attempt, SignInAttempt::Failed { .. })).await;
    let SignInAttempt::Failed { error, .. } = failed else { panic!() };
    assert_eq!(error.code, ErrorCode::InsecureTransport);
    assert_eq!(stage.desk.opened.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn what_the_profile_does_not_offer_is_refused() {
    let stage = Stage::start().await;
    for method in [SignInMethod::Github, SignInMethod::Device, SignInMethod::ApiKey] {
        let refused = stage.bench.app.sign_in_begin(SignInBegin { method }).await.unwrap_err();
        assert_eq!(refused.field.as_deref(), Some("method"));
    }
    let home = tempfile::tempdir().unwrap();
    let app = open(&home, &Keyring::default()).await;
    let refused = app.sign_in_begin(SignInBegin { method: SignInMethod::Oidc }).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::NoProfile);
    assert_eq!(app.account_state().await.unwrap().ways, []);
}

#[tokio::test]
async fn an_attempt_that_is_given_up_leaves_nothing_behind() {
    let mut stage = Stage::start().await;
    stage.bench.app.sign_in_begin(SignInBegin { method: SignInMethod::Oidc }).await.unwrap();
    stage.attempt(|attempt| matches!(attempt, SignInAttempt::Waiting { .. })).await;
    let link = Url::parse(&stage.bench.app.sign_in_link().await.unwrap()).unwrap();
    stage.bench.app.sign_in_open_again().await.unwrap();
    assert_eq!(*stage.desk.opened.lock().unwrap(), [link.clone(), link.clone()]);
    let redirect = link.query_pairs().find(|(name, _)| name == "redirect_uri").unwrap().1.into_owned();
    let redirect = Url::parse(&redirect).unwrap();
    stage.bench.app.sign_in_cancel().await.unwrap();
    stage.bench.window.until(|event| *event == Event::SignInChanged { attempt: None }).await;
    assert_eq!(stage.bench.app.sign_in_link().await.unwrap_err().code, ErrorCode::NotFound);
    assert_eq!(stage.bench.app.sign_in_open_again().await.unwrap_err().code, ErrorCode::NotFound);
    assert_eq!(stage.state().await.attempt, None);
    // The next attempt begins when the listener of this one is gone.
    stage.bench.app.sign_in_begin(SignInBegin { method: SignInMethod::Oidc }).await.unwrap();
    stage.attempt(|attempt| matches!(attempt, SignInAttempt::Waiting { .. })).await;
    let port = redirect.port().unwrap();
    assert!(tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err());
    // The end of the program is the end of its attempt.
    let link = Url::parse(&stage.bench.app.sign_in_link().await.unwrap()).unwrap();
    let redirect = link.query_pairs().find(|(name, _)| name == "redirect_uri").unwrap().1.into_owned();
    stage.bench.app.shutdown().await;
    let port = Url::parse(&redirect).unwrap().port().unwrap();
    capibara6_testkit::soon("the port is free", async {
        while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn somebody_who_is_not_confirmed_leaves_nothing_behind_at_the_provider() {
    let mut stage = Stage::start().await;
    stage.arrive(SignInMethod::Oidc).await;
    assert_eq!(stage.provider.good_refresh_tokens(), 1);
    stage.bench.app.sign_in_cancel().await.unwrap();
    assert_eq!(stage.bench.app.sign_in_confirm().await.unwrap_err().code, ErrorCode::NotFound);
    capibara6_testkit::soon("the tokens are given back", async {
        while stage.provider.good_refresh_tokens() > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!((stage.state().await.known, stage.bench.secrets.names().len()), (vec![], 0));
}

#[tokio::test]
async fn without_a_browser_the_link_is_enough() {
    let mut stage = Stage::start().await;
    *stage.desk.refuses.lock().unwrap() = Some(ErrorCode::Internal);
    stage.bench.app.sign_in_begin(SignInBegin { method: SignInMethod::Oidc }).await.unwrap();
    let waiting = stage.attempt(|attempt| matches!(attempt, SignInAttempt::Waiting { .. })).await;
    let SignInAttempt::Waiting { browser, .. } = waiting else { panic!() };
    assert_eq!(browser, Some(ErrorCode::Internal.into()));
    let link = Url::parse(&stage.bench.app.sign_in_link().await.unwrap()).unwrap();
    Browser::default().visit(&link).await;
    stage.attempt(|attempt| matches!(attempt, SignInAttempt::Arrived { .. })).await;
}

#[tokio::test]
async fn an_answer_that_is_not_right_signs_nobody_in() {
    let mut stage = Stage::start().await;
    for (misbehaviour, code) in [
        (Misbehaviour::Nonce, ErrorCode::SignInRejected),
        (Misbehaviour::ForeignKey, ErrorCode::SignInRejected),
        (Misbehaviour::TokenStatus(503), ErrorCode::SignInUnavailable),
        (Misbehaviour::Refusal("access_denied"), ErrorCode::SignInRefused),
    ] {
        stage.provider.misbehave(misbehaviour);
        let page = stage.arrive(SignInMethod::Oidc).await;
        assert_eq!(title(&page), FAILURE, "{misbehaviour:?}");
        let attempt = stage.state().await.attempt;
        let Some(SignInAttempt::Failed { error, .. }) = attempt else { panic!("{attempt:?}") };
        assert_eq!(error.code, code, "{misbehaviour:?}");
    }
    assert_eq!(stage.bench.app.sign_in_confirm().await.unwrap_err().code, ErrorCode::NotFound);
    assert_eq!((stage.state().await.known, stage.bench.secrets.names().len()), (vec![], 0));
    assert_eq!(stage.desk.fronts.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn the_next_start_is_signed_in_without_a_prompt_and_asks_the_provider_in_the_background() {
    let mut stage = Stage::start().await;
    let account = stage.sign_in().await;
    stage.bench.ask("phi4:mini", "Del primer día").await;
    stage.restart().await;
    let boot = stage.bench.app.boot().await.unwrap();
    assert_eq!(boot.account.as_ref().map(|account| &account.account), Some(&account.account));
    assert_eq!(stage.titles().await, ["Del primer día"]);
    let confirmed = stage.stands(AccountState::Confirmed).await;
    assert_eq!((confirmed.account, confirmed.name), (account.account, account.name));
    assert_eq!(stage.desk.opened.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn a_start_waits_for_no_secret_store_and_takes_the_session_up_when_it_can() {
    let mut stage = Stage::start().await;
    let account = stage.sign_in().await;
    stage.bench.ask("phi4:mini", "Sigue aquí").await;
    for (trouble, code) in
        [(SecretError::Locked, ErrorCode::SecretStoreLocked), (SecretError::Denied, ErrorCode::SecretStoreDenied)]
    {
        stage.bench.secrets.is_in_trouble(Some(trouble));
        stage.restart().await;
        assert_eq!(stage.titles().await, ["Sigue aquí"]);
        while stage.state().await.keeping.trouble.is_none() {
            stage.bench.window.read().await;
        }
        let state = stage.state().await;
        assert_eq!(state.keeping.trouble, Some(code));
        assert_eq!(state.active.unwrap().state, AccountState::Remembered);
    }
    assert_eq!(
        stage.bench.app.secret_keeping_check().await.unwrap().keeping.trouble,
        Some(ErrorCode::SecretStoreDenied)
    );
    stage.bench.secrets.is_in_trouble(None);
    assert_eq!(stage.bench.app.secret_keeping_check().await.unwrap().keeping.trouble, None);
    assert_eq!(stage.stands(AccountState::Confirmed).await.account, account.account);
}

#[tokio::test]
async fn a_secret_that_is_gone_leaves_the_history_and_signing_in_again_heals() {
    let mut stage = Stage::start().await;
    let account = stage.sign_in().await;
    stage.bench.ask("phi4:mini", "Sigue aquí").await;
    stage.bench.app.shutdown().await;
    stage.bench.secrets.secrets.lock().unwrap().clear();
    stage.reopen().await;
    let expired = stage.stands(AccountState::Expired).await;
    assert_eq!((&expired.account, stage.titles().await), (&account.account, vec!["Sigue aquí".to_owned()]));

    stage.bench.window.events.clear();
    assert_eq!(stage.sign_in().await.account, account.account);
    assert_eq!(stage.stands(AccountState::Confirmed).await.account, account.account);
    // What is shown and written there is not disturbed.
    assert!(!stage.bench.window.events.iter().any(|event| matches!(event, Event::SpaceChanged { .. })));
}

#[tokio::test]
async fn a_session_that_the_provider_ended_is_said_quietly_and_the_history_stays_open() {
    let mut stage = Stage::start().await;
    let account = stage.sign_in().await;
    stage.bench.ask("phi4:mini", "Antes").await;
    stage.bench.app.shutdown().await;
    stage.provider.end_everything();
    stage.reopen().await;
    assert_eq!(stage.stands(AccountState::Expired).await.account, account.account);
    assert_eq!(stage.titles().await, ["Antes"]);
    assert!(!stage.bench.window.events.iter().any(|event| matches!(event, Event::SpaceChanged { .. })));
}

#[tokio::test]
async fn without_a_network_one_stays_signed_in() {
    let mut stage = Stage::start().await;
    let account = stage.sign_in().await;
    stage.bench.app.shutdown().await;
    let Stage { bench, provider, .. } = stage;
    drop(provider);
    let app = open(&bench.home, &bench.secrets).await;
    let mut window = Window::new(app.frames());
    // The session comes from the secret store; that nobody answers the check changes nothing.
    let taken_up = |event: &Event| matches!(event, Event::AccountChanged { active: Some(_) });
    window.until(taken_up).await;
    let state = app.account_state().await.unwrap();
    let active = state.active.unwrap();
    assert_eq!((active.account, active.state), (account.account, AccountState::Remembered));
}

#[tokio::test]
async fn signing_out_removes_the_secret_revokes_it_and_closes_the_history() {
    let mut stage = Stage::start().await;
    let before = stage.titles().await;
    let account = stage.sign_in().await;
    stage.bench.ask("phi4:mini", "Solo de Ana").await;
    assert_eq!(stage.provider.good_refresh_tokens(), 1);
    stage.desk.opened.lock().unwrap().clear();
    let out = stage.bench.app.sign_out(AccountRef { account: account.account.clone() }).await.unwrap();
    assert_eq!(out, SignedOut { revocation: Revocation::Done, still_stored: None });
    assert_eq!((stage.provider.good_refresh_tokens(), stage.bench.secrets.names().len()), (0, 0));
    assert_eq!(stage.titles().await, before);
    let state = stage.state().await;
    assert_eq!((state.active, state.known[0].state), (None, AccountState::SignedOut));
    // What the provider offers for its own session in the browser, with nothing in it but the client.
    let opened = stage.desk.opened.lock().unwrap().clone();
    let pairs: Vec<_> = opened.iter().flat_map(Url::query_pairs).map(|(name, _)| name.into_owned()).collect();
    assert_eq!((opened.len(), pairs), (1, vec!["client_id".to_owned()]));
    // The history is closed until the next sign-in, also at the next start.
    let switch = stage.bench.app.account_switch(AccountRef { account: account.account.clone() }).await;
    assert_eq!(switch.unwrap_err().code, ErrorCode::SessionExpired);
    stage.restart().await;
    assert_eq!((stage.state().await.active, stage.titles().await), (None, before));
    assert_eq!(stage.sign_in().await.account, account.account);
    assert_eq!(stage.titles().await, ["Solo de Ana"]);
}

#[tokio::test]
async fn a_secret_that_cannot_be_removed_is_told_and_signs_nobody_in() {
    let mut stage = Stage::start().await;
    let account = stage.sign_in().await.account;
    stage.bench.secrets.is_in_trouble(Some(SecretError::Locked));
    let out = stage.bench.app.sign_out(AccountRef { account: account.clone() }).await.unwrap();
    assert_eq!(out.still_stored.map(|error| error.code), Some(ErrorCode::SecretStoreLocked));
    assert_eq!((stage.state().await.active, stage.titles().await), (None, vec![]));
    stage.bench.secrets.is_in_trouble(None);
    let again = stage.bench.app.sign_out(AccountRef { account }).await.unwrap();
    assert_eq!((again.still_stored, stage.bench.secrets.names().len()), (None, 0));
}

#[tokio::test]
async fn an_account_that_is_forgotten_leaves_what_the_user_wants_to_keep() {
    let mut stage = Stage::start().await;
    for history in [ForgottenHistory::Keep, ForgottenHistory::Delete] {
        let account = stage.sign_in().await.account;
        stage.bench.ask("phi4:mini", "Suya").await;
        let forgotten =
            stage.bench.app.account_forget(AccountForget { account: account.clone(), history }).await.unwrap();
        assert_eq!((forgotten.active, forgotten.known), (None, vec![]));
        assert_eq!(stage.bench.secrets.names(), [""; 0]);
        let kept = stage.bench.home.path().join("accounts").join(account.as_str()).exists();
        assert_eq!(kept, history == ForgottenHistory::Keep);
        let again = stage.bench.app.account_forget(AccountForget { account, history }).await;
        assert_eq!(again.unwrap_err().code, ErrorCode::NotFound);
    }
}

/// What the window may name as an account is never a path.
#[tokio::test]
async fn only_known_accounts_are_accounts() {
    let stage = Stage::start().await;
    let app: &App = &stage.bench.app;
    for name in ["..", "../..", "", "/etc", "0000"] {
        let account = AccountKey::from(name);
        assert_eq!(
            app.account_switch(AccountRef { account: account.clone() }).await.unwrap_err().code,
            ErrorCode::NotFound
        );
        let forget = AccountForget { account: account.clone(), history: ForgottenHistory::Delete };
        assert_eq!(app.account_forget(forget).await.unwrap_err().code, ErrorCode::NotFound);
        assert_eq!(app.sign_out(AccountRef { account }).await.unwrap_err().code, ErrorCode::NotFound);
    }
}
