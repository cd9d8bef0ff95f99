//! How a winner is found: one interface, whatever has to be asked of whom.
//!
//! A method is a pure function of the votes and of what judges have replied so far. It says at once what it can say, and
//! what it still wants to ask; it is called again with the replies. So a judge that is slow or dead holds up nothing: what
//! the vote says stands meanwhile, and afterwards where there is no reply that can be used.

use std::collections::BTreeMap;

use capibara6_protocol::{
    Basis, ConsensusMethod, ConsensusPlan, DecisionRule, ErrorCode, JudgeOutcome, JudgePurpose, JudgeResult, ModelId,
    ServerVote, ShownCandidate, Slot, Synthesis, TieRule,
};

use crate::ballot::{Ballot, Counting};
use crate::{judge, synthesis};

/// What came of a method.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// Who was chosen; nobody where nobody voted, or where a synthesis was written.
    pub winner: Option<Slot>,
    /// How.
    pub method: ConsensusMethod,
    /// By which rule.
    pub rule: DecisionRule,
    /// What broke a tie.
    pub tie: Option<TieRule>,
    /// What the judge did.
    pub judge: Option<JudgeOutcome>,
    /// What was written.
    pub synthesis: Option<Synthesis>,
    /// What the fleet's service said.
    pub server: Option<ServerVote>,
}

/// Something to be asked of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// What for. A synthesis is streamed, a judge is not.
    pub purpose: JudgePurpose,
    /// Which of the method's questions, from 0.
    pub round: u32,
    /// Who is asked. Without tools, at temperature 0.
    pub model: ModelId,
    /// The system message.
    pub system: String,
    /// The user message.
    pub prompt: String,
    /// The JSON schema that the reply must keep, for the server's structured outputs.
    pub schema: serde_json::Value,
    /// A schema with nothing free in it, for a model that could not keep the other one: asked with this one, any model keeps it.
    pub closed: Option<serde_json::Value>,
    /// What it is shown, in this order.
    pub shown: Vec<ShownCandidate>,
    /// Whom it is not shown, because there is no room for all.
    pub left_out: Vec<Slot>,
}

impl Ask {
    /// Whether a reply keeps the form that was asked for.
    pub fn is_kept_by(&self, reply: &str) -> bool {
        match self.purpose {
            JudgePurpose::Judge => judge::read(reply, &self.shown).is_some(),
            JudgePurpose::Synthesis => synthesis::read(reply, &self.shown).is_some(),
        }
    }
}

/// What a method says, and what it still wants to know.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What it says now.
    pub choice: Choice,
    /// Everything it asks about this ballot, also what was answered already.
    pub asks: Vec<Ask>,
}

/// What was replied, by round.
pub type Replies = BTreeMap<u32, Result<String, ErrorCode>>;

/// A way to find a winner.
pub trait Method {
    /// What can be said from the votes and the replies so far.
    fn step(&self, ballot: &Ballot, replies: &Replies) -> Step;

    /// What counts as one vote.
    fn counting(&self) -> Counting {
        Counting::ByWeight
    }
}

/// The method of a plan. `judge` is who judges or writes (see [`crate::plan::judge`]), `context` that model's context in
/// tokens where it is known.
pub fn of(
    plan: &ConsensusPlan,
    judge: Option<&ModelId>,
    context: Option<u32>,
    server: Option<&ServerVote>,
) -> Box<dyn Method> {
    let vote = |method, counting| Vote { method, counting };
    match (plan.method, judge) {
        (ConsensusMethod::WeightedVote, _) => Box::new(vote(ConsensusMethod::WeightedVote, Counting::ByWeight)),
        (ConsensusMethod::Majority, _) => Box::new(vote(ConsensusMethod::Majority, Counting::ByHead)),
        (ConsensusMethod::SelfConsistency, _) => Box::new(vote(ConsensusMethod::SelfConsistency, Counting::ByHead)),
        (ConsensusMethod::Medoid, _) => Box::new(Medoid),
        (ConsensusMethod::Server, _) => Box::new(Server { vote: server.cloned() }),
        (ConsensusMethod::Judge, Some(model)) => Box::new(Judge { model: model.clone(), context }),
        (ConsensusMethod::Synthesis, Some(model)) => Box::new(Synthesise { model: model.clone(), context }),
        // Nobody can be asked: the vote decides.
        (ConsensusMethod::Judge | ConsensusMethod::Synthesis, None) => {
            Box::new(vote(ConsensusMethod::WeightedVote, Counting::ByWeight))
        }
    }
}

/// Weighted vote, majority, self-consistency: the answer with the most votes, spoken by its heaviest member. Where there are
/// only texts to compare, the one that most resembles the others.
struct Vote {
    method: ConsensusMethod,
    counting: Counting,
}

/// The weighted medoid of the texts, whatever the question.
struct Medoid;

/// A model chooses between anonymous candidates.
struct Judge {
    model: ModelId,
    context: Option<u32>,
}

/// A model writes one answer from all.
struct Synthesise {
    model: ModelId,
    context: Option<u32>,
}

/// The fleet's service chooses.
struct Server {
    vote: Option<ServerVote>,
}

/// What every method says where fewer than two answered.
fn too_few(ballot: &Ballot, method: ConsensusMethod) -> Option<Choice> {
    let (winner, rule) = match ballot.voters() {
        [] => (None, DecisionRule::NobodyAnswered),
        [only] => (Some(only.slot), DecisionRule::OnlyAnswer),
        _ => return None,
    };
    Some(Choice { winner, method, rule, tie: None, judge: None, synthesis: None, server: None })
}

impl Vote {
    fn choose(&self, ballot: &Ballot) -> Choice {
        if let Some(choice) = too_few(ballot, self.method) {
            return choice;
        }
        if ballot.basis() == Basis::Resemblance {
            return medoid(ballot, self.method, self.counting);
        }
        let tally = ballot.tally(self.counting);
        let rule = match (tally.groups.len(), self.counting) {
            (1, _) => DecisionRule::AllAgree,
            (_, Counting::ByWeight) => DecisionRule::HeaviestAnswer,
            (_, Counting::ByHead) => DecisionRule::MostFrequentAnswer,
        };
        let winner = tally.groups.first().and_then(|&(group, _)| ballot.speaker(group));
        Choice { winner, method: self.method, rule, tie: tally.tie, judge: None, synthesis: None, server: None }
    }
}

fn medoid(ballot: &Ballot, method: ConsensusMethod, counting: Counting) -> Choice {
    let (winner, tie) = ballot.medoid(counting).map_or((None, None), |(slot, tie)| (Some(slot), tie));
    let rule = DecisionRule::MostSimilar;
    Choice { winner, method, rule, tie, judge: None, synthesis: None, server: None }
}

/// What decides where a judge or a synthesis cannot.
fn fallback(ballot: &Ballot) -> Choice {
    Vote { method: ConsensusMethod::WeightedVote, counting: Counting::ByWeight }.choose(ballot)
}

impl Method for Vote {
    fn step(&self, ballot: &Ballot, _replies: &Replies) -> Step {
        Step { choice: self.choose(ballot), asks: Vec::new() }
    }

    fn counting(&self) -> Counting {
        self.counting
    }
}

impl Method for Medoid {
    fn step(&self, ballot: &Ballot, _replies: &Replies) -> Step {
        let choice = too_few(ballot, ConsensusMethod::Medoid)
            .unwrap_or_else(|| medoid(ballot, ConsensusMethod::Medoid, Counting::ByWeight));
        Step { choice, asks: Vec::new() }
    }
}

impl Method for Judge {
    fn step(&self, ballot: &Ballot, replies: &Replies) -> Step {
        let base = too_few(ballot, ConsensusMethod::Judge).unwrap_or_else(|| fallback(ballot));
        let nothing_to_judge =
            matches!(base.rule, DecisionRule::NobodyAnswered | DecisionRule::OnlyAnswer | DecisionRule::AllAgree);
        if nothing_to_judge {
            return Step { choice: Choice { method: ConsensusMethod::Judge, ..base }, asks: Vec::new() };
        }
        let asks = judge::asks(ballot, &self.model, self.context);
        let outcome = judge::outcome(ballot, &self.model, &asks, replies);
        let (winner, method, rule, tie) = match (outcome.result, outcome.choices.first()) {
            (JudgeResult::Stable, Some(Some(slot))) => {
                (Some(*slot), ConsensusMethod::Judge, DecisionRule::JudgeChoice, None)
            }
            (JudgeResult::Waiting | JudgeResult::Stable, _) => (base.winner, base.method, base.rule, base.tie),
            (JudgeResult::Unstable | JudgeResult::Undecided, _) => {
                (base.winner, base.method, DecisionRule::JudgeUnstable, base.tie)
            }
            (JudgeResult::Malformed | JudgeResult::Failed, _) => {
                (base.winner, base.method, DecisionRule::JudgeFailed, base.tie)
            }
            (JudgeResult::Useless, _) => (base.winner, base.method, DecisionRule::JudgeUseless, base.tie),
        };
        Step { choice: Choice { winner, method, rule, tie, judge: Some(outcome), synthesis: None, server: None }, asks }
    }
}

impl Method for Synthesise {
    fn step(&self, ballot: &Ballot, replies: &Replies) -> Step {
        if let Some(choice) = too_few(ballot, ConsensusMethod::Synthesis) {
            return Step { choice, asks: Vec::new() };
        }
        let base = fallback(ballot);
        let ask = synthesis::ask(ballot, &self.model, self.context);
        let choice = match replies.get(&ask.round) {
            None => base,
            Some(Err(_)) => Choice { rule: DecisionRule::SynthesisFailed, ..base },
            Some(Ok(reply)) => match synthesis::read(reply, &ask.shown) {
                None => Choice { rule: DecisionRule::SynthesisFailed, ..base },
                Some(written) => Choice {
                    winner: None,
                    method: ConsensusMethod::Synthesis,
                    rule: DecisionRule::Synthesised,
                    tie: None,
                    judge: None,
                    synthesis: Some(written),
                    server: None,
                },
            },
        };
        Step { choice, asks: vec![ask] }
    }
}

impl Method for Server {
    fn step(&self, ballot: &Ballot, _replies: &Replies) -> Step {
        let winner = ballot.voters().first().map(|voter| voter.slot);
        let rule = if winner.is_some() { DecisionRule::ServerChoice } else { DecisionRule::NobodyAnswered };
        let method = ConsensusMethod::Server;
        let server = self.vote.clone();
        Step {
            choice: Choice { winner, method, rule, tie: None, judge: None, synthesis: None, server },
            asks: Vec::new(),
        }
    }
}
