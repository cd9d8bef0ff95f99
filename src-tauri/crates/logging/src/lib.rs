//! Logs in the data directory, with secrets redacted.
