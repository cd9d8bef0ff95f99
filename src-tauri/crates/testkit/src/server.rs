//! A model server that speaks as vLLM does, whose chats wait for the test.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use capibara6_protocol::ServerKind;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::tcp::OwnedReadHalf;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex as AsyncMutex, mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::canned::{self, Canned};
use crate::exchange::{End, Exchange, Line};
use crate::http::{self, Request, RequestReader};
use crate::script::Script;
use crate::{soon, wire};

/// What happens to a chat request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chat {
    /// It waits for [`ModelServer::next_chat`].
    Gated,
    /// It is answered by a script.
    Scripted(Script),
    /// It gets a whole answer.
    Canned(Canned),
}

/// A server on 127.0.0.1. It stops when dropped.
#[derive(Debug)]
pub struct ModelServer {
    address: SocketAddr,
    state: Arc<State>,
    chats: AsyncMutex<mpsc::UnboundedReceiver<Exchange>>,
    up: Mutex<Up>,
}

/// One stretch of being up.
#[derive(Debug)]
struct Up {
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// What the connections share.
#[derive(Debug)]
struct State {
    models: Vec<String>,
    settings: Mutex<Settings>,
    max_model_len: AtomicU32,
    connections: AtomicUsize,
    requests: watch::Sender<Vec<Request>>,
    chats: mpsc::UnboundedSender<Exchange>,
}

#[derive(Debug, Clone)]
struct Settings {
    chat: Chat,
    kind: ServerKind,
    key: Option<String>,
    routes: HashMap<String, Canned>,
}

impl ModelServer {
    /// Starts a server whose chats wait for [`Self::next_chat`]. `ModelServer::start(&["phi4:mini"]).await`
    pub async fn start(models: &[&str]) -> Self {
        Self::start_with(models, Chat::Gated).await
    }

    /// Starts a server that answers by itself. `ModelServer::scripted(&["phi4:mini"], Script::tokens(500)).await`
    pub async fn scripted(models: &[&str], script: Script) -> Self {
        Self::start_with(models, Chat::Scripted(script)).await
    }

    async fn start_with(models: &[&str], chat: Chat) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a loopback port");
        let address = listener.local_addr().expect("a bound address");
        let (sender, receiver) = mpsc::unbounded_channel();
        let state = Arc::new(State {
            models: models.iter().map(|model| (*model).to_owned()).collect(),
            settings: Mutex::new(Settings { chat, kind: ServerKind::Vllm, key: None, routes: HashMap::new() }),
            max_model_len: AtomicU32::new(8192),
            connections: AtomicUsize::new(0),
            requests: watch::Sender::new(Vec::new()),
            chats: sender,
        });
        let up = Mutex::new(Up::begin(listener, &state));
        Self { address, state, chats: AsyncMutex::new(receiver), up }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its base address as a profile holds it: `http://127.0.0.1:PORT/v1`.
    pub fn url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// The models it serves.
    pub fn models(&self) -> &[String] {
        &self.state.models
    }

    /// The next chat request, held open. `let mut chat = server.next_chat().await`
    ///
    /// # Panics
    /// When none comes within [`crate::PATIENCE`].
    pub async fn next_chat(&self) -> Exchange {
        let mut chats = self.chats.lock().await;
        soon("a chat request arrives", chats.recv()).await.expect("the server is there")
    }

    /// A chat request that is already waiting, if one is. `assert!(server.waiting_chat().is_none())`
    pub fn waiting_chat(&self) -> Option<Exchange> {
        self.chats.try_lock().ok()?.try_recv().ok()
    }

    /// Changes what happens to chats from now on. `server.answer(Chat::Canned(Canned::status(503)))`
    pub fn answer(&self, chat: Chat) {
        self.state.settings.lock().unwrap().chat = chat;
    }

    /// Replaces the answer of one path. `server.route("GET /health", Canned::silence())`
    pub fn route(&self, line: &str, canned: Canned) {
        self.state.settings.lock().unwrap().routes.insert(line.to_owned(), canned);
    }

    /// Takes a replaced answer back. `server.unroute("GET /health")`
    pub fn unroute(&self, line: &str) {
        self.state.settings.lock().unwrap().routes.remove(line);
    }

    /// From now on everything under `/v1` needs this bearer key, as vLLM's `--api-key`. `server.require_key("k")`
    pub fn require_key(&self, key: &str) {
        self.state.settings.lock().unwrap().key = Some(key.to_owned());
    }

    /// From now on it is known as another kind of server. `server.pretend(ServerKind::Ollama)`
    pub fn pretend(&self, kind: ServerKind) {
        self.state.settings.lock().unwrap().kind = kind;
    }

    /// The context that `/v1/models` and `/tokenize` tell. `server.max_model_len(512)`
    pub fn max_model_len(&self, tokens: u32) {
        self.state.max_model_len.store(tokens, Ordering::Relaxed);
    }

    /// Every request so far, in order of arrival.
    pub fn requests(&self) -> Vec<Request> {
        self.state.requests.borrow().clone()
    }

    /// How many chat requests there were.
    pub fn chat_count(&self) -> usize {
        self.state.requests.borrow().iter().filter(|request| is_chat(request)).count()
    }

    /// How many connections were made.
    pub fn connection_count(&self) -> usize {
        self.state.connections.load(Ordering::Relaxed)
    }

    /// Waits for a request, past or future. `server.request_matching(|r| r.path == "/health").await`
    ///
    /// # Panics
    /// When none comes within [`crate::PATIENCE`].
    pub async fn request_matching(&self, wanted: impl Fn(&Request) -> bool) -> Request {
        self.requests_matching(1, wanted).await.swap_remove(0)
    }

    /// Waits until so many requests have matched. `server.requests_matching(2, |r| r.path == "/v1/models").await`
    ///
    /// # Panics
    /// When they do not come within [`crate::PATIENCE`].
    pub async fn requests_matching(&self, count: usize, wanted: impl Fn(&Request) -> bool) -> Vec<Request> {
        let mut requests = self.state.requests.subscribe();
        let enough = |all: &Vec<Request>| all.iter().filter(|request| wanted(request)).count() >= count;
        let all = soon("requests match", requests.wait_for(enough)).await.expect("the server is there").clone();
        all.into_iter().filter(|request| wanted(request)).collect()
    }

    /// Closes every connection and the port, which refuses from then on. `server.go_down().await`
    pub async fn go_down(&self) {
        let tasks = {
            let up = self.up.lock().unwrap();
            up.stop.cancel();
            up.tasks.close();
            up.tasks.clone()
        };
        soon("the server goes down", tasks.wait()).await;
    }

    /// Listens on the same port again. `server.come_back().await`
    pub async fn come_back(&self) {
        let listener = TcpListener::bind(self.address).await.expect("the same port again");
        let up = Up::begin(listener, &self.state);
        *self.up.lock().unwrap() = up;
    }
}

impl Up {
    fn begin(listener: TcpListener, state: &Arc<State>) -> Self {
        let up = Self { stop: CancellationToken::new(), tasks: TaskTracker::new() };
        let (stop, tasks, state) = (up.stop.clone(), up.tasks.clone(), state.clone());
        up.tasks.spawn(async move {
            loop {
                let accepted = tokio::select! {
                    () = stop.cancelled() => return,
                    accepted = listener.accept() => accepted,
                };
                if let Ok((socket, _)) = accepted {
                    tasks.spawn(Connection::serve(socket, state.clone(), stop.clone()));
                }
            }
        });
        up
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn is_chat(request: &Request) -> bool {
    request.line() == "POST /v1/chat/completions"
}

/// What becomes of a request.
enum Decision {
    Respond(Canned),
    Exchange(Chat),
}

impl State {
    fn decide(&self, request: &Request) -> Decision {
        let settings = self.settings.lock().unwrap().clone();
        if let Some(canned) = settings.routes.get(&request.line()) {
            return Decision::Respond(canned.clone());
        }
        let authorised = settings.key.as_ref().is_none_or(|key| {
            !request.path.starts_with("/v1") || request.header("authorization") == Some(&format!("Bearer {key}"))
        });
        if !authorised {
            return Decision::Respond(canned::vllm_unauthorised());
        }
        if is_chat(request) {
            return self.decide_chat(request, settings.chat);
        }
        Decision::Respond(self.fixed(request, settings.kind))
    }

    fn decide_chat(&self, request: &Request, chat: Chat) -> Decision {
        let body = request.json();
        let model = body["model"].as_str().unwrap_or_default();
        if self.models.iter().any(|served| served == model) {
            return Decision::Exchange(chat);
        }
        let message = format!("The model `{model}` does not exist. Valid aliases: {}.", self.models.join(", "));
        let error = json!({ "message": message, "type": "NotFoundError", "param": "model", "code": 404 });
        Decision::Respond(Canned::status(404).with_json(&json!({ "error": error })))
    }

    fn fixed(&self, request: &Request, kind: ServerKind) -> Canned {
        match (request.line().as_str(), kind) {
            ("GET /v1/models", _) => Canned::json(&self.list(kind)),
            ("GET /health", ServerKind::Vllm) => Canned::status(200),
            ("GET /health", ServerKind::Capibara6) => Canned::json(&json!({
                "status": "healthy", "models_loaded": self.models.len(), "models_available": self.models.len(),
            })),
            ("GET /api/tags", ServerKind::Ollama) => {
                let models: Vec<Value> =
                    self.models.iter().map(|model| json!({ "name": model, "model": model })).collect();
                Canned::json(&json!({ "models": models }))
            }
            ("GET /api/version", ServerKind::Ollama) => Canned::json(&json!({ "version": "0.12.0" })),
            ("GET /", ServerKind::Ollama) => Canned::text("text/plain; charset=utf-8", "Ollama is running"),
            ("POST /tokenize", ServerKind::Vllm) => Canned::json(&json!({
                "count": count_words(&request.json()),
                "max_model_len": self.max_model_len.load(Ordering::Relaxed),
                "tokens": [],
                "token_strs": null,
            })),
            _ => Canned::status(404).with_json(&json!({ "detail": "Not Found" })),
        }
    }

    fn list(&self, kind: ServerKind) -> Value {
        let card = |model: &String| match kind {
            ServerKind::Vllm => json!({
                "id": model, "object": "model", "created": wire::CREATED, "owned_by": "vllm", "root": model,
                "parent": null, "max_model_len": self.max_model_len.load(Ordering::Relaxed), "permission": [],
            }),
            ServerKind::Capibara6 => json!({
                "id": model, "object": "model", "created": wire::CREATED, "owned_by": "capibara6", "permission": [],
                "root": model, "parent": null, "description": "", "domain": "general", "status": "loaded",
            }),
            ServerKind::Ollama => {
                json!({ "id": model, "object": "model", "created": wire::CREATED, "owned_by": "library" })
            }
            ServerKind::OpenaiCompatible => {
                json!({ "id": model, "object": "model", "created": wire::CREATED, "owned_by": "organization_owner" })
            }
        };
        let data: Vec<Value> = self.models.iter().map(card).collect();
        json!({ "object": "list", "data": data })
    }
}

/// A token per word and four per message, so that tests can reckon.
fn count_words(body: &Value) -> usize {
    let words = |text: &Value| text.as_str().unwrap_or_default().split_whitespace().count();
    let messages = body["messages"]
        .as_array()
        .map_or(0, |messages| messages.iter().map(|message| words(&message["content"]) + 4).sum());
    messages + words(&body["prompt"])
}

/// One connection: the only place that closes it.
struct Connection {
    reader: RequestReader<OwnedReadHalf>,
    line: Line,
    state: Arc<State>,
    stop: CancellationToken,
}

impl Connection {
    async fn serve(socket: TcpStream, state: Arc<State>, stop: CancellationToken) {
        // Each piece leaves by itself, as a server that flushes sends it.
        _ = socket.set_nodelay(true);
        let number = state.connections.fetch_add(1, Ordering::Relaxed);
        let (read, write) = socket.into_split();
        let line = Arc::new(AsyncMutex::new(Some(write)));
        let mut connection = Self { reader: RequestReader::new(read, number), line: line.clone(), state, stop };
        let end = connection.run().await;
        let writer = line.lock().await.take();
        if let (End::Reset, Some(writer)) = (end, writer) {
            _ = writer.as_ref().set_zero_linger();
            // Dropping the half would send a FIN before the RST.
            writer.forget();
        }
    }

    async fn run(&mut self) -> End {
        loop {
            let request = tokio::select! {
                () = self.stop.cancelled() => return End::Close,
                request = self.reader.next() => request,
            };
            let Some(request) = request else { return End::Close };
            self.state.requests.send_modify(|requests| requests.push(request.clone()));
            let close = request.wants_close();
            let end = match self.state.decide(&request) {
                Decision::Respond(canned) => self.respond(&canned, close).await,
                Decision::Exchange(chat) => self.exchange(request, chat).await,
            };
            if close || end != End::Answered {
                return if end == End::Answered { End::Close } else { end };
            }
        }
    }

    async fn respond(&mut self, canned: &Canned, close: bool) -> End {
        if canned.hangs {
            tokio::select! {
                () = self.stop.cancelled() => (),
                () = async { while self.reader.fill().await {} } => (),
            }
            return End::Close;
        }
        let bytes = http::response(canned, close);
        let sent = match self.line.lock().await.as_mut() {
            Some(writer) => writer.write_all(&bytes).await.is_ok(),
            None => false,
        };
        if sent { End::Answered } else { End::Close }
    }

    /// Hands the request over and watches the socket until the exchange has ended.
    async fn exchange(&mut self, request: Request, chat: Chat) -> End {
        let (closed, closing) = watch::channel(None);
        let (end, mut ended) = oneshot::channel();
        let exchange = Exchange::new(request, self.line.clone(), end, closing, self.stop.clone());
        match chat {
            // The receiver lives as long as the server.
            Chat::Gated => _ = self.state.chats.send(exchange),
            Chat::Scripted(script) => _ = tokio::spawn(async move { script.play(exchange).await }),
            Chat::Canned(canned) => _ = tokio::spawn(async move { exchange.respond(&canned).await }),
        }
        let mut client = Client::There;
        loop {
            tokio::select! {
                biased;
                () = self.stop.cancelled() => return End::Close,
                end = &mut ended => return end.unwrap_or(End::Close),
                there = self.reader.fill(), if client == Client::There => {
                    if !there {
                        client = Client::Gone;
                        _ = closed.send(Some(std::time::Instant::now()));
                    }
                }
            }
        }
    }
}

/// Whether the client is still connected.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Client {
    There,
    Gone,
}
