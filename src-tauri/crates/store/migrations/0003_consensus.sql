-- Runs of several models on one question. The candidates are ordinary messages, siblings below the question.

CREATE TABLE consensus (
    id           INTEGER PRIMARY KEY,
    uuid         BLOB    NOT NULL UNIQUE CHECK (length(uuid) = 16),
    conversation INTEGER NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
    question     INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    created_at   INTEGER NOT NULL,
    -- JSON, each: what a verdict of the user's says about the members (what weights are learned from), the run as it is
    -- shown, and what led to it.
    judgement    TEXT,
    run          TEXT    NOT NULL,
    record       TEXT    NOT NULL
) STRICT;

CREATE INDEX consensus_conversation ON consensus (conversation);
CREATE INDEX consensus_question ON consensus (question);
CREATE INDEX consensus_judged ON consensus (id) WHERE judgement IS NOT NULL;
CREATE INDEX consensus_time ON consensus (created_at);

-- Weights that the user set in place of learned ones.
CREATE TABLE learned_weight (
    -- The class of task, by its name on the wire.
    class  TEXT NOT NULL,
    model  TEXT NOT NULL,
    weight REAL NOT NULL,
    PRIMARY KEY (class, model)
) STRICT, WITHOUT ROWID;

-- What was measured, by time.
CREATE INDEX message_answered ON message (created_at) WHERE role = 'assistant';
