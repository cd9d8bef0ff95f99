//! Every recording of a real vLLM, byte by byte and in one piece: through the decoder and through a socket.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use capibara6_llm::{
    ApiKey, ChatEvent, ChatMessage, ChatRequest, ChatRole, Client, Endpoint, HttpOptions, ModelCard, ModelList,
    RetryPolicy, Timeouts, TokenCount, decode::End, http_client,
};
use capibara6_protocol::{ErrorCode, FinishReason, ServerKind};
use futures_util::StreamExt;
use serde::Deserialize;
use url::Url;

use super::{
    decoding::{Decoded, bytewise, joined, whole},
    server::Server,
};

/// A recorded answer.
pub struct Recording {
    pub name: String,
    /// All of it, from the status line on.
    pub raw: Vec<u8>,
    pub status: u16,
    /// The body without HTTP's chunk framing, as far as it came.
    pub body: Vec<u8>,
    /// Whether the connection ended before the body did.
    pub cut: bool,
}

/// What another language's libraries read in a recording (`fixtures/expected.py`).
#[derive(Debug, Deserialize)]
struct Expected {
    content: String,
    reasoning: String,
    finish: Option<String>,
    usage: Option<(u32, u32)>,
    ended: bool,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

pub fn all() -> impl Iterator<Item = Recording> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder().join("vllm")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "resp"));
    paths.sort();
    assert!(paths.len() > 40, "the recordings are there");
    paths.into_iter().map(|path| read(path.file_stem().unwrap().to_str().unwrap()))
}

pub fn read(name: &str) -> Recording {
    let raw = std::fs::read(folder().join("vllm").join(name).with_extension("resp")).unwrap();
    let split = memchr::memmem::find(&raw, b"\r\n\r\n").unwrap();
    let head = std::str::from_utf8(&raw[..split]).unwrap().to_ascii_lowercase();
    let mut rest = &raw[split + 4..];
    let mut body = Vec::new();
    let mut cut = false;
    if head.contains("transfer-encoding: chunked") {
        loop {
            let Some(line) = memchr::memmem::find(rest, b"\r\n") else {
                cut = true;
                break;
            };
            let length = usize::from_str_radix(std::str::from_utf8(&rest[..line]).unwrap(), 16).unwrap();
            if length == 0 {
                break;
            }
            let data = &rest[line + 2..];
            body.extend_from_slice(&data[..length.min(data.len())]);
            if data.len() < length + 2 {
                cut = true;
                break;
            }
            rest = &data[length + 2..];
        }
    } else {
        body = rest.to_vec();
    }
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Recording { name: name.to_owned(), status, body, cut, raw }
}

fn expected() -> BTreeMap<String, Expected> {
    serde_json::from_slice(&std::fs::read(folder().join("expected.json")).unwrap()).unwrap()
}

impl Expected {
    fn decoded(&self) -> Decoded {
        let text = |text: &str, make: fn(String) -> ChatEvent| (!text.is_empty()).then(|| make(text.to_owned()));
        let finish = self.finish.as_deref().map(|reason| {
            ChatEvent::Finish(match reason {
                "stop" => FinishReason::Stop,
                "length" => FinishReason::Length,
                "tool_calls" => FinishReason::ToolCalls,
                other => panic!("{other}"),
            })
        });
        let usage =
            self.usage.map(|(prompt_tokens, completion_tokens)| ChatEvent::Usage { prompt_tokens, completion_tokens });
        let events =
            [text(&self.reasoning, ChatEvent::Reasoning), text(&self.content, ChatEvent::Content), finish, usage];
        let end = if self.ended { Ok(End::Answered) } else { Err(ErrorCode::Truncated) };
        Decoded { events: events.into_iter().flatten().collect(), end }
    }
}

#[test]
fn the_decoder_reads_every_answer_as_other_libraries_do() {
    for (name, expected) in expected() {
        let recording = read(&name);
        assert_eq!(whole(&recording.body), expected.decoded(), "{name}");
        assert_eq!(bytewise(&recording.body), expected.decoded(), "{name}, byte by byte");
        assert_eq!(recording.cut, !expected.ended, "{name}");
    }
}

fn client() -> Client {
    Client::new(http_client(&HttpOptions::default()).unwrap()).with_retry(RetryPolicy::NEVER, Some(1))
}

fn endpoint(base: &Url) -> Endpoint {
    let key = Some(ApiKey::new("k-0123456789").unwrap());
    Endpoint { base: base.clone(), model: "phi4:mini".into(), key, timeouts: Timeouts::default() }
}

fn question() -> ChatRequest {
    ChatRequest {
        messages: vec![ChatMessage { role: ChatRole::User, content: "hello world".into() }],
        ..ChatRequest::default()
    }
}

/// How the bytes of a recording reach the client.
#[derive(Debug, Clone, Copy)]
enum Cut {
    Whole,
    Bytes,
    Random(u64),
}

impl Cut {
    fn pieces(self, bytes: &[u8]) -> Vec<&[u8]> {
        match self {
            Self::Whole => vec![bytes],
            Self::Bytes => bytes.chunks(1).collect(),
            Self::Random(seed) => {
                let mut random = fastrand::Rng::with_seed(seed);
                let places: Vec<usize> = (0..30).map(|_| random.usize(..)).collect();
                super::decoding::pieces(bytes, &places)
            }
        }
    }
}

async fn over_a_socket(recording: &Recording, cut: Cut) -> Decoded {
    let mut server = Server::start().await;
    let base = server.base();
    let replay = async {
        let mut exchange = server.next().await;
        for piece in cut.pieces(&recording.raw) {
            // A client that has what it needs may close first.
            if !exchange.send(piece).await {
                break;
            }
            tokio::task::yield_now().await;
        }
    };
    let mut stream = client().chat_stream(endpoint(&base), question());
    let read = async {
        let mut events = Vec::new();
        while let Some(item) = stream.next().await {
            match item {
                Ok(event) => events.push(event),
                Err(failure) => return (events, Err(failure.code)),
            }
        }
        (events, Ok(End::Answered))
    };
    let ((), (events, end)) = tokio::join!(replay, read);
    Decoded { events: joined(events), end }
}

#[tokio::test]
async fn the_client_reads_every_answer_from_a_socket() {
    for (name, expected) in expected() {
        let recording = read(&name);
        for cut in [Cut::Whole, Cut::Random(1), Cut::Random(2)] {
            assert_eq!(over_a_socket(&recording, cut).await, expected.decoded(), "{name}, {cut:?}");
        }
        if recording.raw.len() < 20_000 {
            assert_eq!(over_a_socket(&recording, Cut::Bytes).await, expected.decoded(), "{name}, byte by byte");
        }
    }
}

#[tokio::test]
async fn the_client_classifies_every_error_from_a_socket() {
    let classes = BTreeMap::from([
        ("auth_chat_missing", ErrorCode::Unauthorised),
        ("auth_missing", ErrorCode::Unauthorised),
        ("auth_wrong", ErrorCode::Unauthorised),
        ("chat_on_embed_server", ErrorCode::BadRequest),
        ("embeddings_on_generate_model", ErrorCode::BadRequest),
        ("err_bad_json", ErrorCode::BadRequest),
        ("err_bad_temperature", ErrorCode::BadRequest),
        ("err_context_maxtokens", ErrorCode::ContextTooLong),
        ("err_context_too_long", ErrorCode::ContextTooLong),
        ("err_context_too_long_stream", ErrorCode::ContextTooLong),
        ("err_method", ErrorCode::BadRequest),
        ("err_missing_messages", ErrorCode::BadRequest),
        ("err_not_found", ErrorCode::BadRequest),
        ("err_unknown_model", ErrorCode::ModelNotFound),
        ("tool_choice_auto_not_enabled", ErrorCode::BadRequest),
    ]);
    let mut seen = Vec::new();
    for recording in all().filter(|recording| recording.status != 200) {
        let Some(class) = classes.get(recording.name.as_str()) else { panic!("{} has no class", recording.name) };
        for cut in [Cut::Whole, Cut::Bytes] {
            let expected = Decoded { events: Vec::new(), end: Err(*class) };
            assert_eq!(over_a_socket(&recording, cut).await, expected, "{}, {cut:?}", recording.name);
        }
        seen.push(recording.name);
    }
    assert_eq!(seen, classes.keys().copied().collect::<Vec<_>>());
}

#[tokio::test]
async fn the_small_questions_are_answered_from_recordings() {
    const LIMIT: Duration = Duration::from_secs(10);
    let mut server = Server::start().await;
    let base = server.base();
    let (client, key) = (client(), ApiKey::new("k-0123456789").unwrap());

    let (list, request) = tokio::join!(client.models(&base, Some(&key), LIMIT), server.replay_recording("models"));
    let list = list.unwrap();
    let card = ModelCard { id: "phi4:mini".into(), max_model_len: Some(512) };
    assert_eq!(list, ModelList { kind: ServerKind::Vllm, models: vec![card], latency: list.latency });
    assert_eq!(request.line(), "GET /v1/models HTTP/1.1");
    assert_eq!(request.header("authorization"), Some("Bearer k-0123456789"));
    assert_eq!(request.header("accept-encoding"), Some("identity"));

    let (health, request) = tokio::join!(client.health(&base, None, LIMIT), server.replay_recording("health"));
    assert!(health.unwrap() < LIMIT);
    assert_eq!((request.line(), request.header("authorization")), ("GET /health HTTP/1.1", None));

    let messages = question().messages;
    let asked = endpoint(&base);
    let (count, request) = tokio::join!(client.tokenize(&asked, &messages, LIMIT), server.replay_recording("tokenize"));
    assert_eq!(count.unwrap(), TokenCount { count: 7, max_model_len: Some(512) });
    assert_eq!(request.line(), "POST /tokenize HTTP/1.1");
    assert_eq!(
        request.json(),
        serde_json::json!({"model": "phi4:mini", "messages": [{"role": "user", "content": "hello world"}]})
    );

    let (missing, _) =
        tokio::join!(client.tokenize(&asked, &messages, LIMIT), server.replay_recording("err_not_found"));
    let missing = missing.unwrap_err();
    assert_eq!(
        (missing.code, missing.status, missing.detail.as_str()),
        (ErrorCode::BadRequest, Some(404), "Not Found")
    );

    let asked_question = question();
    let (answer, request) = tokio::join!(client.chat(&asked, &asked_question), server.replay_recording("trained_chat"));
    let answer = answer.unwrap();
    let expected = &expected()["trained_chat"];
    assert_eq!(answer.content, expected.content);
    assert_eq!(answer.usage.map(|usage| (usage.prompt_tokens, usage.completion_tokens)), expected.usage);
    assert_eq!((answer.finish, answer.model.as_deref()), (Some(FinishReason::Stop), Some("gemma3:4b")));
    assert_eq!(request.json()["stream"], false);
}
