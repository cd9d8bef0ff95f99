//! Several models on one question: side by side as they write, the verdict, what a late answer and the reader make of it, and what
//! is there after a restart without any server.

use std::{fs, process::Command};

use capibara6_journeys::{Home, Key, Window, program, until};
use capibara6_testkit::{Canned, Chat, Fleet};
use serde::Deserialize;
use serde_json::json;
use tokio::net::TcpSocket;

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
    let note = window.text("[data-testid=\"verdict-note\"][data-note=\"user\"]").await;
    assert!(note.contains("You chose this answer. The method had chosen gpt-oss-20b."), "{note}");
    window.click("consensus-undo").await;
    until_verdict(&window, "majority", "gpt-oss-20b").await;
    window.until_data(VERDICT, "by", "method").await;
    window.until_last("complete", "It is 42.").await;
    // taken again, and given back once more
    window.click("consensus-redo").await;
    window.until_data(VERDICT, "by", "user").await;
    window.until_last("complete", "I make it 41.").await;
    window.click("consensus-undo").await;
    window.until_data(VERDICT, "by", "method").await;
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

const FIGURES: &str = "return [...document.querySelectorAll('[data-testid=\"candidate\"]')].map((card) => \
    card.querySelector('[data-testid=\"candidate-figures\"]')?.innerText ?? '')";

#[tokio::test(flavor = "multi_thread")]
async fn each_shows_how_fast_it_is_while_it_writes_and_a_deadline_decides_without_the_slow_ones() {
    let fleet = Fleet::start().await;
    let window = open(home_of(&fleet)).await;
    window.choose("plan-picker", "\u{0}set-up").await;
    // below what the footer covers
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
        fleet.server(model).next_chat().await.say_all(&["42"]).await;
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
    let folder = tempfile::tempdir().expect("a temporary directory");
    let path = folder.path().join("profile.toml");
    fleet.write_profile(&path);
    // The service lives beside a model here; only what it answers tells what it is.
    let service = fleet.server("mixtral");
    let address = service.url().trim_end_matches("/v1").to_owned();
    let profile = fs::read_to_string(&path).expect("the profile");
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
    answer(["42", "42", "41", "41"]).await;
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
    answer(["42", "42", "41", "41"]).await;
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
    answer(["42", "42", "42", "41"]).await;
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
    for answer in ["42", "41", "42"] {
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
    window.until_last("complete", "42").await;
    // Which of the three was answered first is the network's affair; that there are three is not.
    let sorted = async |window: &Window| {
        let mut cards: Vec<Card> = window.read(CARDS, &[]).await;
        cards.sort_by(|one, other| one.text.cmp(&other.text));
        cards
    };
    let expected = ["41", "42", "42"].map(|text| card("gpt-oss-20b", "complete", text));
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
    window.until_last("complete", "42").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_imported_is_replayed_where_there_never_was_a_server() {
    let fleet = Fleet::start().await;
    let profile = {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let path = folder.path().join("profile.toml");
        fleet.write_profile(&path);
        fs::read_to_string(&path).expect("the profile")
    };
    let window = open(Home::with_profile(&profile)).await;
    window.ask(QUESTION).await;
    let answers = [("gpt-oss-20b", "42"), ("qwen2.5-coder:1.5b", "42"), ("phi4:mini", "41"), ("mixtral", "42")];
    for (model, answer) in answers {
        fleet.server(model).next_chat().await.say_all(&[answer]).await;
    }
    window.find_css(OVER).await;
    until_verdict(&window, "majority", "gpt-oss-20b").await;
    let from = window.kill().await;
    drop(fleet);

    let out = tempfile::tempdir().expect("a folder");
    let run = |home: &Home, arguments: &[&str]| {
        let mut command = Command::new(program());
        command.args(arguments).env("CAPIBARA6_HOME", home.data()).env("LANG", "en_US.UTF-8");
        let output = command.output().expect("the program runs");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    run(&from, &["export", "--format", "json", "--out", &out.path().display().to_string()]);
    let file = fs::read_dir(out.path()).expect("the folder").flatten().next().expect("a file").path();

    let window = Window::open(Home::with_profile(&profile)).await;
    run(window.home(), &["import", &file.display().to_string()]);
    window.click_css("[data-testid=\"conversation-item\"] .sidebar-open").await;
    window.find_css(OVER).await;
    until_verdict(&window, "majority", "gpt-oss-20b").await;
    window.until_last("complete", "42").await;
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
    let folder = tempfile::tempdir().expect("a temporary directory");
    let path = folder.path().join("profile.toml");
    fleet.write_profile(&path);
    let profile = fs::read_to_string(&path).expect("the profile");
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

#[tokio::test(flavor = "multi_thread")]
async fn the_view_of_the_models_counts_what_the_fleet_served() {
    let fleet = Fleet::start().await;
    let window = Window::open(home_of(&fleet)).await;
    // One answer alone, with its badge and why it was chosen.
    window.choose("model-picker", "mixtral").await;
    window.ask(QUESTION).await;
    fleet.server("mixtral").next_chat().await.say_all(&["4", "1"]).await;
    let answer = window.until_last("complete", "41").await;
    assert_eq!(answer.model, "mixtral");
    window.until_data("[data-testid=\"routing-reason\"]", "rule", "pinned").await;
    // And four at once.
    window.choose("mode-picker", "consensus").await;
    window.ask(QUESTION).await;
    for model in ["gpt-oss-20b", "qwen2.5-coder:1.5b", "phi4:mini", "mixtral"] {
        fleet.server(model).next_chat().await.say_all(&["4", "2", " "]).await;
    }
    window.find_css(OVER).await;
    until_verdict(&window, "unanimous", "gpt-oss-20b").await;
    window.chord(&[Key::Control], 'k').await;
    window.keys("Models in use").await;
    window.press(Key::Enter).await;
    let used = "return [...document.querySelectorAll('[data-testid=\"model-use\"]')].map((each) => \
        `${each.dataset.model}: ${each.querySelector('.models-detail').innerText.replace(/[\\u2066-\\u2069]/g, '')} ${\
        each.querySelector('.models-share').innerText}`)";
    until("the answers are counted as they were served", async || {
        let used: Vec<String> = window.read(used, &[]).await;
        let expected = [
            "mixtral: 2 answers · 5 tokens · chosen in 0 of 1 votes 40%",
            "gpt-oss-20b: one answer · 3 tokens · chosen in 1 of 1 votes 20%",
            "phi4:mini: one answer · 3 tokens · chosen in 0 of 1 votes 20%",
            "qwen2.5-coder:1.5b: one answer · 3 tokens · chosen in 0 of 1 votes 20%",
        ];
        (used == expected).then_some(())
    })
    .await;
    window.until_data("[data-testid=\"agreement-use\"][data-agreement=\"unanimous\"]", "runs", "1").await;
    for model in ["gpt-oss-20b", "qwen2.5-coder:1.5b", "phi4:mini", "mixtral"] {
        let now = format!("[data-testid=\"model-now\"][data-model=\"{model}\"]");
        window.until_data(&now, "state", "up").await;
        let words = window.text(&now).await;
        assert!(words.contains("last measured:"), "{words}");
    }
    let share =
        "return document.querySelector('[data-testid=\"models\"] [data-testid=\"shares\"]').getAttribute('aria-label')";
    let share: String = window.read(share, &[]).await;
    assert!(share.contains("40%"), "{share}");
    let lines = "return [...document.querySelectorAll('.models-history .models-line figcaption')].map((each) => each.innerText)";
    let lines: Vec<String> = window.read(lines, &[]).await;
    assert_eq!(lines.iter().filter(|line| line.starts_with("First word")).count(), 4, "{lines:?}");
    window.shot("models").await;
    window.close().await;
}
