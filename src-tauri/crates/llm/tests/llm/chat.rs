//! The client on real sockets: deadlines, retries, redirects, and what a server sees when a stream is dropped.

use std::{net::TcpListener as StdListener, time::Duration};

use capibara6_llm::{
    ApiKey, ChatEvent, ChatMessage, ChatRequest, ChatRole, ChatStream, Client, Endpoint, Failure, HttpOptions,
    RetryPolicy, Timeouts, http_client,
};
use capibara6_protocol::{ErrorCode, FinishReason, ServerKind};
use futures_util::StreamExt;
use tokio::time::Instant;
use url::Url;

use super::{
    decoding::{content, joined, usage},
    server::{DONE, PATIENCE, Server, chunk, finish},
};

const KEY: &str = "k-0123456789abcdef";

fn client() -> Client {
    client_with(RetryPolicy::NEVER)
}

fn client_with(retry: RetryPolicy) -> Client {
    let options = HttpOptions { connect_timeout: Duration::from_millis(300), ..HttpOptions::default() };
    Client::new(http_client(&options).unwrap()).with_retry(retry, Some(1))
}

/// Repeats at once, so that tests need not wait.
fn eager() -> RetryPolicy {
    RetryPolicy { base: Duration::from_millis(1), cap: Duration::from_millis(2), ..RetryPolicy::default() }
}

fn endpoint(base: &Url) -> Endpoint {
    let key = Some(ApiKey::new(KEY).unwrap());
    Endpoint { base: base.clone(), model: "m".into(), key, timeouts: Timeouts::default() }
}

fn impatient(base: &Url, first_token: u64, idle: u64) -> Endpoint {
    let timeouts = Timeouts { first_token: Duration::from_millis(first_token), idle: Duration::from_millis(idle) };
    Endpoint { timeouts, ..endpoint(base) }
}

fn question() -> ChatRequest {
    ChatRequest {
        messages: vec![ChatMessage { role: ChatRole::User, content: "hola".into() }],
        ..ChatRequest::default()
    }
}

fn ask(client: &Client, base: &Url) -> ChatStream {
    client.chat_stream(endpoint(base), question())
}

/// Everything a stream yields.
async fn rest(mut stream: ChatStream) -> (Vec<ChatEvent>, Result<(), Failure>) {
    let mut events = Vec::new();
    let read = async {
        while let Some(item) = stream.next().await {
            match item {
                Ok(event) => events.push(event),
                Err(failure) => {
                    assert_eq!(stream.next().await, None, "an error is the last item");
                    return Err(failure);
                }
            }
        }
        Ok(())
    };
    let end = tokio::time::timeout(PATIENCE, read).await.expect("the stream ends");
    (joined(events), end)
}

async fn failure(stream: ChatStream) -> Failure {
    rest(stream).await.1.unwrap_err()
}

/// An address of this computer where nothing listens.
fn closed_port() -> Url {
    let port = StdListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    Url::parse(&format!("http://127.0.0.1:{port}/v1")).unwrap()
}

#[tokio::test]
async fn a_question_is_asked_as_vllm_wants_it_and_answered_piece_by_piece() {
    let mut server = Server::start().await;
    let mut stream = ask(&client(), &server.base());
    let (mut exchange, first) = tokio::join!(
        async {
            let mut exchange = server.next().await;
            exchange.begin_stream().await;
            exchange.say("").await;
            exchange.say("Ho").await;
            exchange
        },
        stream.next(),
    );
    assert_eq!(first, Some(Ok(content("Ho"))), "the first piece is here before the second is sent");
    assert_eq!(exchange.request.line(), "POST /v1/chat/completions HTTP/1.1");
    assert_eq!(exchange.request.header("authorization"), Some(format!("Bearer {KEY}").as_str()));
    assert_eq!(exchange.request.header("accept-encoding"), Some("identity"));
    assert_eq!(exchange.request.header("content-type"), Some("application/json"));
    assert_eq!(
        exchange.request.json(),
        serde_json::json!({"model": "m", "messages": [{"role": "user", "content": "hola"}],
            "stream": true, "stream_options": {"include_usage": true}})
    );
    exchange.say("la").await;
    exchange.send(finish("stop")).await;
    exchange.send("data: {\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2}}\n\n").await;
    exchange.send(DONE).await;
    let (events, end) = rest(stream).await;
    assert_eq!(events, [content("la"), ChatEvent::Finish(FinishReason::Stop), usage(5, 2)]);
    assert_eq!(end, Ok(()));
}

#[tokio::test]
async fn a_server_notices_a_dropped_stream_at_once() {
    let mut server = Server::start().await;
    for moment in ["before the head", "before the first token", "in mid-stream"] {
        let mut stream = ask(&client(), &server.base());
        let mut exchange = tokio::select! {
            exchange = server.next() => exchange,
            item = stream.next() => panic!("nothing was sent yet, but {item:?} came"),
        };
        if moment != "before the head" {
            exchange.begin_stream().await;
            tokio::select! {
                item = stream.next() => panic!("nothing was said yet, but {item:?} came"),
                () = tokio::time::sleep(Duration::from_millis(50)) => {}
            }
        }
        if moment == "in mid-stream" {
            exchange.say("Hi").await;
            assert_eq!(stream.next().await, Some(Ok(content("Hi"))));
        }
        let dropped = Instant::now();
        drop(stream);
        let noticed = exchange.closed_by_client().await - dropped;
        assert!(noticed < Duration::from_millis(200), "{moment}: after {noticed:?}");
    }
}

#[tokio::test]
async fn a_finished_connection_is_used_again() {
    let mut server = Server::start().await;
    let client = client();
    let answer = [chunk("Hi"), finish("stop"), DONE.to_owned()].concat();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    let chunked = format!("{head}{:x}\r\n{answer}\r\n0\r\n\r\n", answer.len());

    let base = server.base();
    let (mut exchange, (events, _)) = tokio::join!(
        async {
            let mut exchange = server.next().await;
            exchange.send(&chunked).await;
            exchange
        },
        rest(ask(&client, &base)),
    );
    assert_eq!(events, [content("Hi"), ChatEvent::Finish(FinishReason::Stop)]);
    let (_, (events, _)) = tokio::join!(
        async {
            exchange.read_request().await;
            exchange.send(&chunked).await;
        },
        rest(ask(&client, &base)),
    );
    assert_eq!(events, [content("Hi"), ChatEvent::Finish(FinishReason::Stop)]);
}

#[tokio::test]
async fn nothing_listens() {
    let refused = failure(ask(&client(), &closed_port())).await;
    assert_eq!((refused.code, refused.status), (ErrorCode::Refused, None));
    assert!(!refused.detail.is_empty() && !refused.detail.contains("127.0.0.1:"), "{}", refused.detail);
}

#[tokio::test]
async fn no_way_to_the_host() {
    // Neither leaves this computer: a label of 64 letters is longer than a name server could be asked for (RFC 1035
    // §2.3.4), and a link-local address without its interface leads nowhere (RFC 4007 §6).
    for host in [format!("{}.invalid", "n".repeat(64)), "[fe80::1]".to_owned()] {
        let base = Url::parse(&format!("http://{host}/v1")).unwrap();
        let lost = failure(ask(&client(), &base)).await;
        assert_eq!((lost.code, lost.status), (ErrorCode::Unreachable, None), "{host}: {lost}");
    }
}

#[tokio::test]
async fn a_host_that_takes_no_connections() {
    // A full backlog: the kernel drops what comes after it, as a black hole would.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut held = Vec::new();
    while let Ok(Ok(stream)) =
        tokio::time::timeout(Duration::from_millis(100), tokio::net::TcpStream::connect(address)).await
    {
        held.push(stream);
    }
    let base = Url::parse(&format!("http://{address}/v1")).unwrap();
    let timed_out = failure(ask(&client(), &base)).await;
    assert_eq!(timed_out.code, ErrorCode::TimeoutConnect, "{timed_out}");
}

#[tokio::test]
async fn silence_has_three_names() {
    let mut server = Server::start().await;
    let base = server.base();
    let client = client();

    // No head at all.
    let (held, failed) =
        tokio::join!(server.next(), failure(client.chat_stream(impatient(&base, 100, 60_000), question())));
    assert_eq!((failed.code, failed.status), (ErrorCode::TimeoutFirstToken, None));
    drop(held);

    // A head, keep-alive comments and empty pieces, but no token: comments must not extend the deadline.
    let (_, failed) = tokio::join!(
        async {
            let mut exchange = server.next().await;
            exchange.begin_stream().await;
            while exchange.send(format!(": ping\n\n{}", chunk(""))).await {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        },
        failure(client.chat_stream(impatient(&base, 200, 60_000), question())),
    );
    assert_eq!((failed.code, failed.status), (ErrorCode::TimeoutFirstToken, Some(200)));

    // A token, then only comments.
    let (_, (events, end)) = tokio::join!(
        async {
            let mut exchange = server.next().await;
            exchange.begin_stream().await;
            exchange.say("Hi").await;
            while exchange.send(": ping\n\n").await {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        },
        rest(client.chat_stream(impatient(&base, 60_000, 200), question())),
    );
    assert_eq!(events, [content("Hi")]);
    assert_eq!(end.unwrap_err().code, ErrorCode::TimeoutIdle);
}

#[tokio::test]
async fn a_slow_answer_is_not_a_silent_one() {
    let mut server = Server::start().await;
    let base = server.base();
    let (_, (events, end)) = tokio::join!(
        async {
            let mut exchange = server.next().await;
            exchange.begin_stream().await;
            // Longer in all than either deadline.
            for _ in 0..10 {
                exchange.say("a").await;
                tokio::time::sleep(Duration::from_millis(60)).await;
            }
            exchange.send(DONE).await;
        },
        rest(client().chat_stream(impatient(&base, 400, 400), question())),
    );
    assert_eq!((events, end), (vec![content("aaaaaaaaaa")], Ok(())));
}

#[tokio::test]
async fn connections_that_end_too_early() {
    let mut server = Server::start().await;
    let client = client();
    let base = server.base();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n";
    let hi = chunk("Hi");
    for (name, answer, said) in [
        ("no answer", String::new(), vec![]),
        ("half a head", head.to_owned(), vec![]),
        ("body cut after an event", format!("{head}connection: close\r\n\r\n{hi}"), vec![content("Hi")]),
        ("body cut inside an event", format!("{head}connection: close\r\n\r\n{hi}data: {{\"cho"), vec![content("Hi")]),
        ("cut inside a chunk", format!("{head}transfer-encoding: chunked\r\n\r\nfff\r\n{hi}"), vec![content("Hi")]),
        (
            "cut between chunks",
            format!("{head}transfer-encoding: chunked\r\n\r\n{:x}\r\n{hi}\r\n", hi.len()),
            vec![content("Hi")],
        ),
        ("shorter than its length", format!("{head}content-length: 9999\r\n\r\n{hi}"), vec![content("Hi")]),
    ] {
        let (_, (events, end)) = tokio::join!(server.replay(answer.as_bytes()), rest(ask(&client, &base)));
        assert_eq!(events, said, "{name}");
        assert_eq!(end.unwrap_err().code, ErrorCode::Truncated, "{name}");
    }
    // A reset instead of an end.
    let mut stream = ask(&client, &base);
    let (mut exchange, first) = tokio::join!(
        async {
            let mut exchange = server.next().await;
            exchange.begin_stream().await;
            exchange.say("Hi").await;
            exchange
        },
        stream.next(),
    );
    assert_eq!(first, Some(Ok(content("Hi"))));
    exchange.send("data:").await;
    exchange.reset();
    assert_eq!(failure(stream).await.code, ErrorCode::Truncated);
}

#[tokio::test]
async fn what_is_not_http_or_not_an_answer_is_malformed() {
    let mut server = Server::start().await;
    let client = client();
    let base = server.base();
    for (name, answer) in [
        ("another protocol", "SSH-2.0-OpenSSH_9.2p1\r\n\r\n"),
        ("a broken chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"),
        ("a web page", "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n\r\n<html>hello</html>"),
        (
            "a web page as text",
            "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\n<!doctype html>",
        ),
        (
            "binary data",
            "HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\nconnection: close\r\n\r\n\u{1}\u{2}",
        ),
    ] {
        let (_, failed) = tokio::join!(server.replay(answer.as_bytes()), failure(ask(&client, &base)));
        assert_eq!(failed.code, ErrorCode::Malformed, "{name}: {failed}");
    }
}

#[tokio::test]
async fn an_answer_may_come_as_bare_text_or_as_one_document() {
    let mut server = Server::start().await;
    let client = client();
    let base = server.base();
    let plain = "HTTP/1.1 200 OK\r\ncontent-type: text/plain; charset=utf-8\r\nconnection: close\r\n\r\n";
    for (answer, said) in [
        (format!("{plain}¡Hola!"), "¡Hola!"),
        (
            format!(
                "{plain}data: {{\"content\":\"Hola\",\"done\":false}}\n\ndata: {{\"content\":\"\",\"done\":true}}\n\n"
            ),
            "Hola",
        ),
        (format!("{plain}{{\"response\":\"Hola\"}}"), "Hola"),
    ] {
        let (_, (events, end)) = tokio::join!(server.replay(answer.as_bytes()), rest(ask(&client, &base)));
        assert_eq!((events, end), (vec![content(said)], Ok(())), "{answer}");
    }
}

#[tokio::test]
async fn an_empty_stream_is_asked_for_once_more_as_a_whole() {
    let mut server = Server::start().await;
    let base = server.base();
    let (whole, (events, end)) = tokio::join!(
        async {
            let mut first = server.next().await;
            first.begin_stream().await;
            first.send("data: {\"type\":\"start\"}\n\ndata: {\"type\":\"complete\"}\n\n").await;
            drop(first);
            let mut second = server.next().await;
            second.answer("200 OK", "", "{\"response\":\"Hola\"}").await;
            second.request
        },
        rest(ask(&client(), &base)),
    );
    assert_eq!(whole.json()["stream"], false);
    assert_eq!((events, end), (vec![content("Hola")], Ok(())));

    let (_, failed) = tokio::join!(
        async {
            for _ in 0..2 {
                server.next().await.answer("200 OK", "", "").await;
            }
        },
        failure(ask(&client(), &base)),
    );
    assert_eq!((failed.code, failed.detail.as_str()), (ErrorCode::Malformed, "the answer was empty"));
}

#[tokio::test]
async fn headers_give_a_simulated_answer_away() {
    let mut server = Server::start().await;
    let base = server.base();
    for header in ["x-rag-mode: simulated", "x-mcp-mode: simulated"] {
        let answer = async {
            server.next().await.answer("200 OK", &format!("{header}\r\n"), "{\"response\":\"Hola\"}").await;
        };
        let (_, (events, end)) = tokio::join!(answer, rest(ask(&client(), &base)));
        let failed = end.unwrap_err();
        assert_eq!((events, failed.code, failed.detail.as_str()), (vec![], ErrorCode::Simulated, header));
    }
}

#[tokio::test]
async fn a_key_is_not_repeated_in_details() {
    let mut server = Server::start().await;
    let base = server.base();
    let body =
        format!("{{\"error\":{{\"message\":\"Incorrect API key provided: {KEY}. Also sk-proj-aaaabbbbccccdddd\"}}}}");
    let answer = async { server.next().await.answer("401 Unauthorized", "", &body).await };
    let (_, failed) = tokio::join!(answer, failure(ask(&client(), &base)));
    assert_eq!(failed.code, ErrorCode::Unauthorised);
    assert_eq!(failed.detail, "Incorrect API key provided: •••. Also •••");
    let printed = format!("{:?} {:?}", endpoint(&base), failed);
    assert!(!printed.contains(KEY), "{printed}");
}

#[tokio::test]
async fn a_request_is_repeated_before_the_first_token() {
    let mut server = Server::start().await;
    let base = server.base();
    let client = client_with(eager());
    let (_, (events, end)) = tokio::join!(
        async {
            server.next().await.answer("503 Service Unavailable", "", "{\"detail\":\"busy\"}").await;
            // Closed without an answer.
            drop(server.next().await);
            let mut third = server.next().await;
            third.begin_stream().await;
            third.say("Hi").await;
            third.send(DONE).await;
        },
        rest(ask(&client, &base)),
    );
    assert_eq!((events, end), (vec![content("Hi")], Ok(())));
}

#[tokio::test]
async fn a_request_is_not_repeated_for_ever() {
    let mut server = Server::start().await;
    let base = server.base();
    let client = client_with(eager());
    let (_, failed) = tokio::join!(
        async {
            for _ in 0..3 {
                server.next().await.answer("429 Too Many Requests", "", "{\"detail\":\"slow down\"}").await;
            }
        },
        failure(ask(&client, &base)),
    );
    assert_eq!((failed.code, failed.status), (ErrorCode::RateLimited, Some(429)));
}

#[tokio::test]
async fn half_an_answer_is_never_replayed() {
    let mut server = Server::start().await;
    let base = server.base();
    let stream = ask(&client_with(eager()), &base);
    let (_, (events, end)) = tokio::join!(
        async {
            let mut exchange = server.next().await;
            exchange.begin_stream().await;
            exchange.say("Hi").await;
        },
        rest(stream),
    );
    assert_eq!((events, end.unwrap_err().code), (vec![content("Hi")], ErrorCode::Truncated));
    assert!(!server.is_asked_within(Duration::from_millis(100)).await, "the question was sent again");
}

#[tokio::test]
async fn what_would_fail_again_is_not_repeated() {
    let mut server = Server::start().await;
    let base = server.base();
    let client = client_with(eager());
    for (status, headers, code, wait) in [
        ("401 Unauthorized", "", ErrorCode::Unauthorised, None),
        ("400 Bad Request", "", ErrorCode::BadRequest, None),
        ("500 Internal Server Error", "", ErrorCode::Server, None),
        ("429 Too Many Requests", "retry-after: 3600\r\n", ErrorCode::RateLimited, Some(Duration::from_secs(3600))),
    ] {
        let answer = async { server.next().await.answer(status, headers, "{}").await };
        let (_, failed) = tokio::join!(answer, failure(ask(&client, &base)));
        assert_eq!((failed.code, failed.retry_after), (code, wait), "{status}");
    }
    assert!(!server.is_asked_within(Duration::from_millis(100)).await, "a question was sent again");
}

#[tokio::test]
async fn retry_after_is_waited_for() {
    let mut server = Server::start().await;
    let base = server.base();
    let client = client_with(eager());
    let asked = Instant::now();
    let (_, (events, _)) = tokio::join!(
        async {
            server.next().await.answer("429 Too Many Requests", "retry-after-ms: 300\r\n", "{}").await;
            let mut second = server.next().await;
            second.begin_stream().await;
            second.send([chunk("Hi"), DONE.into()].concat()).await;
        },
        rest(ask(&client, &base)),
    );
    assert_eq!(events, [content("Hi")]);
    assert!(asked.elapsed() >= Duration::from_millis(300), "after {:?}", asked.elapsed());
}

#[tokio::test]
async fn credentials_never_follow_a_redirect_to_another_origin() {
    let mut server = Server::start().await;
    let mut other = Server::start().await;
    let (base, elsewhere) = (server.base(), other.base());
    for status in
        ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"]
    {
        let answer = async {
            server.next().await.answer(status, &format!("location: {elsewhere}/chat?token=x\r\n"), "").await;
        };
        let (_, failed) = tokio::join!(answer, failure(ask(&client_with(eager()), &base)));
        assert_eq!(failed.code, ErrorCode::Malformed, "{status}");
        let origin = elsewhere.origin().ascii_serialization();
        assert!(failed.detail.contains(&origin) && !failed.detail.contains("token"), "{}", failed.detail);
    }
    assert!(!other.is_asked_within(Duration::from_millis(100)).await, "the other origin was asked");
}

#[tokio::test]
async fn a_redirect_inside_the_origin_is_followed() {
    let mut server = Server::start().await;
    let base = server.base();
    let (request, (events, end)) = tokio::join!(
        async {
            server
                .next()
                .await
                .answer("307 Temporary Redirect", "location: /v2/chat\r\nconnection: close\r\n", "")
                .await;
            let mut second = server.next().await;
            second.begin_stream().await;
            second.send([chunk("Hi"), DONE.into()].concat()).await;
            second.request
        },
        rest(ask(&client(), &base)),
    );
    assert_eq!((events, end), (vec![content("Hi")], Ok(())));
    assert_eq!(request.line(), "POST /v2/chat HTTP/1.1");
    assert_eq!(request.header("authorization"), Some(format!("Bearer {KEY}").as_str()));
    assert_eq!(request.json()["model"], "m");
}

#[tokio::test]
async fn an_endless_redirect_ends() {
    let mut server = Server::start().await;
    let base = server.base();
    let failed = tokio::select! {
        failed = failure(ask(&client(), &base)) => failed,
        () = async { loop { server.next().await.answer("308 Permanent Redirect", "location: /again\r\nconnection: close\r\n", "").await } } => unreachable!(),
    };
    assert_eq!((failed.code, failed.status), (ErrorCode::Malformed, Some(308)));
}

#[tokio::test]
async fn long_bodies_are_cut_off() {
    let mut server = Server::start().await;
    let base = server.base();
    let big = vec![b' '; 5 * 1024 * 1024];
    let answer = async { server.next().await.answer("200 OK", "", &big).await };
    let client = client();
    let (_, listed) = tokio::join!(answer, client.models(&base, None, PATIENCE));
    assert_eq!(listed.unwrap_err().code, ErrorCode::Malformed);

    let answer = async { server.next().await.answer("500 Internal Server Error", "", &big).await };
    let (_, failed) = tokio::join!(answer, failure(ask(&client, &base)));
    assert_eq!((failed.code, failed.detail.len()), (ErrorCode::Server, 0));
}

#[tokio::test]
async fn a_server_is_known_by_its_list_of_models() {
    let mut server = Server::start().await;
    let base = server.base();
    let client = client();
    for (list, kind) in [
        (r#"{"object":"list","data":[{"id":"a","owned_by":"vllm","max_model_len":512}]}"#, ServerKind::Vllm),
        (
            r#"{"object":"list","data":[{"id":"a","owned_by":"capibara6","status":"loaded","permission":[]}]}"#,
            ServerKind::Capibara6,
        ),
        (r#"{"object":"list","data":[{"id":"a","owned_by":"library"}]}"#, ServerKind::Ollama),
        (r#"{"data":[{"id":"a"}]}"#, ServerKind::OpenaiCompatible),
        (r#"{"data":[{"id":"a","owned_by":"capibara6-practice"}]}"#, ServerKind::OpenaiCompatible),
    ] {
        let answer = async { server.next().await.answer("200 OK", "", list).await };
        let (_, found) = tokio::join!(answer, client.models(&base, None, PATIENCE));
        let found = found.unwrap();
        assert_eq!((found.kind, found.models[0].id.as_str()), (kind, "a"), "{list}");
    }
    for (status, body, code) in [
        ("200 OK", "<html>", ErrorCode::Malformed),
        ("200 OK", "{\"models\":[]}", ErrorCode::Malformed),
        ("401 Unauthorized", "{\"error\":\"Unauthorized\"}", ErrorCode::Unauthorised),
    ] {
        let answer = async { server.next().await.answer(status, "", body).await };
        let (_, found) = tokio::join!(answer, client.models(&base, None, PATIENCE));
        assert_eq!(found.unwrap_err().code, code, "{body}");
    }
}

#[tokio::test]
async fn health_falls_back_to_the_list_of_models() {
    let mut server = Server::start().await;
    let base = server.base();
    let client = client();
    let ((first, second), health) = tokio::join!(
        async {
            let mut first = server.next().await;
            first.answer("404 Not Found", "connection: close\r\n", "{\"detail\":\"Not Found\"}").await;
            let mut second = server.next().await;
            second.answer("200 OK", "", "{\"data\":[]}").await;
            (first.request, second.request)
        },
        client.health(&base, None, PATIENCE),
    );
    assert!(health.is_ok());
    assert_eq!((first.line(), second.line()), ("GET /health HTTP/1.1", "GET /v1/models HTTP/1.1"));

    let (_held, late) = tokio::join!(server.next(), client.health(&base, None, Duration::from_millis(100)));
    assert_eq!(late.unwrap_err().code, ErrorCode::TimeoutFirstToken);
}
