//! Several models on one question: side by side as they write, the verdict, what a late answer and the reader make of it, and what
//! is there after a restart without any server.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use capibara6_journeys::{Home, Key, Window, program, until};
use capibara6_testkit::{Canned, Chat, Fleet};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpSocket;

const QUESTION: &str = "How much is 6 * 7? Answer with the number.";
/// Answers as members are asked to close them.
const SIX_TIMES_SEVEN: &str = "Final answer: 42";
const OFF_BY_ONE: &str = "Final answer: 41";
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
    Home::with_profile(&fleet.profile_text())
}

/// Runs the program on the command line.
fn run(home: &Home, arguments: &[&str]) {
    let mut command = Command::new(program());
    command.args(arguments).env("CAPIBARA6_HOME", home.data()).env("LANG", "en_US.UTF-8");
    let output = command.output().expect("the program runs");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Everything in a home as one file of JSON.
fn exported(home: &Home, folder: &Path) -> PathBuf {
    run(home, &["export", "--format", "json", "--out", &folder.display().to_string()]);
    fs::read_dir(folder).expect("the folder").flatten().next().expect("a file").path()
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
    for (mut exchange, rest) in
        [(reasoner, "42.\n\nFinal answer: 42"), (coder, "\n\nFinal answer: 42"), (brief, "it 41.\n\nFinal answer: 41")]
    {
        exchange.send_text(rest).await;
        exchange.finish("stop").await;
        exchange.done().await;
    }
    until_verdict(&window, "majority", "gpt-oss-20b").await;
    let answer = window.until_last("complete", "It is 42.\nFinal answer: 42").await;
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
    window.until_last("complete", "I make it 41.\nFinal answer: 41").await;
    let note = window.text("[data-testid=\"verdict-note\"][data-note=\"user\"]").await;
    assert!(note.contains("You chose this answer. The method had chosen gpt-oss-20b."), "{note}");
    window.click("consensus-undo").await;
    until_verdict(&window, "majority", "gpt-oss-20b").await;
    window.until_data(VERDICT, "by", "method").await;
    window.until_last("complete", "It is 42.\nFinal answer: 42").await;
    // taken again, and given back once more
    window.click("consensus-redo").await;
    window.until_data(VERDICT, "by", "user").await;
    window.until_last("complete", "I make it 41.\nFinal answer: 41").await;
    window.click("consensus-undo").await;
    window.until_data(VERDICT, "by", "method").await;
    window.until_last("complete", "It is 42.\nFinal answer: 42").await;

    // without any server all of it is there
    let home = window.kill().await;
    drop(fleet);
    let window = Window::open(home).await;
    if !window.shows(OVER).await {
        window.click("conversation-item").await;
    }
    window.find_css(OVER).await;
    until_verdict(&window, "majority", "gpt-oss-20b").await;
    window.until_last("complete", "It is 42.\nFinal answer: 42").await;
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
    fleet.server("phi4:mini").next_chat().await.say_all(&[OFF_BY_ONE]).await;
    fleet.server("mixtral").next_chat().await.say_all(&[OFF_BY_ONE]).await;
    fleet.server("qwen2.5-coder:1.5b").next_chat().await.say_all(&[SIX_TIMES_SEVEN]).await;
    until_verdict(&window, "majority", "phi4:mini").await;
    window.until_last("complete", OFF_BY_ONE).await;
    window.until_data("[data-testid=\"candidate\"][data-model=\"gpt-oss-20b\"]", "status", "late").await;
    window.shot("consensus-quorum").await;
    fleet.server("gpt-oss-20b").next_chat().await.say_all(&[SIX_TIMES_SEVEN]).await;
    window.find_css(OVER).await;
    until_verdict(&window, "majority", "gpt-oss-20b").await;
    window.find_css("[data-testid=\"verdict-note\"][data-note=\"late\"]").await;
    let answer = window.until_last("complete", SIX_TIMES_SEVEN).await;
    assert_eq!(answer.model, "gpt-oss-20b");
    let said = window.text("[data-testid=\"status\"]").await;
    assert!(said.contains("A late answer changed the verdict."), "{said}");
    // the conversation goes on from it
    window.type_into("composer", "And twice that?").await;
    window.click("send").await;
    let mut exchange = fleet.server("phi4:mini").next_chat().await;
    let before = exchange.request["messages"].as_array().expect("messages").iter().rev().nth(1).cloned();
    assert_eq!(before, Some(json!({ "role": "assistant", "content": SIX_TIMES_SEVEN })));
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
    fleet.server("mixtral").next_chat().await.say_all(&["I make it 41."]).await;
    window.until_last("complete", "I make it 41.").await;
    window.click("ask-others").await;
    // It was never told to close with a line, and is asked for it now.
    let named = fleet.server("mixtral").next_chat().await;
    assert_eq!(named.request["messages"][1], json!({ "role": "assistant", "content": "I make it 41." }));
    window.find_css("[data-testid=\"candidate\"][data-model=\"mixtral\"][data-naming]").await;
    named.complete(&json!({ "answer": "41" }).to_string(), 9, 5).await;
    fleet.server("gpt-oss-20b").next_chat().await.say_all(&[SIX_TIMES_SEVEN]).await;
    let mut stopped = fleet.server("phi4:mini").next_chat().await;
    window.click_css("[data-testid=\"candidate\"][data-model=\"phi4:mini\"] [data-testid=\"candidate-stop\"]").await;
    stopped.closed_by_client().await;
    fleet.server("qwen2.5-coder:1.5b").next_chat().await.say_all(&[SIX_TIMES_SEVEN]).await;
    window.find_css(OVER).await;
    until_verdict(&window, "majority", "gpt-oss-20b").await;
    window.until_last("complete", SIX_TIMES_SEVEN).await;
    until_cards(
        &window,
        &[
            card("gpt-oss-20b", "complete", SIX_TIMES_SEVEN),
            card("qwen2.5-coder:1.5b", "complete", SIX_TIMES_SEVEN),
            card("phi4:mini", "stopped", "Stopped by you. It does not vote."),
            card("mixtral", "complete", "I make it 41."),
        ],
    )
    .await;
    window.click("vote-open").await;
    window.find_css("[data-testid=\"line\"][data-slot=\"3\"][data-state=\"said\"]").await;
    let said = window.text("[data-testid=\"line\"]").await;
    assert!(said.starts_with("says") && said.contains("41"), "{said}");
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

const FIGURES: &str = "return [...document.querySelectorAll('[data-testid=\"candidate\"]')].map((card) => \
    card.querySelector('[data-testid=\"candidate-figures\"]')?.innerText ?? '')";

#[tokio::test(flavor = "multi_thread")]
async fn each_shows_how_fast_it_is_while_it_writes_and_a_deadline_decides_without_the_slow_ones() {
    let fleet = Fleet::start().await;
    let window = open(home_of(&fleet)).await;
    window.choose("plan-picker", "\u{0}set-up").await;
    // below what the footer covers
    window.find_css("#plan-deadline").await;
    window.script("document.querySelector('#plan-deadline').scrollIntoView({ block: 'center' })", &[]).await;
    window.retype("#plan-quorum", "4").await;
    window.retype("#plan-deadline", "6").await;
    window.click("plan-save").await;
    window.until_gone("[data-testid=\"plan\"]").await;
    window.ask(QUESTION).await;
    let mut reasoner = fleet.server("gpt-oss-20b").next_chat().await;
    let mut coder = fleet.server("qwen2.5-coder:1.5b").next_chat().await;
    let figures = async || window.read::<Vec<String>>(FIGURES, &[]).await;
    until("the weights alone are there: nothing was measured yet", async || {
        (figures().await == ["0.9", "0.8", "0.7", "0.6"]).then_some(())
    })
    .await;
    reasoner.send_text("It").await;
    coder.send_text("Let").await;
    until("the time to the first word is there, and no speed of one token", async || {
        let all = figures().await;
        let timed = |line: &str| line.contains(" · ") && !line.contains("tok/s");
        (timed(&all[0]) && timed(&all[1]) && all[2..] == ["0.7", "0.6"]).then_some(())
    })
    .await;
    until("the speed is there while it writes", async || {
        reasoner.send_text(" so").await;
        figures().await[0].contains("tok/s").then_some(())
    })
    .await;
    window.until_data("[data-testid=\"candidate\"][data-model=\"gpt-oss-20b\"]", "status", "streaming").await;
    window.shot("consensus-figures").await;
    for model in ["phi4:mini", "mixtral"] {
        fleet.server(model).next_chat().await.say_all(&[SIX_TIMES_SEVEN]).await;
    }
    // Two of four wanted: nothing is decided before the deadline, and then it is.
    until_verdict(&window, "unanimous", "phi4:mini").await;
    window.find_css("[data-testid=\"verdict-note\"][data-note=\"deadline\"]").await;
    window.find_css("[data-testid=\"verdict-note\"][data-note=\"quorum\"]").await;
    for model in ["gpt-oss-20b", "qwen2.5-coder:1.5b"] {
        window.until_data(&format!("[data-testid=\"candidate\"][data-model=\"{model}\"]"), "status", "late").await;
    }
    assert!(figures().await[0].contains("tok/s"), "what was measured stays");
    window.click_css("[data-testid=\"candidate\"][data-model=\"gpt-oss-20b\"] [data-testid=\"candidate-stop\"]").await;
    reasoner.closed_by_client().await;
    window
        .click_css("[data-testid=\"candidate\"][data-model=\"qwen2.5-coder:1.5b\"] [data-testid=\"candidate-stop\"]")
        .await;
    coder.closed_by_client().await;
    window.find_css(OVER).await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fleets_service_decides_where_it_answers_and_its_failures_are_failures() {
    let fleet = Fleet::start().await;
    // The service lives beside a model here; only what it answers tells what it is.
    let service = fleet.server("mixtral");
    let address = service.url().trim_end_matches("/v1").to_owned();
    let profile = fleet.profile_text();
    let window = open(Home::with_profile(&format!("{profile}\n[services]\nconsensus = \"{address}\"\n"))).await;
    let answer = json!({
        "response": "6 * 7 is 42.", "model_used": "gpt-oss-20b", "duration": 0.9, "tokens_generated": 5,
        "tokens_evaluated": 9, "consensus": true, "consensus_method": "weighted", "models_queried": 4,
        "successful_models": 3, "total_weight": 2.4, "selected_weight": 0.9
    });
    service.route("POST /api/consensus/query", Canned::json(&answer));
    window.choose("plan-picker", "\u{0}set-up").await;
    window.click("method-server").await;
    window.click("plan-save").await;
    window.until_gone("[data-testid=\"plan\"]").await;
    window.ask(QUESTION).await;
    // It gives one answer and compares none: nobody agrees with anybody.
    until_verdict(&window, "none", "gpt-oss-20b").await;
    window.until_data(VERDICT, "method", "server").await;
    window.find_css(OVER).await;
    let answer = window.until_last("complete", "6 * 7 is 42.").await;
    assert_eq!(answer.model, "gpt-oss-20b");
    assert_eq!(window.text("[data-testid=\"chosen-by\"]").await, "chosen by the fleet\u{2019}s consensus service");
    window.click("vote-open").await;
    let vote = window.text("[data-testid=\"vote\"]").await;
    assert!(vote.contains("the heaviest of 3 that answered it. It does not compare answers."), "{vote}");
    window.shot("consensus-server").await;
    let asked = service.requests().into_iter().rfind(|request| request.line().contains("/api/consensus/query"));
    let asked = asked.expect("it was asked").json();
    assert_eq!((asked["prompt"].as_str(), asked["models"].as_array().map(Vec::len)), (Some(QUESTION), Some(4)));

    // Its failures: HTTP 200 that says `error`, being overloaded, and being switched off.
    let nobody = json!({
        "error": "Todos los modelos fallaron", "consensus": false,
        "failed_models": [{ "model_id": "phi4", "error": "Error HTTP 404", "success": false }]
    });
    let said = |code: &str| {
        let catalogue = include_str!("../../ui/locales/en/errors.ftl");
        let line = catalogue.lines().find_map(|line| line.strip_prefix(&format!("error-{code} = ")));
        line.unwrap_or_else(|| panic!("{code} has words")).to_owned()
    };
    let cases =
        [("server", Some(Canned::json(&nobody))), ("overloaded", Some(Canned::status(503))), ("bad-request", None)];
    for (code, canned) in cases {
        match canned {
            Some(canned) => service.route("POST /api/consensus/query", canned),
            None => service.unroute("POST /api/consensus/query"),
        }
        window.click("regenerate").await;
        until(&format!("the service's answer is {code}"), async || {
            let cards: Vec<Card> = window.read(CARDS, &[]).await;
            let [card] = cards.as_slice() else { return None };
            (card.status == "failed" && card.text.starts_with(&said(code))).then_some(())
        })
        .await;
        window.until_data(VERDICT, "agreement", "none").await;
        let last = window.messages().await.into_iter().next_back().expect("a message");
        assert_eq!((last.status.as_str(), last.text.as_str()), ("failed", ""), "its words are nobody's answer");
    }
    window.shot("consensus-server-failed").await;
    window.close().await;

    // A fleet that has no such service is not offered it.
    let window = open(Home::with_profile(&profile)).await;
    window.choose("plan-picker", "\u{0}set-up").await;
    window.find("method-medoid").await;
    assert!(!window.shows("[data-testid=\"method-server\"]").await);
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn plans_have_names_and_learned_weights_count_only_where_a_plan_says_so() {
    let fleet = Fleet::start().await;
    let window = open(home_of(&fleet)).await;
    let answer = async |words: [&str; 4]| {
        for (model, words) in ["gpt-oss-20b", "qwen2.5-coder:1.5b", "phi4:mini", "mixtral"].into_iter().zip(words) {
            fleet.server(model).next_chat().await.say_all(&[words]).await;
        }
        window.find_css(OVER).await;
    };
    let card = |model: &str| format!("[data-testid=\"candidate\"][data-model=\"{model}\"]");
    // As delivered: the weights of the profile, and nothing is learned.
    window.ask(QUESTION).await;
    answer([SIX_TIMES_SEVEN, SIX_TIMES_SEVEN, OFF_BY_ONE, OFF_BY_ONE]).await;
    until_verdict(&window, "majority", "gpt-oss-20b").await;
    window.until_data(&card("phi4:mini"), "weight", "0.7").await;
    window.click_css(&format!("{} [data-testid=\"candidate-open\"]", card("phi4:mini"))).await;
    window.click("candidate-choose").await;
    window.until_data(VERDICT, "by", "user").await;
    // The verdict is counted, shown, and can be edited.
    window.open_settings("Consensus").await;
    let learned = "[data-testid=\"learned\"][data-class=\"number\"]";
    window.find_css(learned).await;
    assert!(window.text(learned).await.contains("one verdict of yours"));
    window.retype(&format!("{learned} [data-testid=\"learned-weight\"][data-model=\"mixtral\"] input"), "5").await;
    window.press(Key::Enter).await;
    window.until_data("[data-testid=\"learned-weight\"][data-model=\"mixtral\"]", "edited", "true").await;
    window.close_settings().await;
    // Off by default: the next run weighs as before.
    window.click("regenerate").await;
    window.until_data(&card("mixtral"), "weight", "0.6").await;
    answer([SIX_TIMES_SEVEN, SIX_TIMES_SEVEN, OFF_BY_ONE, OFF_BY_ONE]).await;
    until_verdict(&window, "majority", "gpt-oss-20b").await;
    // A plan with a name that says so.
    window.choose("plan-picker", "\u{0}set-up").await;
    window.retype("#plan-name", "By experience").await;
    window.choose("plan-weights", "learned").await;
    window.click("plan-save").await;
    window.until_gone("[data-testid=\"plan\"]").await;
    window.until_data("[data-testid=\"plan-picker\"]", "value", "By experience").await;
    window.click("regenerate").await;
    window.until_data(&card("mixtral"), "weight", "5").await;
    answer([SIX_TIMES_SEVEN, SIX_TIMES_SEVEN, SIX_TIMES_SEVEN, OFF_BY_ONE]).await;
    until_verdict(&window, "majority", "mixtral").await;
    window.shot("consensus-learned").await;
    // It is there after a restart, and deleted when it is not wanted any more.
    let home = window.kill().await;
    let window = Window::open(home).await;
    window.choose("mode-picker", "consensus").await;
    window.until_data("[data-testid=\"plan-picker\"]", "value", "By experience").await;
    window.choose("plan-picker", "\u{0}set-up").await;
    window.find_css("[data-testid=\"plan-preset\"][data-name=\"By experience\"][data-active=\"true\"]").await;
    window.click("plan-delete").await;
    window.until_gone("[data-testid=\"plan-preset\"]").await;
    window.press(Key::Escape).await;
    window.until_data("[data-testid=\"plan-picker\"]", "value", "").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_end_of_the_program_cut_off_is_called_interrupted_and_its_words_are_kept() {
    let fleet = Fleet::start().await;
    let window = open(home_of(&fleet)).await;
    window.ask("Where do capybaras rest?").await;
    let mut writing = Vec::new();
    for model in ["gpt-oss-20b", "qwen2.5-coder:1.5b", "phi4:mini", "mixtral"] {
        let mut exchange = fleet.server(model).next_chat().await;
        exchange.send_text("At the shore").await;
        writing.push(exchange);
    }
    until("all four write", async || {
        let cards: Vec<Card> = window.read(CARDS, &[]).await;
        (cards.len() == 4 && cards.iter().all(|card| card.text == "At the shore")).then_some(())
    })
    .await;
    let home = window.kill().await;
    drop(writing);
    let window = Window::open(home).await;
    window.find_css(OVER).await;
    let words = "Interrupted: the program closed while it was being written. It does not vote.";
    let models = ["gpt-oss-20b", "qwen2.5-coder:1.5b", "phi4:mini", "mixtral"];
    until_cards(&window, &models.map(|model| card(model, "failed", words))).await;
    // Nobody was chosen, so there is no answer in sight that could go on: asking again is the way.
    window.find("regenerate").await;
    assert!(!window.shows("[data-testid=\"continue\"]").await);
    window.click_css("[data-testid=\"candidate\"][data-model=\"mixtral\"] [data-testid=\"candidate-open\"]").await;
    until("its words are there", async || {
        (window.text("[data-testid=\"candidate-whole-text\"]").await == "At the shore").then_some(())
    })
    .await;
    window.click("vote-open").await;
    window.find_css("[data-testid=\"vote\"] [data-fact=\"seed\"]").await;
    let vote = window.text("[data-testid=\"vote\"]").await;
    assert!(vote.contains("\n0 of 3 of the weight answered."), "{vote}");
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_model_is_asked_several_times_and_agrees_with_itself_or_not() {
    let fleet = Fleet::start().await;
    let window = open(home_of(&fleet)).await;
    window.choose("plan-picker", "\u{0}set-up").await;
    window.click("method-self-consistency").await;
    // below what the footer covers
    window.script("document.querySelector('#plan-samples').scrollIntoView({ block: 'center' })", &[]).await;
    window.retype("#plan-samples", "3").await;
    window.click("plan-save").await;
    window.until_gone("[data-testid=\"plan\"]").await;
    window.ask(QUESTION).await;
    let server = fleet.server("gpt-oss-20b");
    let mut seeds = Vec::new();
    for answer in [SIX_TIMES_SEVEN, OFF_BY_ONE, SIX_TIMES_SEVEN] {
        let exchange = server.next_chat().await;
        seeds.push(exchange.request["seed"].as_i64().expect("a seed"));
        exchange.say_all(&[answer]).await;
    }
    seeds.sort_unstable();
    seeds.dedup();
    assert_eq!(seeds.len(), 3, "each is drawn on its own: {seeds:?}");
    window.find_css(OVER).await;
    until_verdict(&window, "majority", "gpt-oss-20b").await;
    window.until_data(VERDICT, "method", "self-consistency").await;
    window.until_last("complete", SIX_TIMES_SEVEN).await;
    // Which of the three was answered first is the network's affair; that there are three is not.
    let sorted = async |window: &Window| {
        let mut cards: Vec<Card> = window.read(CARDS, &[]).await;
        cards.sort_by(|one, other| one.text.cmp(&other.text));
        cards
    };
    let expected = [OFF_BY_ONE, SIX_TIMES_SEVEN, SIX_TIMES_SEVEN].map(|text| card("gpt-oss-20b", "complete", text));
    assert_eq!(sorted(&window).await, expected);
    for model in ["qwen2.5-coder:1.5b", "phi4:mini", "mixtral"] {
        assert_eq!(fleet.server(model).chat_count(), 0, "{model} is not asked");
    }
    window.shot("consensus-self-consistency").await;
    // Each has a branch of its own, on disk.
    let home = window.kill().await;
    drop(fleet);
    let window = Window::open(home).await;
    if !window.shows(OVER).await {
        window.click("conversation-item").await;
    }
    window.find_css(OVER).await;
    assert_eq!(sorted(&window).await, expected);
    until_verdict(&window, "majority", "gpt-oss-20b").await;
    window.until_last("complete", SIX_TIMES_SEVEN).await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_imported_is_replayed_where_there_never_was_a_server() {
    let fleet = Fleet::start().await;
    let profile = fleet.profile_text();
    let window = open(Home::with_profile(&profile)).await;
    window.ask(QUESTION).await;
    let answers = [
        ("gpt-oss-20b", SIX_TIMES_SEVEN),
        ("qwen2.5-coder:1.5b", SIX_TIMES_SEVEN),
        ("phi4:mini", OFF_BY_ONE),
        ("mixtral", SIX_TIMES_SEVEN),
    ];
    for (model, answer) in answers {
        fleet.server(model).next_chat().await.say_all(&[answer]).await;
    }
    window.find_css(OVER).await;
    until_verdict(&window, "majority", "gpt-oss-20b").await;
    let from = window.kill().await;
    drop(fleet);

    let out = tempfile::tempdir().expect("a folder");
    let file = exported(&from, out.path());

    let window = Window::open(Home::with_profile(&profile)).await;
    run(window.home(), &["import", &file.display().to_string()]);
    window.click_css("[data-testid=\"conversation-item\"] .sidebar-open").await;
    window.find_css(OVER).await;
    until_verdict(&window, "majority", "gpt-oss-20b").await;
    window.until_last("complete", SIX_TIMES_SEVEN).await;
    until_cards(&window, &answers.map(|(model, text)| card(model, "complete", text))).await;
    let words = window.text(VERDICT).await;
    assert!(words.contains("Majority: 3 of 4") && words.contains("phi4:mini says 41"), "{words}");
    window.click("vote-open").await;
    window.find_css("[data-testid=\"vote\"] [data-fact=\"seed\"]").await;
    assert_eq!(window.count("[data-testid=\"raw-answer\"]").await, 4);
    window.shot("consensus-imported").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consensus_service_that_is_not_there_is_said_to_be_so() {
    let fleet = Fleet::start().await;
    let profile = fleet.profile_text();
    // Bound, so that nobody else gets it, and never listening: connections are refused.
    let nobody = TcpSocket::new_v4().expect("a socket");
    nobody.bind("127.0.0.1:0".parse().expect("an address")).expect("a port");
    let address = nobody.local_addr().expect("its address");
    let profile = format!("{profile}\n[services]\nconsensus = \"http://{address}\"\n");
    let window = open(Home::with_profile(&profile)).await;
    window.choose("plan-picker", "\u{0}set-up").await;
    window.click("method-server").await;
    window.click("plan-save").await;
    window.until_gone("[data-testid=\"plan\"]").await;
    window.ask(QUESTION).await;
    until("it is said that nothing listens", async || {
        let cards: Vec<Card> = window.read(CARDS, &[]).await;
        let [card] = cards.as_slice() else { return None };
        (card.status == "failed" && card.text.starts_with("The server does not accept connections.")).then_some(())
    })
    .await;
    window.until_data(VERDICT, "agreement", "none").await;
    window.find_css(OVER).await;
    window.close().await;
}

/// An answer that was written alone, as the window shows it and as its server knows it.
#[derive(Debug)]
struct Alone {
    model: &'static str,
    ttft_ms: f64,
    /// As the page holds it: all of its digits.
    speed: String,
}

/// Asks a question whose answer comes in three pieces, each once the one before is shown, and holds what the window says was
/// measured against what the server and the clock on the wall know.
async fn asked_alone(window: &Window, fleet: &Fleet, model: &'static str, question: &str) -> Alone {
    let sent = Instant::now();
    window.ask(question).await;
    let mut exchange = fleet.server(model).next_chat().await;
    let held = Instant::now();
    until("the server has held it for a while", async || (held.elapsed().as_millis() >= 40).then_some(())).await;
    let waited = held.elapsed();
    let first = Instant::now();
    exchange.send_text("One").await;
    window.until_last("streaming", "One").await;
    let seen = Instant::now();
    exchange.send_text(" two").await;
    window.until_last("streaming", "One two").await;
    let last = Instant::now();
    exchange.send_text(" three").await;
    window.until_last("streaming", "One two three").await;
    let whole = Instant::now();
    exchange.finish("stop").await;
    exchange.usage(7, 3).await;
    exchange.done().await;
    let answer = window.until_last("complete", "One two three").await;
    assert_eq!(answer.model, model);
    let metrics = format!("[data-id=\"{}\"] [data-testid=\"metrics\"]", answer.id);
    let ttft_ms: f64 = window.data(&metrics, "ttft-ms").await.expect("a time").parse().expect("a number");
    let speed = window.data(&metrics, "tokens-per-second").await.expect("a speed");
    let ms = |duration: Duration| duration.as_secs_f64() * 1_000.0;
    let bounds = ms(waited).floor()..=ms(seen - sent).ceil();
    assert!(bounds.contains(&ttft_ms), "{ttft_ms} ms to the first word, and the server says {bounds:?}");
    // Two tokens after the first one.
    let per_second: f64 = speed.parse().expect("a number");
    let bounds = 2.0 / (whole - first).as_secs_f64()..=2.0 / (last - seen).as_secs_f64();
    assert!(bounds.contains(&per_second), "{per_second} tokens per second, and the server says {bounds:?}");
    assert_eq!(window.data(&metrics, "tokens").await.as_deref(), Some("3"), "the server's own count");
    Alone { model, ttft_ms, speed }
}

async fn open_models(window: &Window) {
    window.chord(&[Key::Control], 'k').await;
    window.keys("Models in use").await;
    window.press(Key::Enter).await;
    window.find("models").await;
}

/// The rows of a part of the view: what `data` names, then its words.
async fn rows(window: &Window, testid: &str, data: &str) -> Vec<String> {
    let body = "return [...document.querySelectorAll(`[data-testid=\"models\"] [data-testid=\"${arguments[0]}\"]`)].map((row) => \
        [row.dataset[arguments[1]], ...[...row.querySelectorAll('.models-detail, .models-share')].map((each) => \
        each.innerText.replace(/[\\u2066-\\u2069]/g, '').trim())].join(' | '))";
    window.read(body, &[testid.into(), data.into()]).await
}

/// What the line of one figure of a model is drawn from, and what is said of it.
async fn history(window: &Window, model: &str, figure: &str) -> (Vec<String>, String) {
    let line = format!("[data-testid=\"model-history\"][data-model=\"{model}\"] [data-figure=\"{figure}\"]");
    let values = window.data(&line, "values").await.unwrap_or_default();
    let said = window.text(&format!("{line} figcaption")).await;
    (values.split_whitespace().map(str::to_owned).collect(), said)
}

/// Widths of bars, in hundredths of the whole.
async fn widths(window: &Window, css: &str) -> Vec<f64> {
    let body = "return [...document.querySelectorAll(arguments[0])].map((bar) => Number(bar.getAttribute('width')))";
    window.read(body, &[css.into()]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_figure_of_the_view_of_the_models_is_what_the_servers_did() {
    let fleet = Fleet::start().await;
    let window = Window::open(home_of(&fleet)).await;
    // One by one, each category with the reason why.
    let asked = [
        ("phi4:mini", "fast", "short-question", "How are you?", "the question is short"),
        (
            "qwen2.5-coder:1.5b",
            "code",
            "code-words",
            "A function in Python, please",
            "the question is about programming",
        ),
        (
            "gpt-oss-20b",
            "complex",
            "complex-words",
            "Compare renting and buying",
            "the question asks for reasoning or comparison",
        ),
        ("mixtral", "creative", "creative-words", "Write a poem", "the question asks for a piece of writing"),
        ("phi4:mini", "fast", "short-question", "And you?", "the question is short"),
    ];
    let mut alone = Vec::new();
    for (model, tier, rule, question, why) in asked {
        window.click("new-chat").await;
        window.until_messages("an empty conversation", <[_]>::is_empty).await;
        alone.push(asked_alone(&window, &fleet, model, question).await);
        let reason = "[data-testid=\"routing-reason\"]";
        window.until_data(reason, "tier", tier).await;
        window.until_data(reason, "rule", rule).await;
        assert_eq!(window.text(reason).await, why);
    }
    // And all at once: three answer in one piece, so that they have no speed, and one fails.
    fleet.server("mixtral").answer(Chat::Canned(Canned::status(500)));
    window.choose("mode-picker", "consensus").await;
    window.ask(QUESTION).await;
    for (model, answer) in
        [("gpt-oss-20b", SIX_TIMES_SEVEN), ("qwen2.5-coder:1.5b", SIX_TIMES_SEVEN), ("phi4:mini", OFF_BY_ONE)]
    {
        let exchange = fleet.server(model).next_chat().await;
        // Later than any answer alone, so that the lower of two medians is known.
        let held = Instant::now();
        let longest = alone.iter().map(|each| each.ttft_ms).fold(0.0, f64::max) + 50.0;
        until("it is slower", async || (held.elapsed().as_secs_f64() * 1_000.0 > longest).then_some(())).await;
        exchange.say_all(&[answer]).await;
    }
    window.find_css(OVER).await;
    until_verdict(&window, "majority", "gpt-oss-20b").await;
    window.click_css("[data-testid=\"candidate\"][data-model=\"phi4:mini\"] [data-testid=\"candidate-open\"]").await;
    window.click("candidate-choose").await;
    until_verdict(&window, "majority", "phi4:mini").await;

    let shown = async |window: &Window| {
        let shares = "return document.querySelector('[data-testid=\"models\"] [data-testid=\"shares\"]').getAttribute('aria-label')";
        (
            rows(window, "model-use", "model").await,
            rows(window, "tier-use", "tier").await,
            rows(window, "agreement-use", "agreement").await,
            window.read::<String>(shares, &[]).await,
        )
    };
    let expected = (
        [
            "phi4:mini | 3 answers · 7 tokens · chosen in 1 of 1 votes | 38%",
            "gpt-oss-20b | 2 answers · 4 tokens · chosen in 0 of 1 votes | 25%",
            "qwen2.5-coder:1.5b | 2 answers · 4 tokens · chosen in 0 of 1 votes | 25%",
            "mixtral | one answer · one failed · 3 tokens | 13%",
        ]
        .map(str::to_owned)
        .to_vec(),
        [
            "fast | 3 answers | 38%",
            "code | 2 answers | 25%",
            "complex | 2 answers | 25%",
            "creative | one answer | 13%",
        ]
        .map(str::to_owned)
        .to_vec(),
        vec!["majority | one question · You kept the chosen answer in 0 of 1. | 100%".to_owned()],
        "Use by model: phi4:mini 38%, gpt-oss-20b 25%, qwen2.5-coder:1.5b 25%, mixtral 13%".to_owned(),
    );
    open_models(&window).await;
    until("everything is counted", async || {
        let now = shown(&window).await;
        (now == expected).then_some(())
    })
    .await;
    // The charts are as wide as what they stand for; a hair is left between two shares.
    let room = 100.0 - 3.0 * 0.6;
    let bars = widths(&window, "[data-testid=\"models\"] .share-bar").await;
    for (width, share) in bars.iter().zip([0.375, 0.25, 0.25, 0.125]) {
        assert!((width - room * share).abs() < 0.01, "{bars:?}");
    }
    assert_eq!(bars.len(), 4);
    assert_eq!(widths(&window, "[data-testid=\"tier-use\"] .models-bar-part").await, [37.5, 25.0, 25.0, 12.5]);
    assert_eq!(widths(&window, "[data-testid=\"agreement-use\"] .models-bar-part").await, [100.0]);
    // Times and speeds: of one answer its own, of several the middle one.
    let times = |model: &str| {
        let mut all: Vec<f64> = alone.iter().filter(|each| each.model == model).map(|each| each.ttft_ms).collect();
        all.sort_by(f64::total_cmp);
        all
    };
    for model in ["gpt-oss-20b", "qwen2.5-coder:1.5b", "mixtral"] {
        let (values, said) = history(&window, model, "ttft").await;
        assert_eq!(values, [times(model)[0].to_string()], "{model}");
        assert!(said.starts_with("First word"), "{said}");
    }
    // Of three the one in the middle: the slower of the two alone.
    assert_eq!(history(&window, "phi4:mini", "ttft").await.0, [times("phi4:mini")[1].to_string()]);
    for model in ["gpt-oss-20b", "qwen2.5-coder:1.5b", "mixtral", "phi4:mini"] {
        let mut speeds: Vec<&str> =
            alone.iter().filter(|each| each.model == model).map(|each| each.speed.as_str()).collect();
        speeds.sort_by(|a, b| a.parse::<f64>().unwrap().total_cmp(&b.parse::<f64>().unwrap()));
        let (values, said) = history(&window, model, "speed").await;
        assert_eq!(values, [speeds[0]], "{model}");
        let words = said.strip_prefix("Speed ").expect("a speed").to_owned();
        assert!(words.ends_with("tok/s"), "{words}");
        let now = window.text(&format!("[data-testid=\"model-now\"][data-model=\"{model}\"]")).await;
        assert!(now.contains("last measured:") && now.contains(&words), "{now} without {words}");
    }
    window.shot("models").await;
    // It counts on while it is open.
    window.press(Key::Escape).await;
    window.until_gone("[data-testid=\"models\"]").await;
    window.choose("mode-picker", "auto").await;
    window.ask("Well?").await;
    let mut exchange = fleet.server("phi4:mini").next_chat().await;
    exchange.send_text("So").await;
    window.until_last("streaming", "So").await;
    open_models(&window).await;
    window.find_css("[data-testid=\"model-now\"][data-model=\"phi4:mini\"] .models-writing").await;
    exchange.finish("stop").await;
    exchange.usage(7, 1).await;
    exchange.done().await;
    until("the answer that ended meanwhile is counted", async || {
        let used = rows(&window, "model-use", "model").await;
        (used[0] == "phi4:mini | 4 answers · 8 tokens · chosen in 1 of 1 votes | 44%").then_some(())
    })
    .await;
    window.until_gone(".models-writing").await;
    window.press(Key::Escape).await;
    window.until_gone("[data-testid=\"models\"]").await;
    let today = "return [...document.querySelectorAll('[data-testid=\"use-today\"] dl > div')].map((each) => \
        `${each.querySelector('dt').innerText} ${each.querySelector('dd').innerText}`)";
    until("the inspector says the same of today", async || {
        let today: Vec<String> = window.read(today, &[]).await;
        (today == ["phi4:mini 44%", "gpt-oss-20b 22%", "qwen2.5-coder:1.5b 22%", "mixtral 11%"]).then_some(())
    })
    .await;
    // What stands there was read from the disk: the next start says the same, without any server.
    open_models(&window).await;
    let before = shown(&window).await;
    let home = window.kill().await;
    drop(fleet);
    let window = Window::open(home).await;
    open_models(&window).await;
    until("the next start says the same", async || (shown(&window).await == before).then_some(())).await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn times_and_speeds_are_drawn_over_the_days_as_they_were_measured() {
    let fleet = Fleet::start().await;
    let profile = fleet.profile_text();
    let window = Window::open(Home::with_profile(&profile)).await;
    window.choose("model-picker", "mixtral").await;
    for question in ["One?", "Two?", "Three?", "Four?"] {
        window.ask(question).await;
        fleet.server("mixtral").next_chat().await.say_all(&["Yes", "."]).await;
        window.until_last("complete", "Yes.").await;
    }
    let from = window.kill().await;
    let out = tempfile::tempdir().expect("a folder");
    let file = exported(&from, out.path());
    // The same conversation, as it would be had it gone on for three weeks with other figures.
    const DAY: i64 = 24 * 3_600 * 1_000;
    let mut told: Value = serde_json::from_slice(&fs::read(&file).expect("the export")).expect("JSON");
    let measured = [(20, 9_000, 1.5), (5, 1_200, 20.0), (3, 300, 50.5), (0, 600, 25.0)];
    let messages = told["conversations"][0]["messages"].as_array_mut().expect("messages");
    for (turn, (days, ttft_ms, speed)) in messages.chunks_mut(2).zip(measured) {
        for message in turn.iter_mut() {
            message["created_at"] = json!(message["created_at"].as_i64().expect("a time") - days * DAY);
        }
        turn[1]["metrics"]["ttft_ms"] = json!(ttft_ms);
        turn[1]["metrics"]["tokens_per_second"] = json!(speed);
    }
    fs::write(&file, told.to_string()).expect("the export is written");
    let window = Window::open(Home::with_profile(&profile)).await;
    run(window.home(), &["import", &file.display().to_string()]);
    open_models(&window).await;
    let of_period = async |period: &str, answers: &str, times: &[&str], speeds: &[&str], said: [&str; 2]| {
        window.choose("models-period", period).await;
        until(&format!("the figures of a {period} are there"), async || {
            let used = rows(&window, "model-use", "model").await;
            (used == [answers]).then_some(())
        })
        .await;
        let (values, words) = history(&window, "mixtral", "ttft").await;
        assert_eq!(values, times);
        assert_eq!(words, said[0]);
        let (values, words) = history(&window, "mixtral", "speed").await;
        assert_eq!(values, speeds);
        assert_eq!(words, said[1]);
    };
    of_period(
        "week",
        "mixtral | 3 answers · 6 tokens | 100%",
        &["1200", "300", "600"],
        &["20", "50.5", "25"],
        ["First word 300 ms to 1.2 sec, last 600 ms", "Speed 20 tok/s to 51 tok/s, last 25 tok/s"],
    )
    .await;
    // The line itself: from nothing at the bottom to the largest at the top, from the first day on the left to the last one.
    let heights = "const line = document.querySelector('[data-figure=\"ttft\"] polyline').getAttribute('points').split(' '); \
        return [line.map((point) => Number(point.split(',')[1])), line.map((point) => Number(point.split(',')[0]))]";
    let [heights, days]: [Vec<f64>; 2] = window.read(heights, &[]).await;
    assert_eq!(heights, [3.0, 27.0, 19.0]);
    // Five days, three days, now: two and three parts of five, as far as a bucket of half a day lets tell.
    assert_eq!((days[0], days[2]), (0.0, 200.0));
    assert!((days[1] - 80.0).abs() < 8.0, "{days:?}");
    window.shot("models-history").await;
    of_period(
        "month",
        "mixtral | 4 answers · 8 tokens | 100%",
        &["9000", "1200", "300", "600"],
        &["1.5", "20", "50.5", "25"],
        ["First word 300 ms to 9 sec, last 600 ms", "Speed 1.5 tok/s to 51 tok/s, last 25 tok/s"],
    )
    .await;
    of_period(
        "day",
        "mixtral | one answer · 2 tokens | 100%",
        &["600"],
        &["25"],
        ["First word 600 ms", "Speed 25 tok/s"],
    )
    .await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_conversation_several_are_asked_edited_and_asked_again_as_chosen_beside_the_composer() {
    let fleet = Fleet::start().await;
    let window = Window::open(home_of(&fleet)).await;
    let again = "[data-testid=\"regenerate\"]";
    let title = async |window: &Window| {
        let title = "return document.querySelector(arguments[0]).title.replace(/[\\u2066-\\u2069]/g, '')";
        window.read::<String>(title, &[again.into()]).await
    };
    window.choose("model-picker", "mixtral").await;
    window.ask("Say something").await;
    fleet.server("mixtral").next_chat().await.say_all(&["Something."]).await;
    let first = window.until_last("complete", "Something.").await;
    assert_eq!(title(&window).await, "Answer again: mixtral");
    let questions = window.messages().await;
    // A second question, to all: each is sent what was said before.
    window.choose("mode-picker", "consensus").await;
    window.ask(QUESTION).await;
    for model in ["gpt-oss-20b", "qwen2.5-coder:1.5b", "phi4:mini", "mixtral"] {
        let exchange = fleet.server(model).next_chat().await;
        let sent: Vec<&str> = exchange.request["messages"]
            .as_array()
            .expect("messages")
            .iter()
            .filter_map(|each| each["content"].as_str())
            .collect();
        assert!(sent.ends_with(&["Say something", "Something.", QUESTION]), "{model}: {sent:?}");
        exchange.say_all(&[if model == "mixtral" { OFF_BY_ONE } else { SIX_TIMES_SEVEN }]).await;
    }
    window.find_css(OVER).await;
    until_verdict(&window, "majority", "gpt-oss-20b").await;
    window.until_last("complete", SIX_TIMES_SEVEN).await;
    // Answered again by one: what is chosen beside the composer says by whom. The run is one version, the answer another.
    let last_again = async |window: &Window| {
        let last = window.messages().await.pop().expect("a message");
        window.click_css(&format!("[data-id=\"{}\"] {again}", last.id)).await;
    };
    window.choose("mode-picker", "single").await;
    window.choose("model-picker", "phi4:mini").await;
    until("the button says who answers again", async || {
        (title(&window).await == "Answer again: phi4:mini").then_some(())
    })
    .await;
    last_again(&window).await;
    fleet.server("phi4:mini").next_chat().await.say_all(&["Forty-two."]).await;
    let alone = window.until_last("complete", "Forty-two.").await;
    assert_eq!(alone.model, "phi4:mini");
    assert!(!window.shows("[data-testid=\"consensus\"]").await, "one answer alone has no verdict");
    assert_eq!(window.text(".versions-place").await, "2 of 2");
    window.click("branch-prev").await;
    until_verdict(&window, "majority", "gpt-oss-20b").await;
    window.until_last("complete", SIX_TIMES_SEVEN).await;
    // And by all again, which is a third version.
    window.choose("mode-picker", "consensus").await;
    until("the button says that all answer", async || {
        (title(&window).await == "Answer again: Consensus").then_some(())
    })
    .await;
    last_again(&window).await;
    for model in ["gpt-oss-20b", "qwen2.5-coder:1.5b", "phi4:mini", "mixtral"] {
        fleet.server(model).next_chat().await.say_all(&[OFF_BY_ONE]).await;
    }
    window.find_css(OVER).await;
    until_verdict(&window, "unanimous", "gpt-oss-20b").await;
    assert_eq!(window.text(".versions-place").await, "3 of 3");
    window.until_last("complete", OFF_BY_ONE).await;
    // The first question in other words, to all: a branch of its own. Everything is stopped at once.
    window.click_css(&format!("[data-id=\"{}\"] [data-testid=\"edit\"]", questions[0].id)).await;
    window.retype("[data-testid=\"edit-text\"]", QUESTION).await;
    window.click("edit-save").await;
    let mut writing = Vec::new();
    for model in ["gpt-oss-20b", "qwen2.5-coder:1.5b", "phi4:mini", "mixtral"] {
        let mut exchange = fleet.server(model).next_chat().await;
        let asked = exchange.request["messages"].as_array().expect("messages").last().cloned();
        assert_eq!(asked, Some(json!({ "role": "user", "content": QUESTION })), "{model}");
        assert!(!exchange.request.to_string().contains("Something."), "nothing of the other branch");
        exchange.send_text("I th").await;
        writing.push(exchange);
    }
    until("all write", async || {
        let cards: Vec<Card> = window.read(CARDS, &[]).await;
        cards.iter().all(|card| card.text == "I th").then_some(())
    })
    .await;
    window.press(Key::Escape).await;
    for exchange in &mut writing {
        exchange.closed_by_client().await;
    }
    window.find_css(OVER).await;
    window.until_data(VERDICT, "agreement", "none").await;
    // What was stopped says something, and the reader may go on with it all the same.
    window.click_css("[data-testid=\"candidate\"][data-model=\"mixtral\"] [data-testid=\"candidate-open\"]").await;
    window.click("candidate-choose").await;
    window.until_data(VERDICT, "by", "user").await;
    window.until_last("stopped", "I th").await;
    // The old branch is one step away, with its run and what was chosen in it.
    window.click_css("[data-role=\"user\"] [data-testid=\"branch-prev\"]").await;
    let all = window.until_messages("the old branch", |all| all.len() == 4).await;
    assert_eq!((all[1].id.as_str(), all[3].text.as_str()), (first.id.as_str(), OFF_BY_ONE));
    until_verdict(&window, "unanimous", "gpt-oss-20b").await;
    window.click_css("[data-role=\"user\"] [data-testid=\"branch-next\"]").await;
    window.until_last("stopped", "I th").await;
    // Another conversation begins at a candidate that was chosen.
    window.click_css("[data-role=\"assistant\"] [data-testid=\"branch\"]").await;
    let branched = window
        .until_messages("a conversation of its own", |all| {
            all.len() == 2 && all[1].text == "I th" && all[1].id != all[0].id && all[0].text == QUESTION
        })
        .await;
    assert_eq!(branched[1].model, "mixtral");
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vote_that_a_kill_interrupted_is_decided_by_what_is_there_and_goes_on() {
    let fleet = Fleet::start().await;
    let window = open(home_of(&fleet)).await;
    window.ask(QUESTION).await;
    fleet.server("phi4:mini").next_chat().await.say_all(&[SIX_TIMES_SEVEN]).await;
    fleet.server("mixtral").next_chat().await.say_all(&[SIX_TIMES_SEVEN]).await;
    let mut coder = fleet.server("qwen2.5-coder:1.5b").next_chat().await;
    coder.send_text("Half of").await;
    let silent = fleet.server("gpt-oss-20b").next_chat().await;
    until("two have answered, one writes, and one is silent", async || {
        let cards: Vec<Card> = window.read(CARDS, &[]).await;
        let status: Vec<&str> = cards.iter().map(|card| card.status.as_str()).collect();
        (status == ["waiting", "streaming", "complete", "complete"] && cards[1].text == "Half of").then_some(())
    })
    .await;
    assert!(!window.shows(VERDICT).await, "three of four are wanted");
    let home = window.kill().await;
    drop((coder, silent));
    let window = Window::open(home).await;
    window.find_css(OVER).await;
    until_verdict(&window, "unanimous", "phi4:mini").await;
    window.until_last("complete", SIX_TIMES_SEVEN).await;
    let note = window.text("[data-testid=\"verdict-note\"][data-note=\"quorum\"]").await;
    assert!(note.ends_with("2 of 3."), "{note}");
    assert!(!window.shows("[data-note=\"deadline\"]").await, "no deadline has come");
    let cards: Vec<Card> = window.read(CARDS, &[]).await;
    let status: Vec<&str> = cards.iter().map(|card| card.status.as_str()).collect();
    assert_eq!(status, ["failed", "failed", "complete", "complete"]);
    window
        .click_css("[data-testid=\"candidate\"][data-model=\"qwen2.5-coder:1.5b\"] [data-testid=\"candidate-open\"]")
        .await;
    until("what had been written is there", async || {
        (window.text("[data-testid=\"candidate-whole-text\"]").await == "Half of").then_some(())
    })
    .await;
    window.click("vote-open").await;
    window.find_css("[data-testid=\"vote\"] [data-fact=\"seed\"]").await;
    assert_eq!(window.count("[data-testid=\"told\"]").await, 1, "what they were told is on record");
    // Who reads stays where that is: back to the end, where the next answer will be.
    window.click("vote-open").await;
    window.click("candidate-close").await;
    if window.shows("[data-testid=\"to-end\"]").await {
        window.click("to-end").await;
    }
    // The conversation goes on from it, and the question can be put to all once more.
    window.choose("mode-picker", "auto").await;
    window.ask("Sure?").await;
    let exchange = fleet.server("phi4:mini").next_chat().await;
    assert_eq!(exchange.request["messages"][1]["content"], SIX_TIMES_SEVEN);
    exchange.say_all(&["Yes."]).await;
    window.until_last("complete", "Yes.").await;
    window.choose("mode-picker", "consensus").await;
    let answer = window.messages().await.swap_remove(1);
    window.click_css(&format!("[data-id=\"{}\"] [data-testid=\"regenerate\"]", answer.id)).await;
    for model in ["gpt-oss-20b", "qwen2.5-coder:1.5b", "phi4:mini", "mixtral"] {
        fleet.server(model).next_chat().await.say_all(&[SIX_TIMES_SEVEN]).await;
    }
    until_verdict(&window, "unanimous", "gpt-oss-20b").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn plans_survive_what_becomes_of_their_models_and_runs_what_becomes_of_their_plan() {
    let fleet = Fleet::start().await;
    let window = open(home_of(&fleet)).await;
    window.choose("plan-picker", "\u{0}set-up").await;
    window.retype("#plan-name", "All four").await;
    // below what the footer covers
    window.script("document.querySelector('#plan-quorum').scrollIntoView({ block: 'center' })", &[]).await;
    for (field, wrong, problem) in [
        ("#plan-quorum", "5", "A whole number from 2 to 4."),
        ("#plan-deadline", "0", "From 1 to 3,600 seconds, or empty."),
        ("[data-model=\"mixtral\"] .plan-weight", "-1", "A number above 0."),
        ("[data-model=\"mixtral\"] .plan-weight", "NaN", "A number above 0."),
        ("[data-model=\"mixtral\"] .plan-weight", "0", "A number above 0."),
    ] {
        window.retype(field, wrong).await;
        until(&format!("{wrong} is refused in {field}"), async || {
            let said: Vec<String> = window
                .read("return [...document.querySelectorAll('.form-field-problem')].map((each) => each.innerText)", &[])
                .await;
            said.iter().any(|said| said == problem).then_some(())
        })
        .await;
    }
    window.click("plan-save").await;
    assert!(window.shows("[data-testid=\"plan\"]").await, "nothing of that is kept");
    window.retype("#plan-quorum", "4").await;
    window.retype("#plan-deadline", "9").await;
    window.press(Key::Backspace).await;
    window.retype("[data-model=\"mixtral\"] .plan-weight", "0.6").await;
    window.click("plan-save").await;
    window.until_gone("[data-testid=\"plan\"]").await;
    window.ask(QUESTION).await;
    for model in ["gpt-oss-20b", "qwen2.5-coder:1.5b", "phi4:mini"] {
        fleet.server(model).next_chat().await.say_all(&[SIX_TIMES_SEVEN]).await;
    }
    let slow = fleet.server("mixtral").next_chat().await;
    until("three have answered", async || {
        let cards: Vec<Card> = window.read(CARDS, &[]).await;
        (cards.iter().filter(|card| card.status == "complete").count() == 3).then_some(())
    })
    .await;
    // The plan goes while it is followed: the run keeps to it.
    window.choose("plan-picker", "\u{0}set-up").await;
    window.click("plan-delete").await;
    window.until_gone("[data-testid=\"plan-preset\"]").await;
    window.press(Key::Escape).await;
    window.until_data("[data-testid=\"plan-picker\"]", "value", "").await;
    assert!(!window.shows(VERDICT).await, "four were wanted, and still are");
    slow.say_all(&[OFF_BY_ONE]).await;
    window.find_css(OVER).await;
    until_verdict(&window, "majority", "gpt-oss-20b").await;
    window.click("vote-open").await;
    window.find_css("[data-testid=\"vote\"] [data-fact=\"seed\"]").await;
    assert_eq!(window.text("[data-fact=\"quorum\"]").await, "4 wanted, reached");
    // A plan of the same four once more; then one of them leaves the profile.
    window.choose("plan-picker", "\u{0}set-up").await;
    window.retype("#plan-name", "All four").await;
    window.click("plan-save").await;
    window.until_gone("[data-testid=\"plan\"]").await;
    let home = window.kill().await;
    let profile = fs::read_to_string(home.path("profile.toml")).expect("the profile");
    let without =
        profile.split("[[models]]").filter(|part| !part.contains("mixtral")).collect::<Vec<_>>().join("[[models]]");
    fs::write(home.path("profile.toml"), without).expect("the profile is written");
    let window = Window::open(home).await;
    // What was is on record with its name.
    window.find_css(OVER).await;
    until_verdict(&window, "majority", "gpt-oss-20b").await;
    until_cards(
        &window,
        &[
            card("gpt-oss-20b", "complete", SIX_TIMES_SEVEN),
            card("qwen2.5-coder:1.5b", "complete", SIX_TIMES_SEVEN),
            card("phi4:mini", "complete", SIX_TIMES_SEVEN),
            card("mixtral", "complete", OFF_BY_ONE),
        ],
    )
    .await;
    let words = window.text(VERDICT).await;
    assert!(words.contains("mixtral says 41"), "{words}");
    // The plan cannot be followed any more: nobody is asked, the words stay, and the way to mend it is there.
    window.choose("mode-picker", "consensus").await;
    window.ask("Once more?").await;
    let refused = "[data-testid=\"conversation-error\"]";
    window.until_data(refused, "code", "not-found").await;
    let words = window.text(refused).await;
    assert!(words.contains("The plan asks mixtral, which this profile does not have."), "{words}");
    assert_eq!(window.draft().await, "Once more?");
    window.shot("consensus-plan-refused").await;
    window.click_css(".chat-error [data-testid=\"plan-open\"]").await;
    let member = "[data-testid=\"plan-member\"][data-model=\"mixtral\"]";
    window.find_css(member).await;
    let words = window.text(member).await;
    assert!(words.contains("This profile does not have this model: leave it out."), "{words}");
    window.shot("consensus-plan-missing").await;
    // below what the footer covers
    let above = format!("document.querySelector('{member}').scrollIntoView({{ block: 'center' }})");
    window.script(&above, &[]).await;
    window.click_css(&format!("{member} input[type=checkbox]")).await;
    window.click("plan-save").await;
    window.until_gone("[data-testid=\"plan\"]").await;
    window.until_gone(refused).await;
    let before = fleet.server("mixtral").chat_count();
    window.click("send").await;
    for model in ["gpt-oss-20b", "qwen2.5-coder:1.5b", "phi4:mini"] {
        fleet.server(model).next_chat().await.say_all(&["Yes.\n\nFinal answer: yes"]).await;
    }
    until("three agree", async || {
        let agreement =
            "return [...document.querySelectorAll('[data-testid=\"verdict\"]')].at(-1)?.dataset.agreement ?? ''";
        (window.read::<String>(agreement, &[]).await == "unanimous").then_some(())
    })
    .await;
    assert_eq!(fleet.server("mixtral").chat_count(), before, "it is not asked");
    window.close().await;
}
