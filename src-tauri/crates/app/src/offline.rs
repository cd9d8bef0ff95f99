//! A history without the program around it: for the command line, which starts no window, no fleet and no health checks, and
//! works on the database beside whoever else has it open.

use std::path::{Path, PathBuf};

use capibara6_identity::{Secret, SecretStore};
use capibara6_protocol::{AccountKey, AppError, ErrorCode, SearchPage, SearchQuery, TransferReport};
use capibara6_store::{Cipher, DatabaseKey, Store};
use tokio_util::sync::CancellationToken;

use crate::encryption::{Keys, recover, recovery};
use crate::spaces::{DATABASE, Space};
use crate::surroundings::Surroundings;
use crate::transfer::{Export, Import, Labels, Watch};

/// The history of a space.
pub struct Offline {
    store: Store,
}

/// What to do where there is no history yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// Begin one.
    Begin,
    /// Say so.
    Refuse,
}

/// What opens a history that is encrypted.
#[derive(Debug, Clone)]
pub enum Unlock {
    /// Its key in the system's secret store.
    Store(SecretStore),
    /// The recovery passphrase.
    Passphrase(Secret),
}

impl Unlock {
    /// The key of the history of a space; nothing where it needs none.
    ///
    /// # Errors
    /// `history-locked` where it is encrypted and its key is not at hand, `vault-wrong-passphrase`, `vault-damaged`.
    pub(crate) async fn key(&self, home: &Path, account: Option<&str>) -> Result<Option<DatabaseKey>, AppError> {
        let space = Offline::space(account)?;
        let path = space.folder(home).join(DATABASE);
        match self {
            Self::Store(secrets) => Keys::new(secrets.clone()).to_open(&path, &space).await,
            Self::Passphrase(passphrase) if recovery(&path).exists() => {
                recover(&path, passphrase.clone()).await.map(Some)
            }
            Self::Passphrase(_) if Cipher::of(&path) == Cipher::Encrypted => Err(ErrorCode::HistoryLocked.into()),
            Self::Passphrase(_) => Ok(None),
        }
    }
}

impl Offline {
    /// Opens the history of a space in the data directory `home`. The space of an account is never begun here: an account
    /// that has none has never signed in.
    ///
    /// # Errors
    /// `not-found` where there is none; why it cannot be unlocked; the store's.
    pub async fn open(home: &Path, account: Option<&str>, unlock: &Unlock, missing: Missing) -> Result<Self, AppError> {
        let path = Self::path(home, account)?;
        if !path.exists() && (missing == Missing::Refuse || account.is_some()) {
            return Err(AppError::new(ErrorCode::NotFound).with_detail(path.display().to_string()));
        }
        let key = unlock.key(home, account).await?;
        Ok(Self { store: Store::open_kept(&path, key.as_ref(), Surroundings::system().now()).await? })
    }

    /// Where the history of a space is.
    ///
    /// # Errors
    /// `invalid-input` for a name that no account has.
    pub(crate) fn path(home: &Path, account: Option<&str>) -> Result<PathBuf, AppError> {
        Ok(Self::space(account)?.folder(home).join(DATABASE))
    }

    fn space(account: Option<&str>) -> Result<Space, AppError> {
        match account {
            None => Ok(Space::SignedOut),
            Some(key) if key.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
                Ok(Space::Account(AccountKey(key.to_owned())))
            }
            Some(_) => Err(AppError::new(ErrorCode::InvalidInput).with_field("account")),
        }
    }

    /// The accounts that have a history in the data directory `home`.
    pub fn accounts(home: &Path) -> Vec<String> {
        let folders = std::fs::read_dir(home.join(crate::spaces::ACCOUNTS)).into_iter().flatten().flatten();
        let with_history = folders.filter(|folder| folder.path().join(DATABASE).exists());
        let mut names: Vec<String> =
            with_history.map(|folder| folder.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// The database.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Brings conversations in.
    pub async fn import(&self, import: Import, watch: Watch<'_>) -> TransferReport {
        import.run(&self.store, watch, || {}).await
    }

    /// Writes conversations out.
    pub async fn export(&self, export: Export, labels: Labels, watch: Watch<'_>) -> TransferReport {
        export.run(&self.store, labels, watch).await
    }

    /// Brings the index of words up to what was said: without a window nobody else does. What another program holds up at
    /// this moment is left to it.
    pub async fn index(&self, cancel: &CancellationToken) {
        while !cancel.is_cancelled() && matches!(self.store.index_some().await, Ok(done) if done > 0) {}
    }

    /// Finds words.
    ///
    /// # Errors
    /// The store's.
    pub async fn search(&self, query: &SearchQuery) -> Result<SearchPage, AppError> {
        Ok(self.store.search(query).await?)
    }

    /// Closes the database after what is under way.
    pub async fn close(self) {
        self.store.close().await;
    }
}
