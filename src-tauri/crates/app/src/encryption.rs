//! The keys of encrypted histories: 32 random bytes each, kept in the system's secret store for every day, and beside the
//! database in a file that is sealed under a recovery passphrase, for the day on which the secret store is lost. A history
//! never depends on a keyring alone.
//!
//! Whether a history is encrypted its file says by itself. A key that is known is given along in any case: backups may be of
//! either kind. Keys stay when encryption is switched off, because older backups need them.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use capibara6_identity::{Backend as _, Cost, SERVICE, Secret, SecretError, SecretStore, Vault, VaultError};
use capibara6_protocol::{AppError, ErrorCode};
use capibara6_store::{Cipher, DatabaseKey};

use crate::spaces::Space;

/// The name of the key in its recovery file.
const RECOVERY_ENTRY: &str = "database-key";

/// The fewest characters of a recovery passphrase.
const SHORTEST: usize = 8;

/// How long the opening of a history waits for the secret store: a locked keyring is a state that is shown, not waited for.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// Holds the keys that are known in this run of the program. Clones are the same.
#[derive(Clone)]
pub(crate) struct Keys {
    secrets: SecretStore,
    known: Arc<Mutex<HashMap<PathBuf, DatabaseKey>>>,
}

impl Keys {
    pub(crate) fn new(secrets: SecretStore) -> Self {
        Self { secrets, known: Arc::default() }
    }

    /// The key of a database, where it is known in this run.
    pub(crate) fn known(&self, path: &Path) -> Option<DatabaseKey> {
        self.lock().get(path).cloned()
    }

    /// The key with which a database is opened; nothing where it needs none.
    ///
    /// # Errors
    /// `history-locked` where it is encrypted and its key is not at hand.
    pub(crate) async fn to_open(&self, path: &Path, space: &Space) -> Result<Option<DatabaseKey>, AppError> {
        let key = self.at_hand(path, space).await?;
        if let Some(key) = &key {
            self.learn(path, key.clone());
        }
        Ok(key)
    }

    /// The same for a history that is not to be opened: its key is not kept in memory.
    ///
    /// # Errors
    /// As [`Self::to_open`].
    pub(crate) async fn at_hand(&self, path: &Path, space: &Space) -> Result<Option<DatabaseKey>, AppError> {
        let known = self.known(path);
        let encrypted = Cipher::of(path) == Cipher::Encrypted;
        // Where encryption was switched off, older backups need the key.
        if known.is_some() || (!encrypted && !recovery(path).exists()) {
            return Ok(known);
        }
        let kept = tokio::time::timeout(PATIENCE, self.kept(space)).await.unwrap_or(Err(SecretError::TimedOut));
        match kept {
            Ok(Some(key)) => Ok(Some(key)),
            Ok(None) | Err(_) if !encrypted => Ok(None),
            // Without a way to unlock it, what cannot be read is damaged.
            Ok(None) if !recovery(path).exists() => Ok(None),
            Ok(None) => Err(ErrorCode::HistoryLocked.into()),
            Err(error) => Err(AppError::new(ErrorCode::HistoryLocked).with_detail(error.to_string())),
        }
    }

    /// From now on this is the key of a database.
    pub(crate) fn learn(&self, path: &Path, key: DatabaseKey) {
        self.lock().insert(path.to_owned(), key);
    }

    /// Why the key of a space is not in the secret store, when it is not.
    pub(crate) async fn trouble(&self, space: &Space) -> Option<ErrorCode> {
        match self.kept(space).await {
            Ok(Some(_)) => None,
            Ok(None) => Some(ErrorCode::NotFound),
            Err(error) => Some(AppError::from(error).code),
        }
    }

    /// Puts the key of a space into the secret store.
    pub(crate) async fn keep(&self, space: &Space, key: &DatabaseKey) -> Result<(), SecretError> {
        self.secrets.set(&account(space), Secret::new(to_hex(key))).await
    }

    async fn kept(&self, space: &Space) -> Result<Option<DatabaseKey>, SecretError> {
        Ok(self.secrets.get(&account(space)).await?.as_ref().and_then(from_hex))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<PathBuf, DatabaseKey>> {
        // Nothing that is guarded here can be left half-written by a panic.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The key of a database for its encryption: that of its recovery file, or a new one in a new file.
///
/// # Errors
/// `invalid-input` for a short passphrase, `vault-wrong-passphrase`, `vault-damaged`, or why nothing can be written.
pub(crate) async fn prepare(path: &Path, passphrase: Secret) -> Result<DatabaseKey, AppError> {
    let file = recovery(path);
    if file.exists() {
        return recover(path, passphrase).await;
    }
    long_enough(&passphrase)?;
    let key = DatabaseKey::new(fresh()?);
    let sealed = key.clone();
    blocking(move || seal(&file, &passphrase, &sealed)).await?;
    Ok(key)
}

/// The key of a database from its recovery file.
///
/// # Errors
/// As [`prepare`]; `not-found` where there is no such file.
pub(crate) async fn recover(path: &Path, passphrase: Secret) -> Result<DatabaseKey, AppError> {
    let file = recovery(path);
    blocking(move || {
        let mut vault = Vault::open(&file, &passphrase)?;
        let found = vault.get(SERVICE, RECOVERY_ENTRY).map_err(|error| VaultError::Failed(error.to_string()))?;
        found.as_ref().and_then(from_hex).ok_or(VaultError::Damaged)
    })
    .await
}

/// Seals the key of a database under another passphrase.
///
/// # Errors
/// `invalid-input` for a short passphrase, or why nothing can be written; the old passphrase holds then.
pub(crate) async fn reseal(path: &Path, passphrase: Secret, key: DatabaseKey) -> Result<(), AppError> {
    long_enough(&passphrase)?;
    let file = recovery(path);
    blocking(move || {
        let draft = file.with_extension("db-recovery.new");
        match fs::remove_file(&draft) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            Ok(()) | Err(_) => {}
        }
        seal(&draft, &passphrase, &key)?;
        Ok(fs::rename(&draft, &file)?)
    })
    .await
}

/// Whether a database has a recovery file.
pub(crate) fn recovery(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-recovery");
    PathBuf::from(name)
}

fn seal(file: &Path, passphrase: &Secret, key: &DatabaseKey) -> Result<(), VaultError> {
    let mut vault = Vault::create(file, passphrase, Cost::default())?;
    let kept = vault.set(SERVICE, RECOVERY_ENTRY, &Secret::new(to_hex(key)));
    kept.map_err(|error| VaultError::Failed(error.to_string()))
}

fn fresh() -> Result<[u8; DatabaseKey::BYTES], AppError> {
    let mut bytes = [0; DatabaseKey::BYTES];
    getrandom::fill(&mut bytes).map_err(|error| AppError::new(ErrorCode::Internal).with_detail(error.to_string()))?;
    Ok(bytes)
}

fn long_enough(passphrase: &Secret) -> Result<(), AppError> {
    if passphrase.expose().chars().count() < SHORTEST {
        return Err(AppError::new(ErrorCode::InvalidInput).with_field("passphrase"));
    }
    Ok(())
}

/// Making a key from a passphrase takes its time on purpose.
async fn blocking<T: Send + 'static>(
    job: impl FnOnce() -> Result<T, VaultError> + Send + 'static,
) -> Result<T, AppError> {
    let done = tokio::task::spawn_blocking(job).await;
    done.map_err(|error| AppError::new(ErrorCode::Internal).with_detail(error.to_string()))?.map_err(AppError::from)
}

fn account(space: &Space) -> String {
    let name = space.account().map_or("signed-out", |account| account.as_str());
    format!("database-key/{name}")
}

fn to_hex(key: &DatabaseKey) -> String {
    use std::fmt::Write as _;
    key.expose().iter().fold(String::with_capacity(2 * DatabaseKey::BYTES), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn from_hex(text: &Secret) -> Option<DatabaseKey> {
    let text = text.expose();
    if text.len() != 2 * DatabaseKey::BYTES {
        return None;
    }
    let mut bytes = [0; DatabaseKey::BYTES];
    for (n, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * n..2 * n + 2)?, 16).ok()?;
    }
    Some(DatabaseKey::new(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_survives_its_way_through_text_and_nothing_else_is_taken_for_one() {
        let key = DatabaseKey::new(std::array::from_fn(|n| n as u8 * 7));
        let read = from_hex(&Secret::new(to_hex(&key))).expect("a key");
        assert_eq!(read.expose(), key.expose());
        for text in ["", "00", &"g".repeat(64), &"ñ".repeat(32)] {
            assert!(from_hex(&Secret::new(text.to_owned())).is_none(), "{text}");
        }
    }
}
