//! Logs in the data directory: one text file a day, kept for a week, with secrets redacted from every byte.
//!
//! What people and models write to each other is never logged, at any level: no message text, no prompt, no answer, no
//! title. Log what happened (ids, codes, counts, durations, addresses), not what was said. Redaction is the second belt:
//! it stands between the formatter and the file, so no field, span or error can go around it.

mod redact;
mod tail;
mod writer;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tracing::level_filters::LevelFilter;
use tracing::subscriber::Subscriber;
use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

pub use redact::{protect, redact};

use writer::{Flushed, RedactingWriter};

/// The environment variable with the level: `error`, `warn`, `info`, `debug` or `trace`.
pub const LEVEL_VARIABLE: &str = "CAPIBARA6_LOG";

/// Files are called `capibara6.<date>.log`.
const PREFIX: &str = "capibara6";
const SUFFIX: &str = "log";
/// Today's file and those of the seven days before.
const FILES: usize = 8;
/// Our own crates, whose level can be raised.
const OURS: &str = "capibara6";
/// What others may say at most: libraries log requests and headers at `debug`.
const OTHERS: LevelFilter = LevelFilter::INFO;

/// Why there are no logs.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoggingError {
    /// The folder or the file cannot be made.
    #[error("the log file cannot be written: {0}")]
    File(#[source] io::Error),
    /// The process already logs elsewhere.
    #[error("logging was already started")]
    AlreadyStarted,
}

/// The running log. Dropping it writes what is still waiting.
#[derive(Debug)]
pub struct Logging {
    directory: PathBuf,
    flushed: Arc<Flushed>,
    sink: NonBlocking,
    _worker: WorkerGuard,
}

/// Starts logging into `directory` for the whole process.
///
/// `level` is the value of [`LEVEL_VARIABLE`]. It applies to our own crates; libraries never say more than `info`. What
/// is not a level counts as `info`.
///
/// # Errors
/// [`LoggingError::File`] where the folder cannot be written, [`LoggingError::AlreadyStarted`] on a second call.
pub fn start(directory: &Path, level: Option<&str>) -> Result<Logging, LoggingError> {
    let (logging, subscriber) = Logging::prepare(directory, level)?;
    subscriber.try_init().map_err(|_| LoggingError::AlreadyStarted)?;
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "logging started");
    Ok(logging)
}

impl Logging {
    /// The log and the subscriber that feeds it, for callers that install it themselves.
    ///
    /// # Errors
    /// [`LoggingError::File`] where the folder cannot be written.
    pub fn prepare(
        directory: &Path,
        level: Option<&str>,
    ) -> Result<(Self, impl Subscriber + Send + Sync + 'static), LoggingError> {
        std::fs::create_dir_all(directory).map_err(LoggingError::File)?;
        let file = RollingFileAppender::builder()
            .rotation(Rotation::DAILY)
            .filename_prefix(PREFIX)
            .filename_suffix(SUFFIX)
            .max_log_files(FILES)
            .build(directory)
            .map_err(|error| LoggingError::File(io::Error::other(error)))?;
        let flushed = Arc::new(Flushed::default());
        let writer = RedactingWriter::new(file, flushed.clone());
        let (sink, worker) = NonBlockingBuilder::default().thread_name("capibara6-log").finish(writer);
        let format = tracing_subscriber::fmt::layer().with_ansi(false).with_target(true).with_writer(sink.clone());
        let subscriber = tracing_subscriber::registry().with(filter(level)).with(format);
        let logging = Self { directory: directory.to_owned(), flushed, sink, _worker: worker };
        Ok((logging, subscriber))
    }

    /// Where the files are.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The last lines that were logged, oldest first, also from the days before; at most a mebibyte.
    ///
    /// Waits for what is still on its way to the file, and reads the disk: not for a thread that must not block.
    pub fn tail(&self, lines: usize) -> String {
        self.flush();
        // Redacted again: a file may be older than a rule.
        redact(&tail::last_lines(&self.directory, PREFIX, SUFFIX, lines)).into_owned()
    }

    /// Waits, for at most a second, until everything logged so far is in the file.
    pub fn flush(&self) {
        self.flushed.wait(&mut self.sink.clone());
    }
}

fn filter(level: Option<&str>) -> Targets {
    let level = level
        .map(str::trim)
        .filter(|level| {
            ["error", "warn", "info", "debug", "trace"].iter().any(|known| level.eq_ignore_ascii_case(known))
        })
        .and_then(|level| level.parse::<LevelFilter>().ok())
        .unwrap_or(LevelFilter::INFO);
    Targets::new().with_default(level.min(OTHERS)).with_target(OURS, level)
}

#[cfg(test)]
mod tests;
