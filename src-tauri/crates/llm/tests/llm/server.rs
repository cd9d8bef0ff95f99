//! A server on a loopback socket that does exactly what a test says, down to the byte.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::{Instant, timeout},
};
use url::Url;

/// How long a test waits for something that must happen.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Listens on a free port of 127.0.0.1; stops when dropped.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
}

/// A request, and the socket it came on.
pub struct Exchange {
    pub socket: TcpStream,
    pub request: Request,
}

/// What a client sent.
#[derive(Debug, Clone)]
pub struct Request {
    pub head: String,
    pub body: Vec<u8>,
}

impl Server {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        Self { listener, address }
    }

    /// The address up to `/v1`.
    pub fn base(&self) -> Url {
        Url::parse(&format!("http://{}/v1", self.address)).unwrap()
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Takes the next connection and reads a request from it.
    pub async fn next(&mut self) -> Exchange {
        let socket = self.accept().await;
        let mut exchange = Exchange { socket, request: Request { head: String::new(), body: Vec::new() } };
        exchange.read_request().await;
        exchange
    }

    pub async fn accept(&mut self) -> TcpStream {
        let (socket, _) = timeout(PATIENCE, self.listener.accept()).await.expect("a connection").unwrap();
        socket.set_nodelay(true).unwrap();
        socket
    }

    /// Whether a connection is waiting.
    pub async fn is_asked_within(&mut self, limit: Duration) -> bool {
        timeout(limit, self.listener.accept()).await.is_ok()
    }

    /// Answers the next request with these bytes and closes.
    pub async fn replay(&mut self, bytes: &[u8]) -> Request {
        let mut exchange = self.next().await;
        exchange.send(bytes).await;
        exchange.request
    }
}

impl Server {
    /// Answers the next request with a recording.
    pub async fn replay_recording(&mut self, name: &str) -> Request {
        let recording = super::captures::read(name);
        self.replay(&recording.raw).await
    }
}

impl Exchange {
    /// Reads a whole request: another one where a connection is used again.
    pub async fn read_request(&mut self) {
        let mut bytes = Vec::new();
        let mut piece = [0; 4096];
        let end = loop {
            if let Some(end) = memchr::memmem::find(&bytes, b"\r\n\r\n") {
                break end;
            }
            let length = timeout(PATIENCE, self.socket.read(&mut piece)).await.expect("a request").unwrap();
            assert!(length > 0, "the client closed before its request was whole");
            bytes.extend_from_slice(&piece[..length]);
        };
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let mut request = Request { head, body: bytes[end + 4..].to_vec() };
        let length = request.header("content-length").map_or(0, |length| length.parse().unwrap());
        while request.body.len() < length {
            let more = self.socket.read(&mut piece).await.unwrap();
            assert!(more > 0, "the client closed before its request was whole");
            request.body.extend_from_slice(&piece[..more]);
        }
        self.request = request;
    }

    /// Sends bytes; false where the client has closed.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.socket.write_all(bytes.as_ref()).await.is_ok() && self.socket.flush().await.is_ok()
    }

    /// Sends a whole answer.
    pub async fn answer(&mut self, status: &str, headers: &str, body: impl AsRef<[u8]>) {
        let body = body.as_ref();
        let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n{headers}\r\n", body.len());
        self.send([head.as_bytes(), body].concat()).await;
    }

    /// Sends the head of a stream that ends with the connection.
    pub async fn begin_stream(&mut self) {
        self.send("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n").await;
    }

    /// Sends one chunk of the answer as vLLM does.
    pub async fn say(&mut self, text: &str) {
        self.send(chunk(text)).await;
    }

    /// Waits until the client closes the connection; gives the time.
    pub async fn closed_by_client(&mut self) -> Instant {
        let mut piece = [0; 64];
        let read = timeout(PATIENCE, self.socket.read(&mut piece)).await.expect("the client closes");
        assert!(matches!(read, Ok(0) | Err(_)), "the client sends no more");
        Instant::now()
    }

    /// Cuts the connection with a reset instead of an orderly end.
    pub fn reset(self) {
        self.socket.set_zero_linger().unwrap();
    }
}

impl Request {
    pub fn line(&self) -> &str {
        self.head.lines().next().unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// An event with a piece of the answer.
pub fn chunk(text: &str) -> String {
    let record = serde_json::json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": "m",
        "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": null}]});
    format!("data: {record}\n\n")
}

/// The event that says why the model stopped.
pub fn finish(reason: &str) -> String {
    let record = serde_json::json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": "m",
        "choices": [{"index": 0, "delta": {}, "finish_reason": reason}]});
    format!("data: {record}\n\n")
}

pub const DONE: &str = "data: [DONE]\n\n";
