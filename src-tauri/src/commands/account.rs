//! Accounts: who is signed in, how one signs in, and where secrets are kept.

use capibara6_protocol::{
    AccountForget, AccountRef, Accounts, AppError, PlainConsentSet, SecretKeepingSet, SignInAttempt, SignInBegin,
    SignedIn, SignedOut, VaultUnlock,
};
use tauri::State;

use crate::backend::Backend;

/// Everything about accounts.
#[tauri::command]
pub async fn account_state(backend: State<'_, Backend>) -> Result<Accounts, AppError> {
    backend.core().await.account_state().await
}

/// Makes another account the active one.
#[tauri::command]
pub async fn account_switch(backend: State<'_, Backend>, request: AccountRef) -> Result<Accounts, AppError> {
    backend.core().await.account_switch(request).await
}

/// Opens the history of nobody in particular.
#[tauri::command]
pub async fn account_leave(backend: State<'_, Backend>) -> Result<Accounts, AppError> {
    backend.core().await.account_leave().await
}

/// Forgets an account on this computer.
#[tauri::command]
pub async fn account_forget(backend: State<'_, Backend>, request: AccountForget) -> Result<Accounts, AppError> {
    backend.core().await.account_forget(request).await
}

/// Starts an attempt to sign in and opens the browser.
#[tauri::command]
pub async fn sign_in_begin(backend: State<'_, Backend>, request: SignInBegin) -> Result<SignInAttempt, AppError> {
    backend.core().await.sign_in_begin(request).await
}

/// Opens the browser again.
#[tauri::command]
pub async fn sign_in_open_again(backend: State<'_, Backend>) -> Result<(), AppError> {
    backend.core().await.sign_in_open_again().await
}

/// The link that the browser opens, to be copied.
#[tauri::command]
pub async fn sign_in_link(backend: State<'_, Backend>) -> Result<String, AppError> {
    backend.core().await.sign_in_link().await
}

/// Gives the attempt up.
#[tauri::command]
pub async fn sign_in_cancel(backend: State<'_, Backend>) -> Result<(), AppError> {
    backend.core().await.sign_in_cancel().await
}

/// The person who arrived is the user.
#[tauri::command]
pub async fn sign_in_confirm(backend: State<'_, Backend>) -> Result<SignedIn, AppError> {
    backend.core().await.sign_in_confirm().await
}

/// Ends an account's session.
#[tauri::command]
pub async fn sign_out(backend: State<'_, Backend>, request: AccountRef) -> Result<SignedOut, AppError> {
    backend.core().await.sign_out(request).await
}

/// Asks the secret store again how it does.
#[tauri::command]
pub async fn secret_keeping_check(backend: State<'_, Backend>) -> Result<Accounts, AppError> {
    backend.core().await.secret_keeping_check().await
}

/// Chooses where secrets are kept.
#[tauri::command]
pub async fn secret_keeping_set(backend: State<'_, Backend>, request: SecretKeepingSet) -> Result<Accounts, AppError> {
    backend.core().await.secret_keeping_set(request).await
}

/// Opens the vault with its passphrase.
#[tauri::command]
pub async fn vault_unlock(backend: State<'_, Backend>, request: VaultUnlock) -> Result<Accounts, AppError> {
    backend.core().await.vault_unlock(request).await
}

/// Deletes a vault that is closed, with all that is in it.
#[tauri::command]
pub async fn vault_discard(backend: State<'_, Backend>) -> Result<Accounts, AppError> {
    backend.core().await.vault_discard().await
}

/// Lets credentials go unencrypted to an address, or takes that back.
#[tauri::command]
pub async fn plain_consent_set(backend: State<'_, Backend>, request: PlainConsentSet) -> Result<Accounts, AppError> {
    backend.core().await.plain_consent_set(request).await
}
