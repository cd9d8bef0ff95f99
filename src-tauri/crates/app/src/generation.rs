//! One answer being written: socket to journal to window, one task and one cancellation token per answer.
//!
//! What arrives is kept, whatever happens after it: a stop, an error, a full disk, the end of the program. Cancelling drops
//! the response, which closes the socket at once. Nothing is asked twice after the first token. An answer that fails before
//! it may be asked of the next model of the profile (`auto` only), which is said where it happens. While there is a next one,
//! a failure is not waited for: repeating a request is for the last model that is left.
//!
//! Going on with an answer sends its text as the last message and asks the server to continue it
//! (vLLM's `continue_final_message`). A server that refuses that gets the same text as a plain answer, followed by
//! [`CONTINUE`] as the user's words, which is never stored or shown.

mod live;

use std::collections::{BTreeMap, HashMap};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use capibara6_llm::{ChatEvent, ChatMessage, ChatRequest, ChatRole, Client, Counting, Endpoint, Failure, RetryPolicy};
use capibara6_protocol::{
    AppError, ConversationId, ErrorCode, Event, Message, MessageId, MessageStatus, Metrics, ModelEntry, ModelId,
    Omitted, Parameters, Part,
};
use capibara6_store::{Settled, Store, StoreError};
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::sync::{broadcast, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub(crate) use self::live::Live;
use crate::context::{self, Counter, Fitted, Limits, Prompt};
use crate::fleet::{Context, Fleet, Key};
use crate::frames::Frames;
use crate::journal::Journal;
use crate::routing::Route;
use crate::titles;

/// What a server is told that cannot continue an answer by itself.
pub const CONTINUE: &str =
    "Continue exactly where your last message stops, in the same language, without repeating any of it.";

/// How long the end of an answer waits to be on disk before the window is told: longer only if the disk is in trouble, of
/// which the window is told as well.
const SETTLE_PATIENCE: Duration = Duration::from_millis(250);

/// How long counting tokens may take before the estimate is used.
const COUNT_PATIENCE: Duration = Duration::from_secs(2);

/// How often whoever follows an answer is told how fast it is written.
const MEASURED_EVERY: Duration = Duration::from_millis(500);

/// How long the fast model may take for a title.
const TITLE_PATIENCE: Duration = Duration::from_secs(30);

/// An answer has ended by itself or by an error: for whoever announces it outside the window. What the user stopped is no
/// news to the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The conversation.
    pub conversation: ConversationId,
    /// Its title.
    pub title: String,
    /// The answer.
    pub message: MessageId,
    /// Who wrote it.
    pub model: ModelId,
    /// Whether it ended with an error.
    pub failed: bool,
    /// How long it was written, from sending the request.
    pub duration: Duration,
}

/// The answers that are being written.
#[derive(Clone)]
pub(crate) struct Generations {
    desk: Arc<Desk>,
}

/// What all answers share.
struct Desk {
    store: Store,
    journal: Journal,
    frames: Frames,
    notices: broadcast::Sender<Notice>,
    live: Mutex<HashMap<MessageId, Arc<Live>>>,
    tasks: TaskTracker,
    quit: CancellationToken,
}

/// How all answers ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// All of them are on disk.
    Whole,
    /// Some of them are not, and are still being written.
    NotInTime,
}

/// What is to be written.
pub(crate) struct Order {
    /// The message as it is on disk: `streaming`, with its text so far.
    pub(crate) answer: Message,
    /// The branch from its root to the question.
    pub(crate) branch: Vec<Message>,
    /// Who is asked.
    pub(crate) route: Route,
    /// Where they are.
    pub(crate) fleet: Arc<Fleet>,
    /// What the user has set for them.
    pub(crate) parameters: BTreeMap<ModelId, Parameters>,
    /// Whether the conversation is new and the fast model is to name it.
    pub(crate) naming: Naming,
    /// Who else follows it: then it is not announced as the branch's newest message, nor outside the window.
    pub(crate) follower: Option<Follower>,
}

/// Somebody who is told what becomes of an answer, as it happens. Must not block.
pub(crate) type Follower = Box<dyn Fn(Progress) + Send + Sync>;

/// What becomes of an answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Progress {
    /// Words arrived.
    Text(String),
    /// It thinks aloud.
    Thought,
    /// All of its words are to be replaced by these.
    Replaced(String),
    /// What is measured so far: the time to the first token, and the speed where the server counts as it goes.
    Measured(Metrics),
    /// It ended, and is on disk or on its way there.
    Ended(MessageStatus, Metrics, Option<AppError>),
}

/// Who names a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Naming {
    /// It keeps its name.
    Keep,
    /// The fast model, when the answer is there.
    ByModel,
}

impl Generations {
    pub(crate) fn new(store: Store, journal: Journal, frames: Frames, notices: broadcast::Sender<Notice>) -> Self {
        let desk = Desk {
            store,
            journal,
            frames,
            notices,
            live: Mutex::default(),
            tasks: TaskTracker::new(),
            quit: CancellationToken::new(),
        };
        Self { desk: Arc::new(desk) }
    }

    /// Begins to write an answer.
    pub(crate) fn start(&self, order: Order) {
        if order.follower.is_none() {
            self.desk.frames.send(Event::MessageBegun { message: Box::new(order.answer.clone()) });
        }
        let (desk, live) = (Arc::clone(&self.desk), self.come_alive(&order.answer));
        self.desk.tasks.spawn(Writing { desk, live, order }.run());
    }

    /// Begins an answer whose words come from somewhere else than one model's stream.
    pub(crate) fn pen(&self, answer: &Message) -> Pen {
        Pen { desk: Arc::clone(&self.desk), live: self.come_alive(answer) }
    }

    /// Has a task of the history's run until its end, which [`Self::shutdown`] waits for.
    pub(crate) fn accompany(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.desk.tasks.spawn(task);
    }

    /// Is cancelled when the history closes.
    pub(crate) fn quit(&self) -> CancellationToken {
        self.desk.quit.clone()
    }

    fn come_alive(&self, answer: &Message) -> Arc<Live> {
        let live = Arc::new(Live::new(answer, self.desk.quit.child_token()));
        lock(&self.desk.live).insert(answer.id, Arc::clone(&live));
        live
    }

    /// Stops an answer. Nothing happens where it has ended already.
    pub(crate) fn stop(&self, message: MessageId) {
        if let Some(live) = self.find(message) {
            live.cancel();
        }
    }

    /// Stops the answers of a conversation.
    pub(crate) fn stop_conversation(&self, conversation: ConversationId) {
        for live in lock(&self.desk.live).values().filter(|live| live.conversation == conversation) {
            live.cancel();
        }
    }

    /// Whether an answer is being written, or has ended but is not on disk yet.
    pub(crate) fn is_busy(&self, message: MessageId) -> bool {
        self.find(message).is_some()
    }

    /// Whether an answer is being written.
    pub(crate) fn is_streaming(&self, message: MessageId) -> bool {
        self.find(message).is_some_and(|live| live.is_streaming())
    }

    /// Shows a message as it is now, which may be further than the disk.
    pub(crate) fn overlay(&self, message: &mut Message) {
        if let Some(live) = self.find(message.id) {
            live.overlay(message);
        }
    }

    /// Ends all answers as `interrupted` and waits until that is on disk, at most so long.
    pub(crate) async fn shutdown(&self, patience: Duration) -> Ended {
        self.desk.quit.cancel();
        self.desk.tasks.close();
        if tokio::time::timeout(patience, self.desk.tasks.wait()).await.is_err() {
            tracing::error!("some answers could not be put on disk in time");
            return Ended::NotInTime;
        }
        Ended::Whole
    }

    fn find(&self, message: MessageId) -> Option<Arc<Live>> {
        let is_damaged = || matches!(self.desk.store.trouble(), Some(StoreError::Damaged(_)));
        let mut live = lock(&self.desk.live);
        match live.get(&message) {
            // What was kept beside the history is in it by now.
            Some(found) if found.is_aside() && !is_damaged() => {
                live.remove(&message);
                None
            }
            found => found.cloned(),
        }
    }
}

/// The task of one answer.
struct Writing {
    desk: Arc<Desk>,
    live: Arc<Live>,
    order: Order,
}

/// Why a model did not answer.
enum Refusal {
    /// Its server, or the way to it.
    Upstream(Failure, Key),
    /// Something on our side that no other model would do better.
    Ours(AppError),
}

impl Writing {
    async fn run(self) {
        let cancelled = self.live.cancelled();
        let outcome = tokio::select! {
            biased;
            () = cancelled => None,
            outcome = whatever_happens(Box::pin(self.answer())) => Some(outcome),
        };
        // From here on the response is dropped and its socket closed.
        let (status, error) = match outcome {
            Some(Ok(())) => (MessageStatus::Complete, None),
            Some(Err(error)) => (MessageStatus::Failed, Some(error)),
            None if self.desk.quit.is_cancelled() => (MessageStatus::Interrupted, None),
            None => (MessageStatus::Stopped, None),
        };
        self.settle(status, error).await;
    }

    /// Asks the candidates in turn until one has begun to answer.
    async fn answer(&self) -> Result<(), AppError> {
        let mut routing = self.order.route.routing.clone();
        let chosen = self.order.route.candidates.first().cloned();
        let mut candidates = self.order.route.candidates.iter().peekable();
        let mut refused: Option<ErrorCode> = None;
        while let Some(candidate) = candidates.next() {
            if let Some(because) = refused {
                // The first reason stays: it is the one about the model that was chosen.
                if routing.instead_of.is_none() {
                    routing.instead_of.clone_from(&chosen);
                    routing.because = Some(because);
                }
                self.reroute(candidate, &routing);
            }
            let Some(entry) = self.order.fleet.entry(candidate) else {
                return Err(ErrorCode::NotFound.into());
            };
            let patience = if candidates.peek().is_some() { Patience::NextModel } else { Patience::Retries };
            match self.ask(entry, patience).await {
                Ok(()) => {
                    self.order.fleet.report(candidate, Ok(()));
                    return Ok(());
                }
                Err(Refusal::Ours(error)) => return Err(error),
                Err(Refusal::Upstream(failure, key)) => {
                    self.order.fleet.report(candidate, Err(&failure));
                    tracing::info!(model = %candidate, code = ?failure.code, status = failure.status, "no answer");
                    let another =
                        candidates.peek().is_some() && !self.live.has_answered() && lets_another_try(failure.code);
                    if !another {
                        return Err(self.shown(failure, &key));
                    }
                    refused = Some(failure.code);
                }
            }
        }
        Err(ErrorCode::NoModel.into())
    }

    fn reroute(&self, model: &ModelId, routing: &capibara6_protocol::Routing) {
        let scripted = self.order.answer.scripted || self.order.fleet.is_practice();
        self.desk.sign(&self.live, model, scripted, routing);
    }

    /// Says what is left out of the request, where that is not what was said before.
    fn fitted(&self, omitted: Option<Omitted>) {
        if self.live.set_omitted(omitted) != omitted {
            self.desk.frames.send(Event::MessageFitted {
                conversation: self.live.conversation,
                message: self.live.id,
                omitted,
            });
        }
    }

    /// Asks one model and writes down what it says.
    async fn ask(&self, entry: &ModelEntry, patience: Patience) -> Result<(), Refusal> {
        let fleet = &self.order.fleet;
        let client = fleet.client().await.map_err(Refusal::Ours)?;
        let client = match patience {
            Patience::NextModel => client.with_retry(RetryPolicy::NEVER, None),
            Patience::Retries => client,
        };
        let (mut endpoint, mut key) = fleet.endpoint(entry).await.map_err(Refusal::Ours)?;
        let parameters = self.order.parameters.get(&entry.id).cloned().unwrap_or_default();
        let max_tokens = parameters.max_tokens.or(entry.max_tokens);
        let mut continuing = self.live.prefix().map_or(Continuing::No, |_| Continuing::Natively);
        let prompt = self.prompt(&parameters.system_prompt);
        let counter = ServerCounter { client: &client, endpoint: &endpoint };
        let limits = context_of(fleet, entry, &prompt, &counter).await.map(|context| Limits { context, max_tokens });
        let mut fitted = prompt.fit(limits, &counter).await;
        let mut refitted = false;
        let mut token = Renewal::Possible;
        // Somebody looks on: the speed is wanted while it is written.
        let mut counting = self.order.follower.as_ref().map_or(Counting::AtTheEnd, |_| Counting::Running);
        loop {
            self.fitted(fitted.omitted);
            let request = ChatRequest { counting, ..request(&fitted, entry, &parameters, max_tokens, continuing) };
            let failure = match self.listen(&client, &endpoint, request).await {
                Ok(()) => return Ok(()),
                Err(failure) => failure,
            };
            if self.live.has_answered() {
                return Err(Refusal::Upstream(failure, key));
            }
            if failure.status == Some(401) && token == Renewal::Possible {
                token = Renewal::Done;
                if let Some(anew) = fleet.endpoint_anew(entry, &key).await.map_err(Refusal::Ours)? {
                    (endpoint, key) = anew;
                    continue;
                }
            }
            let complaint = (failure.code == ErrorCode::ContextTooLong && !refitted)
                .then(|| context::complaint(&failure.detail))
                .flatten();
            let refit = complaint.and_then(|complaint| {
                fleet.learn_context(&entry.id, Some(complaint.context));
                prompt.refit(&fitted, complaint, max_tokens)
            });
            match refit {
                Some(smaller) => {
                    refitted = true;
                    fitted = smaller;
                }
                None if counting == Counting::Running && failure.code == ErrorCode::BadRequest => {
                    counting = Counting::AtTheEnd;
                }
                None if continuing == Continuing::Natively && failure.code == ErrorCode::BadRequest => {
                    continuing = Continuing::ByAsking;
                }
                None => return Err(Refusal::Upstream(failure, key)),
            }
        }
    }

    /// The branch, with the part of this answer that is to be continued.
    fn prompt(&self, system: &str) -> Prompt {
        let mut prompt = Prompt::of(&self.order.branch, system);
        if let (Some(turn), Some(prefix)) = (prompt.turns.last_mut(), self.live.prefix()) {
            turn.answer = Some(prefix);
        }
        prompt
    }

    /// Reads one response to its end.
    async fn listen(&self, client: &Client, endpoint: &Endpoint, request: ChatRequest) -> Result<(), Failure> {
        self.live.request_sent();
        let mut stream = client.chat_stream(endpoint.clone(), request);
        while let Some(event) = stream.next().await {
            match event? {
                ChatEvent::Content(text) => self.arrived(Part::Content, &text),
                ChatEvent::Reasoning(text) => self.arrived(Part::Reasoning, &text),
                ChatEvent::Replace(text) => self.replaced(&text),
                ChatEvent::Finish(reason) => self.live.finished(reason),
                ChatEvent::Usage { prompt_tokens, completion_tokens } => {
                    self.live.used(prompt_tokens, completion_tokens);
                }
                ChatEvent::Counted(tokens) => self.live.counted(tokens),
            }
            if self.order.follower.is_some()
                && let Some(metrics) = self.live.so_far(MEASURED_EVERY)
            {
                self.tell(Progress::Measured(metrics));
            }
        }
        Ok(())
    }

    fn arrived(&self, part: Part, text: &str) {
        self.desk.arrived(&self.live, part, text);
        self.tell(match part {
            Part::Content => Progress::Text(text.to_owned()),
            Part::Reasoning => Progress::Thought,
        });
    }

    /// The producer says that its whole text is another one than the pieces made. The window reads its view again.
    fn replaced(&self, text: &str) {
        let whole = self.desk.replaced(&self.live, text);
        self.tell(Progress::Replaced(whole));
    }

    fn tell(&self, progress: Progress) {
        if let Some(follower) = &self.order.follower {
            follower(progress);
        }
    }

    /// The error as the window gets it. What a server made up is taken back before.
    fn shown(&self, failure: Failure, key: &Key) -> AppError {
        if failure.code == ErrorCode::Simulated && self.live.has_answered() {
            self.replaced("");
        }
        let withheld = failure.code == ErrorCode::Unauthorised && matches!(key, Key::Withheld);
        let mut error = AppError::from(failure);
        if withheld {
            error.code = ErrorCode::InsecureTransport;
        }
        error.detail = error.detail.map(|detail| capibara6_logging::redact(&detail).into_owned());
        error
    }

    async fn settle(self, status: MessageStatus, error: Option<AppError>) {
        let Self { desk, live, order } = self;
        let ended = live.end(status, error.clone());
        if let Some(follower) = &order.follower {
            follower(Progress::Ended(status, ended.metrics, error.clone()));
        }
        desk.put_down(&live, status, error, &ended).await;
        let failed = match status {
            MessageStatus::Complete => Some(false),
            MessageStatus::Failed => Some(true),
            MessageStatus::Streaming | MessageStatus::Stopped | MessageStatus::Interrupted => None,
        };
        if let (Some(failed), Some(model), None) = (failed, ended.model, &order.follower)
            && let Ok(summary) = desk.store.summary(live.conversation).await
        {
            // Without a listener the notice is for nobody.
            let _ = desk.notices.send(Notice {
                conversation: live.conversation,
                title: summary.title,
                message: live.id,
                model,
                failed,
                duration: Duration::from_millis(ended.metrics.duration_ms.unwrap_or_default()),
            });
        }
        if order.naming == Naming::ByModel && status == MessageStatus::Complete {
            tokio::select! {
                () = desk.quit.cancelled() => {}
                () = Box::pin(name_by_model(&desk, &order)) => {}
            }
        }
    }
}

/// Whether a token that is refused may be renewed: once for a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Renewal {
    Possible,
    Done,
}

impl Desk {
    /// Another one writes than was thought.
    fn sign(&self, live: &Live, model: &ModelId, scripted: bool, routing: &capibara6_protocol::Routing) {
        live.reroute(model, scripted, routing);
        self.journal.reroute(live.id, model.clone(), scripted, routing.clone());
        self.frames.send(Event::MessageRerouted {
            conversation: live.conversation,
            message: live.id,
            model: model.clone(),
            scripted,
            routing: routing.clone(),
        });
    }

    /// Words arrived: memory, journal, window.
    fn arrived(&self, live: &Live, part: Part, text: &str) {
        let at = live.push(part, text);
        self.journal.append(live.id, part, text);
        self.frames.send(Event::MessageDelta {
            conversation: live.conversation,
            message: live.id,
            part,
            at,
            text: text.to_owned(),
        });
    }

    /// All words are to be replaced by these; gives the whole text of the message.
    fn replaced(&self, live: &Live, text: &str) -> String {
        let whole = live.replace_content(text);
        self.journal.replace(live.id, Part::Content, &whole);
        self.frames.lose();
        whole
    }

    /// Puts an ended answer on disk and tells the window, which does not wait for long.
    async fn put_down(&self, live: &Live, status: MessageStatus, error: Option<AppError>, ended: &live::Ended) {
        let mut on_disk = self.journal.settle(Settled {
            message: live.id,
            status,
            metrics: ended.metrics,
            error: error.clone(),
            omitted: ended.omitted,
        });
        let in_time = tokio::time::timeout(SETTLE_PATIENCE, &mut on_disk).await;
        let is_in_time = in_time.is_ok();
        if let Ok(kept) = in_time {
            self.leave(live, kept);
        }
        self.frames.send(Event::MessageEnded {
            conversation: live.conversation,
            message: live.id,
            status,
            content_length: ended.content_length,
            reasoning_length: ended.reasoning_length,
            metrics: ended.metrics,
            error: error.map(short_enough_for_a_frame),
        });
        if !is_in_time {
            // The journal has it and goes on trying; until then the message is shown from memory.
            self.leave(live, on_disk.await);
        }
    }

    /// An ended answer is on disk, or gone. Where it is not in its place there, it is shown from memory for as long as the history is
    /// damaged.
    fn leave(&self, live: &Live, kept: Result<Option<Message>, oneshot::error::RecvError>) {
        match kept {
            Ok(None) => live.set_aside(),
            Ok(Some(_)) | Err(_) => drop(lock(&self.live).remove(&live.id)),
        }
    }
}

/// Writes an answer whose words come from somewhere else than one model's stream: a synthesis, a service of the fleet.
pub(crate) struct Pen {
    desk: Arc<Desk>,
    live: Arc<Live>,
}

impl Pen {
    /// Waits until the user stops it, or the history closes.
    pub(crate) fn cancelled(&self) -> impl Future<Output = ()> + use<> {
        self.live.cancelled()
    }

    /// The time is counted from here.
    pub(crate) fn sent(&self) {
        self.live.request_sent();
    }

    /// Adds words.
    pub(crate) fn write(&self, text: &str) {
        if !text.is_empty() {
            self.desk.arrived(&self.live, Part::Content, text);
        }
    }

    /// Puts these words in the place of all.
    pub(crate) fn rewrite(&self, text: &str) {
        if self.live.content() != text {
            self.desk.replaced(&self.live, text);
        }
    }

    /// Names who wrote it, where that is somebody else than was thought.
    pub(crate) fn sign(&self, model: &ModelId, scripted: bool, routing: &capibara6_protocol::Routing) {
        self.desk.sign(&self.live, model, scripted, routing);
    }

    /// Ends it.
    pub(crate) async fn end(self, status: MessageStatus, error: Option<AppError>) -> Metrics {
        let ended = self.live.end(status, error.clone());
        self.desk.put_down(&self.live, status, error, &ended).await;
        ended.metrics
    }
}

/// What a failure before the first token is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Patience {
    /// The next model is asked at once: somebody waits.
    NextModel,
    /// Nobody else is left: the request is repeated where its failure allows it.
    Retries,
}

/// What comes of an answer, even where a defect of ours ends it: that is an error that is shown, never a message that would
/// seem to be written for ever. The panic itself is in the log.
async fn whatever_happens(answer: impl Future<Output = Result<(), AppError>>) -> Result<(), AppError> {
    AssertUnwindSafe(answer).catch_unwind().await.unwrap_or_else(|_| Err(ErrorCode::Internal.into()))
}

/// Whether a continued answer is continued by the server's own means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Continuing {
    /// It is a new answer.
    No,
    Natively,
    ByAsking,
}

fn request(
    fitted: &Fitted,
    entry: &ModelEntry,
    parameters: &Parameters,
    max_tokens: Option<u32>,
    continuing: Continuing,
) -> ChatRequest {
    let mut messages = fitted.messages.clone();
    if continuing == Continuing::ByAsking {
        messages.push(ChatMessage { role: ChatRole::User, content: CONTINUE.to_owned() });
    }
    ChatRequest {
        messages,
        temperature: parameters.temperature.or(entry.temperature),
        top_p: parameters.top_p,
        max_tokens,
        seed: parameters.seed,
        stop: parameters.stop.iter().filter(|stop| !stop.is_empty()).cloned().collect(),
        continue_final: continuing == Continuing::Natively,
        schema: None,
        counting: Counting::AtTheEnd,
    }
}

/// Failures after which the next model of the profile may do better. A request that is wrong or too long would be so
/// everywhere, and made-up text is shown as what it is.
fn lets_another_try(code: ErrorCode) -> bool {
    !matches!(code, ErrorCode::BadRequest | ErrorCode::ContextTooLong | ErrorCode::Simulated | ErrorCode::Cancelled)
}

/// The context of a model: from the profile, from what its server said before, or (for a conversation that may not fit)
/// from its server now.
async fn context_of(fleet: &Fleet, entry: &ModelEntry, prompt: &Prompt, server: &ServerCounter<'_>) -> Option<u32> {
    match fleet.context(entry) {
        Context::Known(context) => Some(context),
        Context::NotAsked if prompt.is_long() => {
            let answer = server.context(&prompt.messages(0)).await.ok()?;
            fleet.learn_context(&entry.id, answer);
            answer
        }
        Context::NotAsked | Context::Untold => None,
    }
}

/// Counts as the server does.
struct ServerCounter<'a> {
    client: &'a Client,
    endpoint: &'a Endpoint,
}

impl ServerCounter<'_> {
    /// The context, where the server says it in one way or the other.
    async fn context(&self, messages: &[ChatMessage]) -> Result<Option<u32>, Failure> {
        let counted = self.client.tokenize(self.endpoint, messages, COUNT_PATIENCE).await;
        if let Some(context) = counted.ok().and_then(|count| count.max_model_len) {
            return Ok(Some(context));
        }
        let listed = self.client.models(&self.endpoint.base, self.endpoint.key.as_ref(), COUNT_PATIENCE).await?;
        Ok(listed
            .models
            .into_iter()
            .find(|model| model.id == self.endpoint.model)
            .and_then(|model| model.max_model_len))
    }
}

impl Counter for ServerCounter<'_> {
    async fn count(&self, messages: &[ChatMessage]) -> Option<u32> {
        self.client.tokenize(self.endpoint, messages, COUNT_PATIENCE).await.ok().map(|count| count.count)
    }
}

/// Asks the fast model for a title. Every failure is silent: the conversation has a title already.
async fn name_by_model(desk: &Desk, order: &Order) {
    let Some(title) = tokio::time::timeout(TITLE_PATIENCE, title_by_model(order)).await.ok().flatten() else { return };
    if let Ok(conversation) = desk.store.suggest_title(order.answer.conversation, &title).await {
        desk.frames.send(Event::ConversationChanged { conversation });
    }
}

async fn title_by_model(order: &Order) -> Option<String> {
    const QUESTION_CHARS: usize = 2_000;
    const TITLE_TOKENS: u32 = 32;
    let fleet = &order.fleet;
    let models = &fleet.view.profile.models;
    let fast = models.iter().find(|entry| entry.tier == capibara6_protocol::Tier::Fast);
    let entry = fast.or_else(|| fleet.entry(order.route.candidates.first()?))?;
    if fleet.trouble(&entry.id).is_some() {
        return None;
    }
    let (client, (endpoint, _)) = (fleet.client().await.ok()?, fleet.endpoint(entry).await.ok()?);
    let question: String = order.branch.last()?.content.chars().take(QUESTION_CHARS).collect();
    let request = ChatRequest {
        messages: vec![
            ChatMessage { role: ChatRole::System, content: titles::INSTRUCTION.to_owned() },
            ChatMessage { role: ChatRole::User, content: question },
        ],
        temperature: Some(0.2),
        top_p: None,
        max_tokens: Some(TITLE_TOKENS),
        seed: None,
        stop: Vec::new(),
        continue_final: false,
        schema: None,
        counting: Counting::AtTheEnd,
    };
    titles::from_reply(&client.chat(&endpoint, &request).await.ok()?.content)
}

/// An error whose details fit into a frame: the whole of them is on disk.
fn short_enough_for_a_frame(mut error: AppError) -> AppError {
    const DETAIL_BYTES: usize = 1_000;
    if let Some(detail) = &mut error.detail
        && detail.len() > DETAIL_BYTES
    {
        detail.truncate(detail.floor_char_boundary(DETAIL_BYTES));
        detail.push('…');
    }
    error
}

/// Nothing that is guarded here can be left half-written by a panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_defect_of_ours_ends_an_answer_as_an_error() {
        let defect = async { if cfg!(test) { panic!("on purpose") } else { Ok(()) } };
        assert_eq!(whatever_happens(defect).await, Err(ErrorCode::Internal.into()));
        assert_eq!(whatever_happens(async { Ok(()) }).await, Ok(()));
    }
}
