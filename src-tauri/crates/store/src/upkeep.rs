//! What is due now and then, and never at start or while someone waits.

use crate::Store;
use crate::error::{Result, StoreError};

/// What the upkeep did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Upkeep {
    /// Conversations that are gone for good.
    pub purged: u32,
}

impl Upkeep {
    /// How long a deleted conversation can be brought back: 30 days.
    pub const RETENTION_MS: i64 = 30 * 24 * 60 * 60 * 1000;
}

impl Store {
    /// Removes for good what was deleted more than [`Upkeep::RETENTION_MS`] before `now`, one conversation after the
    /// other, so that nobody waits long for the writer. The text is overwritten on disk, in the log and the index as well.
    ///
    /// # Errors
    /// Those of writing.
    pub async fn purge(&self, now: i64) -> Result<Upkeep> {
        let before = now.saturating_sub(Upkeep::RETENTION_MS);
        let mut purged = 0;
        while self.purge_one(before).await? {
            purged += 1;
        }
        self.write(async |writer| {
            sqlx::query("DELETE FROM project WHERE deleted_at < ?1").bind(before).execute(writer).await?;
            Ok(())
        })
        .await?;
        self.wipe().await?;
        Ok(Upkeep { purged })
    }

    /// Takes the words of what was removed out of the index, and everything that was removed out of the log.
    pub(crate) async fn wipe(&self) -> Result<()> {
        self.forget_all().await?;
        if let Some(writer) = self.connections().writer {
            sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&writer).await?;
        }
        Ok(())
    }

    async fn purge_one(&self, before: i64) -> Result<bool> {
        self.write(async |writer| {
            let purged = sqlx::query(
                "DELETE FROM conversation WHERE id = (SELECT id FROM conversation WHERE deleted_at < ?1 LIMIT 1)",
            )
            .bind(before)
            .execute(writer)
            .await?;
            Ok(purged.rows_affected() > 0)
        })
        .await
    }

    /// Reads the whole file and finds out whether it is sound: seconds for a large history.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] with the first things found; nothing is written from then on.
    pub async fn check(&self) -> Result<()> {
        self.read(async |reader| {
            let found: Vec<String> = sqlx::query_scalar("PRAGMA quick_check(5)").fetch_all(reader).await?;
            if found == ["ok"] { Ok(()) } else { Err(StoreError::Damaged(found.join("; "))) }
        })
        .await
    }
}
