//! How fast a stream is decoded, beside other decoders and other languages' clients, on the same bytes in one run.
//!
//! The bytes are 200,000 chunks made from a recording of a real vLLM (the same every time). Decoders get them from
//! memory, in pieces as vLLM writes them (one event each) and as a network cuts them (1,460 bytes); clients get them
//! from a server on loopback that sends each event as an HTTP chunk. Prints one Markdown table.
//!
//! ```sh
//! sh src-tauri/crates/llm/benches/peers/setup.sh             # once: the OpenAI clients for Node and Python
//! cargo bench -p capibara6-llm --bench decoder               # add `-- --quick` for a tenth of it
//! ```

// A benchmark has nobody to report an error to.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    borrow::Cow,
    convert::Infallible,
    io::{Read, Write},
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use bytes::Bytes;
use capibara6_llm::{
    ChatEvent, ChatMessage, ChatRequest, ChatRole, Client, Endpoint, HttpOptions, Timeouts,
    decode::{Decoder, Unframed},
    http_client,
};
use eventsource_stream::Eventsource;
use futures_util::{StreamExt, stream};
use serde::Deserialize;
use sse_stream::SseStream;
use url::Url;

const CHUNKS: usize = 200_000;
const ROUNDS: usize = 7;
/// What fits into an Ethernet frame's TCP segment.
const SEGMENT: usize = 1460;

fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let (chunks, rounds) = if quick { (CHUNKS / 10, 3) } else { (CHUNKS, ROUNDS) };
    let recording = Recording::generate(chunks);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();

    let mut rows = Vec::new();
    for (pieces, name) in [(recording.events(), "one event each"), (recording.segments(), "1,460 bytes")] {
        let mut times: [Vec<Duration>; 3] = Default::default();
        for _ in 0..rounds {
            // Interleaved, so that a busy moment of the machine does not fall on one of them alone.
            let timed = [
                timed(|| ours(&pieces)),
                timed(|| runtime.block_on(with_eventsource_stream(&pieces))),
                timed(|| runtime.block_on(with_sse_stream(&pieces))),
            ];
            for ((spent, letters), times) in timed.into_iter().zip(&mut times) {
                assert_eq!(letters, recording.letters, "everything was read");
                times.push(spent);
            }
        }
        let names = ["capibara6-llm", "eventsource-stream 0.2 + serde", "sse-stream 0.3 + serde"];
        for (decoder, times) in names.into_iter().zip(times) {
            rows.push(Row::new(format!("{decoder}, from memory, {name}"), median(times), &recording));
        }
    }

    let server = serve(recording.http());
    let times = (0..rounds).map(|_| timed(|| runtime.block_on(our_client(&server, &recording))).0).collect();
    rows.push(Row::new("capibara6-llm client, from loopback".into(), median(times), &recording));
    for peer in [Peer::node(), Peer::python()] {
        match peer.run(&server, &recording) {
            Ok(spent) => rows.push(Row::new(format!("{}, from loopback", peer.name), spent, &recording)),
            Err(reason) => eprintln!("{} was left out: {reason}", peer.name),
        }
    }

    println!("| decoder, {chunks} chunks of {} bytes | events/s | ns/event | MB/s |", recording.bytes.len() / chunks);
    println!("|---|---:|---:|---:|");
    for row in rows {
        println!("{row}");
    }
}

// --- the bytes ------------------------------------------------------------------------------------------------------

/// A long answer as vLLM would send it.
struct Recording {
    bytes: Bytes,
    /// Where each event ends.
    ends: Vec<usize>,
    /// How many letters (bytes of text) the answer has.
    letters: usize,
}

impl Recording {
    /// Repeats the pieces of a recorded answer until there are enough.
    fn generate(chunks: usize) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/vllm/trained_chat_stream.resp");
        let recorded = String::from_utf8(std::fs::read(path).unwrap()).unwrap();
        // HTTP's chunk sizes stand on lines of their own between the events.
        let events: Vec<&str> = recorded.lines().filter(|line| line.starts_with("data: ")).collect();
        let is_piece =
            |event: &&&str| event.contains("\"delta\":{\"content\":\"") && event.contains("\"finish_reason\":null");
        let pieces: Vec<&str> = events.iter().filter(is_piece).copied().collect();
        let ending = &events[events.len() - 3..];
        assert!(pieces.len() > 30 && ending[2] == "data: [DONE]", "the recording is as expected");

        let mut bytes = Vec::new();
        let mut ends = Vec::new();
        let mut letters = 0;
        let ending = ending.iter().copied().filter(|event| !pieces.contains(event));
        for event in pieces.iter().copied().cycle().take(chunks).chain(ending) {
            bytes.extend_from_slice(event.as_bytes());
            bytes.extend_from_slice(b"\n\n");
            ends.push(bytes.len());
            letters += event.strip_prefix("data: {").map_or(0, |_| text_of(&event[6..]).len());
        }
        Self { bytes: bytes.into(), ends, letters }
    }

    fn events(&self) -> Vec<Bytes> {
        let mut from = 0;
        self.ends.iter().map(|end| self.bytes.slice(std::mem::replace(&mut from, *end)..*end)).collect()
    }

    fn segments(&self) -> Vec<Bytes> {
        (0..self.bytes.len())
            .step_by(SEGMENT)
            .map(|from| self.bytes.slice(from..self.bytes.len().min(from + SEGMENT)))
            .collect()
    }

    /// As an HTTP answer, each event a chunk.
    fn http(&self) -> Vec<u8> {
        let mut out = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
        for event in self.events() {
            write!(out, "{:x}\r\n", event.len()).unwrap();
            out.extend_from_slice(&event);
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(b"0\r\n\r\n");
        out
    }
}

/// Sends the answer to everyone who asks.
fn serve(answer: Vec<u8>) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = Url::parse(&format!("http://{}/v1", listener.local_addr().unwrap())).unwrap();
    thread::spawn(move || {
        while let Ok((mut socket, _)) = listener.accept() {
            let mut request = Vec::new();
            let mut piece = [0; 4096];
            // The requests are short and end with their JSON object.
            while !request.ends_with(b"}") {
                match socket.read(&mut piece) {
                    Ok(length) if length > 0 => request.extend_from_slice(&piece[..length]),
                    _ => break,
                }
            }
            let _ = socket.write_all(&answer);
        }
    });
    base
}

// --- the decoders ---------------------------------------------------------------------------------------------------

/// A chunk with as few fields as a client can do with.
#[derive(Deserialize)]
struct Chunk<'a> {
    #[serde(borrow)]
    choices: Vec<Choice<'a>>,
    #[serde(default)]
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct Choice<'a> {
    #[serde(borrow)]
    delta: Delta<'a>,
    #[serde(borrow, default)]
    finish_reason: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Delta<'a> {
    #[serde(borrow, default)]
    content: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    reasoning: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Usage {
    prompt_tokens: u32,
    completion_tokens: u32,
}

/// What the other decoders' users write themselves: typed JSON, an owned text per event.
fn text_of(data: &str) -> String {
    let chunk: Chunk<'_> = serde_json::from_str(data).unwrap();
    std::hint::black_box(chunk.usage.map(|usage| (usage.prompt_tokens, usage.completion_tokens)));
    let Some(choice) = chunk.choices.into_iter().next() else { return String::new() };
    std::hint::black_box((choice.finish_reason, choice.delta.reasoning));
    choice.delta.content.map(Cow::into_owned).unwrap_or_default()
}

fn ours(pieces: &[Bytes]) -> usize {
    let mut decoder = Decoder::new(Unframed::Refuse);
    let mut events = Vec::new();
    let mut letters = 0;
    for piece in pieces {
        decoder.push(piece, &mut events).unwrap();
        letters += events
            .drain(..)
            .map(|event| if let ChatEvent::Content(text) = event { text.len() } else { 0 })
            .sum::<usize>();
    }
    letters
}

async fn with_eventsource_stream(pieces: &[Bytes]) -> usize {
    let mut events = stream::iter(pieces.iter().cloned().map(Ok::<_, Infallible>)).eventsource();
    let mut letters = 0;
    while let Some(event) = events.next().await {
        let event = event.unwrap();
        if event.data == "[DONE]" {
            break;
        }
        letters += text_of(&event.data).len();
    }
    letters
}

async fn with_sse_stream(pieces: &[Bytes]) -> usize {
    let mut events = SseStream::from_bytes_stream(stream::iter(pieces.iter().cloned().map(Ok::<_, Infallible>)));
    let mut letters = 0;
    while let Some(event) = events.next().await {
        let data = event.unwrap().data.unwrap();
        if data == "[DONE]" {
            break;
        }
        letters += text_of(&data).len();
    }
    letters
}

async fn our_client(base: &Url, recording: &Recording) -> usize {
    let endpoint = Endpoint { base: base.clone(), model: "phi4:mini".into(), key: None, timeouts: Timeouts::default() };
    let message = ChatMessage { role: ChatRole::User, content: "hello".into() };
    let request = ChatRequest { messages: vec![message], ..ChatRequest::default() };
    let mut stream = Client::new(http_client(&HttpOptions::default()).unwrap()).chat_stream(endpoint, request);
    let mut letters = 0;
    while let Some(event) = stream.next().await {
        if let ChatEvent::Content(text) = event.unwrap() {
            letters += text.len();
        }
    }
    assert_eq!(letters, recording.letters, "everything was read");
    letters
}

// --- the other languages --------------------------------------------------------------------------------------------

/// Another language's client: a script that takes the base address and prints `letters seconds`.
struct Peer {
    name: &'static str,
    program: PathBuf,
    script: &'static str,
}

impl Peer {
    fn folder() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers")
    }

    fn node() -> Self {
        Self { name: "openai for Node", program: "node".into(), script: "node.mjs" }
    }

    fn python() -> Self {
        Self { name: "openai for Python", program: Self::folder().join(".venv/bin/python"), script: "python.py" }
    }

    fn run(&self, base: &Url, recording: &Recording) -> Result<Duration, String> {
        let output = Command::new(&self.program)
            .arg(Self::folder().join(self.script))
            .arg(base.as_str())
            .output()
            .map_err(|error| format!("{}: {error}; run benches/peers/setup.sh", self.program.display()))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(format!("{}; run benches/peers/setup.sh", said.lines().last().unwrap_or_default()));
        }
        let said = String::from_utf8_lossy(&output.stdout);
        let (letters, seconds) = said.trim().split_once(' ').ok_or("it did not say what it read")?;
        assert_eq!(letters.parse(), Ok(recording.letters), "{} read everything", self.name);
        Ok(Duration::from_secs_f64(seconds.parse().map_err(|_| "it did not say how long it took")?))
    }
}

// --- the table ------------------------------------------------------------------------------------------------------

struct Row {
    name: String,
    spent: Duration,
    events: usize,
    bytes: usize,
}

impl Row {
    fn new(name: String, spent: Duration, recording: &Recording) -> Self {
        Self { name, spent, events: recording.ends.len(), bytes: recording.bytes.len() }
    }
}

impl std::fmt::Display for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seconds = self.spent.as_secs_f64();
        let (per_second, each) = (self.events as f64 / seconds, seconds * 1e9 / self.events as f64);
        write!(f, "| {} | {per_second:.0} | {each:.0} | {:.0} |", self.name, self.bytes as f64 / seconds / 1e6)
    }
}

fn timed(work: impl FnOnce() -> usize) -> (Duration, usize) {
    let begun = Instant::now();
    let letters = work();
    (begun.elapsed(), letters)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
