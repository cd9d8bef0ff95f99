//! What was measured of models and endpoints, from the messages and runs that are on disk. Scripted answers do not count.

use std::collections::{BTreeMap, HashMap};

use capibara6_protocol::{
    AgreementUse, AppError, ConsensusRun, EndpointHistory, ErrorCode, HistoryPoint, ModelId, ModelStats, ModelStatsAsk,
    ModelUse, Profile, Slot, Tier, TierUse,
};
use capibara6_store::{Measured, Store};

/// The most answers that are looked at: the newest ones.
const ANSWERS: u32 = 20_000;
/// The most runs that are looked at.
const RUNS: u32 = 2_000;
/// The most buckets of a history.
const BUCKETS: u64 = 200;
/// The shortest bucket.
const SHORTEST_MS: u64 = 60_000;

/// The statistics since a moment.
///
/// # Errors
/// `invalid-input` for buckets that are too short or too many; what the disk says.
pub(crate) async fn read(
    store: &Store,
    profile: Option<&Profile>,
    ask: ModelStatsAsk,
    now: i64,
) -> Result<ModelStats, AppError> {
    let span = u64::try_from(now.saturating_sub(ask.since)).unwrap_or_default();
    if ask.bucket_ms < SHORTEST_MS || span / ask.bucket_ms > BUCKETS {
        return Err(AppError::new(ErrorCode::InvalidInput).with_field("bucket_ms"));
    }
    let measured = store.measured_since(ask.since, ANSWERS).await?;
    let runs = store.consensus_since(ask.since, RUNS).await?;
    Ok(count(&measured, &runs, profile, ask))
}

fn count(measured: &[Measured], runs: &[ConsensusRun], profile: Option<&Profile>, ask: ModelStatsAsk) -> ModelStats {
    let mut models: HashMap<&ModelId, ModelUse> = HashMap::new();
    let mut tiers: BTreeMap<Tier, u32> = BTreeMap::new();
    let mut buckets: BTreeMap<&ModelId, BTreeMap<i64, Vec<&Measured>>> = BTreeMap::new();
    let tier = |model: &ModelId| {
        profile.and_then(|profile| profile.models.iter().find(|entry| entry.id == *model)).map(|entry| entry.tier)
    };
    let unused = |model: &ModelId| ModelUse {
        model: model.clone(),
        tier: tier(model),
        answers: 0,
        failed: 0,
        completion_tokens: 0,
        chosen: 0,
        voted: 0,
    };
    let length = i64::try_from(ask.bucket_ms).unwrap_or(i64::MAX);
    for each in measured {
        let place = models.entry(&each.model).or_insert_with(|| unused(&each.model));
        match each.status.as_str() {
            "complete" => {
                place.answers += 1;
                if let Some(routing) = &each.routing {
                    *tiers.entry(routing.tier).or_default() += 1;
                }
            }
            "failed" => place.failed += 1,
            _ => {}
        }
        place.completion_tokens += u64::from(each.metrics.completion_tokens.unwrap_or_default());
        let bucket = ask.since + (each.at - ask.since).div_euclid(length) * length;
        buckets.entry(&each.model).or_default().entry(bucket).or_default().push(each);
    }
    let mut agreements: BTreeMap<_, u32> = BTreeMap::new();
    for run in runs.iter().filter(|run| run.candidates.iter().any(|candidate| !candidate.scripted)) {
        let Some(verdict) = &run.verdict else { continue };
        *agreements.entry(verdict.agreement).or_default() += 1;
        let model = |slot: Slot| run.candidates.iter().find(|each| each.slot == slot).map(|each| &each.model);
        if let Some(winner) = verdict.winner.and_then(model) {
            models.entry(winner).or_insert_with(|| unused(winner)).chosen += 1;
        }
        for voter in verdict.groups.iter().flat_map(|group| &group.slots).filter_map(|slot| model(*slot)) {
            models.entry(voter).or_insert_with(|| unused(voter)).voted += 1;
        }
    }
    let mut models: Vec<ModelUse> = models.into_values().collect();
    models.sort_by(|a, b| b.answers.cmp(&a.answers).then_with(|| a.model.cmp(&b.model)));
    let mut tiers: Vec<TierUse> = tiers.into_iter().map(|(tier, answers)| TierUse { tier, answers }).collect();
    tiers.sort_by_key(|each| std::cmp::Reverse(each.answers));
    ModelStats {
        models,
        tiers,
        endpoints: buckets.into_iter().map(|(model, points)| history(model, &points)).collect(),
        agreements: agreements.into_iter().map(|(agreement, runs)| AgreementUse { agreement, runs }).collect(),
    }
}

fn history(model: &ModelId, buckets: &BTreeMap<i64, Vec<&Measured>>) -> EndpointHistory {
    let point = |(at, answers): (&i64, &Vec<&Measured>)| {
        let with = |status: &str| answers.iter().filter(|each| each.status == status).count();
        let metrics = || answers.iter().map(|each| &each.metrics);
        HistoryPoint {
            at: *at,
            answers: u32::try_from(with("complete")).unwrap_or(u32::MAX),
            failed: u32::try_from(with("failed")).unwrap_or(u32::MAX),
            ttft_ms: median(metrics().filter_map(|each| each.ttft_ms).collect(), u64::cmp),
            tokens_per_second: median(metrics().filter_map(|each| each.tokens_per_second).collect(), f64::total_cmp),
        }
    };
    EndpointHistory { model: model.clone(), points: buckets.iter().map(point).collect() }
}

/// The middle one, the lower of two; nothing of nothing.
fn median<T: Copy>(mut values: Vec<T>, order: impl Fn(&T, &T) -> std::cmp::Ordering) -> Option<T> {
    values.sort_by(order);
    values.get(values.len().saturating_sub(1) / 2).copied()
}

#[cfg(test)]
mod tests {
    use capibara6_protocol::{Metrics, Mode, Routing, RoutingRule};

    use super::*;

    fn answer(model: &str, at: i64, status: &str, ttft_ms: Option<u64>) -> Measured {
        let routing = Routing {
            mode: Mode::Auto,
            tier: Tier::Fast,
            rule: RoutingRule::Otherwise,
            instead_of: None,
            because: None,
        };
        Measured {
            at,
            model: model.into(),
            status: status.into(),
            routing: Some(routing),
            metrics: Metrics { ttft_ms, completion_tokens: Some(10), ..Metrics::default() },
        }
    }

    #[test]
    fn answers_are_counted_by_model_tier_and_time() {
        let measured = [
            answer("a", 0, "complete", Some(100)),
            answer("a", 59_000, "complete", Some(300)),
            answer("a", 61_000, "failed", None),
            answer("b", 5_000, "stopped", Some(50)),
            answer("a", 30_000, "complete", Some(200)),
        ];
        let stats = count(&measured, &[], None, ModelStatsAsk { since: 0, bucket_ms: 60_000 });
        let used = |model: &str, answers, failed, completion_tokens| ModelUse {
            model: model.into(),
            tier: None,
            answers,
            failed,
            completion_tokens,
            chosen: 0,
            voted: 0,
        };
        assert_eq!(stats.models, [used("a", 3, 1, 40), used("b", 0, 0, 10)]);
        assert_eq!(stats.tiers, [TierUse { tier: Tier::Fast, answers: 3 }]);
        let point =
            |at, answers, failed, ttft_ms| HistoryPoint { at, answers, failed, ttft_ms, tokens_per_second: None };
        assert_eq!(
            stats.endpoints,
            [
                EndpointHistory {
                    model: "a".into(),
                    points: vec![point(0, 3, 0, Some(200)), point(60_000, 0, 1, None)]
                },
                EndpointHistory { model: "b".into(), points: vec![point(0, 0, 0, Some(50))] },
            ]
        );
    }

    #[test]
    fn the_middle_of_several() {
        assert_eq!(median(vec![3_u64, 1, 2], u64::cmp), Some(2));
        assert_eq!(median(vec![4_u64, 1, 2, 3], u64::cmp), Some(2));
        assert_eq!(median(Vec::<u64>::new(), u64::cmp), None);
    }
}
