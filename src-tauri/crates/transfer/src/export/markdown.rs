//! A conversation as Markdown: front matter, then each message under a heading. The words of the messages are Markdown
//! already and stand as they are.

use std::io::{self, Write};

use capibara6_protocol::Message;

use super::{Labels, date};
use crate::conversation::Head;

/// Writes the beginning: what is known of the conversation.
pub(crate) fn begin(out: &mut impl Write, head: &Head, project: Option<&str>) -> io::Result<()> {
    writeln!(out, "---\ntitle: {}", quoted(&head.title))?;
    writeln!(out, "id: {}", head.id)?;
    writeln!(out, "created: {}\nupdated: {}", date(head.created_at), date(head.updated_at))?;
    if let Some(project) = project {
        writeln!(out, "project: {}", quoted(project))?;
    }
    if head.pinned {
        writeln!(out, "pinned: true")?;
    }
    if let Some(archived) = head.archived_at {
        writeln!(out, "archived: {}", date(archived))?;
    }
    writeln!(out, "---\n\n# {}", inline(&head.title))
}

/// Writes a message.
pub(crate) fn message(out: &mut impl Write, labels: &Labels, message: &Message) -> io::Result<()> {
    write!(out, "\n## {}", inline(labels.speaker(message)))?;
    if message.scripted {
        write!(out, " ({})", labels.scripted)?;
    }
    writeln!(out, "\n\n*{}*", date(message.created_at))?;
    if !message.reasoning.trim().is_empty() {
        // A quotation takes any Markdown in it along.
        writeln!(out, "\n> **{}**\n>", labels.reasoning)?;
        for line in message.reasoning.trim_end().lines() {
            writeln!(out, "{}", format!("> {line}").trim_end())?;
        }
    }
    if !message.content.trim().is_empty() {
        writeln!(out, "\n{}", closed(message.content.trim_end()))?;
    }
    if let Some(ended) = labels.ended(message) {
        writeln!(out, "\n*{ended}*")?;
    }
    Ok(())
}

/// A text whose last fence is closed, so that it does not swallow what follows: answers may be cut off inside a block of code.
fn closed(text: &str) -> String {
    let mut open: Option<&str> = None;
    for line in text.lines() {
        let indented = line.len() - line.trim_start_matches(' ').len();
        let line = line.trim_start_matches(' ');
        let mark = line.chars().next().filter(|mark| matches!(mark, '`' | '~'));
        let Some(mark) = mark.filter(|_| indented < 4) else { continue };
        let fence = &line[..line.len() - line.trim_start_matches(mark).len()];
        if fence.len() < 3 {
            continue;
        }
        open = match open {
            None if mark == '`' && line[fence.len()..].contains('`') => None,
            None => Some(fence),
            Some(opening) => {
                let closes =
                    opening.starts_with(mark) && fence.len() >= opening.len() && line[fence.len()..].trim().is_empty();
                if closes { None } else { Some(opening) }
            }
        };
    }
    match open {
        Some(fence) => format!("{text}\n{fence}"),
        None => text.to_owned(),
    }
}

/// A text as a YAML string; JSON's strings are YAML's.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A text on one line in which nothing is Markdown.
fn inline(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '&' | '|' | '~' | '!' => {
                line.push('\\');
                line.push(c);
            }
            c if c.is_control() => line.push(' '),
            c => line.push(c),
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fence_that_was_cut_off_is_closed() {
        let cases = [
            ("plain", "plain"),
            ("```rust\nfn main", "```rust\nfn main\n```"),
            ("```\na\n```\n", "```\na\n```\n"),
            ("````md\n```\nx\n```", "````md\n```\nx\n```\n````"),
            ("~~~\n```", "~~~\n```\n~~~"),
            ("    ```\nnot a fence", "    ```\nnot a fence"),
            ("``` a ` b", "``` a ` b"),
        ];
        for (text, expected) in cases {
            assert_eq!(closed(text), expected);
        }
    }

    #[test]
    fn a_title_is_one_line_without_markup() {
        assert_eq!(inline("# *a*\n[b](c) <i>"), "\\# \\*a\\* \\[b\\](c) \\<i\\>");
        assert_eq!(quoted("a: \"b\"\n---"), r#""a: \"b\"\n---""#);
    }
}
