//! The `<details>` blocks in which Open WebUI keeps, inside the text of an answer, what the model thought, which tools it called
//! and which programs it ran (`serialize_output` in its `backend/open_webui/utils/middleware.py`; what holds text is escaped for
//! HTML, what holds values is JSON before that). Blocks of other kinds, blocks without an end and blocks that are shown as code
//! stay as they are: what is not understood is never left out.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::Value;

use super::{Named, fenced, paragraphs};
use crate::read::value::{self, Object};

const BEGIN: &str = "<details type=\"";
const END: &str = "</details>";

/// A text in its parts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Parted {
    /// What was thought.
    pub thoughts: Vec<String>,
    /// What was said, and between it what was called and run, each as Markdown.
    pub words: Vec<String>,
    /// Whether anything but plain words was found.
    pub has_blocks: bool,
}

impl Parted {
    /// What was thought and what was said.
    pub(super) fn joined(self) -> (String, String) {
        (paragraphs(self.thoughts), paragraphs(self.words))
    }
}

/// Takes a text apart.
pub(super) fn parted(content: &str, named: &mut Named) -> Parted {
    let mut parted = Parted::default();
    let mut kept = 0;
    // Behind the last end nothing is a block.
    let last = content.rfind(END).unwrap_or_default();
    let mut fence = Fence::default();
    let mut line_at = 0;
    while line_at < last {
        let line = first_line(&content[line_at..]);
        let found = if fence.shows(line) { None } else { first_block(content, line_at, line.len()) };
        let Some((begin, block)) = found else {
            line_at += line.len();
            continue;
        };
        parted.words.push(content[kept..begin].trim().to_owned());
        parted.has_blocks = true;
        match block.kind {
            Kind::Reasoning => parted.thoughts.push(thought(block.inside)),
            Kind::ToolCall => parted.words.push(tool_call(&block, named)),
            Kind::Program => parted.words.push(program(&block)),
        }
        kept = begin + block.length;
        line_at = kept;
    }
    if !parted.has_blocks {
        return Parted { words: vec![content.to_owned()], ..parted };
    }
    parted.words.push(content[kept..].trim().to_owned());
    parted
}

/// What a tool was called with and what it gave back, as Markdown.
pub(super) fn called(name: &str, arguments: Option<&str>, result: Option<&str>) -> String {
    let mut parts = vec![format!("🔧 {}", if name.is_empty() { "tool" } else { name })];
    parts.extend([arguments, result].into_iter().flatten().filter(|text| !text.trim().is_empty()).map(shown));
    paragraphs(parts)
}

/// What a program printed: every text of an object, what it wrote before what it came to, or the value itself.
pub(super) fn printed(output: &Value) -> Vec<String> {
    const ORDER: [&str; 3] = ["stdout", "stderr", "result"];
    let texts: Vec<&Value> = output.as_object().map_or_else(
        || vec![output],
        |output| {
            let rank = |name: &str| ORDER.iter().position(|known| *known == name).unwrap_or(ORDER.len());
            let mut texts: Vec<(&String, &Value)> = output.iter().collect();
            texts.sort_by_key(|(name, _)| (rank(name), name.as_str()));
            texts.into_iter().map(|(_, text)| text).collect()
        },
    );
    let texts = texts.into_iter().filter(|text| !text.is_null()).map(plain);
    texts.filter(|text| !text.trim().is_empty()).map(|text| shown(&text)).collect()
}

/// A value as a text: what a text says, anything else as JSON.
pub(super) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A text in a fenced block, as JSON where it is an object or a list.
fn shown(text: &str) -> String {
    let is_json = matches!(value::parse(text.as_bytes()), Ok(Value::Object(_) | Value::Array(_)));
    fenced(if is_json { "json" } else { "" }, text)
}

/// Files that a tool gave back, by their names.
pub(super) fn files(list: &[Value], named: &mut Named) -> Vec<String> {
    let line = |file: &Value| match file {
        Value::Object(file) => Some(named.line(value::text(file, "type").unwrap_or("file"), value::text(file, "name"))),
        Value::String(_) => Some(named.line("file", None)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
    };
    list.iter().filter_map(line).collect()
}

/// Pages that a tool shows in the answer.
pub(super) fn embeds(list: &[Value]) -> Vec<String> {
    list.iter()
        .filter_map(Value::as_str)
        .filter(|page| !page.trim().is_empty())
        .map(|page| fenced("html", page))
        .collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Reasoning,
    ToolCall,
    Program,
}

/// A block from its first bracket to its last.
#[derive(Debug, Clone, PartialEq)]
struct Block<'a> {
    kind: Kind,
    attributes: Vec<(&'a str, &'a str)>,
    inside: &'a str,
    length: usize,
}

impl Block<'_> {
    /// The text of an attribute that is not empty.
    fn attribute(&self, name: &str) -> Option<String> {
        let found = self.attributes.iter().find(|(known, _)| *known == name)?.1;
        (!found.is_empty()).then(|| unescaped(found))
    }

    /// The value of an attribute: JSON, and nothing where that is empty. JSON inside of a text is the text.
    fn value(&self, name: &str) -> Option<String> {
        let text = self.attribute(name)?;
        match value::parse(text.as_bytes()) {
            Ok(Value::String(inner)) => Some(inner),
            Ok(Value::Null) => None,
            // As it was written: nothing of a number or of an order is lost.
            Ok(_) | Err(_) => Some(text),
        }
    }

    fn list(&self, name: &str) -> Vec<Value> {
        let parsed = self.attribute(name).and_then(|text| value::parse(text.as_bytes()).ok());
        match parsed {
            Some(Value::Array(list)) => list,
            Some(other) => vec![other],
            None => Vec::new(),
        }
    }

    /// What stands in the block beside its summary.
    fn body(&self) -> String {
        let (_, body) = summary(self.inside);
        body.trim().to_owned()
    }
}

fn first_line(text: &str) -> &str {
    let end = memchr::memchr(b'\n', text.as_bytes()).map_or(text.len(), |end| end + 1);
    text.get(..end).unwrap_or(text)
}

/// The first block that begins in a line of a text, outside of code, and where.
fn first_block(content: &str, line_at: usize, length: usize) -> Option<(usize, Block<'_>)> {
    let line = &content[line_at..line_at + length];
    let (mut ticks, mut before) = (0, 0);
    line.match_indices(BEGIN).find_map(|(at, _)| {
        ticks += line[before..at].matches('`').count();
        before = at;
        let begin = line_at + at;
        (ticks % 2 == 0).then(|| block(&content[begin..])).flatten().map(|block| (begin, block))
    })
}

/// The block that begins here, where it is one.
fn block(text: &str) -> Option<Block<'_>> {
    let tag = text.strip_prefix("<details")?;
    let mut attributes = Vec::new();
    let mut rest = tag;
    let after = loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix('>') {
            break after;
        }
        let end = rest.find(|c: char| c == '=' || c == '>' || c == '<' || c.is_whitespace())?;
        let (name, more) = rest.split_at(end);
        rest = match more.strip_prefix("=\"") {
            Some(more) => {
                let (value, more) = more.split_once('"')?;
                attributes.push((name, value));
                more
            }
            // A name without a value, which needs at least a name.
            None if end > 0 && !more.starts_with('=') => more,
            None => return None,
        };
        if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_:".contains(&byte)) {
            return None;
        }
    };
    let kind = match attributes.iter().find(|(name, _)| *name == "type")?.1 {
        "reasoning" => Kind::Reasoning,
        "tool_calls" => Kind::ToolCall,
        "code_interpreter" => Kind::Program,
        _ => return None,
    };
    let end = end(after)?;
    let length = text.len() - after.len() + end + END.len();
    Some(Block { kind, attributes, inside: &after[..end], length })
}

/// How far behind the first end a better one is looked for, in bytes.
const FAR: usize = 256 << 10;

/// Where the inside of a block ends: before the first end that is neither quoted nor inside of code, or else before the first of
/// all. Code that holds a fence itself ends where a fence stands right before the end.
fn end(inside: &str) -> Option<usize> {
    let first = inside.find(END)?;
    let mut fence = Fence::default();
    let mut line_at = 0;
    let mut before = "";
    while line_at < inside.len() && line_at < first + FAR {
        let line = first_line(&inside[line_at..]);
        let is_code = fence.shows(line) && before.trim() != "```";
        if !is_code
            && !line.starts_with('>')
            && let Some(at) = line.find(END)
        {
            return Some(line_at + at);
        }
        before = line;
        line_at += line.len();
    }
    Some(first)
}

/// Whether lines stand in a fenced block (CommonMark 0.31, 4.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Fence(Option<(char, usize)>);

impl Fence {
    /// Whether this line is code or begins or ends a block of it.
    fn shows(&mut self, line: &str) -> bool {
        let text = line.trim_start_matches(' ');
        let mark = text.chars().next().filter(|mark| line.len() - text.len() < 4 && "`~".contains(*mark));
        let after = mark.map_or("", |mark| text.trim_start_matches(mark));
        let length = mark.map_or(0, |_| text.len() - after.len());
        match (self.0, mark) {
            (Some((open, longest)), Some(mark)) if mark == open && length >= longest && after.trim().is_empty() => {
                self.0 = None;
                true
            }
            (Some(_), _) => true,
            (None, Some(mark)) if length >= 3 && !(mark == '`' && after.contains('`')) => {
                self.0 = Some((mark, length));
                true
            }
            (None, _) => false,
        }
    }
}

/// The summary of a block, and everything else in it.
fn summary(inside: &str) -> (Option<&str>, Cow<'_, str>) {
    let found = inside.split_once("<summary>").and_then(|(before, rest)| {
        let (summary, after) = rest.split_once("</summary>")?;
        Some((summary, before, after))
    });
    match found {
        Some((summary, before, after)) if before.trim().is_empty() => (Some(summary.trim()), Cow::Borrowed(after)),
        Some((summary, before, after)) => (Some(summary.trim()), Cow::Owned(format!("{before}\n{after}"))),
        None => (None, Cow::Borrowed(inside)),
    }
}

/// What was thought: a quotation below a summary, which says more than how long it took where somebody wrote it.
fn thought(inside: &str) -> String {
    let (summary, body) = summary(inside);
    let body = body.trim();
    let body = if is_escaped(body) { unescaped(body) } else { body.to_owned() };
    let is_quoted = body.lines().all(|line| line.trim().is_empty() || line.starts_with('>'));
    let body: Vec<&str> = if is_quoted {
        body.lines().map(|line| line.strip_prefix("> ").or(line.strip_prefix('>')).unwrap_or(line)).collect()
    } else {
        body.lines().collect()
    };
    let own = summary.filter(|summary| !summary.starts_with("Thought for ") && !summary.starts_with("Thinking"));
    paragraphs(vec![own.map(unescaped).unwrap_or_default(), body.join("\n").trim().to_owned()])
}

fn tool_call(block: &Block<'_>, named: &mut Named) -> String {
    let name = block.attribute("name").unwrap_or_default();
    let body = block.body();
    let body = if is_escaped(&body) { unescaped(&body) } else { body };
    // Newer ones have what came back in the block, older ones beside it.
    let result = block.value("result");
    let (result, more) = match result {
        Some(result) => (Some(result), body),
        None => (unfenced(&body).map(|(_, text)| text.to_owned()).or(Some(body)), String::new()),
    };
    let mut parts = vec![called(&name, block.value("arguments").as_deref(), result.as_deref()), more];
    parts.extend(files(&block.list("files"), named));
    parts.extend(embeds(&block.list("embeds")));
    paragraphs(parts)
}

fn program(block: &Block<'_>) -> String {
    let body = block.body();
    let code = unfenced(&body).map(|(language, code)| fenced(language, code));
    let mut parts = vec![code.unwrap_or(body)];
    if let Some(output) = block.attribute("output").or_else(|| block.attribute("result")) {
        parts.extend(printed(&value::parse(output.as_bytes()).unwrap_or(Value::String(output))));
    }
    paragraphs(parts)
}

/// What stands in the fence that a whole text is, and its language.
fn unfenced(text: &str) -> Option<(&str, &str)> {
    let inside = text.trim().strip_prefix("```")?.strip_suffix("```")?;
    let (language, code) = inside.split_once('\n')?;
    Some((language.trim(), code.trim_end_matches('\n')))
}

const ENTITIES: [(&str, char); 7] = [
    ("&lt;", '<'),
    ("&gt;", '>'),
    ("&quot;", '"'),
    ("&#x27;", '\''),
    ("&#39;", '\''),
    ("&apos;", '\''),
    ("&amp;", '&'),
];

/// Whether a text was escaped: nothing of it needs to be. Marks of a quotation may have been put before it afterwards.
fn is_escaped(text: &str) -> bool {
    text.lines().all(|line| {
        let line = line.trim_start_matches(['>', ' ']);
        !line.contains(['<', '>', '"', '\''])
            && line.match_indices('&').all(|(at, _)| ENTITIES.iter().any(|(entity, _)| line[at..].starts_with(entity)))
    })
}

/// A text as it was before it was escaped, once.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let (length, character) = ENTITIES
            .iter()
            .find(|(entity, _)| rest.starts_with(entity))
            .map_or((1, '&'), |(entity, character)| (entity.len(), *character));
        plain.push(character);
        rest = &rest[length..];
    }
    plain.push_str(rest);
    plain
}

/// What a newer Open WebUI keeps beside the text of an answer: the items that it consists of, in the form of OpenAI's
/// `responses`. A call and what it gave back are two items.
pub(super) fn items(output: &[Value], named: &mut Named) -> Parted {
    let mut parted = Parted::default();
    let of_kind = |wanted: &str| -> HashMap<String, &Object> {
        let items = output.iter().filter_map(Value::as_object);
        let wanted = items.filter(|item| value::text(item, "type") == Some(wanted));
        wanted.filter_map(|item| Some((value::id(item, "call_id")?, item))).collect()
    };
    let (calls, backs) = (of_kind("function_call"), of_kind("function_call_output"));
    for item in output.iter().filter_map(Value::as_object) {
        let kind = value::text(item, "type").unwrap_or_default();
        let call = value::id(item, "call_id");
        parted.has_blocks |= kind != "message";
        match kind {
            "message" => parted.words.extend(texts(item, "content", named)),
            "reasoning" => {
                let (summary, content) = (texts(item, "summary", named), texts(item, "content", named));
                let (summary, content) = (summary.concat(), content.concat());
                let is_twice = summary.trim() == content.trim();
                parted.thoughts.push(summary.trim().to_owned());
                parted.thoughts.extend((!is_twice).then(|| content.trim().to_owned()));
            }
            "function_call" => {
                let back = call.and_then(|call| backs.get(&call)).copied();
                let result = back.map(|back| texts(back, "output", named).join("\n\n"));
                let arguments = item.get("arguments").filter(|arguments| !arguments.is_null()).map(plain);
                let name = value::text(item, "name").unwrap_or_default();
                parted.words.push(called(name, arguments.as_deref(), result.as_deref()));
                if let Some(back) = back {
                    parted.words.extend(files(value::list(back, "files"), named));
                    parted.words.extend(embeds(value::list(back, "embeds")));
                }
            }
            "function_call_output" if call.as_ref().is_some_and(|call| calls.contains_key(call)) => {}
            "function_call_output" => {
                parted.words.push(called("", None, Some(&texts(item, "output", named).join("\n\n"))));
            }
            "open_webui:code_interpreter" | "code_interpreter" => {
                let code = value::text(item, "code").unwrap_or_default();
                let language = value::text(item, "lang").or_else(|| value::text(item, "language")).unwrap_or("python");
                parted.words.push(if code.trim().is_empty() { String::new() } else { fenced(language, code.trim()) });
                parted.words.extend(item.get("output").map(printed).unwrap_or_default());
            }
            "" => {}
            other => parted.words.push(named.line(other, value::text(item, "name"))),
        }
    }
    parted
}

/// The texts of a member: a text, or a list of parts of which some may be none.
fn texts(item: &Object, key: &str, named: &mut Named) -> Vec<String> {
    match item.get(key) {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(parts)) => {
            let part = |part: &Value| match part {
                Value::String(text) => Some(text.clone()),
                Value::Object(part) => match part.get("text").or_else(|| part.get("refusal")) {
                    Some(Value::String(text)) => Some(text.clone()),
                    _ => value::text(part, "type").map(|kind| named.line(kind.trim_start_matches("input_"), None)),
                },
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
            };
            parts.iter().filter_map(part).collect()
        }
        Some(Value::Object(object)) => vec![Value::Object(object.clone()).to_string()],
        Some(Value::Null | Value::Bool(_) | Value::Number(_)) | None => Vec::new(),
    }
}
