//! What the user's own verdicts teach about models, and how far they may be trusted.
//!
//! Independent voters with probabilities *p* of being right are best counted with the weight `ln(p / (1 - p))` (Nitzan and
//! Paroush, "Optimal decision rules in uncertain dichotomous choice situations", 1982). The *p* are not known, so they are
//! estimated per class of task and shrunk twice:
//!
//! ```text
//! q   = (Σ right + 10 · 0.7) / (Σ judged + 10)          all models of the class together
//! p_i = (right_i + 20 · q) / (judged_i + 20)            one model, pulled towards all
//! w_i = max(0, ln(p_i / (1 - p_i)))
//! ```
//!
//! Without evidence every `p_i` is `q`, so that all weigh the same; twenty verdicts count as much as the prior. A model
//! that is right at most half the time gets 0 and never a negative weight: its errors are no evidence for the opposite.
//!
//! A verdict of the user's says that the chosen answer is right. Everyone who gave the same is right with it. In a closed
//! question everyone else is wrong. In an open one several answers can be good, and choosing one of *k* says little about
//! each of the others: they share one miss between them, so that models chosen equally often have p = 1/2.
//!
//! Models err together (arXiv 2605.29800 finds nine judges worth two). [`n_eff`] measures it: with ρ the mean
//! correlation of being right over all pairs, *n* models are worth `n / (1 + (n - 1) ρ)` independent ones (Kish's design
//! effect).

use std::collections::{BTreeMap, BTreeSet};

use capibara6_protocol::{
    Agreement, ClassWeights, ConsensusRun, DecidedBy, LearnedWeight, LearnedWeights, ModelId, Slot, TaskClass,
    UpheldAgreement, Verdict,
};
use serde::{Deserialize, Serialize};

/// What is believed of models before there is any evidence, and how many verdicts that belief is worth.
const BELIEF: f64 = 0.7;
const BELIEF_STRENGTH: f64 = 10.0;
/// How many verdicts the pull towards all models is worth.
const POOL_STRENGTH: f64 = 20.0;
/// Below so many verdicts with the same two models nothing is said about how they err together.
const ENOUGH: usize = 20;

/// What one verdict of the user's says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// The class of the question.
    pub class: TaskClass,
    /// How far the answers agreed, as the rules saw it.
    pub agreement: Agreement,
    /// Whether the user chose what the rules had chosen.
    pub upheld: bool,
    /// Every model that voted: whether its answer was the one that the user chose.
    pub right: Vec<(ModelId, bool)>,
}

/// What a run says, once the user has decided it. `before` is the newest verdict of the rules.
pub fn judgement(run: &ConsensusRun, before: &Verdict) -> Option<Judgement> {
    let verdict = run.verdict.as_ref().filter(|verdict| verdict.decided_by == DecidedBy::User)?;
    let chosen = verdict.winner?;
    let group = |slot: Slot| verdict.groups.iter().position(|group| group.slots.contains(&slot));
    let right_group = group(chosen)?;
    let mut right: Vec<(ModelId, bool)> = Vec::new();
    for candidate in &run.candidates {
        let Some(group) = group(candidate.slot) else { continue };
        // A model that was asked several times is judged once: right if any of its answers was the chosen one.
        match right.iter_mut().find(|(model, _)| *model == candidate.model) {
            Some((_, known)) => *known |= group == right_group,
            None => right.push((candidate.model.clone(), group == right_group)),
        }
    }
    let upheld = before.winner.and_then(group) == Some(right_group);
    Some(Judgement { class: run.class, agreement: before.agreement, upheld, right })
}

/// Learns from all judgements. `edited` are the weights that the user set by hand.
pub fn learn(judgements: &[Judgement], edited: &BTreeMap<(TaskClass, ModelId), f64>) -> LearnedWeights {
    let classes: BTreeSet<TaskClass> =
        judgements.iter().map(|each| each.class).chain(edited.keys().map(|(class, _)| *class)).collect();
    let classes = classes.into_iter().map(|class| class_weights(class, judgements, edited)).collect();

    let mut upheld: BTreeMap<Agreement, UpheldAgreement> = BTreeMap::new();
    for each in judgements {
        let agreement = each.agreement;
        let entry = upheld.entry(agreement).or_insert(UpheldAgreement { agreement, judged: 0, upheld: 0 });
        entry.judged += 1;
        entry.upheld += u32::from(each.upheld);
    }
    LearnedWeights { classes, upheld: upheld.into_values().collect() }
}

fn class_weights(
    class: TaskClass,
    judgements: &[Judgement],
    edited: &BTreeMap<(TaskClass, ModelId), f64>,
) -> ClassWeights {
    let of_class: Vec<&Judgement> = judgements.iter().filter(|each| each.class == class).collect();
    let mut counts: BTreeMap<&ModelId, (f64, f64)> = BTreeMap::new();
    for judgement in &of_class {
        let wrong = judgement.right.iter().filter(|(_, right)| !right).count() as f64;
        let miss = if class == TaskClass::Open && wrong > 0.0 { 1.0 / wrong } else { 1.0 };
        for (model, right) in &judgement.right {
            let count = counts.entry(model).or_default();
            count.0 += f64::from(u8::from(*right));
            count.1 += if *right { 1.0 } else { miss };
        }
    }
    for (_, model) in edited.keys().filter(|(each, _)| *each == class) {
        counts.entry(model).or_default();
    }
    let (right, judged) = counts.values().fold((0.0, 0.0), |sum, each| (sum.0 + each.0, sum.1 + each.1));
    let pool = (right + BELIEF_STRENGTH * BELIEF) / (judged + BELIEF_STRENGTH);
    let models = counts
        .iter()
        .map(|(model, &(right, judged))| {
            let probability = (right + POOL_STRENGTH * pool) / (judged + POOL_STRENGTH);
            let edited = edited.get(&(class, (*model).clone())).copied();
            LearnedWeight {
                model: (*model).clone(),
                right,
                judged,
                probability,
                learned: log_odds(probability),
                edited,
            }
        })
        .collect();
    let all: Vec<&ModelId> = counts.keys().copied().collect();
    let verdicts = u32::try_from(of_class.len()).unwrap_or(u32::MAX);
    ClassWeights { class, verdicts, models, n_eff: n_eff(&of_class, &all) }
}

/// `ln(p / (1 - p))`, 0 at one half and below. `p` stays below 1, because shrinking never reaches it.
fn log_odds(p: f64) -> f64 {
    if p <= 0.5 { 0.0 } else { (p / (1.0 - p)).ln() }
}

/// The weights that count for a class of task, in the order of `members`: learned or edited ones, for a model without
/// evidence what all models together have. Nothing where the class has neither verdicts nor edits.
pub fn weights(learned: &LearnedWeights, class: TaskClass, members: &[ModelId]) -> Option<Vec<f64>> {
    let class = learned.classes.iter().find(|each| each.class == class)?;
    let (right, judged) = class.models.iter().fold((0.0, 0.0), |sum, each| (sum.0 + each.right, sum.1 + each.judged));
    let pool = (right + BELIEF_STRENGTH * BELIEF) / (judged + BELIEF_STRENGTH);
    let weight = |model: &ModelId| match class.models.iter().find(|each| each.model == *model) {
        Some(known) => known.edited.unwrap_or(known.learned),
        None => log_odds(pool),
    };
    Some(members.iter().map(weight).collect())
}

/// How many independent votes these models are worth, by how often they were right together. Absent below 20 verdicts in
/// common for every pair, and where a pair does not vary.
pub fn n_eff(judgements: &[&Judgement], models: &[&ModelId]) -> Option<f64> {
    if models.len() < 2 {
        return None;
    }
    let mut sum = 0.0;
    let mut pairs = 0.0;
    for (n, a) in models.iter().enumerate() {
        for b in &models[n + 1..] {
            sum += correlation(judgements, a, b)?;
            pairs += 1.0;
        }
    }
    let n = models.len() as f64;
    let rho = (sum / pairs).clamp(0.0, 1.0);
    Some(n / (1.0 + (n - 1.0) * rho))
}

/// The phi coefficient of two models being right. Counted in whole numbers: a model that never varies varies by exactly 0.
fn correlation(judgements: &[&Judgement], a: &ModelId, b: &ModelId) -> Option<f64> {
    let right = |judgement: &Judgement, model: &ModelId| {
        judgement.right.iter().find(|(each, _)| each == model).map(|(_, right)| *right)
    };
    let common: Vec<(bool, bool)> =
        judgements.iter().filter_map(|each| Some((right(each, a)?, right(each, b)?))).collect();
    if common.len() < ENOUGH {
        return None;
    }
    let count = |with: fn(&(bool, bool)) -> bool| common.iter().filter(|each| with(each)).count() as f64;
    let (n, both) = (common.len() as f64, count(|each| each.0 && each.1));
    let (of_a, of_b) = (count(|each| each.0), count(|each| each.1));
    let deviation = (of_a * (n - of_a) * of_b * (n - of_b)).sqrt();
    (deviation > 0.0).then(|| (n * both - of_a * of_b) / deviation)
}

#[cfg(test)]
mod tests;
