//! The closed set of error codes. The window owns the words; Rust sends the code and, behind a disclosure, the details.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What went wrong, as a closed set that the window translates.
///
/// The first group classifies what a model server did; a failure is classified once, where it is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ErrorCode {
    /// The address could not be resolved or routed.
    Unreachable,
    /// The host answered that nothing listens there.
    Refused,
    /// No connection within the profile's connect timeout.
    TimeoutConnect,
    /// Connected, but no token within the profile's first-token timeout.
    TimeoutFirstToken,
    /// The stream went silent for longer than the profile's idle timeout.
    TimeoutIdle,
    /// The certificate or the handshake was not acceptable.
    Tls,
    /// 401 or 403: the key is missing or wrong.
    Unauthorised,
    /// 429; `retry_after_ms` says when, if the server did.
    RateLimited,
    /// The server does not serve the model.
    ModelNotFound,
    /// The messages and the answer do not fit the model's context.
    ContextTooLong,
    /// Any other 4xx: the server did not accept the request.
    BadRequest,
    /// 503 or a server that says it is busy.
    Overloaded,
    /// Any other 5xx, or an error object inside a stream.
    Server,
    /// The stream ended without its end mark; the text so far is kept.
    Truncated,
    /// The answer could not be understood, or a line was longer than the limit.
    Malformed,
    /// The server answered with canned or simulated text, which is never shown as a model's.
    Simulated,
    /// The user stopped it.
    Cancelled,

    /// The conversation, message or profile does not exist (any more).
    NotFound,
    /// A value is not acceptable; `field` names it.
    InvalidInput,
    /// No profile is chosen yet.
    NoProfile,
    /// The profile has no model that could answer.
    NoModel,
    /// The profile's file cannot be understood; `field` and `detail` say where.
    ProfileInvalid,
    /// The answer is already being written.
    Busy,
    /// The disk is full.
    StorageFull,
    /// The data directory cannot be written.
    StorageReadOnly,
    /// The database was written by a newer version.
    StorageNewer,
    /// The database is damaged.
    StorageDamaged,
    /// Any other failure of the database.
    StorageFailed,
    /// The history is encrypted, and its key is not at hand.
    HistoryLocked,
    /// There is no secret store on this computer.
    SecretStoreAbsent,
    /// The secret store is locked.
    SecretStoreLocked,
    /// The secret store refused.
    SecretStoreDenied,
    /// The secret store failed or did not answer in time.
    SecretStoreFailed,
    /// The vault could not be opened with this passphrase.
    VaultWrongPassphrase,
    /// The vault's file is damaged, or was written by a newer version.
    VaultDamaged,
    /// Signing in took longer than an attempt lives.
    SignInExpired,
    /// The person or the provider said no while signing in.
    SignInRefused,
    /// The provider's answer did not pass the checks, so nobody was signed in.
    SignInRejected,
    /// The sign-in service could not be reached, or does not speak the protocol.
    SignInUnavailable,
    /// The session is over: it expired or was revoked. Signing in again heals it.
    SessionExpired,
    /// Another program has the port on which the sign-in server answers; `detail` names it where the system tells.
    PortTaken,
    /// The credentials were not sent: the address is not private and the connection not encrypted.
    InsecureTransport,
    /// The link is of a kind that is never opened.
    LinkRefused,
    /// The system could not print the page.
    PrintFailed,
    /// A defect of ours.
    Internal,
}

/// An error as the window receives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AppError {
    /// What happened, as a code.
    pub code: ErrorCode,
    /// What the other side said, untranslated; redacted, shown behind a disclosure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub detail: Option<String>,
    /// When it makes sense to try again, in milliseconds from now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub retry_after_ms: Option<u64>,
    /// The input the error is about, as a path like `models[0].url`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub field: Option<String>,
}

impl AppError {
    /// An error with nothing but its code.
    pub fn new(code: ErrorCode) -> Self {
        Self { code, detail: None, retry_after_ms: None, field: None }
    }

    /// The same error with upstream details.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// The same error about one input.
    #[must_use]
    pub fn with_field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }
}

impl From<ErrorCode> for AppError {
    fn from(code: ErrorCode) -> Self {
        Self::new(code)
    }
}

impl std::fmt::Display for AppError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.code)?;
        self.detail.as_ref().map_or(Ok(()), |detail| write!(f, ": {detail}"))
    }
}

impl std::error::Error for AppError {}
