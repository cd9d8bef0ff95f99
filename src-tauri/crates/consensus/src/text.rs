//! Answers as words and passages: without thinking and Markdown, in any script.

use std::borrow::Cow;

use icu_normalizer::ComposingNormalizerBorrowed;

/// An answer without what the model thought aloud in it. A thought that was never closed is all that is left of it.
pub fn without_thinking(text: &str) -> Cow<'_, str> {
    const PAIRS: [(&str, &str); 2] = [("<think>", "</think>"), ("<thinking>", "</thinking>")];
    let mut rest = Cow::Borrowed(text);
    for (open, close) in PAIRS {
        // Some chat templates open the thought themselves, so that only its end is in the text.
        if let (None, Some(end)) = (rest.find(open), rest.find(close)) {
            rest = Cow::Owned(rest[end + close.len()..].to_owned());
        }
        while let Some(begin) = rest.find(open) {
            let end = rest[begin..].find(close).map_or(rest.len(), |end| begin + end + close.len());
            rest = Cow::Owned(format!("{}{}", &rest[..begin], &rest[end..]));
        }
    }
    rest
}

/// A text as it is compared: compatibility forms unified, lower case.
pub(crate) fn folded(text: &str) -> String {
    let plain =
        if text.is_ascii() { Cow::Borrowed(text) } else { ComposingNormalizerBorrowed::new_nfkc().normalize(text) };
    plain.to_lowercase()
}

/// The words of a folded text. Punctuation and Markdown's marks part words and are none; the addresses of links and the
/// names of tags are left out. Scripts that write without spaces give each pair of neighbouring characters.
pub(crate) fn words<'t>(folded: &'t str, mut visit: impl FnMut(&'t str)) {
    let mut begin = None;
    // The character before in a script without spaces, where it stands next to this one.
    let mut before: Option<usize> = None;
    // Until where an address or a tag reaches.
    let mut skip = 0;
    for (at, c) in folded.char_indices() {
        if at < skip {
            continue;
        }
        let dense = is_dense(c);
        let inside = c.is_alphanumeric() && !dense
            || begin.is_some() && (matches!(c, '.' | ',') && number_goes_on(folded, at) || is_joiner(c, folded, at));
        if inside {
            if begin.is_none() {
                if let Some(end) = address_at(folded, at) {
                    skip = end;
                    before = None;
                    continue;
                }
                begin = Some(at);
            }
            before = None;
            continue;
        }
        if let Some(begin) = begin.take() {
            visit(&folded[begin..at]);
        }
        if dense {
            if let Some(first) = before {
                visit(&folded[first..at + c.len_utf8()]);
            }
            before = Some(at);
        } else {
            before = None;
        }
        if c == '<' {
            skip = tag_at(folded, at).unwrap_or(skip);
        }
    }
    if let Some(begin) = begin {
        visit(&folded[begin..]);
    }
}

/// Scripts that write without spaces between words: Han, kana, Thai, Lao, Khmer, Burmese.
fn is_dense(c: char) -> bool {
    matches!(u32::from(c),
        0x0e00..=0x0eff | 0x1000..=0x109f | 0x1780..=0x17ff | 0x3040..=0x30ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff
        | 0xf900..=0xfaff | 0x20000..=0x3ffff)
        && !c.is_ascii_punctuation()
}

/// Marks that belong to the word they stand in: combining ones, and the apostrophe between letters.
fn is_joiner(c: char, text: &str, at: usize) -> bool {
    let next = || text[at + c.len_utf8()..].chars().next();
    matches!(u32::from(c), 0x0300..=0x036f | 0x0591..=0x05c7 | 0x064b..=0x065f | 0x0900..=0x0903 | 0x093a..=0x094f)
        || matches!(c, '\'' | '’') && next().is_some_and(char::is_alphabetic)
}

/// Whether the mark at `at` stands between two digits.
fn number_goes_on(text: &str, at: usize) -> bool {
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    digit(text[..at].chars().next_back()) && digit(text[at + 1..].chars().next())
}

/// The end of an address that begins here.
fn address_at(text: &str, at: usize) -> Option<usize> {
    let rest = &text[at..];
    if !(rest.starts_with("http://") || rest.starts_with("https://")) {
        return None;
    }
    let end = rest.find(|c: char| c.is_whitespace() || matches!(c, ')' | '>' | '"' | '<')).unwrap_or(rest.len());
    Some(at + end)
}

/// The end of a tag that begins here; `a < b` is none.
fn tag_at(text: &str, at: usize) -> Option<usize> {
    let rest = &text[at + 1..];
    let named = rest.trim_start_matches('/').starts_with(|c: char| c.is_ascii_alphabetic());
    let end = rest.find(['>', '\n', '<'])?;
    (named && end <= 200 && rest[end..].starts_with('>')).then_some(at + 1 + end + 1)
}

/// The passages of a text: sentences, list items, table rows, headings; a block of code is one.
pub(crate) fn passages(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut fence: Option<usize> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let marks = line.trim_start();
        if marks.starts_with("```") || marks.starts_with("~~~") {
            fence = match fence {
                Some(begin) => {
                    found.push(text[begin..at].trim());
                    None
                }
                None => Some(at + line.len()),
            };
        } else if fence.is_none() {
            sentences(line, &mut found);
        }
        at += line.len();
    }
    if let Some(begin) = fence {
        found.push(text[begin..].trim());
    }
    found.retain(|passage| !passage.is_empty());
    found
}

fn sentences<'t>(line: &'t str, found: &mut Vec<&'t str>) {
    let line = line.trim().trim_start_matches(['#', '>', '-', '*', '+', '|', ' ', '\t']);
    let mut begin = 0;
    let mut chars = line.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let ends = match c {
            '。' | '！' | '？' | '؟' | '।' => true,
            '.' | '!' | '?' | '…' | ';' => chars.peek().is_some_and(|&(_, next)| next.is_whitespace()),
            _ => false,
        };
        // `1. ` at the beginning numbers an item and ends nothing.
        if ends && line[begin..at].chars().any(char::is_alphabetic) {
            let end = at + c.len_utf8();
            found.push(line[begin..end].trim());
            begin = end;
        }
    }
    found.push(line[begin..].trim());
}

/// The beginning of a text, at most `limit` characters of it, with an ellipsis where something was cut.
pub(crate) fn cut(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        None => text.to_owned(),
        Some(_) => {
            let end = text.char_indices().nth(limit - 1).map_or(0, |(at, _)| at);
            format!("{}…", text[..end].trim_end())
        }
    }
}

/// Both ends of a text, at most `limit` characters of it, more of its end, with a note between them where something was cut;
/// and what was left out.
pub(crate) fn cut_middle(text: &str, limit: usize) -> (String, Option<&str>) {
    let length = text.chars().count();
    if length <= limit {
        return (text.to_owned(), None);
    }
    let place = |nth: usize| text.char_indices().nth(nth).map_or(text.len(), |(at, _)| at);
    let (begin, end) = (place(limit / 3), place(length - (limit - limit / 3)));
    let shown = format!("{}\n[the middle is left out]\n{}", &text[..begin], &text[end..]);
    (shown, Some(&text[begin..end]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_words(text: &str) -> Vec<String> {
        let folded = folded(text);
        let mut found = Vec::new();
        words(&folded, |word| found.push(word.to_owned()));
        found
    }

    #[test]
    fn thinking_is_no_part_of_an_answer() {
        for (text, left) in [
            ("plain", "plain"),
            ("<think>hm</think>\n42", "\n42"),
            ("a<think>b</think>c<think>d</think>e", "ace"),
            ("hm, hm</think>42", "42"),
            ("42<think>never closed", "42"),
            ("<thinking>x</thinking>y", "y"),
        ] {
            assert_eq!(without_thinking(text), left, "{text}");
        }
    }

    #[test]
    fn words_are_found_in_any_script() {
        for (text, expected) in [
            ("The **capital** is `Canberra`.", vec!["the", "capital", "is", "canberra"]),
            ("1.234,56 € y 7.", vec!["1.234,56", "y", "7"]),
            ("[aquí](https://example.org/a?b=c) sí", vec!["aquí", "sí"]),
            ("don't <b class='x'>stop</b> if a < b", vec!["don't", "stop", "if", "a", "b"]),
            ("ＡＢＣ", vec!["abc"]),
            ("東京は首都", vec!["東京", "京は", "は首", "首都"]),
            ("e\u{301}te\u{301}", vec!["été"]),
            ("مرحبا بالعالم", vec!["مرحبا", "بالعالم"]),
            ("— … !", vec![]),
            ("x", vec!["x"]),
        ] {
            assert_eq!(all_words(text), expected, "{text}");
        }
    }

    #[test]
    fn passages_are_sentences_items_and_blocks() {
        let text = "# Title\nOne. Two!  Three 1.5 apples\n- item; more\n1. first\n```py\na = 1\nb = 2\n```\n日本。東京。\n```\nopen";
        assert_eq!(
            passages(text),
            [
                "Title",
                "One.",
                "Two!",
                "Three 1.5 apples",
                "item;",
                "more",
                "1. first",
                "a = 1\nb = 2",
                "日本。",
                "東京。",
                "open"
            ]
        );
        assert_eq!(passages(" \n\n"), [] as [&str; 0]);
    }

    #[test]
    fn what_is_cut_says_so() {
        assert_eq!(cut("añb", 3), "añb");
        assert_eq!(cut("añbc", 3), "añ…");
        assert_eq!(cut_middle("añb", 3), ("añb".to_owned(), None));
        assert_eq!(cut_middle("añbçdéf", 4), ("a\n[the middle is left out]\ndéf".to_owned(), Some("ñbç")));
    }
}
