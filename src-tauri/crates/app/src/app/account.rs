//! Accounts: who is signed in, how one signs in, and where secrets are kept.

use capibara6_protocol::*;

use super::App;

impl App {
    /// Everything about accounts; waits for nothing.
    pub async fn account_state(&self) -> Result<Accounts, AppError> {
        Err(ErrorCode::Internal.into())
    }

    /// Makes another account the active one, with its history.
    pub async fn account_switch(&self, _request: AccountRef) -> Result<Accounts, AppError> {
        Err(ErrorCode::Internal.into())
    }

    /// Forgets an account on this computer.
    pub async fn account_forget(&self, _request: AccountForget) -> Result<Accounts, AppError> {
        Err(ErrorCode::Internal.into())
    }

    /// Starts an attempt to sign in and opens the browser.
    pub async fn sign_in_begin(&self, _request: SignInBegin) -> Result<SignInAttempt, AppError> {
        Err(ErrorCode::Internal.into())
    }

    /// Opens the browser again.
    pub async fn sign_in_open_again(&self) -> Result<(), AppError> {
        Err(ErrorCode::Internal.into())
    }

    /// The link that the browser opens.
    pub async fn sign_in_link(&self) -> Result<String, AppError> {
        Err(ErrorCode::Internal.into())
    }

    /// Gives the attempt up.
    pub async fn sign_in_cancel(&self) -> Result<(), AppError> {
        Err(ErrorCode::Internal.into())
    }

    /// The person who arrived is the user.
    pub async fn sign_in_confirm(&self) -> Result<SignedIn, AppError> {
        Err(ErrorCode::Internal.into())
    }

    /// Ends an account's session.
    pub async fn sign_out(&self, _request: AccountRef) -> Result<SignedOut, AppError> {
        Err(ErrorCode::Internal.into())
    }

    /// Asks the secret store again how it does.
    pub async fn secret_keeping_check(&self) -> Result<Accounts, AppError> {
        Err(ErrorCode::Internal.into())
    }

    /// Chooses where secrets are kept.
    pub async fn secret_keeping_set(&self, _request: SecretKeepingSet) -> Result<Accounts, AppError> {
        Err(ErrorCode::Internal.into())
    }

    /// Opens the vault.
    pub async fn vault_unlock(&self, _request: VaultUnlock) -> Result<Accounts, AppError> {
        Err(ErrorCode::Internal.into())
    }

    /// Lets credentials go unencrypted to an address, or takes that back.
    pub async fn plain_consent_set(&self, _request: PlainConsentSet) -> Result<Accounts, AppError> {
        Err(ErrorCode::Internal.into())
    }
}
