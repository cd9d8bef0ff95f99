use super::*;

fn member(model: &str, weight: f64) -> Member {
    Member { model: model.into(), weight }
}

fn models() -> Vec<Member> {
    [("a", 0.9), ("b", 0.8), ("c", 0.7), ("d", 0.6)].map(|(model, weight)| member(model, weight)).to_vec()
}

fn field(plan: &ConsensusPlan) -> Option<String> {
    match check(plan) {
        Ok(()) => None,
        Err(AppError { code: ErrorCode::InvalidInput, field: Some(field), .. }) => Some(field),
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn the_plan_as_delivered_asks_all_models() {
    let expected = ConsensusPlan { members: models(), seed: Some(7), ..delivered() };
    assert_eq!(resolve(&delivered(), &models(), 7), Ok(expected));
    let two = resolve(&delivered(), &models()[..2], 7).expect("two are enough");
    assert_eq!((two.quorum, two.members.len()), (2, 2));
    assert_eq!(resolve(&delivered(), &models()[..1], 7), Err(AppError::new(ErrorCode::NoModel).with_field("members")));
}

#[test]
fn a_seed_of_the_plans_own_is_kept() {
    let plan = ConsensusPlan { seed: Some(1), ..delivered() };
    assert_eq!(resolve(&plan, &models(), 7).map(|plan| plan.seed), Ok(Some(1)));
}

#[test]
fn one_model_can_be_asked_several_times() {
    let plan = ConsensusPlan { method: ConsensusMethod::SelfConsistency, ..delivered() };
    let plan = resolve(&plan, &models(), 7).expect("a plan");
    assert_eq!((plan.members.as_slice(), plan.samples), (&[member("a", 0.9)][..], Some(5)));
    assert_eq!(seats(&plan), vec![member("a", 1.0); 5]);
}

#[test]
fn samples_have_seeds_of_their_own() {
    let plan = ConsensusPlan { method: ConsensusMethod::SelfConsistency, seed: Some(u32::MAX), ..delivered() };
    assert_eq!([0, 1].map(|slot| sample_seed(&plan, Slot(slot))), [Some(4_294_967_295), Some(4_294_967_296)]);
    assert_eq!(sample_seed(&ConsensusPlan { seed: Some(1), ..delivered() }, Slot(0)), None);
}

#[test]
fn models_that_the_profile_does_not_have_are_named() {
    let not_found = |field: &str| Err(AppError::new(ErrorCode::NotFound).with_field(field));
    let members = vec![member("a", 1.0), member("gone", 1.0)];
    assert_eq!(resolve(&ConsensusPlan { members, ..delivered() }, &models(), 7), not_found("members[1].model"));
    let judged = ConsensusPlan { method: ConsensusMethod::Judge, judge: Some("gone".into()), ..delivered() };
    assert_eq!(resolve(&judged, &models(), 7), not_found("judge"));
}

#[test]
fn learned_weights_count_only_where_the_plan_says_so() {
    let learned = crate::learn::learn(&[], &[((TaskClass::Code, "b".into()), 2.0)].into());
    let plan = resolve(&delivered(), &models()[..2], 7).expect("a plan");
    let weights = |weights, class| {
        let plan = ConsensusPlan { weights, ..plan.clone() };
        weighted_seats(&plan, class, &learned).into_iter().map(|seat| seat.weight).collect::<Vec<_>>()
    };
    assert_eq!(weights(WeightSource::Given, TaskClass::Code), [0.9, 0.8]);
    assert_eq!(weights(WeightSource::Learned, TaskClass::Open), [0.9, 0.8], "nothing was learned");
    let counted = weights(WeightSource::Learned, TaskClass::Code);
    assert_eq!(counted[1], 2.0);
    assert!((counted[0] - (0.7f64 / 0.3).ln()).abs() < 1e-9, "{counted:?}");
}

#[test]
fn the_fleets_service_has_one_slot() {
    let plan =
        resolve(&ConsensusPlan { method: ConsensusMethod::Server, ..delivered() }, &models(), 7).expect("a plan");
    assert_eq!((plan.members.len(), plan.quorum, seats(&plan)), (4, 3, vec![member("a", 0.9)]));
}

#[test]
fn what_cannot_be_used_is_named() {
    use ConsensusMethod::{SelfConsistency, WeightedVote};
    let plan = |method, members: Vec<Member>| ConsensusPlan { method, members, quorum: 2, ..delivered() };
    let fine = plan(WeightedVote, models());
    let with = |change: &dyn Fn(&mut ConsensusPlan)| {
        let mut plan = fine.clone();
        change(&mut plan);
        field(&plan)
    };
    assert_eq!(field(&fine), None);
    assert_eq!(field(&delivered()), None);
    assert_eq!(with(&|plan| plan.members.truncate(1)).as_deref(), Some("members"));
    assert_eq!(with(&|plan| plan.members = vec![member("x", 1.0); 9]).as_deref(), Some("members"));
    assert_eq!(with(&|plan| plan.members[2].model = "a".into()).as_deref(), Some("members[2].model"));
    assert_eq!(with(&|plan| plan.members[1].weight = 0.0).as_deref(), Some("members[1].weight"));
    assert_eq!(with(&|plan| plan.members[1].weight = f64::NAN).as_deref(), Some("members[1].weight"));
    assert_eq!(with(&|plan| plan.samples = Some(3)).as_deref(), Some("samples"));
    assert_eq!(with(&|plan| plan.quorum = 1).as_deref(), Some("quorum"));
    assert_eq!(with(&|plan| plan.quorum = 5).as_deref(), Some("quorum"));
    assert_eq!(with(&|plan| plan.deadline_ms = Some(0)).as_deref(), Some("deadline_ms"));
    assert_eq!(with(&|plan| plan.deadline_ms = None), None);
    assert_eq!(field(&plan(SelfConsistency, models())).as_deref(), Some("members"));
    assert_eq!(field(&plan(SelfConsistency, models()[..1].to_vec())).as_deref(), Some("samples"));
}

#[test]
fn presets_have_names_of_their_own() {
    let preset = |name: &str| ConsensusPreset { name: name.into(), plan: delivered() };
    let settings = |names: &[&str], used: Option<&str>| ConsensusSettings {
        presets: names.iter().map(|name| preset(name)).collect(),
        preset: used.map(str::to_owned),
    };
    let field = |settings| check_settings(&settings).err().and_then(|error| error.field);
    assert_eq!(field(settings(&["a", "b"], Some("b"))), None);
    assert_eq!(field(settings(&["a", " a "], None)).as_deref(), Some("presets[1].name"));
    assert_eq!(field(settings(&[" "], None)).as_deref(), Some("presets[0].name"));
    assert_eq!(field(settings(&["a"], Some("b"))).as_deref(), Some("preset"));
    let mut bad = settings(&["a"], None);
    bad.presets[0].plan.quorum = 0;
    assert_eq!(field(bad).as_deref(), Some("presets[0].plan.quorum"));
    let mut used = settings(&["a"], Some("a"));
    used.presets[0].plan.quorum = 4;
    assert_eq!(in_use(&used).quorum, 4);
    assert_eq!(in_use(&ConsensusSettings::default()), delivered());
}

#[test]
fn a_judge_is_rather_no_member() {
    let plan = |members: &[Member], judge: Option<&str>| ConsensusPlan {
        members: members.to_vec(),
        method: ConsensusMethod::Judge,
        judge: judge.map(Into::into),
        ..delivered()
    };
    assert_eq!(judge(&plan(&models()[2..], None), &models()), Some("a".into()));
    assert_eq!(judge(&plan(&models(), None), &models()), Some("a".into()));
    assert_eq!(judge(&plan(&models(), Some("d")), &models()), Some("d".into()));
    assert_eq!(judge(&delivered(), &models()), None);
}

#[test]
fn closed_questions_ask_for_a_line_of_their_own_where_the_plan_says_so() {
    let (closed, cerrada, open) = ("How much is 6 * 7?", "¿Cuánto es 6 * 7?", "Write me a poem about capybaras.");
    let plan = delivered();
    assert_eq!(plan.form, AnswerForm::LastLine);
    let alone = system_prompt(&plan, closed, "");
    assert!(alone.ends_with("Final answer: <answer>"), "{alone}");
    assert_eq!(system_prompt(&plan, closed, "Be brief.\n"), format!("Be brief.\n\n{alone}"));
    assert!(system_prompt(&plan, cerrada, "").ends_with("Respuesta final: <respuesta>"));
    assert_eq!(system_prompt(&plan, open, "Be brief.\n"), "Be brief.\n");
    // The fleet's service words its own questions.
    for untold in [
        ConsensusPlan { form: AnswerForm::Free, ..delivered() },
        ConsensusPlan { method: ConsensusMethod::Server, ..delivered() },
    ] {
        assert_eq!(system_prompt(&untold, closed, "Be brief."), "Be brief.");
    }
}
