//! The core on histories of growing size: pages of the list, opening conversations, jumping, and searching as one types.
//! Measured in this process, without a window: what is left for the window of its 150 ms.

use std::time::{Duration, Instant};

use capibara6_protocol::{ConversationScope, SearchQuery};
use capibara6_store::{Store, Stretch};
use capibara6_testkit::LargeHistory;
use serde_json::{Value, json};

use crate::{
    quick,
    report::{Section, percentile},
};

/// The goals, in milliseconds.
const SEARCH_GOAL: f64 = 50.0;
const OPEN_GOAL: f64 = 150.0;

/// What is typed, letter by letter: words, a phrase, signs, code, a word that is nowhere.
const TYPED: [&str; 14] = [
    "descanso río",
    "código de la función",
    "question about the server",
    "which model would answer",
    "\"de la función\"",
    "\"the server\"",
    "capibara",
    "ward::",
    "value::error(",
    "fn function_12",
    "的是在我",
    "日本語",
    "ción tion",
    "xyzzy nowhere",
];

/// How often everything else is done.
const TIMES: usize = 200;

pub(crate) async fn measure() -> Section {
    let sizes: &[usize] = if quick() { &[10_000] } else { &[10_000, 100_000, 1_000_000] };
    let mut rows = Vec::new();
    let mut figures = Vec::new();
    for messages in sizes {
        let measured = Measured::of(*messages).await;
        rows.extend(measured.rows(*messages));
        figures.push(measured.figures(*messages));
    }
    Section {
        title: "A growing history",
        method: format!(
            "Histories made by the test kit (Spanish, English, Chinese, Japanese, code; Zipf), one conversation of 3,000 \
             messages and one message of 1 MB among them; the store in this process, files in the page cache, every \
             figure over {TIMES} random places. Searching: {} queries, one search per letter typed, a page of 30 hits with \
             their snippets. Goals: {SEARCH_GOAL} ms per letter (p95), {OPEN_GOAL} ms until the end of a conversation is \
             shown, of which the core may take a small part.",
            TYPED.len()
        ),
        head: vec!["messages", "what", "p50", "p95", "largest", "goal"],
        rows,
        figures: Value::Array(figures),
    }
}

struct Measured {
    /// Seconds to store and to index everything.
    made: f64,
    indexed: f64,
    bytes: u64,
    /// Of which the index.
    index_bytes: u64,
    times: Vec<(&'static str, Option<f64>, Vec<f64>)>,
}

impl Measured {
    async fn of(messages: usize) -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let path = home.path().join("capibara6.db");
        let asked = LargeHistory { messages, seed: 1 };
        let begun = Instant::now();
        asked.make(&path).await.expect("a history");
        let made = begun.elapsed().as_secs_f64();
        let without = std::fs::metadata(&path).expect("a file").len();
        let store = Store::open(&path).await.expect("a store");
        let begun = Instant::now();
        let mut steps = Vec::new();
        loop {
            let step = Instant::now();
            let pending = store.index_some().await.expect("a step");
            steps.push(milliseconds(step.elapsed()));
            if pending == 0 {
                break;
            }
        }
        let indexed = begun.elapsed().as_secs_f64();
        store.close().await;
        let bytes = std::fs::metadata(&path).expect("a file").len();
        let store = Store::open(&path).await.expect("a store");

        let mut times = vec![("a step of indexing", None, steps)];
        let mut cursors = vec![None];
        let mut ids = Vec::new();
        loop {
            let after: Option<String> = cursors.last().cloned().flatten();
            let page = store.conversations_in(ConversationScope::Active, after.as_deref(), 200).await.expect("a page");
            ids.extend(page.conversations.iter().map(|conversation| conversation.id));
            match page.next {
                Some(next) => cursors.push(Some(next)),
                None => break,
            }
        }
        let mut listed = Vec::new();
        let mut opened = Vec::new();
        for time in 0..TIMES {
            let cursor = &cursors[time * 7919 % cursors.len()];
            let begun = Instant::now();
            store.conversations(cursor.as_deref(), 50).await.expect("a page");
            listed.push(milliseconds(begun.elapsed()));
            let id = ids[time * 104_729 % ids.len()];
            let begun = Instant::now();
            store.view(id, Stretch::End, 50).await.expect("a view");
            opened.push(milliseconds(begun.elapsed()));
        }
        times.push(("a page of the list (50)", None, listed));
        times.push(("the end of a conversation (50)", Some(OPEN_GOAL), opened));
        let mut wide = Vec::new();
        for _ in 0..20 {
            let begun = Instant::now();
            store.view(asked.wide(), Stretch::End, 50).await.expect("a view");
            wide.push(milliseconds(begun.elapsed()));
        }
        times.push(("a message of 1 MB", Some(OPEN_GOAL), wide));
        if let Ok(end) = store.view(asked.long(), Stretch::End, 50).await {
            let (mut long, mut jumped) = (Vec::new(), Vec::new());
            let mut at = end.messages[0].id;
            for _ in 0..50 {
                let begun = Instant::now();
                store.view(asked.long(), Stretch::End, 50).await.expect("a view");
                long.push(milliseconds(begun.elapsed()));
                let begun = Instant::now();
                store.jump(asked.long(), at, 50).await.expect("a view");
                jumped.push(milliseconds(begun.elapsed()));
                at = store.view(asked.long(), Stretch::Before(at), 50).await.expect("a view").messages[0].id;
            }
            times.push(("the end of 3,000 messages (50)", Some(OPEN_GOAL), long));
            times.push(("a jump into 3,000 messages (50)", Some(OPEN_GOAL), jumped));
        }
        let mut letters = Vec::new();
        for typed in TYPED {
            for (end, _) in typed.char_indices().skip(1).chain([(typed.len(), ' ')]) {
                let query = SearchQuery { text: typed[..end].to_owned(), limit: 30, ..SearchQuery::default() };
                let begun = Instant::now();
                store.search(&query).await.expect("a page");
                let took = milliseconds(begun.elapsed());
                if took > SEARCH_GOAL {
                    eprintln!("{messages} messages: {:?} took {took:.1} ms", query.text);
                }
                letters.push(took);
            }
        }
        times.push(("a search, per letter", Some(SEARCH_GOAL), letters));
        store.close().await;
        Self { made, indexed, bytes, index_bytes: bytes.saturating_sub(without), times }
    }

    fn rows(&self, messages: usize) -> Vec<Vec<String>> {
        let ms = |value: f64| format!("{value:.2} ms");
        let mut rows: Vec<Vec<String>> = self
            .times
            .iter()
            .map(|(what, goal, times)| {
                vec![
                    messages.to_string(),
                    (*what).to_owned(),
                    ms(percentile(times, 0.5)),
                    ms(percentile(times, 0.95)),
                    ms(percentile(times, 1.0)),
                    goal.map(|goal| format!("{goal} ms")).unwrap_or_default(),
                ]
            })
            .collect();
        let mib = |bytes: u64| bytes >> 20;
        rows.push(vec![
            messages.to_string(),
            format!(
                "stored in {:.0} s, indexed in {:.0} s; {} MiB, {} of them the index",
                self.made,
                self.indexed,
                mib(self.bytes),
                mib(self.index_bytes)
            ),
            String::new(),
            String::new(),
            String::new(),
            String::new(),
        ]);
        rows
    }

    fn figures(&self, messages: usize) -> Value {
        let times: serde_json::Map<String, Value> = self
            .times
            .iter()
            .map(|(what, _, times)| {
                let summary = json!({
                    "p50_ms": percentile(times, 0.5), "p95_ms": percentile(times, 0.95),
                    "largest_ms": percentile(times, 1.0), "count": times.len(),
                });
                ((*what).to_owned(), summary)
            })
            .collect();
        json!({
            "messages": messages, "stored_s": self.made, "indexed_s": self.indexed, "bytes": self.bytes,
            "index_bytes": self.index_bytes, "times": times,
        })
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
