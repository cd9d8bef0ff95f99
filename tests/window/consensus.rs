//! Several models on one question: side by side as they write, the verdict, what a late answer and the reader make of it, and what
//! is there after a restart without any server.

use std::fs;

use capibara6_journeys::{Home, Window, until};
use capibara6_testkit::{Canned, Chat, Fleet};
use serde::Deserialize;

const QUESTION: &str = "How much is 6 * 7? Answer with the number.";
const VERDICT: &str = "[data-testid=\"verdict\"]";
const OVER: &str = "[data-testid=\"consensus\"][data-state=\"ended\"]";

/// A candidate as it is shown.
#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Card {
    model: String,
    status: String,
    text: String,
}

fn card(model: &str, status: &str, text: &str) -> Card {
    Card { model: model.to_owned(), status: status.to_owned(), text: text.to_owned() }
}

const CARDS: &str = r#"
    return [...document.querySelectorAll('[data-testid="candidate"]')].map((card) => ({
        model: card.dataset.model ?? '',
        status: card.dataset.status ?? '',
        text: (card.querySelector('[data-testid="candidate-text"]')?.innerText ?? '').trim(),
    }))
"#;

fn home_of(fleet: &Fleet) -> Home {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let path = folder.path().join("profile.toml");
    fleet.write_profile(&path);
    Home::with_profile(&fs::read_to_string(&path).expect("the profile"))
}

/// A window in which several are asked.
async fn open(home: Home) -> Window {
    let window = Window::open(home).await;
    window.choose("mode-picker", "consensus").await;
    window.until_data("[data-testid=\"mode-picker\"]", "value", "consensus").await;
    window
}

async fn until_cards(window: &Window, expected: &[Card]) {
    until(&format!("the candidates are {expected:?}"), async || {
        (window.read::<Vec<Card>>(CARDS, &[]).await == expected).then_some(())
    })
    .await;
}

/// Waits for a verdict: its agreement and its winner.
async fn until_verdict(window: &Window, agreement: &str, winner: &str) {
    window.until_data(VERDICT, "agreement", agreement).await;
    window.until_data(VERDICT, "winner", winner).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn four_are_asked_at_once_a_dead_one_holds_nobody_up_and_all_of_it_stays() {
    let fleet = Fleet::start().await;
    fleet.server("mixtral").answer(Chat::Canned(Canned::status(500)));
    let window = open(home_of(&fleet)).await;
    window.ask(QUESTION).await;
    let mut reasoner = fleet.server("gpt-oss-20b").next_chat().await;
    let mut coder = fleet.server("qwen2.5-coder:1.5b").next_chat().await;
    let mut brief = fleet.server("phi4:mini").next_chat().await;
    reasoner.send_text("It is ").await;
    coder.send_text("Let me see: ").await;
    brief.send_text("I make ").await;
    until("three write side by side, and the fourth has failed", async || {
        let cards: Vec<Card> = window.read(CARDS, &[]).await;
        let written: Vec<&str> = cards.iter().map(|card| card.text.as_str()).collect();
        let status: Vec<&str> = cards.iter().map(|card| card.status.as_str()).collect();
        (written == ["It is", "Let me see:", "I make", ""]
            && status == ["streaming", "streaming", "streaming", "failed"])
        .then_some(())
    })
    .await;
    assert!(!window.shows("[data-testid=\"message\"] > [data-testid=\"message-text\"].prose").await, "no verdict yet");
    window.shot("consensus-streaming").await;
    for (mut exchange, rest) in [(reasoner, "42."), (coder, "42"), (brief, "it 41.")] {
        exchange.send_text(rest).await;
        exchange.finish("stop").await;
        exchange.done().await;
    }
    until_verdict(&window, "majority", "gpt-oss-20b").await;
    let answer = window.until_last("complete", "It is 42.").await;
    assert_eq!(answer.model, "gpt-oss-20b");
    let words = window.text(VERDICT).await;
    for said in ["Majority: 2 of 3", "weight 1.7 of 2.4", "phi4:mini says 41"] {
        assert!(words.contains(said), "{said}: {words}");
    }
    window.shot("consensus-verdict").await;

    // the reader's own verdict, with the mouse, and back again
    window.click_css("[data-testid=\"candidate\"][data-model=\"phi4:mini\"] [data-testid=\"candidate-open\"]").await;
    window.click("candidate-choose").await;
    until_verdict(&window, "majority", "phi4:mini").await;
    window.until_last("complete", "I make it 41.").await;
    window.click("consensus-undo").await;
    until_verdict(&window, "majority", "gpt-oss-20b").await;
    window.until_last("complete", "It is 42.").await;

    // without any server all of it is there
    let home = window.kill().await;
    drop(fleet);
    let window = Window::open(home).await;
    if !window.shows(OVER).await {
        window.click("conversation-item").await;
    }
    window.find_css(OVER).await;
    until_verdict(&window, "majority", "gpt-oss-20b").await;
    window.until_last("complete", "It is 42.").await;
    window.click("vote-open").await;
    window.find_css("[data-testid=\"vote\"] [data-fact=\"seed\"]").await;
    let vote = window.text("[data-testid=\"vote\"]").await;
    assert!(vote.contains("2.4 of 3"), "{vote}");
    assert_eq!(window.count("[data-testid=\"raw-answer\"]").await, 4);
    window.shot("consensus-offline").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quorum_decides_and_a_late_answer_changes_the_verdict_in_sight() {
    let fleet = Fleet::start().await;
    let window = open(home_of(&fleet)).await;
    window.ask(QUESTION).await;
    fleet.server("phi4:mini").next_chat().await.say_all(&["41"]).await;
    fleet.server("mixtral").next_chat().await.say_all(&["41"]).await;
    fleet.server("qwen2.5-coder:1.5b").next_chat().await.say_all(&["42"]).await;
    until_verdict(&window, "majority", "phi4:mini").await;
    window.until_last("complete", "41").await;
    window.until_data("[data-testid=\"candidate\"][data-model=\"gpt-oss-20b\"]", "status", "late").await;
    window.shot("consensus-quorum").await;
    fleet.server("gpt-oss-20b").next_chat().await.say_all(&["42"]).await;
    window.find_css(OVER).await;
    until_verdict(&window, "majority", "gpt-oss-20b").await;
    window.find_css("[data-testid=\"verdict-note\"][data-note=\"late\"]").await;
    let answer = window.until_last("complete", "42").await;
    assert_eq!(answer.model, "gpt-oss-20b");
    let said = window.text("[data-testid=\"status\"]").await;
    assert!(said.contains("A late answer changed the verdict."), "{said}");
    // the conversation goes on from it
    window.type_into("composer", "And twice that?").await;
    window.click("send").await;
    let mut exchange = fleet.server("phi4:mini").next_chat().await;
    assert_eq!(exchange.request["messages"][1]["content"], "42");
    window.click("stop").await;
    exchange.closed_by_client().await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_others_are_asked_about_one_answer_and_one_is_stopped_alone() {
    let fleet = Fleet::start().await;
    let window = Window::open(home_of(&fleet)).await;
    window.choose("model-picker", "mixtral").await;
    window.ask(QUESTION).await;
    fleet.server("mixtral").next_chat().await.say_all(&["41"]).await;
    window.until_last("complete", "41").await;
    window.click("ask-others").await;
    fleet.server("gpt-oss-20b").next_chat().await.say_all(&["42"]).await;
    let mut stopped = fleet.server("phi4:mini").next_chat().await;
    window.click_css("[data-testid=\"candidate\"][data-model=\"phi4:mini\"] [data-testid=\"candidate-stop\"]").await;
    stopped.closed_by_client().await;
    fleet.server("qwen2.5-coder:1.5b").next_chat().await.say_all(&["42"]).await;
    window.find_css(OVER).await;
    until_verdict(&window, "majority", "gpt-oss-20b").await;
    window.until_last("complete", "42").await;
    until_cards(
        &window,
        &[
            card("gpt-oss-20b", "complete", "42"),
            card("qwen2.5-coder:1.5b", "complete", "42"),
            card("phi4:mini", "stopped", "Stopped by you. It does not vote."),
            card("mixtral", "complete", "41"),
        ],
    )
    .await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_servers_the_practice_fleet_votes_judges_and_writes_one_answer() {
    let window = Window::open(Home::first_run()).await;
    window.click_css("[data-testid=\"profile-option\"][data-profile=\"practice\"]").await;
    window.until_gone("[data-testid=\"onboarding\"]").await;
    window.choose("mode-picker", "consensus").await;
    window.ask(QUESTION).await;
    until_verdict(&window, "majority", "gpt-oss-20b").await;
    window.find_css(OVER).await;
    let words = window.text(VERDICT).await;
    assert!(words.contains("Majority: 3 of 4") && words.contains("says 41"), "{words}");
    for (method, label) in [("judge", "chosen by the judge"), ("synthesis", "written from all answers")] {
        window.choose("plan-picker", "\u{0}set-up").await;
        window.click(&format!("method-{method}")).await;
        window.click("plan-save").await;
        window.until_gone("[data-testid=\"plan\"]").await;
        window.click("regenerate").await;
        window.until_data(VERDICT, "method", method).await;
        window.find_css(OVER).await;
        until(&format!("it is {label}"), async || {
            (window.text("[data-testid=\"chosen-by\"]").await == label).then_some(())
        })
        .await;
        window.click("vote-open").await;
        window.find_css("[data-testid=\"vote\"] [data-fact=\"seed\"]").await;
        window.shot(&format!("consensus-{method}")).await;
        let vote = window.text("[data-testid=\"vote\"]").await;
        assert!(vote.contains("practice"), "what judge or writer said is there: {vote}");
    }
    window.close().await;
}
