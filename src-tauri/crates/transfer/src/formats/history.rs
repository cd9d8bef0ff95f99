//! The program's own format: all that is known of every message of every branch, and of every run of several models
//! (`docs/export.md`, `docs/export.schema.json`).
//!
//! What is written is a function of what is exported and of nothing else, no clock among it: exporting, importing into an
//! empty history and exporting again gives the same bytes. Reading is as tolerant as for any other format; fields that are
//! not known are passed over, so that a file of a later version can be read as far as its version number allows.

use std::collections::HashSet;
use std::io::{self, Write};

use capibara6_protocol::{
    AppError, ConsensusRecord, ConsensusRun, ConversationId, MAX_MEMBERS, Message, MessageId, MessageOrigin,
    MessageStatus, Metrics, ModelId, Omitted, ProjectId, Role, Routing, SkipCode, Slot, Verdict,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::Unfit;
use crate::conversation::{Conversation, Entry, Head, Project, Run, TitledBy, Weight};
use crate::read::value::{self, Object};

/// What stands in `format`.
pub(crate) const FORMAT: &str = "capibara6-history";

/// The version of the format. 2 added the runs of several models and the user's own weights, which a reader of 1 would lose
/// without a word.
pub const VERSION: u64 = 2;

/// The longest title in characters.
const TITLE: usize = 200;

/// The last millisecond that every calendar of ours can show.
const LAST: i64 = 8_640_000_000_000_000;

#[derive(Serialize, Deserialize)]
struct WrittenProject {
    id: ProjectId,
    name: String,
    created_at: i64,
}

#[derive(Serialize)]
struct WrittenHead<'a> {
    id: ConversationId,
    title: &'a str,
    titled_by: &'static str,
    pinned: bool,
    created_at: i64,
    updated_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<ProjectId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    archived_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    leaf: Option<MessageId>,
}

#[derive(Serialize)]
struct WrittenMessage<'a> {
    id: MessageId,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<MessageId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chosen: Option<MessageId>,
    role: Role,
    status: MessageStatus,
    created_at: i64,
    content: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    reasoning: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: &'a Option<ModelId>,
    #[serde(skip_serializing_if = "is_false")]
    scripted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    routing: &'a Option<Routing>,
    #[serde(skip_serializing_if = "Option::is_none")]
    omitted: &'a Option<Omitted>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metrics: &'a Option<Metrics>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: &'a Option<AppError>,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: &'a Option<MessageOrigin>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_false(value: &bool) -> bool {
    !value
}

/// Writes a history, conversation after conversation, message after message.
pub struct HistoryWriter<W: Write> {
    out: W,
    conversations: u64,
    open: Open,
}

/// What of a conversation is being written, and how many of it were.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    Nothing,
    Messages(u64),
    Runs(u64),
}

impl<W: Write> HistoryWriter<W> {
    /// Begins a history.
    ///
    /// # Errors
    /// What `out` says, here and in all other methods.
    pub fn begin(mut out: W, projects: &[Project], weights: &[Weight]) -> io::Result<Self> {
        write!(out, "{{\"format\":\"{FORMAT}\",\"version\":{VERSION},\n\"projects\":[")?;
        for (at, Project { id, name, created_at }) in projects.iter().enumerate() {
            let project = WrittenProject { id: *id, name: name.clone(), created_at: *created_at };
            element(&mut out, at == 0, &project)?;
        }
        out.write_all(b"],\n\"weights\":[")?;
        for (at, weight) in weights.iter().enumerate() {
            element(&mut out, at == 0, weight)?;
        }
        out.write_all(b"],\n\"conversations\":[")?;
        Ok(Self { out, conversations: 0, open: Open::Nothing })
    }

    /// Begins a conversation, and ends the one before.
    pub fn conversation(&mut self, head: &Head) -> io::Result<()> {
        self.end_conversation()?;
        self.out.write_all(if self.conversations == 0 { b"\n" } else { b",\n" })?;
        let Head { id, title, titled_by, pinned, created_at, updated_at, project, archived_at, leaf } = head;
        let head = WrittenHead {
            id: *id,
            title,
            titled_by: titled_by.word(),
            pinned: *pinned,
            created_at: *created_at,
            updated_at: *updated_at,
            project: *project,
            archived_at: *archived_at,
            leaf: *leaf,
        };
        let mut written = serde_json::to_vec(&head)?;
        // The messages are a member of the same object.
        written.pop();
        self.out.write_all(&written)?;
        self.out.write_all(b",\"messages\":[")?;
        self.conversations += 1;
        self.open = Open::Messages(0);
        Ok(())
    }

    /// Writes a message of the conversation, before its runs. One that is still being written is `interrupted` here.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidInput`] where no messages are being written.
    pub fn message(&mut self, entry: &Entry) -> io::Result<()> {
        let Open::Messages(before) = self.open else { return Err(io::ErrorKind::InvalidInput.into()) };
        // Named one by one: a field that is added to a message does not compile until it is exported.
        let Message {
            id,
            conversation: _,
            parent,
            role,
            status,
            content,
            reasoning,
            model,
            scripted,
            routing,
            omitted,
            metrics,
            error,
            origin,
            created_at,
            versions: _,
        } = &entry.message;
        let status = if *status == MessageStatus::Streaming { MessageStatus::Interrupted } else { *status };
        let message = WrittenMessage {
            id: *id,
            parent: *parent,
            chosen: entry.chosen,
            role: *role,
            status,
            created_at: *created_at,
            content,
            reasoning,
            model,
            scripted: *scripted,
            routing,
            omitted,
            metrics,
            error,
            origin,
        };
        element(&mut self.out, before == 0, &message)?;
        self.open = Open::Messages(before + 1);
        Ok(())
    }

    /// Writes a run of the conversation, after its messages.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidInput`] where no conversation is open.
    pub fn run(&mut self, run: &Run) -> io::Result<()> {
        let before = match self.open {
            Open::Nothing => return Err(io::ErrorKind::InvalidInput.into()),
            Open::Messages(_) => {
                self.out.write_all(b"],\"runs\":[")?;
                0
            }
            Open::Runs(before) => before,
        };
        element(&mut self.out, before == 0, run)?;
        self.open = Open::Runs(before + 1);
        Ok(())
    }

    fn end_conversation(&mut self) -> io::Result<()> {
        match std::mem::replace(&mut self.open, Open::Nothing) {
            Open::Messages(_) | Open::Runs(_) => self.out.write_all(b"]}"),
            Open::Nothing => Ok(()),
        }
    }

    /// Ends the history and gives back what it was written to.
    pub fn finish(mut self) -> io::Result<W> {
        self.end_conversation()?;
        self.out.write_all(b"\n]}\n")?;
        self.out.flush()?;
        Ok(self.out)
    }
}

/// Writes an element of a list on a line of its own.
fn element<T: Serialize>(out: &mut impl Write, first: bool, value: &T) -> io::Result<()> {
    out.write_all(if first { b"\n" } else { b",\n" })?;
    Ok(serde_json::to_writer(out, value)?)
}

/// The projects of a history, and how many of them could not be taken.
pub(crate) fn projects(list: &Value) -> (Vec<Project>, usize) {
    let read = |project: &Value| {
        let WrittenProject { id, name, created_at } = WrittenProject::deserialize(project).ok()?;
        (!name.trim().is_empty()).then_some(Project { id, name, created_at })
    };
    all(list, read)
}

/// The weights that the user set, and how many of them could not be taken.
pub(crate) fn weights(list: &Value) -> (Vec<Weight>, usize) {
    let read = |weight: &Value| {
        let weight = Weight::deserialize(weight).ok()?;
        (weight.weight.is_finite() && weight.weight >= 0.0 && !weight.model.as_str().is_empty()).then_some(weight)
    };
    all(list, read)
}

fn all<T>(list: &Value, read: impl Fn(&Value) -> Option<T>) -> (Vec<T>, usize) {
    let Some(list) = list.as_array() else { return (Vec::new(), 1) };
    let read: Vec<T> = list.iter().filter_map(read).collect();
    let lost = list.len() - read.len();
    (read, lost)
}

/// What of a conversation could not be taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Lost {
    pub messages: usize,
    pub runs: usize,
}

/// A conversation, and what of it could not be taken.
pub(crate) fn read(record: &Object) -> Result<(Conversation, Lost), Unfit> {
    let id = uuid(record, "id").map(ConversationId).ok_or_else(|| Unfit::without("id"))?;
    let list = value::list(record, "messages");
    let begun = time(record, "created_at");
    let mut known = HashSet::new();
    let mut messages: Vec<Entry> = Vec::with_capacity(list.len());
    for message in list {
        let entry = message.as_object().and_then(|message| read_message(message, id, begun.unwrap_or_default()));
        let Some(mut entry) = entry.filter(|entry| known.insert(entry.message.id)) else { continue };
        // Parents stand before their children; one that does not is none.
        let parent = entry.message.parent;
        entry.message.parent = parent.filter(|parent| *parent != entry.message.id && known.contains(parent));
        messages.push(entry);
    }
    let lost = list.len() - messages.len();
    if messages.is_empty() && lost > 0 {
        return Err(Unfit { code: SkipCode::Message, detail: Some(lost.to_string()) });
    }
    let written = value::list(record, "runs");
    let mut once = HashSet::new();
    let runs = written.iter().filter_map(|run| read_run(run.as_object()?, id, &known));
    let runs: Vec<Run> = runs.filter(|run| once.insert(run.run.id)).collect();
    let lost = Lost { messages: lost, runs: written.len() - runs.len() };
    let children: HashSet<(MessageId, MessageId)> =
        messages.iter().filter_map(|entry| Some((entry.message.parent?, entry.message.id))).collect();
    for entry in &mut messages {
        entry.chosen = entry.chosen.filter(|chosen| children.contains(&(entry.message.id, *chosen)));
    }
    let title = value::text(record, "title").map(str::trim).filter(|title| !title.is_empty());
    let title = title.map(|title| title.chars().take(TITLE).collect::<String>().trim_end().to_owned());
    let titled_by = value::text(record, "titled_by").map_or(TitledBy::Opening, TitledBy::from_word);
    let (title, titled_by) = match title {
        Some(title) => (title, titled_by),
        None => (crate::conversation::opening(&messages).unwrap_or_else(|| "…".to_owned()), TitledBy::Opening),
    };
    let first = messages.iter().map(|entry| entry.message.created_at).min();
    let last = messages.iter().map(|entry| entry.message.created_at).max();
    let created_at = begun.or(first).unwrap_or_default();
    let head = Head {
        id,
        title,
        titled_by,
        pinned: value::flag(record, "pinned"),
        created_at,
        updated_at: time(record, "updated_at").or(last).unwrap_or(created_at),
        project: uuid(record, "project").map(ProjectId),
        archived_at: time(record, "archived_at"),
        leaf: uuid(record, "leaf").map(MessageId).filter(|leaf| known.contains(leaf)),
    };
    Ok((Conversation { head, messages, runs }, lost))
}

fn read_message(message: &Object, conversation: ConversationId, begun: i64) -> Option<Entry> {
    Some(Entry {
        message: Message {
            id: MessageId(uuid(message, "id")?),
            conversation,
            parent: uuid(message, "parent").map(MessageId),
            role: typed(message, "role")?,
            // A word of tomorrow: the text is there, how it came to its end is not known.
            status: typed(message, "status").unwrap_or(MessageStatus::Interrupted),
            content: message.get("content")?.as_str()?.to_owned(),
            reasoning: value::text(message, "reasoning").unwrap_or_default().to_owned(),
            model: typed(message, "model"),
            scripted: value::flag(message, "scripted"),
            routing: typed(message, "routing"),
            omitted: typed(message, "omitted"),
            metrics: typed(message, "metrics"),
            error: typed(message, "error"),
            origin: typed(message, "origin"),
            created_at: time(message, "created_at").unwrap_or(begun),
            versions: Vec::new(),
        },
        chosen: uuid(message, "chosen").map(MessageId),
    })
}

/// A run, where it can be shown and worked out again: its question and all answers are messages of the conversation, and
/// nothing in it points at a candidate that it does not have.
fn read_run(written: &Object, conversation: ConversationId, known: &HashSet<MessageId>) -> Option<Run> {
    let (run, record): (ConsensusRun, ConsensusRecord) = (typed(written, "run")?, typed(written, "record")?);
    let candidates = &run.candidates;
    let is_whole = run.conversation == conversation
        && record.run == run.id
        && known.contains(&run.question)
        && (1..=MAX_MEMBERS).contains(&candidates.len())
        && (-LAST..=LAST).contains(&run.created_at);
    let fits = candidates.iter().enumerate().all(|(place, candidate)| {
        usize::from(candidate.slot.0) == place && known.contains(&candidate.message) && candidate.weight.is_finite()
    });
    let goes_on = verdicts(&run).filter_map(|verdict| verdict.message);
    let goes_on = goes_on.chain(run.synthesis.map(|synthesis| synthesis.message)).all(|id| known.contains(&id));
    (is_whole && fits && goes_on && slots(&run, &record).iter().all(|slot| usize::from(slot.0) < candidates.len()))
        .then(|| Run { judgement: typed(written, "judgement"), run, record })
}

/// The verdict of a run, and the one that it stands in the place of.
fn verdicts(run: &ConsensusRun) -> impl Iterator<Item = &Verdict> {
    run.verdict.iter().chain(run.ruled.as_deref())
}

/// Every candidate that is named by a run, beside the candidates themselves.
fn slots(run: &ConsensusRun, record: &ConsensusRecord) -> Vec<Slot> {
    let mut slots: Vec<Slot> = run.revisions.iter().filter_map(|revision| revision.winner).collect();
    for verdict in verdicts(run) {
        let baselines = verdict.baselines;
        slots.extend([verdict.winner, baselines.best_single, baselines.majority].into_iter().flatten());
        slots.extend([baselines.weighted_vote, baselines.medoid].into_iter().flatten());
        slots.extend(verdict.groups.iter().flat_map(|group| &group.slots));
        slots.extend(verdict.silent.iter().map(|silent| silent.slot));
        slots.extend(verdict.dissent.iter().map(|dissent| dissent.slot));
        if let Some(judge) = &verdict.judge {
            slots.extend(judge.choices.iter().flatten().chain(&judge.excluded).chain(&judge.left_out));
        }
        if let Some(synthesis) = &verdict.synthesis {
            let positions = synthesis.contradictions.iter().flat_map(|contradiction| &contradiction.positions);
            let parts = synthesis.parts.iter().chain(&synthesis.consensus).chain(&synthesis.unique);
            slots.extend(parts.chain(positions).flat_map(|part| &part.from));
        }
    }
    slots.extend(record.sent.iter().map(|sent| sent.slot));
    slots.extend(record.lines.iter().map(|asked| asked.slot));
    slots.extend(record.asked.iter().flat_map(|asked| &asked.shown).map(|shown| shown.slot));
    slots.extend(record.asked.iter().flat_map(|asked| &asked.left_out));
    slots.extend(record.resemblance.iter().flat_map(|pair| [pair.a, pair.b]));
    slots
}

fn uuid(object: &Object, key: &str) -> Option<Uuid> {
    Uuid::try_parse(value::text(object, key)?).ok()
}

/// A time as it was written: whole milliseconds.
fn time(object: &Object, key: &str) -> Option<i64> {
    object.get(key)?.as_i64().filter(|ms| (-LAST..=LAST).contains(ms))
}

fn typed<T: DeserializeOwned>(object: &Object, key: &str) -> Option<T> {
    T::deserialize(object.get(key)?).ok()
}
