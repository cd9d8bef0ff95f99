//! Answers that no model gave: canned and simulated text with status 200.
//!
//! Several of the platform's servers answer like this when the model behind them is down. Such text must never be
//! shown as a model's, and a model that merely talks about such a text must never be accused of it. Hence two rules:
//!
//! 1. **Metadata first.** A response header (`x-rag-mode`, `x-mcp-mode`) or a field of the answer (`status`,
//!    `fallback`, `fallback_mode`, `routing_info.fallback`, a model named `… (fallback)` or `simulated-…`) decides
//!    alone, whoever sent it.
//! 2. **Text only where the metadata is not that of a model server.** A record with the OpenAI envelope (an `id` and an
//!    `object`) or Ollama's (`created_at`) comes from a server that reports errors as errors; its text is never judged.
//!    Elsewhere (`{response}`, `{content,done}`, `{type,…}`, bare `choices`, plain text) the known texts count, and only
//!    at the very beginning of the answer, in exactly their spelling. The price: an answer of such a server that really
//!    begins with `Error:` is reported as simulated, with its text in the details; nothing is lost.
//!
//! Text is held back while it could still become one of the known texts, so that no half of one is ever shown.

use serde_json::Value;

use super::wire::Record;

/// How the known texts begin.
const CANNED: &[&str] = &["Simulación de respuesta para", "Error:", "Error al ", "¡Hola! Soy Capibara6 en modo demo"];

/// What the beginning of an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// One of the known texts.
    Canned,
    /// Too short to tell.
    Open,
    /// Something else.
    Clean,
}

/// Judges the beginning of an answer.
pub(super) fn judge(text: &str) -> Verdict {
    let text = text.trim_start();
    if CANNED.iter().any(|canned| text.starts_with(canned)) {
        Verdict::Canned
    } else if CANNED.iter().any(|canned| canned.starts_with(text)) {
        Verdict::Open
    } else {
        Verdict::Clean
    }
}

/// Whether a record says of itself that no model gave it; then what gives it away.
pub(super) fn mark(record: &Record<'_>) -> Option<String> {
    let status = record.status.text().filter(|status| is_mark(status)).map(|status| format!("status: {status}"));
    let model = || {
        let name = record.model.text()?.trim_end();
        (name.ends_with("(fallback)") || name.starts_with("simulated")).then(|| format!("model: {name}"))
    };
    let flag = || {
        if record.fallback_mode.is_true() {
            Some("fallback_mode".to_owned())
        } else if record.fallback.is_true() {
            Some("fallback".to_owned())
        } else {
            None
        }
    };
    let routing = || {
        let routing = record.routing_info.as_ref()?;
        (routing.get("fallback") == Some(&Value::Bool(true))).then(|| format!("routing_info: {routing}"))
    };
    status.or_else(model).or_else(flag).or_else(routing)
}

/// Whether a value of `status`, `x-rag-mode` or `x-mcp-mode` means that no model answered.
pub(crate) fn is_mark(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    value.contains("simulated") || value.contains("fallback")
}

/// Whether a record's envelope is that of a server that reports errors as errors.
pub(super) fn is_model_server(record: &Record<'_>) -> bool {
    let openai = record.id.text().is_some_and(|id| !id.is_empty())
        && record.object.text().is_some_and(|object| object.contains("completion"));
    let ollama = record.created_at.text().is_some() && record.done.is_bool();
    openai || ollama
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_texts_are_known_only_at_the_beginning_and_in_their_spelling() {
        for (text, verdict) in [
            ("Simulación de respuesta para: 'hola'", Verdict::Canned),
            ("\n Error: No se pudo conectar con vLLM", Verdict::Canned),
            ("Error al procesar", Verdict::Canned),
            ("¡Hola! Soy Capibara6 en modo demo.", Verdict::Canned),
            ("", Verdict::Open),
            ("  \n", Verdict::Open),
            ("Simul", Verdict::Open),
            ("Error", Verdict::Open),
            ("Error al", Verdict::Open),
            ("¡Hola! ", Verdict::Open),
            ("¡Hola! Soy Capibara6, dime", Verdict::Clean),
            ("Errores comunes: …", Verdict::Clean),
            ("Error alto", Verdict::Clean),
            ("error: expected `;`", Verdict::Clean),
            ("El texto «Simulación de respuesta para» significa…", Verdict::Clean),
            ("Una simulación", Verdict::Clean),
        ] {
            assert_eq!(judge(text), verdict, "{text:?}");
        }
    }

    #[test]
    fn marks_are_read_from_any_field() {
        for (record, marked) in [
            (r#"{"status":"simulated_response_due_to_timeout"}"#, true),
            (r#"{"status":"fallback_classification"}"#, true),
            (r#"{"fallback_mode":true}"#, true),
            (r#"{"fallback":true}"#, true),
            (r#"{"routing_info":{"fallback":true,"original_model":"m"}}"#, true),
            (r#"{"model":"phi3:mini (fallback)"}"#, true),
            (r#"{"model":"simulated-embedding-model"}"#, true),
            (r#"{"status":"loaded","fallback":false,"routing_info":{"fallback":false},"model":"phi4:mini"}"#, false),
            (r#"{"status":200,"fallback":"true","routing_info":null,"model":null}"#, false),
        ] {
            assert_eq!(mark(&Record::parse(record.as_bytes()).unwrap()).is_some(), marked, "{record}");
        }
    }
}
