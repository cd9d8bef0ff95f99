//! Requests of other protocols: what comes back is what was sent, and nothing is followed or read without end.

use capibara6_llm::{HttpOptions, PlainHttp};
use capibara6_protocol::ErrorCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// Answers one connection with these bytes; gives what it was sent.
async fn answering(bytes: String) -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 4096];
        let read = socket.read(&mut request).await.unwrap();
        // Whoever reads no further closes first.
        let _ = socket.write_all(bytes.as_bytes()).await;
        let _ = socket.shutdown().await;
        String::from_utf8_lossy(&request[..read]).into_owned()
    });
    (address, serving)
}

fn client() -> PlainHttp {
    PlainHttp::new(&HttpOptions::default()).unwrap()
}

fn post(address: &str) -> http::Request<Vec<u8>> {
    http::Request::post(format!("{address}/token?x=1"))
        .header("accept", "application/json")
        .header("authorization", "Bearer t-1")
        .body(b"a=b".to_vec())
        .unwrap()
}

#[tokio::test]
async fn an_answer_comes_back_as_it_was_sent_whatever_its_status() {
    let body = r#"{"error":"invalid_grant"}"#;
    let head = format!("HTTP/1.1 400 Bad Request\r\ncache-control: no-store\r\ncontent-length: {}\r\n\r\n", body.len());
    let (address, serving) = answering(head + body).await;
    let answer = client().send(post(&address), 1_000).await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.body().as_slice()), (400, body.as_bytes()));
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let request = serving.await.unwrap().to_lowercase();
    assert!(request.starts_with("post /token?x=1 http/1.1\r\n"), "{request}");
    assert!(request.contains("accept: application/json\r\n") && !request.contains("event-stream"), "{request}");
    assert!(request.contains("authorization: bearer t-1\r\n"), "{request}");
}

#[tokio::test]
async fn no_redirect_is_followed_not_even_inside_the_origin() {
    let head = "HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n";
    let (address, serving) = answering(head.to_owned()).await;
    let answer = client().send(post(&address), 1_000).await.unwrap();
    assert_eq!((answer.status().as_u16(), &answer.headers()["location"]), (302, &"/elsewhere".parse().unwrap()));
    serving.await.unwrap();
}

#[tokio::test]
async fn a_longer_answer_than_is_read_is_no_answer() {
    for (length, expected) in [(1_000, Ok(1_000)), (1_001, Err(ErrorCode::Malformed))] {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n");
        let (address, serving) = answering(head + &"x".repeat(length)).await;
        let answer = client().send(post(&address), 1_000).await;
        assert_eq!(answer.map(|answer| answer.body().len()).map_err(|failure| failure.code), expected);
        serving.await.unwrap();
    }
}
