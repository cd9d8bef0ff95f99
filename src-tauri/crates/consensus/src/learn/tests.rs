use proptest::prelude::*;

use super::*;

fn judgement_of(class: TaskClass, right: &[(&str, bool)]) -> Judgement {
    let right = right.iter().map(|&(model, right)| (model.into(), right)).collect();
    Judgement { class, agreement: Agreement::Majority, upheld: true, right }
}

fn learned(judgements: &[Judgement]) -> Vec<(String, f64)> {
    let learned = learn(judgements, &BTreeMap::new());
    let round = |value: f64| (value * 1_000.0).round() / 1_000.0;
    learned.classes[0].models.iter().map(|each| (each.model.to_string(), round(each.learned))).collect()
}

#[test]
fn nothing_is_learned_from_nothing() {
    assert_eq!(learn(&[], &BTreeMap::new()), LearnedWeights::default());
    assert_eq!(weights(&LearnedWeights::default(), TaskClass::Number, &["a".into()]), None);
}

#[test]
fn little_evidence_moves_weights_little_and_much_moves_them_far() {
    let one = judgement_of(TaskClass::Number, &[("a", true), ("b", false)]);
    // q = (1 + 7) / (2 + 10) = 2/3; p_a = (1 + 40/3) / 21, p_b = (40/3) / 21.
    assert_eq!(learned(std::slice::from_ref(&one)), [("a".into(), 0.765), ("b".into(), 0.553)]);
    // q = (100 + 7) / 210; p_a = (100 + 10.19) / 120; b is right less than half the time.
    assert_eq!(learned(&vec![one; 100]), [("a".into(), 2.419), ("b".into(), 0.0)]);
}

#[test]
fn choosing_one_of_many_open_answers_says_little_of_each_other() {
    let picks = ["a", "b", "c", "d"]
        .map(|chosen| judgement_of(TaskClass::Open, &["a", "b", "c", "d"].map(|model| (model, model == chosen))));
    let class = &learn(&vec![picks; 50].concat(), &BTreeMap::new()).classes[0];
    let judged: Vec<(f64, f64)> = class.models.iter().map(|each| (each.right, each.judged.round())).collect();
    assert_eq!(judged, [(50.0, 100.0); 4]);
}

#[test]
fn what_the_user_set_is_kept_apart_from_what_was_learned() {
    let edited = BTreeMap::from([((TaskClass::Date, "b".into()), 2.5)]);
    let learned = learn(&[judgement_of(TaskClass::Date, &[("a", true)])], &edited);
    let known: Vec<_> = learned.classes[0].models.iter().map(|each| (each.model.as_str(), each.edited)).collect();
    assert_eq!(known, [("a", None), ("b", Some(2.5))]);
    let all = weights(&learned, TaskClass::Date, &["b".into(), "a".into(), "new".into()]).expect("a class");
    assert_eq!(all[0], 2.5);
    assert!(all[1] > all[2] && all[2] > 0.0, "{all:?}");
}

#[test]
fn how_often_agreement_was_upheld_is_counted() {
    let with = |agreement, upheld| Judgement { agreement, upheld, ..judgement_of(TaskClass::Open, &[("a", true)]) };
    let learned = learn(
        &[with(Agreement::Split, true), with(Agreement::Split, false), with(Agreement::Unanimous, true)],
        &BTreeMap::new(),
    );
    assert_eq!(
        learned.upheld,
        [
            UpheldAgreement { agreement: Agreement::Unanimous, judged: 1, upheld: 1 },
            UpheldAgreement { agreement: Agreement::Split, judged: 2, upheld: 1 },
        ]
    );
}

#[test]
fn models_that_err_together_are_worth_fewer() {
    let of = |rows: &[[bool; 2]]| {
        let judgements: Vec<Judgement> =
            rows.iter().map(|&[a, b]| judgement_of(TaskClass::Number, &[("a", a), ("b", b)])).collect();
        learn(&judgements, &BTreeMap::new()).classes[0].n_eff
    };
    let repeat = |rows: &[[bool; 2]]| rows.repeat(5);
    assert_eq!(
        of(&repeat(&[[true, true], [true, true], [false, false], [false, false]])),
        Some(1.0),
        "always together"
    );
    assert_eq!(of(&repeat(&[[true, true], [true, false], [false, true], [false, false]])), Some(2.0), "independent");
    assert_eq!(
        of(&repeat(&[[true, false], [false, true], [true, false], [false, true]])),
        Some(2.0),
        "never more than all"
    );
    assert_eq!(of(&repeat(&[[true, true]])), None, "too few");
    assert_eq!(of(&[[true, true]; 30]), None, "never wrong: nothing to compare");
}

proptest! {
    #[test]
    fn weights_are_never_negative_and_follow_the_record(
        verdicts in prop::collection::vec((any::<bool>(), any::<bool>(), 0usize..3), 0..80),
    ) {
        let classes = [TaskClass::Number, TaskClass::Open, TaskClass::Code];
        let judgements: Vec<Judgement> = verdicts
            .iter()
            .map(|&(a, b, class)| judgement_of(classes[class], &[("a", a), ("b", b)]))
            .collect();
        for class in learn(&judgements, &BTreeMap::new()).classes {
            for model in &class.models {
                prop_assert!(model.learned >= 0.0 && model.learned.is_finite());
                prop_assert!(model.probability > 0.0 && model.probability < 1.0);
                prop_assert!((model.learned == 0.0) == (model.probability <= 0.5));
            }
            if class.class != TaskClass::Open && class.models[0].right > class.models[1].right {
                prop_assert!(class.models[0].learned >= class.models[1].learned);
            }
        }
    }
}
