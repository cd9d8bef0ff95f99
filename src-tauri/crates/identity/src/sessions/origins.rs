//! Where tokens may go: to the origins that the profile names for them, and nowhere else.

use http::{HeaderValue, Request, header};
use url::{Origin, Url};

use super::Bearer;
use crate::transport::PlainConsent;

/// The origins that a profile names for a session's tokens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origins {
    named: Vec<Origin>,
    consent: PlainConsent,
}

/// Why a token does not go somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Withheld {
    /// The profile does not name the address.
    #[error("the profile does not name this address for the session")]
    Foreign,
    /// It would go unencrypted to another computer, without consent.
    #[error("the connection is not encrypted")]
    Insecure,
    /// It fits no header.
    #[error("the token fits no header")]
    Unfit,
}

impl Origins {
    /// The origins of these addresses.
    pub fn new<'a>(addresses: impl IntoIterator<Item = &'a Url>, consent: PlainConsent) -> Self {
        Self { named: addresses.into_iter().map(Url::origin).filter(Origin::is_tuple).collect(), consent }
    }

    /// Whether a token may go to an address. Asked again for every request, also for one that follows a redirect.
    ///
    /// # Errors
    /// Why it does not.
    pub fn check(&self, address: &Url) -> Result<(), Withheld> {
        if !self.named.contains(&address.origin()) {
            return Err(Withheld::Foreign);
        }
        if self.consent.allows(address) { Ok(()) } else { Err(Withheld::Insecure) }
    }

    /// Attaches a token to a request, if it may go there.
    ///
    /// # Errors
    /// Why it does not; the request is as it was.
    pub fn attach<B>(&self, request: &mut Request<B>, bearer: &Bearer) -> Result<(), Withheld> {
        let address = Url::parse(&request.uri().to_string()).map_err(|_| Withheld::Foreign)?;
        self.check(&address)?;
        let mut value = HeaderValue::from_str(&format!("Bearer {}", bearer.expose())).map_err(|_| Withheld::Unfit)?;
        value.set_sensitive(true);
        request.headers_mut().insert(header::AUTHORIZATION, value);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secret;
    use crate::sessions::AccountId;

    fn url(text: &str) -> Url {
        Url::parse(text).expect("an address")
    }

    #[test]
    fn tokens_go_where_the_profile_says_and_nowhere_else() {
        let named = [
            url("https://api.example/v1"),
            url("http://127.0.0.1:5005"),
            url("http://fleet.example:5001"),
            url("http://consented.example:5001/x"),
            url("file:///home"),
        ];
        let origins = Origins::new(&named, PlainConsent::to([&url("http://consented.example:5001")]));
        for (address, expected) in [
            ("https://api.example/anything?x", Ok(())),
            ("https://api.example:443/", Ok(())),
            ("http://127.0.0.1:5005/api", Ok(())),
            ("http://consented.example:5001/", Ok(())),
            ("http://fleet.example:5001/", Err(Withheld::Insecure)),
            ("http://api.example/v1", Err(Withheld::Foreign)),
            ("https://api.example:8443/v1", Err(Withheld::Foreign)),
            ("https://evil.example/https://api.example/v1", Err(Withheld::Foreign)),
            ("https://api.example@evil.example/v1", Err(Withheld::Foreign)),
            ("https://api.example.evil.example/v1", Err(Withheld::Foreign)),
            ("http://127.0.0.1:5006/", Err(Withheld::Foreign)),
            ("http://localhost:5005/", Err(Withheld::Foreign)),
            ("file:///home", Err(Withheld::Foreign)),
        ] {
            assert_eq!(origins.check(&url(address)), expected, "{address}");
        }
        assert_eq!(Origins::default().check(&url("https://api.example")), Err(Withheld::Foreign));
    }

    #[test]
    fn a_token_is_attached_only_where_it_may_go() {
        let origins = Origins::new(&[url("https://api.example")], PlainConsent::default());
        let bearer = |token: &str| Bearer {
            account: AccountId { issuer: "i".into(), subject: "s".into() },
            token: Secret::new(token.to_owned()),
        };
        let mut request = Request::get("https://api.example/x").body(()).expect("a request");
        assert_eq!(origins.attach(&mut request, &bearer("t\n")), Err(Withheld::Unfit));
        assert!(request.headers().is_empty());
        assert_eq!(origins.attach(&mut request, &bearer("t-1")), Ok(()));
        assert_eq!(request.headers()["authorization"], "Bearer t-1");
        assert!(!format!("{request:?}").contains("t-1"), "it is marked as sensitive");
        let mut request = Request::get("https://evil.example/x").body(()).expect("a request");
        assert_eq!(origins.attach(&mut request, &bearer("t-1")), Err(Withheld::Foreign));
        assert!(request.headers().is_empty());
    }
}
