//! axe over every view, light and dark: nothing serious or critical. And what people with a screen reader hear.

use std::{fs, path::Path};

use capibara6_journeys::{Home, Key, MODEL, Window, until};
use capibara6_testkit::ModelServer;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct Finding {
    id: String,
    impact: String,
    help: String,
    targets: Vec<String>,
}

/// Runs axe in the page. Its source is handed to the engine by the driver, so the page's policy stays as it is.
async fn findings(window: &Window) -> Vec<Finding> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/node_modules/axe-core/axe.min.js");
    let axe =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}; npm --prefix ui ci", path.display()));
    // inside a function so that nothing is declared twice
    window.script(&format!("if (!window.axe) {{ {axe}\n}}"), &[]).await;
    let found = window
        .script_async(
            "const done = arguments[arguments.length - 1]; \
             axe.run(document, { resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }) \
                .then((results) => done(results.violations.map((v) => ({ \
                    id: v.id, impact: v.impact ?? '', help: v.help, \
                    targets: v.nodes.map((n) => `${n.target.join(' ')} ${n.failureSummary ?? ''}`) })))) \
                .catch((error) => done([{ id: 'axe', impact: 'critical', help: String(error), targets: [] }]));",
            &[],
        )
        .await;
    serde_json::from_value(found).expect("findings")
}

async fn nothing_serious(window: &Window, view: &str) {
    // colours move for a moment when the theme changes
    window
        .until_script("no transition runs", "return document.getAnimations().every((a) => a.playState !== 'running')")
        .await;
    let serious: Vec<Finding> = findings(window)
        .await
        .into_iter()
        .filter(|finding| ["serious", "critical"].contains(&finding.impact.as_str()))
        .collect();
    for finding in &serious {
        eprintln!("{view}: {} ({}): {}\n  {}", finding.id, finding.impact, finding.help, finding.targets.join("\n  "));
    }
    assert!(serious.is_empty(), "{view}: {:?}", serious.iter().map(|finding| &finding.id).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_serious_in_the_first_run() {
    let window = Window::open(Home::first_run()).await;
    window.find("onboarding").await;
    nothing_serious(&window, "onboarding").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_serious_in_any_view_light_and_dark() {
    let server = ModelServer::start(&[MODEL]).await;
    let window = Window::open(Home::of(&server)).await;
    nothing_serious(&window, "empty conversation").await;
    window.ask("Show me everything").await;
    let mut exchange = server.next_chat().await;
    exchange.send_reasoning("Let me think.").await;
    exchange.send_text("# Title\n\nText with `code`, a [link](https://example.org) and\n\n- [x] a task\n\n").await;
    exchange.send_text("| a | b |\n|---|---|\n| 1 | 2 |\n\n```rust\nfn main() { let x = \"text\"; }\n```\n\n$a^2$ ![image](http://127.0.0.1:9/x.png)\n").await;
    nothing_serious(&window, "streaming").await;
    exchange.finish("stop").await;
    exchange.usage(5, 5).await;
    exchange.done().await;
    window.until_messages("complete", |all| all.last().is_some_and(|last| last.status == "complete")).await;
    window.ask("And an error").await;
    server.next_chat().await.respond_status(400, &[], r#"{"error":{"message":"no"}}"#).await;
    window.until_messages("failed", |all| all.last().is_some_and(|last| last.status == "failed")).await;

    for theme in ["light", "dark"] {
        window.open_settings("Appearance").await;
        window.choose("theme-picker", theme).await;
        window.until_data("[data-testid=\"app\"]", "theme", theme).await;
        let sections: Vec<String> = window.read(SECTIONS, &[]).await;
        assert!(sections.len() > 5, "{sections:?}");
        for section in sections {
            window.open_settings(&section).await;
            nothing_serious(&window, &format!("settings, {section}, {theme}")).await;
            window.shot(&format!("settings-{}-{theme}", section.to_lowercase().replace(' ', "-"))).await;
        }
        window.close_settings().await;
        nothing_serious(&window, &format!("conversation, {theme}")).await;
        window.shot(&format!("conversation-{theme}")).await;
        window.chord(&[Key::Control], 'k').await;
        window.find("palette").await;
        nothing_serious(&window, &format!("palette, {theme}")).await;
        window.shot(&format!("palette-{theme}")).await;
        window.press(Key::Escape).await;
        window.until_gone("[data-testid=\"palette\"]").await;
        window.chord(&[Key::Control], '/').await;
        window.named("Close").await;
        nothing_serious(&window, &format!("shortcuts, {theme}")).await;
        window.press(Key::Escape).await;
        window.click("account").await;
        window.find_css(".sign-in").await;
        nothing_serious(&window, &format!("signing in, {theme}")).await;
        window.press(Key::Escape).await;
        window.until_gone(".sign-in").await;
    }
    window.close().await;
}

/// The names of the settings' sections.
const SECTIONS: &str = r#"
    return [...document.querySelectorAll('dialog [data-testid="settings"] nav button')].map((button) => button.innerText.trim());
"#;

/// Notes every change of the polite and assertive regions, in order.
const LISTEN: &str = r#"
    const heard = [];
    Object.defineProperty(window, 'heard', { value: heard });
    for (const region of document.querySelectorAll('[aria-live]:not([aria-live="off"]), [role="status"], [role="alert"], [role="log"]')) {
        new MutationObserver(() => { const text = region.textContent.trim(); if (text) heard.push(text); })
            .observe(region, { childList: true, characterData: true, subtree: true });
    }
    return document.querySelector('[data-testid="message-text"]')?.closest('[aria-live]:not([aria-live="off"]), [role="log"]') === null;
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_screen_reader_hears_the_start_and_the_whole_answer_but_no_tokens() {
    let server = ModelServer::start(&[MODEL]).await;
    let window = Window::open(Home::of(&server)).await;
    window.script(LISTEN, &[]).await;
    window.ask("Speak").await;
    let mut exchange = server.next_chat().await;
    for word in 0..40 {
        exchange.send_text(&format!("word{word} ")).await;
    }
    window
        .until_messages("the words are there", |all| all.last().is_some_and(|last| last.text.ends_with("word39")))
        .await;
    exchange.finish("stop").await;
    exchange.done().await;
    window.until_messages("complete", |all| all.last().is_some_and(|last| last.status == "complete")).await;
    until("the end is announced", async || {
        let heard: Vec<String> = window.read("return window.heard", &[]).await;
        heard.last().is_some_and(|last| last.contains("word0") && last.contains("word39")).then_some(())
    })
    .await;
    let heard: Vec<String> = window.read("return window.heard", &[]).await;
    assert!(heard.len() <= 4, "announced {} times: {heard:?}", heard.len());
    window.close().await;
}
