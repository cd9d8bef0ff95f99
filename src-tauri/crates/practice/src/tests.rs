//! The fleet over real sockets, read with nothing but TCP, so that the framing itself is seen.

use std::time::Duration;

use capibara6_protocol::{ModelEntry, Tier};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::server::{Model, routes};
use crate::{OWNED_BY, Pace, PracticeFleet};

/// A bound that only a defect reaches.
const PATIENCE: Duration = Duration::from_secs(20);

/// What came back: the status line's code, the head in lower case, the body without chunk framing, and whether the
/// framing was ended properly.
struct Answer {
    status: u16,
    head: String,
    body: String,
    whole: bool,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// The events' data.
    fn events(&self) -> Vec<&str> {
        self.body.split_terminator("\n\n").map(|event| event.strip_prefix("data: ").unwrap()).collect()
    }

    fn chunks(&self) -> Vec<Value> {
        self.events().iter().filter(|data| **data != "[DONE]").map(|data| serde_json::from_str(data).unwrap()).collect()
    }

    /// All deltas of one kind joined.
    fn deltas(&self, kind: &str) -> String {
        self.chunks()
            .iter()
            .filter_map(|chunk| chunk["choices"][0]["delta"][kind].as_str().map(str::to_owned))
            .collect()
    }
}

fn address(url: &str) -> &str {
    url.strip_prefix("http://").unwrap().strip_suffix("/v1").unwrap()
}

async fn send(address: &str, request: &str, body: &str) -> TcpStream {
    let mut socket = TcpStream::connect(address).await.unwrap();
    let head =
        format!("{request} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
    socket.write_all((head + body).as_bytes()).await.unwrap();
    socket
}

async fn ask(address: &str, request: &str, body: &str) -> Answer {
    let mut socket = send(address, request, body).await;
    let mut bytes = Vec::new();
    // A connection that breaks off may end with a reset; what came before counts.
    let _ = timeout(PATIENCE, socket.read_to_end(&mut bytes)).await.unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let head = head.to_lowercase();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let (body, whole) =
        if head.contains("transfer-encoding: chunked") { unchunk(body) } else { (body.to_owned(), true) };
    Answer { status, head, body, whole }
}

fn unchunk(mut rest: &str) -> (String, bool) {
    let mut body = String::new();
    while let Some((size, after)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap();
        if size == 0 {
            return (body, after == "\r\n");
        }
        body.push_str(&after[..size]);
        rest = after[size..].strip_prefix("\r\n").unwrap();
    }
    (body, false)
}

fn chat(model: &str, question: &str) -> Value {
    json!({
        "model": model,
        "messages": [{ "role": "user", "content": question }],
        "stream": true,
        "stream_options": { "include_usage": true },
    })
}

async fn fleet() -> PracticeFleet {
    PracticeFleet::start_at(Pace::Immediate).await.unwrap()
}

fn server(fleet: &PracticeFleet, id: &str) -> String {
    address(&fleet.profile().models.iter().find(|model| model.id.as_str() == id).unwrap().url).to_owned()
}

#[tokio::test]
async fn the_profile_holds_four_loopback_servers_that_say_what_they_are() {
    let fleet = fleet().await;
    let profile = fleet.profile();
    assert_eq!(capibara6_profile::validate(&profile), Ok(()));
    let shape: Vec<_> = profile.models.iter().map(|m| (m.id.as_str(), m.tier, m.weight)).collect();
    assert_eq!(
        shape,
        [
            ("gpt-oss-20b", Tier::Complex, 0.9),
            ("qwen2.5-coder:1.5b", Tier::Code, 0.8),
            ("phi4:mini", Tier::Fast, 0.7),
            ("mixtral", Tier::Creative, 0.6)
        ]
    );
    for model in &profile.models {
        let address = address(&model.url);
        assert!(address.starts_with("127.0.0.1:"));
        assert_eq!(ask(address, "GET /health", "").await.status, 200);
        let list = ask(address, "GET /v1/models", "").await.json();
        let card = &list["data"][0];
        assert_eq!(
            (&list["object"], &card["id"], &card["owned_by"], &card["max_model_len"]),
            (&json!("list"), &json!(model.id), &json!(OWNED_BY), &json!(8192))
        );
    }
}

#[tokio::test]
async fn a_stream_has_the_form_of_vllm() {
    let fleet = fleet().await;
    let address = server(&fleet, "qwen2.5-coder:1.5b");
    let answer = ask(&address, "POST /v1/chat/completions", &chat("qwen2.5-coder:1.5b", "maths").to_string()).await;

    assert_eq!((answer.status, answer.whole), (200, true));
    assert!(answer.head.contains("content-type: text/event-stream; charset=utf-8"), "{}", answer.head);
    let events = answer.events();
    assert_eq!(events.last(), Some(&"[DONE]"));
    let chunks = answer.chunks();
    assert!(chunks.iter().all(|chunk| chunk["object"] == "chat.completion.chunk"
        && chunk["id"] == chunks[0]["id"]
        && chunk["model"] == "qwen2.5-coder:1.5b"
        && chunk["system_fingerprint"] == OWNED_BY));
    assert_eq!(chunks[0]["choices"][0]["delta"], json!({ "role": "assistant", "content": "" }));
    let [.., last, usage] = chunks.as_slice() else { panic!("too few chunks") };
    assert_eq!(last["choices"][0]["finish_reason"], "stop");
    assert_eq!(usage["choices"], json!([]));
    // The role chunk, the finish chunk and the usage chunk carry no token.
    let tokens = chunks.len() - 3;
    let prompt = 4 + 3 + 1;
    assert_eq!(
        usage["usage"],
        json!({ "prompt_tokens": prompt, "completion_tokens": tokens, "total_tokens": prompt + tokens })
    );
    assert_eq!(answer.deltas("content"), include_str!("../answers/en/math.md").trim_end());
    assert_eq!(answer.deltas("reasoning"), "");
}

#[tokio::test]
async fn without_the_option_there_is_no_usage_chunk() {
    let fleet = fleet().await;
    let address = server(&fleet, "mixtral");
    let body = json!({ "messages": [{ "role": "user", "content": "hola" }], "stream": true });
    let answer = ask(&address, "POST /v1/chat/completions", &body.to_string()).await;
    assert!(answer.whole && answer.chunks().iter().all(|chunk| chunk.get("usage").is_none()));
    assert!(answer.deltas("content").contains("flota de práctica"));
}

#[tokio::test]
async fn the_reasoner_thinks_first() {
    let fleet = fleet().await;
    let address = server(&fleet, "gpt-oss-20b");
    let answer =
        ask(&address, "POST /v1/chat/completions", &chat("gpt-oss-20b", "¿qué puedes hacer?").to_string()).await;
    assert!(answer.deltas("reasoning").starts_with("Miro la última pregunta."));
    assert!(answer.deltas("content").starts_with("Vamos por orden."));
    let kinds: Vec<bool> =
        answer.chunks().iter().map(|c| c["choices"][0]["delta"].get("reasoning").is_some()).collect();
    let first = kinds.iter().position(|reasoning| *reasoning).unwrap();
    let last = kinds.iter().rposition(|reasoning| *reasoning).unwrap();
    assert!(first == 1 && kinds[first..=last].iter().all(|reasoning| *reasoning));
}

#[tokio::test]
async fn a_whole_answer_says_the_same_as_a_stream() {
    let fleet = fleet().await;
    let address = server(&fleet, "gpt-oss-20b");
    let mut body = chat("gpt-oss-20b", "Show me a table");
    let stream = ask(&address, "POST /v1/chat/completions", &body.to_string()).await;
    body["stream"] = json!(false);
    let whole = ask(&address, "POST /v1/chat/completions", &body.to_string()).await;
    assert!(whole.head.contains("content-type: application/json"));
    let whole = whole.json();
    assert_eq!(
        whole["choices"],
        json!([{
            "index": 0,
            "message": {
                "role": "assistant",
                "content": stream.deltas("content"),
                "reasoning": stream.deltas("reasoning"),
            },
            "logprobs": null,
            "finish_reason": "stop",
        }])
    );
    assert_eq!(whole["usage"], stream.chunks().last().unwrap()["usage"]);
}

#[tokio::test]
async fn length_and_stop_texts_are_honoured() {
    let fleet = fleet().await;
    let address = server(&fleet, "phi4:mini");
    let ends = async |key: &str, value: Value| {
        let mut body = chat("phi4:mini", "maths");
        body[key] = value;
        let answer = ask(&address, "POST /v1/chat/completions", &body.to_string()).await;
        let chunks = answer.chunks();
        let [.., finish, usage] = chunks.as_slice() else { panic!("too few chunks") };
        (
            answer.deltas("content"),
            finish["choices"][0]["finish_reason"].as_str().unwrap().to_owned(),
            usage["usage"]["completion_tokens"].as_u64().unwrap(),
        )
    };
    assert_eq!(ends("max_tokens", json!(3)).await, ("Why do severa".into(), "length".into(), 3));
    assert_eq!(ends("max_completion_tokens", json!(1)).await, ("Why".into(), "length".into(), 1));
    assert_eq!(ends("stop", json!([" several", ""])).await, ("Why do".into(), "stop".into(), 2));
    assert_eq!(ends("stop", json!(" do")).await, ("Why".into(), "stop".into(), 1));
}

#[tokio::test]
async fn an_answer_can_be_continued() {
    let fleet = fleet().await;
    let address = server(&fleet, "mixtral");
    let mut body = chat("mixtral", "cut");
    let cut = ask(&address, "POST /v1/chat/completions", &body.to_string()).await;
    assert!(!cut.whole && !cut.body.contains("[DONE]"));
    let said = cut.deltas("content");
    let messages = body["messages"].as_array_mut().unwrap();
    messages.push(json!({ "role": "assistant", "content": said }));
    body["continue_final_message"] = json!(true);
    body["add_generation_prompt"] = json!(false);
    let rest = ask(&address, "POST /v1/chat/completions", &body.to_string()).await;
    assert!(rest.whole && rest.body.ends_with("data: [DONE]\n\n"));
    let wanted = include_str!("../answers/en/cut.md").replace("<!-- break -->", "");
    assert_eq!(format!("{said}{}", rest.deltas("content")), wanted.trim_end());
}

#[tokio::test]
async fn trouble_looks_like_trouble() {
    let fleet = fleet().await;
    let address = server(&fleet, "phi4:mini");

    let error = ask(&address, "POST /v1/chat/completions", &chat("phi4:mini", "error").to_string()).await;
    let events = error.events();
    let [.., object, done] = events.as_slice() else { panic!("too few events") };
    let object: Value = serde_json::from_str(object).unwrap();
    assert_eq!((error.status, &object["error"]["code"], *done), (200, &json!(500), "[DONE]"));
    assert!(!error.deltas("content").is_empty());

    let down = ask(&address, "POST /v1/chat/completions", &chat("phi4:mini", "caída").to_string()).await;
    assert_eq!((down.status, &down.json()["error"]["type"]), (503, &json!("ServiceUnavailableError")));
    let up = server(&fleet, "mixtral");
    let up = ask(&up, "POST /v1/chat/completions", &chat("mixtral", "caída").to_string()).await;
    assert_eq!((up.status, up.whole), (200, true));

    let mut whole = chat("phi4:mini", "cut");
    whole["stream"] = json!(false);
    let cut = ask(&address, "POST /v1/chat/completions", &whole.to_string()).await;
    assert!(!cut.whole && serde_json::from_str::<Value>(&cut.body).is_err());
}

#[tokio::test]
async fn requests_are_refused_as_vllm_refuses_them() {
    let fleet = fleet().await;
    let address = server(&fleet, "phi4:mini");
    let chat_path = "POST /v1/chat/completions";
    let long = chat("phi4:mini", &"word ".repeat(8_200)).to_string();
    let mut greedy = chat("phi4:mini", "hi");
    greedy["max_tokens"] = json!(8_192);
    let cases = [
        ("GET /v1/nothing", String::new(), 404, json!({ "detail": "Not Found" })),
        ("GET /v1/chat/completions", String::new(), 405, json!({ "detail": "Method Not Allowed" })),
        (
            chat_path,
            chat("nope", "hi").to_string(),
            404,
            json!({ "error": {
                "message": "The model `nope` does not exist. Valid aliases: phi4:mini.",
                "type": "NotFoundError", "param": "model", "code": 404,
            } }),
        ),
        (
            chat_path,
            "{".to_owned(),
            400,
            json!({ "error": {
                "message": "1 validation error: EOF while parsing an object at line 1 column 1",
                "type": "Bad Request", "param": null, "code": 400,
            } }),
        ),
        (
            chat_path,
            "{}".to_owned(),
            400,
            json!({ "error": {
                "message": "1 validation error: missing field `messages` at line 1 column 2",
                "type": "Bad Request", "param": null, "code": 400,
            } }),
        ),
        (
            chat_path,
            long,
            400,
            json!({ "error": {
                "message": "This model's maximum context length is 8192 tokens. However, you requested 0 output tokens \
                            and your prompt contains 8208 input tokens. Please reduce the length of the input prompt.",
                "type": "BadRequestError", "param": "input_tokens", "code": 400,
            } }),
        ),
        (
            chat_path,
            greedy.to_string(),
            400,
            json!({ "error": {
                "message": "This model's maximum context length is 8192 tokens. However, you requested 8192 output \
                            tokens and your prompt contains 8 input tokens. Please reduce the length of the input \
                            prompt.",
                "type": "BadRequestError", "param": "input_tokens", "code": 400,
            } }),
        ),
    ];
    for (request, body, status, wanted) in cases {
        let answer = ask(&address, request, &body).await;
        assert_eq!((answer.status, answer.json()), (status, wanted), "{request} {}", &body[..body.len().min(80)]);
    }
}

#[tokio::test]
async fn tokens_are_counted_as_they_are_charged() {
    let fleet = fleet().await;
    let address = server(&fleet, "mixtral");
    let body = chat("mixtral", "¿Me cuentas un cuento?");
    let counted = ask(&address, "POST /tokenize", &body.to_string()).await.json();
    let charged = ask(&address, "POST /v1/chat/completions", &body.to_string()).await;
    assert_eq!(counted, json!({ "count": counted["count"], "max_model_len": 8192, "tokens": [] }));
    assert_eq!(counted["count"], charged.chunks().last().unwrap()["usage"]["prompt_tokens"]);
    let prompt = ask(&address, "POST /tokenize", &json!({ "prompt": "uno dos" }).to_string()).await.json();
    assert_eq!(prompt["count"], 2);
}

/// One server whose streams can be counted.
async fn counted(pace: Pace) -> (std::sync::Arc<Model>, String, CancellationToken) {
    let entry: ModelEntry = capibara6_profile::local().unwrap().models.remove(0);
    let stop = CancellationToken::new();
    let model = Model::new(&entry, pace, stop.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let app = routes(model.clone());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    (model, address, stop)
}

#[tokio::test]
async fn nothing_more_is_made_once_the_client_has_gone() {
    let (model, address, _stop) = counted(Pace::LikeAModel).await;
    let mut active = model.active();
    let mut socket = send(&address, "POST /v1/chat/completions", &chat("gpt-oss-20b", "slow").to_string()).await;
    timeout(PATIENCE, active.wait_for(|active| *active == 1)).await.unwrap().unwrap();
    // The head comes at once, the first word only after seconds; the client leaves in between.
    let mut head = [0; 12];
    socket.read_exact(&mut head).await.unwrap();
    drop(socket);
    timeout(Duration::from_secs(2), active.wait_for(|active| *active == 0)).await.unwrap().unwrap();
}

#[tokio::test]
async fn dropping_the_fleet_breaks_off_streams_and_closes_the_doors() {
    let fleet = PracticeFleet::start().await.unwrap();
    let address = server(&fleet, "gpt-oss-20b");
    let mut socket = send(&address, "POST /v1/chat/completions", &chat("gpt-oss-20b", "long").to_string()).await;
    let mut some = [0; 400];
    timeout(PATIENCE, socket.read_exact(&mut some)).await.unwrap().unwrap();
    drop(fleet);
    let mut rest = Vec::new();
    let _ = timeout(PATIENCE, socket.read_to_end(&mut rest)).await.unwrap();
    assert!(!String::from_utf8_lossy(&rest).contains("[DONE]"));
    let refused = async {
        while TcpStream::connect(&address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, refused).await.unwrap();
}
