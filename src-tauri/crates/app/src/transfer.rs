//! Exports and imports: conversations from the store to files and back, with progress and an end that the user can bring about
//! at any time.
//!
//! Files are read and written on a thread of their own, the database is asked page by page and written in small
//! transactions, and neither side runs ahead of the other by more than a few records: memory does not grow with the
//! history, and an answer that streams meanwhile waits for nothing. Nothing is ever overwritten that the user did not name,
//! and a file has its name only once it is whole.

mod export;
mod files;
mod import;

use capibara6_protocol::{AppError, ErrorCode, Skipped, TransferKind, TransferProgress, TransferReport};
pub use capibara6_transfer::Labels;
use tokio_util::sync::CancellationToken;

pub use self::export::{Export, Place, page};
pub use self::import::Import;

/// How many of what was left out are named in a report.
pub const NAMED: usize = 500;

/// How many records or pages one side may be ahead of the other.
const AHEAD: usize = 16;

/// How a transfer tells what it does, and how it is ended.
pub struct Watch<'a> {
    /// Told after every conversation; the one who looks decides how often that is worth something.
    pub progress: &'a mut (dyn FnMut(TransferProgress) + Send),
    /// Ends the transfer; what it did stays.
    pub cancel: CancellationToken,
}

fn blank_report(kind: TransferKind) -> TransferReport {
    TransferReport {
        kind,
        conversations: 0,
        messages: 0,
        grown: 0,
        already_there: 0,
        skipped: Vec::new(),
        skipped_total: 0,
        cancelled: false,
        path: None,
        error: None,
    }
}

/// Notes in a report that something was left out.
fn note(report: &mut TransferReport, skipped: Skipped) {
    report.skipped_total += 1;
    if report.skipped.len() < NAMED {
        report.skipped.push(skipped);
    }
}

/// An error of a file, as what it means to the user.
fn file_error(error: &std::io::Error) -> AppError {
    use std::io::ErrorKind;
    // Only what people can do something about has a code of its own.
    let code = if matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) {
        ErrorCode::StorageFull
    } else if matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) {
        ErrorCode::StorageReadOnly
    } else if error.kind() == ErrorKind::NotFound {
        ErrorCode::NotFound
    } else {
        ErrorCode::StorageFailed
    };
    AppError::new(code).with_detail(error.to_string())
}

/// An error that names what is wrong with the machine, not with a file.
fn lost_thread() -> AppError {
    AppError::new(ErrorCode::Internal).with_detail("a thread of the transfer ended early")
}

/// A name for a file that every system takes, made from a title.
pub fn file_name(title: &str, ending: &str) -> String {
    capibara6_transfer::Names::default().name(title, ending)
}
