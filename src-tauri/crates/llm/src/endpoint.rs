//! Where a model is and what is asked of it: plain values, no I/O.
//!
//! The wire form of a request follows vLLM's OpenAI-compatible server (`/v1/chat/completions`).

use std::{fmt, time::Duration};

use capibara6_protocol::ErrorCode;
use reqwest::header::HeaderValue;
use serde::{Serialize, Serializer, ser::SerializeMap};
use url::Url;

use crate::Failure;

/// A key that is sent as `Authorization: Bearer …`. Neither `Debug` nor any error shows it.
#[derive(Clone)]
pub struct ApiKey(HeaderValue);

impl ApiKey {
    /// Takes a key as the user entered it; white space around it is dropped.
    ///
    /// # Errors
    /// [`ErrorCode::BadRequest`] where the key is empty or holds characters that cannot stand in a header.
    pub fn new(key: &str) -> Result<Self, Failure> {
        let key = key.trim();
        let unusable =
            || Failure::new(ErrorCode::BadRequest, "the key is empty or holds characters no header may hold");
        if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(unusable());
        }
        let mut value = HeaderValue::from_str(&format!("Bearer {key}")).map_err(|_| unusable())?;
        value.set_sensitive(true);
        Ok(Self(value))
    }

    /// The header's value; marked sensitive, so that HTTP libraries do not print or index it.
    pub(crate) fn header(&self) -> HeaderValue {
        self.0.clone()
    }

    /// The key itself, to remove it from what servers echo.
    pub(crate) fn secret(&self) -> &str {
        self.0.to_str().ok().and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default()
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(…)")
    }
}

/// A model at its address.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// The base address, up to and including `/v1`.
    pub base: Url,
    /// What is sent as `model`.
    pub model: String,
    /// The key, where the server wants one.
    pub key: Option<ApiKey>,
    /// How long silence may last.
    pub timeouts: Timeouts,
}

/// How long silence may last. There is no limit on a whole answer: a long one is not a slow one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// From sending the request to the first piece of text (or of thinking, or of a tool call).
    pub first_token: Duration,
    /// Between two pieces.
    pub idle: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { first_token: Duration::from_secs(180), idle: Duration::from_secs(60) }
    }
}

/// Who speaks in a message that is sent to a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ChatRole {
    /// Instructions.
    System,
    /// The person.
    User,
    /// The model.
    Assistant,
}

/// One message of the conversation that is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChatMessage {
    /// Who speaks.
    pub role: ChatRole,
    /// What is said, as plain text.
    pub content: String,
}

/// What is asked. Absent parameters are not sent, so that the server's own defaults hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChatRequest {
    /// The conversation, oldest first.
    pub messages: Vec<ChatMessage>,
    /// Sampling temperature; 0 is sent as 0.
    pub temperature: Option<f64>,
    /// Nucleus sampling.
    pub top_p: Option<f64>,
    /// Longest answer, in tokens.
    pub max_tokens: Option<u32>,
    /// Seed of the sampler.
    pub seed: Option<i64>,
    /// Texts that end the answer. Empty ones are left out: some fleets have one in their configuration.
    pub stop: Vec<String>,
    /// Whether the last message, an assistant's, is to be continued instead of answered (vLLM's
    /// `continue_final_message`).
    pub continue_final: bool,
    /// The JSON schema that the answer has to keep, where the server can see to that (vLLM's structured outputs, in the
    /// spelling that OpenAI's API has for them).
    pub schema: Option<serde_json::Value>,
    /// When the server is to say how many tokens it has written.
    pub counting: Counting,
}

/// When a server says how many tokens a streamed answer has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Counting {
    /// Once, at the end.
    #[default]
    AtTheEnd,
    /// With every piece as well (vLLM's `continuous_usage_stats`): a speed can be measured while the answer is written.
    /// Servers that do not know it leave it out, and strict ones refuse the request.
    Running,
}

/// Whether the answer is wanted piece by piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// As server-sent events, with the usage at the end.
    Stream,
    /// As one JSON object.
    Whole,
}

/// A request as it goes over the wire.
pub(crate) struct Body<'a> {
    pub(crate) model: &'a str,
    pub(crate) request: &'a ChatRequest,
    pub(crate) delivery: Delivery,
}

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct StreamOptions {
            include_usage: bool,
            #[serde(skip_serializing_if = "std::ops::Not::not")]
            continuous_usage_stats: bool,
        }

        let request = self.request;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("model", self.model)?;
        map.serialize_entry("messages", &request.messages)?;
        match self.delivery {
            Delivery::Stream => {
                map.serialize_entry("stream", &true)?;
                let continuous_usage_stats = request.counting == Counting::Running;
                let options = StreamOptions { include_usage: true, continuous_usage_stats };
                map.serialize_entry("stream_options", &options)?;
            }
            // Said explicitly because one of the platform's servers streams unless told otherwise.
            Delivery::Whole => map.serialize_entry("stream", &false)?,
        }
        if let Some(temperature) = request.temperature {
            map.serialize_entry("temperature", &temperature)?;
        }
        if let Some(top_p) = request.top_p {
            map.serialize_entry("top_p", &top_p)?;
        }
        if let Some(max_tokens) = request.max_tokens {
            map.serialize_entry("max_tokens", &max_tokens)?;
        }
        if let Some(seed) = request.seed {
            map.serialize_entry("seed", &seed)?;
        }
        let stop: Vec<&str> = request.stop.iter().map(String::as_str).filter(|stop| !stop.is_empty()).collect();
        if !stop.is_empty() {
            map.serialize_entry("stop", &stop)?;
        }
        if request.continue_final {
            map.serialize_entry("continue_final_message", &true)?;
            map.serialize_entry("add_generation_prompt", &false)?;
        }
        if let Some(schema) = &request.schema {
            map.serialize_entry("response_format", &ResponseFormat::of(schema))?;
        }
        map.end()
    }
}

/// What an answer has to be like.
#[derive(Serialize)]
struct ResponseFormat<'a> {
    r#type: &'static str,
    json_schema: NamedSchema<'a>,
}

#[derive(Serialize)]
struct NamedSchema<'a> {
    name: &'static str,
    schema: InOrder<'a>,
}

/// A schema whose properties come in the order in which `required` names them. Servers have a reply's members come in the
/// order of the schema's properties, and JSON objects in memory are sorted by name: a judge would choose before it reasons.
struct InOrder<'a>(&'a serde_json::Value);

impl Serialize for InOrder<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde_json::Value;

        match self.0 {
            Value::Object(members) => serializer.collect_map(members.iter().map(|(name, value)| {
                let ordered = match (name.as_str(), value, members.get("required")) {
                    ("properties", Value::Object(properties), Some(Value::Array(required))) => {
                        Ordered::Properties(properties, required)
                    }
                    _ => Ordered::Other(InOrder(value)),
                };
                (name, ordered)
            })),
            Value::Array(items) => serializer.collect_seq(items.iter().map(InOrder)),
            plain @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => plain.serialize(serializer),
        }
    }
}

/// A member of a schema.
enum Ordered<'a> {
    /// The properties of an object, and those that it has to have.
    Properties(&'a serde_json::Map<String, serde_json::Value>, &'a [serde_json::Value]),
    /// Anything else.
    Other(InOrder<'a>),
}

impl Serialize for Ordered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Properties(properties, required) => {
                let place = |name: &str| required.iter().position(|each| each == name).unwrap_or(usize::MAX);
                let mut sorted: Vec<_> = properties.iter().collect();
                sorted.sort_by_key(|(name, _)| place(name));
                serializer.collect_map(sorted.into_iter().map(|(name, schema)| (name, InOrder(schema))))
            }
            Self::Other(value) => value.serialize(serializer),
        }
    }
}

impl<'a> ResponseFormat<'a> {
    fn of(schema: &'a serde_json::Value) -> Self {
        Self { r#type: "json_schema", json_schema: NamedSchema { name: "reply", schema: InOrder(schema) } }
    }
}

/// The address of `path` below the base (`…/v1` and `["chat", "completions"]`).
pub(crate) fn below(base: &Url, path: &[&str]) -> Url {
    let mut url = base.clone();
    url.set_query(None);
    url.set_fragment(None);
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path);
    }
    url
}

/// The address of `path` beside `/v1`: vLLM keeps `/health` and `/tokenize` there.
pub(crate) fn beside(base: &Url, path: &str) -> Url {
    let mut url = below(base, &[]);
    let versioned = url.path_segments().and_then(|mut segments| segments.rfind(|part| !part.is_empty())) == Some("v1");
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty();
        if versioned {
            segments.pop();
        }
        segments.push(path);
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn addresses_are_built_from_any_spelling_of_the_base() {
        for (base, chat, health) in [
            ("http://h:1/v1", "http://h:1/v1/chat/completions", "http://h:1/health"),
            ("http://h:1/v1/", "http://h:1/v1/chat/completions", "http://h:1/health"),
            ("http://h/a/v1?x=1#y", "http://h/a/v1/chat/completions", "http://h/a/health"),
            ("http://h", "http://h/chat/completions", "http://h/health"),
            ("http://h/models/", "http://h/models/chat/completions", "http://h/models/health"),
        ] {
            let built = (below(&url(base), &["chat", "completions"]), beside(&url(base), "health"));
            assert_eq!(built, (url(chat), url(health)), "{base}");
        }
    }

    #[test]
    fn a_key_is_usable_as_a_header_and_shown_nowhere() {
        let key = ApiKey::new(" sk-secret\n").unwrap();
        assert_eq!(key.header().to_str().unwrap(), "Bearer sk-secret");
        assert!(key.header().is_sensitive());
        assert_eq!(format!("{key:?}"), "ApiKey(…)");
        for bad in ["", "  ", "a b", "a\nb", "clé"] {
            assert_eq!(ApiKey::new(bad).unwrap_err().code, ErrorCode::BadRequest, "{bad:?}");
        }
    }

    #[test]
    fn only_what_is_set_is_sent() {
        let message = ChatMessage { role: ChatRole::User, content: "hola".into() };
        let bare = ChatRequest { messages: vec![message.clone()], ..ChatRequest::default() };
        let full = ChatRequest {
            messages: vec![message],
            temperature: Some(0.0),
            top_p: Some(0.9),
            max_tokens: Some(7),
            seed: Some(-1),
            stop: vec![String::new(), "</s>".into()],
            continue_final: true,
            schema: Some(serde_json::json!({ "type": "object" })),
            counting: Counting::AtTheEnd,
        };
        let running = ChatRequest { counting: Counting::Running, ..bare.clone() };
        let wire = |request, delivery| serde_json::to_string(&Body { model: "m", request, delivery }).unwrap();
        assert_eq!(
            wire(&bare, Delivery::Whole),
            r#"{"model":"m","messages":[{"role":"user","content":"hola"}],"stream":false}"#
        );
        assert_eq!(
            wire(&running, Delivery::Stream),
            concat!(
                r#"{"model":"m","messages":[{"role":"user","content":"hola"}],"stream":true,"#,
                r#""stream_options":{"include_usage":true,"continuous_usage_stats":true}}"#
            )
        );
        assert_eq!(
            wire(&full, Delivery::Stream),
            concat!(
                r#"{"model":"m","messages":[{"role":"user","content":"hola"}],"stream":true,"#,
                r#""stream_options":{"include_usage":true},"temperature":0.0,"top_p":0.9,"max_tokens":7,"seed":-1,"#,
                r#""stop":["</s>"],"continue_final_message":true,"add_generation_prompt":false,"#,
                r#""response_format":{"type":"json_schema","json_schema":{"name":"reply","schema":{"type":"object"}}}}"#
            )
        );
    }

    #[test]
    fn a_reply_is_asked_for_in_the_order_that_its_schema_requires() {
        let cited = serde_json::json!({
            "type": "object",
            "properties": { "from": { "type": "string" }, "extra": {}, "text": { "enum": ["b", "a"] } },
            "required": ["text", "from"],
        });
        let schema = serde_json::json!({
            "type": "object",
            "properties": { "choice": { "type": "string" }, "reason": { "type": "array", "items": cited } },
            "required": ["reason", "choice"],
        });
        let sent = serde_json::to_string(&InOrder(&schema)).unwrap();
        assert_eq!(serde_json::from_str::<serde_json::Value>(&sent).unwrap(), schema, "nothing is lost");
        // As they are sent, whichever order objects have in memory.
        for [first, second] in [
            [r#""reason":{"#, r#""choice":{"#],
            [r#""text":{"enum":["b","a"]}"#, r#""from":{"#],
            [r#""from":{"#, r#""extra":{}"#],
        ] {
            let place = |part: &str| sent.find(part).unwrap_or_else(|| panic!("{part}: {sent}"));
            assert!(place(first) < place(second), "{sent}");
        }
    }
}
