//! The one HTTP client of the application: private roots, proxy, connect timeout and redirects are decided here.
//!
//! It has no total timeout (an answer may take minutes), asks for no compression (some of the platform's proxies copy
//! a content length onto a body of another size), and never lets a redirect carry a key to another origin: a redirect
//! inside the origin is followed, any other is not followed at all and is reported as a failure.

use std::{net::IpAddr, sync::Arc, time::Duration};

use base64::{Engine, prelude::BASE64_STANDARD};
use capibara6_protocol::ErrorCode;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use reqwest::{
    Certificate, Client, Proxy,
    header::{ACCEPT, ACCEPT_ENCODING, HeaderMap, HeaderValue},
    redirect,
};
use url::{Host, Url};

use crate::Failure;

/// How many redirects inside one origin are followed.
const REDIRECTS: usize = 5;

/// How the fleet is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpOptions {
    /// Roots that are trusted beside those of the system: PEM, one or several certificates.
    pub extra_roots_pem: Option<Vec<u8>>,
    /// The proxy for everything that is not loopback; the system's own proxy settings hold where it is absent.
    pub proxy: Option<String>,
    /// How long a connection (TCP and TLS together) may take.
    pub connect_timeout: Duration,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self { extra_roots_pem: None, proxy: None, connect_timeout: Duration::from_secs(5) }
    }
}

/// Builds the client. Cheap to clone afterwards; one pool of connections for all clones.
///
/// # Errors
/// [`ErrorCode::Tls`] where the extra roots cannot be read or the system's verifier cannot be set up,
/// [`ErrorCode::BadRequest`] where the proxy's address is not acceptable.
pub fn http_client(options: &HttpOptions) -> Result<Client, Failure> {
    client(options, redirect::Policy::custom(stay_in_origin))
}

/// The same for other protocols than the models': it follows no redirect at all.
pub(crate) fn plain_client(options: &HttpOptions) -> Result<Client, Failure> {
    client(options, redirect::Policy::none())
}

fn client(options: &HttpOptions, redirects: redirect::Policy) -> Result<Client, Failure> {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json, text/event-stream"));
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));

    let mut builder = Client::builder()
        .user_agent(concat!("capibara6/", env!("CARGO_PKG_VERSION")))
        .default_headers(headers)
        .connect_timeout(options.connect_timeout)
        .redirect(redirects)
        // What may be repeated is decided in one place only, see `retry`.
        .retry(reqwest::retry::never())
        .tcp_nodelay(true)
        .pool_idle_timeout(Duration::from_secs(30))
        .proxy(proxy(options.proxy.as_deref())?);
    if let Some(pem) = &options.extra_roots_pem {
        let roots =
            Certificate::from_pem_bundle(pem).map_err(|error| Failure::new(ErrorCode::Tls, error.to_string()))?;
        if roots.is_empty() {
            return Err(Failure::new(ErrorCode::Tls, "the file of extra roots holds no PEM certificate"));
        }
        builder = builder.tls_certs_merge(roots);
    }
    builder.build().map_err(|error| Failure::new(ErrorCode::Tls, chain(&error)))
}

fn stay_in_origin(attempt: redirect::Attempt<'_>) -> redirect::Action {
    let same_origin = attempt.previous().last().is_some_and(|from| from.origin() == attempt.url().origin());
    if same_origin && attempt.previous().len() <= REDIRECTS { attempt.follow() } else { attempt.stop() }
}

/// The proxy rule: never for loopback, whatever the profile or the environment says.
fn proxy(wanted: Option<&str>) -> Result<Proxy, Failure> {
    let Some(wanted) = wanted else {
        let system = Arc::new(Matcher::from_system());
        return Ok(Proxy::custom(move |url| if is_loopback(url) { None } else { system_proxy(&system, url) }));
    };
    let refuse = |detail: String| Failure::new(ErrorCode::BadRequest, detail);
    let parsed = Url::parse(wanted).map_err(|error| refuse(format!("the proxy's address: {error}")))?;
    if !matches!(parsed.scheme(), "http" | "https" | "socks5" | "socks5h") || parsed.host().is_none() {
        return Err(refuse("the proxy's address must be http, https, socks5 or socks5h".into()));
    }
    Ok(Proxy::custom(move |url| (!is_loopback(url)).then(|| parsed.clone())))
}

fn system_proxy(system: &Matcher, url: &Url) -> Option<Url> {
    let found = system.intercept(&url.as_str().parse().ok()?)?;
    let mut proxy = Url::parse(&found.uri().to_string()).ok()?;
    if let Some((user, password)) = credentials(&found) {
        proxy.set_username(&user).ok()?;
        proxy.set_password(Some(&password)).ok()?;
    }
    Some(proxy)
}

/// The credentials in the system's proxy setting; for HTTP proxies they are only given as a finished header.
fn credentials(found: &Intercept) -> Option<(String, String)> {
    if let Some((user, password)) = found.raw_auth() {
        return Some((user.to_owned(), password.to_owned()));
    }
    let encoded = found.basic_auth()?.to_str().ok()?.strip_prefix("Basic ")?;
    let decoded = String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()?;
    let (user, password) = decoded.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

/// Whether an address names this computer.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip).to_canonical().is_loopback(),
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name.eq_ignore_ascii_case("localhost") || name.to_ascii_lowercase().ends_with(".localhost")
        }
        None => false,
    }
}

/// An error with everything that caused it, in one line.
pub(crate) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        // Several layers repeat the text of the one below.
        if !text.ends_with(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn loopback_is_known_in_every_spelling() {
        for (address, loopback) in [
            ("http://127.0.0.1:8000/v1", true),
            ("http://127.9.9.9/", true),
            ("http://[::1]:1/", true),
            ("http://[::ffff:127.0.0.1]/", true),
            ("http://LocalHost/", true),
            ("http://localhost./", true),
            ("http://models.localhost/", true),
            ("http://0x7f.1/", true),
            ("http://localhost.example/", false),
            ("http://10.0.0.1/", false),
            ("http://[::2]/", false),
        ] {
            assert_eq!(is_loopback(&url(address)), loopback, "{address}");
        }
    }

    #[test]
    fn the_systems_proxy_is_used_with_its_credentials() {
        let system = Matcher::builder()
            .http("http://ana:s%40l@proxy.example:3128")
            .https("socks5://bo:x@socks.example:1080")
            .no("direct.example")
            .build();
        for (address, proxy) in [
            ("http://models.example/", Some("http://ana:s%40l@proxy.example:3128/")),
            ("https://models.example/", Some("socks5://bo:x@socks.example:1080")),
            ("http://direct.example/", None),
        ] {
            let found = system_proxy(&system, &url(address));
            assert_eq!(
                found.as_ref().map(|url| url.as_str().trim_end_matches('/')),
                proxy.map(|proxy| proxy.trim_end_matches('/')),
                "{address}"
            );
        }
    }
}
