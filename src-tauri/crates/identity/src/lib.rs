//! Signing in, sessions, and the secret store in which they and the keys are kept.
//!
//! [`sign_in`] finds out who somebody is, [`Sessions`] keeps them signed in, [`SecretStore`] keeps the secrets of both.
//! Nothing here sends a request by itself: the program brings a [`Transport`]. Secrets are kept by the operating system
//! (Secret Service on Linux, Keychain on macOS, Credential Manager on Windows) or, where it has no such thing, in a
//! [`Vault`] or in [`Memory`]; never in the database, a log or the window. The stores of the systems may wait for a person
//! for as long as they like, so they are asked on a thread of their own, and whoever asks gives up after a deadline.

mod clock;
mod memory;
mod random;
mod secret;
#[cfg(all(unix, not(target_os = "macos")))]
mod secret_service;
mod sessions;
pub mod sign_in;
mod store;
mod system;
mod transport;
mod vault;

pub use clock::{Clock, SKEW};
pub use memory::{Closed, Memory};
pub use secret::Secret;
pub use sessions::{Account, AccountId, Bearer, Origins, Revocation, Sessions, SignedOut, State, Withheld};
pub use store::{DEADLINE, SERVICE, SecretStore};
pub use transport::{ANSWER_DEADLINE, Http, LARGEST_ANSWER, PlainConsent, Sending, Transport};
pub use vault::{Cost, Vault, VaultError};

use capibara6_protocol::{AppError, ErrorCode};

/// Why the secret store could not do what it was asked. No variant ever holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// There is none on this computer, or nothing through which it could be reached (no session bus).
    #[error("there is no secret store")]
    Absent,
    /// It is there, but locked, or without a collection that could hold a secret. It is never unlocked by us: that
    /// would put up a window of the system's without being asked.
    #[error("the secret store is locked")]
    Locked,
    /// It refused.
    #[error("the secret store refused")]
    Denied,
    /// It did not answer within the deadline. What was asked may still happen.
    #[error("the secret store did not answer in time")]
    TimedOut,
    /// It failed otherwise, in its own words.
    #[error("the secret store failed: {0}")]
    Failed(String),
}

impl From<SecretError> for AppError {
    fn from(error: SecretError) -> Self {
        let code = match &error {
            SecretError::Absent => ErrorCode::SecretStoreAbsent,
            SecretError::Locked => ErrorCode::SecretStoreLocked,
            SecretError::Denied => ErrorCode::SecretStoreDenied,
            SecretError::TimedOut | SecretError::Failed(_) => ErrorCode::SecretStoreFailed,
        };
        match error {
            SecretError::Absent | SecretError::Locked | SecretError::Denied => Self::new(code),
            SecretError::TimedOut => Self::new(code).with_detail("no answer in time"),
            SecretError::Failed(detail) => Self::new(code).with_detail(detail),
        }
    }
}

/// A keeper of secrets. Its calls may block for as long as they like; they are made one after the other, on one thread.
pub trait Backend: Send + 'static {
    /// The secret of an account, or nothing where it has none.
    ///
    /// # Errors
    /// Why it cannot be known.
    fn get(&mut self, service: &str, account: &str) -> Result<Option<Secret>, SecretError>;

    /// Keeps a secret, in the place of the one that the account has.
    ///
    /// # Errors
    /// Why it is not kept.
    fn set(&mut self, service: &str, account: &str, secret: &Secret) -> Result<(), SecretError>;

    /// Forgets the secret of an account; having none is fine.
    ///
    /// # Errors
    /// Why it is still kept.
    fn delete(&mut self, service: &str, account: &str) -> Result<(), SecretError>;

    /// Finds out whether secrets can be kept, without touching one.
    ///
    /// # Errors
    /// Why they cannot.
    fn probe(&mut self, service: &str) -> Result<(), SecretError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_its_code() {
        for (error, expected) in [
            (SecretError::Absent, AppError::new(ErrorCode::SecretStoreAbsent)),
            (SecretError::Locked, AppError::new(ErrorCode::SecretStoreLocked)),
            (SecretError::Denied, AppError::new(ErrorCode::SecretStoreDenied)),
            (SecretError::TimedOut, AppError::new(ErrorCode::SecretStoreFailed).with_detail("no answer in time")),
            (SecretError::Failed("x".into()), AppError::new(ErrorCode::SecretStoreFailed).with_detail("x")),
        ] {
            assert_eq!(AppError::from(error), expected);
        }
    }
}
