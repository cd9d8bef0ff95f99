//! The loopback listener: lives while one attempt lasts, takes one answer, and tells the browser how it ended.
//!
//! The browser waits until the answer was checked, then is sent to a page without the answer in its address, so that no
//! code or token stays in its history (RFC 8252 §8.3 asks for loopback addresses only; RFC 9700 §4.2.4 for clean histories).

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::callback::{Answer, Expected, HEAD_LIMIT, Kind, Reading, Rejection};
use super::page::Page;

/// How long a connection may take to say what it wants.
const READ_DEADLINE: Duration = Duration::from_secs(10);

/// How long the browser may take to ask for the last page.
const PAGE_DEADLINE: Duration = Duration::from_secs(2);

/// Connections at the same time; browsers open a few ahead of need.
const CONNECTIONS: usize = 32;

/// Where the last page is.
const PAGE_PATH: &str = "/signed-in";

/// Listens, until it is dropped or has its answer.
#[derive(Debug)]
pub struct Listener {
    sockets: Vec<TcpListener>,
    hosts: Vec<String>,
    path: String,
    port: u16,
}

/// Why there is no listener.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Another program has the port; its name and process id where the system tells.
    #[error("port {port} is taken")]
    Taken {
        /// The port.
        port: u16,
        /// Who has it.
        holder: Option<String>,
    },
    /// The system refused otherwise.
    #[error(transparent)]
    Failed(#[from] io::Error),
}

impl Listener {
    /// Listens on a port that the system chooses, on 127.0.0.1 (RFC 8252 §7.3).
    ///
    /// # Errors
    /// What the system says.
    pub async fn ephemeral(path: &str) -> Result<Self, ListenError> {
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = socket.local_addr()?.port();
        Ok(Self { sockets: vec![socket], hosts: vec![format!("127.0.0.1:{port}")], path: path.to_owned(), port })
    }

    /// Listens where a sign-in server sends people whatever is asked of it. The name `localhost` means either family, and
    /// a program that had only one of them would get what is meant for us: both must be ours, where the system has both.
    ///
    /// On Windows another program of the same user can take the port a second time (`SO_REUSEADDR`), unless it is asked for
    /// with `SO_EXCLUSIVEADDRUSE`, which nothing without `unsafe` can ask for. What such a program would get is a token that
    /// it could as well read from this one's memory; nobody is signed in by it, because the server is asked about a token
    /// and the person shown first.
    ///
    /// # Errors
    /// [`ListenError::Taken`], or what the system says.
    pub async fn fixed(port: u16, path: &str) -> Result<Self, ListenError> {
        let taken = |error: io::Error| {
            if error.kind() == io::ErrorKind::AddrInUse {
                return ListenError::Taken { port, holder: super::holder::of(port) };
            }
            ListenError::Failed(error)
        };
        let mut sockets = vec![TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(taken)?];
        match TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await {
            Ok(socket) => sockets.push(socket),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(taken(error)),
            // No IPv6 on this computer.
            Err(_) => {}
        }
        let hosts = ["localhost", "127.0.0.1", "[::1]"].map(|host| format!("{host}:{port}")).to_vec();
        Ok(Self { sockets, hosts, path: path.to_owned(), port })
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The address to which a browser is sent back.
    pub fn redirect_uri(&self) -> String {
        format!("http://127.0.0.1:{}{}", self.port, self.path)
    }

    /// Waits for the answer. Whatever else arrives is turned away, and the waiting goes on.
    ///
    /// # Errors
    /// What the system says when nothing can be accepted any more.
    pub async fn answer(self, kind: Kind) -> io::Result<(Answer, Browser)> {
        let expected = Expected { hosts: self.hosts.clone(), path: self.path.clone(), answer: kind };
        let mut connections = JoinSet::new();
        let (answer, stream) = loop {
            tokio::select! {
                Some(read) = connections.join_next() => {
                    if let Ok(Some(answered)) = read {
                        break answered;
                    }
                }
                stream = accept(&self.sockets), if connections.len() < CONNECTIONS => {
                    connections.spawn(read(stream?, expected.clone()));
                }
            }
        };
        // From here on nothing is taken any more: while the answer is checked, and until the last page is shown,
        // whatever arrives is turned away. The connections that were open end here as well.
        drop(connections);
        let (page, shown) = watch::channel(None);
        let mut host = JoinSet::new();
        host.spawn(self::host(self, shown));
        Ok((answer, Browser { stream, page, host }))
    }
}

/// Accepts on whichever socket is ready first. Only this computer can connect to a loopback address.
async fn accept(sockets: &[TcpListener]) -> io::Result<TcpStream> {
    std::future::poll_fn(|context| {
        for socket in sockets {
            if let std::task::Poll::Ready(accepted) = socket.poll_accept(context) {
                return std::task::Poll::Ready(accepted.map(|(stream, _)| stream));
            }
        }
        std::task::Poll::Pending
    })
    .await
}

/// Reads one request; gives it back, unanswered, where it is the answer.
async fn read(mut stream: TcpStream, expected: Expected) -> Option<(Answer, TcpStream)> {
    let reading = timeout(READ_DEADLINE, head(&mut stream, &expected)).await.ok()?.ok()?;
    match reading {
        Reading::Answered(answer) => Some((answer, stream)),
        Reading::Other(rejection) => {
            tracing::debug!(?rejection, "something else than the answer arrived");
            let _ = timeout(READ_DEADLINE, respond(&mut stream, rejection.status(), "", "")).await;
            None
        }
        Reading::Incomplete => None,
    }
}

async fn head(stream: &mut TcpStream, expected: &Expected) -> io::Result<Reading> {
    let mut bytes = Vec::with_capacity(2048);
    loop {
        let room = HEAD_LIMIT - bytes.len();
        let read = (&mut *stream).take(room as u64).read_buf(&mut bytes).await?;
        let reading = expected.read(&bytes);
        if reading != Reading::Incomplete || read == 0 {
            return Ok(reading);
        }
    }
}

/// Holds the port after the answer came, so that nobody else can show a page there: turns everything away but the request
/// for the last page, and ends when that was shown.
async fn host(listener: Listener, page: watch::Receiver<Option<Page>>) -> io::Result<()> {
    let expected = Expected { hosts: listener.hosts, path: PAGE_PATH.to_owned(), answer: Kind::Token };
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            Some(shown) = connections.join_next() => {
                if matches!(shown, Ok(true)) {
                    return Ok(());
                }
            }
            stream = accept(&listener.sockets), if connections.len() < CONNECTIONS => {
                connections.spawn(show(stream?, expected.clone(), page.clone()));
            }
        }
    }
}

/// Answers one request after the answer; says whether it was for the last page and has it.
async fn show(mut stream: TcpStream, expected: Expected, page: watch::Receiver<Option<Page>>) -> bool {
    let Ok(Ok(Reading::Other(rejection))) = timeout(READ_DEADLINE, head(&mut stream, &expected)).await else {
        return false;
    };
    let page = page.borrow().clone();
    // The page's address carries nothing: what is right about the request for it is all but that.
    let responding = match page.filter(|_| rejection == Rejection::Empty) {
        Some(page) => timeout(READ_DEADLINE, respond(&mut stream, 200, &page.headers(), page.html())).await,
        None if rejection == Rejection::Empty => {
            let _ = timeout(READ_DEADLINE, respond(&mut stream, Rejection::Path.status(), "", "")).await;
            return false;
        }
        None => {
            let _ = timeout(READ_DEADLINE, respond(&mut stream, rejection.status(), "", "")).await;
            return false;
        }
    };
    matches!(responding, Ok(Ok(())))
}

/// The browser that brought the answer and waits for a page. Dropping it closes the port.
#[derive(Debug)]
pub struct Browser {
    stream: TcpStream,
    page: watch::Sender<Option<Page>>,
    host: JoinSet<io::Result<()>>,
}

impl Browser {
    /// Shows how it ended, at an address that tells nothing. Gives up quietly: the browser may be gone.
    pub async fn show(mut self, page: Page) {
        self.page.send_replace(Some(page));
        let there = format!("location: {PAGE_PATH}\r\n");
        if let Ok(Ok(())) = timeout(PAGE_DEADLINE, respond(&mut self.stream, 303, &there, "")).await {
            let _ = timeout(PAGE_DEADLINE, self.host.join_next()).await;
        }
    }
}

async fn respond(stream: &mut TcpStream, status: u16, headers: &str, body: &str) -> io::Result<()> {
    let reason = match status {
        200 => "OK",
        303 => "See Other",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        421 => "Misdirected Request",
        _ => "Bad Request",
    };
    let head = format!(
        "HTTP/1.1 {status} {reason}\r\ncontent-length: {}\r\nconnection: close\r\ncache-control: no-store\r\n\
         referrer-policy: no-referrer\r\nx-content-type-options: nosniff\r\n{headers}\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    stream.shutdown().await
}
