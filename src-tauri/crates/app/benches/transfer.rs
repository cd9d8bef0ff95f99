//! How fast a history comes in and goes out, and how much memory that takes. Prints one Markdown table.
//!
//! ```sh
//! cargo bench -p capibara6-app --bench transfer               # an export of 500 MB
//! cargo bench -p capibara6-app --bench transfer -- 50         # of so many MB
//! ```
//!
//! Everything happens in a folder of its own, which is removed. Beside it the same file is read by what does less: its bytes
//! alone; its values by serde_json, one conversation after the other, kept nowhere; and by Python's `json` and `sqlite3`, where
//! there is a Python, into one table without an index, without a tree and without caring for a second import.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a measurement that cannot go on ends here")]

use std::fs::File;
use std::io::{BufReader, BufWriter, Read as _, Write as _};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use capibara6_app::offline::{Missing, Offline, Unlock};
use capibara6_app::transfer::{Export, Import, Labels, Place, Watch};
use capibara6_identity::Secret;
use capibara6_protocol::{ExportFormat, ExportScope, TransferReport};
use serde::de::{DeserializeSeed, IgnoredAny, SeqAccess, Visitor};
use tokio_util::sync::CancellationToken;

/// Messages of one conversation, half of them questions.
const PER_CONVERSATION: usize = 40;

fn main() {
    let megabytes = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(500);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(measure(megabytes));
}

async fn measure(megabytes: u64) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let source = path("conversations.json");
    let conversations = write_chatgpt(&source, megabytes << 20);
    println!(
        "| {conversations} conversations, {} messages, {} MB | s | MB/s | conversations/s | messages/s | peak memory, MB |",
        conversations * PER_CONVERSATION as u64,
        size(&source) >> 20
    );
    println!("|---|---:|---:|---:|---:|---:|");
    let whole = |name: &str, seconds: Duration, peak: u64| {
        row(name, seconds, size(&source), (conversations, conversations * PER_CONVERSATION as u64), peak);
    };

    let (seconds, peak) = timed(|| read_bytes(&source));
    whole("floor: bytes, read", seconds, peak);
    let (seconds, peak) = timed(|| read_values(&source));
    whole("floor: serde_json, one conversation at a time, kept nowhere", seconds, peak);
    match python(&source, &path("peer.db")) {
        Some((seconds, peak)) => whole("peer: Python, json.load and sqlite3, one table", seconds, peak),
        None => eprintln!("no Python here: its row is missing"),
    }

    let first = open(&path("a")).await;
    import(&first, "import of ChatGPT's export", &source).await;
    import(&first, "the same again: nothing is new", &source).await;
    std::fs::remove_file(&source).expect("a file");
    let ours = path("ours.json");
    export(&first, "export, JSON", ExportFormat::Json, Place::File(ours.clone())).await;
    for (name, format) in [("export, Markdown", ExportFormat::Markdown), ("export, HTML", ExportFormat::Html)] {
        export(&first, name, format, Place::Folder(path("pages"))).await;
        std::fs::remove_dir_all(path("pages")).expect("a folder");
    }
    first.close().await;
    std::fs::remove_dir_all(path("a")).expect("a folder");
    let second = open(&path("b")).await;
    import(&second, "import of our JSON", &ours).await;
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
    let mut progress = |_| {};
    forget_peak();
    let begun = Instant::now();
    let watch = Watch { progress: &mut progress, cancel: CancellationToken::new() };
    let report = history.import(Import { files: vec![file.to_owned()] }, watch).await;
    told(name, &report, begun.elapsed(), size(file));
}

async fn export(history: &Offline, name: &str, format: ExportFormat, to: Place) {
    let (mut progress, text) = (|_| {}, || "x".to_owned());
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
    let place = match &to {
        Place::File(path) | Place::Folder(path) | Place::NewFolder(path, _) => path.clone(),
    };
    forget_peak();
    let begun = Instant::now();
    let watch = Watch { progress: &mut progress, cancel: CancellationToken::new() };
    let report = history.export(Export { what: ExportScope::All, format, to }, labels, watch).await;
    told(name, &report, begun.elapsed(), size(&place));
}

fn told(name: &str, report: &TransferReport, took: Duration, bytes: u64) {
    assert_eq!((&report.error, report.skipped_total), (&None, 0), "{report:?}");
    let conversations = report.conversations + report.already_there;
    let messages = if report.already_there > 0 { conversations * PER_CONVERSATION as u64 } else { report.messages };
    row(name, took, bytes, (conversations, messages), peak());
}

fn row(name: &str, took: Duration, bytes: u64, (conversations, messages): (u64, u64), peak: u64) {
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    let rate = |count: u64| count as f64 / took.as_secs_f64();
    println!(
        "| {name} | {:.1} | {:.0} | {:.0} | {:.0} | {peak} |",
        took.as_secs_f64(),
        rate(bytes) / f64::from(1 << 20),
        rate(conversations),
        rate(messages),
    );
}

/// How long something takes, and the most memory meanwhile.
fn timed(work: impl FnOnce()) -> (Duration, u64) {
    forget_peak();
    let begun = Instant::now();
    work();
    (begun.elapsed(), peak())
}

fn read_bytes(path: &Path) {
    let mut file = File::open(path).expect("a file");
    let mut chunk = vec![0; 256 << 10];
    while file.read(&mut chunk).expect("a file") > 0 {}
}

/// Every conversation as values that nobody keeps.
fn read_values(path: &Path) {
    struct Each;
    impl<'de> Visitor<'de> for Each {
        type Value = IgnoredAny;
        fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            formatter.write_str("a list")
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<IgnoredAny, A::Error> {
            while let Some(value) = list.next_element::<serde_json::Value>()? {
                drop(std::hint::black_box(value));
            }
            Ok(IgnoredAny)
        }
    }
    struct List;
    impl<'de> DeserializeSeed<'de> for List {
        type Value = IgnoredAny;
        fn deserialize<D: serde::Deserializer<'de>>(self, source: D) -> Result<IgnoredAny, D::Error> {
            source.deserialize_seq(Each)
        }
    }
    let file = BufReader::with_capacity(256 << 10, File::open(path).expect("a file"));
    List.deserialize(&mut serde_json::Deserializer::from_reader(file)).expect("JSON");
}

/// What a script of ten lines does with the file.
const PYTHON: &str = r#"
import json, resource, sqlite3, sys, time
begun = time.monotonic()
history = sqlite3.connect(sys.argv[2])
history.execute("pragma journal_mode = wal")
history.execute("create table message (conversation text, id text primary key, parent text, role text, at real, content text)")
def rows():
    for each in json.load(open(sys.argv[1], "rb")):
        for key, node in each["mapping"].items():
            said = node["message"]
            yield each["conversation_id"], key, node["parent"], said["author"]["role"], said["create_time"], said["content"]["parts"][0]
with history:
    history.executemany("insert into message values (?, ?, ?, ?, ?, ?)", rows())
history.close()
print(time.monotonic() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"#;

fn python(source: &Path, database: &Path) -> Option<(Duration, u64)> {
    let ended = Command::new("python3").args(["-c", PYTHON]).args([source, database]).output().ok()?;
    let said = String::from_utf8(ended.stdout).ok()?;
    let (seconds, peak) = said.trim().split_once(' ')?;
    std::fs::remove_file(database).ok()?;
    Some((Duration::from_secs_f64(seconds.parse().ok()?), peak.parse().ok()?))
}

/// Writes a file as ChatGPT does, as long as this or a little longer: one line, each conversation a tree.
fn write_chatgpt(path: &Path, bytes: u64) -> u64 {
    let words = "The river rises in the mountains, crosses the plain and reaches the sea. ";
    let mut out = BufWriter::new(File::create(path).expect("a file"));
    let (mut written, mut number) = (0, 0);
    while written < bytes {
        let mut text = String::from(if number == 0 { "[" } else { "," });
        text.push_str(&format!(
            "{{\"title\":\"Conversation {number}\",\"create_time\":{},\"mapping\":{{",
            1_700_000_000 + number * 1000
        ));
        for place in 0..PER_CONVERSATION {
            let (role, length) = if place % 2 == 0 { ("user", 1) } else { ("assistant", 20) };
            let parent = if place == 0 { "null".to_owned() } else { format!("\"{number}-{}\"", place - 1) };
            text.push_str(&format!(
                "{}\"{number}-{place}\":{{\"id\":\"{number}-{place}\",\"parent\":{parent},\"children\":[\"{number}-{}\"],\
                 \"message\":{{\"id\":\"{number}-{place}\",\"author\":{{\"role\":\"{role}\",\"name\":null,\"metadata\":{{}}}},\
                 \"create_time\":{}.5,\"update_time\":null,\"content\":{{\"content_type\":\"text\",\"parts\":[\"{number} {}\"]}},\
                 \"status\":\"finished_successfully\",\"end_turn\":true,\"weight\":1.0,\"metadata\":{{\"model_slug\":\"m\",\
                 \"request_id\":\"{number}\",\"timestamp_\":\"absolute\"}},\"recipient\":\"all\",\"channel\":null}}}}",
                if place == 0 { "" } else { "," },
                place + 1,
                1_700_000_000 + number * 1000 + place as u64,
                words.repeat(length),
            ));
        }
        text.push_str(&format!(
            "}},\"current_node\":\"{number}-{}\",\"conversation_id\":\"c{number}\"}}",
            PER_CONVERSATION - 1
        ));
        out.write_all(text.as_bytes()).expect("a file");
        written += text.len() as u64;
        number += 1;
    }
    out.write_all(b"]").expect("a file");
    out.flush().expect("a file");
    number
}

/// The bytes of a file, or of all files in a folder.
fn size(path: &Path) -> u64 {
    let files = std::fs::read_dir(path).map(|entries| entries.flatten().map(|entry| entry.path()).collect());
    let files = files.unwrap_or_else(|_| vec![path.to_owned()]);
    files.iter().filter_map(|file| std::fs::metadata(file).ok()).map(|file| file.len()).sum()
}

/// The most memory this process has had since [`forget_peak`] in MB, where the system tells.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or_default() >> 10
}

/// Begins to watch anew (`proc_pid_clear_refs(5)`); elsewhere the most since the beginning is told.
fn forget_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}
