//! What is exported: the schema holds, pages run nothing and load nothing, Markdown keeps its frame.

#![allow(clippy::expect_used, reason = "a test that cannot go on ends here")]

use capibara6_protocol::*;
use capibara6_transfer::{Entry, Form, Head, HistoryWriter, Labels, PageWriter, Project, TitledBy};
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

#[test]
fn a_history_with_everything_in_it_fits_the_schema() {
    let schema = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../docs/export.schema.json");
    let schema: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(schema).expect("a schema")).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let projects = [Project { id: Uuid::from_u128(2).into(), name: "P".to_owned(), created_at: 5 }];
    let mut writer = HistoryWriter::begin(Vec::new(), &projects).expect("memory");
    writer.conversation(&head("Everything")).expect("memory");
    writer.message(&Entry { message: message("text"), chosen: Some(Uuid::from_u128(11).into()) }).expect("memory");
    let plain = Message {
        id: Uuid::from_u128(11).into(),
        parent: Some(Uuid::from_u128(10).into()),
        status: MessageStatus::Streaming,
        ..message("")
    };
    writer.message(&Entry { message: plain, chosen: None }).expect("memory");
    writer.conversation(&Head { project: None, archived_at: None, leaf: None, ..head("Nothing") }).expect("memory");
    let written = writer.finish().expect("memory");
    let history: serde_json::Value = serde_json::from_slice(&written).expect("JSON");
    let wrong: Vec<String> =
        validator.iter_errors(&history).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert_eq!(wrong, Vec::<String>::new());
    // A schema that takes anything would prove nothing.
    for (place, value) in
        [("/conversations/0/messages/0/role", "system"), ("/conversations/0/id", "x"), ("/format", "y")]
    {
        let mut broken = history.clone();
        *broken.pointer_mut(place).expect("a place") = value.into();
        assert!(!validator.is_valid(&broken), "{place}");
    }
    let empty = HistoryWriter::begin(Vec::new(), &[]).expect("memory").finish().expect("memory");
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
