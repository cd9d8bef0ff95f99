//! Servers that are down, slow, rude or lying: the window stays quick, the text stays, and what is shown is true.

use std::time::{Duration, Instant};

use capibara6_journeys::{Home, Key, MODEL, TWO_FRAMES, Window, profile_of, until};
use capibara6_testkit::{BlackHole, ModelServer, Producer, RefusedPort, canned};

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_down_says_so_and_keeps_the_question() {
    let port = RefusedPort::reserve();
    let window = Window::open(Home::with_profile(&profile_of(&[(MODEL, &port.url(), "fast")]))).await;
    window.until_data("[data-testid=\"health-endpoint\"][data-endpoint=\"phi4:mini\"]", "state", "down").await;
    window.ask("Is anyone there?").await;
    let all = window.until_messages("the answer failed", |all| all.len() == 2 && all[1].status == "failed").await;
    assert_eq!(all[0].summary(), ("user", "complete", "Is anyone there?"));
    assert_eq!((all[1].error.as_str(), all[1].text.as_str()), ("refused", ""));
    assert!(window.text("[data-testid=\"message-error\"]").await.contains("The server does not accept connections."));
    window.shot("server-down").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_dies_in_mid_stream_leaves_its_text() {
    let server = ModelServer::start(&[MODEL]).await;
    let window = Window::open(Home::of(&server)).await;
    window.ask("Tell me").await;
    let mut exchange = server.next_chat().await;
    exchange.send_text("So far so good").await;
    window.until_last("streaming", "So far so good").await;
    exchange.close_abruptly().await;
    let answer = window.until_last("failed", "So far so good").await;
    assert_eq!(answer.error, "truncated");
    // it can be asked for again
    window.click("regenerate").await;
    server.next_chat().await.say_all(&["All of it."]).await;
    window.until_last("complete", "All of it.").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_every_server_a_black_hole_the_window_is_as_quick_as_ever() {
    let mut holes = Vec::new();
    for _ in 0..4 {
        holes.push(BlackHole::unanswered().await);
    }
    let urls: Vec<String> = holes.iter().map(BlackHole::url).collect();
    let tiers = ["fast", "code", "complex", "creative"];
    let ids = ["one", "two", "three", "four"];
    let models: Vec<_> = (0..4).map(|index| (ids[index], urls[index].as_str(), tiers[index])).collect();
    let profile = format!("{}\n[network]\nconnect_timeout_s = 2\n", profile_of(&models));
    let window = Window::open(Home::with_profile(&profile)).await;

    // keys, palette and settings answer while the probes hang; measured in the page, from the key to the next frame
    window.script_async(TWO_FRAMES, &[]).await;
    window.script(QUICKNESS, &[]).await;
    let begun = Instant::now();
    window.type_into("composer", "quick brown fox").await;
    window.chord(&[Key::Control], 'k').await;
    window.find("palette").await;
    window.press(Key::Escape).await;
    window.until_gone("[data-testid=\"palette\"]").await;
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    let quickness: Vec<f64> = until("fifteen keys were painted", async || {
        Some(window.read::<Vec<f64>>("return window.quickness", &[]).await).filter(|took| took.len() >= 15)
    })
    .await;
    // far below the time that any of the probes takes, also on a machine that is busy with other things
    assert!(quickness.iter().all(|ms| *ms < 1000.0), "milliseconds from key to paint: {quickness:?}");

    window.click("send").await;
    let all = window.until_messages("the answer failed", |all| all.len() == 2 && all[1].status == "failed").await;
    assert_eq!(all[1].error, "timeout-connect");
    window.shot("black-holes").await;
    window.close().await;
}

/// Notes for each key in the composer how long it took until a frame was painted after it.
const QUICKNESS: &str = r#"
    const took = [];
    Object.defineProperty(window, 'quickness', { value: took });
    addEventListener('keydown', () => {
        const at = performance.now();
        requestAnimationFrame(() => setTimeout(() => took.push(performance.now() - at)));
    }, true);
"#;

#[tokio::test(flavor = "multi_thread")]
async fn when_the_chosen_model_is_down_another_answers_and_the_window_says_so() {
    let server = ModelServer::start(&["backup"]).await;
    let dead = RefusedPort::reserve();
    let profile = profile_of(&[(MODEL, &dead.url(), "fast"), ("backup", &server.url(), "complex")]);
    let window = Window::open(Home::with_profile(&profile)).await;
    window.ask("Hello").await;
    let exchange = server.next_chat().await;
    assert_eq!(exchange.request["model"], "backup");
    exchange.say_all(&["I stand in."]).await;
    let answer = window.until_last("complete", "I stand in.").await;
    assert_eq!(answer.model, "backup");
    let reason = window.text("[data-testid=\"routing-reason\"]").await;
    assert!(reason.contains("instead of phi4:mini"), "{reason:?}");
    window.shot("fallback").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_asked_for_is_entered_kept_in_the_keyring_and_sent() {
    let server = ModelServer::start(&[MODEL]).await;
    server.require_key("sk-journey-0123456789abcdef");
    let window = Window::open(Home::of(&server)).await;
    window.ask("Hello").await;
    let all = window.until_messages("the answer failed", |all| all.len() == 2 && all[1].status == "failed").await;
    assert_eq!(all[1].error, "unauthorised");
    window.shot("unauthorised").await;

    window.open_settings("Keys").await;
    window.type_key("phi4:mini", "sk-journey-0123456789abcdef").await;
    window.shot("settings-keys").await;
    window.close_settings().await;
    window.click("regenerate").await;
    let exchange = server.next_chat().await;
    assert_eq!(exchange.header("authorization"), Some("Bearer sk-journey-0123456789abcdef"));
    exchange.say_all(&["Welcome."]).await;
    window.until_last("complete", "Welcome.").await;

    // it is in the keyring, not in a file and not in the page
    let home = window.kill().await;
    assert!(!home.holds("sk-journey-0123456789abcdef"), "the key is in a file of the data directory");
    let window = Window::open(home).await;
    window.ask("Again").await;
    let exchange = server.next_chat().await;
    assert_eq!(exchange.header("authorization"), Some("Bearer sk-journey-0123456789abcdef"));
    exchange.say_all(&["Welcome back."]).await;
    window.until_last("complete", "Welcome back.").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_asks_for_a_pause_is_given_one() {
    let server = ModelServer::start(&[MODEL]).await;
    let window = Window::open(Home::of(&server)).await;
    window.ask("Hello").await;
    let asked = Instant::now();
    server.next_chat().await.respond_status(429, &[("retry-after", "1")], r#"{"error":{"message":"slow down"}}"#).await;
    // before the first word a retry is allowed: not earlier than the server said
    let exchange = server.next_chat().await;
    assert!(asked.elapsed() >= Duration::from_secs(1), "asked again after {:?}", asked.elapsed());
    exchange.say_all(&["Now."]).await;
    window.until_last("complete", "Now.").await;

    // a pause nobody would wait for is shown instead
    window.ask("And now?").await;
    server
        .next_chat()
        .await
        .respond_status(429, &[("retry-after", "3600")], r#"{"error":{"message":"tomorrow"}}"#)
        .await;
    let all =
        window.until_messages("the answer failed", |all| all.last().is_some_and(|last| last.status == "failed")).await;
    assert_eq!(all.last().map(|last| last.error.as_str()), Some("rate-limited"));
    let error = window.text("[data-testid=\"message-error\"]").await;
    assert!(error.contains("Try again in"), "{error:?}");
    window.shot("rate-limited").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canned_answer_is_never_shown_as_a_models_words() {
    let server = ModelServer::start(&[MODEL]).await;
    let window = Window::open(Home::of(&server)).await;
    // the integrated server with its model unreachable: invented text with status 200
    window.ask("Hola").await;
    server.next_chat().await.respond(&canned::integrated_simulation("Hola")).await;
    let all = window.until_messages("the answer failed", |all| all.len() == 2 && all[1].status == "failed").await;
    assert_eq!((all[1].error.as_str(), all[1].text.as_str()), ("simulated", ""));
    // another producer, the same text piece by piece
    window.ask("¿Hola?").await;
    let pieces = ["Simulación de ", "respuesta para: ", "'¿Hola?'"];
    server.next_chat().await.speak(Producer::ContentDone, &pieces).await;
    let all = window.until_messages("the answer failed", |all| all.len() == 4 && all[3].status == "failed").await;
    assert_eq!((all[3].error.as_str(), all[3].text.as_str()), ("simulated", ""));
    window.shot("simulated").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_state_of_the_servers_is_followed() {
    let left = ModelServer::start(&["left"]).await;
    let right = ModelServer::start(&["right"]).await;
    let profile = profile_of(&[("left", &left.url(), "fast"), ("right", &right.url(), "code")]);
    let window = Window::open(Home::with_profile(&profile)).await;
    let state = |model: &str| format!("[data-testid=\"health-endpoint\"][data-endpoint=\"{model}\"]");
    window.until_data(&state("left"), "state", "up").await;
    window.until_data(&state("right"), "state", "up").await;
    // they are asked again at once where somebody wants to know, and by themselves in their own time
    window.click("health").await;
    right.go_down().await;
    window.click("health-refresh").await;
    window.until_data(&state("right"), "state", "down").await;
    window.until_data(&state("left"), "state", "up").await;
    right.come_back().await;
    window.click("health-refresh").await;
    window.until_data(&state("right"), "state", "up").await;
    assert_eq!((left.chat_count(), right.chat_count()), (0, 0), "a probe is never a chat");
    window.close().await;
}
