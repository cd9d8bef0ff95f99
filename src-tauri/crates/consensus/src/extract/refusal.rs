//! Refusals: an answer that declines or does not know, and says nothing that could be the answer. "I don't know, maybe
//! 7" is a 7; "I cannot tell; call 112" is no 112.

use super::discourse::Discourse;
use super::language::Cue;

/// Where an answer commits to something, words of doubt may come earlier.
pub(crate) fn declines(discourse: &Discourse) -> bool {
    let Some(declined) = discourse.stances.iter().position(|s| s.has(Cue::Refusal)) else { return false };
    // A long answer that says "I can't" on its way is not a refusal.
    let early = declined <= 2 || declined * 2 <= discourse.sentences.len();
    early && !commits(discourse, declined)
}

/// Is an answer announced, before or after the words of doubt?
fn commits(discourse: &Discourse, declined: usize) -> bool {
    discourse.stances.iter().enumerate().any(|(at, stance)| {
        let Some(sentence) = discourse.sentences.get(at) else { return false };
        let refusal = stance.cues.iter().rfind(|f| f.what == Cue::Refusal).map(|f| f.end);
        let offers = stance.has(Cue::Offer);
        let boxed = !sentence.boxed.is_empty();
        let after =
            |wanted: Cue| stance.cues.iter().any(|f| f.what == wanted && refusal.is_none_or(|end| f.start >= end));
        // Who declines twice is not held to a "maybe".
        let declines_twice = discourse.stances.iter().filter(|s| s.has(Cue::Refusal)).count() > 1
            || discourse.stances.iter().any(|s| s.cues.iter().filter(|f| f.what == Cue::Refusal).count() > 1);
        let after =
            |wanted: Cue| after(wanted) && !(wanted == Cue::Commit && declines_twice && !stance.has(Cue::Refusal));
        let announces = (after(Cue::Final) && !denied_answer(discourse, at))
            || (after(Cue::Commit) && !stance.has(Cue::Refusal))
            || (after(Cue::Commit) && after(Cue::Contrast))
            || after(Cue::Commit);
        // "I'm sorry, but I can't" turns to nothing else.
        let refuses_again =
            |end: usize| stance.cues.iter().any(|f| f.what == Cue::Refusal && (end..=end + 1).contains(&f.start));
        let turns = refusal.is_some_and(|refused| {
            let mut contrasts = stance.cues.iter().filter(|f| f.what == Cue::Contrast && f.start >= refused);
            contrasts.any(|contrast| !refuses_again(contrast.end) && says_something(discourse, at, contrast.end))
        });
        let before_doubt = at < declined
            && (!sentence.bold.is_empty() || at == 0)
            && sentence.tokens.iter().any(|t| t.is_word())
            && !is_regret(discourse, at);
        boxed || (!offers && (announces || turns || before_doubt))
    })
}

/// "…, but it is 7" says something; "…, but I care about you" does not.
fn says_something(discourse: &Discourse, at: usize, from: usize) -> bool {
    let (Some(sentence), Some(stance)) = (discourse.sentences.get(at), discourse.stances.get(at)) else { return false };
    let rest = sentence.tokens.get(from..).unwrap_or_default();
    rest.iter().any(|t| t.is_digits() || discourse.language.copulas.contains(&t.folded.as_str()))
        || stance.cues.iter().any(|f| {
            f.start >= from && matches!(f.what, Cue::Commit | Cue::Final | Cue::Yes | Cue::No | Cue::Conclusion)
        })
}

/// "I can't give the answer": the word is there, the answer is not.
fn denied_answer(discourse: &Discourse, at: usize) -> bool {
    discourse.stances.get(at).is_some_and(|s| s.has(Cue::Refusal))
        && !discourse.sentences.get(at).is_some_and(|s| s.tokens.iter().any(|t| t.is(":")))
}

/// "Sorry!", "Good question." before the refusal itself.
fn is_regret(discourse: &Discourse, at: usize) -> bool {
    discourse
        .sentences
        .get(at)
        .is_some_and(|s| s.tokens.len() <= 14 && s.bold.is_empty() && !s.tokens.iter().any(|t| t.is_digits()))
}
