//! Code. Asked what a program prints, an answer counts by the output it states, never by running anything. Asked for a
//! command, a query or an expression, it counts by its code without comments and insignificant spaces. Longer programs
//! are open: two that do the same rarely look the same, and a vote over their text would call every panel split.

use super::canonical::Value;
use super::discourse::{Candidate, Discourse, Mention};
use super::fact::value_of;
use super::language::Cue;
use super::number;
use super::prose::Reading;
use super::question::Question;

/// A command is not longer than this many lines.
const MOST_LINES: usize = 12;

/// What the answer says the program prints.
pub(crate) fn result(question: &Question, reading: &Reading, discourse: &Discourse, decimal: char) -> Option<Value> {
    let language = discourse.language;
    let mut candidates: Vec<Candidate<String>> = Vec::new();
    for (at, sentence) in discourse.sentences.iter().enumerate() {
        let Some(stance) = discourse.stances.get(at) else { continue };
        let token_at = |byte: usize| sentence.tokens.iter().position(|t| t.start >= byte).unwrap_or(0);
        let shows =
            |token: usize| stance.cues.iter().any(|f| matches!(f.what, Cue::Output | Cue::Final) && f.end <= token + 1);
        for span in sentence.coded.iter().chain(&sentence.boxed).chain(&sentence.bold) {
            let Some(text) = sentence.text.get(span.clone()).filter(|t| !t.trim_end().ends_with(':')) else { continue };
            let start = token_at(span.start);
            let in_question = contained(question, text) && !text.trim().bytes().all(|b| b.is_ascii_digit());
            let bonus = if shows(start) { 20 } else { 0 } - if in_question { 18 } else { 0 }
                + if stance.has(Cue::Conclusion) { 2 } else { 0 };
            candidates.push(Candidate {
                value: text.to_owned(),
                sentence: at,
                start,
                end: start + 1,
                bonus,
                mention: Mention::Claim,
            });
        }
        for cue in stance.cues.iter().filter(|f| matches!(f.what, Cue::Output | Cue::Final | Cue::Correction)) {
            let Some(first) = sentence.tokens.iter().enumerate().skip(cue.end).find(|(_, t)| {
                !matches!(
                    t.folded.as_str(),
                    ":" | "is" | "es" | "sera" | "=" | "," | "the" | "el" | "la" | "value" | "valor" | "\"" | "“" | "→"
                )
            }) else {
                continue;
            };
            let rest = sentence.text.get(first.1.start..).unwrap_or_default();
            let end = [
                ", ",
                ". ",
                " because",
                " porque",
                "; ",
                " (",
                " since",
                " ya que",
                " and then",
                " when",
                " cuando",
                " por ",
            ]
            .iter()
            .filter_map(|m| rest.find(m))
            .min()
            .unwrap_or(rest.len());
            let value = rest.get(..end).unwrap_or_default().trim_end_matches(['.', '"', '”']).to_owned();
            if super::token::words(&value).len() <= 8 && !value.is_empty() {
                candidates.push(Candidate {
                    value,
                    sentence: at,
                    start: first.0,
                    end: first.0 + 1,
                    bonus: 16,
                    mention: Mention::Thing,
                });
            }
        }
        // "…, so its length is 2": what the last clause comes to.
        let verb = sentence.tokens.iter().rposition(|t| {
            matches!(
                t.folded.as_str(),
                "is" | "gives" | "es" | "da" | "vale" | "=" | "equals" | "becomes" | "queda" | "contiene"
            )
        });
        if let Some(verb) = verb
            && let Some(first) = sentence.tokens.get(verb + 1)
        {
            let value = sentence.text.get(first.start..).unwrap_or_default().trim_end_matches(['.', '!']).to_owned();
            let spoken = super::token::words(&value).len();
            let bare = number::only(&value, language, decimal).is_some_and(|r| !r.weak);
            if spoken <= 2 && bare {
                candidates.push(Candidate {
                    value,
                    sentence: at,
                    start: verb + 1,
                    end: verb + 2,
                    bonus: 10,
                    mention: Mention::Thing,
                });
            }
        }
        let content = super::token::words(&sentence.text).len();
        if (1..=3).contains(&content)
            && !stance.has(Cue::Output)
            && sentence.coded.is_empty()
            && !sentence.text.trim_end().ends_with(':')
        {
            candidates.push(Candidate {
                value: sentence.text.trim_end_matches('.').to_owned(),
                sentence: at,
                start: 0,
                end: 1,
                bonus: if at == 0 { 8 } else { 2 },
                mention: Mention::Thing,
            });
        }
    }
    // A fence that shows the output.
    for fence in &reading.fences {
        let body = fence.body.trim_end();
        let plain = matches!(
            fence.info.as_str(),
            "" | "text" | "txt" | "output" | "console" | "plaintext" | "salida" | "plain"
        );
        let repeats = contained(question, body);
        let Some(before) = fence.after.checked_sub(1) else {
            if plain && !repeats {
                candidates.push(Candidate {
                    value: body.to_owned(),
                    sentence: 0,
                    start: 0,
                    end: 0,
                    bonus: 12,
                    mention: Mention::Claim,
                });
            }
            continue;
        };
        let introduced = discourse.stances.get(before).is_some_and(|s| s.has(Cue::Output) || s.has(Cue::Final));
        if plain && (!repeats || introduced) {
            let end = discourse.sentences.get(before).map_or(0, |s| s.tokens.len());
            let bonus = if introduced { 30 } else { 8 };
            candidates.push(Candidate {
                value: body.to_owned(),
                sentence: before,
                start: end,
                end,
                bonus,
                mention: Mention::Claim,
            });
        }
    }
    let chosen = discourse.choose(candidates)?;
    value_of(&chosen.value, language, decimal)
}

fn contained(question: &Question, text: &str) -> bool {
    let said = super::token::words(text);
    !said.is_empty() && question.words.windows(said.len()).any(|w| w == said)
}

/// The command, query or expression the answer gives.
pub(crate) fn written(reading: &Reading, discourse: &Discourse) -> Option<Value> {
    let mut candidates: Vec<Candidate<String>> = Vec::new();
    for fence in &reading.fences {
        let code = canonical(&fence.body, &fence.info);
        let at = fence.after.saturating_sub(1);
        let end = if fence.after == 0 { 0 } else { discourse.sentences.get(at).map_or(0, |s| s.tokens.len()) };
        if !code.is_empty() && fence.body.trim().lines().count() <= MOST_LINES {
            let bonus = 40 - i32::try_from(fence.after.min(12)).unwrap_or(12);
            candidates.push(Candidate { value: code, sentence: at, start: end, end, bonus, mention: Mention::Thing });
        }
    }
    for (at, sentence) in discourse.sentences.iter().enumerate() {
        for span in &sentence.coded {
            let Some(text) = sentence.text.get(span.clone()) else { continue };
            let start = sentence.tokens.iter().position(|t| t.start >= span.start).unwrap_or(0);
            let substance = i32::try_from(text.split_whitespace().count().min(6)).unwrap_or(0);
            let alone = sentence.tokens.len() <= super::token::tokens(text).len() + 2;
            // "`-l` gives the long format" explains.
            let option = text.trim_start().starts_with('-') || text.trim().chars().count() < 2;
            let bonus = substance - if option { 24 } else { 0 } + if alone { 8 } else { 0 }
                - i32::try_from(at.min(12)).unwrap_or(12);
            candidates.push(Candidate {
                value: canonical(text, ""),
                sentence: at,
                start,
                end: start + 1,
                bonus,
                mention: Mention::Thing,
            });
        }
    }
    // An answer that is nothing but the command.
    if candidates.is_empty()
        && let [only] = discourse.sentences
    {
        return (only.tokens.len() <= 40).then(|| Value::Code(canonical(&only.text, "")));
    }
    let weighed = discourse.weighed(candidates);
    weighed
        .into_iter()
        .max_by_key(|(score, c)| (*score, std::cmp::Reverse((c.sentence, c.start))))
        .map(|(_, c)| Value::Code(c.value))
}

/// Code without comments, prompts, a closing semicolon and spaces that mean nothing. Inside quotes nothing changes.
pub(crate) fn canonical(code: &str, info: &str) -> String {
    let mut lines = Vec::new();
    for line in code.lines() {
        let line = line.trim();
        let line = line
            .strip_prefix("$ ")
            .or_else(|| line.strip_prefix(">>> "))
            .or_else(|| line.strip_prefix("> "))
            .unwrap_or(line);
        let comment = line.starts_with("# ")
            || line.starts_with("#!")
            || line.starts_with("// ")
            || line.starts_with("-- ")
            || (line.starts_with("/*") && line.ends_with("*/"));
        if comment || line.is_empty() {
            continue;
        }
        lines.push(spaced(without_trailing_comment(line)));
    }
    let is_query = matches!(info, "sql" | "mysql" | "postgresql" | "sqlite" | "pgsql")
        || lines.first().is_some_and(|l| {
            let word: String = l.chars().take_while(char::is_ascii_alphabetic).collect::<String>().to_lowercase();
            ["select", "insert", "update", "delete", "create", "alter", "drop", "with"].contains(&word.as_str())
                && l.contains([' ', '*'])
        });
    let mut code = lines.join(if is_query { " " } else { "\n" });
    if is_query {
        code = spaced(&lower_outside_quotes(&code));
    }
    code.trim_end_matches(';').trim_end().to_owned()
}

fn without_trailing_comment(line: &str) -> &str {
    let mut quote = None;
    for (at, c) in line.char_indices() {
        match (quote, c) {
            (None, '\'' | '"' | '`') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            (None, '#')
                if line.get(..at).is_some_and(|b| b.ends_with(' '))
                    && line.get(at + 1..).is_some_and(|a| a.starts_with(' ')) =>
            {
                return line.get(..at).unwrap_or(line).trim_end();
            }
            _ => (),
        }
    }
    line
}

/// Spaces survive only between two word characters, or beside a sign that needs one (a shell's options).
fn spaced(line: &str) -> String {
    let mut out = String::new();
    let mut quote = None;
    let mut space = false;
    for c in line.chars() {
        if quote.is_none() && c.is_whitespace() {
            space = true;
            continue;
        }
        let tight = |c: char| {
            matches!(c, ',' | '(' | ')' | '=' | '+' | '*' | '[' | ']' | '{' | '}' | ';' | ':' | '<' | '>' | '|' | '%')
        };
        if space && !out.is_empty() && !tight(c) && !out.ends_with(tight) {
            out.push(' ');
        }
        space = false;
        match (quote, c) {
            (None, '\'' | '"') => {
                quote = Some(c);
                out.push('"');
            }
            (Some(open), _) if open == c => {
                quote = None;
                out.push('"');
            }
            _ => out.push(c),
        }
    }
    out
}

fn lower_outside_quotes(code: &str) -> String {
    let mut quoted = false;
    code.chars()
        .map(|c| {
            if c == '"' {
                quoted = !quoted;
            }
            if quoted { c } else { c.to_ascii_lowercase() }
        })
        .collect()
}
