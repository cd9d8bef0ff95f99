//! Bringing the index up to date: in small steps, each a transaction of its own, so that whoever writes waits for one of
//! them at most. What is due stands in the database (`search_todo`, `search_stale`), put there by triggers in the
//! transaction that made it due and taken away in the one that does it: a kill at any moment loses nothing.
//!
//! A long message comes into the index in parts, some of its terms after the others, all at its one place: to whoever looks,
//! it is one message that holds more of them from part to part.

use std::collections::HashSet;
use std::time::Instant;

use capibara6_protocol::SearchState;
use serde_json::{Value, json};
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::analysis::{self, mark};
use super::forget::count_once;
use super::pace::Pace;
use super::progress::{Kept, Partly, Progress, Sorted};
use crate::error::Result;
use crate::record::{self, id_list};
use crate::{Store, Survives};

/// How many bytes of text one step takes on for each of its messages.
const BYTES_EACH: usize = 500;

/// A message of more bytes is indexed by itself, in parts.
const LONG: i64 = 32_768;

/// How many steps of joining the index's parts may follow one of indexing: more than enough to keep up with it.
const MERGES: u32 = 8;

/// How many things that are due are counted while somebody waits for something else.
const COUNTED: i64 = 10_000;

/// 2^13 ms, a good eight seconds, are one place.
const PLACE: u32 = 13;

/// Occupied places in a row that are asked for at once.
const RUN: i64 = 16;

/// The place of a message that was begun at this time, where it is free.
pub(crate) fn place_at(created_at: i64) -> i64 {
    (created_at >> PLACE).max(1)
}

/// When the messages at a place were begun, at the earliest.
pub(crate) const fn time_of(place: i64) -> i64 {
    place << PLACE
}

pub(crate) const TITLES: &str = "
    SELECT t.item, c.id, c.title FROM search_todo t LEFT JOIN conversation c ON c.id = -t.item
    WHERE t.item < 0 ORDER BY t.item LIMIT ?1";
pub(crate) const MESSAGES: &str = "
    SELECT t.item, m.conversation, m.created_at, octet_length(m.content) AS size, p.place
    FROM search_todo t LEFT JOIN message m ON m.id = t.item AND m.status <> 'streaming' AND octet_length(m.content) > 0
    LEFT JOIN search_place p ON p.message = t.item
    WHERE t.item > 0 ORDER BY t.item DESC LIMIT ?1";

/// What the steps of the index have in common. One is taken after the other.
#[derive(Debug, Default)]
pub(crate) struct Indexing {
    pub(super) pace: Pace,
    pub(super) turn: tokio::sync::Mutex<Kept>,
}

/// What a step did.
enum Step {
    /// So many messages or titles.
    Done(u32),
    /// Found that a long message comes next.
    Long,
}

/// What is to be indexed at one place.
struct Entry {
    item: i64,
    conversation: i64,
    created_at: i64,
    terms: String,
}

impl Store {
    /// Whether the index is behind with anything.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn index_is_due(&self) -> Result<bool> {
        self.read(async |reader| {
            let due: bool =
                sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM search_todo) OR EXISTS (SELECT 1 FROM search_stale)")
                    .fetch_one(&mut *reader)
                    .await?;
            Ok(due || analysis_version(reader).await? != Some(analysis::VERSION))
        })
        .await
    }

    /// Does one small step of what the index is behind with, and says how many things are left to do; beyond ten thousand
    /// it only says that there are as many. The writer is held for about 20 ms at a time, however long a message is.
    ///
    /// # Errors
    /// Those of writing. What was not done stays due.
    pub async fn index_some(&self) -> Result<u32> {
        let mut kept = self.inner.indexing.turn.lock().await;
        if self.forget_some(&mut kept).await?.is_none() {
            let pace = &self.inner.indexing.pace.items;
            let items = pace.get();
            // What is lost in a power cut is done again.
            let (begun, step) = self
                .write_surviving(Survives::Kill, async |writer| {
                    let begun = Instant::now();
                    Ok((begun, step(writer, items).await?))
                })
                .await?;
            let done = match step {
                Step::Done(0) => false,
                Step::Done(done) => {
                    pace.learn(done, begun.elapsed());
                    true
                }
                Step::Long => self.enter_some(&mut kept).await?,
            };
            for _ in 0..MERGES {
                if !done || !merge_some(self).await? {
                    break;
                }
            }
        }
        drop(kept);
        self.read(async |reader| pending(reader).await).await
    }

    /// Brings the next part of a long message into the index; whether there was any.
    async fn enter_some(&self, kept: &mut Kept) -> Result<bool> {
        let pace = &self.inner.indexing.pace.entering;
        // Read beforehand, so that nobody waits for that.
        let found = self
            .read(async |reader| {
                let progress = Progress::load(reader).await?;
                let Some(at) = progress.entering else { return Ok(None) };
                if !is_coming(reader, &at).await? {
                    return Ok(None);
                }
                if kept.of(&at).is_none() {
                    kept.keep(&at, terms_of_message(reader, at.of).await?);
                }
                Ok(Some((progress, at)))
            })
            .await?;
        let Some((progress, at)) = found else { return Ok(false) };
        let Some(part) = kept.of(&at).map(|terms| terms.part(at.done, pace.get())) else { return Ok(false) };
        let begun = self
            .write_surviving(Survives::Kill, async |writer| {
                let begun = Instant::now();
                // Where it changed or went meanwhile, it has lost its place.
                if !progress.is_current(writer).await? || !is_coming(writer, &at).await? {
                    return Ok(None);
                }
                if at.done > 0 {
                    count_once(writer, at.place).await?;
                }
                sqlx::query("INSERT INTO search_index (rowid, words) VALUES (?1, ?2)")
                    .bind(at.place)
                    .bind(part.terms)
                    .execute(&mut *writer)
                    .await?;
                if part.next.is_none() {
                    sqlx::query("DELETE FROM search_todo WHERE item = ?1").bind(at.of).execute(&mut *writer).await?;
                }
                let entering = part.next.map(|next| Partly { done: next, ..at });
                Progress { entering, ..progress.clone() }.store(writer).await?;
                Ok(Some(begun))
            })
            .await?;
        if let Some(begun) = begun {
            pace.learn(part.count, begun.elapsed());
        }
        if part.next.is_none() {
            kept.clear();
        }
        Ok(begun.is_some())
    }

    /// How many things the index is behind with, all of them counted.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn index_pending(&self) -> Result<u32> {
        self.read(async |reader| all_pending(reader).await).await
    }

    /// How far the index is.
    ///
    /// # Errors
    /// Those of reading.
    pub async fn search_state(&self) -> Result<SearchState> {
        self.read(async |reader| {
            let indexed = sqlx::query_scalar("SELECT count(*) FROM search_place").fetch_one(&mut *reader).await?;
            Ok(SearchState { pending: all_pending(reader).await?, indexed })
        })
        .await
    }

    /// Empties the index, so that [`Self::index_some`] makes it anew: for an index that is suspected to be wrong.
    ///
    /// # Errors
    /// Those of writing.
    pub async fn rebuild_index(&self) -> Result<()> {
        self.write(async |writer| begin_anew(writer).await).await
    }
}

/// Joins parts of the index where there are many, at most as many pages as fit; whether there was anything to join. FTS5 would
/// do it by itself, within whichever step comes and for as long as it takes.
pub(super) async fn merge_some(store: &Store) -> Result<bool> {
    let pace = &store.inner.indexing.pace.pages;
    let pages = pace.get();
    let (begun, merged) = store
        .write_surviving(Survives::Kill, async |writer| {
            let begun = Instant::now();
            Ok((begun, merge(writer, pages).await?))
        })
        .await?;
    if merged {
        pace.learn(pages, begun.elapsed());
    }
    Ok(merged)
}

/// How many things the index is behind with; beyond [`COUNTED`] they are not counted.
pub(crate) async fn pending(connection: &mut SqliteConnection) -> Result<u32> {
    Ok(sqlx::query_scalar(
        "SELECT (SELECT count(*) FROM (SELECT 1 FROM search_todo LIMIT ?1))
              + (SELECT count(*) FROM (SELECT 1 FROM search_stale LIMIT ?1))",
    )
    .bind(COUNTED)
    .fetch_one(connection)
    .await?)
}

async fn all_pending(connection: &mut SqliteConnection) -> Result<u32> {
    Ok(sqlx::query_scalar("SELECT (SELECT count(*) FROM search_todo) + (SELECT count(*) FROM search_stale)")
        .fetch_one(connection)
        .await?)
}

/// Joins parts of the index, at most so many pages; whether there was anything to join.
async fn merge(connection: &mut SqliteConnection, pages: u32) -> Result<bool> {
    let before: i64 = sqlx::query_scalar("SELECT total_changes()").fetch_one(&mut *connection).await?;
    sqlx::query("INSERT INTO search_index (search_index, rank) VALUES ('merge', ?1)")
        .bind(i64::from(pages))
        .execute(&mut *connection)
        .await?;
    let after: i64 = sqlx::query_scalar("SELECT total_changes()").fetch_one(&mut *connection).await?;
    // The statement counts as one change itself (FTS5, "merge").
    Ok(after - before >= 2)
}

async fn analysis_version(connection: &mut SqliteConnection) -> Result<Option<i64>> {
    let version: Option<String> =
        sqlx::query_scalar("SELECT value FROM about WHERE key = 'search_analysis'").fetch_optional(connection).await?;
    Ok(version.and_then(|version| version.parse().ok()))
}

async fn begin_anew(connection: &mut SqliteConnection) -> Result<()> {
    for step in [
        "INSERT INTO search_index (search_index) VALUES ('delete-all')",
        // Its parts are joined in steps of their own, and only those: never as many at once as the step in hand meets.
        "INSERT INTO search_index (search_index, rank) VALUES ('automerge', 0)",
        "INSERT INTO search_index (search_index, rank) VALUES ('crisismerge', 1000)",
        "DELETE FROM search_place",
        "DELETE FROM search_stale",
        "DELETE FROM search_todo",
        // All of them, from an index that holds their ids: to leave some out, every text would have to be read here.
        "INSERT INTO search_todo SELECT id FROM message",
        "INSERT INTO search_todo SELECT -id FROM conversation",
        "INSERT OR REPLACE INTO about (key, value) VALUES ('search_slack', '0')",
    ] {
        sqlx::query(step).execute(&mut *connection).await?;
    }
    Progress::load(connection).await?.cleared().store(connection).await?;
    sqlx::query("INSERT OR REPLACE INTO about (key, value) VALUES ('search_analysis', ?1)")
        .bind(analysis::VERSION.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// Does one step of what is due, other than forgetting.
async fn step(connection: &mut SqliteConnection, items: u32) -> Result<Step> {
    if analysis_version(connection).await? != Some(analysis::VERSION) {
        begin_anew(connection).await?;
        return Ok(Step::Done(0));
    }
    // A place is free once its former words are forgotten.
    let stale: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM search_stale)").fetch_one(&mut *connection).await?;
    if stale {
        return Ok(Step::Done(0));
    }
    match index_titles(connection, items).await? {
        0 => index_messages(connection, items).await,
        titles => Ok(Step::Done(titles)),
    }
}

/// Indexes some titles, and says how many.
async fn index_titles(connection: &mut SqliteConnection, most: u32) -> Result<u32> {
    let rows = sqlx::query(TITLES).bind(i64::from(most)).fetch_all(&mut *connection).await?;
    let mut items = Vec::new();
    let mut entries = Vec::new();
    for row in &rows {
        let item: i64 = row.try_get("item")?;
        items.push(item);
        if let Some(conversation) = row.try_get::<Option<i64>, _>("id")? {
            let title = record::text(row, "title").unwrap_or_default();
            entries.push(json!([item, Value::Null, conversation, analysis::terms(&title, &[])]));
        }
    }
    enter(connection, items, entries).await
}

/// Indexes some messages, the latest first, up to the first long one.
async fn index_messages(connection: &mut SqliteConnection, most: u32) -> Result<Step> {
    let rows = sqlx::query(MESSAGES).bind(i64::from(most)).fetch_all(&mut *connection).await?;
    let mut items = Vec::new();
    let mut times = Vec::new();
    let mut bytes = 0;
    for row in &rows {
        let item: i64 = row.try_get("item")?;
        items.push(item);
        let (Some(conversation), size) =
            (row.try_get::<Option<i64>, _>("conversation")?, row.try_get::<Option<i64>, _>("size")?)
        else {
            continue;
        };
        let size = size.unwrap_or_default();
        let created_at = row.try_get::<Option<i64>, _>("created_at")?.unwrap_or_default();
        let place: Option<i64> = row.try_get("place")?;
        if size > LONG || place.is_some() {
            items.pop();
            if items.is_empty() {
                let entry = Entry { item, conversation, created_at, terms: String::new() };
                return begin_long(connection, entry, place).await;
            }
            break;
        }
        times.push((item, conversation, created_at));
        bytes += usize::try_from(size).unwrap_or_default();
        if bytes >= BYTES_EACH * most as usize {
            break;
        }
    }
    if items.is_empty() {
        return Ok(Step::Done(0));
    }
    let texts = sqlx::query(
        "SELECT m.id, m.role, m.model, m.content FROM json_each(?1) wanted CROSS JOIN message m ON m.id = wanted.value",
    )
    .bind(id_list(times.iter().map(|time| time.0)))
    .fetch_all(&mut *connection)
    .await?;
    let mut entries = Vec::with_capacity(texts.len());
    for (row, (item, conversation, created_at)) in texts.iter().zip(&times) {
        debug_assert_eq!(row.try_get::<i64, _>("id").ok(), Some(*item));
        let terms = terms_in(row);
        entries.push(Entry { item: *item, conversation: *conversation, created_at: *created_at, terms });
    }
    drop(texts);
    entries.sort_by_key(|entry| (entry.created_at, entry.item));
    let places = free_places(connection, &entries).await?;
    let mut placed: Vec<_> = entries.into_iter().zip(places).collect();
    placed.sort_by_key(|(_, place)| *place);
    let entries =
        placed.into_iter().map(|(entry, place)| json!([place, entry.item, entry.conversation, entry.terms])).collect();
    enter(connection, items, entries).await.map(Step::Done)
}

/// Gives a long message its place, unless one is under way already: that one goes on.
async fn begin_long(connection: &mut SqliteConnection, entry: Entry, place: Option<i64>) -> Result<Step> {
    let progress = Progress::load(connection).await?;
    if let Some(at) = progress.entering
        && is_coming(connection, &at).await?
    {
        return Ok(Step::Long);
    }
    if place.is_some() {
        tracing::warn!("it is not known how much of a message is in the index: it is made anew");
        begin_anew(connection).await?;
        return Ok(Step::Done(0));
    }
    let (item, conversation) = (entry.item, entry.conversation);
    let mut entering = None;
    for place in free_places(connection, &[entry]).await? {
        sqlx::query("INSERT INTO search_place (place, message, conversation) VALUES (?1, ?2, ?3)")
            .bind(place)
            .bind(item)
            .bind(conversation)
            .execute(&mut *connection)
            .await?;
        entering = Some(progress.beginning(item, place));
    }
    Progress { entering, ..progress }.store(connection).await?;
    Ok(Step::Long)
}

/// Whether a message is still as it was when it was begun: it has its place, and is due.
async fn is_coming(connection: &mut SqliteConnection, at: &Partly) -> Result<bool> {
    Ok(sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM search_place WHERE place = ?1 AND message = ?2)
            AND EXISTS (SELECT 1 FROM search_todo WHERE item = ?2)",
    )
    .bind(at.place)
    .bind(at.of)
    .fetch_one(connection)
    .await?)
}

async fn terms_of_message(connection: &mut SqliteConnection, message: i64) -> Result<Sorted> {
    let row = sqlx::query("SELECT role, model, content FROM message WHERE id = ?1")
        .bind(message)
        .fetch_one(connection)
        .await?;
    Ok(Sorted::new(&terms_in(&row)))
}

/// The terms of a row of messages.
pub(super) fn terms_in(row: &SqliteRow) -> String {
    let text = record::text(row, "content").unwrap_or_default();
    terms_of(record::text(row, "role").as_deref(), record::text(row, "model").as_deref(), &text)
}

/// What a message is indexed by.
fn terms_of(role: Option<&str>, model: Option<&str>, text: &str) -> String {
    let mut marks = Vec::new();
    match role {
        Some("user") => marks.push(mark::USER.to_owned()),
        Some("assistant") => marks.push(mark::ASSISTANT.to_owned()),
        // A title, or the word of a later version.
        Some(_) | None => {}
    }
    marks.extend(model.map(mark::model));
    if role.is_some() && analysis::has_code(text) {
        marks.push(mark::CODE.to_owned());
    }
    analysis::terms(text, &marks)
}

/// Puts entries `[place, message, conversation, terms]`, ordered by place, into the index; how many things are done with that.
async fn enter(connection: &mut SqliteConnection, items: Vec<i64>, entries: Vec<Value>) -> Result<u32> {
    let done = u32::try_from(items.len()).unwrap_or(u32::MAX);
    if items.is_empty() {
        return Ok(0);
    }
    let entries = Value::Array(entries).to_string();
    sqlx::query("INSERT INTO search_index (rowid, words) SELECT value ->> 0, value ->> 3 FROM json_each(?1)")
        .bind(entries.as_str())
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "INSERT INTO search_place (place, message, conversation)
         SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?1)",
    )
    .bind(entries.as_str())
    .execute(&mut *connection)
    .await?;
    sqlx::query("DELETE FROM search_todo WHERE item IN (SELECT value FROM json_each(?1))")
        .bind(id_list(items))
        .execute(connection)
        .await?;
    Ok(done)
}

pub(crate) const OCCUPIED: &str = "
    SELECT p.place FROM json_each(?1) wanted CROSS JOIN search_place p ON p.place BETWEEN wanted.value AND wanted.value + ?2";

/// The first free place from `?1` on, which is occupied itself.
pub(crate) const FREE: &str = "
    SELECT p.place + 1 FROM search_place p
    WHERE p.place >= ?1 AND NOT EXISTS (SELECT 1 FROM search_place next WHERE next.place = p.place + 1)
    ORDER BY p.place LIMIT 1";

/// A free place for each entry, which are in order of time: its own, or the next free one where several stand at one time.
async fn free_places(connection: &mut SqliteConnection, entries: &[Entry]) -> Result<Vec<i64>> {
    let wanted = id_list(entries.iter().map(|entry| place_at(entry.created_at)));
    let occupied: Vec<i64> = sqlx::query_scalar(OCCUPIED).bind(wanted).bind(RUN).fetch_all(&mut *connection).await?;
    let mut occupied: HashSet<i64> = occupied.into_iter().collect();
    let mut places = Vec::with_capacity(entries.len());
    let mut slack = 0;
    let mut last = 0;
    for entry in entries {
        let own = place_at(entry.created_at);
        // From the last one's own place to the one it got, everything is occupied.
        let mut place = own.max(last + 1);
        while occupied.contains(&place) {
            place += 1;
        }
        if place > own + RUN {
            while is_occupied(connection, place).await? {
                place = sqlx::query_scalar(FREE).bind(place).fetch_one(&mut *connection).await?;
                while occupied.contains(&place) {
                    place += 1;
                }
            }
        }
        occupied.insert(place);
        slack = slack.max(place - own);
        last = place;
        places.push(place);
    }
    sqlx::query("UPDATE about SET value = ?1 WHERE key = 'search_slack' AND CAST(value AS INTEGER) < ?2")
        .bind(slack.to_string())
        .bind(slack)
        .execute(connection)
        .await?;
    Ok(places)
}

async fn is_occupied(connection: &mut SqliteConnection, place: i64) -> Result<bool> {
    Ok(sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM search_place WHERE place = ?1)")
        .bind(place)
        .fetch_one(connection)
        .await?)
}
