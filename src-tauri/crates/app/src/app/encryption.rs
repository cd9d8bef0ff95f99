//! Encrypting the open history, and opening one that is encrypted.

use capibara6_identity::Secret;
use capibara6_protocol::*;
use capibara6_store::{BackupFolder, Cipher, Pace, recrypt};

use futures_util::future::join_all;

use super::App;
use crate::encryption::{prepare, recover, recovery, reseal};
use crate::spaces::{DATABASE, Space};

impl App {
    /// How the open history lies on disk.
    pub async fn encryption_state(&self) -> Result<Encryption, AppError> {
        let (path, space) = (self.database(), self.space());
        let state = match Cipher::of(&path) {
            Cipher::Plain | Cipher::Absent => EncryptionState::Plain,
            Cipher::Encrypted if self.history().await.is_ok() => EncryptionState::Encrypted,
            Cipher::Encrypted => EncryptionState::Locked,
        };
        let key_not_kept = match state {
            EncryptionState::Plain => None,
            EncryptionState::Encrypted | EncryptionState::Locked => self.inner.keys.trouble(&space).await,
        };
        let folder = self.backup_folder();
        let plain = self.plain_backups(&folder).await;
        let plain_backups = u32::try_from(plain.len()).unwrap_or(u32::MAX);
        Ok(Encryption { state, key_not_kept, plain_backups })
    }

    /// How every history of this computer lies on disk: nobody's in particular first, then those of the known accounts. What
    /// is asked of the secret store for a history that is not open is not kept.
    pub async fn encryption_list(&self) -> Result<Vec<HistoryLock>, AppError> {
        let accounts = self.inner.accounts.known_keys().into_iter().map(Space::Account);
        let spaces = std::iter::once(Space::SignedOut).chain(accounts);
        Ok(join_all(spaces.map(|space| self.lock_of(space))).await)
    }

    async fn lock_of(&self, space: Space) -> HistoryLock {
        let path = space.folder(&self.inner.home).join(DATABASE);
        let locked = async || match &space {
            // The program's own is opened at the start, or by whoever unlocks it.
            Space::SignedOut => self.inner.spaces.program().is_err(),
            Space::Account(_) if space == self.space() => self.history().await.is_err(),
            Space::Account(_) => self.inner.keys.at_hand(&path, &space).await.is_err(),
        };
        let state = match Cipher::of(&path) {
            Cipher::Plain | Cipher::Absent => EncryptionState::Plain,
            Cipher::Encrypted if locked().await => EncryptionState::Locked,
            Cipher::Encrypted => EncryptionState::Encrypted,
        };
        HistoryLock { account: space.account().cloned(), state }
    }

    /// Encrypts the open history. What is being written ends as `interrupted` before.
    pub async fn encryption_enable(&self, request: EncryptionEnable) -> Result<Encryption, AppError> {
        // Whoever asks for encryption has a history that can be read.
        self.history().await?;
        let (path, space) = (self.database(), self.space());
        if Cipher::of(&path) == Cipher::Encrypted {
            return Err(AppError::new(ErrorCode::InvalidInput).with_field("state"));
        }
        let key = prepare(&path, Secret::new(request.passphrase)).await?;
        if let Err(error) = self.inner.keys.keep(&space, &key).await {
            tracing::warn!(%error, "the key of the history is only in its recovery file");
        }
        self.inner.keys.learn(&path, key.clone());
        self.reopen(move |path| async move { Ok(recrypt(&path, None, Some(&key)).await?) }).await?;
        tracing::info!("the history is encrypted");
        if request.plain_backups == PlainBackups::Delete {
            let folder = self.backup_folder();
            folder.create(BackupReason::Encryption, self.inner.surroundings.now(), Pace::Full).await?;
            for plain in self.plain_backups(&folder).await {
                folder.delete(&plain)?;
            }
        }
        self.encryption_state().await
    }

    /// Takes the encryption of the open history away. Its key stays where it is, for backups that need it.
    pub async fn encryption_disable(&self) -> Result<Encryption, AppError> {
        self.history().await?;
        let path = self.database();
        let key = self.inner.keys.known(&path).filter(|_| Cipher::of(&path) == Cipher::Encrypted);
        let key = key.ok_or_else(|| AppError::new(ErrorCode::InvalidInput).with_field("state"))?;
        self.reopen(move |path| async move { Ok(recrypt(&path, Some(&key), None).await?) }).await?;
        tracing::info!("the history is no longer encrypted");
        self.encryption_state().await
    }

    /// Opens an encrypted history: with the recovery passphrase, or with what the secret store says now.
    pub async fn encryption_unlock(&self, request: EncryptionUnlock) -> Result<Encryption, AppError> {
        let (path, space) = (self.database(), self.space());
        match request.passphrase {
            Some(passphrase) => {
                let key = recover(&path, Secret::new(passphrase)).await?;
                // What was lost with a keyring is there again.
                if let Err(error) = self.inner.keys.keep(&space, &key).await {
                    tracing::warn!(%error, "the key of the history is only in its recovery file");
                }
                self.inner.keys.learn(&path, key);
            }
            None => drop(self.inner.keys.to_open(&path, &space).await?),
        }
        if self.history().await.is_err() {
            self.reopen(|_| async { Ok(()) }).await?;
        }
        self.history().await?;
        self.encryption_state().await
    }

    /// Changes the recovery passphrase.
    pub async fn encryption_passphrase_set(&self, request: EncryptionPassphraseSet) -> Result<Encryption, AppError> {
        let path = self.database();
        let key = self.inner.keys.known(&path).filter(|_| recovery(&path).exists());
        let key = key.ok_or_else(|| AppError::new(ErrorCode::InvalidInput).with_field("state"))?;
        reseal(&path, Secret::new(request.passphrase), key).await?;
        self.encryption_state().await
    }

    /// The database of the open space.
    fn database(&self) -> std::path::PathBuf {
        self.space().folder(&self.inner.home).join(DATABASE)
    }

    /// The backups that anybody can read.
    async fn plain_backups(&self, folder: &BackupFolder) -> Vec<BackupId> {
        let entries = folder.list().await.unwrap_or_default();
        let plain = |id: &BackupId| Cipher::of(&folder.file(id)) == Cipher::Plain;
        entries.into_iter().map(|entry| entry.id).filter(plain).collect()
    }
}
