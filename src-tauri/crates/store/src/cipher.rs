//! Whether a database is encrypted, and how it becomes so: written anew under another key beside the old one, read from end to
//! end, and only then put in its place (`replace.rs`), which a crash at any moment survives.
//!
//! What was in the old file is gone with it as far as the file system forgets: a solid-state disk may keep blocks that nobody
//! can address for a while. Whoever needs more encrypts the disk.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;

use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};

use crate::error::{Result, StoreError};
use crate::key::DatabaseKey;
use crate::open::{base_options, beside, draft_file, remove_draft};
use crate::{replace, schema};

/// How every database begins that is not encrypted (<https://www.sqlite.org/fileformat.html>, §1.3).
const PLAIN: &[u8; 16] = b"SQLite format 3\0";

/// Whether a database is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cipher {
    /// It is not.
    Plain,
    /// It begins with what nobody can read: it is, or its beginning is damaged.
    Encrypted,
    /// There is none yet.
    Absent,
}

impl Cipher {
    /// What lies at `path`, or is about to: a database that waits to take its place counts already.
    pub fn of(path: &Path) -> Self {
        match of(&replace::incoming(path)) {
            Self::Absent => of(path),
            coming @ (Self::Plain | Self::Encrypted) => coming,
        }
    }
}

/// What this very file is.
pub(crate) fn of(path: &Path) -> Cipher {
    let mut beginning = [0; PLAIN.len()];
    match File::open(path).and_then(|mut file| file.read_exact(&mut beginning)) {
        Ok(()) if beginning == *PLAIN => Cipher::Plain,
        Ok(()) => Cipher::Encrypted,
        // Nothing, or too little to be a database.
        Err(_) => Cipher::Absent,
    }
}

/// Writes the database at `path` anew, under the key `to` or (`None`) without one; `key` is what it has now. Nobody has it
/// open. The old file is removed at the end; where anything fails before, it is as it was.
///
/// # Errors
/// [`StoreError::Damaged`] where it cannot be read with this key, or not all of it is found again; [`StoreError::Full`],
/// [`StoreError::ReadOnly`], [`StoreError::Failed`].
pub async fn recrypt(path: &Path, key: Option<&DatabaseKey>, to: Option<&DatabaseKey>) -> Result<()> {
    let draft = beside(path, ".recrypted");
    let written = async {
        remove_draft(&draft);
        draft_file(&draft).map_err(|error| StoreError::from_io(&error))?;
        let expected = export(path, key, &draft, to).await?;
        let found = prove(&draft, to).await?;
        if found != expected {
            return Err(StoreError::Damaged(format!("{found:?} of {expected:?} rows")));
        }
        File::open(&draft).and_then(|file| file.sync_all()).map_err(|error| StoreError::from_io(&error))?;
        fs::rename(&draft, replace::incoming(path)).map_err(|error| StoreError::from_io(&error))
    }
    .await;
    remove_draft(&draft);
    written?;
    replace::finish(path, to).await
}

/// Rows of each table that people filled.
type Rows = Vec<(String, i64)>;

async fn export(path: &Path, key: Option<&DatabaseKey>, draft: &Path, to: Option<&DatabaseKey>) -> Result<Rows> {
    let mut connection = base_options(path, key).connect().await?;
    let exported = async {
        let identity = schema::identify(&mut connection).await?;
        let rows = count(&mut connection).await?;
        let into = draft.to_str().ok_or_else(|| StoreError::Failed("a path that is not UTF-8".to_owned()))?;
        let key = to.map_or_else(|| "''".to_owned().into(), DatabaseKey::pragma);
        sqlx::query(AssertSqlSafe(format!("ATTACH ?1 AS target KEY {}", key.as_str())))
            .bind(into)
            .execute(&mut connection)
            .await?;
        sqlx::query("SELECT sqlcipher_export('target')").fetch_all(&mut connection).await?;
        // Pragmas take no parameters; both values are numbers of ours.
        let marks = format!(
            "PRAGMA target.application_id = {}; PRAGMA target.user_version = {}",
            schema::APPLICATION_ID,
            identity.version
        );
        sqlx::raw_sql(AssertSqlSafe(marks)).execute(&mut connection).await?;
        sqlx::query("INSERT INTO target.about (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2")
            .bind(replace::ABOUT_OLD)
            .bind(replace::DISCARDED)
            .execute(&mut connection)
            .await?;
        sqlx::query("DETACH target").execute(&mut connection).await?;
        Ok(rows)
    }
    .await;
    connection.close().await?;
    exported
}

/// Reads a database from end to end, and counts what is in it.
async fn prove(path: &Path, key: Option<&DatabaseKey>) -> Result<Rows> {
    let mut connection = base_options(path, key).read_only(true).connect().await?;
    let proved = async {
        schema::identify(&mut connection).await?;
        let sound: String = sqlx::query_scalar("PRAGMA integrity_check(1)").fetch_one(&mut connection).await?;
        if sound != "ok" {
            return Err(StoreError::Damaged(sound));
        }
        count(&mut connection).await
    }
    .await;
    connection.close().await?;
    proved
}

async fn count(connection: &mut SqliteConnection) -> Result<Rows> {
    let mut rows = Rows::new();
    for table in ["conversation", "message", "journal", "setting", "project", "consensus"] {
        let query = format!("SELECT count(*) FROM {table}");
        rows.push((table.to_owned(), sqlx::query_scalar(AssertSqlSafe(query)).fetch_one(&mut *connection).await?));
    }
    Ok(rows)
}
