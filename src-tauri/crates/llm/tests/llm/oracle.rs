//! A slow and simple decoder: reads all of a server-sent event stream at once, with string functions and untyped JSON.
//!
//! Written from the WHATWG HTML standard (§9.2.6) and what the platform's servers send, not from the decoder. Knows the dialects
//! that the generator in `properties` makes, and nothing of canned text.

use capibara6_llm::{ChatEvent, decode::End};
use capibara6_protocol::{ErrorCode, FinishReason};
use serde_json::Value;

use super::decoding::{Decoded, joined};

pub fn decode(bytes: &[u8]) -> Decoded {
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(&text);
    let mut events = Vec::new();
    let mut usage = None;
    let mut finish = false;
    let mut begun = false;
    let mut ended = false;
    for record in records(text) {
        if record.trim() == "[DONE]" {
            ended = true;
            break;
        }
        let value: Value = serde_json::from_str(&record).unwrap();
        if value["error"].is_string() || value["error"].is_object() {
            events.extend(usage);
            return Decoded { events: joined(events), end: Err(ErrorCode::Server) };
        }
        let choice = &value["choices"][0];
        let mut say = |text: &Value, make: fn(String) -> ChatEvent| {
            if let Some(text) = text.as_str().filter(|text| !text.is_empty()) {
                begun = true;
                events.push(make(text.to_owned()));
            }
        };
        let thinking = ["reasoning_content", "reasoning"].map(|key| &choice["delta"][key]);
        let thinking =
            if thinking[0].as_str().is_some_and(|text| !text.is_empty()) { thinking[0] } else { thinking[1] };
        say(thinking, ChatEvent::Reasoning);
        say(&choice["delta"]["content"], ChatEvent::Content);
        say(&value["content"], ChatEvent::Content);
        begun |= choice["delta"]["tool_calls"].as_array().is_some_and(|calls| !calls.is_empty());
        if let (false, Some(reason)) = (finish, choice["finish_reason"].as_str()) {
            finish = true;
            events.push(ChatEvent::Finish(match reason {
                "stop" => FinishReason::Stop,
                "length" => FinishReason::Length,
                "tool_calls" => FinishReason::ToolCalls,
                _ => FinishReason::Other,
            }));
        }
        if let (Some(prompt), Some(completion)) =
            (value["usage"]["prompt_tokens"].as_u64(), value["usage"]["completion_tokens"].as_u64())
        {
            usage = Some(ChatEvent::Usage { prompt_tokens: prompt as u32, completion_tokens: completion as u32 });
        }
        if value["done"] == true || value["type"] == "done" {
            ended = true;
            break;
        }
    }
    events.extend(usage);
    let end = match (ended || finish, begun || finish) {
        (true, true) => Ok(End::Answered),
        (_, false) => Ok(End::Empty),
        (false, true) => Err(ErrorCode::Truncated),
    };
    Decoded { events: joined(events), end }
}

/// The data of each event, by the letter of the standard.
fn records(text: &str) -> Vec<String> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut records = Vec::new();
    let mut data: Vec<&str> = Vec::new();
    for line in text.split('\n').chain([""]) {
        if line.is_empty() {
            if !data.is_empty() {
                records.push(data.join("\n"));
            }
            data.clear();
        } else if let Some(value) = line.strip_prefix("data:") {
            data.push(value.strip_prefix(' ').unwrap_or(value));
        } else if line == "data" {
            data.push("");
        }
    }
    records.into_iter().filter(|record| !record.trim().is_empty()).collect()
}
