//! Every producer that the platform is known to have, with the exact events expected of it.

use capibara6_llm::{
    ChatEvent,
    decode::{End, Unframed},
};
use capibara6_protocol::{ErrorCode, FinishReason};

use super::decoding::{Decoded, content, reasoning, replace, run, steady, usage};

const STOP: ChatEvent = ChatEvent::Finish(FinishReason::Stop);

fn answered(events: impl IntoIterator<Item = ChatEvent>) -> Decoded {
    Decoded { events: events.into_iter().collect(), end: Ok(End::Answered) }
}

fn empty() -> Decoded {
    Decoded { events: Vec::new(), end: Ok(End::Empty) }
}

fn failed(events: impl IntoIterator<Item = ChatEvent>, code: ErrorCode) -> Decoded {
    Decoded { events: events.into_iter().collect(), end: Err(code) }
}

/// Events, one per record.
fn events(records: &[&str]) -> Vec<u8> {
    records.iter().map(|record| format!("data: {record}\n\n")).collect::<String>().into_bytes()
}

/// Lines, one per record.
fn lines(records: &[&str]) -> Vec<u8> {
    records.iter().map(|record| format!("{record}\n")).collect::<String>().into_bytes()
}

#[test]
fn openai_chunks() {
    let stream = events(&[
        r#"{"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}"#,
        r#"{"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"reasoning_content":"Let me"},"finish_reason":null}]}"#,
        r#"{"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"reasoning":" see"},"finish_reason":null}]}"#,
        r#"{"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}]}"#,
        r#"{"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":null,"tool_calls":[{"index":0}]}}]}"#,
        r#"{"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"!"},"finish_reason":"stop"}]}"#,
        r#"{"id":"c","object":"chat.completion.chunk","choices":[],"usage":{"prompt_tokens":3,"total_tokens":5,"completion_tokens":2}}"#,
        "[DONE]",
        r#"{"choices":[{"delta":{"content":"after the end"}}]}"#,
        "[DONE]",
    ]);
    assert_eq!(steady(&stream), answered([reasoning("Let me see"), content("Hi!"), STOP, usage(3, 2)]));
}

#[test]
fn the_end_mark_may_be_missing_where_the_reason_is_not() {
    let piece = r#"{"choices":[{"delta":{"content":"Hi"}}]}"#;
    let last = r#"{"choices":[{"delta":{},"finish_reason":"length"}]}"#;
    let length = ChatEvent::Finish(FinishReason::Length);
    assert_eq!(steady(&events(&[piece, last])), answered([content("Hi"), length]));
    assert_eq!(steady(&events(&[piece])), failed([content("Hi")], ErrorCode::Truncated));
    assert_eq!(steady(&events(&[piece, "[DONE]"])), answered([content("Hi")]));
}

#[test]
fn an_answer_of_nothing_is_an_answer_where_a_model_says_why_it_stopped() {
    assert_eq!(
        steady(&events(&[r#"{"choices":[{"delta":{"content":""},"finish_reason":"stop"}]}"#, "[DONE]"])),
        answered([STOP])
    );
    assert_eq!(steady(&events(&["[DONE]"])), empty());
    assert_eq!(steady(&events(&[r#"{"type":"start"}"#, r#"{"type":"complete"}"#])), empty());
    assert_eq!(steady(b""), empty());
    assert_eq!(steady(b": ping\n\n: ping\n\n"), empty());
    assert_eq!(steady(b"{}"), empty());
}

#[test]
fn tool_calls_are_an_answer_without_words() {
    let stream = events(&[
        r#"{"choices":[{"delta":{"content":null,"tool_calls":[{"index":0,"function":{"name":"f"}}]}}]}"#,
        r#"{"choices":[{"delta":{},"finish_reason":"tool_calls"}]}"#,
        "[DONE]",
    ]);
    assert_eq!(steady(&stream), answered([ChatEvent::Finish(FinishReason::ToolCalls)]));
}

#[test]
fn the_main_backend() {
    let stream = events(&[
        r#"{"content": "Hel", "done": false}"#,
        r#"{"content": "lo", "done": false}"#,
        r#"{"content": "", "done": true, "full_response": "Hello"}"#,
    ]);
    assert_eq!(steady(&stream), answered([content("Hello")]));
    let differs =
        events(&[r#"{"content":"Hel","done":false}"#, r#"{"content":"","done":true,"full_response":"Hello"}"#]);
    assert_eq!(steady(&differs), answered([content("Hel"), replace("Hello")]));
    let fails = events(&[r#"{"content":"Hel","done":false}"#, r#"{"error":"vLLM","done":true}"#]);
    assert_eq!(steady(&fails), failed([content("Hel")], ErrorCode::Server));
    let cut = events(&[r#"{"content":"Hel","done":false}"#]);
    assert_eq!(steady(&cut), failed([content("Hel")], ErrorCode::Truncated));
}

#[test]
fn the_web_functions() {
    let stream = events(&[
        r#"{"type":"start"}"#,
        r#"{"type":"content","content":"Hola "}"#,
        r#"{"type":"execute","content":"alert(1)"}"#,
        r#"{"type":"content","content":"a todos"}"#,
        r#"{"type":"done","finish_reason":"stop"}"#,
        r#"{"type":"complete"}"#,
    ]);
    assert_eq!(steady(&stream), answered([content("Hola a todos"), STOP]));
    let bare = events(&[r#"{"type":"content","content":"Hola"}"#, r#"{"type":"done"}"#]);
    assert_eq!(steady(&bare), answered([content("Hola")]));
    let fails =
        events(&[r#"{"type":"content","content":"Ho"}"#, r#"{"type":"error","error":"rate limit","message":"x"}"#]);
    assert_eq!(steady(&fails), failed([content("Ho")], ErrorCode::Server));
    assert_eq!(steady(&events(&[r#"{"type":"error","message":"down"}"#])), failed([], ErrorCode::Server));
    assert_eq!(steady(&events(&[r#"{"error":"down"}"#])), failed([], ErrorCode::Server));
}

#[test]
fn ollama() {
    let generate = lines(&[
        r#"{"model":"m","created_at":"t","response":"","thinking":"hm","done":false}"#,
        r#"{"model":"m","created_at":"t","response":"ha","done":false}"#,
        r#"{"model":"m","created_at":"t","response":"ha","done":false}"#,
        r#"{"model":"m","created_at":"t","response":"","done":true,"done_reason":"stop","prompt_eval_count":4,"eval_count":9}"#,
    ]);
    assert_eq!(steady(&generate), answered([reasoning("hm"), content("haha"), STOP, usage(4, 9)]));
    let chat = lines(&[
        r#"{"model":"m","created_at":"t","message":{"role":"assistant","content":"","thinking":"hm"},"done":false}"#,
        r#"{"model":"m","created_at":"t","message":{"role":"assistant","content":"Error: one"},"done":false}"#,
        r#"{"model":"m","created_at":"t","message":{"role":"assistant","content":""},"done_reason":"length","done":true}"#,
    ]);
    let length = ChatEvent::Finish(FinishReason::Length);
    assert_eq!(steady(&chat), answered([reasoning("hm"), content("Error: one"), length]));
    assert_eq!(steady(&chat[..chat.len() / 2]).end, Err(ErrorCode::Truncated));
    let missing = lines(&[r#"{"error":"model 'x' not found"}"#]);
    assert_eq!(steady(&missing), failed([], ErrorCode::ModelNotFound));
}

#[test]
fn the_imitation_of_ollama_sends_the_text_so_far() {
    let stream = events(&[
        r#"{"model":"m","created_at":"t","response":"Uno","done":false}"#,
        r#"{"model":"m","created_at":"t","response":"Uno dos","done":false}"#,
        r#"{"model":"m","created_at":"t","response":"Uno dos tres","done":true}"#,
    ]);
    assert_eq!(steady(&stream), answered([content("Uno dos tres")]));
}

#[test]
fn completions() {
    let vllm = events(&[
        r#"{"id":"cmpl-1","object":"text_completion","choices":[{"index":0,"text":"ha"}]}"#,
        r#"{"id":"cmpl-1","object":"text_completion","choices":[{"index":0,"text":"ha"}]}"#,
        r#"{"id":"cmpl-1","object":"text_completion","choices":[{"index":0,"text":"ha!","finish_reason":"stop"}]}"#,
        "[DONE]",
    ]);
    assert_eq!(steady(&vllm), answered([content("hahaha!"), STOP]));
    let platform = events(&[
        r#"{"id":"c","object":"text_completion.chunk","choices":[{"index":0,"text":"ha"}]}"#,
        r#"{"id":"c","object":"text_completion.chunk","choices":[{"index":0,"text":"haha"}]}"#,
        r#"{"id":"c","object":"text_completion.chunk","choices":[{"index":0,"text":"hahaha!","finish_reason":"stop"}]}"#,
        "[DONE]",
    ]);
    assert_eq!(steady(&platform), answered([content("hahaha!"), STOP]));
    let unknown = events(&[
        r#"{"choices":[{"text":"ha"}]}"#,
        r#"{"choices":[{"text":"ha"}]}"#,
        r#"{"choices":[{"text":" no"}]}"#,
        "[DONE]",
    ]);
    assert_eq!(steady(&unknown), answered([content("ha"), replace("haha no")]));
}

#[test]
fn bare_text() {
    assert_eq!(
        steady("¡Hola, año \u{1F9AB}!\nAdiós.".as_bytes()),
        answered([content("¡Hola, año \u{1F9AB}!\nAdiós.")])
    );
    assert_eq!(steady(b"a\xE2\x82"), answered([content("a\u{FFFD}")]));
    assert_eq!(steady(b"[1] a source"), answered([content("[1] a source")]));
    assert_eq!(steady(b":)\nhello"), answered([content(":)\nhello")]));
    assert_eq!(steady(b"dat"), answered([content("dat")]));
    assert_eq!(steady(b"  <!DocType html><p>Log in</p>"), failed([], ErrorCode::Malformed));
    assert_eq!(steady(b"<html>"), failed([], ErrorCode::Malformed));
    assert_eq!(steady(b"<"), answered([content("<")]));
    let (shown, end) = run(Unframed::Refuse, [&b"hello"[..]]);
    assert_eq!((shown, end.unwrap_err().code), (Vec::new(), ErrorCode::Malformed));
}

#[test]
fn a_whole_answer_instead_of_a_stream() {
    for (body, expected) in [
        (
            r#"{"id":"c","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"Hola","reasoning_content":"hm"},
                "finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2}}"#,
            answered([reasoning("hm"), content("Hola"), STOP, usage(1, 2)]),
        ),
        (
            r#"{"choices":[{"message":{"content":[{"type":"text","text":"Ho"},{"type":"text","text":"la"}]}}]}"#,
            answered([content("Hola")]),
        ),
        (
            r#"{"id":"c","object":"text_completion","choices":[{"text":"Hola","finish_reason":"length"}]}"#,
            answered([content("Hola"), ChatEvent::Finish(FinishReason::Length)]),
        ),
        (r#"{"response":"Hola","model":"gpt-oss-20b","timestamp":"t"}"#, answered([content("Hola")])),
        (
            r#"{"response":"Hola","model":"m","tokens":{"total_tokens":3},"routing_info":null,"latency_ms":5}"#,
            answered([content("Hola")]),
        ),
        (r#"{"success":true,"response":"Hola","model_used":"m","token_count":2}"#, answered([content("Hola")])),
        (r#"{"content":"Hola","provider":"x"}"#, answered([content("Hola")])),
        (r#"{"message":{"role":"assistant","content":"Hola"},"model":"m"}"#, answered([content("Hola")])),
        (r#"{"success":false,"error":"broken","model_used":"m"}"#, failed([], ErrorCode::Server)),
        (r#"{"success":false,"message":"broken"}"#, failed([], ErrorCode::Server)),
        (r#"{"detail":"Server RAM usage too high: 93%, rejecting request"}"#, failed([], ErrorCode::Overloaded)),
        (
            r#"{"object":"error","message":"The model `x` does not exist.","type":"NotFoundError","code":404}"#,
            failed([], ErrorCode::ModelNotFound),
        ),
        (r#"{"model":"m","provider":"gateway","tokens":null}"#, empty()),
        (r#"{"choices":[{"message":{"content":"Hol"#, failed([], ErrorCode::Truncated)),
        (r#"{"choices":nonsense}"#, failed([], ErrorCode::Malformed)),
    ] {
        assert_eq!(steady(body.as_bytes()), expected, "{body}");
        let labelled = format!("\u{FEFF}\r\n {body}\n");
        assert_eq!(steady(labelled.as_bytes()), expected, "{labelled}");
    }
}

#[test]
fn error_objects_inside_a_stream_keep_the_text_before_them() {
    let begun = r#"{"id":"c","object":"chat.completion.chunk","choices":[{"delta":{"content":"Hi"}}]}"#;
    for (error, code) in [
        (r#"{"error":{"message":"EngineDeadError","type":"InternalServerError","code":500}}"#, ErrorCode::Server),
        (
            r#"{"error":{"message":"This model's maximum context length is 512 tokens","type":"BadRequestError","code":400}}"#,
            ErrorCode::ContextTooLong,
        ),
        (r#"{"error":{"message":"x","type":"BadRequestError","code":400}}"#, ErrorCode::BadRequest),
        (r#"{"error":{"message":"slow down","code":"429"}}"#, ErrorCode::RateLimited),
        (r#"{"error":"Unauthorized","code":401}"#, ErrorCode::Unauthorised),
        (r#"{"error":{"message":"busy","code":503}}"#, ErrorCode::Overloaded),
    ] {
        assert_eq!(steady(&events(&[begun, error, "[DONE]"])), failed([content("Hi")], code), "{error}");
    }
    for harmless in
        [r#"{"error":null,"choices":[]}"#, r#"{"error":"","choices":[]}"#, r#"{"error":false,"choices":[]}"#]
    {
        assert_eq!(steady(&events(&[begun, harmless, "[DONE]"])), answered([content("Hi")]), "{harmless}");
    }
}

#[test]
fn simulated_answers_are_never_a_models_words() {
    for body in [
        r#"{"choices":[{"message":{"role":"assistant","content":"Simulación de respuesta para: 'hola'"}}],"model":"m","status":"simulated_response_due_to_timeout"}"#,
        r#"{"choices":[{"message":{"role":"assistant","content":"anything"}}],"model":"m","status":"simulated_response_due_to_connection_error"}"#,
        r#"{"choices":[{"message":{"content":"Simulación de respuesta para: 'hola'"}}]}"#,
        r#"{"response":"hi","model":"phi3:mini (fallback)","routing_info":{"fallback":true,"original_model":"m"},"tokens":null}"#,
        r#"{"response":"hi","routing_info":{"fallback":true}}"#,
        r#"{"response":"hi","fallback":true}"#,
        r#"{"status":"simulated","fallback_mode":true}"#,
        r#"{"response":"Error: No se pudo conectar con vLLM","timestamp":"t","model":"gpt-oss-20b"}"#,
        r#"{"response":"\n¡Hola! Soy Capibara6 en modo demo. ¿Qué tal?"}"#,
        "Error: boom",
        "Error al conectar",
    ] {
        assert_eq!(steady(body.as_bytes()), failed([], ErrorCode::Simulated), "{body}");
    }
    let pieces = events(&[
        r#"{"type":"content","content":"Simul"}"#,
        r#"{"type":"content","content":"ación de"}"#,
        r#"{"type":"content","content":" respuesta para ti"}"#,
        r#"{"type":"done"}"#,
    ]);
    assert_eq!(steady(&pieces), failed([], ErrorCode::Simulated));
    // The envelope of a model server does not make a model's words of it.
    let chunk = |text: &str| {
        format!(
            r#"{{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{{"index":0,"delta":{{"content":"{text}"}},"finish_reason":null}}]}}"#
        )
    };
    let enveloped = [chunk("Simulación de "), chunk("respuesta para m: hola"), "[DONE]".to_owned()];
    assert_eq!(steady(&events(&enveloped.each_ref().map(String::as_str))), failed([], ErrorCode::Simulated));
    let replaced = events(&[r#"{"content":"","done":true,"full_response":"Error: todo"}"#]);
    assert_eq!(steady(&replaced), failed([], ErrorCode::Simulated));
}

#[test]
fn a_model_may_talk_about_simulated_answers() {
    let said = "«Simulación de respuesta para»: así empieza un texto simulado.";
    for (body, expected) in [
        (
            format!(r#"{{"id":"chatcmpl-1","object":"chat.completion","choices":[{{"message":{{"content":"{said}"}},"finish_reason":"stop"}}]}}"#),
            answered([content(said), STOP]),
        ),
        (
            "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"delta\":{\"content\":\"Error: x\"}}]}\n\ndata: [DONE]\n\n".into(),
            answered([content("Error: x")]),
        ),
        (r#"{"response":"El prefijo «Error: » significa que falló."}"#.into(), answered([content("El prefijo «Error: » significa que falló.")])),
        (r#"{"response":"Simul"}"#.into(), answered([content("Simul")])),
    ] {
        assert_eq!(steady(body.as_bytes()), expected, "{body}");
    }
}
