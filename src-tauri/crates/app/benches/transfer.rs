//! How fast a history goes out and comes in, and how much memory that takes: `cargo bench -p capibara6-app --bench transfer`,
//! with the number of messages as an argument (100,000 without one). Everything happens in a folder of its own.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a measurement that cannot go on ends here")]

use std::path::Path;
use std::time::Instant;

use capibara6_app::offline::{Missing, Offline, Unlock};
use capibara6_app::transfer::{Export, Import, Labels, Place, Watch};
use capibara6_identity::Secret;
use capibara6_protocol::{ExportFormat, ExportScope, TransferReport};
use tokio_util::sync::CancellationToken;

/// Messages of one conversation, half of them questions.
const PER_CONVERSATION: usize = 40;

fn main() {
    let messages = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(100_000);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(measure(messages));
}

async fn measure(messages: usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let source = folder.path().join("chatgpt.json");
    std::fs::write(&source, chatgpt(messages / PER_CONVERSATION)).expect("a file");
    println!("{messages} messages, {} MB of another program's export", megabytes(&source));

    let first = open(&folder.path().join("a")).await;
    import(&first, "import ChatGPT", &source).await;
    import(&first, "import the same again", &source).await;
    let ours = folder.path().join("ours.json");
    export(&first, "export JSON", ExportFormat::Json, Place::File(ours.clone())).await;
    export(&first, "export Markdown", ExportFormat::Markdown, Place::Folder(folder.path().join("md"))).await;
    export(&first, "export HTML", ExportFormat::Html, Place::Folder(folder.path().join("html"))).await;
    first.close().await;
    let second = open(&folder.path().join("b")).await;
    import(&second, "import JSON", &ours).await;
    second.close().await;
}

/// Nothing is encrypted here: no secret store is asked.
fn plain() -> Unlock {
    Unlock::Passphrase(Secret::new(String::new()))
}

async fn open(home: &Path) -> Offline {
    Offline::open(home, None, &plain(), Missing::Begin).await.expect("a history")
}

async fn import(history: &Offline, name: &str, file: &Path) {
    let (mut progress, begun) = (|_| {}, Instant::now());
    let watch = Watch { progress: &mut progress, cancel: CancellationToken::new() };
    let report = history.import(Import { files: vec![file.to_owned()] }, watch).await;
    print(name, &report, begun, megabytes(file));
}

async fn export(history: &Offline, name: &str, format: ExportFormat, to: Place) {
    let (mut progress, begun) = (|_| {}, Instant::now());
    let watch = Watch { progress: &mut progress, cancel: CancellationToken::new() };
    let text = || "x".to_owned();
    let labels = Labels {
        language: "en".to_owned(),
        right_to_left: false,
        user: text(),
        assistant: text(),
        reasoning: text(),
        stopped: text(),
        interrupted: text(),
        failed: text(),
        scripted: text(),
    };
    let report = history.export(Export { what: ExportScope::All, format, to }, labels, watch).await;
    print(name, &report, begun, 0);
}

fn print(name: &str, report: &TransferReport, begun: Instant, read: u64) {
    assert_eq!((&report.error, report.skipped_total), (&None, 0), "{report:?}");
    let seconds = begun.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    let rate = report.messages as f64 / seconds;
    println!("{name:24} {seconds:7.2} s  {rate:9.0} messages/s  {read:5} MB read  peak {} MB", peak());
}

/// A file as ChatGPT writes them: one line, each conversation a tree.
fn chatgpt(conversations: usize) -> String {
    let words = "The river rises in the mountains, crosses the plain and reaches the sea. ";
    let conversations = (0..conversations).map(|number| {
        let nodes: Vec<String> = (0..PER_CONVERSATION)
            .map(|place| {
                let (role, length) = if place % 2 == 0 { ("user", 1) } else { ("assistant", 8) };
                let parent = if place == 0 { "null".to_owned() } else { format!("\"{number}-{}\"", place - 1) };
                format!(
                    "\"{number}-{place}\":{{\"id\":\"{number}-{place}\",\"parent\":{parent},\"children\":[],\"message\":\
                     {{\"author\":{{\"role\":\"{role}\"}},\"create_time\":{}.5,\"content\":{{\"content_type\":\"text\",\
                     \"parts\":[\"{number} {}\"]}},\"metadata\":{{\"model_slug\":\"m\"}},\"recipient\":\"all\"}}}}",
                    1_700_000_000 + number * 1000 + place,
                    words.repeat(length),
                )
            })
            .collect();
        format!(
            "{{\"title\":\"Conversation {number}\",\"create_time\":{},\"mapping\":{{{}}},\"current_node\":\"{number}-{}\",\
             \"conversation_id\":\"c{number}\"}}",
            1_700_000_000 + number * 1000,
            nodes.join(","),
            PER_CONVERSATION - 1,
        )
    });
    format!("[{}]", conversations.collect::<Vec<_>>().join(","))
}

fn megabytes(file: &Path) -> u64 {
    std::fs::metadata(file).map(|file| file.len() >> 20).unwrap_or_default()
}

/// The most memory this process has had, where the system tells. It holds the source text of the measurement as well.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or_default() >> 10
}
