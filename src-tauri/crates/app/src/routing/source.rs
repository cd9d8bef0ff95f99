//! Recognises source text inside a question: by its shape, whatever the language of the prose around it. Prefers to miss
//! a short fragment over taking prose or a formula for code, because the words of the question are looked at next.

/// Longer lines are not written by hand; they are not looked at, because that would take long.
const LONGEST_LINE: usize = 2_000;

/// Whether the text holds a fenced block or a line that reads as source, a stack trace or a shell prompt.
pub(super) fn reads_as_code(text: &str) -> bool {
    text.lines().filter(|line| line.len() <= LONGEST_LINE).any(|line| {
        let line = line.trim();
        line.starts_with("```")
            || line.starts_with("~~~")
            || is_trace(line)
            || is_declaration(line)
            || is_statement(line)
            || is_command(line)
    })
}

/// Lines that only tool chains and interpreters print.
fn is_trace(line: &str) -> bool {
    const BEGINNINGS: &[&str] = &[
        "Traceback (most recent call last)",
        "error[E",
        "panicked at",
        "thread 'main' panicked",
        "Exception in thread",
        "Segmentation fault",
        "npm ERR!",
        "SyntaxError:",
        "TypeError:",
        "ReferenceError:",
        "NameError:",
        "ValueError:",
        "KeyError:",
        "IndexError:",
        "AttributeError:",
        "ImportError:",
        "ModuleNotFoundError:",
        "NullPointerException",
        "undefined reference to",
    ];
    BEGINNINGS.iter().any(|beginning| line.starts_with(beginning))
        || (line.starts_with("at ") && line.ends_with(')') && line.contains(':') && line.contains('('))
        || (line.starts_with("File \"") && line.contains("\", line "))
}

/// Lines that declare or import something, by their first words.
fn is_declaration(line: &str) -> bool {
    const DIRECTIVES: &[&str] = &["#include <", "#include \"", "#define ", "#!/", "<!DOCTYPE", "<?php", "<html", "</"];
    if DIRECTIVES.iter().any(|directive| line.starts_with(directive)) {
        return true;
    }
    let mut words = line.split_whitespace();
    let (Some(first), second, third) = (words.next(), words.next(), words.next()) else {
        return false;
    };
    match first {
        "def" | "fn" | "func" | "function" | "sub" => line.contains('(') && line.contains(')'),
        "async" | "pub" | "export" | "static" | "public" | "private" | "protected" => {
            matches!(
                second,
                Some(
                    "fn" | "def"
                        | "function"
                        | "class"
                        | "struct"
                        | "enum"
                        | "const"
                        | "static"
                        | "void"
                        | "int"
                        | "async"
                        | "default"
                )
            )
        }
        "class" | "struct" | "enum" | "interface" | "impl" | "trait" => line.ends_with([':', '{']),
        "let" | "const" | "var" | "val" => line.contains('=') && second.is_some_and(|name| !name.starts_with('=')),
        "import" => line.ends_with(';') || (second.is_some_and(is_identifier) && matches!(third, None | Some("as"))),
        "from" => third == Some("import"),
        "use" => line.ends_with(';') && line.contains("::"),
        "package" | "namespace" | "using" => line.ends_with(';'),
        _ => is_sql(line),
    }
}

fn is_sql(line: &str) -> bool {
    let upper = line.to_ascii_uppercase();
    (upper.starts_with("SELECT ") && upper.contains(" FROM ") && (line.starts_with("SELECT") || line.ends_with(';')))
        || upper.starts_with("INSERT INTO ")
        || upper.starts_with("CREATE TABLE ")
        || upper.starts_with("ALTER TABLE ")
        || upper.starts_with("DELETE FROM ")
        || (upper.starts_with("UPDATE ") && upper.contains(" SET ") && upper.contains('='))
}

/// Lines that end or nest like statements and hold something that prose does not.
fn is_statement(line: &str) -> bool {
    let operators = ["==", "!=", "=>", "->", "::", "&&", "||", "+=", "-=", ":=", "</", "/>", "()", "[]", "{}"];
    let held = operators.iter().filter(|operator| line.contains(*operator)).count();
    let call = has_call(line);
    let assignment = line.split_once('=').is_some_and(|(left, right)| is_target(left) && !right.trim().is_empty());
    if line.ends_with(';') {
        return call
            || assignment
            || held > 0
            || line.starts_with("return ")
            || line == "break;"
            || line == "continue;";
    }
    if line.ends_with('{') {
        return call
            || held > 0
            || line.contains(") {")
            || line.contains("){")
            || line.starts_with("if ")
            || line.contains("else");
    }
    if line.ends_with(':') && call {
        return ["if ", "for ", "while ", "with ", "elif "].iter().any(|word| line.starts_with(word));
    }
    line == "}"
        || line == "};"
        || line == "});"
        || held >= 2
        || (call && held >= 1)
        || (assignment && call && line.contains('.'))
        || has_dotted_call(line)
}

/// `name(` without a space, where the name is an identifier of at least three letters: `f(x)` of mathematics is not one.
fn has_call(line: &str) -> bool {
    line.match_indices('(').any(|(at, _)| {
        let name: String = line[..at].chars().rev().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        name.len() >= 3 && line[at..].contains(')')
    })
}

/// `object.method(…)`: both parts identifiers in lower case, as in `console.log(x)`.
fn has_dotted_call(line: &str) -> bool {
    line.match_indices('(').any(|(at, _)| {
        let head: String =
            line[..at].chars().rev().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.')).collect();
        let head: String = head.chars().rev().collect();
        head.rsplit_once('.').is_some_and(|(object, method)| {
            method.len() >= 2 && is_identifier(object.trim_start_matches('.')) && is_identifier(method)
        })
    })
}

fn is_command(line: &str) -> bool {
    line.strip_prefix("$ ").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase()))
        || line.starts_with(">>> ")
        || line.starts_with("sudo ")
        || ["git ", "cargo ", "npm ", "pip install ", "docker "].iter().any(|tool| {
            line.starts_with(tool)
                && line.split_whitespace().count() <= 8
                && line.is_ascii()
                && !line.ends_with(['?', '.'])
        })
}

fn is_identifier(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'))
}

/// The left side of an assignment: one identifier, perhaps with a type before it or an index after it.
fn is_target(left: &str) -> bool {
    let left = left.trim();
    let words: Vec<&str> = left.split_whitespace().collect();
    matches!(words.len(), 1 | 2)
        && words
            .iter()
            .all(|word| is_identifier(word.trim_end_matches([']', '*', '&', ':']).split('[').next().unwrap_or("")))
}
