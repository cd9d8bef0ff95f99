//! Spaces: the histories that one program keeps apart. There is one for whoever is not signed in (the database in the data
//! directory) and one for each account (a database of its own under `accounts/`), and one of them is open at a time.
//!
//! Changing the space ends what is being written in the old one as `interrupted`, with all its text, before the new one is
//! opened: tokens and words of one person are never used in the space of another. No event of the old space reaches the
//! window after [`Event::SpaceChanged`], which makes the window read everything anew; commands that come meanwhile wait.
//! The same way leads to a database that was replaced on disk ([`Spaces::reopen`]). A space is kept apart, not encrypted:
//! whoever can read the user's files can read it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use capibara6_protocol::{
    AccountKey, AppError, ConversationId, ConversationSummary, ConversationView, ErrorCode, Event, Message, MessageId,
    Role,
};
use capibara6_store::{Store, StoreError};
use futures_util::future::join_all;
use tokio::sync::{broadcast, watch};

use crate::consensus::Runs;
use crate::encryption::Keys;
use crate::frames::Frames;
use crate::generation::{Ended, Generations, Notice};
use crate::journal::Journal;
use crate::keeping;

/// The name of a space's database.
pub const DATABASE: &str = "capibara6.db";

/// The folder of the accounts' spaces in the data directory.
pub const ACCOUNTS: &str = "accounts";

/// How long the end of a space waits for answers to be put on disk, and then for the database to close.
const LAST_WORDS: Duration = Duration::from_millis(1_500);
const LAST_CLOSE: Duration = Duration::from_millis(400);

/// Whose history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Space {
    /// Nobody's in particular: what is written signed out, and the program's settings.
    SignedOut,
    /// An account's.
    Account(AccountKey),
}

impl Space {
    /// Whose it is, where it is somebody's.
    pub fn account(&self) -> Option<&AccountKey> {
        match self {
            Self::SignedOut => None,
            Self::Account(account) => Some(account),
        }
    }

    /// The folder of its database.
    pub fn folder(&self, home: &Path) -> PathBuf {
        match self {
            Self::SignedOut => home.to_owned(),
            // A key is made of letters and digits, so it cannot lead out of the folder.
            Self::Account(account) => home.join(ACCOUNTS).join(account.as_str()),
        }
    }
}

/// The history of a space.
pub(crate) struct History {
    pub(crate) store: Store,
    pub(crate) generations: Generations,
    pub(crate) runs: Runs,
    frames: Frames,
    trouble: Arc<Mutex<Option<ErrorCode>>>,
    /// Done once its index is kept up to date.
    pub(crate) indexing: std::sync::Once,
    /// Done once somebody looks out for damage to it.
    pub(crate) guarding: std::sync::Once,
}

/// All spaces, of which one is open.
pub(crate) struct Spaces {
    home: PathBuf,
    keys: Keys,
    frames: Frames,
    notices: broadcast::Sender<Notice>,
    /// The database of the signed-out space, which also holds the program's settings and is open all the time.
    program: Mutex<Result<Store, AppError>>,
    current: watch::Sender<Current>,
    turn: tokio::sync::Mutex<()>,
}

/// The space that is open.
#[derive(Clone)]
enum Current {
    /// None for a moment.
    Changing,
    Open(Opened),
    /// The program ends.
    Over,
}

/// An open space. Its history may be one that could not be opened.
#[derive(Clone)]
pub(crate) struct Opened {
    pub(crate) space: Space,
    pub(crate) history: Result<Arc<History>, AppError>,
}

/// The time between two spaces. Another change waits until this one is over; dropped without [`Self::publish`], the
/// signed-out space says that there is none, so nobody waits for ever.
pub(crate) struct Change<'a> {
    spaces: &'a Spaces,
    _turn: tokio::sync::MutexGuard<'a, ()>,
    published: Published,
    /// The space before.
    before: Space,
    /// How it could be closed.
    closed: Closed,
}

#[derive(PartialEq, Eq)]
enum Published {
    No,
    Yes,
}

/// How a space could be closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Closed {
    /// All of it is on disk.
    Whole,
    /// Some of it was not on disk in time, and is still being written.
    Late,
}

impl Spaces {
    /// The spaces of a data directory; the signed-out one's database is opened, and none of them is the open one yet.
    pub(crate) async fn new(home: PathBuf, keys: Keys, frames: Frames, notices: broadcast::Sender<Notice>) -> Self {
        let program = open(&home, &keys, &Space::SignedOut).await;
        let current = watch::Sender::new(Current::Changing);
        Self { home, keys, frames, notices, program: Mutex::new(program), current, turn: tokio::sync::Mutex::default() }
    }

    /// The database with the program's settings.
    pub(crate) fn program(&self) -> Result<Store, AppError> {
        lock(&self.program).clone()
    }

    /// The history of the open space; waits while it changes.
    ///
    /// # Errors
    /// Why it cannot be opened.
    pub(crate) async fn history(&self) -> Result<Arc<History>, AppError> {
        let mut current = self.current.subscribe();
        let known = |current: &Current| !matches!(current, Current::Changing);
        let current = current.wait_for(known).await.map_err(|_| AppError::from(ErrorCode::StorageFailed))?.clone();
        match current {
            Current::Open(opened) => opened.history,
            Current::Changing | Current::Over => Err(ErrorCode::StorageFailed.into()),
        }
    }

    /// The open space, where there is one at this moment.
    pub(crate) fn opened(&self) -> Option<Opened> {
        match &*self.current.borrow() {
            Current::Open(opened) => Some(opened.clone()),
            Current::Changing | Current::Over => None,
        }
    }

    /// Why the history of the open space cannot be written (or read), when it cannot.
    pub(crate) fn trouble(&self) -> Option<ErrorCode> {
        match self.opened()?.history {
            Ok(history) => *lock(&history.trouble),
            Err(error) => Some(error.code),
        }
    }

    /// Closes the open space and gives the time until another one is open.
    pub(crate) async fn change(&self) -> Change<'_> {
        let turn = self.turn.lock().await;
        // What waits for the window is the old space's and goes now, and what the old space still says goes nowhere.
        self.frames.leave_space();
        let before = self.current.send_replace(Current::Changing);
        let (published, closed) = (Published::No, Closed::Whole);
        let mut change = Change { spaces: self, _turn: turn, published, before: Space::SignedOut, closed };
        match before {
            Current::Open(opened) => {
                change.before = opened.space.clone();
                change.closed = close(opened).await;
            }
            Current::Changing => {}
            // The end of the program is no time to open another one; publishing leaves it at that.
            Current::Over => drop(self.current.send_replace(Current::Over)),
        }
        change
    }

    /// Ends everything: answers become `interrupted` with all their text, and no history is open any more. Takes two
    /// seconds at most.
    pub(crate) async fn shutdown(&self) {
        let mut stores: Vec<Store> = self.program().into_iter().collect();
        match self.current.send_replace(Current::Over) {
            Current::Open(Opened { history: Ok(history), space }) => {
                history.generations.shutdown(LAST_WORDS).await;
                if space != Space::SignedOut {
                    stores.push(history.store.clone());
                }
            }
            // Whoever changes the space ends what was written in the old one.
            Current::Changing => drop(tokio::time::timeout(LAST_WORDS, self.turn.lock()).await),
            Current::Open(_) | Current::Over => {}
        }
        let closing = join_all(stores.iter().map(Store::close));
        if tokio::time::timeout(LAST_CLOSE, closing).await.is_err() {
            tracing::warn!("the database did not close in time");
        }
    }

    fn history_of(&self, store: Store) -> Arc<History> {
        let frames = self.frames.of_space();
        let trouble = Arc::new(Mutex::new(store.trouble().map(|error| AppError::from(error).code)));
        let (state, teller, asked) = (Arc::clone(&trouble), frames.clone(), store.clone());
        let journal = Journal::start(store.clone(), move |error: Option<AppError>| {
            // What is said can be kept while the history is damaged; that does not mend it.
            if error.is_none() && asked.trouble().is_some() {
                return;
            }
            *lock(&state) = error.as_ref().map(|error| error.code);
            teller.send(match error {
                Some(error) => Event::StorageTrouble { error },
                None => Event::StorageRecovered,
            });
        });
        let generations = Generations::new(store.clone(), journal, frames.clone(), self.notices.clone());
        let runs = Runs::new(store.clone(), generations.clone(), frames.clone(), self.notices.clone());
        Arc::new(History {
            store,
            generations,
            runs,
            frames,
            trouble,
            indexing: std::sync::Once::new(),
            guarding: std::sync::Once::new(),
        })
    }
}

impl Change<'_> {
    /// The space that was open before.
    pub(crate) fn before(&self) -> &Space {
        &self.before
    }

    /// Opens a space, which nobody is shown yet. What cannot be opened is a state as well.
    pub(crate) async fn open(&self, space: Space) -> Opened {
        let spaces = self.spaces;
        let store = match &space {
            Space::SignedOut => spaces.program(),
            Space::Account(_) => open(&spaces.home, &spaces.keys, &space).await,
        };
        Opened { space, history: store.map(|store| spaces.history_of(store)) }
    }

    /// Has the database of the space before replaced while it is closed; `replace` gets its path.
    ///
    /// # Errors
    /// `busy` where not all of the history before is on disk yet, and nothing was replaced; otherwise `replace`'s.
    pub(crate) async fn replace<T, F>(&self, replace: impl FnOnce(PathBuf) -> F) -> Result<T, AppError>
    where
        F: Future<Output = Result<T, AppError>>,
    {
        if self.closed == Closed::Late {
            return Err(ErrorCode::Busy.into());
        }
        let space = &self.before;
        let path = space.folder(&self.spaces.home).join(DATABASE);
        match space {
            Space::SignedOut => {
                if let Ok(store) = self.spaces.program() {
                    store.close().await;
                }
                let replaced = replace(path).await;
                let opened = open(&self.spaces.home, &self.spaces.keys, space).await;
                *lock(&self.spaces.program) = opened;
                replaced
            }
            Space::Account(_) => replace(path).await,
        }
    }

    /// Shows the space to whoever waits, and tells the window.
    pub(crate) fn publish(mut self, opened: Opened) {
        self.published = Published::Yes;
        let account = opened.space.account().cloned();
        self.show(opened);
        self.spaces.frames.send(Event::SpaceChanged { account });
    }

    fn show(&self, opened: Opened) {
        self.spaces.current.send_if_modified(|current| {
            let goes_on = !matches!(current, Current::Over);
            if goes_on {
                *current = Current::Open(opened);
            }
            goes_on
        });
    }
}

impl Drop for Change<'_> {
    fn drop(&mut self) {
        if self.published == Published::No {
            let history = Err(ErrorCode::StorageFailed.into());
            self.show(Opened { space: Space::SignedOut, history });
        }
    }
}

/// Opens the database of a space.
async fn open(home: &Path, keys: &Keys, space: &Space) -> Result<Store, AppError> {
    let path = space.folder(home).join(DATABASE);
    let key = keys.to_open(&path, space).await?;
    let opened = keeping::open(&path, key.as_ref()).await;
    opened.map_err(|error| {
        tracing::error!(%error, "a history cannot be opened");
        AppError::from(error)
    })
}

/// Ends what is being written in a space, and closes its database where that is not needed any more.
async fn close(opened: Opened) -> Closed {
    let Opened { space, history } = opened;
    let Ok(history) = history else { return Closed::Whole };
    match history.generations.shutdown(LAST_WORDS).await {
        // The journal still tries; its database closes by itself when it has.
        Ended::NotInTime => return Closed::Late,
        Ended::Whole => {}
    }
    match space {
        Space::SignedOut => {}
        Space::Account(_) => {
            if tokio::time::timeout(LAST_CLOSE, history.store.close()).await.is_err() {
                tracing::warn!("the database did not close in time");
            }
        }
    }
    Closed::Whole
}

impl History {
    /// Tells the window something about this history, as long as it is the open one.
    pub(crate) fn tell(&self, event: Event) {
        self.frames.send(event);
    }

    /// Nothing can be written any more. Said once.
    pub(crate) fn in_trouble(&self, error: AppError) {
        if lock(&self.trouble).replace(error.code) != Some(error.code) {
            self.tell(Event::StorageTrouble { error });
        }
    }

    /// What could only be read since it was opened can be written now.
    pub(crate) fn recovered(&self) {
        *lock(&self.trouble) = None;
        self.tell(Event::StorageRecovered);
    }

    /// Tells the window how a conversation is now.
    pub(crate) fn changed(&self, summary: ConversationSummary) -> ConversationSummary {
        self.tell(Event::ConversationChanged { conversation: summary.clone() });
        summary
    }

    /// A view with what is in memory further than on disk.
    pub(crate) fn shown(&self, mut view: ConversationView) -> ConversationView {
        view.messages.iter_mut().for_each(|message| self.generations.overlay(message));
        view
    }

    /// A message of one speaker; another one's is not found.
    pub(crate) async fn message(&self, id: MessageId, role: Role) -> Result<Message, AppError> {
        let mut message = self.store.message(id).await?;
        self.generations.overlay(&mut message);
        if message.role == role { Ok(message) } else { Err(ErrorCode::NotFound.into()) }
    }

    /// The branch that ends with a message.
    pub(crate) async fn branch(&self, leaf: MessageId) -> Result<Vec<Message>, StoreError> {
        let mut branch = self.store.branch(leaf).await?;
        branch.iter_mut().for_each(|message| self.generations.overlay(message));
        Ok(branch)
    }

    /// The active branch of a conversation, where nothing is being written at its end.
    pub(crate) async fn branch_to_the_end(&self, id: ConversationId) -> Result<Vec<Message>, AppError> {
        let Some(leaf) = self.store.view(id, None, 1).await?.messages.pop() else {
            return Ok(Vec::new());
        };
        if self.generations.is_streaming(leaf.id) || self.runs.is_gathering(id) {
            return Err(ErrorCode::Busy.into());
        }
        Ok(self.branch(leaf.id).await?)
    }

    /// The branch above a question.
    pub(crate) async fn branch_above(&self, question: &Message) -> Result<Vec<Message>, StoreError> {
        match question.parent {
            Some(parent) => self.branch(parent).await,
            None => Ok(Vec::new()),
        }
    }
}

/// Nothing that is guarded here can be left half-written by a panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
