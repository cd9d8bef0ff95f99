//! Answers that no model gave: canned and simulated text with status 200.
//!
//! Several of the platform's servers answer like this when the model behind them is down. Such text must never be
//! shown as a model's, and a model that merely talks about such a text must never be accused of it. Hence two rules:
//!
//! 1. **Metadata first.** A response header (`x-rag-mode`, `x-mcp-mode`) or a field of the answer (`status`,
//!    `fallback`, `fallback_mode`, `routing_info.fallback`, a model named `… (fallback)` or `simulated-…`) decides
//!    alone, whoever sent it.
//! 2. **Text by its sender.** A record with the OpenAI envelope (an `id` and an `object`) or Ollama's (`created_at`) comes
//!    from a server that reports errors as errors, and a model may well begin with `Error:`; there only the one text that
//!    calls itself a simulation counts. Elsewhere (`{response}`, `{content,done}`, `{type,…}`, bare `choices`, plain text)
//!    all known texts do. Either way only at the very beginning of the answer, in exactly their spelling. The price: an
//!    answer that really begins with one of them is reported as simulated, with its text in the details; nothing is lost.
//!
//! Text is held back while it could still become one of the known texts, so that no half of one is ever shown.

use serde_json::Value;

use super::wire::Record;

/// How the text begins that says of itself that it is none of a model.
const SIMULATION: &str = "Simulación de respuesta para";

/// How the known texts begin.
const CANNED: &[&str] = &[SIMULATION, "Error:", "Error al ", "¡Hola! Soy Capibara6 en modo demo"];

/// Who sends an answer, as far as its envelope tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Sender {
    /// Whoever it may be.
    #[default]
    Unknown,
    /// A server that reports errors as errors.
    ModelServer,
}

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
pub(super) fn judge(text: &str, sender: Sender) -> Verdict {
    let (text, known) = match sender {
        Sender::Unknown => (text.trim_start(), CANNED),
        // White space is not waited for: it is a token of a model's, and shown as soon as it comes.
        Sender::ModelServer => (text, &[SIMULATION][..]),
    };
    if known.iter().any(|canned| text.starts_with(canned)) {
        Verdict::Canned
    } else if known.iter().any(|canned| canned.starts_with(text)) {
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
            assert_eq!(judge(text, Sender::Unknown), verdict, "{text:?}");
        }
        for (text, verdict) in [
            ("Simulación de respuesta para phi4:mini: hola", Verdict::Canned),
            ("Simul", Verdict::Open),
            ("Si ", Verdict::Clean),
            ("\n", Verdict::Clean),
            ("Error: expected `;`", Verdict::Clean),
            ("¡Hola! ", Verdict::Clean),
        ] {
            assert_eq!(judge(text, Sender::ModelServer), verdict, "{text:?}");
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
