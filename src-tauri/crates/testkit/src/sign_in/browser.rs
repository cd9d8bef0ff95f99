//! A browser as far as signing in needs one: addresses, redirects, cookies, and headers of the test's choice.

use std::collections::BTreeMap;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use url::Url;

use crate::soon;

/// More redirects than any sign-in has.
const REDIRECTS: usize = 10;

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Where it is from.
    pub address: Url,
    /// The status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Page {
    /// The first header of this name (in lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    fn next(&self) -> Option<Url> {
        let location = self.header("location").filter(|_| (300..400).contains(&self.status))?;
        self.address.join(location).ok()
    }
}

/// A browser with a cookie jar. `Browser::default().visit(&address).await`
#[derive(Debug, Default)]
pub struct Browser {
    cookies: BTreeMap<String, BTreeMap<String, String>>,
    /// Every address it was at.
    pub history: Vec<Url>,
}

impl Browser {
    /// Opens an address as a person does, and follows redirects to the last page.
    ///
    /// # Panics
    /// When nobody answers.
    pub async fn visit(&mut self, address: &Url) -> Page {
        let mut page = self.open(address).await;
        for _ in 0..REDIRECTS {
            let Some(next) = page.next() else { return page };
            page = self.open(&next).await;
        }
        panic!("{address} redirects without end");
    }

    /// Follows redirects as long as they stay with one server; gives the address that leads elsewhere.
    ///
    /// # Panics
    /// When nobody answers, or no redirect leads elsewhere.
    pub async fn until_elsewhere(&mut self, address: &Url) -> Url {
        let mut address = address.clone();
        for _ in 0..REDIRECTS {
            let next = self.open(&address).await.next().expect("a redirect");
            if next.origin() != address.origin() {
                return next;
            }
            address = next;
        }
        panic!("{address} redirects without end");
    }

    /// Opens one address, without following redirects.
    ///
    /// # Panics
    /// When nobody answers.
    pub async fn open(&mut self, address: &Url) -> Page {
        let origin = address.origin().ascii_serialization();
        let cookies = self.cookies.entry(origin).or_default();
        let jar: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let jar = jar.join("; ");
        let mut headers = vec![("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
        if !jar.is_empty() {
            headers.push(("cookie", &jar));
        }
        let page = Self::request("GET", address, &headers).await;
        for (name, value) in &page.headers {
            let cookie = value.split(';').next().unwrap_or_default().split_once('=');
            if let Some((key, value)) = cookie.filter(|_| name == "set-cookie") {
                cookies.insert(key.to_owned(), value.to_owned());
            }
        }
        self.history.push(address.clone());
        page
    }

    /// One request with these headers, and `Host` where it is not among them: what a page's script or another program
    /// might send.
    ///
    /// # Panics
    /// When nobody answers.
    pub async fn request(method: &str, address: &Url, headers: &[(&str, &str)]) -> Page {
        let authority = &address[url::Position::BeforeHost..url::Position::AfterPort];
        let target = &address[url::Position::BeforePath..url::Position::AfterQuery];
        let mut head = format!("{method} {target} HTTP/1.1\r\n");
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            head.push_str(&format!("host: {authority}\r\n"));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("connection: close\r\n\r\n");
        let bytes = Self::raw(address, head.as_bytes()).await;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|status| status.parse().ok());
        Page {
            address: address.clone(),
            status: status.unwrap_or_else(|| panic!("{address} answers no HTTP: {text:?}")),
            headers: lines
                .filter_map(|line| line.split_once(':'))
                .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
                .collect(),
            body: body.to_owned(),
        }
    }

    /// Sends these bytes and reads to the end.
    ///
    /// # Panics
    /// When nobody is there.
    pub async fn raw(address: &Url, bytes: &[u8]) -> Vec<u8> {
        let mut socket = Self::connect(address).await;
        _ = socket.write_all(bytes).await;
        let mut answer = Vec::new();
        // A connection that is reset has said what it had to say.
        _ = soon("an answer", socket.read_to_end(&mut answer)).await;
        answer
    }

    /// A connection on which nothing has been said.
    ///
    /// # Panics
    /// When nobody is there.
    pub async fn connect(address: &Url) -> TcpStream {
        let sockets = address.socket_addrs(|| None).expect("an address of this computer");
        assert!(sockets.iter().all(|socket| socket.ip().is_loopback()), "{address} is not on this computer");
        TcpStream::connect(&*sockets).await.unwrap_or_else(|error| panic!("{address}: {error}"))
    }
}
