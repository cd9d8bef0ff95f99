//! What the core tells the window without being asked: one ordered channel of small frames.
//!
//! A frame is at most [`FRAME_BYTES`] long, because longer ones take a slower path through the webview that holds up what
//! follows. `seq` grows by one per frame: a gap means that something was lost, and the window asks for what it shows again.
//! Text can also heal by itself, because a delta says where it belongs.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    AccountKey, AccountView, AppError, BackupEntry, BackupFailure, BackupProgress, Candidate, ConsensusId,
    ConsensusState, ConversationId, ConversationSummary, ErrorCode, Message, MessageId, MessageStatus, Metrics,
    ModelId, Omitted, Revision, Routing, SignInAttempt, TransferId, TransferProgress, TransferReport,
};

/// Upper bound of a serialised frame in bytes.
pub const FRAME_BYTES: usize = 8_000;

/// Some events in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Frame {
    /// One more than that of the frame before; the first is 1.
    #[ts(type = "number")]
    pub seq: u64,
    /// What happened.
    pub events: Vec<Event>,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Event {
    /// A message of the active branch was begun (without text: read it with `conversation_open` where it is continued).
    MessageBegun {
        /// The message.
        message: Box<Message>,
    },
    /// Text arrived. `at` is the length of the text before it in UTF-16 code units: less than what is shown means that
    /// a part is known already, more means that something was lost.
    MessageDelta {
        /// The conversation.
        conversation: ConversationId,
        /// The message.
        message: MessageId,
        /// Which of its two texts.
        part: Part,
        /// Where the text belongs.
        at: u32,
        /// The text.
        text: String,
    },
    /// Another model answers than the one that was chosen first.
    MessageRerouted {
        /// The conversation.
        conversation: ConversationId,
        /// The message.
        message: MessageId,
        /// The model that answers now.
        model: ModelId,
        /// Whether its words are scripted.
        scripted: bool,
        /// Why.
        routing: Routing,
    },
    /// What fits the model's context was found out: the oldest turns are left out of the request. Without `omitted` all of
    /// them are sent after all, because another model is asked.
    MessageFitted {
        /// The conversation.
        conversation: ConversationId,
        /// The message.
        message: MessageId,
        /// What is left out.
        #[ts(optional)]
        #[serde(skip_serializing_if = "Option::is_none")]
        omitted: Option<Omitted>,
    },
    /// A message ended, in whichever way.
    MessageEnded {
        /// The conversation.
        conversation: ConversationId,
        /// The message.
        message: MessageId,
        /// How it stands now; never `streaming`.
        status: MessageStatus,
        /// Length of the content in UTF-16 code units.
        content_length: u32,
        /// Length of the reasoning in UTF-16 code units.
        reasoning_length: u32,
        /// What was measured.
        metrics: Metrics,
        /// Why it failed.
        #[ts(optional)]
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<AppError>,
    },
    /// A candidate of a run changed: status, figures, what was read out of it. Its text comes as that of its message.
    ConsensusCandidate {
        /// The conversation.
        conversation: ConversationId,
        /// The run.
        run: ConsensusId,
        /// How it is now.
        candidate: Box<Candidate>,
    },
    /// A run came further, or its verdict changed: the short of it; `consensus_run` gives all.
    ConsensusChanged {
        /// The conversation.
        conversation: ConversationId,
        /// The run.
        run: ConsensusId,
        /// Where it stands.
        state: ConsensusState,
        /// The newest verdict in short; absent until one is given.
        #[ts(optional)]
        #[serde(skip_serializing_if = "Option::is_none")]
        revision: Option<Revision>,
    },
    /// A conversation is new or has another title, pin or time.
    ConversationChanged {
        /// How it is now.
        conversation: ConversationSummary,
    },
    /// A conversation is gone from the list.
    ConversationRemoved {
        /// Which one.
        id: ConversationId,
    },
    /// Endpoints changed their state.
    Health {
        /// All of them, in the profile's order. Where their lists of served models are too long for a frame, those are empty
        /// here; `health` gives them.
        endpoints: Vec<EndpointState>,
    },
    /// Writing failed: what is shown may not be on disk.
    StorageTrouble {
        /// What happened.
        error: AppError,
    },
    /// Writing works again, and all that waited for it is on disk.
    StorageRecovered,
    /// A damaged history was salvaged: `storage_report` says what was saved. Comes after `space-changed`.
    StorageSalvaged,
    /// Something about a backup, or the salvage of a damaged history, came further. At most some per second.
    BackupProgress {
        /// How far.
        progress: BackupProgress,
    },
    /// A backup was made and read from end to end.
    BackupMade {
        /// It.
        entry: BackupEntry,
    },
    /// A backup that was to be made by itself (daily) was not. The history is as it was.
    BackupFailed {
        /// Why.
        failure: BackupFailure,
    },
    /// An export or import came further. At most some per second.
    TransferProgress {
        /// Which one.
        id: TransferId,
        /// How far.
        progress: TransferProgress,
    },
    /// An export or import ended.
    TransferEnded {
        /// Which one.
        id: TransferId,
        /// How.
        report: Box<TransferReport>,
    },
    /// Files were dropped on the window: `import_begin` with `dropped` takes them.
    FilesDropped {
        /// How many.
        count: u32,
    },
    /// Conversations came or changed in other ways than those told one by one: an import, or another program on the same
    /// history. What is shown is to be read again.
    HistoryChanged,
    /// Projects came, went or changed: `project_list` gives them.
    ProjectsChanged,
    /// The index of what was said came further, at most once a second, or is complete.
    SearchIndexed {
        /// Messages that cannot be found yet.
        pending: u32,
    },
    /// Another history is open now (somebody signed in, out or over to another account), or the open one was replaced by a
    /// backup. All that is shown of conversations, settings and storage is read anew; answers to requests from before this
    /// event are thrown away. No event of the history before comes after this one.
    SpaceChanged {
        /// Whose it is; nobody's in particular where absent.
        #[ts(optional)]
        #[serde(skip_serializing_if = "Option::is_none")]
        account: Option<AccountKey>,
    },
    /// Somebody signed in, out or over, or a session stands otherwise than before, or where secrets are kept changed:
    /// `account_state` gives all of it.
    AccountChanged {
        /// Who is signed in.
        #[ts(optional)]
        #[serde(skip_serializing_if = "Option::is_none")]
        active: Option<Box<AccountView>>,
    },
    /// An attempt to sign in came further.
    SignInChanged {
        /// How it stands; it is over where absent.
        #[ts(optional)]
        #[serde(skip_serializing_if = "Option::is_none")]
        attempt: Option<Box<SignInAttempt>>,
    },
    /// A menu entry or another start of the program asks the window for something.
    Request {
        /// What.
        action: WindowAction,
    },
}

/// Which of a message's two texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// The answer.
    Content,
    /// The thinking.
    Reasoning,
}

/// What the native menu can ask of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum WindowAction {
    /// Begin a conversation.
    NewChat,
    /// Show the settings.
    Settings,
    /// Find in the list.
    Find,
    /// Show the palette.
    Palette,
    /// Show the shortcuts.
    Shortcuts,
    /// Show the about box.
    About,
    /// Show or hide the sidebar.
    ToggleSidebar,
    /// Show or hide the inspector.
    ToggleInspector,
    /// Larger type.
    LargerType,
    /// Smaller type.
    SmallerType,
    /// Type as delivered.
    ResetType,
}

/// How an endpoint does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct EndpointState {
    /// The model it serves.
    pub model: ModelId,
    /// The name people see.
    pub label: String,
    /// How it does.
    pub state: EndpointHealth,
    /// Since when.
    #[ts(type = "number")]
    pub since: i64,
    /// Time of the last probe that was answered.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<u64>,
    /// Why it is not up.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<ErrorCode>,
    /// The models that the server says it serves.
    pub served: Vec<String>,
    /// Whether its answers are scripted.
    pub scripted: bool,
}

/// How an endpoint does, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum EndpointHealth {
    /// It answered the last probe or chat.
    Up,
    /// It did not, several times: chats go elsewhere.
    Down,
    /// It answers, but not well: slow, busy, without the model, or it failed once.
    Degraded,
    /// Not asked yet.
    Unknown,
}
