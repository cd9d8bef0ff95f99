//! The other forms in which known back ends stream an answer. A client must understand all of them.

use serde_json::{Value, json};

use crate::wire;

/// A producer of streamed answers and its form on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Producer {
    /// vLLM: OpenAI chunks and `[DONE]`.
    Vllm,
    /// The streaming multi-model server: OpenAI chunks with the role in every delta.
    RoleInEveryDelta,
    /// The same server's `/v1/completions`: each event repeats the whole text so far.
    Cumulative,
    /// The Gen A back end: SSE frames of `{content, done}` under `text/plain`, with `full_response` at the end.
    ContentDone,
    /// The web functions' chat: SSE frames of `{type: …}` under `text/plain`.
    Typed,
    /// The web functions' completion: one `{type: "content"}` with everything.
    TypedWhole,
    /// The Node server: raw text without framing.
    RawText,
    /// Ollama's `/api/generate`: NDJSON of `{response, done}`.
    OllamaGenerate,
    /// Ollama's `/api/chat`: NDJSON of `{message, done}`.
    OllamaChat,
    /// The consensus multi-model server: one JSON body although a stream was asked for.
    WholeJson,
}

impl Producer {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Vllm,
        Self::RoleInEveryDelta,
        Self::Cumulative,
        Self::ContentDone,
        Self::Typed,
        Self::TypedWhole,
        Self::RawText,
        Self::OllamaGenerate,
        Self::OllamaChat,
        Self::WholeJson,
    ];

    /// The content type that it declares.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Vllm | Self::RoleInEveryDelta | Self::Cumulative => "text/event-stream; charset=utf-8",
            Self::ContentDone | Self::Typed | Self::TypedWhole | Self::RawText => "text/plain; charset=utf-8",
            Self::OllamaGenerate | Self::OllamaChat => "application/x-ndjson",
            Self::WholeJson => "application/json",
        }
    }

    /// The body of an answer, cut where the producer flushes.
    pub fn encode(self, model: &str, pieces: &[&str]) -> Vec<String> {
        let whole = pieces.concat();
        let sse = |values: Vec<Value>| values.iter().map(|value| wire::event(&value.to_string())).collect();
        let ndjson = |values: Vec<Value>| values.iter().map(|value| format!("{value}\n")).collect();
        let chunk = |delta: Value, finish: Option<&str>| {
            json!({
                "id": wire::ID, "object": "chat.completion.chunk", "created": wire::CREATED, "model": model,
                "choices": [{ "index": 0, "delta": delta, "logprobs": null, "finish_reason": finish }],
            })
        };
        match self {
            Self::Vllm => {
                let mut body = vec![wire::event(&wire::role(model))];
                body.extend(pieces.iter().map(|piece| wire::event(&wire::delta(model, "content", piece))));
                body.push(wire::event(&wire::finish(model, "", "stop")));
                body.push(wire::event("[DONE]"));
                body
            }
            Self::RoleInEveryDelta => {
                let delta = |piece: &&str| chunk(json!({ "role": "assistant", "content": piece }), None);
                let mut body: Vec<String> = sse(pieces.iter().map(delta).collect());
                body.extend([wire::event(&chunk(json!({}), Some("stop")).to_string()), wire::event("[DONE]")]);
                body
            }
            Self::Cumulative => {
                let mut text = String::new();
                let mut so_far = |piece: &&str| {
                    text.push_str(piece);
                    json!({
                        "id": wire::ID, "object": "text_completion.chunk", "created": wire::CREATED, "model": model,
                        "choices": [{ "index": 0, "text": text, "logprobs": null, "finish_reason": null }],
                    })
                };
                let mut body: Vec<String> = sse(pieces.iter().map(&mut so_far).collect());
                body.push(wire::event("[DONE]"));
                body
            }
            Self::ContentDone => {
                let mut body: Vec<Value> =
                    pieces.iter().map(|piece| json!({ "content": piece, "done": false })).collect();
                body.push(json!({ "content": "", "done": true, "full_response": whole }));
                sse(body)
            }
            Self::Typed => {
                let mut body = vec![json!({ "type": "start" })];
                body.extend(pieces.iter().map(|piece| json!({ "type": "content", "content": piece })));
                body.extend([json!({ "type": "done", "finish_reason": "stop" }), json!({ "type": "complete" })]);
                sse(body)
            }
            Self::TypedWhole => sse(vec![
                json!({ "type": "content", "content": whole }),
                json!({ "type": "done", "finish_reason": "stop" }),
            ]),
            Self::RawText => pieces.iter().map(|piece| (*piece).to_owned()).collect(),
            Self::OllamaGenerate => {
                let mut body: Vec<Value> = pieces
                    .iter()
                    .map(|piece| json!({ "model": model, "response": piece, "done": false }))
                    .collect();
                body.push(json!({ "model": model, "response": "", "done": true, "done_reason": "stop", "eval_count": pieces.len() }));
                ndjson(body)
            }
            Self::OllamaChat => {
                let message = |piece: &str| json!({ "role": "assistant", "content": piece });
                let mut body: Vec<Value> = pieces
                    .iter()
                    .map(|piece| json!({ "model": model, "message": message(piece), "done": false }))
                    .collect();
                body.push(json!({ "model": model, "message": message(""), "done": true, "done_reason": "stop", "eval_count": pieces.len() }));
                ndjson(body)
            }
            Self::WholeJson => vec![
                json!({
                    "id": wire::ID, "object": "chat.completion", "created": wire::CREATED, "model": model,
                    "choices": [{
                        "index": 0, "message": { "role": "assistant", "content": whole }, "finish_reason": "stop",
                    }],
                    "usage": { "prompt_tokens": 2, "completion_tokens": pieces.len(), "total_tokens": pieces.len() + 2 },
                    "performance": { "time_to_first_token": 0.1, "total_time": 0.2, "tokens_per_second": 10.0 },
                })
                .to_string(),
            ],
        }
    }
}
