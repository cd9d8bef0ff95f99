use capibara6_protocol::{Agreement, AnswerForm, Basis, ConsensusMethod, Member, TieRule, WeightSource};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

const MODELS: [(&str, f64); 4] =
    [("gpt-oss-20b", 0.9), ("qwen2.5-coder:1.5b", 0.8), ("phi4:mini", 0.7), ("mixtral", 0.6)];
const CLOSED: &str = "How much is 6 times 7?";
const OPEN: &str = "Tell me about the river behind the house.";

fn plan(method: ConsensusMethod, quorum: u8) -> ConsensusPlan {
    let members = MODELS.iter().map(|&(model, weight)| Member { model: model.into(), weight }).collect();
    let (samples, deadline_ms, judge) = (None, Some(60_000), None);
    ConsensusPlan {
        members,
        method,
        samples,
        quorum,
        deadline_ms,
        judge,
        weights: WeightSource::Given,
        form: AnswerForm::Free,
        seed: Some(7),
    }
}

fn message(n: u128) -> MessageId {
    MessageId(Uuid::from_u128(n))
}

fn setup(question: &str, plan: ConsensusPlan) -> Setup {
    let seat = |(n, member): (u128, Member)| Seat {
        model: member.model,
        weight: member.weight,
        message: message(n),
        scripted: false,
        context: None,
    };
    Setup {
        id: ConsensusId(Uuid::from_u128(1)),
        conversation: ConversationId(Uuid::from_u128(2)),
        question: message(99),
        text: question.to_owned(),
        language: None,
        seats: (0..).zip(crate::plan::seats(&plan)).map(seat).collect(),
        plan,
        judge: None,
        judge_context: None,
        n_eff: None,
        created_at: 0,
    }
}

/// One word per fact: what happened to a run, in the form of the tables below.
fn told(run: &Run, effect: &Effect) -> String {
    match effect {
        Effect::Candidate(slot) => {
            let candidate = run.candidate(*slot).expect("a candidate");
            format!("{} {}", slot.0, kebab(&candidate.status))
        }
        Effect::Measured(slot) => {
            let candidate = run.candidate(*slot).expect("a candidate");
            format!("{} measured {:?} {:?}", slot.0, candidate.ttft_ms, candidate.tokens_per_second)
        }
        Effect::Changed => match &run.view().verdict {
            None => kebab(&run.view().state),
            Some(verdict) => format!("{} {}", kebab(&run.view().state), verdict_told(verdict)),
        },
        Effect::Cancel(slot) => format!("cancel {}", slot.0),
        Effect::AskLine(slot, ask) => format!("line {} of {}", slot.0, ask.model),
        Effect::CancelLine(slot) => format!("forget line {}", slot.0),
        Effect::Ask(id, ask) => format!("ask {}.{} {} {}", id.attempt, id.round, kebab(&ask.purpose), ask.model),
        Effect::CancelAsk(id) => format!("forget {}.{}", id.attempt, id.round),
        Effect::Write(id, text) => format!("write {}.{} {text}", id.attempt, id.round),
        Effect::Written(id, text) => format!("written {}.{} {text}", id.attempt, id.round),
        Effect::WriteFailed(id, code) => format!("unwritten {}.{} {}", id.attempt, id.round, kebab(code)),
    }
}

fn verdict_told(verdict: &Verdict) -> String {
    let slots = |slots: &[Slot]| slots.iter().map(|slot| slot.0.to_string()).collect::<String>();
    let groups: Vec<String> = verdict
        .groups
        .iter()
        .map(|group| {
            let answer = group.answer.as_ref().map(|answer| format!("{answer}:")).unwrap_or_default();
            format!("{answer}{}={}", slots(&group.slots), group.weight)
        })
        .collect();
    let silent: Vec<String> =
        verdict.silent.iter().map(|each| format!("{}-{}", each.slot.0, kebab(&each.why))).collect();
    let winner = verdict.winner.map_or("nobody".to_owned(), |slot| slot.0.to_string());
    let mut told = format!(
        "r{} {} {} {winner} by {} [{}]",
        verdict.revision,
        kebab(&verdict.moment),
        kebab(&verdict.agreement),
        kebab(&verdict.rule),
        groups.join(" "),
    );
    if !silent.is_empty() {
        told.push_str(&format!(" ({})", silent.join(" ")));
    }
    told
}

fn kebab(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).expect("JSON").as_str().expect("a name").to_owned()
}

/// `0=text` writes, `0.` ends, `0!` fails, `0x` is stopped, `0~` thinks, `0:line` says its line, `0?` says none; `deadline`,
/// `stop`, `choose0`, `back`.
fn input(word: &str) -> Input {
    let slot = |text: &str| Slot(text.parse().expect("a slot"));
    let error = AppError::new(ErrorCode::Refused);
    match word {
        "deadline" => Input::Deadline,
        "stop" => Input::StoppedAll,
        "back" => Input::GivenBack,
        _ => match (word.strip_prefix("choose"), word.split_once('='), word.split_at(word.len() - 1)) {
            (Some(chosen), _, _) => Input::Chosen(slot(chosen)),
            (_, Some((candidate, text)), _) => Input::Text(slot(candidate), text.replace('_', " ")),
            (_, None, _) if word.contains(':') => {
                let (candidate, line) = word.split_once(':').expect("a line");
                Input::Line(slot(candidate), Some(line.replace('_', " ")))
            }
            (_, _, (candidate, "?")) => Input::Line(slot(candidate), None),
            (_, _, (candidate, ".")) => Input::Ended(slot(candidate), Metrics::default()),
            (_, _, (candidate, "!")) => Input::Failed(slot(candidate), error, Metrics::default()),
            (_, _, (candidate, "x")) => Input::Stopped(slot(candidate)),
            (_, _, (candidate, "~")) => Input::Thought(slot(candidate)),
            _ => panic!("{word}"),
        },
    }
}

/// Plays a script word by word; what came out, by word.
fn play(run: &mut Run, script: &str) -> Vec<String> {
    let mut out = Vec::new();
    for (at, word) in (1..).zip(script.split_whitespace()) {
        let effects = run.apply(input(word), at);
        out.extend(effects.iter().map(|effect| told(run, effect)));
    }
    out
}

#[test]
fn every_interleaving_has_its_story() {
    use ConsensusMethod::{Majority, Medoid, WeightedVote};
    let table: &[(&str, ConsensusMethod, u8, &str, &[&str])] = &[
        (
            "all agree",
            WeightedVote,
            4,
            "0=42 1=42 2=42 3=42 0. 1. 2. 3.",
            &[
                "0 streaming",
                "1 streaming",
                "2 streaming",
                "3 streaming",
                "0 complete",
                "1 complete",
                "2 complete",
                "3 complete",
                "ended r1 all-ended unanimous 0 by all-agree [42:0123=3]",
            ],
        ),
        (
            "three of four: the lighter ones together outweigh the heaviest",
            WeightedVote,
            4,
            "0=41 1=42 2=42 3=42 0. 1. 2. 3.",
            &[
                "0 streaming",
                "1 streaming",
                "2 streaming",
                "3 streaming",
                "0 complete",
                "1 complete",
                "2 complete",
                "3 complete",
                "ended r1 all-ended majority 1 by heaviest-answer [42:123=2.1 41:0=0.9]",
            ],
        ),
        (
            "quorum: the fourth is late, agrees, and changes the weight",
            WeightedVote,
            3,
            "0=42 0. 1=42 1. 2=41 2. 3=42 3.",
            &[
                "0 streaming",
                "0 complete",
                "1 streaming",
                "1 complete",
                "2 streaming",
                "2 complete",
                "3 late",
                "decided r1 quorum majority 0 by heaviest-answer [42:01=1.7 41:2=0.7] (3-late)",
                "3 complete",
                "ended r2 late-answer majority 0 by heaviest-answer [42:013=2.3 41:2=0.7]",
            ],
        ),
        (
            "quorum: the late answer turns the verdict",
            WeightedVote,
            3,
            "0=41 0. 1=42 1. 2=43 2. 3=42 3.",
            &[
                "0 streaming",
                "0 complete",
                "1 streaming",
                "1 complete",
                "2 streaming",
                "2 complete",
                "3 late",
                "decided r1 quorum split 0 by heaviest-answer [41:0=0.9 42:1=0.8 43:2=0.7] (3-late)",
                "3 complete",
                "ended r2 late-answer split 1 by heaviest-answer [42:13=1.4 41:0=0.9 43:2=0.7]",
            ],
        ),
        (
            "deadline: two have answered, one is writing, one is silent; both fail later and change nothing",
            WeightedVote,
            3,
            "0=42 0. 1=42 1. 2=4 deadline 2! 3!",
            &[
                "0 streaming",
                "0 complete",
                "1 streaming",
                "1 complete",
                "2 streaming",
                "2 late",
                "3 late",
                "decided r1 deadline unanimous 0 by all-agree [42:01=1.7] (2-late 3-late)",
                "2 failed",
                "decided r1 deadline unanimous 0 by all-agree [42:01=1.7] (2-failed 3-late)",
                "3 failed",
                "ended r1 deadline unanimous 0 by all-agree [42:01=1.7] (2-failed 3-failed)",
            ],
        ),
        (
            "deadline with nobody; then they come one by one",
            WeightedVote,
            3,
            "deadline 2=42 2. 0=41 0. 1! 3x",
            &[
                "0 late",
                "1 late",
                "2 late",
                "3 late",
                "decided r1 deadline none nobody by nobody-answered [] (0-late 1-late 2-late 3-late)",
                "2 complete",
                "decided r2 late-answer none 2 by only-answer [42:2=0.7] (0-late 1-late 3-late)",
                "0 complete",
                "decided r3 late-answer majority 0 by heaviest-answer [41:0=0.9 42:2=0.7] (1-late 3-late)",
                "1 failed",
                "decided r3 late-answer majority 0 by heaviest-answer [41:0=0.9 42:2=0.7] (1-failed 3-late)",
                "cancel 3",
                "3 stopped",
                "ended r3 late-answer majority 0 by heaviest-answer [41:0=0.9 42:2=0.7] (1-failed 3-stopped)",
            ],
        ),
        (
            "everyone fails: nobody wins",
            WeightedVote,
            3,
            "0=42 0! 1! 2! 3!",
            &[
                "0 streaming",
                "0 failed",
                "1 failed",
                "2 failed",
                "3 failed",
                "ended r1 all-ended none nobody by nobody-answered [] (0-failed 1-failed 2-failed 3-failed)",
            ],
        ),
        (
            "an empty answer and one that is only thought do not vote",
            WeightedVote,
            4,
            "0. 1~ 1=<think>42</think> 1. 2=42 2. 3=42 3.",
            &[
                "0 complete",
                "1 streaming",
                "1 complete",
                "2 streaming",
                "2 complete",
                "3 streaming",
                "3 complete",
                "ended r1 all-ended unanimous 2 by all-agree [42:23=1.3] (0-empty 1-empty)",
            ],
        ),
        (
            "stopped alone: the text so far does not vote, and what still comes of it is ignored",
            WeightedVote,
            4,
            "0=42 0x 0=0 0. 1=41 1. 2=42 2. 3=42 3.",
            &[
                "0 streaming",
                "cancel 0",
                "0 stopped",
                "1 streaming",
                "1 complete",
                "2 streaming",
                "2 complete",
                "3 streaming",
                "3 complete",
                "ended r1 all-ended majority 2 by heaviest-answer [42:23=1.3 41:1=0.8] (0-stopped)",
            ],
        ),
        (
            "the user stops all: what is there decides",
            WeightedVote,
            4,
            "0=42 0. 1=42 1. 2=4 stop",
            &[
                "0 streaming",
                "0 complete",
                "1 streaming",
                "1 complete",
                "2 streaming",
                "cancel 2",
                "2 stopped",
                "cancel 3",
                "3 stopped",
                "ended r1 all-ended unanimous 0 by all-agree [42:01=1.7] (2-stopped 3-stopped)",
            ],
        ),
        (
            "an exact tie of weights is a split, and goes to more members",
            WeightedVote,
            4,
            "0=42 0. 3=42 3. 1=41 1. 2=41 2.",
            &[
                "0 streaming",
                "0 complete",
                "3 streaming",
                "3 complete",
                "1 streaming",
                "1 complete",
                "2 streaming",
                "2 complete",
                "ended r1 all-ended split 0 by heaviest-answer [42:03=1.5 41:12=1.5]",
            ],
        ),
        (
            "heads are counted: two of four against one and one",
            Majority,
            4,
            "0=41 0. 1=43 1. 2=42 2. 3=42 3.",
            &[
                "0 streaming",
                "0 complete",
                "1 streaming",
                "1 complete",
                "2 streaming",
                "2 complete",
                "3 streaming",
                "3 complete",
                "ended r1 all-ended split 2 by most-frequent-answer [42:23=2 41:0=1 43:1=1]",
            ],
        ),
        (
            "the user chooses a minority; a late answer changes how far they agree, but not who won",
            WeightedVote,
            3,
            "0=42 0. 1=42 1. 2=41 2. choose2 3=41 3.",
            &[
                "0 streaming",
                "0 complete",
                "1 streaming",
                "1 complete",
                "2 streaming",
                "2 complete",
                "3 late",
                "decided r1 quorum majority 0 by heaviest-answer [42:01=1.7 41:2=0.7] (3-late)",
                "decided r2 user-choice majority 2 by user-choice [42:01=1.7 41:2=0.7] (3-late)",
                "3 complete",
                "ended r3 late-answer majority 2 by user-choice [42:01=1.7 41:23=1.3]",
            ],
        ),
        (
            "the user is faster than the quorum; an unfinished candidate cannot be chosen",
            WeightedVote,
            3,
            "0=4 choose0 1=42 1. choose1 choose1",
            &[
                "0 streaming",
                "1 streaming",
                "1 complete",
                "0 late",
                "2 late",
                "3 late",
                "decided r1 user-choice none 1 by user-choice [42:1=0.8] (0-late 2-late 3-late)",
            ],
        ),
        (
            "the medoid of a closed question: agreement is still read from the answers",
            Medoid,
            4,
            "0=41 0. 1=The_answer_is_42. 1. 2=The_answer_is_42. 2. 3=42 3.",
            &[
                "0 streaming",
                "0 complete",
                "1 streaming",
                "1 complete",
                "2 streaming",
                "2 complete",
                "3 streaming",
                "3 complete",
                "ended r1 all-ended majority 1 by most-similar [42:123=2.1 41:0=0.9]",
            ],
        ),
    ];
    for (name, method, quorum, script, expected) in table {
        let mut run = Run::begin(setup(CLOSED, plan(*method, *quorum)));
        assert_eq!(play(&mut run, script), *expected, "{name}");
    }
}

/// The plan as delivered: members are to close with a line.
fn lined(method: ConsensusMethod, quorum: u8) -> ConsensusPlan {
    ConsensusPlan { form: AnswerForm::LastLine, ..plan(method, quorum) }
}

#[test]
fn who_did_not_close_with_its_line_is_asked_for_it() {
    // Nobody could tell from this which number it means.
    let table: &[(&str, u8, &str, &[&str])] = &[
        (
            "who closed with it is not asked; who did not is at work until it has said it",
            2,
            "0=Final_answer:_42 0. 1=Between_41_and_43_it_is_none. 1. 1:42 2=41 2. 2:42 3!",
            &[
                "0 streaming",
                "0 complete",
                "1 streaming",
                "1 streaming",
                "line 1 of qwen2.5-coder:1.5b",
                "1 complete",
                "2 late",
                "3 late",
                "decided r1 quorum unanimous 0 by all-agree [42:01=1.7] (2-late 3-late)",
                "2 late",
                "line 2 of phi4:mini",
                "2 complete",
                "decided r2 late-answer unanimous 0 by all-agree [42:012=2.4] (3-late)",
                "3 failed",
                "ended r2 late-answer unanimous 0 by all-agree [42:012=2.4] (3-failed)",
            ],
        ),
        (
            "asked in vain: its text is read; and what it does not say definitely does not count as an answer",
            4,
            "0=It_is_42. 0. 0? 1=It_is_42. 1. 1: 2=It_is_42. 2. 2:41 3!",
            &[
                "0 streaming",
                "0 streaming",
                "line 0 of gpt-oss-20b",
                "0 complete",
                "1 streaming",
                "1 streaming",
                "line 1 of qwen2.5-coder:1.5b",
                "1 complete",
                "2 streaming",
                "2 streaming",
                "line 2 of phi4:mini",
                "2 complete",
                "3 failed",
                "ended r1 all-ended split 0 by heaviest-answer [42:0=0.9 1=0.8 41:2=0.7] (3-failed)",
            ],
        ),
        (
            "the deadline does not wait for a line, and the line counts when it comes",
            3,
            "0=Final_answer:_41 0. 1=It_is_42. 1. deadline 1:42 2x 3x",
            &[
                "0 streaming",
                "0 complete",
                "1 streaming",
                "1 streaming",
                "line 1 of qwen2.5-coder:1.5b",
                "1 late",
                "2 late",
                "3 late",
                "decided r1 deadline none 0 by only-answer [41:0=0.9] (1-late 2-late 3-late)",
                "1 complete",
                "decided r2 late-answer majority 0 by heaviest-answer [41:0=0.9 42:1=0.8] (2-late 3-late)",
                "cancel 2",
                "2 stopped",
                "decided r2 late-answer majority 0 by heaviest-answer [41:0=0.9 42:1=0.8] (2-stopped 3-late)",
                "cancel 3",
                "3 stopped",
                "ended r2 late-answer majority 0 by heaviest-answer [41:0=0.9 42:1=0.8] (2-stopped 3-stopped)",
            ],
        ),
        (
            "who stops it then keeps its text, which is read as it is; what still comes of the line is ignored",
            4,
            "0=It_is_42. 0. 0x 0:41 1=It_is_42. 1. 2=4 stop 1:41",
            &[
                "0 streaming",
                "0 streaming",
                "line 0 of gpt-oss-20b",
                "forget line 0",
                "0 complete",
                "1 streaming",
                "1 streaming",
                "line 1 of qwen2.5-coder:1.5b",
                "2 streaming",
                "forget line 1",
                "1 complete",
                "cancel 2",
                "2 stopped",
                "cancel 3",
                "3 stopped",
                "ended r1 all-ended unanimous 0 by all-agree [42:01=1.7] (2-stopped 3-stopped)",
            ],
        ),
        (
            "its text is whole: nothing more can be written into it, it cannot fail, and it cannot be chosen yet",
            4,
            "0=It_is_42. 0. 0=0 0~ 0! 0. choose0 0:42 choose0 1x 2x 3x",
            &[
                "0 streaming",
                "0 streaming",
                "line 0 of gpt-oss-20b",
                "0 complete",
                "1 late",
                "2 late",
                "3 late",
                "decided r1 user-choice none 0 by user-choice [42:0=0.9] (1-late 2-late 3-late)",
                "cancel 1",
                "1 stopped",
                "decided r1 user-choice none 0 by user-choice [42:0=0.9] (1-stopped 2-late 3-late)",
                "cancel 2",
                "2 stopped",
                "decided r1 user-choice none 0 by user-choice [42:0=0.9] (1-stopped 2-stopped 3-late)",
                "cancel 3",
                "3 stopped",
                "ended r1 user-choice none 0 by user-choice [42:0=0.9] (1-stopped 2-stopped 3-stopped)",
            ],
        ),
        (
            "what is empty, only thought, refused by an error or unasked for is not asked about",
            4,
            "0. 1=<think>42</think> 1. 2=4 2! 3:42 3=Final_answer:_42 3.",
            &[
                "0 complete",
                "1 streaming",
                "1 complete",
                "2 streaming",
                "2 failed",
                "3 streaming",
                "3 complete",
                "ended r1 all-ended none 3 by only-answer [42:3=0.6] (0-empty 1-empty 2-failed)",
            ],
        ),
    ];
    for (name, quorum, script, expected) in table {
        let mut run = Run::begin(setup(CLOSED, lined(ConsensusMethod::WeightedVote, *quorum)));
        assert_eq!(play(&mut run, script), *expected, "{name}");
    }
}

#[test]
fn what_was_asked_and_said_is_on_record() {
    let mut run = Run::begin(setup(CLOSED, lined(ConsensusMethod::WeightedVote, 4)));
    let ended =
        Metrics { ttft_ms: Some(80), duration_ms: Some(900), tokens_per_second: Some(31.5), ..Metrics::default() };
    play(&mut run, "0=Final_answer:_42 0. 1=<think>Hm.</think>It_is_42.");
    run.apply(Input::Ended(Slot(1), ended), 5);
    let asked = AskedForLine {
        slot: Slot(1),
        prompt: extract::line_prompt(CLOSED).to_owned(),
        schema: extract::line_schema().to_string(),
        shown: 9,
        of: 9,
    };
    assert_eq!(run.record(vec![]).lines, [asked]);
    let told = |run: &Run| {
        let each = run.candidate(Slot(1)).expect("a candidate").clone();
        let figures = (each.ttft_ms, each.duration_ms, each.tokens_per_second);
        (each.status, each.naming, each.said, each.reading, each.arrival, figures)
    };
    // What was measured is that of the answer.
    let figures = (Some(80), Some(900), Some(31.5));
    assert_eq!(told(&run), (CandidateStatus::Streaming, true, None, None, None, figures));
    play(&mut run, "1:43");
    let reading = Some(Reading::Answer { shown: "43".to_owned() });
    let arrival = Some(Arrival::InTime);
    assert_eq!(told(&run), (CandidateStatus::Complete, false, Some("43".to_owned()), reading, arrival, figures));
}

#[test]
fn nobody_is_asked_for_a_line_that_was_not_wanted() {
    use ConsensusMethod::{Judge, Server, WeightedVote};
    let (long, story) = ("It_is_42,_and_not_41.", "And_then_it_swam._".repeat(20));
    for (question, answer, plan) in [
        (CLOSED, long, plan(WeightedVote, 4)),
        (CLOSED, long, lined(Server, 2)),
        ("Tell me a story about a capybara.", story.as_str(), lined(WeightedVote, 4)),
    ] {
        let mut run = Run::begin(setup(question, plan));
        play(&mut run, &format!("0={answer} 0."));
        assert_eq!(run.view().candidates[0].status, CandidateStatus::Complete, "{question}");
        assert_eq!(run.record(vec![]).lines, []);
    }
    let mut run = Run::begin(setup(CLOSED, lined(Judge, 4)));
    assert_eq!(play(&mut run, &format!("0={long} 0."))[1..], ["0 streaming", "line 0 of gpt-oss-20b"]);
}

#[test]
fn a_stored_run_reads_what_was_said_again_and_asks_nobody() {
    let setup = || setup(CLOSED, lined(ConsensusMethod::WeightedVote, 4));
    let mut run = Run::begin(setup());
    play(&mut run, "0=It_is_42. 0. 0:41 1=It_is_42. 1. 1? 2=It_is_42. 2.");
    let texts = ["It is 42.", "It is 42.", "It is 42.", "It is 4"].map(str::to_owned).to_vec();
    let mut again = Run::restore(setup(), run.view().clone(), texts.clone());
    assert_eq!(
        play(&mut again, "deadline 3. 2:41"),
        ["ended r1 all-ended majority 1 by heaviest-answer [42:12=1.5 41:0=0.9] (3-failed)"],
        "one that had not said its line yet is read as it is"
    );
    assert_eq!(again.record(vec![]).lines, []);

    play(&mut run, "2:41 3!");
    let mut again = Run::restore(setup(), run.view().clone(), texts);
    assert_eq!(again.view(), run.view());
    play(&mut again, "choose1 back");
    assert_eq!(verdict_of(&again).groups, verdict_of(&run).groups);
}

#[test]
fn a_verdict_says_all_that_is_known() {
    let mut run = Run::begin(setup(CLOSED, plan(ConsensusMethod::WeightedVote, 3)));
    play(&mut run, "0=41 0. 1=42 1. 2=42 2. 3!");
    let expected = Verdict {
        revision: 1,
        moment: Moment::Quorum,
        quorum: Quorum::Met,
        agreement: Agreement::Majority,
        basis: Basis::Answers,
        method: ConsensusMethod::WeightedVote,
        rule: DecisionRule::HeaviestAnswer,
        tie: None,
        decided_by: DecidedBy::Method,
        winner: Some(Slot(1)),
        message: Some(message(1)),
        groups: vec![
            AnswerGroup { answer: Some("42".into()), slots: vec![Slot(1), Slot(2)], weight: 1.5 },
            AnswerGroup { answer: Some("41".into()), slots: vec![Slot(0)], weight: 0.9 },
        ],
        silent: vec![Silent { slot: Slot(3), why: Silence::Failed }],
        answered_weight: 2.4,
        total_weight: 3.0,
        dissent: vec![Dissent { slot: Slot(0), answer: Some("41".into()), passages: vec![] }],
        baselines: Baselines {
            best_single: Some(Slot(0)),
            majority: Some(Slot(1)),
            weighted_vote: Some(Slot(1)),
            medoid: Some(Slot(1)),
        },
        n_eff: None,
        judge: None,
        synthesis: None,
        server: None,
        took_us: None,
    };
    assert_eq!(run.view().verdict.as_ref(), Some(&expected));
    assert_eq!(
        run.view().revisions,
        [Revision {
            revision: 1,
            after_ms: 6,
            moment: Moment::Quorum,
            agreement: Agreement::Majority,
            winner: Some(Slot(1)),
        }]
    );
    assert_eq!(run.view().state, ConsensusState::Ended);
    assert_eq!(run.record(vec![]).resemblance.len(), 3);
}

#[test]
fn a_refusal_does_not_vote() {
    let mut run = Run::begin(setup(CLOSED, plan(ConsensusMethod::WeightedVote, 4)));
    play(&mut run, "0=I'm_sorry,_but_I_cannot_help_with_that. 0. 1=42 1. 2=42 2. 3=42 3.");
    let verdict = run.view().verdict.clone().expect("a verdict");
    assert_eq!(verdict_told(&verdict), "r1 all-ended unanimous 1 by all-agree [42:123=2.1] (0-refusal)");
    assert_eq!(run.candidate(Slot(0)).expect("a candidate").reading, Some(Reading::Refusal));
}

#[test]
fn who_declines_an_open_question_does_not_vote_either() {
    for (question, refusal) in [
        (OPEN, "I'm sorry, but I can't help with that."),
        (OPEN, "I cannot help with that."),
        (OPEN, "I can't assist with that request."),
        (OPEN, "Sorry, I am not able to answer this."),
        ("Háblame del río que hay detrás de la casa.", "Lo siento, no puedo ayudar con eso."),
        ("Háblame del río que hay detrás de la casa.", "No puedo ayudarte con esa petición."),
    ] {
        let mut run = Run::begin(setup(question, plan(ConsensusMethod::Medoid, 2)));
        run.apply(Input::Text(Slot(0), refusal.to_owned()), 1);
        run.apply(Input::Ended(Slot(0), Metrics::default()), 1);
        let reading = run.view().candidates[0].reading.clone();
        assert_eq!(reading, Some(Reading::Refusal), "{refusal}");
    }
}

#[test]
fn an_open_question_is_decided_by_resemblance() {
    let mut run = Run::begin(setup(OPEN, plan(ConsensusMethod::WeightedVote, 4)));
    let script = "0=Buy_three_lemons_and_bake_a_cake_with_plenty_of_sugar_tonight. 0. \
1=The_river_flows_slowly_between_old_willows_and_freezes_in_winter. 1. \
2=Between_old_willows_the_river_flows_slowly,_and_in_winter_it_freezes. 2. \
3=The_river_flows_slowly_between_willows;_it_freezes_every_winter. 3.";
    play(&mut run, script);
    let verdict = run.view().verdict.clone().expect("a verdict");
    assert_eq!(verdict_told(&verdict), "r1 all-ended majority 2 by most-similar [123=2.1 0=0.9]");
    assert_eq!(
        (verdict.basis, verdict.dissent),
        (
            Basis::Resemblance,
            vec![Dissent {
                slot: Slot(0),
                answer: None,
                passages: vec!["Buy three lemons and bake a cake with plenty of sugar tonight.".into()],
            }]
        )
    );
    assert_eq!(run.view().class, TaskClass::Open);
}

#[test]
fn one_model_asked_several_times_votes_with_itself() {
    let mut plan = plan(ConsensusMethod::SelfConsistency, 3);
    plan.members.truncate(1);
    plan.samples = Some(3);
    let mut run = Run::begin(setup(CLOSED, plan));
    play(&mut run, "0=41 0. 1=42 1. 2=42 2.");
    let verdict = run.view().verdict.clone().expect("a verdict");
    assert_eq!(verdict_told(&verdict), "r1 all-ended majority 1 by most-frequent-answer [42:12=2 41:0=1]");
    assert_eq!(verdict.method, ConsensusMethod::SelfConsistency);
}

#[test]
fn the_fleets_service_gives_one_answer_and_no_agreement() {
    let mut run = Run::begin(setup(CLOSED, plan(ConsensusMethod::Server, 2)));
    let vote = ServerVote {
        model: "phi4:mini".into(),
        successful_models: 2,
        total_weight: Some(1.3),
        selected_weight: Some(0.7),
    };
    run.apply(Input::Served(vote.clone(), "42".into(), Metrics::default()), 2);
    let verdict = run.view().verdict.clone().expect("a verdict");
    assert_eq!(
        (verdict.agreement, verdict.winner, verdict.rule, verdict.server, verdict.quorum),
        (Agreement::None, Some(Slot(0)), DecisionRule::ServerChoice, Some(vote), Quorum::Met)
    );
    let candidates: Vec<_> = run.view().candidates.iter().map(|each| each.model.as_str()).collect();
    assert_eq!(candidates, ["phi4:mini"], "one candidate stands for the service");
}

// ---- judge and synthesis ----------------------------------------------------------------------------------------------

/// A run of four different answers with a judge that is no member.
fn judged(method: ConsensusMethod, quorum: u8) -> Run {
    let mut setup = setup(CLOSED, plan(method, quorum));
    setup.judge = Some("judge".into());
    Run::begin(setup)
}

fn asks(effects: &[Effect]) -> Vec<(AskId, Ask)> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Ask(id, ask) => Some((*id, (**ask).clone())),
            Effect::Candidate(_)
            | Effect::Measured(_)
            | Effect::Changed
            | Effect::Cancel(_)
            | Effect::AskLine(..)
            | Effect::CancelLine(_)
            | Effect::CancelAsk(_)
            | Effect::Write(..)
            | Effect::Written(..)
            | Effect::WriteFailed(..) => None,
        })
        .collect()
}

/// The reply that chooses this slot.
fn choice(ask: &Ask, slot: u8) -> String {
    let label = &ask.shown.iter().find(|each| each.slot == Slot(slot)).expect("shown").label;
    format!(r#"{{"reason": "It is right.", "choice": "{label}"}}"#)
}

fn three_answers(run: &mut Run) -> Vec<(AskId, Ask)> {
    let mut effects = Vec::new();
    for (at, word) in (1..).zip("0=41 0. 1=42 1. 2=43 2.".split_whitespace()) {
        effects.extend(run.apply(input(word), at));
    }
    asks(&effects)
}

#[test]
fn a_judge_that_chooses_the_same_in_both_orders_decides() {
    let mut run = judged(ConsensusMethod::Judge, 3);
    let asked = three_answers(&mut run);
    assert_eq!(run.view().state, ConsensusState::Deciding);
    let before = run.view().verdict.clone().expect("the vote stands meanwhile");
    assert_eq!(
        (before.winner, before.rule, before.judge.map(|judge| judge.result)),
        (Some(Slot(0)), DecisionRule::HeaviestAnswer, Some(JudgeResult::Waiting))
    );
    let [(first, one), (second, other)] = asked.as_slice() else { panic!("two orders") };
    run.apply(Input::Replied(*second, choice(other, 2)), 20);
    let effects = run.apply(Input::Replied(*first, choice(one, 2)), 21);
    assert_eq!(
        effects.iter().map(|effect| told(&run, effect)).collect::<Vec<_>>(),
        ["decided r3 judged split 2 by judge-choice [41:0=0.9 42:1=0.8 43:2=0.7] (3-late)"]
    );
    let record = run.record(vec![]);
    assert_eq!(record.asked.iter().map(|asked| asked.reply.is_some()).collect::<Vec<_>>(), [true, true]);
    assert_eq!(run.view().verdict.as_ref().and_then(|verdict| verdict.message), Some(message(2)));
}

#[test]
fn a_judge_whose_choice_changes_with_the_order_decides_nothing() {
    type Replies = fn(&Ask, &Ask) -> [Result<String, ErrorCode>; 2];
    let cases: &[(&str, Replies, DecisionRule, JudgeResult)] = &[
        (
            "the order decides",
            |one, other| [Ok(choice(one, 1)), Ok(choice(other, 2))],
            DecisionRule::JudgeUnstable,
            JudgeResult::Unstable,
        ),
        (
            "none is better",
            |_, _| [(); 2].map(|()| Ok(r#"{"reason": "", "choice": "none"}"#.to_owned())),
            DecisionRule::JudgeUnstable,
            JudgeResult::Undecided,
        ),
        (
            "a label that was not shown",
            |one, _| [Ok(choice(one, 1)), Ok(r#"{"reason": "", "choice": "A"}"#.to_owned())],
            DecisionRule::JudgeFailed,
            JudgeResult::Malformed,
        ),
        (
            "more than was asked for",
            |one, other| [Ok(choice(one, 1)), Ok(choice(other, 1).replace('}', r#", "weight": 9}"#))],
            DecisionRule::JudgeFailed,
            JudgeResult::Malformed,
        ),
        (
            "it fails",
            |one, _| [Ok(choice(one, 1)), Err(ErrorCode::Refused)],
            DecisionRule::JudgeFailed,
            JudgeResult::Failed,
        ),
    ];
    for (name, replies, rule, result) in cases {
        let mut run = judged(ConsensusMethod::Judge, 3);
        let asked = three_answers(&mut run);
        let [(first, one), (second, other)] = asked.as_slice() else { panic!("two orders") };
        for (id, reply) in [first, second].into_iter().zip(replies(one, other)) {
            run.apply(
                match reply {
                    Ok(reply) => Input::Replied(*id, reply),
                    Err(code) => Input::ReplyFailed(*id, code),
                },
                30,
            );
        }
        let verdict = run.view().verdict.clone().expect("a verdict");
        assert_eq!(
            (verdict.winner, verdict.method, verdict.rule, verdict.judge.map(|judge| judge.result)),
            (Some(Slot(0)), ConsensusMethod::WeightedVote, *rule, Some(*result)),
            "{name}"
        );
    }
}

#[test]
fn a_late_answer_makes_the_judge_judge_again() {
    let mut run = judged(ConsensusMethod::Judge, 3);
    let asked = three_answers(&mut run);
    run.apply(input("3=44"), 30);
    let effects = run.apply(input("3."), 31);
    let again = asks(&effects);
    assert_eq!(
        effects.iter().map(|effect| told(&run, effect)).collect::<Vec<_>>(),
        [
            "3 complete",
            "forget 1.0",
            "forget 1.1",
            "ask 2.0 judge judge",
            "ask 2.1 judge judge",
            "deciding r2 late-answer split 0 by heaviest-answer [41:0=0.9 42:1=0.8 43:2=0.7 44:3=0.6]",
        ]
    );
    let (old, ask) = &asked[0];
    assert_eq!(run.apply(Input::Replied(*old, choice(ask, 2)), 32), [], "an older attempt");
    for (id, ask) in &again {
        run.apply(Input::Replied(*id, choice(ask, 3)), 33);
    }
    let verdict = run.view().verdict.clone().expect("a verdict");
    assert_eq!((verdict.winner, verdict.rule), (Some(Slot(3)), DecisionRule::JudgeChoice));
    assert_eq!(run.view().state, ConsensusState::Ended);
    let outcomes: Vec<_> = run.record(vec![]).asked.iter().map(|asked| asked.error).collect();
    assert_eq!(outcomes, [Some(ErrorCode::Cancelled), Some(ErrorCode::Cancelled), None, None]);
}

#[test]
fn where_all_agree_nobody_is_asked() {
    let mut run = judged(ConsensusMethod::Judge, 4);
    let out = play(&mut run, "0=42 0. 1=42 1. 2=42 2. 3=42 3.");
    assert_eq!(out.last().map(String::as_str), Some("ended r1 all-ended unanimous 0 by all-agree [42:0123=3]"));
}

#[test]
fn a_user_who_chooses_stops_the_judge() {
    let mut run = judged(ConsensusMethod::Judge, 3);
    three_answers(&mut run);
    let effects = run.apply(Input::Chosen(Slot(1)), 40);
    assert_eq!(
        effects.iter().map(|effect| told(&run, effect)).collect::<Vec<_>>(),
        [
            "forget 1.0",
            "forget 1.1",
            "decided r2 user-choice split 1 by user-choice [41:0=0.9 42:1=0.8 43:2=0.7] (3-late)",
        ]
    );
    assert_eq!(run.ruled().and_then(|verdict| verdict.winner), Some(Slot(0)));
}

#[test]
fn a_synthesis_streams_and_continues_the_conversation() {
    let mut run = judged(ConsensusMethod::Synthesis, 3);
    let asked = three_answers(&mut run);
    let [(id, ask)] = asked.as_slice() else { panic!("one question") };
    run.apply(Input::Writing(*id, message(50)), 30);
    let label = |slot: u8| &ask.shown.iter().find(|each| each.slot == Slot(slot)).expect("shown").label;
    let reply = format!(
        r#"{{"parts": [{{"text": "It is 4\u0032.", "from": ["{}", "?"]}}, {{"text": "\nNot 41.", "from": []}}],
            "consensus": [], "contradictions": [{{"about": "the result", "positions": [{{"text": "41", "from": ["{}"]}}]}}],
            "unique": [], "gaps": ["Why."]}}"#,
        label(1),
        label(0),
    );
    let mut written = String::new();
    for piece in reply.as_bytes().chunks(3) {
        let piece = std::str::from_utf8(piece).expect("ASCII").to_owned();
        for effect in run.apply(Input::ReplyText(*id, piece), 31) {
            let Effect::Write(_, text) = effect else { panic!("{effect:?}") };
            written.push_str(&text);
        }
    }
    assert_eq!(written, "It is 42.\n\nNot 41.");
    let effects = run.apply(Input::Replied(*id, reply), 32);
    assert_eq!(
        effects.iter().map(|effect| told(&run, effect)).collect::<Vec<_>>(),
        [
            "written 1.0 It is 42.\n\nNot 41.",
            "decided r2 judged split nobody by synthesised [41:0=0.9 42:1=0.8 43:2=0.7] (3-late)",
        ]
    );
    let verdict = run.view().verdict.clone().expect("a verdict");
    let cited = |text: &str, from: &[u8]| capibara6_protocol::CitedPart {
        text: text.into(),
        from: from.iter().copied().map(Slot).collect(),
    };
    assert_eq!(
        (verdict.message, verdict.synthesis),
        (
            Some(message(50)),
            Some(capibara6_protocol::Synthesis {
                parts: vec![cited("It is 42.", &[1]), cited("Not 41.", &[])],
                consensus: vec![],
                contradictions: vec![capibara6_protocol::Contradiction {
                    about: "the result".into(),
                    positions: vec![cited("41", &[0])],
                }],
                unique: vec![],
                gaps: vec!["Why.".into()],
            })
        )
    );
}

#[test]
fn a_message_that_comes_after_the_synthesis_still_holds_it() {
    let mut run = judged(ConsensusMethod::Synthesis, 3);
    let asked = three_answers(&mut run);
    let reply =
        r#"{"parts": [{"text": "42", "from": []}], "consensus": [], "contradictions": [], "unique": [], "gaps": []}"#;
    run.apply(Input::Replied(asked[0].0, reply.into()), 32);
    assert_eq!(verdict_of(&run).message, None);
    assert_eq!(run.apply(Input::Writing(asked[0].0, message(50)), 33), [Effect::Changed]);
    assert_eq!(verdict_of(&run).message, Some(message(50)));
}

#[test]
fn a_synthesis_that_is_none_leaves_the_vote() {
    let mut run = judged(ConsensusMethod::Synthesis, 3);
    let asked = three_answers(&mut run);
    let effects = run.apply(Input::Replied(asked[0].0, "Well, it is 42.".into()), 32);
    assert_eq!(
        effects.iter().map(|effect| told(&run, effect)).collect::<Vec<_>>(),
        [
            "unwritten 1.0 malformed",
            "decided r2 judged split 0 by synthesis-failed [41:0=0.9 42:1=0.8 43:2=0.7] (3-late)",
        ]
    );
}

// ---- stored runs ------------------------------------------------------------------------------------------------------

#[test]
fn a_stored_run_can_still_be_decided_by_the_user() {
    let mut run = Run::begin(setup(CLOSED, plan(ConsensusMethod::WeightedVote, 3)));
    play(&mut run, "0=41 0. 1=42 1. 2=42 2. 3!");
    let texts = ["41", "42", "42", ""].map(str::to_owned).to_vec();
    let mut again = Run::restore(setup(CLOSED, plan(ConsensusMethod::WeightedVote, 3)), run.view().clone(), texts);
    assert_eq!(again.view(), run.view());
    assert_eq!(again.apply(Input::Chosen(Slot(3)), 99), [], "it failed");
    again.apply(Input::Chosen(Slot(0)), 100);
    run.apply(Input::Chosen(Slot(0)), 100);
    assert_eq!(again.view(), run.view());
    assert_eq!(again.ruled().and_then(|verdict| verdict.winner), Some(Slot(1)));
}

#[test]
fn a_run_that_was_cut_off_gets_its_verdict_without_asking_anybody() {
    let mut setup = setup(CLOSED, plan(ConsensusMethod::Judge, 4));
    setup.judge = Some("judge".into());
    let mut run = Run::begin(setup.clone());
    play(&mut run, "0=41 0. 1=42 1. 2=4");
    let texts = ["41", "42", "4", ""].map(str::to_owned).to_vec();
    let mut again = Run::restore(setup, run.view().clone(), texts);
    assert_eq!(
        again.apply(Input::Deadline, 1).iter().map(|effect| told(&again, effect)).collect::<Vec<_>>(),
        ["ended r1 all-ended majority 0 by judge-failed [41:0=0.9 42:1=0.8] (2-failed 3-failed)"]
    );
}

#[test]
fn what_is_measured_shows_while_it_is_written_and_stays_when_it_is_stopped() {
    let mut run = Run::begin(setup(CLOSED, plan(ConsensusMethod::WeightedVote, 3)));
    let measured = |ttft_ms, tokens_per_second| Metrics { ttft_ms, tokens_per_second, ..Metrics::default() };
    let mut told_of = |input| {
        let effects = run.apply(input, 1);
        effects.iter().map(|effect| told(&run, effect)).collect::<Vec<_>>()
    };
    assert_eq!(told_of(Input::Text(Slot(0), "4".into())), ["0 streaming"]);
    assert_eq!(told_of(Input::Measured(Slot(0), measured(Some(120), None))), ["0 measured Some(120) None"]);
    assert_eq!(told_of(Input::Measured(Slot(0), measured(Some(120), None))), [""; 0], "no news");
    assert_eq!(told_of(Input::Measured(Slot(0), measured(Some(120), Some(31.5)))), ["0 measured Some(120) Some(31.5)"]);
    assert_eq!(told_of(Input::Stopped(Slot(0))), ["cancel 0", "0 stopped"]);
    assert_eq!(told_of(Input::Measured(Slot(0), measured(Some(9), Some(9.0)))), [""; 0], "it has ended");
    let ended = Metrics { duration_ms: Some(900), ..measured(Some(80), Some(50.0)) };
    assert_eq!(told_of(Input::Measured(Slot(1), measured(Some(80), Some(40.0)))), ["1 measured Some(80) Some(40.0)"]);
    assert_eq!(told_of(Input::Ended(Slot(1), ended)), ["1 complete"]);
    let figures = |slot: usize| {
        let candidate = &run.view().candidates[slot];
        (candidate.ttft_ms, candidate.tokens_per_second, candidate.duration_ms)
    };
    assert_eq!(figures(0), (Some(120), Some(31.5), None));
    assert_eq!(figures(1), (Some(80), Some(50.0), Some(900)), "the end has the last word");
}

#[test]
fn a_choice_is_given_back_to_the_method() {
    // What the method said stays on record while the user's verdict stands, also where answers come late.
    let mut run = Run::begin(setup(CLOSED, plan(ConsensusMethod::WeightedVote, 3)));
    play(&mut run, "0=41 0. 1=42 1. 2=42 2.");
    assert_eq!(play(&mut run, "back"), [""; 0], "there is nothing to give back");
    play(&mut run, "choose0");
    let ruled = run.view().ruled.as_deref().expect("on record");
    assert_eq!(verdict_told(ruled), "r1 quorum majority 1 by heaviest-answer [42:12=1.5 41:0=0.9] (3-late)");
    assert_eq!(
        play(&mut run, "3=41 3."),
        ["3 complete", "ended r3 late-answer split 0 by user-choice [41:03=1.5 42:12=1.5]",],
        "the winner is the user's, how far they agree is not"
    );
    let ruled = run.view().ruled.as_deref().expect("on record");
    assert_eq!((ruled.agreement, ruled.winner), (Agreement::Split, Some(Slot(0))));
    assert_eq!(play(&mut run, "back"), ["ended r4 given-back split 0 by heaviest-answer [41:03=1.5 42:12=1.5]"]);
    assert_eq!((run.view().ruled.as_deref(), verdict_of(&run).decided_by), (None, DecidedBy::Method));
    // And again, and back once more.
    assert_eq!(play(&mut run, "choose2"), ["ended r5 user-choice split 2 by user-choice [41:03=1.5 42:12=1.5]"]);
    play(&mut run, "back");
    assert_eq!(verdict_of(&run).winner, Some(Slot(0)));
}

#[test]
fn a_stored_run_gets_the_methods_own_verdict_back_without_asking_anybody() {
    let judge = || {
        let mut setup = setup(CLOSED, plan(ConsensusMethod::Judge, 4));
        setup.judge = Some("judge".into());
        setup
    };
    let mut run = Run::begin(judge());
    let mut asked = Vec::new();
    for word in "0=41 0. 1=42 1. 2=43 2. 3!".split_whitespace() {
        asked.extend(asks(&run.apply(input(word), 1)));
    }
    for (id, ask) in &asked {
        run.apply(Input::Replied(*id, choice(ask, 2)), 20);
    }
    let before = verdict_of(&run);
    assert_eq!((before.winner, before.rule), (Some(Slot(2)), DecisionRule::JudgeChoice));
    play(&mut run, "choose0");
    let texts = ["41", "42", "43", ""].map(str::to_owned).to_vec();
    let mut again = Run::restore(judge(), run.view().clone(), texts.clone());
    assert_eq!(again.ruled(), Some(&before), "learning compares with it after a restart as well");
    let given = play(&mut again, "back");
    assert_eq!(given.len(), 1, "nobody is asked: {given:?}");
    let after = verdict_of(&again);
    assert_eq!(Verdict { revision: 0, moment: before.moment, ..after }, Verdict { revision: 0, ..before });

    // A run of before that was kept: the rules work it out anew.
    let mut view = run.view().clone();
    view.ruled = None;
    let mut old = Run::restore(judge(), view, texts);
    play(&mut old, "back");
    assert_eq!(verdict_of(&old).rule, DecisionRule::JudgeFailed, "the judge cannot be asked any more");

    // The same where the user was faster than the judge: it is asked again while the run lives.
    let mut run = judged(ConsensusMethod::Judge, 3);
    three_answers(&mut run);
    play(&mut run, "choose1");
    assert_eq!(asks(&run.apply(Input::GivenBack, 41)).len(), 2);
    assert_eq!(run.view().state, ConsensusState::Deciding);
}

#[test]
fn a_synthesis_is_named_while_it_is_written_and_is_there_again_after_another_choice() {
    let reply =
        r#"{"parts": [{"text": "42", "from": []}], "consensus": [], "contradictions": [], "unique": [], "gaps": []}"#;
    let state = |run: &Run| run.view().synthesis.map(|each| (each.message, each.status));
    let mut run = judged(ConsensusMethod::Synthesis, 3);
    let asked = three_answers(&mut run);
    let id = asked[0].0;
    assert_eq!(state(&run), None);
    assert_eq!(run.apply(Input::Writing(id, message(50)), 30), [Effect::Changed]);
    assert_eq!(state(&run), Some((message(50), SynthesisStatus::Writing)));
    run.apply(Input::Replied(id, reply.into()), 32);
    assert_eq!(state(&run), Some((message(50), SynthesisStatus::Complete)));
    play(&mut run, "3! choose1");
    assert_eq!(verdict_of(&run).message, Some(message(1)));
    let texts = ["41", "42", "43", ""].map(str::to_owned).to_vec();
    let mut again = Run::restore(setup(CLOSED, plan(ConsensusMethod::Synthesis, 3)), run.view().clone(), texts);
    play(&mut again, "back");
    assert_eq!((verdict_of(&again).message, verdict_of(&again).rule), (Some(message(50)), DecisionRule::Synthesised));
    play(&mut run, "back");
    assert_eq!((verdict_of(&run).message, verdict_of(&run).rule), (Some(message(50)), DecisionRule::Synthesised));

    // One that was stopped by a choice, and one that the end of the program stopped, are none.
    let mut run = judged(ConsensusMethod::Synthesis, 3);
    let asked = three_answers(&mut run);
    run.apply(Input::Writing(asked[0].0, message(50)), 30);
    let cut_off = Run::restore(setup(CLOSED, plan(ConsensusMethod::Synthesis, 3)), run.view().clone(), Vec::new());
    assert_eq!(state(&cut_off), Some((message(50), SynthesisStatus::Failed)));
    play(&mut run, "choose1");
    assert_eq!(state(&run), Some((message(50), SynthesisStatus::Failed)));
}

#[test]
fn where_nobody_weighs_anything_heads_count() {
    let mut setup = setup(CLOSED, plan(ConsensusMethod::WeightedVote, 4));
    setup.seats.iter_mut().for_each(|seat| seat.weight = 0.0);
    let mut run = Run::begin(setup);
    play(&mut run, "0=41 0. 1=42 1. 2=42 2. 3=42 3.");
    let verdict = verdict_of(&run);
    assert_eq!(verdict_told(&verdict), "r1 all-ended majority 1 by heaviest-answer [42:123=3 41:0=1]");
    assert_eq!((verdict.answered_weight, verdict.total_weight), (4.0, 4.0));
}

// ---- properties -------------------------------------------------------------------------------------------------------

#[derive(Debug, Clone)]
enum Fate {
    Says(u8),
    /// In its last line, and something else before it.
    Closes(u8),
    /// In the line that it is asked for, and something else in its text.
    Names(u8),
    /// In its text, and nothing when it is asked for its line.
    Mumbles(u8),
    /// In its text, and the user does not wait for its line.
    Hurried(u8),
    Refuses,
    Thinks,
    Empty,
    Fails,
    Stopped,
}

impl Fate {
    /// What it answers, where it does.
    fn answer(&self) -> Option<u8> {
        match self {
            Self::Says(what) | Self::Closes(what) | Self::Names(what) | Self::Mumbles(what) | Self::Hurried(what) => {
                Some(*what)
            }
            Self::Refuses | Self::Thinks | Self::Empty | Self::Fails | Self::Stopped => None,
        }
    }

    fn text(&self, question: &str) -> String {
        let said = |what: u8| SAID[usize::from(what) % SAID.len()];
        match self {
            Self::Says(what) | Self::Closes(what) | Self::Names(what) | Self::Mumbles(what) | Self::Hurried(what)
                if question == OPEN =>
            {
                OPENLY[usize::from(*what)].to_owned()
            }
            Self::Says(what) | Self::Mumbles(what) | Self::Hurried(what) => said(*what).to_owned(),
            Self::Closes(what) => format!("{}\n\nFinal answer: {}", said(what + 1), LINES[usize::from(*what)]),
            Self::Names(what) => said(what + 1).to_owned(),
            Self::Refuses => "I'm sorry, but I can't help with that.".to_owned(),
            Self::Thinks => "<think>It is 42, I should say so.</think>".to_owned(),
            Self::Empty => " \n".to_owned(),
            Self::Fails | Self::Stopped => "It is 4".to_owned(),
        }
    }

    /// What happens when it is asked for its line.
    fn line(&self, question: &str, slot: Slot) -> Input {
        match self {
            // Nothing definite: they are compared by what they resemble.
            Self::Says(_) | Self::Names(_) if question == OPEN => Input::Line(slot, Some(String::new())),
            Self::Says(what) | Self::Names(what) => Input::Line(slot, Some(LINES[usize::from(*what)].to_owned())),
            Self::Refuses => Input::Line(slot, Some(String::new())),
            Self::Hurried(_) => Input::Stopped(slot),
            Self::Closes(_) | Self::Mumbles(_) | Self::Thinks | Self::Empty | Self::Fails | Self::Stopped => {
                Input::Line(slot, None)
            }
        }
    }
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        3 => (0u8..4).prop_map(Fate::Says),
        2 => (0u8..4).prop_map(Fate::Closes),
        3 => (0u8..4).prop_map(Fate::Names),
        2 => (0u8..4).prop_map(Fate::Mumbles),
        1 => (0u8..4).prop_map(Fate::Hurried),
        1 => Just(Fate::Refuses),
        1 => Just(Fate::Thinks),
        1 => Just(Fate::Empty),
        1 => Just(Fate::Fails),
        1 => Just(Fate::Stopped),
    ]
}

fn method() -> impl Strategy<Value = ConsensusMethod> {
    prop_oneof![
        Just(ConsensusMethod::WeightedVote),
        Just(ConsensusMethod::Majority),
        Just(ConsensusMethod::Medoid),
        Just(ConsensusMethod::SelfConsistency),
    ]
}

/// Members with weights of two decimals, their fates, and an order in which they end.
fn race() -> impl Strategy<Value = (Vec<(f64, Fate)>, Vec<usize>)> {
    prop::collection::vec(((1u32..300).prop_map(|weight| f64::from(weight) / 100.0), fate()), 2..7).prop_flat_map(
        |members| {
            let order: Vec<usize> = (0..members.len()).collect();
            (Just(members), Just(order).prop_shuffle())
        },
    )
}

const SAID: [&str; 4] = ["It is 42.", "It is 43, I think.", "41", "The result is 40."];
const LINES: [&str; 4] = ["42", "43", "41", "40"];
const OPENLY: [&str; 4] = [
    "The river flows slowly between old willows and freezes in winter.",
    "Between old willows the river flows slowly, and in winter it freezes.",
    "Buy three lemons and bake a cake with plenty of sugar tonight.",
    "Nobody has ever seen a river there; the map shows a dry valley.",
];

fn finish(question: &str, method: ConsensusMethod, quorum: u8, members: &[(f64, Fate)], order: &[usize]) -> Run {
    race_to_the_end(question, method, quorum, members, order, None)
}

/// All fates in this order, each line some fates later than the answer that it belongs to; the deadline comes before the one
/// with this number.
fn race_to_the_end(
    question: &str,
    method: ConsensusMethod,
    quorum: u8,
    members: &[(f64, Fate)],
    order: &[usize],
    deadline: Option<usize>,
) -> Run {
    let mut plan = lined(method, quorum);
    plan.members =
        (0..).zip(members).map(|(n, (weight, _))| Member { model: format!("m{n}").into(), weight: *weight }).collect();
    let mut setup = setup(question, plan);
    // Whoever it is: one model asked several times is a seat each.
    setup.seats = (0u8..)
        .zip(members)
        .map(|(n, (weight, _))| Seat {
            model: format!("m{n}").into(),
            weight: *weight,
            message: message(u128::from(n)),
            scripted: false,
            context: None,
        })
        .collect();
    let mut run = Run::begin(setup);
    let mut lines: Vec<(usize, Input)> = Vec::new();
    for (n, &place) in order.iter().enumerate() {
        if deadline == Some(n) {
            run.apply(Input::Deadline, 1);
        }
        let slot = Slot(u8::try_from(place).expect("few"));
        let (_, fate) = &members[place];
        run.apply(Input::Text(slot, fate.text(question)), 1);
        let metrics = Metrics::default();
        let effects = run.apply(
            match fate {
                Fate::Fails => Input::Failed(slot, ErrorCode::Server.into(), metrics),
                Fate::Stopped => Input::Stopped(slot),
                Fate::Says(_)
                | Fate::Closes(_)
                | Fate::Names(_)
                | Fate::Mumbles(_)
                | Fate::Hurried(_)
                | Fate::Refuses
                | Fate::Thinks
                | Fate::Empty => Input::Ended(slot, metrics),
            },
            2,
        );
        if effects.iter().any(|effect| matches!(effect, Effect::AskLine(..))) {
            lines.push((n + place % 3, fate.line(question, slot)));
        }
        for (_, line) in lines.extract_if(.., |(due, _)| *due <= n) {
            run.apply(line, 3);
        }
    }
    // The last ones the other way round.
    for (_, line) in lines.into_iter().rev() {
        run.apply(line, 4);
    }
    run
}

fn question() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just(CLOSED), Just(OPEN)]
}

fn verdict_of(run: &Run) -> Verdict {
    run.view().verdict.clone().expect("all have ended")
}

/// What a verdict says, without when and how often it was said.
fn said(run: &Run) -> Verdict {
    Verdict { revision: 0, moment: Moment::AllEnded, ..verdict_of(run) }
}

proptest! {
    #[test]
    fn the_order_of_arrival_changes_nothing(
        question in question(), method in method(), (members, order) in race(), quorum in 2u8..7, deadline in 0usize..12,
    ) {
        let straight: Vec<usize> = (0..members.len()).collect();
        let one = finish(question, method, quorum, &members, &straight);
        let late = race_to_the_end(question, method, quorum, &members, &order, Some(deadline));
        prop_assert_eq!(said(&one), said(&late), "a deadline makes it come in pieces, and the whole is the same");
        let other = finish(question, method, quorum, &members, &order);
        prop_assert_eq!(said(&one), said(&other));
        if usize::from(quorum) >= members.len() {
            prop_assert_eq!(verdict_of(&other).revision, 1, "before quorum and deadline there is one verdict");
        }
    }

    #[test]
    fn scaling_all_weights_changes_nothing(
        question in question(), method in method(), (members, order) in race(), digits in -6.0f64..6.0,
    ) {
        // By its logarithm, so that small ones are as frequent as great ones.
        let scale = 10f64.powf(digits);
        let scaled: Vec<(f64, Fate)> = members.iter().map(|(weight, fate)| (weight * scale, fate.clone())).collect();
        let [one, other] = [members, scaled].map(|members| verdict_of(&finish(question, method, 9, &members, &order)));
        let shape = |verdict: &Verdict| {
            let groups: Vec<Vec<Slot>> = verdict.groups.iter().map(|group| group.slots.clone()).collect();
            (verdict.agreement, verdict.winner, verdict.tie, verdict.rule, groups, verdict.baselines)
        };
        prop_assert_eq!(shape(&one), shape(&other));
    }

    #[test]
    fn more_weight_never_makes_an_answer_lose(
        question in question(), method in method(), (members, order) in race(),
        who in any::<prop::sample::Index>(), more in 1u32..500,
    ) {
        let who = who.index(members.len());
        let before = verdict_of(&finish(question, method, 9, &members, &order));
        let mut raised = members;
        raised[who].0 += f64::from(more) / 100.0;
        let after = verdict_of(&finish(question, method, 9, &raised, &order));
        let slot = Slot(u8::try_from(who).expect("few"));
        let wins = |verdict: &Verdict| {
            verdict.groups.iter().any(|group| {
                group.slots.contains(&slot) && verdict.winner.is_some_and(|winner| group.slots.contains(&winner))
            })
        };
        // A medoid outside a majority is one text and not a group: then the claim is about the member itself.
        if before.rule == DecisionRule::MostSimilar {
            if before.winner == Some(slot) {
                prop_assert_eq!(after.winner, Some(slot), "{:?} {:?}", before, after);
            }
        } else if wins(&before) {
            prop_assert!(wins(&after), "{:?} {:?}", before, after);
        }
    }

    #[test]
    fn who_says_nothing_never_wins(question in question(), method in method(), (members, order) in race()) {
        let verdict = verdict_of(&finish(question, method, 2, &members, &order));
        let answered: Vec<bool> = members.iter().map(|(_, fate)| fate.answer().is_some()).collect();
        match verdict.winner {
            Some(winner) => prop_assert!(answered[usize::from(winner.0)]),
            None => prop_assert!(!answered.contains(&true)),
        }
        let voters = answered.iter().filter(|&&each| each).count();
        prop_assert_eq!(verdict.agreement == Agreement::None, voters < 2);
    }

    #[test]
    fn the_winner_and_what_breaks_a_tie_are_the_stated_ones(
        by_heads in any::<bool>(),
        // Few different weights, so that ties are frequent.
        members in prop::collection::vec(((1u32..4).prop_map(|weight| f64::from(weight) / 10.0), fate()), 2..7),
    ) {
        let method = if by_heads { ConsensusMethod::Majority } else { ConsensusMethod::WeightedVote };
        let order: Vec<usize> = (0..members.len()).collect();
        let verdict = verdict_of(&finish(CLOSED, method, 9, &members, &order));
        // Worked out by the words of the documentation, in tenths, as whole numbers.
        let mut answers = std::collections::BTreeMap::<u8, Vec<(u32, u8)>>::new();
        for (slot, (weight, fate)) in (0u8..).zip(&members) {
            if let Some(what) = fate.answer() {
                answers.entry(what).or_default().push(((weight * 10.0).round() as u32, slot));
            }
        }
        let mut ranked: Vec<(u32, u32, usize, u32, std::cmp::Reverse<u8>, u8)> = answers
            .values()
            .map(|given| {
                let weight: u32 = given.iter().map(|(weight, _)| weight).sum();
                let heads = u32::try_from(given.len()).expect("few");
                let heaviest = given.iter().map(|(weight, _)| *weight).max().expect("one");
                let speaker = given.iter().filter(|(weight, _)| *weight == heaviest).map(|(_, slot)| *slot).min();
                let lowest = given.iter().map(|(_, slot)| *slot).min().expect("one");
                let held = if by_heads { heads } else { weight };
                (held, weight, given.len(), heaviest, std::cmp::Reverse(lowest), speaker.expect("one"))
            })
            .collect();
        ranked.sort_unstable_by(|a, b| b.cmp(a));
        prop_assert_eq!(verdict.winner, ranked.first().map(|first| Slot(first.5)));
        let tie = match ranked.as_slice() {
            [first, second, ..] if first.0 == second.0 => Some(if first.1 != second.1 {
                TieRule::Weight
            } else if first.2 != second.2 {
                TieRule::MoreMembers
            } else if first.3 != second.3 {
                TieRule::HeaviestMember
            } else {
                TieRule::LowestSlot
            }),
            _ => None,
        };
        prop_assert_eq!(verdict.tie, tie);
    }

    #[test]
    fn agreement_follows_the_rule(method in method(), (members, order) in race()) {
        let verdict = verdict_of(&finish(CLOSED, method, 2, &members, &order));
        // In hundredths, as whole numbers.
        let mut weight = std::collections::BTreeMap::<u8, u32>::new();
        for (each, fate) in &members {
            if let Some(what) = fate.answer() {
                let by_heads = matches!(method, ConsensusMethod::Majority | ConsensusMethod::SelfConsistency);
                let counts = if by_heads { 1 } else { (each * 100.0).round() as u32 };
                *weight.entry(what).or_default() += counts;
            }
        }
        let voters = members.iter().filter(|(_, fate)| fate.answer().is_some()).count();
        let most = weight.values().copied().max().unwrap_or(0);
        let expected = match (voters, weight.len()) {
            (0 | 1, _) => Agreement::None,
            (_, 1) => Agreement::Unanimous,
            _ if 2 * most > weight.values().sum() => Agreement::Majority,
            _ => Agreement::Split,
        };
        prop_assert_eq!(verdict.agreement, expected);
    }

    #[test]
    fn no_sequence_of_inputs_breaks_a_promise(
        method in prop_oneof![method(), Just(ConsensusMethod::Judge), Just(ConsensusMethod::Synthesis)],
        inputs in prop::collection::vec(any_input(), 0..40),
    ) {
        let mut setup = setup(CLOSED, lined(method, 3));
        setup.judge = Some("judge".into());
        let mut run = Run::begin(setup);
        for input in inputs {
            let before = run.view().clone();
            let effects = run.apply(input, 1);
            let after = run.view();
            // What the window shows changes only where an effect says so.
            let told = |slot: Slot| {
                effects.contains(&Effect::Candidate(slot)) || effects.contains(&Effect::Measured(slot))
            };
            for (old, new) in before.candidates.iter().zip(&after.candidates) {
                prop_assert!(old == new || told(new.slot), "{:?} {:?}", old, new);
            }
            if (&before.verdict, before.state, before.synthesis) != (&after.verdict, after.state, after.synthesis) {
                prop_assert!(effects.contains(&Effect::Changed));
            }
            // The method's verdict is on record exactly as long as the user's stands in its place.
            let by_user = after.verdict.as_ref().is_some_and(|verdict| verdict.decided_by == DecidedBy::User);
            prop_assert_eq!(after.ruled.is_some(), by_user);
            prop_assert!(after.ruled.as_ref().is_none_or(|ruled| ruled.decided_by == DecidedBy::Method));
            // A verdict is never taken back, only followed by the next; and its winner has something to say.
            let numbers: Vec<u32> = after.revisions.iter().map(|each| each.revision).collect();
            prop_assert_eq!(&numbers, &(1..).take(numbers.len()).collect::<Vec<u32>>());
            prop_assert_eq!(after.verdict.as_ref().map(|verdict| verdict.revision), numbers.last().copied());
            let winner = after.verdict.as_ref().and_then(|verdict| verdict.winner);
            prop_assert!(winner.is_none_or(|winner| run.can_choose(winner)));
            // Who is asked for a line is at work, is asked once, and is forgotten when it is not waited for any more.
            let asked = run.record(vec![]).lines;
            for (old, new) in before.candidates.iter().zip(&after.candidates) {
                let times = asked.iter().filter(|each| each.slot == new.slot).count();
                prop_assert!(times <= 1 && (!new.naming || times == 1 && !has_ended(new.status)));
                let begun = effects.iter().any(|each| matches!(each, Effect::AskLine(slot, _) if *slot == new.slot));
                prop_assert_eq!(begun, new.naming && !old.naming);
                prop_assert!(new.said.is_none() || times == 1 && new.status == CandidateStatus::Complete);
                prop_assert!(!effects.contains(&Effect::CancelLine(new.slot)) || old.naming && !new.naming);
            }
            if after.state == ConsensusState::Ended {
                prop_assert!(after.candidates.iter().all(|candidate| has_ended(candidate.status)));
            }
        }
    }
}

fn any_input() -> impl Strategy<Value = Input> {
    let slot = || (0u8..5).prop_map(Slot);
    let ask = || (0u32..4, 0u32..3).prop_map(|(attempt, round)| AskId { attempt, round });
    let error = || AppError::new(ErrorCode::Truncated);
    prop_oneof![
        4 => (slot(), prop::sample::select(&["42", "41", " ", "<think>", "not"][..]))
            .prop_map(|(slot, text)| Input::Text(slot, text.to_owned())),
        1 => slot().prop_map(Input::Thought),
        1 => slot().prop_map(|slot| Input::Replaced(slot, "42".to_owned())),
        4 => slot().prop_map(|slot| Input::Ended(slot, Metrics::default())),
        2 => (slot(), prop::sample::select(&[None, Some(""), Some("42"), Some("41")][..]))
            .prop_map(|(slot, line)| Input::Line(slot, line.map(str::to_owned))),
        1 => slot().prop_map(move |slot| Input::Failed(slot, error(), Metrics::default())),
        1 => slot().prop_map(Input::Stopped),
        1 => Just(Input::StoppedAll),
        1 => Just(Input::Deadline),
        2 => slot().prop_map(Input::Chosen),
        1 => Just(Input::GivenBack),
        1 => (slot(), 0u64..3).prop_map(|(slot, ttft)| {
            Input::Measured(slot, Metrics { ttft_ms: Some(ttft), ..Metrics::default() })
        }),
        1 => ask().prop_map(|ask| Input::ReplyText(ask, "{\"parts\": [{\"text\": \"x".to_owned())),
        2 => ask().prop_map(|ask| Input::Replied(ask, "{\"reason\": \"\", \"choice\": \"none\"}".to_owned())),
        1 => ask().prop_map(|ask| Input::ReplyFailed(ask, ErrorCode::TimeoutIdle)),
        1 => ask().prop_map(|ask| Input::Writing(ask, message(60))),
    ]
}
