//! The loopback listener: lives while one attempt lasts, takes one answer, and tells the browser how it ended.
//!
//! The browser waits until the answer was checked, then is sent to a page without the answer in its address, so that no
//! code or token stays in its history (RFC 8252 §8.3 asks for loopback addresses only; RFC 9700 §4.2.4 for clean histories).

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::callback::{Answer, Expected, HEAD_LIMIT, Kind, Reading};
use super::page::Page;

/// How long a connection may take to say what it wants.
const READ_DEADLINE: Duration = Duration::from_secs(10);

/// How long the browser may take to ask for the last page.
const PAGE_DEADLINE: Duration = Duration::from_secs(5);

/// Connections at the same time; browsers open a few ahead of need.
const CONNECTIONS: usize = 16;

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
    /// # Errors
    /// [`ListenError::Taken`], or what the system says.
    pub async fn fixed(port: u16, path: &str) -> Result<Self, ListenError> {
        let taken = |error: io::Error| match error.kind() {
            io::ErrorKind::AddrInUse => ListenError::Taken { port, holder: super::holder::of(port) },
            _ => ListenError::Failed(error),
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
        loop {
            tokio::select! {
                Some(Ok(Some((answer, stream)))) = connections.join_next(), if !connections.is_empty() => {
                    return Ok((answer, Browser { stream, listener: self }));
                }
                accepted = accept(&self.sockets), if connections.len() < CONNECTIONS => {
                    let (stream, peer) = accepted?;
                    if peer.ip().is_loopback() {
                        connections.spawn(read(stream, expected.clone()));
                    }
                }
            }
        }
    }
}

/// Accepts on whichever socket is ready first.
async fn accept(sockets: &[TcpListener]) -> io::Result<(TcpStream, SocketAddr)> {
    std::future::poll_fn(|context| {
        for socket in sockets {
            if let std::task::Poll::Ready(accepted) = socket.poll_accept(context) {
                return std::task::Poll::Ready(accepted);
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
        match expected.read(&bytes) {
            Reading::Incomplete if read > 0 => {}
            reading => return Ok(reading),
        }
    }
}

/// The browser that brought the answer and waits for a page.
#[derive(Debug)]
pub struct Browser {
    stream: TcpStream,
    listener: Listener,
}

impl Browser {
    /// Shows how it ended, at an address that tells nothing. Gives up quietly: the browser may be gone.
    pub async fn show(mut self, page: &Page) {
        let there = format!("location: {PAGE_PATH}\r\n");
        if timeout(PAGE_DEADLINE, respond(&mut self.stream, 303, &there, "")).await.is_err() {
            return;
        }
        drop(self.stream);
        let _ = timeout(PAGE_DEADLINE, serve(&self.listener, page)).await;
    }
}

/// Answers the one request for the last page, and turns everything else away.
async fn serve(listener: &Listener, page: &Page) -> io::Result<()> {
    let expected = Expected { hosts: listener.hosts.clone(), path: PAGE_PATH.to_owned(), answer: Kind::Token };
    loop {
        let (mut stream, _) = accept(&listener.sockets).await?;
        let Ok(Ok(Reading::Other(rejection))) = timeout(READ_DEADLINE, head(&mut stream, &expected)).await else {
            continue;
        };
        // The page's address carries nothing: what is right about the request is all but that.
        if rejection == super::callback::Rejection::Empty {
            return respond(&mut stream, page.status(), &page.headers(), page.html()).await;
        }
        respond(&mut stream, rejection.status(), "", "").await?;
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
