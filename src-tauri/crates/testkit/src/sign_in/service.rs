//! One small HTTP service: answers each request with what a function says, and lets a test hold single routes back.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::canned::Canned;
use crate::http::{self, Request, RequestReader};
use crate::soon;

/// Holds the requests of one route back until it is opened. Dropping it opens it.
#[derive(Debug)]
pub struct Gate {
    open: watch::Sender<bool>,
}

impl Gate {
    /// Lets everything through, from now on.
    pub fn open(self) {
        drop(self);
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.open.send_replace(true);
    }
}

/// A service on 127.0.0.1. It stops when dropped.
#[derive(Debug)]
pub(super) struct Service {
    address: SocketAddr,
    shared: Arc<Shared>,
    _stop: DropGuard,
}

#[derive(Debug, Default)]
struct Shared {
    requests: watch::Sender<Vec<Request>>,
    gates: Mutex<HashMap<String, watch::Receiver<bool>>>,
}

impl Service {
    /// Starts it; `answer` sees its own address.
    pub(super) async fn start(answer: impl Fn(&Request, &str) -> Canned + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a loopback port");
        let address = listener.local_addr().expect("a bound address");
        let stop = CancellationToken::new();
        let shared = Arc::new(Shared::default());
        let (answer, origin) = (Arc::new(answer), format!("http://{address}"));
        let accepting = {
            let shared = Arc::clone(&shared);
            let stop = stop.clone();
            async move {
                while let Ok((socket, _)) = listener.accept().await {
                    let (shared, answer, origin) = (Arc::clone(&shared), Arc::clone(&answer), origin.clone());
                    let serving = async move { serve(socket, &shared, |request| answer(request, &origin)).await };
                    tokio::spawn(stop.clone().run_until_cancelled_owned(serving));
                }
            }
        };
        tokio::spawn(stop.clone().run_until_cancelled_owned(accepting));
        Self { address, shared, _stop: stop.drop_guard() }
    }

    pub(super) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Everything that was asked.
    pub(super) fn requests(&self) -> Vec<Request> {
        self.shared.requests.borrow().clone()
    }

    /// What was asked of one route, as `POST /token`.
    pub(super) fn asked(&self, route: &str) -> Vec<Request> {
        self.requests().into_iter().filter(|request| is(request, route)).collect()
    }

    /// Waits until a route was asked so many times.
    pub(super) async fn asked_times(&self, route: &str, times: usize) {
        let mut requests = self.shared.requests.subscribe();
        let enough =
            requests.wait_for(|requests| requests.iter().filter(|request| is(request, route)).count() >= times);
        soon(route, enough).await.expect("the service is there");
    }

    /// Holds a route back.
    pub(super) fn hold(&self, route: &str) -> Gate {
        let (open, gate) = watch::channel(false);
        self.shared.gates.lock().expect("a lock").insert(route.to_owned(), gate);
        Gate { open }
    }
}

fn is(request: &Request, route: &str) -> bool {
    line_without_query(request) == route
}

/// Method and path.
pub(super) fn line_without_query(request: &Request) -> String {
    let line = request.line();
    line.split('?').next().unwrap_or_default().to_owned()
}

async fn serve(mut socket: TcpStream, shared: &Shared, answer: impl Fn(&Request) -> Canned) {
    let (read, mut write) = socket.split();
    let mut reader = RequestReader::new(read, 0);
    while let Some(request) = reader.next().await {
        shared.requests.send_modify(|requests| requests.push(request.clone()));
        let gate = shared.gates.lock().expect("a lock").get(&line_without_query(&request)).cloned();
        if let Some(mut gate) = gate {
            _ = gate.wait_for(|open| *open).await;
        }
        let canned = answer(&request);
        if canned.hangs {
            while reader.fill().await {}
            return;
        }
        let close = request.wants_close();
        if write.write_all(&http::response(&canned, close)).await.is_err() || close {
            _ = write.shutdown().await;
            return;
        }
    }
}

/// The parameters of a query or a form.
pub(super) fn parameters(text: &[u8]) -> HashMap<String, String> {
    url::form_urlencoded::parse(text).into_owned().collect()
}

/// The parameters of a request's query.
pub(super) fn query(request: &Request) -> HashMap<String, String> {
    parameters(request.path.split_once('?').map_or("", |(_, query)| query).as_bytes())
}
