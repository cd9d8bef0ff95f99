//! What models are asked beside the answers themselves: a judge or a writer for its reply, a member for the line with its answer.
//! Always in a form that the server is to enforce; a server that refuses such forms is asked without.

use std::time::Duration;

use capibara6_consensus::extract;
use capibara6_consensus::method::Ask;
use capibara6_consensus::naming::LineAsk;
use capibara6_llm::{ChatEvent, ChatMessage, ChatRequest, ChatRole, Client, Endpoint, Failure};
use capibara6_protocol::{AppError, ErrorCode, JudgePurpose, ModelId};
use futures_util::StreamExt as _;
use tokio::time::timeout;

use crate::fleet::Fleet;

/// How long a member may take to name its answer, whatever has to be tried: everybody waits for it.
const LINE_PATIENCE: Duration = Duration::from_secs(10);

/// The longest line of a member, in tokens.
const LINE_TOKENS: u32 = 96;

/// The same for one that has said nothing with so few: it thinks before it writes.
const THOUGHTFUL_TOKENS: u32 = 1_024;

/// What a judge or a writer replies; a writer's text is told as it comes. The reply is read strictly, whether a form was
/// enforced or not. One that does not keep the form is asked for once more with a form that leaves nothing free, where there is
/// one.
pub(super) async fn reply(
    fleet: &Fleet,
    ask: &Ask,
    seed: Option<u32>,
    tell: impl Fn(String),
) -> Result<String, AppError> {
    let asked = Asked::of(fleet, &ask.model).await?;
    let mut request = ChatRequest {
        messages: vec![message(ChatRole::System, &ask.system), message(ChatRole::User, &ask.prompt)],
        temperature: Some(0.0),
        max_tokens: asked.max_tokens,
        seed: seed.map(i64::from),
        schema: Some(ask.schema.clone()),
        ..ChatRequest::default()
    };
    let mut closed = ask.closed.clone();
    loop {
        let reply = match ask.purpose {
            JudgePurpose::Judge => asked.whole(&mut request).await?,
            JudgePurpose::Synthesis => asked.streamed(&mut request, &tell).await?,
        };
        // Without a schema a server enforces nothing, and would not enforce this one either.
        let asked_more = request.schema.is_some() && !ask.is_kept_by(&reply);
        match closed.take().filter(|_| asked_more) {
            Some(form) => request.schema = Some(form),
            None => return Ok(reply),
        }
    }
}

/// The line that a member gives when it is asked for its answer alone; empty where it says that it gave no definite one.
///
/// # Errors
/// What kept it from being asked or from replying in time; `malformed` for a reply that says nothing, or has another form.
pub(super) async fn line(fleet: &Fleet, ask: &LineAsk, seed: Option<u32>) -> Result<String, AppError> {
    if let Some(code) = fleet.trouble(&ask.model) {
        return Err(code.into());
    }
    let replied = timeout(LINE_PATIENCE, async {
        let asked = Asked::of(fleet, &ask.model).await?;
        let at_most = |tokens: u32| Some(asked.max_tokens.map_or(tokens, |most| most.min(tokens)));
        let mut request = ChatRequest {
            messages: vec![
                message(ChatRole::User, &ask.question),
                message(ChatRole::Assistant, &ask.answer),
                message(ChatRole::User, ask.prompt),
            ],
            temperature: Some(0.0),
            max_tokens: at_most(LINE_TOKENS),
            seed: seed.map(i64::from),
            schema: Some(ask.schema.clone()),
            ..ChatRequest::default()
        };
        let reply = asked.whole(&mut request).await?;
        if !reply.trim().is_empty() {
            return Ok(reply);
        }
        request.max_tokens = at_most(THOUGHTFUL_TOKENS);
        asked.whole(&mut request).await
    });
    let reply = replied.await.map_err(|_| AppError::new(ErrorCode::TimeoutFirstToken))??;
    // Nothing at all is no way of saying that there is no definite answer.
    let said = !reply.trim().is_empty();
    extract::line_of_reply(&reply).filter(|_| said).ok_or_else(|| ErrorCode::Malformed.into())
}

/// Who is asked, and where.
struct Asked<'f> {
    fleet: &'f Fleet,
    model: &'f ModelId,
    client: Client,
    endpoint: Endpoint,
    /// The longest answer that its profile allows.
    max_tokens: Option<u32>,
}

impl<'f> Asked<'f> {
    async fn of(fleet: &'f Fleet, model: &'f ModelId) -> Result<Self, AppError> {
        let entry = fleet.entry(model).ok_or(ErrorCode::NotFound)?;
        let client = fleet.client().await?;
        let (endpoint, _) = fleet.endpoint(entry).await?;
        Ok(Self { fleet, model, client, endpoint, max_tokens: entry.max_tokens })
    }

    /// What it replies, in one piece. A server that refuses the schema is asked once more without, and `request` is then without
    /// it as well.
    async fn whole(&self, request: &mut ChatRequest) -> Result<String, AppError> {
        loop {
            let outcome = self.client.chat(&self.endpoint, request).await.map(|reply| reply.content);
            self.fleet.report(self.model, outcome.as_ref().map(drop));
            match outcome {
                Err(failure) if refuses_schema(&failure, request) => request.schema = None,
                outcome => return Ok(outcome?),
            }
        }
    }

    /// The same, told piece by piece.
    async fn streamed(&self, request: &mut ChatRequest, tell: impl Fn(String)) -> Result<String, AppError> {
        loop {
            let mut whole = String::new();
            let mut stream = self.client.chat_stream(self.endpoint.clone(), request.clone());
            let mut outcome = Ok(());
            while let Some(event) = stream.next().await {
                match event {
                    Ok(ChatEvent::Content(text)) => {
                        whole.push_str(&text);
                        tell(text);
                    }
                    // Part of it was shown as something else.
                    Ok(ChatEvent::Replace(_)) => return Err(ErrorCode::Malformed.into()),
                    Ok(
                        ChatEvent::Reasoning(_)
                        | ChatEvent::Finish(_)
                        | ChatEvent::Usage { .. }
                        | ChatEvent::Counted(_),
                    ) => {}
                    Err(failure) => outcome = Err(failure),
                }
            }
            self.fleet.report(self.model, outcome.as_ref().map(drop));
            match outcome {
                Err(failure) if whole.is_empty() && refuses_schema(&failure, request) => request.schema = None,
                outcome => return Ok(outcome.map(|()| whole)?),
            }
        }
    }
}

fn message(role: ChatRole, content: &str) -> ChatMessage {
    ChatMessage { role, content: content.to_owned() }
}

/// Whether a server may have failed because of the form that was asked for.
fn refuses_schema(failure: &Failure, request: &ChatRequest) -> bool {
    failure.code == ErrorCode::BadRequest && request.schema.is_some()
}
