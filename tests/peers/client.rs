//! The client alone and the real server.

use std::time::Duration;

use capibara6_llm::{
    ApiKey, ChatEvent, ChatMessage, ChatRequest, ChatRole, Client, Counting, Endpoint, HttpOptions, Timeouts,
    http_client,
};
use capibara6_protocol::{ErrorCode, FinishReason, ServerKind};
use futures_util::StreamExt;
use url::Url;

use crate::{MODEL, generated, key, keyed, plain, until_idle};

const SOON: Duration = Duration::from_secs(5);

fn client() -> Client {
    let options = HttpOptions { extra_roots_pem: None, proxy: None, connect_timeout: SOON };
    Client::new(http_client(&options).expect("an HTTP client"))
}

fn endpoint(base: &str, model: &str, key: Option<&str>) -> Endpoint {
    Endpoint {
        base: Url::parse(base).expect("an address"),
        model: model.to_owned(),
        key: key.map(|key| ApiKey::new(key).expect("a key")),
        timeouts: Timeouts { first_token: Duration::from_secs(30), idle: Duration::from_secs(10) },
    }
}

fn question(text: &str) -> ChatRequest {
    ChatRequest {
        messages: vec![ChatMessage { role: ChatRole::User, content: text.to_owned() }],
        temperature: Some(0.0),
        top_p: None,
        max_tokens: None,
        seed: None,
        stop: Vec::new(),
        continue_final: false,
        schema: None,
        counting: Counting::AtTheEnd,
    }
}

/// Everything of a stream, folded.
#[derive(Debug, Default, PartialEq)]
struct Whole {
    content: String,
    finish: Option<FinishReason>,
    completion_tokens: Option<u32>,
    /// What the server had counted on the way.
    counted: Vec<u32>,
}

async fn read(endpoint: Endpoint, request: ChatRequest) -> Whole {
    let mut stream = client().chat_stream(endpoint, request);
    let mut whole = Whole::default();
    while let Some(event) = stream.next().await {
        match event.expect("an event") {
            ChatEvent::Content(text) => {
                assert!(!text.is_empty(), "deltas are never empty");
                whole.content.push_str(&text);
            }
            ChatEvent::Finish(reason) => whole.finish = Some(reason),
            ChatEvent::Usage { completion_tokens, .. } => whole.completion_tokens = Some(completion_tokens),
            ChatEvent::Counted(tokens) => whole.counted.push(tokens),
            other @ (ChatEvent::Reasoning(_) | ChatEvent::Replace(_)) => panic!("{other:?} is not of this answer"),
        }
    }
    whole
}

#[tokio::test]
#[ignore = "needs real servers: make test-peers"]
async fn a_server_counts_as_it_goes_where_that_is_asked_for() {
    let asked = ChatRequest { counting: Counting::Running, ..question("count to ten") };
    let counted = read(endpoint(&plain(), MODEL, None), asked).await;
    let plainly = read(endpoint(&plain(), MODEL, None), question("count to ten")).await;
    assert!(counted.counted.len() > 1 && counted.counted.is_sorted(), "{counted:?}");
    assert!(counted.counted.last() <= counted.completion_tokens.as_ref(), "{counted:?}");
    assert_eq!(Whole { counted: Vec::new(), ..counted }, plainly, "nothing else about the answer changes");
}

#[tokio::test]
#[ignore = "needs real servers: make test-peers"]
async fn what_is_streamed_is_what_is_answered_at_once() {
    let streamed = read(endpoint(&plain(), MODEL, None), question("count to ten")).await;
    let whole = client().chat(&endpoint(&plain(), MODEL, None), &question("count to ten")).await.expect("an answer");
    assert!(streamed.content.contains("one") && streamed.content.contains("ten"), "{streamed:?}");
    assert_eq!(streamed.content, whole.content);
    assert_eq!(streamed.finish, Some(FinishReason::Stop));
    assert!(streamed.completion_tokens.is_some_and(|tokens| tokens > 10));
}

#[tokio::test]
#[ignore = "needs real servers: make test-peers"]
async fn an_answer_of_nothing_but_noise_is_read_to_its_end() {
    // random weights at a high temperature: broken characters, empty deltas; the same for the same seed
    for seed in 1..=5 {
        let mut request = question("hello");
        request.max_tokens = Some(300);
        request.temperature = Some(1.5);
        request.seed = Some(seed);
        let streamed = read(endpoint(&keyed(), MODEL, Some(&key())), request.clone()).await;
        let whole = client().chat(&endpoint(&keyed(), MODEL, Some(&key())), &request).await.expect("an answer");
        assert!(!streamed.content.is_empty());
        assert_eq!(streamed.content, whole.content);
        assert_eq!(streamed.finish, whole.finish);
        assert_eq!(streamed.completion_tokens, whole.usage.map(|usage| usage.completion_tokens));
    }
}

#[tokio::test]
#[ignore = "needs real servers: make test-peers"]
async fn dropping_the_stream_makes_the_server_stop() {
    let base = keyed();
    until_idle(&base).await;
    let before = generated(&base).await;
    let mut stream = client().chat_stream(endpoint(&base, MODEL, Some(&key())), question("hello"));
    stream.next().await.expect("a first event").expect("a delta");
    drop(stream);
    until_idle(&base).await;
    // left alone it goes on until its context of 512 tokens is full
    let written = generated(&base).await - before;
    assert!(written < 400.0, "the server wrote {written} tokens for nobody");
}

#[tokio::test]
#[ignore = "needs real servers: make test-peers"]
async fn each_refusal_has_its_code() {
    let too_long = question(&"many words ".repeat(600));
    let mut too_hot = question("hello");
    too_hot.temperature = Some(99.0);
    let cases = [
        (endpoint(&plain(), "no-such-model", None), question("hello"), ErrorCode::ModelNotFound),
        (endpoint(&plain(), MODEL, None), too_long, ErrorCode::ContextTooLong),
        (endpoint(&plain(), MODEL, None), too_hot, ErrorCode::BadRequest),
        (endpoint(&keyed(), MODEL, None), question("hello"), ErrorCode::Unauthorised),
        (endpoint(&keyed(), MODEL, Some("wrong")), question("hello"), ErrorCode::Unauthorised),
    ];
    for (endpoint, request, expected) in cases {
        let mut stream = client().chat_stream(endpoint.clone(), request.clone());
        let failure = stream.next().await.expect("one item").expect_err("a failure");
        assert_eq!(failure.code, expected, "{failure:?}");
        assert!(stream.next().await.is_none(), "a failure ends the stream");
        let failure = client().chat(&endpoint, &request).await.expect_err("a failure");
        assert_eq!(failure.code, expected, "{failure:?}");
    }
}

#[tokio::test]
#[ignore = "needs real servers: make test-peers"]
async fn the_server_is_known_by_what_it_answers() {
    let base = Url::parse(&plain()).expect("an address");
    let list = client().models(&base, None, SOON).await.expect("a list");
    assert_eq!(list.kind, ServerKind::Vllm);
    let models: Vec<_> = list.models.iter().map(|card| (card.id.as_str(), card.max_model_len)).collect();
    assert_eq!(models, [(MODEL, Some(512))]);
    client().health(&base, None, SOON).await.expect("healthy");
    let messages = question("count to ten").messages;
    let count = client().tokenize(&endpoint(&plain(), MODEL, None), &messages, SOON).await.expect("a count");
    let whole = client().chat(&endpoint(&plain(), MODEL, None), &question("count to ten")).await.expect("an answer");
    assert_eq!((count.count, count.max_model_len), (whole.usage.expect("usage").prompt_tokens, Some(512)));
}
