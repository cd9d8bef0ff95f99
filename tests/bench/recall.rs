//! The core on histories of growing size: pages of the list, opening conversations, jumping, and searching as one types.
//! Measured in this process, without a window: what is left for the window of its 150 ms.

use std::time::{Duration, Instant};

use capibara6_protocol::{ConversationId, ConversationScope, MessageId, Part, SearchQuery};
use capibara6_store::{Asked, Begin, NewAnswer, NewQuestion, Piece, Place, Store, Stretch};
use capibara6_testkit::LargeHistory;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    histories::{self, Made, SIZES},
    quick,
    report::{Section, percentile},
};

/// The goals, in milliseconds.
const SEARCH_GOAL: f64 = 50.0;
const OPEN_GOAL: f64 = 150.0;
const KEPT_GOAL: f64 = 250.0;

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

/// 2026-11-01, as milliseconds since the epoch.
const NOW: i64 = 1_793_491_200_000;

/// How often everything else is done.
const TIMES: usize = 200;

pub(crate) async fn measure() -> Section {
    let sizes: &[usize] = if quick() { &SIZES[..1] } else { &SIZES };
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
             shown, of which the core may take a small part, {KEPT_GOAL} ms until streamed text is kept. Processor: what \
             all threads of the process used meanwhile, which other programs on the machine change little.",
            TYPED.len()
        ),
        head: vec!["messages", "what", "p50", "p95", "largest", "processor p50", "p95", "goal (p95)"],
        rows,
        figures: Value::Array(figures),
    }
}

struct Measured {
    made: Option<Made>,
    bytes: u64,
    times: Vec<(&'static str, Option<f64>, Timed)>,
}

impl Measured {
    async fn of(messages: usize) -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let path = home.path().join("capibara6.db");
        let asked = histories::of(messages);
        let made = histories::place(messages, &path).await;
        let bytes = std::fs::metadata(&path).expect("a file").len();
        let mut times = Vec::new();
        let mut starts = Timed::default();
        for _ in 0..20 {
            let begun = starts.begin();
            let store = Store::open(&path).await.expect("a store");
            store.conversations(None, 50).await.expect("a page");
            starts.end(begun);
            store.close().await;
        }
        times.push(("opening the file and the list's first page", None, starts));
        let store = Store::open(&path).await.expect("a store");
        while store.index_some().await.expect("a step") > 0 {}

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
        let mut listed = Timed::default();
        let mut opened = Timed::default();
        for time in 0..TIMES {
            let cursor = &cursors[time * 7919 % cursors.len()];
            let begun = listed.begin();
            store.conversations(cursor.as_deref(), 50).await.expect("a page");
            listed.end(begun);
            let id = ids[time * 104_729 % ids.len()];
            let begun = opened.begin();
            store.view(id, Stretch::End, 50).await.expect("a view");
            opened.end(begun);
        }
        times.push(("a page of the list (50)", None, listed));
        times.push(("the end of a conversation (50)", Some(OPEN_GOAL), opened));
        let mut wide = Timed::default();
        for _ in 0..20 {
            let begun = wide.begin();
            store.view(asked.wide(), Stretch::End, 50).await.expect("a view");
            wide.end(begun);
        }
        times.push(("a message of 1 MB", Some(OPEN_GOAL), wide));
        if let Ok(end) = store.view(asked.long(), Stretch::End, 50).await {
            let (mut long, mut jumped) = (Timed::default(), Timed::default());
            let mut at = end.messages[0].id;
            for _ in 0..50 {
                let begun = long.begin();
                store.view(asked.long(), Stretch::End, 50).await.expect("a view");
                long.end(begun);
                let begun = jumped.begin();
                store.jump(asked.long(), at, 50).await.expect("a view");
                jumped.end(begun);
                at = store.view(asked.long(), Stretch::Before(at), 50).await.expect("a view").messages[0].id;
            }
            times.push(("the end of 3,000 messages (50)", Some(OPEN_GOAL), long));
            times.push(("a jump into 3,000 messages (50)", Some(OPEN_GOAL), jumped));
        }
        let mut letters = Timed::default();
        for typed in TYPED {
            for (end, _) in typed.char_indices().skip(1).chain([(typed.len(), ' ')]) {
                let query = SearchQuery { text: typed[..end].to_owned(), limit: 30, ..SearchQuery::default() };
                let begun = letters.begin();
                store.search(&query).await.expect("a page");
                let (took, busy) = letters.end(begun);
                if took > SEARCH_GOAL {
                    eprintln!("{messages} messages: {:?} took {took:.1} ms, {busy:.1} ms of a processor", query.text);
                }
            }
        }
        times.push(("a search, per letter", Some(SEARCH_GOAL), letters));
        times.push((
            "text that streams in while the index is made, until it is kept",
            Some(KEPT_GOAL),
            streamed(&store).await,
        ));
        store.close().await;
        Self { made, bytes, times }
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
                    ms(percentile(&times.took, 0.5)),
                    ms(percentile(&times.took, 0.95)),
                    ms(percentile(&times.took, 1.0)),
                    ms(percentile(&times.busy, 0.5)),
                    ms(percentile(&times.busy, 0.95)),
                    goal.map(|goal| format!("{goal} ms")).unwrap_or_default(),
                ]
            })
            .collect();
        let mut made = format!("{} MiB", self.bytes >> 20);
        if let Some(Made { stored, indexed }) = &self.made {
            made = format!(
                "{made}, stored in {:.0} s and indexed in {:.0} s",
                stored.as_secs_f64(),
                indexed.as_secs_f64()
            );
        } else {
            made.push_str(", made before");
        }
        let mut row = vec![messages.to_string(), made];
        row.resize(8, String::new());
        rows.push(row);
        rows
    }

    fn figures(&self, messages: usize) -> Value {
        let times: serde_json::Map<String, Value> = self
            .times
            .iter()
            .map(|(what, _, times)| {
                let summary = json!({
                    "p50_ms": percentile(&times.took, 0.5), "p95_ms": percentile(&times.took, 0.95),
                    "largest_ms": percentile(&times.took, 1.0), "count": times.took.len(),
                    "processor_p50_ms": percentile(&times.busy, 0.5), "processor_p95_ms": percentile(&times.busy, 0.95),
                });
                ((*what).to_owned(), summary)
            })
            .collect();
        json!({
            "messages": messages, "bytes": self.bytes,
            "stored_s": self.made.as_ref().map(|made| made.stored.as_secs_f64()),
            "indexed_s": self.made.as_ref().map(|made| made.indexed.as_secs_f64()),
            "times": times,
        })
    }
}

/// How long each of many things took, and how much of a processor, in milliseconds.
#[derive(Default)]
struct Timed {
    took: Vec<f64>,
    busy: Vec<f64>,
}

impl Timed {
    fn begin(&self) -> (Instant, Duration) {
        (Instant::now(), processor())
    }

    fn end(&mut self, (begun, before): (Instant, Duration)) -> (f64, f64) {
        let (took, busy) = (milliseconds(begun.elapsed()), milliseconds(processor().saturating_sub(before)));
        self.took.push(took);
        self.busy.push(busy);
        (took, busy)
    }
}

/// The processor time of this process.
fn processor() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

/// Appends to an answer as a stream does, while new conversations are indexed beside it.
async fn streamed(store: &Store) -> Timed {
    let answer = MessageId(Uuid::now_v7());
    let begin = Begin {
        place: Place::New { id: ConversationId(Uuid::now_v7()), title: "A stream".to_owned() },
        asked: Asked::New(NewQuestion {
            id: MessageId(Uuid::now_v7()),
            parent: None,
            text: "?".to_owned(),
            created_at: NOW,
        }),
        answer: NewAnswer { id: answer, model: None, scripted: false, routing: None, created_at: NOW },
    };
    store.begin(begin).await.expect("begun");
    LargeHistory { messages: 8000, seed: 2 }.fill(store).await.expect("more of it");
    let indexing = {
        let store = store.clone();
        tokio::spawn(async move { while store.index_some().await.expect("a step") > 0 {} })
    };
    let mut times = Timed::default();
    while !indexing.is_finished() {
        let piece = Piece { message: answer, part: Part::Content, text: "a few words ".to_owned() };
        let begun = times.begin();
        store.append_soon(vec![piece]).await.expect("kept");
        times.end(begun);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    times
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
