//! Order in the history: projects, the archive, the trash, and conversations made out of others.

use capibara6_protocol::*;
use uuid::Uuid;

use super::App;
use crate::spaces::History;

/// So many conversations are told one by one; of more the window reads its lists again.
const TOLD: usize = 100;

impl App {
    /// Makes another conversation with the same messages and a title that tells it from every other.
    pub async fn conversation_duplicate(
        &self,
        request: ConversationDuplicate,
    ) -> Result<ConversationSummary, AppError> {
        let history = self.history().await?;
        Ok(history.made(history.store.duplicate(request.id, &request.copy, self.now(), self.new_ids()).await?))
    }

    /// Makes another conversation with everything up to a message.
    pub async fn conversation_branch(&self, request: MessageRef) -> Result<ConversationSummary, AppError> {
        let history = self.history().await?;
        Ok(history.made(history.store.branch_off(request.message, self.now(), self.new_ids()).await?))
    }

    /// Puts conversations into a project or takes them out.
    pub async fn conversations_move(&self, request: ConversationsMove) -> Result<Vec<ConversationSummary>, AppError> {
        let history = self.history().await?;
        let moved = history.store.move_conversations(&request.ids, request.project).await?;
        history.tell(Event::ProjectsChanged);
        Ok(history.all_changed(moved))
    }

    /// Archives conversations or takes them out of the archive.
    pub async fn conversations_archive(
        &self,
        request: ConversationsArchive,
    ) -> Result<Vec<ConversationSummary>, AppError> {
        let history = self.history().await?;
        let changed = history.store.archive(&request.ids, request.archived.then(|| self.now())).await?;
        history.tell_of_projects(&changed);
        Ok(history.all_changed(changed))
    }

    /// Pins or unpins conversations.
    pub async fn conversations_pin(&self, request: ConversationsPin) -> Result<Vec<ConversationSummary>, AppError> {
        let history = self.history().await?;
        Ok(history.all_changed(history.store.pin_all(&request.ids, request.pinned).await?))
    }

    /// Removes conversations from the list; what is being written in them is stopped.
    pub async fn conversations_delete(&self, request: ConversationsRef) -> Result<(), AppError> {
        let history = self.history().await?;
        history.store.delete_all(&request.ids, self.now()).await?;
        history.all_removed(&request.ids);
        Ok(())
    }

    /// Brings deleted conversations back.
    pub async fn conversations_restore(&self, request: ConversationsRef) -> Result<Vec<ConversationSummary>, AppError> {
        let history = self.history().await?;
        let restored = history.store.restore_all(&request.ids).await?;
        history.tell_of_projects(&restored);
        Ok(history.all_changed(restored))
    }

    /// Removes deleted conversations for good.
    pub async fn conversations_purge(&self, request: ConversationsRef) -> Result<(), AppError> {
        let history = self.history().await?;
        history.store.purge_all(&request.ids).await?;
        history.tell(Event::HistoryChanged);
        Ok(())
    }

    /// Makes one conversation out of several.
    pub async fn conversations_merge(&self, request: ConversationsMerge) -> Result<ConversationSummary, AppError> {
        let history = self.history().await?;
        let merged = history.store.merge_conversations(&request.ids, self.now(), self.new_ids()).await?;
        history.all_removed(&request.ids);
        Ok(history.made(merged))
    }

    /// The projects in their order.
    pub async fn project_list(&self) -> Result<Vec<Project>, AppError> {
        Ok(self.history().await?.store.projects().await?)
    }

    /// Makes a project.
    pub async fn project_create(&self, request: ProjectCreate) -> Result<Project, AppError> {
        let history = self.history().await?;
        let id = ProjectId(self.inner.surroundings.id());
        let project = history.store.create_project(id, &request.name, self.now()).await?;
        history.tell(Event::ProjectsChanged);
        Ok(project)
    }

    /// Changes a project's name.
    pub async fn project_rename(&self, request: ProjectRename) -> Result<Project, AppError> {
        let history = self.history().await?;
        let project = history.store.rename_project(request.id, &request.name).await?;
        history.tell(Event::ProjectsChanged);
        Ok(project)
    }

    /// Moves a project in the list.
    pub async fn project_move(&self, request: ProjectMove) -> Result<Vec<Project>, AppError> {
        let history = self.history().await?;
        let projects = history.store.move_project(request.id, request.before).await?;
        history.tell(Event::ProjectsChanged);
        Ok(projects)
    }

    /// Removes a project; its conversations stay.
    pub async fn project_delete(&self, request: ProjectRef) -> Result<(), AppError> {
        let history = self.history().await?;
        history.store.delete_project(request.id, self.now()).await?;
        history.tell(Event::ProjectsChanged);
        history.tell(Event::HistoryChanged);
        Ok(())
    }

    /// Brings a deleted project back.
    pub async fn project_restore(&self, request: ProjectRef) -> Result<Project, AppError> {
        let history = self.history().await?;
        let project = history.store.restore_project(request.id).await?;
        history.tell(Event::ProjectsChanged);
        history.tell(Event::HistoryChanged);
        Ok(project)
    }

    fn now(&self) -> i64 {
        self.inner.surroundings.now()
    }

    fn new_ids(&self) -> impl FnMut() -> Uuid {
        let surroundings = self.inner.surroundings.clone();
        move || surroundings.id()
    }
}

impl History {
    fn all_changed(&self, changed: Vec<ConversationSummary>) -> Vec<ConversationSummary> {
        if changed.len() > TOLD {
            self.tell(Event::HistoryChanged);
        } else {
            for conversation in &changed {
                self.tell(Event::ConversationChanged { conversation: conversation.clone() });
            }
        }
        changed
    }

    fn all_removed(&self, ids: &[ConversationId]) {
        for id in ids {
            self.runs.stop_conversation(*id);
            self.generations.stop_conversation(*id);
        }
        self.tell(Event::ProjectsChanged);
        if ids.len() > TOLD {
            self.tell(Event::HistoryChanged);
        } else {
            for id in ids {
                self.tell(Event::ConversationRemoved { id: *id });
            }
        }
    }

    /// A conversation that came into the list, or came back to it.
    pub(crate) fn made(&self, conversation: ConversationSummary) -> ConversationSummary {
        self.tell_of_projects(std::slice::from_ref(&conversation));
        self.changed(conversation)
    }

    /// The counts of projects change with what is in them.
    fn tell_of_projects(&self, changed: &[ConversationSummary]) {
        if changed.iter().any(|conversation| conversation.project.is_some()) {
            self.tell(Event::ProjectsChanged);
        }
    }
}
