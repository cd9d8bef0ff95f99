//! Programs that stand in a question without a fence around them. People paste code as it is; what its lines say is no
//! part of the sentence that asks about it.

use std::borrow::Cow;

/// The question with runs of program lines between fences.
pub(super) fn fenced(text: &str) -> Cow<'_, str> {
    if text.contains("```") || !text.lines().any(is_program) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut open = false;
    for line in text.lines() {
        // An indented or blank line goes on with the program before it.
        let program = is_program(line) || (open && (line.trim().is_empty() || line.starts_with([' ', '\t', '}'])));
        if program != open {
            out.push_str("```\n");
            open = program;
        }
        out.push_str(line);
        out.push('\n');
    }
    if open {
        out.push_str("```\n");
    }
    Cow::Owned(out)
}

/// Does a line read as a program's? Told by its keywords, calls and assignments; a line that asks never does.
fn is_program(line: &str) -> bool {
    const OPENINGS: [&str; 26] = [
        "print(",
        "console.log(",
        "System.out.print",
        "printf(",
        "puts ",
        "echo ",
        "let ",
        "const ",
        "var ",
        "int ",
        "def ",
        "import ",
        "from ",
        "return ",
        "for ",
        "while ",
        "if ",
        "else",
        "elif ",
        "fn ",
        "func ",
        "function ",
        "class ",
        "#include",
        "println!(",
        "public ",
    ];
    let line = line.trim();
    if line.is_empty() || line.ends_with('?') || line.contains('¿') {
        return false;
    }
    let closes = line.ends_with([';', '{', '}', ')', ':']);
    let signs = line.contains(['(', '=', '[', '{', '"', '\'']);
    let opening = OPENINGS.iter().any(|o| line.starts_with(o)) && closes && signs;
    opening || is_call(line) || is_assignment(line)
}

/// "print(len(x))", "items.sort();"
fn is_call(line: &str) -> bool {
    let Some((name, _)) = line.split_once('(') else { return false };
    let named = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'));
    // "f(3)" is as likely mathematics; a program's name is longer.
    named && name.len() > 2 && line.trim_end_matches(';').ends_with(')')
}

/// "x = [1, 2, 3]", "total += 1"
fn is_assignment(line: &str) -> bool {
    let Some((name, value)) = line.split_once('=') else { return false };
    let name = name.trim().trim_end_matches(['+', '-', '*']).trim_end();
    let named = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '[' | ']' | ','));
    let value = value.trim();
    let literal = value.starts_with(['[', '{', '"', '\'', '(']) || value.ends_with(';') || value.contains('(');
    // "x = 5" alone is as likely mathematics: only a name of a program is longer.
    named && !value.is_empty() && (literal || name.len() > 2 && !value.contains(' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_told_from_sentences_and_equations() {
        for line in ["print(len('sol'))", "x = [1, 2]", "for i in range(3):", "let a = 5;", "console.log(1 + '1');"] {
            assert!(is_program(line), "{line}");
        }
        for line in ["What does this print?", "x = 5", "f(x) = 3x^2", "for example:", "A) red", "2x + 3 = 7", ""] {
            assert!(!is_program(line), "{line}");
        }
    }

    #[test]
    fn a_program_is_set_apart_from_the_question() {
        assert_eq!(
            fenced("What is printed?\n\nx = [1]\nprint(x)\n"),
            "What is printed?\n\n```\nx = [1]\nprint(x)\n```\n"
        );
    }
}
