//! Order in the history: projects, the archive, the trash, and conversations made out of others.
//!
//! Whatever takes something away can be undone with another command: `project_delete` with `project_restore`,
//! `conversations_delete` with `conversations_restore`, a merge by deleting what it made and restoring its sources.
//! Only `conversations_purge` cannot.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{ConversationId, ProjectId};

/// A folder of conversations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Project {
    /// Its id.
    pub id: ProjectId,
    /// Its name; never empty.
    pub name: String,
    /// Conversations in it that are neither archived nor deleted.
    pub conversations: u32,
    /// When it was made.
    #[ts(type = "number")]
    pub created_at: i64,
}

/// Names a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ProjectRef {
    /// Which one.
    pub id: ProjectId,
}

/// Makes a project, the last in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ProjectCreate {
    /// Its name, at most 200 characters; white space around it is dropped.
    pub name: String,
}

/// Changes a project's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ProjectRename {
    /// Which one.
    pub id: ProjectId,
    /// The new name, at most 200 characters; white space around it is dropped.
    pub name: String,
}

/// Moves a project in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ProjectMove {
    /// Which one.
    pub id: ProjectId,
    /// The one that it shall stand before; it becomes the last where absent.
    #[serde(default)]
    #[ts(optional)]
    pub before: Option<ProjectId>,
}

/// Which conversations a list holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ConversationScope {
    /// All that are neither archived nor deleted, in whichever project.
    #[default]
    Active,
    /// Those of them that are in no project.
    Unfiled,
    /// Those of them that are in this project.
    Project {
        /// Which one.
        project: ProjectId,
    },
    /// The archived ones.
    Archived,
    /// The deleted ones, latest deleted first.
    Deleted,
}

/// Names conversations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConversationsRef {
    /// Which ones, at most 1,000. What is done is done to all of them or, where one is not there, to none.
    pub ids: Vec<ConversationId>,
}

/// Makes another conversation with the same messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConversationDuplicate {
    /// Of which one.
    pub id: ConversationId,
    /// What a copy is called in the reader's language, as it stands in brackets behind the title: one line of at most 40
    /// characters. Further copies are numbered.
    pub copy: String,
}

/// Puts conversations into a project or takes them out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConversationsMove {
    /// Which ones, at most 1,000.
    pub ids: Vec<ConversationId>,
    /// Into which; out of every project where absent.
    #[serde(default)]
    #[ts(optional)]
    pub project: Option<ProjectId>,
}

/// Archives conversations or takes them out of the archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConversationsArchive {
    /// Which ones, at most 1,000.
    pub ids: Vec<ConversationId>,
    /// Whether they shall be in the archive.
    pub archived: bool,
}

/// Pins or unpins conversations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConversationsPin {
    /// Which ones, at most 1,000.
    pub ids: Vec<ConversationId>,
    /// Whether they stay at the top.
    pub pinned: bool,
}

/// Makes one conversation out of several: turn by turn in order of time, with every version that they hold, each message
/// with its origin. The sources go to the trash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConversationsMerge {
    /// Which ones: at least two, at most 100, the first of which gives the title and the project.
    pub ids: Vec<ConversationId>,
}

/// Where a message was before its conversation was merged with others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MessageOrigin {
    /// The conversation, which may be gone by now.
    pub conversation: ConversationId,
    /// Its title at that time.
    pub title: String,
}
