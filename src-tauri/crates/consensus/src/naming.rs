//! Asking a member for its answer in a line of its own, after it has answered without one.
//!
//! A second short request takes the answer out of the reasoning (two-stage extraction: zero-shot chain of thought, Kojima et
//! al., arXiv 2205.11916): the question, what the member itself wrote, and the wish for its answer alone, in a form that the
//! server enforces. The member names what it has said; it is not asked the question again, and nobody else's answer is in it.

use capibara6_protocol::{AskedForLine, ModelId, Slot};

use crate::extract;
use crate::judge::{length_limit, units};
use crate::text::{cut, cut_middle};

/// What a member is asked for its line with. At temperature 0, without thinking aloud.
#[derive(Debug, Clone, PartialEq)]
pub struct LineAsk {
    /// Who is asked: whoever wrote the answer.
    pub model: ModelId,
    /// The user message before the answer: the question, its beginning where it is too long.
    pub question: String,
    /// The assistant message: what the member answered, without thinking. Where it is too long its middle is left out, and that
    /// is said.
    pub answer: String,
    /// The user message after it.
    pub prompt: &'static str,
    /// The JSON schema that the reply must keep, for the server's structured outputs.
    pub schema: serde_json::Value,
}

impl LineAsk {
    /// The request to the member in this slot, and what is kept of it on record. `answer` is without thinking, `context` the
    /// member's in tokens, where it is known.
    pub(crate) fn new(
        slot: Slot,
        model: &ModelId,
        question: &str,
        answer: &str,
        context: Option<u32>,
    ) -> (Self, AskedForLine) {
        // The question and the answer are what has to find room.
        let limit = length_limit(context, 1);
        let answer = answer.trim();
        let (shortened, left_out) = cut_middle(answer, limit);
        let (prompt, schema) = (extract::line_prompt(question), extract::line_schema());
        let of = units(answer);
        let asked = AskedForLine {
            slot,
            prompt: prompt.to_owned(),
            schema: schema.to_string(),
            shown: of.saturating_sub(left_out.map_or(0, units)),
            of,
        };
        let question = cut(question.trim(), limit);
        (Self { model: model.clone(), question, answer: shortened, prompt, schema }, asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUESTION: &str = "How much is 6 times 7?";

    #[test]
    fn a_member_is_shown_its_own_answer_and_asked_for_the_answer_alone() {
        let (ask, asked) = LineAsk::new(Slot(2), &"phi4:mini".into(), QUESTION, "Well, it is 42.\n", None);
        let expected = LineAsk {
            model: "phi4:mini".into(),
            question: QUESTION.into(),
            answer: "Well, it is 42.".into(),
            prompt: extract::line_prompt(QUESTION),
            schema: extract::line_schema(),
        };
        assert_eq!(ask, expected);
        let (prompt, schema) = (extract::line_prompt(QUESTION).into(), extract::line_schema().to_string());
        assert_eq!(asked, AskedForLine { slot: Slot(2), prompt, schema, shown: 15, of: 15 });
    }

    #[test]
    fn a_long_answer_keeps_both_ends_within_the_context() {
        let long = format!("It begins. {}It ends with 42.", "¡Más! ".repeat(3_000));
        for (context, most) in [(None, 6_000), (Some(2_048), 400), (Some(4_096), 3_072), (Some(100_000), 6_000)] {
            let (ask, asked) = LineAsk::new(Slot(0), &"m".into(), &long, &long, context);
            assert!(ask.answer.starts_with("It begins.") && ask.answer.ends_with("It ends with 42."), "{context:?}");
            assert!(ask.answer.contains("[the middle is left out]"), "{context:?}");
            assert!(ask.question.starts_with("It begins.") && ask.question.ends_with('…'), "{context:?}");
            assert!(ask.question.chars().count() <= most, "{context:?}");
            assert_eq!((asked.shown, asked.of), (most as u32, long.chars().count() as u32), "{context:?}");
        }
    }
}
