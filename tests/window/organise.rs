//! Order in the history: projects by dragging and by keys, many conversations at once, conversations out of others.

use capibara6_journeys::{Home, Key, MODEL, Window, until};
use capibara6_testkit::ModelServer;

const ITEM: &str = "[data-testid=\"conversation-item\"]";

async fn conversations(server: &ModelServer, titles: &[&str]) -> Window {
    let window = Window::open(Home::of(server)).await;
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

async fn titles(window: &Window) -> Vec<String> {
    window.read("return [...document.querySelectorAll('.sidebar-title')].map((each) => each.textContent)", &[]).await
}

async fn until_titles(window: &Window, expected: &[&str]) {
    until(&format!("the list is {expected:?}"), async || (titles(window).await == expected).then_some(())).await;
}

async fn make_project(window: &Window, name: &str) {
    window.click("project-add").await;
    window.find("project-name").await;
    window.keys(name).await;
    window.press(Key::Enter).await;
    until("the project is there", async || {
        window
            .read::<bool>(
                "return [...document.querySelectorAll('.projects-name')].some((each) => each.textContent === arguments[0])",
                &[name.into()],
            )
            .await
            .then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_is_dragged_into_a_project_and_stays_there() {
    let server = ModelServer::start(&[MODEL]).await;
    let window = conversations(&server, &["Rivers", "Stones"]).await;
    make_project(&window, "Geography").await;
    window.drag(&format!("{ITEM}:last-child .sidebar-open"), "[data-testid=\"project\"] .projects-open").await;
    until_titles(&window, &["Stones"]).await;
    window.shot("organise-project").await;
    let window = Window::open(window.kill().await).await;
    until_titles(&window, &["Stones"]).await;
    window.click_css("[data-testid=\"project\"] .projects-open").await;
    until_titles(&window, &["Rivers"]).await;
    window.click("scope-back").await;

    // the folder goes, what was in it stays
    window.find_css("[data-testid=\"project\"] .projects-open").await;
    window.script("document.querySelector('[data-testid=\"project\"] .projects-open').focus()", &[]).await;
    window.press(Key::Delete).await;
    until_titles(&window, &["Stones", "Rivers"]).await;
    window.click("undo").await;
    until_titles(&window, &["Stones"]).await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_are_deleted_at_once_and_come_back() {
    let server = ModelServer::start(&[MODEL]).await;
    let window = conversations(&server, &["One", "Two", "Three"]).await;
    window.script("document.querySelector('.sidebar-open').focus()", &[]).await;
    window.chord_key(&[Key::Shift], Key::Down).await;
    window.find("selection-bar").await;
    window.shot("organise-selection").await;
    window.press(Key::Delete).await;
    until_titles(&window, &["One"]).await;
    window.click("undo").await;
    until_titles(&window, &["Three", "Two", "One"]).await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn conversations_become_one_and_a_message_the_beginning_of_another() {
    let server = ModelServer::start(&[MODEL]).await;
    let window = conversations(&server, &["Rivers", "Stones"]).await;
    window.script("document.querySelector('.sidebar-open').focus()", &[]).await;
    window.chord_key(&[Key::Shift], Key::Down).await;
    window.click("selection-merge").await;
    until("both conversations are one", async || (titles(&window).await.len() == 1).then_some(())).await;
    let merged = window.until_messages("all turns are there", |all| all.len() == 4).await;
    assert_eq!(
        merged.iter().map(|message| message.text.as_str()).collect::<Vec<_>>(),
        ["Rivers", "Yes.", "Stones", "Yes."],
        "in the order of time"
    );
    let origins: Vec<String> = window
        .read("return [...document.querySelectorAll('.message-origin')].map((each) => each.innerText.trim())", &[])
        .await;
    assert_eq!(
        origins.iter().map(|each| each.replace(['\u{2068}', '\u{2069}'], "")).collect::<Vec<_>>(),
        ["From “Rivers”", "From “Stones”"]
    );
    window.shot("organise-merged").await;
    window.click("undo").await;
    until_titles(&window, &["Stones", "Rivers"]).await;

    window.click_css(&format!("{ITEM}:last-child .sidebar-open")).await;
    window.until_messages("the conversation is open", |all| all.len() == 2 && all[0].text == "Rivers").await;
    window.click_css("[data-testid=\"message\"][data-role=\"user\"] [data-testid=\"branch\"]").await;
    window.until_messages("only the question is there", |all| all.len() == 1).await;
    until("there is one more", async || (titles(&window).await.len() == 3).then_some(())).await;
    window.close().await;
}
