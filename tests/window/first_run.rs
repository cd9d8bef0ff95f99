//! The first start on a computer without any model server.

use capibara6_journeys::{Home, Window, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_new_user_without_a_server_sees_everything_work() {
    let mut window = Window::open(Home::first_run()).await;
    window.find("onboarding").await;
    window.shot("onboarding").await;
    assert!(!window.shows("[data-testid=\"composer\"]").await, "nothing can be asked before a profile is picked");

    window.click_css(PRACTICE).await;
    window.until_gone("[data-testid=\"onboarding\"]").await;
    window.find("composer").await;
    window.shot("empty").await;
    until("four models are there", async || {
        (window.count("[data-testid=\"health-endpoint\"]").await == 4).then_some(())
    })
    .await;

    window.ask("Write a short function").await;
    let all = window
        .until_messages("an answer", |all| {
            all.last().is_some_and(|last| last.role == "assistant" && last.status == "complete")
        })
        .await;
    let answer = all.last().expect("an answer");
    assert!(!answer.text.is_empty());
    let message = window.text(&format!("[data-id=\"{}\"][data-testid=\"message\"]", answer.id)).await;
    assert!(message.contains("scripted"), "a scripted answer is labelled as such: {message:?}");
    window.shot("practice-answer").await;

    // the choice is kept
    window.reload().await;
    window.find("composer").await;
    let home = window.kill().await;
    let window = Window::open(home).await;
    window.find("composer").await;
    assert!(!window.shows("[data-testid=\"onboarding\"]").await);
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn onboarding_speaks_the_systems_language() {
    let window = Window::open(Home::first_run().with("LANG", "es_ES.UTF-8")).await;
    window.find("onboarding").await;
    window.until_data("[data-testid=\"app\"]", "locale", "es").await;
    let lang = window.script("return document.documentElement.lang", &[]).await;
    assert_eq!(lang, "es");
    window.shot("onboarding-es").await;
    window.close().await;
}

/// What chooses the practice fleet: the option itself or the button in it.
const PRACTICE: &str = "button[data-testid=\"profile-option\"][data-profile=\"practice\"], \
                        [data-testid=\"profile-option\"][data-profile=\"practice\"] button";
