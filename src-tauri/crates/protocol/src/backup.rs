//! Backups of the history, and what was saved of a damaged one.
//!
//! A backup is a whole database: copied while the program works, read from end to end before it gets its name, and kept for
//! as long as [`Retention`] says. A damaged history is set aside, never written over; [`SalvageReport`] says what was saved.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{AppError, BackupId, ConversationId};

/// The backups at hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Backups {
    /// Where they lie.
    pub folder: String,
    /// All of them, the newest first.
    pub entries: Vec<BackupEntry>,
    /// How long they are kept.
    pub retention: Retention,
    /// What is being done at this moment, if anything is.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub running: Option<BackupProgress>,
    /// Why the last attempt to make one failed; absent where it did not.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<BackupFailure>,
    /// The last time a backup took the place of the history, as long as there is a way back.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restored: Option<Restored>,
}

/// A backup took the place of the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Restored {
    /// When.
    #[ts(type = "number")]
    pub at: i64,
    /// Which moment the history went back to: when the backup was made.
    #[ts(type = "number")]
    pub to: i64,
    /// The backup of what was here until then: restoring it is the way back.
    pub before: BackupId,
}

/// An attempt to make a backup that failed. Nothing of it is left on disk, and the history is as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BackupFailure {
    /// When.
    #[ts(type = "number")]
    pub at: i64,
    /// Why it was to be made.
    pub reason: BackupReason,
    /// What happened.
    pub error: AppError,
}

/// One backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BackupEntry {
    /// Its name: that of its file, without the ending.
    pub id: BackupId,
    /// When it was made, by the clock of then.
    #[ts(type = "number")]
    pub created_at: i64,
    /// Its size on disk.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Why it was made.
    pub reason: BackupReason,
    /// Whether it can be relied on.
    pub state: BackupState,
    /// How many conversations it holds, without those that were deleted.
    pub conversations: u32,
    /// How many messages these have, in all their branches.
    pub messages: u32,
    /// When something was last said in it; absent where it is empty.
    #[ts(optional, type = "number")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newest_at: Option<i64>,
    /// When it was last read from end to end.
    #[ts(optional, type = "number")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified_at: Option<i64>,
}

/// Why a backup was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum BackupReason {
    /// A day has gone by.
    Daily,
    /// A newer program was about to change the layout of the history.
    BeforeMigration,
    /// Somebody asked for it. Never removed by itself.
    Manual,
    /// Another backup was about to take the place of the history.
    BeforeRestore,
    /// The history was encrypted, and this one took the place of those that anybody could read.
    Encryption,
}

/// Whether a backup can be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum BackupState {
    /// It was whole when it was last read.
    Good,
    /// It is cut off, or something in it cannot be read: it is never put in the place of the history.
    Damaged,
    /// It was made by a newer program.
    Newer,
}

/// How long backups are kept. A backup that falls into none of these is removed after a newer good one was made; the newest
/// good one is never removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Retention {
    /// The newest of each of so many days.
    pub daily: u32,
    /// The newest of each of so many weeks.
    pub weekly: u32,
    /// So many of those made before a migration or a restore, or when the history was encrypted.
    pub occasional: u32,
    /// How much disk all of them may take, in mebibytes; those that somebody asked for are counted and kept. 0: no limit.
    pub limit_mib: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self { daily: 7, weekly: 4, occasional: 3, limit_mib: 10 * 1024 }
    }
}

/// Names a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BackupRef {
    /// Which one.
    pub id: BackupId,
}

/// What a backup holds, beside what there is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BackupPreview {
    /// The backup, read from end to end just now: what is damaged has no preview but an error.
    pub entry: BackupEntry,
    /// Its newest conversations, at most 20.
    pub newest: Vec<BackupConversation>,
    /// What there is now and not in the backup: after restoring it would be in the backup that is made before.
    pub only_here: Difference,
    /// What is in the backup and no longer here.
    pub only_there: Difference,
}

/// A conversation in a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BackupConversation {
    /// Its id.
    pub id: ConversationId,
    /// Its title.
    pub title: String,
    /// When something was last said in it.
    #[ts(type = "number")]
    pub updated_at: i64,
    /// How many messages it has there, in all its branches.
    pub messages: u32,
}

/// What one history has and the other has not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Difference {
    /// How many conversations.
    pub conversations: u32,
    /// How many messages, those of these conversations included.
    pub messages: u32,
    /// The newest of these conversations, at most 20.
    pub newest: Vec<BackupConversation>,
}

/// How far the making, reading or restoring of a backup is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BackupProgress {
    /// What is being done.
    pub step: BackupStep,
    /// How much of the step is done, in percent.
    pub percent: u8,
}

/// A step in the life of a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum BackupStep {
    /// The history is copied.
    Copying,
    /// The copy is read from end to end.
    Verifying,
    /// A backup takes the place of the history.
    Restoring,
    /// A damaged history is read row by row.
    Salvaging,
}

/// What happened when the history was found damaged. Kept until it is dismissed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SalvageReport {
    /// When.
    #[ts(type = "number")]
    pub at: i64,
    /// What was wrong, in the words of SQLite.
    pub detail: String,
    /// The folder in which the damaged files lie, as they were found.
    pub set_aside: String,
    /// How many conversations are here.
    pub saved_conversations: u32,
    /// How many messages are here; those from a backup are counted.
    pub saved_messages: u32,
    /// How many of these messages could not be read in the damaged file and were taken from the newest good backup.
    pub messages_from_backup: u32,
    /// How many conversations are known to be missing.
    pub lost_conversations: u32,
    /// How many messages are known to be missing.
    pub lost_messages: u32,
    /// Where these messages are missing, the newest conversations first, at most 50.
    pub lost: Vec<LostMessages>,
    /// Whether the settings had to be given up.
    pub lost_settings: bool,
    /// Whether more may be missing than is known: the part of the file that says what there was is broken, too.
    pub incomplete: bool,
    /// The newest good backup, where there is one.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup: Option<BackupEntry>,
}

/// Messages of one conversation that are lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LostMessages {
    /// The conversation; absent where it is lost itself and nothing says which it was.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversation: Option<ConversationId>,
    /// Its title, where it is known.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// How many.
    pub messages: u32,
}

/// What the disk holds of the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StorageReport {
    /// What was saved of a damaged history, until it is dismissed.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub salvage: Option<SalvageReport>,
    /// When the history was last read from end to end and found whole; absent where it was not yet.
    #[ts(optional, type = "number")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checked_at: Option<i64>,
    /// Size of the history with its log.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Size of all backups.
    #[ts(type = "number")]
    pub backup_bytes: u64,
    /// How much the disk has left; absent where the system does not say.
    #[ts(optional, type = "number")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub free_bytes: Option<u64>,
}
