//! The writer between the formatter and the file: the one way to the disk, and everything on it is redacted.
//!
//! The formatter hands over one event per write. An event is redacted as a whole, so that a secret cannot hide behind a
//! line break, and its further lines are indented, so that no logged text can look like an event of its own.

use std::io::{self, Write};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::redact::redact;

/// Asks the writer to flush. No event begins like this: events begin with their time.
const FLUSH: &[u8] = b"\0flush";
/// Longest wait for the writer.
const PATIENCE: Duration = Duration::from_secs(1);
/// An event that is longer than this is cut: it would be no log but a copy of something.
const LONGEST_EVENT: usize = 64 * 1024;
const CUT: &str = " [cut]";
const INDENT: &str = "\n    ";

/// Redacts what passes.
pub(crate) struct RedactingWriter<W> {
    inner: W,
    flushed: std::sync::Arc<Flushed>,
    /// The beginning of an event whose end has not come yet.
    open: Vec<u8>,
}

impl<W: Write> RedactingWriter<W> {
    pub(crate) fn new(inner: W, flushed: std::sync::Arc<Flushed>) -> Self {
        Self { inner, flushed, open: Vec::new() }
    }

    fn write_event(&mut self) -> io::Result<()> {
        let event = std::mem::take(&mut self.open);
        let text = String::from_utf8_lossy(&event);
        let clean = redact(text.trim_end_matches(['\r', '\n']));
        // Cut after redacting: a secret cut in half would no longer be known as one.
        let (kept, cut) = match clean.len() > LONGEST_EVENT {
            true => (clean.get(..clean.floor_char_boundary(LONGEST_EVENT)).unwrap_or_default(), CUT),
            false => (&*clean, ""),
        };
        let mut line = kept.replace("\r\n", "\n").replace(['\n', '\r'], INDENT);
        line.push_str(cut);
        line.push('\n');
        self.inner.write_all(line.as_bytes())
    }
}

impl<W: Write> Write for RedactingWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes == FLUSH {
            let outcome = self.flush();
            self.flushed.tell();
            outcome?;
            return Ok(bytes.len());
        }
        self.open.extend_from_slice(bytes);
        if bytes.ends_with(b"\n") {
            self.write_event()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<W> Drop for RedactingWriter<W> {
    fn drop(&mut self) {
        self.flushed.tell();
    }
}

/// Tells the threads that wait that the writer has come so far.
#[derive(Debug, Default)]
pub(crate) struct Flushed {
    count: Mutex<u64>,
    changed: Condvar,
}

impl Flushed {
    /// Sends the mark behind everything that was logged and waits for it.
    pub(crate) fn wait(&self, sink: &mut impl Write) {
        let count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        let before = *count;
        if sink.write_all(FLUSH).is_ok() {
            // A log that cannot be flushed in time is read as it is.
            drop(self.changed.wait_timeout_while(count, PATIENCE, |count| *count == before));
        }
    }

    fn tell(&self) {
        *self.count.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.changed.notify_all();
    }
}
