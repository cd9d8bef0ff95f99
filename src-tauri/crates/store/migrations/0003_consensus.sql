-- Runs of several models on one question. The candidates are ordinary messages, siblings below the question.

CREATE TABLE consensus (
    id           INTEGER PRIMARY KEY,
    uuid         BLOB    NOT NULL UNIQUE CHECK (length(uuid) = 16),
    conversation INTEGER NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
    question     INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    created_at   INTEGER NOT NULL,
    -- How far its members agreed, in the newest verdict.
    agreement    TEXT,
    -- Whether the newest verdict is the user's own: what weights are learned from.
    by_user      INTEGER NOT NULL DEFAULT 0,
    -- JSON, each: the run as it is shown, and what led to it.
    run          TEXT    NOT NULL,
    record       TEXT    NOT NULL
) STRICT;

CREATE INDEX consensus_conversation ON consensus (conversation);
CREATE INDEX consensus_question ON consensus (question);
CREATE INDEX consensus_by_user ON consensus (by_user) WHERE by_user;
CREATE INDEX consensus_time ON consensus (created_at);

-- What was measured, by time.
CREATE INDEX message_answered ON message (created_at) WHERE role = 'assistant';
