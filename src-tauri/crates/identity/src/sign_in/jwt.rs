//! Reads the claims of the token that the fleet's sign-in server issues: a JWT (RFC 7519) signed with a key that only the
//! server has. Nothing read here is believed before the server itself said that the token is valid; this only reads, and
//! reads correctly what `atob` does not: base64url without padding, UTF-8, and an e-mail that is `null`.

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::Deserialize;

/// The longest token that is read; the server's have a few hundred bytes.
pub const LONGEST: usize = 8 * 1024;

/// RFC 7515 §2: the alphabet for addresses, and no padding. Bits that mean nothing must be zero, so that every token has
/// one spelling.
const BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(false),
);

/// What the server's tokens say.
#[derive(Clone, PartialEq, Deserialize)]
pub struct Claims {
    /// `github_<id>` or `google_<id>`.
    pub user_id: String,
    /// The e-mail; empty or absent where it is private.
    #[serde(default)]
    pub email: Option<String>,
    /// The name; absent where the person gave none.
    #[serde(default)]
    pub name: Option<String>,
    /// `github` or `google`.
    pub provider: String,
    /// When it expires, in seconds since 1970. Libraries write it with or without a fraction (RFC 7519 §2).
    pub exp: f64,
}

impl std::fmt::Debug for Claims {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Claims").field("provider", &self.provider).field("exp", &self.exp).finish_non_exhaustive()
    }
}

/// Why a token cannot be read. Never says what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Longer than [`LONGEST`].
    #[error("longer than any honest token")]
    TooLong,
    /// Not three parts, each with something in it.
    #[error("not three parts")]
    Parts,
    /// The middle part is not base64url.
    #[error("not base64url")]
    Encoding,
    /// The middle part does not hold the claims.
    #[error("not the claims of a sign-in server")]
    Claims,
}

/// Reads the claims, without a look at the signature.
///
/// # Errors
/// Why they cannot be read.
pub fn read(token: &str) -> Result<Claims, Unreadable> {
    if token.len() > LONGEST {
        return Err(Unreadable::TooLong);
    }
    let mut parts = token.split('.');
    let (Some(head), Some(payload), Some(signature), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Unreadable::Parts);
    };
    if head.is_empty() || payload.is_empty() || signature.is_empty() {
        return Err(Unreadable::Parts);
    }
    let payload = BASE64URL.decode(payload).map_err(|_| Unreadable::Encoding)?;
    // JSON is UTF-8 to its last byte (RFC 7519 §3, RFC 8259 §8.1), claims that are not read included.
    let payload = std::str::from_utf8(&payload).map_err(|_| Unreadable::Claims)?;
    let claims: Claims = serde_json::from_str(payload).map_err(|_| Unreadable::Claims)?;
    if claims.user_id.is_empty() || !claims.exp.is_finite() || claims.exp < 0.0 {
        return Err(Unreadable::Claims);
    }
    Ok(claims)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(payload: &str) -> String {
        format!("eyJhbGciOiJIUzI1NiJ9.{}.c2ln", BASE64URL.encode(payload))
    }

    fn claims(name: Option<&str>, email: Option<&str>) -> Claims {
        Claims {
            user_id: "github_1".into(),
            email: email.map(Into::into),
            name: name.map(Into::into),
            provider: "github".into(),
            exp: 1_795_360_997.0,
        }
    }

    #[test]
    fn names_with_accents_and_missing_emails_are_right() {
        let rest = r#""user_id":"github_1","provider":"github","exp":1795360997,"iat":1"#;
        for (payload, expected) in [
            (format!(r#"{{{rest},"name":"José Ñandú","email":"j@x.es"}}"#), claims(Some("José Ñandú"), Some("j@x.es"))),
            (format!(r#"{{{rest},"name":"Jos\u00e9 \ud83e\uddab","email":null}}"#), claims(Some("José 🦫"), None)),
            (format!(r#"{{{rest},"name":null,"email":""}}"#), claims(None, Some(""))),
            (format!(r#"{{{rest}}}"#), claims(None, None)),
            // Bytes that base64url writes with - and _, and base64 does not.
            (format!(r#"{{{rest},"name":"ÿþ~~~???>>>","email":null}}"#), claims(Some("ÿþ~~~???>>>"), None)),
            (
                r#"{"user_id":"github_1","provider":"github","exp":1795360997.25,"name":"x","new":{"a":[1]}}"#
                    .to_owned(),
                Claims { exp: 1_795_360_997.25, ..claims(Some("x"), None) },
            ),
        ] {
            assert_eq!(read(&token(&payload)), Ok(expected), "{payload}");
        }
    }

    #[test]
    fn what_is_not_a_token_is_not_read() {
        let good = token(r#"{"user_id":"github_1","provider":"github","exp":1}"#);
        let (head, rest) = good.split_once('.').expect("three parts");
        for (text, expected) in [
            (String::new(), Unreadable::Parts),
            ("guest_token_1795360997000".into(), Unreadable::Parts),
            ("a.b".into(), Unreadable::Parts),
            (format!("{good}.x"), Unreadable::Parts),
            (format!("{head}..c2ln"), Unreadable::Parts),
            (format!("{}.", good.rsplit_once('.').expect("three parts").0), Unreadable::Parts),
            ("a.eyJ1+/==.c".into(), Unreadable::Encoding),
            (format!("{head}.{}", rest.replacen('.', "=.", 1)), Unreadable::Encoding),
            ("a.é.c".into(), Unreadable::Encoding),
            (token("[]"), Unreadable::Claims),
            (token("{\"user_id\":\"\",\"provider\":\"github\",\"exp\":1}"), Unreadable::Claims),
            (token("{\"user_id\":\"a\",\"provider\":\"github\",\"exp\":-1}"), Unreadable::Claims),
            (token("{\"user_id\":\"a\",\"provider\":\"github\",\"exp\":\"1\"}"), Unreadable::Claims),
            (token("{\"user_id\":\"a\",\"user_id\":\"b\",\"provider\":\"github\",\"exp\":1}"), Unreadable::Claims),
            // a byte that is no UTF-8, in a claim that nobody reads
            (
                format!(
                    "a.{}.c",
                    BASE64URL.encode(b"{\"user_id\":\"a\",\"x\":\"\xe2\",\"provider\":\"github\",\"exp\":1}")
                ),
                Unreadable::Claims,
            ),
            (token(&"[".repeat(5000)), Unreadable::Claims),
            (token(&" ".repeat(LONGEST)), Unreadable::TooLong),
        ] {
            assert_eq!(read(&text), Err(expected), "{text:.60}");
        }
    }

    #[test]
    fn debug_tells_nothing_about_the_person() {
        let said = format!("{:?}", claims(Some("José"), Some("j@x.es")));
        assert_eq!(said, r#"Claims { provider: "github", exp: 1795360997.0, .. }"#);
    }
}
