//! Addresses in a profile: which are acceptable, what they come to, and how far the words sent there travel.
//!
//! Every decision is taken on the parsed URL (WHATWG rules), never on the text, because `http://2130706433/`,
//! `http://0x7f.1/` and `http://[::ffff:127.0.0.1]/` all mean this computer and `http://127.0.0.1.example.org/` does not.

use std::net::{Ipv4Addr, Ipv6Addr};

use capibara6_protocol::{ModelId, Profile};
use url::{Host, Url};

/// How far a request to an address travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reach {
    /// It stays on this computer.
    Loopback,
    /// It stays in a private network (RFC 1918, link-local, unique local, `.local`, `.internal`).
    Private,
    /// It may cross the open internet.
    Public,
}

/// How far a request to `url` travels, judged by its host without asking any name server.
///
/// An unspecified address (`0.0.0.0`, `::`), which servers print as their own, leads to this computer. IPv4 addresses
/// written inside IPv6 (mapped, RFC 4291 §2.5.5.2, and the NAT64 prefix, RFC 6052 §2.1) count as what they embed.
pub fn reach(url: &Url) -> Reach {
    match url.host() {
        Some(Host::Ipv4(address)) => reach_v4(address),
        Some(Host::Ipv6(address)) => reach_v6(address),
        Some(Host::Domain(name)) => reach_name(name),
        None => Reach::Public,
    }
}

fn reach_v4(address: Ipv4Addr) -> Reach {
    if address.is_loopback() || address.is_unspecified() {
        Reach::Loopback
    } else if address.is_private() || address.is_link_local() {
        Reach::Private
    } else {
        Reach::Public
    }
}

fn reach_v6(address: Ipv6Addr) -> Reach {
    if let Some(embedded) = embedded_v4(address) {
        return reach_v4(embedded);
    }
    if address.is_loopback() || address.is_unspecified() {
        Reach::Loopback
    } else if address.is_unique_local() || address.is_unicast_link_local() {
        Reach::Private
    } else {
        Reach::Public
    }
}

fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let octets = address.octets();
    let nat64 = octets.starts_with(&[0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0]);
    let [.., a, b, c, d] = octets;
    address.to_ipv4_mapped().or_else(|| nat64.then(|| Ipv4Addr::new(a, b, c, d)))
}

fn reach_name(name: &str) -> Reach {
    // The parser lower-cases names; one final dot only says that the name is complete.
    let name = name.strip_suffix('.').unwrap_or(name);
    let last_label = name.rsplit('.').next().unwrap_or(name);
    match last_label {
        "localhost" => Reach::Loopback,
        "local" | "internal" if last_label.len() < name.len() => Reach::Private,
        _ => Reach::Public,
    }
}

/// The base address that requests are built on: without a final slash, and with `/v1` where the user gave a bare origin.
///
/// The profile itself keeps what the user wrote. `http://gpu:8000`, `http://gpu:8000/`, `http://gpu:8000/v1` and
/// `http://gpu:8000/v1/` all come to `http://gpu:8000/v1`; any other path is left as it is (`/models/v1/` becomes
/// `/models/v1`).
///
/// # Errors
/// The reason why the address is not acceptable, in the words of [`crate::validate`].
pub fn base_url(text: &str) -> Result<Url, String> {
    let mut url = acceptable(text)?;
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(if path.is_empty() { "/v1" } else { &path });
    Ok(url)
}

/// Parses an address that may stand in a profile: `http` or `https`, with a host, without credentials, query or fragment.
pub(crate) fn acceptable(text: &str) -> Result<Url, String> {
    acceptable_with(text, &["http", "https"])
}

/// The same for a proxy.
pub(crate) fn acceptable_proxy(text: &str) -> Result<Url, String> {
    acceptable_with(text, &["http", "https", "socks5", "socks5h"])
}

fn acceptable_with(text: &str, schemes: &[&str]) -> Result<Url, String> {
    if text.trim() != text {
        return Err("must not have white space around it".to_owned());
    }
    if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err("must not contain white space or control characters".to_owned());
    }
    let url = Url::parse(text).map_err(|error| format!("is not an address: {error}"))?;
    if !schemes.contains(&url.scheme()) {
        return Err(format!("must begin with {}://", schemes.join(":// or ")));
    }
    if !url.has_host() {
        return Err("has no host".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        // Said without repeating the address: it holds a secret.
        return Err("must not hold a user name or password; keys are kept in the secret store".to_owned());
    }
    if url.query().is_some() {
        return Err("must not have a query (?)".to_owned());
    }
    if url.fragment().is_some() {
        return Err("must not have a fragment (#)".to_owned());
    }
    if url.port() == Some(0) {
        return Err("must not have port 0".to_owned());
    }
    Ok(url)
}

/// The models whose words would cross the open internet unencrypted, in the profile's order.
///
/// An address that cannot be understood is not listed: [`crate::validate`] refuses it.
pub fn insecure_models(profile: &Profile) -> Vec<ModelId> {
    profile
        .models
        .iter()
        .filter(|model| acceptable(&model.url).is_ok_and(|url| url.scheme() == "http" && reach(&url) == Reach::Public))
        .map(|model| model.id.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reach_is_judged_by_what_the_host_means() {
        let cases = [
            (Reach::Loopback, "http://127.0.0.1:8000/v1"),
            (Reach::Loopback, "http://127.255.255.254/"),
            (Reach::Loopback, "http://127.1/"),
            (Reach::Loopback, "http://2130706433/"),
            (Reach::Loopback, "http://0x7f.0.0.1/"),
            (Reach::Loopback, "http://0177.0.0.1/"),
            (Reach::Loopback, "http://0.0.0.0:8000/"),
            (Reach::Loopback, "http://[::1]:8000/"),
            (Reach::Loopback, "http://[::]/"),
            (Reach::Loopback, "http://[::ffff:127.0.0.1]/"),
            (Reach::Loopback, "http://[64:ff9b::127.0.0.1]/"),
            (Reach::Loopback, "http://localhost:8000/"),
            (Reach::Loopback, "http://LOCALHOST./"),
            (Reach::Loopback, "http://gpu.localhost/"),
            (Reach::Loopback, "http://１２７.0.0.1/"),
            (Reach::Private, "http://10.0.0.1/"),
            (Reach::Private, "http://10.255.255.255/"),
            (Reach::Private, "http://172.16.0.1/"),
            (Reach::Private, "http://172.31.255.255/"),
            (Reach::Private, "http://192.168.1.20/"),
            (Reach::Private, "http://169.254.1.1/"),
            (Reach::Private, "http://[::ffff:192.168.0.1]/"),
            (Reach::Private, "http://[::ffff:c0a8:1]/"),
            (Reach::Private, "http://[fc00::1]/"),
            (Reach::Private, "http://[fdff::1]/"),
            (Reach::Private, "http://[fe80::1]/"),
            (Reach::Private, "http://[febf::1]/"),
            (Reach::Private, "http://gpu.local/"),
            (Reach::Private, "http://gpu.fleet.internal./"),
            (Reach::Public, "http://34.12.166.76:8000/v1"),
            (Reach::Public, "http://9.255.255.255/"),
            (Reach::Public, "http://11.0.0.0/"),
            (Reach::Public, "http://172.15.255.255/"),
            (Reach::Public, "http://172.32.0.0/"),
            (Reach::Public, "http://192.169.0.1/"),
            (Reach::Public, "http://169.253.0.1/"),
            (Reach::Public, "http://128.0.0.1/"),
            (Reach::Public, "http://134744072/"),
            (Reach::Public, "http://[::ffff:8.8.8.8]/"),
            (Reach::Public, "http://[64:ff9b::8.8.8.8]/"),
            (Reach::Public, "http://[2001:db8::1]/"),
            (Reach::Public, "http://[fec0::1]/"),
            (Reach::Public, "http://[fbff::1]/"),
            (Reach::Public, "http://127.0.0.1.example.org/"),
            (Reach::Public, "http://localhost.example.org/"),
            (Reach::Public, "http://notlocalhost/"),
            (Reach::Public, "http://local/"),
            (Reach::Public, "http://internal./"),
            (Reach::Public, "http://gpu.locals/"),
            (Reach::Public, "http://gpu/"),
        ];
        let judged: Vec<_> = cases.iter().map(|(_, text)| (reach(&Url::parse(text).unwrap()), *text)).collect();
        assert_eq!(judged, cases);
    }

    #[test]
    fn base_urls_are_the_same_however_they_end() {
        let cases = [
            ("http://127.0.0.1:8000/v1", "http://127.0.0.1:8000/v1"),
            ("http://127.0.0.1:8000/v1/", "http://127.0.0.1:8000/v1"),
            ("http://127.0.0.1:8000/v1//", "http://127.0.0.1:8000/v1"),
            ("http://127.0.0.1:8000", "http://127.0.0.1:8000/v1"),
            ("http://127.0.0.1:8000/", "http://127.0.0.1:8000/v1"),
            ("HTTP://GPU:80/V1", "http://gpu/V1"),
            ("https://fleet.example.org/models/v1/", "https://fleet.example.org/models/v1"),
            ("https://fleet.example.org/openai", "https://fleet.example.org/openai"),
            ("http://[::1]:8000", "http://[::1]:8000/v1"),
        ];
        let normalised: Vec<_> =
            cases.iter().map(|(written, _)| (*written, base_url(written).unwrap().to_string())).collect();
        assert_eq!(normalised, cases.map(|(written, base)| (written, base.to_owned())));
    }

    #[test]
    fn addresses_that_are_refused() {
        let refused = [
            ("", "is not an address: relative URL without a base"),
            ("127.0.0.1:8000", "is not an address: relative URL without a base"),
            ("localhost:8000/v1", "must begin with http:// or https://"),
            ("ftp://gpu/v1", "must begin with http:// or https://"),
            ("file:///etc/passwd", "must begin with http:// or https://"),
            ("javascript:alert(1)", "must begin with http:// or https://"),
            ("socks5://gpu:1080", "must begin with http:// or https://"),
            (" http://gpu/v1", "must not have white space around it"),
            ("http://g\tpu/v1", "must not contain white space or control characters"),
            ("http://gpu/v1#top", "must not have a fragment (#)"),
            ("http://gpu/v1#", "must not have a fragment (#)"),
            ("http://gpu/v1?key=1", "must not have a query (?)"),
            ("http://gpu/v1?", "must not have a query (?)"),
            ("http://gpu:0/v1", "must not have port 0"),
            ("http://gpu:65536/v1", "is not an address: invalid port number"),
            ("http://", "is not an address: empty host"),
            ("http://[::1/v1", "is not an address: invalid IPv6 address"),
            ("http://256.0.0.1/v1", "is not an address: invalid IPv4 address"),
            ("http://ana:secret@gpu/v1", "must not hold a user name or password; keys are kept in the secret store"),
            ("http://:secret@gpu/v1", "must not hold a user name or password; keys are kept in the secret store"),
            ("http://ana@gpu/v1", "must not hold a user name or password; keys are kept in the secret store"),
        ];
        let found: Vec<_> =
            refused.iter().map(|(text, _)| (*text, base_url(text).map(|url| url.to_string()).unwrap_err())).collect();
        assert_eq!(found, refused.map(|(text, why)| (text, why.to_owned())));
    }
}
