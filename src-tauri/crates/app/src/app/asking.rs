//! Asking: question and empty answer are put on disk, then the answer is written.

use std::sync::Arc;

use capibara6_protocol::*;
use capibara6_store::{Asked, Begin, NewAnswer, NewQuestion, Place, Reopen};

use super::App;
use crate::fleet::Fleet;
use crate::generation::{Naming, Order};
use crate::routing::{self, Route};
use crate::spaces::History;
use crate::titles;

impl App {
    /// Asks.
    pub async fn chat_send(&self, request: ChatSend) -> Result<ChatStarted, AppError> {
        let history = self.history().await?;
        let fleet = self.inner.fleets.active()?;
        let text = question(request.text)?;
        let route = route(&fleet, &text, request.mode, request.model.as_ref())?;
        let (place, branch) = match request.conversation {
            Some(id) => (Place::Known(id), history.branch_to_the_end(id).await?),
            None => {
                let id = ConversationId(self.inner.surroundings.id());
                (Place::New { id, title: titles::first_words(&text) }, Vec::new())
            }
        };
        let naming = match place {
            Place::New { .. } if self.settings().model_titles => Naming::ByModel,
            Place::New { .. } | Place::Known(_) => Naming::Keep,
        };
        let parent = branch.last().map(|message| message.id);
        let asked = Asked::New(self.new_question(parent, text));
        self.begin(&history, fleet, place, asked, branch, route, naming).await
    }

    /// Asks in other words: beside the old question, with an answer of its own.
    pub async fn chat_edit(&self, request: ChatEdit) -> Result<ChatStarted, AppError> {
        let history = self.history().await?;
        let fleet = self.inner.fleets.active()?;
        let text = question(request.text)?;
        let old = history.message(request.message, Role::User).await?;
        let route = route(&fleet, &text, request.mode, request.model.as_ref())?;
        let branch = match old.parent {
            Some(parent) => history.branch(parent).await?,
            None => Vec::new(),
        };
        let asked = Asked::New(self.new_question(old.parent, text));
        self.begin(&history, fleet, Place::Known(old.conversation), asked, branch, route, Naming::Keep).await
    }

    /// Answers again: beside the old answer.
    pub async fn chat_regenerate(&self, request: ChatRegenerate) -> Result<ChatStarted, AppError> {
        let history = self.history().await?;
        let fleet = self.inner.fleets.active()?;
        let old = history.message(request.message, Role::Assistant).await?;
        if history.generations.is_busy(old.id) {
            return Err(ErrorCode::Busy.into());
        }
        let branch = history.branch(old.parent.ok_or(ErrorCode::NotFound)?).await?;
        let asked = branch.last().filter(|message| message.role == Role::User).ok_or(ErrorCode::NotFound)?;
        let route = route(&fleet, &asked.content, request.mode, request.model.as_ref())?;
        let asked = Asked::Known(asked.id);
        self.begin(&history, fleet, Place::Known(old.conversation), asked, branch, route, Naming::Keep).await
    }

    /// Goes on with an answer, by the model that began it where the profile still has it.
    pub async fn chat_continue(&self, request: MessageRef) -> Result<ChatStarted, AppError> {
        let history = self.history().await?;
        let fleet = self.inner.fleets.active()?;
        let old = history.message(request.message, Role::Assistant).await?;
        if history.generations.is_busy(old.id) {
            return Err(ErrorCode::Busy.into());
        }
        if !is_unfinished(&old) {
            return Err(AppError::new(ErrorCode::InvalidInput).with_field("message"));
        }
        let branch = history.branch(old.parent.ok_or(ErrorCode::NotFound)?).await?;
        let route = match old.model.as_ref().and_then(|model| fleet.entry(model)) {
            Some(entry) => Route {
                routing: old.routing.clone().unwrap_or_else(|| routing::pinned_routing(entry)),
                candidates: vec![entry.id.clone()],
            },
            None => {
                let asked = branch.last().map(|message| message.content.as_str()).unwrap_or_default();
                let mut route = route(&fleet, asked, Mode::Auto, None)?;
                if let Some(model) = old.model.clone() {
                    route.routing.instead_of = Some(model);
                    route.routing.because = Some(ErrorCode::ModelNotFound);
                }
                route
            }
        };
        let reopen = Reopen {
            message: old.id,
            model: route.candidates.first().cloned(),
            // What was scripted stays so, whoever goes on.
            scripted: old.scripted || fleet.is_practice(),
            routing: Some(route.routing.clone()),
            at: self.inner.surroundings.now(),
        };
        let answer = history.store.reopen(reopen).await?;
        let conversation = answer.conversation;
        // It may have come out of the archive, and stands first in the list.
        if let Ok(summary) = history.store.summary(conversation).await {
            history.made(summary);
        }
        history.generations.start(Order {
            answer: answer.clone(),
            branch,
            route,
            fleet,
            parameters: self.settings().parameters.clone(),
            naming: Naming::Keep,
            follower: None,
        });
        Ok(ChatStarted { conversation, question: None, answer })
    }

    /// Stops an answer. Nothing happens where it has ended already.
    pub async fn chat_stop(&self, request: MessageRef) -> Result<(), AppError> {
        self.history().await?.generations.stop(request.message);
        Ok(())
    }

    fn new_question(&self, parent: Option<MessageId>, text: String) -> NewQuestion {
        let surroundings = &self.inner.surroundings;
        NewQuestion { id: MessageId(surroundings.id()), parent, text, created_at: surroundings.now() }
    }

    /// Puts question and empty answer on disk, then has the answer written.
    #[allow(clippy::too_many_arguments)] // one private step of three commands, whose values have nothing else in common
    async fn begin(
        &self,
        history: &History,
        fleet: Arc<Fleet>,
        place: Place,
        asked: Asked,
        mut branch: Vec<Message>,
        route: Route,
        naming: Naming,
    ) -> Result<ChatStarted, AppError> {
        let answer = NewAnswer {
            id: MessageId(self.inner.surroundings.id()),
            model: route.candidates.first().cloned(),
            scripted: fleet.is_practice(),
            routing: Some(route.routing.clone()),
            created_at: self.inner.surroundings.now(),
        };
        let begun = history.store.begin(Begin { place, asked, answer }).await?;
        let conversation = begun.conversation.id;
        // What goes on leaves the archive, and counts in its project again.
        history.made(begun.conversation);
        branch.extend(begun.question.clone());
        history.generations.start(Order {
            answer: begun.answer.clone(),
            branch,
            route,
            fleet,
            parameters: self.settings().parameters.clone(),
            naming,
            follower: None,
        });
        Ok(ChatStarted { conversation, question: begun.question, answer: begun.answer })
    }
}

/// A question that says something.
fn question(text: String) -> Result<String, AppError> {
    if text.trim().is_empty() {
        return Err(AppError::new(ErrorCode::InvalidInput).with_field("text"));
    }
    Ok(text)
}

fn route(fleet: &Fleet, text: &str, mode: Mode, model: Option<&ModelId>) -> Result<Route, AppError> {
    routing::route(text, mode, model, &fleet.view.profile, |id| fleet.trouble(id)).map_err(|code| {
        let error = AppError::new(code);
        if code == ErrorCode::NoModel { error } else { error.with_field("model") }
    })
}

/// Whether an answer can go on: it did not end by itself, or it ended because it was long enough.
fn is_unfinished(message: &Message) -> bool {
    match message.status {
        MessageStatus::Stopped | MessageStatus::Interrupted | MessageStatus::Failed => true,
        MessageStatus::Streaming => false,
        MessageStatus::Complete => {
            message.metrics.is_some_and(|metrics| metrics.finish_reason == Some(FinishReason::Length))
        }
    }
}
