//! The wire format: requests as OpenAI-compatible servers take them, answers and errors as vLLM 0.32 gives them.

use axum::body::Body;
use axum::http::{Response, StatusCode, header};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

/// The owner that the model list names, by which anyone can tell that the words are scripted.
pub const OWNED_BY: &str = "capibara6-practice";

/// The context that every practice model has, in tokens.
pub(crate) const MAX_MODEL_LEN: usize = 8192;

/// The part of a chat request that a script can honour. Everything else is accepted and ignored.
#[derive(Debug, Deserialize)]
pub(crate) struct ChatRequest {
    pub(crate) model: Option<String>,
    pub(crate) messages: Vec<RequestMessage>,
    #[serde(default)]
    pub(crate) stream: bool,
    stream_options: Option<StreamOptions>,
    max_tokens: Option<usize>,
    max_completion_tokens: Option<usize>,
    stop: Option<Stop>,
    response_format: Option<ResponseFormat>,
    #[serde(default)]
    pub(crate) continue_final_message: bool,
}

/// The form that the reply must have.
#[derive(Debug, Deserialize)]
struct ResponseFormat {
    json_schema: Option<NamedSchema>,
}

#[derive(Debug, Deserialize)]
struct NamedSchema {
    schema: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct StreamOptions {
    #[serde(default)]
    include_usage: bool,
    #[serde(default)]
    continuous_usage_stats: bool,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Stop {
    One(String),
    Any(Vec<String>),
}

/// One message of a request.
#[derive(Debug, Deserialize)]
pub(crate) struct RequestMessage {
    pub(crate) role: String,
    content: Option<Content>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Part>),
}

#[derive(Debug, Deserialize)]
struct Part {
    #[serde(default)]
    text: String,
}

impl RequestMessage {
    /// The words of the message, parts joined.
    pub(crate) fn text(&self) -> String {
        match &self.content {
            Some(Content::Text(text)) => text.clone(),
            Some(Content::Parts(parts)) => parts.iter().map(|part| part.text.as_str()).collect(),
            None => String::new(),
        }
    }
}

impl ChatRequest {
    /// Most tokens that the answer may have.
    pub(crate) fn limit(&self) -> Option<usize> {
        self.max_completion_tokens.or(self.max_tokens)
    }

    /// The JSON schema that the reply must keep.
    pub(crate) fn schema(&self) -> Option<&Value> {
        self.response_format.as_ref()?.json_schema.as_ref()?.schema.as_ref()
    }

    /// Whether the stream ends with a usage chunk.
    pub(crate) fn wants_usage(&self) -> bool {
        self.stream_options.as_ref().is_some_and(|options| options.include_usage)
    }

    /// Whether every chunk says what was counted so far.
    pub(crate) fn wants_running_usage(&self) -> bool {
        self.stream_options.as_ref().is_some_and(|options| options.include_usage && options.continuous_usage_stats)
    }

    /// Where in `text` the first stop text stands, if any does.
    pub(crate) fn stopped_at(&self, text: &str) -> Option<usize> {
        let stops = match &self.stop {
            Some(Stop::One(stop)) => std::slice::from_ref(stop),
            Some(Stop::Any(stops)) => stops,
            None => &[],
        };
        stops.iter().filter(|stop| !stop.is_empty()).filter_map(|stop| text.find(stop.as_str())).min()
    }
}

/// The request of `/tokenize`: messages or a prompt.
#[derive(Debug, Deserialize)]
pub(crate) struct TokenizeRequest {
    pub(crate) model: Option<String>,
    #[serde(default)]
    pub(crate) messages: Vec<RequestMessage>,
    pub(crate) prompt: Option<String>,
}

/// What the chunks of one answer have in common.
#[derive(Debug, Clone)]
pub(crate) struct Envelope {
    pub(crate) id: String,
    pub(crate) created: u64,
    pub(crate) model: String,
}

/// Why an answer ended, in the protocol's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Finish {
    Stop,
    Length,
}

impl Finish {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
        }
    }
}

impl Envelope {
    /// A chunk with one choice.
    pub(crate) fn chunk(&self, delta: Value, finish: Option<Finish>) -> Bytes {
        let finish = finish.map(Finish::as_str);
        self.event(json!([{ "index": 0, "delta": delta, "logprobs": null, "finish_reason": finish }]), None)
    }

    /// A chunk with one choice, and what was counted so far.
    pub(crate) fn counted_chunk(&self, delta: Value, usage: Value) -> Bytes {
        self.event(json!([{ "index": 0, "delta": delta, "logprobs": null, "finish_reason": null }]), Some(usage))
    }

    /// The last chunk, without choices.
    pub(crate) fn usage(&self, usage: Value) -> Bytes {
        self.event(json!([]), Some(usage))
    }

    fn event(&self, choices: Value, usage: Option<Value>) -> Bytes {
        let mut chunk = json!({
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.model,
            "system_fingerprint": OWNED_BY,
            "choices": choices,
        });
        if let (Some(usage), Some(chunk)) = (usage, chunk.as_object_mut()) {
            chunk.insert("usage".to_owned(), usage);
        }
        event(&chunk.to_string())
    }

    /// A whole answer.
    pub(crate) fn completion(&self, content: &str, reasoning: &str, finish: Finish, usage: Value) -> Value {
        let reasoning = (!reasoning.is_empty()).then_some(reasoning);
        json!({
            "id": self.id,
            "object": "chat.completion",
            "created": self.created,
            "model": self.model,
            "system_fingerprint": OWNED_BY,
            "choices": [{
                "index": 0,
                "message": { "role": "assistant", "content": content, "reasoning": reasoning },
                "logprobs": null,
                "finish_reason": finish.as_str(),
            }],
            "usage": usage,
        })
    }
}

/// One server-sent event.
pub(crate) fn event(data: &str) -> Bytes {
    Bytes::from(format!("data: {data}\n\n"))
}

/// What a request and its answer cost.
pub(crate) fn usage(prompt_tokens: usize, completion_tokens: usize) -> Value {
    json!({
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": prompt_tokens + completion_tokens,
    })
}

/// An error object.
pub(crate) fn error(status: StatusCode, kind: &str, param: Option<&str>, message: &str) -> Value {
    json!({ "error": { "message": message, "type": kind, "param": param, "code": status.as_u16() } })
}

/// A JSON answer.
pub(crate) fn json_response(status: StatusCode, body: &Value) -> Response<Body> {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    response
}
