//! What the tests of signing in share: a transport over plain sockets, a clock to turn, a keeper to lock, and a person who
//! signs in.

use std::collections::{BTreeMap, HashSet};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use capibara6_identity::sign_in::{Arrival, Pages, SignIn, SignInError, Way, Words};
use capibara6_identity::{
    Backend, Clock, Http, PlainConsent, Secret, SecretError, SecretStore, Sending, Sessions, Transport,
};
use capibara6_protocol::{AppError, ErrorCode};
use capibara6_testkit::sign_in::{Browser, IdentityProvider, Page};
use capibara6_testkit::soon;
use http::{Request, Response};
use tokio::sync::watch;

/// Sends over plain sockets, one connection for each request. It blocks a thread meanwhile, so that a paused clock stands
/// still until the answer is there.
#[derive(Clone, Default)]
pub struct Wire {
    deaf: Arc<Mutex<HashSet<String>>>,
    down: Arc<Mutex<HashSet<String>>>,
    unheard: watch::Sender<usize>,
}

impl Wire {
    /// Answers of this path never arrive.
    pub fn deafen(&self, path: &str) {
        self.deaf.lock().expect("a lock").insert(path.to_owned());
    }

    /// Waits until an answer was asked for that never arrives.
    pub async fn waits_in_vain(&self) {
        let mut unheard = self.unheard.subscribe();
        soon("a request", unheard.wait_for(|unheard| *unheard > 0)).await.expect("the wire is there");
    }

    /// This path cannot be reached.
    pub fn cut(&self, path: &str) {
        self.down.lock().expect("a lock").insert(path.to_owned());
    }

    /// Everything can be reached again.
    pub fn mend(&self) {
        self.down.lock().expect("a lock").clear();
        self.deaf.lock().expect("a lock").clear();
    }

    pub fn http(&self) -> Http {
        Http::new(self.clone(), PlainConsent::default())
    }
}

impl Transport for Wire {
    fn send(&self, request: Request<Vec<u8>>) -> Sending {
        let path = request.uri().path().to_owned();
        if self.down.lock().expect("a lock").contains(&path) {
            return Box::pin(async { Err(ErrorCode::Unreachable.into()) });
        }
        if self.deaf.lock().expect("a lock").contains(&path) {
            self.unheard.send_modify(|unheard| *unheard += 1);
            return Box::pin(std::future::pending());
        }
        Box::pin(async move {
            let sent = tokio::task::spawn_blocking(move || exchange(&request));
            sent.await.expect("the exchange does not panic").ok_or_else(|| AppError::new(ErrorCode::Refused))
        })
    }
}

fn exchange(request: &Request<Vec<u8>>) -> Option<Response<Vec<u8>>> {
    let authority = request.uri().authority().expect("an absolute address").as_str();
    let mut socket = TcpStream::connect(authority).ok()?;
    assert!(socket.peer_addr().ok()?.ip().is_loopback(), "nothing but this computer is contacted");
    socket.set_read_timeout(Some(Duration::from_secs(60))).ok()?;
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    let mut bytes = format!("{} {target} HTTP/1.1\r\nhost: {authority}\r\n", request.method()).into_bytes();
    for (name, value) in request.headers() {
        bytes.extend_from_slice(format!("{name}: ").as_bytes());
        bytes.extend_from_slice(value.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
        .extend_from_slice(format!("content-length: {}\r\nconnection: close\r\n\r\n", request.body().len()).as_bytes());
    bytes.extend_from_slice(request.body());
    socket.write_all(&bytes).ok()?;
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).ok()?;
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8(answer[..end].to_vec()).ok()?;
    let mut lines = head.split("\r\n");
    let mut response = Response::builder().status(lines.next()?.split(' ').nth(1)?);
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        response = response.header(name, value.trim());
    }
    response.body(answer[end + 4..].to_vec()).ok()
}

/// A clock that a test turns.
#[derive(Clone, Default)]
pub struct Turned(Arc<AtomicI64>);

impl Turned {
    pub fn clock(&self) -> Clock {
        let by = Arc::clone(&self.0);
        Clock::new(move || match by.load(Ordering::SeqCst) {
            seconds @ 0.. => SystemTime::now() + Duration::from_secs(seconds.unsigned_abs()),
            seconds => SystemTime::now() - Duration::from_secs(seconds.unsigned_abs()),
        })
    }

    /// So many seconds before or after the real time.
    pub fn turn(&self, seconds: i64) {
        self.0.store(seconds, Ordering::SeqCst);
    }
}

/// A keeper of secrets that outlives its store, and can be locked.
#[derive(Clone, Default)]
pub struct Shelf {
    kept: Arc<Mutex<BTreeMap<String, String>>>,
    locked: Arc<Mutex<bool>>,
}

impl Shelf {
    pub fn store(&self) -> SecretStore {
        SecretStore::with_backend(self.clone())
    }

    pub fn lock(&self, locked: bool) {
        *self.locked.lock().expect("a lock") = locked;
    }

    /// Everything that is kept, as one text.
    pub fn text(&self) -> String {
        format!("{:?}", self.kept.lock().expect("a lock"))
    }

    pub fn names(&self) -> Vec<String> {
        self.kept.lock().expect("a lock").keys().cloned().collect()
    }

    fn open(&self) -> Result<(), SecretError> {
        if *self.locked.lock().expect("a lock") { Err(SecretError::Locked) } else { Ok(()) }
    }
}

impl Backend for Shelf {
    fn get(&mut self, _: &str, account: &str) -> Result<Option<Secret>, SecretError> {
        self.open()?;
        Ok(self.kept.lock().expect("a lock").get(account).cloned().map(Secret::new))
    }

    fn set(&mut self, _: &str, account: &str, secret: &Secret) -> Result<(), SecretError> {
        self.open()?;
        self.kept.lock().expect("a lock").insert(account.to_owned(), secret.expose().to_owned());
        Ok(())
    }

    fn delete(&mut self, _: &str, account: &str) -> Result<(), SecretError> {
        self.open()?;
        self.kept.lock().expect("a lock").remove(account);
        Ok(())
    }

    fn probe(&mut self, _: &str) -> Result<(), SecretError> {
        self.open()
    }
}

pub const SUCCESS: &str = "Has iniciado sesión";
pub const FAILURE: &str = "No has iniciado sesión";

pub fn pages() -> Pages {
    let words = |title: &str| Words {
        language: "es".into(),
        right_to_left: false,
        title: title.into(),
        text: "Vuelve a Capibara6.".into(),
    };
    Pages { success: words(SUCCESS), failure: words(FAILURE) }
}

/// The title of the browser's last page.
pub fn title(page: &Page) -> &str {
    page.body.split("<h1>").nth(1).and_then(|rest| rest.split("</h1>").next()).unwrap_or_default()
}

pub fn sign_in(wire: &Wire) -> SignIn {
    SignIn::new(wire.http(), Clock::system())
}

/// A person signs in; gives how it ended here and what their browser shows.
pub async fn arrive(sign_in: &SignIn, way: Way) -> (Result<Arrival, SignInError>, Page) {
    let attempt = sign_in.begin(way, pages()).await.expect("the attempt begins");
    let address = attempt.address().clone();
    let finishing = tokio::spawn(attempt.finish());
    let page = Browser::default().visit(&address).await;
    (finishing.await.expect("it does not panic"), page)
}

/// Sessions on a shelf, and somebody signed in with the provider.
pub async fn signed_in(wire: &Wire, shelf: &Shelf, turned: &Turned, provider: &IdentityProvider) -> Sessions {
    let sessions = Sessions::new(shelf.store(), wire.http(), turned.clock());
    let (arrival, _) = arrive(&sign_in(wire), Way::Oidc(provider.oidc())).await;
    sessions.keep(arrival.expect("somebody arrives").confirm()).await.expect("the session is kept");
    sessions
}

/// A port that nobody has at this moment.
pub fn free_port() -> u16 {
    let socket = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    socket.local_addr().expect("it has an address").port()
}
