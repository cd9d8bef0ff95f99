//! The list of conversations and what is in them.

use capibara6_protocol::*;
use capibara6_store::Stretch;

use super::App;

impl App {
    /// A page of conversations.
    pub async fn conversation_list(&self, request: ConversationList) -> Result<ConversationPage, AppError> {
        let store = &self.history().await?.store;
        Ok(store.conversations_in(request.scope, request.after.as_deref(), request.limit).await?)
    }

    /// A stretch of a conversation, with what is streaming as far as it is now.
    pub async fn conversation_open(&self, request: ConversationOpen) -> Result<ConversationView, AppError> {
        let history = self.history().await?;
        let ConversationOpen { id, limit, .. } = request;
        let view = match (request.before, request.after, request.around) {
            (None, None, None) => history.store.view(id, Stretch::End, limit).await?,
            (Some(before), None, None) => history.store.view(id, Stretch::Before(before), limit).await?,
            (None, Some(after), None) => history.store.view(id, Stretch::After(after), limit).await?,
            (None, None, Some(around)) => history.store.jump(id, around, limit).await?,
            _ => return Err(AppError::new(ErrorCode::InvalidInput).with_field("around")),
        };
        Ok(history.shown(view))
    }

    /// Changes a title.
    pub async fn conversation_rename(&self, request: ConversationRename) -> Result<ConversationSummary, AppError> {
        let history = self.history().await?;
        Ok(history.changed(history.store.rename(request.id, request.title.trim()).await?))
    }

    /// Pins or unpins.
    pub async fn conversation_pin(&self, request: ConversationPin) -> Result<ConversationSummary, AppError> {
        let history = self.history().await?;
        Ok(history.changed(history.store.pin(request.id, request.pinned).await?))
    }

    /// Removes a conversation from the list; what is being written in it is stopped.
    pub async fn conversation_delete(&self, request: ConversationRef) -> Result<(), AppError> {
        let history = self.history().await?;
        history.store.delete(request.id, self.inner.surroundings.now()).await?;
        history.runs.stop_conversation(request.id);
        history.generations.stop_conversation(request.id);
        history.tell(Event::ConversationRemoved { id: request.id });
        Ok(())
    }

    /// Brings a deleted conversation back.
    pub async fn conversation_restore(&self, request: ConversationRef) -> Result<ConversationSummary, AppError> {
        let history = self.history().await?;
        Ok(history.made(history.store.restore(request.id).await?))
    }

    /// Shows another version.
    pub async fn conversation_select(&self, request: MessageRef) -> Result<ConversationView, AppError> {
        let history = self.history().await?;
        Ok(history.shown(history.store.select(request.message).await?))
    }
}
