//! The line that holds a member's answer alone. Members are told to close with it; who did not is asked for it afterwards, as
//! two-stage extraction does (zero-shot chain of thought, arXiv 2205.11916: a second prompt takes the answer out of the
//! reasoning). A member's own line is read as its answer whatever else it wrote; where there is none, its prose is read.

use serde::Deserialize;
use serde_json::{Value, json};

use super::language::Language;

/// How the line begins, in every language that members are told it in; compared without regard to case.
const BEGINNINGS: [&str; 2] = ["final answer", "respuesta final"];

/// The longest line that a member can give when it is asked for it, in characters.
const LONGEST: usize = 200;

/// What a member is told before it answers, in the language of the question.
pub(super) fn request(language: &Language) -> &'static str {
    match language.tag {
        "es" => {
            "Responde como quieras. Si la pregunta tiene una única respuesta concreta, termina con una última línea que la \
             contenga sola, sin explicaciones, así:\nRespuesta final: <respuesta>"
        }
        _ => {
            "Answer as you like. If the question has one definite answer, close with a last line that holds it alone, \
             without explanations, like this:\nFinal answer: <answer>"
        }
    }
}

/// What a member is told after it has answered without that line, in the language of the question.
pub(super) fn second_request(language: &Language) -> &'static str {
    match language.tag {
        "es" => {
            "Da ahora solo la respuesta que acabas de dar: un número con su unidad, un nombre, una fecha, la letra de una \
             opción, sí o no, una lista con comas, o el comando, sin frase alrededor. Déjala vacía si no diste ninguna \
             respuesta definida. Responde con un objeto JSON: {\"answer\": \"…\"}"
        }
        _ => {
            "Now give only the answer that you have just stated: a number with its unit, a name, a date, the letter of an \
             option, yes or no, a list with commas, or the command, without a sentence around it. Leave it empty if you gave \
             no definite answer. Reply with one JSON object: {\"answer\": \"…\"}"
        }
    }
}

/// The form of the reply to [`second_request`].
pub(super) fn schema() -> Value {
    json!({
        "type": "object",
        "properties": {"answer": {"type": "string", "maxLength": LONGEST}},
        "required": ["answer"],
        "additionalProperties": false,
    })
}

/// The line in a reply to [`second_request`]: empty where the member says that it gave no definite answer, nothing where the
/// reply has another form. A server that enforces no schema may reply in plain text, which counts while it is one short line.
pub(super) fn of_reply(reply: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Reply {
        answer: String,
    }
    let reply = reply.trim();
    if let (Some(start), Some(end)) = (reply.find('{'), reply.rfind('}'))
        && let Some(Ok(Reply { answer })) = reply.get(start..=end).map(serde_json::from_str)
    {
        return Some(answer.trim().chars().take(LONGEST).collect());
    }
    let plain = said(reply).unwrap_or(reply);
    let is_object = reply.starts_with('{') || reply.starts_with("```");
    (!is_object && !plain.contains('\n') && plain.chars().count() <= LONGEST).then(|| plain.to_owned())
}

/// What stands behind the beginning in the last line of an answer; nothing where the last line is another one.
pub(super) fn said(answer: &str) -> Option<&str> {
    let is_mark = |c: char| matches!(c, '*' | '_' | '#' | '>' | '-') || c.is_whitespace();
    let line = answer.trim_end().rsplit('\n').next()?.trim_start_matches(is_mark);
    let beginning = BEGINNINGS
        .iter()
        .find(|beginning| line.get(..beginning.len()).is_some_and(|start| start.eq_ignore_ascii_case(beginning)))?;
    // `**Final answer:** 42` and `**Final answer: 42**`
    let rest = line.get(beginning.len()..)?.trim_start_matches(['*', '_']).strip_prefix(':')?;
    let rest = rest.trim_matches(|c: char| matches!(c, '*' | '_') || c.is_whitespace());
    (!rest.is_empty()).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_found_however_it_is_set() {
        for (answer, expected) in [
            ("Because 6 × 7.\n\nFinal answer: 42", Some("42")),
            ("**Final answer:** 42\n", Some("42")),
            ("### **Respuesta final: 1.234,56 €**", Some("1.234,56 €")),
            ("> FINAL ANSWER: `ls -la`", Some("`ls -la`")),
            ("Final answer: 41\nNo, wait: 42.", None),
            ("The final answer: 42", None),
            ("Final answers: 42", None),
            ("Final answer:", None),
            ("", None),
            ("Respuesta finál: sí", None),
        ] {
            assert_eq!(said(answer), expected, "{answer}");
        }
    }

    #[test]
    fn a_reply_is_an_object_or_one_short_line() {
        for (reply, expected) in [
            (r#"{"answer": "42 km"}"#, Some("42 km")),
            ("```json\n{\"answer\": \" B \"}\n```", Some("B")),
            (r#"{"answer": ""}"#, Some("")),
            ("42 km", Some("42 km")),
            ("Final answer: 42 km", Some("42 km")),
            ("`ls -la`", Some("`ls -la`")),
            ("Final answer: {1, 2}", Some("{1, 2}")),
            ("", Some("")),
            (r#"{"answer": "42"#, None),
            (r#"{"answer": 42}"#, None),
            ("It is\n42", None),
        ] {
            assert_eq!(of_reply(reply).as_deref(), expected, "{reply}");
        }
        assert_eq!(of_reply(&"long ".repeat(60)), None);
    }
}
