//! OpenID Connect against a provider that signs for real and misbehaves in every way that is known.

use std::collections::HashMap;
use std::time::Duration;

use capibara6_identity::sign_in::oidc::Provider;
use capibara6_identity::sign_in::{Attempt, Distrust, Issued, LIFE, Method, Person, SignIn, SignInError, Way};
use capibara6_protocol::Oidc;
use capibara6_testkit::sign_in::{Browser, IdentityProvider, Misbehaviour};
use capibara6_testkit::soon;
use url::Url;

use crate::stage::{FAILURE, SUCCESS, Turned, Wire, arrive, pages, sign_in, title};

async fn begin(sign_in: &SignIn, provider: &IdentityProvider) -> Attempt {
    sign_in.begin(Way::Oidc(provider.oidc()), pages()).await.expect("the attempt begins")
}

fn alice(provider: &IdentityProvider) -> Person {
    Person {
        method: Method::Oidc,
        issuer: provider.issuer(),
        subject: "alice".into(),
        name: Some("Alicia Núñez".into()),
        email: Some("alicia@example.test".into()),
    }
}

fn query(address: &Url) -> HashMap<String, String> {
    address.query_pairs().into_owned().collect()
}

/// The redirect's address with one parameter changed or left out.
fn changed(callback: &Url, name: &str, value: Option<&str>) -> Url {
    let rest: Vec<(String, String)> = callback.query_pairs().into_owned().filter(|(key, _)| key != name).collect();
    let mut address = callback.clone();
    address.query_pairs_mut().clear().extend_pairs(rest);
    if let Some(value) = value {
        address.query_pairs_mut().append_pair(name, value);
    }
    address
}

#[tokio::test]
async fn somebody_arrives_and_nothing_stays_in_the_browser() {
    let (provider, wire) = (IdentityProvider::start().await, Wire::default());
    let attempt = begin(&sign_in(&wire), &provider).await;
    let asked = query(attempt.address());
    assert_eq!(asked["response_type"], "code");
    assert_eq!(asked["client_id"], "desktop-chat");
    assert_eq!(asked["scope"], "openid profile email offline_access");
    assert_eq!(asked["code_challenge_method"], "S256");
    assert_eq!(asked["prompt"], "consent", "without it there is no offline access");
    assert_eq!(asked["ui_locales"], "es");
    assert!(asked["state"].len() >= 20 && asked["nonce"].len() >= 20 && asked["state"] != asked["nonce"]);
    let redirect = Url::parse(&asked["redirect_uri"]).expect("an address");
    assert_eq!((redirect.host_str(), redirect.path()), (Some("127.0.0.1"), "/callback"));

    let address = attempt.address().clone();
    let finishing = tokio::spawn(attempt.finish());
    let mut browser = Browser::default();
    let page = browser.visit(&address).await;
    let arrival = finishing.await.expect("it does not panic").expect("somebody arrives");
    assert_eq!(arrival.person(), &alice(&provider));
    let session = arrival.confirm();
    assert_eq!(session.issued, Issued::Oidc { issuer: provider.issuer(), client_id: "desktop-chat".into() });
    let tokens = session.tokens.expect("tokens");
    assert!(provider.knows(tokens.access.expose()));
    assert!(tokens.refresh.is_some());

    assert_eq!((page.status, title(&page)), (200, SUCCESS));
    assert_eq!(page.address.path(), "/signed-in");
    assert_eq!(page.address.query(), None, "the last address tells nothing");
    assert!(page.header("content-security-policy").is_some_and(|policy| policy.starts_with("default-src 'none'")));
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let asked: Vec<String> = provider.requests().iter().map(|request| request.path.clone()).collect();
    let asked: Vec<&str> = asked.iter().map(|path| path.split('?').next().unwrap_or_default()).collect();
    assert_eq!(asked, ["/.well-known/openid-configuration", "/jwks", "/auth", "/token"]);
    // Nobody listens any more.
    assert!(tokio::net::TcpStream::connect(("127.0.0.1", redirect.port().unwrap_or(0))).await.is_err());
}

#[tokio::test]
async fn no_two_attempts_share_anything() {
    let (provider, wire) = (IdentityProvider::start().await, Wire::default());
    let first = query(begin(&sign_in(&wire), &provider).await.address());
    let second = query(begin(&sign_in(&wire), &provider).await.address());
    for name in ["state", "nonce", "code_challenge"] {
        assert_ne!(first[name], second[name], "{name}");
    }
}

#[tokio::test]
async fn answers_that_are_wrong_sign_nobody_in_and_the_browser_is_told() {
    use Misbehaviour as M;
    let (provider, wire) = (IdentityProvider::start().await, Wire::default());
    let sign_in = sign_in(&wire);
    let refused =
        |error: &str| SignInError::Refused { error: error.into(), description: Some("Not <b>today</b>".into()) };
    for (misbehaviour, expected) in [
        (M::Nonce, Distrust::Nonce.into()),
        (M::NoNonce, Distrust::Nonce.into()),
        (M::TokenIssuer, Distrust::Issuer.into()),
        (M::Audience, Distrust::Audience.into()),
        (M::Audiences, Distrust::Audience.into()),
        (M::ForeignKey, Distrust::Signature.into()),
        (M::HiddenKey, Distrust::Signature.into()),
        (M::Unsigned, Distrust::Signature.into()),
        (M::Symmetric, Distrust::Signature.into()),
        (M::Expired(180), Distrust::Time.into()),
        (M::Future(180), Distrust::Time.into()),
        (M::AccessTokenHash, Distrust::AccessToken.into()),
        (M::NoIdToken, Distrust::NoIdToken.into()),
        (M::TokenType, Distrust::Unreadable.into()),
        (M::TokenPage, Distrust::Unreadable.into()),
        (M::TokenStatus(503), SignInError::Unavailable("Server: 503 Service Unavailable".into())),
        (M::TokenStatus(429), SignInError::Unavailable("RateLimited".into())),
        (M::Refusal("access_denied"), refused("access_denied")),
        (M::Refusal("server_error"), refused("server_error")),
    ] {
        provider.misbehave(misbehaviour);
        let (outcome, page) = arrive(&sign_in, Way::Oidc(provider.oidc())).await;
        assert_eq!(outcome.map(drop), Err(expected), "{misbehaviour:?}");
        assert_eq!(title(&page), FAILURE, "{misbehaviour:?}");
    }
}

#[tokio::test]
async fn a_clock_may_be_off_by_two_minutes() {
    let (provider, wire) = (IdentityProvider::start().await, Wire::default());
    let sign_in = sign_in(&wire);
    for misbehaviour in [Misbehaviour::Expired(100), Misbehaviour::Future(100)] {
        provider.misbehave(misbehaviour);
        let (outcome, page) = arrive(&sign_in, Way::Oidc(provider.oidc())).await;
        assert_eq!(outcome.map(|arrival| arrival.person().clone()), Ok(alice(&provider)), "{misbehaviour:?}");
        assert_eq!(title(&page), SUCCESS);
    }
    // The same from the other side: our clock is wrong.
    provider.behave();
    let turned = Turned::default();
    let own = SignIn::new(wire.http(), turned.clock());
    for (seconds, right) in [(600, true), (700, true), (800, false), (-100, true), (-180, false)] {
        turned.turn(seconds);
        let (outcome, _) = arrive(&own, Way::Oidc(provider.oidc())).await;
        let expected = if right { Ok(()) } else { Err(Distrust::Time.into()) };
        assert_eq!(outcome.map(drop), expected, "off by {seconds} s");
    }
}

#[tokio::test]
async fn a_new_key_is_looked_for_once() {
    let (provider, wire) = (IdentityProvider::start().await, Wire::default());
    let sign_in = sign_in(&wire);
    for (hidden, expected) in [(false, Ok(())), (true, Err(Distrust::Signature.into()))] {
        let before = provider.asked("GET /jwks").len();
        let attempt = begin(&sign_in, &provider).await;
        provider.rotate_keys();
        if hidden {
            provider.misbehave(Misbehaviour::HiddenKey);
        }
        let address = attempt.address().clone();
        let finishing = tokio::spawn(attempt.finish());
        Browser::default().visit(&address).await;
        assert_eq!(finishing.await.expect("it does not panic").map(drop), expected);
        assert_eq!(provider.asked("GET /jwks").len() - before, 2, "at the beginning and once more");
    }
}

#[tokio::test]
async fn answers_of_others_are_turned_away_and_the_right_one_still_counts() {
    let (provider, other, wire) = (IdentityProvider::start().await, IdentityProvider::start().await, Wire::default());
    let attempt = begin(&sign_in(&wire), &provider).await;
    let address = attempt.address().clone();
    let finishing = tokio::spawn(attempt.finish());
    let callback = Browser::default().until_elsewhere(&address).await;
    let state = query(&address)["state"].clone();

    // What the provider itself may get wrong.
    for misbehaviour in [Misbehaviour::State, Misbehaviour::NoState, Misbehaviour::Issuer, Misbehaviour::NoIssuer] {
        provider.misbehave(misbehaviour);
        let page = Browser::default().visit(&address).await;
        assert_eq!((page.status, page.body.as_str()), (400, ""), "{misbehaviour:?}");
    }
    provider.behave();
    // Mix-up: another provider's code, with our state, which it learned.
    let elsewhere = begin(&sign_in(&wire), &other).await;
    let foreign = Browser::default().until_elsewhere(elsewhere.address()).await;
    let mixed = changed(&changed(&callback, "code", Some(&query(&foreign)["code"])), "iss", Some(&other.issuer()));
    // Everything else that may be on its way.
    let get = |address: Url, headers: &'static [(&'static str, &'static str)]| ("GET", address, headers);
    for ((method, address, headers), expected) in [
        (get(mixed, &[]), 400),
        (get(changed(&callback, "state", Some(&state[1..])), &[]), 400),
        (get(changed(&callback, "code", None), &[]), 400),
        (get(changed(&callback, "code", Some("")), &[]), 400),
        (get(Url::parse(&format!("{callback}&code=second")).expect("an address"), &[]), 400),
        (get(callback.join("/").expect("an address"), &[]), 404),
        (get(callback.join("/favicon.ico").expect("an address"), &[]), 404),
        (get(callback.join("/signed-in").expect("an address"), &[]), 404),
        (get(callback.clone(), &[("host", "evil.example")]), 421),
        (get(callback.clone(), &[("host", "localhost:1")]), 421),
        (get(callback.clone(), &[("origin", "https://evil.example")]), 403),
        (get(callback.clone(), &[("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image")]), 403),
        (get(callback.clone(), &[("sec-fetch-mode", "cors")]), 403),
        (("POST", callback.clone(), &[] as &[_]), 405),
        (("OPTIONS", callback.clone(), &[] as &[_]), 405),
    ] {
        let page = Browser::request(method, &address, headers).await;
        assert_eq!((page.status, page.body.as_str()), (expected, ""), "{method} {headers:?} {}", address.path());
        assert_eq!(page.header("access-control-allow-origin"), None);
    }
    assert_eq!(Browser::raw(&callback, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03").await[..12], *b"HTTP/1.1 400");
    assert_eq!(provider.asked("POST /token").len(), 0, "nothing of it was believed");

    let page = Browser::default().visit(&callback).await;
    assert_eq!(title(&page), SUCCESS);
    let arrival = finishing.await.expect("it does not panic").expect("somebody arrives");
    assert_eq!(arrival.person(), &alice(&provider));
}

#[tokio::test]
async fn one_answer_is_taken_and_everything_after_it_is_turned_away() {
    let (provider, wire) = (IdentityProvider::start().await, Wire::default());
    let attempt = begin(&sign_in(&wire), &provider).await;
    let gate = provider.hold("POST /token");
    let address = attempt.address().clone();
    let finishing = tokio::spawn(attempt.finish());
    let callback = Browser::default().until_elsewhere(&address).await;
    let first = {
        let callback = callback.clone();
        tokio::spawn(async move { Browser::default().visit(&callback).await })
    };
    provider.asked_times("POST /token", 1).await;
    // While the answer is checked, the same again, another one, and somebody who wants to see the page before.
    for address in [
        callback.clone(),
        changed(&callback, "code", Some("another")),
        callback.join("/signed-in").expect("an address"),
    ] {
        assert_eq!(Browser::request("GET", &address, &[]).await.status, 404);
    }
    gate.open();
    assert_eq!(title(&first.await.expect("it does not panic")), SUCCESS);
    assert!(finishing.await.expect("it does not panic").is_ok());
    assert_eq!(provider.asked("POST /token").len(), 1);
}

#[tokio::test]
async fn a_code_that_was_used_or_is_another_attempts_buys_nothing() {
    let (provider, wire) = (IdentityProvider::start().await, Wire::default());
    let sign_in = sign_in(&wire);
    let (outcome, _) = arrive(&sign_in, Way::Oidc(provider.oidc())).await;
    let session = outcome.expect("somebody arrives").confirm();
    let used = provider.asked("POST /token")[0].body.clone();
    let used: HashMap<String, String> = url::form_urlencoded::parse(&used).into_owned().collect();

    for replayed in [true, false] {
        let attempt = begin(&sign_in, &provider).await;
        let address = attempt.address().clone();
        let finishing = tokio::spawn(attempt.finish());
        let callback = Browser::default().until_elsewhere(&address).await;
        // With the right state, as somebody would send it who has read it: PKCE and the provider are what is left.
        let code = if replayed {
            used["code"].clone()
        } else {
            let mut elsewhere = address.clone();
            let others: Vec<(String, String)> =
                address.query_pairs().into_owned().filter(|(name, _)| name != "code_challenge").collect();
            elsewhere.query_pairs_mut().clear().extend_pairs(others).append_pair("code_challenge", &"A".repeat(43));
            query(&Browser::default().until_elsewhere(&elsewhere).await)["code"].clone()
        };
        let page = Browser::default().visit(&changed(&callback, "code", Some(&code))).await;
        assert_eq!(finishing.await.expect("it does not panic").map(drop), Err(Distrust::Code.into()));
        assert_eq!(title(&page), FAILURE);
    }
    let tokens = session.tokens.expect("tokens");
    assert!(!provider.knows(tokens.access.expose()), "the provider takes back what a replayed code has bought");
}

#[tokio::test]
async fn providers_that_cannot_be_used_are_told_apart() {
    use Misbehaviour as M;
    let (provider, wire) = (IdentityProvider::start().await, Wire::default());
    let sign_in = sign_in(&wire);
    let insecure = |origin: &str| SignInError::Insecure(origin.into());
    for (misbehaviour, expected) in [
        (M::DescriptionOfAnother, Distrust::Issuer.into()),
        (M::DescriptionIsAPage, SignInError::Unavailable("200 OK to discovery".into())),
        (M::AuthorizationIsACommand, insecure("null")),
        (M::EverythingUnencrypted, insecure("http://idp.example")),
    ] {
        provider.misbehave(misbehaviour);
        let begun = sign_in.begin(Way::Oidc(provider.oidc()), pages()).await;
        assert_eq!(begun.map(drop), Err(expected), "{misbehaviour:?}");
    }
    let at = |issuer: String| Way::Oidc(Oidc { issuer, ..provider.oidc() });
    for (issuer, expected) in [
        (format!("{}/elsewhere", provider.issuer()), SignInError::Unavailable("404 Not Found to discovery".into())),
        ("http://127.0.0.1:1".into(), SignInError::Unavailable("Refused".into())),
        ("http://idp.example".into(), insecure("http://idp.example")),
        ("no address".into(), SignInError::Unavailable("the issuer is not an address".into())),
    ] {
        let begun = sign_in.begin(at(issuer.clone()), pages()).await;
        assert_eq!(begun.map(drop), Err(expected), "{issuer}");
    }
    // After all of that, the next attempt is as good as the first.
    provider.behave();
    assert!(arrive(&sign_in, Way::Oidc(provider.oidc())).await.0.is_ok());
}

#[tokio::test]
async fn an_attempt_lives_for_five_minutes() {
    let (provider, wire) = (IdentityProvider::start().await, Wire::default());
    let attempt = begin(&sign_in(&wire), &provider).await;
    let port = Url::parse(&query(attempt.address())["redirect_uri"]).expect("an address").port().unwrap_or(0);
    assert!(attempt.remaining() <= LIFE && attempt.remaining() > LIFE - Duration::from_secs(60));
    tokio::time::pause();
    let started = tokio::time::Instant::now();
    assert_eq!(attempt.finish().await.map(drop), Err(SignInError::Expired));
    assert!(started.elapsed() <= LIFE && started.elapsed() > LIFE - Duration::from_secs(60));
    assert!(tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn there_is_one_attempt_at_a_time_and_it_can_be_given_up() {
    let (provider, wire) = (IdentityProvider::start().await, Wire::default());
    let sign_in = sign_in(&wire);
    let attempt = begin(&sign_in, &provider).await;
    let busy = sign_in.clone().begin(Way::Oidc(provider.oidc()), pages()).await;
    assert_eq!(busy.map(drop), Err(SignInError::Busy));
    // Before anybody came.
    let cancel = attempt.canceller();
    let finishing = tokio::spawn(attempt.finish());
    cancel.cancel();
    assert_eq!(soon("it ends", finishing).await.expect("it does not panic").map(drop), Err(SignInError::Cancelled));
    cancel.cancel();
    // While the token endpoint says nothing.
    provider.misbehave(Misbehaviour::TokenSilence);
    let attempt = begin(&sign_in, &provider).await;
    let (address, cancel) = (attempt.address().clone(), attempt.canceller());
    let finishing = tokio::spawn(attempt.finish());
    let browsing = tokio::spawn(async move { Browser::default().visit(&address).await });
    provider.asked_times("POST /token", 1).await;
    cancel.cancel();
    assert_eq!(title(&browsing.await.expect("it does not panic")), FAILURE, "the browser is told");
    assert_eq!(finishing.await.expect("it does not panic").map(drop), Err(SignInError::Cancelled));
    // By forgetting it.
    drop(begin(&sign_in, &provider).await);
    provider.behave();
    assert!(arrive(&sign_in, Way::Oidc(provider.oidc())).await.0.is_ok());
}

#[tokio::test]
async fn a_token_endpoint_that_is_dead_ends_the_attempt() {
    let (provider, wire) = (IdentityProvider::start().await, Wire::default());
    let attempt = begin(&sign_in(&wire), &provider).await;
    wire.deafen("/token");
    let address = attempt.address().clone();
    let finishing = tokio::spawn(attempt.finish());
    let callback = Browser::default().until_elsewhere(&address).await;
    let browsing = tokio::spawn(async move { Browser::default().visit(&callback).await });
    wire.waits_in_vain().await;
    tokio::time::pause();
    let outcome = finishing.await.expect("it does not panic");
    assert_eq!(outcome.map(drop), Err(SignInError::Unavailable("TimeoutFirstToken".into())));
    drop(browsing);
}

#[tokio::test]
async fn who_it_is_may_be_told_elsewhere_but_not_about_somebody_else() {
    let (provider, wire) = (IdentityProvider::start().await, Wire::default());
    let sign_in = sign_in(&wire);
    for (misbehaviour, name) in [(Misbehaviour::OnlySubject, Some("Alicia Núñez")), (Misbehaviour::OtherUserInfo, None)]
    {
        provider.misbehave(misbehaviour);
        let (outcome, _) = arrive(&sign_in, Way::Oidc(provider.oidc())).await;
        let person = outcome.expect("somebody arrives").person().clone();
        assert_eq!((person.subject.as_str(), person.name.as_deref()), ("alice", name), "{misbehaviour:?}");
    }
    provider.behave();
    provider.sign_in_as("bob", "Bob\u{202e}eciLA", None);
    let (outcome, _) = arrive(&sign_in, Way::Oidc(provider.oidc())).await;
    let person = outcome.expect("somebody arrives").person().clone();
    assert_eq!((person.name.as_deref(), person.email), (Some("BobeciLA"), None));
}

#[tokio::test]
async fn only_who_asks_for_offline_access_is_asked_for_consent() {
    let (provider, wire) = (IdentityProvider::start().await, Wire::default());
    let described = Provider::discover(&wire.http(), &provider.issuer(), "desktop-chat").await.expect("a provider");
    let authorization = described
        .authorize(&["openid".into(), "profile".into()], "http://127.0.0.1:1/callback", &[])
        .expect("a request");
    let asked = query(&authorization.address);
    assert_eq!((asked.get("prompt"), asked["scope"].as_str()), (None, "openid profile"));
    let end = described.end_session(&wire.http()).expect("it is offered");
    assert_eq!(end.as_str(), format!("{}/session/end?client_id=desktop-chat", provider.issuer()));
}
