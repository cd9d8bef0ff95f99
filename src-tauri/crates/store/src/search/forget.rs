//! Taking words out of the index, to the last letter. The index can only be told to forget a text by that text, and
//! overwriting takes it far longer for each term than indexing did: so it is done a few terms at a time, also within one text.
//!
//! FTS5 counts the texts and terms that it holds, and calls an index damaged that is told to forget more than those. So what
//! leaves is exactly what came, and a text that comes or leaves in parts is counted once.

use std::collections::BTreeSet;
use std::time::Instant;

use serde_json::{Value, json};
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;

use super::analysis::mark;
use super::index::{merge_some, terms_in};
use super::progress::{Kept, Progress, Sorted};
use crate::error::Result;
use crate::record::id_list;
use crate::{Store, Survives};

/// How many bytes of text are read for one step, beyond the first text.
const READ: i64 = 20_000;

pub(crate) const STALE: &str =
    "SELECT id, place, octet_length(content) AS size FROM search_stale ORDER BY id LIMIT 100";

/// What one step is to take out.
struct Plan {
    /// What it follows from.
    progress: Progress,
    next: Progress,
    /// Places and terms.
    entries: Vec<(i64, String)>,
    count: u32,
    /// Rows of which nothing is left then.
    done: Vec<i64>,
    /// Terms that are not there, or not any more, but may have left traces.
    gone: Vec<String>,
}

impl Store {
    /// Takes out of the index all that is to leave it, and what that leaves behind.
    pub(crate) async fn forget_all(&self) -> Result<()> {
        let mut kept = self.inner.indexing.turn.lock().await;
        let mut forgotten = BTreeSet::new();
        while let Some(terms) = self.forget_some(&mut kept).await? {
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
        while merge_some(self).await? {}
        self.write_surviving(Survives::Kill, async |writer| {
            sqlx::query("INSERT INTO search_index (search_index, rowid, words) VALUES ('delete', 0, ?1)")
                .bind(mark::NOTHING)
                .execute(writer)
                .await?;
            Ok(())
        })
        .await
    }

    /// Takes some of what is to leave out of the index, and gives its terms; nothing where there was none. What it is to do is
    /// found out beforehand, so that nobody waits for that.
    pub(super) async fn forget_some(&self, kept: &mut Kept) -> Result<Option<Vec<String>>> {
        let pace = &self.inner.indexing.pace.leaving;
        let most = pace.get();
        let Some(plan) = self.read(async |reader| plan(reader, kept, most).await).await? else { return Ok(None) };
        let done = self
            .write_surviving(Survives::Kill, async |writer| {
                let begun = Instant::now();
                // Another process may have been at it: then it is found out anew.
                if !plan.progress.is_current(writer).await? {
                    return Ok(None);
                }
                carry_out(writer, &plan).await?;
                Ok(Some(begun))
            })
            .await;
        let Ok(Some(begun)) = done else {
            kept.clear();
            return done.map(|_| Some(Vec::new()));
        };
        pace.learn(plan.count, begun.elapsed());
        if plan.next.leaving.is_none() {
            kept.clear();
        }
        Ok(Some(plan.entries.into_iter().map(|(_, terms)| terms).chain(plan.gone).collect()))
    }
}

/// What is to leave next: at most so many terms, of as many texts as these are in.
async fn plan(connection: &mut SqliteConnection, kept: &mut Kept, most: u32) -> Result<Option<Plan>> {
    let rows = sqlx::query(STALE).fetch_all(&mut *connection).await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let progress = Progress::load(connection).await?;
    let mut plan =
        Plan { next: progress.clone(), progress, entries: Vec::new(), count: 0, done: Vec::new(), gone: Vec::new() };
    plan.next.leaving = None;
    let mut read = 0;
    for row in &rows {
        let id: i64 = row.try_get("id")?;
        let size: i64 = row.try_get("size")?;
        let left = most.saturating_sub(plan.count);
        if left == 0 || read > 0 && read + size > READ {
            break;
        }
        read += size;
        let place: i64 = row.try_get("place")?;
        let begun = plan.progress.leaving.filter(|at| at.of == id && at.place == place);
        let mut at = begun.unwrap_or_else(|| plan.progress.beginning(id, place));
        let entering = plan.progress.entering.filter(|entering| entering.place == place);
        if kept.of(&at).is_none() {
            let all = stale_terms(connection, id).await?;
            let terms = match entering {
                Some(entering) => {
                    // Before it came once more, it may have been there as a whole.
                    plan.gone.push(all.all().to_owned());
                    all.until(entering.done)
                }
                None => Some(all),
            };
            match terms {
                Some(terms) => kept.keep(&at, terms),
                // Nothing of it came.
                None => kept.clear(),
            }
        }
        let part = kept.of(&at).map(|terms| terms.part(at.done, left));
        if let Some(part) = &part {
            plan.entries.push((place, part.terms.to_owned()));
            plan.count += part.count;
        }
        if let Some(next) = part.and_then(|part| part.next) {
            at.done = next;
            plan.next.leaving = Some(at);
            break;
        }
        plan.done.push(id);
        if entering.is_some() {
            plan.next.entering = None;
        }
    }
    // FTS5 writes out what it has gathered whenever a rowid is not above the one before.
    plan.entries.sort_by_key(|entry| entry.0);
    Ok(Some(plan))
}

async fn stale_terms(connection: &mut SqliteConnection, id: i64) -> Result<Sorted> {
    let row = sqlx::query("SELECT role, model, content FROM search_stale WHERE id = ?1")
        .bind(id)
        .fetch_one(connection)
        .await?;
    Ok(Sorted::new(&terms_in(&row)))
}

async fn carry_out(connection: &mut SqliteConnection, plan: &Plan) -> Result<()> {
    if let Some(at) = plan.next.leaving {
        count_again(connection, at.place).await?;
    }
    let listed = Value::from_iter(plan.entries.iter().map(|(place, terms)| json!([place, terms])));
    sqlx::query(
        "INSERT INTO search_index (search_index, rowid, words)
         SELECT 'delete', value ->> 0, value ->> 1 FROM json_each(?1)",
    )
    .bind(listed.to_string())
    .execute(&mut *connection)
    .await?;
    sqlx::query("DELETE FROM search_stale WHERE id IN (SELECT value FROM json_each(?1))")
        .bind(id_list(plan.done.iter().copied()))
        .execute(&mut *connection)
        .await?;
    plan.next.clone().store(connection).await
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

/// Has a text counted that is not whole yet or not any more, when a part of it is about to be taken off the count.
async fn count_again(connection: &mut SqliteConnection, place: i64) -> Result<()> {
    sqlx::query("INSERT INTO search_index (rowid, words) VALUES (?1, '')").bind(place).execute(connection).await?;
    Ok(())
}

/// Takes a text off the count that is counted already, when another part of it is about to be added.
pub(super) async fn count_once(connection: &mut SqliteConnection, place: i64) -> Result<()> {
    sqlx::query("INSERT INTO search_index (search_index, rowid, words) VALUES ('delete', ?1, '')")
        .bind(place)
        .execute(connection)
        .await?;
    Ok(())
}
