//! A run as a state machine: what happens goes in, what is to be done comes out. No I/O, no clock, no task.
//!
//! When is there a verdict? As soon as as many have answered as the plan wants (*quorum*), at the *deadline* with whatever
//! there is, or when everyone has ended, whichever comes first. So nobody who is slow or dead holds up the rest. From
//! then on whoever has not ended is *late*: an answer that still comes is counted, and if that changes what the verdict
//! says, it is given again with the next revision.
//!
//! A verdict is a function of the set of answers that have come, never of their order: whatever the interleaving, the
//! verdict after the same answers is the same (only its revision and moment tell the story). Where a judge or a
//! synthesis is asked, the vote stands until they have replied; a late answer makes them be asked again.
//!
//! Where members were to close with a line that holds their answer alone, one that ended without it is asked for it
//! ([`crate::naming`]). Until it has said it, it has not ended for anybody else; the user who stops it then, and whatever goes
//! wrong, leave its text to be read as it is.
//!
//! Only complete answers vote; refusals and empty ones do not. Once the user has chosen, late answers change how far the
//! answers agree, but not who won. What the method said stays on record, and counts again when the user gives the choice
//! back.

use std::collections::BTreeMap;

use capibara6_protocol::{
    AnswerForm, AnswerGroup, AppError, Arrival, AskedForLine, AskedOfJudge, Baselines, Candidate, CandidateStatus,
    ConsensusId, ConsensusMethod, ConsensusPlan, ConsensusRecord, ConsensusRun, ConsensusState, ConversationId,
    DecidedBy, DecisionRule, Dissent, ErrorCode, JudgePurpose, JudgeResult, MessageId, Metrics, ModelId, Moment,
    Quorum, Reading, Resemblance, Revision, SentToMember, ServerVote, Silence, Silent, Slot, SynthesisMessage,
    SynthesisStatus, TaskClass, Verdict,
};

use crate::ballot::{Ballot, Counting, Voter};
use crate::extract::{self, Canonical, ClosedKind, Extraction, QuestionKind};
use crate::method::{self, Ask, Method, Replies};
use crate::naming::LineAsk;
use crate::similarity::{FULL, passages_without_counterpart};
use crate::synthesis;
use crate::text::{cut, without_thinking};
use crate::weight::shown;

/// The longest canonical answer that is shown, in characters.
const SHOWN: usize = 200;

/// What a run is about.
#[derive(Debug, Clone, PartialEq)]
pub struct Setup {
    /// Its id: also part of what no candidate can guess.
    pub id: ConsensusId,
    /// The conversation.
    pub conversation: ConversationId,
    /// The question's message.
    pub question: MessageId,
    /// The question's text.
    pub text: String,
    /// The language of the conversation where it is known, as BCP 47.
    pub language: Option<String>,
    /// The plan, with members and seed (see [`crate::plan::resolve`]).
    pub plan: ConsensusPlan,
    /// Who answers, one per slot, in their order.
    pub seats: Vec<Seat>,
    /// Who judges or writes (see [`crate::plan::judge`]).
    pub judge: Option<ModelId>,
    /// The context of that model in tokens, where it is known.
    pub judge_context: Option<u32>,
    /// How many independent votes the members are worth, where it is known (see [`crate::learn`]).
    pub n_eff: Option<f64>,
    /// When it begins.
    pub created_at: i64,
}

/// A slot before anything was written into it.
#[derive(Debug, Clone, PartialEq)]
pub struct Seat {
    /// Who answers.
    pub model: ModelId,
    /// How much the answer counts.
    pub weight: f64,
    /// The message that holds it.
    pub message: MessageId,
    /// Whether its words are scripted.
    pub scripted: bool,
    /// The context of that model in tokens, where it is known.
    pub context: Option<u32>,
}

/// Names one question to a judge or a writer. A late answer makes a new attempt; replies to an older one are ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AskId {
    /// Which attempt, from 1.
    pub attempt: u32,
    /// Which question of it, from 0.
    pub round: u32,
}

/// What happens to a run.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// A candidate's answer grew. Thinking does not belong here.
    Text(Slot, String),
    /// A candidate thinks aloud: it is not waited for any more.
    Thought(Slot),
    /// All of a candidate's answer so far is to be replaced.
    Replaced(Slot, String),
    /// What is measured of a candidate while it is written.
    Measured(Slot, Metrics),
    /// A candidate ended by itself.
    Ended(Slot, Metrics),
    /// A candidate that was asked for its line has said it; nothing where it failed to, or what it said cannot be read.
    Line(Slot, Option<String>),
    /// A candidate failed.
    Failed(Slot, AppError, Metrics),
    /// The user stopped a candidate.
    Stopped(Slot),
    /// The user stopped all that have not ended.
    StoppedAll,
    /// The deadline has come.
    Deadline,
    /// The user chose. Ignored where [`Run::can_choose`] says no.
    Chosen(Slot),
    /// The user takes that back: the method decides again. Ignored where the user has not chosen.
    GivenBack,
    /// A writer's reply grew.
    ReplyText(AskId, String),
    /// A judge or writer has replied: all of it.
    Replied(AskId, String),
    /// A judge or writer failed.
    ReplyFailed(AskId, ErrorCode),
    /// The fleet's service has replied: whose answer, and which.
    Served(ServerVote, String, Metrics),
    /// There is a message for the synthesis of this attempt.
    Writing(AskId, MessageId),
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// A candidate changed: tell the window.
    Candidate(Slot),
    /// Figures of a candidate that is being written changed, and nothing else: tell the window.
    Measured(Slot),
    /// The run came further, or its verdict changed: store it, tell the window.
    Changed,
    /// Stop the request of a candidate.
    Cancel(Slot),
    /// Ask a candidate for its line.
    AskLine(Slot, Box<LineAsk>),
    /// Do not wait for that line any more.
    CancelLine(Slot),
    /// Ask this of a model.
    Ask(AskId, Box<Ask>),
    /// Do not wait for this reply any more.
    CancelAsk(AskId),
    /// Text of a synthesis that is being written: append it to its message.
    Write(AskId, String),
    /// A synthesis is complete: its message holds exactly this.
    Written(AskId, String),
    /// A synthesis failed: its message ends with this.
    WriteFailed(AskId, ErrorCode),
}

/// Whether models may still be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asking {
    Open,
    /// The run was stored: what it did not ask then it does not ask now.
    Over,
}

/// A run.
pub struct Run {
    setup: Setup,
    view: ConsensusRun,
    texts: Vec<String>,
    /// What was read out of the complete ones.
    answers: Vec<Option<Canonical>>,
    deadline_passed: bool,
    server: Option<ServerVote>,
    /// What is asked about the newest ballot.
    attempt: u32,
    asks: Vec<Ask>,
    replies: Replies,
    reader: synthesis::Reader,
    writing: BTreeMap<AskId, MessageId>,
    /// Everything that was ever asked.
    asked: Vec<(AskId, AskedOfJudge)>,
    /// Who was asked for a line, in order.
    lines: Vec<AskedForLine>,
    /// The newest verdict of the rules, which the user may have overruled.
    ruled: Option<Verdict>,
    chosen: Option<Slot>,
    asking: Asking,
    /// Of the newest ballot.
    resemblance: Vec<Resemblance>,
}

impl Run {
    /// Begins a run: every candidate waits.
    pub fn begin(setup: Setup) -> Self {
        let candidates = setup
            .seats
            .iter()
            .zip(0u8..)
            .map(|(seat, slot)| Candidate {
                slot: Slot(slot),
                model: seat.model.clone(),
                weight: seat.weight,
                status: CandidateStatus::Waiting,
                message: seat.message,
                scripted: seat.scripted,
                ttft_ms: None,
                duration_ms: None,
                tokens_per_second: None,
                naming: false,
                said: None,
                reading: None,
                arrival: None,
                error: None,
            })
            .collect();
        let view = ConsensusRun {
            id: setup.id,
            conversation: setup.conversation,
            question: setup.question,
            class: class(&setup.text),
            plan: setup.plan.clone(),
            state: ConsensusState::Gathering,
            candidates,
            verdict: None,
            ruled: None,
            synthesis: None,
            revisions: Vec::new(),
            created_at: setup.created_at,
        };
        Self {
            texts: vec![String::new(); setup.seats.len()],
            answers: vec![None; setup.seats.len()],
            view,
            setup,
            deadline_passed: false,
            server: None,
            attempt: 0,
            asks: Vec::new(),
            replies: Replies::new(),
            reader: synthesis::Reader::default(),
            writing: BTreeMap::new(),
            asked: Vec::new(),
            lines: Vec::new(),
            ruled: None,
            chosen: None,
            asking: Asking::Open,
            resemblance: Vec::new(),
        }
    }

    /// Takes up a run that was stored, so that the user can still choose. Candidates that had not ended have failed; nobody
    /// is asked anything any more. `texts` are the candidates' answers, in the order of the slots. Where the program ended
    /// before there was a verdict, [`Input::Deadline`] gives it.
    pub fn restore(setup: Setup, stored: ConsensusRun, texts: Vec<String>) -> Self {
        let mut run = Self::begin(setup);
        run.texts = texts;
        run.texts.resize(stored.candidates.len(), String::new());
        run.answers = vec![None; stored.candidates.len()];
        run.server = stored.verdict.as_ref().and_then(|verdict| verdict.server.clone());
        run.view = stored;
        for place in 0..run.view.candidates.len() {
            if std::mem::take(&mut run.view.candidates[place].naming) {
                // Its text was whole.
                run.view.candidates[place].status = CandidateStatus::Complete;
            }
            if run.view.candidates[place].status == CandidateStatus::Complete {
                run.read(place);
            } else if !has_ended(run.view.candidates[place].status) {
                run.view.candidates[place].status = CandidateStatus::Failed;
            }
        }
        if let Some(verdict) = &run.view.verdict {
            let by_user = verdict.decided_by == DecidedBy::User;
            run.chosen = verdict.winner.filter(|_| by_user);
            run.ruled = if by_user { run.view.ruled.as_deref().cloned() } else { Some(verdict.clone()) };
        }
        if let Some(synthesis) = run.view.synthesis.as_mut().filter(|each| each.status == SynthesisStatus::Writing) {
            synthesis.status = SynthesisStatus::Failed;
        }
        run.asking = Asking::Over;
        if run.view.verdict.is_some() {
            run.view.state = ConsensusState::Ended;
        }
        run
    }

    /// How it stands, as the window sees it.
    pub fn view(&self) -> &ConsensusRun {
        &self.view
    }

    /// The newest verdict of the rules, whatever the user chose: what [`crate::learn::judgement`] compares with.
    pub fn ruled(&self) -> Option<&Verdict> {
        self.ruled.as_ref()
    }

    /// One candidate.
    pub fn candidate(&self, slot: Slot) -> Option<&Candidate> {
        self.view.candidates.get(usize::from(slot.0))
    }

    /// What is behind it. `sent` is what the members were sent beside the conversation.
    pub fn record(&self, sent: Vec<SentToMember>) -> ConsensusRecord {
        ConsensusRecord {
            run: self.view.id,
            seed: self.setup.plan.seed.unwrap_or_default(),
            sent,
            lines: self.lines.clone(),
            asked: self.asked.iter().map(|(_, asked)| asked.clone()).collect(),
            resemblance: self.resemblance.clone(),
        }
    }

    /// Notes how long the newest verdict took to be worked out.
    pub fn timed(&mut self, took_us: u64) {
        if let Some(verdict) = &mut self.view.verdict {
            verdict.took_us = Some(took_us);
        }
    }

    /// Whether the user can choose a candidate: it has ended, by itself or by the user, and says something.
    pub fn can_choose(&self, slot: Slot) -> bool {
        let text = self.texts.get(usize::from(slot.0)).map(|text| without_thinking(text));
        let status = self.candidate(slot).map(|candidate| candidate.status);
        matches!(status, Some(CandidateStatus::Complete | CandidateStatus::Stopped))
            && text.is_some_and(|text| !text.trim().is_empty())
    }

    /// Takes what happened `after_ms` milliseconds after the start, and says what is to be done.
    ///
    /// What comes too late to matter (text of a candidate that has ended, a reply to an older attempt) changes nothing.
    pub fn apply(&mut self, input: Input, after_ms: u64) -> Vec<Effect> {
        let mut effects = Vec::new();
        match input {
            Input::Text(slot, text) => self.grow(slot, &mut effects, |whole| whole.push_str(&text)),
            Input::Thought(slot) => self.grow(slot, &mut effects, |_| ()),
            Input::Replaced(slot, text) => self.grow(slot, &mut effects, |whole| *whole = text),
            Input::Ended(slot, metrics) => self.end_by_itself(slot, metrics, &mut effects),
            Input::Line(slot, line) => self.take_line(slot, line, &mut effects),
            Input::Failed(slot, error, metrics) => {
                self.end(slot, CandidateStatus::Failed, Some(error), metrics, &mut effects);
            }
            Input::Stopped(slot) => self.stop(slot, &mut effects),
            Input::StoppedAll => {
                for candidate in 0..self.view.candidates.len() {
                    self.stop(self.view.candidates[candidate].slot, &mut effects);
                }
            }
            Input::Deadline => self.deadline_passed = true,
            Input::Measured(slot, metrics) => self.measure(slot, metrics, &mut effects),
            Input::Chosen(slot) if self.can_choose(slot) && self.chosen != Some(slot) => {
                if self.chosen.is_none() {
                    // As it was given, with its number and moment.
                    self.ruled.clone_from(&self.view.verdict);
                }
                self.chosen = Some(slot);
                if self.waits_for_reply() {
                    self.forget_asks(&mut effects);
                }
                self.decide(Moment::UserChoice, after_ms, &mut effects);
                return effects;
            }
            Input::Chosen(_) => {}
            Input::GivenBack => {
                self.give_back(after_ms, &mut effects);
                return effects;
            }
            Input::ReplyText(ask, text) if self.expects(ask) => {
                let text = self.reader.push(&text);
                if !text.is_empty() {
                    effects.push(Effect::Write(ask, text));
                }
            }
            Input::Replied(ask, reply) if self.expects(ask) => {
                self.note(ask, |asked| asked.reply = Some(reply.clone()));
                self.take_reply(ask, Ok(reply), after_ms, &mut effects);
                return effects;
            }
            Input::ReplyFailed(ask, code) if self.expects(ask) => {
                self.note(ask, |asked| asked.error = Some(code));
                self.take_reply(ask, Err(code), after_ms, &mut effects);
                return effects;
            }
            Input::ReplyText(..) | Input::Replied(..) | Input::ReplyFailed(..) => {}
            Input::Served(vote, text, metrics) => {
                if let Some(candidate) = self.view.candidates.first_mut() {
                    let slot = candidate.slot;
                    if is_written(candidate) {
                        candidate.model = vote.model.clone();
                        self.server = Some(vote);
                        self.grow(slot, &mut effects, |whole| *whole = text);
                        self.end(slot, CandidateStatus::Complete, None, metrics, &mut effects);
                    }
                }
            }
            Input::Writing(ask, message) => {
                self.writing.insert(ask, message);
                if ask.attempt == self.attempt {
                    let status = self.written_status(ask);
                    self.view.synthesis = Some(SynthesisMessage { message, status });
                    effects.push(Effect::Changed);
                }
                // The reply may have been faster than the message.
                let waits =
                    |verdict: &&mut Verdict| verdict.rule == DecisionRule::Synthesised && verdict.message.is_none();
                if let Some(verdict) = self.view.verdict.as_mut().filter(waits)
                    && ask.attempt == self.attempt
                {
                    verdict.message = Some(message);
                }
            }
        }
        self.settle(after_ms, &mut effects);
        effects
    }

    fn grow(&mut self, slot: Slot, effects: &mut Vec<Effect>, change: impl FnOnce(&mut String)) {
        let place = usize::from(slot.0);
        let (Some(candidate), Some(text)) = (self.view.candidates.get_mut(place), self.texts.get_mut(place)) else {
            return;
        };
        if !is_written(candidate) {
            return;
        }
        change(text);
        if candidate.status == CandidateStatus::Waiting {
            candidate.status = CandidateStatus::Streaming;
            effects.push(Effect::Candidate(slot));
        }
    }

    fn measure(&mut self, slot: Slot, metrics: Metrics, effects: &mut Vec<Effect>) {
        let Some(candidate) = self.view.candidates.get_mut(usize::from(slot.0)) else { return };
        let measured = (metrics.ttft_ms, metrics.tokens_per_second);
        if !is_written(candidate) || (candidate.ttft_ms, candidate.tokens_per_second) == measured {
            return;
        }
        (candidate.ttft_ms, candidate.tokens_per_second) = measured;
        effects.push(Effect::Measured(slot));
    }

    /// Its text is whole. One that was to close with a line and did not is asked for it.
    fn end_by_itself(&mut self, slot: Slot, metrics: Metrics, effects: &mut Vec<Effect>) {
        let place = usize::from(slot.0);
        let wanted = self.setup.plan.form == AnswerForm::LastLine
            && self.setup.plan.method != ConsensusMethod::Server
            && self.asking == Asking::Open;
        let open = self.candidate(slot).is_some_and(is_written);
        let (Some(text), Some(seat)) = (self.texts.get(place), self.setup.seats.get(place)) else { return };
        let text = without_thinking(text);
        if !(wanted && open && extract::needs_line(&self.setup.text, &text)) {
            return self.end(slot, CandidateStatus::Complete, None, metrics, effects);
        }
        let (ask, asked) = LineAsk::new(slot, &seat.model, &self.setup.text, &text, seat.context);
        self.lines.push(asked);
        let candidate = &mut self.view.candidates[place];
        candidate.naming = true;
        measure_end(candidate, &metrics);
        effects.push(Effect::Candidate(slot));
        effects.push(Effect::AskLine(slot, Box::new(ask)));
    }

    /// A candidate that was asked for its line has ended, whatever came of that.
    fn take_line(&mut self, slot: Slot, line: Option<String>, effects: &mut Vec<Effect>) {
        let Some(candidate) = self.view.candidates.get_mut(usize::from(slot.0)).filter(|each| each.naming) else {
            return;
        };
        candidate.naming = false;
        candidate.said = line;
        self.end(slot, CandidateStatus::Complete, None, Metrics::default(), effects);
    }

    fn end(
        &mut self,
        slot: Slot,
        status: CandidateStatus,
        error: Option<AppError>,
        metrics: Metrics,
        effects: &mut Vec<Effect>,
    ) {
        let place = usize::from(slot.0);
        let decided = self.view.verdict.is_some();
        let Some(candidate) = self.view.candidates.get_mut(place).filter(|each| is_written(each)) else { return };
        candidate.status = status;
        candidate.error = error;
        measure_end(candidate, &metrics);
        if status == CandidateStatus::Complete {
            candidate.arrival = Some(if decided { Arrival::Late } else { Arrival::InTime });
            self.read(place);
        }
        effects.push(Effect::Candidate(slot));
    }

    fn stop(&mut self, slot: Slot, effects: &mut Vec<Effect>) {
        let Some(candidate) = self.candidate(slot) else { return };
        if candidate.naming {
            effects.push(Effect::CancelLine(slot));
            self.take_line(slot, None, effects);
        } else if !has_ended(candidate.status) {
            effects.push(Effect::Cancel(slot));
            self.end(slot, CandidateStatus::Stopped, None, Metrics::default(), effects);
        }
    }

    /// Reads what a complete answer says.
    fn read(&mut self, place: usize) {
        let text = without_thinking(&self.texts[place]);
        let said = self.view.candidates[place].said.as_deref();
        let extraction = extract::canonical(&self.setup.text, &text, said, self.setup.language.as_deref());
        let (reading, answer) = match extraction {
            _ if text.trim().is_empty() => (Reading::Empty, None),
            Extraction::Answer(answer) => (Reading::Answer { shown: cut(&answer.to_string(), SHOWN) }, Some(answer)),
            Extraction::Refusal => (Reading::Refusal, None),
            Extraction::Empty => (Reading::Empty, None),
            Extraction::Open => (Reading::Open, None),
        };
        self.view.candidates[place].reading = Some(reading);
        self.answers[place] = answer;
    }

    /// Gives a verdict where it is time for one, and says where the run stands.
    fn settle(&mut self, after_ms: u64, effects: &mut Vec<Effect>) {
        let ended = |slot: Slot| self.candidate(slot).is_some_and(|each| has_ended(each.status));
        let something_ended = effects.iter().any(|effect| matches!(effect, Effect::Candidate(slot) if ended(*slot)));
        let all_ended = self.view.candidates.iter().all(|candidate| has_ended(candidate.status));
        let quorum = self.answered() >= usize::from(self.setup.plan.quorum);
        let moment = match &self.view.verdict {
            Some(_) if something_ended => Some(Moment::LateAnswer),
            Some(_) => None,
            None if all_ended => Some(Moment::AllEnded),
            None if quorum => Some(Moment::Quorum),
            None if self.deadline_passed => Some(Moment::Deadline),
            None => None,
        };
        match moment {
            Some(moment) => self.decide(moment, after_ms, effects),
            None => self.advance(effects),
        }
    }

    /// Works out the verdict from what there is, and gives it where it says something new.
    fn decide(&mut self, moment: Moment, after_ms: u64, effects: &mut Vec<Effect>) {
        for candidate in &mut self.view.candidates {
            if matches!(candidate.status, CandidateStatus::Waiting | CandidateStatus::Streaming) {
                candidate.status = CandidateStatus::Late;
                effects.push(Effect::Candidate(candidate.slot));
            }
        }
        let ballot = self.ballot();
        self.resemblance = resemblance(&ballot);
        let method =
            method::of(&self.setup.plan, self.setup.judge.as_ref(), self.setup.judge_context, self.server.as_ref());
        let mut step = method.step(&ballot, &self.replies);
        if step.asks != self.asks {
            self.forget_asks(effects);
            match (self.chosen, self.asking) {
                (None, Asking::Open) => self.ask(&step.asks, effects),
                (None, Asking::Over) => {
                    self.replies = step.asks.iter().map(|ask| (ask.round, Err(ErrorCode::Cancelled))).collect();
                }
                (Some(_), _) => {}
            }
            step = method.step(&ballot, &self.replies);
        }
        // The user may have been faster than the rules, and answers may have come since: what the rules say is kept all the
        // same, unless somebody would have to be asked for it.
        if let Some(chosen) = self.chosen
            && (self.ruled.is_none() || (step.asks.is_empty() && moment == Moment::LateAnswer))
        {
            self.chosen = None;
            self.ruled = Some(self.verdict(&ballot, method.as_ref(), step.choice.clone(), moment));
            self.chosen = Some(chosen);
        }
        let fresh = self.verdict(&ballot, method.as_ref(), step.choice, moment);
        self.give(fresh, after_ms, effects);
        self.advance(effects);
    }

    /// Takes the user's verdict back. Nobody is asked for what is on record: a run that was stored gets the method's own
    /// verdict again, as long as it is about the answers that there are.
    fn give_back(&mut self, after_ms: u64, effects: &mut Vec<Effect>) {
        if self.chosen.take().is_none() {
            return;
        }
        match self.ruled.take().filter(|ruled| self.asking == Asking::Over && self.still_holds(ruled)) {
            Some(ruled) => {
                self.give(Verdict { moment: Moment::GivenBack, ..ruled }, after_ms, effects);
                self.advance(effects);
            }
            None => self.decide(Moment::GivenBack, after_ms, effects),
        }
    }

    /// Whether a verdict of the method's is about the answers that there are, and is all that it wanted to say.
    fn still_holds(&self, ruled: &Verdict) -> bool {
        let slots = |verdict: &Verdict| {
            let mut slots: Vec<Slot> = verdict.groups.iter().flat_map(|group| group.slots.iter().copied()).collect();
            slots.sort_unstable();
            slots
        };
        let judging = ruled.judge.as_ref().is_some_and(|judge| judge.result == JudgeResult::Waiting);
        let writing = self.setup.plan.method == ConsensusMethod::Synthesis
            && !matches!(
                ruled.rule,
                DecisionRule::Synthesised
                    | DecisionRule::SynthesisFailed
                    | DecisionRule::NobodyAnswered
                    | DecisionRule::OnlyAnswer
            );
        self.view.verdict.as_ref().is_some_and(|verdict| slots(verdict) == slots(ruled)) && !judging && !writing
    }

    /// Puts a verdict in place of the one before; as a new revision if it says something else.
    fn give(&mut self, mut fresh: Verdict, after_ms: u64, effects: &mut Vec<Effect>) {
        let last = self.view.verdict.as_ref();
        let same = last.is_some_and(|last| {
            let mut like = fresh.clone();
            like.revision = last.revision;
            like.moment = last.moment;
            like.silent.clone_from(&last.silent);
            like.took_us = last.took_us;
            like == *last
        });
        if let (true, Some(last)) = (same, last) {
            fresh.revision = last.revision;
            fresh.moment = last.moment;
            fresh.took_us = last.took_us;
            if fresh == *last {
                return;
            }
        } else {
            fresh.revision = last.map_or(1, |last| last.revision.saturating_add(1));
            let (revision, moment, agreement, winner) = (fresh.revision, fresh.moment, fresh.agreement, fresh.winner);
            self.view.revisions.push(Revision { revision, after_ms, moment, agreement, winner });
        }
        if fresh.decided_by == DecidedBy::Method {
            self.ruled = Some(fresh.clone());
            self.view.ruled = None;
        } else {
            self.view.ruled = self.ruled.clone().map(Box::new);
        }
        self.view.verdict = Some(fresh);
        effects.push(Effect::Changed);
    }

    /// Says where the run stands.
    fn advance(&mut self, effects: &mut Vec<Effect>) {
        let waiting = self.waits_for_reply();
        let all_ended = self.view.candidates.iter().all(|candidate| has_ended(candidate.status));
        let state = match (&self.view.verdict, waiting, all_ended) {
            (None, _, _) => ConsensusState::Gathering,
            (Some(_), true, _) => ConsensusState::Deciding,
            (Some(_), false, false) => ConsensusState::Decided,
            (Some(_), false, true) => ConsensusState::Ended,
        };
        if state != self.view.state {
            self.view.state = state;
            if !effects.contains(&Effect::Changed) {
                effects.push(Effect::Changed);
            }
        }
    }

    fn answered(&self) -> usize {
        self.view.candidates.iter().filter(|candidate| votes(candidate)).count()
    }

    fn ballot(&self) -> Ballot {
        let voters = self
            .view
            .candidates
            .iter()
            .zip(&self.texts)
            .zip(&self.answers)
            .filter(|((candidate, _), _)| votes(candidate))
            .map(|((candidate, text), answer)| Voter {
                slot: candidate.slot,
                model: candidate.model.clone(),
                weight: candidate.weight,
                text: without_thinking(text).into_owned(),
                answer: answer.clone(),
            })
            .collect();
        Ballot::new(self.setup.id, self.setup.plan.seed.unwrap_or_default(), &self.setup.text, voters)
    }

    // ---- judges and writers -------------------------------------------------------------------------------------------

    fn waits_for_reply(&self) -> bool {
        self.asks.iter().any(|ask| !self.replies.contains_key(&ask.round))
    }

    fn expects(&self, ask: AskId) -> bool {
        ask.attempt == self.attempt
            && self.asks.iter().any(|each| each.round == ask.round)
            && !self.replies.contains_key(&ask.round)
    }

    fn ask(&mut self, asks: &[Ask], effects: &mut Vec<Effect>) {
        if asks.is_empty() {
            return;
        }
        self.attempt += 1;
        self.asks = asks.to_vec();
        for ask in asks {
            let id = AskId { attempt: self.attempt, round: ask.round };
            let asked = AskedOfJudge {
                purpose: ask.purpose,
                round: ask.round,
                model: ask.model.clone(),
                shown: ask.shown.clone(),
                left_out: ask.left_out.clone(),
                system: ask.system.clone(),
                prompt: ask.prompt.clone(),
                schema: ask.schema.to_string(),
                reply: None,
                error: None,
            };
            self.asked.push((id, asked));
            effects.push(Effect::Ask(id, Box::new(ask.clone())));
        }
    }

    /// Gives up what is asked about an older ballot.
    fn forget_asks(&mut self, effects: &mut Vec<Effect>) {
        for ask in std::mem::take(&mut self.asks) {
            let id = AskId { attempt: self.attempt, round: ask.round };
            if !self.replies.contains_key(&ask.round) {
                self.note(id, |asked| asked.error = Some(ErrorCode::Cancelled));
                effects.push(Effect::CancelAsk(id));
                if ask.purpose == JudgePurpose::Synthesis {
                    effects.push(Effect::WriteFailed(id, ErrorCode::Cancelled));
                    self.note_written(id, SynthesisStatus::Failed);
                }
            }
        }
        self.replies.clear();
        self.reader = synthesis::Reader::default();
    }

    fn note(&mut self, id: AskId, change: impl FnOnce(&mut AskedOfJudge)) {
        if let Some((_, asked)) = self.asked.iter_mut().find(|(each, _)| *each == id) {
            change(asked);
        }
    }

    fn take_reply(&mut self, id: AskId, reply: Result<String, ErrorCode>, after_ms: u64, effects: &mut Vec<Effect>) {
        let writes = self.asks.iter().find(|ask| ask.round == id.round && ask.purpose == JudgePurpose::Synthesis);
        let written = writes.map(|ask| match &reply {
            Err(code) => Effect::WriteFailed(id, *code),
            Ok(reply) => match synthesis::read(reply, &ask.shown) {
                Some(written) => Effect::Written(id, synthesis::text(&written)),
                None => Effect::WriteFailed(id, ErrorCode::Malformed),
            },
        });
        let writes = written.is_some();
        effects.extend(written);
        self.replies.insert(id.round, reply);
        if writes {
            let status = self.written_status(id);
            self.note_written(id, status);
        }
        self.decide(Moment::Judged, after_ms, effects);
    }

    /// How far the synthesis of the newest attempt is.
    fn written_status(&self, id: AskId) -> SynthesisStatus {
        let shown = self.asks.iter().find(|ask| ask.round == id.round).map(|ask| ask.shown.as_slice());
        match (self.replies.get(&id.round), shown) {
            (None, Some(_)) => SynthesisStatus::Writing,
            (Some(Ok(reply)), Some(shown)) if synthesis::read(reply, shown).is_some() => SynthesisStatus::Complete,
            (Some(_), _) | (None, None) => SynthesisStatus::Failed,
        }
    }

    fn note_written(&mut self, id: AskId, status: SynthesisStatus) {
        let message = self.writing.get(&id).copied();
        if let Some(synthesis) = self.view.synthesis.as_mut().filter(|each| Some(each.message) == message) {
            synthesis.status = status;
        }
    }

    // ---- the verdict --------------------------------------------------------------------------------------------------

    fn verdict(&self, ballot: &Ballot, method: &dyn Method, choice: method::Choice, moment: Moment) -> Verdict {
        let tally = ballot.tally(method.counting());
        let (winner, decided_by) = match self.chosen {
            Some(slot) => (Some(slot), DecidedBy::User),
            None => (choice.winner, DecidedBy::Method),
        };
        // A synthesis is nobody's: who dissents is measured against what the vote would have chosen.
        let against = winner.or_else(|| weighted_vote(ballot));
        let message = match (winner, decided_by) {
            (Some(slot), _) => self.candidate(slot).map(|candidate| candidate.message),
            (None, _) => self.writing.get(&AskId { attempt: self.attempt, round: 0 }).copied(),
        };
        // Where nobody has voted the weights are still those that would count.
        let counting = if ballot.voters().is_empty() { method.counting() } else { ballot.counting(method.counting()) };
        let total: f64 = match counting {
            Counting::ByWeight => self.view.candidates.iter().map(|candidate| candidate.weight).sum(),
            Counting::ByHead => self.view.candidates.len() as f64,
        };
        let counts = |place: usize| match counting {
            Counting::ByWeight => ballot.voters()[place].weight,
            Counting::ByHead => 1.0,
        };
        let groups: Vec<AnswerGroup> = tally
            .groups
            .iter()
            .map(|&(group, _)| {
                let places = &ballot.groups[group];
                let answer = places.first().and_then(|&place| ballot.voters()[place].answer.as_ref());
                AnswerGroup {
                    answer: answer.map(|answer| cut(&answer.to_string(), SHOWN)),
                    slots: places.iter().map(|&place| ballot.voters()[place].slot).collect(),
                    weight: shown(places.iter().map(|&place| counts(place)).sum()),
                }
            })
            .collect();
        let served =
            self.server.as_ref().is_some_and(|vote| vote.successful_models >= u32::from(self.setup.plan.quorum));
        let met = self.answered() >= usize::from(self.setup.plan.quorum) || served;
        let by_user = decided_by == DecidedBy::User;
        // What a judge or a synthesis had said stays known when the user decides; one that was still at work was stopped.
        let (judge, synthesis) = match self.ruled.as_ref().filter(|_| by_user) {
            Some(ruled) => (ruled.judge.clone(), ruled.synthesis.clone()),
            None => (choice.judge, choice.synthesis),
        };
        let judge = judge.filter(|judge| !by_user || judge.result != JudgeResult::Waiting);
        Verdict {
            revision: 0,
            moment,
            quorum: if met { Quorum::Met } else { Quorum::Missed },
            agreement: tally.agreement,
            basis: ballot.basis(),
            method: choice.method,
            rule: if by_user { DecisionRule::UserChoice } else { choice.rule },
            tie: choice.tie.filter(|_| !by_user),
            decided_by,
            winner,
            message,
            dissent: dissent(ballot, &groups, against),
            groups,
            silent: self.view.candidates.iter().filter_map(silent).collect(),
            answered_weight: shown((0..ballot.voters().len()).map(counts).sum()),
            total_weight: shown(total),
            baselines: Baselines {
                best_single: ballot.best_single(),
                majority: speaker_of_first(ballot, Counting::ByHead),
                weighted_vote: weighted_vote(ballot),
                medoid: ballot.medoid(Counting::ByWeight).map(|(slot, _)| slot),
            },
            n_eff: self.setup.n_eff,
            judge,
            synthesis,
            server: choice.server,
            took_us: None,
        }
    }
}

/// Whether its text may still grow.
fn is_written(candidate: &Candidate) -> bool {
    !candidate.naming && !has_ended(candidate.status)
}

/// What was measured on the way stays where the end says nothing.
fn measure_end(candidate: &mut Candidate, metrics: &Metrics) {
    candidate.ttft_ms = metrics.ttft_ms.or(candidate.ttft_ms);
    candidate.duration_ms = metrics.duration_ms.or(candidate.duration_ms);
    candidate.tokens_per_second = metrics.tokens_per_second.or(candidate.tokens_per_second);
}

fn has_ended(status: CandidateStatus) -> bool {
    match status {
        CandidateStatus::Complete | CandidateStatus::Stopped | CandidateStatus::Failed => true,
        CandidateStatus::Waiting | CandidateStatus::Streaming | CandidateStatus::Late => false,
    }
}

fn votes(candidate: &Candidate) -> bool {
    candidate.status == CandidateStatus::Complete
        && matches!(candidate.reading, Some(Reading::Answer { .. } | Reading::Open))
}

fn silent(candidate: &Candidate) -> Option<Silent> {
    let why = match (candidate.status, &candidate.reading) {
        (CandidateStatus::Complete, Some(Reading::Answer { .. } | Reading::Open)) => return None,
        (CandidateStatus::Complete, Some(Reading::Refusal)) => Silence::Refusal,
        (CandidateStatus::Complete, Some(Reading::Empty) | None) => Silence::Empty,
        (CandidateStatus::Failed, _) => Silence::Failed,
        (CandidateStatus::Stopped, _) => Silence::Stopped,
        (CandidateStatus::Waiting | CandidateStatus::Streaming | CandidateStatus::Late, _) => Silence::Late,
    };
    Some(Silent { slot: candidate.slot, why })
}

fn speaker_of_first(ballot: &Ballot, counting: Counting) -> Option<Slot> {
    ballot.tally(counting).groups.first().and_then(|&(group, _)| ballot.speaker(group))
}

fn weighted_vote(ballot: &Ballot) -> Option<Slot> {
    speaker_of_first(ballot, Counting::ByWeight)
}

/// Those outside the group of `against`, and in what they differ: by their canonical answers, or by their passages.
fn dissent(ballot: &Ballot, groups: &[AnswerGroup], against: Option<Slot>) -> Vec<Dissent> {
    let Some(against) = against else { return Vec::new() };
    let Some(reference) = ballot.place(against).map(|place| ballot.voters()[place].text.as_str()) else {
        return Vec::new();
    };
    let agrees = |slot: Slot| groups.iter().any(|group| group.slots.contains(&slot) && group.slots.contains(&against));
    ballot
        .voters()
        .iter()
        .filter(|voter| !agrees(voter.slot))
        .map(|voter| {
            let answer = voter.answer.as_ref().map(|answer| cut(&answer.to_string(), SHOWN));
            let passages = match answer {
                Some(_) => Vec::new(),
                None => passages_without_counterpart(&voter.text, reference),
            };
            Dissent { slot: voter.slot, answer, passages }
        })
        .collect()
}

fn resemblance(ballot: &Ballot) -> Vec<Resemblance> {
    let voters = ballot.voters();
    (0..voters.len())
        .flat_map(|a| (a + 1..voters.len()).map(move |b| (a, b)))
        .map(|(a, b)| Resemblance {
            a: voters[a].slot,
            b: voters[b].slot,
            value: f64::from(ballot.resemblance(a, b)) / f64::from(FULL),
        })
        .collect()
}

/// What a question asks for.
pub fn class(question: &str) -> TaskClass {
    match extract::kind(question) {
        QuestionKind::Open => TaskClass::Open,
        QuestionKind::Closed(kind) => match kind {
            ClosedKind::Number => TaskClass::Number,
            ClosedKind::Choice => TaskClass::Choice,
            ClosedKind::YesNo => TaskClass::YesNo,
            ClosedKind::Date => TaskClass::Date,
            ClosedKind::Time => TaskClass::Time,
            ClosedKind::List => TaskClass::List,
            ClosedKind::ShortFact => TaskClass::ShortFact,
            ClosedKind::Code => TaskClass::Code,
        },
    }
}

#[cfg(test)]
mod tests;
