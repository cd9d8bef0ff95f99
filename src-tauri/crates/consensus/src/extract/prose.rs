//! From a model's Markdown, LaTeX and HTML to plain sentences that remember what was set in bold, boxed or quoted as
//! code. Reads what a person would see and nothing else: reasoning between `<think>` tags, comments and struck-out text
//! are dropped. One pass over the characters with a small stack; no recursion, no backtracking, so that hostile input
//! costs no more than honest input.

use std::collections::HashSet;
use std::ops::Range;

use super::language::Language;
use super::token::{Token, tokens};

/// Of a longer answer only the beginning and the end are read: that is where a result stands.
const LONGEST_READ: usize = 48 * 1024;
/// A sentence longer than this is cut: no rule has to look further.
const LONGEST_SENTENCE: usize = 2_000;
/// The longest tag that is taken for HTML.
const LONGEST_TAG: usize = 60;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Block {
    Paragraph,
    /// With its level.
    Heading(u8),
    /// A list's item. Items of one list share the number.
    Item(usize),
    Row(usize),
    Quote,
}

/// One sentence, as a reader sees it.
#[derive(Debug, Clone)]
pub(crate) struct Sentence {
    pub(crate) text: String,
    pub(crate) tokens: Vec<Token>,
    pub(crate) block: Block,
    /// "3" or "b" where the line began with "3." or "b)".
    pub(crate) marker: Option<String>,
    /// Is it the first of its line?
    pub(crate) opens_line: bool,
    pub(crate) bold: Vec<Range<usize>>,
    pub(crate) boxed: Vec<Range<usize>>,
    pub(crate) coded: Vec<Range<usize>>,
    /// The cells, in a table's row.
    pub(crate) cells: Vec<String>,
}

/// A fenced block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fence {
    pub(crate) info: String,
    pub(crate) body: String,
    /// How many sentences stand before it.
    pub(crate) after: usize,
}

/// What is there to read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reading {
    pub(crate) sentences: Vec<Sentence>,
    pub(crate) fences: Vec<Fence>,
}

impl Reading {
    pub(crate) fn is_empty(&self) -> bool {
        self.sentences.iter().all(|s| s.tokens.iter().all(|t| t.kind == super::token::TokenKind::Mark))
            && self.fences.iter().all(|fence| fence.body.trim().is_empty())
    }
}

/// Reads a text.
pub(crate) fn read(text: &str, language: &Language) -> Reading {
    let text = without_reasoning(text);
    let text = without_middle(&text);
    let mut reading = Reading::default();
    let numbered = numbered(&text);
    let mut fence: Option<(String, Fence)> = None;
    let mut pending: Option<Line> = None;
    let mut list = 0;
    let mut was_listing = false;
    for raw in text.lines() {
        if let Some((marks, open)) = fence.as_mut() {
            if raw.trim().starts_with(marks.as_str()) && raw.trim().chars().all(|c| marks.starts_with(c)) {
                reading.fences.extend(fence.take().map(|(_, done)| done));
            } else {
                open.body.push_str(raw);
                open.body.push('\n');
            }
            continue;
        }
        if let Some((marks, info)) = fence_opening(raw) {
            flush(&mut pending, &mut reading, language);
            let after = reading.sentences.len();
            fence = Some((marks, Fence { info, body: String::new(), after }));
            continue;
        }
        let line = Line::parse(raw, list, &numbered);
        let listing = matches!(line.block, Block::Item(_) | Block::Row(_));
        if line.content.trim().is_empty() {
            flush(&mut pending, &mut reading, language);
            continue;
        }
        if was_listing && !listing && !raw.starts_with([' ', '\t']) {
            list += 1;
        }
        was_listing = listing || (was_listing && raw.starts_with([' ', '\t']));
        let continues = line.block == Block::Paragraph
            && line.content.chars().next().is_some_and(char::is_lowercase)
            && !line.content.get(1..).is_some_and(|rest| rest.starts_with([')', '.', ':']))
            && pending
                .as_ref()
                .is_some_and(|open| open.content.trim_end().ends_with(|c: char| c.is_alphanumeric() || c == ','));
        match (continues, pending.as_mut()) {
            (true, Some(open)) => {
                open.content.push(' ');
                open.content.push_str(line.content.trim());
            }
            _ => {
                flush(&mut pending, &mut reading, language);
                pending = Some(line);
            }
        }
    }
    flush(&mut pending, &mut reading, language);
    // A fence that never closes still holds what it holds.
    reading.fences.extend(fence.map(|(_, open)| open));
    reading
}

/// Reads a text without lines, markers or fences: an option, a list's item.
pub(crate) fn plain(text: &str) -> String {
    Inline::read(text).text
}

fn flush(pending: &mut Option<Line>, reading: &mut Reading, language: &Language) {
    if let Some(line) = pending.take() {
        line.sentences(language, &mut reading.sentences);
    }
}

/// Reasoning that some models leave in their answer is not the answer.
fn without_reasoning(text: &str) -> String {
    const FINAL: &str = "<|channel|>final<|message|>";
    let text = text.rfind(FINAL).and_then(|at| text.get(at + FINAL.len()..)).unwrap_or(text);
    let mut kept = text.to_owned();
    for (open, close) in [
        ("<think>", "</think>"),
        ("<thinking>", "</thinking>"),
        ("<reasoning>", "</reasoning>"),
        ("<thought>", "</thought>"),
        ("<!--", "-->"),
    ] {
        // Some templates swallow the opening tag.
        if !kept.contains(open) {
            if let (Some((_, after)), true) = (kept.split_once(close), close.starts_with("</")) {
                kept = after.to_owned();
            }
            continue;
        }
        let mut rest = kept.as_str();
        let mut outside = String::with_capacity(kept.len());
        while let Some((before, inside)) = rest.split_once(open) {
            outside.push_str(before);
            rest = inside.split_once(close).map_or("", |(_, after)| after);
        }
        outside.push_str(rest);
        kept = outside;
    }
    for mark in ["<|im_end|>", "<|end|>", "<|return|>", "<|endoftext|>", "<|eot_id|>", "</s>"] {
        if kept.contains(mark) {
            kept = kept.replace(mark, "");
        }
    }
    kept
}

fn without_middle(text: &str) -> String {
    if text.len() <= LONGEST_READ {
        return text.to_owned();
    }
    let head = text.floor_char_boundary(LONGEST_READ / 2);
    let tail = text.ceil_char_boundary(text.len() - LONGEST_READ / 2);
    let part = |range: Range<usize>| text.get(range).unwrap_or_default();
    format!("{}\n{}", part(0..head), part(tail..text.len()))
}

fn fence_opening(raw: &str) -> Option<(String, String)> {
    let line = raw.trim_start();
    let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let marks: String = line.chars().take_while(|c| *c == mark).collect();
    let info = line.get(marks.len()..)?.trim();
    (marks.len() >= 3 && !info.contains('`')).then(|| (marks.clone(), info.to_lowercase()))
}

/// The numbers that lines of the text begin with, as those of a list do.
fn numbered(text: &str) -> HashSet<u16> {
    text.lines().filter_map(|line| Line::marker(line.trim())?.0.parse().ok()).collect()
}

/// One line with its block's marks taken off.
struct Line {
    block: Block,
    marker: Option<String>,
    content: String,
}

impl Line {
    fn parse(raw: &str, list: usize, numbered: &HashSet<u16>) -> Self {
        let line = raw.trim();
        let of = |block, content: &str| Self { block, marker: None, content: content.to_owned() };
        if let Some(quoted) = line.strip_prefix('>') {
            return of(Block::Quote, quoted.trim_start_matches(['>', ' ']));
        }
        let hashes = line.chars().take_while(|c| *c == '#').count();
        if let (1..=6, Some(title)) = (hashes, line.get(hashes..).filter(|rest| rest.starts_with(' '))) {
            return of(Block::Heading(u8::try_from(hashes).unwrap_or(6)), title.trim().trim_end_matches('#'));
        }
        if line.len() >= 3 && line.chars().all(|c| matches!(c, '-' | '*' | '_' | '=' | ' ')) {
            return of(Block::Paragraph, "");
        }
        if line.starts_with('|') && line.len() > 1 {
            let is_rule = line.chars().all(|c| matches!(c, '|' | '-' | ':' | ' '));
            return of(Block::Row(list), if is_rule { "" } else { line.trim_matches('|') });
        }
        for bullet in ["- [x] ", "- [X] ", "- [ ] ", "- ", "* ", "+ ", "• ", "– ", "· ", "‣ ", "◦ "] {
            if let Some(item) = line.strip_prefix(bullet) {
                return of(Block::Item(list), item.trim_start());
            }
        }
        // "81. That is all." is no list's eighty-first item.
        let listed = |marker: &str| {
            marker.parse::<u16>().is_ok_and(|n| numbered.contains(&(n + 1)) || n > 0 && numbered.contains(&(n - 1)))
        };
        match Self::marker(line).filter(|(marker, _)| listed(marker)) {
            Some((marker, rest)) => {
                Self { block: Block::Item(list), marker: Some(marker.to_owned()), content: rest.trim().to_owned() }
            }
            None => of(Block::Paragraph, line),
        }
    }

    /// "3. " or "3) " at the beginning of a line. "3.5" is a number.
    fn marker(line: &str) -> Option<(&str, &str)> {
        let digits = line.bytes().take_while(u8::is_ascii_digit).count();
        let (marker, rest) = line.split_at_checked(digits)?;
        let rest = rest.strip_prefix(['.', ')']).or_else(|| rest.strip_prefix(".-"))?;
        ((1..=3).contains(&digits) && rest.starts_with(' ') && !rest.trim().is_empty()).then_some((marker, rest))
    }

    fn sentences(self, language: &Language, into: &mut Vec<Sentence>) {
        let inline = Inline::read(&self.content);
        let cells = match self.block {
            Block::Row(_) => inline.text.split('|').map(|cell| cell.trim().to_owned()).collect(),
            Block::Paragraph | Block::Heading(_) | Block::Item(_) | Block::Quote => Vec::new(),
        };
        let mut first = true;
        for range in split(&inline.text, language) {
            let Some(text) = inline.text.get(range.clone()) else { continue };
            let lead = text.len() - text.trim_start().len();
            let start = range.start + lead;
            let text = text.trim().to_owned();
            if text.is_empty() {
                continue;
            }
            let end = start + text.len();
            let within = |spans: &[Range<usize>]| {
                spans
                    .iter()
                    .filter(|span| span.start < end && span.end > start)
                    .map(|span| span.start.saturating_sub(start)..span.end.min(end) - start)
                    .collect()
            };
            into.push(Sentence {
                tokens: tokens(&text),
                block: self.block,
                marker: self.marker.clone().filter(|_| first),
                opens_line: first,
                bold: within(&inline.bold),
                boxed: within(&inline.boxed),
                coded: within(&inline.coded),
                cells: cells.clone(),
                text,
            });
            first = false;
        }
    }
}

/// Where sentences begin and end. A full stop inside a number, after an abbreviation or between initials does not end
/// one.
fn split(text: &str, language: &Language) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut start = 0;
    let last_spoken = text.rfind(char::is_alphanumeric).unwrap_or(0);
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let ends = match c {
            '!' | '?' | '…' | '\n' | '。' => true,
            '.' => {
                let after = text.get(at + 1..).unwrap_or_default();
                let closed = after.trim_start_matches(['"', '”', '»', ')', '\'', '’']);
                let spaced = closed.is_empty() || closed.starts_with(char::is_whitespace);
                spaced && !is_abbreviation(text.get(start..at).unwrap_or_default(), closed.trim_start(), language)
            }
            _ => c.is_whitespace() && at - start > LONGEST_SENTENCE || at - start > 2 * LONGEST_SENTENCE,
        };
        // A closing ✅ belongs to what it judges.
        let goes_on = last_spoken > at || at - start > 2 * LONGEST_SENTENCE;
        if !ends || !goes_on {
            continue;
        }
        let mut end = at + c.len_utf8();
        while let Some((next, mark)) =
            chars.next_if(|(_, mark)| matches!(mark, '.' | '!' | '?' | '…' | '"' | '”' | '»' | ')' | '’'))
        {
            end = next + mark.len_utf8();
        }
        ranges.push(start..end);
        start = end;
    }
    ranges.push(start..text.len());
    ranges
}

fn is_abbreviation(before: &str, after: &str, language: &Language) -> bool {
    // A lower-case letter goes on with the sentence, whatever stands before.
    if after.starts_with(char::is_lowercase) {
        return true;
    }
    let last = before.rsplit(|c: char| c.is_whitespace() || matches!(c, '(' | '.')).next().unwrap_or_default();
    let folded = super::token::fold(last);
    // "No. 5" is an abbreviation, "No. All of them" an answer.
    if folded == "no" && !after.starts_with(|c: char| c.is_ascii_digit()) {
        return false;
    }
    // "44 a. C."
    if matches!(folded.as_str(), "a" | "d") && (after.starts_with("C.") || after.starts_with("J. C")) {
        return true;
    }
    if language.abbreviations.contains(&folded.as_str()) {
        return true;
    }
    // Initials: "J. R. R. Tolkien", "John F. Kennedy".
    let is_initial = last.chars().count() == 1 && last.starts_with(char::is_uppercase);
    let mut following = after.chars();
    let next_is_initial = following.next().is_some_and(char::is_uppercase) && following.next() == Some('.');
    let before_it = before.strip_suffix(last).unwrap_or_default().trim_end();
    let follows_initial = before_it.ends_with('.');
    let word_before = before_it.rsplit(char::is_whitespace).next().unwrap_or_default();
    let follows_name = word_before.chars().count() > 1
        && word_before.starts_with(char::is_uppercase)
        && !language.option_nouns.contains(&super::token::fold(word_before).as_str());
    is_initial && after.starts_with(char::is_uppercase) && (next_is_initial || follows_initial || follows_name)
}

/// What a brace closes.
enum Frame {
    Plain,
    Bold(usize),
    Boxed(usize),
    Numerator,
}

/// A line's text with what was emphasised in it.
#[derive(Default)]
struct Inline {
    text: String,
    bold: Vec<Range<usize>>,
    boxed: Vec<Range<usize>>,
    coded: Vec<Range<usize>>,
    frames: Vec<Frame>,
    open_bold: Option<usize>,
    struck: Option<usize>,
    in_math: bool,
}

impl Inline {
    fn read(line: &str) -> Self {
        let mut inline = Self::default();
        let mut rest = line;
        while let Some(c) = rest.chars().next() {
            let taken = inline.step(rest, c);
            rest = rest.get(taken.max(c.len_utf8())..).unwrap_or_default();
        }
        inline
    }

    fn before(&self) -> Option<char> {
        self.text.chars().next_back()
    }

    /// Handles what `rest` begins with and says how many bytes that was.
    fn step(&mut self, rest: &str, c: char) -> usize {
        let next = rest.get(c.len_utf8()..).and_then(|tail| tail.chars().next());
        match c {
            '*' | '_' if rest.starts_with("**") || rest.starts_with("__") => {
                self.double_mark(rest.get(2..).unwrap_or_default());
                2
            }
            '*' | '_' if !self.in_math => {
                let opens =
                    next.is_some_and(|n| !n.is_whitespace()) && !self.before().is_some_and(char::is_alphanumeric);
                let closes =
                    self.before().is_some_and(|b| !b.is_whitespace()) && !next.is_some_and(char::is_alphanumeric);
                if !(opens || closes) {
                    self.text.push(c);
                }
                1
            }
            '~' if rest.starts_with("~~") => {
                match self.struck.take() {
                    Some(start) => self.cut(start),
                    None => self.struck = Some(self.text.len()),
                }
                2
            }
            '`' => self.code_span(rest),
            '!' if next == Some('[') => {
                self.link(rest.get(1..).unwrap_or_default()).map_or(0, |(_, length)| length + 1)
            }
            '[' => match self.link(rest) {
                Some((label, length)) => {
                    self.text.push_str(&label);
                    length
                }
                None => self.keep(c),
            },
            '<' => self.tag(rest).unwrap_or_else(|| self.keep(c)),
            '&' => self.entity(rest),
            '$' => self.dollar(rest),
            '\\' => self.command(rest),
            '{' if self.in_math || !self.frames.is_empty() => {
                self.frames.push(Frame::Plain);
                1
            }
            '}' if !self.frames.is_empty() => self.close_brace(rest),
            '{' | '}' => self.keep(c),
            _ => {
                self.character(c);
                c.len_utf8()
            }
        }
    }

    fn keep(&mut self, c: char) -> usize {
        self.text.push(c);
        c.len_utf8()
    }

    fn character(&mut self, c: char) {
        const RAISED: [(char, char); 12] = [
            ('⁰', '0'),
            ('¹', '1'),
            ('²', '2'),
            ('³', '3'),
            ('⁴', '4'),
            ('⁵', '5'),
            ('⁶', '6'),
            ('⁷', '7'),
            ('⁸', '8'),
            ('⁹', '9'),
            ('⁻', '-'),
            ('⁺', '+'),
        ];
        const FRACTIONS: [(char, &str); 9] = [
            ('½', "1/2"),
            ('⅓', "1/3"),
            ('⅔', "2/3"),
            ('¼', "1/4"),
            ('¾', "3/4"),
            ('⅕', "1/5"),
            ('⅙', "1/6"),
            ('⅛', "1/8"),
            ('⅜', "3/8"),
        ];
        if let Some((_, digit)) = RAISED.iter().find(|(raised, _)| *raised == c) {
            // "10²³" is one exponent.
            let near =
                self.text.get(self.text.ceil_char_boundary(self.text.len().saturating_sub(8))..).unwrap_or_default();
            let goes_on = near.rsplit_once('^').is_some_and(|(_, exponent)| {
                !exponent.is_empty() && exponent.chars().all(|e| e.is_ascii_digit() || e == '-')
            });
            if !goes_on {
                self.text.push('^');
            }
            self.text.push(*digit);
        } else if let Some((_, written)) = FRACTIONS.iter().find(|(vulgar, _)| *vulgar == c) {
            if self.before().is_some_and(|b| b.is_ascii_digit()) {
                self.text.push(' ');
            }
            self.text.push_str(written);
        } else {
            match c {
                '−' => self.text.push('-'),
                '⁄' | '∕' => self.text.push('/'),
                '✕' | '✖' | '⋅' => self.text.push('×'),
                '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}' => (),
                other => self.text.push(other),
            }
        }
    }

    fn double_mark(&mut self, after: &str) {
        match self.open_bold.take() {
            Some(start) => self.mark_bold(start),
            None if after.starts_with(|c: char| !c.is_whitespace())
                && !self.before().is_some_and(char::is_alphanumeric) =>
            {
                self.open_bold = Some(self.text.len());
            }
            None => self.text.push_str("**"),
        }
    }

    fn mark_bold(&mut self, start: usize) {
        if start < self.text.len() {
            self.bold.push(start..self.text.len());
        }
    }

    /// Takes back what was struck out.
    fn cut(&mut self, start: usize) {
        self.text.truncate(start);
        for spans in [&mut self.bold, &mut self.boxed, &mut self.coded] {
            spans.retain(|span| span.end <= start);
        }
        self.open_bold = self.open_bold.filter(|open| *open <= start);
    }

    fn code_span(&mut self, rest: &str) -> usize {
        let marks = rest.bytes().take_while(|b| *b == b'`').count();
        let (fence, inside) = rest.split_at(marks);
        let Some((code, _)) = inside.split_once(fence) else {
            return marks;
        };
        let start = self.text.len();
        self.text.push_str(code.trim());
        self.coded.push(start..self.text.len());
        marks * 2 + code.len()
    }

    /// `[label](target)`: the label and the length of the whole.
    fn link(&self, rest: &str) -> Option<(String, usize)> {
        let inside = rest.strip_prefix('[')?;
        let near = inside.get(..inside.floor_char_boundary(inside.len().min(400)))?;
        let (label, after) = near.split_once(']')?;
        let target = after.strip_prefix('(')?;
        let (target, _) = target.split_once(')')?;
        Some((label.replace(['*', '`'], ""), label.len() + target.len() + 4))
    }

    fn tag(&mut self, rest: &str) -> Option<usize> {
        let near = rest.get(..rest.floor_char_boundary(rest.len().min(LONGEST_TAG)))?;
        let (tag, _) = near.get(1..)?.split_once('>')?;
        let closing = tag.starts_with('/');
        let name: String = tag.trim_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
        if name.is_empty() || tag.contains('<') {
            return None;
        }
        match (name.to_ascii_lowercase().as_str(), closing) {
            ("b" | "strong" | "mark", false) => self.open_bold = Some(self.text.len()),
            ("b" | "strong" | "mark", true) => {
                if let Some(start) = self.open_bold.take() {
                    self.mark_bold(start);
                }
            }
            ("s" | "del" | "strike", false) => self.struck = Some(self.text.len()),
            ("s" | "del" | "strike", true) => {
                if let Some(start) = self.struck.take() {
                    self.cut(start);
                }
            }
            ("sup", false) => self.text.push('^'),
            ("br" | "p" | "li" | "div" | "td", _) => self.text.push('\n'),
            _ => (),
        }
        Some(tag.len() + 2)
    }

    fn entity(&mut self, rest: &str) -> usize {
        for (entity, stands_for) in [
            ("&nbsp;", '\u{a0}'),
            ("&lt;", '<'),
            ("&gt;", '>'),
            ("&amp;", '&'),
            ("&quot;", '"'),
            ("&#39;", '\''),
            ("&deg;", '°'),
        ] {
            if rest.starts_with(entity) {
                self.text.push(stands_for);
                return entity.len();
            }
        }
        if !self.in_math {
            self.text.push('&');
        }
        1
    }

    /// `$` opens and closes mathematics by the rule Pandoc has (no space inside, no digit after), and is money otherwise.
    fn dollar(&mut self, rest: &str) -> usize {
        if rest.starts_with("$$") {
            self.in_math = !self.in_math;
            self.pad();
            return 2;
        }
        if self.in_math {
            self.in_math = false;
            return 1;
        }
        let inside = rest.get(1..).unwrap_or_default();
        let opens = inside.starts_with(|c: char| !c.is_whitespace());
        let closes = inside.split_once('$').is_some_and(|(formula, after)| {
            formula.ends_with(|c: char| !c.is_whitespace()) && !after.starts_with(|c: char| c.is_ascii_digit())
        });
        if opens && closes {
            self.in_math = true;
        } else {
            self.text.push('$');
        }
        1
    }

    fn pad(&mut self) {
        if self.before().is_some_and(|c| !c.is_whitespace()) {
            self.text.push(' ');
        }
    }

    fn command(&mut self, rest: &str) -> usize {
        let after = rest.get(1..).unwrap_or_default();
        let name: String = after.chars().take_while(char::is_ascii_alphabetic).collect();
        if name.is_empty() {
            return self.escape(after);
        }
        let mut taken = 1 + name.len();
        let braced = after.get(name.len()..).unwrap_or_default().trim_start().starts_with('{');
        let mut open = |inline: &mut Self, frame: Frame| {
            if braced {
                let tail = rest.get(taken..).unwrap_or_default();
                taken += tail.find('{').map_or(0, |at| at + 1);
                inline.frames.push(frame);
            }
        };
        let at = self.text.len();
        match name.as_str() {
            "boxed" | "fbox" => open(self, Frame::Boxed(at)),
            "mathbf" | "textbf" | "bf" | "boldsymbol" => open(self, Frame::Bold(at)),
            "text" | "mathrm" | "textit" | "mathit" | "mbox" | "operatorname" | "textrm" | "color" | "overline" => {
                open(self, Frame::Plain);
            }
            "frac" | "dfrac" | "tfrac" | "cfrac" => {
                if self.before().is_some_and(|c| c.is_ascii_digit()) {
                    self.text.push(' ');
                }
                open(self, Frame::Numerator);
            }
            "circ" | "degree" => {
                if self.text.ends_with('^') {
                    self.text.pop();
                }
                self.text.push('°');
            }
            "pm" => self.text.push_str(" ± "),
            "times" | "cdot" | "ast" => self.text.push_str(" × "),
            "div" => self.text.push_str(" ÷ "),
            "approx" | "simeq" | "sim" => self.text.push_str(" ≈ "),
            "implies" | "Rightarrow" | "to" | "rightarrow" | "longrightarrow" | "Longrightarrow" => {
                self.text.push_str(" → ")
            }
            "lt" => self.text.push_str(" < "),
            "gt" => self.text.push_str(" > "),
            "euro" => self.text.push('€'),
            "pounds" => self.text.push('£'),
            "quad" | "qquad" | "newline" => self.text.push(' '),
            "left" | "right" | "displaystyle" | "begin" | "end" | "big" | "Big" | "bigl" | "bigr" | "limits" => (),
            "pi" => self.text.push('π'),
            "sqrt" => self.text.push('√'),
            other => {
                self.pad();
                self.text.push_str(other);
                self.text.push(' ');
            }
        }
        taken
    }

    fn escape(&mut self, after: &str) -> usize {
        let Some(c) = after.chars().next() else {
            return 1;
        };
        match c {
            ',' | '!' | ';' | ':' if self.before().is_some_and(|b| b.is_ascii_digit()) => {
                // A thin space inside a number groups its digits; before a unit it is a space.
                if after.get(1..).is_some_and(|tail| !tail.starts_with(|d: char| d.is_ascii_digit())) {
                    self.text.push(' ');
                } else if c != '!' {
                    self.text.push('\u{202f}');
                }
            }
            ',' | '!' | ';' | ':' => (),
            '(' | ')' | '[' | ']' => {
                self.in_math = matches!(c, '(' | '[');
                self.pad();
            }
            ' ' => self.text.push(' '),
            '\\' => self.text.push(' '),
            other => self.text.push(other),
        }
        1 + c.len_utf8()
    }

    fn close_brace(&mut self, rest: &str) -> usize {
        match self.frames.pop() {
            Some(Frame::Boxed(start)) => {
                if start < self.text.len() {
                    self.boxed.push(start..self.text.len());
                }
                self.pad();
            }
            Some(Frame::Bold(start)) => self.mark_bold(start),
            Some(Frame::Numerator) if rest.get(1..).is_some_and(|tail| tail.trim_start().starts_with('{')) => {
                self.text.push('/');
                self.frames.push(Frame::Plain);
                return rest.find('{').map_or(1, |at| at + 1);
            }
            Some(Frame::Numerator | Frame::Plain) | None => (),
        }
        1
    }
}
