//! What went wrong with a model server, classified once, here, into the closed set of [`ErrorCode`].
//!
//! Three sources are read: errors of the HTTP library (walked down to the cause in I/O, TLS or HTTP), answers with an
//! error status, and error objects inside an answer with status 200. The body shapes are those of vLLM and OpenAI
//! (`{"error":{"message","type","code"}}`), of vLLM's key check (`{"error":"Unauthorized"}`), of FastAPI
//! (`{"detail":…}`), of older vLLM (`{"object":"error",…}`), of Ollama and of the platform's own servers. Details are
//! kept for the reader, at most [`DETAIL_BYTES`] long and without any key.

use std::{
    error::Error,
    io,
    time::{Duration, SystemTime},
};

use capibara6_protocol::{AppError, ErrorCode};
use reqwest::{StatusCode, header::HeaderMap};
use serde_json::Value;

use crate::{ApiKey, http::chain};

/// The longest detail that is kept, in bytes.
pub const DETAIL_BYTES: usize = 4096;

/// The longest wait that a server may ask for and be believed.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(24 * 3600);

/// What went wrong with a model server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code:?}: {detail}")]
pub struct Failure {
    /// The class; only codes of the upstream group.
    pub code: ErrorCode,
    /// The HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// What the other side (or the network) said: untranslated, bounded, without keys.
    pub detail: String,
    /// When the server wants to be asked again.
    pub retry_after: Option<Duration>,
}

impl Failure {
    /// A failure with its class and what is known about it.
    pub fn new(code: ErrorCode, detail: impl AsRef<str>) -> Self {
        Self { code, status: None, detail: bounded(detail.as_ref()), retry_after: None }
    }

    pub(crate) fn with_status(mut self, status: Option<StatusCode>) -> Self {
        self.status = status.map(|status| status.as_u16());
        self
    }

    /// Whether asking again makes sense, as long as no token has arrived.
    ///
    /// Only where the request was most likely not worked on, and where waiting may help. A connect timeout is not
    /// repeated: the operating system has already repeated the attempt for that long.
    pub fn may_retry(&self) -> bool {
        matches!(
            self.code,
            ErrorCode::Refused
                | ErrorCode::Unreachable
                | ErrorCode::RateLimited
                | ErrorCode::Overloaded
                | ErrorCode::Truncated
        ) || (self.code == ErrorCode::Server && self.came_from_gateway())
    }

    /// Whether a gateway says that it did not reach the server behind it.
    fn came_from_gateway(&self) -> bool {
        matches!(self.status, Some(502 | 504))
    }

    /// Removes a key (and anything that looks like one) from the detail.
    #[must_use]
    pub(crate) fn without_key(mut self, key: Option<&ApiKey>) -> Self {
        self.detail = scrub(&self.detail, key.map(ApiKey::secret));
        self
    }

    /// Classifies an error of the HTTP library.
    pub(crate) fn from_reqwest(error: reqwest::Error) -> Self {
        let error = error.without_url();
        let status = error.status();
        Self::new(transport_code(&error), chain(&error)).with_status(status)
    }

    /// Classifies an answer that is not a success. `now` is what an HTTP date in `Retry-After` is compared with.
    pub(crate) fn from_answer(status: StatusCode, headers: &HeaderMap, body: &[u8], now: SystemTime) -> Self {
        let said = Said::read(body);
        let retry_after = retry_after(headers, now).or(said.retry_after);
        let mut failure = Self::new(status_code(status, &said), said.message).with_status(Some(status));
        failure.retry_after = retry_after;
        failure
    }

    /// Classifies an error object inside an answer with status 200.
    pub(crate) fn from_error_object(object: &Value) -> Self {
        let said = Said::from_value(object);
        // vLLM and OpenAI put the status the error would have had into `code`.
        let status = said.status.and_then(|status| StatusCode::from_u16(status).ok());
        let code = match status {
            Some(status) if status.is_client_error() || status.is_server_error() => status_code(status, &said),
            _ => phrase_code(&said).unwrap_or(ErrorCode::Server),
        };
        Self { retry_after: said.retry_after, ..Self::new(code, said.message) }
    }
}

impl From<Failure> for AppError {
    fn from(failure: Failure) -> Self {
        let mut error = Self::new(failure.code);
        let detail = match failure.status {
            Some(status) if failure.detail.is_empty() => format!("HTTP {status}"),
            Some(status) => format!("HTTP {status}: {}", failure.detail),
            None => failure.detail,
        };
        error.detail = (!detail.is_empty()).then_some(detail);
        error.retry_after_ms = failure.retry_after.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
        error
    }
}

// --- what the network did -------------------------------------------------------------------------------------------

fn transport_code(error: &reqwest::Error) -> ErrorCode {
    if error.is_connect() {
        return connect_code(error);
    }
    if error.is_builder() {
        return ErrorCode::BadRequest;
    }
    if error.is_redirect() {
        return ErrorCode::Malformed;
    }
    for cause in causes(error) {
        if cause.is::<rustls::Error>() {
            return ErrorCode::Tls;
        }
        if let Some(hyper) = cause.downcast_ref::<hyper::Error>() {
            if hyper.is_parse() {
                return ErrorCode::Malformed;
            }
            if hyper.is_incomplete_message() || hyper.is_canceled() || hyper.is_closed() {
                return ErrorCode::Truncated;
            }
        }
        if let Some(io) = cause.downcast_ref::<io::Error>() {
            // The chunk framing of HTTP itself is checked with these two kinds.
            if matches!(io.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData) {
                return ErrorCode::Malformed;
            }
            if io.kind() == io::ErrorKind::TimedOut {
                return ErrorCode::TimeoutIdle;
            }
        }
    }
    // Whatever else may happen to a connection that stood: it ended before the answer did.
    ErrorCode::Truncated
}

fn connect_code(error: &reqwest::Error) -> ErrorCode {
    if error.is_timeout() {
        return ErrorCode::TimeoutConnect;
    }
    for cause in causes(error) {
        if cause.is::<rustls::Error>() {
            return ErrorCode::Tls;
        }
        let Some(io) = cause.downcast_ref::<io::Error>() else { continue };
        if io.get_ref().is_some_and(|inner| inner.is::<rustls::Error>()) {
            return ErrorCode::Tls;
        }
        let kind = io.kind();
        if kind == io::ErrorKind::ConnectionRefused {
            return ErrorCode::Refused;
        }
        if kind == io::ErrorKind::TimedOut {
            return ErrorCode::TimeoutConnect;
        }
        // TCP stood and was cut: only the handshake comes after that.
        if matches!(kind, io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe) {
            return ErrorCode::Tls;
        }
    }
    // What is left: no such name, no route, a proxy that did not let us through.
    ErrorCode::Unreachable
}

fn causes<'a>(error: &'a reqwest::Error) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(error.source(), |cause| below(*cause))
}

/// What an error was caused by. `io::Error` names its inner error's cause instead of the inner error.
fn below<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}

// --- what the server said -------------------------------------------------------------------------------------------

/// The parts of an error body that decide its class, whatever its shape.
#[derive(Debug, Default, PartialEq)]
struct Said {
    message: String,
    /// `error.type` and a textual `error.code`, in lower case.
    kind: String,
    /// The field the server complains about.
    param: String,
    /// A numeric `error.code` (or `status_code`) that is an HTTP status.
    status: Option<u16>,
    retry_after: Option<Duration>,
}

impl Said {
    fn read(body: &[u8]) -> Self {
        match serde_json::from_slice::<Value>(body) {
            Ok(value) => Self::from_value(&value),
            Err(_) => Self { message: plain(&String::from_utf8_lossy(body)), ..Self::default() },
        }
    }

    fn from_value(value: &Value) -> Self {
        let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
        let Value::Object(object) = value else {
            return Self {
                message: value.as_str().map_or_else(|| value.to_string(), str::to_owned),
                ..Self::default()
            };
        };
        let nested = object.get("error").and_then(Value::as_object);
        let inner = nested.unwrap_or(object);
        let message = [
            nested.and_then(|nested| nested.get("message")),
            object.get("error"),
            object.get("message"),
            object.get("detail"),
            object.get("details"),
        ];
        let message = message.into_iter().flatten().find_map(Self::message).unwrap_or_else(|| value.to_string());
        let code = inner.get("code").or_else(|| object.get("code")).or_else(|| object.get("status_code"));
        let kind = format!("{} {}", text(inner.get("type")), text(code)).to_ascii_lowercase();
        let status = code
            .and_then(|code| code.as_u64().or_else(|| code.as_str()?.parse().ok()))
            .and_then(|code| u16::try_from(code).ok());
        let retry_after = object
            .get("retry_after")
            .or_else(|| inner.get("retry_after"))
            .and_then(Value::as_f64)
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
            .map(|wait| wait.min(LONGEST_RETRY_AFTER));
        Self { message, kind, param: text(inner.get("param")), status, retry_after }
    }

    /// A message as text: a string, or FastAPI's list of complaints `[{"loc":[…],"msg":…}]`.
    fn message(value: &Value) -> Option<String> {
        if let Value::Array(complaints) = value {
            return (!complaints.is_empty())
                .then(|| complaints.iter().map(Self::complaint).collect::<Vec<_>>().join("; "));
        }
        value.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned)
    }

    /// One of FastAPI's complaints.
    fn complaint(complaint: &Value) -> String {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let place = complaint["loc"].as_array().map(|path| path.iter().map(text).collect::<Vec<_>>().join("."));
        match (place, complaint["msg"].as_str()) {
            (Some(place), Some(message)) => format!("{place}: {message}"),
            _ => text(complaint),
        }
    }
}

/// An HTML page of some proxy as one line of text; anything else as it is.
fn plain(text: &str) -> String {
    let text = text.trim();
    if !text.starts_with('<') {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut inside = false;
    for character in text.chars() {
        match character {
            '<' => inside = true,
            '>' => {
                inside = false;
                out.push(' ');
            }
            _ if !inside => out.push(character),
            _ => {}
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn status_code(status: StatusCode, said: &Said) -> ErrorCode {
    match status.as_u16() {
        300..=399 => ErrorCode::Malformed,
        401 | 403 => ErrorCode::Unauthorised,
        404 if names_model(said) => ErrorCode::ModelNotFound,
        // The server gave up waiting for the model behind it.
        408 => ErrorCode::Overloaded,
        429 => ErrorCode::RateLimited,
        400..=499 => phrase_code(said).filter(|code| *code != ErrorCode::Overloaded).unwrap_or(ErrorCode::BadRequest),
        503 | 529 => ErrorCode::Overloaded,
        502 | 504 => ErrorCode::Server,
        // One of the platform's servers wraps every error in a 500, an unknown model too.
        500..=599 => phrase_code(said).unwrap_or(ErrorCode::Server),
        _ => ErrorCode::Malformed,
    }
}

/// A class by what an error says, where the status does not tell enough.
fn phrase_code(said: &Said) -> Option<ErrorCode> {
    const CONTEXT: &[&str] = &[
        "context_length_exceeded",
        "maximum context length",
        "context length",
        "context window",
        "max_model_len",
        "maximum model length",
        "prompt is too long",
        "exceeds the available context size",
        "exceed_context_size",
    ];
    const BUSY: &[&str] =
        &["overloaded", "server busy", "server is busy", "too many requests", "usage too high", "queue is full"];
    let message = said.message.to_ascii_lowercase();
    let mentions =
        |phrases: &[&str]| phrases.iter().any(|phrase| message.contains(phrase) || said.kind.contains(phrase));
    if mentions(CONTEXT) {
        Some(ErrorCode::ContextTooLong)
    } else if names_model(said) {
        Some(ErrorCode::ModelNotFound)
    } else if mentions(BUSY) {
        Some(ErrorCode::Overloaded)
    } else {
        None
    }
}

/// Whether an error says that the model is not served. `{"detail":"Not Found"}` (an unknown path) does not.
fn names_model(said: &Said) -> bool {
    let message = said.message.to_ascii_lowercase();
    let missing = ["does not exist", "not found", "not available", "no such model", "unknown model", "no encontrado"]
        .iter()
        .any(|phrase| message.contains(phrase));
    said.kind.contains("model_not_found")
        || (missing && (said.param == "model" || message.contains("model") || message.contains("expert")))
}

fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let milliseconds = text("retry-after-ms").and_then(|value| value.parse().ok()).map(Duration::from_millis);
    let wait = milliseconds.or_else(|| {
        let value = text("retry-after")?;
        let seconds = value.parse::<f64>().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        // RFC 9110 §10.2.3: seconds, or a date; one that has passed means now.
        seconds.or_else(|| Some(httpdate::parse_http_date(value).ok()?.duration_since(now).unwrap_or_default()))
    });
    wait.map(|wait| wait.min(LONGEST_RETRY_AFTER))
}

// --- details --------------------------------------------------------------------------------------------------------

fn bounded(text: &str) -> String {
    const MARK: &str = "…";
    let text = text.trim();
    if text.len() <= DETAIL_BYTES {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(DETAIL_BYTES - MARK.len());
    format!("{}{MARK}", &text[..end])
}

/// Hides the key in use, bearer tokens and `sk-…` keys: servers like to echo what they refuse.
fn scrub(text: &str, key: Option<&str>) -> String {
    const HIDDEN: &str = "•••";
    let mut text = match key {
        Some(key) if !key.is_empty() => text.replace(key, HIDDEN),
        _ => text.to_owned(),
    };
    for mark in ["Bearer ", "bearer ", "sk-"] {
        let mut from = 0;
        while let Some(found) = text[from..].find(mark) {
            let start = from + found;
            let secret = start + if mark == "sk-" { 0 } else { mark.len() };
            let length = text[secret..]
                .find(|c: char| !(c.is_ascii_alphanumeric() || "-_.~+/=*".contains(c)))
                .unwrap_or(text.len() - secret);
            // Short runs are words ("risk-averse", "Bearer of"), not keys.
            let word = start > 0 && mark == "sk-" && text.as_bytes()[start - 1].is_ascii_alphanumeric();
            if length >= 12 && !word {
                text.replace_range(secret..secret + length, HIDDEN);
            }
            from = secret + if mark == "sk-" { mark.len().min(text.len() - secret) } else { 0 };
        }
    }
    bounded(&text)
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderName, HeaderValue};

    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
        };
        pairs.iter().map(pair).collect()
    }

    fn answer(status: u16, body: &str) -> Failure {
        let status = StatusCode::from_u16(status).unwrap();
        Failure::from_answer(status, &HeaderMap::new(), body.as_bytes(), SystemTime::UNIX_EPOCH)
    }

    #[test]
    fn answers_are_classified_by_status_and_by_what_they_say() {
        use ErrorCode::*;
        for (status, body, code, detail) in [
            (401, r#"{"error":"Unauthorized"}"#, Unauthorised, "Unauthorized"),
            (403, r#"{"detail":"Not authenticated"}"#, Unauthorised, "Not authenticated"),
            (404, r#"{"detail":"Not Found"}"#, BadRequest, "Not Found"),
            (
                404,
                r#"{"error":{"message":"The model `nope` does not exist.","type":"NotFoundError","param":"model","code":404}}"#,
                ModelNotFound,
                "The model `nope` does not exist.",
            ),
            (
                404,
                r#"{"error":{"message":"model \"x\" not found, try pulling it first","type":"api_error"}}"#,
                ModelNotFound,
                "model \"x\" not found, try pulling it first",
            ),
            (404, r#"{"error":{"message":"gone","code":"model_not_found"}}"#, ModelNotFound, "gone"),
            (
                400,
                r#"{"error":{"message":"The model `x` does not exist.","param":"model"}}"#,
                ModelNotFound,
                "The model `x` does not exist.",
            ),
            (400, r#"{"error":{"message":"too much","code":"context_length_exceeded"}}"#, ContextTooLong, "too much"),
            (
                400,
                r#"{"object":"error","message":"This model's maximum context length is 512 tokens.","type":"BadRequestError","code":400}"#,
                ContextTooLong,
                "This model's maximum context length is 512 tokens.",
            ),
            (413, "", BadRequest, ""),
            (
                422,
                r#"{"detail":[{"loc":["body","model"],"msg":"field required","type":"missing"},{"loc":["body",0],"msg":"x"}]}"#,
                BadRequest,
                "body.model: field required; body.0: x",
            ),
            (400, "Invalid host header", BadRequest, "Invalid host header"),
            (405, r#"{"detail":"Method Not Allowed"}"#, BadRequest, "Method Not Allowed"),
            (408, r#"{"error":"Request Timeout"}"#, Overloaded, "Request Timeout"),
            (
                429,
                r#"{"detail":"Rate limit exceeded. Try again in 7 seconds"}"#,
                RateLimited,
                "Rate limit exceeded. Try again in 7 seconds",
            ),
            (
                500,
                r#"{"detail":"Unknown expert: phi. Model not found"}"#,
                ModelNotFound,
                "Unknown expert: phi. Model not found",
            ),
            (500, r#"{"detail":"CUDA error"}"#, Server, "CUDA error"),
            (500, "", Server, ""),
            (
                502,
                "<html><head><title>502 Bad Gateway</title></head><body>\n<h1>502</h1></body></html>",
                Server,
                "502 Bad Gateway 502",
            ),
            (
                503,
                r#"{"detail":"Server RAM usage too high: 93%, rejecting request"}"#,
                Overloaded,
                "Server RAM usage too high: 93%, rejecting request",
            ),
            (503, r#"{"error":"Service unavailable","message":"x"}"#, Overloaded, "Service unavailable"),
            (504, r#"{"error":"Timeout"}"#, Server, "Timeout"),
            (
                529,
                r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
                Overloaded,
                "Overloaded",
            ),
            (418, r#"{"error":{}}"#, BadRequest, r#"{"error":{}}"#),
            (400, "[1,2]", BadRequest, "[1,2]"),
        ] {
            let failure = answer(status, body);
            assert_eq!(
                (failure.code, failure.status, failure.detail.as_str()),
                (code, Some(status), detail),
                "{status} {body}"
            );
        }
    }

    #[test]
    fn servers_say_when_to_come_back_in_several_ways() {
        let now = httpdate::parse_http_date("Sun, 22 Nov 2026 15:00:00 GMT").unwrap();
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        for (given, body, wait) in [
            (&[("retry-after", "7")][..], "", seconds(7)),
            (&[("retry-after", "1.5")], "", Some(Duration::from_millis(1500))),
            (&[("retry-after", "Sun, 22 Nov 2026 15:01:00 GMT")], "", seconds(60)),
            (&[("retry-after", "Sun, 22 Nov 2026 14:00:00 GMT")], "", seconds(0)),
            (&[("retry-after", "999999999")], "", Some(LONGEST_RETRY_AFTER)),
            (&[("retry-after", "-1")], "", None),
            (&[("retry-after", "soon")], "", None),
            (&[("retry-after-ms", "250"), ("retry-after", "9")], "", Some(Duration::from_millis(250))),
            (&[], r#"{"error":"Rate limit exceeded","retry_after":60}"#, seconds(60)),
            (&[], "", None),
        ] {
            let failure = Failure::from_answer(StatusCode::TOO_MANY_REQUESTS, &headers(given), body.as_bytes(), now);
            assert_eq!((failure.code, failure.retry_after), (ErrorCode::RateLimited, wait), "{given:?} {body}");
        }
    }

    #[test]
    fn details_are_bounded_and_hold_no_keys() {
        let long = Failure::new(ErrorCode::Server, "é".repeat(DETAIL_BYTES));
        assert!(long.detail.len() <= DETAIL_BYTES && long.detail.ends_with("é…"), "{}", long.detail.len());
        for (text, hidden) in [
            ("key tiny-key is wrong", "key ••• is wrong"),
            ("Authorization: Bearer abcdefghijklmnop, sorry", "Authorization: Bearer •••, sorry"),
            ("bearer AAAABBBBCCCCDDDD", "bearer •••"),
            ("provided: sk-proj-0123456789abcdef.", "provided: •••"),
            ("a risk-averse-approach-to-life, Bearer of news", "a risk-averse-approach-to-life, Bearer of news"),
            ("sk-", "sk-"),
        ] {
            assert_eq!(scrub(text, Some("tiny-key")), hidden, "{text}");
        }
    }

    #[test]
    fn the_bridge_gets_the_code_the_status_and_the_wait() {
        let failure = Failure { retry_after: Some(Duration::from_millis(1500)), ..answer(429, "slow down") };
        let expected = AppError {
            retry_after_ms: Some(1500),
            ..AppError::new(ErrorCode::RateLimited).with_detail("HTTP 429: slow down")
        };
        assert_eq!(AppError::from(failure), expected);
        assert_eq!(AppError::from(answer(500, "")), AppError::new(ErrorCode::Server).with_detail("HTTP 500"));
        let silent = Failure::new(ErrorCode::TimeoutIdle, "");
        assert_eq!(AppError::from(silent), AppError::new(ErrorCode::TimeoutIdle));
    }
}
