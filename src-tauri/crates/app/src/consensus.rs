//! Several models on one question: one task per run, which tells the pure state machine (`capibara6-consensus`) what happens
//! and does what it says.
//!
//! The candidates are written like all other answers, each by a task of its own, so that one that is slow or dead holds up
//! nobody. What a run comes to is on disk before the window is told. The winner's branch becomes the one that is shown as
//! long as nobody has gone on from another candidate. A run that was under way when the program ended is taken up when it is
//! next looked at: what is there decides, and nobody is asked anything any more.

mod asking;
mod driver;
pub(crate) mod stats;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use capibara6_consensus::learn::{self, Judgement};
use capibara6_consensus::run::{Input, Run, Seat, Setup};
use capibara6_protocol::{
    AppError, ConsensusId, ConsensusRecord, ConsensusRun, ConsensusState, ConversationId, DecidedBy, ErrorCode,
    LearnedWeights, Message, MessageStatus, SentToMember, Slot,
};
use capibara6_store::{Judged, Store, StoreError};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use self::driver::{Driver, Happening};
use crate::frames::Frames;
use crate::generation::{Generations, Notice};

pub(crate) use self::driver::{Candidacy, Source};

/// How many of the user's verdicts weights are learned from: the newest ones, because models change.
const JUDGEMENTS: u32 = 2_000;

/// The runs of one history.
pub(crate) struct Runs {
    store: Store,
    generations: Generations,
    frames: Frames,
    notices: tokio::sync::broadcast::Sender<Notice>,
    live: Arc<Mutex<HashMap<ConsensusId, Handle>>>,
}

/// A run under way.
#[derive(Clone)]
struct Handle {
    conversation: ConversationId,
    happenings: mpsc::UnboundedSender<Happening>,
    state: Arc<Mutex<Snapshot>>,
}

/// How a run stands, for those who look.
struct Snapshot {
    run: ConsensusRun,
    record: ConsensusRecord,
}

/// A run that is about to begin, on disk already.
pub(crate) struct Begun {
    /// The state machine, just begun.
    pub(crate) run: Run,
    /// How its candidates come to their words, one per slot.
    pub(crate) candidacies: Vec<Candidacy>,
    /// What the members are sent beside the conversation.
    pub(crate) sent: Vec<SentToMember>,
    /// Where they are.
    pub(crate) source: Source,
}

impl Runs {
    pub(crate) fn new(
        store: Store,
        generations: Generations,
        frames: Frames,
        notices: tokio::sync::broadcast::Sender<Notice>,
    ) -> Self {
        Self { store, generations, frames, notices, live: Arc::default() }
    }

    /// Has the candidates answer.
    pub(crate) fn start(&self, begun: Begun) {
        let (happenings, waiting) = mpsc::unbounded_channel();
        let run = begun.run.view().clone();
        let record = begun.run.record(begun.sent.clone());
        let id = run.id;
        let handle = Handle {
            conversation: run.conversation,
            happenings: happenings.clone(),
            state: Arc::new(Mutex::new(Snapshot { run, record })),
        };
        lock(&self.live).insert(id, handle.clone());
        let driver = Driver {
            store: self.store.clone(),
            generations: self.generations.clone(),
            frames: self.frames.clone(),
            notices: self.notices.clone(),
            started: Instant::now(),
            snapshot: handle.state,
            happenings,
            run: begun.run,
            sent: begun.sent,
            source: begun.source,
            pens: HashMap::new(),
            asking: HashMap::new(),
            naming: HashMap::new(),
            announced: false,
        };
        let live = Arc::clone(&self.live);
        self.generations.accompany(async move {
            driver.drive(begun.candidacies, waiting).await;
            lock(&live).remove(&id);
        });
    }

    /// Whether a run of a conversation has no verdict yet: there is nothing to go on from.
    pub(crate) fn is_gathering(&self, conversation: ConversationId) -> bool {
        lock(&self.live)
            .values()
            .any(|handle| handle.conversation == conversation && lock(&handle.state).run.verdict.is_none())
    }

    /// Tells a run under way what happened. Nothing happens where it has ended already.
    pub(crate) fn tell(&self, id: ConsensusId, input: Input) {
        if let Some(handle) = self.find(id) {
            // A run that has just ended needs to know nothing more.
            let _ = handle.happenings.send(Happening::Input(input, Instant::now()));
        }
    }

    /// Stops the runs of a conversation.
    pub(crate) fn stop_conversation(&self, conversation: ConversationId) {
        let of_it = |handle: &&Handle| handle.conversation == conversation;
        for handle in lock(&self.live).values().filter(of_it) {
            let _ = handle.happenings.send(Happening::Input(Input::StoppedAll, Instant::now()));
        }
    }

    /// A run and what is behind it, as it is now.
    pub(crate) async fn read(&self, id: ConsensusId, now: i64) -> Result<(ConsensusRun, ConsensusRecord), AppError> {
        if let Some(handle) = self.find(id) {
            let state = lock(&handle.state);
            return Ok((state.run.clone(), state.record.clone()));
        }
        let (run, record) = self.store.consensus(id).await?;
        self.taken_up(run, record, now).await
    }

    /// The runs of a conversation as they are now, oldest first.
    pub(crate) async fn of_conversation(&self, id: ConversationId, now: i64) -> Result<Vec<ConsensusRun>, AppError> {
        let mut runs = self.store.consensus_of(id).await?;
        for run in &mut runs {
            if self.find(run.id).is_some() || run.state != ConsensusState::Ended {
                *run = self.read(run.id, now).await?.0;
            }
        }
        Ok(runs)
    }

    /// The answers of a run, in the order of the slots, and what was written from them.
    pub(crate) async fn answers(&self, id: ConsensusId, now: i64) -> Result<Vec<Message>, AppError> {
        let (run, _) = self.read(id, now).await?;
        let written = run.synthesis.map(|synthesis| synthesis.message);
        let written = written.or_else(|| run.verdict.as_ref().and_then(|verdict| verdict.message));
        let candidates = run.candidates.iter().map(|candidate| candidate.message);
        let written = written.filter(|written| run.candidates.iter().all(|candidate| candidate.message != *written));
        let mut answers = Vec::new();
        for message in candidates.chain(written) {
            let mut message = self.store.message(message).await?;
            self.generations.overlay(&mut message);
            answers.push(message);
        }
        Ok(answers)
    }

    /// The user's own verdict.
    pub(crate) async fn choose(&self, id: ConsensusId, slot: Slot, now: i64) -> Result<ConsensusRun, AppError> {
        let refused = || AppError::new(ErrorCode::InvalidInput).with_field("slot");
        if let Some(handle) = self.find(id) {
            let (answer, answered) = oneshot::channel();
            if handle.happenings.send(Happening::Choose(slot, answer)).is_ok()
                && let Ok(chosen) = answered.await
            {
                return chosen.ok_or_else(refused);
            }
            // It ended in this moment, and is on disk.
        }
        let (stored, record) = self.store.consensus(id).await?;
        let mut run = self.restored(stored).await?;
        if !run.can_choose(slot) {
            return Err(refused());
        }
        let since = since(run.view(), now);
        drop(run.apply(Input::Chosen(slot), since));
        let record = ConsensusRecord { resemblance: run.record(Vec::new()).resemblance, ..record };
        save(&self.store, &run, &record).await?;
        show_winner(&self.store, run.view(), Chosen::ByUser).await;
        tell_changed(&self.frames, run.view());
        Ok(run.view().clone())
    }

    /// The user's own verdict is taken back: the method's counts again, and nothing is learned from it.
    pub(crate) async fn give_back(&self, id: ConsensusId, now: i64) -> Result<ConsensusRun, AppError> {
        if let Some(handle) = self.find(id) {
            let (answer, answered) = oneshot::channel();
            if handle.happenings.send(Happening::GiveBack(answer)).is_ok()
                && let Ok(run) = answered.await
            {
                return Ok(run);
            }
            // It ended in this moment, and is on disk.
        }
        let (stored, record) = self.store.consensus(id).await?;
        let mut run = self.restored(stored).await?;
        let since = since(run.view(), now);
        drop(run.apply(Input::GivenBack, since));
        let record = ConsensusRecord { resemblance: run.record(Vec::new()).resemblance, ..record };
        save(&self.store, &run, &record).await?;
        show_winner(&self.store, run.view(), Chosen::ByUser).await;
        tell_changed(&self.frames, run.view());
        Ok(run.view().clone())
    }

    /// What was learned from the user's verdicts.
    pub(crate) async fn learned(&self) -> Result<LearnedWeights, AppError> {
        learned(&self.store).await
    }

    /// A run that nobody drives any more: what the end of the program left open is decided by what is there.
    async fn taken_up(
        &self,
        stored: ConsensusRun,
        record: ConsensusRecord,
        now: i64,
    ) -> Result<(ConsensusRun, ConsensusRecord), AppError> {
        if stored.state == ConsensusState::Ended {
            return Ok((stored, record));
        }
        let mut run = self.restored(stored).await?;
        let since = since(run.view(), now);
        drop(run.apply(Input::Deadline, since));
        let record = ConsensusRecord { resemblance: run.record(Vec::new()).resemblance, ..record };
        if let Err(error) = save(&self.store, &run, &record).await {
            tracing::warn!(%error, "a run that was left open is not closed on disk yet");
        }
        show_winner(&self.store, run.view(), Chosen::ByMethod).await;
        // Whoever looks may have read the conversation before it had a winner.
        tell_changed(&self.frames, run.view());
        Ok((run.view().clone(), record))
    }

    async fn restored(&self, stored: ConsensusRun) -> Result<Run, AppError> {
        let question = self.store.message(stored.question).await?;
        let mut texts = Vec::with_capacity(stored.candidates.len());
        let mut stored = stored;
        for candidate in &mut stored.candidates {
            let message = match self.store.message(candidate.message).await {
                Ok(message) => message,
                Err(StoreError::NotFound) => {
                    texts.push(String::new());
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            texts.push(message.content);
            if message.status == MessageStatus::Complete {
                // It ended when the run could no longer be told.
                candidate.status = capibara6_protocol::CandidateStatus::Complete;
            }
        }
        let seat = |candidate: &capibara6_protocol::Candidate| Seat {
            model: candidate.model.clone(),
            weight: candidate.weight,
            message: candidate.message,
            scripted: candidate.scripted,
            context: None,
        };
        let setup = Setup {
            id: stored.id,
            conversation: stored.conversation,
            question: stored.question,
            text: question.content,
            language: None,
            plan: stored.plan.clone(),
            seats: stored.candidates.iter().map(seat).collect(),
            judge: None,
            judge_context: None,
            n_eff: stored.verdict.as_ref().and_then(|verdict| verdict.n_eff),
            created_at: stored.created_at,
        };
        Ok(Run::restore(setup, stored, texts))
    }

    fn find(&self, id: ConsensusId) -> Option<Handle> {
        lock(&self.live).get(&id).cloned()
    }
}

/// Milliseconds since a run began, by the clock on the wall: it may have been days ago.
fn since(run: &ConsensusRun, now: i64) -> u64 {
    u64::try_from(now.saturating_sub(run.created_at)).unwrap_or_default()
}

/// What was learned from the user's verdicts in a history.
pub(crate) async fn learned(store: &Store) -> Result<LearnedWeights, AppError> {
    let judgements = store.judgements(JUDGEMENTS).await?;
    // One that cannot be read says nothing.
    let judgements: Vec<Judgement> =
        judgements.iter().filter_map(|judgement| serde_json::from_str(judgement).ok()).collect();
    let edited = store.edited_weights().await?;
    let edited = edited.into_iter().map(|(class, model, weight)| ((class, model), weight)).collect();
    Ok(learn::learn(&judgements, &edited))
}

/// Puts a run on disk as it is, with what the user's verdict says.
async fn save(store: &Store, run: &Run, record: &ConsensusRecord) -> Result<(), StoreError> {
    let by_user = run.view().verdict.as_ref().is_some_and(|verdict| verdict.decided_by == DecidedBy::User);
    let unknown = by_user && run.ruled().is_none();
    let judgement = run.ruled().and_then(|ruled| learn::judgement(run.view(), ruled));
    let judgement = judgement.and_then(|judgement| serde_json::to_string(&judgement).ok());
    let judged = match &judgement {
        Some(judgement) => Judged::As(judgement),
        // What it was compared with is not at hand; it was written down when it was.
        None if unknown => Judged::AsBefore,
        None => Judged::ByNobody,
    };
    store.save_consensus(run.view(), record, judged).await
}

/// Who chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chosen {
    ByMethod,
    ByUser,
}

/// Makes the branch of the winner the one that is shown. Where the user has gone on from another candidate only the user
/// changes that.
async fn show_winner(store: &Store, run: &ConsensusRun, chosen: Chosen) {
    let Some(message) = run.verdict.as_ref().and_then(|verdict| verdict.message) else { return };
    let shown = store.view(run.conversation, None, 1).await.ok().and_then(|mut view| view.messages.pop());
    let at_a_candidate = shown.is_some_and(|shown| shown.parent == Some(run.question) && shown.id != message);
    if (at_a_candidate || chosen == Chosen::ByUser)
        && let Err(error) = store.select(message).await
    {
        tracing::warn!(%error, "the winner of a run is not the answer that is shown");
    }
}

fn tell_changed(frames: &Frames, run: &ConsensusRun) {
    frames.send(capibara6_protocol::Event::ConsensusChanged {
        conversation: run.conversation,
        run: run.id,
        state: run.state,
        revision: run.revisions.last().copied(),
    });
}

/// Nothing that is guarded here can be left half-written by a panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
