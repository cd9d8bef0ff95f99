//! The operating system's keeper of secrets, through the `keyring` family of crates, with the store of each system named
//! explicitly and no global default.

use std::sync::Arc;

use keyring_core::{CredentialStore, Entry, Error};

use crate::{Backend, Secret, SecretError};

/// The operating system's keeper. Connects with the first call, and again after a failure: a keeper may be started, or
/// started anew, while the program runs.
#[derive(Default)]
pub(crate) struct System {
    store: Option<Arc<CredentialStore>>,
    #[cfg(all(unix, not(target_os = "macos")))]
    service: crate::secret_service::SecretService,
}

impl Backend for System {
    fn get(&mut self, service: &str, account: &str) -> Result<Option<Secret>, SecretError> {
        self.expect_unlocked(service, Some(account))?;
        self.with_entry(service, account, |entry| match entry.get_password() {
            Ok(password) => Ok(Some(Secret::new(password))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(error),
        })
    }

    fn set(&mut self, service: &str, account: &str, secret: &Secret) -> Result<(), SecretError> {
        self.expect_unlocked(service, Some(account))?;
        self.with_entry(service, account, |entry| entry.set_password(secret.expose()))
    }

    fn delete(&mut self, service: &str, account: &str) -> Result<(), SecretError> {
        self.expect_unlocked(service, Some(account))?;
        self.with_entry(service, account, |entry| match entry.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(error),
        })
    }

    fn probe(&mut self, service: &str) -> Result<(), SecretError> {
        self.expect_unlocked(service, None)?;
        self.connected().map(drop)
    }
}

impl System {
    fn with_entry<T>(
        &mut self,
        service: &str,
        account: &str,
        ask: impl FnOnce(&Entry) -> Result<T, Error>,
    ) -> Result<T, SecretError> {
        let outcome = self.connected()?.build(service, account, None).and_then(|entry| ask(&entry));
        outcome.map_err(|error| {
            self.store = None;
            understood(error)
        })
    }

    fn connected(&mut self) -> Result<Arc<CredentialStore>, SecretError> {
        if let Some(store) = &self.store {
            return Ok(Arc::clone(store));
        }
        let store = connect().map_err(understood)?;
        self.store = Some(Arc::clone(&store));
        Ok(store)
    }

    /// The Secret Service answers a locked collection with a window of its own that waits for a person, so it is asked
    /// beforehand.
    #[cfg(all(unix, not(target_os = "macos")))]
    fn expect_unlocked(&mut self, service: &str, account: Option<&str>) -> Result<(), SecretError> {
        self.service.expect_unlocked(service, account)
    }

    #[cfg(not(all(unix, not(target_os = "macos"))))]
    #[allow(clippy::unused_self, clippy::unnecessary_wraps, reason = "the same shape on every system")]
    fn expect_unlocked(&mut self, _service: &str, _account: Option<&str>) -> Result<(), SecretError> {
        Ok(())
    }
}

#[cfg(target_os = "macos")]
fn connect() -> Result<Arc<CredentialStore>, Error> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(target_os = "windows")]
fn connect() -> Result<Arc<CredentialStore>, Error> {
    Ok(windows_native_keyring_store::Store::new()?)
}

#[cfg(all(unix, not(target_os = "macos")))]
fn connect() -> Result<Arc<CredentialStore>, Error> {
    Ok(zbus_secret_service_keyring_store::Store::new()?)
}

/// What the store said. Its own words name accounts, never secrets; the variants that carry a secret's bytes are not
/// put into words.
fn understood(error: Error) -> SecretError {
    match error {
        // Linux: locked in the moment since it was asked. Elsewhere: the person, or the system for them, said no.
        Error::NoStorageAccess(_) if cfg!(all(unix, not(target_os = "macos"))) => SecretError::Locked,
        Error::NoStorageAccess(_) => SecretError::Denied,
        Error::NoDefaultStore => SecretError::Absent,
        Error::BadEncoding(_) | Error::BadDataFormat(..) => SecretError::Failed("not a text".to_owned()),
        Error::Ambiguous(entries) => SecretError::Failed(format!("{} entries of the same name", entries.len())),
        other => SecretError::Failed(other.to_string()),
    }
}
