//! Exports and imports as the window sees them: begun, told about, ended. The shell brings the places; a transfer goes on
//! whatever the window does, and ends with the space whose history it works on.

use std::path::PathBuf;
use std::sync::{Arc, Weak};
use std::time::Duration;

use capibara6_protocol::*;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{App, lock};
use crate::spaces::History;
use crate::transfer::{Export, Import, Labels, Watch, page};

/// How often the window is told how far a transfer is.
const PACE: Duration = Duration::from_millis(200);

/// How often the window is told that there is more to show.
const NEWS: Duration = Duration::from_secs(1);

/// How many bytes a report may have in an event, below what a frame may have.
const REPORT: usize = FRAME_BYTES - 1_000;

/// How many ended transfers are remembered.
const REMEMBERED: usize = 20;

/// The transfers of this run of the program.
#[derive(Default)]
pub(super) struct Transfers {
    known: Vec<(Transfer, CancellationToken)>,
    /// What was dropped on the window last.
    dropped: Vec<PathBuf>,
}

impl App {
    /// Begins an export to a place that the user chose.
    ///
    /// # Errors
    /// Why there is no history.
    pub async fn export_start(&self, export: Export, labels: Labels) -> Result<TransferId, AppError> {
        let history = self.history().await?;
        let (id, cancel) = self.begin_transfer(TransferKind::Export);
        let app = self.clone();
        tokio::spawn(async move {
            let mut progress = app.teller(id, &history);
            let watch = Watch { progress: &mut progress, cancel };
            let report = export.run(&history.store, labels, watch).await;
            app.end_transfer(id, &history, report);
        });
        Ok(id)
    }

    /// Begins an import of files that the user chose.
    ///
    /// # Errors
    /// Why there is no history.
    pub async fn import_start(&self, files: Vec<PathBuf>) -> Result<TransferId, AppError> {
        let history = self.history().await?;
        let (id, cancel) = self.begin_transfer(TransferKind::Import);
        let app = self.clone();
        tokio::spawn(async move {
            let mut progress = app.teller(id, &history);
            let watch = Watch { progress: &mut progress, cancel };
            let mut told = Instant::now();
            let news = || {
                if told.elapsed() >= NEWS {
                    told = Instant::now();
                    history.tell(Event::HistoryChanged);
                }
            };
            let report = Import { files }.run(&history.store, watch, news).await;
            history.tell(Event::ProjectsChanged);
            history.tell(Event::HistoryChanged);
            app.end_transfer(id, &history, report);
        });
        Ok(id)
    }

    /// Files were dropped on the window: remembers them until an import takes them.
    pub fn files_dropped(&self, files: Vec<PathBuf>) {
        if files.is_empty() {
            return;
        }
        let count = u32::try_from(files.len()).unwrap_or(u32::MAX);
        lock(&self.inner.transfers).dropped = files;
        self.inner.frames.send(Event::FilesDropped { count });
    }

    /// What was dropped on the window last, once.
    pub fn take_dropped(&self) -> Vec<PathBuf> {
        std::mem::take(&mut lock(&self.inner.transfers).dropped)
    }

    /// The exports and imports of this run of the program, oldest first.
    pub async fn transfer_list(&self) -> Result<Vec<Transfer>, AppError> {
        Ok(lock(&self.inner.transfers).known.iter().map(|(transfer, _)| transfer.clone()).collect())
    }

    /// Ends an export or import; what it did so far stays.
    pub async fn transfer_cancel(&self, request: TransferRef) -> Result<(), AppError> {
        let known = lock(&self.inner.transfers)
            .known
            .iter()
            .find(|(transfer, _)| transfer.id == request.id)
            .map(|(_, cancel)| cancel.clone());
        known.ok_or(ErrorCode::NotFound)?.cancel();
        Ok(())
    }

    /// What a transfer wrote or read, for the system's file manager.
    pub async fn transfer_path(&self, request: TransferRef) -> Result<PathBuf, AppError> {
        let path = lock(&self.inner.transfers)
            .known
            .iter()
            .find(|(transfer, _)| transfer.id == request.id)
            .and_then(|(transfer, _)| transfer.report.as_ref()?.path.clone());
        path.map(PathBuf::from).ok_or_else(|| ErrorCode::NotFound.into())
    }

    /// The title of a conversation, to name a file after.
    pub async fn conversation_title(&self, id: ConversationId) -> Result<String, AppError> {
        Ok(self.history().await?.store.summary(id).await?.title)
    }

    /// The branch of a conversation that is shown, as a page to print.
    pub async fn conversation_page(&self, request: ConversationRef, labels: Labels) -> Result<String, AppError> {
        page(&self.history().await?.store, request.id, labels).await
    }

    fn begin_transfer(&self, kind: TransferKind) -> (TransferId, CancellationToken) {
        let id = TransferId(self.inner.surroundings.id());
        let cancel = CancellationToken::new();
        let progress = TransferProgress { kind, done: 0, total: None, bytes: 0, bytes_total: None };
        let mut transfers = lock(&self.inner.transfers);
        let oldest = transfers.known.iter().position(|(transfer, _)| transfer.report.is_some());
        if let Some(oldest) = oldest.filter(|_| transfers.known.len() >= REMEMBERED) {
            transfers.known.remove(oldest);
        }
        transfers.known.push((Transfer { id, progress, report: None }, cancel.clone()));
        drop(transfers);
        (id, cancel)
    }

    /// Keeps how far a transfer is, and tells the window from time to time.
    fn teller(&self, id: TransferId, history: &Arc<History>) -> impl FnMut(TransferProgress) + Send + use<> {
        let (app, history) = (self.clone(), Arc::clone(history));
        let mut told: Option<Instant> = None;
        move |progress| {
            app.change_transfer(id, |transfer| transfer.progress = progress);
            if told.is_none_or(|told| told.elapsed() >= PACE) {
                told = Some(Instant::now());
                history.tell(Event::TransferProgress { id, progress });
            }
        }
    }

    fn end_transfer(&self, id: TransferId, history: &History, report: TransferReport) {
        tracing::info!(kind = ?report.kind, conversations = report.conversations, skipped = report.skipped_total,
            cancelled = report.cancelled, error = ?report.error.as_ref().map(|error| error.code), "a transfer ended");
        self.change_transfer(id, |transfer| transfer.report = Some(report.clone()));
        history.tell(Event::TransferEnded { id, report: Box::new(fitting(report)) });
    }

    fn change_transfer(&self, id: TransferId, change: impl FnOnce(&mut Transfer)) {
        let mut transfers = lock(&self.inner.transfers);
        if let Some((transfer, _)) = transfers.known.iter_mut().find(|(transfer, _)| transfer.id == id) {
            change(transfer);
        }
    }

    /// Ends all transfers and forgets them: their reports name what belongs to the space that is being closed.
    pub(super) fn forget_transfers(&self) {
        let before = std::mem::take(&mut *lock(&self.inner.transfers));
        before.known.iter().for_each(|(_, cancel)| cancel.cancel());
    }

    /// Tells the window when another program has written to the open history: a command in a terminal, say. Asks the
    /// database once a second, which costs it a look at its own memory.
    pub(super) fn watch_others(&self) {
        let Some(Ok(history)) = self.inner.spaces.opened().map(|opened| opened.history) else { return };
        let history: Weak<History> = Arc::downgrade(&history);
        tokio::spawn(async move {
            let mut before = None;
            while let Some(history) = history.upgrade() {
                let now = history.store.foreign_changes().await.ok();
                if before.is_some() && now.is_some() && now != before {
                    history.tell(Event::ProjectsChanged);
                    history.tell(Event::HistoryChanged);
                }
                before = now.or(before);
                drop(history);
                tokio::time::sleep(NEWS).await;
            }
        });
    }
}

/// A report with as many of those that were left out as an event can hold.
fn fitting(mut report: TransferReport) -> TransferReport {
    let length = |report: &TransferReport| serde_json::to_vec(report).map_or(usize::MAX, |bytes| bytes.len());
    while length(&report) > REPORT && !report.skipped.is_empty() {
        report.skipped.truncate(report.skipped.len() / 2);
    }
    report
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_fits_a_frame() {
        let skipped = Skipped {
            file: "ñ".repeat(120),
            record: Some(1),
            title: Some("\u{1}".repeat(120)),
            code: SkipCode::Syntax,
            detail: Some("\"".repeat(120)),
        };
        let report = TransferReport {
            kind: TransferKind::Import,
            conversations: 1,
            messages: 2,
            grown: 3,
            already_there: 4,
            skipped: vec![skipped; 500],
            skipped_total: 700,
            cancelled: false,
            path: Some("/".repeat(300)),
            error: None,
        };
        let fitted = fitting(report);
        let frame = Frame {
            seq: u64::MAX,
            events: vec![Event::TransferEnded { id: uuid::Uuid::nil().into(), report: Box::new(fitted.clone()) }],
        };
        assert!(serde_json::to_vec(&frame).expect("a frame serialises").len() <= FRAME_BYTES);
        assert!(!fitted.skipped.is_empty());
        assert_eq!(fitted.skipped_total, 700);
    }
}
