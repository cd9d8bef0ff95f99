//! The facade: one method per command of the bridge, with the command's request and response, in one file per domain.
//! Each says what happens in which order and leaves the doing to the modules.

mod account;
mod asking;
mod backup;
mod consensus;
mod conversations;
mod encryption;
mod keeping;
mod organise;
mod profiles;
mod program;
mod search;
mod settings;
mod space;
mod transfer;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use capibara6_identity::SecretStore;
use capibara6_logging::Logging;
use capibara6_profile::ProfileFolder;
use capibara6_protocol::*;
use tokio::sync::broadcast;
use tokio::time::Instant;

use self::settings::Kept;
use crate::accounts::{Accounts, InUse, Outside};
use crate::encryption::Keys;
use crate::fleet::Fleets;
use crate::frames::{FrameReceiver, Frames};
use crate::generation::Notice;
use crate::keeping::Keeping;
use crate::spaces::{History, Space, Spaces};
use crate::surroundings::Surroundings;

/// What the program is opened with.
pub struct Options {
    /// The data directory.
    pub home: PathBuf,
    /// A profile to be used at once.
    pub profile_path: Option<PathBuf>,
    /// The system's preferred languages, best first.
    pub system_locales: Vec<String>,
    /// Versions of what the core is built into.
    pub versions: Versions,
    /// Where keys are kept.
    pub secrets: SecretStore,
    /// The logs, for diagnostics.
    pub logging: Option<Logging>,
    /// The clock and the source of identifiers.
    pub surroundings: Surroundings,
}

/// Versions of what the core is built into.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Versions {
    /// The program.
    pub version: String,
    /// The commit it was built from, where known.
    pub commit: String,
    /// Tauri.
    pub tauri: String,
    /// The system's webview.
    pub webview: String,
}

/// The application. Clones share it.
#[derive(Clone)]
pub struct App {
    inner: Arc<Inner>,
}

struct Inner {
    home: PathBuf,
    system_locales: Vec<String>,
    versions: Versions,
    logging: Option<Logging>,
    surroundings: Surroundings,
    opened: Instant,
    /// As they hold now: the program's, with those of the open space.
    settings: Mutex<Settings>,
    /// As they are in the signed-out space's database.
    program_settings: Mutex<Settings>,
    settings_turn: tokio::sync::Mutex<Kept>,
    fleets: Fleets,
    accounts: Arc<Accounts>,
    frames: Frames,
    notices: broadcast::Sender<Notice>,
    spaces: Spaces,
    /// Of encrypted histories.
    keys: Keys,
    transfers: Mutex<transfer::Transfers>,
    ready: std::sync::Once,
    keeping: Keeping,
}

/// Ended answers, for the system's notifications.
pub struct NoticeReceiver(broadcast::Receiver<Notice>);

impl NoticeReceiver {
    /// The next one; `None` when the application is gone. Those that came while nobody looked may be left out.
    pub async fn next(&mut self) -> Option<Notice> {
        loop {
            match self.0.recv().await {
                Ok(notice) => return Some(notice),
                Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => return None,
            }
        }
    }
}

impl App {
    /// Opens the data directory. Never fails: what is wrong with the history is a state that [`Self::boot`] tells, and
    /// everything that needs no history works.
    pub async fn open(options: Options) -> Self {
        let Options { home, profile_path, system_locales, versions, secrets, logging, surroundings } = options;
        let frames = Frames::default();
        let (notices, _) = broadcast::channel(16);
        // The system's own store, wherever other secrets are kept: that is a setting inside the history.
        let keys = Keys::new(secrets.clone());
        let spaces = Spaces::new(home.clone(), keys.clone(), frames.clone(), notices.clone()).await;

        let folder = ProfileFolder::new(home.join("config").join("profiles"));
        let folder = match profile_path {
            Some(path) => folder.with_file(path),
            None => folder,
        };
        let program = settings::read(&spaces, None).await;
        let in_use = InUse::default();
        let accounts = Accounts::new(
            home.clone(),
            secrets,
            program.keep_secrets,
            surroundings.clone(),
            frames.clone(),
            Arc::clone(&in_use),
        );
        let (secrets, pass) = (accounts.secrets().clone(), accounts.pass());
        let fleets = Fleets::new(folder, secrets, frames.clone(), surroundings.clone(), pass, in_use);

        let app = Self {
            inner: Arc::new(Inner {
                home,
                system_locales,
                versions,
                logging,
                surroundings,
                opened: Instant::now(),
                settings: Mutex::new(program.clone()),
                program_settings: Mutex::new(program),
                settings_turn: tokio::sync::Mutex::default(),
                fleets,
                accounts: Arc::new(accounts),
                frames,
                notices,
                spaces,
                keys,
                transfers: Mutex::default(),
                ready: std::sync::Once::new(),
                keeping: Keeping::default(),
            }),
        };
        // The history of whoever was signed in, without waiting for what keeps their secrets.
        app.enter(app.inner.accounts.active().map_or(Space::SignedOut, Space::Account)).await;

        let fleets = &app.inner.fleets;
        if let Some(id) = fleets.named().await
            && let Err(error) = fleets.resume(&id).await
        {
            tracing::warn!(%error, profile = %id, "the profile cannot be used");
        } else {
            app.take_up_profile().await;
        }
        app.take_up_session().await;
        app
    }

    /// The shell is there: from now on a browser can be opened.
    pub fn connect(&self, outside: Arc<dyn Outside>) {
        self.inner.accounts.connect(outside);
    }

    /// The channel to the window. A new subscriber replaces the one before.
    pub fn frames(&self) -> FrameReceiver {
        self.inner.frames.subscribe()
    }

    /// Sends an event of the shell's own (a menu entry) to the window, in order with all others.
    pub fn request(&self, action: WindowAction) {
        self.inner.frames.send(Event::Request { action });
    }

    /// Ended answers.
    pub fn notices(&self) -> NoticeReceiver {
        NoticeReceiver(self.inner.notices.subscribe())
    }

    /// Ends everything: answers become `interrupted` with all their text. Takes two seconds at most.
    pub async fn shutdown(&self) {
        // An attempt to sign in ends with its listener.
        self.inner.accounts.attempts().cancel();
        self.inner.spaces.shutdown().await;
        self.inner.fleets.deselect();
    }

    /// The history of the open space; waits while the space changes.
    async fn history(&self) -> Result<Arc<History>, AppError> {
        self.inner.spaces.history().await
    }

    fn settings(&self) -> MutexGuard<'_, Settings> {
        lock(&self.inner.settings)
    }
}

/// Nothing that is guarded here can be left half-written by a panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
