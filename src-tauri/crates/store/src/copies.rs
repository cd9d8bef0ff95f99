//! Titles of copies: the original's with what a copy is called behind it, numbered from the second on, as files are named that
//! are copied. The word comes from the window, which knows the reader's language; it never stands in a title twice.

use std::collections::HashSet;

use crate::error::{Result, StoreError};
use crate::list::TITLE;

/// Longest word for a copy, in characters.
const WORD: usize = 40;

/// What a copy is called in the reader's language.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CopyWord<'a>(&'a str);

impl<'a> CopyWord<'a> {
    /// # Errors
    /// [`StoreError::InvalidInput`] `copy` for an empty word, one longer than 40 characters and one of several lines.
    pub(crate) fn new(word: &'a str) -> Result<Self> {
        let word = word.trim();
        if word.is_empty() || word.chars().count() > WORD || word.chars().any(char::is_control) {
            return Err(StoreError::InvalidInput("copy"));
        }
        Ok(Self(word))
    }

    /// The title of the next copy: the first that none of `taken` is.
    pub(crate) fn title_after(self, title: &str, taken: &HashSet<String>) -> String {
        let original = self.original(title);
        let mut number = 1_usize;
        loop {
            let behind = match number {
                1 => format!(" ({})", self.0),
                _ => format!(" ({} {number})", self.0),
            };
            let room = TITLE.saturating_sub(behind.chars().count());
            let copy = format!("{}{behind}", cut(original, room));
            if !taken.contains(&copy) {
                return copy;
            }
            number += 1;
        }
    }

    /// What a title was before it became that of a copy: a copy of a copy is a further copy of the original.
    fn original(self, title: &str) -> &str {
        let inside = title.strip_suffix(')').and_then(|head| head.rsplit_once(" ("));
        let Some((original, inside)) = inside else { return title };
        let is_copy = inside.strip_prefix(self.0).is_some_and(|number| {
            number.is_empty() || number.strip_prefix(' ').is_some_and(|digits| digits.parse::<usize>().is_ok())
        });
        if is_copy && !original.trim().is_empty() { original } else { title }
    }
}

/// At most so many characters of a title, with an ellipsis where some are missing.
fn cut(title: &str, most: usize) -> String {
    if title.chars().count() <= most {
        return title.to_owned();
    }
    let head: String = title.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", head.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(title: &str, taken: &[&str]) -> String {
        let taken = taken.iter().map(|each| (*each).to_owned()).collect();
        CopyWord::new("copia").expect("a word").title_after(title, &taken)
    }

    #[test]
    fn copies_are_numbered_and_a_copy_of_a_copy_is_one_of_the_original() {
        assert_eq!(next("Quesos", &["Quesos"]), "Quesos (copia)");
        assert_eq!(next("Quesos", &["Quesos", "Quesos (copia)"]), "Quesos (copia 2)");
        assert_eq!(next("Quesos (copia)", &["Quesos (copia)", "Quesos (copia 2)"]), "Quesos (copia 3)");
        // a number that is free again is given again
        assert_eq!(next("Quesos (copia 3)", &["Quesos (copia)", "Quesos (copia 3)"]), "Quesos (copia 2)");
        // brackets of one's own, and words of another language, are part of the title
        assert_eq!(next("Quesos (de oveja)", &[]), "Quesos (de oveja) (copia)");
        assert_eq!(next("Quesos (copia de ayer)", &[]), "Quesos (copia de ayer) (copia)");
        assert_eq!(next("Quesos (copy)", &[]), "Quesos (copy) (copia)");
        assert_eq!(next("(copia)", &[]), "(copia) (copia)");
    }

    #[test]
    fn the_longest_title_has_room_for_the_word() {
        let long = "ñ".repeat(TITLE);
        let first = next(&long, &[]);
        assert_eq!(first, format!("{}… (copia)", "ñ".repeat(TITLE - 9)));
        assert_eq!(first.chars().count(), TITLE);
        let second = next(&long, &[&first]);
        assert_eq!(second, format!("{}… (copia 2)", "ñ".repeat(TITLE - 11)));
    }

    #[test]
    fn a_word_is_one_short_line() {
        for word in ["", "  ", "two\nlines", &"a".repeat(41)] {
            assert!(matches!(CopyWord::new(word), Err(StoreError::InvalidInput("copy"))), "{word:?}");
        }
    }
}
