//! Where the session's token goes, and what happens when it is refused.

use std::collections::BTreeSet;

use capibara6_protocol::*;
use capibara6_testkit::canned::Canned;
use capibara6_testkit::{Chat, Exchange, soon};

use super::bench::*;
use super::person::*;

fn token(exchange: &Exchange) -> Option<String> {
    exchange.header("authorization").map(str::to_owned)
}

/// The tokens that any request to a model's server has shown.
fn shown_to(stage: &Stage, model: &str) -> BTreeSet<String> {
    let requests = stage.bench.fleet.server(model).requests();
    requests.iter().filter_map(|request| request.header("authorization").map(str::to_owned)).collect()
}

/// The refreshes that the provider was asked for.
fn refreshes(stage: &Stage) -> usize {
    let asked = stage.provider.asked("POST /token");
    asked.iter().filter(|request| String::from_utf8_lossy(&request.body).contains("refresh_token")).count()
}

async fn refuse(exchange: Exchange) {
    exchange.respond_status(401, &[], r#"{"error":"Unauthorized"}"#).await;
}

#[tokio::test]
async fn a_token_goes_to_the_origins_that_the_profile_names_and_nowhere_else() {
    let mut stage = Stage::with(|profile, fleet| {
        profile.token_origins = vec![origin(&fleet.server("phi4:mini").url())];
    })
    .await;
    stage.bench.ask("phi4:mini", "¿Sin sesión?").await;
    assert_eq!(token(&stage.bench.chat("phi4:mini").await), None);
    stage.sign_in().await;
    stage.bench.ask("phi4:mini", "¿Con sesión?").await;
    let bearer = token(&stage.bench.chat("phi4:mini").await).unwrap();
    assert!(bearer.starts_with("Bearer ") && stage.provider.knows(bearer.trim_start_matches("Bearer ")));
    stage.bench.ask("mixtral", "¿Y aquí?").await;
    assert_eq!(token(&stage.bench.chat("mixtral").await), None);
    for model in ["mixtral", "gpt-oss-20b", "qwen2.5-coder:1.5b"] {
        assert_eq!(shown_to(&stage, model), BTreeSet::new(), "{model}");
    }
    // A key that somebody entered for this very endpoint comes first.
    stage.bench.app.key_set(KeySet { model: "phi4:mini".into(), key: "sk-own".into() }).await.unwrap();
    stage.bench.ask("phi4:mini", "¿Con clave?").await;
    assert_eq!(token(&stage.bench.chat("phi4:mini").await).as_deref(), Some("Bearer sk-own"));
}

#[tokio::test]
async fn a_profile_that_knows_nothing_of_the_provider_gets_no_token() {
    let mut stage = Stage::start().await;
    stage.sign_in().await;
    let mut other = stage.bench.fleet.profile();
    other.token_origins = stage.bench.fleet.servers().map(|server| origin(&server.url())).collect();
    let saved = stage.bench.app.profile_save(ProfileSave { id: None, profile: other }).await.unwrap();
    stage.bench.app.profile_select(ProfileRef { id: saved.id }).await.unwrap();
    stage.bench.ask("phi4:mini", "Hola").await;
    assert_eq!(token(&stage.bench.chat("phi4:mini").await), None);
}

#[tokio::test]
async fn signed_out_no_token_is_sent_any_more() {
    let mut stage = Stage::start().await;
    let account = stage.sign_in().await.account;
    stage.bench.app.sign_out(AccountRef { account }).await.unwrap();
    stage.bench.ask("phi4:mini", "Hola").await;
    assert_eq!(token(&stage.bench.chat("phi4:mini").await), None);
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_and_the_question_asked_again() {
    let mut stage = Stage::start().await;
    stage.sign_in().await;
    let started = stage.bench.ask("phi4:mini", "Hola").await;
    let first = stage.bench.chat("phi4:mini").await;
    let old = token(&first).unwrap();
    refuse(first).await;
    let second = stage.bench.chat("phi4:mini").await;
    let new = token(&second).unwrap();
    assert_ne!(old, new);
    assert!(stage.provider.knows(new.trim_start_matches("Bearer ")));
    second.say_all(&["Hola."]).await;
    let end = stage.bench.window.ended(started.answer.id).await;
    assert_eq!((end.status, end.error), (MessageStatus::Complete, None));

    // A server that refuses every token is believed, and asked no third time.
    let started = stage.bench.ask("phi4:mini", "¿Y ahora?").await;
    refuse(stage.bench.chat("phi4:mini").await).await;
    refuse(stage.bench.chat("phi4:mini").await).await;
    let end = stage.bench.window.ended(started.answer.id).await;
    assert_eq!(end.error.map(|error| error.code), Some(ErrorCode::Unauthorised));
}

#[tokio::test]
async fn a_hundred_refusals_at_once_cause_one_refresh() {
    const MANY: usize = 100;
    let mut stage = Stage::start().await;
    stage.sign_in().await;
    for _ in 0..MANY {
        stage.bench.ask("phi4:mini", "Hola").await;
    }
    let mut first = Vec::new();
    for _ in 0..MANY {
        first.push(stage.bench.chat("phi4:mini").await);
    }
    let old: BTreeSet<_> = first.iter().filter_map(token).collect();
    assert_eq!(old.len(), 1);
    for exchange in first {
        refuse(exchange).await;
    }
    let mut new = BTreeSet::new();
    for _ in 0..MANY {
        let exchange = stage.bench.chat("phi4:mini").await;
        new.insert(token(&exchange).unwrap());
        exchange.say_all(&["Hola."]).await;
    }
    assert_eq!((new.len(), refreshes(&stage)), (1, 1));
    assert!(new.is_disjoint(&old));
}

#[tokio::test]
async fn a_session_that_ends_while_somebody_asks_is_said_and_nothing_is_lost() {
    let mut stage = Stage::start().await;
    stage.sign_in().await;
    let started = stage.bench.ask("phi4:mini", "Hola").await;
    stage.provider.end_everything();
    refuse(stage.bench.chat("phi4:mini").await).await;
    let end = stage.bench.window.ended(started.answer.id).await;
    assert_eq!(end.error.map(|error| error.code), Some(ErrorCode::SessionExpired));
    stage.stands(AccountState::Expired).await;
    assert_eq!(contents(&stage.bench.app, started.conversation).await, ["Hola", ""]);
    // The next question says so without asking anybody.
    let started = stage.bench.ask("phi4:mini", "¿Hola?").await;
    let end = stage.bench.window.ended(started.answer.id).await;
    assert_eq!(end.error.map(|error| error.code), Some(ErrorCode::SessionExpired));
    // Signed in again, the answer goes on in the same place.
    stage.sign_in().await;
    stage.bench.app.chat_continue(MessageRef { message: started.answer.id }).await.unwrap();
    stage.bench.chat("phi4:mini").await.say_all(&["Aquí estoy."]).await;
    stage.bench.window.ended(started.answer.id).await;
    assert_eq!(stage.bench.message(&started).await.content, "Aquí estoy.");
}

#[tokio::test]
async fn a_redirect_carries_no_token_to_another_origin() {
    let mut stage = Stage::with(|profile, fleet| {
        profile.token_origins = vec![origin(&fleet.server("phi4:mini").url())];
    })
    .await;
    stage.sign_in().await;
    let elsewhere = format!("{}/chat/completions", stage.bench.fleet.server("mixtral").url());
    stage.bench.fleet.server("phi4:mini").answer(Chat::Canned(Canned::status(307).header("location", &elsewhere)));
    let started = stage.bench.ask("phi4:mini", "Hola").await;
    let end = stage.bench.window.ended(started.answer.id).await;
    assert_eq!(end.status, MessageStatus::Failed);
    assert_eq!(shown_to(&stage, "mixtral"), BTreeSet::new());
    let asked = stage.bench.fleet.server("mixtral").requests();
    assert!(!asked.iter().any(|request| request.line().starts_with("POST")));
}

#[tokio::test]
async fn probes_show_the_token_as_it_is_by_then() {
    let mut stage = Stage::start().await;
    stage.sign_in().await;
    let server = stage.bench.fleet.server("phi4:mini");
    let with_token = soon("a probe with a token", async {
        loop {
            stage.bench.app.health_refresh().await.unwrap();
            let probes = server.requests();
            let found = probes.iter().find(|request| {
                request.line().starts_with("GET /v1/models") && request.header("authorization").is_some()
            });
            if let Some(found) = found {
                return found.header("authorization").map(str::to_owned);
            }
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert!(stage.provider.knows(with_token.unwrap().trim_start_matches("Bearer ")));
}

#[tokio::test]
async fn the_connection_test_shows_what_a_chat_would_show() {
    let mut stage = Stage::with(|profile, fleet| {
        profile.token_origins = vec![origin(&fleet.server("phi4:mini").url())];
    })
    .await;
    stage.sign_in().await;
    let view = stage.bench.app.boot().await.unwrap().profile.expect("a profile");
    let before = shown_to(&stage, "phi4:mini").len();
    stage.bench.app.profile_test(view.profile.clone()).await.unwrap();
    let bearers = shown_to(&stage, "phi4:mini");
    assert!(bearers.len() >= before && !bearers.is_empty(), "{bearers:?}");
    assert!(bearers.iter().all(|bearer| stage.provider.knows(bearer.trim_start_matches("Bearer "))));
    for model in ["mixtral", "gpt-oss-20b", "qwen2.5-coder:1.5b"] {
        assert_eq!(shown_to(&stage, model), BTreeSet::new(), "{model}");
    }
    // A key that somebody entered for this very endpoint comes first.
    stage.bench.app.key_set(KeySet { model: "phi4:mini".into(), key: "sk-own".into() }).await.unwrap();
    stage.bench.app.profile_test(view.profile).await.unwrap();
    assert!(shown_to(&stage, "phi4:mini").contains("Bearer sk-own"));
}
