//! The list of conversations: new titles, pins, deletion with a way back.

use capibara6_journeys::{Home, Key, MODEL, Window, until};
use capibara6_testkit::ModelServer;

/// Asks one question per title, each in a conversation of its own.
async fn conversations(server: &ModelServer, home: Home, titles: &[&str]) -> Window {
    let window = Window::open(home).await;
    for title in titles {
        window.click("new-chat").await;
        window.until_messages("an empty conversation", <[_]>::is_empty).await;
        window.ask(title).await;
        server.next_chat().await.say_all(&["Yes."]).await;
        window.until_last("complete", "Yes.").await;
    }
    until_titles(&window, &titles.iter().rev().copied().collect::<Vec<_>>()).await;
    window
}

async fn until_titles(window: &Window, expected: &[&str]) {
    until(&format!("the list is {expected:?}"), async || (titles(window).await == expected).then_some(())).await;
}

async fn titles(window: &Window) -> Vec<String> {
    window
        .read(
            "return [...document.querySelectorAll('[data-testid=\"conversation-item\"]')].map((item) => \
                (item.querySelector('[data-title]') ?? item).innerText.trim().split('\\n')[0])",
            &[],
        )
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_title_is_changed_and_the_change_is_kept() {
    let server = ModelServer::start(&[MODEL]).await;
    let window = conversations(&server, Home::of(&server), &["About rivers", "About stones"]).await;
    window.item_action("About rivers", "Change the title").await;
    window.script("document.activeElement.select()", &[]).await;
    window.keys("Rivers of the south").await;
    window.press(Key::Enter).await;
    until_titles(&window, &["About stones", "Rivers of the south"]).await;
    let home = window.kill().await;
    let window = Window::open(home).await;
    until_titles(&window, &["About stones", "Rivers of the south"]).await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pinned_conversation_stays_on_top() {
    let server = ModelServer::start(&[MODEL]).await;
    let window = conversations(&server, Home::of(&server), &["First", "Second", "Third"]).await;
    window.item_action("First", "Pin to the top").await;
    until_titles(&window, &["First", "Third", "Second"]).await;
    window.shot("sidebar-pinned").await;
    window.item_action("First", "Unpin").await;
    until_titles(&window, &["Third", "Second", "First"]).await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_conversation_comes_back_with_undo() {
    let server = ModelServer::start(&[MODEL]).await;
    let window = conversations(&server, Home::of(&server), &["Keep", "Lose"]).await;
    window.item_action("Lose", "Delete").await;
    until_titles(&window, &["Keep"]).await;
    window.shot("sidebar-undo").await;
    window.click_named("Undo").await;
    until_titles(&window, &["Lose", "Keep"]).await;
    window.item_action("Lose", "Delete").await;
    until_titles(&window, &["Keep"]).await;
    let home = window.kill().await;
    let window = Window::open(home).await;
    until_titles(&window, &["Keep"]).await;
    window.close().await;
}
