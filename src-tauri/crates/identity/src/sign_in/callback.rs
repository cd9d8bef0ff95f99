//! What arrives on the loopback listener while somebody signs in: reads one HTTP request and decides whether it is the
//! answer that is waited for. No I/O. Anything on the computer, and any page in a browser, can send something here, so
//! nothing is believed that does not match the attempt exactly (RFC 8252 §8, RFC 9700 §4.7).

use url::form_urlencoded;

/// Longest request head that is read.
pub const HEAD_LIMIT: usize = 16 * 1024;

/// Most header fields that are read.
const HEADERS: usize = 64;

/// What is waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// `host:port`, as browsers send it in `Host`; the only ones answered.
    pub hosts: Vec<String>,
    /// The path.
    pub path: String,
    /// The parameters that mark the answer.
    pub answer: Kind,
}

/// Which answer.
#[derive(Clone, PartialEq, Eq)]
pub enum Kind {
    /// An authorization response (RFC 6749 §4.1.2) with this state.
    Code {
        /// What was sent as `state`.
        state: String,
        /// The issuer that must name itself in `iss` (RFC 9207).
        issuer: String,
        /// Whether the issuer said that it always does.
        issuer_required: bool,
    },
    /// A token, as the fleet's sign-in server sends it. It has no `state`.
    Token,
}

impl std::fmt::Debug for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Code { issuer, issuer_required, .. } => f
                .debug_struct("Code")
                .field("issuer", issuer)
                .field("issuer_required", issuer_required)
                .finish_non_exhaustive(),
            Self::Token => f.write_str("Token"),
        }
    }
}

/// The answer.
#[derive(Clone, PartialEq, Eq)]
pub enum Answer {
    /// An authorization code.
    Code(String),
    /// A token.
    Token(String),
    /// The provider refused: `error` and `error_description`.
    Refused {
        /// The error code of RFC 6749 §4.1.2.1 or an extension's.
        error: String,
        /// What the provider says about it.
        description: Option<String>,
    },
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Code(_) => f.write_str("Code(…)"),
            Self::Token(_) => f.write_str("Token(…)"),
            Self::Refused { error, description } => {
                f.debug_struct("Refused").field("error", error).field("description", description).finish()
            }
        }
    }
}

/// What to do with the bytes so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// The head has not ended yet.
    Incomplete,
    /// It is the answer.
    Answered(Answer),
    /// It is something else; the listener goes on waiting.
    Other(Rejection),
}

/// Why a request is not the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rejection {
    /// Not HTTP, or longer than any honest request.
    Malformed,
    /// Another method than GET.
    Method,
    /// Another `Host`: a name that was made to point here (DNS rebinding).
    Host,
    /// A page's script sent it, not a person's navigation.
    NotNavigation,
    /// Another path; also what browsers ask for by themselves (`/favicon.ico`).
    Path,
    /// A parameter twice, so that one part could be checked and another one used.
    Ambiguous,
    /// No, or another `state`.
    State,
    /// No, or another `iss`: the answer of another provider (mix-up).
    Issuer,
    /// Neither an answer nor an error in it.
    Empty,
}

impl Rejection {
    /// The HTTP status with which it is answered.
    pub fn status(self) -> u16 {
        match self {
            Self::Path => 404,
            Self::Method => 405,
            Self::Host => 421,
            Self::NotNavigation => 403,
            Self::Malformed | Self::Ambiguous | Self::State | Self::Issuer | Self::Empty => 400,
        }
    }
}

impl Expected {
    /// Reads the head of a request.
    pub fn read(&self, bytes: &[u8]) -> Reading {
        let mut headers = [httparse::EMPTY_HEADER; HEADERS];
        let mut request = httparse::Request::new(&mut headers);
        match request.parse(bytes) {
            Ok(httparse::Status::Complete(_)) => {}
            Ok(httparse::Status::Partial) if bytes.len() < HEAD_LIMIT => return Reading::Incomplete,
            Ok(httparse::Status::Partial) | Err(_) => return Reading::Other(Rejection::Malformed),
        }
        self.judge(&request).map_or_else(Reading::Other, Reading::Answered)
    }

    fn judge(&self, request: &httparse::Request<'_, '_>) -> Result<Answer, Rejection> {
        if request.method != Some("GET") {
            return Err(Rejection::Method);
        }
        let host = single(request, "host").map_err(|()| Rejection::Host)?.ok_or(Rejection::Host)?;
        if !self.hosts.iter().any(|expected| expected.as_bytes().eq_ignore_ascii_case(host)) {
            return Err(Rejection::Host);
        }
        // A redirect that a person follows has no Origin, and browsers that say what a request is for call it a navigation.
        let navigates = |name, expected: &[u8]| match single(request, name) {
            Ok(None) => true,
            Ok(Some(value)) => value == expected,
            Err(()) => false,
        };
        let foreign = single(request, "origin").map_or(true, |origin| origin.is_some());
        if foreign || !navigates("sec-fetch-mode", b"navigate") || !navigates("sec-fetch-dest", b"document") {
            return Err(Rejection::NotNavigation);
        }
        let target = request.path.ok_or(Rejection::Malformed)?;
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        if path != self.path {
            return Err(Rejection::Path);
        }
        let parameters = Parameters::parse(query)?;
        match &self.answer {
            Kind::Code { state, issuer, issuer_required } => {
                if !parameters.state.as_deref().is_some_and(|sent| same(sent, state)) {
                    return Err(Rejection::State);
                }
                match parameters.iss.as_deref() {
                    Some(sent) if sent != issuer => return Err(Rejection::Issuer),
                    None if *issuer_required => return Err(Rejection::Issuer),
                    Some(_) | None => {}
                }
                match (parameters.error, parameters.code) {
                    (Some(_), Some(_)) => Err(Rejection::Ambiguous),
                    (Some(error), None) => Ok(Answer::Refused { error, description: parameters.error_description }),
                    (None, Some(code)) if !code.is_empty() => Ok(Answer::Code(code)),
                    (None, _) => Err(Rejection::Empty),
                }
            }
            Kind::Token => match parameters.token {
                Some(token) if !token.is_empty() => Ok(Answer::Token(token)),
                _ => Err(Rejection::Empty),
            },
        }
    }
}

/// The value of a header that must not occur twice.
fn single<'a>(request: &httparse::Request<'_, 'a>, name: &str) -> Result<Option<&'a [u8]>, ()> {
    let mut values = request.headers.iter().filter(|header| header.name.eq_ignore_ascii_case(name));
    let first = values.next().map(|header| header.value);
    if values.next().is_some() { Err(()) } else { Ok(first) }
}

/// The parameters that mean something here.
#[derive(Default)]
struct Parameters {
    code: Option<String>,
    state: Option<String>,
    iss: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
    token: Option<String>,
}

impl Parameters {
    fn parse(query: &str) -> Result<Self, Rejection> {
        let mut parameters = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let slot = match name.as_ref() {
                "code" => &mut parameters.code,
                "state" => &mut parameters.state,
                "iss" => &mut parameters.iss,
                "error" => &mut parameters.error,
                "error_description" => &mut parameters.error_description,
                "token" => &mut parameters.token,
                _ => continue,
            };
            if slot.replace(value.into_owned()).is_some() {
                return Err(Rejection::Ambiguous);
            }
        }
        Ok(parameters)
    }
}

/// Compares without telling by the time it takes how much was right.
fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected(issuer_required: bool) -> Expected {
        Expected {
            hosts: vec!["127.0.0.1:4711".into()],
            path: "/callback".into(),
            answer: Kind::Code { state: "s-1".into(), issuer: "http://127.0.0.1:9600".into(), issuer_required },
        }
    }

    fn request(target: &str, headers: &[(&str, &str)]) -> Vec<u8> {
        let mut text = format!("GET {target} HTTP/1.1\r\n");
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str("\r\n");
        text.into_bytes()
    }

    const HOST: (&str, &str) = ("Host", "127.0.0.1:4711");

    #[test]
    fn it_takes_the_answer_and_nothing_else() {
        let right = "/callback?code=c-1&state=s-1&iss=http%3A%2F%2F127.0.0.1%3A9600";
        let code = || Reading::Answered(Answer::Code("c-1".into()));
        let refused = |error: &str, description: Option<&str>| {
            Reading::Answered(Answer::Refused { error: error.into(), description: description.map(Into::into) })
        };
        let cases: Vec<(Vec<u8>, Reading)> = vec![
            (request(right, &[HOST]), code()),
            (request(right, &[HOST, ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document")]), code()),
            (request("/callback?code=c-1&state=s-1", &[HOST]), code()),
            (
                request("/callback?error=access_denied&error_description=No+thanks&state=s-1", &[HOST]),
                refused("access_denied", Some("No thanks")),
            ),
            (request("/callback?code=c-1&state=s-2", &[HOST]), Reading::Other(Rejection::State)),
            (request("/callback?code=c-1", &[HOST]), Reading::Other(Rejection::State)),
            (request("/callback?code=c-1&state=", &[HOST]), Reading::Other(Rejection::State)),
            (request("/callback?code=c-1&state=s-1&iss=http%3A%2F%2Fevil", &[HOST]), Reading::Other(Rejection::Issuer)),
            (request("/callback?code=c-1&code=c-2&state=s-1", &[HOST]), Reading::Other(Rejection::Ambiguous)),
            (request("/callback?state=s-2&code=c-1&state=s-1", &[HOST]), Reading::Other(Rejection::Ambiguous)),
            (request("/callback?code=c-1&error=x&state=s-1", &[HOST]), Reading::Other(Rejection::Ambiguous)),
            (request("/callback?state=s-1", &[HOST]), Reading::Other(Rejection::Empty)),
            (request("/callback?code=&state=s-1", &[HOST]), Reading::Other(Rejection::Empty)),
            (request("/favicon.ico", &[HOST]), Reading::Other(Rejection::Path)),
            (request("//callback?code=c-1&state=s-1", &[HOST]), Reading::Other(Rejection::Path)),
            (request(right, &[("Host", "evil.example:4711")]), Reading::Other(Rejection::Host)),
            (request(right, &[("Host", "127.0.0.1:4712")]), Reading::Other(Rejection::Host)),
            (request(right, &[]), Reading::Other(Rejection::Host)),
            (request(right, &[HOST, HOST]), Reading::Other(Rejection::Host)),
            (request(right, &[HOST, ("Origin", "https://evil.example")]), Reading::Other(Rejection::NotNavigation)),
            (request(right, &[HOST, ("Origin", "null")]), Reading::Other(Rejection::NotNavigation)),
            (request(right, &[HOST, ("Sec-Fetch-Mode", "no-cors")]), Reading::Other(Rejection::NotNavigation)),
            (request(right, &[HOST, ("Sec-Fetch-Dest", "image")]), Reading::Other(Rejection::NotNavigation)),
            (b"POST /callback HTTP/1.1\r\nHost: 127.0.0.1:4711\r\n\r\n".to_vec(), Reading::Other(Rejection::Method)),
            (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(), Reading::Other(Rejection::Malformed)),
            (b"GET /callback HTTP/1.1\r\nHost: 127.".to_vec(), Reading::Incomplete),
            (vec![b'G'; HEAD_LIMIT], Reading::Other(Rejection::Malformed)),
        ];
        for (bytes, reading) in cases {
            assert_eq!(expected(false).read(&bytes), reading, "{}", String::from_utf8_lossy(&bytes));
        }
    }

    #[test]
    fn an_issuer_that_promised_its_name_must_give_it() {
        let bytes = request("/callback?code=c-1&state=s-1", &[HOST]);
        assert_eq!(expected(true).read(&bytes), Reading::Other(Rejection::Issuer));
    }

    #[test]
    fn a_token_is_taken_where_a_token_is_waited_for() {
        let expected = Expected {
            hosts: vec!["localhost:8000".into(), "127.0.0.1:8000".into()],
            path: "/auth/success".into(),
            answer: Kind::Token,
        };
        for (target, reading) in [
            ("/auth/success?token=a.b.c", Reading::Answered(Answer::Token("a.b.c".into()))),
            ("/auth/success", Reading::Other(Rejection::Empty)),
            ("/auth/success?token=", Reading::Other(Rejection::Empty)),
            ("/auth/success?token=a&token=b", Reading::Other(Rejection::Ambiguous)),
            ("/auth/success/?token=a", Reading::Other(Rejection::Path)),
        ] {
            assert_eq!(expected.read(&request(target, &[("host", "LOCALHOST:8000")])), reading, "{target}");
        }
    }

    #[test]
    fn every_way_of_cutting_a_request_leads_to_the_same_reading() {
        let bytes = request("/callback?code=c-1&state=s-1", &[HOST, ("Accept", "*/*")]);
        for end in 0..bytes.len() {
            assert_eq!(expected(false).read(&bytes[..end]), Reading::Incomplete, "{end}");
        }
        assert_eq!(expected(false).read(&bytes), Reading::Answered(Answer::Code("c-1".into())));
    }
}
