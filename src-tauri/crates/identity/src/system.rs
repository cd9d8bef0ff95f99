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

/// How long a connection has been there.
enum Connection {
    /// Since this call.
    New,
    /// Since an earlier one.
    Older,
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
    /// Asks once; and once more on a new connection where the one at hand may have outlived its keeper. Every question
    /// can be asked twice: it gives the same and leaves the same behind.
    fn with_entry<T>(
        &mut self,
        service: &str,
        account: &str,
        ask: impl Fn(&Entry) -> Result<T, Error>,
    ) -> Result<T, SecretError> {
        let connection = if self.store.is_some() { Connection::Older } else { Connection::New };
        let outcome = self.connected()?.build(service, account, None).and_then(|entry| ask(&entry));
        match (outcome, connection) {
            (Ok(value), _) => Ok(value),
            (Err(error), Connection::New) => {
                self.store = None;
                Err(understood(error))
            }
            (Err(_), Connection::Older) => {
                self.store = None;
                self.with_entry(service, account, ask)
            }
        }
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

/// What the store said. Its own words name accounts, never secrets; the variants that carry a secret's bytes, or the
/// entries that do, are not put into words.
#[allow(clippy::wildcard_enum_match_arm, reason = "the enum is open: what is new in it is a failure")]
fn understood(error: Error) -> SecretError {
    match error {
        // Linux: locked in the moment since it was asked. Elsewhere: the person, or the system for them, said no.
        Error::NoStorageAccess(_) if cfg!(all(unix, not(target_os = "macos"))) => SecretError::Locked,
        Error::NoStorageAccess(_) => SecretError::Denied,
        Error::BadEncoding(_) | Error::BadDataFormat(..) => SecretError::Failed("not a text".to_owned()),
        Error::Ambiguous(entries) => SecretError::Failed(format!("{} entries of the same name", entries.len())),
        other => SecretError::Failed(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_error_repeats_a_secret() {
        let secret = || b"sk-live-42".to_vec();
        let source = || "malformed".into();
        for error in [Error::BadEncoding(secret()), Error::BadDataFormat(secret(), source())] {
            assert_eq!(understood(error), SecretError::Failed("not a text".to_owned()));
        }
        assert_eq!(
            understood(Error::PlatformFailure(source())),
            SecretError::Failed("Platform failure: malformed".to_owned())
        );
        assert_eq!(
            understood(Error::Ambiguous(Vec::new())),
            SecretError::Failed("0 entries of the same name".to_owned())
        );
    }
}
