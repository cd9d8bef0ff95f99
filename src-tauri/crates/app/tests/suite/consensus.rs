//! Several models at once: candidates side by side, the verdict, what the user makes of it, and what stays.

use capibara6_app::App;
use capibara6_protocol::*;
use capibara6_testkit::{Canned, Chat, Fleet, Script};
use serde_json::json;

use super::bench::{Bench, contents, open, send, sent, view};

pub const QUESTION: &str = "How much is 6 * 7? Answer with the number.";
const MODELS: [&str; 4] = ["gpt-oss-20b", "qwen2.5-coder:1.5b", "phi4:mini", "mixtral"];

fn plan(method: ConsensusMethod, quorum: u8) -> ConsensusPlan {
    ConsensusPlan {
        members: Vec::new(),
        method,
        samples: None,
        quorum,
        deadline_ms: None,
        judge: None,
        weights: WeightSource::Given,
        form: AnswerForm::Free,
        seed: Some(7),
    }
}

fn ask(plan: ConsensusPlan) -> ConsensusAsk {
    let question = ConsensusQuestion::New { conversation: None, text: QUESTION.to_owned() };
    ConsensusAsk { question, plan: Some(plan) }
}

/// The slot of a model.
pub fn slot(run: &ConsensusRun, model: &str) -> Slot {
    run.candidates.iter().find(|each| each.model.as_str() == model).expect("a candidate").slot
}

/// Reads frames until a run stands like this.
async fn until(bench: &mut Bench, run: ConsensusId, wanted: impl Fn(&ConsensusRun) -> bool) -> ConsensusRun {
    loop {
        let now = bench.app.consensus_run(ConsensusRef { run }).await.unwrap();
        if wanted(&now) {
            return now;
        }
        bench
            .window
            .until(|event| matches!(event, Event::ConsensusChanged { .. } | Event::ConsensusCandidate { .. }))
            .await;
    }
}

pub async fn until_ended(bench: &mut Bench, run: ConsensusId) -> ConsensusRun {
    until(bench, run, |run| run.state == ConsensusState::Ended).await
}

/// Asks all four and lets each say something.
pub async fn answered(bench: &mut Bench, method: ConsensusMethod, answers: [&str; 4]) -> ConsensusStarted {
    let started = bench.app.consensus_begin(ask(plan(method, 4))).await.unwrap();
    for (model, answer) in MODELS.iter().zip(answers) {
        bench.chat(model).await.say_all(&[answer]).await;
    }
    started
}

#[tokio::test]
async fn the_answer_with_the_most_weight_wins_and_is_what_the_conversation_goes_on_from() {
    let mut bench = Bench::start().await;
    bench.fleet.server("mixtral").answer(Chat::Canned(Canned::status(500)));
    let started = bench.app.consensus_begin(ask(plan(ConsensusMethod::WeightedVote, 3))).await.unwrap();
    assert_eq!(started.run.candidates.len(), 4);
    assert_eq!(started.answers.len(), 4);
    bench.chat("phi4:mini").await.say_all(&["I make it 41."]).await;
    bench.chat("qwen2.5-coder:1.5b").await.say_all(&["6 * 7 is ", "42."]).await;
    bench.chat("gpt-oss-20b").await.say_all(&["**Answer:** 42"]).await;
    let run = until_ended(&mut bench, started.run.id).await;

    let verdict = run.verdict.clone().expect("a verdict");
    let winner = slot(&run, "gpt-oss-20b");
    assert_eq!((verdict.agreement, verdict.winner), (Agreement::Majority, Some(winner)));
    assert_eq!((verdict.answered_weight, verdict.total_weight), (2.4, 3.0));
    assert_eq!(verdict.dissent.iter().map(|each| each.slot).collect::<Vec<_>>(), [slot(&run, "phi4:mini")]);
    let silent = Silent { slot: slot(&run, "mixtral"), why: Silence::Failed };
    assert_eq!(verdict.silent, [silent]);
    assert!(verdict.took_us.is_some());
    assert_eq!(contents(&bench.app, started.conversation).await, [QUESTION, "**Answer:** 42"]);

    // All of it is there after a restart, and can be replayed without a network.
    bench.app.shutdown().await;
    let app = open(&bench.home, &bench.secrets).await;
    let listed = app.consensus_list(ConversationRef { id: started.conversation }).await.unwrap();
    assert_eq!(listed, std::slice::from_ref(&run));
    let texts: Vec<String> = app
        .consensus_answers(ConsensusRef { run: run.id })
        .await
        .unwrap()
        .into_iter()
        .map(|message| message.content)
        .collect();
    let expected: Vec<&str> = run
        .candidates
        .iter()
        .map(|candidate| match candidate.model.as_str() {
            "gpt-oss-20b" => "**Answer:** 42",
            "qwen2.5-coder:1.5b" => "6 * 7 is 42.",
            "phi4:mini" => "I make it 41.",
            _ => "",
        })
        .collect();
    assert_eq!(texts, expected);
    let record = app.consensus_record(ConsensusRef { run: run.id }).await.unwrap();
    assert_eq!((record.seed, record.sent.len(), record.resemblance.len()), (7, 4, 3));
}

#[tokio::test]
async fn a_quorum_decides_and_a_late_answer_may_change_it() {
    let mut bench = Bench::start().await;
    let started = bench.app.consensus_begin(ask(plan(ConsensusMethod::WeightedVote, 2))).await.unwrap();
    let again = bench.app.chat_send(send(Some(started.conversation), "and?", Some("mixtral"))).await;
    assert_eq!(again, Err(ErrorCode::Busy.into()), "there is nothing to go on from yet");
    bench.chat("phi4:mini").await.say_all(&["41"]).await;
    bench.chat("mixtral").await.say_all(&["41"]).await;
    let run = until(&mut bench, started.run.id, |run| run.verdict.is_some()).await;
    let verdict = run.verdict.clone().unwrap();
    assert_eq!((verdict.moment, verdict.agreement), (Moment::Quorum, Agreement::Unanimous));
    assert_eq!(verdict.winner, Some(slot(&run, "phi4:mini")));
    assert_eq!(run.state, ConsensusState::Decided);
    assert_eq!(contents(&bench.app, started.conversation).await, [QUESTION, "41"]);

    bench.chat("gpt-oss-20b").await.say_all(&["42"]).await;
    bench.chat("qwen2.5-coder:1.5b").await.say_all(&["42"]).await;
    let run = until_ended(&mut bench, started.run.id).await;
    let verdict = run.verdict.clone().unwrap();
    assert_eq!((verdict.moment, verdict.agreement), (Moment::LateAnswer, Agreement::Majority));
    assert_eq!(verdict.winner, Some(slot(&run, "gpt-oss-20b")));
    assert_eq!(run.candidates[usize::from(slot(&run, "gpt-oss-20b").0)].arrival, Some(Arrival::Late));
    assert_eq!(contents(&bench.app, started.conversation).await, [QUESTION, "42"]);
    assert!(run.revisions.len() >= 2, "{:?}", run.revisions);
}

#[tokio::test]
async fn a_deadline_decides_without_those_who_are_silent_and_one_can_be_stopped_alone() {
    let mut bench = Bench::start().await;
    let plan = ConsensusPlan { deadline_ms: Some(1_000), ..plan(ConsensusMethod::WeightedVote, 4) };
    let started = bench.app.consensus_begin(ask(plan)).await.unwrap();
    bench.chat("phi4:mini").await.say_all(&["42"]).await;
    bench.chat("mixtral").await.say_all(&["42"]).await;
    let mut late = bench.chat("gpt-oss-20b").await;
    late.send_text("let me").await;
    let run = until(&mut bench, started.run.id, |run| run.verdict.is_some()).await;
    let verdict = run.verdict.clone().unwrap();
    assert_eq!(
        (verdict.moment, verdict.quorum, verdict.agreement),
        (Moment::Deadline, Quorum::Missed, Agreement::Unanimous)
    );
    let gpt = slot(&run, "gpt-oss-20b");
    bench.app.consensus_stop_candidate(ConsensusSlotRef { run: run.id, slot: gpt }).await.unwrap();
    late.closed_by_client().await;
    bench.app.consensus_stop(ConsensusRef { run: run.id }).await.unwrap();
    let run = until_ended(&mut bench, started.run.id).await;
    let status = |model| run.candidates[usize::from(slot(&run, model).0)].status;
    assert_eq!(status("gpt-oss-20b"), CandidateStatus::Stopped);
    assert_eq!(status("qwen2.5-coder:1.5b"), CandidateStatus::Stopped);
    assert_eq!(run.verdict.as_ref().map(|verdict| verdict.winner), Some(Some(slot(&run, "phi4:mini"))));
}

#[tokio::test]
async fn what_the_user_chooses_is_shown_remembered_and_learned_from() {
    let mut bench = Bench::start().await;
    let started = answered(&mut bench, ConsensusMethod::WeightedVote, ["42", "42", "41", "42"]).await;
    let run = until_ended(&mut bench, started.run.id).await;
    let phi = slot(&run, "phi4:mini");
    let chosen = bench.app.consensus_choose(ConsensusSlotRef { run: run.id, slot: phi }).await.unwrap();
    let verdict = chosen.verdict.clone().unwrap();
    assert_eq!((verdict.decided_by, verdict.winner), (DecidedBy::User, Some(phi)));
    assert_eq!(verdict.agreement, Agreement::Majority, "how far they agree is no matter of choice");
    assert_eq!(contents(&bench.app, started.conversation).await, [QUESTION, "41"]);
    assert_eq!(bench.app.consensus_run(ConsensusRef { run: run.id }).await.unwrap(), chosen);

    let learned = bench.app.consensus_weights().await.unwrap();
    let class = learned.classes.first().expect("a class");
    assert_eq!((class.class, class.verdicts), (TaskClass::Number, 1));
    let right = |model: &str| class.models.iter().find(|each| each.model.as_str() == model).unwrap().right;
    assert_eq!((right("phi4:mini"), right("gpt-oss-20b")), (1.0, 0.0));
    assert_eq!(learned.upheld, [UpheldAgreement { agreement: Agreement::Majority, judged: 1, upheld: 0 }]);

    let set = LearnedWeightSet { class: TaskClass::Number, model: "phi4:mini".into(), weight: Some(3.0) };
    let learned = bench.app.consensus_weights_set(set).await.unwrap();
    let edited = learned.classes[0].models.iter().find(|each| each.model.as_str() == "phi4:mini").unwrap().edited;
    assert_eq!(edited, Some(3.0));
    let by_learned = ConsensusPlan { weights: WeightSource::Learned, ..plan(ConsensusMethod::WeightedVote, 4) };
    let question = ConsensusQuestion::Again { message: run.question };
    let again = bench.app.consensus_begin(ConsensusAsk { question, plan: Some(by_learned) }).await.unwrap();
    let weight = again.run.candidates[usize::from(slot(&again.run, "phi4:mini").0)].weight;
    assert_eq!(weight, 3.0);
    let no = LearnedWeightSet { class: TaskClass::Number, model: "phi4:mini".into(), weight: Some(-1.0) };
    assert_eq!(
        bench.app.consensus_weights_set(no).await,
        Err(AppError::new(ErrorCode::InvalidInput).with_field("weight"))
    );
}

#[tokio::test]
async fn what_is_measured_is_told_while_it_is_written() {
    let mut bench = Bench::start().await;
    let words = Script::tokens(10_000).every(std::time::Duration::from_millis(20));
    bench.fleet.server("gpt-oss-20b").answer(Chat::Scripted(words));
    let started = bench.app.consensus_begin(ask(plan(ConsensusMethod::WeightedVote, 4))).await.unwrap();
    let id = started.run.id;
    let gpt = usize::from(slot(&started.run, "gpt-oss-20b").0);
    let run = until(&mut bench, id, |run| run.candidates[gpt].ttft_ms.is_some()).await;
    assert_eq!(run.candidates[gpt].status, CandidateStatus::Streaming);
    let first = run.candidates[gpt].ttft_ms;
    let run = until(&mut bench, id, |run| run.candidates[gpt].tokens_per_second.is_some()).await;
    let speeding = run.candidates[gpt].tokens_per_second.unwrap();
    assert_eq!((run.candidates[gpt].status, run.candidates[gpt].ttft_ms), (CandidateStatus::Streaming, first));
    assert!(speeding > 0.0 && speeding < 60.0, "a token every 20 ms or more, and not {speeding} in a second");
    // A server that counts only at the end says nothing of a speed before.
    let mut phi = bench.chat("phi4:mini").await;
    assert_eq!(phi.request["stream_options"], json!({ "include_usage": true, "continuous_usage_stats": true }));
    let at = usize::from(slot(&started.run, "phi4:mini").0);
    phi.request["stream_options"]["continuous_usage_stats"] = json!(false);
    phi.send_text("It is").await;
    let run = until(&mut bench, id, |run| run.candidates[at].ttft_ms.is_some()).await;
    assert_eq!(run.candidates[at].tokens_per_second, None);
    // What was measured stays where it is stopped.
    bench.app.consensus_stop(ConsensusRef { run: id }).await.unwrap();
    let run = until_ended(&mut bench, id).await;
    assert_eq!((run.candidates[gpt].status, run.candidates[gpt].ttft_ms), (CandidateStatus::Stopped, first));
    assert!(run.candidates[gpt].tokens_per_second.is_some());
}

#[tokio::test]
async fn a_server_that_refuses_to_count_as_it_goes_is_asked_without() {
    let mut bench = Bench::start().await;
    let started = bench.app.consensus_begin(ask(plan(ConsensusMethod::WeightedVote, 4))).await.unwrap();
    let strict = bench.chat("phi4:mini").await;
    strict.respond_status(400, &[], r#"{"error":{"message":"unknown field continuous_usage_stats","code":400}}"#).await;
    let again = bench.chat("phi4:mini").await;
    assert_eq!(again.request["stream_options"], json!({ "include_usage": true }));
    again.say_all(&["42"]).await;
    for model in ["gpt-oss-20b", "qwen2.5-coder:1.5b", "mixtral"] {
        bench.chat(model).await.say_all(&["42"]).await;
    }
    let run = until_ended(&mut bench, started.run.id).await;
    assert_eq!(run.verdict.unwrap().agreement, Agreement::Unanimous);
    assert!(run.candidates.iter().all(|candidate| candidate.status == CandidateStatus::Complete));
}

#[tokio::test]
async fn a_choice_is_given_back_and_nothing_is_learned_from_it_any_more() {
    let mut bench = Bench::start().await;
    let started = answered(&mut bench, ConsensusMethod::WeightedVote, ["42", "42", "41", "42"]).await;
    let run = until_ended(&mut bench, started.run.id).await;
    let before = run.verdict.clone().unwrap();
    let phi = slot(&run, "phi4:mini");
    let chosen = bench.app.consensus_choose(ConsensusSlotRef { run: run.id, slot: phi }).await.unwrap();
    let ruled = chosen.ruled.as_deref().expect("the method's verdict stays on record");
    assert_eq!((ruled.winner, ruled.agreement, ruled.moment), (before.winner, before.agreement, before.moment));

    // Also after a restart.
    bench.app.shutdown().await;
    let app = open(&bench.home, &bench.secrets).await;
    assert_eq!(app.consensus_run(ConsensusRef { run: run.id }).await.unwrap(), chosen);
    assert_eq!(app.consensus_weights().await.unwrap().classes.len(), 1);
    let given = app.consensus_give_back(ConsensusRef { run: run.id }).await.unwrap();
    let verdict = given.verdict.clone().unwrap();
    assert_eq!(
        (verdict.decided_by, verdict.moment, verdict.winner, verdict.rule),
        (DecidedBy::Method, Moment::GivenBack, before.winner, before.rule)
    );
    assert_eq!(given.ruled, None);
    assert!(given.revisions.iter().all(|each| each.after_ms < 600_000), "{:?}", given.revisions);
    let told: Vec<(Moment, Option<Slot>)> = given.revisions.iter().map(|each| (each.moment, each.winner)).collect();
    assert_eq!(told[told.len() - 2..], [(Moment::UserChoice, Some(phi)), (Moment::GivenBack, before.winner)]);
    assert_eq!(contents(&app, started.conversation).await, [QUESTION, "42"]);
    assert_eq!(app.consensus_weights().await.unwrap(), LearnedWeights { classes: vec![], upheld: vec![] });
    assert_eq!(app.consensus_give_back(ConsensusRef { run: run.id }).await.unwrap(), given, "there is nothing more");
}

#[tokio::test]
async fn a_choice_holds_after_a_restart_and_going_on_from_another_candidate_is_respected() {
    let mut bench = Bench::start().await;
    let started = answered(&mut bench, ConsensusMethod::WeightedVote, ["42", "42", "41", "40"]).await;
    let run = until_ended(&mut bench, started.run.id).await;
    bench.app.shutdown().await;
    let app = open(&bench.home, &bench.secrets).await;
    let mixtral = slot(&run, "mixtral");
    let chosen = app.consensus_choose(ConsensusSlotRef { run: run.id, slot: mixtral }).await.unwrap();
    assert_eq!(
        chosen.verdict.map(|verdict| (verdict.decided_by, verdict.winner)),
        Some((DecidedBy::User, Some(mixtral)))
    );
    assert_eq!(contents(&app, started.conversation).await, [QUESTION, "40"]);
    let nobody = app.consensus_choose(ConsensusSlotRef { run: run.id, slot: Slot(9) }).await;
    assert_eq!(nobody, Err(AppError::new(ErrorCode::InvalidInput).with_field("slot")));
}

#[tokio::test]
async fn the_others_are_asked_about_an_answer_that_stays_a_candidate() {
    let mut bench = Bench::start().await;
    let one = bench.app.chat_send(send(None, QUESTION, Some("phi4:mini"))).await.unwrap();
    bench.chat("phi4:mini").await.say_all(&["41"]).await;
    bench.window.ended(one.answer.id).await;
    let ask = ConsensusAskOthers { message: one.answer.id, plan: Some(plan(ConsensusMethod::WeightedVote, 4)) };
    let started = bench.app.consensus_ask_others(ask).await.unwrap();
    assert_eq!(started.answers.len(), 3, "nobody answers twice");
    assert_eq!(
        contents(&bench.app, one.conversation).await,
        [QUESTION, "41"],
        "what was shown is shown until there is a verdict"
    );
    for model in ["gpt-oss-20b", "qwen2.5-coder:1.5b", "mixtral"] {
        bench.chat(model).await.say_all(&["42"]).await;
    }
    let run = until_ended(&mut bench, started.run.id).await;
    let phi = &run.candidates[usize::from(slot(&run, "phi4:mini").0)];
    assert_eq!((phi.message, phi.status), (one.answer.id, CandidateStatus::Complete));
    assert_eq!(run.verdict.unwrap().winner, Some(slot(&started.run, "gpt-oss-20b")));
    assert_eq!(contents(&bench.app, one.conversation).await, [QUESTION, "42"]);
}

#[tokio::test]
async fn a_judge_is_asked_twice_without_names_and_counts_when_both_agree() {
    let mut bench = Bench::start().await;
    let plan = ConsensusPlan {
        members: MODELS[..3].iter().map(|model| Member { model: (*model).into(), weight: 1.0 }).collect(),
        judge: Some("mixtral".into()),
        ..plan(ConsensusMethod::Judge, 3)
    };
    let started = bench.app.consensus_begin(ask(plan)).await.unwrap();
    for (model, answer) in MODELS.iter().zip(["42", "forty-one, that is 41", "40"]) {
        bench.chat(model).await.say_all(&[answer]).await;
    }
    for _ in 0..2 {
        let chat = bench.chat("mixtral").await;
        let schema = &chat.request["response_format"]["json_schema"]["schema"];
        assert!(schema["properties"].is_object(), "{}", chat.request);
        let prompt = chat.request["messages"][1]["content"].as_str().unwrap().to_owned();
        assert!(MODELS.iter().all(|model| !prompt.contains(model)), "candidates are anonymous");
        let label = label_of(&bench.app, &started.run, "qwen2.5-coder:1.5b", &prompt).await;
        chat.complete(&json!({ "reason": "it spells it out", "choice": label }).to_string(), 9, 9).await;
    }
    let run = until_ended(&mut bench, started.run.id).await;
    let verdict = run.verdict.clone().unwrap();
    assert_eq!(verdict.judge.as_ref().map(|judge| judge.result), Some(JudgeResult::Stable));
    assert_eq!((verdict.rule, verdict.winner), (DecisionRule::JudgeChoice, Some(slot(&run, "qwen2.5-coder:1.5b"))));
    let record = bench.app.consensus_record(ConsensusRef { run: run.id }).await.unwrap();
    assert_eq!(record.asked.len(), 2);
    assert!(record.asked.iter().all(|asked| asked.reply.is_some()));
}

#[tokio::test]
async fn a_judge_that_cannot_keep_the_form_is_asked_with_one_that_leaves_nothing_free() {
    let mut bench = Bench::start().await;
    let plan = ConsensusPlan {
        members: MODELS[..2].iter().map(|model| Member { model: (*model).into(), weight: 1.0 }).collect(),
        judge: Some("mixtral".into()),
        ..plan(ConsensusMethod::Judge, 2)
    };
    let started = bench.app.consensus_begin(ask(plan)).await.unwrap();
    for (model, answer) in MODELS.iter().zip(["42", "forty-one, that is 41"]) {
        bench.chat(model).await.say_all(&[answer]).await;
    }
    let mut prompts = Vec::new();
    for _ in 0..2 {
        let chat = bench.chat("mixtral").await;
        prompts.push(chat.request["messages"].clone());
        chat.complete("{ \n\n\n\n", 9, 9).await;
    }
    for _ in 0..2 {
        let chat = bench.chat("mixtral").await;
        assert!(prompts.contains(&chat.request["messages"]), "the same question");
        let prompt = chat.request["messages"][1]["content"].as_str().unwrap().to_owned();
        let label = label_of(&bench.app, &started.run, "qwen2.5-coder:1.5b", &prompt).await;
        let whole = json!({ "reason": "", "choice": label });
        let form = &chat.request["response_format"]["json_schema"]["schema"]["enum"];
        assert!(form.as_array().unwrap().contains(&whole), "{form}");
        chat.complete(&whole.to_string(), 9, 9).await;
    }
    let run = until_ended(&mut bench, started.run.id).await;
    let verdict = run.verdict.unwrap();
    let judge = verdict.judge.unwrap();
    assert_eq!((judge.result, judge.reasons), (JudgeResult::Stable, vec![String::new(), String::new()]));
    assert_eq!(verdict.winner, Some(slot(&started.run, "qwen2.5-coder:1.5b")));
}

/// The label under which a candidate was shown in a prompt.
async fn label_of(app: &App, run: &ConsensusRun, model: &str, prompt: &str) -> String {
    loop {
        let record = app.consensus_record(ConsensusRef { run: run.id }).await.unwrap();
        if let Some(asked) = record.asked.iter().find(|asked| asked.prompt == prompt) {
            let shown = asked.shown.iter().find(|shown| shown.slot == slot(run, model)).unwrap();
            return shown.label.clone();
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_synthesis_streams_into_a_message_of_its_own_and_says_where_each_part_came_from() {
    let mut bench = Bench::start().await;
    let plan = ConsensusPlan {
        members: MODELS[..2].iter().map(|model| Member { model: (*model).into(), weight: 1.0 }).collect(),
        judge: Some("mixtral".into()),
        ..plan(ConsensusMethod::Synthesis, 2)
    };
    let started = bench.app.consensus_begin(ask(plan)).await.unwrap();
    for (model, answer) in MODELS.iter().zip(["It is 42.", "42, as everybody knows."]) {
        bench.chat(model).await.say_all(&[answer]).await;
    }
    let mut chat = bench.chat("mixtral").await;
    let prompt = chat.request["messages"][1]["content"].as_str().unwrap().to_owned();
    let label = label_of(&bench.app, &started.run, "gpt-oss-20b", &prompt).await;
    let cited = |text: &str| json!({ "text": text, "from": [label] });
    let reply = json!({
        "parts": [cited("Six times seven"), cited("is 42.")],
        "consensus": [cited("It is 42.")],
        "contradictions": [],
        "unique": [],
        "gaps": ["why"]
    });
    // The members in the order of the schema, as a server that keeps it writes them.
    let text = format!(
        r#"{{"parts":{},"consensus":{},"contradictions":[],"unique":[],"gaps":["why"]}}"#,
        reply["parts"], reply["consensus"]
    );
    let (first, rest) = text.split_at(text.find("seven").unwrap());
    chat.send_text(first).await;
    let begun = until(&mut bench, started.run.id, |run| run.state == ConsensusState::Deciding).await;
    let before = begun.verdict.unwrap().winner;
    assert!(before.is_some(), "the vote stands until the synthesis is there");
    let answers = bench.app.consensus_answers(ConsensusRef { run: started.run.id }).await.unwrap();
    assert_eq!(answers.len(), 3, "what is being written is named in the run");
    let written = begun.synthesis.expect("named");
    assert_eq!((written.status, written.message), (SynthesisStatus::Writing, answers[2].id));
    chat.send_text(rest).await;
    chat.finish("stop").await;
    chat.usage(9, 9).await;
    chat.done().await;
    let run = until_ended(&mut bench, started.run.id).await;
    let verdict = run.verdict.clone().unwrap();
    assert_eq!((verdict.rule, verdict.winner), (DecisionRule::Synthesised, None));
    let synthesis = verdict.synthesis.unwrap();
    let part = CitedPart { text: "is 42.".to_owned(), from: vec![slot(&run, "gpt-oss-20b")] };
    assert_eq!((synthesis.parts.get(1), synthesis.gaps.as_slice()), (Some(&part), ["why".to_owned()].as_slice()));
    assert_eq!(contents(&bench.app, started.conversation).await, [QUESTION, "Six times seven\n\nis 42."]);
    let answers = bench.app.consensus_answers(ConsensusRef { run: run.id }).await.unwrap();
    assert_eq!(answers.len(), 3, "two candidates, and what was written from them");
    assert_eq!(answers[2].routing.as_ref().map(|routing| routing.rule), Some(RoutingRule::Synthesis));
    assert_eq!(
        run.synthesis.map(|each| (each.message, each.status)),
        Some((written.message, SynthesisStatus::Complete))
    );

    // Another candidate, and the synthesis again: nobody is asked for it, also without any server.
    let qwen = slot(&run, "qwen2.5-coder:1.5b");
    bench.app.consensus_choose(ConsensusSlotRef { run: run.id, slot: qwen }).await.unwrap();
    assert_eq!(contents(&bench.app, started.conversation).await, [QUESTION, "42, as everybody knows."]);
    bench.app.shutdown().await;
    let app = open(&bench.home, &bench.secrets).await;
    assert_eq!(app.consensus_answers(ConsensusRef { run: run.id }).await.unwrap().len(), 3);
    let given = app.consensus_give_back(ConsensusRef { run: run.id }).await.unwrap();
    assert_eq!(
        given.verdict.map(|verdict| (verdict.rule, verdict.message)),
        Some((DecisionRule::Synthesised, Some(written.message)))
    );
    assert_eq!(contents(&app, started.conversation).await, [QUESTION, "Six times seven\n\nis 42."]);
}

#[tokio::test]
async fn the_fleets_service_answers_for_all_and_its_200_failure_is_a_failure() {
    let mut bench = Bench::with(Fleet::start().await, |profile| {
        // The service lives beside the first model here.
        let url = profile.models[0].url.trim_end_matches("/v1").to_owned();
        profile.services.insert(Service::Consensus, url);
    })
    .await;
    let server = bench.fleet.servers().next().unwrap();
    let body = json!({
        "response": "42", "model_used": "mixtral", "duration": 0.9, "tokens_generated": 1, "tokens_evaluated": 9,
        "consensus": true, "consensus_method": "weighted", "models_queried": 4, "successful_models": 4,
        "total_weight": 3.0, "selected_weight": 0.6
    });
    server.route("POST /api/consensus/query", Canned::json(&body));
    let started = bench.app.consensus_begin(ask(plan(ConsensusMethod::Server, 2))).await.unwrap();
    let run = until_ended(&mut bench, started.run.id).await;
    let verdict = run.verdict.clone().unwrap();
    assert_eq!(verdict.rule, DecisionRule::ServerChoice);
    assert_eq!(verdict.server.map(|vote| vote.model), Some("mixtral".into()));
    assert_eq!(run.candidates.len(), 1);
    assert_eq!(run.candidates[0].model, "mixtral".into());
    assert_eq!(contents(&bench.app, started.conversation).await, [QUESTION, "42"]);

    let failure = json!({ "error": "Todos los modelos fallaron", "failed_models": [], "consensus": false });
    let server = bench.fleet.servers().next().unwrap();
    server.route("POST /api/consensus/query", Canned::json(&failure));
    let started = bench.app.consensus_begin(ask(plan(ConsensusMethod::Server, 2))).await.unwrap();
    let run = until_ended(&mut bench, started.run.id).await;
    assert_eq!(run.candidates[0].status, CandidateStatus::Failed);
    assert_eq!(run.verdict.map(|verdict| (verdict.agreement, verdict.winner)), Some((Agreement::None, None)));
}

#[tokio::test]
async fn one_model_asked_several_times_gets_another_seed_each_time() {
    let mut bench = Bench::start().await;
    let member = Member { model: "phi4:mini".into(), weight: 1.0 };
    let plan = ConsensusPlan { members: vec![member], samples: Some(3), ..plan(ConsensusMethod::SelfConsistency, 3) };
    let started = bench.app.consensus_begin(ask(plan)).await.unwrap();
    let mut seeds = Vec::new();
    for answer in ["42", "42", "41"] {
        let chat = bench.chat("phi4:mini").await;
        seeds.push(chat.request["seed"].as_i64().unwrap());
        assert!(chat.request["temperature"].as_f64().unwrap() >= 0.7);
        chat.say_all(&[answer]).await;
    }
    seeds.sort_unstable();
    assert_eq!(seeds, [7, 8, 9]);
    let run = until_ended(&mut bench, started.run.id).await;
    assert_eq!(run.verdict.map(|verdict| verdict.agreement), Some(Agreement::Majority));
}

#[tokio::test]
async fn members_are_asked_for_a_line_of_its_own_and_what_they_say_there_is_what_counts() {
    let mut bench = Bench::start().await;
    let plan = ConsensusPlan { form: AnswerForm::LastLine, ..plan(ConsensusMethod::WeightedVote, 4) };
    let started = bench.app.consensus_begin(ask(plan)).await.unwrap();
    for model in MODELS {
        let chat = bench.chat(model).await;
        let system = &chat.request["messages"][0];
        assert_eq!(system["role"], "system");
        assert!(system["content"].as_str().unwrap().ends_with("Final answer: <answer>"), "{system}");
        // Nobody could tell from the first sentence which number it means.
        chat.say_all(&["Between 40, 41 and 43 it is none.\n\nFinal answer: 42"]).await;
    }
    let run = until_ended(&mut bench, started.run.id).await;
    let verdict = run.verdict.expect("a verdict");
    assert_eq!((verdict.agreement, verdict.answered_weight), (Agreement::Unanimous, verdict.total_weight));
    // What they were told is on record.
    let record = bench.app.consensus_record(ConsensusRef { run: run.id }).await.unwrap();
    assert!(record.sent.iter().all(|sent| sent.parameters.system_prompt.ends_with("Final answer: <answer>")));
}

/// The plan as delivered asks members to close with a line.
fn lined(quorum: u8) -> ConsensusPlan {
    ConsensusPlan { form: AnswerForm::LastLine, ..plan(ConsensusMethod::WeightedVote, quorum) }
}

fn candidate<'r>(run: &'r ConsensusRun, model: &str) -> &'r Candidate {
    &run.candidates[usize::from(slot(run, model).0)]
}

/// The reply to the schema of a line.
fn line(answer: &str) -> String {
    json!({ "answer": answer }).to_string()
}

#[tokio::test]
async fn a_member_that_did_not_close_with_its_line_is_asked_for_it_once() {
    let prose = "It is one of 40, 41 and 42, and I will not say which.";
    let mut bench = Bench::start().await;
    let started = bench.app.consensus_begin(ask(lined(4))).await.unwrap();
    let id = started.run.id;
    bench.chat("gpt-oss-20b").await.say_all(&["Of course.\n\n**Final answer:** 42"]).await;

    let mut thinker = bench.chat("qwen2.5-coder:1.5b").await;
    thinker.send_text("<think>40? 41?</think>").await;
    thinker.say_all(&[prose]).await;
    let again = bench.chat("qwen2.5-coder:1.5b").await;
    let expected = ["user", "assistant", "user"].map(str::to_owned);
    let messages = sent(&again);
    assert_eq!(messages.iter().map(|(role, _)| role.clone()).collect::<Vec<_>>(), expected);
    assert_eq!((messages[0].1.as_str(), messages[1].1.as_str()), (QUESTION, prose), "without its thoughts");
    let schema = &again.request["response_format"]["json_schema"]["schema"];
    assert_eq!(schema["properties"]["answer"]["maxLength"], 200);
    let figures = [&again.request["temperature"], &again.request["max_tokens"], &again.request["seed"]];
    assert_eq!(figures, [&json!(0.0), &json!(96), &json!(7)]);
    assert!(!again.wants_stream());
    // For everybody else it is still at work.
    let run = until(&mut bench, id, |run| candidate(run, "qwen2.5-coder:1.5b").naming).await;
    assert_eq!(candidate(&run, "qwen2.5-coder:1.5b").status, CandidateStatus::Streaming);
    assert!(candidate(&run, "qwen2.5-coder:1.5b").ttft_ms.is_some());
    assert_eq!(run.verdict, None);
    // It has thought about it until its last token, and is given room for that.
    again.complete("", 90, 96).await;
    let with_room = bench.chat("qwen2.5-coder:1.5b").await;
    assert_eq!((&with_room.request["max_tokens"], sent(&with_room)), (&json!(1_024), messages.clone()));
    with_room.complete(&line("42"), 90, 200).await;

    // A server that keeps no schema is asked without one.
    bench.chat("phi4:mini").await.say_all(&[prose]).await;
    let strict = bench.chat("phi4:mini").await;
    strict.respond_status(400, &[], r#"{"error":{"message":"response_format is not supported","code":400}}"#).await;
    let free = bench.chat("phi4:mini").await;
    assert_eq!(sent(&free), messages);
    assert!(free.request.get("response_format").is_none(), "{}", free.request);
    free.complete("Final answer: 41", 90, 9).await;

    // One that says nothing that could be read keeps its own words; that is no error of its answer.
    bench.chat("mixtral").await.say_all(&["It is 42."]).await;
    bench.chat("mixtral").await.complete("{ \n\n\n", 90, 96).await;

    let run = until_ended(&mut bench, id).await;
    let told: Vec<(&str, CandidateStatus, Option<&str>, Option<Reading>)> = MODELS
        .iter()
        .map(|model| candidate(&run, model))
        .map(|each| (each.model.as_str(), each.status, each.said.as_deref(), each.reading.clone()))
        .collect();
    let answer = |shown: &str| Some(Reading::Answer { shown: shown.to_owned() });
    let complete = CandidateStatus::Complete;
    let expected = [
        ("gpt-oss-20b", complete, None, answer("42")),
        ("qwen2.5-coder:1.5b", complete, Some("42"), answer("42")),
        ("phi4:mini", complete, Some("41"), answer("41")),
        ("mixtral", complete, None, answer("42")),
    ];
    assert_eq!(told, expected);
    assert!(run.candidates.iter().all(|each| !each.naming && each.error.is_none()));
    let verdict = run.verdict.clone().expect("a verdict");
    assert_eq!((verdict.agreement, verdict.revision), (Agreement::Majority, 1));

    // It is on record, and no message of the conversation.
    let record = bench.app.consensus_record(ConsensusRef { run: id }).await.unwrap();
    let mut asked: Vec<Slot> = record.lines.iter().map(|asked| asked.slot).collect();
    asked.sort_unstable();
    assert_eq!(asked, MODELS[1..].iter().map(|model| slot(&run, model)).collect::<Vec<_>>());
    assert!(record.lines.iter().all(|asked| asked.prompt == messages[2].1 && asked.shown == asked.of));
    assert_eq!(contents(&bench.app, started.conversation).await, [QUESTION, "Of course.\n\n**Final answer:** 42"]);
    assert_eq!(bench.app.consensus_answers(ConsensusRef { run: id }).await.unwrap().len(), 4);
    for model in MODELS {
        assert!(bench.fleet.server(model).waiting_chat().is_none(), "{model} is asked nothing more");
    }

    // And there after a restart, without a network.
    bench.app.shutdown().await;
    let app = open(&bench.home, &bench.secrets).await;
    assert_eq!(app.consensus_run(ConsensusRef { run: id }).await.unwrap(), run);
    assert_eq!(app.consensus_record(ConsensusRef { run: id }).await.unwrap(), record);
    let phi = slot(&run, "phi4:mini");
    app.consensus_choose(ConsensusSlotRef { run: id, slot: phi }).await.unwrap();
    let given = app.consensus_give_back(ConsensusRef { run: id }).await.unwrap().verdict.expect("a verdict");
    assert_eq!(given.groups, verdict.groups);
}

#[tokio::test]
async fn a_line_that_does_not_come_holds_nobody_up_for_long() {
    let mut bench = Bench::start().await;
    let started = bench.app.consensus_begin(ask(lined(4))).await.unwrap();
    let id = started.run.id;
    for model in ["gpt-oss-20b", "qwen2.5-coder:1.5b"] {
        bench.chat(model).await.say_all(&["Final answer: 42"]).await;
    }
    // One is silent, one is stopped by the user.
    bench.chat("phi4:mini").await.say_all(&["It is 42."]).await;
    let mut silent = bench.chat("phi4:mini").await;
    bench.chat("mixtral").await.say_all(&["It is 41."]).await;
    let mut stopped = bench.chat("mixtral").await;
    let run = until(&mut bench, id, |run| candidate(run, "mixtral").naming).await;
    let mixtral = slot(&run, "mixtral");
    bench.app.consensus_stop_candidate(ConsensusSlotRef { run: id, slot: mixtral }).await.unwrap();
    stopped.closed_by_client().await;
    let run = until(&mut bench, id, |run| candidate(run, "mixtral").status == CandidateStatus::Complete).await;
    assert_eq!(candidate(&run, "mixtral").reading, Some(Reading::Answer { shown: "41".to_owned() }));
    let run = until_ended(&mut bench, id).await;
    silent.closed_by_client().await;
    let phi = candidate(&run, "phi4:mini");
    assert_eq!((phi.status, phi.said.as_deref()), (CandidateStatus::Complete, None));
    assert_eq!(phi.reading, Some(Reading::Answer { shown: "42".to_owned() }));
    assert_eq!(phi.error, None);
    assert_eq!(run.verdict.map(|verdict| verdict.answered_weight), Some(3.0));
    assert_eq!(bench.fleet.server("phi4:mini").chat_count(), 2, "it is asked once");
}

#[tokio::test]
async fn an_answer_of_before_is_asked_for_its_line_when_the_others_are_asked() {
    let mut bench = Bench::start().await;
    let one = bench.app.chat_send(send(None, QUESTION, Some("phi4:mini"))).await.unwrap();
    bench.chat("phi4:mini").await.say_all(&["It is one of 41 and 42."]).await;
    bench.window.ended(one.answer.id).await;
    let started = bench
        .app
        .consensus_ask_others(ConsensusAskOthers { message: one.answer.id, plan: Some(lined(4)) })
        .await
        .unwrap();
    let again = bench.chat("phi4:mini").await;
    assert_eq!(sent(&again)[1].1, "It is one of 41 and 42.");
    again.complete(&line("42"), 90, 9).await;
    for model in ["gpt-oss-20b", "qwen2.5-coder:1.5b", "mixtral"] {
        bench.chat(model).await.say_all(&["Final answer: 42"]).await;
    }
    let run = until_ended(&mut bench, started.run.id).await;
    let phi = candidate(&run, "phi4:mini");
    assert_eq!((phi.message, phi.said.as_deref()), (one.answer.id, Some("42")));
    assert_eq!(run.verdict.map(|verdict| verdict.agreement), Some(Agreement::Unanimous));
}

#[tokio::test]
async fn who_was_being_asked_for_a_line_when_the_program_ended_is_read_as_it_is() {
    let mut bench = Bench::start().await;
    let started = bench.app.consensus_begin(ask(lined(4))).await.unwrap();
    let id = started.run.id;
    for model in MODELS {
        bench.chat(model).await.say_all(&["It is 42."]).await;
    }
    bench.chat("gpt-oss-20b").await.complete(&line("41"), 90, 9).await;
    let run = until(&mut bench, id, |run| {
        run.candidates.iter().filter(|each| each.naming).count() == 3 && candidate(run, "gpt-oss-20b").reading.is_some()
    })
    .await;
    assert_eq!(run.verdict, None);
    bench.app.shutdown().await;

    let asked: Vec<usize> = MODELS.iter().map(|model| bench.fleet.server(model).chat_count()).collect();
    let app = open(&bench.home, &bench.secrets).await;
    app.profile_select(ProfileRef { id: "kit".into() }).await.unwrap();
    let run = app.consensus_run(ConsensusRef { run: id }).await.unwrap();
    assert_eq!(run.state, ConsensusState::Ended);
    assert!(run.candidates.iter().all(|each| each.status == CandidateStatus::Complete && !each.naming), "{run:?}");
    let verdict = run.verdict.expect("a verdict");
    let groups: Vec<(Option<&str>, usize)> =
        verdict.groups.iter().map(|group| (group.answer.as_deref(), group.slots.len())).collect();
    assert_eq!(groups, [(Some("42"), 3), (Some("41"), 1)]);
    let still: Vec<usize> = MODELS.iter().map(|model| bench.fleet.server(model).chat_count()).collect();
    assert_eq!(still, asked, "nobody is asked anything any more");
}

#[tokio::test]
async fn what_the_end_of_the_program_left_open_is_decided_by_what_is_there() {
    let mut bench = Bench::start().await;
    let started = bench.app.consensus_begin(ask(plan(ConsensusMethod::WeightedVote, 4))).await.unwrap();
    bench.chat("phi4:mini").await.say_all(&["42"]).await;
    let mut half = bench.chat("gpt-oss-20b").await;
    half.send_text("let me th").await;
    let gpt = started.run.candidates[usize::from(slot(&started.run, "gpt-oss-20b").0)].message;
    bench.window.shows(gpt, Part::Content, "let me th").await;
    until(&mut bench, started.run.id, |run| run.candidates.iter().any(|each| each.status == CandidateStatus::Complete))
        .await;
    bench.app.shutdown().await;

    let app = open(&bench.home, &bench.secrets).await;
    let runs = app.consensus_list(ConversationRef { id: started.conversation }).await.unwrap();
    let run = runs.first().expect("the run");
    assert_eq!(run.state, ConsensusState::Ended);
    let verdict = run.verdict.clone().expect("a verdict");
    assert_eq!((verdict.agreement, verdict.winner), (Agreement::None, Some(slot(run, "phi4:mini"))));
    assert_eq!(contents(&app, started.conversation).await, [QUESTION, "42"]);
    let answers = app.consensus_answers(ConsensusRef { run: run.id }).await.unwrap();
    let interrupted = &answers[usize::from(slot(run, "gpt-oss-20b").0)];
    assert_eq!((interrupted.content.as_str(), interrupted.status), ("let me th", MessageStatus::Interrupted));
    assert_eq!(app.consensus_list(ConversationRef { id: started.conversation }).await.unwrap(), runs);
}

#[tokio::test]
async fn plans_that_cannot_be_followed_are_refused_with_the_field() {
    let bench = Bench::start().await;
    let refused = async |change: fn(&mut ConsensusPlan)| {
        let mut plan = plan(ConsensusMethod::WeightedVote, 2);
        change(&mut plan);
        let error = bench.app.consensus_begin(ask(plan)).await.unwrap_err();
        (error.code, error.field)
    };
    let invalid = |field: &str| (ErrorCode::InvalidInput, Some(field.to_owned()));
    assert_eq!(refused(|plan| plan.deadline_ms = Some(1)).await, invalid("deadline_ms"));
    assert_eq!(refused(|plan| plan.samples = Some(3)).await, invalid("samples"));
    assert_eq!(refused(|plan| plan.method = ConsensusMethod::Server).await, invalid("method"));
    let foreign = |plan: &mut ConsensusPlan| {
        let member = |model: &str| Member { model: model.into(), weight: 1.0 };
        plan.members = vec![member("phi4:mini"), member("somebody-else")];
    };
    assert_eq!(refused(foreign).await, (ErrorCode::NotFound, Some("members[1].model".to_owned())));
    let empty = ConsensusQuestion::New { conversation: None, text: "  ".to_owned() };
    let error = bench.app.consensus_begin(ConsensusAsk { question: empty, plan: None }).await.unwrap_err();
    assert_eq!((error.code, error.field), invalid("text"));
    assert!(bench.app.conversation_list(ConversationList::default()).await.unwrap().conversations.is_empty());
}

#[tokio::test]
async fn use_and_agreement_are_counted_from_what_is_on_disk() {
    let mut bench = Bench::start().await;
    let started = answered(&mut bench, ConsensusMethod::WeightedVote, ["42", "42", "42", "42"]).await;
    until_ended(&mut bench, started.run.id).await;
    let since = started.run.created_at - 1_000;
    let stats = bench.app.model_stats(ModelStatsAsk { since, bucket_ms: 60_000 }).await.unwrap();
    assert_eq!(stats.agreements, [AgreementUse { agreement: Agreement::Unanimous, runs: 1 }]);
    assert_eq!(stats.models.len(), 4);
    assert!(stats.models.iter().all(|model| (model.answers, model.voted) == (1, 1)), "{:?}", stats.models);
    assert_eq!(stats.models.iter().map(|model| model.chosen).sum::<u32>(), 1);
    assert_eq!(stats.endpoints.len(), 4);
    let too_fine = bench.app.model_stats(ModelStatsAsk { since, bucket_ms: 1 }).await;
    assert_eq!(too_fine, Err(AppError::new(ErrorCode::InvalidInput).with_field("bucket_ms")));
    assert_eq!(view(&bench.app, started.conversation).await.messages.len(), 2);
}
