//! What a person typed, as something that can be looked for. There is no syntax to get wrong: every text is a query.
//!
//! The index answers which messages may hold what is asked, and for single words that is exact. Whether words stand next to
//! each other, and what stands between them, the text itself is asked; that is what [`Query::find`] is for, and it also
//! gives the stretches to mark.

use std::ops::ControlFlow;

use super::analysis::{self, BEGINNING, Class, Folds, Kind, Token, beginning, class, term};

/// Most parts of one query; what follows is not looked at.
const UNITS: usize = 64;

/// Most terms that the index is asked for; the text is asked for all.
const TERMS: usize = 24;

/// A query: all of its units must be found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Query {
    units: Vec<Unit>,
}

/// What must be found in one piece.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Unit {
    tokens: Vec<Wanted>,
    /// Whether the last word may go on.
    open: bool,
    /// Where punctuation counts: the folded characters, white space as single spaces.
    literal: Option<Literal>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Wanted {
    text: String,
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Literal {
    chars: Vec<char>,
    /// Where in them the first token begins.
    token: usize,
}

/// A stretch that was found: bytes of the text, and which unit it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    pub unit: usize,
    pub start: usize,
    pub end: usize,
}

impl Query {
    /// Reads a query.
    pub fn parse(text: &str) -> Self {
        let mut units: Vec<Unit> = Vec::new();
        for (part, open) in parts(text).into_iter().take(UNITS) {
            if let Some(unit) = Unit::of(part, open)
                && !units.contains(&unit)
            {
                units.push(unit);
            }
        }
        // Punctuation alone is looked for when it is all there is; beside other things it is only punctuation.
        if units.iter().any(|unit| !unit.is_punctuation()) {
            units.retain(|unit| !unit.is_punctuation());
        }
        Self { units }
    }

    /// Whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.units.is_empty()
    }

    pub fn units(&self) -> usize {
        self.units.len()
    }

    /// What the index is asked, in FTS5's language: a necessary condition. `None` where it cannot tell anything.
    /// `marks` are terms that must be there as well.
    pub fn condition(&self, marks: &[String]) -> Option<String> {
        let mut all: Vec<String> = marks.iter().map(|mark| quoted(mark)).collect();
        for unit in &self.units {
            unit.condition(&mut all);
        }
        all.truncate(TERMS.max(marks.len()));
        if all.is_empty() { None } else { Some(all.join(" AND ")) }
    }

    /// Shows what is found in a text, in the order of its ends, until the visitor has seen enough.
    pub fn find(&self, text: &str, mut visit: impl FnMut(Found) -> ControlFlow<()>) {
        for (index, unit) in self.units.iter().enumerate() {
            if unit.tokens.is_empty()
                && let Some(literal) = &unit.literal
                && find_everywhere(text, &literal.chars, |start, end| visit(Found { unit: index, start, end }))
                    .is_break()
            {
                return;
            }
        }
        let mut begun: Vec<Begun> = Vec::new();
        analysis::tokens(text, |token| {
            let mut going_on = Vec::new();
            for Begun { unit: index, next, start } in begun.drain(..) {
                let unit = &self.units[index];
                if unit.fits(next, &token) {
                    if next + 1 == unit.tokens.len() {
                        visit(Found { unit: index, start, end: token.end })?;
                    } else {
                        going_on.push(Begun { unit: index, next: next + 1, start });
                    }
                }
            }
            begun = going_on;
            for (index, unit) in self.units.iter().enumerate() {
                if unit.tokens.is_empty() || !unit.fits(0, &token) {
                    continue;
                }
                if let Some(literal) = &unit.literal {
                    if let Some((start, end)) = literal.stands_at(text, token.start, unit.open) {
                        visit(Found { unit: index, start, end })?;
                    }
                } else if unit.tokens.len() == 1 {
                    visit(Found { unit: index, start: token.start, end: token.end })?;
                } else {
                    begun.push(Begun { unit: index, next: 1, start: token.start });
                }
            }
            ControlFlow::Continue(())
        });
    }

    /// The stretches of a text to mark: in order, none touching another, at most `most`. Nothing where the text does not
    /// hold all of the query and `whole` is asked for.
    pub fn marks(&self, text: &str, most: usize) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        self.find(text, |Found { start, end, .. }| {
            found.push((start, end));
            if found.len() < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        merged(found)
    }
}

/// Stretches in order, those that overlap as one.
pub(crate) fn merged(mut stretches: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
    stretches.sort_unstable();
    let mut merged: Vec<(usize, usize)> = Vec::with_capacity(stretches.len());
    for (start, end) in stretches {
        match merged.last_mut() {
            Some(last) if start < last.1 => last.1 = last.1.max(end),
            _ => merged.push((start, end)),
        }
    }
    merged
}

/// A unit of which the first tokens were found.
struct Begun {
    unit: usize,
    next: usize,
    start: usize,
}

/// Cuts a query at white space, except in quotes, and says of each part whether its last word may go on: that of the part
/// that is still being typed.
fn parts(text: &str) -> Vec<(&str, bool)> {
    let mut parts = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let quote = rest.chars().next().filter(|ch| matches!(ch, '"' | '\u{201C}' | '\u{201D}' | '\u{201E}'));
        if let Some(quote) = quote {
            let inner = &rest[quote.len_utf8()..];
            let closing = inner.char_indices().find(|(_, ch)| matches!(ch, '"' | '\u{201C}' | '\u{201D}'));
            match closing {
                Some((end, ch)) => {
                    parts.push((&inner[..end], false));
                    rest = &inner[end + ch.len_utf8()..];
                }
                None => {
                    parts.push((inner, true));
                    rest = "";
                }
            }
        } else {
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            parts.push((&rest[..end], rest[end..].trim().is_empty()));
            rest = &rest[end..];
        }
        rest = rest.trim_start();
    }
    parts
}

/// Punctuation of sentences, which at the ends of what one looks for means nothing.
fn is_sentence_mark(ch: char) -> bool {
    matches!(
        ch,
        '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '"' | '\u{2026}' | '\u{BF}' | '\u{A1}' | '\u{AB}' | '\u{BB}'
            | '\u{2018}'..='\u{201F}' | '\u{3001}' | '\u{3002}' | '\u{300C}'..='\u{300F}' | '\u{FF01}' | '\u{FF0C}'
            | '\u{FF1A}' | '\u{FF1B}' | '\u{FF1F}'
    )
}

impl Unit {
    fn of(part: &str, open: bool) -> Option<Self> {
        let part = part.trim();
        let trimmed = part.trim_matches(|ch: char| is_sentence_mark(ch) || ch.is_whitespace());
        let text = if trimmed.is_empty() { part } else { trimmed };
        let mut tokens = Vec::new();
        let mut first = None;
        analysis::tokens(text, |Token { kind, text, start, .. }| {
            first.get_or_insert(start);
            tokens.push(Wanted { text: text.to_owned(), kind });
            ControlFlow::Continue(())
        });
        let (chars, token) = literal(text, first.unwrap_or(0));
        if chars.is_empty() {
            return None;
        }
        let counts = chars.iter().any(|ch| *ch != ' ' && class(*ch) == Class::Gap);
        let ends_in_word = chars.last().is_some_and(|ch| class(*ch) == Class::Letter);
        Some(Self { tokens, open: open && ends_in_word, literal: counts.then_some(Literal { chars, token }) })
    }

    fn is_punctuation(&self) -> bool {
        self.literal.as_ref().is_some_and(|literal| literal.chars.iter().all(|ch| is_sentence_mark(*ch)))
    }

    /// Whether a token is the one that is wanted at this place.
    fn fits(&self, place: usize, token: &Token<'_>) -> bool {
        let Some(wanted) = self.tokens.get(place) else { return false };
        match (wanted.kind, token.kind) {
            (Kind::Word, Kind::Word) if self.open && place + 1 == self.tokens.len() => {
                token.text.starts_with(&wanted.text)
            }
            (Kind::Word, Kind::Word) => token.text == wanted.text,
            // Signs that stand together are looked for together.
            (Kind::Sign { adjoins: wanted_near }, Kind::Sign { adjoins }) => {
                token.text == wanted.text && (place == 0 || !wanted_near || adjoins)
            }
            (Kind::Word, Kind::Sign { .. }) | (Kind::Sign { .. }, Kind::Word) => false,
        }
    }

    /// Adds what the index must hold for this unit.
    fn condition(&self, all: &mut Vec<String>) {
        let mut add = |condition: String| {
            if !all.contains(&condition) {
                all.push(condition);
            }
        };
        for (place, wanted) in self.tokens.iter().enumerate() {
            match wanted.kind {
                Kind::Word if self.open && place + 1 == self.tokens.len() => {
                    if wanted.text.chars().count() <= BEGINNING {
                        add(format!("({} OR {})", quoted(&wanted.text), quoted(&beginning(&wanted.text))));
                    } else {
                        add(format!("{} *", quoted(term(&wanted.text))));
                    }
                }
                Kind::Word => add(quoted(term(&wanted.text))),
                Kind::Sign { adjoins } => {
                    let next = self.tokens.get(place + 1);
                    if let Some(next) = next.filter(|next| next.kind == (Kind::Sign { adjoins: true })) {
                        add(quoted(&format!("{}{}", wanted.text, next.text)));
                    } else if !adjoins || place == 0 {
                        add(format!("({} OR {})", quoted(&wanted.text), quoted(&beginning(&wanted.text))));
                    }
                }
            }
        }
    }
}

/// Terms hold neither quotes nor anything that FTS5's tokenizer would take apart.
fn quoted(term: &str) -> String {
    format!("\"{term}\"")
}

/// The folded characters of a text with white space as single spaces, and where in them the byte `first` is.
fn literal(text: &str, first: usize) -> (Vec<char>, usize) {
    let mut chars: Vec<char> = Vec::new();
    let mut at = 0;
    for folded in Folds::new(text) {
        if folded.start < first {
            at = chars.len() + 1;
        }
        if folded.ch.is_whitespace() {
            if chars.last() == Some(&' ') {
                at = at.min(chars.len());
                continue;
            }
            chars.push(' ');
        } else {
            chars.push(folded.ch);
        }
    }
    (chars, at)
}

impl Literal {
    /// Whether the text has what stands before the first token; gives where it begins. That is punctuation, which folded
    /// character by character is the same from behind.
    fn begins_before(&self, text: &str, token: usize) -> Option<usize> {
        let mut wanted = self.chars[..self.token].iter().rev().peekable();
        let mut start = token;
        let mut after_space = false;
        while wanted.peek().is_some() {
            let (at, _) = text[..start].char_indices().next_back()?;
            let folded: Vec<char> = Folds::new(&text[at..start]).map(|folded| folded.ch).collect();
            for ch in folded.into_iter().rev() {
                if ch.is_whitespace() && after_space {
                    continue;
                }
                after_space = ch.is_whitespace();
                let want = wanted.next()?;
                if ch != *want && !(after_space && *want == ' ') {
                    return None;
                }
            }
            start = at;
        }
        Some(start)
    }

    /// Whether the text has these characters where a token of it begins at `token`; gives the bytes they stand for.
    fn stands_at(&self, text: &str, token: usize, open: bool) -> Option<(usize, usize)> {
        let mut folds = Folds::new(&text[token..]).peekable();
        let mut end = token;
        let mut last = None;
        for want in &self.chars[self.token..] {
            let folded = folds.next()?;
            if *want == ' ' && folded.ch.is_whitespace() {
                while folds.next_if(|next| next.ch.is_whitespace()).is_some() {}
            } else if folded.ch != *want {
                return None;
            }
            end = token + folded.end;
            last = Some(*want);
        }
        let ends_in_word = last.is_some_and(|ch| class(ch) == Class::Letter);
        if ends_in_word && !open && folds.peek().is_some_and(|next| class(next.ch) == Class::Letter) {
            return None;
        }
        // A word that goes on is marked whole.
        while ends_in_word && let Some(next) = folds.next_if(|next| class(next.ch) == Class::Letter) {
            end = token + next.end;
        }
        Some((self.begins_before(text, token)?, end))
    }
}

/// Shows wherever in a text these folded characters stand.
fn find_everywhere(
    text: &str,
    chars: &[char],
    mut visit: impl FnMut(usize, usize) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let mut recent: std::collections::VecDeque<analysis::Folded> = std::collections::VecDeque::new();
    for folded in Folds::new(text) {
        if folded.ch.is_whitespace() && recent.back().is_some_and(|last| last.ch == ' ') {
            continue;
        }
        let ch = if folded.ch.is_whitespace() { ' ' } else { folded.ch };
        recent.push_back(analysis::Folded { ch, ..folded });
        if recent.len() > chars.len() {
            recent.pop_front();
        }
        if recent.len() == chars.len()
            && recent.iter().map(|each| each.ch).eq(chars.iter().copied())
            && let Some(first) = recent.front()
        {
            visit(first.start, folded.end)?;
        }
    }
    ControlFlow::Continue(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn marked(query: &str, text: &str) -> Vec<String> {
        Query::parse(query).marks(text, 1000).into_iter().map(|(start, end)| text[start..end].to_owned()).collect()
    }

    #[test]
    fn what_is_asked_is_marked() {
        for (query, text, expected) in [
            ("descanso rio", "Descansó a la orilla del río.", &["Descansó", "río"][..]),
            ("desc", "Descansó; descansar, no", &["Descansó", "descansar"]),
            ("desc la", "Descansó la", &["la"]),
            ("\"la orilla\"", "A la orilla, la  orilla; orilla la", &["la orilla", "la  orilla"]),
            ("\"la ori", "la orilla", &["la orilla"]),
            ("\"la ori\"", "la orilla", &[]),
            ("foo::bar(", "use foo::bar; foo::bar(1) foo bar( Foo::Bar(", &["foo::bar(", "Foo::Bar("]),
            ("foo::b", "foo::bar foo:b", &["foo::bar"]),
            ("->next", "a->next b.next", &["->next"]),
            ("=>", "a => b == c=>d", &["=>", "=>"]),
            ("hola, mundo.", "hola mundo", &["hola", "mundo"]),
            ("file.txt", "file.txt file txt", &["file.txt"]),
            ("京", "東京都 京都", &["京", "京"]),
            ("京都", "東京都 京 都", &["京都"]),
            ("東京タ", "東京タワー、東京", &["東京タ"]),
            ("手机 iphone", "我的iPhone手机", &["iPhone", "手机"]),
            ("don't", "don’t", &["don’t"]),
            ("C++", "C and C++", &["C++"]),
            ("strasse", "Straße", &["Straße"]),
            ("😀", "ok 😀", &["😀"]),
            ("?", "what? no", &["?"]),
            ("quoi ?", "quoi", &["quoi"]),
            ("", "x", &[]),
            ("  \"\" ", "x", &[]),
        ] {
            assert_eq!(marked(query, text), expected, "{query} in {text}");
        }
    }

    #[test]
    fn the_index_is_asked_what_it_can_tell() {
        let begins = |letters: &str| format!("(\"{letters}\" OR \"{}\")", beginning(letters));
        for (query, expected) in [
            ("Río", Some(begins("rio"))),
            ("descanso rio", Some(format!("\"descanso\" AND {}", begins("rio")))),
            ("descansó", Some("\"descanso\" *".to_owned())),
            ("foo::bar(", Some("\"foo\" AND \"bar\"".to_owned())),
            ("\"one two\"", Some("\"one\" AND \"two\"".to_owned())),
            ("東京都", Some("\"東京\" AND \"京都\"".to_owned())),
            ("京", Some(begins("京"))),
            ("::", None),
            ("", None),
        ] {
            assert_eq!(Query::parse(query).condition(&[]), expected, "{query}");
        }
        let with_mark = Query::parse("::").condition(&["\u{E000}".to_owned()]);
        assert_eq!(with_mark, Some("\"\u{E000}\"".to_owned()));
    }

    proptest! {
        #[test]
        fn a_text_finds_itself(text in "\\PC{0,40}") {
            let query = Query::parse(&text);
            let mut units = std::collections::BTreeSet::new();
            query.find(&text, |found| {
                units.insert(found.unit);
                ControlFlow::Continue(())
            });
            prop_assert_eq!(units.len(), query.units());
        }

        #[test]
        fn marks_are_stretches_of_the_text(query in any::<String>(), text in any::<String>()) {
            let mut before = 0;
            for (start, end) in Query::parse(&query).marks(&text, 100) {
                prop_assert!(start < end && start >= before && text.get(start..end).is_some());
                before = end;
            }
        }

        #[test]
        fn what_stands_in_a_text_is_found_in_it(before in "[a-zé東京 .(]{0,9}", part in "[a-zé東京:. (>\"]{1,12}", after in "[ .)]{0,3}") {
            let query = Query::parse(&part);
            let text = format!("{before} {part}{after}");
            let mut units = std::collections::BTreeSet::new();
            query.find(&text, |found| {
                units.insert(found.unit);
                ControlFlow::Continue(())
            });
            prop_assert_eq!(units.len(), query.units(), "{} in {}", part, text);
        }
    }
}
