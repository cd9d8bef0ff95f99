//! The main job with keys alone in a narrow window, where the list is a drawer: no step of it needs a pointer or room.

use capibara6_journeys::{Home, Key, SETTINGS, Window, profile_of, until};
use capibara6_testkit::ModelServer;
use serde_json::json;

const WIDTH: u32 = 480;
/// The list while it is a drawer that nobody has opened.
const SHUT: &str = ".shell:has([data-region=\"sidebar\"][inert])";
const FOCUSED: &str = "return document.activeElement?.closest('[data-testid]')?.dataset.testid ?? null";

/// Goes on with Tab until the focus is there.
async fn tab_to(window: &Window, testid: &str) {
    for _ in 0..40 {
        if window.script(FOCUSED, &[]).await == testid {
            return;
        }
        window.press(Key::Tab).await;
    }
    panic!("Tab does not reach {testid}");
}

async fn until_focused(window: &Window, testid: &str) {
    until(&format!("{testid} has the focus"), async || (window.script(FOCUSED, &[]).await == testid).then_some(()))
        .await;
}

/// How much wider than the window the page is, and whether what has the focus is seen.
const MISPLACED: &str = r"
    const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    const { left, right, top, bottom } = document.activeElement.getBoundingClientRect();
    const seen = left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight;
    return { wide, seen };
";

#[tokio::test(flavor = "multi_thread")]
async fn the_main_job_is_done_with_keys_alone_in_a_narrow_window() {
    let server = ModelServer::start(&["first", "second"]).await;
    let profile = profile_of(&[("first", &server.url(), "fast"), ("second", &server.url(), "complex")]);
    let window = Window::open(Home::with_profile(&profile)).await;
    window.resize(WIDTH, 800).await;
    window.find_css(SHUT).await;

    // The drawer takes the focus, and the button in it begins a conversation.
    window.chord(&[Key::Control], 'b').await;
    until_focused(&window, "search").await;
    window.shot("narrow-drawer").await;
    assert_eq!(window.script(MISPLACED, &[]).await, json!({ "wide": 0, "seen": true }));
    tab_to(&window, "new-chat").await;
    window.press(Key::Enter).await;
    until_focused(&window, "composer").await;

    // Who answers.
    tab_to(&window, "model-picker").await;
    assert_eq!(window.script(MISPLACED, &[]).await, json!({ "wide": 0, "seen": true }));
    window.keys("second").await;
    window.press(Key::Enter).await;
    window.until_data("[data-testid=\"model-picker\"]", "value", "second").await;
    window.shot("narrow-model").await;
    window.chord_key(&[Key::Shift], Key::Tab).await;
    window.chord_key(&[Key::Shift], Key::Tab).await;
    until_focused(&window, "composer").await;

    // Asked, and stopped in the middle.
    window.keys("What is a river?").await;
    window.press(Key::Enter).await;
    let mut exchange = server.next_chat().await;
    assert_eq!(exchange.request["model"], "second");
    exchange.send_text("Water that").await;
    window.until_last("streaming", "Water that").await;
    window.press(Key::Escape).await;
    window.until_last("stopped", "Water that").await;
    drop(exchange);

    // Once more, from the answer's own buttons.
    window.chord_key(&[Key::Shift], Key::Tab).await;
    let mut backwards = 0;
    while window.script(FOCUSED, &[]).await != "regenerate" {
        window.chord_key(&[Key::Shift], Key::Tab).await;
        backwards += 1;
        assert!(backwards < 30, "Shift+Tab does not reach regenerate");
    }
    assert_eq!(window.script(MISPLACED, &[]).await, json!({ "wide": 0, "seen": true }));
    window.press(Key::Enter).await;
    server.next_chat().await.say_all(&["Water that flows to the sea."]).await;
    window.until_last("complete", "Water that flows to the sea.").await;
    window.shot("narrow-answer").await;

    // The answer is copied.
    let copies = "[data-testid=\"message\"][data-role=\"assistant\"] [data-testid=\"copy\"]";
    window.script(&format!("document.querySelector('{}').focus()", copies.replace('"', "\\\"")), &[]).await;
    window.press(Key::Enter).await;
    window.named("Copied").await;

    // Found again from another conversation.
    window.chord(&[Key::Control], 'n').await;
    window.until_messages("an empty conversation", <[_]>::is_empty).await;
    window.chord(&[Key::Control], 'f').await;
    until_focused(&window, "search").await;
    window.keys("flows to the").await;
    window.find("search-result").await;
    window.shot("narrow-search").await;
    window.press(Key::Down).await;
    window.press(Key::Enter).await;
    window.until_last("complete", "Water that flows to the sea.").await;
    window.find_css(SHUT).await;
    window.shot("narrow-hit").await;

    // The settings, and away with the keys that every desktop has for it.
    window.chord(&[Key::Control], ',').await;
    window.find_css(SETTINGS).await;
    window.shot("narrow-settings").await;
    assert_eq!(window.script(MISPLACED, &[]).await, json!({ "wide": 0, "seen": true }));
    window.close_settings().await;
    window.close().await;
}
