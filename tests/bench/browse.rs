//! A large history in the window: how soon a conversation shows its end, how scrolling goes on, and how much memory it takes, with
//! the same done to histories of growing size. What this machine's drawing allows is measured beside it: plain lines in a
//! scroller of the same place and size, rolled by the same steps.

use std::{collections::BTreeMap, time::Duration};

use capibara6_journeys::{Home, MODEL, Process, Window, until};
use capibara6_protocol::ConversationId;
use capibara6_store::Store;
use capibara6_testkit::{LargeHistory, ModelServer};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    histories::{self, SIZES},
    memory, quick,
    report::{Section, percentile},
};

/// The goals, in milliseconds.
const OPEN_GOAL: f64 = 150.0;
const TASK_GOAL: f64 = 50.0;
/// A frame of sixty in a second.
const FRAME_MS: f64 = 1000.0 / 60.0;

/// How far a frame rolls, in pixels: as a hand does that looks for something, and as one that throws the list.
const STEPS: [i32; 2] = [60, 300];

/// How often each of the two extremes is opened, and how many ordinary conversations are.
const EXTREMES: usize = 8;
const ORDINARY: usize = 24;

/// What is done in the page. Frames are counted by the page's own clock, and a timer of 4 ms says how long the main thread kept
/// others waiting.
const TOOLS: &str = r#"
    const pulse = () => {
        const gaps = [];
        let on = true;
        let beat = performance.now();
        const heart = () => {
            const now = performance.now();
            gaps.push(now - beat);
            beat = now;
            if (on) setTimeout(heart, 4);
        };
        setTimeout(heart, 4);
        return () => { on = false; return gaps; };
    };
    const painted = () => new Promise((done) => requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => done();
        port2.postMessage(0);
    }));
    const rest = async (frames) => { for (let n = 0; n < frames; n += 1) await painted(); };
    const open = async (row) => {
        const name = `[data-id="${row}"] .sidebar-open`;
        document.querySelector('.sidebar-list').scrollTop = 0;
        for (let n = 0; n < 100 && document.querySelector(name) === null; n += 1) await painted();
        await rest(2);
        const former = new Set(document.querySelectorAll('c6-message'));
        const stop = pulse();
        const begun = performance.now();
        document.querySelector(name).click();
        const stands = () => {
            const scroller = document.querySelector('.messages');
            const last = [...scroller.querySelectorAll('c6-message')].at(-1);
            if (!last || former.has(last) || last.getAttribute('aria-posinset') === null) return false;
            const text = last.querySelector('.prose .block, .question');
            return text !== null && scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop < 2;
        };
        while (!stands()) await new Promise((later) => setTimeout(later));
        await painted();
        const took = performance.now() - begun;
        // What is around it comes on the page afterwards, and must not take a long time in one go either.
        await rest(12);
        return { took, gaps: stop() };
    };
    const readWhole = async () => {
        const list = document.querySelector('.sidebar-list');
        while (document.querySelector('.sidebar-next') !== null) {
            list.scrollTop = list.scrollHeight;
            await painted();
        }
    };
    const roll = async (selector, step, frames) => {
        const scroller = document.querySelector(selector);
        scroller.dispatchEvent(new WheelEvent('wheel', { deltaY: step }));
        const stop = pulse();
        const distances = [];
        let still = 0, last = -1;
        await new Promise((done) => {
            let before;
            const frame = (now) => {
                if (before !== undefined) distances.push(now - before);
                before = now;
                if (distances.length >= frames) return done();
                const { scrollTop } = scroller;
                still = scrollTop === last ? still + 1 : 0;
                last = scrollTop;
                if (still > 20) { step = -step; still = 0; scroller.dispatchEvent(new WheelEvent('wheel', { deltaY: step })); }
                scroller.scrollTop = scrollTop + step;
                requestAnimationFrame(frame);
            };
            requestAnimationFrame(frame);
        });
        return { distances, gaps: stop() };
    };
    const plain = (selector) => {
        const covered = document.querySelector(selector);
        const { left, top, width, height } = covered.getBoundingClientRect();
        // What is covered is not to be drawn as well.
        covered.style.visibility = 'hidden';
        const lines = document.createElement('div');
        lines.id = 'plain-lines';
        Object.assign(lines.style, { position: 'fixed', left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px`,
            overflowY: 'auto', whiteSpace: 'pre', background: 'var(--paper)', zIndex: '9' });
        lines.textContent = Array.from({ length: 2000 }, (_, n) => `line ${n} of plain text that stands here to be rolled by`).join('\n');
        document.body.append(lines);
    };
    const unplain = (selector) => {
        document.querySelector(selector).style.visibility = '';
        document.getElementById('plain-lines').remove();
    };
    window.bench = { open, readWhole, roll, plain, unplain, rest };
"#;

/// What opening one has shown.
#[derive(Debug, Deserialize)]
struct Opened {
    took: f64,
    gaps: Vec<f64>,
}

/// What rolling has shown.
#[derive(Debug, Deserialize)]
struct Rolled {
    distances: Vec<f64>,
    gaps: Vec<f64>,
}

pub(crate) async fn measure() -> Section {
    let sizes: &[usize] = if quick() { &SIZES[..1] } else { &SIZES };
    let largest = sizes.iter().max().copied().unwrap_or_default();
    let mut rows = Vec::new();
    let mut figures = Vec::new();
    for (messages, drawing) in sizes.iter().map(|size| (*size, Drawing::Usual)).chain([(largest, Drawing::Layers)]) {
        let measured = Measured::of(messages, drawing).await;
        let name = match drawing {
            Drawing::Usual => messages.to_string(),
            Drawing::Layers => format!("{messages}, in layers"),
        };
        rows.extend(measured.rows(&name));
        figures.push(measured.figures(&name));
    }
    Section {
        title: "Window: a growing history",
        method: format!(
            "Histories made by the test kit, as below, in a window of 1200 by 800. Opening: from the click on a conversation to the \
             first task after the frame that holds its end, {ORDINARY} ordinary ones, and {EXTREMES} times each the one of \
             3,000 messages and the one whose answer is 1 MB long (goal: {OPEN_GOAL} ms). Rolling: so many pixels in each frame; \
             distances between animation frames (60 a second are {FRAME_MS:.1} ms apart). Main thread: its processor time in the \
             web process for each conversation or frame; other threads: that of the others, which draw where there are layers. This \
             machine has no graphics card, where the program has the page drawn without layers; \"in layers\" is how it is drawn on \
             machines with a card, whose part the processors play here. `Plain lines` are text without elements in a scroller of \
             the same place and size: what drawing alone costs. Longest wait: how long a 4 ms timer was kept waiting at \
             most, while opening also by what follows in the 12 frames after it (goal: no task over {TASK_GOAL} ms). Memory: \
             proportional set size two seconds after the start, after opening all of these, and in another window after reading the whole list \
             to its end and after rolling."
        ),
        head: vec!["messages", "what", "p50", "p95", "largest", "main thread", "other threads", "longest wait", "goal"],
        rows,
        figures: Value::Array(figures),
    }
}

/// One row of figures: milliseconds of many times, and what the web process worked for each.
struct Times {
    what: String,
    took: Vec<f64>,
    waits: Vec<f64>,
    main_ms: f64,
    drawing_ms: f64,
    goal: String,
}

/// How the webview draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Drawing {
    /// As the program decides for this machine.
    Usual,
    /// In layers that a graphics card puts together; where there is none, the processors play one.
    Layers,
}

impl Drawing {
    fn home(self, server: &ModelServer) -> Home {
        let home = Home::of(server);
        match self {
            Self::Usual => home,
            Self::Layers => home.with("WEBKIT_DISABLE_COMPOSITING_MODE", "0"),
        }
    }
}

struct Measured {
    bytes: u64,
    times: Vec<Times>,
    memory: Vec<(&'static str, BTreeMap<String, u64>)>,
}

impl Measured {
    async fn of(messages: usize, drawing: Drawing) -> Self {
        let server = ModelServer::start(&[MODEL]).await;
        let home = drawing.home(&server);
        histories::place(messages, &home.database()).await;
        let history = histories::of(messages);
        pin_extremes(&home, history).await;
        let bytes = std::fs::metadata(home.database()).map_or(0, |file| file.len());
        let page = Page::open(home).await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        let mut memory = vec![("after the start", memory::sizes(page.window.program()))];
        let mut times = Vec::new();

        let mut ordinary = page.rows().await;
        ordinary.retain(|row| ![history.long().to_string(), history.wide().to_string()].contains(row));
        // What the first one of a kind has to load is loaded once in a run of the program.
        let ordinary: Vec<String> = ordinary.into_iter().take(ORDINARY).collect();
        times.push(page.opening("opening an ordinary conversation", &ordinary).await);
        let turns = |id: ConversationId| {
            ordinary.iter().take(EXTREMES).flat_map(|other| [other.clone(), id.to_string()]).collect::<Vec<_>>()
        };
        for (what, id) in
            [("opening one of 3,000 messages", history.long()), ("opening a message of 1 MB", history.wide())]
        {
            let mut both = page.opening(what, &turns(id)).await;
            // every second one is the extreme; the other one is there to come from elsewhere
            both.took = both.took.into_iter().skip(1).step_by(2).collect();
            times.push(both);
        }
        memory.push(("after opening", memory::sizes(page.window.program())));
        let home = page.window.kill().await;

        // Half a minute after a start its daily check and backup begin; by then this window is shut too.
        let page = Page::open(home).await;
        for step in STEPS {
            times.push(page.rolling("the list", ".sidebar-list", step).await);
        }
        page.window.script_async("window.bench.readWhole().then(arguments[0])", &[]).await;
        memory.push(("with the whole list read", memory::sizes(page.window.program())));
        times.push(page.rolling("the list, all of it read, from its end", ".sidebar-list", -STEPS[1]).await);
        let other = &ordinary[0];
        for (what, id) in [("3,000 messages", history.long()), ("a message of 1 MB", history.wide())] {
            for step in STEPS {
                page.turn_to(other).await;
                page.turn_to(&id.to_string()).await;
                times.push(page.rolling(what, ".messages", -step).await);
            }
        }
        for (what, scroller) in
            [("plain lines, as wide as the list", ".sidebar-list"), ("plain lines, as wide as messages", ".messages")]
        {
            page.window.script("window.bench.plain(arguments[0])", &[scroller.into()]).await;
            for step in STEPS {
                times.push(page.rolling(what, "#plain-lines", step).await);
            }
            page.window.script("window.bench.unplain(arguments[0])", &[scroller.into()]).await;
        }
        page.turn_to(other).await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        memory.push(("after rolling", memory::sizes(page.window.program())));
        page.window.close().await;
        Self { bytes, times, memory }
    }

    fn rows(&self, name: &str) -> Vec<Vec<String>> {
        let ms = |value: f64| format!("{value:.0} ms");
        let mut rows: Vec<Vec<String>> = self
            .times
            .iter()
            .map(|times| {
                vec![
                    name.to_owned(),
                    times.what.clone(),
                    ms(percentile(&times.took, 0.5)),
                    ms(percentile(&times.took, 0.95)),
                    ms(percentile(&times.took, 1.0)),
                    format!("{:.1} ms", times.main_ms),
                    format!("{:.1} ms", times.drawing_ms),
                    ms(percentile(&times.waits, 1.0)),
                    times.goal.clone(),
                ]
            })
            .collect();
        for (when, sizes) in &self.memory {
            let of = |name: &str| sizes.get(name).copied().unwrap_or(0) >> 10;
            let what = format!(
                "memory {when}: {} MiB program, {} MiB web process (file of {} MiB)",
                of("capibara6"),
                of("WebKitWebProcess"),
                self.bytes >> 20
            );
            let mut row = vec![name.to_owned(), what];
            row.resize(9, String::new());
            rows.push(row);
        }
        rows
    }

    fn figures(&self, name: &str) -> Value {
        let times: Vec<Value> = self
            .times
            .iter()
            .map(|times| {
                json!({
                    "what": times.what, "count": times.took.len(), "p50_ms": percentile(&times.took, 0.5),
                    "p95_ms": percentile(&times.took, 0.95), "largest_ms": percentile(&times.took, 1.0),
                    "late_frames": times.took.iter().filter(|took| **took > 1.5 * FRAME_MS).count(),
                    "main_thread_ms": times.main_ms, "other_threads_ms": times.drawing_ms,
                    "waits_over_50_ms": times.waits.iter().filter(|wait| **wait > TASK_GOAL).count(),
                    "longest_wait_ms": percentile(&times.waits, 1.0),
                })
            })
            .collect();
        let memory: BTreeMap<_, _> = self.memory.iter().map(|(when, sizes)| (*when, sizes)).collect();
        json!({ "messages": name, "bytes": self.bytes, "times": times, "pss_kib": memory })
    }
}

/// The two extremes stand first in the list, where a click reaches them.
async fn pin_extremes(home: &Home, history: LargeHistory) {
    let store = Store::open(&home.database()).await.expect("a store");
    for id in [history.long(), history.wide()] {
        store.pin(id, true).await.expect("it is pinned");
    }
    store.close().await;
}

/// A window with what is done in it.
struct Page {
    window: Window,
    web: Process,
}

impl Page {
    async fn open(home: Home) -> Self {
        let window = Window::open(home).await;
        window.resize(1200, 800).await;
        until("conversations are listed", async || {
            (window.count("[data-testid=\"conversation-item\"]").await > 10).then_some(())
        })
        .await;
        window.script(TOOLS, &[]).await;
        let family = window.program().family();
        let web = family.into_iter().find(|process| process.name() == "WebKitWebProcess").expect("a web process");
        Self { window, web }
    }

    /// The conversations that can be clicked, from the top.
    async fn rows(&self) -> Vec<String> {
        let body = "return [...document.querySelectorAll('[data-testid=\"conversation-item\"]')].map((each) => each.dataset.id)";
        self.window.read(body, &[]).await
    }

    async fn turn_to(&self, id: &str) -> Opened {
        let body = "const [id, done] = arguments; window.bench.open(id).then(done, (error) => done(String(error)))";
        let opened = self.window.script_async(body, &[id.into()]).await;
        serde_json::from_value(opened).expect("what opening has shown")
    }

    /// Opens one after the other.
    async fn opening(&self, what: &str, ids: &[String]) -> Times {
        let mut opened = Vec::new();
        let work = Work::begin(self.web);
        for id in ids {
            opened.push(self.turn_to(id).await);
        }
        let (main_ms, drawing_ms) = work.end(ids.len());
        Times {
            what: what.to_owned(),
            took: opened.iter().map(|each| each.took).collect(),
            waits: opened.into_iter().flat_map(|each| each.gaps).collect(),
            main_ms,
            drawing_ms,
            goal: format!("{OPEN_GOAL} ms"),
        }
    }

    async fn rolling(&self, what: &str, scroller: &str, step: i32) -> Times {
        let frames = if quick() { 60 } else { 160 };
        self.window.script_async("window.bench.rest(10).then(arguments[0])", &[]).await;
        let work = Work::begin(self.web);
        let body = "const [scroller, step, frames, done] = arguments; window.bench.roll(scroller, step, frames).then(done, (error) => done(String(error)))";
        let rolled = self.window.script_async(body, &[scroller.into(), step.into(), frames.into()]).await;
        let (main_ms, drawing_ms) = work.end(frames);
        let Rolled { distances, gaps } = serde_json::from_value(rolled).expect("what rolling has shown");
        Times {
            what: format!("rolling {what}, {} px a frame", step.abs()),
            took: distances,
            waits: gaps,
            main_ms,
            drawing_ms,
            goal: format!("{FRAME_MS:.1} ms"),
        }
    }
}

/// What the web process has worked.
struct Work {
    web: Process,
    main: Duration,
    all: Duration,
}

impl Work {
    fn begin(web: Process) -> Self {
        let main = web.main_thread_time().expect("its main thread");
        Self { web, main, all: web.cpu_time().expect("its time") }
    }

    /// Milliseconds of the main thread and of all others, for each of so many.
    fn end(self, count: usize) -> (f64, f64) {
        let now = Self::begin(self.web);
        let main = now.main.saturating_sub(self.main);
        let others = now.all.saturating_sub(self.all).saturating_sub(main);
        let each = |time: Duration| time.as_secs_f64() * 1000.0 / count.max(1) as f64;
        (each(main), each(others))
    }
}
