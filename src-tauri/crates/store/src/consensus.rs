//! Runs of several models on one question: what the members were asked, what they answered, and every verdict.
//!
//! The candidates are ordinary messages below the question, written like all others; a run adds who they are, what was read
//! out of them and what came of it, as the protocol's own values. A run that cannot be read costs itself and never its
//! conversation: the answers are messages.

use std::collections::HashSet;

use capibara6_protocol::{
    ConsensusId, ConsensusRecord, ConsensusRun, ConversationId, ConversationSummary, Message, MessageId, Metrics,
    ModelId, Routing, TaskClass,
};
use serde::de::DeserializeOwned;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::error::{Result, StoreError};
use crate::journal::{Asked, NewAnswer, Place, insert_answer, insert_conversation, insert_question, touch};
use crate::record::{self, json, key};
use crate::{Store, list, tree};

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
            insert_run(writer, conversation, question, &begin.run, &begin.record).await?;
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

    /// Writes a run as it is now. `judgement` is what a verdict of the user's says, as JSON of whoever learns from it; absent,
    /// what was known stays.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where it is gone, with its conversation.
    pub async fn save_consensus(
        &self,
        run: &ConsensusRun,
        record: &ConsensusRecord,
        judgement: Option<&str>,
    ) -> Result<()> {
        self.write(async |writer| {
            let saved = sqlx::query(
                "UPDATE consensus SET judgement = COALESCE(?2, judgement), run = ?3, record = ?4 WHERE uuid = ?1",
            )
            .bind(key(run.id.0))
            .bind(judgement)
            .bind(json(Some(run))?)
            .bind(json(Some(record))?)
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
            let rows = sqlx::query("SELECT class, model, weight FROM learned_weight").fetch_all(reader).await?;
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
        let class = json(Some(&class))?.unwrap_or_default();
        let class = class.trim_matches('"');
        self.write(async |writer| {
            let query = match weight {
                Some(weight) => sqlx::query(
                    "INSERT INTO learned_weight (class, model, weight) VALUES (?1, ?2, ?3)
                     ON CONFLICT (class, model) DO UPDATE SET weight = excluded.weight",
                )
                .bind(class)
                .bind(model.as_str())
                .bind(weight),
                None => sqlx::query("DELETE FROM learned_weight WHERE class = ?1 AND model = ?2")
                    .bind(class)
                    .bind(model.as_str()),
            };
            query.execute(writer).await?;
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
    run: &ConsensusRun,
    record: &ConsensusRecord,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO consensus (uuid, conversation, question, created_at, run, record) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )
    .bind(key(run.id.0))
    .bind(conversation)
    .bind(question)
    .bind(run.created_at)
    .bind(json(Some(run))?)
    .bind(json(Some(record))?)
    .execute(connection)
    .await?;
    Ok(())
}

/// A JSON column; nothing where it cannot be read.
fn value<T: DeserializeOwned>(row: &SqliteRow, column: &str) -> Option<T> {
    let read = serde_json::from_str(&record::text(row, column)?);
    read.inspect_err(|error| tracing::warn!(%error, column, "a value cannot be read and is passed over")).ok()
}
