//! Accounts: who is signed in, how one signs in, and where secrets are kept. No secret is in any view; the few that go the
//! other way (a passphrase) are never shown by `Debug`.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{AccountKey, AppError, ErrorCode, ProfileId};

/// Everything about accounts. It is put together from what is in memory and waits for nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Accounts {
    /// Who is signed in.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<AccountView>,
    /// Everybody who has signed in on this computer and was not forgotten; the active account is among them.
    pub known: Vec<AccountView>,
    /// How one can sign in with the active profile.
    pub ways: Vec<SignInWay>,
    /// The attempt to sign in that is under way or has failed.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<SignInAttempt>,
    /// Where secrets are kept.
    pub keeping: SecretKeeping,
    /// The addresses to which credentials may go unencrypted because the user said so.
    pub consents: Vec<PlainConsent>,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AccountView {
    /// Its name among the accounts.
    pub account: AccountKey,
    /// How the person came.
    pub method: SignInMethod,
    /// Who vouches for them: an OpenID issuer, or the origin of a sign-in server.
    pub provider: String,
    /// Who they are to the provider.
    pub subject: String,
    /// What they call themselves, where they say.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Their e-mail, where they say. It proves nothing.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// How the session stands.
    pub state: AccountState,
    /// When the token at hand expires, where that is known; what can be renewed is renewed before.
    #[ts(optional, type = "number")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<i64>,
}

/// How the session of an account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum AccountState {
    /// As the last run left it; it is used until somebody says otherwise.
    Remembered,
    /// The provider said in this run that it is good.
    Confirmed,
    /// It expired, was revoked, or its secret is gone. The history stays open; signing in again heals it.
    Expired,
    /// The user signed out. The history is closed until the next sign-in.
    SignedOut,
}

/// A way to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum SignInMethod {
    /// An OpenID Connect provider.
    Oidc,
    /// GitHub, through the fleet's sign-in server.
    Github,
    /// Google, through the fleet's sign-in server.
    Google,
    /// The device flow.
    Device,
    /// No account: a key per endpoint, which `key_set` stores.
    ApiKey,
}

/// A way to sign in that the profile offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SignInWay {
    /// Which one.
    pub method: SignInMethod,
    /// The origin that it leads to; absent for keys.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// The origin for which `plain_http_consent` is due before: it is another computer's and not encrypted.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub insecure: Option<String>,
}

/// An attempt to sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "stage", rename_all = "kebab-case")]
pub enum SignInAttempt {
    /// The provider is being asked.
    Starting {
        /// By which way.
        method: SignInMethod,
        /// Whose page it leads to.
        provider: String,
    },
    /// The person is in their browser.
    Waiting {
        /// By which way.
        method: SignInMethod,
        /// Whose page it leads to.
        provider: String,
        /// Until when.
        #[ts(type = "number")]
        expires_at: i64,
        /// What the person types there, in the device flow.
        #[ts(optional)]
        #[serde(skip_serializing_if = "Option::is_none")]
        device: Option<DevicePrompt>,
        /// Why no browser was opened: the person has to take the link there themselves.
        #[ts(optional)]
        #[serde(skip_serializing_if = "Option::is_none")]
        browser: Option<AppError>,
    },
    /// Somebody arrived, and nothing is stored before `sign_in_confirm`.
    Arrived {
        /// By which way.
        method: SignInMethod,
        /// Who vouches for them.
        provider: String,
        /// Who they are to the provider.
        subject: String,
        /// What they call themselves, where they say.
        #[ts(optional)]
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// Their e-mail, where they say.
        #[ts(optional)]
        #[serde(skip_serializing_if = "Option::is_none")]
        email: Option<String>,
    },
    /// Nobody was signed in. `sign_in_cancel` or another `sign_in_begin` ends this.
    Failed {
        /// By which way.
        method: SignInMethod,
        /// Whose page it led to.
        provider: String,
        /// Why.
        error: AppError,
    },
}

/// What the person does in the device flow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DevicePrompt {
    /// The code to type.
    pub user_code: String,
    /// The page to type it on.
    pub address: String,
}

/// Starts an attempt; one that is there is given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SignInBegin {
    /// By which way; `api-key` is none.
    pub method: SignInMethod,
}

/// Somebody is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SignedIn {
    /// Who.
    pub account: AccountView,
    /// Why the session is not in the secret store: it lasts until the program ends.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_kept: Option<AppError>,
}

/// Names an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AccountRef {
    /// Which one.
    pub account: AccountKey,
}

/// What became of a session that was ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SignedOut {
    /// What the provider did.
    pub revocation: Revocation,
    /// Why the secret is still in the store, when it is. Nobody is signed in with it all the same; asking again removes it.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub still_stored: Option<AppError>,
}

/// What a provider did with the tokens of a session that was ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Revocation {
    /// It forgot them.
    Done,
    /// It offers no such thing: what tokens there were stay good until they expire.
    NotOffered,
    /// It could not be asked, or did not do it.
    Failed,
}

/// Forgets an account on this computer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AccountForget {
    /// Which one.
    pub account: AccountKey,
    /// What becomes of its history.
    pub history: ForgottenHistory,
}

/// What becomes of the history of an account that is forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum ForgottenHistory {
    /// It waits for the next sign-in.
    Keep,
    /// It is deleted from this computer.
    Delete,
}

/// Where secrets are kept, and how that goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SecretKeeping {
    /// Where.
    pub place: KeepIn,
    /// What is wrong there, as far as it was asked.
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<ErrorCode>,
    /// The vault file.
    pub vault: VaultState,
}

/// A place for secrets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum KeepIn {
    /// The operating system's secret store.
    #[default]
    System,
    /// Memory, until the program ends.
    Session,
    /// A file that is encrypted under a passphrase.
    Vault,
}

/// How the vault file stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum VaultState {
    /// There is none.
    Absent,
    /// There is one, and its passphrase was not entered in this run.
    Locked,
    /// It is in use.
    Open,
}

/// Chooses where secrets are kept from now on. The active session and the keys at hand go along.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SecretKeepingSet {
    /// Where.
    pub place: KeepIn,
    /// For the vault: that of the one that is there, or of the new one.
    #[ts(optional)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passphrase: Option<String>,
}

impl std::fmt::Debug for SecretKeepingSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecretKeepingSet").field("place", &self.place).finish_non_exhaustive()
    }
}

/// Opens the vault.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct VaultUnlock {
    /// Its passphrase.
    pub passphrase: String,
}

impl std::fmt::Debug for VaultUnlock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VaultUnlock").finish_non_exhaustive()
    }
}

/// An address on another computer to which credentials may go unencrypted, with one profile.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
pub struct PlainConsent {
    /// The profile.
    pub profile: ProfileId,
    /// Scheme, host and port.
    pub origin: String,
}

/// Gives or takes back the consent for the active profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PlainConsentSet {
    /// An address; its scheme, host and port count.
    pub origin: String,
    /// Which of the two.
    pub consent: Consent,
}

/// Whether the user agrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Consent {
    /// Yes, until it is taken back.
    Given,
    /// No.
    Withdrawn,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_passphrase_is_shown_by_debug() {
        let set = SecretKeepingSet { place: KeepIn::Vault, passphrase: Some("p-canary".into()) };
        let unlock = VaultUnlock { passphrase: "p-canary".into() };
        for shown in [format!("{set:?}"), format!("{unlock:?}")] {
            assert!(!shown.contains("canary"), "{shown}");
        }
    }
}
