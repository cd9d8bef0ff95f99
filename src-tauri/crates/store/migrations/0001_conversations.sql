-- Conversations as trees of messages, the journal of what is being written, and the settings.
--
-- Rules that every later migration keeps: tables and columns are only added, never renamed or removed, so that an older
-- program can still read; nothing constrains a value to today's words (a status, a role), so that a newer program's rows
-- do not break an older one's reading. What may be a word of tomorrow is checked where it is read.

-- Key and value about the file itself. `readable_from`: the oldest schema version whose program can read this file.
CREATE TABLE about (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO about (key, value) VALUES ('readable_from', '1');

-- One row per field of the settings; the value is JSON.
CREATE TABLE setting (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE conversation (
    id         INTEGER PRIMARY KEY,
    uuid       BLOB    NOT NULL UNIQUE CHECK (length(uuid) = 16),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    pinned     INTEGER NOT NULL DEFAULT 0,
    -- When it was removed from the list; it can be brought back until it is purged.
    deleted_at INTEGER,
    -- The end of the active branch. A hint: where it leads nowhere, the newest message takes its place.
    leaf       INTEGER,
    -- Who wrote the title: 'opening' (the first words), 'model' or 'user'.
    titled_by  TEXT    NOT NULL,
    title      TEXT    NOT NULL
) STRICT;

-- The list, in its order; also what a page's cursor seeks in.
CREATE INDEX conversation_list ON conversation (pinned DESC, updated_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX conversation_deleted ON conversation (deleted_at) WHERE deleted_at IS NOT NULL;

-- One row per message. The long texts stand last, so that walking up a branch reads no overflow page.
CREATE TABLE message (
    id           INTEGER PRIMARY KEY,
    uuid         BLOB    NOT NULL UNIQUE CHECK (length(uuid) = 16),
    conversation INTEGER NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
    -- A parent is always older than its children: no cycle can exist, and a branch in order of `id` is in order of time.
    parent       INTEGER REFERENCES message (id) CHECK (parent < id),
    -- The child through which the active branch last went. A hint, like `leaf`.
    chosen       INTEGER,
    created_at   INTEGER NOT NULL,
    scripted     INTEGER NOT NULL DEFAULT 0,
    role         TEXT    NOT NULL,
    status       TEXT    NOT NULL,
    model        TEXT,
    -- JSON, each.
    routing      TEXT,
    omitted      TEXT,
    metrics      TEXT,
    error        TEXT,
    content      TEXT    NOT NULL DEFAULT '',
    reasoning    TEXT    NOT NULL DEFAULT ''
) STRICT;

-- All versions at one place, oldest first; also what the foreign key looks up.
CREATE INDEX message_place ON message (parent, conversation);
CREATE INDEX message_conversation ON message (conversation);
-- What a crashed run left behind: next to nothing, found without a scan.
CREATE INDEX message_streaming ON message (status) WHERE status = 'streaming';

-- What arrived for a message that is being written, in order of `id`, append only. Folded into the message when it ends.
CREATE TABLE journal (
    id      INTEGER PRIMARY KEY,
    message INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    -- 'content' or 'reasoning'.
    part    TEXT    NOT NULL,
    -- 'append', or 'replace' where this text takes the place of all before it.
    kind    TEXT    NOT NULL,
    text    TEXT    NOT NULL
) STRICT;

CREATE INDEX journal_message ON journal (message);
