//! Conversations made out of others: a duplicate, a branch from one message on, several merged into one.
//!
//! Texts are copied inside the database, row by row, and never pass through the program: what is copied is the same byte for
//! byte. All versions come along where all of a conversation is copied, and so do the runs of several models on a question,
//! in which the ids are replaced by those of the copies.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use capibara6_protocol::{ConversationId, ConversationSummary, MessageId};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;
use uuid::Uuid;

use crate::copies::CopyWord;
use crate::error::{Result, StoreError};
use crate::record::{self, key};
use crate::{Store, list, several, tree};

/// Most conversations that are merged at once.
const MERGED: usize = 100;

pub(crate) const NODES: &str =
    "SELECT id, uuid, parent, chosen, created_at, role, status FROM message WHERE conversation = ?1 ORDER BY id";

/// A message without its texts.
#[derive(Debug, Clone)]
struct Node {
    id: i64,
    uuid: Uuid,
    parent: Option<i64>,
    chosen: Option<i64>,
    created_at: i64,
    asks: bool,
}

/// A conversation that is copied from.
struct Source {
    conversation: i64,
    uuid: Uuid,
    title: String,
    /// In order of id: parents before their children.
    nodes: Vec<Node>,
    /// The end of its active branch.
    leaf: Option<i64>,
}

/// Where the copies come to.
struct Target {
    conversation: i64,
    uuid: Uuid,
    /// Rows of the copies by the rows of the originals.
    rows: HashMap<i64, i64>,
    /// Ids of the copies by those of the originals, conversations among them.
    ids: HashMap<Uuid, Uuid>,
}

impl Store {
    /// Makes another conversation with the same messages, at the time `at`. Its title is that of the original with `word`,
    /// what a copy is called, in brackets behind it, and with a number where that one exists. `new_id` draws ids.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Busy`] while something is being written in it; [`StoreError::InvalidInput`]
    /// `copy` for a word that is empty, longer than 40 characters or more than one line.
    pub async fn duplicate(
        &self,
        id: ConversationId,
        word: &str,
        at: i64,
        mut new_id: impl FnMut() -> Uuid,
    ) -> Result<ConversationSummary> {
        let word = CopyWord::new(word)?;
        self.write(async |writer| {
            let row = list::find(writer, id).await?;
            let source = Source::read(writer, row).await?;
            let title = word.title_after(&source.title, &titles(writer).await?);
            let mut target = Target::new(writer, &source, at, &mut new_id).await?;
            target.entitle(writer, &title).await?;
            for node in &source.nodes {
                let parent = node.parent.and_then(|parent| target.rows.get(&parent).copied());
                target.copy(writer, node, parent, new_id()).await?;
            }
            target.carry_hints(writer, &source).await?;
            target.carry_runs(writer, &source, &mut new_id).await?;
            target.carry_origins(writer, &source).await?;
            if let Some(leaf) = source.leaf.and_then(|leaf| target.rows.get(&leaf)) {
                tree::activate(writer, target.conversation, *leaf).await?;
            }
            list::load(writer, target.conversation).await
        })
        .await
    }

    /// Makes another conversation with everything up to a message, as it stands on its branch, at the time `at`. `new_id`
    /// draws ids.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], also where its conversation is deleted; [`StoreError::Busy`] where one of the messages is
    /// being written.
    pub async fn branch_off(
        &self,
        message: MessageId,
        at: i64,
        mut new_id: impl FnMut() -> Uuid,
    ) -> Result<ConversationSummary> {
        self.write(async |writer| {
            let found = tree::find(writer, message).await?;
            let deleted: bool = sqlx::query_scalar("SELECT deleted_at IS NOT NULL FROM conversation WHERE id = ?1")
                .bind(found.conversation)
                .fetch_one(&mut *writer)
                .await?;
            if deleted {
                return Err(StoreError::NotFound);
            }
            let whole = Source::read_with(writer, found.conversation, Writing::Passes).await?;
            let way: Vec<Node> = whole.way_to(found.id);
            if is_any_streaming(writer, &way).await? {
                return Err(StoreError::Busy);
            }
            let source = Source { nodes: way, leaf: Some(found.id), ..whole };
            let mut target = Target::new(writer, &source, at, &mut new_id).await?;
            let mut parent = None;
            for node in &source.nodes {
                parent = Some(target.copy(writer, node, parent, new_id()).await?);
            }
            target.carry_origins(writer, &source).await?;
            if let Some(leaf) = parent {
                tree::activate(writer, target.conversation, leaf).await?;
            }
            list::load(writer, target.conversation).await
        })
        .await
    }

    /// Makes one conversation out of several at the time `at`, and puts these into the trash. The active branches follow each
    /// other turn by turn in order of time; every other version stays a version at its place. Each message knows which
    /// conversation it comes from. `new_id` draws ids.
    ///
    /// Undone by deleting the new one and restoring the others.
    ///
    /// # Errors
    /// [`StoreError::InvalidInput`] `ids` for fewer than two or more than 100; [`StoreError::NotFound`];
    /// [`StoreError::Busy`] while something is being written in one of them.
    pub async fn merge_conversations(
        &self,
        ids: &[ConversationId],
        at: i64,
        mut new_id: impl FnMut() -> Uuid,
    ) -> Result<ConversationSummary> {
        if ids.len() > MERGED {
            return Err(StoreError::InvalidInput("ids"));
        }
        self.write(async |writer| {
            let rows = several::find_all(writer, ids).await?;
            let mut sources = Vec::with_capacity(rows.len());
            for row in &rows {
                sources.push(Source::read(writer, *row).await?);
            }
            let Some((first, [_, ..])) = sources.split_first() else {
                return Err(StoreError::InvalidInput("ids"));
            };
            let mut target = Target::new(writer, first, at, &mut new_id).await?;
            for source in &sources {
                target.ids.insert(source.uuid, target.uuid);
            }
            let mut end = None;
            for (source, node) in merged_line(&sources) {
                // All versions at its place come with it, and what stands below those that are not on the line.
                for version in source.nodes.iter().filter(|other| other.parent == node.parent) {
                    target.copy(writer, version, end, new_id()).await?;
                    if version.id != node.id {
                        target.copy_below(writer, source, version.id, &mut new_id).await?;
                    }
                }
                end = target.rows.get(&node.id).copied();
            }
            for source in &sources {
                // Whatever stands nowhere else, below the end of its branch, comes along as well.
                for node in &source.nodes {
                    if !target.rows.contains_key(&node.id) {
                        let parent = node.parent.and_then(|parent| target.rows.get(&parent).copied());
                        target.copy(writer, node, parent, new_id()).await?;
                    }
                }
                target.carry_hints(writer, source).await?;
                target.carry_runs(writer, source, &mut new_id).await?;
                target.carry_origins(writer, source).await?;
                target.note_origin(writer, source).await?;
            }
            if let Some(end) = end {
                tree::activate(writer, target.conversation, end).await?;
            }
            several::delete_rows(writer, &rows, at).await?;
            list::load(writer, target.conversation).await
        })
        .await
    }
}

/// All titles, those in the trash among them: what is restored shall be told apart, too.
async fn titles(connection: &mut SqliteConnection) -> Result<HashSet<String>> {
    let all: Vec<String> = sqlx::query_scalar("SELECT title FROM conversation").fetch_all(connection).await?;
    Ok(all.into_iter().collect())
}

/// What a message that is being written means for copying.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Writing {
    Refused,
    Passes,
}

impl Source {
    async fn read(connection: &mut SqliteConnection, conversation: i64) -> Result<Self> {
        Self::read_with(connection, conversation, Writing::Refused).await
    }

    async fn read_with(connection: &mut SqliteConnection, conversation: i64, writing: Writing) -> Result<Self> {
        let row = sqlx::query("SELECT uuid, title FROM conversation WHERE id = ?1")
            .bind(conversation)
            .fetch_one(&mut *connection)
            .await?;
        let rows = sqlx::query(NODES).bind(conversation).fetch_all(&mut *connection).await?;
        let mut nodes = Vec::with_capacity(rows.len());
        for node in &rows {
            if writing == Writing::Refused && record::text(node, "status").as_deref() == Some("streaming") {
                return Err(StoreError::Busy);
            }
            nodes.push(Node {
                id: node.try_get("id")?,
                uuid: record::uuid(node, "uuid").ok_or(StoreError::NotFound)?,
                parent: node.try_get("parent")?,
                chosen: node.try_get("chosen")?,
                created_at: node.try_get("created_at")?,
                asks: record::text(node, "role").as_deref() == Some("user"),
            });
        }
        Ok(Self {
            conversation,
            uuid: record::uuid(&row, "uuid").ok_or(StoreError::NotFound)?,
            title: record::text(&row, "title").unwrap_or_default(),
            nodes,
            leaf: tree::leaf(connection, conversation).await?,
        })
    }

    /// The way from the root to a message.
    fn way_to(&self, leaf: i64) -> Vec<Node> {
        let by_id: HashMap<i64, &Node> = self.nodes.iter().map(|node| (node.id, node)).collect();
        let mut way: Vec<Node> = Vec::new();
        let mut next = Some(leaf);
        while let Some(node) = next.and_then(|id| by_id.get(&id)) {
            way.push((*node).clone());
            next = node.parent;
        }
        way.reverse();
        way
    }

    /// The active branch in turns: a question with what follows until the next one.
    fn turns(&self) -> VecDeque<Vec<Node>> {
        let mut turns = VecDeque::<Vec<Node>>::new();
        for node in self.leaf.map(|leaf| self.way_to(leaf)).unwrap_or_default() {
            match turns.back_mut() {
                Some(turn) if !node.asks => turn.push(node),
                _ => turns.push_back(vec![node]),
            }
        }
        turns
    }
}

/// The active branches as one, turn by turn: always the one whose next turn was begun first. Within each the order stays,
/// whatever the clock said.
fn merged_line(sources: &[Source]) -> Vec<(&Source, Node)> {
    let mut turns: Vec<_> = sources.iter().map(|source| (source, source.turns())).collect();
    let mut line = Vec::new();
    loop {
        let next = turns
            .iter_mut()
            .filter(|(_, turns)| !turns.is_empty())
            .min_by_key(|(_, turns)| turns.front().and_then(|turn| turn.first()).map(|node| node.created_at));
        let Some((source, turns)) = next else { return line };
        let source: &Source = source;
        line.extend(turns.pop_front().into_iter().flatten().map(|node| (source, node)));
    }
}

async fn is_any_streaming(connection: &mut SqliteConnection, nodes: &[Node]) -> Result<bool> {
    let ids = record::id_list(nodes.iter().map(|node| node.id));
    Ok(sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM json_each(?1) wanted CROSS JOIN message m ON m.id = wanted.value
            WHERE m.status = 'streaming')",
    )
    .bind(ids)
    .fetch_one(connection)
    .await?)
}

impl Target {
    /// Makes an empty conversation with the title and the project of another.
    async fn new(
        connection: &mut SqliteConnection,
        like: &Source,
        at: i64,
        new_id: &mut impl FnMut() -> Uuid,
    ) -> Result<Self> {
        let uuid = new_id();
        let conversation = sqlx::query_scalar(
            "INSERT INTO conversation (uuid, created_at, updated_at, titled_by, title, project)
             SELECT ?2, ?3, ?3, titled_by, title, project FROM conversation WHERE id = ?1 RETURNING id",
        )
        .bind(like.conversation)
        .bind(key(uuid))
        .bind(at)
        .fetch_one(connection)
        .await?;
        Ok(Self { conversation, uuid, rows: HashMap::new(), ids: HashMap::from([(like.uuid, uuid)]) })
    }

    /// Gives it a title of its own.
    async fn entitle(&self, connection: &mut SqliteConnection, title: &str) -> Result<()> {
        sqlx::query("UPDATE conversation SET title = ?2 WHERE id = ?1")
            .bind(self.conversation)
            .bind(title)
            .execute(connection)
            .await?;
        Ok(())
    }

    /// Copies one message below another one and gives the row of the copy.
    async fn copy(
        &mut self,
        connection: &mut SqliteConnection,
        node: &Node,
        parent: Option<i64>,
        uuid: Uuid,
    ) -> Result<i64> {
        let row = sqlx::query_scalar(
            "INSERT INTO message (uuid, conversation, parent, created_at, scripted, role, status, model, routing, omitted,
                metrics, error, content, reasoning)
             SELECT ?2, ?3, ?4, created_at, scripted, role, status, model, routing, omitted, metrics, error, content,
                reasoning
             FROM message WHERE id = ?1 RETURNING id",
        )
        .bind(node.id)
        .bind(key(uuid))
        .bind(self.conversation)
        .bind(parent)
        .fetch_one(connection)
        .await?;
        self.rows.insert(node.id, row);
        self.ids.insert(node.uuid, uuid);
        Ok(row)
    }

    /// Copies everything below a message that is copied already.
    async fn copy_below(
        &mut self,
        connection: &mut SqliteConnection,
        source: &Source,
        above: i64,
        new_id: &mut impl FnMut() -> Uuid,
    ) -> Result<()> {
        let mut below = std::collections::HashSet::from([above]);
        for node in &source.nodes {
            if let Some(parent) = node.parent.filter(|parent| below.contains(parent)) {
                below.insert(node.id);
                let parent = self.rows.get(&parent).copied();
                self.copy(connection, node, parent, new_id()).await?;
            }
        }
        Ok(())
    }

    /// Lets every copy remember the child that its original remembers, where that is its child as well.
    async fn carry_hints(&self, connection: &mut SqliteConnection, source: &Source) -> Result<()> {
        let mut hints = BTreeMap::new();
        for node in &source.nodes {
            let chosen = node.chosen.and_then(|chosen| self.rows.get(&chosen));
            if let Some((row, chosen)) = self.rows.get(&node.id).zip(chosen) {
                hints.insert(*row, *chosen);
            }
        }
        for (row, chosen) in hints {
            sqlx::query(
                "UPDATE message SET chosen = ?2
                 WHERE id = ?1 AND EXISTS (SELECT 1 FROM message child WHERE child.id = ?2 AND child.parent = ?1)",
            )
            .bind(row)
            .bind(chosen)
            .execute(&mut *connection)
            .await?;
        }
        Ok(())
    }

    /// Copies the runs of several models on questions that were copied.
    async fn carry_runs(
        &mut self,
        connection: &mut SqliteConnection,
        source: &Source,
        new_id: &mut impl FnMut() -> Uuid,
    ) -> Result<()> {
        let runs =
            sqlx::query("SELECT id, uuid, question, run, record FROM consensus WHERE conversation = ?1 ORDER BY id")
                .bind(source.conversation)
                .fetch_all(&mut *connection)
                .await?;
        for run in &runs {
            let Some(question) = self.rows.get(&run.try_get::<i64, _>("question")?).copied() else { continue };
            let uuid = new_id();
            if let Some(old) = record::uuid(run, "uuid") {
                self.ids.insert(old, uuid);
            }
            let renamed = |column| {
                let text = record::text(run, column).unwrap_or_default();
                // What cannot be read is carried as it is.
                serde_json::from_str(&text).map_or(text, |value| renamed(value, &self.ids).to_string())
            };
            sqlx::query(
                // What the user's verdict says stays with the run it was given on: it was given once.
                "INSERT INTO consensus (uuid, conversation, question, created_at, run, record)
                 SELECT ?2, ?3, ?4, created_at, ?5, ?6 FROM consensus WHERE id = ?1",
            )
            .bind(run.try_get::<i64, _>("id")?)
            .bind(key(uuid))
            .bind(self.conversation)
            .bind(question)
            .bind(renamed("run"))
            .bind(renamed("record"))
            .execute(&mut *connection)
            .await?;
        }
        Ok(())
    }

    /// Copies where the originals were before an earlier merge.
    async fn carry_origins(&self, connection: &mut SqliteConnection, source: &Source) -> Result<()> {
        let origins = sqlx::query("SELECT id, conversation, title FROM origin WHERE holder = ?1 ORDER BY id")
            .bind(source.conversation)
            .fetch_all(&mut *connection)
            .await?;
        for origin in &origins {
            let from: Vec<i64> = sqlx::query_scalar(
                "SELECT mo.message FROM message m CROSS JOIN message_origin mo ON mo.message = m.id
                 WHERE m.conversation = ?1 AND mo.origin = ?2",
            )
            .bind(source.conversation)
            .bind(origin.try_get::<i64, _>("id")?)
            .fetch_all(&mut *connection)
            .await?;
            let rows: Vec<i64> = from.iter().filter_map(|original| self.rows.get(original).copied()).collect();
            let conversation: Vec<u8> = origin.try_get("conversation")?;
            let title = record::text(origin, "title").unwrap_or_default();
            self.enter_origin(connection, conversation, &title, &rows).await?;
        }
        Ok(())
    }

    /// Notes that the copies of a conversation's messages come from it, unless they come from elsewhere.
    async fn note_origin(&self, connection: &mut SqliteConnection, source: &Source) -> Result<()> {
        let rows: Vec<i64> = source.nodes.iter().filter_map(|node| self.rows.get(&node.id).copied()).collect();
        self.enter_origin(connection, key(source.uuid), &source.title, &rows).await
    }

    async fn enter_origin(
        &self,
        connection: &mut SqliteConnection,
        conversation: Vec<u8>,
        title: &str,
        rows: &[i64],
    ) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let origin: i64 =
            sqlx::query_scalar("INSERT INTO origin (holder, conversation, title) VALUES (?1, ?2, ?3) RETURNING id")
                .bind(self.conversation)
                .bind(conversation)
                .bind(title)
                .fetch_one(&mut *connection)
                .await?;
        sqlx::query("INSERT OR IGNORE INTO message_origin (message, origin) SELECT value, ?2 FROM json_each(?1)")
            .bind(record::id_list(rows.iter().copied()))
            .bind(origin)
            .execute(connection)
            .await?;
        Ok(())
    }
}

/// The same with every id in it that has another one now replaced.
pub(crate) fn with_ids<T: Serialize + DeserializeOwned>(value: &T, ids: &HashMap<Uuid, Uuid>) -> Result<T> {
    let value = serde_json::to_value(value).and_then(|value| serde_json::from_value(renamed(value, ids)));
    value.map_err(|error| StoreError::Failed(error.to_string()))
}

/// A value with every id in it that has another one now replaced.
fn renamed(value: Value, ids: &HashMap<Uuid, Uuid>) -> Value {
    match value {
        Value::String(text) => {
            let id = Uuid::try_parse(&text).ok().and_then(|id| ids.get(&id));
            Value::String(id.map_or(text, Uuid::to_string))
        }
        Value::Array(values) => values.into_iter().map(|value| renamed(value, ids)).collect(),
        Value::Object(fields) => {
            let renamed_field = |(name, value): (String, Value)| {
                let id = Uuid::try_parse(&name).ok().and_then(|id| ids.get(&id));
                (id.map_or(name, Uuid::to_string), renamed(value, ids))
            };
            fields.into_iter().map(renamed_field).collect()
        }
        other @ (Value::Null | Value::Bool(_) | Value::Number(_)) => other,
    }
}
