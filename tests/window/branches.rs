//! Answering again, asking in other words, stepping between versions: nothing is overwritten.

use capibara6_journeys::{Home, MODEL, Shown, Window};
use capibara6_testkit::ModelServer;
use serde_json::json;

fn texts(all: &[Shown]) -> Vec<&str> {
    all.iter().map(|message| message.text.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn regenerating_keeps_the_earlier_answer_one_step_away() {
    let server = ModelServer::start(&[MODEL]).await;
    let mut window = Window::open(Home::of(&server)).await;
    window.ask("Name a river").await;
    server.next_chat().await.say_all(&["The Amazon."]).await;
    let first = window.until_last("complete", "The Amazon.").await;

    window.click_css(&format!("[data-id=\"{}\"] [data-testid=\"regenerate\"]", first.id)).await;
    let exchange = server.next_chat().await;
    assert_eq!(exchange.request["messages"], json!([{ "role": "user", "content": "Name a river" }]));
    exchange.say_all(&["The Orinoco."]).await;
    let second = window.until_last("complete", "The Orinoco.").await;
    assert_ne!(first.id, second.id);
    window.shot("branch-versions").await;

    window.click("branch-prev").await;
    window.until_last("complete", "The Amazon.").await;
    window.click("branch-next").await;
    window.until_last("complete", "The Orinoco.").await;
    window.click("branch-prev").await;
    window.until_last("complete", "The Amazon.").await;

    // the version that was looked at last is the one that is continued, also after the page was loaded anew
    window.reload().await;
    let all = window.until_messages("the conversation is shown again", |all| all.len() == 2).await;
    assert_eq!(texts(&all), ["Name a river", "The Amazon."]);
    window.ask("Where is it?").await;
    let exchange = server.next_chat().await;
    assert_eq!(exchange.request["messages"][1]["content"], "The Amazon.");
    exchange.say_all(&["In the south."]).await;
    window.until_last("complete", "In the south.").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn editing_a_question_branches_and_loses_nothing() {
    let server = ModelServer::start(&[MODEL]).await;
    let window = Window::open(Home::of(&server)).await;
    window.ask("Ask A").await;
    server.next_chat().await.say_all(&["Answer A."]).await;
    window.until_last("complete", "Answer A.").await;
    window.ask("Follow-up").await;
    server.next_chat().await.say_all(&["More."]).await;
    let all = window.until_messages("four messages", |all| all.len() == 4 && all[3].status == "complete").await;

    window.click_css(&format!("[data-id=\"{}\"] [data-testid=\"edit\"]", all[0].id)).await;
    window.shot("branch-editing").await;
    window.retype("[data-testid=\"edit-text\"]", "Ask B").await;
    window.click("edit-save").await;
    let exchange = server.next_chat().await;
    assert_eq!(exchange.request["messages"], json!([{ "role": "user", "content": "Ask B" }]));
    exchange.say_all(&["Answer B."]).await;
    let branched = window.until_messages("the new branch", |all| texts(all) == ["Ask B", "Answer B."]).await;
    assert_ne!(branched[0].id, all[0].id);

    window.click("branch-prev").await;
    let back =
        window.until_messages("the old branch", |all| texts(all) == ["Ask A", "Answer A.", "Follow-up", "More."]).await;
    assert_eq!(back, all);
    window.close().await;
}
