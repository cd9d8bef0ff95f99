//! The way of streamed text to the disk. Pieces are collected for [`FLUSH`] or [`FLUSH_BYTES`] and written in one
//! transaction for all answers together; what belongs to one message is written in the order in which it happened.
//!
//! Two promises with two prices. What is on screen survives the end of the program, however it ends: text is handed to the
//! system before a frame can show it, for some 0.01 ms. And it survives a power cut [`SYNCHRONISE`] later: waiting for the
//! disk more often would cost milliseconds and wear on the disks that people have.
//!
//! Writing never holds up the window: callers hand over and go on. A disk that refuses loses nothing either: everything
//! stays here in order and is tried again, and the trouble is said once. That text is bounded by what the models write
//! while the disk is full, which is also on screen.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use capibara6_protocol::{AppError, ErrorCode, Message, MessageId, ModelId, Part, Routing};
use capibara6_store::{Piece, Settled, Store, StoreError};
use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;

/// How long a piece may wait before it is written: half of a frame's wait.
pub const FLUSH: Duration = Duration::from_millis(8);

/// How long what is written may wait before it is made to survive a power cut.
pub const SYNCHRONISE: Duration = Duration::from_millis(150);

/// How much may wait before it is written, in bytes.
pub const FLUSH_BYTES: usize = 16 * 1024;

/// Waits between attempts while the disk refuses.
const RETRY: [Duration; 5] = [
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(5),
];

/// Where the journal writes.
pub trait Disk: Send + Sync + 'static {
    /// Appends pieces of text, all or none, without waiting for the disk.
    fn append(&self, pieces: Vec<Piece>) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Makes all that was written survive a power cut; the other writes below do so by themselves.
    fn synchronise(&self) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Replaces a text.
    fn replace(
        &self,
        message: MessageId,
        part: Part,
        text: &str,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Says which model answers now.
    fn reroute(
        &self,
        message: MessageId,
        model: &ModelId,
        scripted: bool,
        routing: &Routing,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Ends a message. Nothing is given where it is on disk, but not in its place: the history is damaged.
    fn settle(&self, settled: &Settled) -> impl Future<Output = Result<Option<Message>, StoreError>> + Send;
}

impl Disk for Store {
    async fn append(&self, pieces: Vec<Piece>) -> Result<(), StoreError> {
        Store::append_soon(self, pieces).await
    }

    async fn synchronise(&self) -> Result<(), StoreError> {
        Store::synchronise(self).await
    }

    async fn replace(&self, message: MessageId, part: Part, text: &str) -> Result<(), StoreError> {
        self.replace_text(message, part, text).await
    }

    async fn reroute(
        &self,
        message: MessageId,
        model: &ModelId,
        scripted: bool,
        routing: &Routing,
    ) -> Result<(), StoreError> {
        Store::reroute(self, message, model, scripted, routing).await
    }

    async fn settle(&self, settled: &Settled) -> Result<Option<Message>, StoreError> {
        self.settle_anyhow(settled).await
    }
}

/// What is to be written, in order.
enum Entry {
    Append(Piece),
    Replace { message: MessageId, part: Part, text: String },
    Reroute { message: MessageId, model: ModelId, scripted: bool, routing: Box<Routing> },
    Settle { settled: Box<Settled>, done: oneshot::Sender<Option<Message>> },
}

/// The handing-over side. Clones share it; the writer ends when all are gone and everything is written.
#[derive(Clone)]
pub struct Journal {
    shared: Arc<Shared>,
    _open: Arc<Open>,
}

struct Shared {
    queue: Mutex<Queue>,
    changed: Notify,
}

#[derive(Default)]
struct Queue {
    entries: VecDeque<Entry>,
    bytes: usize,
    /// When the oldest entry came.
    since: Option<Instant>,
    /// Whether something waits that somebody waits for.
    urgent: bool,
    closed: bool,
}

/// Closes the queue when the last handle is gone.
struct Open(Arc<Shared>);

impl Drop for Open {
    fn drop(&mut self) {
        lock(&self.0.queue).closed = true;
        self.0.changed.notify_waiters();
    }
}

impl Journal {
    /// Starts the writer. `trouble` is told when writing begins to fail, when it fails for another reason, and (`None`)
    /// when it works again.
    pub fn start(disk: impl Disk, trouble: impl Fn(Option<AppError>) + Send + Sync + 'static) -> Self {
        let shared = Arc::new(Shared { queue: Mutex::default(), changed: Notify::new() });
        let writer = Writer { disk, trouble, shared: Arc::clone(&shared), last: None, unsynchronised: None };
        tokio::spawn(writer.run());
        Self { _open: Arc::new(Open(Arc::clone(&shared))), shared }
    }

    /// Text arrived.
    pub fn append(&self, message: MessageId, part: Part, text: &str) {
        let mut queue = lock(&self.shared.queue);
        queue.bytes += text.len();
        let continued = queue.entries.iter_mut().rev().take(16).map_while(|entry| match entry {
            Entry::Append(piece) => Some(piece),
            Entry::Replace { .. } | Entry::Reroute { .. } | Entry::Settle { .. } => None,
        });
        match continued.into_iter().find(|piece| piece.message == message && piece.part == part) {
            Some(piece) => piece.text.push_str(text),
            None => queue.push(Entry::Append(Piece { message, part, text: text.to_owned() })),
        }
        drop(queue);
        self.shared.changed.notify_waiters();
    }

    /// The text is another one.
    pub fn replace(&self, message: MessageId, part: Part, text: &str) {
        self.hand_over(Entry::Replace { message, part, text: text.to_owned() }, Urgency::Usual);
    }

    /// Another model answers.
    pub fn reroute(&self, message: MessageId, model: ModelId, scripted: bool, routing: Routing) {
        self.hand_over(Entry::Reroute { message, model, scripted, routing: Box::new(routing) }, Urgency::Usual);
    }

    /// The message ended. The receiver gets it as it is on disk, once it is, or `None` where it is not in its place there; it gets
    /// nothing where the message is gone.
    pub fn settle(&self, settled: Settled) -> oneshot::Receiver<Option<Message>> {
        let (done, receiver) = oneshot::channel();
        self.hand_over(Entry::Settle { settled: Box::new(settled), done }, Urgency::AtOnce);
        receiver
    }

    fn hand_over(&self, entry: Entry, urgency: Urgency) {
        let mut queue = lock(&self.shared.queue);
        queue.push(entry);
        queue.urgent |= urgency == Urgency::AtOnce;
        drop(queue);
        self.shared.changed.notify_waiters();
    }
}

#[derive(PartialEq, Eq)]
enum Urgency {
    Usual,
    AtOnce,
}

impl Queue {
    fn push(&mut self, entry: Entry) {
        self.since.get_or_insert_with(Instant::now);
        self.entries.push_back(entry);
    }

    /// When the next entries are to be written, if there are any.
    fn due(&self) -> Option<Instant> {
        let since = self.since.filter(|_| !self.entries.is_empty())?;
        let now = self.urgent || self.closed || self.bytes >= FLUSH_BYTES;
        Some(if now { since } else { since + FLUSH })
    }

    fn take(&mut self) -> VecDeque<Entry> {
        self.bytes = 0;
        self.since = None;
        self.urgent = false;
        std::mem::take(&mut self.entries)
    }
}

struct Writer<D, T> {
    disk: D,
    trouble: T,
    shared: Arc<Shared>,
    /// The trouble that was said last.
    last: Option<ErrorCode>,
    /// Since when something is written that a power cut would take.
    unsynchronised: Option<Instant>,
}

/// What is to be done next.
enum Due {
    Write(VecDeque<Entry>),
    Synchronise,
}

impl<D: Disk, T: Fn(Option<AppError>) + Send + Sync + 'static> Writer<D, T> {
    async fn run(mut self) {
        while let Some(due) = self.next().await {
            match due {
                Due::Write(entries) => self.write(entries).await,
                Due::Synchronise => {
                    self.insist(D::synchronise).await;
                    self.unsynchronised = None;
                }
            }
        }
    }

    /// What is due, or `None` when there will be no more.
    async fn next(&self) -> Option<Due> {
        let synchronise = self.unsynchronised.map(|since| since + SYNCHRONISE);
        loop {
            // Registered before looking, so that no change between looking and waiting is missed.
            let changed = self.shared.changed.notified();
            let (write, closed) = {
                let mut queue = lock(&self.shared.queue);
                let write = queue.due();
                // The disk first: text that keeps arriving must not put it off.
                if synchronise.is_some_and(|due| due <= Instant::now() || (queue.closed && write.is_none())) {
                    return Some(Due::Synchronise);
                }
                if write.is_some_and(|due| due <= Instant::now()) {
                    return Some(Due::Write(queue.take()));
                }
                (write, queue.closed)
            };
            match write.into_iter().chain(synchronise).min() {
                Some(due) => drop(tokio::time::timeout_at(due, changed).await),
                None if closed => return None,
                None => changed.await,
            }
        }
    }

    /// Writes all of it, however often that takes.
    async fn write(&mut self, mut entries: VecDeque<Entry>) {
        while let Some(entry) = entries.pop_front() {
            match entry {
                Entry::Append(piece) => {
                    let mut pieces = vec![piece];
                    while let Some(Entry::Append(_)) = entries.front() {
                        if let Some(Entry::Append(piece)) = entries.pop_front() {
                            pieces.push(piece);
                        }
                    }
                    self.append(pieces).await;
                }
                Entry::Replace { message, part, text } => {
                    self.insist(|disk| disk.replace(message, part, &text)).await;
                    self.unsynchronised = None;
                }
                Entry::Reroute { message, model, scripted, routing } => {
                    self.insist(|disk| disk.reroute(message, &model, scripted, &routing)).await;
                    self.unsynchronised = None;
                }
                Entry::Settle { settled, done } => {
                    let settled = self.insist(|disk| disk.settle(&settled)).await;
                    self.unsynchronised = None;
                    if let Some(message) = settled {
                        // Nobody may be waiting any more.
                        let _ = done.send(message);
                    }
                }
            }
        }
    }

    async fn append(&mut self, pieces: Vec<Piece>) {
        self.unsynchronised.get_or_insert_with(Instant::now);
        if self.insist(|disk| disk.append(pieces.clone())).await.is_none() && pieces.len() > 1 {
            // One of the messages is gone: the others are written all the same.
            for piece in pieces {
                self.insist(|disk| disk.append(vec![piece.clone()])).await;
            }
        }
    }

    /// Tries until it works. `None` where there is nothing to write to: the conversation was deleted for good.
    async fn insist<'a, R, F>(&'a mut self, job: impl Fn(&'a D) -> F) -> Option<R>
    where
        F: Future<Output = Result<R, StoreError>> + Send + 'a,
    {
        let Self { disk, trouble, last, .. } = self;
        let mut waits = RETRY.into_iter().chain(std::iter::repeat(RETRY[RETRY.len() - 1]));
        loop {
            match job(disk).await {
                Ok(value) => {
                    if last.take().is_some() {
                        trouble(None);
                    }
                    return Some(value);
                }
                Err(StoreError::NotFound) => {
                    tracing::warn!("the message that was written is gone");
                    return None;
                }
                Err(error) => {
                    let error = AppError::from(error);
                    if last.replace(error.code) != Some(error.code) {
                        tracing::error!(%error, "writing failed; the text is kept and tried again");
                        trouble(Some(error));
                    }
                    tokio::time::sleep(waits.next().unwrap_or(RETRY[0])).await;
                }
            }
        }
    }
}

/// A panic while the lock was held cannot leave the queue half-written: entries are pushed and taken whole.
fn lock(queue: &Mutex<Queue>) -> MutexGuard<'_, Queue> {
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
