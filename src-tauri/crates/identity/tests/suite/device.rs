//! The device flow, on a clock that stands still until the program waits.

use std::time::Duration;

use capibara6_identity::sign_in::device::Settings;
use capibara6_identity::sign_in::{Attempt, Distrust, Method, Person, SignIn, SignInError, UserCode, Way};
use capibara6_testkit::Canned;
use capibara6_testkit::sign_in::{DeviceAnswer, DeviceServer};
use serde_json::json;
use tokio::time::Instant;
use url::Url;

use crate::stage::{Wire, pages, sign_in};

fn settings(server: &DeviceServer) -> Settings {
    let at = |path: &str| Url::parse(&format!("{}{path}", server.origin())).expect("an address");
    Settings {
        authorization: at("/login/device/code"),
        token: at("/login/oauth/access_token"),
        user: at("/user"),
        client_id: "own-client".into(),
        scope: "read:user".into(),
    }
}

async fn begin(sign_in: &SignIn, server: &DeviceServer) -> Attempt {
    sign_in.begin(Way::Device(settings(server)), pages()).await.expect("the attempt begins")
}

/// How it ends, and after how many seconds of waiting.
async fn finish(attempt: Attempt) -> (Result<Person, SignInError>, u64) {
    let started = Instant::now();
    let outcome = attempt.finish().await.map(|arrival| arrival.person().clone());
    (outcome, started.elapsed().as_secs())
}

fn polls(server: &DeviceServer) -> usize {
    server.asked("POST /login/oauth/access_token").len()
}

#[tokio::test(start_paused = true)]
async fn somebody_arrives_once_they_typed_the_code() {
    let (wire, server) = (Wire::default(), DeviceServer::start([DeviceAnswer::Pending, DeviceAnswer::Pending]).await);
    let attempt = begin(&sign_in(&wire), &server).await;
    assert_eq!(attempt.user_code(), Some(&UserCode("WDJB-MJHT".into())));
    assert_eq!(attempt.address().as_str(), format!("{}/login/device", server.origin()));
    assert_eq!(polls(&server), 0, "nobody asks before the first interval is over");
    let expected = Person {
        method: Method::Device,
        issuer: server.origin(),
        subject: "583231".into(),
        name: Some("Mònica Öztürk".into()),
        email: None,
    };
    assert_eq!(finish(attempt).await, (Ok(expected), 15));
    assert_eq!(polls(&server), 3);
}

#[tokio::test(start_paused = true)]
async fn the_server_is_asked_no_more_often_than_it_wants() {
    use DeviceAnswer::{Granted, Pending, SlowDown, Status};
    let wire = Wire::default();
    for (interval, answers, seconds) in [
        (json!(null), vec![Granted], 5),
        (json!(1), vec![Pending, Pending, Granted], 3),
        (json!(0), vec![Pending, Granted], 2),
        (json!(7), vec![Pending, Granted], 14),
        // RFC 8628 §3.5: five seconds more, for good; or what the server says, if that is more.
        (json!(5), vec![SlowDown(None), Pending, Granted], 5 + 10 + 10),
        (json!(5), vec![SlowDown(Some(40)), Granted], 5 + 40),
        (json!(5), vec![SlowDown(Some(1)), Granted], 5 + 10),
        // What failed on its way is asked later and later.
        (json!(5), vec![Status(502), Status(503), Granted], 5 + 10 + 20),
    ] {
        let server = DeviceServer::start(answers.clone()).await;
        server.code("interval", interval);
        let (outcome, waited) = finish(begin(&sign_in(&wire), &server).await).await;
        assert!(outcome.is_ok(), "{answers:?}");
        assert_eq!(waited, seconds, "{answers:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_network_that_comes_back_in_time_is_enough() {
    let (wire, server) = (Wire::default(), DeviceServer::start([]).await);
    let attempt = begin(&sign_in(&wire), &server).await;
    wire.cut("/login/oauth/access_token");
    let finishing = tokio::spawn(finish(attempt));
    tokio::time::sleep(Duration::from_secs(100)).await;
    wire.mend();
    let (outcome, waited) = finishing.await.expect("it does not panic");
    assert!(outcome.is_ok());
    assert_eq!(waited, 5 + 10 + 20 + 40 + 60, "with pauses that grow to a minute");
}

#[tokio::test(start_paused = true)]
async fn it_ends_where_the_server_or_the_person_says_so() {
    use DeviceAnswer::{Denied, Expired, Other, Pending};
    let wire = Wire::default();
    let refused = |error: &str| Err(SignInError::Refused { error: error.into(), description: None });
    let canned = |body: serde_json::Value| Other(Canned::json(&body));
    for (answers, expected) in [
        (vec![Pending, Denied], refused("access_denied")),
        (vec![Expired], Err(SignInError::Expired)),
        (vec![canned(json!({ "error": "device_flow_disabled" }))], refused("device_flow_disabled")),
        (vec![canned(json!({ "error": "<script>" }))], refused("an unknown error")),
        (vec![canned(json!({ "access_token": "t", "token_type": "mac" }))], Err(Distrust::Unreadable.into())),
        (vec![canned(json!({ "nothing": 1 }))], Err(Distrust::Unreadable.into())),
        (vec![Other(Canned::text("text/html", "<p>Unicorn"))], Err(Distrust::Unreadable.into())),
        (
            vec![canned(json!({ "access_token": "of another", "token_type": "bearer" }))],
            Err(SignInError::Unavailable("401 Unauthorized to whose the token is".into())),
        ),
    ] {
        let server = DeviceServer::start(answers.clone()).await;
        let (outcome, _) = finish(begin(&sign_in(&wire), &server).await).await;
        assert_eq!(outcome, expected, "{answers:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_code_lives_as_long_as_the_server_says_and_no_longer_than_half_an_hour() {
    let wire = Wire::default();
    for (says, lives) in [(61, 61), (900, 900), (1_000_000, 1800)] {
        let server = DeviceServer::start(std::iter::repeat_n(DeviceAnswer::Pending, 1000)).await;
        server.code("expires_in", json!(says));
        let (outcome, waited) = finish(begin(&sign_in(&wire), &server).await).await;
        assert_eq!((outcome, waited), (Err(SignInError::Expired), lives));
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_name_there_is_still_the_login() {
    let (wire, server) = (Wire::default(), DeviceServer::start([]).await);
    server.user("name", json!(null));
    let (outcome, _) = finish(begin(&sign_in(&wire), &server).await).await;
    assert_eq!(outcome.expect("somebody arrives").name.as_deref(), Some("octocat"));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_opened_that_is_no_web_address_and_no_unknown_client_begins() {
    let (wire, server) = (Wire::default(), DeviceServer::start([]).await);
    let sign_in = sign_in(&wire);
    let begun = |settings| sign_in.begin(Way::Device(settings), pages());
    for (field, address, origin) in [
        ("verification_uri", "file:///bin/sh", "null"),
        ("verification_uri", "http://github.example/login", "http://github.example"),
        ("verification_uri_complete", "ms-settings:privacy", "null"),
    ] {
        server.code(field, json!(address));
        assert_eq!(begun(settings(&server)).await.map(drop), Err(SignInError::Insecure(origin.into())), "{address}");
    }
    let unknown = Settings { client_id: "unknown".into(), ..settings(&server) };
    let refused = SignInError::Refused { error: "an unknown error".into(), description: None };
    assert_eq!(begun(unknown).await.map(drop), Err(refused));
    server.code("verification_uri_complete", json!(format!("{}/login/device?c=1", server.origin())));
    let attempt = begun(settings(&server)).await.expect("it begins");
    assert_eq!(attempt.address().query(), Some("c=1"));
}

#[test]
fn githubs_addresses_are_githubs() {
    let settings = Settings::github("id").expect("addresses");
    assert_eq!(settings.authorization.as_str(), "https://github.com/login/device/code");
    assert_eq!(settings.token.as_str(), "https://github.com/login/oauth/access_token");
    assert_eq!(settings.user.as_str(), "https://api.github.com/user");
}
