//! Why nobody was signed in.

use capibara6_protocol::{AppError, ErrorCode};

use super::listener::ListenError;

/// Why nobody was signed in. No variant holds a secret, nor anything that was sent in the place of one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignInError {
    /// The person, or the program for them, gave the attempt up.
    #[error("cancelled")]
    Cancelled,
    /// The attempt's life ended.
    #[error("nobody arrived in time")]
    Expired,
    /// Another attempt is under way.
    #[error("another attempt is under way")]
    Busy,
    /// The person or the provider said no (`error` of RFC 6749 §4.1.2.1, RFC 8628 §3.5).
    #[error("refused: {error}{}", .description.as_ref().map(|text| format!(": {text}")).unwrap_or_default())]
    Refused {
        /// The error code.
        error: String,
        /// What the provider says about it.
        description: Option<String>,
    },
    /// The answer did not pass a check.
    #[error("{0}")]
    Rejected(Distrust),
    /// The provider could not be asked, or does not speak the protocol.
    #[error("{0}")]
    Unavailable(String),
    /// Credentials would have gone unencrypted to another computer, without consent.
    #[error("not encrypted: {0}")]
    Insecure(String),
    /// Another program has the fixed port.
    #[error("port {port}{}", .holder.as_ref().map(|name| format!(": {name}")).unwrap_or_default())]
    PortTaken {
        /// The port.
        port: u16,
        /// Who has it, where the system tells.
        holder: Option<String>,
    },
}

/// The check that an answer did not pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Distrust {
    /// The provider does not take the code: it was used, has expired, or is another attempt's.
    #[error("the provider does not take the code")]
    Code,
    /// There is no ID token.
    #[error("there is no ID token")]
    NoIdToken,
    /// The ID token is another attempt's.
    #[error("the ID token's nonce is another one")]
    Nonce,
    /// The ID token is another provider's.
    #[error("the ID token's issuer is another one")]
    Issuer,
    /// The ID token is for another program.
    #[error("the ID token is for another audience")]
    Audience,
    /// No key of the provider's has signed the ID token.
    #[error("the ID token's signature is not the provider's")]
    Signature,
    /// The ID token is not valid now.
    #[error("the ID token is not valid at this time")]
    Time,
    /// The ID token is somebody else's than the session's.
    #[error("the ID token is somebody else's")]
    Subject,
    /// The access token is not the one that the ID token names.
    #[error("the access token is not the ID token's")]
    AccessToken,
    /// The answer cannot be read, or lacks what it must have.
    #[error("the answer cannot be read")]
    Unreadable,
    /// The sign-in server does not know the token that was brought.
    #[error("the sign-in server does not know the token")]
    NotValid,
}

impl From<Distrust> for SignInError {
    fn from(distrust: Distrust) -> Self {
        Self::Rejected(distrust)
    }
}

impl From<AppError> for SignInError {
    /// A request that failed on its way.
    fn from(error: AppError) -> Self {
        if error.code == ErrorCode::InsecureTransport {
            return Self::Insecure(error.detail.unwrap_or_default());
        }
        Self::Unavailable(error.to_string())
    }
}

impl From<ListenError> for SignInError {
    fn from(error: ListenError) -> Self {
        match error {
            ListenError::Taken { port, holder } => Self::PortTaken { port, holder },
            ListenError::Failed(error) => Self::Unavailable(error.to_string()),
        }
    }
}

impl From<SignInError> for AppError {
    fn from(error: SignInError) -> Self {
        let code = match &error {
            SignInError::Cancelled => ErrorCode::Cancelled,
            SignInError::Expired => ErrorCode::SignInExpired,
            SignInError::Busy => ErrorCode::Busy,
            SignInError::Refused { .. } => ErrorCode::SignInRefused,
            SignInError::Rejected(_) => ErrorCode::SignInRejected,
            SignInError::Unavailable(_) => ErrorCode::SignInUnavailable,
            SignInError::Insecure(_) => ErrorCode::InsecureTransport,
            SignInError::PortTaken { .. } => ErrorCode::PortTaken,
        };
        match error {
            SignInError::Cancelled | SignInError::Expired | SignInError::Busy => Self::new(code),
            SignInError::Refused { .. }
            | SignInError::Rejected(_)
            | SignInError::Unavailable(_)
            | SignInError::Insecure(_)
            | SignInError::PortTaken { .. } => Self::new(code).with_detail(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_has_its_code_and_its_details() {
        let error = |code, detail: &str| AppError::new(code).with_detail(detail);
        for (failure, expected) in [
            (SignInError::Cancelled, AppError::new(ErrorCode::Cancelled)),
            (SignInError::Expired, AppError::new(ErrorCode::SignInExpired)),
            (SignInError::Busy, AppError::new(ErrorCode::Busy)),
            (
                SignInError::Refused { error: "access_denied".into(), description: Some("No thanks".into()) },
                error(ErrorCode::SignInRefused, "refused: access_denied: No thanks"),
            ),
            (
                SignInError::Rejected(Distrust::Nonce),
                error(ErrorCode::SignInRejected, "the ID token's nonce is another one"),
            ),
            (SignInError::Unavailable("503".into()), error(ErrorCode::SignInUnavailable, "503")),
            (
                SignInError::Insecure("http://a.example".into()),
                error(ErrorCode::InsecureTransport, "not encrypted: http://a.example"),
            ),
            (
                SignInError::PortTaken { port: 8000, holder: Some("python3 (42)".into()) },
                error(ErrorCode::PortTaken, "port 8000: python3 (42)"),
            ),
            (SignInError::PortTaken { port: 8000, holder: None }, error(ErrorCode::PortTaken, "port 8000")),
        ] {
            assert_eq!(AppError::from(failure), expected);
        }
    }
}
