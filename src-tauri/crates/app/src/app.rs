//! The facade: one method per command of the bridge, with the command's request and response. Each says what happens in
//! which order and leaves the doing to the modules.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use capibara6_identity::SecretStore;
use capibara6_logging::Logging;
use capibara6_profile::ProfileFolder;
use capibara6_protocol::*;
use capibara6_store::{Asked, Begin, NewAnswer, NewQuestion, Place, Reopen, Store, StoreError};
use tokio::sync::broadcast;
use tokio::time::Instant;

use crate::diagnostics::{LOG_LINES, Report};
use crate::fleet::{Fleet, Fleets, scan};
use crate::frames::{FrameReceiver, Frames};
use crate::generation::{Generations, Naming, Notice, Order};
use crate::journal::Journal;
use crate::routing::{self, Route};
use crate::settings;
use crate::surroundings::Surroundings;
use crate::titles;

/// The name of the database in the data directory.
pub const DATABASE: &str = "capibara6.db";

/// How long the end of the program waits for answers to be put on disk, and then for the database to close.
const LAST_WORDS: Duration = Duration::from_millis(1_500);
const LAST_CLOSE: Duration = Duration::from_millis(400);

/// How long after the window can be used the history is tidied up: not while people look at what opens.
const UPKEEP_AFTER: Duration = Duration::from_secs(10);

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
    settings: Mutex<Settings>,
    settings_turn: tokio::sync::Mutex<Kept>,
    fleets: Fleets,
    frames: Frames,
    notices: broadcast::Sender<Notice>,
    history: Result<History, AppError>,
    trouble: Arc<Mutex<Option<ErrorCode>>>,
    ready: std::sync::Once,
}

/// Where the settings are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Kept {
    #[default]
    OnDisk,
    /// They could not be written.
    InMemory,
}

/// The history, where it could be opened.
struct History {
    store: Store,
    generations: Generations,
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
        let trouble: Arc<Mutex<Option<ErrorCode>>> = Arc::default();

        let opened = Store::open(&home.join(DATABASE)).await;
        let settings = match &opened {
            Ok(store) => store.settings().await.unwrap_or_else(|error| {
                tracing::error!(%error, "the settings cannot be read");
                Settings::default()
            }),
            Err(error) => {
                tracing::error!(%error, "the history cannot be opened");
                Settings::default()
            }
        };
        let history = opened.map_err(AppError::from).map(|store| {
            *lock(&trouble) = store.trouble().map(|error| AppError::from(error).code);
            let (state, teller) = (Arc::clone(&trouble), frames.clone());
            let journal = Journal::start(store.clone(), move |error: Option<AppError>| {
                *lock(&state) = error.as_ref().map(|error| error.code);
                teller.send(match error {
                    Some(error) => Event::StorageTrouble { error },
                    None => Event::StorageRecovered,
                });
            });
            let generations = Generations::new(store.clone(), journal, frames.clone(), notices.clone());
            History { store, generations }
        });
        if let Err(error) = &history {
            *lock(&trouble) = Some(error.code);
        }

        let folder = ProfileFolder::new(home.join("config").join("profiles"));
        let folder = match profile_path {
            Some(path) => folder.with_file(path),
            None => folder,
        };
        let fleets = Fleets::new(folder, secrets, frames.clone(), surroundings.clone());
        let wanted = fleets.named().await.or_else(|| settings.profile.clone());
        if let Some(id) = wanted
            && let Err(error) = fleets.resume(&id).await
        {
            tracing::warn!(%error, profile = %id, "the profile cannot be used");
        }

        let inner = Inner {
            home,
            system_locales,
            versions,
            logging,
            surroundings,
            opened: Instant::now(),
            settings: Mutex::new(settings),
            settings_turn: tokio::sync::Mutex::default(),
            fleets,
            frames,
            notices,
            history,
            trouble,
            ready: std::sync::Once::new(),
        };
        Self { inner: Arc::new(inner) }
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
        if let Ok(history) = &self.inner.history {
            history.generations.shutdown(LAST_WORDS).await;
            if tokio::time::timeout(LAST_CLOSE, history.store.close()).await.is_err() {
                tracing::warn!("the database did not close in time");
            }
        }
        self.inner.fleets.deselect();
    }

    // The program ------------------------------------------------------------------------------------------------------

    /// What the window needs before it can be used.
    pub async fn boot(&self) -> Result<Boot, AppError> {
        // Awaited first: the locks below must not be held meanwhile.
        let profiles = self.inner.fleets.list().await;
        Ok(Boot {
            version: self.inner.versions.version.clone(),
            system_locales: self.inner.system_locales.clone(),
            settings: self.settings().clone(),
            profile: self.inner.fleets.current().map(|fleet| fleet.view.clone()),
            profiles,
            platform: platform(),
            storage_trouble: *lock(&self.inner.trouble),
        })
    }

    /// The window can be used. What can wait until then is begun now.
    pub async fn window_ready(&self) -> Result<(), AppError> {
        self.inner.ready.call_once(|| {
            tracing::info!(ms = self.inner.opened.elapsed().as_millis(), "the window is usable");
            if let Ok(History { store, .. }) = &self.inner.history {
                let (store, surroundings) = (store.clone(), self.inner.surroundings.clone());
                tokio::spawn(async move {
                    tokio::time::sleep(UPKEEP_AFTER).await;
                    if let Err(error) = store.purge(surroundings.now()).await {
                        tracing::warn!(%error, "deleted conversations are not purged yet");
                    }
                });
            }
        });
        Ok(())
    }

    /// Versions.
    pub async fn about(&self) -> Result<About, AppError> {
        let Versions { version, commit, tauri, webview } = self.inner.versions.clone();
        let sqlite = self.inner.history.as_ref().map(|history| history.store.sqlite_version().to_owned());
        Ok(About {
            version,
            commit,
            tauri,
            webview,
            sqlite: sqlite.unwrap_or_default(),
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            data_directory: self.inner.home.display().to_string(),
        })
    }

    /// Text for a bug report.
    pub async fn diagnostics(&self) -> Result<String, AppError> {
        let about = self.about().await?;
        let fleet = self.inner.fleets.current();
        let log = self.inner.logging.as_ref().map(|logging| logging.tail(LOG_LINES)).unwrap_or_default();
        let report = Report {
            about: &about,
            profile: fleet.as_ref().map(|fleet| &fleet.view),
            endpoints: &self.inner.fleets.health(),
            storage_trouble: *lock(&self.inner.trouble),
            log: &log,
        };
        Ok(report.text())
    }

    // Settings ---------------------------------------------------------------------------------------------------------

    /// All settings.
    pub async fn settings_get(&self) -> Result<Settings, AppError> {
        Ok(self.settings().clone())
    }

    /// Replaces all settings but the profile. Where they cannot be written they hold until the end of the program, and the
    /// window is told.
    pub async fn settings_set(&self, request: Settings) -> Result<Settings, AppError> {
        settings::check(&request)?;
        Ok(self.change_settings(|settings| *settings = Settings { profile: settings.profile.take(), ..request }).await)
    }

    async fn change_settings(&self, change: impl FnOnce(&mut Settings)) -> Settings {
        // One change after the other, so that what is written last is what was set last.
        let mut kept = self.inner.settings_turn.lock().await;
        let changed = {
            let mut settings = self.settings();
            change(&mut settings);
            settings.clone()
        };
        let written = match &self.inner.history {
            Ok(history) => history.store.set_settings(&changed).await.map_err(AppError::from),
            Err(error) => Err(error.clone()),
        };
        let before = std::mem::replace(&mut *kept, if written.is_ok() { Kept::OnDisk } else { Kept::InMemory });
        drop(kept);
        match written {
            Err(error) => {
                tracing::warn!(%error, "the settings are not on disk");
                self.inner.frames.send(Event::StorageTrouble { error });
            }
            // What was told is over, unless the answers have trouble of their own.
            Ok(()) if before == Kept::InMemory && lock(&self.inner.trouble).is_none() => {
                self.inner.frames.send(Event::StorageRecovered);
            }
            Ok(()) => {}
        }
        changed
    }

    // Profiles ---------------------------------------------------------------------------------------------------------

    /// The profiles at hand.
    pub async fn profile_list(&self) -> Result<Vec<ProfileOption>, AppError> {
        Ok(self.inner.fleets.list().await)
    }

    /// Uses a profile from now on, also the next time.
    pub async fn profile_select(&self, request: ProfileRef) -> Result<ProfileView, AppError> {
        let fleet = self.inner.fleets.select(&request.id).await?;
        self.change_settings(|settings| settings.profile = Some(request.id)).await;
        Ok(fleet.view.clone())
    }

    /// Reads a profile.
    pub async fn profile_read(&self, request: ProfileRef) -> Result<ProfileView, AppError> {
        self.inner.fleets.read(&request.id).await
    }

    /// Writes a profile of the user's own.
    pub async fn profile_save(&self, request: ProfileSave) -> Result<ProfileOption, AppError> {
        self.inner.fleets.save(request).await
    }

    /// Removes a profile of the user's own.
    pub async fn profile_delete(&self, request: ProfileRef) -> Result<(), AppError> {
        self.inner.fleets.delete(&request.id).await?;
        if self.settings().profile.as_ref() == Some(&request.id) {
            self.change_settings(|settings| settings.profile = None).await;
        }
        Ok(())
    }

    /// Asks every model's address what it serves.
    pub async fn profile_test(&self, request: Profile) -> Result<Vec<EndpointTest>, AppError> {
        self.inner.fleets.test(request).await
    }

    /// Looks for servers on this computer.
    pub async fn servers_scan(&self) -> Result<Vec<FoundServer>, AppError> {
        scan::scan(&scan::PORTS).await
    }

    // Health and keys --------------------------------------------------------------------------------------------------

    /// How the endpoints do.
    pub async fn health(&self) -> Result<Vec<EndpointState>, AppError> {
        Ok(self.inner.fleets.health())
    }

    /// Asks the endpoints again now.
    pub async fn health_refresh(&self) -> Result<(), AppError> {
        self.inner.fleets.refresh_health();
        Ok(())
    }

    /// Which endpoints have a key.
    pub async fn key_states(&self) -> Result<KeyStates, AppError> {
        self.inner.fleets.key_states().await
    }

    /// Stores a key.
    pub async fn key_set(&self, request: KeySet) -> Result<KeyStates, AppError> {
        let model = request.model.clone();
        self.inner.fleets.set_key(&model, Some(request)).await
    }

    /// Removes a key.
    pub async fn key_clear(&self, request: ModelRef) -> Result<KeyStates, AppError> {
        self.inner.fleets.set_key(&request.model, None).await
    }

    // Conversations ----------------------------------------------------------------------------------------------------

    /// A page of conversations.
    pub async fn conversation_list(&self, request: ConversationList) -> Result<ConversationPage, AppError> {
        Ok(self.history()?.store.conversations(request.after.as_deref(), request.limit).await?)
    }

    /// A stretch of a conversation, with what is streaming as far as it is now.
    pub async fn conversation_open(&self, request: ConversationOpen) -> Result<ConversationView, AppError> {
        let history = self.history()?;
        Ok(history.shown(history.store.view(request.id, request.before, request.limit).await?))
    }

    /// Changes a title.
    pub async fn conversation_rename(&self, request: ConversationRename) -> Result<ConversationSummary, AppError> {
        let summary = self.history()?.store.rename(request.id, request.title.trim()).await?;
        Ok(self.changed(summary))
    }

    /// Pins or unpins.
    pub async fn conversation_pin(&self, request: ConversationPin) -> Result<ConversationSummary, AppError> {
        let summary = self.history()?.store.pin(request.id, request.pinned).await?;
        Ok(self.changed(summary))
    }

    /// Removes a conversation from the list; what is being written in it is stopped.
    pub async fn conversation_delete(&self, request: ConversationRef) -> Result<(), AppError> {
        let history = self.history()?;
        history.store.delete(request.id, self.inner.surroundings.now()).await?;
        history.generations.stop_conversation(request.id);
        self.inner.frames.send(Event::ConversationRemoved { id: request.id });
        Ok(())
    }

    /// Brings a deleted conversation back.
    pub async fn conversation_restore(&self, request: ConversationRef) -> Result<ConversationSummary, AppError> {
        let summary = self.history()?.store.restore(request.id).await?;
        Ok(self.changed(summary))
    }

    /// Shows another version.
    pub async fn conversation_select(&self, request: MessageRef) -> Result<ConversationView, AppError> {
        let history = self.history()?;
        Ok(history.shown(history.store.select(request.message).await?))
    }

    fn changed(&self, summary: ConversationSummary) -> ConversationSummary {
        self.inner.frames.send(Event::ConversationChanged { conversation: summary.clone() });
        summary
    }

    // Asking -----------------------------------------------------------------------------------------------------------

    /// Asks.
    pub async fn chat_send(&self, request: ChatSend) -> Result<ChatStarted, AppError> {
        let history = self.history()?;
        let fleet = self.inner.fleets.active()?;
        let text = question(request.text)?;
        let route = route(&fleet, &text, request.mode, request.model.as_ref())?;
        let (place, branch) = match request.conversation {
            Some(id) => (Place::Known(id), history.branch_to_the_end(id).await?),
            None => {
                let id = ConversationId(self.inner.surroundings.id());
                (Place::New { id, title: titles::first_words(&text) }, Vec::new())
            }
        };
        let naming = match place {
            Place::New { .. } if self.settings().model_titles => Naming::ByModel,
            Place::New { .. } | Place::Known(_) => Naming::Keep,
        };
        let parent = branch.last().map(|message| message.id);
        let asked = Asked::New(self.new_question(parent, text));
        self.begin(history, fleet, place, asked, branch, route, naming).await
    }

    /// Asks in other words: beside the old question, with an answer of its own.
    pub async fn chat_edit(&self, request: ChatEdit) -> Result<ChatStarted, AppError> {
        let history = self.history()?;
        let fleet = self.inner.fleets.active()?;
        let text = question(request.text)?;
        let old = history.message(request.message, Role::User).await?;
        let route = route(&fleet, &text, request.mode, request.model.as_ref())?;
        let branch = match old.parent {
            Some(parent) => history.branch(parent).await?,
            None => Vec::new(),
        };
        let asked = Asked::New(self.new_question(old.parent, text));
        self.begin(history, fleet, Place::Known(old.conversation), asked, branch, route, Naming::Keep).await
    }

    /// Answers again: beside the old answer.
    pub async fn chat_regenerate(&self, request: ChatRegenerate) -> Result<ChatStarted, AppError> {
        let history = self.history()?;
        let fleet = self.inner.fleets.active()?;
        let old = history.message(request.message, Role::Assistant).await?;
        if history.generations.is_busy(old.id) {
            return Err(ErrorCode::Busy.into());
        }
        let branch = history.branch(old.parent.ok_or(ErrorCode::NotFound)?).await?;
        let asked = branch.last().filter(|message| message.role == Role::User).ok_or(ErrorCode::NotFound)?;
        let route = route(&fleet, &asked.content, request.mode, request.model.as_ref())?;
        let asked = Asked::Known(asked.id);
        self.begin(history, fleet, Place::Known(old.conversation), asked, branch, route, Naming::Keep).await
    }

    /// Goes on with an answer, by the model that began it where the profile still has it.
    pub async fn chat_continue(&self, request: MessageRef) -> Result<ChatStarted, AppError> {
        let history = self.history()?;
        let fleet = self.inner.fleets.active()?;
        let old = history.message(request.message, Role::Assistant).await?;
        if history.generations.is_busy(old.id) {
            return Err(ErrorCode::Busy.into());
        }
        if !is_unfinished(&old) {
            return Err(AppError::new(ErrorCode::InvalidInput).with_field("message"));
        }
        let branch = history.branch(old.parent.ok_or(ErrorCode::NotFound)?).await?;
        let route = match old.model.as_ref().and_then(|model| fleet.entry(model)) {
            Some(entry) => Route {
                routing: old.routing.clone().unwrap_or_else(|| routing::pinned_routing(entry)),
                candidates: vec![entry.id.clone()],
            },
            None => {
                let asked = branch.last().map(|message| message.content.as_str()).unwrap_or_default();
                let mut route = route(&fleet, asked, Mode::Auto, None)?;
                if let Some(model) = old.model.clone() {
                    route.routing.instead_of = Some(model);
                    route.routing.because = Some(ErrorCode::ModelNotFound);
                }
                route
            }
        };
        let reopen = Reopen {
            message: old.id,
            model: route.candidates.first().cloned(),
            // What was scripted stays so, whoever goes on.
            scripted: old.scripted || fleet.is_practice(),
            routing: Some(route.routing.clone()),
            at: self.inner.surroundings.now(),
        };
        let answer = history.store.reopen(reopen).await?;
        let conversation = answer.conversation;
        self.start(
            history,
            Order {
                answer: answer.clone(),
                branch,
                route,
                fleet,
                parameters: self.settings().parameters.clone(),
                naming: Naming::Keep,
            },
        );
        Ok(ChatStarted { conversation, question: None, answer })
    }

    /// Stops an answer. Nothing happens where it has ended already.
    pub async fn chat_stop(&self, request: MessageRef) -> Result<(), AppError> {
        self.history()?.generations.stop(request.message);
        Ok(())
    }

    fn new_question(&self, parent: Option<MessageId>, text: String) -> NewQuestion {
        let surroundings = &self.inner.surroundings;
        NewQuestion { id: MessageId(surroundings.id()), parent, text, created_at: surroundings.now() }
    }

    /// Puts question and empty answer on disk, then has the answer written.
    #[allow(clippy::too_many_arguments)] // one private step of three commands, whose values have nothing else in common
    async fn begin(
        &self,
        history: &History,
        fleet: Arc<Fleet>,
        place: Place,
        asked: Asked,
        mut branch: Vec<Message>,
        route: Route,
        naming: Naming,
    ) -> Result<ChatStarted, AppError> {
        let answer = NewAnswer {
            id: MessageId(self.inner.surroundings.id()),
            model: route.candidates.first().cloned(),
            scripted: fleet.is_practice(),
            routing: Some(route.routing.clone()),
            created_at: self.inner.surroundings.now(),
        };
        let begun = history.store.begin(Begin { place, asked, answer }).await?;
        let conversation = begun.conversation.id;
        self.changed(begun.conversation);
        branch.extend(begun.question.clone());
        self.start(
            history,
            Order {
                answer: begun.answer.clone(),
                branch,
                route,
                fleet,
                parameters: self.settings().parameters.clone(),
                naming,
            },
        );
        Ok(ChatStarted { conversation, question: begun.question, answer: begun.answer })
    }

    fn start(&self, history: &History, order: Order) {
        history.generations.start(order);
    }

    fn history(&self) -> Result<&History, AppError> {
        self.inner.history.as_ref().map_err(Clone::clone)
    }

    fn settings(&self) -> MutexGuard<'_, Settings> {
        lock(&self.inner.settings)
    }
}

impl History {
    /// A view with what is in memory further than on disk.
    fn shown(&self, mut view: ConversationView) -> ConversationView {
        view.messages.iter_mut().for_each(|message| self.generations.overlay(message));
        view
    }

    /// A message of one speaker; another one's is not found.
    async fn message(&self, id: MessageId, role: Role) -> Result<Message, AppError> {
        let mut message = self.store.message(id).await?;
        self.generations.overlay(&mut message);
        if message.role == role { Ok(message) } else { Err(ErrorCode::NotFound.into()) }
    }

    /// The branch that ends with a message.
    async fn branch(&self, leaf: MessageId) -> Result<Vec<Message>, StoreError> {
        let mut branch = self.store.branch(leaf).await?;
        branch.iter_mut().for_each(|message| self.generations.overlay(message));
        Ok(branch)
    }

    /// The active branch of a conversation, where nothing is being written at its end.
    async fn branch_to_the_end(&self, id: ConversationId) -> Result<Vec<Message>, AppError> {
        let Some(leaf) = self.store.view(id, None, 1).await?.messages.pop() else {
            return Ok(Vec::new());
        };
        if self.generations.is_streaming(leaf.id) {
            return Err(ErrorCode::Busy.into());
        }
        Ok(self.branch(leaf.id).await?)
    }
}

/// A question that says something.
fn question(text: String) -> Result<String, AppError> {
    if text.trim().is_empty() {
        return Err(AppError::new(ErrorCode::InvalidInput).with_field("text"));
    }
    Ok(text)
}

fn route(fleet: &Fleet, text: &str, mode: Mode, model: Option<&ModelId>) -> Result<Route, AppError> {
    routing::route(text, mode, model, &fleet.view.profile, |id| fleet.trouble(id)).map_err(|code| {
        let error = AppError::new(code);
        if code == ErrorCode::NoModel { error } else { error.with_field("model") }
    })
}

/// Whether an answer can go on: it did not end by itself, or it ended because it was long enough.
fn is_unfinished(message: &Message) -> bool {
    match message.status {
        MessageStatus::Stopped | MessageStatus::Interrupted | MessageStatus::Failed => true,
        MessageStatus::Streaming => false,
        MessageStatus::Complete => {
            message.metrics.is_some_and(|metrics| metrics.finish_reason == Some(FinishReason::Length))
        }
    }
}

fn platform() -> Platform {
    if cfg!(target_os = "macos") {
        Platform::Macos
    } else if cfg!(target_os = "windows") {
        Platform::Windows
    } else {
        Platform::Linux
    }
}

/// Nothing that is guarded here can be left half-written by a panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
