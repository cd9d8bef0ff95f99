//! Asking, watching the answer arrive, stopping it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use capibara6_journeys::{Home, Key, MODEL, Window, until};
use capibara6_testkit::ModelServer;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_painted_piece_by_piece_and_measured() {
    let server = ModelServer::start(&[MODEL]).await;
    let window = Window::open(Home::of(&server)).await;

    window.ask("Hello").await;
    let mut exchange = server.next_chat().await;
    assert_eq!(exchange.request["model"], "phi4:mini");
    assert_eq!(exchange.request["messages"], json!([{ "role": "user", "content": "Hello" }]));
    assert_eq!(exchange.request["stream"], true);
    let begun = window.until_messages("question and answer stand there", |all| all.len() == 2).await;
    assert_eq!(begun[0].summary(), ("user", "complete", "Hello"));
    assert_eq!((begun[1].role.as_str(), begun[1].status.as_str()), ("assistant", "streaming"));
    assert_eq!(window.draft().await, "", "the question has left the composer");

    exchange.send_text("A capybara ").await;
    window.until_last("streaming", "A capybara").await;
    exchange.send_text("eats ").await;
    window.until_last("streaming", "A capybara eats").await;
    window.shot("chat-streaming").await;
    exchange.send_text("grass.").await;
    window.until_last("streaming", "A capybara eats grass.").await;

    exchange.finish("stop").await;
    exchange.usage(12, 7).await;
    exchange.done().await;
    let answer = window.until_last("complete", "A capybara eats grass.").await;
    assert_eq!((answer.model.as_str(), answer.id == begun[1].id), ("phi4:mini", true));

    let message = format!("[data-testid=\"message\"][data-id=\"{}\"]", answer.id);
    let metrics = format!("{message} [data-testid=\"metrics\"]");
    window.until_data(&metrics, "tokens", "7").await;
    for measured in ["ttft-ms", "tokens-per-second"] {
        let value = window.data(&metrics, measured).await.unwrap_or_default();
        assert!(value.parse::<f64>().is_ok_and(|number| number > 0.0), "data-{measured}={value:?}");
    }
    let reason = format!("{message} [data-testid=\"routing-reason\"]");
    assert_eq!(window.data(&reason, "tier").await.as_deref(), Some("fast"));
    assert_eq!(window.data(&reason, "rule").await.as_deref(), Some("short-question"));
    window.until_gone("[data-testid=\"stop\"]").await;
    window.shot("chat-complete").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_branch_is_sent_with_the_next_question() {
    let server = ModelServer::start(&[MODEL]).await;
    let window = Window::open(Home::of(&server)).await;
    window.ask("One").await;
    server.next_chat().await.say_all(&["First."]).await;
    window.until_last("complete", "First.").await;
    window.type_into("composer", "Two").await;
    window.press(Key::Enter).await;
    let exchange = server.next_chat().await;
    assert_eq!(
        exchange.request["messages"],
        json!([
            { "role": "user", "content": "One" },
            { "role": "assistant", "content": "First." },
            { "role": "user", "content": "Two" },
        ])
    );
    exchange.say_all(&["Second."]).await;
    window.until_last("complete", "Second.").await;
    let all = window.messages().await;
    assert_eq!(
        all.iter().map(|message| message.summary()).collect::<Vec<_>>(),
        [
            ("user", "complete", "One"),
            ("assistant", "complete", "First."),
            ("user", "complete", "Two"),
            ("assistant", "complete", "Second."),
        ]
    );
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stop_closes_the_socket_at_once_and_keeps_the_text() {
    let server = ModelServer::start(&[MODEL]).await;
    let window = Window::open(Home::of(&server)).await;
    window.ask("Tell me a long story").await;
    let mut exchange = server.next_chat().await;
    exchange.send_text("Once upon a time").await;
    window.until_last("streaming", "Once upon a time").await;

    // both clocks are this machine's: the page notes when the click reached it, the server when the socket closed
    window
        .script(
            "addEventListener('click', () => { Object.defineProperty(window, 'clickedAt', { value: Date.now() }) }, { capture: true, once: true })",
            &[],
        )
        .await;
    let closed = tokio::spawn(async move {
        exchange.closed_by_client().await;
        SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970")
    });
    window.click("stop").await;
    let closed = closed.await.expect("the server notices");
    let clicked = Duration::from_millis(window.read::<u64>("return window.clickedAt", &[]).await);
    let took = closed.saturating_sub(clicked);
    assert!(took <= Duration::from_millis(200), "the server noticed {took:?} after the click");

    window.until_last("stopped", "Once upon a time").await;
    window.shot("chat-stopped").await;
    // a stopped answer is part of what the next question builds on
    window.ask("Go on").await;
    let exchange = server.next_chat().await;
    assert_eq!(exchange.request["messages"][1], json!({ "role": "assistant", "content": "Once upon a time" }));
    exchange.say_all(&["there was a river."]).await;
    window.until_last("complete", "there was a river.").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn escape_stops_before_the_first_word() {
    let server = ModelServer::start(&[MODEL]).await;
    let window = Window::open(Home::of(&server)).await;
    window.ask("Anything").await;
    let mut exchange = server.next_chat().await;
    window.find("stop").await;
    window.press(Key::Escape).await;
    exchange.closed_by_client().await;
    window.until_last("stopped", "").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_conversations_stream_side_by_side_without_mixing() {
    let server = ModelServer::start(&[MODEL]).await;
    let window = Window::open(Home::of(&server)).await;
    window.ask("First question").await;
    let mut first = server.next_chat().await;
    first.send_text("alpha").await;
    window.until_last("streaming", "alpha").await;

    window.click("new-chat").await;
    window.until_messages("the new conversation is empty", <[_]>::is_empty).await;
    window.ask("Second question").await;
    let mut second = server.next_chat().await;
    first.send_text(" beta").await;
    second.send_text("one").await;
    window.until_last("streaming", "one").await;
    first.send_text(" gamma").await;
    first.finish("stop").await;
    first.done().await;
    second.send_text(" two").await;
    second.finish("stop").await;
    second.done().await;
    window.until_last("complete", "one two").await;

    until("both conversations are listed", async || {
        (window.count("[data-testid=\"conversation-item\"]").await == 2).then_some(())
    })
    .await;
    window.click_css("[data-testid=\"conversation-item\"]:not([data-active=\"true\"])").await;
    window.until_last("complete", "alpha beta gamma").await;
    window.close().await;
}
