//! Conversations out of one history and into another: what comes out again is the same to the byte, bringing in twice adds
//! nothing, and whatever is wrong with a file or an end in the middle costs no more than it must.

use std::path::{Path, PathBuf};

use capibara6_app::offline::{Missing, Offline, Unlock};
use capibara6_app::transfer::{Export, Import, Labels, Place, Watch};
use capibara6_identity::Secret;
use capibara6_protocol::*;
use capibara6_store::{Incoming, Merged, ProjectRecord, RunRecord};
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::bench::{self, Bench, contents};
use super::consensus::{QUESTION, answered, slot, until_ended};

fn labels() -> Labels {
    let say = str::to_owned;
    Labels {
        language: say("en"),
        right_to_left: false,
        user: say("You"),
        assistant: say("Assistant"),
        reasoning: say("Reasoning"),
        stopped: say("Stopped."),
        interrupted: say("Interrupted."),
        failed: say("Failed."),
        scripted: say("scripted"),
    }
}

/// Nothing is encrypted here: no secret store is asked.
fn plain() -> Unlock {
    Unlock::Passphrase(Secret::new(String::new()))
}

async fn open(home: &Path) -> Offline {
    Offline::open(home, None, &plain(), Missing::Begin).await.expect("a history")
}

async fn export(history: &Offline, format: ExportFormat, to: Place) -> TransferReport {
    let watch = Watch { progress: &mut |_| {}, cancel: CancellationToken::new() };
    history.export(Export { what: ExportScope::All, format, to }, labels(), watch).await
}

async fn import(history: &Offline, files: &[&Path]) -> TransferReport {
    let watch = Watch { progress: &mut |_| {}, cancel: CancellationToken::new() };
    history.import(Import { files: files.iter().map(|file| file.to_path_buf()).collect() }, watch).await
}

async fn json(history: &Offline, folder: &Path, name: &str) -> Vec<u8> {
    let path = folder.join(name);
    let report = export(history, ExportFormat::Json, Place::File(path.clone())).await;
    assert_eq!(report.error, None);
    std::fs::read(path).expect("an export")
}

/// What a message is made of, where it stands, and whether the branch below it was chosen.
#[derive(Debug, Clone)]
struct Drawn {
    parent: usize,
    role: Role,
    status: MessageStatus,
    content: String,
    reasoning: String,
    rate: Option<f64>,
    chosen: bool,
    origin: bool,
}

fn drawn() -> impl Strategy<Value = Drawn> {
    (
        any::<usize>(),
        prop_oneof![Just(Role::User), Just(Role::Assistant)],
        prop_oneof![
            Just(MessageStatus::Complete),
            Just(MessageStatus::Stopped),
            Just(MessageStatus::Interrupted),
            Just(MessageStatus::Failed)
        ],
        "(\\PC|[\\n\\t\"\\\\`#]|\u{0}|\u{7f}|🦫){0,40}",
        "\\PC{0,10}",
        proptest::option::of(0.0..1e6_f64),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(parent, role, status, content, reasoning, rate, chosen, origin)| Drawn {
            parent,
            role,
            status,
            content,
            reasoning,
            rate,
            chosen,
            origin,
        })
}

fn conversation(seed: u128, title: String, messages: &[Drawn], project: Option<ProjectId>) -> Incoming {
    let id = ConversationId(Uuid::from_u128((seed << 64) | 1));
    let message_id = |at: usize| MessageId(Uuid::from_u128((seed << 64) | (at as u128 + 2)));
    let parents: Vec<Option<usize>> = messages
        .iter()
        .enumerate()
        .map(|(at, drawn)| (at > 0).then(|| drawn.parent % (at + 1)).filter(|parent| *parent < at))
        .collect();
    let made = messages.iter().enumerate().map(|(at, drawn)| {
        let child = parents.iter().position(|parent| *parent == Some(at));
        let message = Message {
            id: message_id(at),
            conversation: id,
            parent: parents[at].map(message_id),
            role: drawn.role,
            status: drawn.status,
            content: drawn.content.clone(),
            reasoning: drawn.reasoning.clone(),
            model: (drawn.role == Role::Assistant).then(|| ModelId("phi4:mini".to_owned())),
            scripted: drawn.chosen,
            routing: drawn.chosen.then_some(Routing {
                mode: Mode::Auto,
                tier: Tier::Fast,
                rule: RoutingRule::ShortQuestion,
                instead_of: None,
                because: Some(ErrorCode::Refused),
            }),
            omitted: drawn.origin.then_some(Omitted { messages: 1, tokens: 2, context: 3, estimated: true }),
            metrics: drawn.rate.map(|rate| Metrics {
                ttft_ms: Some(12),
                tokens_per_second: Some(rate),
                finish_reason: Some(FinishReason::Length),
                ..Metrics::default()
            }),
            error: (drawn.status == MessageStatus::Failed)
                .then(|| AppError::new(ErrorCode::Overloaded).with_detail(drawn.reasoning.clone())),
            origin: drawn.origin.then(|| MessageOrigin { conversation: id, title: "Before".to_owned() }),
            created_at: 1_700_000_000_000 + at as i64,
            versions: Vec::new(),
        };
        (message, child.filter(|_| drawn.chosen).map(message_id))
    });
    let made: Vec<_> = made.collect();
    let leaf = made.first().map(|_| message_id(made.len() / 2));
    let summary = ConversationSummary {
        id,
        title,
        pinned: seed.is_multiple_of(2),
        created_at: 1_600_000_000_000,
        updated_at: 1_700_000_000_000,
        messages: 0,
        project,
        archived_at: seed.is_multiple_of(3).then_some(5),
        deleted_at: None,
    };
    let (runs, messages) = (asked(seed, messages), made);
    Incoming { summary, titled_by: ["opening", "model", "user"][seed as usize % 3].to_owned(), leaf, messages, runs }
}

/// A run on the first message in which the others are the candidates, with numbers of every length.
fn asked(seed: u128, drawn: &[Drawn]) -> Vec<RunRecord> {
    if drawn.len() < 2 {
        return Vec::new();
    }
    let conversation = ConversationId(Uuid::from_u128((seed << 64) | 1));
    let message = |at: usize| MessageId(Uuid::from_u128((seed << 64) | (at as u128 + 2)));
    let id = ConsensusId(Uuid::from_u128((seed << 64) | 0xffff));
    let number = |at: usize| drawn[at].rate.unwrap_or(at as f64) / 3.0;
    let slots = drawn.len().min(MAX_MEMBERS + 1);
    let candidate = |at: usize| Candidate {
        slot: Slot(u8::try_from(at - 1).expect("few")),
        model: "phi4:mini".into(),
        weight: number(at),
        status: CandidateStatus::Complete,
        message: message(at),
        scripted: drawn[at].chosen,
        ttft_ms: Some(u64::MAX),
        duration_ms: None,
        tokens_per_second: drawn[at].rate,
        naming: false,
        said: drawn[at].chosen.then(|| drawn[at].content.clone()),
        reading: Some(Reading::Answer { shown: drawn[at].content.clone() }),
        arrival: Some(Arrival::InTime),
        error: None,
    };
    let run = ConsensusRun {
        id,
        conversation,
        question: message(0),
        class: TaskClass::Open,
        plan: ConsensusPlan {
            members: vec![Member { model: "phi4:mini".into(), weight: number(0) }],
            method: ConsensusMethod::Medoid,
            samples: None,
            quorum: 2,
            deadline_ms: Some(1_000),
            judge: None,
            weights: WeightSource::Learned,
            form: AnswerForm::LastLine,
            seed: Some(7),
        },
        state: ConsensusState::Ended,
        candidates: (1..slots).map(candidate).collect(),
        verdict: None,
        ruled: None,
        synthesis: None,
        revisions: Vec::new(),
        created_at: 1_700_000_000_000,
    };
    let resemblance = vec![Resemblance { a: Slot(0), b: Slot(0), value: number(1) / 1e6 }];
    let record =
        ConsensusRecord { run: id, seed: 7, sent: Vec::new(), lines: Vec::new(), asked: Vec::new(), resemblance };
    let judgement = r#"{"class":"open","agreement":"split","upheld":true,"right":[["phi4:mini",true]]}"#.to_owned();
    vec![RunRecord { run, record, judgement: drawn[0].chosen.then_some(judgement) }]
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(work)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_exported_and_imported_is_exported_the_same(
        conversations in prop::collection::vec(("[^\\s\\x00-\\x1f][ \\PC]{0,30}[^\\s\\x00-\\x1f]", prop::collection::vec(drawn(), 0..12)), 0..5)
    ) {
        block_on(async {
            let folder = tempfile::tempdir().expect("a folder");
            let project = ProjectRecord { id: Uuid::from_u128(7).into(), name: "Rivers".to_owned(), created_at: 3 };
            let first = open(&folder.path().join("a")).await;
            first.store().merge_projects(std::slice::from_ref(&project)).await.expect("a project");
            let incoming: Vec<Incoming> = conversations.iter().enumerate()
                .filter(|(_, (title, _))| !title.trim().is_empty() && title.trim().chars().count() <= 200)
                .map(|(seed, (title, drawn))| conversation(seed as u128 + 1, title.clone(), drawn, (seed == 1).then_some(project.id)))
                .collect();
            first.store().merge(&incoming).await.expect("conversations");
            let number = conversations.first().and_then(|(_, drawn)| drawn.first()?.rate).unwrap_or_default() / 7.0;
            first.store().edit_weight(TaskClass::Date, &"mixtral".into(), Some(number)).await.expect("a weight");
            let written = json(&first, folder.path(), "1.json").await;

            let second = open(&folder.path().join("b")).await;
            let report = import(&second, &[&folder.path().join("1.json")]).await;
            assert_eq!((report.conversations, report.skipped.clone(), report.error.clone()), (incoming.len() as u64, Vec::new(), None));
            for each in &incoming {
                let runs = second.store().export_runs(each.summary.id, 0, 10).await.expect("runs");
                assert_eq!(runs.into_iter().filter_map(|each| each.run).collect::<Vec<_>>(), each.runs);
            }
            let again = json(&second, folder.path(), "2.json").await;
            assert_eq!(String::from_utf8(again), String::from_utf8(written));

            let twice = import(&second, &[&folder.path().join("1.json")]).await;
            assert_eq!((twice.conversations, twice.messages, twice.grown, twice.already_there), (0, 0, 0, incoming.len() as u64));
            first.close().await;
            second.close().await;
        });
    }
}

/// The application on a history of its own, and what it shows of the runs of a conversation.
async fn shown_runs(home: &tempfile::TempDir, id: ConversationId) -> (capibara6_app::App, Vec<Seen>) {
    let app = bench::open(home, &bench::Keyring::default()).await;
    let mut seen = Vec::new();
    for run in app.consensus_list(ConversationRef { id }).await.expect("runs") {
        let named = ConsensusRef { run: run.id };
        let answers = app.consensus_answers(named).await.expect("answers");
        seen.push(Seen { record: app.consensus_record(named).await.expect("a record"), run, answers });
    }
    (app, seen)
}

/// Everything that is shown of a run.
#[derive(Debug, PartialEq)]
struct Seen {
    run: ConsensusRun,
    record: ConsensusRecord,
    answers: Vec<Message>,
}

#[tokio::test]
async fn a_question_to_several_models_goes_along_with_all_that_led_to_its_verdict() {
    let mut bench = Bench::start().await;
    let started = answered(&mut bench, ConsensusMethod::WeightedVote, ["42", "42", "41", "It is 42."]).await;
    let run = until_ended(&mut bench, started.run.id).await;
    bench.app.consensus_choose(ConsensusSlotRef { run: run.id, slot: slot(&run, "phi4:mini") }).await.expect("chosen");
    let set = LearnedWeightSet { class: TaskClass::Number, model: "mixtral".into(), weight: Some(0.1 + 0.2) };
    let learned = bench.app.consensus_weights_set(set).await.expect("a weight");
    bench.app.shutdown().await;
    let (app, before) = shown_runs(&bench.home, started.conversation).await;
    app.shutdown().await;
    assert_eq!(before.len(), 1);

    let history = open(bench.home.path()).await;
    let file = bench.home.path().join("1.json");
    let written = json(&history, bench.home.path(), "1.json").await;
    history.close().await;
    let elsewhere = tempfile::tempdir().expect("a folder");
    let history = open(elsewhere.path()).await;
    for (conversations, already_there) in [(1, 0), (0, 1)] {
        let report = import(&history, &[&file]).await;
        assert_eq!(
            (report.conversations, report.already_there, report.skipped_total),
            (conversations, already_there, 0)
        );
    }
    assert_eq!(String::from_utf8(json(&history, elsewhere.path(), "2.json").await), String::from_utf8(written));
    history.close().await;

    // The next verdict follows as well; one that was given here since then is not written over by one from there.
    let (app, _) = shown_runs(&bench.home, started.conversation).await;
    let mixtral = ConsensusSlotRef { run: run.id, slot: slot(&run, "mixtral") };
    app.consensus_choose(mixtral).await.expect("another choice");
    app.shutdown().await;
    let (app, there) = shown_runs(&bench.home, started.conversation).await;
    app.shutdown().await;
    let history = open(bench.home.path()).await;
    let newer = bench.home.path().join("3.json");
    let written = json(&history, bench.home.path(), "3.json").await;
    history.close().await;
    let third = tempfile::tempdir().expect("a folder");
    let history = open(third.path()).await;
    for (file, conversations, grown, already_there) in
        [(&file, 1, 0, 0), (&newer, 0, 1, 0), (&newer, 0, 0, 1), (&file, 0, 0, 1)]
    {
        let report = import(&history, &[file]).await;
        assert_eq!(
            (report.conversations, report.grown, report.already_there, report.messages, report.skipped_total),
            (conversations, grown, already_there, if conversations > 0 { 5 } else { 0 }, 0),
            "{file:?}"
        );
    }
    assert_eq!(String::from_utf8(json(&history, third.path(), "4.json").await), String::from_utf8(written));
    history.close().await;
    let (app, here) = shown_runs(&third, started.conversation).await;
    assert_eq!(here, there);
    assert_eq!(contents(&app, started.conversation).await, [QUESTION, "It is 42."]);
    app.consensus_give_back(ConsensusRef { run: run.id }).await.expect("given back");
    app.shutdown().await;
    let (app, given_back) = shown_runs(&third, started.conversation).await;
    app.shutdown().await;
    let history = open(third.path()).await;
    assert_eq!(import(&history, &[&newer]).await.already_there, 1);
    history.close().await;
    let (app, kept) = shown_runs(&third, started.conversation).await;
    assert_eq!(kept, given_back);
    app.shutdown().await;

    // No profile and no server: what is shown, learned and chosen follows from the file alone.
    let (app, after) = shown_runs(&elsewhere, started.conversation).await;
    assert_eq!(after, before);
    assert_eq!(app.consensus_weights().await, Ok(learned));
    let mixtral = ConsensusSlotRef { run: run.id, slot: slot(&run, "mixtral") };
    let chosen = app.consensus_choose(mixtral).await.expect("another choice");
    assert_eq!(chosen.verdict.map(|verdict| verdict.winner), Some(Some(mixtral.slot)));
    assert_eq!(contents(&app, started.conversation).await, [QUESTION, "It is 42."]);
    app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_never_takes_the_place_of_another_and_comes_into_a_conversation_that_was_known_without_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let history = open(folder.path()).await;
    let drawn: Vec<Drawn> = (0..3).map(|parent| Drawn { parent, ..plain_drawn() }).collect();
    let whole = conversation(5, "Talk".to_owned(), &drawn, None);
    let bare = Incoming { runs: Vec::new(), ..whole.clone() };
    let merged = async |incoming: &Incoming| history.store().merge(std::slice::from_ref(incoming)).await;
    assert_eq!(merged(&bare).await, Ok(vec![Merged::New(3)]));
    assert_eq!(merged(&whole).await, Ok(vec![Merged::Grown(0)]));
    let mut other = whole.clone();
    other.runs[0].run.state = ConsensusState::Decided;
    assert_eq!(merged(&other).await, Ok(vec![Merged::Known]));
    let runs = async |id| {
        let runs = history.store().export_runs(id, 0, 10).await.expect("runs");
        runs.into_iter().filter_map(|each| each.run).collect::<Vec<_>>()
    };
    assert_eq!(runs(whole.summary.id).await, whole.runs);

    // The same ids in another conversation: it has its own messages, and its own run about them.
    let mut copy = whole.clone();
    copy.summary.id = ConversationId(Uuid::from_u128(77));
    for run in &mut copy.runs {
        run.run.conversation = copy.summary.id;
    }
    assert_eq!(merged(&copy).await, Ok(vec![Merged::New(3)]));
    assert_eq!(merged(&copy).await, Ok(vec![Merged::Known]));
    let [theirs] = runs(copy.summary.id).await.try_into().expect("one run");
    assert_ne!(theirs.run.id, whole.runs[0].run.id);
    assert_eq!(theirs.record.run, theirs.run.id);
    for message in theirs.run.candidates.iter().map(|each| each.message).chain([theirs.run.question]) {
        assert_eq!(history.store().message(message).await.expect("a message").conversation, copy.summary.id);
    }
    history.close().await;
}

fn plain_drawn() -> Drawn {
    Drawn {
        parent: 0,
        role: Role::Assistant,
        status: MessageStatus::Complete,
        content: "42".to_owned(),
        reasoning: String::new(),
        rate: Some(1.0 / 3.0),
        chosen: false,
        origin: false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_cannot_be_read_from_disk_is_reported_by_the_export() {
    let folder = tempfile::tempdir().expect("a folder");
    let history = open(folder.path()).await;
    let drawn: Vec<Drawn> = (0..3).map(|parent| Drawn { parent, ..plain_drawn() }).collect();
    history.store().merge(&[conversation(5, "Talk".to_owned(), &drawn, None)]).await.expect("a conversation");
    history.close().await;
    let database = folder.path().join("capibara6.db");
    let mut bytes = std::fs::read(&database).expect("the database");
    let state = br#""state":"ended""#;
    let place = bytes.windows(state.len()).position(|part| part == state).expect("a run that has ended");
    bytes[place..place + state.len()].copy_from_slice(br#""state":"later""#);
    std::fs::write(&database, bytes).expect("the database");

    let history = open(folder.path()).await;
    let report = export(&history, ExportFormat::Json, Place::File(folder.path().join("x.json"))).await;
    let skipped = Skipped {
        file: "capibara6.db".to_owned(),
        record: None,
        title: Some("Talk".to_owned()),
        code: SkipCode::Run,
        detail: None,
    };
    assert_eq!((report.messages, report.skipped, report.error), (3, vec![skipped], None));
    history.close().await;
}

fn said(parent: Option<u128>, id: u128, content: &str) -> (Message, Option<MessageId>) {
    let role = if id.is_multiple_of(2) { Role::User } else { Role::Assistant };
    let drawn = Drawn { role, content: content.to_owned(), rate: None, ..plain_drawn() };
    let (mut message, _) = conversation(9, "T".to_owned(), &[drawn], None).messages.remove(0);
    message.id = MessageId(Uuid::from_u128(id));
    message.parent = parent.map(|parent| MessageId(Uuid::from_u128(parent)));
    (message, None)
}

fn talk(messages: Vec<(Message, Option<MessageId>)>) -> Incoming {
    Incoming { messages, leaf: None, ..conversation(9, "Talk".to_owned(), &[], None) }
}

async fn shown(history: &Offline) -> Vec<String> {
    let view = history.store().view(ConversationId(Uuid::from_u128((9 << 64) | 1)), None, 100).await.expect("a view");
    view.messages.into_iter().map(|message| message.content).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_conversation_that_goes_on_gets_what_is_new() {
    let folder = tempfile::tempdir().expect("a folder");
    let history = open(folder.path()).await;
    let beginning = vec![said(None, 10, "q"), said(Some(10), 11, "a")];
    history.store().merge(&[talk(beginning.clone())]).await.expect("a conversation");
    let mut longer = beginning.clone();
    longer.extend([said(Some(11), 12, "q2"), said(Some(12), 13, "a2")]);
    let grown = history.store().merge(&[talk(longer.clone())]).await.expect("more");
    assert_eq!(grown, [Merged::Grown(2)]);
    assert_eq!(shown(&history).await, ["q", "a", "q2", "a2"]);

    // Another version elsewhere does not take the reader away.
    longer.push(said(Some(10), 15, "other"));
    history.store().merge(&[talk(longer)]).await.expect("more");
    assert_eq!(shown(&history).await, ["q", "a", "q2", "a2"]);

    // An answer that was cut off there gets its end; one that says something else here stays, and so does the user's title.
    let cut = |status, content: &str| {
        let (mut message, chosen) = said(Some(12), 17, content);
        message.status = status;
        (message, chosen)
    };
    let with = |messages: Vec<_>, title: &str, titled_by: &str| {
        let mut talk = talk([beginning.clone(), vec![said(Some(11), 12, "q2")], messages].concat());
        talk.summary.title = title.to_owned();
        talk.titled_by = titled_by.to_owned();
        talk
    };
    let merge = async |talk: Incoming| history.store().merge(&[talk]).await.expect("merged").remove(0);
    let answer = async || history.store().message(MessageId(Uuid::from_u128(17))).await.expect("an answer");
    let (interrupted, complete) = (MessageStatus::Interrupted, MessageStatus::Complete);
    assert_eq!(merge(with(vec![cut(interrupted, "The riv")], "Talk", "opening")).await, Merged::Grown(1));
    assert_eq!(merge(with(vec![cut(complete, "A river.")], "Talk", "opening")).await, Merged::Known);
    assert_eq!(merge(with(vec![cut(complete, "The river.")], "Talk", "opening")).await, Merged::Grown(0));
    assert_eq!((answer().await.status, answer().await.content.as_str()), (complete, "The river."));
    assert_eq!(merge(with(vec![cut(complete, "The river. More.")], "Talk", "opening")).await, Merged::Known);
    assert_eq!(answer().await.content, "The river.");
    let id = ConversationId(Uuid::from_u128((9 << 64) | 1));
    for (title, titled_by, expected, shown) in [
        ("By a model", "model", Merged::Grown(0), "By a model"),
        ("By another", "model", Merged::Known, "By a model"),
        ("By the user", "user", Merged::Grown(0), "By the user"),
        ("By a model", "model", Merged::Known, "By the user"),
        ("Elsewhere", "user", Merged::Known, "By the user"),
    ] {
        assert_eq!(merge(with(Vec::new(), title, titled_by)).await, expected, "{title}");
        assert_eq!(history.store().summary(id).await.expect("a summary").title, shown);
    }

    // One that was deleted comes back.
    let id = ConversationId(Uuid::from_u128((9 << 64) | 1));
    history.store().delete(id, 1).await.expect("deleted");
    assert_eq!(history.store().merge(&[talk(beginning)]).await, Ok(vec![Merged::Grown(0)]));
    assert_eq!(shown(&history).await, ["q", "a", "q2", "a2"]);
    history.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_record_never_costs_the_others() {
    let folder = tempfile::tempdir().expect("a folder");
    let history = open(&folder.path().join("a")).await;
    let conversations: Vec<Incoming> = (1..=3)
        .map(|seed| Incoming {
            messages: vec![said(None, seed * 100, "hello there"), said(Some(seed * 100), seed * 100 + 1, "general")],
            leaf: None,
            ..conversation(seed, format!("T{seed}"), &[], None)
        })
        .collect();
    history.store().merge(&conversations).await.expect("conversations");
    let written = String::from_utf8(json(&history, folder.path(), "x.json").await).expect("text");
    let damaged = written.replacen("\"title\":\"T2\"", "\"title\":\"T2", 1);
    let file = folder.path().join("damaged.json");
    std::fs::write(&file, damaged).expect("a file");
    let cut = folder.path().join("cut.json");
    std::fs::write(&cut, &written[..written.len() - 60]).expect("a file");

    let other = open(&folder.path().join("b")).await;
    let report = import(&other, &[&file, &folder.path().join("missing.json")]).await;
    assert_eq!((report.conversations, report.messages, report.skipped_total), (2, 4, 2));
    assert_eq!(report.skipped[0].code, SkipCode::Syntax);
    assert_eq!((report.skipped[1].file.as_str(), report.skipped[1].code), ("missing.json", SkipCode::Unreadable));
    // What was whole of the one that is cut off is taken; the whole file completes it.
    let third = open(&folder.path().join("c")).await;
    let report = import(&third, &[&cut]).await;
    assert_eq!((report.conversations, report.messages), (3, 5));
    assert_eq!(report.skipped.iter().map(|skipped| skipped.code).collect::<Vec<_>>(), [SkipCode::Truncated]);
    let report = import(&third, &[&folder.path().join("x.json")]).await;
    assert_eq!((report.conversations, report.grown, report.messages, report.already_there), (0, 1, 1, 2));
    for history in [history, other, third] {
        history.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_lie_in_a_folder_under_names_that_every_system_takes() {
    let folder = tempfile::tempdir().expect("a folder");
    let history = open(folder.path()).await;
    let named = |seed: u128, title: &str| Incoming {
        messages: vec![said(None, seed * 100, "# Hi\n\n<script>alert(1)</script>")],
        leaf: None,
        ..conversation(seed, title.to_owned(), &[], None)
    };
    history.store().merge(&[named(1, "../a/b"), named(2, "Con"), named(3, "con")]).await.expect("conversations");
    let out = folder.path().join("out");
    for (format, ending) in [(ExportFormat::Markdown, "md"), (ExportFormat::Html, "html")] {
        let report = export(&history, format, Place::Folder(out.clone())).await;
        assert_eq!((report.conversations, report.messages, report.error), (3, 3, None));
        assert_eq!(report.path.as_deref(), out.to_str());
        let mut names: Vec<String> = std::fs::read_dir(&out)
            .expect("a folder")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .filter(|name| name.ends_with(ending))
            .collect();
        names.sort();
        assert_eq!(names, [format!("_Con.{ending}"), format!("_con (2).{ending}"), format!("a-b.{ending}")]);
    }
    let page = std::fs::read_to_string(out.join("a-b.html")).expect("a page");
    assert!(page.contains("&lt;script&gt;alert(1)") && !page.contains("<script"), "{page}");
    // A second export touches nothing of the first.
    let report = export(&history, ExportFormat::Markdown, Place::Folder(out.clone())).await;
    assert_eq!(report.error, None);
    assert_eq!(std::fs::read_dir(&out).expect("a folder").count(), 9);
    history.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_is_ended_leaves_no_half_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let history = open(folder.path()).await;
    history.store().merge(&[talk(vec![said(None, 10, "q"), said(Some(10), 11, "a")])]).await.expect("a conversation");
    let out: PathBuf = folder.path().join("out");
    let cancel = CancellationToken::new();
    cancel.cancel();
    let watch = Watch { progress: &mut |_| {}, cancel };
    let order = Export { what: ExportScope::All, format: ExportFormat::Json, to: Place::Folder(out.clone()) };
    let report = history.export(order, labels(), watch).await;
    assert!(report.cancelled);
    assert_eq!(report.path, None);
    assert_eq!(std::fs::read_dir(&out).expect("a folder").count(), 0);
    history.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_cannot_be_written_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let history = open(folder.path()).await;
    std::fs::write(folder.path().join("file"), "x").expect("a file");
    let report = export(&history, ExportFormat::Html, Place::Folder(folder.path().join("file"))).await;
    assert_eq!(report.error.map(|error| error.code), Some(ErrorCode::StorageFailed));
    let report = export(&history, ExportFormat::Json, Place::File(folder.path().join("no/x.json"))).await;
    assert_eq!(report.error.map(|error| error.code), Some(ErrorCode::NotFound));
    history.close().await;
}

/// An export of each program with a conversation of two messages, and a later one of the same in which it went on, another
/// answer was asked for and what was being written is whole.
fn twice_exported() -> Vec<(&'static str, Value, Value)> {
    let chatgpt = |nodes: &[(&str, &str, &str, &str)], current: &str| {
        let mapping: serde_json::Map<String, Value> = nodes
            .iter()
            .map(|(key, parent, status, words)| {
                let role = if key.starts_with('q') { "user" } else { "assistant" };
                let message = json!({"author": {"role": role}, "status": status, "recipient": "all",
                    "content": {"content_type": "text", "parts": [words]}});
                ((*key).to_owned(), json!({"id": key, "parent": parent, "message": message}))
            })
            .collect();
        json!([{"conversation_id": "c", "title": "T", "create_time": 1.7e9, "mapping": mapping, "current_node": current}])
    };
    let claude = |messages: &[(&str, &str, &str)], leaf: &str| {
        let messages: Vec<Value> = messages
            .iter()
            .map(|(key, parent, words)| {
                let sender = if key.starts_with('q') { "human" } else { "assistant" };
                json!({"uuid": key, "parent_message_uuid": parent, "sender": sender, "content": [{"type": "text", "text": words}]})
            })
            .collect();
        json!([{"uuid": "c", "name": "T", "created_at": "2024-05-01T09:00:00Z", "chat_messages": messages,
            "current_leaf_message_uuid": leaf}])
    };
    let webui = |messages: &[(&str, Option<&str>, bool, &str)], current: &str| {
        let messages: serde_json::Map<String, Value> = messages
            .iter()
            .map(|(key, parent, done, words)| {
                let role = if key.starts_with('q') { "user" } else { "assistant" };
                (
                    (*key).to_owned(),
                    json!({"id": key, "parentId": parent, "role": role, "content": words, "done": done}),
                )
            })
            .collect();
        json!([{"id": "c", "title": "T", "created_at": 1_700_000_000, "chat": {"history": {"messages": messages, "currentId": current}}}])
    };
    let (whole, writing) = ("finished_successfully", "in_progress");
    vec![
        (
            "chatgpt.json",
            chatgpt(&[("q1", "", whole, "Which?"), ("a1", "q1", writing, "The E")], "a1"),
            chatgpt(
                &[
                    ("q1", "", whole, "Which?"),
                    ("a1", "q1", whole, "The Ebro."),
                    ("a2", "q1", whole, "None."),
                    ("q2", "a1", whole, "And?"),
                    ("a3", "q2", whole, "The Tajo."),
                ],
                "a3",
            ),
        ),
        (
            "claude.json",
            claude(&[("q1", "", "Which?"), ("a1", "q1", "The Ebro.")], "a1"),
            claude(
                &[
                    ("q1", "", "Which?"),
                    ("a1", "q1", "The Ebro."),
                    ("a2", "q1", "None."),
                    ("q2", "a1", "And?"),
                    ("a3", "q2", "The Tajo."),
                ],
                "a3",
            ),
        ),
        (
            "webui.json",
            webui(&[("q1", None, true, "Which?"), ("a1", Some("q1"), false, "The E")], "a1"),
            webui(
                &[
                    ("q1", None, true, "Which?"),
                    ("a1", Some("q1"), true, "The Ebro."),
                    ("a2", Some("q1"), true, "None."),
                    ("q2", Some("a1"), true, "And?"),
                    ("a3", Some("q2"), true, "The Tajo."),
                ],
                "a3",
            ),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_export_of_every_program_adds_what_is_new_and_nothing_twice() {
    for (name, before, after) in twice_exported() {
        let folder = tempfile::tempdir().expect("a folder");
        let history = open(folder.path()).await;
        let file = folder.path().join(name);
        let import = async |export: &Value| {
            std::fs::write(&file, export.to_string()).expect("a file");
            let report = import(&history, &[&file]).await;
            assert_eq!((report.skipped_total, &report.error), (0, &None), "{name}");
            (report.conversations, report.grown, report.already_there, report.messages)
        };
        assert_eq!(import(&before).await, (1, 0, 0, 2), "{name}");
        let head = history.store().export_heads(0, 10).await.expect("heads").remove(0);
        let id = head.summary.id;
        // What was changed here since: the title, the pin, and that nobody wants to see it.
        history.store().rename(id, "Mine").await.expect("renamed");
        history.store().pin(id, true).await.expect("pinned");
        assert_eq!(import(&after).await, (0, 1, 0, 3), "{name}");
        for export in [&after, &before] {
            assert_eq!(import(export).await, (0, 0, 1, 0), "{name}");
        }
        let messages = history.store().export_messages(id, 0, 100).await.expect("messages");
        let mut words: Vec<&str> = messages.iter().map(|each| each.message.content.as_str()).collect();
        words.sort_unstable();
        assert_eq!(words, ["And?", "None.", "The Ebro.", "The Tajo.", "Which?"], "{name}");
        assert!(messages.iter().all(|each| each.message.status == MessageStatus::Complete), "{name}");
        let view = history.store().view(id, None, 100).await.expect("a view");
        let shown: Vec<&str> = view.messages.iter().map(|message| message.content.as_str()).collect();
        assert_eq!(shown, ["Which?", "The Ebro.", "And?", "The Tajo."], "{name}");
        let summary = history.store().summary(id).await.expect("a summary");
        assert_eq!((summary.title.as_str(), summary.pinned), ("Mine", true), "{name}");
        history.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_that_was_sorted_anew_keeps_its_projects() {
    let folder = tempfile::tempdir().expect("a folder");
    let project =
        |n: u128, name: &str| ProjectRecord { id: Uuid::from_u128(n).into(), name: name.to_owned(), created_at: 3 };
    let (rivers, empty) = (project(7, "Rivers"), project(8, "Empty"));
    let history = open(&folder.path().join("a")).await;
    history.store().merge_projects(&[rivers.clone(), empty]).await.expect("projects");
    let filed = |seed| conversation(seed, format!("T{seed}"), &[plain_drawn()], (seed != 2).then_some(rivers.id));
    history.store().merge(&[filed(1), filed(2), filed(3)]).await.expect("conversations");
    let written = json(&history, folder.path(), "1.json").await;
    history.close().await;

    // As `jq -S` writes it: every object with its keys in order, so that the conversations come first.
    let mut sorted: Value = serde_json::from_slice(&written).expect("JSON");
    sorted.sort_all_objects();
    let sorted = sorted.to_string();
    assert!(sorted.find("\"conversations\"") < sorted.find("\"projects\""));
    let file = folder.path().join("sorted.json");
    std::fs::write(&file, sorted).expect("a file");
    let history = open(&folder.path().join("b")).await;
    // One of them is here already, and was taken out of its project.
    history.store().merge(&[filed(3)]).await.expect("a conversation");
    let report = import(&history, &[&file]).await;
    assert_eq!((report.conversations, report.already_there, report.skipped_total), (2, 1, 0));
    history.store().move_conversations(&[filed(3).summary.id], Some(rivers.id)).await.expect("moved");
    let again = json(&history, folder.path(), "2.json").await;
    let by_id = |bytes: &[u8]| {
        let mut history: Value = serde_json::from_slice(bytes).expect("JSON");
        let conversations = history["conversations"].as_array_mut().expect("a list");
        conversations.sort_by_key(|conversation| conversation["id"].to_string());
        history
    };
    assert_eq!(by_id(&again), by_id(&written));
    history.close().await;
}
