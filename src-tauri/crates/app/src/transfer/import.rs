//! From files to the store.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use capibara6_protocol::{
    AppError, ConversationId, ConversationSummary, ProjectId, SkipCode, Skipped, TransferKind, TransferProgress,
    TransferReport,
};
use capibara6_store::{Incoming, Merged, ProjectRecord, RunRecord, Store, StoreError};
use capibara6_transfer::{Conversation, Head, Item, Run, Weight};
use tokio::sync::mpsc;

use super::{AHEAD, Watch, blank_report, lost_thread, note};

/// What goes into the store at once: so little that an answer that is being written waits for a moment only.
const BATCH_MESSAGES: usize = 400;
const BATCH_BYTES: usize = 4 << 20;

/// The files that are brought in, one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// Their paths.
    pub files: Vec<PathBuf>,
}

impl Import {
    /// Brings the conversations in. `arrived` is told after each transaction that brought something new.
    pub async fn run(self, store: &Store, mut watch: Watch<'_>, mut arrived: impl FnMut() + Send) -> TransferReport {
        let mut report = blank_report(TransferKind::Import);
        if let [file] = self.files.as_slice() {
            report.path = Some(file.display().to_string());
        }
        let sizes = self.files.iter().filter_map(|file| std::fs::metadata(file).ok()).map(|file| file.len());
        let total = sizes.sum();
        let mut before = 0;
        for file in self.files {
            let read = Arc::new(AtomicU64::new(0));
            let mut reading = Reading {
                store,
                watch: &mut watch,
                report: &mut report,
                arrived: &mut arrived,
                batch: Vec::new(),
                messages: 0,
                bytes: 0,
                projects: HashSet::new(),
                early: HashMap::new(),
                read: Arc::clone(&read),
                before,
                total,
            };
            match reading.file(&file).await {
                Ok(ControlFlow::Continue(())) => {}
                Ok(ControlFlow::Break(())) => {
                    report.cancelled = true;
                    return report;
                }
                Err(error) => {
                    report.error = Some(error);
                    return report;
                }
            }
            before += std::fs::metadata(&file).map(|file| file.len()).unwrap_or_default();
        }
        report
    }
}

struct Reading<'a, 'b> {
    store: &'a Store,
    watch: &'a mut Watch<'b>,
    report: &'a mut TransferReport,
    arrived: &'a mut (dyn FnMut() + Send),
    batch: Vec<(Incoming, String)>,
    messages: usize,
    bytes: usize,
    /// The projects of the file so far, and the new conversations that came before theirs.
    projects: HashSet<ProjectId>,
    early: HashMap<ProjectId, Vec<ConversationId>>,
    read: Arc<AtomicU64>,
    /// Bytes of the files before, and of all files.
    before: u64,
    total: u64,
}

impl Reading<'_, '_> {
    async fn file(&mut self, path: &Path) -> Result<ControlFlow<()>, AppError> {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let (sender, mut items) = mpsc::channel::<Item>(AHEAD);
        let parsing = {
            let (path, name, read) = (path.to_owned(), name.clone(), Arc::clone(&self.read));
            tokio::task::spawn_blocking(move || {
                // Whoever does not listen any more has what it wanted.
                let mut sink = |item| match sender.blocking_send(item) {
                    Ok(()) => ControlFlow::Continue(()),
                    Err(_) => ControlFlow::Break(()),
                };
                let file = File::open(&path)?;
                // A folder opens like a file on some systems, and reads like none.
                if !file.metadata()?.is_file() {
                    return Err(std::io::ErrorKind::IsADirectory.into());
                }
                capibara6_transfer::import_file(file, &name, read, &mut sink)
            })
        };
        let cancel = self.watch.cancel.clone();
        let flow = loop {
            let item = tokio::select! {
                biased;
                () = cancel.cancelled() => break ControlFlow::Break(()),
                item = items.recv() => item,
            };
            match item {
                Some(item) => self.take(item, &name).await?,
                None => break ControlFlow::Continue(()),
            }
        };
        drop(items);
        self.flush().await?;
        if let Err(error) = parsing.await.map_err(|_| lost_thread())? {
            let detail = Some(error.to_string());
            note(self.report, Skipped { file: name, record: None, title: None, code: SkipCode::Unreadable, detail });
        }
        self.tell();
        Ok(flow)
    }

    async fn take(&mut self, item: Item, file: &str) -> Result<(), AppError> {
        match item {
            Item::Skipped(skipped) => note(self.report, skipped),
            Item::Project(project) => {
                // Conversations may stand before it.
                self.flush().await?;
                let id = project.id;
                let project = ProjectRecord { id, name: project.name, created_at: project.created_at };
                match self.store.merge_projects(&[project]).await {
                    Ok(()) | Err(StoreError::InvalidInput(_)) => {}
                    Err(error) => return Err(error.into()),
                }
                self.projects.insert(id);
                if let Some(early) = self.early.remove(&id) {
                    self.store.merge_filed(id, &early).await?;
                }
            }
            Item::Weight(Weight { class, model, weight }) => {
                self.store.merge_weights(&[(class, model, weight)]).await?;
            }
            Item::Conversation(conversation) => {
                let texts = conversation.messages.iter().map(|entry| &entry.message);
                self.bytes += texts.map(|message| message.content.len() + message.reasoning.len()).sum::<usize>();
                self.messages += conversation.messages.len();
                self.batch.push((incoming(*conversation), file.to_owned()));
                if self.messages >= BATCH_MESSAGES || self.bytes >= BATCH_BYTES {
                    self.flush().await?;
                }
            }
        }
        Ok(())
    }

    /// Puts what was gathered into the store.
    async fn flush(&mut self) -> Result<(), AppError> {
        (self.messages, self.bytes) = (0, 0);
        let (batch, files): (Vec<Incoming>, Vec<String>) = std::mem::take(&mut self.batch).into_iter().unzip();
        if batch.is_empty() {
            return Ok(());
        }
        let mut news = false;
        match self.store.merge(&batch).await {
            Ok(merged) => {
                for (conversation, merged) in batch.iter().zip(merged) {
                    news |= self.count(conversation, merged);
                }
            }
            // One that does not fit must not cost the others.
            Err(StoreError::InvalidInput(_)) => {
                for (conversation, file) in batch.iter().zip(files) {
                    match self.store.merge(std::slice::from_ref(conversation)).await {
                        Ok(merged) => merged.into_iter().for_each(|merged| news |= self.count(conversation, merged)),
                        Err(StoreError::InvalidInput(field)) => {
                            let title = Some(conversation.summary.title.clone());
                            let (code, detail) = (SkipCode::Shape, Some(field.to_owned()));
                            note(self.report, Skipped { file, record: None, title, code, detail });
                        }
                        Err(error) => return Err(error.into()),
                    }
                }
            }
            Err(error) => return Err(error.into()),
        }
        if news {
            (self.arrived)();
        }
        self.tell();
        Ok(())
    }

    /// Counts what came of a conversation; whether there is something new in it.
    fn count(&mut self, conversation: &Incoming, merged: Merged) -> bool {
        match merged {
            Merged::New(messages) => {
                if let Some(project) = conversation.summary.project.filter(|project| !self.projects.contains(project)) {
                    self.early.entry(project).or_default().push(conversation.summary.id);
                }
                self.report.conversations += 1;
                self.report.messages += messages;
            }
            Merged::Grown(messages) => {
                self.report.grown += 1;
                self.report.messages += messages;
            }
            Merged::Known => self.report.already_there += 1,
        }
        merged != Merged::Known
    }

    fn tell(&mut self) {
        let report = &self.report;
        (self.watch.progress)(TransferProgress {
            kind: TransferKind::Import,
            done: report.conversations + report.grown + report.already_there,
            total: None,
            bytes: self.before + self.read.load(Ordering::Relaxed),
            bytes_total: (self.total > 0).then_some(self.total),
        });
    }
}

fn incoming(conversation: Conversation) -> Incoming {
    let Conversation { head, messages, runs } = conversation;
    let Head { id, title, titled_by, pinned, created_at, updated_at, project, archived_at, leaf } = head;
    Incoming {
        summary: ConversationSummary {
            id,
            title,
            pinned,
            created_at,
            updated_at,
            messages: 0,
            project,
            archived_at,
            deleted_at: None,
        },
        titled_by: titled_by.word().to_owned(),
        leaf,
        messages: messages.into_iter().map(|entry| (entry.message, entry.chosen)).collect(),
        runs: runs.into_iter().map(stored).collect(),
    }
}

/// A run as it is stored: what weights are learned from is JSON there.
fn stored(Run { run, record, judgement }: Run) -> RunRecord {
    let judgement = judgement.and_then(|judgement| serde_json::to_string(&judgement).ok());
    RunRecord { run, record, judgement }
}
