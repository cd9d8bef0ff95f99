//! What the fleet's consensus service replies, `POST /api/consensus/query`.
//!
//! The service asks its models and returns the text of the heaviest one that answered, without comparing anything. When
//! none answered it says so with HTTP 200 and an `error`, which is a failure here.

use capibara6_protocol::{AppError, ErrorCode, ModelId, ServerVote};
use serde::{Deserialize, Serialize};

use crate::text::cut;

/// The longest detail that is kept of a failure.
const DETAIL: usize = 400;

/// What the service is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServerQuery {
    /// The question; the service knows no conversation.
    pub prompt: String,
    /// The only template without a text of its own around the question.
    pub template: &'static str,
    /// Who is asked. Fewer than two are replaced by the service's own choice, so that a plan has two at least.
    pub models: Vec<ModelId>,
}

impl ServerQuery {
    /// Asks these models a question.
    pub fn new(prompt: &str, models: Vec<ModelId>) -> Self {
        Self { prompt: prompt.to_owned(), template: "general", models }
    }
}

#[derive(Debug, Deserialize)]
struct Body {
    response: Option<String>,
    model_used: Option<ModelId>,
    successful_models: Option<u32>,
    total_weight: Option<f64>,
    selected_weight: Option<f64>,
    error: Option<String>,
    #[serde(default)]
    failed_models: Vec<FailedModel>,
}

#[derive(Debug, Deserialize)]
struct FailedModel {
    model_id: Option<String>,
    error: Option<String>,
}

/// Reads a reply: the vote and the text that was chosen.
///
/// # Errors
/// `bad-request` for 4xx, `overloaded` for 503, `server` for any other 5xx and for a reply that says `error`, whatever its
/// status; `malformed` for what is not such a reply. The detail is what the service says.
pub fn decode(status: u16, body: &[u8]) -> Result<(ServerVote, String), AppError> {
    let body: Option<Body> = serde_json::from_slice(body).ok();
    let refused = |code: ErrorCode, detail: Option<String>| {
        let error = AppError::new(code);
        Err(match detail {
            Some(detail) => error.with_detail(cut(&detail, DETAIL)),
            None => error,
        })
    };
    let said = body.as_ref().and_then(failure);
    match (status, body) {
        (200..=299, None) => refused(ErrorCode::Malformed, None),
        (200..=299, Some(_)) if said.is_some() => refused(ErrorCode::Server, said),
        (200..=299, Some(body)) => match (body.response, body.model_used) {
            (Some(text), Some(model)) if !text.trim().is_empty() => Ok((
                ServerVote {
                    model,
                    successful_models: body.successful_models.unwrap_or(1),
                    total_weight: body.total_weight.filter(|weight| weight.is_finite()),
                    selected_weight: body.selected_weight.filter(|weight| weight.is_finite()),
                },
                text,
            )),
            _ => refused(ErrorCode::Malformed, None),
        },
        (503, _) => refused(ErrorCode::Overloaded, said),
        (500..=599, _) => refused(ErrorCode::Server, said),
        (400..=499, _) => refused(ErrorCode::BadRequest, said),
        _ => refused(ErrorCode::Malformed, said),
    }
}

/// What went wrong, in the service's words: `error`, then each model with its own.
fn failure(body: &Body) -> Option<String> {
    let mut said = body.error.clone()?;
    for each in &body.failed_models {
        let (model, error) = (each.model_id.as_deref().unwrap_or("?"), each.error.as_deref().unwrap_or("?"));
        said.push_str(&format!("; {model}: {error}"));
    }
    Some(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_a_vote_and_a_text() {
        let body = br#"{"response":"4","model_used":"phi4","duration":0.9,"tokens_generated":1,"tokens_evaluated":9,
            "consensus":true,"consensus_method":"weighted","models_queried":2,"successful_models":2,"total_weight":1.3,
            "selected_weight":0.7}"#;
        let vote = ServerVote {
            model: "phi4".into(),
            successful_models: 2,
            total_weight: Some(1.3),
            selected_weight: Some(0.7),
        };
        assert_eq!(decode(200, body), Ok((vote, "4".to_owned())));
        let alone =
            br#"{"response":"4","model_used":"phi4","consensus":false,"models_queried":1,"successful_models":1}"#;
        let vote = ServerVote { model: "phi4".into(), successful_models: 1, total_weight: None, selected_weight: None };
        assert_eq!(decode(200, alone), Ok((vote, "4".to_owned())));
    }

    #[test]
    fn what_is_no_answer_is_a_failure() {
        let none =
            br#"{"error":"Todos los modelos fallaron","failed_models":[{"model_id":"phi4","error":"Error HTTP 404",
            "success":false},{"error":"Timeout"}],"consensus":false}"#;
        let says = "Todos los modelos fallaron; phi4: Error HTTP 404; ?: Timeout";
        for (status, body, expected) in [
            (200, &none[..], AppError::new(ErrorCode::Server).with_detail(says)),
            (200, b"<html>", ErrorCode::Malformed.into()),
            (200, b"{}", ErrorCode::Malformed.into()),
            (200, br#"{"response":" ","model_used":"phi4"}"#, ErrorCode::Malformed.into()),
            (200, br#"{"response":"4"}"#, ErrorCode::Malformed.into()),
            (
                400,
                br#"{"error":"Prompt requerido"}"#,
                AppError::new(ErrorCode::BadRequest).with_detail("Prompt requerido"),
            ),
            (404, b"nothing here", ErrorCode::BadRequest.into()),
            (500, br#"{"error":"boom"}"#, AppError::new(ErrorCode::Server).with_detail("boom")),
            (503, b"", ErrorCode::Overloaded.into()),
            (302, b"", ErrorCode::Malformed.into()),
        ] {
            assert_eq!(decode(status, body), Err(expected), "{status}");
        }
    }

    #[test]
    fn a_query_keeps_its_wire_form() {
        let query = ServerQuery::new("2+2?", vec!["phi4".into(), "mixtral".into()]);
        let expected = serde_json::json!({"prompt": "2+2?", "template": "general", "models": ["phi4", "mixtral"]});
        assert_eq!(serde_json::to_value(query).expect("JSON"), expected);
    }
}
