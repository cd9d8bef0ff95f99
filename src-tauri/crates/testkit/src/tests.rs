//! The kit itself, read with nothing but TCP.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use capibara6_protocol::ServerKind;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::http::DATE;
use crate::*;

const LITTLE: Duration = Duration::from_millis(300);

async fn connect(address: std::net::SocketAddr) -> TcpStream {
    TcpStream::connect(address).await.unwrap()
}

async fn send(socket: &mut TcpStream, line: &str, headers: &str, body: &str) {
    let request = format!("{line} HTTP/1.1\r\nhost: kit\r\n{headers}content-length: {}\r\n\r\n{body}", body.len());
    socket.write_all(request.as_bytes()).await.unwrap();
}

async fn rest(socket: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    soon("the server closes", socket.read_to_end(&mut bytes)).await.unwrap();
    String::from_utf8(bytes).unwrap()
}

/// A whole answer on a connection of its own.
async fn ask(server: &ModelServer, line: &str, headers: &str, body: &str) -> (u16, String) {
    let mut socket = connect(server.address()).await;
    send(&mut socket, line, &format!("{headers}connection: close\r\n"), body).await;
    let answer = rest(&mut socket).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

fn chat(stream: bool) -> String {
    json!({
        "model": "phi4:mini", "messages": [{ "role": "user", "content": "hello world" }], "stream": stream,
        "stream_options": { "include_usage": true },
    })
    .to_string()
}

async fn begin(server: &ModelServer) -> (TcpStream, Exchange) {
    let mut socket = connect(server.address()).await;
    send(&mut socket, "POST /v1/chat/completions", "connection: close\r\n", &chat(true)).await;
    (socket, server.next_chat().await)
}

#[tokio::test]
async fn a_gated_answer_has_the_bytes_of_vllm() {
    let server = ModelServer::start(&["phi4:mini"]).await;
    let (mut socket, mut chat) = begin(&server).await;
    assert_eq!(
        (chat.model(), chat.question(), chat.wants_stream(), chat.wants_usage()),
        ("phi4:mini", "hello world", true, true)
    );
    chat.send_text(" funct").await;
    chat.finish("length").await;
    chat.usage(7, 24).await;
    chat.done().await;
    let opening = r#"{"id":"chatcmpl-ae35aafbde738a59","object":"chat.completion.chunk","created":1795360997,"model":"phi4:mini","#;
    let wanted = [
        format!(
            "HTTP/1.1 200 OK\r\ndate: {DATE}\r\nserver: uvicorn\r\ncontent-type: text/event-stream; charset=utf-8\r\n\
             vary: Origin\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n"
        ),
        format!(
            "106\r\ndata: {opening}{}\n\n\r\n",
            r#""choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}],"prompt_token_ids":null,"prompt_text":null}"#
        ),
        format!(
            "df\r\ndata: {opening}{}\n\n\r\n",
            r#""choices":[{"index":0,"delta":{"content":" funct"},"logprobs":null,"finish_reason":null,"token_ids":null}]}"#
        ),
        format!(
            "f0\r\ndata: {opening}{}\n\n\r\n",
            r#""choices":[{"index":0,"delta":{"content":""},"logprobs":null,"finish_reason":"length","stop_reason":null,"token_ids":null}]}"#
        ),
        format!(
            "f2\r\ndata: {opening}{}\n\n\r\n",
            r#""choices":[],"usage":{"prompt_tokens":7,"total_tokens":31,"completion_tokens":24},"system_fingerprint":"vllm-0.32.0-d6466f7f"}"#
        ),
        "e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n".to_owned(),
    ];
    assert_eq!(rest(&mut socket).await, wanted.concat());
}

#[tokio::test]
async fn each_piece_waits_for_the_test() {
    let server = ModelServer::start(&["phi4:mini"]).await;
    let (mut socket, mut chat) = begin(&server).await;
    let mut byte = [0];
    assert!(timeout(LITTLE, socket.read(&mut byte)).await.is_err());
    chat.send_bytes(b"x").await;
    assert_eq!(soon("the byte arrives", socket.read(&mut byte)).await.unwrap(), 1);
    assert!(timeout(LITTLE, socket.read(&mut byte)).await.is_err());
}

#[tokio::test]
async fn the_client_is_seen_leaving() {
    let server = ModelServer::start(&["phi4:mini"]).await;
    let (socket, mut chat) = begin(&server).await;
    chat.send_text("a").await;
    assert!(!chat.is_closed());
    let left = Instant::now();
    drop(socket);
    let seen = chat.closed_by_client().await;
    assert!(seen >= left && seen - left < PATIENCE / 10 && chat.is_closed());
    // Nothing happens, and nothing hangs.
    chat.send_text("b").await;
    chat.done().await;
}

#[tokio::test]
async fn a_connection_is_used_again() {
    let server = ModelServer::start(&["phi4:mini"]).await;
    let mut socket = connect(server.address()).await;
    for number in 0..2 {
        send(&mut socket, "POST /v1/chat/completions", "", &chat(false)).await;
        server.next_chat().await.complete("hi", 7, 1).await;
        let mut head = [0; 15];
        soon("an answer", socket.read_exact(&mut head)).await.unwrap();
        assert_eq!(&head, b"HTTP/1.1 200 OK");
        let last = wire::completion("phi4:mini", "hi", None, "stop", (7, 1));
        let mut seen = Vec::new();
        while !seen.ends_with(last.as_bytes()) {
            soon("the rest of it", socket.read_buf(&mut seen)).await.unwrap();
        }
        assert_eq!((server.chat_count(), server.connection_count()), (number + 1, 1));
    }
}

#[tokio::test]
async fn connections_break_as_told() {
    let server = ModelServer::start(&["phi4:mini"]).await;

    let (mut socket, mut chat) = begin(&server).await;
    chat.send_text("a").await;
    chat.close_abruptly().await;
    assert!(rest(&mut socket).await.ends_with("}]}\n\n\r\n"));

    let (mut socket, mut chat) = begin(&server).await;
    chat.begin().await;
    chat.reset().await;
    let error = soon("a reset", socket.read_to_end(&mut Vec::new())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);

    let (mut socket, chat) = begin(&server).await;
    drop(chat);
    assert_eq!(rest(&mut socket).await, "");
}

#[tokio::test]
async fn paths_answer_as_vllm_does_until_told_otherwise() {
    let server = ModelServer::start(&["phi4:mini", "mixtral"]).await;
    server.max_model_len(512);
    let json = async |line: &str, headers: &str, body: &str| {
        let (status, body) = ask(&server, line, headers, body).await;
        (status, serde_json::from_str::<Value>(&body).unwrap_or_default())
    };
    let (status, list) = json("GET /v1/models", "", "").await;
    let ids: Vec<&str> = list["data"].as_array().unwrap().iter().map(|card| card["id"].as_str().unwrap()).collect();
    assert_eq!((status, ids), (200, vec!["phi4:mini", "mixtral"]));
    assert_eq!((&list["data"][0]["owned_by"], &list["data"][0]["max_model_len"]), (&json!("vllm"), &json!(512)));
    assert_eq!(ask(&server, "GET /health", "", "").await, (200, String::new()));
    let (_, count) = json("POST /tokenize", "", &chat(true)).await;
    assert_eq!((&count["count"], &count["max_model_len"]), (&json!(6), &json!(512)));
    assert_eq!(json("GET /nothing", "", "").await, (404, json!({ "detail": "Not Found" })));
    let unknown = chat(true).replace("phi4:mini", "nope");
    let (status, error) = json("POST /v1/chat/completions", "", &unknown).await;
    assert_eq!((status, &error["error"]["type"]), (404, &json!("NotFoundError")));

    server.require_key("k");
    assert_eq!(json("GET /v1/models", "", "").await, (401, json!({ "error": "Unauthorized" })));
    assert_eq!(json("GET /v1/models", "Authorization: Bearer k\r\n", "").await.0, 200);
    assert_eq!(json("GET /health", "", "").await.0, 200);

    server.route("GET /health", Canned::status(503));
    assert_eq!(json("GET /health", "", "").await.0, 503);
    server.unroute("GET /health");
    server.pretend(ServerKind::Ollama);
    assert_eq!(json("GET /health", "", "").await.0, 404);
    assert_eq!(json("GET /api/tags", "", "").await.1["models"][0]["name"], "phi4:mini");

    let asked = server.requests();
    let keyed: Vec<_> = asked.iter().filter(|request| request.header("authorization").is_some()).collect();
    assert_eq!((keyed.len(), keyed[0].line()), (1, "GET /v1/models".to_owned()));
    assert_eq!(server.requests_matching(4, |request| request.path == "/health").await.len(), 4);
}

#[tokio::test]
async fn chats_can_be_answered_by_themselves() {
    let server = ModelServer::scripted(&["phi4:mini"], Script::new(["Hel", "lo"]).thinking(["Hm"])).await;
    let (status, body) = ask(&server, "POST /v1/chat/completions", "", &chat(true)).await;
    assert_eq!(status, 200);
    let order: Vec<Option<usize>> =
        [r#""role""#, r#""reasoning":"Hm""#, r#""content":"Hel""#, r#""content":"lo""#, r#""usage""#, "[DONE]"]
            .map(|part| body.find(part))
            .into();
    assert!(order.is_sorted() && order[0].is_some(), "{body}");
    let (_, whole) = ask(&server, "POST /v1/chat/completions", "", &chat(false)).await;
    let whole: Value = serde_json::from_str(&whole).unwrap();
    assert_eq!(whole["choices"][0]["message"]["content"], "Hello");

    server.answer(Chat::Canned(Canned::status(429).header("retry-after", "2")));
    assert_eq!(ask(&server, "POST /v1/chat/completions", "", &chat(true)).await, (429, String::new()));
}

#[tokio::test]
async fn stamps_tell_when_a_piece_was_sent() {
    let server = ModelServer::scripted(&["phi4:mini"], Script::new(["a", "b"]).stamped()).await;
    let now = || std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs_f64() * 1e3;
    let before = now();
    let (_, body) = ask(&server, "POST /v1/chat/completions", "", &chat(true)).await;
    let stamps: Vec<f64> = body
        .split('⟦')
        .skip(1)
        .map(|rest| {
            let (stamp, text) = rest.split_once('⟧').unwrap();
            assert!(text.starts_with(['a', 'b']) && stamp.split_once('.').unwrap().1.len() == 3);
            stamp.parse().unwrap()
        })
        .collect();
    assert_eq!(stamps.len(), 2);
    // The clock is cut to microseconds.
    assert!(stamps[0] >= before - 0.002 && stamps[1] >= stamps[0] && stamps[1] <= now(), "{before} {stamps:?}");
}

#[tokio::test]
async fn a_pace_is_kept() {
    let script = Script::tokens(20).every(Duration::from_millis(10)).after(Duration::from_millis(50));
    let server = ModelServer::scripted(&["phi4:mini"], script).await;
    let begun = Instant::now();
    ask(&server, "POST /v1/chat/completions", "", &chat(true)).await;
    assert!(begun.elapsed() >= Duration::from_millis(240));
}

#[tokio::test]
async fn a_server_goes_down_and_comes_back_on_its_port() {
    let server = ModelServer::start(&["phi4:mini"]).await;
    let (mut socket, mut chat) = begin(&server).await;
    chat.send_text("a").await;
    server.go_down().await;
    assert!(!rest(&mut socket).await.contains("[DONE]"));
    assert_eq!(TcpStream::connect(server.address()).await.unwrap_err().kind(), ErrorKind::ConnectionRefused);
    server.come_back().await;
    assert_eq!(ask(&server, "GET /health", "", "").await.0, 200);
    let address = server.address();
    drop((server, chat));
    let refused = async {
        while TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    soon("a dropped server refuses", refused).await;
}

#[tokio::test]
async fn every_producer_says_the_words_in_its_form() {
    let server = ModelServer::start(&["phi4:mini"]).await;
    for producer in Producer::ALL {
        let (mut socket, chat) = begin(&server).await;
        chat.speak(producer, &["Hola", " ¿qué?"]).await;
        let answer = rest(&mut socket).await;
        assert!(answer.contains(&format!("content-type: {}\r\n", producer.content_type())), "{producer:?}");
        assert!(answer.contains("Hola") && answer.contains("¿qué?"), "{producer:?}: {answer}");
    }
}

#[tokio::test]
async fn faults_are_what_they_say() {
    let refused = RefusedPort::reserve();
    assert_eq!(TcpStream::connect(refused.address()).await.unwrap_err().kind(), ErrorKind::ConnectionRefused);

    let silent = BlackHole::accepting().await;
    let mut socket = connect(silent.address()).await;
    send(&mut socket, "GET /health", "", "").await;
    assert!(timeout(LITTLE, socket.read_u8()).await.is_err());

    let reset = RawServer::reset_on_request().await;
    let mut socket = connect(reset.address()).await;
    send(&mut socket, "GET /health", "", "").await;
    let error = soon("a reset", socket.read_u8()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);

    let closed = RawServer::close_on_accept().await;
    assert_eq!(rest(&mut connect(closed.address()).await).await, "");

    let elsewhere = RawServer::redirect("http://127.0.0.1:9").await;
    let mut socket = connect(elsewhere.address()).await;
    send(&mut socket, "GET /v1/models?a=1", "", "").await;
    assert!(rest(&mut socket).await.contains("307 Temporary Redirect\r\n"));

    let drip = RawServer::drip(b"slow", 1, Duration::from_millis(5)).await;
    let mut socket = connect(drip.address()).await;
    send(&mut socket, "GET /", "", "").await;
    assert_eq!(rest(&mut socket).await, "slow");
}

#[cfg(unix)]
#[tokio::test]
async fn a_full_backlog_leaves_connections_unanswered() {
    let hole = BlackHole::unanswered().await;
    assert!(timeout(LITTLE, TcpStream::connect(hole.address())).await.is_err());
}

#[tokio::test]
async fn recordings_are_replayed_byte_by_byte() {
    let bytes: Vec<u8> = (0..=255).cycle().take(2_000).collect();
    for cut in [Cut::Whole, Cut::Every(7), Cut::At(vec![1, 1, 500, 9_999]), Cut::Random(1)] {
        assert_eq!(cut.pieces(&bytes, 3).concat(), bytes, "{cut:?}");
        let replay = Replay::start(&bytes, cut.clone()).await;
        let mut socket = connect(replay.address()).await;
        send(&mut socket, "POST /v1/chat/completions", "", "{}").await;
        let mut seen = Vec::new();
        soon("the recording", socket.read_to_end(&mut seen)).await.unwrap();
        assert_eq!(seen, bytes, "{cut:?}");
    }
    assert_eq!(Cut::Random(1).pieces(&bytes, 3), Cut::Random(1).pieces(&bytes, 3));
    assert_ne!(Cut::Random(1).pieces(&bytes, 3), Cut::Random(1).pieces(&bytes, 4));
}

#[tokio::test]
async fn a_fleet_leads_to_its_servers() {
    let fleet = Fleet::start().await;
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("config/profiles/kit.toml");
    fleet.write_profile(&path);
    let profile = capibara6_profile::parse(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(profile, fleet.profile());
    let urls: Vec<_> = profile.models.iter().map(|model| (model.id.as_str(), model.url.clone())).collect();
    assert_eq!(urls, DEFAULT_MODELS.map(|(model, ..)| (model, fleet.server(model).url())));
}
