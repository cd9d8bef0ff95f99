//! How much answers to an open question resemble each other, without knowing their language.
//!
//! Two cosines are averaged: one over words, one over the 4-grams of characters inside them, which sees `decided` in
//! `deciding`. A feature *f* of an answer weighs
//!
//! ```text
//! (1 + ln tf) · ln(1 + n / df) · length · echo
//! ```
//!
//! with `tf` how often it occurs in the answer, `n` the number of answers and `df` in how many of them it occurs (Salton
//! and Buckley, "Term-weighting approaches in automatic text retrieval", 1988, with smoothing, because `n` is 2 to 8).
//! `length` is `min(letters, 6) / 6`: the short words of most languages are its commonest, and this needs no list of them.
//! `echo` is 1/2 for words of the question, which every answer repeats. Scripts without spaces are taken in pairs of
//! characters, whose length counts as full.
//!
//! What this cannot do: it sees words, not meaning. `it is safe` and `it is not safe` resemble each other, and the same
//! thing said in two languages does not. Numbers are the exception, because they are where answers differ most often
//! without differing in words: two texts that both name numbers are compared by these as well, and the result counts
//! for a quarter.
//!
//! The choice of the answer that agrees most with all others goes back to self-consistency for free-form answers (Chen et
//! al., arXiv 2311.17311; arXiv 2311.08154), where a model makes that choice; here a measure does, for nothing.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use crate::text::{cut, folded, passages, words};

/// The resemblance of equal texts. Resemblances are whole numbers, so that sums over them are exact.
pub const FULL: u32 = 1_000_000;

/// From this resemblance on two answers count as the same.
///
/// Set on pairs of answers to the same open questions in Spanish and English (see the tests): those that say the same in
/// other words resembled each other by 0.26 to 0.62, those that contradict each other in the same words by up to 0.22, those
/// that speak of other things by less than 0.1. The line between is thin, which is why the window says "similar" and not
/// "the same" where agreement was read from resemblance.
pub const SAME: u32 = 250_000;

/// How much of a passage must be in one passage of the other text for it to have a counterpart there.
const COUNTERPART: f32 = 0.5;
/// More of a text than this many bytes is not compared, so that a runaway answer holds up nothing.
const MOST_COMPARED: usize = 128 * 1024;
/// More passages than these are not looked at.
const MOST_PASSAGES: usize = 600;
/// A passage is shown up to this length, in characters.
const SHOWN: usize = 240;
/// So many passages are shown.
const MOST_SHOWN: usize = 5;

/// The resemblance of every pair of texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matrix {
    size: usize,
    /// Row by row, the diagonal included.
    values: Vec<u32>,
}

impl Matrix {
    /// Compares texts that answer a question. Takes some milliseconds for four texts of 20 KB.
    pub fn of(question: &str, texts: &[&str]) -> Self {
        let size = texts.len();
        let mut values = vec![FULL; size * size];
        let echoes = echoes(question);
        let counted: Vec<Counted> = texts.iter().map(|text| Counted::of(beginning(text))).collect();
        let words = weighted(counted.iter().map(|each| &each.words).collect(), &echoes);
        let grams = weighted(counted.iter().map(|each| &each.grams).collect(), &HashSet::default());
        for a in 0..size {
            for b in a + 1..size {
                let value = if texts[a].trim() == texts[b].trim() {
                    FULL
                } else {
                    let spoken = (cosine(&words[a], &words[b]) + cosine(&grams[a], &grams[b])) / 2.0;
                    let both = match overlap(&counted[a].numbers, &counted[b].numbers) {
                        Some(numbers) => 0.75 * spoken + 0.25 * numbers,
                        None => spoken,
                    };
                    (both.clamp(0.0, 1.0) * f64::from(FULL)).round() as u32
                };
                values[a * size + b] = value;
                values[b * size + a] = value;
            }
        }
        Self { size, values }
    }

    /// The resemblance of two texts: 0 to [`FULL`], the latter of a text with itself. 0 for a text that is not there.
    pub fn get(&self, a: usize, b: usize) -> u32 {
        if a < self.size && b < self.size { self.values[a * self.size + b] } else { 0 }
    }

    /// Parts the texts into groups within which every pair resembles at least [`SAME`]: complete linkage, most similar
    /// pairs first, lower places first among equals. The order of arrival does not come into it.
    pub fn groups(&self) -> Vec<Vec<usize>> {
        let mut pairs: Vec<(u32, usize, usize)> = (0..self.size)
            .flat_map(|a| (a + 1..self.size).map(move |b| (a, b)))
            .map(|(a, b)| (self.get(a, b), a, b))
            .filter(|&(value, _, _)| value >= SAME)
            .collect();
        pairs.sort_by(|x, y| y.0.cmp(&x.0).then(x.1.cmp(&y.1)).then(x.2.cmp(&y.2)));
        let mut groups: Vec<Vec<usize>> = (0..self.size).map(|place| vec![place]).collect();
        for (_, a, b) in pairs {
            let group_of = |place: usize| groups.iter().position(|group| group.contains(&place));
            let (Some(one), Some(other)) = (group_of(a), group_of(b)) else { continue };
            let close = |x: &usize| groups[other].iter().all(|y| self.get(*x, *y) >= SAME);
            if one != other && groups[one].iter().all(close) {
                let (low, high) = (one.min(other), one.max(other));
                let moved = groups.swap_remove(high);
                groups[low].extend(moved);
                groups[low].sort_unstable();
            }
        }
        groups.sort_by_key(|group| group.first().copied());
        groups
    }
}

/// The passages of `text` that have no counterpart in `other`, the most different first: at most 5, each of at most 240
/// characters.
pub fn passages_without_counterpart(text: &str, other: &str) -> Vec<String> {
    let mut there: HashMap<u64, Vec<u32>, Mixed> = HashMap::default();
    for (place, passage) in passages(beginning(other)).into_iter().take(MOST_PASSAGES).enumerate() {
        for (word, _) in bag(passage) {
            there.entry(word).or_default().push(place as u32);
        }
    }
    let mut missing: Vec<(f32, &str)> = Vec::new();
    for passage in passages(beginning(text)).into_iter().take(MOST_PASSAGES) {
        let bag = bag(passage);
        let whole: f32 = bag.iter().map(|(_, weight)| weight).sum();
        // A heading or a courtesy of one or two words says nothing that could be missing.
        if bag.len() < 3 && whole < 2.0 {
            continue;
        }
        let mut found: HashMap<u32, f32, Mixed> = HashMap::default();
        for (word, weight) in &bag {
            for place in there.get(word).into_iter().flatten() {
                *found.entry(*place).or_default() += weight;
            }
        }
        let best = found.values().copied().fold(0.0, f32::max) / whole;
        if best < COUNTERPART {
            missing.push((best, passage));
        }
    }
    missing.sort_by(|a, b| a.0.total_cmp(&b.0));
    missing.into_iter().take(MOST_SHOWN).map(|(_, passage)| cut(passage, SHOWN)).collect()
}

/// The distinct words of a passage, heavier the longer; a number weighs most.
fn bag(passage: &str) -> Vec<(u64, f32)> {
    let folded = folded(passage);
    let mut found = HashMap::<u64, f32, Mixed>::default();
    words(&folded, |word| {
        let weight = if word.starts_with(|c: char| c.is_ascii_digit()) { 1.5 } else { length(word) as f32 };
        found.insert(hash(word.as_bytes()), weight);
    });
    let mut bag: Vec<_> = found.into_iter().collect();
    bag.sort_unstable_by_key(|&(word, _)| word);
    bag
}

/// What occurs in a text how often, in the order of the features.
struct Counted {
    words: Vec<Feature>,
    grams: Vec<Feature>,
    numbers: Vec<u64>,
}

#[derive(Clone, Copy)]
struct Feature {
    id: u64,
    times: u32,
    length: f32,
}

impl Counted {
    fn of(text: &str) -> Self {
        let folded = folded(text);
        let (mut all, mut grams, mut numbers) = (Vec::new(), Vec::new(), Vec::new());
        let mut letters = String::new();
        words(&folded, |word| {
            let id = hash(word.as_bytes());
            let length = length(word);
            all.push((id, length as f32));
            if word.starts_with(|c: char| c.is_ascii_digit()) {
                numbers.push(id);
            }
            letters.clear();
            letters.push('^');
            letters.push_str(word);
            letters.push('$');
            grams_of(&letters, |gram| grams.push((hash(gram), length as f32)));
        });
        numbers.sort_unstable();
        numbers.dedup();
        Self { words: counted(all), grams: counted(grams), numbers }
    }
}

/// As much of a text as is compared.
fn beginning(text: &str) -> &str {
    let mut end = text.len().min(MOST_COMPARED);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Every four neighbouring characters.
fn grams_of(word: &str, mut visit: impl FnMut(&[u8])) {
    let mut begins = [0usize; 4];
    let mut seen = 0;
    for (n, (at, c)) in word.char_indices().enumerate() {
        begins[n % 4] = at;
        seen = n + 1;
        if n >= 3 {
            visit(&word.as_bytes()[begins[(n + 1) % 4]..at + c.len_utf8()]);
        }
    }
    if seen < 4 {
        visit(word.as_bytes());
    }
}

fn counted(mut ids: Vec<(u64, f32)>) -> Vec<Feature> {
    ids.sort_unstable_by_key(|&(id, _)| id);
    let mut features: Vec<Feature> = Vec::new();
    for (id, length) in ids {
        match features.last_mut() {
            Some(last) if last.id == id => last.times += 1,
            _ => features.push(Feature { id, times: 1, length }),
        }
    }
    features
}

/// `min(letters, 6) / 6`; full for a pair of characters of a script without spaces.
fn length(word: &str) -> f64 {
    let letters = word.chars().count();
    let dense = letters == 2 && word.len() >= 6;
    if dense { 1.0 } else { letters.min(6) as f64 / 6.0 }
}

fn echoes(question: &str) -> HashSet<u64, Mixed> {
    let folded = folded(question);
    let mut found = HashSet::default();
    words(&folded, |word| {
        found.insert(hash(word.as_bytes()));
    });
    found
}

/// The features of every text with their weights, each text's divided by their length as a vector.
fn weighted(texts: Vec<&Vec<Feature>>, echoes: &HashSet<u64, Mixed>) -> Vec<Vec<(u64, f64)>> {
    let mut documents: HashMap<u64, u32, Mixed> = HashMap::default();
    for text in &texts {
        for feature in *text {
            *documents.entry(feature.id).or_default() += 1;
        }
    }
    let all = texts.len() as f64;
    texts
        .into_iter()
        .map(|text| {
            let mut vector: Vec<(u64, f64)> = text
                .iter()
                .map(|feature| {
                    let df = f64::from(documents.get(&feature.id).copied().unwrap_or(1));
                    let echo = if echoes.contains(&feature.id) { 0.5 } else { 1.0 };
                    let tf = 1.0 + f64::from(feature.times).ln();
                    (feature.id, tf * (1.0 + all / df).ln() * f64::from(feature.length) * echo)
                })
                .collect();
            let norm = vector.iter().map(|(_, weight)| weight * weight).sum::<f64>().sqrt();
            if norm > 0.0 {
                vector.iter_mut().for_each(|(_, weight)| *weight /= norm);
            }
            vector
        })
        .collect()
}

/// The product of two vectors in the order of their features.
fn cosine(a: &[(u64, f64)], b: &[(u64, f64)]) -> f64 {
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    let mut sum = 0.0;
    while let (Some(&&(x, left)), Some(&&(y, right))) = (a.peek(), b.peek()) {
        match x.cmp(&y) {
            std::cmp::Ordering::Less => drop(a.next()),
            std::cmp::Ordering::Greater => drop(b.next()),
            std::cmp::Ordering::Equal => {
                sum += left * right;
                a.next();
                b.next();
            }
        }
    }
    sum
}

/// How much of the numbers that either names both name (Jaccard); nothing where one of them names none.
fn overlap(a: &[u64], b: &[u64]) -> Option<f64> {
    if a.is_empty() || b.is_empty() {
        return None;
    }
    let both = a.iter().filter(|id| b.binary_search(id).is_ok()).count();
    Some(both as f64 / (a.len() + b.len() - both) as f64)
}

/// FNV-1a with a final mix: the same on every machine, so that what was stored can be worked out again.
fn hash(bytes: &[u8]) -> u64 {
    let mut state = 0xcbf2_9ce4_8422_2325_u64;
    for byte in bytes {
        state = (state ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    state ^ (state >> 32)
}

/// Our keys are hashes already.
type Mixed = BuildHasherDefault<Hashed>;

#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = hash(bytes);
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn write_u32(&mut self, value: u32) {
        self.write_u64(u64::from(value));
    }
}

#[cfg(test)]
mod tests;
