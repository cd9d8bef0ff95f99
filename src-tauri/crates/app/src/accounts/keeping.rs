//! Where secrets are kept: in the system's store, until the program ends, or in a vault file under a passphrase. The user
//! chooses; nothing changes place by itself, and nothing is ever kept unencrypted.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use capibara6_identity::{Closed, Cost, Memory, Secret, SecretStore, Vault};
use capibara6_protocol::{AppError, ErrorCode, KeepIn, SecretKeeping, VaultState};

/// The name of the vault in the data directory.
pub const VAULT: &str = "secrets.vault";

/// The place for secrets.
pub(crate) struct Keeping {
    system: SecretStore,
    /// Goes on from place to place.
    store: SecretStore,
    vault: PathBuf,
    state: Mutex<Held>,
}

#[derive(Debug, Clone, Copy)]
struct Held {
    place: KeepIn,
    vault: Lock,
    trouble: Option<ErrorCode>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lock {
    Closed,
    Open,
}

impl Held {
    fn untouched(place: KeepIn) -> Self {
        let trouble = (place == KeepIn::Vault).then_some(ErrorCode::SecretStoreLocked);
        Self { place, vault: Lock::Closed, trouble }
    }
}

/// A place as it is before anybody said a passphrase.
fn untouched(system: &SecretStore, place: KeepIn) -> SecretStore {
    match place {
        KeepIn::System => system.detached(),
        KeepIn::Session => SecretStore::with_backend(Memory::default()),
        KeepIn::Vault => SecretStore::with_backend(Closed),
    }
}

impl Keeping {
    /// The place that the user chose. A vault is closed before its passphrase is entered.
    pub(super) fn new(home: &Path, system: SecretStore, place: KeepIn) -> Self {
        let (store, held) = (untouched(&system, place), Held::untouched(place));
        let state = Mutex::new(held);
        Self { system, store, vault: home.join(VAULT), state }
    }

    /// The place that the user chose before, where that became known after the start.
    pub(crate) fn take_up(&self, place: KeepIn) {
        if self.held().place != place {
            self.store.go_on_to(&untouched(&self.system, place));
            *self.held() = Held::untouched(place);
        }
    }

    /// The store, in whichever place.
    pub(super) fn store(&self) -> &SecretStore {
        &self.store
    }

    pub(crate) fn view(&self) -> SecretKeeping {
        let held = *self.held();
        let vault = match held.vault {
            Lock::Open => VaultState::Open,
            Lock::Closed if self.vault.is_file() => VaultState::Locked,
            Lock::Closed => VaultState::Absent,
        };
        SecretKeeping { place: held.place, trouble: held.trouble, vault }
    }

    /// The store answered.
    pub(super) fn is_fine(&self) {
        self.held().trouble = None;
    }

    /// The store could not do what it was asked.
    pub(super) fn is_in_trouble(&self, code: ErrorCode) {
        self.held().trouble = Some(code);
    }

    /// Asks the store how it does.
    pub(crate) async fn check(&self) {
        let outcome = self.store.probe().await;
        self.held().trouble = outcome.err().map(|error| AppError::from(error).code);
    }

    /// A store in a place: nothing is in it yet, or what was kept in a vault before.
    ///
    /// # Errors
    /// Why the vault cannot be made or opened.
    pub(super) async fn prepare(&self, place: KeepIn, passphrase: Option<String>) -> Result<SecretStore, AppError> {
        match place {
            KeepIn::System => Ok(self.system.detached()),
            KeepIn::Session => Ok(SecretStore::with_backend(Memory::default())),
            KeepIn::Vault => {
                let path = self.vault.clone();
                let passphrase = Secret::new(passphrase.unwrap_or_default());
                // Making the key takes a second of work, on purpose.
                let opened = tokio::task::spawn_blocking(move || {
                    if path.try_exists()? {
                        Vault::open(&path, &passphrase)
                    } else {
                        Vault::create(&path, &passphrase, Cost::default())
                    }
                });
                let failed =
                    |error: tokio::task::JoinError| AppError::new(ErrorCode::Internal).with_detail(error.to_string());
                Ok(SecretStore::with_backend(opened.await.map_err(failed)??))
            }
        }
    }

    /// Secrets are kept there from now on.
    pub(super) fn moved(&self, place: KeepIn, target: &SecretStore) {
        self.store.go_on_to(target);
        let vault = if place == KeepIn::Vault { Lock::Open } else { Lock::Closed };
        *self.held() = Held { place, vault, trouble: None };
    }

    /// Opens the vault that is there, where secrets are kept in it.
    ///
    /// # Errors
    /// `not-found` where there is none or secrets are kept elsewhere, or why it stays closed.
    pub(crate) async fn unlock(&self, passphrase: String) -> Result<(), AppError> {
        if self.held().place != KeepIn::Vault || !self.vault.is_file() {
            return Err(ErrorCode::NotFound.into());
        }
        let opened = self.prepare(KeepIn::Vault, Some(passphrase)).await?;
        self.moved(KeepIn::Vault, &opened);
        Ok(())
    }

    /// Deletes the vault that is closed. Whoever forgot its passphrase begins anew with it.
    ///
    /// # Errors
    /// `not-found` where none is there that is closed; `storage-failed` where its file stays.
    pub(super) fn discard(&self) -> Result<(), AppError> {
        let SecretKeeping { place, vault, .. } = self.view();
        if vault != VaultState::Locked {
            return Err(ErrorCode::NotFound.into());
        }
        std::fs::remove_file(&self.vault)
            .map_err(|error| AppError::new(ErrorCode::StorageFailed).with_detail(error.to_string()))?;
        tracing::info!("a vault was deleted unopened");
        if place == KeepIn::Vault {
            self.moved(KeepIn::System, &self.system.detached());
        }
        Ok(())
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
