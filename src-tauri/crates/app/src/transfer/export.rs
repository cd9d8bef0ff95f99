//! From the store to files.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use capibara6_protocol::{
    AppError, ConversationId, ErrorCode, ExportFormat, ExportScope, SkipCode, Skipped, TransferKind, TransferProgress,
    TransferReport,
};
use capibara6_store::{ExportedHead, Store, StoreError};
use capibara6_transfer::{Entry, Form, Head, HistoryWriter, Labels, Names, PageWriter, Project, Run, TitledBy, Weight};
use tokio::sync::mpsc;

use super::files::{Draft, Target, make_folder};
use super::{AHEAD, Watch, blank_report, file_error, lost_thread, note};
use crate::spaces::DATABASE;

/// Conversations and messages of one page.
const HEADS: u32 = 100;
const MESSAGES: u32 = 200;

/// Runs of one page: each may hold everything that several models and a judge were asked.
const RUNS: u32 = 8;

/// What is exported, as what, and where to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// Which conversations.
    pub what: ExportScope,
    /// As what.
    pub format: ExportFormat,
    /// Where to.
    pub to: Place,
}

/// Where an export goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// One file, in the place of what is there. Markdown and HTML go here only where it is one conversation.
    File(PathBuf),
    /// A folder, which is made where it is not there; nothing that is in it is touched.
    Folder(PathBuf),
    /// A new folder of this name in a folder, for what is several files; for JSON, a file in that folder.
    NewFolder(PathBuf, String),
}

/// What goes to the thread that writes.
enum Step {
    Head(Box<Head>, Option<String>),
    Message(Box<Entry>),
    Run(Box<Run>),
    /// The conversation has no more messages and runs.
    End,
    /// There are no more conversations.
    Whole,
}

impl Export {
    /// Writes the conversations. What an ended transfer wrote whole stays: pages of conversations; a JSON file is whole or
    /// is not there.
    pub async fn run(self, store: &Store, labels: Labels, watch: Watch<'_>) -> TransferReport {
        let mut report = blank_report(TransferKind::Export);
        if let Err(error) = self.write(store, labels, watch, &mut report).await {
            report.error = Some(error);
        }
        report
    }

    async fn write(
        &self,
        store: &Store,
        labels: Labels,
        watch: Watch<'_>,
        report: &mut TransferReport,
    ) -> Result<(), AppError> {
        let projects: Vec<Project> = store
            .export_projects()
            .await?
            .into_iter()
            .map(|project| Project { id: project.id, name: project.name, created_at: project.created_at })
            .collect();
        let total = match &self.what {
            ExportScope::All => Some(store.export_count().await?),
            ExportScope::Conversations { ids } => Some(ids.len() as u64),
            ExportScope::Project { .. } => None,
        };
        let weights = self.weights(store).await?;
        let (sender, receiver) = mpsc::channel(AHEAD * 16);
        let bytes = Arc::new(AtomicU64::new(0));
        let writing = {
            let (format, to, bytes) = (self.format, self.to.clone(), Arc::clone(&bytes));
            let listed = self.listed(&projects);
            tokio::task::spawn_blocking(move || write_all(format, to, labels, (&listed, &weights), receiver, &bytes))
        };
        let mut reading = Reading { store, projects: &projects, sender, watch, report, bytes: &bytes, total };
        let read = reading.all(&self.what, self.format).await;
        if let Ok(Flow::ToTheEnd) = read {
            // The thread that is gone says why itself.
            let _ = reading.sender.send(Step::Whole).await;
        }
        reading.report.cancelled = matches!(read, Ok(Flow::Cancelled));
        drop(reading);
        let written = writing.await.map_err(|_| lost_thread())?;
        report.path = written.as_ref().ok().and_then(|path| Some(path.as_ref()?.display().to_string()));
        read?;
        written.map_err(|error| file_error(&error)).map(drop)
    }

    /// The weights that the user set: they belong to the history as a whole.
    async fn weights(&self, store: &Store) -> Result<Vec<Weight>, AppError> {
        match &self.what {
            ExportScope::All => {
                let weights = store.edited_weights().await?;
                Ok(weights.into_iter().map(|(class, model, weight)| Weight { class, model, weight }).collect())
            }
            ExportScope::Conversations { .. } | ExportScope::Project { .. } => Ok(Vec::new()),
        }
    }

    /// The projects that stand in the file: all of them, or those that it is about.
    fn listed(&self, projects: &[Project]) -> Vec<Project> {
        match &self.what {
            ExportScope::All | ExportScope::Conversations { .. } => projects.to_vec(),
            ExportScope::Project { id } => projects.iter().filter(|project| project.id == *id).cloned().collect(),
        }
    }
}

/// How the reading ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    ToTheEnd,
    Cancelled,
    /// The thread that writes is gone.
    Abandoned,
}

struct Reading<'a, 'w> {
    store: &'a Store,
    projects: &'a [Project],
    sender: mpsc::Sender<Step>,
    watch: Watch<'w>,
    report: &'a mut TransferReport,
    bytes: &'a AtomicU64,
    total: Option<u64>,
}

impl Reading<'_, '_> {
    async fn all(&mut self, what: &ExportScope, format: ExportFormat) -> Result<Flow, AppError> {
        if let ExportScope::Conversations { ids } = what {
            for id in ids {
                match self.store.export_head(*id).await {
                    Ok(head) => match self.one(head, format).await? {
                        Flow::ToTheEnd => {}
                        ended @ (Flow::Cancelled | Flow::Abandoned) => return Ok(ended),
                    },
                    Err(StoreError::NotFound) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            return Ok(Flow::ToTheEnd);
        }
        let mut after = 0;
        loop {
            let heads = self.store.export_heads(after, HEADS).await?;
            let Some(last) = heads.last() else { return Ok(Flow::ToTheEnd) };
            after = last.row;
            for head in heads {
                let wanted = match what {
                    ExportScope::Project { id } => head.summary.project == Some(*id),
                    ExportScope::All | ExportScope::Conversations { .. } => true,
                };
                if wanted {
                    match self.one(head, format).await? {
                        Flow::ToTheEnd => {}
                        ended @ (Flow::Cancelled | Flow::Abandoned) => return Ok(ended),
                    }
                }
            }
        }
    }

    async fn one(&mut self, exported: ExportedHead, format: ExportFormat) -> Result<Flow, AppError> {
        let ExportedHead { summary, titled_by, leaf, .. } = exported;
        let (id, title) = (summary.id, summary.title.clone());
        let project = summary.project.and_then(|id| self.projects.iter().find(|project| project.id == id));
        let head = Head {
            id,
            title: summary.title,
            titled_by: TitledBy::from_word(&titled_by),
            pinned: summary.pinned,
            created_at: summary.created_at,
            updated_at: summary.updated_at,
            project: project.map(|project| project.id),
            archived_at: summary.archived_at,
            leaf,
        };
        let begun = Step::Head(Box::new(head), project.map(|project| project.name.clone()));
        if self.sender.send(begun).await.is_err() {
            return Ok(Flow::Abandoned);
        }
        let flow = match (format, leaf) {
            (ExportFormat::Json, _) => match self.tree(id).await? {
                Flow::ToTheEnd => self.runs(id, &title).await?,
                ended @ (Flow::Cancelled | Flow::Abandoned) => ended,
            },
            (ExportFormat::Markdown | ExportFormat::Html, Some(leaf)) => {
                let branch = self.store.branch(leaf).await?;
                let mut flow = Flow::ToTheEnd;
                for message in branch {
                    flow = self.send(Entry { message, chosen: None }).await;
                    if flow != Flow::ToTheEnd {
                        break;
                    }
                }
                flow
            }
            (ExportFormat::Markdown | ExportFormat::Html, None) => Flow::ToTheEnd,
        };
        if flow != Flow::ToTheEnd {
            return Ok(flow);
        }
        if self.sender.send(Step::End).await.is_err() {
            return Ok(Flow::Abandoned);
        }
        self.report.conversations += 1;
        (self.watch.progress)(TransferProgress {
            kind: TransferKind::Export,
            done: self.report.conversations,
            total: self.total,
            bytes: self.bytes.load(Ordering::Relaxed),
            bytes_total: None,
        });
        Ok(Flow::ToTheEnd)
    }

    /// All messages of all branches, page by page.
    async fn tree(&mut self, id: ConversationId) -> Result<Flow, AppError> {
        let mut after = 0;
        loop {
            let page = self.store.export_messages(id, after, MESSAGES).await?;
            let Some(last) = page.last() else { return Ok(Flow::ToTheEnd) };
            after = last.row;
            for exported in page {
                let flow = self.send(Entry { message: exported.message, chosen: exported.chosen }).await;
                if flow != Flow::ToTheEnd {
                    return Ok(flow);
                }
            }
        }
    }

    /// All runs, page by page. One that cannot be read is reported.
    async fn runs(&mut self, id: ConversationId, title: &str) -> Result<Flow, AppError> {
        let mut after = 0;
        loop {
            let page = self.store.export_runs(id, after, RUNS).await?;
            let Some(last) = page.last() else { return Ok(Flow::ToTheEnd) };
            after = last.row;
            for exported in page {
                if self.watch.cancel.is_cancelled() {
                    return Ok(Flow::Cancelled);
                }
                let Some(stored) = exported.run else {
                    note(self.report, unreadable(title));
                    continue;
                };
                // What cannot be read says nothing, here as where it is learned from.
                let judgement = stored.judgement.and_then(|judgement| serde_json::from_str(&judgement).ok());
                let run = Run { run: stored.run, record: stored.record, judgement };
                if self.sender.send(Step::Run(Box::new(run))).await.is_err() {
                    return Ok(Flow::Abandoned);
                }
            }
        }
    }

    async fn send(&mut self, entry: Entry) -> Flow {
        if self.watch.cancel.is_cancelled() {
            return Flow::Cancelled;
        }
        if self.sender.send(Step::Message(Box::new(entry))).await.is_err() {
            return Flow::Abandoned;
        }
        self.report.messages += 1;
        Flow::ToTheEnd
    }
}

/// A run that cannot be read, in a conversation with this title.
fn unreadable(title: &str) -> Skipped {
    let title = Some(title.to_owned());
    Skipped { file: DATABASE.to_owned(), record: None, title, code: SkipCode::Run, detail: None }
}

/// Writes what arrives and gives what was written: a file, or the folder of several. Nothing where not all of it came and
/// the part is worth nothing.
fn write_all(
    format: ExportFormat,
    to: Place,
    labels: Labels,
    whole: (&[Project], &[Weight]),
    steps: mpsc::Receiver<Step>,
    bytes: &AtomicU64,
) -> io::Result<Option<PathBuf>> {
    match format {
        ExportFormat::Json => write_history(to, whole, steps, bytes),
        ExportFormat::Markdown => write_pages(Form::Markdown, to, &labels, steps, bytes),
        ExportFormat::Html => write_pages(Form::Html, to, &labels, steps, bytes),
    }
}

fn write_history(
    to: Place,
    (projects, weights): (&[Project], &[Weight]),
    mut steps: mpsc::Receiver<Step>,
    bytes: &AtomicU64,
) -> io::Result<Option<PathBuf>> {
    let target = match to {
        Place::File(path) => Target::Named(path),
        Place::Folder(folder) => {
            fs::create_dir_all(&folder)?;
            Target::Free(folder, "capibara6-history.json".to_owned())
        }
        Place::NewFolder(folder, name) => Target::Free(folder, format!("{name}.json")),
    };
    let mut draft = Draft::begin(target)?;
    let mut writer = HistoryWriter::begin(Counted { inner: draft.file()?, bytes }, projects, weights)?;
    loop {
        match steps.blocking_recv() {
            Some(Step::Head(head, _)) => writer.conversation(&head)?,
            Some(Step::Message(entry)) => writer.message(&entry)?,
            Some(Step::Run(run)) => writer.run(&run)?,
            Some(Step::End) => {}
            Some(Step::Whole) => break,
            // Ended before its end: half a history is none.
            None => return Ok(None),
        }
    }
    writer.finish()?;
    draft.publish().map(Some)
}

fn write_pages(
    form: Form,
    to: Place,
    labels: &Labels,
    mut steps: mpsc::Receiver<Step>,
    bytes: &AtomicU64,
) -> io::Result<Option<PathBuf>> {
    let (folder, mut file) = match to {
        Place::File(path) => (None, Some(path)),
        Place::Folder(folder) => {
            fs::create_dir_all(&folder)?;
            (Some(folder), None)
        }
        Place::NewFolder(parent, name) => (Some(make_folder(&parent, &name)?), None),
    };
    let mut names = Names::default();
    let mut written = folder.clone();
    while let Some(step) = steps.blocking_recv() {
        let Step::Head(head, project) = step else { continue };
        let target = match (&folder, file.take()) {
            (_, Some(path)) => Target::Named(path),
            (Some(folder), None) => Target::Free(folder.clone(), names.name(&head.title, form.ending())),
            // More conversations than the one that the file is for.
            (None, None) => return Err(io::ErrorKind::InvalidInput.into()),
        };
        let mut draft = Draft::begin(target)?;
        let out = Counted { inner: draft.file()?, bytes };
        let mut page = PageWriter::begin(out, form, labels.clone(), &head, project.as_deref())?;
        loop {
            match steps.blocking_recv() {
                Some(Step::Message(entry)) => page.message(&entry.message)?,
                // The answers are on the page, as far as they are shown.
                Some(Step::Run(_)) => {}
                Some(Step::End) => break,
                Some(Step::Head(..) | Step::Whole) | None => return Ok(written),
            }
        }
        page.finish()?;
        let path = draft.publish()?;
        written.get_or_insert(path);
    }
    Ok(written)
}

/// A file whose bytes are counted.
struct Counted<'a> {
    inner: &'a mut BufWriter<File>,
    bytes: &'a AtomicU64,
}

impl io::Write for Counted<'_> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(buffer)?;
        self.bytes.fetch_add(written as u64, Ordering::Relaxed);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// The branch of a conversation that is shown, as a page.
///
/// # Errors
/// `not-found`; the store's.
pub async fn page(store: &Store, id: ConversationId, labels: Labels) -> Result<String, AppError> {
    let ExportedHead { summary, titled_by, leaf, .. } = store.export_head(id).await?;
    let branch = match leaf {
        Some(leaf) => store.branch(leaf).await?,
        None => Vec::new(),
    };
    let head = Head {
        id,
        title: summary.title,
        titled_by: TitledBy::from_word(&titled_by),
        pinned: summary.pinned,
        created_at: summary.created_at,
        updated_at: summary.updated_at,
        project: None,
        archived_at: summary.archived_at,
        leaf,
    };
    let rendering = tokio::task::spawn_blocking(move || {
        let mut page = PageWriter::begin(Vec::new(), Form::Html, labels, &head, None)?;
        for message in &branch {
            page.message(message)?;
        }
        page.finish()
    });
    let page = rendering.await.map_err(|_| lost_thread())?.map_err(|error| file_error(&error))?;
    String::from_utf8(page).map_err(|error| AppError::new(ErrorCode::Internal).with_detail(error.to_string()))
}
