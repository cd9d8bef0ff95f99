//! Keys alone, and input methods: nothing is sent while characters are being composed.

use capibara6_journeys::{Home, Key, MODEL, SETTINGS, Window, until};
use capibara6_testkit::ModelServer;
use serde_json::json;

/// Plays what an engine sends while an input method composes text in the focused field and Enter accepts it.
/// `arguments[0]` is the order: `webkit` fires the Enter after `compositionend` (as keyCode 229, or as a plain 13 in the
/// same task), `blink` before it.
const COMPOSE: &str = r#"
    const field = document.activeElement;
    const key = (type, init) => {
        const event = new KeyboardEvent(type, { bubbles: true, cancelable: true, composed: true, key: 'Enter', code: 'Enter', ...init });
        if (event.keyCode !== init.keyCode) Object.defineProperty(event, 'keyCode', { value: init.keyCode });
        return field.dispatchEvent(event);
    };
    const composition = (type, data) => field.dispatchEvent(new CompositionEvent(type, { bubbles: true, composed: true, data }));
    const write = (text) => {
        const set = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value').set;
        set.call(field, field.value + text);
        field.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true, inputType: 'insertCompositionText', data: text }));
    };
    key('keydown', { key: 'n', code: 'KeyN', keyCode: 229 });
    composition('compositionstart', '');
    composition('compositionupdate', '你');
    write('你好');
    if (arguments[0] === 'blink') {
        key('keydown', { keyCode: 229, isComposing: true });
        composition('compositionend', '你好');
    } else if (arguments[0] === 'webkit') {
        composition('compositionend', '你好');
        key('keydown', { keyCode: 229 });
    } else {
        composition('compositionend', '你好');
        key('keydown', { keyCode: 13 });
    }
    key('keyup', { keyCode: 13 });
    return field.value;
"#;

#[tokio::test(flavor = "multi_thread")]
async fn enter_that_accepts_a_composition_never_sends() {
    let server = ModelServer::start(&[MODEL]).await;
    let window = Window::open(Home::of(&server)).await;
    window.click("composer").await;
    for (round, order) in ["blink", "webkit", "webkit-plain"].into_iter().enumerate() {
        let value = window.script(COMPOSE, &[order.into()]).await;
        assert_eq!(value, json!("你好".repeat(round + 1)), "{order}");
        assert_eq!(window.messages().await, [], "{order}: nothing was sent");
    }
    assert_eq!(server.chat_count(), 0);
    // an Enter of its own sends
    window.press(Key::Enter).await;
    let exchange = server.next_chat().await;
    assert_eq!(exchange.request["messages"][0]["content"], "你好你好你好");
    exchange.say_all(&["好"]).await;
    window.until_last("complete", "好").await;

    // the same in the field that edits a question
    let question = window.messages().await[0].id.clone();
    window.click_css(&format!("[data-id=\"{question}\"] [data-testid=\"edit\"]")).await;
    window.find_css(&format!("[data-id=\"{question}\"] textarea")).await.click().await.expect("the field is focused");
    for order in ["blink", "webkit", "webkit-plain"] {
        window.script(COMPOSE, &[order.into()]).await;
    }
    assert!(window.shows(&format!("[data-id=\"{question}\"] textarea")).await, "still being edited");
    assert_eq!(server.chat_count(), 1);
    window.press(Key::Escape).await;
    window.until_gone(&format!("[data-id=\"{question}\"] textarea")).await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_usual_works_with_keys_alone() {
    let server = ModelServer::start(&[MODEL]).await;
    let window = Window::open(Home::of(&server)).await;
    let focused = "return document.activeElement?.closest('[data-testid]')?.dataset.testid ?? null";

    // a new conversation puts the focus where one writes
    window.chord(&[Key::Control], 'n').await;
    until("the composer has the focus", async || (window.script(focused, &[]).await == "composer").then_some(())).await;
    window.keys("By hand").await;
    window.chord_key(&[Key::Shift], Key::Enter).await;
    window.keys("two lines").await;
    assert_eq!(window.draft().await, "By hand\ntwo lines", "Shift+Enter starts a new line");
    window.press(Key::Enter).await;
    let exchange = server.next_chat().await;
    assert_eq!(exchange.request["messages"][0]["content"], "By hand\ntwo lines");
    exchange.say_all(&["Well typed."]).await;
    window.until_last("complete", "Well typed.").await;

    // ↑ in an empty composer edits the last question, Esc leaves it
    window.press(Key::Up).await;
    window.find_css("[data-testid=\"message\"][data-role=\"user\"] textarea").await;
    window.press(Key::Escape).await;
    window.until_gone("[data-testid=\"message\"][data-role=\"user\"] textarea").await;

    // the palette is over everything and closes with Esc
    window.chord(&[Key::Control], 'k').await;
    window.find("palette").await;
    window.shot("palette").await;
    window.keys("dark").await;
    window.press(Key::Enter).await;
    window.until_data("[data-testid=\"app\"]", "theme", "dark").await;
    window.until_gone("[data-testid=\"palette\"]").await;

    window.chord(&[Key::Control], ',').await;
    window.find_css(SETTINGS).await;
    window.close_settings().await;

    // F6 goes from region to region and comes round
    let region = "const at = document.activeElement?.closest('nav, main, aside, header, footer, [role=\"navigation\"], [role=\"main\"], \
        [role=\"complementary\"], [role=\"region\"]'); return at ? (at.getAttribute('aria-label') ?? at.tagName) : null";
    let mut seen = Vec::new();
    for _ in 0..4 {
        window.press(Key::F6).await;
        seen.push(window.script(region, &[]).await);
    }
    let mut different = seen.clone();
    different.dedup();
    assert!(different.len() >= 2, "F6 went to {seen:?}");

    // the sheet of shortcuts
    window.chord(&[Key::Control], '/').await;
    window.named("Close").await;
    window.shot("shortcuts").await;
    window.press(Key::Escape).await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shortcut_works_once_whether_the_menu_or_the_page_has_it() {
    // the display's own keyboard: its keys pass the native menu, which has the same shortcuts as the page
    const CONTROL: u32 = 0xffe3;
    let server = ModelServer::start(&[MODEL]).await;
    let window = Window::open(Home::of(&server)).await;
    for _ in 0..2 {
        window.strike(&[CONTROL, u32::from('k')]).await;
        window.find("palette").await;
        window.strike(&[CONTROL, u32::from('k')]).await;
        window.until_gone("[data-testid=\"palette\"]").await;
    }
    window.strike(&[CONTROL, u32::from(',')]).await;
    window.find_css(SETTINGS).await;
    window.close_settings().await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_control_can_be_reached_with_tab() {
    let server = ModelServer::start(&[MODEL]).await;
    let window = Window::open(Home::of(&server)).await;
    window.ask("Hello").await;
    server.next_chat().await.say_all(&["Hi."]).await;
    window.until_last("complete", "Hi.").await;
    window.click("composer").await;
    let mut reached = std::collections::BTreeSet::new();
    for _ in 0..60 {
        window.press(Key::Tab).await;
        let at =
            window.script("return document.activeElement?.closest('[data-testid]')?.dataset.testid ?? null", &[]).await;
        if let Some(testid) = at.as_str() {
            reached.insert(testid.to_owned());
        }
    }
    let wanted = ["composer", "new-chat", "model-picker", "mode-picker", "regenerate", "copy", "edit"];
    let missing: Vec<_> = wanted.into_iter().filter(|id| !reached.contains(*id)).collect();
    assert!(missing.is_empty(), "Tab does not reach {missing:?}, only {reached:?}");
    window.close().await;
}
