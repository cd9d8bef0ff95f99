//! Runs of several models: begun whole, kept whole, and never in the way of their conversation.

use capibara6_protocol::*;
use capibara6_store::{Asked, BeginConsensus, BegunConsensus, Judged, Measured, NewAnswer, Place, Store, StoreError};
use uuid::Uuid;

use crate::stage::{
    Home, answer, at, begin_new, conversation, message, metrics, question, routing, settled, stored_question,
    streaming_answer, write_all,
};

fn run_id(n: u128) -> ConsensusId {
    ConsensusId(Uuid::from_u128(0xe000_0000_0000_0000 + n))
}

fn plan() -> ConsensusPlan {
    let member = |model: &str, weight| Member { model: model.into(), weight };
    ConsensusPlan {
        members: vec![member("gpt-oss-20b", 0.9), member("phi4:mini", 0.7)],
        method: ConsensusMethod::WeightedVote,
        samples: None,
        quorum: 2,
        deadline_ms: Some(30_000),
        judge: None,
        weights: WeightSource::Given,
        form: AnswerForm::Free,
        seed: Some(7),
    }
}

/// A run on question `q` with the candidates `answers`.
fn run(n: u128, c: u128, q: u128, answers: &[u128]) -> ConsensusRun {
    let candidate = |(slot, a): (u8, &u128)| Candidate {
        slot: Slot(slot),
        model: "phi4:mini".into(),
        weight: 0.7,
        status: CandidateStatus::Waiting,
        message: message(*a),
        scripted: false,
        ttft_ms: None,
        duration_ms: None,
        tokens_per_second: None,
        naming: false,
        said: None,
        reading: None,
        arrival: None,
        error: None,
    };
    ConsensusRun {
        id: run_id(n),
        conversation: conversation(c),
        question: message(q),
        class: TaskClass::Number,
        plan: plan(),
        state: ConsensusState::Gathering,
        candidates: (0..).zip(answers).map(candidate).collect(),
        verdict: None,
        ruled: None,
        synthesis: None,
        revisions: Vec::new(),
        created_at: at(q),
    }
}

fn record(n: u128) -> ConsensusRecord {
    ConsensusRecord {
        run: run_id(n),
        seed: 7,
        sent: Vec::new(),
        lines: Vec::new(),
        asked: Vec::new(),
        resemblance: Vec::new(),
    }
}

fn verdict(decided_by: DecidedBy, agreement: Agreement) -> Verdict {
    Verdict {
        revision: 1,
        moment: Moment::AllEnded,
        quorum: Quorum::Met,
        agreement,
        basis: Basis::Answers,
        method: ConsensusMethod::WeightedVote,
        rule: DecisionRule::HeaviestAnswer,
        tie: None,
        decided_by,
        winner: Some(Slot(1)),
        message: Some(message(12)),
        groups: vec![AnswerGroup { answer: Some("42".into()), slots: vec![Slot(1)], weight: 0.7 }],
        silent: Vec::new(),
        answered_weight: 0.7,
        total_weight: 1.6,
        dissent: Vec::new(),
        baselines: Baselines::default(),
        n_eff: None,
        judge: None,
        synthesis: None,
        server: None,
        took_us: Some(120),
    }
}

async fn begin(store: &Store, n: u128, place: Place, asked: Asked, c: u128, q: u128, a: &[u128]) -> BegunConsensus {
    let answers = a.iter().map(|a| answer(*a)).collect();
    let shown = a.first().copied().map(message);
    let begin = BeginConsensus { place, asked, answers, shown, run: run(n, c, q, a), record: record(n) };
    store.begin_consensus(begin).await.expect("begun")
}

async fn begun(store: &Store) -> BegunConsensus {
    let place = Place::New { id: conversation(1), title: "title".into() };
    begin(store, 1, place, question(10, None, "6 * 7?"), 1, 10, &[11, 12]).await
}

#[tokio::test]
async fn question_candidates_and_run_are_begun_together() {
    let home = Home::new();
    let store = home.open().await;
    let begun = begun(&store).await;
    assert_eq!(begun.question, Some(stored_question(1, 10, None, "6 * 7?", &[10])));
    let versions = vec![message(11), message(12)];
    let candidate = |a| Message { versions: versions.clone(), ..streaming_answer(1, a, 10, "") };
    assert_eq!(begun.answers, [candidate(11), candidate(12)]);
    let view = store.view(conversation(1), None, 10).await.expect("a view");
    assert_eq!(view.messages.last().map(|message| message.id), Some(message(11)), "the first candidate is shown");
    assert_eq!(store.consensus_of(conversation(1)).await, Ok(vec![run(1, 1, 10, &[11, 12])]));
    assert_eq!(store.consensus(run_id(1)).await, Ok((run(1, 1, 10, &[11, 12]), record(1))));
}

#[tokio::test]
async fn nothing_is_begun_where_something_is_wrong() {
    let home = Home::new();
    let store = home.open().await;
    begin_new(&store, 1, 10, 11).await;
    let wrong = |asked, answers: Vec<NewAnswer>| BeginConsensus {
        place: Place::Known(conversation(1)),
        asked,
        answers,
        shown: Some(message(21)),
        run: run(1, 1, 10, &[11, 12]),
        record: record(1),
    };
    let none = store.begin_consensus(wrong(Asked::Known(message(10)), Vec::new())).await;
    assert_eq!(none, Err(StoreError::InvalidInput("shown")));
    let taken = store.begin_consensus(wrong(question(20, None, "?"), vec![answer(21), answer(11)])).await;
    assert_eq!(taken, Err(StoreError::InvalidInput("id")));
    assert_eq!(store.message(message(20)).await, Err(StoreError::NotFound));
    assert_eq!(store.consensus_of(conversation(1)).await, Ok(Vec::new()));
}

#[tokio::test]
async fn a_run_is_kept_as_it_is_now_with_what_the_user_judged() {
    let home = Home::new();
    let store = home.open().await;
    begun(&store).await;
    begin(&store, 2, Place::Known(conversation(1)), Asked::Known(message(10)), 1, 10, &[13]).await;
    let decided = ConsensusRun {
        verdict: Some(verdict(DecidedBy::User, Agreement::Split)),
        state: ConsensusState::Ended,
        ..run(1, 1, 10, &[11, 12])
    };
    let record =
        ConsensusRecord { resemblance: vec![Resemblance { a: Slot(0), b: Slot(1), value: 0.25 }], ..record(1) };
    store.save_consensus(&decided, &record, Judged::As("{}")).await.expect("saved");
    store.save_consensus(&decided, &record, Judged::AsBefore).await.expect("saved");
    store.close().await;

    let store = home.open().await;
    assert_eq!(store.consensus(run_id(1)).await, Ok((decided.clone(), record.clone())));
    assert_eq!(store.judgements(10).await, Ok(vec!["{}".to_owned()]), "saving again forgets no judgement");
    assert_eq!(store.consensus_since(at(10), 10).await.map(|runs| runs.len()), Ok(2));
    assert_eq!(store.consensus_since(at(11), 10).await, Ok(Vec::new()));

    // Taken back.
    store.save_consensus(&decided, &record, Judged::ByNobody).await.expect("saved");
    assert_eq!(store.judgements(10).await, Ok(Vec::new()));
    store.save_consensus(&decided, &record, Judged::As("{}")).await.expect("saved");

    // The run goes with its conversation, and cannot be written after that.
    store.delete(conversation(1), 0).await.expect("deleted");
    store.purge(i64::MAX).await.expect("purged");
    assert_eq!(store.save_consensus(&decided, &record, Judged::AsBefore).await, Err(StoreError::NotFound));
    assert_eq!(store.judgements(10).await, Ok(Vec::new()));
}

#[tokio::test]
async fn a_run_that_cannot_be_read_costs_itself_alone() {
    let home = Home::new();
    let store = home.open().await;
    begun(&store).await;
    begin(&store, 2, Place::Known(conversation(1)), Asked::Known(message(10)), 1, 10, &[13]).await;
    store.close().await;
    home.alter("UPDATE consensus SET run = 'not JSON' WHERE id = 1").await;
    let store = home.open().await;
    assert_eq!(store.consensus_of(conversation(1)).await, Ok(vec![run(2, 1, 10, &[13])]));
    assert!(matches!(store.consensus(run_id(1)).await, Err(StoreError::Damaged(_))));
    assert_eq!(store.view(conversation(1), None, 10).await.map(|view| view.messages.len()), Ok(2));
}

#[tokio::test]
async fn an_answer_can_be_added_without_being_shown() {
    let home = Home::new();
    let store = home.open().await;
    begin_new(&store, 1, 10, 11).await;
    let added = store.add_answer(message(10), &answer(12)).await.expect("added");
    assert_eq!(added.versions, [message(11), message(12)]);
    let view = store.view(conversation(1), None, 10).await.expect("a view");
    assert_eq!(view.messages.last().map(|message| message.id), Some(message(11)));
    assert_eq!(store.add_answer(message(99), &answer(13)).await, Err(StoreError::NotFound));
}

#[tokio::test]
async fn what_was_measured_is_what_servers_did() {
    let home = Home::new();
    let store = home.open().await;
    begin_new(&store, 1, 10, 11).await;
    write_all(&store, 11, "eleven").await;
    let scripted = NewAnswer { scripted: true, ..answer(12) };
    store.add_answer(message(10), &scripted).await.expect("added");
    store.settle(settled(12, MessageStatus::Complete)).await.expect("settled");
    store.add_answer(message(10), &answer(13)).await.expect("added");
    store.add_answer(message(10), &answer(14)).await.expect("added");
    store.settle(settled(14, MessageStatus::Failed)).await.expect("settled");

    let measured = |n, status: &str| Measured {
        at: at(n),
        model: "phi4:mini".into(),
        status: status.into(),
        routing: Some(routing()),
        metrics: metrics(),
    };
    assert_eq!(store.measured_since(0, 10).await, Ok(vec![measured(11, "complete"), measured(14, "failed")]));
    assert_eq!(store.measured_since(0, 1).await, Ok(vec![measured(14, "failed")]), "the newest");
    assert_eq!(store.measured_since(at(12), 10).await, Ok(vec![measured(14, "failed")]));
}

#[tokio::test]
async fn a_weight_that_was_set_by_hand_stays_until_it_is_given_back() {
    let home = Home::new();
    let store = home.open().await;
    let (class, model) = (TaskClass::YesNo, ModelId::from("phi4:mini"));
    store.edit_weight(class, &model, Some(0.5)).await.expect("set");
    store.edit_weight(class, &model, Some(1.5)).await.expect("set again");
    store.edit_weight(TaskClass::Open, &model, Some(2.0)).await.expect("set");
    let both = vec![(TaskClass::Open, model.clone(), 2.0), (class, model.clone(), 1.5)];
    assert_eq!(store.edited_weights().await, Ok(both));
    store.edit_weight(TaskClass::Open, &model, None).await.expect("given back");
    assert_eq!(store.edited_weights().await, Ok(vec![(class, model, 1.5)]));
}
