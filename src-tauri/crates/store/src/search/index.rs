//! Bringing the index up to date: in small steps, each a transaction of its own, so that whoever writes waits for one of
//! them at most. What is due stands in the database (`search_todo`, `search_stale`), put there by triggers in the
//! transaction that made it due and taken away in the one that does it: a kill at any moment loses nothing.

use std::collections::{BTreeSet, HashSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use capibara6_protocol::SearchState;
use serde_json::{Value, json};
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;

use super::analysis::{self, mark};
use crate::error::Result;
use crate::record::{self, id_list};
use crate::{Store, Survives};

/// For how long a step may hold the writer: text that streams in waits behind one step, and is promised to be on disk within
/// 250 ms.
const HELD: Duration = Duration::from_millis(20);

/// How many messages or titles one step takes on at least and at most, and how many bytes of text for each of them. One
/// message is always taken, however long it is: a megabyte of prose holds the writer for 10 to 25 ms, one of 200,000 words
/// that are all different for 0.7 s (release build, 2 cores; `tests/lasting/timed.rs`). Text that streams in waits in
/// memory for so long.
const ITEMS: (u32, u32) = (8, 400);
const BYTES_EACH: usize = 500;

/// How many pages of the index one step of joining its parts writes at least and at most, and how many such steps may follow
/// one of indexing: more than enough to keep up with it.
const PAGES: (u32, u32) = (8, 400);
const MERGES: u32 = 8;

/// How many bytes of text leave the index in one step.
const FORGOTTEN: usize = 20_000;

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

pub(crate) const STALE: &str = "SELECT id, place, role, model, content FROM search_stale ORDER BY id LIMIT 100";
pub(crate) const TITLES: &str = "
    SELECT t.item, c.id, c.title FROM search_todo t LEFT JOIN conversation c ON c.id = -t.item
    WHERE t.item < 0 ORDER BY t.item LIMIT ?1";
pub(crate) const MESSAGES: &str = "
    SELECT t.item, m.conversation, m.created_at, octet_length(m.content) AS size
    FROM search_todo t LEFT JOIN message m ON m.id = t.item AND m.status <> 'streaming' AND octet_length(m.content) > 0
    WHERE t.item > 0 ORDER BY t.item DESC LIMIT ?1";

/// How much a step can do without holding the writer for longer than [`HELD`]: measured with every step, because disks and
/// other programs differ more than anything that could be written down here.
#[derive(Debug)]
pub(crate) struct Pace {
    items: Measure,
    pages: Measure,
}

impl Default for Pace {
    fn default() -> Self {
        Self { items: Measure::new(64, ITEMS), pages: Measure::new(64, PAGES) }
    }
}

/// An amount of work that is made to fit.
#[derive(Debug)]
struct Measure {
    now: AtomicU32,
    least: u32,
    most: u32,
}

impl Measure {
    const fn new(now: u32, (least, most): (u32, u32)) -> Self {
        Self { now: AtomicU32::new(now), least, most }
    }

    fn get(&self) -> u32 {
        self.now.load(Ordering::Relaxed)
    }

    /// Learns that `amount` took so long.
    fn learn(&self, amount: u32, took: Duration) {
        let next = if took > HELD {
            amount.saturating_mul(u32::try_from(HELD.as_micros()).unwrap_or(u32::MAX))
                / u32::try_from(took.as_micros()).unwrap_or(u32::MAX)
        } else if took < HELD / 2 {
            amount + amount / 4 + 1
        } else {
            return;
        };
        self.now.store(next.clamp(self.least, self.most), Ordering::Relaxed);
    }
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
    /// it only says that there are as many. The writer is held for about 20 ms at a time.
    ///
    /// # Errors
    /// Those of writing. What was not done stays due.
    pub async fn index_some(&self) -> Result<u32> {
        let pace = &self.inner.pace;
        let items = pace.items.get();
        // What is lost in a power cut is done again.
        let (begun, done, pending) = self
            .write_surviving(Survives::Kill, async |writer| {
                let begun = Instant::now();
                let done = if analysis_version(writer).await? != Some(analysis::VERSION) {
                    begin_anew(writer).await?;
                    0
                } else if forget_some(writer).await?.is_some() {
                    0
                } else {
                    match index_titles(writer, items).await? {
                        0 => index_messages(writer, items).await?,
                        titles => titles,
                    }
                };
                Ok((begun, done, pending(writer).await?))
            })
            .await?;
        // Less than was asked for tells only what is too much.
        if done == items || begun.elapsed() > HELD && done > 0 {
            pace.items.learn(done, begun.elapsed());
        }
        for _ in 0..MERGES {
            if done == 0 || !self.merge_some(pace.pages.get()).await? {
                break;
            }
        }
        Ok(pending)
    }

    /// Joins parts of the index where there are many, at most so many pages; whether there was anything to join. FTS5 would
    /// do it by itself, within whichever step comes and for as long as it takes.
    async fn merge_some(&self, pages: u32) -> Result<bool> {
        let (begun, merged) = self
            .write_surviving(Survives::Kill, async |writer| {
                let begun = Instant::now();
                Ok((begun, merge(writer, pages).await?))
            })
            .await?;
        if merged {
            self.inner.pace.pages.learn(pages, begun.elapsed());
        }
        Ok(merged)
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

    /// Takes out of the index all that is to leave it, to the last letter.
    pub(crate) async fn forget_all(&self) -> Result<()> {
        let mut forgotten = BTreeSet::new();
        while let Some(terms) = self.write_surviving(Survives::Kill, async |writer| forget_some(writer).await).await? {
            forgotten.extend(terms.iter().flat_map(|terms| terms.split(' ')).map(str::to_owned));
        }
        if forgotten.is_empty() || !self.read(async |reader| leaves_traces(reader, &forgotten).await).await? {
            return Ok(());
        }
        // Written anew, in steps: each begins where the one before ended. There must be two parts to make one of, so a second
        // one is made, at a place where nothing is looked for.
        self.write_surviving(Survives::Kill, async |writer| {
            sqlx::query("INSERT INTO search_index (rowid, words) VALUES (0, ?1)")
                .bind(mark::NOTHING)
                .execute(&mut *writer)
                .await?;
            Ok(())
        })
        .await?;
        self.write_surviving(Survives::Kill, async |writer| {
            sqlx::query("INSERT INTO search_index (search_index, rank) VALUES ('merge', -1)").execute(writer).await?;
            Ok(())
        })
        .await?;
        loop {
            let goes_on = self.merge_some(self.inner.pace.pages.get());
            if !goes_on.await? {
                break;
            }
        }
        self.write_surviving(Survives::Kill, async |writer| {
            sqlx::query("INSERT INTO search_index (search_index, rowid, words) VALUES ('delete', 0, ?1)")
                .bind(mark::NOTHING)
                .execute(writer)
                .await?;
            Ok(())
        })
        .await
    }
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
    sqlx::query("INSERT OR REPLACE INTO about (key, value) VALUES ('search_analysis', ?1)")
        .bind(analysis::VERSION.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// Whether the index's inner nodes still hold beginnings of terms that it does not hold any more. FTS5 parts its pages by the
/// shortest text that does, and leaves that where it is when the term goes.
async fn leaves_traces(connection: &mut SqliteConnection, forgotten: &BTreeSet<String>) -> Result<bool> {
    let parting: Vec<Vec<u8>> =
        sqlx::query_scalar("SELECT CAST(term AS BLOB) FROM search_index_idx WHERE length(term) > 2")
            .fetch_all(&mut *connection)
            .await?;
    for text in parting {
        // The first byte says which index: there is only the one of whole terms.
        let text = text.get(1..).map(String::from_utf8_lossy).unwrap_or_default();
        // A cut may go through a character.
        let text = text.trim_end_matches(char::REPLACEMENT_CHARACTER);
        let is_of_forgotten = forgotten.range(text.to_owned()..).next().is_some_and(|term| term.starts_with(text));
        if text.is_empty() || !is_of_forgotten {
            continue;
        }
        let alive: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM search_index WHERE search_index MATCH ?1)")
            .bind(format!("\"{text}\" *"))
            .fetch_one(&mut *connection)
            .await?;
        if !alive {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Takes some of what is to leave out of the index, and gives its terms; nothing where there was none.
async fn forget_some(connection: &mut SqliteConnection) -> Result<Option<Vec<String>>> {
    let rows = sqlx::query(STALE).fetch_all(&mut *connection).await?;
    let mut done = Vec::new();
    let mut entries: Vec<(i64, String)> = Vec::new();
    let mut bytes = 0;
    for row in &rows {
        let text = record::text(row, "content").unwrap_or_default();
        let role = record::text(row, "role");
        let model = record::text(row, "model");
        bytes += text.len();
        done.push(row.try_get::<i64, _>("id")?);
        entries.push((row.try_get("place")?, terms_of(role.as_deref(), model.as_deref(), &text)));
        if bytes >= FORGOTTEN {
            break;
        }
    }
    if done.is_empty() {
        return Ok(None);
    }
    // FTS5 writes out what it has gathered whenever a rowid is not above the one before.
    entries.sort_by_key(|entry| entry.0);
    let listed = Value::from_iter(entries.iter().map(|(place, terms)| json!([place, terms])));
    sqlx::query(
        "INSERT INTO search_index (search_index, rowid, words)
         SELECT 'delete', value ->> 0, value ->> 1 FROM json_each(?1)",
    )
    .bind(listed.to_string())
    .execute(&mut *connection)
    .await?;
    sqlx::query("DELETE FROM search_stale WHERE id IN (SELECT value FROM json_each(?1))")
        .bind(id_list(done))
        .execute(connection)
        .await?;
    Ok(Some(entries.into_iter().map(|(_, terms)| terms).collect()))
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

/// Indexes some messages, the latest first, and says how many.
async fn index_messages(connection: &mut SqliteConnection, most: u32) -> Result<u32> {
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
        times.push((item, conversation, row.try_get::<Option<i64>, _>("created_at")?.unwrap_or_default()));
        bytes += usize::try_from(size.unwrap_or_default()).unwrap_or_default();
        if bytes >= BYTES_EACH * most as usize {
            break;
        }
    }
    if items.is_empty() {
        return Ok(0);
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
        let text = record::text(row, "content").unwrap_or_default();
        let role = record::text(row, "role");
        let model = record::text(row, "model");
        let terms = terms_of(role.as_deref(), model.as_deref(), &text);
        entries.push(Entry { item: *item, conversation: *conversation, created_at: *created_at, terms });
    }
    drop(texts);
    entries.sort_by_key(|entry| (entry.created_at, entry.item));
    let places = free_places(connection, &entries).await?;
    let mut placed: Vec<_> = entries.into_iter().zip(places).collect();
    placed.sort_by_key(|(_, place)| *place);
    let entries =
        placed.into_iter().map(|(entry, place)| json!([place, entry.item, entry.conversation, entry.terms])).collect();
    enter(connection, items, entries).await
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_made_to_fit_what_was_measured() {
        let after = |amount, milliseconds| {
            let measure = Measure::new(amount, (8, 400));
            measure.learn(amount, Duration::from_millis(milliseconds));
            measure.get()
        };
        assert_eq!(after(100, 40), 50, "twice too long: half as much");
        assert_eq!(after(100, 1200), 8, "never less than the least");
        assert_eq!(after(100, 15), 100, "as long as it may be");
        assert_eq!(after(100, 1), 126, "a quarter more at a time");
        assert_eq!(after(390, 1), 400, "never more than the most");
    }
}
