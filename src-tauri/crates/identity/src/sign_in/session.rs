//! Who arrived, and what they brought.

use serde::{Deserialize, Serialize};

use crate::Secret;

/// The way by which somebody signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// An OpenID Connect provider.
    Oidc,
    /// GitHub, through the fleet's sign-in server.
    Github,
    /// Google, through the fleet's sign-in server.
    Google,
    /// The device flow.
    Device,
}

/// Who arrived. Everything a person wrote about themselves is cleaned by [`shown`] before it gets here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// How they came.
    pub method: Method,
    /// Who vouches for them: an OpenID issuer, or the origin of a sign-in server.
    pub issuer: String,
    /// Who they are to the issuer; never changes and is never given to somebody else.
    pub subject: String,
    /// What they call themselves, where they say.
    pub name: Option<String>,
    /// Their e-mail, where they say. It proves nothing.
    pub email: Option<String>,
}

/// The longest text about a person that is shown.
const LONGEST: usize = 200;

/// A text about a person as it may be shown: one line, no longer than a line, and without the characters that hide or turn
/// around what stands beside them (<https://trojansource.codes>). Nothing where nothing is left.
pub fn shown(text: &str) -> Option<String> {
    let kept: String = text
        .chars()
        .map(|character| if character.is_whitespace() { ' ' } else { character })
        .filter(|character| !character.is_control() && !turns_text_around(*character))
        .take(LONGEST)
        .collect();
    let kept = kept.trim();
    (!kept.is_empty()).then(|| kept.to_owned())
}

fn turns_text_around(character: char) -> bool {
    matches!(character,
        '\u{061c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// A session: the person and their tokens. It is stored nowhere until somebody gives it to [`crate::Sessions::keep`].
#[derive(Debug, Clone)]
pub struct Session {
    /// Who it is.
    pub person: Person,
    /// Who gave the tokens, and how they are renewed.
    pub issued: Issued,
    /// The tokens; nothing where the session is over and only its person is remembered.
    pub tokens: Option<Tokens>,
}

/// Who gave the tokens: what is needed to renew, check and revoke them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "kebab-case")]
pub enum Issued {
    /// An OpenID provider.
    Oidc {
        /// Its issuer.
        issuer: String,
        /// Our id there.
        client_id: String,
    },
    /// The fleet's sign-in server.
    Fleet {
        /// Its base address.
        base: String,
    },
    /// A server of the device flow.
    Device {
        /// The address that tells whose a token is.
        user: String,
    },
}

/// The tokens of a session. `Debug` shows none of them.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// What services are shown.
    pub access: Secret,
    /// When it expires, in seconds since 1970, where that is known.
    pub expires_at: Option<u64>,
    /// When it is time to buy the next one, some seconds before.
    pub renew_at: Option<u64>,
    /// What buys the next access token. With rotation, it does so once.
    pub refresh: Option<Secret>,
}

impl Tokens {
    /// Tokens of which the access token lasts for so many seconds, where that is known.
    pub(crate) fn new(access: Secret, refresh: Option<Secret>, now: u64, lasts: Option<u64>) -> Self {
        /// The longest time before the end at which the next one is bought; a quarter of short lives.
        const MARGIN: u64 = 30;
        let expires_at = lasts.map(|lasts| now.saturating_add(lasts));
        let renew_at = lasts.map(|lasts| now.saturating_add(lasts - MARGIN.min(lasts / 4)));
        Self { access, expires_at, renew_at, refresh }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_honest_line() {
        for (text, expected) in [
            ("José Ñandú 🦫", Some("José Ñandú 🦫")),
            ("  Ana\n\tMaría \r\n", Some("Ana  María")),
            ("admin\u{202e}nimda", Some("adminnimda")),
            ("a\u{0}\u{1b}[31mb\u{200b}\u{feff}", Some("a[31mb")),
            ("مرحبا", Some("مرحبا")),
            (" \u{2066}\u{7} ", None),
            ("", None),
        ] {
            assert_eq!(shown(text).as_deref(), expected, "{text:?}");
        }
        assert_eq!(shown(&"é".repeat(1000)).map(|text| text.chars().count()), Some(LONGEST));
    }
}
