//! Identifiers. Conversations and messages are UUIDv7 (ordered by creation), the others are names that people give.

use std::fmt;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
        #[ts(type = "string")]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    };
}

macro_rules! name_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
        #[ts(type = "string")]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(name: &str) -> Self {
                Self(name.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(name: String) -> Self {
                Self(name)
            }
        }
    };
}

uuid_id!(
    /// A conversation.
    ConversationId
);
uuid_id!(
    /// A message, in whichever branch.
    MessageId
);
uuid_id!(
    /// A project: a folder of conversations.
    ProjectId
);
uuid_id!(
    /// Several models asked about one question.
    ConsensusId
);
uuid_id!(
    /// An export or import of this run of the program.
    TransferId
);
name_id!(
    /// A model as its server calls it: what is sent as `model`.
    ModelId
);
name_id!(
    /// A profile: the stem of its file.
    ProfileId
);
name_id!(
    /// A backup: the stem of its file.
    BackupId
);
name_id!(
    /// An account and its space: letters and digits that say nothing about the person.
    AccountKey
);
