//! As much of HTTP/1.1 as a test server needs: requests with a content length, answers written as uvicorn writes them.

use std::time::Instant;

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _};

use crate::canned::Canned;

/// Requests longer than this are a defect of the test.
const LARGEST_REQUEST: usize = 64 * 1024 * 1024;

/// One request as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST`, …
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Names in lower case, in the order in which they came.
    pub headers: Vec<(String, String)>,
    /// The body, byte by byte.
    pub body: Vec<u8>,
    /// When the last byte of it had arrived.
    pub at: Instant,
    /// Which connection it came on, counted from 0.
    pub connection: usize,
}

impl Request {
    /// The first header of this name (in lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON; null where it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Method and path, as [`crate::ModelServer::route`] takes them.
    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    pub(crate) fn wants_close(&self) -> bool {
        self.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"))
    }
}

/// Reads requests from one connection. Every read can be cancelled without losing bytes.
pub(crate) struct RequestReader<R> {
    source: R,
    buffer: Vec<u8>,
    connection: usize,
}

impl<R: AsyncRead + Unpin> RequestReader<R> {
    pub(crate) fn new(source: R, connection: usize) -> Self {
        Self { source, buffer: Vec::new(), connection }
    }

    /// The next request, or nothing where the client has gone.
    pub(crate) async fn next(&mut self) -> Option<Request> {
        loop {
            if let Some(request) = self.take() {
                return Some(request);
            }
            if !self.fill().await {
                return None;
            }
        }
    }

    /// Reads more. False where the client has gone, politely or not.
    pub(crate) async fn fill(&mut self) -> bool {
        assert!(self.buffer.len() < LARGEST_REQUEST, "a request is too long for the kit");
        self.source.read_buf(&mut self.buffer).await.is_ok_and(|read| read > 0)
    }

    fn take(&mut self) -> Option<Request> {
        let head_length = self.buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n")? + 4;
        let head = String::from_utf8_lossy(self.buffer.get(..head_length)?).into_owned();
        let mut lines = head.split("\r\n");
        let mut first = lines.next()?.split(' ');
        let (method, path) = (first.next()?.to_owned(), first.next()?.to_owned());
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
            .collect();
        let length = headers.iter().find(|(name, _)| name == "content-length");
        let length: usize = length.map_or(0, |(_, value)| value.parse().expect("a content length"));
        let body = self.buffer.get(head_length..head_length + length)?.to_vec();
        self.buffer.drain(..head_length + length);
        Some(Request { method, path, headers, body, at: Instant::now(), connection: self.connection })
    }
}

/// The date that every answer carries: fixed, so that bytes can be compared.
pub(crate) const DATE: &str = "Sun, 22 Nov 2026 15:23:16 GMT";

/// The head of a streamed answer as uvicorn writes it.
pub(crate) fn stream_head(content_type: &str, close: bool) -> Vec<u8> {
    let connection = if close { "connection: close\r\n" } else { "" };
    format!(
        "HTTP/1.1 200 OK\r\ndate: {DATE}\r\nserver: uvicorn\r\ncontent-type: {content_type}\r\nvary: Origin\r\n\
         {connection}transfer-encoding: chunked\r\n\r\n"
    )
    .into_bytes()
}

/// One HTTP chunk.
pub(crate) fn chunk(bytes: &[u8]) -> Vec<u8> {
    let mut framed = format!("{:x}\r\n", bytes.len()).into_bytes();
    framed.extend_from_slice(bytes);
    framed.extend_from_slice(b"\r\n");
    framed
}

/// The chunk that ends a body.
pub(crate) const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// A whole answer as uvicorn writes it.
pub(crate) fn response(canned: &Canned, close: bool) -> Vec<u8> {
    let mut head =
        format!("HTTP/1.1 {} {}\r\ndate: {DATE}\r\nserver: uvicorn\r\n", canned.status, reason(canned.status));
    head.push_str(&format!("content-length: {}\r\n", canned.body.len()));
    for (name, value) in &canned.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(if close { "vary: Origin\r\nconnection: close\r\n\r\n" } else { "vary: Origin\r\n\r\n" });
    let mut bytes = head.into_bytes();
    bytes.extend_from_slice(&canned.body);
    bytes
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        301 => "Moved Permanently",
        302 => "Found",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        413 => "Content Too Large",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Unknown",
    }
}
