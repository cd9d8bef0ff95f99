//! Plans: what makes one usable, and what fills the gaps that a preset leaves.

use std::collections::HashSet;

use capibara6_protocol::{
    AnswerForm, AppError, ConsensusMethod, ConsensusPlan, ConsensusPreset, ConsensusSettings, ErrorCode,
    LearnedWeights, MAX_MEMBERS, Member, ModelId, Slot, TaskClass, WeightSource,
};

use crate::extract;

/// How long the plan as delivered waits. Long enough for a model that loads or thinks; whoever answers later still counts.
const DEADLINE_MS: u64 = 60_000;
/// The deadlines that can be set.
const DEADLINES_MS: std::ops::RangeInclusive<u64> = 1_000..=3_600_000;
/// The longest name of a preset, in characters.
const LONGEST_NAME: usize = 60;
/// How often one model can be asked.
const SAMPLES: std::ops::RangeInclusive<u8> = 2..=8;

/// The plan as delivered: every model, weighted vote, one of them may be missing.
pub fn delivered() -> ConsensusPlan {
    ConsensusPlan {
        members: Vec::new(),
        method: ConsensusMethod::WeightedVote,
        samples: None,
        quorum: 3,
        deadline_ms: Some(DEADLINE_MS),
        judge: None,
        weights: WeightSource::Given,
        form: AnswerForm::LastLine,
        seed: None,
    }
}

/// The plan of the preset in use, or the one as delivered.
pub fn in_use(settings: &ConsensusSettings) -> ConsensusPlan {
    let preset = settings.presets.iter().find(|preset| Some(&preset.name) == settings.preset.as_ref());
    preset.map_or_else(delivered, |preset| preset.plan.clone())
}

/// Fills in what a plan leaves open: the members (`models` of the profile with their weights), the seed. A quorum above the
/// number of answers becomes that number.
///
/// # Errors
/// `no-model` with the field `members` where the profile has too few; `not-found` with its field where it does not have a model of the plan;
/// `invalid-input` with its field where the plan is not usable.
pub fn resolve(plan: &ConsensusPlan, models: &[Member], seed: u32) -> Result<ConsensusPlan, AppError> {
    let mut plan = plan.clone();
    if plan.members.is_empty() {
        plan.members = models.iter().take(MAX_MEMBERS).cloned().collect();
        if plan.method == ConsensusMethod::SelfConsistency {
            plan.members.sort_by(|a, b| b.weight.total_cmp(&a.weight));
            plan.members.truncate(1);
            plan.samples = plan.samples.or(Some(5));
        }
        let least = if plan.method == ConsensusMethod::SelfConsistency { 1 } else { 2 };
        if plan.members.len() < least {
            return Err(AppError::new(ErrorCode::NoModel).with_field("members"));
        }
    }
    let known = |model: &ModelId| models.iter().any(|each| each.model == *model);
    let missing = plan.members.iter().position(|member| !known(&member.model)).map(|n| format!("members[{n}].model"));
    let missing = missing.or_else(|| plan.judge.as_ref().filter(|judge| !known(judge)).map(|_| "judge".to_owned()));
    if let Some(field) = missing {
        return Err(AppError::new(ErrorCode::NotFound).with_field(field));
    }
    let answers = answers(&plan);
    plan.quorum = plan.quorum.min(u8::try_from(answers).unwrap_or(u8::MAX)).max(2);
    plan.seed = plan.seed.or(Some(seed));
    check(&plan)?;
    Ok(plan)
}

/// How many answers can be counted.
fn answers(plan: &ConsensusPlan) -> usize {
    match plan.method {
        // The service counts for itself, behind the one candidate that stands for it.
        ConsensusMethod::Server => plan.members.len(),
        ConsensusMethod::WeightedVote
        | ConsensusMethod::Majority
        | ConsensusMethod::Medoid
        | ConsensusMethod::Judge
        | ConsensusMethod::Synthesis
        | ConsensusMethod::SelfConsistency => seats(plan).len(),
    }
}

/// Who stands in each slot: the members; the one member as often as it is asked; for the fleet's service one slot, in the
/// name of the heaviest member until it has said whose answer it chose.
pub fn seats(plan: &ConsensusPlan) -> Vec<Member> {
    match (plan.method, plan.members.as_slice()) {
        (ConsensusMethod::Server, members) => heaviest(members.iter()).cloned().into_iter().collect(),
        (ConsensusMethod::SelfConsistency, [member]) => {
            let weight = 1.0;
            let samples = plan.samples.unwrap_or(*SAMPLES.start());
            (0..samples).map(|_| Member { model: member.model.clone(), weight }).collect()
        }
        _ => plan.members.clone(),
    }
}

/// The seats with the weights that count: as given, or as learned for this class of task where the plan says so and
/// something was learned.
pub fn weighted_seats(plan: &ConsensusPlan, class: TaskClass, learned: &LearnedWeights) -> Vec<Member> {
    let mut seats = seats(plan);
    let models: Vec<ModelId> = seats.iter().map(|seat| seat.model.clone()).collect();
    let weights = match plan.weights {
        WeightSource::Given => None,
        WeightSource::Learned => crate::learn::weights(learned, class, &models),
    };
    for (seat, weight) in seats.iter_mut().zip(weights.into_iter().flatten()) {
        seat.weight = weight;
    }
    seats
}

/// The sampling seed of a slot where one model is asked several times: another one for each, the same whenever the run is
/// worked out again.
pub fn sample_seed(plan: &ConsensusPlan, slot: Slot) -> Option<i64> {
    let alone = plan.method == ConsensusMethod::SelfConsistency;
    plan.seed.filter(|_| alone).map(|seed| i64::from(seed) + i64::from(slot.0))
}

/// What a member is told to be: what is set for it, and how a closed question is to be answered where the plan says so. In the
/// question's language. An open question is sent as everywhere else.
pub fn system_prompt(plan: &ConsensusPlan, question: &str, set: &str) -> String {
    let asks = plan.form == AnswerForm::LastLine && plan.method != ConsensusMethod::Server;
    if !asks || !extract::wants_line(question) {
        return set.to_owned();
    }
    let line = extract::last_line(question);
    if set.trim().is_empty() { line.to_owned() } else { format!("{}\n\n{line}", set.trim_end()) }
}

/// The first of the heaviest.
fn heaviest<'m>(members: impl Iterator<Item = &'m Member>) -> Option<&'m Member> {
    members.fold(None, |best: Option<&Member>, each| match best {
        Some(best) if best.weight >= each.weight => Some(best),
        _ => Some(each),
    })
}

/// Who judges or writes: the one that the plan names, else the heaviest model of the profile that is no member, else the
/// heaviest member. Nobody where the method needs nobody.
pub fn judge(plan: &ConsensusPlan, models: &[Member]) -> Option<ModelId> {
    if !matches!(plan.method, ConsensusMethod::Judge | ConsensusMethod::Synthesis) {
        return None;
    }
    let member = |model: &ModelId| plan.members.iter().any(|each| each.model == *model);
    plan.judge
        .clone()
        .or_else(|| heaviest(models.iter().filter(|each| !member(&each.model))).map(|each| each.model.clone()))
        .or_else(|| heaviest(plan.members.iter()).map(|each| each.model.clone()))
}

/// Whether a plan can be used as it is, or as a preset (without members and seed).
///
/// # Errors
/// `invalid-input`; the field is a path within the plan.
pub fn check(plan: &ConsensusPlan) -> Result<(), AppError> {
    let bad = |field: &str| Err(AppError::new(ErrorCode::InvalidInput).with_field(field));
    let alone = plan.method == ConsensusMethod::SelfConsistency;
    let fits = if alone { plan.members.len() <= 1 } else { matches!(plan.members.len(), 0 | 2..=MAX_MEMBERS) };
    if !fits {
        return bad("members");
    }
    let mut seen = HashSet::new();
    for (n, member) in plan.members.iter().enumerate() {
        if member.model.as_str().is_empty() || !seen.insert(&member.model) {
            return bad(&format!("members[{n}].model"));
        }
        if !(member.weight.is_finite() && member.weight > 0.0) {
            return bad(&format!("members[{n}].weight"));
        }
    }
    match (alone, plan.samples) {
        (true, Some(samples)) if SAMPLES.contains(&samples) => {}
        (true, None) if plan.members.is_empty() => {}
        (false, None) => {}
        _ => return bad("samples"),
    }
    let answers = if plan.members.is_empty() { MAX_MEMBERS } else { answers(plan) };
    if !(2..=answers).contains(&usize::from(plan.quorum)) {
        return bad("quorum");
    }
    if plan.deadline_ms.is_some_and(|deadline| !DEADLINES_MS.contains(&deadline)) {
        return bad("deadline_ms");
    }
    Ok(())
}

/// Whether presets can be kept.
///
/// # Errors
/// `invalid-input`; the field is a path like `presets[1].plan.quorum`.
pub fn check_settings(settings: &ConsensusSettings) -> Result<(), AppError> {
    let bad = |field: String| Err(AppError::new(ErrorCode::InvalidInput).with_field(field));
    for (n, preset) in settings.presets.iter().enumerate() {
        let name = preset.name.trim();
        let twice = settings.presets[..n].iter().any(|other: &ConsensusPreset| other.name.trim() == name);
        if name.is_empty() || name.chars().count() > LONGEST_NAME || twice {
            return bad(format!("presets[{n}].name"));
        }
        if let Err(error) = check(&preset.plan) {
            return bad(format!("presets[{n}].plan.{}", error.field.unwrap_or_default()));
        }
    }
    match &settings.preset {
        Some(name) if !settings.presets.iter().any(|preset| preset.name == *name) => bad("preset".to_owned()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
