//! Four real servers, as the profile that ships names them: asked together, and what comes of it. The last one has random
//! weights, so that it never says what the others say.

use std::collections::BTreeSet;

use capibara6_journeys::{Home, Window, profile_of};
use capibara6_llm::{ChatMessage, ChatRequest, ChatRole, Client, Endpoint, HttpOptions, Timeouts, http_client};
use serde_json::{Value, json};
use url::Url;

use crate::peer;

/// Names and addresses of the four.
fn fleet() -> Vec<(String, String)> {
    let four: Vec<(String, String)> = peer("CAPIBARA6_PEER_FLEET")
        .split(' ')
        .map(|each| each.split_once('=').expect("name=address"))
        .map(|(name, address)| (name.to_owned(), address.to_owned()))
        .collect();
    assert_eq!(four.len(), 4, "four servers");
    four
}

/// The profile of the four, greedy, with the weights of the one that ships. The first one may write more: it judges.
fn profile() -> String {
    let four = fleet();
    let tiers = ["complex", "code", "fast", "creative"];
    let models: Vec<(&str, &str, &str)> =
        four.iter().zip(tiers).map(|((name, address), tier)| (name.as_str(), address.as_str(), tier)).collect();
    let mut profile = String::new();
    let mut weights = ["0.9", "0.8", "0.7", "0.6"].into_iter();
    for line in profile_of(&models).lines() {
        match line.strip_prefix("weight = ") {
            Some(_) => {
                let weight = weights.next().expect("four models");
                let most = if weight == "0.9" { 1_900 } else { 64 };
                profile.push_str(&format!("weight = {weight}\ntemperature = 0\nmax_tokens = {most}\ncontext = 4096\n"));
            }
            None => {
                profile.push_str(line);
                profile.push('\n');
            }
        }
    }
    profile
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs real servers: make test-peers"]
async fn three_real_models_outvote_one_that_babbles() {
    let window = Window::open(Home::with_profile(&profile())).await;
    for (name, _) in fleet() {
        window.until_data(&format!("[data-testid=\"health-endpoint\"][data-endpoint=\"{name}\"]"), "state", "up").await;
    }
    window.choose("mode-picker", "consensus").await;
    // The tiny models know the question alone, not the wish for a last line.
    window.choose("plan-picker", "\u{0}set-up").await;
    window.choose("plan-form", "free").await;
    window.click("plan-save").await;
    window.until_gone("[data-testid=\"plan\"]").await;
    window.ask("count to ten").await;
    window.until_data("[data-testid=\"verdict\"]", "agreement", "majority").await;
    window.until_data("[data-testid=\"verdict\"]", "winner", "gpt-oss-20b").await;
    for (name, _) in fleet() {
        let candidate = format!("[data-testid=\"candidate\"][data-model=\"{name}\"]");
        window.until_data(&candidate, "status", "complete").await;
    }
    let all = window
        .until_messages("the chosen answer is shown", |all| all.last().is_some_and(|last| last.text.contains("ten")))
        .await;
    assert_eq!(all.last().map(|last| last.status.as_str()), Some("complete"));
    window.shot("peer-consensus").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs real servers: make test-peers"]
async fn a_real_judge_is_asked_in_both_orders_and_keeps_the_form() {
    let window = Window::open(Home::with_profile(&profile())).await;
    for (name, _) in fleet() {
        window.until_data(&format!("[data-testid=\"health-endpoint\"][data-endpoint=\"{name}\"]"), "state", "up").await;
    }
    window.choose("mode-picker", "consensus").await;
    window.choose("plan-picker", "\u{0}set-up").await;
    window.click("method-judge").await;
    window.choose("plan-form", "free").await;
    // below what the footer covers
    window.script("document.querySelector('#plan-quorum').scrollIntoView({ block: 'center' })", &[]).await;
    window.retype("#plan-quorum", "4").await;
    window.click("plan-save").await;
    window.until_gone("[data-testid=\"plan\"]").await;
    window.ask("count to ten").await;
    window.find_css("[data-testid=\"consensus\"][data-state=\"ended\"]").await;
    // The first one is the heaviest and judges what the others say, not its own. What it thinks of it is its own affair (the
    // tiny model knows nothing, and in a form that leaves white space free it may write nothing else until its last token), but
    // it is asked in both orders, and each time a whole judgement comes of it.
    window.click("vote-open").await;
    window.find_css("[data-testid=\"vote\"] [data-fact=\"seed\"]").await;
    assert_eq!(window.count("[data-testid=\"asked\"][data-purpose=\"judge\"]").await, 2);
    let replies = "return [...document.querySelectorAll('[data-testid=\"asked\"]')].map((each) => \
        [...each.querySelectorAll('pre')].at(-1)?.textContent ?? '')";
    let replies: Vec<String> = window.read(replies, &[]).await;
    let judgements =
        replies.iter().map(|reply| serde_json::from_str(reply).expect("a judgement")).collect::<Vec<Value>>();
    for judgement in &judgements {
        let members: BTreeSet<&str> = judgement.as_object().expect("an object").keys().map(String::as_str).collect();
        assert_eq!(members, BTreeSet::from(["choice", "reason"]), "{judgement}");
        let choice = judgement["choice"].as_str().expect("a choice");
        assert!(choice == "none" || choice.chars().count() == 1, "a label: {judgement}");
    }
    let note = window.text("[data-testid=\"verdict-note\"][data-note=\"judge\"]").await;
    let said = ["same result in both orders", "its choice changed with the order", "found no answer better"];
    assert!(said.iter().any(|words| note.contains(words)), "{note} {replies:?}");
    let vote = window.text("[data-testid=\"vote\"]").await;
    assert!(vote.contains("because they are its own: gpt-oss-20b"), "{vote}");
    let figures =
        "return [...document.querySelectorAll('[data-testid=\"candidate-figures\"]')].map((each) => each.innerText)";
    let figures: Vec<String> = window.read(figures, &[]).await;
    assert!(figures.iter().all(|line| line.contains("tok/s")), "{figures:?}");
    window.shot("peer-judge").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs real servers: make test-peers"]
async fn real_members_that_close_without_their_line_are_asked_for_it() {
    let window = Window::open(Home::with_profile(&profile())).await;
    for (name, _) in fleet() {
        window.until_data(&format!("[data-testid=\"health-endpoint\"][data-endpoint=\"{name}\"]"), "state", "up").await;
    }
    window.choose("mode-picker", "consensus").await;
    window.ask("count to ten").await;
    window.find_css("[data-testid=\"consensus\"][data-state=\"ended\"]").await;
    window.click("vote-open").await;
    window.find_css("[data-testid=\"vote\"] [data-fact=\"seed\"]").await;
    // Whether tiny models that know five sentences keep a form is their own affair; that all four were asked, and that nobody
    // waits any more, is ours.
    let states = "return [...document.querySelectorAll('[data-testid=\"line\"]')].map((each) => each.dataset.state)";
    let states: Vec<String> = window.read(states, &[]).await;
    assert_eq!(states.len(), 4, "{states:?}");
    assert!(states.iter().all(|state| ["said", "none", "silent"].contains(&state.as_str())), "{states:?}");
    window.shot("peer-line").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs real servers: make test-peers"]
async fn a_reply_keeps_the_schema_that_a_judge_is_asked_with() {
    let (name, address) = fleet().swap_remove(2);
    let http = http_client(&HttpOptions::default()).expect("a client");
    let endpoint = Endpoint {
        base: Url::parse(&address).expect("an address"),
        model: name,
        key: None,
        timeouts: Timeouts::default(),
    };
    // The tiny model knows no JSON: what is well-formed is the server's doing.
    let schema = json!({
        "type": "object",
        "properties": { "choice": { "type": "string", "enum": ["F", "H", "none"] } },
        "required": ["choice"],
        "additionalProperties": false,
    });
    let request = ChatRequest {
        messages: vec![ChatMessage { role: ChatRole::User, content: "Which one?".to_owned() }],
        temperature: Some(0.0),
        max_tokens: Some(300),
        schema: Some(schema),
        ..ChatRequest::default()
    };
    let reply = Client::new(http).chat(&endpoint, &request).await.expect("a reply");
    let reply: Value = serde_json::from_str(&reply.content).expect("JSON");
    let choice = reply["choice"].as_str().expect("a choice");
    assert!(["F", "H", "none"].contains(&choice), "{reply}");
}
