//! Sessions against a provider that rotates, forgets, refuses and fails, and a keeper that is locked at the wrong moment.

use std::collections::BTreeSet;
use std::sync::Arc;

use capibara6_identity::sign_in::fleet::Via;
use capibara6_identity::sign_in::{Issued, Method, Person, Session, SignInError, Tokens, Way, device};
use capibara6_identity::{Account, AccountId, Bearer, Revocation, Secret, Sessions, SignedOut, State};
use capibara6_protocol::{AppError, ErrorCode};
use capibara6_testkit::sign_in::{
    Browser, DeviceServer, FleetMisbehaviour, IdentityProvider, Misbehaviour, SignInServer,
};
use url::Url;

use crate::stage::{Shelf, Turned, Wire, arrive, free_port, pages, sign_in, signed_in};

/// What all of these need.
struct Stage {
    wire: Wire,
    shelf: Shelf,
    turned: Turned,
    provider: IdentityProvider,
}

impl Stage {
    async fn new() -> Self {
        let provider = IdentityProvider::start().await;
        Self { wire: Wire::default(), shelf: Shelf::default(), turned: Turned::default(), provider }
    }

    async fn signed_in(&self) -> Sessions {
        signed_in(&self.wire, &self.shelf, &self.turned, &self.provider).await
    }

    /// The next run of the program.
    fn anew(&self) -> Sessions {
        Sessions::new(self.shelf.store(), self.wire.http(), self.turned.clock())
    }

    fn refreshes(&self) -> usize {
        let asked = self.provider.asked("POST /token");
        asked.iter().filter(|request| request.body.windows(13).any(|part| part == b"refresh_token")).count()
    }
}

async fn bearer(sessions: &Sessions) -> Bearer {
    sessions.bearer(None).await.expect("there is a token").expect("somebody is signed in")
}

fn state(sessions: &Sessions) -> Option<State> {
    sessions.account().map(|account| account.state)
}

fn expired() -> Result<Option<String>, AppError> {
    Err(AppError::new(ErrorCode::SessionExpired))
}

async fn outcome(sessions: &Sessions, stale: Option<&Bearer>) -> Result<Option<String>, AppError> {
    Ok(sessions.bearer(stale).await?.map(|bearer| bearer.expose().to_owned()))
}

#[tokio::test]
async fn the_next_run_is_signed_in_without_a_prompt_or_a_network() {
    let stage = Stage::new().await;
    let sessions = stage.signed_in().await;
    let (token, account) = (bearer(&sessions).await, sessions.account().expect("somebody is signed in"));
    assert_eq!(account.state, State::Good);
    let (known, active) = (sessions.known(), sessions.active());
    let id = AccountId { issuer: stage.provider.issuer(), subject: "alice".into() };
    assert_eq!((known.as_slice(), active.as_ref()), ([id.clone()].as_slice(), Some(&id)));
    assert_eq!(stage.shelf.names(), [format!("session/{}/alice", stage.provider.issuer())]);
    drop(sessions);

    let asked = stage.provider.requests().len();
    let sessions = stage.anew();
    assert_eq!(sessions.account(), None);
    let opened = sessions.open(known, active).await.expect("the store answers");
    assert_eq!(opened, Some(Account { state: State::Unchecked, ..account }));
    assert_eq!(bearer(&sessions).await.expose(), token.expose());
    assert_eq!(stage.provider.requests().len(), asked, "nobody was asked");
    // The check in the background.
    sessions.check().await.expect("the provider answers");
    assert_eq!(state(&sessions), Some(State::Good));
    assert_eq!(stage.refreshes(), 0);
}

#[tokio::test]
async fn nobody_signed_in_is_no_error() {
    let stage = Stage::new().await;
    let sessions = stage.anew();
    assert_eq!(sessions.open(Vec::new(), None).await, Ok(None));
    assert_eq!(outcome(&sessions, None).await, Ok(None));
    assert_eq!(sessions.check().await, Ok(()));
    let gone = AccountId { issuer: "https://idp.example".into(), subject: "nobody".into() };
    assert_eq!(sessions.open(vec![gone.clone()], Some(gone.clone())).await, Ok(None));
    assert_eq!(sessions.switch(&gone).await, Err(AppError::new(ErrorCode::NotFound)));
    assert_eq!(sessions.person(&gone).await, Ok(None));
    let nothing = SignedOut { revocation: Revocation::NotOffered, end_session: None };
    assert_eq!(sessions.sign_out(&gone).await, Ok(nothing));
    assert_eq!(sessions.known(), []);
}

#[tokio::test]
async fn a_hundred_stale_tokens_cause_one_refresh() {
    let stage = Stage::new().await;
    let sessions = stage.signed_in().await;
    let stale = Arc::new(bearer(&sessions).await);
    let gate = stage.provider.hold("POST /token");
    let asking: Vec<_> = (0..100)
        .map(|_| {
            let (sessions, stale) = (sessions.clone(), Arc::clone(&stale));
            tokio::spawn(async move { outcome(&sessions, Some(&stale)).await })
        })
        .collect();
    stage.provider.asked_times("POST /token", 2).await;
    gate.open();
    let mut tokens = BTreeSet::new();
    for asked in asking {
        tokens.insert(asked.await.expect("it does not panic").expect("it is renewed"));
    }
    assert_eq!(tokens.len(), 1, "all have the same new one");
    let new = tokens.pop_first().flatten().expect("a token");
    assert_ne!(new, stale.expose());
    assert!(stage.provider.knows(&new));
    // Whoever comes late with the old one gets the new one.
    assert_eq!(outcome(&sessions, Some(&stale)).await, Ok(Some(new.clone())));
    assert_eq!((stage.refreshes(), stage.provider.good_refresh_tokens()), (1, 1));
    // And the next run has it.
    let next = stage.anew();
    next.open(sessions.known(), sessions.active()).await.expect("the store answers");
    assert_eq!(outcome(&next, None).await, Ok(Some(new)));
}

#[tokio::test]
async fn a_token_is_renewed_before_it_expires_and_whatever_the_clocks_say() {
    let stage = Stage::new().await;
    stage.provider.lifetime(400);
    let sessions = stage.signed_in().await;
    let first = bearer(&sessions).await;
    stage.turned.turn(360);
    assert_eq!(outcome(&sessions, None).await, Ok(Some(first.expose().to_owned())));
    stage.turned.turn(375);
    let second = outcome(&sessions, None).await.expect("it is renewed").expect("a token");
    assert_ne!(second, first.expose());
    assert_eq!(stage.refreshes(), 1);
    // Where it cannot be renewed, it is used as long as it lasts. The clock is off by more than an ID token lives by now.
    stage.turned.turn(375 + 375);
    stage.provider.misbehave(Misbehaviour::TokenStatus(503));
    assert_eq!(outcome(&sessions, None).await, Ok(Some(second.clone())));
    stage.turned.turn(375 + 401);
    let down = AppError::new(ErrorCode::SignInUnavailable).with_detail("Server: 503 Service Unavailable");
    assert_eq!(outcome(&sessions, None).await, Err(down));
    assert_eq!(state(&sessions), Some(State::Good), "a server that is down ends no session");
    stage.provider.behave();
    assert_ne!(outcome(&sessions, None).await.expect("it is renewed"), Some(second));
}

#[tokio::test]
async fn what_is_no_answer_of_the_provider_ends_no_session() {
    use Misbehaviour as M;
    let stage = Stage::new().await;
    let sessions = stage.signed_in().await;
    let stale = bearer(&sessions).await;
    for misbehaviour in
        [M::TokenStatus(500), M::TokenStatus(429), M::TokenStatus(404), M::TokenStatus(302), M::TokenPage]
    {
        stage.provider.misbehave(misbehaviour);
        let error = outcome(&sessions, Some(&stale)).await.expect_err("there is no new token");
        assert_ne!(error.code, ErrorCode::SessionExpired, "{misbehaviour:?}");
    }
    stage.wire.cut("/token");
    assert_eq!(outcome(&sessions, Some(&stale)).await.map_err(|error| error.code), Err(ErrorCode::SignInUnavailable));
    stage.wire.mend();
    stage.provider.behave();
    assert!(outcome(&sessions, Some(&stale)).await.is_ok());
    // In a run that finds no network at all.
    let next = stage.anew();
    next.open(sessions.known(), sessions.active()).await.expect("the store answers");
    stage.wire.cut("/.well-known/openid-configuration");
    assert_eq!(next.check().await.map_err(|error| error.code), Err(ErrorCode::SignInUnavailable));
    assert_eq!(state(&next), Some(State::Unchecked));
    assert!(outcome(&next, None).await.is_ok_and(|token| token.is_some()), "offline is not signed out");
}

#[tokio::test]
async fn a_session_that_the_provider_ended_is_over_and_its_person_is_remembered() {
    let stage = Stage::new().await;
    let sessions = stage.signed_in().await;
    let mut watch = sessions.watch();
    watch.mark_unchanged();
    let stale = bearer(&sessions).await;
    stage.provider.end_everything();
    assert_eq!(outcome(&sessions, Some(&stale)).await, expired());
    assert!(watch.has_changed().is_ok_and(|changed| changed), "the window is told");
    assert_eq!(state(&sessions), Some(State::Expired));
    assert_eq!(outcome(&sessions, None).await, expired());
    assert_eq!(stage.refreshes(), 1, "nobody asks again");
    assert!(!stage.shelf.text().contains("refresh-kit"), "what is worth nothing is not kept");
    // In the next run as well.
    let next = stage.anew();
    let opened = next.open(sessions.known(), sessions.active()).await.expect("the store answers");
    assert_eq!(
        opened.map(|account| (account.person.name, account.state)),
        Some((Some("Alicia Núñez".into()), State::Expired))
    );
    assert_eq!(next.check().await, Ok(()));
    // Signing in again heals it.
    let (arrival, _) = arrive(&sign_in(&stage.wire), Way::Oidc(stage.provider.oidc())).await;
    next.keep(arrival.expect("somebody arrives").confirm()).await.expect("it is kept");
    assert_eq!(state(&next), Some(State::Good));
    assert!(outcome(&next, None).await.is_ok_and(|token| token.is_some()));
    assert_eq!(next.known().len(), 1);
}

#[tokio::test]
async fn a_refresh_token_that_somebody_else_used_ends_the_session_everywhere() {
    let stage = Stage::new().await;
    let sessions = stage.signed_in().await;
    // A thief with a copy of the store is quicker.
    let thief = stage.anew();
    thief.open(sessions.known(), sessions.active()).await.expect("the store answers");
    let stale = bearer(&sessions).await;
    let stolen = outcome(&thief, Some(&stale)).await.expect("it is renewed").expect("a token");
    assert_eq!(outcome(&sessions, Some(&stale)).await, expired());
    assert!(!stage.provider.knows(&stolen), "the provider noticed");
    assert_eq!(stage.provider.good_refresh_tokens(), 0);
}

#[tokio::test]
async fn renewals_that_are_not_right_are_not_believed() {
    for misbehaviour in [Misbehaviour::OtherSubject, Misbehaviour::ForeignKey, Misbehaviour::TokenIssuer] {
        let stage = Stage::new().await;
        let sessions = stage.signed_in().await;
        let stale = bearer(&sessions).await;
        stage.provider.misbehave(misbehaviour);
        assert_eq!(outcome(&sessions, Some(&stale)).await, expired(), "{misbehaviour:?}");
    }
    // A provider that sends no ID token, or no new refresh token, may do so.
    for misbehaviour in [Misbehaviour::NoIdToken, Misbehaviour::NoRotation] {
        let stage = Stage::new().await;
        let sessions = stage.signed_in().await;
        stage.provider.misbehave(misbehaviour);
        for _ in 0..2 {
            let stale = bearer(&sessions).await;
            let new = outcome(&sessions, Some(&stale)).await.expect("it is renewed");
            assert_ne!(new.as_deref(), Some(stale.expose()), "{misbehaviour:?}");
        }
    }
}

#[tokio::test]
async fn a_renewal_is_kept_even_if_nobody_waits_for_it() {
    let stage = Stage::new().await;
    let sessions = stage.signed_in().await;
    let stale = bearer(&sessions).await;
    let gate = stage.provider.hold("POST /token");
    let asking = tokio::spawn({
        let (sessions, stale) = (sessions.clone(), stale.clone());
        async move { outcome(&sessions, Some(&stale)).await }
    });
    stage.provider.asked_times("POST /token", 2).await;
    asking.abort();
    assert!(asking.await.is_err_and(|error| error.is_cancelled()));
    gate.open();
    let new = outcome(&sessions, Some(&stale)).await.expect("it is renewed");
    assert_eq!(stage.refreshes(), 1, "by the one that was under way");
    let next = stage.anew();
    next.open(sessions.known(), sessions.active()).await.expect("the store answers");
    assert_eq!(outcome(&next, None).await, Ok(new));
}

#[tokio::test]
async fn signing_out_removes_the_secret_and_revokes_it() {
    let stage = Stage::new().await;
    let sessions = stage.signed_in().await;
    let (token, id) = (bearer(&sessions).await, sessions.active().expect("somebody is signed in"));
    let end_session = Url::parse(&format!("{}/session/end?client_id=desktop-chat", stage.provider.issuer())).ok();
    assert_eq!(sessions.sign_out(&id).await, Ok(SignedOut { revocation: Revocation::Done, end_session }));
    assert!(!stage.provider.knows(token.expose()));
    assert_eq!(stage.provider.good_refresh_tokens(), 0);
    assert_eq!(stage.shelf.names(), [] as [String; 0]);
    assert_eq!((sessions.account(), sessions.active(), sessions.known()), (None, None, Vec::new()));
    assert_eq!(outcome(&sessions, None).await, Ok(None));
    assert_eq!(outcome(&sessions, Some(&token)).await, Ok(None));
}

#[tokio::test]
async fn signing_out_works_without_the_provider_too() {
    let stage = Stage::new().await;
    let sessions = stage.signed_in().await;
    stage.provider.misbehave(Misbehaviour::NoRevocation);
    let id = sessions.active().expect("somebody is signed in");
    let gone = sessions.sign_out(&id).await.expect("the secret is removed");
    let detail = "503 Service Unavailable to a revocation";
    assert_eq!(gone.revocation, Revocation::Failed(AppError::new(ErrorCode::SignInUnavailable).with_detail(detail)));
    assert_eq!(stage.shelf.names(), [] as [String; 0]);

    // Of a provider that says nothing, nothing is waited for.
    let sessions = stage.signed_in().await;
    stage.wire.deafen("/revoke");
    let signing_out = tokio::spawn(async move { sessions.sign_out(&id).await });
    stage.wire.waits_in_vain().await;
    tokio::time::pause();
    let gone = signing_out.await.expect("it does not panic").expect("the secret is removed");
    assert_eq!(
        gone.revocation,
        Revocation::Failed(AppError::new(ErrorCode::SignInUnavailable).with_detail("no answer in time"))
    );
    assert_eq!(stage.shelf.names(), [] as [String; 0]);
}

#[tokio::test]
async fn tokens_bought_while_somebody_signed_out_do_not_outlive_it() {
    let stage = Stage::new().await;
    let sessions = stage.signed_in().await;
    let (stale, id) = (bearer(&sessions).await, sessions.active().expect("somebody is signed in"));
    let gate = stage.provider.hold("POST /token");
    let asking = tokio::spawn({
        let sessions = sessions.clone();
        async move { outcome(&sessions, Some(&stale)).await }
    });
    stage.provider.asked_times("POST /token", 2).await;
    // The provider cannot be told at this moment, so the refresh token is still good when it is used.
    stage.wire.cut("/revoke");
    sessions.sign_out(&id).await.expect("the secret is removed");
    stage.wire.mend();
    gate.open();
    assert_eq!(asking.await.expect("it does not panic"), expired());
    assert_eq!(stage.shelf.names(), [] as [String; 0], "nothing is kept");
    assert_eq!(stage.provider.good_refresh_tokens(), 0, "and nothing is left at the provider");
    assert_eq!(sessions.account(), None);
}

#[tokio::test]
async fn a_keeper_that_is_locked_ends_no_session_and_loses_none() {
    let stage = Stage::new().await;
    let sessions = stage.signed_in().await;
    let id = sessions.active().expect("somebody is signed in");
    let locked = || AppError::new(ErrorCode::SecretStoreLocked);
    stage.shelf.lock(true);
    // A start finds it locked; once it is open, everything is there.
    let next = stage.anew();
    assert_eq!(next.open(sessions.known(), sessions.active()).await, Err(locked()));
    assert_eq!(next.known(), sessions.known());
    // A renewal goes on from memory, and is written with the next one.
    let stale = bearer(&sessions).await;
    let second = outcome(&sessions, Some(&stale)).await.expect("it is renewed").expect("a token");
    stage.shelf.lock(false);
    let stale = bearer(&sessions).await;
    assert_eq!(stale.expose(), second);
    let third = outcome(&sessions, Some(&stale)).await.expect("it is renewed");
    assert!(next.open(sessions.known(), sessions.active()).await.is_ok_and(|account| account.is_some()));
    assert_eq!(outcome(&next, None).await, Ok(third));
    // Signing out says that the secret is still there, and can be asked again.
    stage.shelf.lock(true);
    assert_eq!(sessions.sign_out(&id).await, Err(locked()));
    assert_eq!(sessions.account(), None);
    assert_eq!(sessions.known(), std::slice::from_ref(&id));
    stage.shelf.lock(false);
    assert!(sessions.sign_out(&id).await.is_ok());
    assert_eq!((stage.shelf.names(), sessions.known()), (Vec::new(), Vec::new()));
    // Somebody who arrives while it is locked is signed in until the program ends, and told that it is not kept.
    stage.shelf.lock(true);
    let (arrival, _) = arrive(&sign_in(&stage.wire), Way::Oidc(stage.provider.oidc())).await;
    assert_eq!(sessions.keep(arrival.expect("somebody arrives").confirm()).await, Err(locked()));
    assert_eq!(state(&sessions), Some(State::Good));
    assert!(outcome(&sessions, None).await.is_ok_and(|token| token.is_some()));
}

#[tokio::test]
async fn accounts_are_switched_and_their_tokens_never_mixed() {
    let stage = Stage::new().await;
    let sessions = stage.signed_in().await;
    let alice = bearer(&sessions).await;
    stage.provider.sign_in_as("bob", "Bob", None);
    let (arrival, _) = arrive(&sign_in(&stage.wire), Way::Oidc(stage.provider.oidc())).await;
    let bob = sessions.keep(arrival.expect("somebody arrives").confirm()).await.expect("it is kept");
    let of_bob = bearer(&sessions).await;
    assert_ne!(of_bob.expose(), alice.expose());
    assert_eq!(of_bob.account(), &bob);
    // A 401 on Alice's token is none on Bob's.
    assert_eq!(outcome(&sessions, Some(&alice)).await, Ok(Some(of_bob.expose().to_owned())));
    assert_eq!(stage.refreshes(), 0);

    let next = stage.anew();
    next.open(sessions.known(), Some(bob.clone())).await.expect("the store answers");
    let names = |sessions: Sessions| async move {
        let mut names = Vec::new();
        for id in sessions.known() {
            names.extend(sessions.person(&id).await.expect("the store answers").and_then(|person| person.name));
        }
        names
    };
    assert_eq!(names(next.clone()).await, ["Alicia Núñez", "Bob"]);
    let switched = next.switch(alice.account()).await.expect("she has a session");
    assert_eq!(switched.person.subject, "alice");
    assert_eq!(outcome(&next, None).await, Ok(Some(alice.expose().to_owned())));
    // One signs out, the other stays.
    next.sign_out(alice.account()).await.expect("the secret is removed");
    assert_eq!((next.account(), next.known()), (None, vec![bob.clone()]));
    next.switch(&bob).await.expect("he has a session");
    assert_eq!(outcome(&next, None).await, Ok(Some(of_bob.expose().to_owned())));
}

#[tokio::test]
async fn the_check_at_the_start_renews_what_the_provider_forgot() {
    let stage = Stage::new().await;
    let sessions = stage.signed_in().await;
    let next = stage.anew();
    next.open(sessions.known(), sessions.active()).await.expect("the store answers");
    stage.provider.forget_access_tokens();
    assert_eq!(next.check().await, Ok(()));
    assert_eq!((state(&next), stage.refreshes()), (Some(State::Good), 1));
    let last = stage.anew();
    last.open(sessions.known(), sessions.active()).await.expect("the store answers");
    stage.provider.end_everything();
    assert_eq!(last.check().await, Ok(()));
    assert_eq!(state(&last), Some(State::Expired));
}

/// Somebody who signed in through the fleet's server.
async fn through_the_fleet(wire: &Wire) -> (SignInServer, Session) {
    loop {
        let port = free_port();
        let server = SignInServer::start(port).await;
        let base = Url::parse(&server.url()).expect("an address");
        match sign_in(wire).begin(Way::Fleet { base, via: Via::Github, port }, pages()).await {
            Ok(attempt) => {
                let address = attempt.address().clone();
                let finishing = tokio::spawn(attempt.finish());
                Browser::default().visit(&address).await;
                return (server, finishing.await.expect("it does not panic").expect("somebody arrives").confirm());
            }
            Err(SignInError::PortTaken { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test]
async fn the_fleets_tokens_are_used_until_the_server_says_otherwise() {
    let stage = Stage::new().await;
    let (server, session) = through_the_fleet(&stage.wire).await;
    let sessions = stage.anew();
    sessions.keep(session.clone()).await.expect("it is kept");
    let next = stage.anew();
    next.open(sessions.known(), sessions.active()).await.expect("the store answers");
    server.misbehave(FleetMisbehaviour::VerifyStatus(500));
    assert_eq!(next.check().await.map_err(|error| error.code), Err(ErrorCode::SignInUnavailable));
    assert_eq!(state(&next), Some(State::Unchecked));
    server.behave();
    assert_eq!(next.check().await, Ok(()));
    assert_eq!(state(&next), Some(State::Good));
    // A clock that is a little ahead of its seven days.
    stage.turned.turn(7 * 24 * 3600 + 60);
    assert!(outcome(&next, None).await.is_ok());
    stage.turned.turn(7 * 24 * 3600 + 180);
    assert_eq!(outcome(&next, None).await, expired());
    stage.turned.turn(0);
    // Started anew without a fixed key, the server knows no token any more.
    next.keep(session.clone()).await.expect("it is kept");
    server.misbehave(FleetMisbehaviour::ForgotItsKey);
    assert_eq!(next.check().await, Ok(()));
    assert_eq!(state(&next), Some(State::Expired));
    // A service that refuses the token ends the session as well.
    next.keep(session).await.expect("it is kept");
    let stale = bearer(&next).await;
    assert_eq!(outcome(&next, Some(&stale)).await, expired());
    let id = next.active().expect("the person is remembered");
    let gone = next.sign_out(&id).await.expect("the secret is removed");
    assert_eq!(gone, SignedOut { revocation: Revocation::NotOffered, end_session: None });
    assert_eq!(server.asked("POST /auth/logout").len(), 1);
}

#[tokio::test]
async fn a_device_session_lasts_until_its_token_is_taken_back() {
    let stage = Stage::new().await;
    let server = DeviceServer::start([]).await;
    let at = |path: &str| Url::parse(&format!("{}{path}", server.origin())).expect("an address");
    let user = at("/user");
    assert!(device::check(&stage.wire.http(), &user, &Secret::new("gho_kit".into())).await.is_ok());
    let person = Person {
        method: Method::Device,
        issuer: server.origin(),
        subject: "583231".into(),
        name: Some("octocat".into()),
        email: None,
    };
    let access = Secret::new("gho_kit".into());
    let tokens = Some(Tokens { access, expires_at: None, renew_at: None, refresh: None });
    let sessions = stage.anew();
    sessions
        .keep(Session { person, issued: Issued::Device { user: user.to_string() }, tokens })
        .await
        .expect("it is kept");
    assert_eq!(sessions.check().await, Ok(()));
    assert_eq!(outcome(&sessions, None).await, Ok(Some("gho_kit".into())));
    server.forget();
    assert_eq!(sessions.check().await, Ok(()));
    assert_eq!(state(&sessions), Some(State::Expired));
}
