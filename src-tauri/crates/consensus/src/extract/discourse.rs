//! What an answer does with each thing it mentions: state it, conclude it, take it back, quote it to reject it. The rules
//! are about how people write, not about numbers or names, so every kind of question shares them: a kind finds its
//! candidates, and [`Discourse::choose`] picks the one the answer commits to.

use std::cmp::Reverse;
use std::collections::HashSet;

use super::language::{Cue, Found, Language};
use super::prose::{Block, Sentence};
use super::token::{Token, TokenKind};

/// What speaks for a candidate, strongest first. The gaps matter, not the numbers: a layer outweighs all below it
/// together, except that emphasis and place may add up to a conclusion.
mod weight {
    pub(super) const BOXED: i32 = 90;
    pub(super) const FINAL: i32 = 60;
    pub(super) const MARKED_RIGHT: i32 = 40;
    pub(super) const COMMIT: i32 = 22;
    pub(super) const CONCLUSION: i32 = 16;
    pub(super) const TOTAL: i32 = 34;
    pub(super) const BOLD: i32 = 18;
    pub(super) const LAST: i32 = 8;
    pub(super) const FIRST: i32 = 8;
    pub(super) const ASIDE: i32 = -22;
    pub(super) const REASON: i32 = -12;
    pub(super) const CONCEDED: i32 = -22;
    pub(super) const QUOTED: i32 = -10;
    pub(super) const HYPOTHETICAL: i32 = -34;
    pub(super) const ADDED: i32 = -10;
    pub(super) const UPFRONT: i32 = 24;
    pub(super) const AFTER_TURN: i32 = 4;
    pub(super) const OFFERED: i32 = -14;
    pub(super) const REJECTED: i32 = -300;
    pub(super) const SUPERSEDED: i32 = -200;
    pub(super) const INSTRUCTION: i32 = -250;
}

/// Below this a candidate was only mentioned, never meant.
const MEANT: i32 = -150;
/// More than this many candidates are not weighed.
const MOST_CANDIDATES: usize = 1_000;
/// How far "not" reaches within its clause, in tokens.
const NEGATION_REACH: usize = 7;

/// Whether the candidates' weights are printed.
#[cfg(test)]
pub(super) static SHOW_WEIGHTS: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);

/// Something that could be the answer, at tokens `start..end` of a sentence.
#[derive(Debug, Clone)]
pub(crate) struct Candidate<V> {
    pub(crate) value: V,
    pub(crate) sentence: usize,
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// What its own kind says for or against it.
    pub(crate) bonus: i32,
    pub(crate) mention: Mention,
}

/// How a candidate stands in its sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mention {
    /// A thing that can be negated or called wrong.
    Thing,
    /// A yes or no, which has counted its negations itself.
    Claim,
}

/// One sentence's cues and clauses.
#[derive(Debug, Default)]
pub(crate) struct Stance {
    pub(crate) cues: Vec<Found<Cue>>,
    /// The clause of each token.
    clauses: Vec<usize>,
    /// Is the token inside parentheses?
    aside: Vec<bool>,
    /// The sentence is announced as the answer by what stands before it.
    announced: bool,
    /// What follows says that this is wrong.
    disowned: bool,
    instruction: bool,
}

impl Stance {
    pub(crate) fn has(&self, cue: Cue) -> bool {
        self.cues.iter().any(|found| found.what == cue)
    }

    pub(crate) fn clause(&self, token: usize) -> usize {
        self.clauses.get(token).copied().unwrap_or(usize::MAX)
    }

    /// Is there such a cue before the token in its clause?
    fn before_in_clause(&self, cue: Cue, token: usize) -> Option<&Found<Cue>> {
        self.cues.iter().rev().find(|f| f.what == cue && f.end <= token && self.clause(f.start) == self.clause(token))
    }

    fn in_clause(&self, cue: Cue, token: usize) -> Option<&Found<Cue>> {
        self.cues.iter().find(|f| f.what == cue && self.clause(f.start) == self.clause(token))
    }

    /// Does the answer commit itself before a token? "…, probably of the first century" only adds to what was said.
    fn commits_before(&self, sentence: &Sentence, token: usize, language: &Language) -> bool {
        self.cues.iter().filter(|f| f.what == Cue::Commit && f.start <= token).any(|f| {
            let before = sentence.tokens.get(..f.start).unwrap_or_default();
            let adds = before.last().is_some_and(|t| t.is(","))
                && f.end == f.start + 1
                && before.iter().any(|t| language.copulas.contains(&t.folded.as_str()));
            !adds
        })
    }

    /// "Seventeen in total.": a conclusion that stands behind what it concludes.
    fn closes_with_total(&self, sentence: &Sentence, after: usize) -> bool {
        self.cues.iter().any(|f| {
            f.what == Cue::Conclusion
                && (after..=after + 3).contains(&f.start)
                && f.end > f.start
                && sentence.tokens.get(f.end).is_none_or(|t| t.kind == TokenKind::Mark)
                && self.clause(f.start) == self.clause(after.saturating_sub(1))
                && sentence.tokens.get(f.end - 1).is_some_and(|t| {
                    matches!(t.folded.as_str(), "total" | "altogether" | "overall" | "all" | "together")
                })
        })
    }

    /// Is the cue itself denied ("not wrong")?
    fn is_denied(&self, cue: &Found<Cue>) -> bool {
        self.cues.iter().any(|f| {
            f.what == Cue::Not
                && f.end <= cue.start
                && cue.start - f.end <= 3
                && self.clause(f.start) == self.clause(cue.start)
        })
    }
}

pub(crate) struct Discourse<'a> {
    pub(crate) sentences: &'a [Sentence],
    pub(crate) stances: Vec<Stance>,
    pub(crate) language: &'static Language,
    /// Are ticks more than bullets: one alone, or beside crosses?
    ticks_judge: bool,
    /// Where something is taken back.
    corrections: Vec<(usize, usize)>,
}

impl<'a> Discourse<'a> {
    pub(crate) fn new(sentences: &'a [Sentence], language: &'static Language) -> Self {
        let mut stances: Vec<Stance> = sentences.iter().map(|sentence| stance(sentence, language)).collect();
        let mut corrections = Vec::new();
        let count = sentences.len();
        let mut heading_announces = false;
        let mut previous_announces = false;
        let mut disowned = Vec::new();
        for (at, (sentence, stance)) in sentences.iter().zip(&mut stances).enumerate() {
            if let Block::Heading(level) = sentence.block {
                let titled = sentence.tokens.iter().any(|t| {
                    matches!(t.folded.as_str(), "conclusion" | "resultado" | "respuesta" | "result" | "answer")
                });
                heading_announces = stance.has(Cue::Final) || titled && sentence.tokens.len() <= 4;
                // GSM8K and its descendants close with "#### 42".
                stance.announced |=
                    level == 4 && sentence.tokens.len() <= 4 && sentence.tokens.iter().any(|t| t.is_digits());
            } else {
                stance.announced |= heading_announces || previous_announces;
            }
            let ends_in_colon = sentence.tokens.last().is_some_and(|t| t.is(":"));
            let last_cue_ends = stance.cues.iter().filter(|f| f.what == Cue::Final).map(|f| f.end).max();
            previous_announces = last_cue_ends.is_some_and(|end| {
                sentence.tokens.get(end..).is_some_and(|rest| rest.iter().all(|t| t.kind == TokenKind::Mark))
            }) && (ends_in_colon || sentence.tokens.len() <= 6);
            for found in stance.cues.iter().filter(|f| f.what == Cue::Correction) {
                let opens = found.start == 0
                    || sentence.tokens.get(found.start - 1).is_some_and(|t| {
                        t.kind == TokenKind::Mark
                            || t.is("no")
                            || t.is("oh")
                            || t.is("ay")
                            || t.is("but")
                            || t.is("pero")
                    });
                // "Disculpa el despiste." at the end corrects nothing any more.
                let rest = sentence.tokens.get(found.end..).unwrap_or_default();
                let closes = at + 1 == count
                    && at > 0
                    && found.start == 0
                    && rest.len() <= 6
                    && !rest.iter().any(|t| t.is_digits() || t.is(":") || t.is(","));
                if opens && !closes {
                    corrections.push((at, found.start));
                }
            }
            // "That is wrong." disowns what stands before it.
            let opening = sentence.tokens.iter().find(|t| t.is_word());
            // "Uy, eso está mal"
            let opening_words = sentence.tokens.iter().filter(|t| t.is_word()).take(2);
            let refers_back =
                opening_words.clone().any(|t| matches!(t.folded.as_str(), "eso" | "esto" | "that" | "that's"))
                    || opening.is_some_and(|t| {
                        language.pronouns.contains(&t.folded.as_str()) || matches!(t.folded.as_str(), "but" | "pero")
                    });
            let wrong = stance.cues.iter().find(|f| f.what == Cue::Wrong);
            let neither = opening.is_some_and(|t| {
                matches!(t.folded.as_str(), "neither" | "ninguno" | "ninguna" | "both" | "ambos" | "ambas")
            });
            let denied_right = sentence.tokens.iter().take(6).any(|t| {
                matches!(
                    t.folded.as_str(),
                    "right" | "correct" | "true" | "correcta" | "correcto" | "cierta" | "cierto" | "acierta"
                )
            });
            if neither && (denied_right || wrong.is_some()) && at > 0 {
                disowned.push(at - 1);
                if let Some(before) = at.checked_sub(2) {
                    disowned.push(before);
                }
            }
            if let Some(found) = wrong
                && refers_back
                && found.start <= 6
                && !stance.is_denied(found)
                && at > 0
            {
                disowned.push(at - 1);
            }
        }
        for at in disowned {
            if let Some(stance) = stances.get_mut(at) {
                stance.disowned = true;
            }
        }
        let marked = |marks: [&str; 4]| {
            let bears = |s: &&Sentence| s.tokens.iter().any(|t| marks.contains(&t.folded.as_str()));
            sentences.iter().filter(bears).count()
        };
        let ticks_judge = marked(["✅", "✓", "✔", "☑"]) <= 1 || marked(["❌", "✗", "✘", "✖"]) > 0;
        Self { sentences, stances, language, ticks_judge, corrections }
    }

    /// Is it mentioned only to be set aside?
    pub(crate) fn is_rejected(&self, sentence: usize, start: usize, end: usize, mention: Mention) -> bool {
        let (Some(stance), Some(text)) = (self.stances.get(sentence), self.sentences.get(sentence)) else {
            return false;
        };
        if stance.disowned {
            return true;
        }
        let attributed = |turn: &dyn Fn(usize) -> bool| {
            stance.cues.iter().any(|f| f.what == Cue::Attribution && f.start <= start && !turn(f.end))
        };
        if mention == Mention::Claim {
            return attributed(&|from| {
                stance.cues.iter().any(|f| f.what == Cue::Contrast && f.start >= from && f.start <= start)
            });
        }
        let negated = stance.before_in_clause(Cue::Not, start).is_some_and(|not| start - not.end < NEGATION_REACH);
        // "Unlike insects, spiders …" sets one clause aside; "…, unlike insects, which have six" the rest.
        let set_aside = stance.cues.iter().any(|f| {
            f.what == Cue::InsteadOf
                && f.end <= start
                && if f.start == 0 { stance.clause(f.start) == stance.clause(start) } else { start - f.end < 12 }
                && !stance.cues.iter().any(|turn| {
                    let concludes = turn.what == Cue::Conclusion
                        && turn.start.checked_sub(1).and_then(|at| text.tokens.get(at)).is_some_and(|t| t.is(","));
                    (concludes || matches!(turn.what, Cue::Contrast | Cue::Final))
                        && f.end <= turn.start
                        && turn.end <= start
                })
        });
        if negated || set_aside {
            return true;
        }
        // "Some say 41, but it is 42": what others say reaches up to the turn.
        let turn = |from: usize| {
            stance.cues.iter().any(|f| {
                matches!(f.what, Cue::Contrast | Cue::Commit | Cue::Final) && f.start >= from && f.end <= start
            }) || text.tokens.get(from..start).is_some_and(|t| {
                t.iter().any(|t| t.is(":") || t.is(";")) && (stance.has(Cue::Wrong) || stance.has(Cue::Not))
            })
        };
        if attributed(&turn) {
            return true;
        }
        // "41 is wrong"; "is 41 right? It is not correct".
        if text.tokens.iter().any(|t| matches!(t.folded.as_str(), "❌" | "✗" | "✘" | "✖")) {
            return true;
        }
        let denied_right =
            stance.in_clause(Cue::Right, start).is_some_and(|right| right.start >= end && stance.is_denied(right));
        if denied_right || stance.in_clause(Cue::Wrong, start).is_some_and(|wrong| !stance.is_denied(wrong)) {
            return true;
        }
        // "20, but that ignores the order of operations", "20, pero eso no respeta …": what is objected to.
        let objected = stance.cues.iter().any(|turn| {
            turn.what == Cue::Contrast && turn.start >= end && {
                let after = |at: usize| text.tokens.get(turn.end + at);
                let refers = after(0).is_some_and(|t| {
                    self.language.pronouns.contains(&t.folded.as_str())
                        || matches!(t.folded.as_str(), "eso" | "esto" | "ese")
                });
                let objects = (1..=3).filter_map(after).any(|t| {
                    matches!(
                        t.folded.as_str(),
                        "no" | "ignora"
                            | "olvida"
                            | "doesn't"
                            | "isn't"
                            | "not"
                            | "ignores"
                            | "forgets"
                            | "overlooks"
                            | "misses"
                            | "confuses"
                            | "confunde"
                            | "confundiria"
                            | "omite"
                            | "fails"
                            | "breaks"
                            | "violates"
                            | "neglects"
                            | "counts"
                    )
                });
                refers && objects
            }
        });
        if objected {
            return true;
        }
        // "41, but that is wrong": the pronoun stands for what was said before.
        stance.cues.iter().any(|wrong| {
            wrong.what == Cue::Wrong && wrong.start >= end && !stance.is_denied(wrong) && {
                let clause = stance.clause(wrong.start);
                let opens_with_pronoun = text
                    .tokens
                    .iter()
                    .enumerate()
                    .filter(|(at, t)| stance.clause(*at) == clause && t.is_word())
                    .take(5)
                    .any(|(at, t)| at < wrong.start && self.language.pronouns.contains(&t.folded.as_str()));
                let bare = text
                    .tokens
                    .iter()
                    .enumerate()
                    .filter(|(at, t)| stance.clause(*at) == clause && t.is_word() && *at < wrong.start)
                    .count()
                    <= 2;
                opens_with_pronoun || bare
            }
        })
    }

    /// What the way it is said tells for or against a candidate.
    pub(crate) fn score<V>(&self, candidate: &Candidate<V>) -> i32 {
        // An answer that is nothing but a fence has no sentences.
        let (Some(stance), Some(sentence)) =
            (self.stances.get(candidate.sentence), self.sentences.get(candidate.sentence))
        else {
            return candidate.bonus;
        };
        let span = sentence.tokens.get(candidate.start..candidate.end.max(candidate.start + 1));
        let bytes = span.and_then(|tokens| Some(tokens.first()?.start..tokens.last()?.end)).unwrap_or(0..0);
        let inside =
            |spans: &[std::ops::Range<usize>]| spans.iter().any(|s| s.start < bytes.end && s.end > bytes.start);
        let mut score = candidate.bonus;
        if inside(&sentence.boxed) {
            score += weight::BOXED;
        }
        if inside(&sentence.bold) || matches!(sentence.block, Block::Heading(_)) {
            score += weight::BOLD;
        }
        let preceded = |cue: Cue| stance.cues.iter().any(|f| f.what == cue && f.start <= candidate.start);
        if stance.announced || preceded(Cue::Final) {
            score += weight::FINAL;
        } else if stance.commits_before(sentence, candidate.start, self.language) {
            score += weight::COMMIT;
        } else if stance.closes_with_total(sentence, candidate.end) {
            score += weight::TOTAL;
        } else if preceded(Cue::Conclusion) && !stance.aside.get(candidate.start).copied().unwrap_or(false) {
            score += weight::CONCLUSION;
        }
        let is_thing = candidate.mention == Mention::Thing;
        // In a calculation a tick marks a check.
        let calculates = sentence.tokens.iter().any(|t| t.is("="));
        let ticked = !calculates
            && self.ticks_judge
            && sentence.tokens.iter().any(|t| matches!(t.folded.as_str(), "✅" | "✓" | "✔" | "☑"));
        let called_right = || {
            stance.in_clause(Cue::Right, candidate.start).is_some_and(|right| {
                !stance.is_denied(right)
                    && !self.is_attributive(sentence, right)
                    && sentence.tokens.get(right.start).is_some_and(Token::is_word)
            })
        };
        if is_thing && (ticked || called_right()) {
            score += weight::MARKED_RIGHT;
        }
        if is_thing && stance.in_clause(Cue::Concession, candidate.start).is_some() {
            score += weight::CONCEDED;
        }
        if is_thing
            && stance
                .in_clause(Cue::Because, candidate.start)
                .is_some_and(|because| because.start > 0 && because.end <= candidate.start)
        {
            score += weight::REASON;
        }
        if preceded(Cue::Hypothetical) {
            score += weight::HYPOTHETICAL;
        }
        // "…; besides, it may have up to five": goes on to something else.
        if is_thing && stance.cues.iter().any(|f| f.what == Cue::Addition && f.end <= candidate.start) {
            score += weight::ADDED;
        }
        // "Istanbul is larger, but the capital is Ankara": the point is made after the turn.
        if is_thing && stance.cues.iter().any(|f| f.what == Cue::Contrast && f.end <= candidate.start && f.start > 0) {
            score += weight::AFTER_TURN;
        }
        // "November. December has 31.": the whole first sentence.
        if is_thing
            && candidate.sentence == 0
            && self.sentences.len() > 1
            && self.is_alone(candidate.start, candidate.end)
        {
            score += weight::UPFRONT;
        }
        // "So you should tick B": advice that concludes is the answer.
        if preceded(Cue::Offer) && !preceded(Cue::Conclusion) {
            score += weight::OFFERED;
        }
        if sentence.block == Block::Quote {
            score += weight::QUOTED;
        }
        if stance.aside.get(candidate.start).copied().unwrap_or(false) {
            score += weight::ASIDE;
        }
        if stance.instruction {
            score += weight::INSTRUCTION;
        }
        if self.is_rejected(candidate.sentence, candidate.start, candidate.end, candidate.mention) {
            score += weight::REJECTED;
        }
        score
    }

    /// "with a certain caution", "the right angle": the word describes what follows and judges nothing.
    fn is_attributive(&self, sentence: &Sentence, cue: &Found<Cue>) -> bool {
        // "seven places to the right": a direction.
        let direction = cue.start.checked_sub(1).and_then(|at| sentence.tokens.get(at)).is_some_and(|t| t.is("the"))
            && sentence.tokens.get(cue.start).is_some_and(|t| t.is("right"));
        if direction {
            return true;
        }
        sentence.tokens.get(cue.end).is_some_and(|t| {
            let word = t.folded.as_str();
            t.is_word()
                && self.language.is_content(word)
                && !self.language.copulas.contains(&word)
                && !self.language.option_nouns.contains(&word)
        })
    }

    /// Is it what a short line gives for a label of the question's own words: "Due date: 14/04/2024"?
    pub(crate) fn is_labelled(&self, sentence: usize, start: usize, asked: &HashSet<String>) -> bool {
        /// A label has no more words.
        const LONGEST_LABEL: usize = 5;
        let Some(sentence) = self.sentences.get(sentence).filter(|s| s.opens_line) else { return false };
        let Some(colon) = sentence.tokens.iter().take(start).position(|t| t.is(":")) else { return false };
        let label = sentence.tokens.get(..colon).unwrap_or_default();
        let words = label.iter().filter(|t| t.is_word()).count();
        let after = sentence.tokens.get(colon + 1..start).unwrap_or_default();
        (1..=LONGEST_LABEL).contains(&words)
            && label.iter().any(|t| asked.contains(&t.folded))
            && after.iter().all(|t| t.kind == TokenKind::Mark)
    }

    /// Does the first sentence say nothing but what stands at these tokens?
    fn is_alone(&self, start: usize, end: usize) -> bool {
        let Some(first) = self.sentences.first() else { return false };
        !first.tokens.iter().any(|t| self.language.copulas.contains(&t.folded.as_str()))
            && first.tokens.iter().enumerate().all(|(at, t)| {
                (start..end).contains(&at)
                    || !t.is_word() && !t.is_digits()
                    || !self.language.is_content(&t.folded)
                    || self.language.option_nouns.contains(&t.folded.as_str())
            })
    }

    /// The candidates that the answer means, with their weights, in the order of the text. What was taken back counts
    /// only where nothing was put in its place.
    pub(crate) fn weighed<V>(&self, mut candidates: Vec<Candidate<V>>) -> Vec<(i32, Candidate<V>)> {
        bound(&mut candidates);
        let mut scored: Vec<_> = candidates.into_iter().map(|candidate| (self.score(&candidate), candidate)).collect();
        let taken_back = self
            .corrections
            .iter()
            .rev()
            .find(|at| scored.iter().any(|(score, c)| (c.sentence, c.start) > **at && *score > MEANT))
            .copied();
        if let Some(at) = taken_back {
            for (score, candidate) in &mut scored {
                if (candidate.sentence, candidate.start) < at {
                    *score += weight::SUPERSEDED;
                }
            }
        }
        scored.retain(|(score, _)| *score > MEANT);
        let first = scored.iter().map(|(_, c)| c.sentence).min();
        let last = scored.iter().map(|(_, c)| c.sentence).max();
        for (score, candidate) in &mut scored {
            if Some(candidate.sentence) == last {
                *score += weight::LAST;
            } else if Some(candidate.sentence) == first && first == Some(0) {
                *score += weight::FIRST;
            }
        }
        #[cfg(test)]
        self.show(&scored);
        scored
    }

    /// Prints what each candidate weighs, for one row of the labelled sets (`SHOW_WEIGHTS=id`).
    #[cfg(test)]
    fn show<V>(&self, scored: &[(i32, Candidate<V>)]) {
        if !SHOW_WEIGHTS.load(std::sync::atomic::Ordering::Relaxed) {
            return;
        }
        for (score, c) in scored {
            let said = self.sentences.get(c.sentence).and_then(|s| {
                let span = s.tokens.get(c.start..c.end.max(c.start + 1))?;
                s.text.get(span.first()?.start..span.last()?.end)
            });
            println!("  {score:4} (bonus {:3}) sentence {}: {:?}", c.bonus, c.sentence, said.unwrap_or_default());
        }
    }

    /// The candidate the answer commits to; of equals the last.
    pub(crate) fn choose<V>(&self, candidates: Vec<Candidate<V>>) -> Option<Candidate<V>> {
        self.weighed(candidates).into_iter().max_by_key(|(score, c)| (*score, c.sentence, c.start)).map(|(_, c)| c)
    }

    /// The candidate the answer commits to; of equals the first.
    pub(crate) fn choose_first<V>(&self, candidates: Vec<Candidate<V>>) -> Option<Candidate<V>> {
        let weighed = self.weighed(candidates);
        weighed.into_iter().max_by_key(|(score, c)| (*score, Reverse((c.sentence, c.start)))).map(|(_, c)| c)
    }

    /// Does the answer begin with "it depends" and never come to a choice?
    pub(crate) fn leaves_open(&self) -> bool {
        let opens = self.stances.first().is_some_and(|s| s.cues.iter().any(|f| f.what == Cue::Depends && f.start <= 3));
        opens && !self.has(Cue::Final) && !self.has(Cue::Commit)
    }

    pub(crate) fn has(&self, cue: Cue) -> bool {
        self.stances.iter().any(|stance| stance.has(cue))
    }
}

/// Keeps the candidates at the beginning and at the end, where an answer stands, so that they can be compared pairwise.
pub(crate) fn bound<V>(candidates: &mut Vec<Candidate<V>>) {
    if candidates.len() > MOST_CANDIDATES {
        candidates.drain(MOST_CANDIDATES / 2..candidates.len() - MOST_CANDIDATES / 2);
    }
}

fn stance(sentence: &Sentence, language: &'static Language) -> Stance {
    let mut cues = language.find_cues(&sentence.tokens);
    // "The answer everyone gives" is not the answer.
    let misleads = |t: &Token| {
        matches!(
            t.folded.as_str(),
            "trick"
                | "wrong"
                | "intuitive"
                | "obvious"
                | "tempting"
                | "naive"
                | "common"
                | "popular"
                | "typical"
                | "tramposa"
                | "intuitiva"
                | "obvia"
                | "tipica"
                | "facil"
                | "habitual"
                | "ingenua"
        )
    };
    cues.retain(|f| {
        let before = f.start.checked_sub(1).and_then(|at| sentence.tokens.get(at));
        let around = sentence.tokens.get(f.start..(f.end + 1).min(sentence.tokens.len())).unwrap_or_default();
        !(f.what == Cue::Final && (before.is_some_and(misleads) || around.iter().any(misleads)))
    });
    cues.retain(|f| {
        f.what != Cue::Final
            || !sentence.tokens.get(f.end).is_some_and(|t| {
                matches!(t.folded.as_str(), "que" | "most" | "everyone" | "many" | "people" | "students" | "everybody")
            })
    });
    // "Many parents believe …"
    for (at, token) in sentence.tokens.iter().enumerate() {
        let opinion = |t: &super::token::Token| language.opinion_verbs.contains(&t.folded.as_str());
        let ahead = sentence.tokens.iter().enumerate().skip(at + 1).take(4).find(|(_, t)| opinion(t));
        // What experts say is no rumour.
        let experts = |t: &super::token::Token| {
            let word = t.folded.as_str();
            ["ists", "icians", "orians", "ologos", "ficos", "medicos", "istas", "adores", "nomos", "omers", "nomers"]
                .iter()
                .any(|end| word.ends_with(end))
                || matches!(
                    word,
                    "experts"
                        | "expertos"
                        | "doctors"
                        | "scholars"
                        | "researchers"
                        | "expertas"
                        | "estudios"
                        | "studies"
                )
        };
        let ahead = ahead.filter(|(verb, _)| !sentence.tokens.get(at..*verb).unwrap_or_default().iter().any(experts));
        if let (true, Some((verb, _))) = (language.quantifiers.contains(&token.folded.as_str()), ahead) {
            cues.push(Found { what: Cue::Attribution, start: at, end: verb + 1 });
        }
    }
    // "If repetition were allowed, it'd be 16": a case that is not the one asked about.
    let wishes = sentence
        .tokens
        .iter()
        .take(3)
        .any(|t| matches!(t.folded.as_str(), "want" | "need" | "quieres" | "necesitas" | "had"));
    let supposes = !wishes
        && sentence.tokens.first().is_some_and(|t| t.is("if") || t.is("si"))
        && sentence.tokens.iter().any(|t| {
            matches!(
                t.folded.as_str(),
                "would"
                    | "it'd"
                    | "you'd"
                    | "we'd"
                    | "were"
                    | "seria"
                    | "serian"
                    | "habria"
                    | "tendria"
                    | "fuera"
                    | "fueran"
                    | "hubiera"
                    | "tendriamos"
                    | "tendrias"
            )
        });
    if supposes {
        cues.push(Found { what: Cue::Hypothetical, start: 0, end: 1 });
    }
    let mut clauses = Vec::with_capacity(sentence.tokens.len());
    let mut aside = Vec::with_capacity(sentence.tokens.len());
    let (mut clause, mut depth) = (0, 0_usize);
    for (at, token) in sentence.tokens.iter().enumerate() {
        let turns = cues.iter().any(|f| f.start == at && matches!(f.what, Cue::Contrast | Cue::Because));
        let opens = matches!(token.folded.as_str(), "," | ";" | ":" | "—" | "–" | "(" | "[" | "→")
            && !is_inside_number(sentence, at);
        let dash = token.is("-") && spaced(sentence, at);
        if turns || opens || dash {
            clause += 1;
        }
        if matches!(token.folded.as_str(), "(" | "[") {
            depth += 1;
        }
        clauses.push(clause);
        aside.push(depth > 0);
        if matches!(token.folded.as_str(), ")" | "]") {
            depth = depth.saturating_sub(1);
            clause += 1;
        }
    }
    let ballot = cues.iter().filter(|f| f.what == Cue::Ballot).count();
    let instruction = cues.iter().any(|f| f.what == Cue::Instruction)
        || ballot > 1
        || (ballot > 0 && sentence.tokens.iter().any(|t| language.voting.contains(&t.folded.as_str())));
    Stance { cues, clauses, aside, announced: false, disowned: false, instruction }
}

fn is_inside_number(sentence: &Sentence, at: usize) -> bool {
    let near = |index: Option<usize>| index.and_then(|i| sentence.tokens.get(i)).filter(|t| t.is_digits());
    match (sentence.tokens.get(at), near(at.checked_sub(1)), near(Some(at + 1))) {
        (Some(token), Some(before), Some(after)) => before.end == token.start && token.end == after.start,
        _ => false,
    }
}

fn spaced(sentence: &Sentence, at: usize) -> bool {
    let token = sentence.tokens.get(at);
    let before = at.checked_sub(1).and_then(|i| sentence.tokens.get(i));
    let after = sentence.tokens.get(at + 1);
    match (before, token, after) {
        (Some(before), Some(token), Some(after)) => {
            before.end < token.start && token.end < after.start && !(before.is_digits() && after.is_digits())
        }
        _ => false,
    }
}
