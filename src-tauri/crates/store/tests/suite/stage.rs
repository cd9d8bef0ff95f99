//! What the tests stand on: a database in a directory of its own, short names for ids, and a few words said.

use std::path::{Path, PathBuf};

use capibara6_protocol::{
    ConversationId, ConversationSummary, Message, MessageId, MessageStatus, Metrics, Mode, Part, Role, Routing,
    RoutingRule, Tier,
};
use capibara6_store::{Asked, Begin, Begun, NewAnswer, NewQuestion, Piece, Place, Settled, Store};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};
use tempfile::TempDir;
use uuid::Uuid;

/// A directory that goes with the test.
pub struct Home(TempDir);

impl Home {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a directory"))
    }

    pub fn directory(&self) -> &Path {
        self.0.path()
    }

    pub fn database(&self) -> PathBuf {
        self.0.path().join("capibara6.db")
    }

    pub async fn open(&self) -> Store {
        let store = Store::open(&self.database()).await.expect("a store");
        assert_eq!(store.trouble(), None);
        store
    }

    /// The file as SQLite alone sees it.
    pub async fn raw(&self) -> SqliteConnection {
        let options = SqliteConnectOptions::new().filename(self.database());
        options.connect().await.expect("a connection")
    }

    /// Changes the closed file behind the store's back.
    pub async fn alter(&self, sql: &str) {
        let mut raw = self.raw().await;
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut raw).await.expect("SQL");
        raw.close().await.expect("closed");
    }

    /// Whether the bytes of any file in the directory hold this text.
    pub fn holds(&self, text: &str) -> bool {
        std::fs::read_dir(self.directory()).expect("a directory").any(|entry| {
            let bytes = std::fs::read(entry.expect("an entry").path()).expect("a file");
            bytes.windows(text.len()).any(|window| window == text.as_bytes())
        })
    }
}

pub fn conversation(n: u128) -> ConversationId {
    ConversationId(Uuid::from_u128(0xc000_0000_0000_0000 + n))
}

pub fn message(n: u128) -> MessageId {
    MessageId(Uuid::from_u128(n))
}

pub fn question(n: u128, parent: Option<u128>, text: &str) -> Asked {
    Asked::New(NewQuestion { id: message(n), parent: parent.map(message), text: text.to_owned(), created_at: at(n) })
}

pub fn answer(n: u128) -> NewAnswer {
    NewAnswer {
        id: message(n),
        model: Some("phi4:mini".into()),
        scripted: false,
        routing: Some(routing()),
        created_at: at(n),
    }
}

/// When message `n` was begun.
pub fn at(n: u128) -> i64 {
    1_700_000_000_000 + i64::try_from(n).expect("a small number")
}

pub fn routing() -> Routing {
    Routing { mode: Mode::Auto, tier: Tier::Fast, rule: RoutingRule::ShortQuestion, instead_of: None, because: None }
}

pub fn metrics() -> Metrics {
    Metrics { ttft_ms: Some(120), duration_ms: Some(900), completion_tokens: Some(12), ..Metrics::default() }
}

pub fn summary(n: u128, title: &str, updated_at: i64) -> ConversationSummary {
    ConversationSummary {
        id: conversation(n),
        title: title.to_owned(),
        pinned: false,
        created_at: at(n),
        updated_at,
        messages: 0,
        project: None,
        archived_at: None,
        deleted_at: None,
    }
}

pub fn content(n: u128, text: &str) -> Piece {
    Piece { message: message(n), part: Part::Content, text: text.to_owned() }
}

pub fn reasoning(n: u128, text: &str) -> Piece {
    Piece { message: message(n), part: Part::Reasoning, text: text.to_owned() }
}

pub fn settled(n: u128, status: MessageStatus) -> Settled {
    Settled { message: message(n), status, metrics: metrics(), error: None, omitted: None }
}

/// Begins conversation `c` with question `q`, which answer `a` is about to answer.
pub async fn begin_new(store: &Store, c: u128, q: u128, a: u128) -> Begun {
    let place = Place::New { id: conversation(c), title: format!("title {c}") };
    let begin = Begin { place, asked: question(q, None, &format!("question {q}")), answer: answer(a) };
    store.begin(begin).await.expect("begun")
}

/// Goes on in conversation `c`: question `q` after the answer `parent`, answered by `a`.
pub async fn begin_next(store: &Store, c: u128, parent: Option<u128>, q: u128, a: u128) -> Begun {
    let asked = question(q, parent, &format!("question {q}"));
    store.begin(Begin { place: Place::Known(conversation(c)), asked, answer: answer(a) }).await.expect("begun")
}

/// Writes `text` into answer `a` and ends it.
pub async fn write_all(store: &Store, a: u128, text: &str) -> Message {
    store.append(vec![content(a, text)]).await.expect("appended");
    store.settle(settled(a, MessageStatus::Complete)).await.expect("settled")
}

/// A question as it is stored.
pub fn stored_question(c: u128, n: u128, parent: Option<u128>, text: &str, versions: &[u128]) -> Message {
    Message {
        id: message(n),
        conversation: conversation(c),
        parent: parent.map(message),
        role: Role::User,
        status: MessageStatus::Complete,
        content: text.to_owned(),
        reasoning: String::new(),
        model: None,
        scripted: false,
        routing: None,
        omitted: None,
        metrics: None,
        error: None,
        origin: None,
        created_at: at(n),
        versions: versions.iter().copied().map(message).collect(),
    }
}

/// An answer as it is stored while it is being written, without versions beside it.
pub fn streaming_answer(c: u128, n: u128, parent: u128, text: &str) -> Message {
    Message {
        role: Role::Assistant,
        status: MessageStatus::Streaming,
        model: Some("phi4:mini".into()),
        routing: Some(routing()),
        ..stored_question(c, n, Some(parent), text, &[n])
    }
}

/// An answer as it is stored when it has ended.
pub fn complete_answer(c: u128, n: u128, parent: u128, text: &str) -> Message {
    Message { status: MessageStatus::Complete, metrics: Some(metrics()), ..streaming_answer(c, n, parent, text) }
}

/// The ids on the active branch.
pub async fn active(store: &Store, c: u128) -> Vec<MessageId> {
    let view = store.view(conversation(c), None, 200).await.expect("a view");
    view.messages.iter().map(|message| message.id).collect()
}

pub fn messages(ids: &[u128]) -> Vec<MessageId> {
    ids.iter().copied().map(message).collect()
}
