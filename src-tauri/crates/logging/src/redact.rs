//! Taking secrets out of text that is about to be written or shown.
//!
//! Two nets. Rules know what secrets look like: authorization headers, bearer tokens, JWTs, keys of well-known forms,
//! credentials in addresses, private keys, and values whose name says that they are secret, in URLs, JSON, TOML and
//! Rust's debug output. And literal secrets that the program holds can be registered ([`protect`]), whatever they look
//! like. Rather too much is taken out than too little. Matching takes linear time, so no text can stall it.

use std::borrow::Cow;
use std::sync::{LazyLock, PoisonError, RwLock};

use regex::{Captures, Regex};
use zeroize::Zeroizing;

/// What stands where a secret stood.
const MARK: &str = "[redacted]";
/// Shorter texts are no secrets, and taking them out would ruin every line.
const SHORTEST_SECRET: usize = 6;

/// One kind of secret.
struct Rule {
    pattern: Regex,
    replace: fn(&Captures<'_>) -> String,
}

/// Something in quotes: plain, escaped once (JSON inside a string), escaped more, or in single quotes. Where the end is
/// missing, the rest of the text counts as quoted.
const QUOTED: &str = r#""(?s:[^"\\]|\\.)*(?:"|\\?\z)|\\"(?:[^"\\]|\\\\\\"|\\\\|\\[^"\\])*(?:\\?"|\\?\z)|\\{2,}"[^"]*(?:"|\z)|'[^']*(?:'|\z)"#;

/// A value: a constructor or two (`Some(`, `Secret(`), then something bracketed (up to the
/// first closing bracket), quoted, or without spaces.
const VALUE: &str = r#"(?:[A-Za-z_][A-Za-z0-9_:]*\s*\(\s*)*(?:(?:[A-Za-z_][A-Za-z0-9_]*\s*)?[\[{][^\]}]*(?:[\]}]|\z)|QUOTED|[^\s"'&,;(){}\[\]<>\\]+)"#;

/// The value of a header: in quotes, or all that is left of the line.
const HEADER_VALUE: &str = r"(?:QUOTED|\[redacted\]|[^\r\n]+)";

/// Headers that hold secrets.
const HEADER: &str = r"(?:proxy-)?authorization|(?:set-)?cookie|x-[a-z-]*(?:key|token|secret|auth)[a-z-]*|api-key";

/// Names that say that their value is secret: the last word does, whatever stands before it.
const NAME: &str = r"(?i:(?:\b|%3F|%26|%22)(?:[a-z0-9_.-]*?[_.-])?(?:api|access|private|secret|signing|client|session)?(?:key|token|secret|bearer|passw(?:or)?d|pwd|passphrase|passcode|credentials?|signature|code_verifier|client_assertion))|\b[a-z][A-Za-z0-9]*(?:Key|Token|Secret|Password|Passphrase|Credentials?)";

static RULES: LazyLock<Result<Vec<Rule>, regex::Error>> = LazyLock::new(|| {
    let rules = [
        // Private keys, whole; also those whose end is missing.
        Rule::whole(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----(?s:.*?)(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\z)"),
        // A scheme and its credentials, wherever they stand, also on the next line.
        Rule::after(r#"(?i)(\bbearer\s+\\*["']?)([A-Za-z0-9._~+/%-][A-Za-z0-9._~+/=%-]*)"#),
        Rule::after(r"(?i)(\bbasic\s+)([A-Za-z0-9+/_-]{4,}={1,2}|[A-Za-z0-9+/_-]{16,})"),
        // A header that is logged as two fields, name and value.
        Rule::after(
            r#"(?i)((?:name|header|key)\s*[=:]\s*\\*["']?(?:HEADER)\\*["']?[,;]?\s+\\*["']?value\\*["']?\s*[=:]\s*)(HEADER_VALUE)"#,
        ),
        // A header as it is sent, as JSON, as a pair.
        Rule::after(r#"(?i)(\b(?:HEADER)\\*["']?\s*(?:[=:]>?|,)\s*)(HEADER_VALUE)"#),
        // JSON Web Tokens (RFC 7519) and their encrypted kin: the first part is always base64url of `{"`.
        Rule::whole(r"\beyJ[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*){1,4}"),
        // Keys that can be told by their form.
        Rule::whole(r"\b(?:sk|pk|rk)-[A-Za-z0-9][A-Za-z0-9_-]{4,}"),
        Rule::whole(
            r"\b(?:gh[opsur]_|github_pat_|glpat-|hf_|xox[abeprs]-|gsk_|AKIA|ASIA|AIza|npm_|pypi-)[A-Za-z0-9_-]{10,}",
        ),
        // Credentials in an address.
        Rule::between(r#"(?i)(\b[a-z][a-z0-9+.-]*://)([^\s"'<>/:@?#]*:[^\s"'<>@]*|[^\s"'<>/@?#]+)(@)"#),
        // What OAuth hands over in a query or form.
        Rule::after(r#"(?i)([?&](?:code|state|assertion|device_code|user_code|sig|sid|session)=)([^&\s"'<>]+)"#),
        // Anything whose name says so.
        Rule::named(r#"(NAME)(\\*["']?\s*(?:[=:]>?|%3[Dd])\s*)(VALUE)"#),
    ];
    rules.into_iter().collect()
});

impl Rule {
    /// Puts the parts in the place of their names.
    fn new(pattern: &str, replace: fn(&Captures<'_>) -> String) -> Result<Self, regex::Error> {
        let whole = pattern
            .replace("HEADER_VALUE", HEADER_VALUE)
            .replace("HEADER", HEADER)
            .replace("NAME", NAME)
            .replace("VALUE", VALUE)
            .replace("QUOTED", QUOTED);
        Ok(Self { pattern: Regex::new(&whole)?, replace })
    }

    /// All of it is secret.
    fn whole(pattern: &str) -> Result<Self, regex::Error> {
        Self::new(pattern, |_| MARK.to_owned())
    }

    /// What follows the first group is secret.
    fn after(pattern: &str) -> Result<Self, regex::Error> {
        Self::new(pattern, |found| format!("{}{MARK}", group(found, 1)))
    }

    /// What stands between the first and the third group is secret.
    fn between(pattern: &str) -> Result<Self, regex::Error> {
        Self::new(pattern, |found| format!("{}{MARK}{}", group(found, 1), group(found, 3)))
    }

    /// What follows a name and a sign is secret, unless the name only sounds so.
    fn named(pattern: &str) -> Result<Self, regex::Error> {
        Self::new(pattern, |found| {
            let (name, sign) = (group(found, 1), group(found, 2));
            if is_harmless(name) { group(found, 0).to_owned() } else { format!("{name}{sign}{MARK}") }
        })
    }
}

fn group<'a>(found: &Captures<'a>, index: usize) -> &'a str {
    found.get(index).map_or("", |group| group.as_str())
}

/// The name of a timeout ends like that of a token.
fn is_harmless(name: &str) -> bool {
    let letters: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    letters.to_ascii_lowercase().ends_with("firsttoken")
}

/// Secrets that the program holds, in every form in which they could be written.
static PROTECTED: RwLock<Vec<Zeroizing<String>>> = RwLock::new(Vec::new());

/// Registers a secret that must never be written, whatever it looks like: as it is, as JSON or Rust would quote it, and
/// as a URL would encode it. Texts of fewer than six bytes are ignored.
pub fn protect(secret: &str) {
    if secret.len() < SHORTEST_SECRET {
        return;
    }
    let quoted = format!("{secret:?}");
    let forms = [secret.to_owned(), quoted.trim_matches('"').to_owned(), secret.replace('"', "\\\""), encoded(secret)];
    let mut protected = PROTECTED.write().unwrap_or_else(PoisonError::into_inner);
    for form in forms.map(Zeroizing::new) {
        if !protected.contains(&form) {
            protected.push(form);
        }
    }
    // The longest first, so that a secret which contains another goes as a whole.
    protected.sort_by_key(|form| std::cmp::Reverse(form.len()));
}

/// Percent-encoding of everything but the unreserved characters (RFC 3986 §2.3).
fn encoded(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}

/// The text without its secrets. Borrowed where there are none.
pub fn redact(text: &str) -> Cow<'_, str> {
    let mut clean = Cow::Borrowed(text);
    for secret in PROTECTED.read().unwrap_or_else(PoisonError::into_inner).iter() {
        if clean.contains(secret.as_str()) {
            clean = Cow::Owned(clean.replace(secret.as_str(), MARK));
        }
    }
    // A rule that does not compile is a defect that a test finds; until then nothing is written.
    let Ok(rules) = &*RULES else { return Cow::Borrowed(MARK) };
    for rule in rules {
        match rule.pattern.replace_all(&clean, rule.replace) {
            Cow::Owned(replaced) if replaced != *clean => clean = Cow::Owned(replaced),
            Cow::Owned(_) | Cow::Borrowed(_) => (),
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const JWT: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJDQU5BUlkifQ.CANARY-signature_1";

    #[test]
    fn the_rules_compile() {
        assert_eq!(RULES.as_ref().err().map(ToString::to_string), None);
    }

    #[test]
    fn secrets_in_every_form_are_taken_out() {
        let jwt = |before: &str, after: &str| format!("{before}{JWT}{after}");
        let cases: Vec<(String, &str)> = vec![
            ("Authorization: Bearer CANARY".into(), "Authorization: [redacted]"),
            ("authorization: Basic Q0FOQVJZOng= next".into(), "authorization: [redacted]"),
            ("proxy-authorization=Digest username=\"u\"".into(), "proxy-authorization=[redacted]"),
            (
                r#"{"authorization": "Bearer CANARY", "host": "gpu"}"#.into(),
                r#"{"authorization": [redacted], "host": "gpu"}"#,
            ),
            (
                r#""{\"Authorization\":\"Bearer CANARY\",\"a\":1}""#.into(),
                r#""{\"Authorization\":[redacted],\"a\":1}""#,
            ),
            (r#"("authorization", "Bearer CANARY")"#.into(), r#"("authorization", [redacted])"#),
            ("sent bearer CANARY.a~b+c/d= to gpu".into(), "sent bearer [redacted] to gpu"),
            ("BEARER\n    CANARY".into(), "BEARER\n    [redacted]"),
            (r#"scheme="Bearer" token="CANARY""#.into(), r#"scheme="Bearer" token=[redacted]"#),
            (
                r#"header="Authorization" value="Bearer CANARY" n=1"#.into(),
                r#"header="Authorization" value=[redacted] n=1"#,
            ),
            ("name=x-api-key value=CANARY".into(), "name=x-api-key value=[redacted]"),
            ("Cookie: a=CANARY; b=CANARY".into(), "Cookie: [redacted]"),
            ("set-cookie: sid=CANARY; Path=/; HttpOnly".into(), "set-cookie: [redacted]"),
            ("Basic Q0FOQVJZOnNlY3JldA==".into(), "Basic [redacted]"),
            (jwt("got ", " from the issuer"), "got [redacted] from the issuer"),
            (jwt("http://127.0.0.1/cb#", ""), "http://127.0.0.1/cb#[redacted]"),
            (format!("{}.", JWT.rsplit_once('.').unwrap().0), "[redacted]"),
            ("key sk-CANARY0123456789 works".into(), "key [redacted] works"),
            ("sk-proj-CANARY_0123".into(), "[redacted]"),
            ("ghp_CANARY0123456789 hf_CANARY0123456789".into(), "[redacted] [redacted]"),
            ("GET http://gpu/v1?api_key=CANARY&a=1".into(), "GET http://gpu/v1?api_key=[redacted]&a=1"),
            ("http://gpu/v1?a=1&token=CANARY".into(), "http://gpu/v1?a=1&token=[redacted]"),
            ("redirect=http%3A%2F%2Fgpu%3Ftoken%3DCANARY".into(), "redirect=http%3A%2F%2Fgpu%3Ftoken%3D[redacted]"),
            ("/callback?code=CANARY&state=CANARY&n=1".into(), "/callback?code=[redacted]&state=[redacted]&n=1"),
            ("http://ana:CANARY@gpu:8000/v1".into(), "http://[redacted]@gpu:8000/v1"),
            ("http://CANARY@gpu/v1".into(), "http://[redacted]@gpu/v1"),
            ("socks5h://ana:CAN/ARY@gpu".into(), "socks5h://[redacted]@gpu"),
            (r#"{"key":"CANARY","n":1}"#.into(), r#"{"key":[redacted],"n":1}"#),
            (r#"{"api_key": null, "apiKey": "CANARY"}"#.into(), r#"{"api_key": [redacted], "apiKey": [redacted]}"#),
            (r#"{"access_token":"CANARY","token_type":"x"}"#.into(), r#"{"access_token":[redacted],"token_type":"x"}"#),
            (r#"{"secret": {"value": "CANARY"}}"#.into(), r#"{"secret": [redacted]}"#),
            (r#"{"password":"CAN\"ARY"}"#.into(), r#"{"password":[redacted]}"#),
            (r#""{\"password\":\"CAN\\\"ARY\",\"n\":1}""#.into(), r#""{\"password\":[redacted],\"n\":1}""#),
            (r#"{"token":"CANARY cut o"#.into(), r#"{"token":[redacted]"#),
            (r#"{"bearer": "CANARY"}"#.into(), r#"{"bearer": [redacted]}"#),
            ("OPENAI_API_KEY=CANARY".into(), "OPENAI_API_KEY=[redacted]"),
            ("client_secret = 'CANARY with spaces'".into(), "client_secret = [redacted]"),
            (r#"key: Some(Secret("CANARY"))"#.into(), "key: [redacted]))"),
            (r#"token=Some("CANARY")"#.into(), "token=[redacted])"),
            (r#"key: Secret { inner: "CANARY" }"#.into(), "key: [redacted]"),
            ("token: Some(\n    \"CANARY\",\n)".into(), "token: [redacted],\n)"),
            (r#"passwords: x, password=["CANARY", "CANARY"]"#.into(), "passwords: x, password=[redacted]"),
            (
                "a -----BEGIN EC PRIVATE KEY-----\nCANARY\nCANARY\n-----END EC PRIVATE KEY----- b".into(),
                "a [redacted] b",
            ),
            (r"-----BEGIN PRIVATE KEY-----\nCANARY\n".into(), "[redacted]"),
        ];
        let found: Vec<_> = cases.iter().map(|(text, _)| (text.clone(), redact(text).into_owned())).collect();
        let wanted: Vec<_> = cases.iter().map(|(text, clean)| (text.clone(), (*clean).to_owned())).collect();
        assert_eq!(found, wanted);
        // What was redacted once can be redacted again.
        let again: Vec<_> = wanted.iter().map(|(text, clean)| (text.clone(), redact(clean).into_owned())).collect();
        assert_eq!(again, wanted);
    }

    #[test]
    fn what_is_no_secret_stays() {
        let harmless = [
            "",
            "2026-11-22T15:23:16.000000Z  INFO capibara6_llm: answered model=phi4:mini tokens=24 prompt_tokens=7",
            r#"{"usage":{"prompt_tokens":7,"completion_tokens":24},"max_tokens":512}"#,
            "timeouts first_token=180s idle=60s",
            "TimeoutFirstToken: no token within 180 s",
            "http://127.0.0.1:8000/v1/chat/completions",
            "error code=rate-limited status=429",
            "task-force-of-many risk-assessment disk-utilisation",
            "the keyring is locked",
            "tokenize: 12 pieces, monkey=3, keyboard=es",
            "ask ana@example.org or see https://example.org/~ana",
            "basic authentication is not offered",
            "key_id=7 secretary=ana passwordless=true",
        ];
        assert_eq!(harmless.map(redact), harmless.map(Cow::Borrowed));
        assert!(harmless.iter().all(|text| matches!(redact(text), Cow::Borrowed(_))));
    }

    #[test]
    fn registered_secrets_go_in_every_notation() {
        protect("  pass\"phrase/ñ 7");
        protect("tiny");
        let text = "raw   pass\"phrase/ñ 7 json   pass\\\"phrase/ñ 7 url %20%20pass%22phrase%2F%C3%B1%207 tiny";
        assert_eq!(redact(text), "raw [redacted] json [redacted] url [redacted] tiny");
    }

    proptest! {
        #[test]
        fn no_surrounding_lets_a_bearer_token_through(before in ".{0,20}", after in "[ \\n\"',;)}].{0,20}") {
            let text = format!("{before} Bearer CANARY0123456789{after}");
            prop_assert!(!redact(&text).contains("CANARY"), "{}", redact(&text));
        }

        #[test]
        fn no_notation_lets_a_named_secret_through(
            before in prop_oneof![Just(String::new()), Just("{\"n\":1,\"".to_owned()), "\\PC{0,20}[ ,;&?{(\\n]"],
            name in prop::sample::select(vec![
                "token", "api_key", "API-KEY", "apiKey", "x-api-key", "password", "client_secret", "refreshToken",
                "OPENAI_API_KEY", "Authorization", "cookie", "endpoint.key", "bearer",
            ]),
            sign in prop::sample::select(vec!["=", ":", ": ", " = ", "\":\"", "\": \"", "\\\":\\\"", "=>", "=\"", "='"]),
            wrapper in prop::sample::select(vec!["", "", "Some(\"", "Secret(Some(\"", "[\"", "{ inner: \""]),
            after in "[\"' \\n,;&)}\\]].{0,20}",
        ) {
            // A constructor does not stand inside quotes.
            let wrapper = if sign.contains(['"', '\'']) { "" } else { wrapper };
            let text = format!("{before}{name}{sign}{wrapper}CANARY{after}");
            prop_assert!(!redact(&text).contains("CANARY"), "{text:?} became {:?}", redact(&text));
        }
    }
}
