//! What is indexed or forgotten in parts: a text that has more terms than fit into one step. Its terms are put in order, which
//! is always the same for the same text, and the database says how far in them it is. A kill between two parts loses neither.

use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteConnection;

use crate::error::{Result, StoreError};

/// How far the index is with texts that take more than one step. Kept in `about`, written in the transaction of each part.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Progress {
    /// Another one with every part, whoever did it: what was read from a view of the database beforehand is still so when
    /// this still is.
    pub serial: i64,
    /// The message that comes into the index. It has its place already: taking that away, which is what happens to a message
    /// that changes or goes, stops it; what is said here then tells how much of it is to leave.
    pub entering: Option<Partly>,
    /// The row of what leaves the index.
    pub leaving: Option<Partly>,
}

/// Something that is done up to a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Partly {
    /// Its id.
    pub of: i64,
    /// Its place in the index.
    pub place: i64,
    /// The serial when it was begun: the same id may be begun again, with another text.
    pub begun: i64,
    /// Where in its terms the next part begins, in bytes.
    pub done: usize,
}

impl Progress {
    pub(super) async fn load(connection: &mut SqliteConnection) -> Result<Self> {
        let value: Option<String> = sqlx::query_scalar("SELECT value FROM about WHERE key = 'search_progress'")
            .fetch_optional(connection)
            .await?;
        // What cannot be read is none: what it was about is then begun anew.
        Ok(value.and_then(|value| serde_json::from_str(&value).ok()).unwrap_or_default())
    }

    /// Keeps it, under the next serial.
    pub(super) async fn store(mut self, connection: &mut SqliteConnection) -> Result<()> {
        self.serial = self.next();
        let value = serde_json::to_string(&self).map_err(|error| StoreError::Failed(error.to_string()))?;
        sqlx::query("INSERT OR REPLACE INTO about (key, value) VALUES ('search_progress', ?1)")
            .bind(value)
            .execute(connection)
            .await?;
        Ok(())
    }

    /// Whether it is still what was read before.
    pub(super) async fn is_current(&self, connection: &mut SqliteConnection) -> Result<bool> {
        Ok(Self::load(connection).await? == *self)
    }

    fn next(&self) -> i64 {
        self.serial.wrapping_add(1)
    }

    /// Something that is about to be begun.
    pub(super) fn beginning(&self, of: i64, place: i64) -> Partly {
        Partly { of, place, begun: self.next(), done: 0 }
    }

    /// Nothing under way; told apart from everything that was.
    pub(super) fn cleared(self) -> Self {
        Self { entering: None, leaving: None, ..self }
    }
}

/// The terms of the text that is under way, kept from one part to the next: making them takes as long as many parts.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    of: Option<(i64, i64, Sorted)>,
}

impl Kept {
    /// Those of this text, where they were kept.
    pub(super) fn of(&self, text: &Partly) -> Option<&Sorted> {
        self.of.as_ref().filter(|(of, begun, _)| (*of, *begun) == (text.of, text.begun)).map(|(_, _, terms)| terms)
    }

    pub(super) fn keep(&mut self, text: &Partly, terms: Sorted) {
        self.of = Some((text.of, text.begun, terms));
    }

    pub(super) fn clear(&mut self) {
        self.of = None;
    }
}

/// Terms in the order in which the index has them, with spaces between them: parts that follow each other stand together in
/// it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Sorted(String);

/// Some of the terms of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part<'t> {
    pub terms: &'t str,
    pub count: u32,
    /// Where the next part begins; absent where this is the last one.
    pub next: Option<usize>,
}

impl Sorted {
    pub(super) fn new(terms: &str) -> Self {
        let mut each: Vec<&str> = terms.split(' ').collect();
        each.sort_unstable();
        Self(each.join(" "))
    }

    pub(super) fn all(&self) -> &str {
        &self.0
    }

    /// Those before a byte at which one begins; nothing where that is the first.
    pub(super) fn until(mut self, next: usize) -> Option<Self> {
        self.0.truncate(self.0.floor_char_boundary(next.checked_sub(1)?));
        Some(self)
    }

    /// At most so many terms (one at least) from a byte on.
    pub(super) fn part(&self, from: usize, most: u32) -> Part<'_> {
        // A byte at which none can begin is none of ours.
        let (from, rest) = self.0.get(from..).map_or((0, self.0.as_str()), |rest| (from, rest));
        let cut = rest.match_indices(' ').zip(1..).find(|(_, count)| *count >= most.max(1));
        match cut {
            Some(((at, _), count)) => Part { terms: &rest[..at], count, next: Some(from + at + 1) },
            None => {
                let count = rest.split(' ').count();
                Part { terms: rest, count: u32::try_from(count).unwrap_or(u32::MAX), next: None }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_all_of_it_in_the_order_of_the_index() {
        let sorted = Sorted::new("río b \u{E010}a a éa 東");
        assert_eq!(sorted, Sorted("a b río éa 東 \u{E010}a".to_owned()));
        for most in 1..8 {
            let mut parts = Vec::new();
            let mut from = Some(0);
            while let Some(at) = from {
                let part = sorted.part(at, most);
                assert_eq!(part.count as usize, part.terms.split(' ').count());
                assert!(part.count <= most);
                parts.push(part.terms);
                from = part.next;
            }
            assert_eq!(parts.join(" "), sorted.0);
            assert_eq!(parts.len(), 6_usize.div_ceil(most as usize));
        }
        assert_eq!(sorted.part(1000, 1).terms, "a", "from the beginning where it says nothing");
        let until = |next| Sorted::new("río b a").until(next);
        assert_eq!((until(0), until(2), until(9)), (None, Some(Sorted("a".to_owned())), Some(Sorted::new("a b río"))));
        assert_eq!(Sorted::new("").part(0, 4), Part { terms: "", count: 1, next: None });
    }

    #[test]
    fn what_was_kept_is_of_one_beginning() {
        let mut kept = Kept::default();
        let text = Partly { of: 7, place: 9, begun: 3, done: 0 };
        kept.keep(&text, Sorted::new("a"));
        assert_eq!(kept.of(&Partly { done: 5, ..text }), Some(&Sorted::new("a")));
        assert_eq!(kept.of(&Partly { begun: 4, ..text }), None);
        assert_eq!(kept.of(&Partly { of: 8, ..text }), None);
        kept.clear();
        assert_eq!(kept.of(&text), None);
    }
}
