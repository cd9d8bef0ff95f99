//! One model server: its routes, and the playing of a script at the model's pace.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::routing::{get, post};
use bytes::Bytes;
use capibara6_protocol::ModelEntry;
use futures_util::stream;
use serde::de::DeserializeOwned;
use serde_json::json;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::language::{Language, detect};
use crate::pieces::{count, pieces};
use crate::plain;
use crate::script::{Ending, Overloaded, Pace, Persona, Script, script};
use crate::structured;
use crate::wire::{
    ChatRequest, Envelope, Finish, MAX_MODEL_LEN, OWNED_BY, RequestMessage, TokenizeRequest, error, event,
    json_response, usage,
};

/// Largest request; a full context is far smaller.
const LARGEST_REQUEST: usize = 16 * 1024 * 1024;
/// What a chat template adds to each message, and to the whole.
const TOKENS_PER_MESSAGE: usize = 4;
const TOKENS_PER_PROMPT: usize = 3;
/// How unevenly tokens come, as factors of the mean.
const RHYTHM: [f64; 5] = [0.7, 1.3, 0.8, 1.2, 1.0];
/// A whole answer at once is not held back longer than this.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// What the handlers of one server share.
#[derive(Debug)]
pub(crate) struct Model {
    id: String,
    persona: Persona,
    pace: Pace,
    answers: AtomicU64,
    /// How many streams are being written.
    active: watch::Sender<usize>,
    stop: CancellationToken,
}

impl Model {
    pub(crate) fn new(entry: &ModelEntry, pace: Pace, stop: CancellationToken) -> Arc<Self> {
        Arc::new(Self {
            id: entry.id.0.clone(),
            persona: entry.tier.into(),
            pace,
            answers: AtomicU64::new(0),
            active: watch::Sender::new(0),
            stop,
        })
    }

    /// The number of streams being written, as it changes.
    #[cfg(test)]
    pub(crate) fn active(&self) -> watch::Receiver<usize> {
        self.active.subscribe()
    }

    fn envelope(&self) -> Envelope {
        let number = self.answers.fetch_add(1, Ordering::Relaxed);
        let created = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
        Envelope { id: format!("chatcmpl-practice-{number}"), created, model: self.id.clone() }
    }

    fn unknown_model(&self, asked: Option<&str>) -> Option<Response<Body>> {
        let asked = asked.filter(|asked| *asked != self.id)?;
        let message = format!("The model `{asked}` does not exist. Valid aliases: {}.", self.id);
        Some(refusal(StatusCode::NOT_FOUND, "NotFoundError", Some("model"), &message))
    }
}

/// The routes of one model's server.
pub(crate) fn router(entry: &ModelEntry, pace: Pace, stop: CancellationToken) -> Router {
    routes(Model::new(entry, pace, stop))
}

pub(crate) fn routes(model: Arc<Model>) -> Router {
    Router::new()
        .route("/health", get(|| async { StatusCode::OK }))
        .route("/v1/models", get(models))
        .route("/v1/chat/completions", post(chat))
        .route("/tokenize", post(tokenize))
        .fallback(|| async { json_response(StatusCode::NOT_FOUND, &json!({ "detail": "Not Found" })) })
        .method_not_allowed_fallback(|| async {
            json_response(StatusCode::METHOD_NOT_ALLOWED, &json!({ "detail": "Method Not Allowed" }))
        })
        .layer(DefaultBodyLimit::max(LARGEST_REQUEST))
        .with_state(model)
}

async fn models(State(model): State<Arc<Model>>) -> Response<Body> {
    let card = json!({
        "id": model.id,
        "object": "model",
        "created": 0,
        "owned_by": OWNED_BY,
        "root": model.id,
        "parent": null,
        "max_model_len": MAX_MODEL_LEN,
    });
    json_response(StatusCode::OK, &json!({ "object": "list", "data": [card] }))
}

async fn tokenize(State(model): State<Arc<Model>>, body: Bytes) -> Response<Body> {
    let request: TokenizeRequest = match parse(&body) {
        Ok(request) => request,
        Err(refusal) => return *refusal,
    };
    if let Some(refusal) = model.unknown_model(request.model.as_deref()) {
        return refusal;
    }
    let count = request.prompt.as_deref().map_or_else(|| prompt_tokens(&request.messages), count);
    json_response(StatusCode::OK, &json!({ "count": count, "max_model_len": MAX_MODEL_LEN, "tokens": [] }))
}

async fn chat(State(model): State<Arc<Model>>, body: Bytes) -> Response<Body> {
    let request: ChatRequest = match parse(&body) {
        Ok(request) => request,
        Err(refusal) => return *refusal,
    };
    if let Some(refusal) = model.unknown_model(request.model.as_deref()) {
        return refusal;
    }
    let prompt = prompt_tokens(&request.messages);
    let limit = request.limit().unwrap_or(0);
    if prompt + limit > MAX_MODEL_LEN {
        let message = format!(
            "This model's maximum context length is {MAX_MODEL_LEN} tokens. However, you requested {limit} output tokens \
             and your prompt contains {prompt} input tokens. Please reduce the length of the input prompt."
        );
        return refusal(StatusCode::BAD_REQUEST, "BadRequestError", Some("input_tokens"), &message);
    }
    let Ok(script) = choose(&model, &request) else {
        let message = "The practice script for this word is a model that has too much to do.";
        return refusal(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailableError", None, message);
    };
    let performance = Performance::new(&model, &request, script, prompt);
    let counting = match (request.wants_usage(), request.wants_running_usage()) {
        (_, true) => Counting::Running,
        (true, false) => Counting::AtTheEnd,
        (false, false) => Counting::Never,
    };
    if request.stream { performance.stream(model, counting) } else { performance.whole(model).await }
}

fn refusal(status: StatusCode, kind: &str, param: Option<&str>, message: &str) -> Response<Body> {
    json_response(status, &error(status, kind, param, message))
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Box<Response<Body>>> {
    serde_json::from_slice(body).map_err(|why| {
        let message = format!("1 validation error: {why}");
        Box::new(refusal(StatusCode::BAD_REQUEST, "Bad Request", None, &message))
    })
}

fn prompt_tokens(messages: &[RequestMessage]) -> usize {
    let words: usize = messages.iter().map(|message| count(&message.text()) + TOKENS_PER_MESSAGE).sum();
    words + TOKENS_PER_PROMPT
}

fn choose(model: &Model, request: &ChatRequest) -> Result<Script, Overloaded> {
    let questions: Vec<String> =
        request.messages.iter().filter(|message| message.role == "user").map(RequestMessage::text).collect();
    let language: Language = detect(questions.iter().map(String::as_str));
    let question = questions.last().map_or("", String::as_str);
    if let Some(schema) = request.schema() {
        // A prompt of this kind is in English; the question that it quotes is what counts.
        let quoted = question.split_once(">>>\n").and_then(|(_, rest)| rest.split_once("\n<<<end of question"));
        let language = quoted.map_or(language, |(quoted, _)| detect([quoted].into_iter()));
        let text = if structured::asks_for_the_answer(schema) {
            // The question that was answered stands before the one for the answer alone.
            let asked = questions.len().checked_sub(2).and_then(|before| questions.get(before));
            structured::answer(asked.and_then(|asked| plain::alone(model.persona, asked, language)))
        } else {
            structured::reply(schema, question, language)
        };
        return Ok(Script { reasoning: String::new(), text, ending: Ending::Complete, delay: Duration::ZERO });
    }
    let so_far = request
        .messages
        .last()
        .filter(|message| request.continue_final_message && message.role == "assistant")
        .map(RequestMessage::text);
    script(model.persona, question, language, so_far.as_deref())
}

/// When the tokens of a streamed answer are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Counting {
    Never,
    AtTheEnd,
    Running,
}

/// A script made to fit a request, ready to be played.
struct Performance {
    envelope: Envelope,
    reasoning: Vec<String>,
    content: Vec<String>,
    finish: Finish,
    ending: Ending,
    prompt: usize,
    first: Duration,
    interval: Duration,
}

impl Performance {
    fn new(model: &Model, request: &ChatRequest, script: Script, prompt: usize) -> Self {
        let Script { reasoning, mut text, mut ending, delay } = script;
        if let Some(end) = request.stopped_at(&text) {
            text.truncate(end);
            ending = Ending::Complete;
        }
        let mut reasoning: Vec<String> = pieces(&reasoning).map(str::to_owned).collect();
        let mut content: Vec<String> = pieces(&text).map(str::to_owned).collect();
        let mut finish = Finish::Stop;
        if let Some(limit) = request.limit().filter(|limit| *limit < reasoning.len() + content.len()) {
            reasoning.truncate(limit);
            content.truncate(limit - reasoning.len());
            finish = Finish::Length;
            ending = Ending::Complete;
        }
        let (first, interval) = match model.pace {
            Pace::Immediate => (Duration::ZERO, Duration::ZERO),
            Pace::LikeAModel => {
                (model.persona.first_token() + delay, Duration::from_secs(1) / model.persona.tokens_per_second())
            }
        };
        Self { envelope: model.envelope(), reasoning, content, finish, ending, prompt, first, interval }
    }

    fn tokens(&self) -> usize {
        self.reasoning.len() + self.content.len()
    }

    async fn whole(self, model: Arc<Model>) -> Response<Body> {
        let tokens = u32::try_from(self.tokens()).unwrap_or(u32::MAX);
        let wait = self.first + self.interval.saturating_mul(tokens).min(LONGEST_WAIT);
        tokio::select! {
            () = tokio::time::sleep(wait) => (),
            () = model.stop.cancelled() => (),
        }
        let message = "The practice script for this word is an error of the server.";
        let usage = usage(self.prompt, self.tokens());
        let completion = self.envelope.completion(&self.content.concat(), &self.reasoning.concat(), self.finish, usage);
        match self.ending {
            Ending::Complete => json_response(StatusCode::OK, &completion),
            Ending::ServerError => refusal(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", None, message),
            Ending::Cut => {
                let mut half = completion.to_string().into_bytes();
                half.truncate(half.len() / 2);
                let steps = vec![
                    Step::say(Duration::ZERO, Bytes::from(half)),
                    Step { after: Duration::ZERO, what: Err(broken()) },
                ];
                play("application/json", steps, model)
            }
        }
    }

    fn stream(self, model: Arc<Model>, counting: Counting) -> Response<Body> {
        let steps = self.steps(counting);
        play("text/event-stream; charset=utf-8", steps, model)
    }

    fn steps(&self, counting: Counting) -> Vec<Step> {
        let mut steps =
            vec![Step::say(self.first, self.envelope.chunk(json!({ "role": "assistant", "content": "" }), None))];
        let mut rhythm = RHYTHM.iter().cycle().map(|factor| self.interval.mul_f64(*factor));
        let mut pause = || rhythm.next().unwrap_or(self.interval);
        let reasoning = self.reasoning.iter().map(|piece| json!({ "reasoning": piece }));
        let content = self.content.iter().map(|piece| json!({ "content": piece }));
        for (said, delta) in (1..).zip(reasoning.chain(content)) {
            let chunk = match counting {
                Counting::Running => self.envelope.counted_chunk(delta, usage(self.prompt, said)),
                Counting::Never | Counting::AtTheEnd => self.envelope.chunk(delta, None),
            };
            steps.push(Step::say(pause(), chunk));
        }
        match self.ending {
            Ending::Complete => {
                steps.push(Step::say(Duration::ZERO, self.envelope.chunk(json!({ "content": "" }), Some(self.finish))));
                if counting != Counting::Never {
                    let usage = usage(self.prompt, self.tokens());
                    steps.push(Step::say(Duration::ZERO, self.envelope.usage(usage)));
                }
                steps.push(Step::say(Duration::ZERO, event("[DONE]")));
            }
            Ending::ServerError => {
                let status = StatusCode::INTERNAL_SERVER_ERROR;
                let message = "The practice script for this word is an error of the server.";
                let error = error(status, "InternalServerError", None, message);
                steps.push(Step::say(pause(), event(&error.to_string())));
                steps.push(Step::say(Duration::ZERO, event("[DONE]")));
            }
            Ending::Cut => steps.push(Step { after: pause(), what: Err(broken()) }),
        }
        steps
    }
}

fn play(content_type: &'static str, steps: Vec<Step>, model: Arc<Model>) -> Response<Body> {
    let playback = Playback { steps: steps.into_iter(), due: Instant::now(), turn: Turn::begin(model) };
    let mut response = Response::new(Body::from_stream(stream::unfold(playback, Playback::next)));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// What makes the HTTP layer close the connection without the last chunk.
fn broken() -> io::Error {
    io::ErrorKind::ConnectionAborted.into()
}

/// Something to send after a pause.
struct Step {
    after: Duration,
    what: io::Result<Bytes>,
}

impl Step {
    fn say(after: Duration, bytes: Bytes) -> Self {
        Self { after, what: Ok(bytes) }
    }
}

/// A stream in the making. The HTTP layer drops it when the client goes away, and nothing more is made.
struct Playback {
    steps: std::vec::IntoIter<Step>,
    due: Instant,
    turn: Turn,
}

impl Playback {
    async fn next(mut self) -> Option<(io::Result<Bytes>, Self)> {
        let step = self.steps.next()?;
        // Measured from the step before, so that a late wake-up does not slow the whole answer.
        self.due += step.after;
        if step.what.is_err() {
            // The HTTP layer throws away what it has not written yet; this lets it write first.
            tokio::task::yield_now().await;
        }
        tokio::select! {
            biased;
            () = self.turn.0.stop.cancelled() => Some((Err(broken()), self)),
            () = tokio::time::sleep_until(self.due) => Some((step.what, self)),
        }
    }
}

/// Counts a stream while it lives.
struct Turn(Arc<Model>);

impl Turn {
    fn begin(model: Arc<Model>) -> Self {
        model.active.send_modify(|active| *active += 1);
        Self(model)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.active.send_modify(|active| *active -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_model_has_its_pace() {
        let request = json!({ "messages": [{ "role": "user", "content": "long" }], "stream": true }).to_string();
        let request: ChatRequest = serde_json::from_str(&request).unwrap();
        for entry in capibara6_profile::local().unwrap().models {
            let model = Model::new(&entry, Pace::LikeAModel, CancellationToken::new());
            let script = choose(&model, &request).unwrap();
            let performance = Performance::new(&model, &request, script, 0);
            let steps = performance.steps(Counting::AtTheEnd);
            assert_eq!(steps[0].after, model.persona.first_token());
            let spoken: Duration = steps.iter().skip(1).map(|step| step.after).sum();
            let rate = performance.tokens() as f64 / spoken.as_secs_f64();
            let wanted = f64::from(model.persona.tokens_per_second());
            assert!((rate / wanted - 1.0).abs() < 0.01, "{rate} instead of {wanted}");
        }
    }
}
