//! Members that are right with a given probability and err together, and what the crate's own vote makes of them.
//!
//! Each question draws one common and one own standard normal number per member; a member is right where
//! `√ρ · common + √(1 − ρ) · own` falls below the quantile of its accuracy (a one-factor Gaussian copula). A wrong member
//! picks one of the wrong answers, all alike, or with the probability `lure` the one that tempts everybody. Winner and
//! agreement are those of [`Ballot`] and [`method`]; nothing about voting is written a second time here.

use std::collections::{BTreeMap, HashMap};

use capibara6_consensus::ballot::{Ballot, Counting, Voter};
use capibara6_consensus::extract::{Canonical, Extraction, canonical};
use capibara6_consensus::learn::{self, Judgement};
use capibara6_consensus::method::{self, Replies};
use capibara6_protocol::{
    Agreement, AnswerForm, ConsensusId, ConsensusMethod, ConsensusPlan, Member, ModelId, Slot, TaskClass, WeightSource,
};

/// How many questions each setup is asked.
pub const QUESTIONS: u32 = 20_000;
/// The right answer's option.
const RIGHT: u8 = 0;

/// Members and how they err.
#[derive(Clone, Debug)]
pub struct Setup {
    pub accuracies: Vec<f64>,
    /// The correlation of the latent numbers, 0 to 1.
    pub rho: f64,
    /// How many answers there are, the right one among them.
    pub choices: u8,
    /// How often a wrong member falls for the same wrong answer.
    pub lure: f64,
}

/// How often something happened, and how often it was right then.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Count {
    pub cases: u32,
    pub right: u32,
}

impl Count {
    fn add(&mut self, right: bool) {
        self.cases += 1;
        self.right += u32::from(right);
    }

    pub fn right_share(self) -> f64 {
        f64::from(self.right) / f64::from(self.cases.max(1))
    }

    pub fn share(self) -> f64 {
        f64::from(self.cases) / f64::from(QUESTIONS)
    }
}

/// What came of a way to vote.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Outcome {
    pub all: Count,
    pub unanimous: Count,
    pub majority: Count,
    pub split: Count,
}

/// A ballot's weights and what is counted, with every verdict already known.
struct Vote {
    weights: Vec<f64>,
    method: ConsensusMethod,
    known: HashMap<Vec<u8>, (u8, Agreement)>,
    forms: Vec<Option<Canonical>>,
}

impl Vote {
    fn new(weights: Vec<f64>, method: ConsensusMethod, choices: u8) -> Self {
        // Real canonical forms: numbers read out of an answer.
        let form = |option: u8| match canonical("How many?", &option.to_string(), None, Some("en")) {
            Extraction::Answer(answer) => Some(answer),
            Extraction::Refusal | Extraction::Empty | Extraction::Open => None,
        };
        Self { weights, method, known: HashMap::new(), forms: (0..choices).map(form).collect() }
    }

    fn verdict(&mut self, answers: &[u8]) -> (u8, Agreement) {
        if let Some(known) = self.known.get(answers) {
            return *known;
        }
        let verdict = self.count(answers);
        self.known.insert(answers.to_vec(), verdict);
        verdict
    }

    fn count(&self, answers: &[u8]) -> (u8, Agreement) {
        let member = |place: usize| ModelId(format!("member-{place}"));
        let voters: Vec<Voter> = answers
            .iter()
            .zip(&self.weights)
            .zip(0_u8..)
            .map(|((answer, weight), slot)| Voter {
                slot: Slot(slot),
                model: member(usize::from(slot)),
                weight: *weight,
                text: answer.to_string(),
                answer: self.forms.get(usize::from(*answer)).cloned().flatten(),
            })
            .collect();
        let plan = ConsensusPlan {
            members: self
                .weights
                .iter()
                .enumerate()
                .map(|(at, weight)| Member { model: member(at), weight: *weight })
                .collect(),
            method: self.method,
            samples: None,
            quorum: 2,
            deadline_ms: None,
            judge: None,
            weights: WeightSource::default(),
            form: AnswerForm::default(),
            seed: Some(0),
        };
        let ballot = Ballot::new(ConsensusId(uuid::Uuid::nil()), 0, "How many?", voters);
        let method = method::of(&plan, None, None, None);
        let winner = method.step(&ballot, &Replies::new()).choice.winner;
        let counting = if self.method == ConsensusMethod::Majority { Counting::ByHead } else { Counting::ByWeight };
        let answer = winner.and_then(|slot| answers.get(usize::from(slot.0))).copied().unwrap_or(u8::MAX);
        (answer, ballot.agreement(counting))
    }
}

impl Setup {
    /// One question's answers, one per member.
    fn draw(&self, draws: &mut super::draw::Draws, thresholds: &[f64]) -> Vec<u8> {
        let common = draws.normal();
        let (shared, own) = (self.rho.sqrt(), (1.0 - self.rho).sqrt());
        thresholds
            .iter()
            .map(|threshold| {
                let latent = shared * common + own * draws.normal();
                let lured = draws.uniform() < self.lure;
                let wrong = 1 + draws.below(u32::from(self.choices - 1));
                if latent < *threshold {
                    RIGHT
                } else if lured {
                    1
                } else {
                    u8::try_from(wrong).unwrap_or(1)
                }
            })
            .collect()
    }

    fn thresholds(&self) -> Vec<f64> {
        self.accuracies.iter().map(|accuracy| super::draw::quantile(*accuracy)).collect()
    }

    /// The outcome of a vote with these weights.
    pub fn vote(&self, weights: &[f64], method: ConsensusMethod, seed: u64) -> Outcome {
        let mut draws = super::draw::Draws::new(seed);
        let mut vote = Vote::new(weights.to_vec(), method, self.choices);
        let thresholds = self.thresholds();
        let mut outcome = Outcome::default();
        for _ in 0..QUESTIONS {
            let mut answers = self.draw(&mut draws, &thresholds);
            // Heads know no order: an exact tie must not always go to the same member.
            if method == ConsensusMethod::Majority {
                draws.shuffle(&mut answers);
            }
            let (winner, agreement) = vote.verdict(&answers);
            let right = winner == RIGHT;
            outcome.all.add(right);
            match agreement {
                Agreement::Unanimous => outcome.unanimous.add(right),
                Agreement::Majority => outcome.majority.add(right),
                Agreement::Split | Agreement::None => outcome.split.add(right),
            }
        }
        outcome
    }

    /// `ln(p / (1 - p))` of the true accuracies: what nobody knows.
    pub fn log_odds(&self) -> Vec<f64> {
        self.accuracies.iter().map(|p| (p / (1.0 - p)).ln()).collect()
    }

    /// How often the most accurate member is right.
    pub fn best_single(&self) -> f64 {
        self.accuracies.iter().copied().fold(0.0, f64::max)
    }

    /// Weights that [`learn`] makes of this many verdicts of the user's, who always knows the right answer and gives one
    /// where somebody had it.
    pub fn learned(&self, verdicts: usize, seed: u64) -> Vec<f64> {
        let mut draws = super::draw::Draws::new(seed);
        let thresholds = self.thresholds();
        let members: Vec<ModelId> = (0..self.accuracies.len()).map(|at| ModelId(format!("member-{at}"))).collect();
        let mut judgements = Vec::new();
        while judgements.len() < verdicts {
            let answers = self.draw(&mut draws, &thresholds);
            if !answers.contains(&RIGHT) {
                continue;
            }
            let right = members.iter().cloned().zip(answers.iter().map(|answer| *answer == RIGHT)).collect();
            judgements.push(Judgement {
                class: TaskClass::Number,
                agreement: Agreement::Majority,
                upheld: true,
                right,
            });
        }
        let learned = learn::learn(&judgements, &BTreeMap::new());
        learn::weights(&learned, TaskClass::Number, &members).unwrap_or_else(|| vec![1.0; members.len()])
    }
}
