//! The line that holds a member's answer alone. Members are told to close with it; who did not is asked for it afterwards, as
//! two-stage extraction does (zero-shot chain of thought, arXiv 2205.11916: a second prompt takes the answer out of the
//! reasoning). A member's own line is read as its answer whatever else it wrote; where there is none, its prose is read.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::json;

use super::canonical::{Item, Moment, Quantity, Value};
use super::discourse::Discourse;
use super::language::{Cue, Language};
use super::number::Read;
use super::question::{Asked, Precision, Question};
use super::token::{Token, fold, tokens, words};
use super::{Extraction, choice, code, fact, list, moment, number, prose, refusal, yes_no};

/// How the line begins, in every language that members are told it in; compared without regard to case.
const BEGINNINGS: [&str; 2] = ["final answer", "respuesta final"];

/// The longest line that a member can give when it is asked for it, in characters.
const LONGEST: usize = 200;

/// What stands behind a quantity and has more words is more than what was measured.
const LONGEST_ASIDE: usize = 4;

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
pub(super) fn schema() -> serde_json::Value {
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

/// What a line comes to that holds no answer: "I don't know", "It depends", "N/A". Nothing where it holds one.
pub(super) fn declined(line: &str, language: &'static Language) -> Option<Extraction> {
    const NOTHING: [&str; 6] =
        ["n a", "not applicable", "no definite answer", "no aplica", "sin respuesta", "ninguna respuesta definida"];
    let reading = prose::read(bare(line), language);
    let discourse = Discourse::new(&reading.sentences, language);
    if refusal::declines(&discourse) {
        return Some(Extraction::Refusal);
    }
    let is_nothing = NOTHING.contains(&words(line).join(" ").as_str());
    (is_nothing || discourse.has(Cue::Depends) || discourse.leaves_open()).then_some(Extraction::Open)
}

/// Reads a line that holds an answer alone: as what the question asks for, else as what it looks like. Members mistake the form
/// less often than rules mistake a question: a "no" is a no whatever was taken to be asked.
pub(super) fn read(question: &Question, line: &str, language: &'static Language, decimal: char) -> Option<Value> {
    let line = bare(line);
    if line.is_empty() {
        return None;
    }
    if let Some(options) = options(question, line, language) {
        return Some(options);
    }
    if question.asked == Asked::CodeToWrite {
        return Some(Value::Code(code::canonical(code_in(line, language), "")));
    }
    let reading = prose::read(line, language);
    let discourse = Discourse::new(&reading.sentences, language);
    // "Convert 11:05 pm to 24 hours"
    let is_clock = || {
        question.moments.iter().any(|moment| moment.clock.is_some())
            && matches!(moment::all(line, language).as_slice(), [moment] if moment.clock.is_some())
    };
    let as_asked = match question.asked {
        Asked::Number if is_clock() => None,
        Asked::Number if items(question, line, language, decimal).is_some_and(|items| are_numbers(&items)) => None,
        Asked::Number => number::answer(question, &discourse, decimal),
        Asked::Choice => choice::answer(question, &discourse, decimal).or_else(|| contained(question, line)),
        Asked::YesNo => yes_no::answer(question, &discourse),
        Asked::Date(_) | Asked::Time => moment::answer(question, &discourse),
        Asked::List => list::answer(question, &discourse, decimal),
        Asked::Fact | Asked::CodeResult | Asked::CodeToWrite | Asked::Open | Asked::Unknown => None,
    };
    as_asked.or_else(|| by_look(question, line, &discourse, decimal))
}

/// What a line looks like.
fn by_look(question: &Question, line: &str, discourse: &Discourse, decimal: char) -> Option<Value> {
    let language = discourse.language;
    let is_fact = matches!(question.asked, Asked::Fact | Asked::CodeResult);
    if !is_fact && affirms_or_denies(line, language) {
        return yes_no::answer(question, discourse);
    }
    let whole = line;
    let line = without_lead(line, language);
    if question.asked != Asked::CodeResult
        && let [moment] = moment::all(line, language).as_slice()
        && (moment.clock.is_some() || moment.month.is_some())
    {
        return Some(Value::Moment(*moment));
    }
    if let Some(read) = number::only(line, language, decimal).filter(|read| !read.weak) {
        return number::quantity(read.value, read.unit.or(question.unit)).map(Value::Number);
    }
    if question.asked == Asked::Date(Precision::Century)
        && let Some(century) = moment::roman(&fold(line.trim_end_matches('.')))
    {
        return Some(Value::Moment(Moment { century: Some(century), ..Moment::default() }));
    }
    if let Some(quantity) = measured(line, whole, language, decimal).filter(|_| !is_fact) {
        return Some(Value::Number(quantity));
    }
    if !is_fact && let Some(items) = items(question, line, language, decimal) {
        return Some(list::value(question, items));
    }
    if question.asked != Asked::CodeResult && is_code(line) {
        return Some(Value::Code(code::canonical(code_in(line, language), "")));
    }
    let is_name = question.wants_person && is_a_name(line);
    let stated =
        if question.asked == Asked::Fact && !is_name { fact::answer(question, discourse, decimal) } else { None };
    Some(fact::bare(question, stated.or_else(|| fact::value_of(line, language, decimal))?))
}

/// A line without what sets it apart: quotation marks, emphasis, "Answer:".
fn bare(line: &str) -> &str {
    let line = said(line).unwrap_or(line).trim();
    let line = ["**", "__", "$"].iter().fold(line, |line, mark| {
        line.strip_prefix(mark).and_then(|rest| rest.strip_suffix(mark)).map_or(line, str::trim)
    });
    line.trim()
}

/// The options that a line is made of, by their texts; several also by their labels: "a, c".
fn options(question: &Question, line: &str, language: &Language) -> Option<Value> {
    if question.options.is_empty() {
        return None;
    }
    let by_text = |part: &str| {
        let said = words(part);
        let mut named =
            question.options.iter().enumerate().filter(|(_, option)| !said.is_empty() && option.words == said);
        named.next().filter(|_| named.next().is_none()).map(|(at, _)| at)
    };
    let by_label = |part: &str| {
        let said = fold(part.trim_matches(|c: char| !c.is_alphanumeric()));
        question.options.iter().position(|option| option.label.as_deref() == Some(said.as_str()))
    };
    let index = |at: usize| u8::try_from(at).ok();
    // "Sentence B"
    let by_noun = |line: &str| match words(line).as_slice() {
        [noun, label] if noun.len() > 1 && label.len() == 1 => by_label(label),
        _ => None,
    };
    if let Some(at) = by_text(line).or_else(|| by_noun(line)) {
        return Some(Value::Choice(BTreeSet::from([index(at)?])));
    }
    let all = tokens(line);
    let is_between = |t: &Token| t.is(",") || t.is(";") || language.and.contains(&t.folded.as_str());
    let parts: Vec<&str> =
        all.split(is_between).filter_map(|part| line.get(part.first()?.start..part.last()?.end)).collect();
    let chosen: Option<BTreeSet<u8>> =
        parts.iter().map(|part| index(by_label(part).or_else(|| by_text(part))?)).collect();
    chosen.filter(|chosen| parts.len() >= 2 && chosen.len() == parts.len()).map(Value::Choice)
}

/// The one option that a sentence holds: "El ave que no puede volar es el pingüino."
fn contained(question: &Question, line: &str) -> Option<Value> {
    let said = words(line);
    let mut held = question.options.iter().enumerate().filter(|(_, option)| {
        let length = option.words.len();
        length > 0 && said.windows(length).any(|words| words == option.words)
    });
    let (at, _) = held.next().filter(|_| held.next().is_none())?;
    Some(Value::Choice(BTreeSet::from([u8::try_from(at).ok()?])))
}

/// The code of a line that may name it: "the command `ls -la`", "La fórmula es =SUMA(A1:A9)".
fn code_in<'l>(line: &'l str, language: &Language) -> &'l str {
    if let Some((_, rest)) = line.split_once('`')
        && let Some((code, after)) = rest.split_once('`')
        && !after.contains('`')
    {
        return code;
    }
    let all = tokens(line);
    let rest = all.get(named_before(&all, language)..).and_then(|rest| line.get(rest.first()?.start..)).unwrap_or(line);
    // "The answer is pwd."
    if rest.len() < line.len() { rest.trim_end_matches('.') } else { rest }
}

/// How many tokens name what follows: "the number", "La respuesta es", "Son", "It is".
fn named_before(all: &[Token], language: &Language) -> usize {
    let is = |at: usize, names: &[&str]| all.get(at).is_some_and(|t| names.contains(&t.folded.as_str()));
    let article = usize::from(is(0, language.articles));
    let noun = usize::from(is(article, language.lead_nouns));
    // "El número 42", "La respuesta es 42", "Respuesta: 42", "It is 42", "Es 42"
    let named = match (article, noun) {
        (_, 1) => article + 1,
        (0, 0) if is(0, language.pronouns) && is(1, language.copulas) => 1,
        _ => 0,
    };
    let verb = usize::from(is(named, language.copulas) || named > 0 && is(named, &[":"]));
    let end = named + verb;
    let alone = noun == 1 && article + verb == 0;
    if end < all.len() && !alone { end } else { 0 }
}

/// "roughly 42", "the number 42", "la cadena «sí»", "unos trescientos mil muertos" without what says how sure or what kind
/// of thing it is.
fn without_lead<'l>(line: &'l str, language: &Language) -> &'l str {
    let all = tokens(line);
    let begin = named_before(&all, language);
    let all = all.get(begin..).unwrap_or_default();
    let approximates = language.approximators.iter().filter_map(|phrase| {
        let said = words(phrase);
        let begins = all.len() > said.len() && all.iter().zip(&said).all(|(token, word)| token.is(word));
        begins.then_some(said.len())
    });
    let approximated = approximates.max();
    let after = all.get(approximated.unwrap_or(0)..).unwrap_or_default();
    let rest =
        after.get(named_before(after, language)..).and_then(|rest| line.get(rest.first()?.start..)).unwrap_or(line);
    // "trescientos mil muertos": what is counted is no part of the number.
    let counted = approximated.and_then(|_| rest.rsplit_once(' ')).map(|(number, _)| number);
    counted.filter(|number| number::only(number, language, language.decimal).is_some_and(|r| !r.weak)).unwrap_or(rest)
}

/// Does the line begin with a yes or a no that stands for itself?
fn affirms_or_denies(line: &str, language: &'static Language) -> bool {
    let all = tokens(line);
    let alone = |end: usize| all.get(end).is_none_or(|next: &Token| !next.is_word() && !next.is_digits());
    language.find_cues(&all).iter().any(|found| {
        found.start == 0 && alone(found.end) && matches!(found.what, Cue::Yes | Cue::No | Cue::Right | Cue::Wrong)
    })
}

/// "Vincent van Gogh": words with a capital, and small ones between them.
fn is_a_name(line: &str) -> bool {
    let is_small = |word: &str| word.chars().count() <= 3;
    line.split_whitespace().all(|word| is_small(word) || word.starts_with(char::is_uppercase))
}

/// "180 euros de intereses", "1,250.5 in American notation", "The highest rent is 555 euros a month": the one quantity of a line,
/// where it stands first or has a unit.
fn measured(line: &str, whole: &str, language: &'static Language, decimal: char) -> Option<Quantity> {
    let only = |text: &str| -> Option<(Read, Vec<Token>)> {
        let all = tokens(text);
        let mut found = number::read(text, &all, language, decimal);
        let read = found.pop().filter(|read| found.is_empty() && !read.weak)?;
        Some((read, all))
    };
    let is_aside = |rest: &[Token]| rest.len() <= LONGEST_ASIDE && rest.iter().all(Token::is_word);
    let first = only(line).filter(|(read, all)| {
        // "3 km", "10,800 bulbs", "ten thousand bulbs", but "one of them".
        let is_long = line.starts_with(|c: char| c.is_ascii_digit()) || read.end >= 2;
        read.start == 0 && (read.unit.is_some() || is_long) && all.get(read.end..).is_some_and(is_aside)
    });
    let stated = || only(whole).filter(|(read, _)| read.unit.is_some());
    let (read, _) = first.or_else(stated)?;
    number::quantity(read.value, read.unit)
}

/// Does it hold what only code holds: an option, a call, an operator, backticks around all of it?
fn is_code(line: &str) -> bool {
    const SIGNS: [&str; 11] = ["()", " --", "=>", "==", "&&", " | ", "\\", "</", "::", "$(", "*."];
    let quoted = line.starts_with('`') && line.ends_with('`');
    let calls = line
        .match_indices('(')
        .any(|(at, _)| line.get(..at).is_some_and(|b| b.ends_with(|c: char| c.is_ascii_alphanumeric())));
    quoted || calls || line.contains(" =") && !line.contains("= ") || SIGNS.iter().any(|sign| line.contains(sign))
}

/// The things that a line counts up; nothing where it names one.
fn items(question: &Question, line: &str, language: &'static Language, decimal: char) -> Option<Vec<Item>> {
    let line = line.rsplit_once(": ").map_or(line, |(_, items)| items);
    list::in_a_line(question, line, language, decimal)
}

fn are_numbers(items: &[Item]) -> bool {
    items.iter().all(|item| matches!(item, Item::Number(quantity) if quantity.base.is_empty()))
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

    #[test]
    fn a_line_that_declines_is_no_answer() {
        let read = |question: &str, line: &str| {
            super::super::canonical(question, "It is hard to say.", Some(line), Some("en"))
        };
        for question in ["Who won in 1997?", "How many were there?", "Is it true?", "When was it?"] {
            assert_eq!(read(question, "I don't know"), Extraction::Refusal, "{question}");
            assert_eq!(read(question, "It depends"), Extraction::Open, "{question}");
            assert_eq!(read(question, "N/A"), Extraction::Open, "{question}");
        }
        assert!(matches!(read("Who won in 1997?", "Ann Lee"), Extraction::Answer(_)));
    }
}
