//! How text is read for finding: the same for what is indexed, what is asked and what is marked, so that the three always
//! agree. Knows nothing of the database.
//!
//! Characters are folded (case, accents, width, compatibility forms: NFKD without combining accents, lower case), then cut
//! into tokens. Where a script puts spaces between words, a token is a word. Where it does not (Chinese, Japanese, Thai, …),
//! in Korean, whose words carry their particles, and for symbols and emoji, each character is a token, a *sign*; the index
//! holds the pairs of neighbours in a run of them, the way Lucene's CJK analyzer does.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::str::CharIndices;

use icu_normalizer::DecomposingNormalizerBorrowed;
use icu_normalizer::properties::CanonicalCompositionBorrowed;

/// The version of what is indexed. Another one makes the index anew.
pub(crate) const VERSION: i64 = 2;

/// The longest term in characters: what is longer is found by its beginning, and told apart by its text.
const TERM: usize = 64;

/// Up to how many letters the beginnings of words are terms of their own: shorter ones begin too many words for these to be
/// collected while one types.
pub(crate) const BEGINNING: usize = 6;

/// Marks the beginning of a word. Like all marks it is of Unicode's private use, which no token holds.
const BEGINS: char = '\u{E010}';

const NFKD: DecomposingNormalizerBorrowed<'static> = DecomposingNormalizerBorrowed::new_nfkd();
const COMPOSED: CanonicalCompositionBorrowed<'static> = CanonicalCompositionBorrowed::new();

/// A folded character and the bytes of the text that it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Folded {
    pub ch: char,
    pub start: usize,
    pub end: usize,
}

/// The folded characters of a text.
pub(crate) struct Folds<'t> {
    chars: CharIndices<'t>,
    /// What the last character was folded to and is still to come.
    rest: Vec<char>,
    at: (usize, usize),
    /// The character that an accent or a second half could still join.
    held: Option<Folded>,
}

impl<'t> Folds<'t> {
    pub fn new(text: &'t str) -> Self {
        Self { chars: text.char_indices(), rest: Vec::new(), at: (0, 0), held: None }
    }

    /// The next folded character, before it is joined with what follows; `Err` is one of which nothing is left.
    fn raw(&mut self) -> Option<Result<Folded, usize>> {
        let (start, end) = if self.rest.is_empty() {
            let (start, ch) = self.chars.next()?;
            let end = start + ch.len_utf8();
            if ch.is_ascii() {
                return Some(Ok(Folded { ch: ch.to_ascii_lowercase(), start, end }));
            }
            fold(ch, &mut self.rest);
            self.rest.reverse();
            self.at = (start, end);
            self.at
        } else {
            self.at
        };
        Some(self.rest.pop().map(|ch| Folded { ch, start, end }).ok_or(end))
    }
}

impl Iterator for Folds<'_> {
    type Item = Folded;

    fn next(&mut self) -> Option<Folded> {
        loop {
            match (self.raw(), &mut self.held) {
                (None, held) => return held.take(),
                (Some(Ok(next)), None) => self.held = Some(next),
                (Some(Ok(next)), Some(held)) => match join(held.ch, next.ch) {
                    Some(ch) => *held = Folded { ch, end: next.end, ..*held },
                    None => return self.held.replace(next),
                },
                (Some(Err(end)), Some(held)) => held.end = end,
                (Some(Err(_)), None) => {}
            }
        }
    }
}

/// Folds a character that is not ASCII.
fn fold(ch: char, out: &mut Vec<char>) {
    if stands_as_it_is(ch) {
        out.push(ch);
        return;
    }
    for part in NFKD.normalize_iter(std::iter::once(ch)) {
        for lower in part.to_lowercase().filter(|lower| !vanishes(*lower)) {
            match lower {
                // Letters that people write without their stroke or as two.
                'ß' => out.extend(['s', 's']),
                'æ' => out.extend(['a', 'e']),
                'œ' => out.extend(['o', 'e']),
                'þ' => out.extend(['t', 'h']),
                'ø' => out.push('o'),
                'đ' | 'ð' => out.push('d'),
                'ħ' => out.push('h'),
                'ł' => out.push('l'),
                'ŧ' => out.push('t'),
                'ı' => out.push('i'),
                'ς' => out.push('σ'),
                '\u{2018}' | '\u{2019}' | '\u{201A}' | '\u{201B}' => out.push('\''),
                '\u{201C}' | '\u{201D}' | '\u{201E}' | '\u{201F}' => out.push('"'),
                '\u{2010}'..='\u{2015}' | '\u{2212}' => out.push('-'),
                other => out.push(other),
            }
        }
    }
}

/// Characters that folding leaves alone and of which texts are full.
fn stands_as_it_is(ch: char) -> bool {
    matches!(ch, '\u{3041}'..='\u{3096}' | '\u{30A1}'..='\u{30FA}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{AC00}'..='\u{D7A3}')
}

/// Accents, vowel points and characters without a shape.
fn vanishes(ch: char) -> bool {
    matches!(ch,
        '\u{00AD}' | '\u{0300}'..='\u{036F}' | '\u{0483}'..='\u{0489}' | '\u{0591}'..='\u{05BD}' | '\u{05BF}'
        | '\u{05C1}' | '\u{05C2}' | '\u{05C4}' | '\u{05C5}' | '\u{05C7}' | '\u{0610}'..='\u{061A}' | '\u{0640}'
        | '\u{064B}'..='\u{065F}' | '\u{0670}' | '\u{06D6}'..='\u{06DC}' | '\u{1AB0}'..='\u{1AFF}'
        | '\u{1DC0}'..='\u{1DFF}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}'
        | '\u{20D0}'..='\u{20FF}' | '\u{FE00}'..='\u{FE0F}' | '\u{FE20}'..='\u{FE2F}' | '\u{FEFF}')
}

/// Two folded characters that are one: a kana with its voicing mark, the parts of a Korean syllable.
fn join(first: char, second: char) -> Option<char> {
    match second {
        '\u{3099}' | '\u{309A}' | '\u{1161}'..='\u{1175}' | '\u{11A8}'..='\u{11C2}' => COMPOSED.compose(first, second),
        _ => None,
    }
}

/// What a folded character is to the search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Part of a word.
    Letter,
    /// A token by itself.
    Sign,
    /// Between tokens: white space and punctuation.
    Gap,
}

pub(crate) fn class(ch: char) -> Class {
    if ch.is_ascii() {
        return if ch.is_ascii_alphanumeric() { Class::Letter } else { Class::Gap };
    }
    match ch {
        // Thai and Lao, Tibetan, Myanmar, Khmer.
        '\u{0E00}'..='\u{0EFF}' | '\u{0F00}'..='\u{109F}' | '\u{1780}'..='\u{17FF}'
        // Hangul, radicals, kana, Han.
        | '\u{1100}'..='\u{11FF}' | '\u{2E80}'..='\u{2FDF}' | '\u{3005}'..='\u{3007}' | '\u{3041}'..='\u{309F}'
        | '\u{30A1}'..='\u{30FA}' | '\u{30FC}'..='\u{30FF}' | '\u{3100}'..='\u{31FF}' | '\u{3400}'..='\u{4DBF}'
        | '\u{4E00}'..='\u{9FFF}' | '\u{A000}'..='\u{A4CF}' | '\u{AC00}'..='\u{D7FF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3FFFF}'
        // Currencies, arrows, mathematics, dingbats, emoji.
        | '\u{20A0}'..='\u{20CF}' | '\u{2190}'..='\u{2BFF}' | '\u{1F000}'..='\u{1FAFF}' => Class::Sign,
        '\u{E000}'..='\u{F8FF}' => Class::Gap,
        // The vowel signs and joiners of the scripts of India are no letters by themselves.
        '\u{0900}'..='\u{0963}' | '\u{0966}'..='\u{0DFF}' => Class::Letter,
        ch if ch.is_alphanumeric() => Class::Letter,
        _ => Class::Gap,
    }
}

/// A token and the bytes of the text that it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token<'t> {
    pub kind: Kind,
    /// Folded.
    pub text: &'t str,
    pub start: usize,
    pub end: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Word,
    /// A sign; whether the token before it is one as well and nothing is between them.
    Sign {
        adjoins: bool,
    },
}

/// Shows the tokens of a text in order, until the visitor has seen enough.
pub(crate) fn tokens(text: &str, mut visit: impl FnMut(Token<'_>) -> ControlFlow<()>) {
    let mut word = String::new();
    let (mut start, mut end) = (0, 0);
    let mut adjoins = false;
    let mut sign = [0; 4];
    for Folded { ch, start: from, end: to } in Folds::new(text) {
        let class = class(ch);
        if class == Class::Letter {
            if word.is_empty() {
                start = from;
            }
            word.push(ch);
            end = to;
            adjoins = false;
            continue;
        }
        if !word.is_empty() {
            if visit(Token { kind: Kind::Word, text: &word, start, end }).is_break() {
                return;
            }
            word.clear();
        }
        if class == Class::Sign {
            let token = Token { kind: Kind::Sign { adjoins }, text: ch.encode_utf8(&mut sign), start: from, end: to };
            if visit(token).is_break() {
                return;
            }
        }
        adjoins = class == Class::Sign;
    }
    if !word.is_empty() {
        let _ = visit(Token { kind: Kind::Word, text: &word, start, end });
    }
}

/// A word as a term.
pub(crate) fn term(word: &str) -> &str {
    word.char_indices().nth(TERM).map_or(word, |(end, _)| &word[..end])
}

/// The term for words that are longer than this beginning.
pub(crate) fn beginning(letters: &str) -> String {
    format!("{BEGINS}{letters}")
}

/// What is indexed besides words, as terms that no text holds.
pub(crate) mod mark {
    /// Said by the person.
    pub(crate) const USER: &str = "\u{E000}";
    /// Said by a model.
    pub(crate) const ASSISTANT: &str = "\u{E001}";
    /// Holds a code block.
    pub(crate) const CODE: &str = "\u{E002}";

    /// Of no message.
    pub(crate) const NOTHING: &str = "\u{E004}";

    /// Said by this model. Its name is spelt in hexadecimal, of which no tokenizer thinks anything.
    pub(crate) fn model(name: &str) -> String {
        use std::fmt::Write as _;
        name.bytes().fold(String::from("\u{E003}"), |mut term, byte| {
            // A string can always be written to.
            let _ = write!(term, "{byte:02x}");
            term
        })
    }
}

/// The terms of a text, each once, in no order, with spaces between them: what goes into the index, and what it must be told
/// to forget it.
pub(crate) fn terms(text: &str, marks: &[String]) -> String {
    let mut terms = Terms { seen: HashSet::new(), out: marks.join(" ") };
    let mut run: Option<char> = None;
    let mut letters = String::new();
    tokens(text, |token| {
        match token.kind {
            Kind::Word => {
                terms.end_run(run.take());
                let word = term(token.text);
                if terms.add(word) {
                    letters.clear();
                    let mut rest = word.chars();
                    for ch in rest.by_ref().take(BEGINNING) {
                        if !letters.is_empty() {
                            terms.begin(&letters);
                        }
                        letters.push(ch);
                    }
                    if rest.next().is_some() {
                        terms.begin(&letters);
                    }
                }
            }
            Kind::Sign { adjoins } => {
                let Some(sign) = token.text.chars().next() else { return ControlFlow::Continue(()) };
                match run {
                    Some(before) if adjoins => terms.pair(before, sign),
                    ended => terms.end_run(ended),
                }
                run = Some(sign);
            }
        }
        ControlFlow::Continue(())
    });
    terms.end_run(run);
    terms.out
}

struct Terms {
    seen: HashSet<String>,
    out: String,
}

impl Terms {
    /// Adds a term; whether it is new.
    fn add(&mut self, term: &str) -> bool {
        if self.seen.contains(term) {
            return false;
        }
        self.seen.insert(term.to_owned());
        if !self.out.is_empty() {
            self.out.push(' ');
        }
        self.out.push_str(term);
        true
    }

    fn begin(&mut self, letters: &str) {
        self.add(&beginning(letters));
    }

    fn pair(&mut self, first: char, second: char) {
        let mut bytes = [0; 4];
        let mut pair = String::from(first);
        pair.push(second);
        if self.add(&pair) {
            self.begin(first.encode_utf8(&mut bytes));
        }
    }

    /// The last sign of a run stands alone, so that every sign begins a term.
    fn end_run(&mut self, last: Option<char>) {
        if let Some(last) = last {
            self.add(last.encode_utf8(&mut [0; 4]));
        }
    }
}

/// Whether a text holds a fenced code block (CommonMark 4.5).
pub(crate) fn has_code(text: &str) -> bool {
    text.lines().any(|line| {
        let inner = line.trim_start_matches(' ');
        line.len() - inner.len() <= 3 && (inner.starts_with("```") || inner.starts_with("~~~"))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn folded(text: &str) -> String {
        Folds::new(text).map(|folded| folded.ch).collect()
    }

    fn cut(text: &str) -> Vec<String> {
        let mut all = Vec::new();
        tokens(text, |token| {
            all.push(format!("{}{}", token.text, if token.kind == (Kind::Sign { adjoins: true }) { "←" } else { "" }));
            ControlFlow::Continue(())
        });
        all
    }

    #[test]
    fn accents_case_and_width_do_not_count() {
        for (text, expected) in [
            ("Descansó el RÍO", "descanso el rio"),
            ("Descanso\u{301} el rI\u{301}o", "descanso el rio"),
            ("ÅNGSTRÖM Straße ŒUVRE Łódź İzmir ığdır", "angstrom strasse oeuvre lodz izmir igdir"),
            ("ΟΔΥΣΣΕΥΣ Ὀδυσσεύς", "οδυσσευσ οδυσσευσ"),
            ("Ёлка Київ", "елка киів"),
            ("ＡＢＣ１２３（ｘ）", "abc123(x)"),
            ("ﬁne ½ ①", "fine 1⁄2 1"),
            ("ｶﾞｷﾞ か\u{3099} が カ", "ガギ が が カ"),
            ("\u{1112}\u{1161}\u{11AB} 한", "한 한"),
            ("don’t “quote” a–b", "don't \"quote\" a-b"),
            ("مُحَمَّد", "محمد"),
            ("co\u{AD}operate\u{200B}", "cooperate"),
        ] {
            assert_eq!(folded(text), expected, "{text}");
        }
    }

    #[test]
    fn an_accent_belongs_to_its_letter() {
        let spans: Vec<_> = Folds::new("e\u{301}ß!").map(|each| (each.ch, each.start, each.end)).collect();
        assert_eq!(spans, [('e', 0, 3), ('s', 3, 5), ('s', 3, 5), ('!', 5, 6)]);
    }

    #[test]
    fn scripts_are_cut_as_they_are_written() {
        for (text, expected) in [
            ("Hola, mundo_2 foo::bar(x)", &["hola", "mundo", "2", "foo", "bar", "x"][..]),
            ("東京タワー", &["東", "京←", "タ←", "ワ←", "ー←"]),
            ("東京、大阪", &["東", "京←", "大", "阪←"]),
            ("iPhone手机 13", &["iphone", "手", "机←", "13"]),
            ("한국어를", &["한", "국←", "어←", "를←"]),
            ("हिन्दी में", &["हिन्दी", "में"]),
            ("a→b 😀👍🏽", &["a", "→", "b", "😀", "👍←", "🏽←"]),
            ("\u{E000} \u{E010}x", &["x"]),
            ("", &[]),
        ] {
            assert_eq!(cut(text), expected, "{text}");
        }
    }

    #[test]
    fn terms_are_words_their_beginnings_and_pairs_of_signs() {
        let set = |text: &str| -> BTreeSet<String> { terms(text, &[]).split(' ').map(str::to_owned).collect() };
        let begins = |letters: &[&str]| letters.iter().map(|letters| beginning(letters)).collect::<Vec<_>>();
        let expected = |words: &[&str], letters: &[&str]| -> BTreeSet<String> {
            words.iter().map(ToString::to_string).chain(begins(letters)).collect()
        };
        assert_eq!(set("Río río de"), expected(&["rio", "de"], &["r", "ri", "d"]));
        assert_eq!(set("mundos"), expected(&["mundos"], &["m", "mu", "mun", "mund", "mundo"]));
        assert_eq!(set("mund"), expected(&["mund"], &["m", "mu", "mun"]));
        assert_eq!(set("東京都 京"), expected(&["東京", "京都", "都", "京"], &["東", "京"]));
        let long = "x".repeat(200);
        assert_eq!(set(&long), expected(&[&long[..64]], &["x", "xx", "xxx", "xxxx", "xxxxx", "xxxxxx"]));
        assert_eq!(terms("", &["m".to_owned(), "n".to_owned()]), "m n");
    }

    #[test]
    fn code_blocks_are_seen() {
        for (text, expected) in
            [("a\n```rust\nx\n```", true), ("  ~~~\n", true), ("a ``` b", false), ("    ```", false), ("", false)]
        {
            assert_eq!(has_code(text), expected, "{text}");
        }
    }
}
