//! What is exported: the schema holds, pages run nothing and load nothing, Markdown keeps its frame.

#![allow(clippy::expect_used, reason = "a test that cannot go on ends here")]

use capibara6_protocol::*;
use std::ops::ControlFlow;

use capibara6_transfer::{
    Entry, Form, Head, HistoryWriter, Item, Judgement, Labels, PageWriter, Project, Run, TitledBy, Weight, import,
};
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

fn head(title: &str) -> Head {
    Head {
        id: Uuid::from_u128(1).into(),
        title: title.to_owned(),
        titled_by: TitledBy::User,
        pinned: true,
        created_at: 1_700_000_000_000,
        updated_at: 1_700_000_000_000,
        project: Some(Uuid::from_u128(2).into()),
        archived_at: Some(1_700_000_000_001),
        leaf: Some(Uuid::from_u128(10).into()),
    }
}

fn message(content: &str) -> Message {
    Message {
        id: Uuid::from_u128(10).into(),
        conversation: Uuid::from_u128(1).into(),
        parent: None,
        role: Role::Assistant,
        status: MessageStatus::Failed,
        content: content.to_owned(),
        reasoning: content.to_owned(),
        model: Some(content.into()),
        scripted: true,
        routing: Some(Routing {
            mode: Mode::Auto,
            tier: Tier::Code,
            rule: RoutingRule::CodeText,
            instead_of: Some("m".into()),
            because: Some(ErrorCode::Refused),
        }),
        omitted: Some(Omitted { messages: 1, tokens: 2, context: 3, estimated: true }),
        metrics: Some(Metrics {
            ttft_ms: Some(1),
            duration_ms: Some(2),
            prompt_tokens: Some(3),
            completion_tokens: Some(4),
            tokens_per_second: Some(1.0 / 3.0),
            finish_reason: Some(FinishReason::Stop),
        }),
        error: Some(AppError::new(ErrorCode::Server).with_detail("d").with_field("f")),
        origin: Some(MessageOrigin { conversation: Uuid::from_u128(3).into(), title: "Before".to_owned() }),
        created_at: 1_700_000_000_000,
        versions: Vec::new(),
    }
}

/// A run in which everything that can be said of one is said.
fn run() -> Run {
    let message = |id: u128| MessageId(Uuid::from_u128(id));
    let candidate = |slot: u8, model: &str, status| Candidate {
        slot: Slot(slot),
        model: model.into(),
        weight: 1.0 / 3.0 + f64::from(slot),
        status,
        message: message(10 + u128::from(slot)),
        scripted: slot == 0,
        ttft_ms: Some(12),
        duration_ms: Some(34),
        tokens_per_second: Some(1e3 / 7.0),
        naming: slot == 1,
        said: Some("42".to_owned()),
        reading: Some(Reading::Answer { shown: "42".to_owned() }),
        arrival: Some(Arrival::Late),
        error: Some(AppError::new(ErrorCode::Overloaded)),
    };
    let part = || CitedPart { text: "part".to_owned(), from: vec![Slot(0), Slot(1)] };
    let verdict = Verdict {
        revision: 2,
        moment: Moment::UserChoice,
        quorum: Quorum::Met,
        agreement: Agreement::Split,
        basis: Basis::Resemblance,
        method: ConsensusMethod::Judge,
        rule: DecisionRule::UserChoice,
        tie: Some(TieRule::LowestSlot),
        decided_by: DecidedBy::User,
        winner: Some(Slot(1)),
        message: Some(message(11)),
        groups: vec![AnswerGroup { answer: Some("42".to_owned()), slots: vec![Slot(1)], weight: 0.1 + 0.2 }],
        silent: vec![Silent { slot: Slot(0), why: Silence::Refusal }],
        answered_weight: 0.7,
        total_weight: 1e-7,
        dissent: vec![Dissent { slot: Slot(0), answer: Some("41".to_owned()), passages: vec!["…".to_owned()] }],
        baselines: Baselines {
            best_single: Some(Slot(0)),
            majority: Some(Slot(1)),
            weighted_vote: Some(Slot(0)),
            medoid: Some(Slot(1)),
        },
        n_eff: Some(1.75),
        judge: Some(JudgeOutcome {
            model: "judge".into(),
            result: JudgeResult::Unstable,
            choices: vec![Some(Slot(0)), None],
            reasons: vec!["because".to_owned()],
            excluded: vec![Slot(1)],
            left_out: vec![Slot(0)],
        }),
        synthesis: Some(Synthesis {
            parts: vec![part()],
            consensus: vec![part()],
            contradictions: vec![Contradiction { about: "it".to_owned(), positions: vec![part()] }],
            unique: vec![part()],
            gaps: vec!["none".to_owned()],
        }),
        server: Some(ServerVote {
            model: "served".into(),
            successful_models: 2,
            total_weight: Some(1.3),
            selected_weight: Some(0.7),
        }),
        took_us: Some(48),
    };
    let ruled = Verdict { decided_by: DecidedBy::Method, winner: Some(Slot(0)), ..verdict.clone() };
    let id = ConsensusId(Uuid::from_u128(20));
    Run {
        run: ConsensusRun {
            id,
            conversation: Uuid::from_u128(1).into(),
            question: message(10),
            class: TaskClass::YesNo,
            plan: ConsensusPlan {
                members: vec![Member { model: "a".into(), weight: 0.9 }, Member { model: "b".into(), weight: 0.8 }],
                method: ConsensusMethod::Judge,
                samples: None,
                quorum: 2,
                deadline_ms: Some(30_000),
                judge: Some("judge".into()),
                weights: WeightSource::Learned,
                form: AnswerForm::LastLine,
                seed: Some(u32::MAX),
            },
            state: ConsensusState::Ended,
            candidates: vec![candidate(0, "a", CandidateStatus::Failed), candidate(1, "b", CandidateStatus::Complete)],
            verdict: Some(verdict),
            ruled: Some(Box::new(ruled)),
            synthesis: Some(SynthesisMessage { message: message(11), status: SynthesisStatus::Complete }),
            revisions: vec![Revision {
                revision: 1,
                after_ms: u64::MAX,
                moment: Moment::AllEnded,
                agreement: Agreement::None,
                winner: Some(Slot(0)),
            }],
            created_at: 1_700_000_000_000,
        },
        record: ConsensusRecord {
            run: id,
            seed: 7,
            sent: vec![SentToMember { slot: Slot(0), parameters: Parameters::default(), messages: 3 }],
            lines: vec![AskedForLine {
                slot: Slot(1),
                prompt: "Only the answer.".to_owned(),
                schema: "{}".to_owned(),
                shown: 5,
                of: 9,
            }],
            asked: vec![AskedOfJudge {
                purpose: JudgePurpose::Synthesis,
                round: 1,
                model: "judge".into(),
                shown: vec![ShownCandidate { slot: Slot(0), label: "K".to_owned(), shown: 5, of: 9 }],
                left_out: vec![Slot(1)],
                system: "You judge.".to_owned(),
                prompt: "Which?".to_owned(),
                schema: "{}".to_owned(),
                reply: Some("{\"choice\":null}".to_owned()),
                error: Some(ErrorCode::Overloaded),
            }],
            resemblance: vec![Resemblance { a: Slot(0), b: Slot(1), value: 0.123_456_789_012_345_68 }],
        },
        judgement: Some(Judgement {
            class: TaskClass::YesNo,
            agreement: Agreement::Majority,
            upheld: false,
            right: vec![("a".into(), false), ("b".into(), true)],
        }),
    }
}

/// What a file holds, with the runs of its conversations.
fn read(bytes: &[u8]) -> Vec<Item> {
    let mut items = Vec::new();
    let mut sink = |item| {
        items.push(item);
        ControlFlow::Continue(())
    };
    let _ = import(bytes, "file.json", &mut sink).expect("memory does not fail");
    items
}

/// A history with one run, as a value that a test can spoil.
fn history_with_a_run() -> serde_json::Value {
    serde_json::from_str(&written_with_a_run()).expect("JSON")
}

/// The same as it is written.
fn written_with_a_run() -> String {
    let mut writer = HistoryWriter::begin(Vec::new(), &[], &[]).expect("memory");
    writer.conversation(&Head { project: None, ..head("Asked") }).expect("memory");
    for id in [10, 11] {
        let message = Message { id: Uuid::from_u128(id).into(), ..message("42") };
        writer.message(&Entry { message, chosen: None }).expect("memory");
    }
    writer.run(&run()).expect("memory");
    String::from_utf8(writer.finish().expect("memory")).expect("text")
}

#[test]
fn a_run_is_read_as_it_was_written_to_the_last_bit() {
    let items = read(history_with_a_run().to_string().as_bytes());
    let [Item::Conversation(conversation)] = items.as_slice() else { panic!("{items:?}") };
    assert_eq!(conversation.runs, [run()]);
}

#[test]
fn a_run_that_cannot_be_understood_costs_itself_and_is_reported() {
    let elsewhere = Uuid::from_u128(99).to_string();
    let spoilt: [(&str, serde_json::Value); 17] = [
        ("/run", serde_json::json!({})),
        ("/run/verdict/agreement", "tomorrow's".into()),
        ("/run/candidates/0/weight", serde_json::Value::Null),
        ("/run/candidates/0/slot", 1.into()),
        ("/run/candidates", serde_json::json!([])),
        ("/run/candidates/1/message", elsewhere.clone().into()),
        ("/run/question", elsewhere.clone().into()),
        ("/run/conversation", elsewhere.clone().into()),
        ("/run/synthesis/message", elsewhere.clone().into()),
        ("/run/ruled/winner", 2.into()),
        ("/run/verdict/groups/0/slots/0", 7.into()),
        ("/record/lines/0/slot", 7.into()),
        ("/run/verdict/synthesis/contradictions/0/positions/0/from/0", 255.into()),
        ("/run/revisions/0/winner", 2.into()),
        ("/record", serde_json::Value::Null),
        ("/record/run", elsewhere.into()),
        ("/record/resemblance/0/b", 2.into()),
    ];
    for (place, value) in spoilt {
        let mut history = history_with_a_run();
        let runs = history.pointer_mut("/conversations/0/runs").and_then(|runs| runs.as_array_mut()).expect("runs");
        let mut bad = runs[0].clone();
        *bad.pointer_mut(place).expect(place) = value;
        runs.insert(0, bad);
        runs.push(serde_json::json!("no run"));
        let items = read(history.to_string().as_bytes());
        let [Item::Conversation(conversation), Item::Skipped(skipped)] = items.as_slice() else { panic!("{items:?}") };
        assert_eq!((conversation.messages.len(), conversation.runs.as_slice()), (2, &[run()][..]), "{place}");
        assert_eq!((skipped.record, skipped.code, skipped.detail.as_deref()), (Some(1), SkipCode::Run, Some("2")));
    }
}

#[test]
fn what_belongs_to_the_history_as_a_whole_is_read_and_what_is_wrong_with_it_reported() {
    let history = serde_json::json!({"format": "capibara6-history", "version": 2,
        "projects": [{"id": Uuid::from_u128(1), "name": "P", "created_at": 5}, {"id": "x"}],
        "weights": [{"class": "date", "model": "m", "weight": 0.5}, {"class": "date", "model": "m", "weight": -1.0},
            {"class": "tomorrow's", "model": "m", "weight": 1.0}],
        "conversations": []});
    let about = |code, detail: &str| {
        let detail = Some(detail.to_owned());
        Item::Skipped(Skipped { file: "file.json".to_owned(), record: None, title: None, code, detail })
    };
    let expected = [
        Item::Project(Project { id: Uuid::from_u128(1).into(), name: "P".to_owned(), created_at: 5 }),
        about(SkipCode::Shape, "projects: 1"),
        Item::Weight(Weight { class: TaskClass::Date, model: "m".into(), weight: 0.5 }),
        about(SkipCode::Shape, "weights: 2"),
    ];
    assert_eq!(read(history.to_string().as_bytes()), expected);
}

#[test]
fn a_file_of_the_first_version_is_read_and_one_of_the_next_is_not() {
    let mut history = history_with_a_run();
    history["version"] = 1.into();
    history.as_object_mut().expect("an object").remove("weights");
    history["conversations"][0].as_object_mut().expect("an object").remove("runs");
    let items = read(history.to_string().as_bytes());
    let [Item::Conversation(conversation)] = items.as_slice() else { panic!("{items:?}") };
    assert_eq!((conversation.messages.len(), conversation.runs.len()), (2, 0));
    let next = written_with_a_run().replacen("\"version\":2", "\"version\":3", 1);
    let items = read(next.as_bytes());
    let [Item::Skipped(skipped)] = items.as_slice() else { panic!("{items:?}") };
    assert_eq!((skipped.code, skipped.detail.as_deref()), (SkipCode::Newer, Some("3")));
}

#[test]
fn a_history_with_everything_in_it_fits_the_schema() {
    let schema = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../docs/export.schema.json");
    let schema: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(schema).expect("a schema")).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let weights = [Weight { class: TaskClass::YesNo, model: "phi4:mini".into(), weight: 0.1 + 0.2 }];
    let projects = [Project { id: Uuid::from_u128(2).into(), name: "P".to_owned(), created_at: 5 }];
    let mut writer = HistoryWriter::begin(Vec::new(), &projects, &weights).expect("memory");
    assert_eq!(writer.run(&run()).map_err(|error| error.kind()), Err(std::io::ErrorKind::InvalidInput));
    writer.conversation(&head("Everything")).expect("memory");
    writer.message(&Entry { message: message("text"), chosen: Some(Uuid::from_u128(11).into()) }).expect("memory");
    let plain = Message {
        id: Uuid::from_u128(11).into(),
        parent: Some(Uuid::from_u128(10).into()),
        status: MessageStatus::Streaming,
        ..message("")
    };
    writer.message(&Entry { message: plain, chosen: None }).expect("memory");
    let bare = Run { judgement: None, ..run() };
    for run in [run(), Run { run: ConsensusRun { verdict: None, ruled: None, synthesis: None, ..bare.run }, ..bare }] {
        writer.run(&run).expect("memory");
    }
    let late = writer.message(&Entry { message: message("late"), chosen: None });
    assert_eq!(late.map_err(|error| error.kind()), Err(std::io::ErrorKind::InvalidInput));
    writer.conversation(&Head { project: None, archived_at: None, leaf: None, ..head("Nothing") }).expect("memory");
    let written = writer.finish().expect("memory");
    let history: serde_json::Value = serde_json::from_slice(&written).expect("JSON");
    let wrong: Vec<String> =
        validator.iter_errors(&history).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert_eq!(wrong, Vec::<String>::new());
    // A schema that takes anything would prove nothing.
    for (place, value) in [
        ("/conversations/0/messages/0/role", "system"),
        ("/conversations/0/id", "x"),
        ("/format", "y"),
        ("/weights/0/weight", "much"),
        ("/conversations/0/runs/0/run/candidates/0/message", "x"),
        ("/conversations/0/runs/0/run/verdict/agreement", "quite"),
        ("/conversations/0/runs/0/record/asked/0/prompt", ""),
        ("/conversations/0/runs/0/judgement/class", "any"),
    ] {
        let mut broken = history.clone();
        *broken.pointer_mut(place).expect("a place") = value.into();
        assert!(!validator.is_valid(&broken), "{place}");
    }
    let empty = HistoryWriter::begin(Vec::new(), &[], &[]).expect("memory").finish().expect("memory");
    assert!(validator.is_valid(&serde_json::from_slice(&empty).expect("JSON")));
}

/// Ways to run a script, to load something, or to break out of the page.
const HOSTILE: &[&str] = &[
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)><foreignObject><iframe src=javascript:alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=http://canary.invalid/x><embed src=http://canary.invalid/y>",
    "<link rel=stylesheet href=http://canary.invalid/s.css><style>@import 'http://canary.invalid';</style>",
    "<meta http-equiv=refresh content='0;url=http://canary.invalid'>",
    "<base href=http://canary.invalid><form action=http://canary.invalid><button>x",
    "<video poster=http://canary.invalid src=http://canary.invalid></video><audio src=http://canary.invalid>",
    "<a href='javascript:alert(1)' ping=http://canary.invalid onclick=alert(1) style='background:url(http://canary.invalid)'>x</a>",
    "</div></article></main></body></html><script>alert(1)</script>",
    "</textarea></title></style></script><script>alert(1)</script>",
    "<!--><script>alert(1)</script>-->",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1) \"t\" )",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:x) [y](file:///etc/passwd) [z](//canary.invalid) [w](smb://canary.invalid/a)",
    "![x](http://canary.invalid/a.png)",
    "![x](data:image/svg+xml,<svg onload=alert(1)>)",
    "[![x](http://canary.invalid/a.png)](http://canary.invalid/b)",
    "![x][r]\n\n[r]: http://canary.invalid/r.png \"t\"",
    "<http://canary.invalid/auto> <javascript:alert(1)>",
    "`<script>alert(1)</script>`\n\n```html\n</code></pre><script>alert(1)</script>\n```",
    "```\" onload=\"alert(1)\nx\n```",
    "$<script>alert(1)</script>$ $$\\href{javascript:alert(1)}{x}$$",
    "| a | <img src=x onerror=alert(1)> |\n|---|---|\n| [x](javascript:alert(1)) | b |",
    "> <script>alert(1)</script>\n\n1. <img src=x onerror=alert(1)>",
    "- [x] <input onfocus=alert(1) autofocus>",
    "[^1]\n\n[^1]: <script>alert(1)</script>",
    "<details open ontoggle=alert(1)>",
    "\u{0}<scr\u{0}ipt>alert(1)</script>",
    "x\u{202e}<b onmouseover=alert(1)>",
];

fn page(title: &str, content: &str) -> String {
    let mut page = PageWriter::begin(Vec::new(), Form::Html, labels(), &head(title), Some(title)).expect("memory");
    let failed = Message { error: Some(AppError::new(ErrorCode::Server).with_detail(content)), ..message(content) };
    page.message(&failed).expect("memory");
    page.message(&Message { role: Role::User, status: MessageStatus::Complete, ..message(content) }).expect("memory");
    String::from_utf8(page.finish().expect("memory")).expect("text")
}

/// The tags of a page with their attributes, as a browser would find them.
fn tags(page: &str) -> Vec<&str> {
    page.split('<').skip(1).filter_map(|tag| tag.split('>').next()).collect()
}

#[test]
fn no_words_run_or_load_anything() {
    let frame: std::collections::HashSet<String> = tags(&page("t", "x"))
        .into_iter()
        .map(|tag| tag.split_whitespace().next().unwrap_or_default().to_owned())
        .collect();
    let words = [
        "a",
        "/a",
        "blockquote",
        "/blockquote",
        "code",
        "/code",
        "pre",
        "/pre",
        "li",
        "/li",
        "ol",
        "/ol",
        "ul",
        "/ul",
        "table",
        "/table",
        "thead",
        "/thead",
        "tbody",
        "/tbody",
        "tr",
        "/tr",
        "th",
        "/th",
        "td",
        "/td",
        "sup",
        "/sup",
        "em",
        "/em",
        "br",
        "hr",
        "del",
        "/del",
        "strong",
        "/strong",
    ];
    for hostile in HOSTILE {
        for (title, content) in [("t", *hostile), (*hostile, "x")] {
            let page = page(title, content);
            for tag in tags(&page) {
                let name = tag.split_whitespace().next().unwrap_or_default().to_lowercase();
                assert!(frame.contains(&name) || words.contains(&name.as_str()), "{hostile:?}: <{tag}>");
                let lower = tag.to_lowercase();
                for attribute in
                    [" on", " style=", " src", " srcset=", " ping=", " action=", " background=", " poster="]
                {
                    let title = lower.split(" title=\"").next().unwrap_or_default();
                    assert!(!title.contains(attribute), "{hostile:?}: <{tag}>");
                }
                if let Some(href) = tag.split("href=\"").nth(1).and_then(|rest| rest.split('"').next()) {
                    let allowed = ["http://", "https://", "mailto:"].iter().any(|scheme| href.starts_with(scheme));
                    assert!(allowed, "{hostile:?}: {href}");
                    assert_eq!(name, "a", "{hostile:?}");
                }
            }
        }
    }
}

#[test]
fn a_page_is_whole_and_forbids_the_rest() {
    let page = page(
        "Rivers & <b>",
        "# Title\n\n**bold** `code` [link](https://example.org)\n\n| a |\n|---|\n| b |\n\n$x^2$ costs $5\n\n- [x] done",
    );
    for expected in [
        "<title>Rivers &amp; &lt;b&gt;</title>",
        "default-src 'none'; style-src 'unsafe-inline'",
        "<strong>bold</strong>",
        "<a href=\"https://example.org\" rel=\"noopener noreferrer nofollow\">link</a>",
        "<td>b</td>",
        "<code>$x^2$</code>",
        "☑ done",
        "prefers-color-scheme: dark",
        "@media print",
        "Failed.",
        "scripted",
    ] {
        assert!(page.contains(expected), "{expected}: {page}");
    }
    assert_eq!(page.matches("<html").count(), 1);
    assert!(page.trim_end().ends_with("</html>"));
}

#[test]
fn markdown_has_front_matter_and_every_message() {
    let mut file =
        PageWriter::begin(Vec::new(), Form::Markdown, labels(), &head("A: \"b\"\n# c"), None).expect("memory");
    file.message(&Message {
        role: Role::User,
        reasoning: String::new(),
        scripted: false,
        status: MessageStatus::Complete,
        ..message("Ask")
    })
    .expect("memory");
    file.message(&Message { model: Some("phi4:mini".into()), reasoning: "a\n\nb".to_owned(), ..message("```\ncut") })
        .expect("memory");
    let text = String::from_utf8(file.finish().expect("memory")).expect("text");
    let expected = "---\ntitle: \"A: \\\"b\\\"\\n# c\"\nid: 00000000-0000-0000-0000-000000000001\ncreated: 2023-11-14T22:13:20Z\nupdated: 2023-11-14T22:13:20Z\npinned: true\narchived: 2023-11-14T22:13:20Z\n---\n\n# A: \"b\" \\# c\n\n## You\n\n*2023-11-14T22:13:20Z*\n\nAsk\n\n## phi4:mini (scripted)\n\n*2023-11-14T22:13:20Z*\n\n> **Reasoning**\n>\n> a\n>\n> b\n\n```\ncut\n```\n\n*Failed.*\n";
    assert_eq!(text, expected);
}
