//! Language and colours.

use capibara6_journeys::{Home, Key, MODEL, Window, until};
use capibara6_testkit::ModelServer;

/// Names of the regions and buttons as they are now.
const WORDS: &str = r#"
    return [...document.querySelectorAll('button, [aria-label], h1, h2, label')]
        .map((element) => (element.getAttribute('aria-label') ?? element.innerText).trim()).filter(Boolean).join('\n');
"#;

#[tokio::test(flavor = "multi_thread")]
async fn the_language_changes_at_once_and_back() {
    let server = ModelServer::start(&[MODEL]).await;
    let mut window = Window::open(Home::of(&server)).await;
    window.until_data("[data-testid=\"app\"]", "locale", "en").await;
    window.open_settings("Language").await;
    window.choose("locale-picker", "es").await;
    window.until_data("[data-testid=\"app\"]", "locale", "es").await;
    until("the words are Spanish", async || {
        let words = window.read::<String>(WORDS, &[]).await;
        (words.contains("Ajustes") && !words.contains("Settings")).then_some(())
    })
    .await;
    window.shot("settings-es").await;
    window.reload().await;
    window.until_data("[data-testid=\"app\"]", "locale", "es").await;

    window.open_settings("Idioma").await;
    window.choose("locale-picker", "en").await;
    window.until_data("[data-testid=\"app\"]", "locale", "en").await;
    window.press(Key::Escape).await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_colours_change_at_once_and_are_kept() {
    let server = ModelServer::start(&[MODEL]).await;
    let mut window = Window::open(Home::of(&server)).await;
    let paper = "return getComputedStyle(document.body).backgroundColor";
    window.open_settings("Appearance").await;
    for (theme, colour) in [("dark", "rgb(24, 23, 20)"), ("light", "rgb(250, 248, 244)"), ("dark", "rgb(24, 23, 20)")] {
        window.choose("theme-picker", theme).await;
        window.until_data("[data-testid=\"app\"]", "theme", theme).await;
        until(&format!("the paper is {colour}"), async || (window.script(paper, &[]).await == colour).then_some(()))
            .await;
    }
    window.shot("settings-dark").await;
    window.ask_to_close().await;
    let window = Window::open(window.ended().await).await;
    window.until_data("[data-testid=\"app\"]", "theme", "dark").await;
    window.close().await;
}
