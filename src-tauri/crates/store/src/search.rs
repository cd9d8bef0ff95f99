//! Finding what was said: as one types, in any language, newest first.
//!
//! An FTS5 table says which messages hold the terms of a query (`analysis`); it stores no text and no positions, which is
//! what keeps it at about the size of the text with every beginning of a word in it, and what a message holds is then read
//! from the message itself (`query`, `snippet`): that words stand together, the punctuation of code, the place to show.
//! Nothing is ranked. A page does a bounded amount of work however common the words are, and says where to go on.
//!
//! Its rowids are places in time, so that newest first is the order in which FTS5 reads, and dates are ranges of them.

pub(crate) mod analysis;
pub(crate) mod forget;
pub(crate) mod index;
mod pace;
mod progress;
mod query;
mod snippet;

use std::collections::HashMap;

use capibara6_protocol::{
    ArchiveFilter, MessageId, ProjectId, Role, SearchFilters, SearchHit, SearchMarks, SearchPage, SearchQuery, TextSpan,
};
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Row as _};

use self::analysis::mark;
use self::index::{place_at, time_of};
use self::query::Query;
use crate::Store;
use crate::error::{Result, StoreError};
use crate::record::{self, id_list, key, summary_columns};

/// Most hits of one page.
const HITS: u32 = 100;

/// The longest query in characters; what follows is not looked at.
const QUERY: usize = 2000;

/// What one page may cost: places of the index that are looked at, and bytes of text that are read.
const PLACES: i64 = 12_000;
const BYTES: usize = 300_000;

/// What a text costs besides its bytes, in bytes: to find its row takes about as long as to read so many.
const ROW: usize = 300;

/// Places that the index is asked for: as many as a page shows at first, then as many as a page can read, because the index
/// looks for its beginning anew with every question.
const GIVEN: [i64; 2] = [32, 512];

/// Places of the index that are looked at in one question, first and later: more only where few of them are in conversations
/// that come into question.
const LOOKED_AT: [i64; 3] = [32, 512, 4096];

/// Texts that are in memory at once, and the longest of them, in bytes; longer ones are read one by one.
const TEXTS_AT_ONCE: usize = 64;

/// Most titles that are found.
const TITLES: usize = 20;

/// Most marks in one text, and most bytes of all texts.
const MARKS: usize = 2000;
const MARKED: usize = 4_000_000;

/// Where a page of hits begins: behind this place. Titles come before messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cursor {
    place: i64,
}

impl Cursor {
    fn parse(text: &str) -> Result<Self> {
        let place = text.parse().map_err(|_| StoreError::InvalidInput("after"))?;
        if place < 1 { Err(StoreError::InvalidInput("after")) } else { Ok(Self { place }) }
    }
}

impl Store {
    /// Looks for something: the first page has up to 20 titles before its messages.
    ///
    /// # Errors
    /// [`StoreError::InvalidInput`] `after` for a cursor that this store did not give; those of reading. Never one for what
    /// is looked for.
    pub async fn search(&self, request: &SearchQuery) -> Result<SearchPage> {
        let text: String = request.text.chars().take(QUERY).collect();
        let query = Query::parse(&text);
        let after = request.after.as_deref().map(Cursor::parse).transpose()?;
        let limit = request.limit.clamp(1, HITS) as usize;
        self.read(async |reader| {
            let pending = index::pending(reader).await?;
            let mut page = SearchPage { pending, ..SearchPage::default() };
            if query.is_empty() {
                return Ok(page);
            }
            let project = match request.filters.project {
                Some(project) => match find_project(reader, project).await? {
                    Some(row) => Some(row),
                    None => return Ok(page),
                },
                None => None,
            };
            let asked = Asked { query: &query, filters: &request.filters, project };
            if after.is_none() && !asked.is_of_messages() {
                page.hits = asked.titles(reader).await?;
            }
            asked.messages(reader, after, limit, &mut page).await?;
            Ok(page)
        })
        .await
    }
}

/// What a query marks in texts, for each of them in order.
///
/// # Errors
/// [`StoreError::InvalidInput`] `texts` where they are longer than 4 MB together.
pub fn search_marks(request: &SearchMarks) -> Result<Vec<Vec<TextSpan>>> {
    if request.texts.iter().map(String::len).sum::<usize>() > MARKED {
        return Err(StoreError::InvalidInput("texts"));
    }
    let asked: String = request.query.chars().take(QUERY).collect();
    let query = Query::parse(&asked);
    Ok(request.texts.iter().map(|text| utf16_spans(text, &query.marks(text, MARKS))).collect())
}

/// Stretches of bytes, in order, as stretches of UTF-16 code units.
fn utf16_spans(text: &str, stretches: &[(usize, usize)]) -> Vec<TextSpan> {
    let mut at = 0;
    let mut units = 0_u32;
    let mut go_to = |byte: usize| {
        let passed: usize = text[at..byte].chars().map(char::len_utf16).sum();
        units = units.saturating_add(u32::try_from(passed).unwrap_or(u32::MAX));
        at = byte;
        units
    };
    stretches
        .iter()
        .map(|(start, end)| {
            let start = go_to(*start);
            TextSpan { start, end: go_to(*end) }
        })
        .collect()
}

async fn find_project(connection: &mut SqliteConnection, project: ProjectId) -> Result<Option<i64>> {
    Ok(sqlx::query_scalar("SELECT id FROM project WHERE uuid = ?1 AND deleted_at IS NULL")
        .bind(key(project.0))
        .fetch_optional(connection)
        .await?)
}

/// What is asked, understood.
struct Asked<'q> {
    query: &'q Query,
    filters: &'q SearchFilters,
    /// The row of the project.
    project: Option<i64>,
}

/// What the conversation of a hit must be like: `?6` the project, `?7` pinned, `?8` of the archive: 0 any, 1 not, 2 only.
macro_rules! conversation_fits {
    () => {
        "c.deleted_at IS NULL AND (?6 IS NULL OR c.project = ?6) AND (?7 = 0 OR c.pinned <> 0) \
         AND (?8 = 0 OR (c.archived_at IS NOT NULL) = (?8 = 2))"
    };
}

/// The next places that the index names, and those of them that may be hits; the first row says how far it went.
/// `?1` the condition, `?2` and `?3` the places between which to look, `?4` how many to look at, `?5` how many to give.
pub(crate) const BY_INDEX: &str = concat!(
    "WITH batch AS MATERIALIZED (
        SELECT rowid AS place FROM search_index
        WHERE search_index MATCH ?1 AND rowid < ?2 AND rowid >= ?3 ORDER BY rowid DESC LIMIT ?4
     ), fitting AS MATERIALIZED (
        SELECT p.place, p.message, p.conversation
        FROM batch CROSS JOIN search_place p ON p.place = batch.place CROSS JOIN conversation c ON c.id = p.conversation
        WHERE ",
    conversation_fits!(),
    " ORDER BY p.place DESC LIMIT ?5
     )
     SELECT (SELECT min(place) FROM batch) AS place, (SELECT count(*) FROM batch) AS message, NULL AS conversation
     UNION ALL SELECT place, message, conversation FROM fitting"
);

/// The same where the index cannot tell anything: all places.
pub(crate) const BY_PLACE: &str = concat!(
    "WITH batch AS MATERIALIZED (
        SELECT place FROM search_place WHERE ?1 IS NULL AND place < ?2 AND place >= ?3 ORDER BY place DESC LIMIT ?4
     ), fitting AS MATERIALIZED (
        SELECT p.place, p.message, p.conversation
        FROM batch CROSS JOIN search_place p ON p.place = batch.place CROSS JOIN conversation c ON c.id = p.conversation
        WHERE ",
    conversation_fits!(),
    " ORDER BY p.place DESC LIMIT ?5
     )
     SELECT (SELECT min(place) FROM batch) AS place, (SELECT count(*) FROM batch) AS message, NULL AS conversation
     UNION ALL SELECT place, message, conversation FROM fitting"
);

/// Titles, newest conversation first. `?9` and `?10`: not before, and before.
pub(crate) const BY_TITLE: &str = concat!(
    "SELECT ",
    summary_columns!(),
    " FROM search_index i CROSS JOIN conversation c ON c.id = -i.rowid
     WHERE i.search_index MATCH ?1 AND i.rowid < 0 AND ",
    conversation_fits!(),
    " AND c.updated_at >= ?9 AND c.updated_at < ?10 ORDER BY i.rowid LIMIT 200"
);

/// The messages at some places, without the texts that are longer than 64 KiB.
pub(crate) const TEXTS: &str = concat!(
    "SELECT p.place, m.uuid AS message_uuid, m.role, m.model, m.created_at AS said_at,
        CASE WHEN octet_length(m.content) <= 65536 THEN m.content END AS content, ",
    summary_columns!(),
    " FROM json_each(?1) wanted CROSS JOIN search_place p ON p.place = wanted.value
     CROSS JOIN message m ON m.id = p.message CROSS JOIN conversation c ON c.id = p.conversation"
);

/// The text at a place.
pub(crate) const TEXT: &str =
    "SELECT m.content FROM search_place p CROSS JOIN message m ON m.id = p.message WHERE p.place = ?1";

impl Asked<'_> {
    /// Whether only a message can be what is looked for.
    fn is_of_messages(&self) -> bool {
        self.filters.role.is_some() || self.filters.model.is_some() || self.filters.has_code
    }

    fn marks(&self) -> Vec<String> {
        let mut marks = Vec::new();
        match self.filters.role {
            Some(Role::User) => marks.push(mark::USER.to_owned()),
            Some(Role::Assistant) => marks.push(mark::ASSISTANT.to_owned()),
            None => {}
        }
        marks.extend(self.filters.model.as_ref().map(|model| mark::model(model.as_str())));
        if self.filters.has_code {
            marks.push(mark::CODE.to_owned());
        }
        marks
    }

    fn archive(&self) -> i64 {
        match self.filters.archive {
            ArchiveFilter::Include => 0,
            ArchiveFilter::Exclude => 1,
            ArchiveFilter::Only => 2,
        }
    }

    async fn titles(&self, connection: &mut SqliteConnection) -> Result<Vec<SearchHit>> {
        let Some(condition) = self.query.condition(&[]) else { return Ok(Vec::new()) };
        let rows = sqlx::query(BY_TITLE)
            .bind(condition)
            .bind(0)
            .bind(0)
            .bind(0)
            .bind(0)
            .bind(self.project)
            .bind(i64::from(self.filters.pinned))
            .bind(self.archive())
            .bind(self.filters.from.unwrap_or(i64::MIN))
            .bind(self.filters.to.unwrap_or(i64::MAX))
            .fetch_all(connection)
            .await?;
        let hits = rows.iter().filter_map(|row| {
            let conversation = record::summary(row)?;
            let snippet = snippet::whole(self.query, &conversation.title)?;
            let created_at = conversation.updated_at;
            Some(SearchHit { conversation, message: None, role: None, model: None, created_at, snippet })
        });
        Ok(hits.take(TITLES).collect())
    }

    /// Adds messages to a page until it is full, all was looked at, or enough was done for one page.
    async fn messages(
        &self,
        connection: &mut SqliteConnection,
        after: Option<Cursor>,
        limit: usize,
        page: &mut SearchPage,
    ) -> Result<()> {
        let condition = self.query.condition(&self.marks());
        let lowest = self.filters.from.map_or(1, place_at);
        let mut below = match self.filters.to {
            Some(to) => place_at(to).saturating_add(slack(connection).await?).saturating_add(1),
            None => i64::MAX,
        };
        below = below.min(after.map_or(i64::MAX, |after| after.place));
        let mut spent = Spent::default();
        let mut found = 0;
        for round in 0.. {
            let first = i64::try_from(limit - found).unwrap_or(i64::MAX).min(GIVEN[0]);
            let give = if round == 0 { first } else { GIVEN[1] };
            let look_at = LOOKED_AT[spent.widening.min(LOOKED_AT.len() - 1)].max(give);
            let batch = self.batch(connection, condition.as_deref(), (lowest, below), look_at, give).await?;
            let Some(reached) = batch.reached else { return Ok(()) };
            for some in batch.places.chunks(TEXTS_AT_ONCE) {
                let mut texts = texts(connection, some).await?;
                for place in some {
                    let Some(row) = texts.remove(place) else { continue };
                    let text = match record::text(&row, "content") {
                        Some(text) => text,
                        None => text_at(connection, *place).await?,
                    };
                    let reading = snippet::read(self.query, &text);
                    spent.bytes += reading.read + ROW;
                    if let Some(hit) = reading.snippet.and_then(|snippet| self.hit(&row, snippet)) {
                        page.hits.push(hit);
                        found += 1;
                    }
                    if found == limit || spent.bytes >= BYTES {
                        go_on_behind(page, *place);
                        return Ok(());
                    }
                }
            }
            let all_given = i64::try_from(batch.places.len()).is_ok_and(|given| given < give);
            if all_given && batch.looked_at < look_at {
                return Ok(());
            }
            // What was not given is looked at again.
            below = if all_given { reached } else { batch.places.last().copied().unwrap_or(reached) };
            spent.places += if all_given { batch.looked_at } else { give };
            if spent.places >= PLACES {
                go_on_behind(page, below);
                return Ok(());
            }
            spent.widening = if all_given { spent.widening + 1 } else { spent.widening.max(1) };
        }
        Ok(())
    }

    fn hit(&self, row: &SqliteRow, snippet: Vec<capibara6_protocol::SnippetPart>) -> Option<SearchHit> {
        let created_at = row.try_get("said_at").unwrap_or_default();
        if created_at < self.filters.from.unwrap_or(i64::MIN) || created_at >= self.filters.to.unwrap_or(i64::MAX) {
            return None;
        }
        Some(SearchHit {
            conversation: record::summary(row)?,
            message: Some(MessageId(record::uuid(row, "message_uuid")?)),
            role: record::text(row, "role").and_then(|word| record::from_word(&word)),
            model: record::text(row, "model").map(Into::into),
            created_at,
            snippet,
        })
    }

    async fn batch(
        &self,
        connection: &mut SqliteConnection,
        condition: Option<&str>,
        (lowest, below): (i64, i64),
        look_at: i64,
        give: i64,
    ) -> Result<Batch> {
        let query = if condition.is_some() { BY_INDEX } else { BY_PLACE };
        let rows = sqlx::query(AssertSqlSafe(query))
            .bind(condition)
            .bind(below)
            .bind(lowest)
            .bind(look_at)
            .bind(give)
            .bind(self.project)
            .bind(i64::from(self.filters.pinned))
            .bind(self.archive())
            .fetch_all(connection)
            .await?;
        let Some((first, rest)) = rows.split_first() else { return Ok(Batch::default()) };
        let mut places = Vec::with_capacity(rest.len());
        for row in rest {
            places.push(row.try_get("place")?);
        }
        places.sort_unstable_by(|one: &i64, other| other.cmp(one));
        Ok(Batch { reached: first.try_get("place")?, looked_at: first.try_get("message")?, places })
    }
}

/// What a page has cost so far.
#[derive(Default)]
struct Spent {
    places: i64,
    bytes: usize,
    /// How often few of the places that were looked at came into question.
    widening: usize,
}

/// Says that a page ends behind this place, and that there may be more.
fn go_on_behind(page: &mut SearchPage, place: i64) {
    page.next = Some(place.to_string());
    page.searched_to = Some(time_of(place));
}

/// Some places of the index.
#[derive(Default)]
struct Batch {
    /// The last one that was looked at; absent where there was none.
    reached: Option<i64>,
    looked_at: i64,
    /// Those in conversations that come into question, newest first.
    places: Vec<i64>,
}

/// The messages at some places.
async fn texts(connection: &mut SqliteConnection, places: &[i64]) -> Result<HashMap<i64, SqliteRow>> {
    if places.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = sqlx::query(TEXTS).bind(id_list(places.iter().copied())).fetch_all(connection).await?;
    let mut texts = HashMap::with_capacity(rows.len());
    for row in rows {
        texts.insert(row.try_get("place")?, row);
    }
    Ok(texts)
}

async fn text_at(connection: &mut SqliteConnection, place: i64) -> Result<String> {
    Ok(sqlx::query_scalar(TEXT).bind(place).fetch_optional(connection).await?.unwrap_or_default())
}

/// How far behind its time a message may stand.
async fn slack(connection: &mut SqliteConnection) -> Result<i64> {
    let slack: Option<String> =
        sqlx::query_scalar("SELECT value FROM about WHERE key = 'search_slack'").fetch_optional(connection).await?;
    // What cannot be read allows anything.
    Ok(slack.and_then(|slack| slack.parse().ok()).unwrap_or(i64::MAX / 2))
}
