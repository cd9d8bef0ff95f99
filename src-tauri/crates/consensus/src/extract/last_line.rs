//! The line that members are asked to close with: what they are told, and what one that keeps to it says there. A member's own
//! line is read as its answer whatever stands before it; one that gives no such line is read as ever.

use super::language::Language;

/// How the line begins, in every language that members are told it in; compared without regard to case.
const BEGINNINGS: [&str; 2] = ["final answer", "respuesta final"];

/// What a member is told, in the language of the question.
pub(super) fn request(language: &Language) -> &'static str {
    match language.tag {
        "es" => {
            "Responde como quieras y termina con una última línea que contenga solo la respuesta, sin explicaciones, así:\n\
             Respuesta final: <respuesta>"
        }
        _ => {
            "Answer as you like, and close with a last line that holds the answer alone, without explanations, like this:\n\
             Final answer: <answer>"
        }
    }
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
}
