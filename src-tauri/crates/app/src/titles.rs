//! Titles of conversations: the first words of the question at once, later, where the user wants it, a few words by the
//! fast model. A title is one line of plain text and never empty. What the user wrote is never replaced, and a model that
//! fails to give a title is not worth a word.

/// Longest title that is made here, in characters.
pub const TITLE_CHARS: usize = 60;

/// The first words of a question: without Markdown, cut at a word, at most [`TITLE_CHARS`] characters.
pub fn first_words(question: &str) -> String {
    let prose = prose_of(question);
    let plain = one_line(&without_markup(&prose));
    let plain = if plain.is_empty() { one_line(question) } else { plain };
    cut(&plain)
}

/// The title in a model's reply: its first line that says something, without the quotes, labels and full stop that models
/// put around it. `None` where nothing is left.
pub fn from_reply(reply: &str) -> Option<String> {
    let line = reply.lines().map(|line| one_line(&without_markup(line))).find(|line| !line.is_empty())?;
    let line = ["Title:", "Título:", "Titulo:"]
        .iter()
        .find_map(|label| {
            line.get(..label.len()).filter(|start| start.eq_ignore_ascii_case(label)).map(|_| &line[label.len()..])
        })
        .unwrap_or(&line);
    let bare = line.trim().trim_matches(['"', '\'', '“', '”', '«', '»', '‘', '’']).trim().trim_end_matches('.').trim();
    bare.chars().any(char::is_alphanumeric).then(|| cut(bare))
}

/// What the fast model is told. Its reply goes through [`from_reply`].
pub const INSTRUCTION: &str = "Name the conversation that begins with the following message: at most six words, in the language of the message, \
     without quotation marks, nothing else.";

/// The lines outside fenced blocks; the fenced ones where there are no others.
fn prose_of(question: &str) -> String {
    let mut fenced = false;
    let (mut prose, mut code) = (String::new(), String::new());
    for line in question.lines() {
        if line.trim_start().starts_with("```") || line.trim_start().starts_with("~~~") {
            fenced = !fenced;
            continue;
        }
        let target = if fenced { &mut code } else { &mut prose };
        target.push_str(line);
        target.push('\n');
    }
    if prose.trim().is_empty() { code } else { prose }
}

/// Drops the marks of headings, quotes, lists, emphasis, code and links; keeps the words.
fn without_markup(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        let mut line = line.trim();
        loop {
            let rest = line.trim_start_matches(['#', '>']).trim_start();
            let rest =
                ["- ", "* ", "+ ", "[ ] ", "[x] "].iter().find_map(|mark| rest.strip_prefix(mark)).unwrap_or(rest);
            if rest.len() == line.len() {
                break;
            }
            line = rest.trim_start();
        }
        out.push_str(&without_inline_marks(line));
        out.push(' ');
    }
    out
}

fn without_inline_marks(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(character) = rest.chars().next() {
        if let Some((shown, after)) = link(rest) {
            out.push_str(&without_inline_marks(shown));
            rest = after;
            continue;
        }
        rest = &rest[character.len_utf8()..];
        match character {
            '`' => {}
            // Two or more are emphasis; a single one may be a product or a name_with_words.
            '*' | '_' | '~' if rest.starts_with(character) => rest = rest.trim_start_matches(character),
            '*' if out.is_empty()
                || out.ends_with(' ') != rest.starts_with([' ', '.', ',', '?', '!'])
                || rest.is_empty() => {}
            other => out.push(other),
        }
    }
    out
}

/// `[shown](address)` or `![shown](address)` at the beginning: what is shown, and what follows.
fn link(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix("![").or_else(|| text.strip_prefix('['))?;
    let (shown, after) = inner.split_once("](")?;
    let (_, after) = after.split_once(')')?;
    (!shown.contains('[')).then_some((shown, after))
}

/// One line: white space and control characters become single spaces.
fn one_line(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() || is_invisible(c) { ' ' } else { c }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Direction overrides and the like, which could make a list of titles read otherwise than it is.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{200b}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Cuts at the last word that fits, with an ellipsis; inside a word only where that would lose more than half.
fn cut(line: &str) -> String {
    if line.chars().count() <= TITLE_CHARS {
        return line.to_owned();
    }
    let end = line.char_indices().nth(TITLE_CHARS - 1).map_or(line.len(), |(index, _)| index);
    let head = &line[..end];
    let at_word = if line[end..].starts_with(' ') { Some(end) } else { head.rfind(' ') };
    let head = match at_word {
        Some(space) if head[..space].chars().count() >= TITLE_CHARS / 2 => &head[..space],
        _ => between_graphemes(head, &line[end..]),
    };
    format!("{}…", head.trim_end_matches([' ', ',', ';', ':', '.', '-', '(', '¿', '¡']))
}

/// Steps back so that an emoji or an accented letter of several characters is not torn apart.
fn between_graphemes<'a>(head: &'a str, rest: &str) -> &'a str {
    let joins =
        |c: char| matches!(c, '\u{200d}' | '\u{300}'..='\u{36f}' | '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}');
    let mut head = head;
    let mut next = rest.chars().next();
    while next.is_some_and(joins) || head.ends_with('\u{200d}') {
        let Some(last) = head.chars().next_back() else { break };
        head = &head[..head.len() - last.len_utf8()];
        next = Some(last);
    }
    head
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn first_words_of_questions() {
        let table = [
            ("hola", "hola"),
            ("  ¿Qué   es\n un quórum? ", "¿Qué es un quórum?"),
            ("# Título\ny texto", "Título y texto"),
            ("> - **Negrita** y `código`", "Negrita y código"),
            ("mira [esta página](https://example.com/a) por favor", "mira esta página por favor"),
            ("![foto](data:image/png;base64,xxx) ¿qué ves?", "foto ¿qué ves?"),
            ("```rust\nfn main() {}\n```\n¿por qué no compila?", "¿por qué no compila?"),
            ("```rust\nfn main() {}\n```", "fn main() {}"),
            ("usa mi_variable_larga * 2 y *nada* más", "usa mi_variable_larga * 2 y nada más"),
            ("- [ ] comprar pan", "comprar pan"),
            ("###", "###"),
            (
                "Explícame con calma por qué las cooperativas de trabajo pagan menos impuestos",
                "Explícame con calma por qué las cooperativas de trabajo…",
            ),
            ("a\u{202e}b\u{0}c", "a b c"),
        ];
        for (question, title) in table {
            assert_eq!(first_words(question), title, "{question:?}");
        }
    }

    #[test]
    fn words_without_spaces_are_cut_between_characters() {
        assert_eq!(first_words(&"天".repeat(80)), format!("{}…", "天".repeat(59)));
        let astronauts = "👩🏽‍🚀".repeat(30);
        let title = first_words(&astronauts);
        assert_eq!(title, format!("{}…", "👩🏽‍🚀".repeat(14)));
    }

    #[test]
    fn replies_of_models_are_undressed() {
        let table = [
            ("\n\n\"Impuestos de cooperativas.\"\n\nEspero que ayude", Some("Impuestos de cooperativas")),
            ("Title: Cheese and taxes", Some("Cheese and taxes")),
            ("**Título:** Quesos", Some("Quesos")),
            ("«Quesos»", Some("Quesos")),
            ("\"\"", None),
            ("   ", None),
        ];
        for (reply, title) in table {
            assert_eq!(from_reply(reply).as_deref(), title, "{reply:?}");
        }
    }

    proptest! {
        #[test]
        fn a_title_is_one_short_line(question in "\\PC*[a-z]\\PC*") {
            let title = first_words(&question);
            prop_assert!(!title.trim().is_empty());
            prop_assert!(title.chars().count() <= TITLE_CHARS);
            prop_assert!(!title.chars().any(char::is_control));
        }
    }
}
