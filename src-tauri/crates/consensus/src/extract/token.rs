//! Words, digits and marks of a sentence, folded so that case, accents and typographic variants do not count. The one
//! place that knows about Unicode's letters; everything after it compares plain strings.

use icu_normalizer::DecomposingNormalizer;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    Word,
    /// A run of ASCII digits (other digits of compatibility forms are folded to them).
    Digits,
    Mark,
}

/// A piece of a sentence; `start` and `end` are byte offsets into its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) folded: String,
}

impl Token {
    pub(crate) fn is(&self, text: &str) -> bool {
        self.folded == text
    }

    pub(crate) fn is_word(&self) -> bool {
        self.kind == TokenKind::Word
    }

    pub(crate) fn is_digits(&self) -> bool {
        self.kind == TokenKind::Digits
    }
}

/// Lower case, no accents, compatibility forms replaced by what they stand for.
pub(crate) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let lower = text.to_lowercase();
    DecomposingNormalizer::new_nfkd().normalize(&lower).chars().filter(|c| !is_combining(*c)).map(plain).collect()
}

fn is_combining(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

fn plain(c: char) -> char {
    match c {
        '’' | 'ʼ' | '‘' | '´' => '\'',
        '−' | '‐' | '‑' => '-',
        '⁄' | '∕' => '/',
        other => other,
    }
}

/// Splits a text into tokens. Linear; any text is fine.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut rest = text.char_indices().peekable();
    while let Some((start, c)) = rest.next() {
        let mut end = start + c.len_utf8();
        let kind = if c.is_ascii_digit() {
            while let Some((at, next)) = rest.next_if(|(_, next)| next.is_ascii_digit()) {
                end = at + next.len_utf8();
            }
            TokenKind::Digits
        } else if is_letter(c) {
            loop {
                if let Some((at, next)) = rest.next_if(|(_, next)| is_letter(*next) || is_combining(*next)) {
                    end = at + next.len_utf8();
                    continue;
                }
                // An apostrophe between two letters belongs to the word.
                let apostrophe = rest.peek().copied().filter(|(_, next)| matches!(next, '\'' | '’'));
                let Some((at, mark)) = apostrophe else { break };
                let after = at + mark.len_utf8();
                if !text.get(after..).and_then(|tail| tail.chars().next()).is_some_and(is_letter) {
                    break;
                }
                rest.next();
            }
            TokenKind::Word
        } else if c.is_whitespace() || is_combining(c) {
            continue;
        } else {
            TokenKind::Mark
        };
        let folded = text.get(start..end).map(fold).unwrap_or_default();
        let kind = if kind == TokenKind::Mark && !folded.is_empty() && folded.bytes().all(|b| b.is_ascii_digit()) {
            TokenKind::Digits
        } else {
            kind
        };
        found.push(Token { kind, start, end, folded });
    }
    found
}

fn is_letter(c: char) -> bool {
    c.is_alphabetic() && !matches!(c, 'º' | 'ª')
}

/// The words and digits of a text, folded, joined by single spaces: how texts are compared.
pub(crate) fn words(text: &str) -> Vec<String> {
    tokens(text).into_iter().filter(|token| token.kind != TokenKind::Mark).map(|token| token.folded).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lose_case_accents_and_typography() {
        assert_eq!(words("¡El “Niño” no es ②…  isn’t!"), ["el", "nino", "no", "es", "2", "isn't"]);
    }

    #[test]
    fn digits_and_letters_are_apart() {
        assert_eq!(words("15h30 CO2 3rd"), ["15", "h", "30", "co", "2", "3", "rd"]);
    }
}
