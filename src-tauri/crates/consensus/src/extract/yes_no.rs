//! Yes or no: said outright, or by repeating the question's claim with or without negations. Negations are counted:
//! "no es falso" is yes; so is "it is false" to "is it false that …?".

use super::canonical::{Value, YesNo};
use super::discourse::{Candidate, Discourse, Mention};
use super::language::{Ask, Cue, Language};
use super::prose::{Block, Sentence};
use super::question::Question;
use super::token::{Token, TokenKind};

pub(crate) fn answer(question: &Question, discourse: &Discourse) -> Option<Value> {
    let mut candidates = Vec::new();
    let mut outright = false;
    for (at, sentence) in discourse.sentences.iter().enumerate() {
        for candidate in said(question, discourse, at, sentence) {
            outright = true;
            candidates.push(candidate);
        }
        candidates.extend(claimed(question, discourse, at, sentence));
    }
    // "It depends" commits to nothing, unless the answer goes on to say yes or no.
    if discourse.has(Cue::Depends) && !outright {
        return None;
    }
    if discourse.leaves_open() {
        return None;
    }
    discourse.choose_yes_no(candidates)
}

impl Discourse<'_> {
    /// Of a yes or no the first outright one counts where nothing else decides: explanations follow it.
    fn choose_yes_no(&self, candidates: Vec<Candidate<YesNo>>) -> Option<Value> {
        let weighed = self.weighed(candidates);
        weighed
            .into_iter()
            .max_by_key(|(score, c)| (*score, std::cmp::Reverse((c.sentence, c.start))))
            .map(|(_, c)| Value::YesNo(c.value))
    }
}

/// How many denials the question itself has.
fn question_denials(question: &Question, language: &Language) -> usize {
    let falsity = |w: &String| language.falsity.contains(&w.as_str());
    let all = question.words.iter().filter(|w| falsity(w)).count();
    // "True or false:" offers both and denies nothing.
    let offered = question
        .words
        .windows(2)
        .filter(|w| {
            matches!(w, [before, word] if falsity(word)
                && (language.or.contains(&before.as_str()) || language.opposites.iter().any(|(a, b)| a == before && b == word)))
        })
        .count();
    all - offered
}

/// "Yes", "**No**", "The answer is: true".
fn said(question: &Question, discourse: &Discourse, at: usize, sentence: &Sentence) -> Vec<Candidate<YesNo>> {
    let Some(stance) = discourse.stances.get(at) else { return Vec::new() };
    let language = discourse.language;
    let tokens = &sentence.tokens;
    let asks_falsity = question_denials(question, language) % 2 == 1;
    let mut found = Vec::new();
    // "en botánica sí lo es": the accent tells it from "if".
    for (position, token) in tokens.iter().enumerate() {
        // "divisores distintos de sí mismo": a pronoun.
        let pronoun = tokens.get(position + 1).is_some_and(|t| t.folded.starts_with("mism"))
            || position
                .checked_sub(1)
                .and_then(|i| tokens.get(i))
                .is_some_and(|t| matches!(t.folded.as_str(), "de" | "por" | "entre" | "a" | "en"));
        if token.is("si")
            && !pronoun
            && sentence.text.get(token.start..token.end).is_some_and(|w| w.to_lowercase() == "sí")
        {
            found.push(Candidate {
                value: YesNo::Yes,
                sentence: at,
                start: position,
                end: position,
                bonus: 5,
                mention: Mention::Claim,
            });
        }
    }
    for cue in &stance.cues {
        // Idioms like "of course" and "sin duda" affirm when they open a sentence.
        let phrase: Vec<&str> =
            tokens.get(cue.start..cue.end).unwrap_or_default().iter().map(|t| t.folded.as_str()).collect();
        let Some(value) = polarity(cue.what) else { continue };
        // "Si necesitas …" without its accent is "if".
        let is_if = phrase == ["si"]
            && tokens.get(cue.start).and_then(|t| sentence.text.get(t.start..t.end)).is_some_and(str::is_ascii)
            && tokens.get(cue.end).is_some_and(Token::is_word);
        if is_if {
            continue;
        }
        // What stands between quotation marks is what others say.
        if is_quoted(sentence, cue.start) {
            continue;
        }
        let before = cue.start.checked_sub(1).and_then(|i| tokens.get(i));
        let after = tokens.get(cue.end);
        let ends = after.is_none_or(|t| t.kind == TokenKind::Mark || language.cues_because(t));
        let bytes = tokens.get(cue.start).map_or(0, |t| t.start);
        let set_off = [&sentence.bold, &sentence.boxed, &sentence.coded]
            .iter()
            .any(|spans| spans.iter().any(|s| s.start <= bytes && bytes < s.end && bytes <= s.start + 2));
        // "…, pero no": a turn opens as well as a mark.
        let turned =
            stance.cues.iter().any(|f| matches!(f.what, Cue::Contrast | Cue::Conclusion) && f.end == cue.start);
        let opens = turned || before.is_none_or(|t| t.kind == TokenKind::Mark && !t.is("-"));
        let opens_sentence = tokens.get(..cue.start).is_some_and(|t| t.iter().all(|t| t.kind == TokenKind::Mark));
        let introduced = stance
            .cues
            .iter()
            .any(|f| matches!(f.what, Cue::Final | Cue::Commit) && f.end <= cue.start && cue.start - f.end <= 3)
            || before.is_some_and(|t| {
                matches!(
                    t.folded.as_str(),
                    "is" | "es"
                        | "that"
                        | "que"
                        | "answer"
                        | "say"
                        | "a"
                        | "un"
                        | "seria"
                        | "generally"
                        | "usually"
                        | "normally"
                        | "technically"
                        | "says"
                        | "dice"
                        | "dicen"
                        | "general"
                        | "normalmente"
                        | "generalmente"
                        | "tecnicamente"
                        | "therefore"
                        | "so"
                        | "thus"
                )
            });
        let directly = tokens.get(..cue.start).is_some_and(|t| t.iter().filter(|t| t.is_word()).count() <= 1);
        // "No es falso": a "no" that goes on is a negation; "no, es falso" is an answer. "Sí" never negates.
        let is_bare = phrase.len() == 1;
        let stands = ends
            || (value == YesNo::Yes && is_bare && opens_sentence)
            || (!is_bare && ends_loosely(after, language))
            || set_off;
        if !((opens && stands) || (introduced && ends) || (set_off && ends) || (directly && ends) || (!is_bare && ends))
        {
            continue;
        }
        let denied = cue
            .start
            .checked_sub(1)
            .and_then(|i| tokens.get(i))
            .is_some_and(|t| matches!(t.folded.as_str(), "not" | "no" | "isn't"));
        let mut value = if denied && !opens { value.turned() } else { value };
        // "It is false" to "is it false …?" agrees.
        let about_truth = phrase.iter().any(|w| language.falsity.contains(w))
            || phrase.iter().any(|w| matches!(*w, "true" | "cierto" | "verdad" | "verdadero"));
        if asks_falsity && about_truth {
            value = value.turned();
        }
        let depends = stance.cues.iter().any(|f| f.what == Cue::Depends && f.start < cue.start)
            && !stance.has(Cue::Commit)
            && !stance.has(Cue::Final);
        if depends {
            continue;
        }
        // "No es verdad que los contratos …": a judgement of what follows, which need not be what was asked.
        let judges_other = !is_bare
            && tokens.get(cue.end).is_some_and(|t| t.is("que") || t.is("that"))
            && phrase.iter().any(|w| matches!(*w, "true" | "verdad" | "cierto"));
        let bonus = match (opens_sentence, set_off, introduced) {
            _ if judges_other => 0,
            (true, _, _) if at == 0 => 30,
            (_, true, _) => 20,
            (true, _, _) => 14,
            (_, _, true) => 16,
            (false, false, false) => 6,
        };
        found.push(Candidate { value, sentence: at, start: cue.start, end: cue.start, bonus, mention: Mention::Claim });
    }
    found
}

/// Between quotation marks, with more than the quotation in the sentence?
fn is_quoted(sentence: &Sentence, at: usize) -> bool {
    let mut depth = 0_usize;
    let mut straight = false;
    let mut outside = 0_usize;
    let mut inside = false;
    for (position, token) in sentence.tokens.iter().enumerate() {
        match token.folded.as_str() {
            "“" | "«" => depth += 1,
            "”" | "»" => depth = depth.saturating_sub(1),
            "\"" => straight = !straight,
            _ if position == at => inside = depth > 0 || straight,
            _ if depth == 0 && !straight && token.is_word() => outside += 1,
            _ => (),
        }
    }
    inside && outside > 3
}

fn ends_loosely(after: Option<&Token>, language: &Language) -> bool {
    after.is_none_or(|t| t.kind == TokenKind::Mark || language.function_words.contains(&t.folded.as_str()))
}

/// Does the cue affirm or deny?
fn polarity(cue: Cue) -> Option<YesNo> {
    if cue == Cue::Yes {
        Some(YesNo::Yes)
    } else if cue == Cue::No {
        Some(YesNo::No)
    } else {
        None
    }
}

/// A sentence that repeats the claim: its negations against the question's.
fn claimed(question: &Question, discourse: &Discourse, at: usize, sentence: &Sentence) -> Option<Candidate<YesNo>> {
    let language = discourse.language;
    let stance = discourse.stances.get(at)?;
    // "Si necesitas modificarlos, usa una lista": a condition claims nothing.
    let conditional = at > 0
        && sentence.tokens.first().is_some_and(|t| {
            t.is("if") || t.is("si") && sentence.text.is_char_boundary(2) && sentence.text.starts_with("Si")
        });
    if conditional || sentence.text.trim_end().ends_with('?') || matches!(sentence.block, Block::Quote) {
        return None;
    }
    let unprefixed = |t: &Token| {
        ["in", "im", "un", "non", "ir", "il", "des"]
            .iter()
            .filter_map(|prefix| t.folded.strip_prefix(prefix))
            .any(|rest| rest.len() >= 5 && question.content.contains(rest))
    };
    let is_shared = |t: &Token| {
        unprefixed(t) || t.is_word() && question.content.iter().any(|w| *w == t.folded || same_stem(w, &t.folded))
    };
    let shared = sentence.tokens.iter().filter(|t| is_shared(t)).count();
    let speaks_of_truth = sentence.tokens.iter().any(|t| {
        language.falsity.contains(&t.folded.as_str())
            || matches!(
                t.folded.as_str(),
                "true"
                    | "cierto"
                    | "cierta"
                    | "correct"
                    | "correcto"
                    | "correcta"
                    | "verdad"
                    | "verdadero"
                    | "verdadera"
            )
    });
    let needed = if at == 0 || stance.has(Cue::Correction) { 1 } else { question.content.len().min(2) };
    let concludes = stance.has(Cue::Conclusion) && shared >= 1;
    // "You can.", "No es recomendable": short for the question's own claim.
    let elliptic = at == 0 && is_elliptic(sentence, stance, language);
    let denies = (at == 0 || shared >= 1)
        && sentence
            .tokens
            .iter()
            .find(|t| t.is_word())
            .is_some_and(|t| t.is("no") || t.is("not") || t.is("never") || t.is("nunca"));
    let judged_shortly = speaks_of_truth && sentence.tokens.len() <= 14;
    if !(elliptic || denies || concludes || judged_shortly || shared >= needed.max(1)) {
        return None;
    }
    // The main claim: up to the reason or the turn.
    let first_shared = sentence.tokens.iter().position(is_shared).unwrap_or(0);
    let end = stance
        .cues
        .iter()
        .filter(|f| matches!(f.what, Cue::Because | Cue::Contrast) && f.start > first_shared.max(2))
        .map(|f| f.start)
        // After a colon comes the explanation.
        .chain(
            sentence
                .tokens
                .iter()
                .enumerate()
                .filter(|(i, t)| *i > first_shared.max(1) && (t.is(":") || t.is(";")))
                .map(|(i, _)| i),
        )
        .min()
        .unwrap_or(sentence.tokens.len());
    // "That is a myth; glass is a solid": the judgement comes first, then its reason.
    let first_mark = sentence.tokens.iter().position(|t| matches!(t.folded.as_str(), "," | ";" | ":"));
    let judged_first = first_mark.filter(|mark| {
        let clause = sentence.tokens.get(..*mark).unwrap_or_default();
        clause.first().is_some_and(|t| language.pronouns.contains(&t.folded.as_str()) || t.is("eso") || t.is("esto"))
            && clause.iter().any(|t| language.falsity.contains(&t.folded.as_str()))
    });
    let end = judged_first.unwrap_or(end);
    let begin = stance
        .cues
        .iter()
        .filter(|f| {
            f.what == Cue::Contrast && f.start < first_shared
                || f.what == Cue::Conclusion && f.end + 2 <= sentence.tokens.len()
        })
        .map(|f| f.end)
        .max()
        .unwrap_or(0);
    // A turn before the conclusion does not end it: "…, though, so there isn't any way; …".
    let end = if end > begin {
        end
    } else {
        let mark = |t: &Token| t.is(";") || t.is(":");
        let marks = sentence.tokens.iter().enumerate().skip(begin + 1);
        marks.filter(|(_, t)| mark(t)).map(|(at, _)| at).next().unwrap_or(sentence.tokens.len())
    };
    let mut denials = 0;
    for (position, token) in sentence.tokens.iter().enumerate().take(end).skip(begin) {
        let mut covering = stance.cues.iter().filter(|f| f.start <= position && position < f.end);
        if covering.any(|f| matches!(f.what, Cue::Idiom | Cue::InsteadOf | Cue::Attribution)) {
            continue;
        }
        let word = token.folded.as_str();
        let negates = language.cues.iter().any(|(what, phrases)| *what == Cue::Not && phrases.contains(&word))
            || (word == "no" && position + 1 < end);
        // A leading "No," is an answer, not a negation.
        let answers = word == "no" && sentence.tokens.get(position + 1).is_none_or(|t| t.kind == TokenKind::Mark);
        // "neither … nor", "no … ni": one negation.
        let repeats = denials > 0 && matches!(word, "nor" | "ni" | "tampoco") || matches!(word, "sin" | "without");
        denials += usize::from(negates && !answers && !repeats);
        denials += usize::from(token.is_word() && language.falsity.contains(&word));
    }
    let opposed = language.opposites.iter().any(|(a, b)| {
        let asked = |w: &str| question.words.iter().any(|q| q == w);
        let says = |w: &str| sentence.tokens.iter().take(end).skip(begin).any(|t| t.is(w));
        (asked(a) && !asked(b) && says(b) && !says(a)) || (asked(b) && !asked(a) && says(a) && !says(b))
    });
    // "This is impossible." judges the claim itself.
    let judges = speaks_of_truth
        && sentence.tokens.len() <= 8
        && sentence.tokens.first().is_some_and(|t| language.pronouns.contains(&t.folded.as_str()));
    let judged = if judges { 0 } else { question_negations(question, language) };
    let asked = question_denials(question, language) + judged;
    // "inmutables" to "¿son mutables?": the word with its negating prefix.
    let prefixed = sentence.tokens.iter().take(end).skip(begin).any(|t| {
        ["in", "im", "un", "non", "ir", "il", "des"].iter().any(|prefix| {
            t.folded.strip_prefix(prefix).is_some_and(|rest| {
                rest.len() >= 5
                    && !language.falsity.contains(&t.folded.as_str())
                    && !language.opposites.iter().any(|(a, b)| t.is(a) || t.is(b))
                    && question.content.contains(rest)
                    && !question.content.contains(&t.folded)
            })
        })
    });
    let opposed = opposed || prefixed;
    // "Perdona: ponen huevos, así que son aves": a correction that neither repeats the claim nor denies it.
    let strays = stance.has(Cue::Correction) && shared < question.content.len().min(2) && denials == 0 && !opposed;
    if strays && at > 0 && !speaks_of_truth {
        return None;
    }
    let parity = (denials + usize::from(opposed) + asked) % 2;
    let bonus = i32::try_from(shared.min(4)).unwrap_or(0) * 2
        + if judges || elliptic { 16 } else { 0 }
        + if at > 0 && denials > 0 && stance.has(Cue::Conclusion) { 8 } else { 0 }
        + if at == 0 { 6 } else { 0 };
    Some(Candidate {
        value: if parity == 0 { YesNo::Yes } else { YesNo::No },
        sentence: at,
        start: begin,
        end: begin,
        bonus: bonus - 4,
        mention: Mention::Claim,
    })
}

/// A first clause of nothing but pronouns, auxiliaries and negations: "You can.", "They don't", "Lo es", "No se puede".
fn is_elliptic(sentence: &Sentence, stance: &super::discourse::Stance, language: &Language) -> bool {
    let first = stance.clause(0);
    let clause: Vec<&Token> = sentence
        .tokens
        .iter()
        .enumerate()
        .take_while(|(at, t)| stance.clause(*at) == first && !t.is("."))
        .map(|(_, t)| t)
        .filter(|t| t.is_word())
        .collect();
    let auxiliary = |t: &Token| {
        language.asks.iter().any(|(ask, names)| *ask == Ask::Auxiliary && names.contains(&t.folded.as_str()))
            || matches!(t.folded.as_str(), "puedes" | "pueden" | "puedo")
    };
    let negation =
        |t: &Token| language.cues.iter().any(|(what, names)| *what == Cue::Not && names.contains(&t.folded.as_str()));
    (1..=4).contains(&clause.len())
        && clause.iter().any(|t| auxiliary(t) || negation(t) && t.folded.ends_with('t') && t.folded.len() > 3)
        && clause.iter().all(|t| {
            auxiliary(t)
                || negation(t)
                || language.pronouns.contains(&t.folded.as_str())
                || matches!(
                    t.folded.as_str(),
                    "you" | "we" | "they" | "i" | "he" | "she" | "there" | "se" | "lo" | "la" | "los" | "si"
                )
        })
}

/// "Is it true that whales are not fish?" denies inside the claim.
fn question_negations(question: &Question, language: &Language) -> usize {
    question
        .words
        .iter()
        .skip(2)
        .filter(|w| language.cues.iter().any(|(what, phrases)| *what == Cue::Not && phrases.contains(&w.as_str())))
        .filter(|w| w.as_str() != "no" || language.tag == "es")
        // "entered without notice" denies nothing of what is asked.
        .filter(|w| !matches!(w.as_str(), "without" | "sin"))
        .count()
}

fn same_stem(a: &str, b: &str) -> bool {
    let common = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    common >= 5 && a.len().abs_diff(b.len()) <= 4
        || common >= 4 && a.len().abs_diff(b.len()) <= 3 && common + 3 >= a.len().max(b.len())
}

impl Language {
    fn cues_because(&self, token: &Token) -> bool {
        self.cues.iter().any(|(what, phrases)| {
            matches!(what, Cue::Because | Cue::Contrast) && phrases.contains(&token.folded.as_str())
        })
    }
}
