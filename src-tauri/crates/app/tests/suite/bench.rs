//! An application with a fleet, a home of its own and a window that reads its frames as the real one does.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use capibara6_app::{App, FrameReceiver, Options, Surroundings, Versions};
use capibara6_identity::{Backend, Secret, SecretError, SecretStore};
use capibara6_protocol::*;
use capibara6_testkit::{Exchange, Fleet, soon};
use tempfile::TempDir;

/// The application, its servers and its window.
pub struct Bench {
    pub home: TempDir,
    pub fleet: Fleet,
    pub app: App,
    pub window: Window,
    pub secrets: Keyring,
}

impl Bench {
    /// Four servers whose chats wait, and the profile that leads there in use.
    pub async fn start() -> Self {
        Self::with(Fleet::start().await, |_| ()).await
    }

    /// The same with another fleet and a profile that is changed before it is written.
    pub async fn with(fleet: Fleet, change: impl FnOnce(&mut Profile)) -> Self {
        let home = tempfile::tempdir().unwrap();
        let secrets = Keyring::default();
        let mut profile = fleet.profile();
        change(&mut profile);
        write_profile(&home, &profile);
        let app = open(&home, &secrets).await;
        // As the real one does: the window listens before it asks for anything.
        let window = Window::new(app.frames());
        app.profile_select(ProfileRef { id: "kit".into() }).await.unwrap();
        Self { home, fleet, app, window, secrets }
    }

    /// Asks a pinned model in a new conversation.
    pub async fn ask(&self, model: &str, text: &str) -> ChatStarted {
        self.app.chat_send(send(None, text, Some(model))).await.unwrap()
    }

    /// The chat that a model's server has got.
    pub async fn chat(&self, model: &str) -> Exchange {
        self.fleet.server(model).next_chat().await
    }

    /// The message as the history shows it.
    pub async fn message(&self, started: &ChatStarted) -> Message {
        shown(&self.app, started.conversation, started.answer.id).await
    }

    /// Asks, lets the server say all of it, and gives the ended answer.
    pub async fn answered(&mut self, conversation: Option<ConversationId>, text: &str, pieces: &[&str]) -> ChatStarted {
        let started = self.app.chat_send(send(conversation, text, Some("phi4:mini"))).await.unwrap();
        self.chat("phi4:mini").await.say_all(pieces).await;
        self.window.ended(started.answer.id).await;
        started
    }
}

/// A chat request; pinned where a model is named.
pub fn send(conversation: Option<ConversationId>, text: &str, model: Option<&str>) -> ChatSend {
    let mode = if model.is_some() { Mode::Single } else { Mode::Auto };
    ChatSend { conversation, text: text.to_owned(), mode, model: model.map(ModelId::from) }
}

/// A profile named `kit` in the home directory.
pub fn write_profile(home: &TempDir, profile: &Profile) {
    let folder = home.path().join("config/profiles");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("kit.toml"), capibara6_profile::to_toml(profile)).unwrap();
}

pub fn options(home: &TempDir, secrets: &Keyring) -> Options {
    Options {
        home: home.path().to_owned(),
        profile_path: None,
        system_locales: vec!["es-ES".to_owned()],
        versions: Versions { version: "0.0.0-test".to_owned(), ..Versions::default() },
        secrets: SecretStore::with_backend(secrets.clone()),
        logging: None,
        surroundings: Surroundings::system(),
    }
}

pub async fn open(home: &TempDir, secrets: &Keyring) -> App {
    App::open(options(home, secrets)).await
}

/// The whole of a conversation as a window that opens it gets it.
pub async fn view(app: &App, id: ConversationId) -> ConversationView {
    app.conversation_open(ConversationOpen { id, before: None, after: None, around: None, limit: 200 }).await.unwrap()
}

/// One message of it.
pub async fn shown(app: &App, conversation: ConversationId, id: MessageId) -> Message {
    let view = view(app, conversation).await;
    view.messages.into_iter().find(|message| message.id == id).expect("the message is on the active branch")
}

/// The contents of a conversation in order.
pub async fn contents(app: &App, id: ConversationId) -> Vec<String> {
    view(app, id).await.messages.into_iter().map(|message| message.content).collect()
}

/// The messages of a request as the server got them.
pub fn sent(exchange: &Exchange) -> Vec<(String, String)> {
    let messages = exchange.request["messages"].as_array().unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    messages.iter().map(|message| (text(&message["role"]), text(&message["content"]))).collect()
}

/// How a message ended.
#[derive(Debug, Clone, PartialEq)]
pub struct End {
    pub status: MessageStatus,
    pub metrics: Metrics,
    pub error: Option<AppError>,
}

/// Reads frames and keeps what a window would show.
pub struct Window {
    frames: FrameReceiver,
    seq: u64,
    pub gap: bool,
    pub events: Vec<Event>,
    texts: HashMap<(MessageId, Part), Vec<u16>>,
    ends: HashMap<MessageId, End>,
}

impl Window {
    pub fn new(frames: FrameReceiver) -> Self {
        Self { frames, seq: 0, gap: false, events: Vec::new(), texts: HashMap::new(), ends: HashMap::new() }
    }

    /// What is shown of a message: known from a snapshot.
    pub fn know(&mut self, message: &Message) {
        self.texts.insert((message.id, Part::Content), message.content.encode_utf16().collect());
        self.texts.insert((message.id, Part::Reasoning), message.reasoning.encode_utf16().collect());
    }

    /// Reads the next frame.
    pub async fn read(&mut self) {
        let frame = soon("a frame", self.frames.next()).await.expect("no other window");
        self.gap |= frame.seq != self.seq + 1;
        self.seq = frame.seq;
        for event in frame.events {
            self.take(&event);
            self.events.push(event);
        }
    }

    #[allow(clippy::wildcard_enum_match_arm, reason = "the others are kept and nothing else")]
    fn take(&mut self, event: &Event) {
        match event {
            Event::MessageBegun { message } => {
                assert_eq!((message.content.as_str(), message.reasoning.as_str()), ("", ""))
            }
            Event::MessageDelta { message, part, at, text, .. } => {
                let known = self.texts.entry((*message, *part)).or_default();
                let text: Vec<u16> = text.encode_utf16().collect();
                let at = *at as usize;
                if at <= known.len() {
                    // A part of it may be known from a snapshot.
                    known.extend(text.iter().skip(known.len() - at));
                } else {
                    self.gap = true;
                }
            }
            Event::MessageEnded { message, status, metrics, error, content_length, .. } => {
                let known = self.texts.get(&(*message, Part::Content)).map_or(0, Vec::len);
                self.gap |= known != *content_length as usize;
                self.ends.insert(*message, End { status: *status, metrics: *metrics, error: error.clone() });
            }
            _ => {}
        }
    }

    /// The text of a message as it is shown.
    pub fn text(&self, message: MessageId, part: Part) -> String {
        self.texts.get(&(message, part)).map(|text| String::from_utf16(text).unwrap()).unwrap_or_default()
    }

    /// Reads until a message shows this text.
    pub async fn shows(&mut self, message: MessageId, part: Part, text: &str) {
        while self.text(message, part) != text {
            self.read().await;
        }
    }

    /// Reads until a message has ended.
    pub async fn ended(&mut self, message: MessageId) -> End {
        loop {
            if let Some(end) = self.ends.remove(&message) {
                return end;
            }
            self.read().await;
        }
    }

    /// Reads until an event is the one that is wanted.
    pub async fn until(&mut self, wanted: impl Fn(&Event) -> bool) -> Event {
        loop {
            if let Some(index) = self.events.iter().position(&wanted) {
                return self.events.remove(index);
            }
            self.read().await;
        }
    }
}

/// A keeper of secrets in memory.
#[derive(Clone, Default)]
pub struct Keyring {
    pub secrets: Arc<Mutex<HashMap<String, String>>>,
    /// Why nothing can be read from it.
    pub trouble: Arc<Mutex<Option<SecretError>>>,
}

impl Backend for Keyring {
    fn get(&mut self, _: &str, account: &str) -> Result<Option<Secret>, SecretError> {
        match self.trouble.lock().unwrap().clone() {
            Some(trouble) => Err(trouble),
            None => Ok(self.secrets.lock().unwrap().get(account).cloned().map(Secret::new)),
        }
    }

    fn set(&mut self, _: &str, account: &str, secret: &Secret) -> Result<(), SecretError> {
        self.open()?;
        self.secrets.lock().unwrap().insert(account.to_owned(), secret.expose().to_owned());
        Ok(())
    }

    fn delete(&mut self, _: &str, account: &str) -> Result<(), SecretError> {
        self.open()?;
        self.secrets.lock().unwrap().remove(account);
        Ok(())
    }

    fn probe(&mut self, _: &str) -> Result<(), SecretError> {
        self.open()
    }
}

impl Keyring {
    fn open(&self) -> Result<(), SecretError> {
        self.trouble.lock().unwrap().clone().map_or(Ok(()), Err)
    }

    /// From now on it says this, whatever it is asked; `None` heals it.
    pub fn is_in_trouble(&self, trouble: Option<SecretError>) {
        *self.trouble.lock().unwrap() = trouble;
    }

    /// The names of what is in it.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.secrets.lock().unwrap().keys().cloned().collect();
        names.sort();
        names
    }
}
