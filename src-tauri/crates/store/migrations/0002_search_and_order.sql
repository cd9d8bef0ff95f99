-- Order among conversations (projects, the archive, what came out of a merge) and the index of what was said.

-- Folders of conversations. An id is never used again: `former_project` may still name it.
CREATE TABLE project (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid       BLOB    NOT NULL UNIQUE CHECK (length(uuid) = 16),
    created_at INTEGER NOT NULL,
    deleted_at INTEGER,
    -- Its place in the list, ascending.
    place      INTEGER NOT NULL,
    name       TEXT    NOT NULL
) STRICT;

-- The project it is in. Only a project that is not deleted has conversations.
ALTER TABLE conversation ADD COLUMN project INTEGER;
-- The project it was in when that was deleted, until it is put into another.
ALTER TABLE conversation ADD COLUMN former_project INTEGER;
ALTER TABLE conversation ADD COLUMN archived_at INTEGER;
-- How many messages it holds; kept by the triggers below.
ALTER TABLE conversation ADD COLUMN messages INTEGER NOT NULL DEFAULT 0;
UPDATE conversation SET messages = (SELECT count(*) FROM message WHERE message.conversation = conversation.id);

-- The lists, each in its order; also what a page's cursor seeks in. The second also counts a project's conversations.
DROP INDEX conversation_list;
CREATE INDEX conversation_active ON conversation (pinned DESC, updated_at DESC, id DESC)
    WHERE deleted_at IS NULL AND archived_at IS NULL;
CREATE INDEX conversation_project ON conversation (project, pinned DESC, updated_at DESC, id DESC)
    WHERE deleted_at IS NULL AND archived_at IS NULL;
CREATE INDEX conversation_archived ON conversation (pinned DESC, updated_at DESC, id DESC)
    WHERE deleted_at IS NULL AND archived_at IS NOT NULL;
CREATE INDEX conversation_former ON conversation (former_project) WHERE former_project IS NOT NULL;

-- Conversations that others were merged into know where each message was before.
CREATE TABLE origin (
    id           INTEGER PRIMARY KEY,
    -- The conversation that came out of the merge.
    holder       INTEGER NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
    -- The one the message was in, by its uuid, and its title then.
    conversation BLOB    NOT NULL,
    title        TEXT    NOT NULL
) STRICT;

CREATE INDEX origin_holder ON origin (holder);

CREATE TABLE message_origin (
    message INTEGER PRIMARY KEY REFERENCES message (id) ON DELETE CASCADE,
    origin  INTEGER NOT NULL
) STRICT;

-- The index of what was said: which terms stand in which message or title, in the form that `search/analysis.rs` gives them
-- (`tokenize = 'ascii'` leaves that form alone). It holds no text and no positions: those are read from the messages. Newest
-- first is the order of its rowids, which are the places below.
CREATE VIRTUAL TABLE search_index USING fts5 (
    words, content = '', columnsize = 0, detail = 'none', tokenize = 'ascii'
);
-- What leaves the index leaves its pages at once, not when they are next merged.
INSERT INTO search_index (search_index, rank) VALUES ('secure-delete', 1);

-- What is in the index: a message at the time it was begun, in units of 2^13 ms (the next free place where several were
-- begun at once), or a conversation's title at minus the conversation's id.
CREATE TABLE search_place (
    place        INTEGER PRIMARY KEY,
    message      INTEGER UNIQUE,
    conversation INTEGER NOT NULL
) STRICT;

-- What is to come into the index: a message by its id, or a conversation's title by minus the conversation's id.
CREATE TABLE search_todo (item INTEGER PRIMARY KEY) STRICT;

-- What is to leave the index: the index can only be told to forget a text by that text.
CREATE TABLE search_stale (
    id      INTEGER PRIMARY KEY,
    place   INTEGER NOT NULL,
    role    TEXT,
    model   TEXT,
    content TEXT NOT NULL
) STRICT;

-- The version of the form in which words are indexed.
INSERT INTO about (key, value) VALUES ('search_analysis', '1');
-- How far from its time a message may stand, in places.
INSERT INTO about (key, value) VALUES ('search_slack', '0');

INSERT INTO search_todo SELECT id FROM message WHERE status <> 'streaming' AND content <> '';
INSERT INTO search_todo SELECT -id FROM conversation;

-- The triggers keep the account whoever writes. They do no more than that: indexing is for later.
CREATE TRIGGER message_added AFTER INSERT ON message BEGIN
    UPDATE conversation SET messages = messages + 1 WHERE id = NEW.conversation;
    INSERT INTO search_todo SELECT NEW.id WHERE NEW.status <> 'streaming' AND NEW.content <> '';
END;

CREATE TRIGGER message_changed AFTER UPDATE OF status, role, model, content ON message
WHEN (OLD.status = 'streaming') <> (NEW.status = 'streaming')
    OR OLD.content IS NOT NEW.content OR OLD.role IS NOT NEW.role OR OLD.model IS NOT NEW.model
BEGIN
    INSERT INTO search_stale (place, role, model, content)
        SELECT place, OLD.role, OLD.model, OLD.content FROM search_place WHERE message = OLD.id;
    DELETE FROM search_place WHERE message = OLD.id;
    DELETE FROM search_todo WHERE item = OLD.id;
    INSERT INTO search_todo SELECT NEW.id WHERE NEW.status <> 'streaming' AND NEW.content <> '';
END;

CREATE TRIGGER message_removed AFTER DELETE ON message BEGIN
    UPDATE conversation SET messages = messages - 1 WHERE id = OLD.conversation;
    INSERT INTO search_stale (place, role, model, content)
        SELECT place, OLD.role, OLD.model, OLD.content FROM search_place WHERE message = OLD.id;
    DELETE FROM search_place WHERE message = OLD.id;
    DELETE FROM search_todo WHERE item = OLD.id;
END;

CREATE TRIGGER conversation_added AFTER INSERT ON conversation BEGIN
    INSERT INTO search_todo VALUES (-NEW.id);
END;

CREATE TRIGGER conversation_titled AFTER UPDATE OF title ON conversation WHEN OLD.title IS NOT NEW.title BEGIN
    INSERT INTO search_stale (place, content) SELECT place, OLD.title FROM search_place WHERE place = -OLD.id;
    DELETE FROM search_place WHERE place = -OLD.id;
    INSERT OR IGNORE INTO search_todo VALUES (-NEW.id);
END;

CREATE TRIGGER conversation_removed AFTER DELETE ON conversation BEGIN
    INSERT INTO search_stale (place, content) SELECT place, OLD.title FROM search_place WHERE place = -OLD.id;
    DELETE FROM search_place WHERE place = -OLD.id;
    DELETE FROM search_todo WHERE item = -OLD.id;
END;
