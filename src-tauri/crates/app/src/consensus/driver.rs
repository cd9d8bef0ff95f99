//! The task of one run: everything that happens to it in one queue, one after the other, so that what the state machine sees
//! is the order that everybody else sees.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use capibara6_consensus::method::Ask;
use capibara6_consensus::naming::LineAsk;
use capibara6_consensus::run::{AskId, Effect, Input, Run};
use capibara6_consensus::server::{ServerQuery, decode};
use capibara6_protocol::{
    AppError, CandidateStatus, ConsensusRun, ConsensusState, ErrorCode, Event, JudgePurpose, Message, MessageId,
    MessageStatus, Metrics, ModelId, Parameters, SentToMember, Slot,
};
use capibara6_store::{NewAnswer, Store};
use http::Request;
use tokio::sync::{broadcast, mpsc, oneshot};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::asking::{self, reply};
use super::{Chosen, Snapshot, lock, save, show_winner, tell_changed};
use crate::fleet::Fleet;
use crate::frames::Frames;
use crate::generation::{Follower, Generations, Naming, Notice, Order, Pen, Progress};
use crate::routing::{Route, consensus_routing, synthesis_routing};
use crate::surroundings::Surroundings;

/// The longest answer of the fleet's consensus service that is read.
const LONGEST_REPLY: usize = 4 * 1024 * 1024;

/// How long the fleet's consensus service may take: it gives each of its models 30 seconds.
const SERVICE_PATIENCE: Duration = Duration::from_secs(60);

/// How a candidate comes to its words.
pub(crate) enum Candidacy {
    /// A model writes it: its message, and what is set for this slot.
    Model(Box<Message>, BTreeMap<ModelId, Parameters>),
    /// It was there before.
    Known(Box<Message>),
    /// The fleet's service gives it.
    Service(Box<Message>, ServerQuery),
    /// It was there before, and is gone.
    Gone,
}

/// Where the answers come from.
pub(crate) struct Source {
    pub(crate) fleet: Arc<Fleet>,
    pub(crate) surroundings: Surroundings,
    /// The branch from its root to the question.
    pub(crate) branch: Vec<Message>,
    /// Whether the conversation is new and the fast model is to name it.
    pub(crate) naming: Naming,
}

/// Something that reaches a run.
pub(super) enum Happening {
    /// It happened then.
    Input(Input, Instant),
    /// The user chooses, and wants to see what comes of it: nothing where that candidate cannot be chosen.
    Choose(Slot, oneshot::Sender<Option<ConsensusRun>>),
    /// The user gives the choice back, and wants to see what comes of it.
    GiveBack(oneshot::Sender<ConsensusRun>),
}

/// The task of one run.
pub(super) struct Driver {
    pub(super) store: Store,
    pub(super) generations: Generations,
    pub(super) frames: Frames,
    pub(super) notices: broadcast::Sender<Notice>,
    pub(super) started: Instant,
    pub(super) snapshot: Arc<Mutex<Snapshot>>,
    pub(super) happenings: mpsc::UnboundedSender<Happening>,
    pub(super) run: Run,
    pub(super) sent: Vec<SentToMember>,
    pub(super) source: Source,
    /// Syntheses that are being written.
    pub(super) pens: HashMap<AskId, Pen>,
    /// Judges and writers that are being asked.
    pub(super) asking: HashMap<AskId, CancellationToken>,
    /// Candidates that are being asked for the line with their answer.
    pub(super) naming: HashMap<Slot, CancellationToken>,
    /// Whether a verdict was announced outside the window.
    pub(super) announced: bool,
}

impl Driver {
    /// Until nothing more can come, or the history closes.
    pub(super) async fn drive(mut self, candidacies: Vec<Candidacy>, mut waiting: mpsc::UnboundedReceiver<Happening>) {
        let quit = self.generations.quit();
        let mut naming = self.source.naming;
        for (slot, candidacy) in (0..).map(Slot).zip(candidacies) {
            self.begin(slot, candidacy, std::mem::replace(&mut naming, Naming::Keep));
        }
        let mut deadline = self.run.view().plan.deadline_ms.map(|ms| self.started + Duration::from_millis(ms));
        while self.run.view().state != ConsensusState::Ended {
            let due = deadline.unwrap_or(self.started);
            tokio::select! {
                biased;
                () = quit.cancelled() => break,
                happening = waiting.recv() => match happening {
                    Some(Happening::Input(input, at)) => self.happened(input, at).await,
                    Some(Happening::Choose(slot, answer)) => {
                        let possible = self.run.can_choose(slot);
                        if possible {
                            self.happened(Input::Chosen(slot), Instant::now()).await;
                        }
                        // Whoever asked may have gone.
                        let _ = answer.send(possible.then(|| self.run.view().clone()));
                    }
                    Some(Happening::GiveBack(answer)) => {
                        self.happened(Input::GivenBack, Instant::now()).await;
                        let _ = answer.send(self.run.view().clone());
                    }
                    // This task holds a sender, so there is always one.
                    None => break,
                },
                () = sleep_until(due), if deadline.is_some() => {
                    deadline = None;
                    self.happened(Input::Deadline, due).await;
                }
            }
        }
        for token in self.asking.values().chain(self.naming.values()) {
            token.cancel();
        }
        for (_, pen) in self.pens.drain() {
            pen.end(MessageStatus::Interrupted, None).await;
        }
    }

    /// Lets a candidate answer.
    fn begin(&self, slot: Slot, candidacy: Candidacy, naming: Naming) {
        let happenings = self.happenings.clone();
        let tell = move |input| drop(happenings.send(Happening::Input(input, Instant::now())));
        match candidacy {
            Candidacy::Model(answer, parameters) => {
                let Some(model) = answer.model.clone() else { return tell_of_nobody(&self.happenings, slot) };
                let follower: Follower = Box::new(move |progress| {
                    if let Some(input) = input_of(slot, progress) {
                        tell(input);
                    }
                });
                let fleet = Arc::clone(&self.source.fleet);
                let Some(routing) = answer.routing.clone().or_else(|| fleet.entry(&model).map(consensus_routing))
                else {
                    return tell_of_nobody(&self.happenings, slot);
                };
                self.generations.start(Order {
                    answer: *answer,
                    branch: self.source.branch.clone(),
                    route: Route { routing, candidates: vec![model] },
                    fleet,
                    parameters,
                    naming,
                    follower: Some(follower),
                });
            }
            Candidacy::Gone => tell_of_nobody(&self.happenings, slot),
            Candidacy::Known(answer) => {
                tell(Input::Text(slot, answer.content.clone()));
                tell(Input::Ended(slot, answer.metrics.unwrap_or_default()));
            }
            Candidacy::Service(answer, query) => {
                let pen = self.generations.pen(&answer);
                let (fleet, quit) = (Arc::clone(&self.source.fleet), self.generations.quit());
                let scripted = answer.scripted;
                self.generations.accompany(async move {
                    pen.sent();
                    let reply = tokio::select! {
                        () = quit.cancelled() => {
                            pen.end(MessageStatus::Interrupted, None).await;
                            return;
                        }
                        () = pen.cancelled() => {
                            pen.end(MessageStatus::Stopped, None).await;
                            tell(Input::Stopped(slot));
                            return;
                        }
                        reply = ask_service(&fleet, query) => reply,
                    };
                    match reply {
                        Ok((vote, text)) => {
                            pen.write(&text);
                            if let Some(entry) = fleet.entry(&vote.model) {
                                pen.sign(&vote.model, scripted, &consensus_routing(entry));
                            }
                            let metrics = pen.end(MessageStatus::Complete, None).await;
                            tell(Input::Served(vote, text, metrics));
                        }
                        Err(error) => {
                            let metrics = pen.end(MessageStatus::Failed, Some(error.clone())).await;
                            tell(Input::Failed(slot, error, metrics));
                        }
                    }
                });
            }
        }
    }

    /// Something happened: what the run makes of it is done, put on disk, shown, and only then told.
    async fn happened(&mut self, input: Input, at: Instant) {
        let chosen =
            if matches!(input, Input::Chosen(_) | Input::GivenBack) { Chosen::ByUser } else { Chosen::ByMethod };
        let before = self.verdict();
        let effects = self.run.apply(input, millis(self.started.elapsed()));
        if self.verdict().map(|(revision, _)| revision) != before.map(|(revision, _)| revision) {
            self.run.timed(u64::try_from(at.elapsed().as_micros()).unwrap_or(u64::MAX));
        }
        let Some(changed) = self.perform(effects).await else { return };
        let record = self.run.record(self.sent.clone());
        if let Err(error) = save(&self.store, &self.run, &record).await {
            tracing::warn!(%error, "a run of several models is not on disk as it is now");
        }
        let is_new = self.verdict() != before;
        if is_new {
            show_winner(&self.store, self.run.view(), chosen).await;
        }
        *lock(&self.snapshot) = Snapshot { run: self.run.view().clone(), record };
        for slot in changed {
            if let Some(event) = candidate_event(&self.run, slot) {
                self.frames.send(event);
            }
        }
        tell_changed(&self.frames, self.run.view());
        if is_new {
            self.announce().await;
        }
    }

    /// The newest verdict, as far as it decides what is shown.
    fn verdict(&self) -> Option<(u32, Option<MessageId>)> {
        self.run.view().verdict.as_ref().map(|verdict| (verdict.revision, verdict.message))
    }

    /// Does what the run says. Gives the candidates that changed; nothing where nothing about the run did.
    async fn perform(&mut self, effects: Vec<Effect>) -> Option<Vec<Slot>> {
        let mut queue = VecDeque::from(effects);
        let mut changed = None;
        while let Some(effect) = queue.pop_front() {
            match effect {
                Effect::Candidate(slot) => changed.get_or_insert_with(Vec::new).push(slot),
                // What is measured while it is written is worth no place on disk: what it comes to is.
                Effect::Measured(slot) => {
                    lock(&self.snapshot).run = self.run.view().clone();
                    if let Some(event) = candidate_event(&self.run, slot) {
                        self.frames.send(event);
                    }
                }
                Effect::Changed => {
                    changed.get_or_insert_with(Vec::new);
                }
                Effect::Cancel(slot) => {
                    if let Some(candidate) = self.run.candidate(slot) {
                        self.generations.stop(candidate.message);
                    }
                }
                Effect::AskLine(slot, ask) => self.ask_line(slot, *ask),
                Effect::CancelLine(slot) => {
                    if let Some(token) = self.naming.remove(&slot) {
                        token.cancel();
                    }
                }
                Effect::Ask(id, ask) => {
                    if ask.purpose == JudgePurpose::Synthesis
                        && let Some(message) = self.open_synthesis(id, &ask.model).await
                    {
                        queue.extend(self.run.apply(Input::Writing(id, message), millis(self.started.elapsed())));
                    }
                    self.ask(id, *ask);
                }
                Effect::CancelAsk(id) => {
                    if let Some(token) = self.asking.remove(&id) {
                        token.cancel();
                    }
                }
                Effect::Write(id, text) => {
                    if let Some(pen) = self.pens.get(&id) {
                        pen.write(&text);
                    }
                }
                Effect::Written(id, text) => {
                    if let Some(pen) = self.pens.remove(&id) {
                        pen.rewrite(&text);
                        pen.end(MessageStatus::Complete, None).await;
                    }
                }
                Effect::WriteFailed(id, code) => {
                    if let Some(pen) = self.pens.remove(&id) {
                        let (status, error) = if code == ErrorCode::Cancelled {
                            (MessageStatus::Stopped, None)
                        } else {
                            (MessageStatus::Failed, Some(code.into()))
                        };
                        pen.end(status, error).await;
                    }
                }
            }
        }
        changed
    }

    /// Makes the message that a synthesis is written into.
    async fn open_synthesis(&mut self, id: AskId, model: &ModelId) -> Option<MessageId> {
        let answer = NewAnswer {
            id: MessageId(self.source.surroundings.id()),
            model: Some(model.clone()),
            scripted: self.source.fleet.is_practice(),
            routing: self.source.fleet.entry(model).map(synthesis_routing),
            created_at: self.source.surroundings.now(),
        };
        let message = self.store.add_answer(self.run.view().question, &answer).await;
        let message = message.inspect_err(|error| tracing::warn!(%error, "a synthesis has no place")).ok()?;
        let pen = self.generations.pen(&message);
        pen.sent();
        self.pens.insert(id, pen);
        Some(message.id)
    }

    /// Asks a judge or a writer, beside everything else.
    fn ask(&mut self, id: AskId, ask: Ask) {
        let token = self.generations.quit().child_token();
        self.asking.insert(id, token.clone());
        let (fleet, happenings) = (Arc::clone(&self.source.fleet), self.happenings.clone());
        let seed = self.run.view().plan.seed;
        self.generations.accompany(async move {
            let tell = |input| drop(happenings.send(Happening::Input(input, Instant::now())));
            let reply = tokio::select! {
                () = token.cancelled() => return,
                reply = Box::pin(reply(&fleet, &ask, seed, |text| tell(Input::ReplyText(id, text)))) => reply,
            };
            match reply {
                Ok(reply) => tell(Input::Replied(id, reply)),
                Err(error) => {
                    tracing::info!(model = %ask.model, code = ?error.code, "a judge did not reply");
                    tell(Input::ReplyFailed(id, error.code));
                }
            }
        });
    }

    /// Asks a candidate for the line that it did not close with, beside everything else. It is no message of the conversation.
    fn ask_line(&mut self, slot: Slot, ask: LineAsk) {
        let token = self.generations.quit().child_token();
        self.naming.insert(slot, token.clone());
        let (fleet, happenings) = (Arc::clone(&self.source.fleet), self.happenings.clone());
        let seed = self.run.view().plan.seed;
        self.generations.accompany(async move {
            let line = tokio::select! {
                () = token.cancelled() => return,
                line = Box::pin(asking::line(&fleet, &ask, seed)) => line,
            };
            if let Err(error) = &line {
                tracing::info!(model = %ask.model, code = ?error.code, "a member did not name its answer");
            }
            // A run that has just ended needs to know nothing more.
            let _ = happenings.send(Happening::Input(Input::Line(slot, line.ok()), Instant::now()));
        });
    }

    /// Announces the first verdict outside the window, once for all candidates.
    async fn announce(&mut self) {
        let view = self.run.view();
        let Some(verdict) = view.verdict.as_ref().filter(|_| !self.announced) else { return };
        let winner = verdict.winner.and_then(|slot| self.run.candidate(slot));
        let Some(candidate) = winner.or_else(|| view.candidates.first()) else { return };
        self.announced = true;
        if let Ok(summary) = self.store.summary(view.conversation).await {
            // Without a listener the notice is for nobody.
            let _ = self.notices.send(Notice {
                conversation: view.conversation,
                title: summary.title,
                message: verdict.message.unwrap_or(candidate.message),
                model: candidate.model.clone(),
                failed: verdict.message.is_none(),
                duration: self.started.elapsed(),
            });
        }
    }
}

/// What the progress of a candidate is to its run; nothing where the history closes.
fn input_of(slot: Slot, progress: Progress) -> Option<Input> {
    Some(match progress {
        Progress::Text(text) => Input::Text(slot, text),
        Progress::Thought => Input::Thought(slot),
        Progress::Replaced(text) => Input::Replaced(slot, text),
        Progress::Measured(metrics) => Input::Measured(slot, metrics),
        Progress::Ended(MessageStatus::Complete, metrics, _) => Input::Ended(slot, metrics),
        Progress::Ended(MessageStatus::Stopped, ..) => Input::Stopped(slot),
        Progress::Ended(MessageStatus::Interrupted | MessageStatus::Streaming, ..) => return None,
        Progress::Ended(MessageStatus::Failed, metrics, error) => {
            Input::Failed(slot, error.unwrap_or_else(|| ErrorCode::Internal.into()), metrics)
        }
    })
}

/// There is nobody who could write a candidate.
fn tell_of_nobody(happenings: &mpsc::UnboundedSender<Happening>, slot: Slot) {
    let gone = Input::Failed(slot, ErrorCode::NotFound.into(), Metrics::default());
    // The run holds the other end.
    let _ = happenings.send(Happening::Input(gone, Instant::now()));
}

fn candidate_event(run: &Run, slot: Slot) -> Option<Event> {
    let mut candidate = run.candidate(slot)?.clone();
    if candidate.status == CandidateStatus::Failed
        && let Some(error) = &mut candidate.error
    {
        // The whole of it is with the message; a frame is small.
        error.detail = None;
    }
    let view = run.view();
    Some(Event::ConsensusCandidate { conversation: view.conversation, run: view.id, candidate: Box::new(candidate) })
}

/// Asks the fleet's consensus service.
async fn ask_service(fleet: &Fleet, query: ServerQuery) -> Result<(capibara6_protocol::ServerVote, String), AppError> {
    let services = &fleet.view.profile.services;
    let base = services.get(&capibara6_protocol::Service::Consensus).ok_or(ErrorCode::NotFound)?;
    let address = format!("{}/api/consensus/query", base.trim_end_matches('/'));
    let internal = |_| AppError::new(ErrorCode::Internal);
    let body = serde_json::to_vec(&query).map_err(|_| AppError::new(ErrorCode::Internal))?;
    let request =
        Request::post(address).header(http::header::CONTENT_TYPE, "application/json").body(body).map_err(internal)?;
    let http = fleet.plain_http().await?;
    let sent = tokio::time::timeout(SERVICE_PATIENCE, http.send(request, LONGEST_REPLY)).await;
    let response = sent.map_err(|_| AppError::new(ErrorCode::TimeoutFirstToken))??;
    decode(response.status().as_u16(), response.body())
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
