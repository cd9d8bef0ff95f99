//! From bytes on the socket to text in the page: one stream, four in conversations of their own, and four candidates side by side in
//! one conversation.

use std::{fs, time::Duration};

use capibara6_journeys::{Home, MODEL, Window};
use capibara6_testkit::{Fleet, ModelServer};
use serde::Deserialize;
use serde_json::json;

use crate::{
    quick,
    report::{Section, percentile},
    streams::{Shape, Stream, now_ms, shape},
};

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Case {
    /// So many streams, each in its conversation, of which the last is shown.
    Streams(usize),
    /// Four models on one question, all shown side by side.
    Candidates,
}

impl Case {
    /// Where the words are read.
    fn words(self) -> &'static str {
        match self {
            Self::Streams(_) => r#"[data-testid="message-text"]"#,
            Self::Candidates => r#"[data-testid="candidate-text"]"#,
        }
    }

    fn name(self) -> String {
        match self {
            Self::Streams(count) => count.to_string(),
            Self::Candidates => "4 side by side".to_owned(),
        }
    }
}

/// Notes in the page when each numbered word of the last of what the argument selects was painted, how far frames lie apart, and how long the
/// main thread kept a timer waiting. A word counts as painted in the first task after the frame that holds it.
const PROBE: &str = r#"
    const clock = () => performance.timeOrigin + performance.now();
    const probe = { painted: [], frames: [], gaps: [], stopped: false };
    let shown = -1, noted = -1, before = 0;
    const words = arguments[0];
    const text = () => [...document.querySelectorAll(words)].at(-1)?.textContent ?? '';
    new MutationObserver(() => {
        const found = text().slice(-120).match(/w(\d+)(?!.*w\d)/s);
        if (found) noted = Math.max(noted, Number(found[1]));
    }).observe(document.body, { childList: true, characterData: true, subtree: true });
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
        if (noted > shown) { probe.painted.push([noted, clock()]); shown = noted; }
    };
    const frame = (now) => {
        if (probe.stopped) return;
        if (before) probe.frames.push(now - before);
        before = now;
        port2.postMessage(0);
        requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    let beat = performance.now();
    const heart = () => {
        if (probe.stopped) return;
        const now = performance.now();
        probe.gaps.push(now - beat);
        beat = now;
        setTimeout(heart, 4);
    };
    setTimeout(heart, 4);
    Object.defineProperty(window, 'probe', { value: probe, configurable: true });
"#;

#[derive(Deserialize)]
struct Probe {
    painted: Vec<(usize, f64)>,
    frames: Vec<f64>,
    gaps: Vec<f64>,
}

pub(crate) async fn measure() -> Section {
    let mut rows = Vec::new();
    let mut figures = Vec::new();
    for case in [Case::Streams(1), Case::Streams(4), Case::Candidates] {
        let (row, figure) = run(case).await;
        rows.push(row);
        figures.push(figure);
    }
    Section {
        title: "Window: from the socket to the page",
        method: format!(
            "Each stream writes 100 tokens a second for {} s: paragraphs, lists, bold words and code. The window shows one \
             conversation; with four streams the other three write into conversations in the background; four side by side are \
             the candidates of one question, of which the last is watched. Latency: from \
             the write to the socket to the first task after the frame that holds the word (the page's clock counts whole \
             milliseconds). Frames: distances between animation frames. Main thread: processor time of the web process's \
             main thread as a share of the time. Long tasks: how often and how long a 4 ms timer was kept waiting for more than 50 ms.",
            seconds()
        ),
        head: vec![
            "streams",
            "latency p50",
            "p95",
            "max",
            "frames p50",
            "p95",
            "max",
            "main thread",
            "tasks > 50 ms",
            "longest wait",
        ],
        rows,
        figures: figures.into(),
    }
}

fn seconds() -> u64 {
    if quick() { 5 } else { 30 }
}

/// Four conversations, or as many as wanted, each with a stream.
async fn streaming(count: usize) -> (Window, Vec<Stream>, Vec<ModelServer>) {
    let server = ModelServer::start(&[MODEL]).await;
    let window = Window::open(Home::of(&server)).await;
    window.resize(1200, 800).await;
    let mut streams = Vec::new();
    for number in 0..count {
        window.click("new-chat").await;
        window.until_messages("an empty conversation", <[_]>::is_empty).await;
        window.ask(&format!("Stream {number}")).await;
        streams.push(Stream::answer(&server).await);
        window.until_messages("words", |all| all.last().is_some_and(|last| !last.text.is_empty())).await;
    }
    (window, streams, vec![server])
}

/// One question to four models.
async fn side_by_side(fleet: &Fleet) -> (Window, Vec<Stream>) {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let path = folder.path().join("profile.toml");
    fleet.write_profile(&path);
    let home = Home::with_profile(&fs::read_to_string(&path).expect("the profile"));
    let window = Window::open(home).await;
    window.resize(1200, 800).await;
    window.choose("mode-picker", "consensus").await;
    window.ask("Write everything down").await;
    let mut streams = Vec::new();
    for server in fleet.servers() {
        streams.push(Stream::answer(server).await);
    }
    let all_write = "return [...document.querySelectorAll('[data-testid=\"candidate-text\"]')]\
        .filter((each) => each.textContent !== '').length === 4";
    window.until_script("four write", all_write).await;
    (window, streams)
}

async fn run(case: Case) -> (Vec<String>, serde_json::Value) {
    // They live as long as they are asked.
    let fleet = Fleet::start().await;
    let (window, streams, _servers) = match case {
        Case::Streams(count) => streaming(count).await,
        Case::Candidates => {
            let (window, streams) = side_by_side(&fleet).await;
            (window, streams, Vec::new())
        }
    };
    let web = window
        .program()
        .family()
        .into_iter()
        .find(|process| process.name() == "WebKitWebProcess")
        .expect("the window has a web process");
    window.script(PROBE, &[case.words().into()]).await;
    let (begun, busy) = (now_ms(), web.main_thread_time().expect("its main thread"));
    tokio::time::sleep(Duration::from_secs(seconds())).await;
    let (ended, busy) = (now_ms(), web.main_thread_time().expect("its main thread").saturating_sub(busy));
    let probe: Probe = window.read("window.probe.stopped = true; return window.probe", &[]).await;
    let sent = streams.last().expect("a stream").sent();
    for stream in streams {
        stream.end().await;
    }
    window.close().await;

    let mut latencies = Vec::new();
    let mut painted = probe.painted.iter().peekable();
    for (number, at) in sent.iter().enumerate().filter(|(_, at)| **at > begun + 500.0 && **at < ended - 1500.0) {
        while painted.next_if(|(shown, _)| *shown < number).is_some() {}
        let Some((_, shown)) = painted.peek() else { panic!("word {number} was never painted") };
        latencies.push((shape(number), shown - at));
    }
    let by_shape = [Shape::Paragraph, Shape::List, Shape::Code].map(|wanted| {
        let some: Vec<f64> = latencies.iter().filter(|(shape, _)| *shape == wanted).map(|(_, ms)| *ms).collect();
        json!({ "in": format!("{wanted:?}").to_lowercase(), "words": some.len(), "p50": percentile(&some, 0.5), "p95": percentile(&some, 0.95), "max": percentile(&some, 1.0) })
    });
    let latencies: Vec<f64> = latencies.into_iter().map(|(_, ms)| ms).collect();
    let long: Vec<f64> = probe.gaps.iter().copied().filter(|gap| *gap > 50.0).collect();
    let share = busy.as_secs_f64() * 1000.0 / (ended - begun);
    let all = |figures: &[f64]| (percentile(figures, 0.5), percentile(figures, 0.95), percentile(figures, 1.0));
    let (latency, frames, longest) = (all(&latencies), all(&probe.frames), percentile(&probe.gaps, 1.0));
    let ms = |value: f64| format!("{value:.0} ms");
    let row = vec![
        case.name(),
        ms(latency.0),
        ms(latency.1),
        ms(latency.2),
        ms(frames.0),
        ms(frames.1),
        ms(frames.2),
        format!("{:.0} %", share * 100.0),
        long.len().to_string(),
        ms(longest),
    ];
    let figure = json!({
        "streams": case.name(), "words": latencies.len(),
        "latency_ms": { "p50": latency.0, "p95": latency.1, "p99": percentile(&latencies, 0.99), "max": latency.2, "by_block": by_shape },
        "frame_ms": { "p50": frames.0, "p95": frames.1, "max": frames.2, "count": probe.frames.len() },
        "main_thread_share": share, "tasks_over_50_ms": long.len(), "longest_wait_ms": longest,
    });
    (row, figure)
}
