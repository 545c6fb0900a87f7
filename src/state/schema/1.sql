-- Times are microseconds since 1970 (UTC).

-- Facts about the agent that wrote last.
CREATE TABLE note (
    key   TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- How far each followed file is committed. A path that is not Unicode is a blob.
CREATE TABLE file (
    id          INTEGER PRIMARY KEY,
    path        ANY NOT NULL,
    os_volume   INTEGER,
    os_index    INTEGER,
    head_length INTEGER NOT NULL,
    head_hash   INTEGER NOT NULL,
    tail_length INTEGER NOT NULL,
    tail_hash   INTEGER NOT NULL,
    offset      INTEGER NOT NULL,
    lines       INTEGER,
    generation  INTEGER NOT NULL,
    committed   INTEGER NOT NULL
) STRICT;

-- Open incidents and runs under way, as JSON that only the incident book reads.
CREATE TABLE book (
    key  TEXT PRIMARY KEY NOT NULL,
    json TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE delivery (
    seq             INTEGER PRIMARY KEY,
    id              TEXT NOT NULL UNIQUE,
    channel         TEXT NOT NULL,
    summary         TEXT NOT NULL,
    payload         TEXT NOT NULL,
    plain           TEXT NOT NULL,
    created         INTEGER NOT NULL,
    -- owed, flying (on its way, or was when the agent died), sent, folded (said by the digest
    -- in `receipt`), dead (refused, set aside)
    state           TEXT NOT NULL DEFAULT 'owed'
                    CHECK (state IN ('owed', 'flying', 'sent', 'folded', 'dead')),
    attempts        INTEGER NOT NULL DEFAULT 0,
    departed        INTEGER,
    next_at         INTEGER,
    settled         INTEGER,
    use_plain       INTEGER NOT NULL DEFAULT 0,
    possible_repeat INTEGER NOT NULL DEFAULT 0,
    why             TEXT,
    receipt         TEXT
) STRICT;
CREATE INDEX delivery_by_state ON delivery (state, seq);
CREATE INDEX delivery_by_departure ON delivery (departed) WHERE departed IS NOT NULL;

-- What was said, or why not.
CREATE TABLE history (
    seq         INTEGER PRIMARY KEY,
    at          INTEGER NOT NULL,
    what        TEXT NOT NULL,
    reason      TEXT NOT NULL,
    kind        TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    summary     TEXT NOT NULL
) STRICT;

CREATE TABLE counter (
    name TEXT PRIMARY KEY NOT NULL,
    n    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
