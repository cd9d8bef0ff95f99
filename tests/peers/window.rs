//! The real window and the real server.

use capibara6_journeys::{Home, MODEL, Window, profile_of};

use crate::{generated, key, keyed, plain, until_idle};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs real servers: make test-peers"]
async fn a_real_answer_is_painted_and_measured() {
    let profile = format!("{}temperature = 0\n", profile_of(&[(MODEL, &plain(), "fast")]));
    let window = Window::open(Home::with_profile(&profile)).await;
    window.until_data("[data-testid=\"health-endpoint\"]", "state", "up").await;
    window.ask("count to ten").await;
    let all = window
        .until_messages("the answer is complete", |all| all.last().is_some_and(|last| last.status == "complete"))
        .await;
    assert!(all[1].text.contains("ten"), "{:?}", all[1].text);
    for measured in ["ttft-ms", "tokens", "tokens-per-second"] {
        let value = window.data("[data-testid=\"metrics\"]", measured).await.unwrap_or_default();
        assert!(value.parse::<f64>().is_ok_and(|number| number > 0.0), "data-{measured}={value:?}");
    }
    // the tiny model knows its phrases only as first questions
    window.click("new-chat").await;
    window.until_messages("an empty conversation", <[_]>::is_empty).await;
    window.ask("show me code").await;
    window.until_messages("code", |all| all.len() == 2 && all[1].status == "complete").await;
    window.find_css("[data-testid=\"message-text\"] pre code").await;
    window.shot("peer-vllm").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs real servers: make test-peers"]
async fn a_key_is_asked_for_entered_and_then_the_stream_is_stopped() {
    let base = keyed();
    // greedy, it babbles on until its context of 512 tokens is full
    let profile = format!("{}temperature = 0\n", profile_of(&[(MODEL, &base, "fast")]));
    let window = Window::open(Home::with_profile(&profile)).await;
    window.ask("hello").await;
    let all = window.until_messages("refused", |all| all.last().is_some_and(|last| last.status == "failed")).await;
    assert_eq!(all[1].error, "unauthorised");
    window.open_settings("Keys").await;
    window.type_key(MODEL, &key()).await;
    window.close_settings().await;

    let before = generated(&base).await;
    window.click("regenerate").await;
    window
        .until_messages("words arrive", |all| {
            all.last().is_some_and(|last| last.status == "streaming" && !last.text.is_empty())
        })
        .await;
    window.click("stop").await;
    window.until_messages("stopped", |all| all.last().is_some_and(|last| last.status == "stopped")).await;
    until_idle(&base).await;
    let written = generated(&base).await - before;
    assert!(written < 500.0, "the server wrote {written} tokens");
    window.close().await;
}
