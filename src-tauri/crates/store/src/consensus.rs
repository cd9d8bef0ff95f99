//! Runs of several models on one question: what the members were asked, what they answered, and every verdict.
//!
//! The candidates are ordinary messages below the question, written like all others; a run adds who they are, what was read
//! out of them and what came of it, as the protocol's own values. A run that cannot be read costs itself and never its
//! conversation: the answers are messages.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use capibara6_protocol::{
    ConsensusId, ConsensusRecord, ConsensusRun, ConversationId, ConversationSummary, Message, MessageId, Metrics,
    ModelId, Routing, TaskClass,
};
use serde::de::DeserializeOwned;
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use uuid::Uuid;

use crate::error::{Result, StoreError};
use crate::journal::{Asked, NewAnswer, Place, insert_answer, insert_conversation, insert_question, touch};
use crate::record::{self, json, key};
use crate::{Store, compose, list, tree};

/// Several models that are about to answer one question.
#[derive(Debug, Clone, PartialEq)]
pub struct BeginConsensus {
    /// Where.
    pub place: Place,
    /// What.
    pub asked: Asked,
    /// The candidates that are still to be written, without text.
    pub answers: Vec<NewAnswer>,
    /// Which of them becomes the end of the active branch; absent, that stays as it is.
    pub shown: Option<MessageId>,
    /// The run, which names its conversation, its question and every candidate.
    pub run: ConsensusRun,
    /// What the members are asked.
    pub record: ConsensusRecord,
}

/// What was begun, as it is on disk.
#[derive(Debug, Clone, PartialEq)]
pub struct BegunConsensus {
    /// The conversation, which is now at the top of the list.
    pub conversation: ConversationSummary,
    /// The question, where it is new.
    pub question: Option<Message>,
    /// The candidates that are to be written: `streaming`, without text.
    pub answers: Vec<Message>,
}

/// What a verdict of the user's says about those who voted, for whoever learns from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judged<'a> {
    /// This, as JSON of whoever learns from it.
    As(&'a str),
    /// What was said before.
    AsBefore,
    /// There is no verdict of the user's, or it was taken back.
    ByNobody,
}

/// What was measured of one answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// When it was begun.
    pub at: i64,
    /// Who wrote it.
    pub model: ModelId,
    /// How it ended, as it is stored.
    pub status: String,
    /// Why this model.
    pub routing: Option<Routing>,
    /// The figures.
    pub metrics: Metrics,
}

/// A run with everything that is kept of it.
#[derive(Debug, Clone, PartialEq)]
pub struct RunRecord {
    /// The run.
    pub run: ConsensusRun,
    /// What led to it.
    pub record: ConsensusRecord,
    /// What a verdict of the user's says, as [`Store::save_consensus`] was given it.
    pub judgement: Option<String>,
}

/// A run as it is exported.
#[derive(Debug, Clone, PartialEq)]
pub struct ExportedRun {
    /// Where the next page of runs begins.
    pub row: i64,
    /// The run; nothing where it cannot be read.
    pub run: Option<RunRecord>,
}

impl Store {
    /// Puts a question, its empty candidates and their run on disk in one transaction.
    ///
    /// # Errors
    /// As [`Store::begin`]; [`StoreError::InvalidInput`] `shown` where it is none of the answers.
    pub async fn begin_consensus(&self, begin: BeginConsensus) -> Result<BegunConsensus> {
        self.settle_left_over().await;
        self.write(async |writer| {
            let at = begin.run.created_at;
            let conversation = match &begin.place {
                Place::New { id, title } => insert_conversation(writer, *id, list::acceptable(title)?, at).await?,
                Place::Known(id) => list::find(writer, *id).await?,
            };
            let (question, is_new) = match &begin.asked {
                Asked::New(question) => (insert_question(writer, conversation, question).await?, true),
                Asked::Known(question) => (tree::find_in(writer, *question, conversation).await?.id, false),
            };
            let mut answers = Vec::with_capacity(begin.answers.len());
            for answer in &begin.answers {
                answers.push(insert_answer(writer, conversation, question, answer).await?);
            }
            if let Some(shown) = begin.shown {
                let place = begin.answers.iter().position(|answer| answer.id == shown);
                let row =
                    place.and_then(|place| answers.get(place).copied()).ok_or(StoreError::InvalidInput("shown"))?;
                tree::activate(writer, conversation, row).await?;
            }
            insert_run(writer, conversation, question, begin.run.id.0, &begin.run, &begin.record, None).await?;
            touch(writer, conversation, at).await?;

            let none_left_over = HashSet::new();
            let mut begun = Vec::with_capacity(answers.len());
            for answer in answers {
                begun.push(tree::load(writer, answer, &none_left_over).await?);
            }
            Ok(BegunConsensus {
                conversation: list::load(writer, conversation).await?,
                question: if is_new { Some(tree::load(writer, question, &none_left_over).await?) } else { None },
                answers: begun,
            })
        })
        .await
    }

    /// Adds an answer that is about to be written beside those of a question, and leaves the active branch as it is.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where the question is not there; [`StoreError::InvalidInput`] `id`.
    pub async fn add_answer(&self, question: MessageId, answer: &NewAnswer) -> Result<Message> {
        self.write(async |writer| {
            let found = tree::find(writer, question).await?;
            let id = insert_answer(writer, found.conversation, found.id, answer).await?;
            tree::load(writer, id, &HashSet::new()).await
        })
        .await
    }

    /// Writes a run as it is now, and what a verdict of the user's says.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where it is gone, with its conversation.
    pub async fn save_consensus(&self, run: &ConsensusRun, record: &ConsensusRecord, judged: Judged<'_>) -> Result<()> {
        let (judgement, keep) = match judged {
            Judged::As(judgement) => (Some(judgement), false),
            Judged::AsBefore => (None, true),
            Judged::ByNobody => (None, false),
        };
        self.write(async |writer| {
            let saved = sqlx::query(
                "UPDATE consensus SET judgement = CASE WHEN ?5 THEN judgement ELSE ?2 END, run = ?3, record = ?4
                 WHERE uuid = ?1",
            )
            .bind(key(run.id.0))
            .bind(judgement)
            .bind(json(Some(run))?)
            .bind(json(Some(record))?)
            .bind(keep)
            .execute(writer)
            .await?;
            if saved.rows_affected() == 0 { Err(StoreError::NotFound) } else { Ok(()) }
        })
        .await
    }

    /// A run, and what led to it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Damaged`] where it cannot be read.
    pub async fn consensus(&self, id: ConsensusId) -> Result<(ConsensusRun, ConsensusRecord)> {
        let damaged = || StoreError::Damaged("a run of several models".to_owned());
        self.read(async |reader| {
            let row = sqlx::query("SELECT run, record FROM consensus WHERE uuid = ?1")
                .bind(key(id.0))
                .fetch_one(reader)
                .await?;
            let run = value(&row, "run").ok_or_else(damaged)?;
            Ok((run, value(&row, "record").ok_or_else(damaged)?))
        })
        .await
    }

    /// The runs of a conversation, oldest first.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for a conversation that is not there or deleted.
    pub async fn consensus_of(&self, id: ConversationId) -> Result<Vec<ConsensusRun>> {
        self.read(async |reader| {
            let conversation = list::find(reader, id).await?;
            let rows = sqlx::query(RUNS_OF).bind(conversation).fetch_all(reader).await?;
            Ok(rows.iter().filter_map(|row| value(row, "run")).collect())
        })
        .await
    }

    /// Runs of a conversation with everything that is kept of them, oldest first, after the row `after`.
    ///
    /// # Errors
    /// What the disk says.
    pub async fn export_runs(&self, id: ConversationId, after: i64, limit: u32) -> Result<Vec<ExportedRun>> {
        self.read(async |reader| {
            let rows = sqlx::query(EXPORTED).bind(key(id.0)).bind(after).bind(limit).fetch_all(reader).await?;
            let exported = |row: &SqliteRow| {
                let run = value(row, "run").zip(value(row, "record"));
                let run = run.map(|(run, record)| RunRecord { run, record, judgement: record::text(row, "judgement") });
                Ok(ExportedRun { row: row.try_get("id")?, run })
            };
            rows.iter().map(exported).collect()
        })
        .await
    }

    /// What the user's newest verdicts say, as [`Self::save_consensus`] was given it: at most so many, oldest first.
    ///
    /// # Errors
    /// What the disk says.
    pub async fn judgements(&self, limit: u32) -> Result<Vec<String>> {
        self.read(async |reader| {
            let rows = sqlx::query(JUDGEMENTS).bind(limit).fetch_all(reader).await?;
            Ok(rows.iter().rev().filter_map(|row| record::text(row, "judgement")).collect())
        })
        .await
    }

    /// The weights that the user set in place of learned ones.
    ///
    /// # Errors
    /// What the disk says.
    pub async fn edited_weights(&self) -> Result<Vec<(TaskClass, ModelId, f64)>> {
        self.read(async |reader| {
            let rows = sqlx::query("SELECT class, model, weight FROM learned_weight ORDER BY class, model")
                .fetch_all(reader)
                .await?;
            let weights = rows.iter().filter_map(|row| {
                let class = record::from_word(&record::text(row, "class")?)?;
                Some((class, record::text(row, "model")?.into(), record::value(row, "weight")?))
            });
            Ok(weights.collect())
        })
        .await
    }

    /// Sets a weight in place of the learned one, or gives the learned one back where it is absent.
    ///
    /// # Errors
    /// What the disk says.
    pub async fn edit_weight(&self, class: TaskClass, model: &ModelId, weight: Option<f64>) -> Result<()> {
        let class = class_word(class)?;
        self.write(async |writer| {
            let query = match weight {
                Some(weight) => sqlx::query(
                    "INSERT INTO learned_weight (class, model, weight) VALUES (?1, ?2, ?3)
                     ON CONFLICT (class, model) DO UPDATE SET weight = excluded.weight",
                )
                .bind(class.as_str())
                .bind(model.as_str())
                .bind(weight),
                None => sqlx::query("DELETE FROM learned_weight WHERE class = ?1 AND model = ?2")
                    .bind(class.as_str())
                    .bind(model.as_str()),
            };
            query.execute(writer).await?;
            Ok(())
        })
        .await
    }

    /// Sets weights where none is set: what the user set here stays.
    ///
    /// # Errors
    /// What the disk says.
    pub async fn merge_weights(&self, weights: &[(TaskClass, ModelId, f64)]) -> Result<()> {
        self.write(async |writer| {
            for (class, model, weight) in weights {
                sqlx::query(
                    "INSERT INTO learned_weight (class, model, weight) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                )
                .bind(class_word(*class)?)
                .bind(model.as_str())
                .bind(weight)
                .execute(&mut *writer)
                .await?;
            }
            Ok(())
        })
        .await
    }

    /// The newest runs that were begun since, at most so many, oldest first.
    ///
    /// # Errors
    /// What the disk says.
    pub async fn consensus_since(&self, since: i64, limit: u32) -> Result<Vec<ConsensusRun>> {
        self.read(async |reader| {
            let rows = sqlx::query(RUNS_SINCE).bind(since).bind(limit).fetch_all(reader).await?;
            Ok(rows.iter().rev().filter_map(|row| value(row, "run")).collect())
        })
        .await
    }

    /// What was measured of the newest answers that were begun since, at most so many, oldest first. Scripted ones are left
    /// out, and so are those that are being written.
    ///
    /// # Errors
    /// What the disk says.
    pub async fn measured_since(&self, since: i64, limit: u32) -> Result<Vec<Measured>> {
        self.read(async |reader| {
            let rows = sqlx::query(MEASURED).bind(since).bind(limit).fetch_all(reader).await?;
            let measured = rows.iter().rev().filter_map(|row| {
                Some(Measured {
                    at: record::value(row, "created_at")?,
                    model: record::text(row, "model")?.into(),
                    status: record::text(row, "status")?,
                    routing: value(row, "routing"),
                    metrics: value(row, "metrics")?,
                })
            });
            Ok(measured.collect())
        })
        .await
    }
}

pub(crate) const RUNS_OF: &str = "SELECT run FROM consensus WHERE conversation = ?1 ORDER BY id";

pub(crate) const EXPORTED: &str = "SELECT id, run, record, judgement FROM consensus
    WHERE conversation = (SELECT id FROM conversation WHERE uuid = ?1) AND id > ?2 ORDER BY id LIMIT ?3";

pub(crate) const JUDGEMENTS: &str =
    "SELECT judgement FROM consensus WHERE judgement IS NOT NULL ORDER BY id DESC LIMIT ?1";

pub(crate) const RUNS_SINCE: &str =
    "SELECT run FROM consensus WHERE created_at >= ?1 ORDER BY created_at DESC LIMIT ?2";

pub(crate) const MEASURED: &str = "
    SELECT created_at, model, status, routing, metrics FROM message
    WHERE role = 'assistant' AND created_at >= ?1 AND scripted = 0 AND model IS NOT NULL AND metrics IS NOT NULL
    ORDER BY created_at DESC LIMIT ?2";

async fn insert_run(
    connection: &mut SqliteConnection,
    conversation: i64,
    question: i64,
    uuid: Uuid,
    run: &ConsensusRun,
    record: &ConsensusRecord,
    judgement: Option<&str>,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO consensus (uuid, conversation, question, created_at, judgement, run, record)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )
    .bind(key(uuid))
    .bind(conversation)
    .bind(question)
    .bind(run.created_at)
    .bind(judgement)
    .bind(json(Some(run))?)
    .bind(json(Some(record))?)
    .execute(connection)
    .await?;
    Ok(())
}

/// Brings a run into the conversation with this row and id, and says whether something of it is new. A run that is there takes
/// the verdicts that were given after its own; where others were given here since, it stays as it is. `rows` are the
/// conversation's messages, `ids` those that have another id here than where they come from.
///
/// # Errors
/// [`StoreError::InvalidInput`] `runs` where its question is none of the messages.
pub(crate) async fn merge_run(
    writer: &mut SqliteConnection,
    (conversation, id): (i64, ConversationId),
    rows: &HashMap<MessageId, i64>,
    ids: &HashMap<Uuid, Uuid>,
    incoming: &RunRecord,
) -> Result<bool> {
    let RunRecord { run, record, judgement } = incoming;
    let question = *rows.get(&run.question).ok_or(StoreError::InvalidInput("runs"))?;
    let mut ids = ids.clone();
    let mut uuid = run.id.0;
    let mut holder = run_holder(writer, uuid).await?;
    if holder.is_some_and(|holder| holder != conversation) {
        // The same run in two conversations: each has its own, as with messages.
        uuid = Uuid::new_v5(&id.0, run.id.0.as_bytes());
        ids.insert(run.id.0, uuid);
        holder = run_holder(writer, uuid).await?;
    }
    let (run, record) = if ids.is_empty() {
        (Cow::Borrowed(run), Cow::Borrowed(record))
    } else {
        (Cow::Owned(compose::with_ids(run, &ids)?), Cow::Owned(compose::with_ids(record, &ids)?))
    };
    let judgement = judgement.as_deref();
    if holder.is_some() {
        return continue_run(writer, (conversation, uuid), &run, &record, judgement).await;
    }
    insert_run(writer, conversation, question, uuid, &run, &record, judgement).await?;
    Ok(true)
}

/// Takes the verdicts of a run that were given after those that are known here, and all that came of them. Says whether there
/// are any: the list of verdicts only ever grows, so whoever has ours at its beginning has seen all that happened here. Where
/// the answer that counted is the end that is shown, the one that counts now is.
async fn continue_run(
    writer: &mut SqliteConnection,
    (conversation, uuid): (i64, Uuid),
    run: &ConsensusRun,
    record: &ConsensusRecord,
    judgement: Option<&str>,
) -> Result<bool> {
    let row = sqlx::query("SELECT run FROM consensus WHERE uuid = ?1").bind(key(uuid)).fetch_one(&mut *writer).await?;
    let Some(known) = value::<ConsensusRun>(&row, "run") else { return Ok(false) };
    let messages = |run: &ConsensusRun| run.candidates.iter().map(|each| each.message).collect::<Vec<_>>();
    let goes_on = run.revisions.len() > known.revisions.len() && run.revisions.starts_with(&known.revisions);
    if !goes_on || run.question != known.question || messages(run) != messages(&known) {
        return Ok(false);
    }
    sqlx::query("UPDATE consensus SET judgement = ?2, run = ?3, record = ?4 WHERE uuid = ?1")
        .bind(key(uuid))
        .bind(judgement)
        .bind(json(Some(run))?)
        .bind(json(Some(record))?)
        .execute(&mut *writer)
        .await?;
    let counted = |run: &ConsensusRun| run.verdict.as_ref().and_then(|verdict| verdict.message);
    if let (Some(before), Some(now)) = (counted(&known), counted(run))
        && before != now
    {
        let leaf: Option<i64> = sqlx::query_scalar(
            "SELECT n.id FROM conversation c JOIN message m ON m.id = c.leaf, message n
             WHERE c.id = ?1 AND m.uuid = ?2 AND n.uuid = ?3 AND n.conversation = c.id",
        )
        .bind(conversation)
        .bind(key(before.0))
        .bind(key(now.0))
        .fetch_optional(&mut *writer)
        .await?;
        if let Some(leaf) = leaf {
            tree::activate_through(writer, conversation, leaf).await?;
        }
    }
    Ok(true)
}

/// The row of the conversation that a run is in.
async fn run_holder(connection: &mut SqliteConnection, uuid: Uuid) -> Result<Option<i64>> {
    let holder = sqlx::query_scalar("SELECT conversation FROM consensus WHERE uuid = ?1").bind(key(uuid));
    Ok(holder.fetch_optional(connection).await?)
}

/// A class of task as it is stored: its name on the wire.
fn class_word(class: TaskClass) -> Result<String> {
    let class = json(Some(&class))?.unwrap_or_default();
    Ok(class.trim_matches('"').to_owned())
}

/// A JSON column; nothing where it cannot be read.
fn value<T: DeserializeOwned>(row: &SqliteRow, column: &str) -> Option<T> {
    let read = serde_json::from_str(&record::text(row, column)?);
    read.inspect_err(|error| tracing::warn!(%error, column, "a value cannot be read and is passed over")).ok()
}
