//! Asking several models at once: the plan, the run with its candidates, the verdict, and what was measured.
//!
//! A *slot* is a place in a run and says nothing about the order on the screen; a *candidate* is what stands in a slot:
//! an ordinary message of the conversation, one branch each, whose text travels as any other message's. A *verdict* is
//! given as soon as enough is known and given again, with a higher revision, whenever a late answer changes something.
//! Everything that led to it is kept, so that it can be shown and worked out again without a network.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{AppError, ConsensusId, ConversationId, ErrorCode, Message, MessageId, ModelId, Parameters, Tier};

/// A place in a run, counted from 0 in the order of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(transparent)]
#[ts(type = "number")]
pub struct Slot(pub u8);

/// The most members that a run can have.
pub const MAX_MEMBERS: usize = 8;

/// Who answers, and how that becomes one answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ConsensusPlan {
    /// Who is asked: 2 to 8, exactly one for `self-consistency`. Empty: every model of the profile, with its weights (the
    /// heaviest for `self-consistency`).
    pub members: Vec<Member>,
    /// How it is decided.
    pub method: ConsensusMethod,
    /// How often the one member is asked, 2 to 8: for `self-consistency` only.
    #[serde(default)]
    #[ts(optional)]
    pub samples: Option<u8>,
    /// A verdict is given as soon as this many have answered; late answers may change it. At least 2.
    pub quorum: u8,
    /// A verdict is given this long after the start with whatever has been answered; without it, quorum and ends decide.
    #[serde(default)]
    #[ts(optional)]
    pub deadline_ms: Option<u64>,
    /// Who judges or synthesises. Absent: the heaviest model that is no member, else the heaviest member.
    #[serde(default)]
    #[ts(optional)]
    pub judge: Option<ModelId>,
    /// Which weights count.
    #[serde(default)]
    pub weights: WeightSource,
    /// What members are told about the form of their answers.
    #[serde(default)]
    pub form: AnswerForm,
    /// For orders, labels and samples. Absent in a preset: each run draws its own; a run always has it.
    #[serde(default)]
    #[ts(optional)]
    pub seed: Option<u32>,
}

/// A model that is asked, and how much its answer counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Member {
    /// The model.
    pub model: ModelId,
    /// Above 0; only the proportions to the others matter.
    pub weight: f64,
}

/// What members are told about the form of their answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum AnswerForm {
    /// Nothing: they answer as they like.
    #[default]
    Free,
    /// To close with a line that holds the answer alone, where the question has one definite answer: what is voted on is
    /// then said by the member and not read out of its prose.
    LastLine,
}

/// How several answers become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum ConsensusMethod {
    /// Weighted vote over answers; where the question is open, the answer that most resembles the others.
    WeightedVote,
    /// The same with one vote for each member.
    Majority,
    /// The answer that most resembles all others.
    Medoid,
    /// A model chooses between anonymous candidates, twice in different orders.
    Judge,
    /// A model writes one answer from all, and says which part came from whom.
    Synthesis,
    /// One model is asked several times, and its answers vote.
    SelfConsistency,
    /// The fleet's own consensus service.
    Server,
}

/// Which weights count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum WeightSource {
    /// Those of the plan.
    #[default]
    Given,
    /// Those learned from the user's own verdicts for this class of task; the plan's where nothing was learned yet.
    Learned,
}

/// A plan with a name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ConsensusPreset {
    /// Its name: not empty, no two alike, at most 60 characters.
    pub name: String,
    /// The plan.
    pub plan: ConsensusPlan,
}

/// What is set about asking several models.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct ConsensusSettings {
    /// The user's presets, in their order.
    pub presets: Vec<ConsensusPreset>,
    /// The name of the preset in use. Absent: every model of the profile, weighted vote, as delivered.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preset: Option<String>,
}

/// What a question asks for, and so what its answers are compared by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum TaskClass {
    /// A number, with or without a unit.
    Number,
    /// One of the options in the question.
    Choice,
    /// Yes or no.
    YesNo,
    /// A day, month or year.
    Date,
    /// A time of day or a moment.
    Time,
    /// Several things.
    List,
    /// A name, a place, a word.
    ShortFact,
    /// Code with a checkable result.
    Code,
    /// Anything else: answers are compared by resemblance.
    Open,
}

/// Asks several models.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ConsensusAsk {
    /// What is asked.
    pub question: ConsensusQuestion,
    /// How; the preset in use where absent.
    #[serde(default)]
    #[ts(optional)]
    pub plan: Option<ConsensusPlan>,
}

/// What several models are asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ConsensusQuestion {
    /// A new question.
    New {
        /// Where; a new conversation where absent.
        #[serde(default)]
        #[ts(optional)]
        conversation: Option<ConversationId>,
        /// The question; not only white space.
        text: String,
    },
    /// A question in other words: a new version beside the old one.
    Edited {
        /// The question to put anew.
        message: MessageId,
        /// The new words.
        text: String,
    },
    /// A question that was asked before, with all answers anew.
    Again {
        /// The question.
        message: MessageId,
    },
}

/// Asks the others about a question that one model has answered: its answer becomes one of the candidates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ConsensusAskOthers {
    /// The answer there is.
    pub message: MessageId,
    /// How; the preset in use where absent. Where its model is no member it is added, with the weight of the profile.
    #[serde(default)]
    #[ts(optional)]
    pub plan: Option<ConsensusPlan>,
}

/// What was begun: everything that is now on disk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ConsensusStarted {
    /// The conversation.
    pub conversation: ConversationId,
    /// The question, where it is new.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<Message>,
    /// The run.
    pub run: ConsensusRun,
    /// The candidates' messages, still empty (but one that was there before).
    pub answers: Vec<Message>,
}

/// Names a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConsensusRef {
    /// Which one.
    pub run: ConsensusId,
}

/// Names a candidate of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConsensusSlotRef {
    /// The run.
    pub run: ConsensusId,
    /// The candidate.
    pub slot: Slot,
}

/// Several models asked about one question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ConsensusRun {
    /// Its id.
    pub id: ConsensusId,
    /// The conversation.
    pub conversation: ConversationId,
    /// The question.
    pub question: MessageId,
    /// What the question asks for.
    pub class: TaskClass,
    /// How it is done; with members and seed, whatever the preset left out.
    pub plan: ConsensusPlan,
    /// Where it stands.
    pub state: ConsensusState,
    /// One per slot, in their order.
    pub candidates: Vec<Candidate>,
    /// The verdict as it is now; absent until one is given.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// The method's own verdict while the user's stands in its place, and what counts again when that is given back.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ruled: Option<Box<Verdict>>,
    /// What is written from all candidates, the newest; absent where nothing is.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub synthesis: Option<SynthesisMessage>,
    /// The verdicts before and including it, oldest first.
    pub revisions: Vec<Revision>,
    /// When it was begun.
    #[ts(type = "number")]
    pub created_at: i64,
}

/// The message of a synthesis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SynthesisMessage {
    /// Its message.
    pub message: MessageId,
    /// How far it is.
    pub status: SynthesisStatus,
}

/// How far a synthesis is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum SynthesisStatus {
    /// It is being written.
    Writing,
    /// It is whole.
    Complete,
    /// It is none: stopped, failed, or not in the form that was asked for.
    Failed,
}

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum ConsensusState {
    /// Members are answering, and no verdict was given yet.
    Gathering,
    /// A judge or a synthesis is at work.
    Deciding,
    /// A verdict was given; some may still be answering.
    Decided,
    /// Nothing more will come by itself.
    Ended,
}

/// One answer of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Candidate {
    /// Its place.
    pub slot: Slot,
    /// Who answers.
    pub model: ModelId,
    /// How much it counts in this run (what `weights` of the plan says).
    pub weight: f64,
    /// How it stands.
    pub status: CandidateStatus,
    /// Its message: a branch of its own.
    pub message: MessageId,
    /// Whether its words are scripted, which is always shown.
    pub scripted: bool,
    /// From sending the request to the first non-empty delta, as soon as that has come.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttft_ms: Option<u64>,
    /// From sending the request to the end.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// Speed, measured as in `Metrics`; so far while it is written, where the server counts as it goes.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens_per_second: Option<f64>,
    /// Whether its text has ended without the line that holds its answer alone, and it is asked for that line: for everybody
    /// else it is still at work.
    #[ts(optional, as = "Option<bool>")]
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub naming: bool,
    /// The line that it gave when it was asked for it, which counts before its text; empty where it says that it gave no
    /// definite answer. Absent where it was not asked, or said nothing that could be read.
    #[ts(optional)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
    /// What was read out of it; absent until it is complete.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reading: Option<Reading>,
    /// Whether it came before the first verdict; absent until it is complete.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arrival: Option<Arrival>,
    /// Why it failed.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<AppError>,
}

/// How a candidate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum CandidateStatus {
    /// Nothing has come yet.
    Waiting,
    /// It is being written.
    Streaming,
    /// It ended by itself: only such answers vote.
    Complete,
    /// The user stopped it.
    Stopped,
    /// It ended by an error.
    Failed,
    /// A verdict was given without it, and it is still waited for or being written.
    Late,
}

/// When an answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Arrival {
    /// Before the first verdict.
    InTime,
    /// After it.
    Late,
}

/// What was read out of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Reading {
    /// It answers the closed question.
    Answer {
        /// With this, in its canonical form; at most 200 characters.
        shown: String,
    },
    /// It declines, and does not vote.
    Refusal,
    /// There is nothing in it, and it does not vote.
    Empty,
    /// It says something that cannot be reduced to a canonical answer: it votes by resemblance.
    Open,
}

/// What came of the answers so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Verdict {
    /// 1 for the first, one more for each that says something else.
    pub revision: u32,
    /// Why it was given when it was given.
    pub moment: Moment,
    /// Whether as many as the plan wanted had answered.
    pub quorum: Quorum,
    /// How far those who answered agree.
    pub agreement: Agreement,
    /// What agreement was read from.
    pub basis: Basis,
    /// How the winner was found: the plan's method, or `weighted-vote` while and where a judge or a synthesis decided nothing.
    pub method: ConsensusMethod,
    /// Why that method, and which of its rules decided.
    pub rule: DecisionRule,
    /// Which rule broke a tie; absent where there was none.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tie: Option<TieRule>,
    /// The rules or the user.
    pub decided_by: DecidedBy,
    /// The candidate that was chosen; absent where nobody answered, or where a synthesis continues the conversation.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub winner: Option<Slot>,
    /// The message that continues the conversation: the winner's, or the synthesis.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<MessageId>,
    /// The answers given, heaviest first. Every candidate that voted is in exactly one of them.
    pub groups: Vec<AnswerGroup>,
    /// Those who did not vote, and why.
    pub silent: Vec<Silent>,
    /// Weight of those who voted, as counted (`majority` counts each as 1).
    pub answered_weight: f64,
    /// Weight of all members.
    pub total_weight: f64,
    /// Those who say something else than the winner, and in what.
    pub dissent: Vec<Dissent>,
    /// What other ways would have chosen, always on record.
    pub baselines: Baselines,
    /// How many independent votes these members are worth, estimated from earlier verdicts of the user's; absent where
    /// there are too few.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n_eff: Option<f64>,
    /// What the judge did.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub judge: Option<JudgeOutcome>,
    /// What the synthesis says, once it is complete.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub synthesis: Option<Synthesis>,
    /// What the fleet's service said.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<ServerVote>,
    /// From the end of the slowest answer that counts (that of its line, where it was asked for one) to the verdict,
    /// microseconds, without the time of a judge or synthesis.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub took_us: Option<u64>,
}

/// Why a verdict was given when it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Moment {
    /// Everyone had ended.
    AllEnded,
    /// As many as the plan wants had answered.
    Quorum,
    /// The deadline had come.
    Deadline,
    /// A late answer came.
    LateAnswer,
    /// The judge or the synthesis had ended.
    Judged,
    /// The user had chosen.
    UserChoice,
    /// The user had given the choice back to the method.
    GivenBack,
}

/// Whether as many as the plan wants had answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Quorum {
    /// They had.
    Met,
    /// Fewer had.
    Missed,
}

/// How far those who answered agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Agreement {
    /// All who answered, two at least, gave the same answer.
    Unanimous,
    /// One answer holds more than half of the answered weight.
    Majority,
    /// No answer does; an exact tie too.
    Split,
    /// Fewer than two answered.
    None,
}

/// What agreement was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// The canonical answers: the same means the same.
    Answers,
    /// The resemblance of the texts: the same means that they use the same words.
    Resemblance,
}

/// Why a method was used, and which of its rules decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum DecisionRule {
    /// Nobody answered.
    NobodyAnswered,
    /// Only one answered.
    OnlyAnswer,
    /// All said the same; nothing was left to decide.
    AllAgree,
    /// The answer with the most weight.
    HeaviestAnswer,
    /// The answer that most gave.
    MostFrequentAnswer,
    /// The question is open, or the answers could not be reduced: the answer that most resembles the others, within the
    /// majority where there is one.
    MostSimilar,
    /// The judge chose it in both orders.
    JudgeChoice,
    /// The judge's choice changed with the order, so that another rule decided.
    JudgeUnstable,
    /// The judge failed, or said nothing that could be used, so that another rule decided.
    JudgeFailed,
    /// Fewer than two candidates were left for the judge, so that another rule decided.
    JudgeUseless,
    /// The synthesis was written.
    Synthesised,
    /// The synthesis failed, so that another rule decided.
    SynthesisFailed,
    /// The fleet's service chose.
    ServerChoice,
    /// The user chose.
    UserChoice,
}

/// How a tie between answers (or between members of one) is broken, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum TieRule {
    /// More weight, where each counted as one.
    Weight,
    /// More members.
    MoreMembers,
    /// The heaviest member.
    HeaviestMember,
    /// The lowest slot.
    LowestSlot,
}

/// Who decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum DecidedBy {
    /// The method.
    Method,
    /// The user, against it or with it.
    User,
}

/// Candidates that say the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct AnswerGroup {
    /// The canonical answer; absent where they are grouped by resemblance.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// Who, by slot.
    pub slots: Vec<Slot>,
    /// Their weight, as counted.
    pub weight: f64,
}

/// A candidate that did not vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Silent {
    /// Which one.
    pub slot: Slot,
    /// Why not.
    pub why: Silence,
}

/// Why a candidate did not vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Silence {
    /// It declined.
    Refusal,
    /// It said nothing.
    Empty,
    /// It failed.
    Failed,
    /// The user stopped it.
    Stopped,
    /// It is not there yet.
    Late,
}

/// A candidate that says something else than the winner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Dissent {
    /// Which one.
    pub slot: Slot,
    /// Its canonical answer, where the question is closed.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// Its passages without a counterpart in the winner, the most different first; at most 5, each of at most 240 characters.
    pub passages: Vec<String>,
}

/// What other ways would have chosen from the same answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Baselines {
    /// The heaviest member's answer, where it voted: the best single model.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub best_single: Option<Slot>,
    /// Plain majority.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub majority: Option<Slot>,
    /// Weighted vote.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weighted_vote: Option<Slot>,
    /// Weighted medoid.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub medoid: Option<Slot>,
}

/// What the judge did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct JudgeOutcome {
    /// Who judged.
    pub model: ModelId,
    /// What came of it.
    pub result: JudgeResult,
    /// What it chose, in the order in which it was asked; `null` where it found none better.
    pub choices: Vec<Option<Slot>>,
    /// Its reasons, in the same order, as it wrote them.
    pub reasons: Vec<String>,
    /// Candidates that it was not shown, because they are its own.
    pub excluded: Vec<Slot>,
    /// Answers that were not shown to it because there was no room for all.
    #[serde(default)]
    pub left_out: Vec<Slot>,
}

/// What came of asking a judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum JudgeResult {
    /// It is still at work.
    Waiting,
    /// Both orders gave the same.
    Stable,
    /// They did not: no verdict.
    Unstable,
    /// It found none better in both orders: no verdict.
    Undecided,
    /// Its answer was not in the form asked for: no verdict.
    Malformed,
    /// It could not be asked, or failed: no verdict.
    Failed,
    /// Fewer than two candidates were left to judge.
    Useless,
}

/// An answer written from several candidates.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Synthesis {
    /// The answer, part by part; its message holds the same text.
    pub parts: Vec<CitedPart>,
    /// What they agree on.
    pub consensus: Vec<CitedPart>,
    /// Where they contradict each other.
    pub contradictions: Vec<Contradiction>,
    /// What only one of them says.
    pub unique: Vec<CitedPart>,
    /// What none of them says.
    pub gaps: Vec<String>,
}

/// A part of a synthesis and the candidates it came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CitedPart {
    /// The text.
    pub text: String,
    /// Where it came from; only candidates that the writer was shown. Empty where it named none.
    pub from: Vec<Slot>,
}

/// A point on which candidates contradict each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Contradiction {
    /// What it is about.
    pub about: String,
    /// Who says what.
    pub positions: Vec<CitedPart>,
}

/// What the fleet's consensus service said: the answer of the heaviest model that answered it, without a comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ServerVote {
    /// Whose answer it is.
    pub model: ModelId,
    /// How many models answered it.
    pub successful_models: u32,
    /// Their weight, where it says so.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_weight: Option<f64>,
    /// The weight of the one it chose, where it says so.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selected_weight: Option<f64>,
}

/// One verdict of several, in short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Revision {
    /// Its number.
    pub revision: u32,
    /// Milliseconds after the start of the run.
    pub after_ms: u64,
    /// Why it was given.
    pub moment: Moment,
    /// How far they agreed.
    pub agreement: Agreement,
    /// Who was chosen.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub winner: Option<Slot>,
}

/// Everything behind a run that is not in its view: what was sent, in which order, and what came back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ConsensusRecord {
    /// The run.
    pub run: ConsensusId,
    /// The seed of orders and labels.
    pub seed: u32,
    /// What the members were sent beside the conversation.
    pub sent: Vec<SentToMember>,
    /// Which members were asked for the line that they had not closed with, in order. What each said is its candidate's `said`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<AskedForLine>>")]
    pub lines: Vec<AskedForLine>,
    /// What judge and synthesis were asked, in order.
    pub asked: Vec<AskedOfJudge>,
    /// How much two answers resemble each other, for every pair that voted.
    pub resemblance: Vec<Resemblance>,
}

/// What a member was sent beside the conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct SentToMember {
    /// Which one.
    pub slot: Slot,
    /// Its parameters and system prompt.
    pub parameters: Parameters,
    /// How many messages of the conversation, the question included.
    pub messages: u32,
}

/// A member was asked for the line that holds its answer alone: after the question and its own answer it was sent this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AskedForLine {
    /// Which one.
    pub slot: Slot,
    /// What it was asked.
    pub prompt: String,
    /// The JSON schema that its reply had to keep.
    pub schema: String,
    /// How much of its own answer it was shown, in UTF-16 code units.
    pub shown: u32,
    /// The answer's length without its thinking: more than `shown` where the middle was left out.
    pub of: u32,
}

/// One question to a judge or to the writer of a synthesis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AskedOfJudge {
    /// What for.
    pub purpose: JudgePurpose,
    /// Which of its questions, from 0.
    pub round: u32,
    /// Who was asked.
    pub model: ModelId,
    /// In which order it was shown the candidates, and under which label.
    pub shown: Vec<ShownCandidate>,
    /// Whom it was not shown because there was no room for all: the best of every answer stay, whatever they say.
    #[serde(default)]
    pub left_out: Vec<Slot>,
    /// What it was told to be.
    pub system: String,
    /// What it was asked.
    pub prompt: String,
    /// The JSON schema that its answer had to keep.
    pub schema: String,
    /// What it answered; absent where it failed or was not needed any more.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply: Option<String>,
    /// Why it failed.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorCode>,
}

/// What a model was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum JudgePurpose {
    /// To choose.
    Judge,
    /// To write one answer.
    Synthesis,
}

/// How a candidate was shown to a judge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ShownCandidate {
    /// Which one.
    pub slot: Slot,
    /// Its label, which says nothing about its author or place.
    pub label: String,
    /// How much of it was shown, in UTF-16 code units.
    pub shown: u32,
    /// Its length without its thinking: more than `shown` where it was cut.
    pub of: u32,
}

/// How much two answers resemble each other.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
pub struct Resemblance {
    /// One.
    pub a: Slot,
    /// The other, with the higher slot.
    pub b: Slot,
    /// From 0 (no word in common) to 1 (the same words).
    pub value: f64,
}

/// What was learned from the user's own verdicts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct LearnedWeights {
    /// By class of task; only classes with at least one verdict or one edited weight.
    pub classes: Vec<ClassWeights>,
    /// How often each degree of agreement was upheld by the user.
    pub upheld: Vec<UpheldAgreement>,
}

/// What was learned about one class of task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ClassWeights {
    /// The class.
    pub class: TaskClass,
    /// How many verdicts of the user's there are.
    pub verdicts: u32,
    /// The models, by name.
    pub models: Vec<LearnedWeight>,
    /// How many independent votes all of them together are worth; absent where there are too few verdicts.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n_eff: Option<f64>,
}

/// What was learned about one model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct LearnedWeight {
    /// The model.
    pub model: ModelId,
    /// How often it was right, by the user's verdicts.
    pub right: f64,
    /// Out of how many.
    pub judged: f64,
    /// The estimated probability that it is right, shrunk towards all models'.
    pub probability: f64,
    /// `ln(p / (1 - p))`, never below 0.
    pub learned: f64,
    /// What the user set instead.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edited: Option<f64>,
}

/// Sets a learned weight by hand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct LearnedWeightSet {
    /// The class of task.
    pub class: TaskClass,
    /// The model.
    pub model: ModelId,
    /// At least 0; back to what was learned where absent.
    #[serde(default)]
    #[ts(optional)]
    pub weight: Option<f64>,
}

/// How often a degree of agreement was upheld.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct UpheldAgreement {
    /// The degree.
    pub agreement: Agreement,
    /// How many verdicts of that degree the user answered with one of their own.
    pub judged: u32,
    /// How many of those kept the winner's answer.
    pub upheld: u32,
}

/// Which time the statistics are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ModelStatsAsk {
    /// From when on.
    #[ts(type = "number")]
    pub since: i64,
    /// Length of a bucket of the history in milliseconds, at least a minute; at most 200 buckets are given.
    pub bucket_ms: u64,
}

/// What was measured of models and endpoints. Scripted answers are never counted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct ModelStats {
    /// By model, most answers first.
    pub models: Vec<ModelUse>,
    /// By tier, most answers first.
    pub tiers: Vec<TierUse>,
    /// By model: how its endpoint did over time.
    pub endpoints: Vec<EndpointHistory>,
    /// How many runs came to which degree of agreement.
    pub agreements: Vec<AgreementUse>,
}

/// How much a model was used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ModelUse {
    /// The model.
    pub model: ModelId,
    /// Its tier in the profile, where it is in it.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<Tier>,
    /// Answers that ended by themselves.
    pub answers: u32,
    /// Answers that failed.
    pub failed: u32,
    /// Tokens written, where servers said so.
    #[ts(type = "number")]
    pub completion_tokens: u64,
    /// Runs of several models in which it was chosen.
    pub chosen: u32,
    /// Runs of several models in which it voted.
    pub voted: u32,
}

/// How much a tier was used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct TierUse {
    /// The tier that was asked for.
    pub tier: Tier,
    /// Answers that ended by themselves.
    pub answers: u32,
}

/// How an endpoint did over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct EndpointHistory {
    /// The model it serves.
    pub model: ModelId,
    /// Buckets with at least one answer, oldest first.
    pub points: Vec<HistoryPoint>,
}

/// What was measured of an endpoint in one bucket of time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct HistoryPoint {
    /// Where the bucket begins.
    #[ts(type = "number")]
    pub at: i64,
    /// Answers that ended by themselves.
    pub answers: u32,
    /// Answers that failed.
    pub failed: u32,
    /// Median time to the first token.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttft_ms: Option<u64>,
    /// Median speed.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens_per_second: Option<f64>,
}

/// How many runs came to a degree of agreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AgreementUse {
    /// The degree.
    pub agreement: Agreement,
    /// How many runs.
    pub runs: u32,
}
