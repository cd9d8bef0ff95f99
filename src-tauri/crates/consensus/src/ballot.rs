//! The answers that vote, how they fall into groups, and which group holds how much.
//!
//! Where answers could be reduced to a canonical form, those with the same form are one group, and an answer that could
//! not be reduced stands alone. Otherwise the groups are those of [`crate::similarity`]. Nothing here depends on the order
//! in which answers came: voters stand in the order of their slots.
//!
//! Weighted voting over answers instead of texts is self-consistency (Wang et al., arXiv 2203.11171); that voting, not
//! debate, explains most of what several models gain over one is shown by arXiv 2508.17536.

use std::collections::HashMap;

use capibara6_protocol::{Agreement, Basis, ConsensusId, ModelId, Slot, TieRule};

use crate::extract::{self, Canonical, QuestionKind};
use crate::similarity::{FULL, Matrix};
use crate::weight::{equal, exact, more_than_half};

/// An answer that votes.
#[derive(Debug, Clone, PartialEq)]
pub struct Voter {
    /// Its place.
    pub slot: Slot,
    /// Who wrote it.
    pub model: ModelId,
    /// Its weight as given.
    pub weight: f64,
    /// Its text without thinking.
    pub text: String,
    /// Its canonical form, where it has one.
    pub answer: Option<Canonical>,
}

/// What is needed to prepare everything else about a vote.
#[derive(Debug, Clone)]
pub struct Ballot {
    pub(crate) run: ConsensusId,
    pub(crate) seed: u32,
    pub(crate) question: String,
    pub(crate) voters: Vec<Voter>,
    pub(crate) basis: Basis,
    pub(crate) matrix: Matrix,
    /// Places of voters; each in exactly one group.
    pub(crate) groups: Vec<Vec<usize>>,
    weights: Vec<u64>,
}

/// What counts as one vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counting {
    /// The weight of the member. Where nobody weighs anything each counts as one.
    ByWeight,
    /// The member.
    ByHead,
}

/// How a vote stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) agreement: Agreement,
    /// Groups of the ballot with what they hold, the winning one first.
    pub(crate) groups: Vec<(usize, u128)>,
    /// What broke a tie for the first place.
    pub(crate) tie: Option<TieRule>,
    /// The sum of all.
    pub(crate) whole: u128,
}

impl Ballot {
    /// Prepares a vote. Compares every pair of texts.
    pub fn new(run: ConsensusId, seed: u32, question: &str, mut voters: Vec<Voter>) -> Self {
        voters.sort_by_key(|voter| voter.slot);
        let weights = exact(&voters.iter().map(|voter| voter.weight).collect::<Vec<_>>());
        let matrix = Matrix::of(question, &voters.iter().map(|voter| voter.text.as_str()).collect::<Vec<_>>());
        let answered = voters.iter().filter(|voter| voter.answer.is_some()).count();
        // Where nothing tells that a question has one definite answer, most have to give one before answers are compared.
        let are_compared = answered * 2 > voters.len() || answered > 0 && extract::kind(question) != QuestionKind::Open;
        let (basis, groups) = if are_compared {
            (Basis::Answers, by_answer(&voters, &matrix, extract::asks_for_a_person(question)))
        } else {
            (Basis::Resemblance, matrix.groups())
        };
        Self { run, seed, question: question.to_owned(), voters, basis, matrix, groups, weights }
    }

    /// The voters, by slot.
    pub fn voters(&self) -> &[Voter] {
        &self.voters
    }

    /// What agreement is read from.
    pub fn basis(&self) -> Basis {
        self.basis
    }

    /// How much two voters' texts resemble each other, of [`FULL`].
    pub fn resemblance(&self, a: usize, b: usize) -> u32 {
        self.matrix.get(a, b)
    }

    /// How far the voters agree.
    pub fn agreement(&self, counting: Counting) -> Agreement {
        self.tally(counting).agreement
    }

    /// What really counts: heads where nobody who voted weighs anything.
    pub(crate) fn counting(&self, wanted: Counting) -> Counting {
        if self.weights.iter().any(|&weight| weight > 0) { wanted } else { Counting::ByHead }
    }

    /// What each voter counts.
    pub(crate) fn counted(&self, counting: Counting) -> Vec<u64> {
        match self.counting(counting) {
            Counting::ByWeight => self.weights.clone(),
            Counting::ByHead => vec![1; self.voters.len()],
        }
    }

    /// Counts the votes.
    ///
    /// The answer with the most wins. A tie goes to the group with more weight (where heads were counted), else with more
    /// members, else with the heaviest member, else with the lowest slot. Raising a member's weight moves its group up in
    /// every one of these and no other group, so that it never makes its answer lose.
    pub(crate) fn tally(&self, counting: Counting) -> Tally {
        let counted = self.counted(counting);
        let sum = |group: &[usize], of: &[u64]| group.iter().map(|&place| u128::from(of[place])).sum::<u128>();
        let whole = counted.iter().map(|&each| u128::from(each)).sum();
        let held: Vec<u128> = self.groups.iter().map(|group| sum(group, &counted)).collect();

        let all_weight = self.weights.iter().map(|&each| u128::from(each)).sum();
        let given: Vec<u128> = self.groups.iter().map(|group| sum(group, &self.weights)).collect();
        let members: Vec<u128> = self.groups.iter().map(|group| group.len() as u128).collect();
        let heaviest: Vec<u128> = self
            .groups
            .iter()
            .map(|group| group.iter().map(|&place| u128::from(self.weights[place])).max().unwrap_or(0))
            .collect();

        let mut left: Vec<usize> = (0..self.groups.len()).collect();
        let mut tie = None;
        keep_greatest(&mut left, &held, whole);
        for (rule, value, of) in [
            (TieRule::Weight, &given, all_weight),
            (TieRule::MoreMembers, &members, 0),
            (TieRule::HeaviestMember, &heaviest, all_weight),
        ] {
            let before = left.len();
            if before > 1 {
                keep_greatest(&mut left, value, of);
                if left.len() < before {
                    tie = Some(rule);
                }
            }
        }
        if left.len() > 1 {
            tie = Some(TieRule::LowestSlot);
            left.sort_by_key(|&group| self.groups[group].first().copied());
        }
        let winner = left.first().copied();

        let mut groups: Vec<(usize, u128)> = held.iter().copied().enumerate().collect();
        groups.sort_by(|a, b| {
            let first = |group: usize| Some(group) != winner;
            first(a.0).cmp(&first(b.0)).then(b.1.cmp(&a.1)).then(self.groups[a.0].cmp(&self.groups[b.0]))
        });
        let agreement = match (self.voters.len(), self.groups.len(), groups.first()) {
            (0 | 1, _, _) | (_, _, None) => Agreement::None,
            (_, 1, _) => Agreement::Unanimous,
            (_, _, Some(&(_, most))) if more_than_half(most, whole) => Agreement::Majority,
            _ => Agreement::Split,
        };
        Tally { agreement, groups, tie, whole }
    }

    /// The member of a group that speaks for it: the heaviest, else the one in the lowest slot.
    pub(crate) fn speaker(&self, group: usize) -> Option<Slot> {
        let places = self.groups.get(group)?;
        let speaker = places.iter().copied().min_by_key(|&place| (std::cmp::Reverse(self.weights[place]), place))?;
        Some(self.voters[speaker].slot)
    }

    /// The weighted medoid: the answer with the largest `Σ_j w_j · s(i, j)`, its own weight included, within the group
    /// that holds more than half where there is one.
    ///
    /// An answer counts fully for itself, so that raising a member's weight raises its own sum at least as much as any
    /// other. A tie goes to the heavier member, else to the lower slot.
    pub(crate) fn medoid(&self, counting: Counting) -> Option<(Slot, Option<TieRule>)> {
        let counted = self.counted(counting);
        let whole: u128 = counted.iter().map(|&each| u128::from(each)).sum();
        let sums: Vec<u128> = (0..self.voters.len())
            .map(|i| {
                counted.iter().enumerate().map(|(j, &each)| u128::from(each) * u128::from(self.matrix.get(i, j))).sum()
            })
            .collect();
        let holds = |group: &Vec<usize>| group.iter().map(|&place| u128::from(counted[place])).sum::<u128>();
        let majority = self.groups.iter().find(|group| more_than_half(holds(group), whole));
        let mut left: Vec<usize> = majority.cloned().unwrap_or_else(|| (0..self.voters.len()).collect());
        let mut tie = None;
        keep_greatest(&mut left, &sums, whole * u128::from(FULL));
        if left.len() > 1 {
            let weights: Vec<u128> = self.weights.iter().map(|&each| u128::from(each)).collect();
            let before = left.len();
            keep_greatest(&mut left, &weights, weights.iter().sum());
            tie = Some(if left.len() == 1 && before > 1 { TieRule::HeaviestMember } else { TieRule::LowestSlot });
        }
        left.first().map(|&place| (self.voters[place].slot, tie))
    }

    /// Voters in the order in which they are worth being shown where there is no room for all: one of each answer, the
    /// heaviest answer first and its heaviest member, then the second of each, and so on. So what only one says is shown
    /// before what several say is shown twice.
    pub(crate) fn ranked(&self) -> Vec<usize> {
        let groups: Vec<Vec<usize>> = self
            .tally(Counting::ByWeight)
            .groups
            .iter()
            .filter_map(|&(group, _)| self.groups.get(group).cloned())
            .map(|mut places| {
                places.sort_by_key(|&place| (std::cmp::Reverse(self.weights[place]), place));
                places
            })
            .collect();
        let longest = groups.iter().map(Vec::len).max().unwrap_or(0);
        (0..longest).flat_map(|n| groups.iter().filter_map(move |places| places.get(n).copied())).collect()
    }

    /// The heaviest member, else the one in the lowest slot: the best single model, as far as weights know.
    pub(crate) fn best_single(&self) -> Option<Slot> {
        let best = (0..self.voters.len()).min_by_key(|&place| (std::cmp::Reverse(self.weights[place]), place))?;
        Some(self.voters[best].slot)
    }

    /// The place of a slot among the voters.
    pub(crate) fn place(&self, slot: Slot) -> Option<usize> {
        self.voters.iter().position(|voter| voter.slot == slot)
    }
}

/// Keeps those with the greatest value, and those equal to it.
fn keep_greatest(left: &mut Vec<usize>, values: &[u128], whole: u128) {
    let most = left.iter().map(|&each| values[each]).max().unwrap_or(0);
    left.retain(|&each| equal(values[each], most, whole));
}

fn by_answer(voters: &[Voter], matrix: &Matrix, of_persons: bool) -> Vec<Vec<usize>> {
    let mut known: HashMap<&Canonical, usize> = HashMap::new();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (place, voter) in voters.iter().enumerate() {
        let group = match &voter.answer {
            Some(answer) if of_persons => *known.entry(in_full(answer, voters)).or_insert(groups.len()),
            Some(answer) => *known.entry(answer).or_insert(groups.len()),
            // The very same words, or nobody.
            None => groups
                .iter()
                .position(|group| {
                    group.iter().all(|&other| voters[other].answer.is_none() && matrix.get(place, other) == FULL)
                })
                .unwrap_or(groups.len()),
        };
        if group == groups.len() {
            groups.push(Vec::new());
        }
        groups[group].push(place);
    }
    groups
}

/// The longest name that a name is short for; itself where there is none, or where it could be short for several.
fn in_full<'v>(name: &'v Canonical, voters: &'v [Voter]) -> &'v Canonical {
    let longer = voters.iter().filter_map(|voter| voter.answer.as_ref()).filter(|other| name.is_short_for(other));
    let longest = longer.clone().max_by_key(|other| other.length());
    let is_one =
        longest.is_some_and(|longest| longer.clone().all(|other| other == longest || other.is_short_for(longest)));
    longest.filter(|_| is_one).unwrap_or(name)
}
