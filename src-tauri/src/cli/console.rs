//! What a command prints: its result on standard output, words or JSON; its progress on standard error, only where that is a
//! terminal; what went wrong on standard error, with the code that the window would translate.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use capibara6_protocol::{AppError, ErrorCode};
use fluent_bundle::FluentArgs;
use serde::Serialize;

use super::{Common, Exit};
use crate::words::Words;

/// How often progress is drawn at most.
const PACE: Duration = Duration::from_millis(100);

/// Where a command speaks.
pub struct Console {
    words: Words,
    json: bool,
    progress: Progress,
}

/// The line that is drawn over and over.
#[derive(Debug, Clone, Copy)]
enum Progress {
    /// Nobody looks.
    Off,
    /// Drawn at this time last.
    Drawn(Option<Instant>),
}

impl Console {
    /// The console of a command.
    pub fn new(common: &Common, words: Words) -> Self {
        let watched = io::stderr().is_terminal() && !common.quiet;
        Self { words, json: common.json, progress: if watched { Progress::Drawn(None) } else { Progress::Off } }
    }

    /// The words.
    pub fn words(&self) -> &Words {
        &self.words
    }

    /// Whether the result is JSON, and nothing else is said.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Whether standard output is a terminal that shows bold type.
    pub fn is_coloured(&self) -> bool {
        io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
    }

    /// Draws the progress line, not too often.
    pub fn progress(&mut self, id: &str, values: FluentArgs<'_>) {
        let Progress::Drawn(last) = self.progress else { return };
        if last.is_some_and(|last| last.elapsed() < PACE) {
            return;
        }
        self.progress = Progress::Drawn(Some(Instant::now()));
        let text = self.words.say_of(id, values);
        // A terminal that is gone is no reason to end the work.
        let _ = write!(io::stderr(), "\r\u{1b}[2K{text}");
        let _ = io::stderr().flush();
    }

    /// Removes the progress line.
    fn clear(&mut self) {
        if let Progress::Drawn(Some(_)) = self.progress {
            let _ = write!(io::stderr(), "\r\u{1b}[2K");
            self.progress = Progress::Drawn(None);
        }
    }

    /// Writes the result: as JSON where that was asked for, in words otherwise.
    pub fn result(&mut self, result: &impl Serialize, text: impl FnOnce(&Words) -> String) {
        self.clear();
        let text = if self.json {
            // The types that are printed are plain: they always serialise.
            serde_json::to_string(result).unwrap_or_default()
        } else {
            text(&self.words)
        };
        if !text.is_empty() {
            // A reader that went away (`| head`) has what it wanted.
            let _ = writeln!(io::stdout(), "{text}");
        }
    }

    /// Says something beside the result, on standard error.
    pub fn note(&mut self, text: &str) {
        self.clear();
        let _ = writeln!(io::stderr(), "{text}");
    }

    /// Says why nothing could be done.
    pub fn fail(&mut self, error: &AppError) -> Exit {
        self.clear();
        if self.json {
            let _ = writeln!(io::stdout(), "{}", serde_json::json!({ "error": error }));
            return Exit::Failed;
        }
        let code = serde_json::to_value(error.code).ok().and_then(|code| code.as_str().map(str::to_owned));
        let code = code.unwrap_or_default();
        // The window's words would speak of buttons and of another passphrase.
        let own = [
            (ErrorCode::HistoryLocked, "program-history-locked"),
            (ErrorCode::VaultWrongPassphrase, "program-wrong-passphrase"),
            (ErrorCode::VaultDamaged, "program-recovery-damaged"),
        ];
        let own = own.into_iter().find_map(|(code, id)| (code == error.code).then(|| id.to_owned()));
        let id = own.unwrap_or_else(|| format!("error-{code}"));
        let message = self.words.say(&id).into_owned();
        let detail = error.detail.clone().or_else(|| error.field.clone());
        let text = match &detail {
            Some(detail) => self.words.say_with("program-error-detail", &[("message", &message), ("detail", detail)]),
            None => self.words.say_with("program-error", &[("message", &message)]),
        };
        let _ = writeln!(io::stderr(), "{text}");
        Exit::Failed
    }

    /// Says that the user ended it, and nothing was done.
    pub fn interrupted(&mut self) -> Exit {
        self.clear();
        Exit::Interrupted
    }

    /// Says by the name of a text why nothing can be done at a place.
    pub fn refuse_place(&mut self, id: &str, place: &Path, error: &io::Error) -> Exit {
        let (path, detail) = (place.display().to_string(), error.to_string());
        if self.json {
            use io::ErrorKind;
            let code = if matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) {
                ErrorCode::StorageReadOnly
            } else if matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) {
                ErrorCode::StorageFull
            } else {
                ErrorCode::StorageFailed
            };
            return self.fail(&AppError::new(code).with_field("out").with_detail(format!("{path}: {detail}")));
        }
        let text = self.words.say_with(id, &[("path", &path), ("detail", &detail)]).into_owned();
        self.note(&text);
        Exit::Failed
    }

    /// Says by the name of a text why nothing could be done.
    pub fn refuse(&mut self, id: &str) -> Exit {
        let text = self.words.say(id).into_owned();
        self.note(&text);
        Exit::Failed
    }
}
