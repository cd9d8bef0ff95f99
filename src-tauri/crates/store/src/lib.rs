//! Conversations, settings and journals in SQLite.
