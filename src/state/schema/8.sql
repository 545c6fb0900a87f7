-- Commands of people, and what became of them.
CREATE TABLE command (
    id      TEXT PRIMARY KEY,
    at      INTEGER NOT NULL,
    author  TEXT NOT NULL,
    origin  TEXT NOT NULL CHECK (origin IN ('command-line', 'page', 'link')),
    -- What was to be done, and the result, as JSON.
    action  TEXT NOT NULL,
    result  TEXT NOT NULL,
    applied INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX command_by_applied ON command (applied);

-- What is shown of incidents, open or over.
CREATE TABLE incident (
    fingerprint TEXT PRIMARY KEY,
    state       TEXT NOT NULL CHECK (state IN
                ('open', 'acknowledged', 'silenced', 'inhibited', 'recovered')),
    last        INTEGER NOT NULL,
    -- When it recovered or was given up; null while it is open.
    ended       INTEGER,
    json        TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX incident_by_last ON incident (last);
CREATE INDEX incident_by_end ON incident (ended, state, last);

-- Who gave a command; empty for everything else.
ALTER TABLE history ADD COLUMN author TEXT NOT NULL DEFAULT '';
CREATE INDEX history_by_fingerprint ON history (fingerprint, seq) WHERE fingerprint <> '';

-- Escalations are deliveries, too. The id of the notice is part of the id.
CREATE TABLE delivery_8 (
    seq             INTEGER PRIMARY KEY,
    id              TEXT NOT NULL UNIQUE,
    channel         TEXT NOT NULL,
    severity        TEXT NOT NULL CHECK (severity IN ('info', 'warning', 'error', 'critical')),
    -- The incident; empty if it is not known.
    fingerprint     TEXT NOT NULL,
    reason          TEXT NOT NULL CHECK (reason IN ('opened', 'repeated', 'escalated', 'recovered')),
    form            TEXT NOT NULL CHECK (form IN ('card', 'digest')),
    summary         TEXT NOT NULL,
    payload         TEXT NOT NULL,
    plain           TEXT NOT NULL,
    created         INTEGER NOT NULL,
    -- in_flight: being sent, or was when the agent was killed. folded: delivered as a part of the
    -- digest in `receipt`. dead: refused for good. dissolved: a digest that was not accepted; its
    -- members are pending again.
    state           TEXT NOT NULL DEFAULT 'pending' CHECK (state IN
                    ('pending', 'in_flight', 'delivered', 'folded', 'dead', 'dissolved')),
    -- The digest that is being sent in its place.
    digest          TEXT,
    attempts        INTEGER NOT NULL DEFAULT 0,
    -- When it was last sent.
    departed        INTEGER,
    next_at         INTEGER,
    -- The length of the wait until next_at, in microseconds.
    wait            INTEGER NOT NULL DEFAULT 0,
    settled         INTEGER,
    use_plain       INTEGER NOT NULL DEFAULT 0,
    possible_repeat INTEGER NOT NULL DEFAULT 0,
    why             TEXT,
    receipt         TEXT,
    -- When it was last refused in a way for which the card itself may be to blame.
    refused         INTEGER
) STRICT;

INSERT INTO delivery_8 (seq, id, channel, severity, fingerprint, reason, form, summary, payload,
    plain, created, state, digest, attempts, departed, next_at, wait, settled, use_plain,
    possible_repeat, why, receipt, refused)
SELECT seq, id, channel, severity, fingerprint, reason, form, summary, payload, plain, created,
    state, digest, attempts, departed, next_at, wait, settled, use_plain, possible_repeat, why,
    receipt, refused
FROM delivery;

DROP TABLE delivery;
ALTER TABLE delivery_8 RENAME TO delivery;
CREATE INDEX delivery_by_state ON delivery (state, seq);
CREATE INDEX delivery_by_departure ON delivery (departed) WHERE departed IS NOT NULL;
CREATE INDEX delivery_by_digest ON delivery (digest) WHERE digest IS NOT NULL;
CREATE INDEX delivery_by_fingerprint ON delivery (fingerprint, seq) WHERE fingerprint <> '';
-- The deliveries that a digest stands for, under it on the page.
CREATE INDEX delivery_by_receipt ON delivery (receipt, seq) WHERE state = 'folded';
