//! The token of the active session, for those who send requests to the fleet: it goes to the origins that the profile names
//! for it, and nowhere else. A redirect never carries it elsewhere, because the client follows none that leaves its origin.

use capibara6_identity::{Bearer, Http, Origins, PlainConsent, Sessions, Withheld};
use capibara6_llm::ApiKey;
use capibara6_protocol::{AppError, Profile};
use url::Url;

use super::ways;

/// Gives tokens. Clones are the same.
#[derive(Clone, Debug)]
pub(crate) struct Pass {
    sessions: Sessions,
    http: Http,
}

/// What there is for an address.
#[derive(Debug, Clone)]
pub(crate) enum Token {
    /// Nothing: nobody is signed in, or it is not for this address.
    None,
    /// This goes with the request.
    Sent(ApiKey, Bearer),
    /// There is one and the profile names the address, but it is another computer's, not encrypted, and without consent.
    Withheld,
}

impl Pass {
    pub(super) fn new(sessions: Sessions, http: Http) -> Self {
        Self { sessions, http }
    }

    /// The consent that holds now.
    pub(crate) fn consent(&self) -> PlainConsent {
        self.http.consent()
    }

    /// What there is for an address of a profile. `stale` is what the address has just refused.
    ///
    /// # Errors
    /// `session-expired`, or why it could not be renewed.
    pub(crate) async fn token(
        &self,
        profile: &Profile,
        address: &Url,
        stale: Option<&Bearer>,
    ) -> Result<Token, AppError> {
        let Some(account) = self.sessions.active().filter(|account| ways::leads_to(profile, &account.issuer)) else {
            return Ok(Token::None);
        };
        let named = ways::token_addresses(profile);
        match Origins::new(&named, self.http.consent()).check(address) {
            Ok(()) => {}
            Err(Withheld::Insecure) => return Ok(Token::Withheld),
            Err(Withheld::Foreign | Withheld::Unfit) => return Ok(Token::None),
        }
        // Whoever signs over meanwhile takes their own token with them.
        let bearer = self.sessions.bearer(stale).await?.filter(|bearer| *bearer.account() == account);
        Ok(match bearer {
            Some(bearer) => match ApiKey::new(bearer.expose()) {
                Ok(key) => {
                    capibara6_logging::protect(bearer.expose());
                    Token::Sent(key, bearer)
                }
                Err(_) => {
                    tracing::warn!("the session's token cannot be sent as a header");
                    Token::None
                }
            },
            None => Token::None,
        })
    }

    /// Whether an address of a profile may get tokens at all, now or later.
    pub(crate) fn may_go_to(&self, profile: &Profile, address: &str) -> bool {
        ways::names(profile, address)
    }
}
