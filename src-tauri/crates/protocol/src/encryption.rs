//! Encryption of the open history at rest. A passphrase goes to the core and is never shown by `Debug`; a key crosses the
//! bridge in neither direction.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{AccountKey, ErrorCode};

/// How the open history lies on disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Encryption {
    /// How it lies there.
    pub state: EncryptionState,
    /// Why its key is not in the system's secret store, when it is not: then the recovery passphrase is asked for at every
    /// start.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_not_kept: Option<ErrorCode>,
    /// How many of its backups anybody can read.
    pub plain_backups: u32,
}

/// How a history lies on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum EncryptionState {
    /// Anybody who can read the file can read it.
    Plain,
    /// It is encrypted, and its key is at hand.
    Encrypted,
    /// It is encrypted, and its key is not at hand: `encryption_unlock` opens it.
    Locked,
}

/// One of the histories that this computer keeps apart, and how it lies on disk. Its key is not at hand where opening it would
/// show that it is locked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct HistoryLock {
    /// Whose it is; nobody's in particular where absent.
    #[ts(optional)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountKey>,
    /// How it lies there.
    pub state: EncryptionState,
}

/// Encrypts the open history.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EncryptionEnable {
    /// The recovery passphrase, at least 8 characters: it opens the history where the system's secret store is lost. Where
    /// the history was encrypted before, the one of then.
    pub passphrase: String,
    /// What becomes of backups that were made before.
    pub plain_backups: PlainBackups,
}

impl std::fmt::Debug for EncryptionEnable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EncryptionEnable").field("plain_backups", &self.plain_backups).finish_non_exhaustive()
    }
}

/// What becomes of backups that anybody can read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum PlainBackups {
    /// They stay.
    Keep,
    /// They are deleted, once there is an encrypted one.
    Delete,
}

/// Opens an encrypted history.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EncryptionUnlock {
    /// The recovery passphrase; where absent the secret store is asked again.
    #[ts(optional)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passphrase: Option<String>,
}

impl std::fmt::Debug for EncryptionUnlock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EncryptionUnlock").finish_non_exhaustive()
    }
}

/// Changes the recovery passphrase of an encrypted history that is open.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EncryptionPassphraseSet {
    /// The new one, at least 8 characters.
    pub passphrase: String,
}

impl std::fmt::Debug for EncryptionPassphraseSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EncryptionPassphraseSet").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_passphrase_is_shown_by_debug() {
        let passphrase = || "p-canary".to_owned();
        let enable = EncryptionEnable { passphrase: passphrase(), plain_backups: PlainBackups::Keep };
        let unlock = EncryptionUnlock { passphrase: Some(passphrase()) };
        let set = EncryptionPassphraseSet { passphrase: passphrase() };
        for shown in [format!("{enable:?}"), format!("{unlock:?}"), format!("{set:?}")] {
            assert!(!shown.contains("canary"), "{shown}");
        }
    }
}
