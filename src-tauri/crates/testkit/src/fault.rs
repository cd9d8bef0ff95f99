//! Servers with a fault, down to the socket.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::canned::Canned;
use crate::http::{self, RequestReader};

/// How long a connection may take before a backlog counts as full. Loopback connects in microseconds.
const FULL: Duration = Duration::from_millis(300);

fn bound() -> (TcpSocket, SocketAddr) {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).expect("a loopback port");
    let address = socket.local_addr().expect("a bound address");
    (socket, address)
}

fn url(address: SocketAddr) -> String {
    format!("http://{address}/v1")
}

/// A port that refuses connections and that nobody else gets meanwhile. `RefusedPort::reserve().url()`
#[derive(Debug)]
pub struct RefusedPort {
    _socket: TcpSocket,
    address: SocketAddr,
}

impl RefusedPort {
    /// Takes a port without listening on it.
    pub fn reserve() -> Self {
        let (socket, address) = bound();
        Self { _socket: socket, address }
    }

    /// Where nothing listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The same as a profile holds it.
    pub fn url(&self) -> String {
        url(self.address)
    }
}

/// A server that never answers.
#[derive(Debug)]
pub struct BlackHole {
    address: SocketAddr,
    _listener: Option<TcpListener>,
    _fill: Vec<TcpStream>,
    _server: Option<RawServer>,
}

impl BlackHole {
    /// Takes connections and requests and never says a word. `BlackHole::accepting().await`
    pub async fn accepting() -> Self {
        let server = RawServer::start(|mut socket| async move {
            let (mut read, _write) = socket.split();
            // Reading keeps the client's sends from blocking.
            _ = tokio::io::copy(&mut read, &mut tokio::io::sink()).await;
        })
        .await;
        Self { address: server.address(), _listener: None, _fill: Vec::new(), _server: Some(server) }
    }

    /// Does not even complete connections: its backlog is full. `BlackHole::unanswered().await`
    ///
    /// Connecting hangs as it does with a host behind a silent firewall. (Windows refuses instead.)
    pub async fn unanswered() -> Self {
        let (socket, address) = bound();
        let listener = socket.listen(1).expect("a listener");
        let mut fill = Vec::new();
        while let Ok(Ok(stream)) = timeout(FULL, TcpStream::connect(address)).await {
            fill.push(stream);
        }
        Self { address, _listener: Some(listener), _fill: fill, _server: None }
    }

    /// Where it is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The same as a profile holds it.
    pub fn url(&self) -> String {
        url(self.address)
    }
}

/// A server that does with each socket what it is told. It stops when dropped.
#[derive(Debug)]
pub struct RawServer {
    address: SocketAddr,
    _stop: DropGuard,
}

impl RawServer {
    /// Runs `handler` on each connection. `RawServer::start(|socket| async move { drop(socket) }).await`
    pub async fn start<F, Fut>(handler: F) -> Self
    where
        F: Fn(TcpStream) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a loopback port");
        let address = listener.local_addr().expect("a bound address");
        let stop = CancellationToken::new();
        let guard = stop.clone().drop_guard();
        tokio::spawn(async move {
            loop {
                let accepted = tokio::select! {
                    () = stop.cancelled() => return,
                    accepted = listener.accept() => accepted,
                };
                if let Ok((socket, _)) = accepted {
                    _ = socket.set_nodelay(true);
                    let (work, stop) = (handler(socket), stop.clone());
                    tokio::spawn(async move {
                        tokio::select! {
                            () = stop.cancelled() => (),
                            () = work => (),
                        }
                    });
                }
            }
        });
        Self { address, _stop: guard }
    }

    /// Resets each connection as soon as it stands. `RawServer::reset_on_accept().await`
    pub async fn reset_on_accept() -> Self {
        Self::start(|socket| async move { reset(socket) }).await
    }

    /// Resets each connection once a request has arrived. `RawServer::reset_on_request().await`
    pub async fn reset_on_request() -> Self {
        Self::start(|mut socket| async move {
            RequestReader::new(&mut socket, 0).next().await;
            reset(socket);
        })
        .await
    }

    /// Closes each connection as soon as it stands. `RawServer::close_on_accept().await`
    pub async fn close_on_accept() -> Self {
        Self::start(|socket| async move { drop(socket) }).await
    }

    /// Answers every request with these bytes and closes. `RawServer::say(b"SSH-2.0-OpenSSH_9.2\r\n").await`
    pub async fn say(bytes: &[u8]) -> Self {
        Self::drip(bytes, bytes.len().max(1), Duration::ZERO).await
    }

    /// Answers every request with these bytes, so many at a time with a pause in between (slow loris).
    /// `RawServer::drip(answer, 1, Duration::from_millis(5)).await`
    pub async fn drip(bytes: &[u8], at_a_time: usize, pause: Duration) -> Self {
        let bytes: std::sync::Arc<[u8]> = bytes.into();
        Self::start(move |mut socket| {
            let bytes = bytes.clone();
            async move {
                if RequestReader::new(&mut socket, 0).next().await.is_none() {
                    return;
                }
                for piece in bytes.chunks(at_a_time) {
                    if socket.write_all(piece).await.is_err() {
                        return;
                    }
                    tokio::time::sleep(pause).await;
                }
                _ = socket.shutdown().await;
            }
        })
        .await
    }

    /// Sends every request elsewhere with 307, path and query kept. `RawServer::redirect("http://127.0.0.1:9").await`
    pub async fn redirect(origin: &str) -> Self {
        let origin = origin.to_owned();
        Self::start(move |mut socket| {
            let origin = origin.clone();
            async move {
                if let Some(request) = RequestReader::new(&mut socket, 0).next().await {
                    let answer = Canned::redirect(&format!("{origin}{}", request.path));
                    _ = socket.write_all(&http::response(&answer, true)).await;
                    _ = socket.shutdown().await;
                }
            }
        })
        .await
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The same as a profile holds it.
    pub fn url(&self) -> String {
        url(self.address)
    }
}

fn reset(socket: TcpStream) {
    // With no time to linger, closing sends RST.
    _ = socket.set_zero_linger();
    drop(socket);
}
