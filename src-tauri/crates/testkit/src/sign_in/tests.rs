//! The servers are as strict as the ones that they stand for: a client that forgets a step must notice.

use serde_json::json;
use url::Url;

use super::{Browser, DeviceAnswer, DeviceServer, IdentityProvider, SignInServer};
use crate::http::Request;
use crate::soon;

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

/// A form, sent by a program.
async fn post(address: &str, form: &str, json: bool) -> (u16, serde_json::Value) {
    let address = url(address);
    let host = &address[url::Position::BeforeHost..url::Position::AfterPort];
    let kind = if json { "application/json" } else { "application/x-www-form-urlencoded" };
    let request = format!(
        "POST {} HTTP/1.1\r\nhost: {host}\r\naccept: application/json\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n{form}",
        address.path(),
        form.len()
    );
    let answer = Browser::raw(&address, request.as_bytes()).await;
    let text = String::from_utf8(answer).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), serde_json::from_str(body).unwrap_or_default())
}

/// The challenge of the verifier that is 43 times "v".
const CHALLENGE: &str = "7w_YNF9DSfIdPf_pRjSq646_kPr-2-o9NAl16JGghdM";

async fn code(provider: &IdentityProvider, query: &str) -> Url {
    let there = format!(
        "{}/auth?client_id=desktop-chat&redirect_uri=http://127.0.0.1:1/callback&state=s{query}",
        provider.issuer()
    );
    Browser::default().until_elsewhere(&url(&there)).await
}

fn parameter(address: &Url, name: &str) -> Option<String> {
    address.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

#[tokio::test]
async fn the_provider_wants_pkce_its_own_client_and_a_loopback_redirect() {
    let provider = IdentityProvider::start().await;
    let without = code(&provider, "&response_type=code&scope=openid").await;
    assert_eq!(parameter(&without, "error").as_deref(), Some("invalid_request"));
    for wrong in [
        "client_id=other&redirect_uri=http://127.0.0.1:1/callback",
        "client_id=desktop-chat&redirect_uri=http://evil.example/callback",
    ] {
        let page = Browser::request("GET", &url(&format!("{}/auth?{wrong}", provider.issuer())), &[]).await;
        assert_eq!(page.status, 400, "{wrong}");
    }
}

#[tokio::test]
async fn the_provider_takes_a_code_once_with_its_verifier_and_rotates() {
    let provider = IdentityProvider::start().await;
    let token = format!("{}/token", provider.issuer());
    let asking = format!(
        "&response_type=code&scope=openid%20offline_access&prompt=consent&code_challenge_method=S256&code_challenge={CHALLENGE}"
    );
    let back = code(&provider, &asking).await;
    assert_eq!(parameter(&back, "iss"), Some(provider.issuer()));
    let code = parameter(&back, "code").unwrap();
    let form = |verifier: &str| {
        format!(
            "grant_type=authorization_code&client_id=desktop-chat&code={code}&redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2Fcallback&code_verifier={verifier}"
        )
    };
    let refused = (400, json!({ "error": "invalid_grant", "error_description": "grant request is invalid" }));
    assert_eq!(post(&token, &form("another"), false).await, refused);
    let (status, given) = post(&token, &form(&"v".repeat(43)), false).await;
    assert_eq!(status, 200, "{given}");
    assert!(provider.knows(given["access_token"].as_str().unwrap()));

    let refresh = |token: &str| format!("grant_type=refresh_token&client_id=desktop-chat&refresh_token={token}");
    let first = given["refresh_token"].as_str().unwrap();
    let (status, second) = post(&token, &refresh(first), false).await;
    assert_eq!((status, provider.good_refresh_tokens()), (200, 1));
    // The old one again ends the new one as well.
    assert_eq!(post(&token, &refresh(first), false).await, refused);
    assert_eq!(post(&token, &refresh(second["refresh_token"].as_str().unwrap()), false).await, refused);
    assert_eq!(provider.good_refresh_tokens(), 0);
}

#[tokio::test]
async fn the_sign_in_server_wants_its_cookie_and_knows_its_tokens() {
    let server = SignInServer::start(1).await;
    let page =
        Browser::request("GET", &url(&format!("{}/auth/callback/github?code=c&state=s", server.url())), &[]).await;
    assert_eq!((page.status, page.body.as_str()), (400, r#"{"error":"Invalid state parameter"}"#));
    let there = Browser::default().until_elsewhere(&url(&format!("{}/auth/github", server.url()))).await;
    assert_eq!(&there[..url::Position::AfterPath], "http://localhost:1/auth/success");
    let token = parameter(&there, "token").unwrap();
    let verify = format!("{}/auth/verify", server.url());
    let user = json!({ "id": "github_4711", "email": "jose@example.test", "name": "José Ñandú", "provider": "github" });
    let answer = post(&verify, &json!({ "token": token }).to_string(), true).await;
    assert_eq!(answer, (200, json!({ "valid": true, "user": user })));
    assert_eq!(post(&verify, r#"{"token":"a.b.c"}"#, true).await, (401, json!({ "valid": false })));
    assert_eq!(post(&verify, "{}", true).await, (400, json!({ "error": "No token provided" })));
}

#[tokio::test]
async fn the_device_server_answers_as_it_was_told() {
    let server = DeviceServer::start([DeviceAnswer::Pending, DeviceAnswer::Denied]).await;
    let token = format!("{}/login/oauth/access_token", server.origin());
    let form = "client_id=own-client&device_code=device-kit&grant_type=urn:ietf:params:oauth:grant-type:device_code";
    for error in ["authorization_pending", "access_denied"] {
        assert_eq!(post(&token, form, false).await.1["error"], error);
    }
    assert_eq!(post(&token, form, false).await.1["access_token"], "gho_kit");
    assert_eq!(post(&token, "device_code=guessed", false).await.1["error"], "incorrect_device_code");
}

#[tokio::test]
async fn a_route_that_is_held_waits_for_its_gate() {
    let provider = IdentityProvider::start().await;
    let gate = provider.hold("GET /jwks");
    let address = url(&format!("{}/jwks", provider.issuer()));
    let asking = tokio::spawn(async move { Browser::request("GET", &address, &[]).await.status });
    provider.asked_times("GET /jwks", 1).await;
    assert!(!asking.is_finished());
    gate.open();
    assert_eq!(soon("an answer", asking).await.unwrap(), 200);
    let asked: Vec<String> = provider.requests().iter().map(Request::line).collect();
    assert_eq!(asked, ["GET /jwks"]);
}

/// Submits the form of a page, and gives where that leads, or the page.
async fn decide(address: &Url, form: &str) -> String {
    let host = &address[url::Position::BeforeHost..url::Position::AfterPort];
    let target = &address[url::Position::BeforePath..];
    let request = format!(
        "POST {target} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/x-www-form-urlencoded\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{form}",
        form.len()
    );
    let answer = String::from_utf8(Browser::raw(address, request.as_bytes()).await).unwrap();
    let location = answer.lines().find_map(|line| line.strip_prefix("location: ").map(str::to_owned));
    location.unwrap_or(answer)
}

#[tokio::test]
async fn pages_for_people_wait_for_their_word() {
    let provider = IdentityProvider::start().await;
    provider.ask_people();
    let there = url(&format!(
        "{}/auth?client_id=desktop-chat&redirect_uri=http://127.0.0.1:1/callback&state=s&response_type=code&scope=openid\
         &code_challenge_method=S256&code_challenge={CHALLENGE}",
        provider.issuer()
    ));
    let page = Browser::default().visit(&there).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Go on as Alicia Núñez?") && page.body.contains("value=no"), "{}", page.body);
    let back = url(&decide(&there, "decision=no").await);
    assert_eq!(parameter(&back, "error").as_deref(), Some("access_denied"));
    assert_eq!(parameter(&back, "code"), None);
    assert!(parameter(&url(&decide(&there, "decision=yes").await), "code").is_some());

    let server = SignInServer::start(1).await;
    server.ask_people();
    let mut browser = Browser::default();
    let page = browser.visit(&url(&format!("{}/auth/google", server.url()))).await;
    assert!(page.body.contains("Go on as José Ñandú?"), "{}", page.body);
    assert!(decide(&page.address, "decision=no").await.contains("You are still here."));
    let next = url(&decide(&page.address, "decision=yes").await);
    assert!(parameter(&browser.until_elsewhere(&next).await, "token").is_some());

    let device = DeviceServer::start([]).await;
    device.ask_people();
    let token = format!("{}/login/oauth/access_token", device.origin());
    let form = "client_id=own-client&device_code=device-kit&grant_type=urn:ietf:params:oauth:grant-type:device_code";
    let there = url(&format!("{}/login/device", device.origin()));
    assert!(decide(&there, "user_code=WRONG").await.contains("user_code"));
    assert_eq!(post(&token, form, false).await.1["error"], "authorization_pending");
    assert!(decide(&there, "user_code=WDJB-MJHT&decision=yes").await.contains("All set."));
    assert_eq!(post(&token, form, false).await.1["access_token"], "gho_kit");
}
