//! How this crate speaks HTTP: through whatever the program brings. Here is what holds for every request whoever sends it:
//! nothing leaves unencrypted for another computer without consent, nothing is waited for without end, and no answer is
//! longer than an honest one.

use std::collections::HashSet;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use capibara6_protocol::{AppError, ErrorCode};
use http::{Request, Response};
use url::{Host, Origin, Url};

/// How long an answer may take.
pub const ANSWER_DEADLINE: Duration = Duration::from_secs(20);

/// The longest body that is read. Key sets and tokens have a few kilobytes.
pub const LARGEST_ANSWER: usize = 1024 * 1024;

/// An answer under way.
pub type Sending = Pin<Box<dyn Future<Output = Result<Response<Vec<u8>>, AppError>> + Send>>;

/// Sends requests: the program's one HTTP client. It follows no redirects, reads no more than [`LARGEST_ANSWER`], and logs
/// neither bodies nor queries.
pub trait Transport: Send + Sync + 'static {
    /// Sends a request and gives the answer, whatever its status.
    fn send(&self, request: Request<Vec<u8>>) -> Sending;
}

/// The addresses on other computers to which a person lets credentials go unencrypted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlainConsent(HashSet<Origin>);

impl PlainConsent {
    /// Consent for the origins of these addresses.
    pub fn to<'a>(addresses: impl IntoIterator<Item = &'a Url>) -> Self {
        Self(addresses.into_iter().map(Url::origin).collect())
    }

    /// Whether credentials may go there: encrypted, to this computer, or with consent.
    pub fn allows(&self, address: &Url) -> bool {
        match address.scheme() {
            "https" => true,
            "http" => is_loopback(address) || self.0.contains(&address.origin()),
            _ => false,
        }
    }
}

/// Whether an address is this computer's, by its own words: names are not resolved.
pub(crate) fn is_loopback(address: &Url) -> bool {
    match address.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// A transport and what holds for every request. Clones are the same.
#[derive(Clone)]
pub struct Http {
    transport: Arc<dyn Transport>,
    consent: Arc<RwLock<PlainConsent>>,
}

impl Http {
    /// Sends through this transport.
    pub fn new(transport: impl Transport, consent: PlainConsent) -> Self {
        Self { transport: Arc::new(transport), consent: Arc::new(RwLock::new(consent)) }
    }

    /// From now on this consent holds, and no other.
    pub fn consent_to(&self, consent: PlainConsent) {
        *self.consent.write().unwrap_or_else(PoisonError::into_inner) = consent;
    }

    /// The consent that holds.
    pub fn consent(&self) -> PlainConsent {
        self.consent.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether credentials may go to an address.
    pub(crate) fn allows(&self, address: &Url) -> bool {
        self.consent().allows(address)
    }

    /// Sends a request.
    ///
    /// # Errors
    /// `insecure-transport` where nothing was sent, `timeout-first-token` where nothing came, `malformed` where too much
    /// did; otherwise the transport's.
    pub(crate) async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, AppError> {
        let address = Url::parse(&request.uri().to_string())
            .map_err(|error| AppError::new(ErrorCode::InvalidInput).with_detail(error.to_string()))?;
        if !self.allows(&address) {
            return Err(AppError::new(ErrorCode::InsecureTransport).with_detail(address.origin().ascii_serialization()));
        }
        let response = tokio::time::timeout(ANSWER_DEADLINE, self.transport.send(request))
            .await
            .map_err(|_| AppError::new(ErrorCode::TimeoutFirstToken))??;
        if response.body().len() > LARGEST_ANSWER {
            return Err(AppError::new(ErrorCode::Malformed).with_detail("a longer answer than is read"));
        }
        Ok(response)
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http").field("consent", &self.consent()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_go_encrypted_or_nowhere_else_or_with_consent() {
        let consent = PlainConsent::to([&Url::parse("http://fleet.example:5004/auth").expect("an address")]);
        for (address, allowed) in [
            ("https://fleet.example", true),
            ("http://127.0.0.1:9600/token", true),
            ("http://127.9.9.9/", true),
            ("http://[::1]:9600/", true),
            ("http://localhost:5004/", true),
            ("http://fleet.example:5004/elsewhere", true),
            ("http://fleet.example:5005/", false),
            ("http://fleet.example/", false),
            ("http://10.0.0.7:5004/", false),
            ("http://localhost.evil.example/", false),
            ("http://127.0.0.1.evil.example/", false),
            ("ftp://127.0.0.1/", false),
            ("file:///etc/passwd", false),
        ] {
            assert_eq!(consent.allows(&Url::parse(address).expect("an address")), allowed, "{address}");
        }
    }
}
