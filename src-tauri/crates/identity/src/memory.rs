//! A keeper of secrets that forgets: for the people who want to stay signed in until the program ends and no longer, and
//! for computers that have no keeper of their own.

use std::collections::HashMap;

use crate::{Backend, Secret, SecretError};

/// Keeps secrets in memory, overwritten when it is dropped.
#[derive(Debug, Default)]
pub struct Memory(HashMap<(String, String), Secret>);

impl Backend for Memory {
    fn get(&mut self, service: &str, account: &str) -> Result<Option<Secret>, SecretError> {
        Ok(self.0.get(&(service.to_owned(), account.to_owned())).cloned())
    }

    fn set(&mut self, service: &str, account: &str, secret: &Secret) -> Result<(), SecretError> {
        self.0.insert((service.to_owned(), account.to_owned()), secret.clone());
        Ok(())
    }

    fn delete(&mut self, service: &str, account: &str) -> Result<(), SecretError> {
        self.0.remove(&(service.to_owned(), account.to_owned()));
        Ok(())
    }

    fn probe(&mut self, _service: &str) -> Result<(), SecretError> {
        Ok(())
    }
}

/// A keeper that is closed: what it has can be neither read nor changed before it is opened. It stands in for a vault whose
/// passphrase nobody has entered.
#[derive(Debug, Default)]
pub struct Closed;

impl Backend for Closed {
    fn get(&mut self, _service: &str, _account: &str) -> Result<Option<Secret>, SecretError> {
        Err(SecretError::Locked)
    }

    fn set(&mut self, _service: &str, _account: &str, _secret: &Secret) -> Result<(), SecretError> {
        Err(SecretError::Locked)
    }

    fn delete(&mut self, _service: &str, _account: &str) -> Result<(), SecretError> {
        Err(SecretError::Locked)
    }

    fn probe(&mut self, _service: &str) -> Result<(), SecretError> {
        Err(SecretError::Locked)
    }
}
