//! The committed page and figures are what the simulation prints today.

#[path = "../../examples/simulation/draw.rs"]
mod draw;
#[path = "../../examples/simulation/panel.rs"]
mod panel;
#[path = "../../examples/simulation/report.rs"]
mod report;

use std::path::Path;

#[test]
fn the_page_and_its_figures_are_what_the_simulation_prints() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../docs");
    let page = std::fs::read_to_string(docs.join("consensus.md")).unwrap();
    let report = report::run();
    let anew = "run `make simulate` to write it anew";
    assert_eq!(report::spliced(&page, &report.text).as_deref(), Some(page.as_str()), "{anew}");
    for (name, figure) in &report.figures {
        assert_eq!(&std::fs::read_to_string(docs.join(name)).unwrap(), figure, "{name}: {anew}");
    }
    assert!(!report.text.contains("does not hold"), "a statement lost its ground");
}

#[test]
fn the_quantile_is_the_normal_distribution_s() {
    for (p, expected) in [(0.5, 0.0), (0.975, 1.959_964), (0.85, 1.036_433), (0.001, -3.090_232)] {
        assert!((draw::quantile(p) - expected).abs() < 1e-5, "{p}");
    }
}

#[test]
fn members_are_right_as_often_as_they_should() {
    let setup = panel::Setup { accuracies: vec![0.8], rho: 0.6, choices: 4, lure: 0.0 };
    let outcome = setup.vote(&[1.0], capibara6_protocol::ConsensusMethod::WeightedVote, 1);
    assert!((outcome.all.right_share() - 0.8).abs() < 0.01, "{outcome:?}");
}
