//! How long a verdict takes after the slowest answer that counts: from its end to the verdict, everything included (reading
//! the last answer, comparing all texts, groups, dissent, what other methods would have chosen). Four answers of 20 KB.
//! Prints one Markdown table; the goal is 50 ms.
//!
//! ```sh
//! cargo bench -p capibara6-consensus --bench verdict          # add `-- --quick` for a tenth of it
//! ```

// A benchmark has nobody to report an error to.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::{Duration, Instant};

use capibara6_consensus::{
    plan,
    run::{Input, Run, Seat, Setup},
};
use capibara6_protocol::{
    AnswerForm, ConsensusId, ConsensusMethod, ConsensusPlan, ConversationId, Member, MessageId, Metrics, Slot,
};
use uuid::Uuid;

const BYTES: usize = 20_000;
const ROUNDS: usize = 300;
const GOAL_MS: u64 = 50;

const CLOSED: &str = "A train leaves at 9:40 and arrives at 13:05. How many minutes does it travel?";
const OPEN: &str = "What should a small co-operative look at before it runs its own language models?";

fn main() {
    let rounds = if std::env::args().any(|argument| argument == "--quick") { ROUNDS / 10 } else { ROUNDS };
    println!("| verdict over four answers of 20 KB | median ms | p95 ms | max ms | goal ms |");
    println!("|---|---:|---:|---:|---:|");
    for (name, method, form, question) in [
        ("weighted vote, closed question", ConsensusMethod::WeightedVote, AnswerForm::Free, CLOSED),
        ("majority, closed question", ConsensusMethod::Majority, AnswerForm::Free, CLOSED),
        (
            "weighted vote, closed question, members asked for their line",
            ConsensusMethod::WeightedVote,
            AnswerForm::LastLine,
            CLOSED,
        ),
        ("weighted vote, open question", ConsensusMethod::WeightedVote, AnswerForm::Free, OPEN),
        ("medoid, open question", ConsensusMethod::Medoid, AnswerForm::Free, OPEN),
    ] {
        let mut times: Vec<Duration> = (0..rounds).map(|round| verdict(method, form, question, round as u64)).collect();
        times.sort();
        let at = |part: usize| times[(times.len() - 1) * part / 100].as_secs_f64() * 1e3;
        println!("| {name} | {:.1} | {:.1} | {:.1} | {GOAL_MS} |", at(50), at(95), at(100));
    }
}

/// The time of one verdict. Every round has texts of its own, so that no cache knows them.
fn verdict(method: ConsensusMethod, form: AnswerForm, question: &str, round: u64) -> Duration {
    let members =
        [("a", 0.9), ("b", 0.8), ("c", 0.7), ("d", 0.6)].map(|(model, weight)| Member { model: model.into(), weight });
    let plan = ConsensusPlan { method, members: members.to_vec(), quorum: 4, form, seed: Some(7), ..plan::delivered() };
    let seats = (0u128..)
        .zip(plan::seats(&plan))
        .map(|(n, member)| Seat {
            model: member.model,
            weight: member.weight,
            message: MessageId(Uuid::from_u128(n)),
            scripted: false,
            context: None,
        })
        .collect();
    let mut run = Run::begin(Setup {
        id: ConsensusId(Uuid::nil()),
        conversation: ConversationId(Uuid::nil()),
        question: MessageId(Uuid::nil()),
        text: question.to_owned(),
        language: Some("en".to_owned()),
        plan,
        seats,
        judge: None,
        judge_context: None,
        n_eff: None,
        created_at: 0,
    });
    let results = if question == CLOSED { ["205", "205", "195", "205"] } else { [""; 4] };
    for slot in 0..4u8 {
        let result = results[usize::from(slot)];
        run.apply(Input::Text(Slot(slot), answer(round * 4 + u64::from(slot), result)), 0);
    }
    let mut end = |slot: u8| {
        run.apply(Input::Ended(Slot(slot), Metrics::default()), 0);
        if form == AnswerForm::LastLine {
            // What the member needs to say its line is its own time and no part of this.
            run.apply(Input::Line(Slot(slot), Some(results[usize::from(slot)].to_owned())), 0);
        }
    };
    (0..3).for_each(&mut end);
    let begun = Instant::now();
    end(3);
    let took = begun.elapsed();
    let verdict = run.view().verdict.as_ref().expect("a verdict");
    assert_eq!(verdict.groups.iter().map(|group| group.slots.len()).sum::<usize>(), 4);
    if question == CLOSED {
        assert_eq!(verdict.groups.len(), 2, "the results were read");
    }
    took
}

/// 20 KB of Markdown out of sentences that share a vocabulary, as answers to one question do, and a result at the end.
fn answer(seed: u64, result: &str) -> String {
    const SUBJECTS: [&str; 8] = [
        "The memory of the cards",
        "A member of the co-operative",
        "Every request",
        "The licence of a model",
        "Electricity at night",
        "The queue in front of the server",
        "A backup of the prompts",
        "The network between offices",
    ];
    const VERBS: [&str; 8] = [
        "limits",
        "decides",
        "changes",
        "costs less than",
        "should be measured against",
        "depends on",
        "protects",
        "replaces",
    ];
    const OBJECTS: [&str; 8] = [
        "the length of the context",
        "what members agreed upon in the assembly",
        "the price of a token",
        "the latency that people notice",
        "personal data in old conversations",
        "a contract with a provider",
        "the hours in which nobody works",
        "four small models instead of a large one",
    ];
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = move |bound: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % bound as u64) as usize
    };
    let mut text = String::from("## Overview\n\n");
    while text.len() < BYTES {
        let lead = ["", "", "", "- ", "### "][next(5)];
        let detail = next(900) + 100;
        let (subject, verb, object) = (SUBJECTS[next(8)], VERBS[next(8)], OBJECTS[next(8)]);
        text.push_str(&format!(
            "{lead}{subject} **{verb}** {object}, and case{detail} shows it in `part{}`. ",
            next(40)
        ));
        if next(3) == 0 {
            text.push_str("\n\n");
        }
    }
    if !result.is_empty() {
        text.push_str(&format!("\n\n**Answer:** {result} minutes"));
    }
    text
}
