//! Whole answers: statuses, redirects, and the simulated or canned ones that some back ends give with status 200.
//!
//! The named functions build the payloads that a client must not take for a model's words (simulations, fallbacks,
//! errors inside the text) and the error bodies of the known back ends, each as those services write them.

use serde_json::{Value, json};

/// A whole HTTP answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canned {
    /// The status code.
    pub status: u16,
    /// Headers beside date, server, length and connection.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// The answer never comes; the connection stays open.
    pub hangs: bool,
}

impl Canned {
    /// This status with an empty body. `Canned::status(503)`
    pub fn status(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new(), hangs: false }
    }

    /// 200 with JSON. `Canned::json(&json!({ "object": "list" }))`
    pub fn json(body: &Value) -> Self {
        Self::status(200).with_json(body)
    }

    /// 200 with text of a content type. `Canned::text("text/html", "<p>Sign in")`
    pub fn text(content_type: &str, body: &str) -> Self {
        Self::status(200).header("content-type", content_type).with_body(body)
    }

    /// A redirect that keeps the method. `Canned::redirect("http://127.0.0.1:9/v1/models")`
    pub fn redirect(location: &str) -> Self {
        Self::status(307).header("location", location)
    }

    /// No answer at all, on a connection that stays open. `Canned::silence()`
    pub fn silence() -> Self {
        Self { hangs: true, ..Self::status(200) }
    }

    /// The same with a header. `.header("retry-after", "2")`
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same with these bytes as body. `.with_body("{")`
    #[must_use]
    pub fn with_body(mut self, body: impl AsRef<[u8]>) -> Self {
        self.body = body.as_ref().to_vec();
        self
    }

    /// The same with JSON as body. `.with_json(&json!({}))`
    #[must_use]
    pub fn with_json(self, body: &Value) -> Self {
        self.header("content-type", "application/json").with_body(body.to_string())
    }
}

/// An error as vLLM gives it. `canned::vllm_error(404, "NotFoundError", "The model `x` does not exist.")`
pub fn vllm_error(status: u16, kind: &str, message: &str) -> Canned {
    let error = json!({ "message": message, "type": kind, "param": null, "code": status });
    Canned::status(status).with_json(&json!({ "error": error }))
}

/// vLLM's 401, whose error is a string.
pub fn vllm_unauthorised() -> Canned {
    Canned::status(401).with_json(&json!({ "error": "Unauthorized" }))
}

/// vLLM's 400 for messages that do not fit. `canned::vllm_context_too_long(512)`
pub fn vllm_context_too_long(context: u32) -> Canned {
    let message = format!(
        "This model's maximum context length is {context} tokens. However, your prompt contains 7235 characters (more \
         than 6656 characters, which is the upper bound for {context} input tokens). Please reduce the length of the \
         input prompt. (parameter=input_text, value=7235)"
    );
    vllm_error(400, "BadRequestError", &message)
}

/// The gateway's 429 with both the header and the words. `canned::gateway_rate_limited(41)`
pub fn gateway_rate_limited(seconds: u32) -> Canned {
    let detail = format!("Rate limit exceeded. Try again in {seconds} seconds");
    Canned::status(429).header("retry-after", &seconds.to_string()).with_json(&json!({ "detail": detail }))
}

/// The gateway's 503 while its circuit is open.
pub fn gateway_unavailable() -> Canned {
    Canned::status(503).with_json(&json!({ "detail": "Service vllm temporarily unavailable" }))
}

/// A validation error of FastAPI, whose detail is a list.
pub fn fastapi_validation() -> Canned {
    let detail = json!([{ "type": "string_too_short", "loc": ["body", "message"], "msg": "String should have at least 1 character" }]);
    Canned::status(422).with_json(&json!({ "detail": detail }))
}

/// The integrated server with its models unreachable: invented text, said to be so only in `status`.
/// `canned::integrated_simulation("hi")`
pub fn integrated_simulation(prompt: &str) -> Canned {
    let content = format!("Simulación de respuesta para: '{prompt}'. El modelo no está disponible en este momento.");
    Canned::json(&json!({
        "choices": [{ "message": { "role": "assistant", "content": content } }],
        "model": "aya_expanse_multilingual",
        "status": "simulated_response_due_to_connection_error",
        "info": "No connection to the models",
    }))
}

/// The gateway when another model than the one asked for answered.
pub fn gateway_fallback() -> Canned {
    Canned::json(&json!({
        "response": "Hello from the fallback.",
        "model": "phi3:mini (fallback)",
        "routing_info": { "fallback": true, "original_model": "gpt-oss-20b" },
        "tokens": null,
        "latency_ms": 48_211,
    }))
}

/// The gateway in front of a service that is down.
pub fn gateway_simulated_service() -> Canned {
    Canned::json(&json!({
        "status": "simulated", "service": "mcp", "path": "health",
        "timestamp": "2025-11-20T10:00:00", "fallback_mode": true,
    }))
    .header("x-mcp-mode", "simulated")
}

/// The Gen A back end with its model down: the error is the text.
pub fn backend_error_as_text() -> Canned {
    Canned::json(&json!({
        "response": "Error: No se pudo conectar con vLLM en http://127.0.0.1:8000. Verifica que el servidor esté activo.",
        "timestamp": "2025-11-20T10:00:00.000000",
        "model": "gpt-oss-20b",
    }))
}

/// The Gen A back end as it answers when all is well. `canned::backend_answer("Hola")`
pub fn backend_answer(text: &str) -> Canned {
    Canned::json(&json!({
        "response": text, "timestamp": "2025-11-20T10:00:00.000000", "model": "gpt-oss-20b",
    }))
}
