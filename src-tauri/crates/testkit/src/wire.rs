//! The exact bytes of vLLM 0.32's events: key order, null fields and spacing as on the wire.
//!
//! Ids and times are fixed, so that tests can compare bytes.

use std::fmt::Write as _;

/// The id of every answer.
pub const ID: &str = "chatcmpl-ae35aafbde738a59";
/// The creation time of every answer, in seconds.
pub const CREATED: u64 = 1_795_360_997;
/// What vLLM tells about its build.
pub const FINGERPRINT: &str = "vllm-0.32.0-d6466f7f";

/// A JSON string.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn opening(model: &str) -> String {
    format!(r#"{{"id":"{ID}","object":"chat.completion.chunk","created":{CREATED},"model":{}"#, quoted(model))
}

/// The first chunk: a role and no text.
pub fn role(model: &str) -> String {
    format!(
        r#"{},"choices":[{{"index":0,"delta":{{"role":"assistant","content":""}},"logprobs":null,"finish_reason":null}}],"prompt_token_ids":null,"prompt_text":null}}"#,
        opening(model)
    )
}

/// A piece of text. `field` is `content`, `reasoning` or `reasoning_content`.
pub fn delta(model: &str, field: &str, text: &str) -> String {
    format!(
        r#"{},"choices":[{{"index":0,"delta":{{"{field}":{}}},"logprobs":null,"finish_reason":null,"token_ids":null}}]}}"#,
        opening(model),
        quoted(text)
    )
}

/// A piece of text with what was counted so far, for who asked for `continuous_usage_stats`.
pub fn counted_delta(model: &str, field: &str, text: &str, prompt_tokens: u32, completion_tokens: u32) -> String {
    let total = prompt_tokens + completion_tokens;
    format!(
        r#"{},"choices":[{{"index":0,"delta":{{"{field}":{}}},"logprobs":null,"finish_reason":null,"token_ids":null}}],"usage":{{"prompt_tokens":{prompt_tokens},"total_tokens":{total},"completion_tokens":{completion_tokens},"completion_tokens_details":null}}}}"#,
        opening(model),
        quoted(text)
    )
}

/// A last piece of text with the reason to stop.
pub fn finish(model: &str, text: &str, reason: &str) -> String {
    format!(
        r#"{},"choices":[{{"index":0,"delta":{{"content":{}}},"logprobs":null,"finish_reason":{},"stop_reason":null,"token_ids":null}}]}}"#,
        opening(model),
        quoted(text),
        quoted(reason)
    )
}

/// The chunk without choices before `[DONE]`.
pub fn usage(model: &str, prompt_tokens: u32, completion_tokens: u32) -> String {
    let total = prompt_tokens + completion_tokens;
    format!(
        r#"{},"choices":[],"usage":{{"prompt_tokens":{prompt_tokens},"total_tokens":{total},"completion_tokens":{completion_tokens}}},"system_fingerprint":"{FINGERPRINT}"}}"#,
        opening(model)
    )
}

/// An error object inside a stream.
pub fn error(message: &str) -> String {
    format!(r#"{{"error":{{"message":{},"type":"InternalServerError","param":null,"code":500}}}}"#, quoted(message))
}

/// A whole answer to a request without `stream`.
pub fn completion(model: &str, content: &str, reasoning: Option<&str>, finish: &str, tokens: (u32, u32)) -> String {
    let (prompt_tokens, completion_tokens) = tokens;
    let mut body = format!(r#"{{"id":"{ID}","object":"chat.completion","created":{CREATED},"model":{}"#, quoted(model));
    let reasoning = reasoning.map_or_else(|| "null".to_owned(), quoted);
    // Writing to a string cannot fail.
    _ = write!(
        body,
        r#","choices":[{{"index":0,"message":{{"role":"assistant","content":{},"refusal":null,"annotations":null,"audio":null,"function_call":null,"reasoning":{reasoning}}},"logprobs":null,"finish_reason":{},"stop_reason":null,"token_ids":null,"routed_experts":null}}],"service_tier":null,"system_fingerprint":"{FINGERPRINT}""#,
        quoted(content),
        quoted(finish),
    );
    let total = prompt_tokens + completion_tokens;
    _ = write!(
        body,
        r#","usage":{{"prompt_tokens":{prompt_tokens},"total_tokens":{total},"completion_tokens":{completion_tokens},"prompt_tokens_details":null,"completion_tokens_details":null}},"prompt_logprobs":null,"prompt_token_ids":null,"prompt_text":null,"kv_transfer_params":null,"ec_transfer_params":null,"metrics":null}}"#
    );
    body
}

/// One server-sent event. `wire::event("[DONE]")`
pub fn event(data: &str) -> String {
    format!("data: {data}\n\n")
}
