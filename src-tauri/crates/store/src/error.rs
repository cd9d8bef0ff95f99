//! What can go wrong with the database, as a closed set. SQLite's result codes are classified here and nowhere else
//! (<https://www.sqlite.org/rescode.html>).

use std::io;

use capibara6_protocol::{AppError, ErrorCode};

/// Why the store could not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The disk is full. Nothing that was acknowledged is lost, and everything stays readable.
    #[error("the disk is full")]
    Full,
    /// The file or its directory cannot be written. Everything stays readable.
    #[error("the database cannot be written")]
    ReadOnly,
    /// A newer version of the program wrote the file: it is not written, and read only where that version allows it.
    #[error("the database was written by a newer version")]
    Newer,
    /// The file is damaged or not ours. It is left as it is.
    #[error("the database is damaged or not ours: {0}")]
    Damaged(String),
    /// The conversation or message does not exist (any more), or does not belong there.
    #[error("not found")]
    NotFound,
    /// The message is already being written.
    #[error("the message is already being written")]
    Busy,
    /// A value is not acceptable; the name of the input.
    #[error("not acceptable: {0}")]
    InvalidInput(&'static str),
    /// Any other failure, in the words of SQLite or the operating system.
    #[error("{0}")]
    Failed(String),
}

/// What every call gives.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full => Self::new(ErrorCode::StorageFull),
            StoreError::ReadOnly => Self::new(ErrorCode::StorageReadOnly),
            StoreError::Newer => Self::new(ErrorCode::StorageNewer),
            StoreError::Damaged(detail) => Self::new(ErrorCode::StorageDamaged).with_detail(detail),
            StoreError::NotFound => Self::new(ErrorCode::NotFound),
            StoreError::Busy => Self::new(ErrorCode::Busy),
            StoreError::InvalidInput(field) => Self::new(ErrorCode::InvalidInput).with_field(field),
            StoreError::Failed(detail) => Self::new(ErrorCode::StorageFailed).with_detail(detail),
        }
    }
}

/// Primary result codes: the low byte of an extended one.
mod code {
    pub const NOMEM: u32 = 7;
    pub const READONLY: u32 = 8;
    pub const IOERR: u32 = 10;
    pub const CORRUPT: u32 = 11;
    pub const FULL: u32 = 13;
    pub const CANTOPEN: u32 = 14;
    pub const CONSTRAINT_UNIQUE: u32 = 2067;
    pub const NOTADB: u32 = 26;
    /// A page could not be read, or not all of it. (`EIO` and its like are told as [`CORRUPT`].)
    pub const IOERR_READ: u32 = 266;
    pub const IOERR_SHORT_READ: u32 = 522;
    /// The shared memory beside a WAL database could not be made as large as it must be: the disk is full.
    pub const IOERR_SHMSIZE: u32 = 4874;
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if let sqlx::Error::Io(io) = &error {
            return Self::from_io(io);
        }
        if let sqlx::Error::RowNotFound = error {
            return Self::NotFound;
        }
        let code = extended_code(&error).unwrap_or_default();
        match (code, code & 0xff) {
            (code::IOERR_SHMSIZE, _) | (_, code::FULL) => Self::Full,
            (code::CONSTRAINT_UNIQUE, _) => Self::InvalidInput("id"),
            (_, code::READONLY) => Self::ReadOnly,
            (_, code::CORRUPT | code::NOTADB) => Self::Damaged(error.to_string()),
            _ => Self::Failed(error.to_string()),
        }
    }
}

impl StoreError {
    /// What the operating system said about a file or directory.
    pub(crate) fn from_io(error: &io::Error) -> Self {
        use io::ErrorKind::{PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
        let kind = error.kind();
        if [StorageFull, QuotaExceeded].contains(&kind) {
            Self::Full
        } else if [PermissionDenied, ReadOnlyFilesystem].contains(&kind) {
            Self::ReadOnly
        } else {
            Self::Failed(error.to_string())
        }
    }

    /// Whether SQLite may have ended the transaction by itself, so that the connection's state is no longer known.
    pub(crate) fn poisons_connection(&self) -> bool {
        match self {
            Self::Full | Self::ReadOnly | Self::Damaged(_) | Self::Failed(_) => true,
            Self::Newer | Self::NotFound | Self::Busy | Self::InvalidInput(_) => false,
        }
    }
}

/// SQLite's extended result code.
fn extended_code(error: &sqlx::Error) -> Option<u32> {
    error.as_database_error()?.code()?.parse().ok()
}

/// Whether SQLite could not open the file or one of the two beside it (`-wal`, `-shm`).
pub(crate) fn cannot_open(error: &sqlx::Error) -> bool {
    extended_code(error).is_some_and(|code| code & 0xff == code::CANTOPEN)
}

/// Whether something else failed than the reading of what a file holds: writing, synchronising, the memory, the machine.
pub(crate) fn is_not_of_reading(error: &sqlx::Error) -> bool {
    let code = extended_code(error).unwrap_or_default();
    match code & 0xff {
        code::IOERR => ![code::IOERR_READ, code::IOERR_SHORT_READ].contains(&code),
        code::NOMEM | code::READONLY | code::FULL | code::CANTOPEN => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_has_its_code() {
        let codes = [
            (StoreError::Full, AppError::new(ErrorCode::StorageFull)),
            (StoreError::ReadOnly, AppError::new(ErrorCode::StorageReadOnly)),
            (StoreError::Newer, AppError::new(ErrorCode::StorageNewer)),
            (StoreError::Damaged("page 3".into()), AppError::new(ErrorCode::StorageDamaged).with_detail("page 3")),
            (StoreError::NotFound, AppError::new(ErrorCode::NotFound)),
            (StoreError::Busy, AppError::new(ErrorCode::Busy)),
            (StoreError::InvalidInput("title"), AppError::new(ErrorCode::InvalidInput).with_field("title")),
            (StoreError::Failed("disk I/O error".into()), {
                AppError::new(ErrorCode::StorageFailed).with_detail("disk I/O error")
            }),
        ];
        for (error, expected) in codes {
            assert_eq!(AppError::from(error), expected);
        }
    }

    #[test]
    fn the_operating_system_is_understood() {
        for (kind, expected) in [
            (io::ErrorKind::StorageFull, StoreError::Full),
            (io::ErrorKind::QuotaExceeded, StoreError::Full),
            (io::ErrorKind::PermissionDenied, StoreError::ReadOnly),
            (io::ErrorKind::ReadOnlyFilesystem, StoreError::ReadOnly),
            (io::ErrorKind::TimedOut, StoreError::Failed("timed out".into())),
        ] {
            assert_eq!(StoreError::from_io(&io::Error::from(kind)), expected);
        }
    }
}
