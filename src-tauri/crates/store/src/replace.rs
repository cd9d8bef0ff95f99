//! Putting another database in the place of the one at a path: a backup that is restored, or what was salvaged of a damaged
//! file. A crash at any moment leaves either the old database or the new one in place, and the next opening finishes what was
//! begun: what is to come lies complete beside the old one as `….incoming` and says itself where the old one goes.
//!
//! All files of the old database go together. Its log must never be read with another database.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use sqlx::{ConnectOptions as _, Connection as _};

use crate::error::{Result, StoreError};
use crate::key::DatabaseKey;
use crate::open::{base_options, beside};
use crate::rescue;

/// Where the old database goes, relative to its folder; a row of `about` in the new one.
pub(crate) const ABOUT_OLD: &str = "old_database";

/// The folder for an old database that nobody needs any more: it is in a backup.
pub(crate) const DISCARDED: &str = "replaced";

/// What SQLite keeps beside a database, and the database. The log goes after its database: alone at the old place it would
/// still be known as one without its database.
const FILES: [&str; 4] = ["", "-wal", "-shm", "-journal"];

/// Where the database that is to come lies.
pub(crate) fn incoming(path: &Path) -> PathBuf {
    beside(path, ".incoming")
}

/// Finishes what was begun, if anything was. Nobody has the database open, except programs that opened the old one and
/// keep it.
pub(crate) async fn finish(path: &Path, key: Option<&DatabaseKey>) -> Result<()> {
    let incoming = incoming(path);
    let from_io = |error: io::Error| StoreError::from_io(&error);
    // Where the disk does not say whether there is one, nothing may be taken as the history.
    if !incoming.try_exists().map_err(from_io)? {
        return Ok(());
    }
    // Two programs that find it at once take turns; the second finds nothing left to do.
    let turn = File::create(beside(path, ".replacing")).map_err(from_io)?;
    let turn = tokio::task::spawn_blocking(move || turn.lock().map(|()| turn)).await;
    let turn = turn.map_err(|error| StoreError::Failed(error.to_string()))?.map_err(from_io)?;
    if incoming.try_exists().map_err(from_io)? {
        let folder = path.parent().ok_or_else(|| StoreError::Failed("a path without a directory".to_owned()))?;
        let old = where_the_old_goes(&incoming, key).await?;
        let aside = folder.join(&old);
        fs::create_dir_all(&aside).map_err(from_io)?;
        let name = path.file_name().unwrap_or_default();
        for suffix in FILES.into_iter().chain(rescue::FILES) {
            let from = beside(path, suffix);
            match fs::rename(&from, beside(&aside.join(name), suffix)) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(from_io(error)),
            }
        }
        synchronise(&aside);
        fs::rename(&incoming, path).map_err(from_io)?;
        synchronise(folder);
        if old == DISCARDED {
            let _ = fs::remove_dir_all(&aside);
        }
        tracing::info!(%old, "another database took the place of the history");
    }
    drop(turn);
    let _ = fs::remove_file(beside(path, ".replacing"));
    Ok(())
}

async fn where_the_old_goes(incoming: &Path, key: Option<&DatabaseKey>) -> Result<String> {
    let mut connection = base_options(incoming, key).read_only(true).connect().await?;
    let old =
        sqlx::query_scalar("SELECT value FROM about WHERE key = ?1").bind(ABOUT_OLD).fetch_one(&mut connection).await;
    connection.close().await?;
    let old: String = old?;
    // A name of ours: one folder, or `damaged/` and one folder.
    let is_plain = !old.is_empty() && old.split('/').all(|part| !part.is_empty() && !part.starts_with('.'));
    if is_plain && !old.contains(['\\', ':']) {
        Ok(old)
    } else {
        Err(StoreError::Damaged(format!("{ABOUT_OLD}: {old}")))
    }
}

/// Makes the names in a folder durable where folders can be synchronised; elsewhere the system does it by itself.
pub(crate) fn synchronise(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}
