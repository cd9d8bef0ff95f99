//! Asking a model: sends the request, reads the answer, keeps the deadlines.
//!
//! A request is repeated only before the first token (see `retry`); there is no limit on the whole answer, only on
//! silence. Dropping a stream (or a future) closes its socket at once: nothing of it lives in another task.

use std::{
    collections::VecDeque,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use bytes::{Bytes, BytesMut};
use capibara6_protocol::{ErrorCode, FinishReason, ServerKind};
use futures_util::{FutureExt, Stream, StreamExt, stream};
use reqwest::{
    Method, Response,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, LOCATION},
};
use serde::Deserialize;
use serde_json::Value;
use tokio::time::{Instant, timeout, timeout_at};
use url::Url;

use crate::{
    ApiKey, ChatEvent, ChatMessage, ChatRequest, Endpoint, Failure, RetryPolicy,
    decode::{Decoder, End, Progress, Unframed, simulated},
    endpoint::{Body, Counting, Delivery, below, beside},
    traffic::{InFlight, Traffic},
};

/// The longest list of models, count of tokens and the like.
const SMALL_BYTES: usize = 4 * 1024 * 1024;
/// How much of an error's body is read.
const ERROR_BYTES: usize = 64 * 1024;
/// How long an error's body may take: the status is known already.
const ERROR_TIME: Duration = Duration::from_secs(5);
/// How often an ended body is asked for its last bytes, so that the connection can be used again.
const LAST_READS: usize = 8;

/// A client of model servers. Cheap to clone; clones share connections.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    retry: RetryPolicy,
    random: Arc<Mutex<fastrand::Rng>>,
    traffic: Traffic,
}

/// The events of one answer. The first error ends it.
pub type ChatStream = Pin<Box<dyn Stream<Item = Result<ChatEvent, Failure>> + Send + 'static>>;

/// A whole answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// The answer.
    pub content: String,
    /// The thinking before it.
    pub reasoning: String,
    /// Why the model stopped, where the server says so.
    pub finish: Option<FinishReason>,
    /// What the server counted, where it did.
    pub usage: Option<Usage>,
    /// The model as the server calls it, where it does.
    pub model: Option<String>,
}

/// Token counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Tokens of the conversation that was sent.
    pub prompt_tokens: u32,
    /// Tokens of the answer, thinking included.
    pub completion_tokens: u32,
}

/// What a server serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelList {
    /// What kind of server it is.
    pub kind: ServerKind,
    /// Its models, in its order.
    pub models: Vec<ModelCard>,
    /// From sending the question to the whole answer.
    pub latency: Duration,
}

/// One model of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelCard {
    /// What is sent as `model`.
    pub id: String,
    /// Tokens of question and answer together, where the server says so.
    pub max_model_len: Option<u32>,
}

/// How long a conversation is for a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenCount {
    /// Tokens of the conversation with its template.
    pub count: u32,
    /// Tokens of question and answer together, where the server says so.
    pub max_model_len: Option<u32>,
}

impl Client {
    /// A client on the application's HTTP client (see [`crate::http_client`]).
    pub fn new(http: reqwest::Client) -> Self {
        Self {
            http,
            retry: RetryPolicy::default(),
            random: Arc::new(Mutex::new(fastrand::Rng::new())),
            traffic: Traffic::default(),
        }
    }

    /// The same client with another rule for repeating and, for tests, known randomness.
    #[must_use]
    pub fn with_retry(mut self, retry: RetryPolicy, seed: Option<u64>) -> Self {
        self.retry = retry;
        if let Some(seed) = seed {
            self.random = Arc::new(Mutex::new(fastrand::Rng::with_seed(seed)));
        }
        self
    }

    pub(crate) fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    /// Asks and yields the answer as it comes.
    ///
    /// The stream ends without an error only after an answer that ended in order: with its end mark, or with a finish
    /// reason and the end of the body. Everything else is one `Err` item, which is the last. A server that ends a
    /// stream without having said anything is asked once more for a whole answer: some of the platform's only know those.
    pub fn chat_stream(&self, endpoint: Endpoint, request: ChatRequest) -> ChatStream {
        let chat = Chat {
            in_flight: self.traffic.enter(&endpoint),
            client: self.clone(),
            endpoint,
            request,
            delivery: Delivery::Stream,
            attempt: 0,
            live: None,
            ready: VecDeque::new(),
            counted: None,
            over: false,
        };
        stream::unfold(chat, |mut chat| async move { chat.next().await.map(|item| (item, chat)) }).boxed()
    }

    /// Asks and waits for the whole answer; the same rules as for a stream.
    ///
    /// # Errors
    /// Every failure of the upstream group but `Cancelled`.
    pub async fn chat(&self, endpoint: &Endpoint, request: &ChatRequest) -> Result<Completion, Failure> {
        let mut chat = Chat {
            in_flight: self.traffic.enter(endpoint),
            client: self.clone(),
            endpoint: endpoint.clone(),
            request: request.clone(),
            delivery: Delivery::Whole,
            attempt: 0,
            live: None,
            ready: VecDeque::new(),
            counted: None,
            over: false,
        };
        let mut completion = Completion::default();
        while let Some(event) = chat.next().await {
            match event? {
                ChatEvent::Content(text) => completion.content.push_str(&text),
                ChatEvent::Reasoning(text) => completion.reasoning.push_str(&text),
                ChatEvent::Replace(text) => completion.content = text,
                ChatEvent::Finish(reason) => completion.finish = Some(reason),
                ChatEvent::Counted(_) => {}
                ChatEvent::Usage { prompt_tokens, completion_tokens } => {
                    completion.usage = Some(Usage { prompt_tokens, completion_tokens });
                }
            }
        }
        completion.model = chat.live.and_then(|live| live.decoder.model().map(str::to_owned));
        Ok(completion)
    }

    /// Asks what is served: `GET …/v1/models`. Never repeated.
    ///
    /// # Errors
    /// Every failure of the upstream group; silence for longer than `timeout` is `TimeoutFirstToken`.
    pub async fn models(&self, base: &Url, key: Option<&ApiKey>, timeout: Duration) -> Result<ModelList, Failure> {
        #[derive(Deserialize)]
        struct Wire {
            data: Vec<Card>,
        }
        #[derive(Deserialize)]
        struct Card {
            id: String,
            #[serde(default)]
            owned_by: Option<Value>,
            #[serde(default)]
            status: Option<Value>,
            #[serde(default)]
            max_model_len: Option<Value>,
        }

        let asked = Instant::now();
        let body = self.small(Method::GET, below(base, &["models"]), key, None, timeout).await?;
        let latency = asked.elapsed();
        let Wire { data } = parse(&body)?;
        let owned_by =
            |owner: &str| data.iter().any(|card| card.owned_by.as_ref().and_then(Value::as_str) == Some(owner));
        let kind = if owned_by("vllm") {
            ServerKind::Vllm
        } else if owned_by("capibara6") && data.iter().any(|card| card.status.is_some()) {
            ServerKind::Capibara6
        } else if owned_by("library") {
            // What Ollama's OpenAI-compatible side says of every model from its library.
            ServerKind::Ollama
        } else {
            ServerKind::OpenaiCompatible
        };
        let models = data
            .into_iter()
            .map(|card| ModelCard { id: card.id, max_model_len: small_count(card.max_model_len.as_ref()) });
        Ok(ModelList { kind, models: models.collect(), latency })
    }

    /// Asks whether the server lives: `GET /health` beside `/v1`, or the list of models where there is no such path.
    /// Never repeated. Gives the time from question to answer.
    ///
    /// # Errors
    /// As [`models`](Self::models).
    pub async fn health(&self, base: &Url, key: Option<&ApiKey>, timeout: Duration) -> Result<Duration, Failure> {
        let asked = Instant::now();
        match self.small(Method::GET, beside(base, "health"), key, None, timeout).await {
            Ok(_) => Ok(asked.elapsed()),
            Err(failure) if matches!(failure.status, Some(404 | 405)) => {
                Ok(self.models(base, key, timeout).await?.latency)
            }
            Err(failure) => Err(failure),
        }
    }

    /// Counts a conversation's tokens: vLLM's `POST /tokenize`. Never repeated.
    ///
    /// # Errors
    /// `BadRequest` with status 404 where the server has no such path; otherwise as [`models`](Self::models).
    pub async fn tokenize(
        &self,
        endpoint: &Endpoint,
        messages: &[ChatMessage],
        timeout: Duration,
    ) -> Result<TokenCount, Failure> {
        #[derive(Deserialize)]
        struct Wire {
            count: u32,
            #[serde(default)]
            max_model_len: Option<Value>,
        }

        let question = serde_json::json!({ "model": endpoint.model, "messages": messages });
        let url = beside(&endpoint.base, "tokenize");
        let body = self.small(Method::POST, url, endpoint.key.as_ref(), Some(&question), timeout).await?;
        let Wire { count, max_model_len } = parse(&body)?;
        Ok(TokenCount { count, max_model_len: small_count(max_model_len.as_ref()) })
    }

    /// One short question and its whole answer, both within `limit`.
    async fn small(
        &self,
        method: Method,
        url: Url,
        key: Option<&ApiKey>,
        question: Option<&Value>,
        limit: Duration,
    ) -> Result<Bytes, Failure> {
        let mut request = self.http.request(method, url);
        if let Some(question) = question {
            request = request.json(question);
        }
        if let Some(key) = key {
            request = request.header(AUTHORIZATION, key.header());
        }
        let exchange = async {
            let response = request.send().await.map_err(Failure::from_reqwest)?;
            let response = accepted(response).await?;
            whole(response, SMALL_BYTES).await
        };
        let result =
            timeout(limit, exchange).await.unwrap_or_else(|_| Err(Failure::new(ErrorCode::TimeoutFirstToken, "")));
        result.map_err(|failure| failure.without_key(key))
    }

    /// A random number in 0..1.
    fn jitter(&self) -> f64 {
        self.random.lock().unwrap_or_else(PoisonError::into_inner).f64()
    }
}

/// One question under way, over all its attempts.
struct Chat {
    client: Client,
    endpoint: Endpoint,
    request: ChatRequest,
    delivery: Delivery,
    /// How often it has been sent.
    attempt: u32,
    live: Option<Live>,
    ready: VecDeque<Result<ChatEvent, Failure>>,
    /// What the server had counted when that was last told.
    counted: Option<u32>,
    over: bool,
    /// Tells the health monitor that this server is at work.
    #[allow(dead_code)] // held for its drop
    in_flight: InFlight,
}

/// An answer that is being read.
struct Live {
    response: Response,
    decoder: Decoder,
    /// When silence is too long.
    deadline: Instant,
    /// Which silence the deadline means.
    silence: Silence,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Silence {
    BeforeFirstToken,
    Inside,
}

impl Chat {
    /// The next event; `None` after the end.
    async fn next(&mut self) -> Option<Result<ChatEvent, Failure>> {
        loop {
            if let Some(item) = self.ready.pop_front() {
                return Some(item);
            }
            if self.over {
                return None;
            }
            let mut events = Vec::new();
            let step = match &mut self.live {
                None => self.open().await,
                Some(live) => live.read(&self.endpoint, &mut events).await,
            };
            let begun = !events.is_empty() || self.live.as_ref().is_some_and(|live| live.decoder.has_begun());
            self.ready.extend(events.into_iter().map(Ok));
            if self.request.counting == Counting::Running && matches!(step, Ok(Progress::More)) {
                self.count();
            }
            match step {
                Ok(Progress::More) => {}
                Ok(Progress::Ended(End::Answered)) => self.over = true,
                Ok(Progress::Ended(End::Empty)) => match self.delivery {
                    Delivery::Stream => {
                        tracing::debug!(model = %self.endpoint.model, "the stream was empty: asking for a whole answer");
                        self.delivery = Delivery::Whole;
                        self.live = None;
                    }
                    Delivery::Whole => self.fail(Failure::new(ErrorCode::Malformed, "the answer was empty")),
                },
                Err(failure) => {
                    let failure = failure.without_key(self.endpoint.key.as_ref());
                    let jitter = self.client.jitter();
                    match self.client.retry.wait(self.attempt, &failure, jitter).filter(|_| !begun) {
                        Some(wait) => {
                            tracing::debug!(model = %self.endpoint.model, code = ?failure.code, ?wait, "asking again");
                            // The socket of the failed attempt is closed before the wait.
                            self.live = None;
                            tokio::time::sleep(wait).await;
                        }
                        None => self.fail(failure),
                    }
                }
            }
        }
    }

    /// Says how many tokens there are, where the server does and it is another number than before.
    fn count(&mut self) {
        let counted = self.live.as_ref().and_then(|live| live.decoder.counted()).filter(|&tokens| tokens > 0);
        if let Some(tokens) = counted
            && counted != self.counted
        {
            self.counted = counted;
            self.ready.push_back(Ok(ChatEvent::Counted(tokens)));
        }
    }

    fn fail(&mut self, failure: Failure) {
        self.live = None;
        self.over = true;
        self.ready.push_back(Err(failure));
    }

    /// Sends the request and takes the head of the answer.
    async fn open(&mut self) -> Result<Progress, Failure> {
        self.attempt += 1;
        let body = Body { model: &self.endpoint.model, request: &self.request, delivery: self.delivery };
        let mut request = self.client.http.post(below(&self.endpoint.base, &["chat", "completions"])).json(&body);
        if let Some(key) = &self.endpoint.key {
            request = request.header(AUTHORIZATION, key.header());
        }
        let deadline = Instant::now() + self.endpoint.timeouts.first_token;
        let response = timeout_at(deadline, request.send())
            .await
            .map_err(|_| Failure::new(ErrorCode::TimeoutFirstToken, ""))?
            .map_err(Failure::from_reqwest)?;
        let response = accepted(response).await?;
        let decoder = Decoder::new(unframed(response.headers()));
        self.live = Some(Live { response, decoder, deadline, silence: Silence::BeforeFirstToken });
        Ok(Progress::More)
    }
}

impl Live {
    /// Reads what comes next. On an error, the events before it are in `events`.
    async fn read(&mut self, endpoint: &Endpoint, events: &mut Vec<ChatEvent>) -> Result<Progress, Failure> {
        let chunk = match timeout_at(self.deadline, self.response.chunk()).await {
            Ok(Ok(chunk)) => chunk,
            Ok(Err(error)) => {
                self.decoder.abandon(events);
                return Err(Failure::from_reqwest(error).with_status(Some(self.response.status())));
            }
            Err(_) => {
                self.decoder.abandon(events);
                let code = match self.silence {
                    Silence::BeforeFirstToken => ErrorCode::TimeoutFirstToken,
                    Silence::Inside => ErrorCode::TimeoutIdle,
                };
                return Err(Failure::new(code, "").with_status(Some(self.response.status())));
            }
        };
        let Some(chunk) = chunk else { return self.decoder.finish(events).map(Progress::Ended) };
        let progress = self.decoder.push(&chunk, events)?;
        if let Progress::Ended(_) = progress {
            self.read_last();
        }
        if self.decoder.take_heard() && self.decoder.has_begun() {
            self.silence = Silence::Inside;
            self.deadline = Instant::now() + endpoint.timeouts.idle;
        }
        Ok(progress)
    }

    /// Reads, without waiting, what is left of an ended body: a connection whose body was read to its end is used again.
    fn read_last(&mut self) {
        for _ in 0..LAST_READS {
            match self.response.chunk().now_or_never() {
                Some(Ok(Some(_))) => {}
                _ => return,
            }
        }
    }
}

/// Lets a success through and classifies everything else.
async fn accepted(mut response: Response) -> Result<Response, Failure> {
    let status = response.status();
    let headers = response.headers();
    for name in ["x-rag-mode", "x-mcp-mode"] {
        if let Some(mode) = headers.get(name).and_then(|mode| mode.to_str().ok())
            && simulated::is_mark(mode)
        {
            return Err(Failure::new(ErrorCode::Simulated, format!("{name}: {mode}")).with_status(Some(status)));
        }
    }
    if status.is_success() {
        return Ok(response);
    }
    if status.is_redirection() {
        let target = headers.get(LOCATION).and_then(|location| location.to_str().ok()).unwrap_or_default();
        // Only the origin: a path or query may hold what should not be shown.
        let target =
            response.url().join(target).map_or_else(|_| String::new(), |url| url.origin().ascii_serialization());
        let detail = format!("redirects are followed only inside the origin; this one leads to {target}");
        return Err(Failure::new(ErrorCode::Malformed, detail).with_status(Some(status)));
    }
    let mut body = BytesMut::new();
    // The status says most: a body that is slow, long or cut is taken as far as it came.
    let _ = timeout(ERROR_TIME, async {
        while let Ok(Some(chunk)) = response.chunk().await {
            body.extend_from_slice(&chunk[..chunk.len().min(ERROR_BYTES - body.len())]);
            if body.len() == ERROR_BYTES {
                break;
            }
        }
    })
    .await;
    Err(Failure::from_answer(status, response.headers(), &body, SystemTime::now()))
}

/// A whole body, up to a bound.
async fn whole(mut response: Response, bound: usize) -> Result<Bytes, Failure> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(Failure::from_reqwest)? {
        if body.len() + chunk.len() > bound {
            let detail = format!("the answer is longer than {bound} bytes");
            return Err(Failure::new(ErrorCode::Malformed, detail).with_status(Some(response.status())));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// Only what calls itself plain text may be an answer without framing.
fn unframed(headers: &HeaderMap) -> Unframed {
    let plain = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("text/plain"));
    if plain { Unframed::Accept } else { Unframed::Refuse }
}

fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Failure> {
    serde_json::from_slice(body).map_err(|error| Failure::new(ErrorCode::Malformed, error.to_string()))
}

fn small_count(value: Option<&Value>) -> Option<u32> {
    value.and_then(Value::as_u64).and_then(|count| u32::try_from(count).ok()).filter(|count| *count > 0)
}
