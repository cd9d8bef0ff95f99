//! Conversations out of one history and into another: what comes out again is the same to the byte, bringing in twice adds
//! nothing, and whatever is wrong with a file or an end in the middle costs no more than it must.

use std::path::{Path, PathBuf};

use capibara6_app::offline::{Missing, Offline, Unlock};
use capibara6_app::transfer::{Export, Import, Labels, Place, Watch};
use capibara6_identity::Secret;
use capibara6_protocol::*;
use capibara6_store::{Incoming, ProjectRecord};
use proptest::prelude::*;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

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
    let messages: Vec<_> = made.collect();
    let leaf = messages.first().map(|_| message_id(messages.len() / 2));
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
    Incoming { summary, titled_by: ["opening", "model", "user"][seed as usize % 3].to_owned(), leaf, messages }
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
            let written = json(&first, folder.path(), "1.json").await;

            let second = open(&folder.path().join("b")).await;
            let report = import(&second, &[&folder.path().join("1.json")]).await;
            assert_eq!((report.conversations, report.skipped.clone(), report.error.clone()), (incoming.len() as u64, Vec::new(), None));
            let again = json(&second, folder.path(), "2.json").await;
            assert_eq!(String::from_utf8(again), String::from_utf8(written));

            let twice = import(&second, &[&folder.path().join("1.json")]).await;
            assert_eq!((twice.conversations, twice.messages, twice.grown, twice.already_there), (0, 0, 0, incoming.len() as u64));
            first.close().await;
            second.close().await;
        });
    }
}

fn said(parent: Option<u128>, id: u128, content: &str) -> (Message, Option<MessageId>) {
    let drawn = Drawn {
        parent: 0,
        role: if id.is_multiple_of(2) { Role::User } else { Role::Assistant },
        status: MessageStatus::Complete,
        content: content.to_owned(),
        reasoning: String::new(),
        rate: None,
        chosen: false,
        origin: false,
    };
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
    assert_eq!(grown, [capibara6_store::Merged::Grown(2)]);
    assert_eq!(shown(&history).await, ["q", "a", "q2", "a2"]);

    // Another version elsewhere does not take the reader away.
    longer.push(said(Some(10), 15, "other"));
    history.store().merge(&[talk(longer)]).await.expect("more");
    assert_eq!(shown(&history).await, ["q", "a", "q2", "a2"]);

    // One that was deleted comes back.
    let id = ConversationId(Uuid::from_u128((9 << 64) | 1));
    history.store().delete(id, 1).await.expect("deleted");
    assert_eq!(history.store().merge(&[talk(beginning)]).await, Ok(vec![capibara6_store::Merged::Grown(0)]));
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
