-- Channels with threads: what is left to do for a delivery, and that somebody took an incident.
CREATE TABLE delivery_11 (
    seq             INTEGER PRIMARY KEY,
    id              TEXT NOT NULL UNIQUE,
    channel         TEXT NOT NULL,
    severity        TEXT NOT NULL CHECK (severity IN ('info', 'warning', 'error', 'critical')),
    -- The incident; empty if it is not known.
    fingerprint     TEXT NOT NULL,
    reason          TEXT NOT NULL CHECK (reason IN
                    ('opened', 'repeated', 'escalated', 'acknowledged', 'recovered')),
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
    -- quiet (only the root of a thread shows it), normal, insistent (it calls people).
    attention       TEXT NOT NULL DEFAULT 'normal' CHECK (attention IN
                    ('quiet', 'normal', 'insistent')),
    -- all, root (people know it, the root of its thread does not show it), reply (the root shows it).
    remaining       TEXT NOT NULL DEFAULT 'all' CHECK (remaining IN ('all', 'root', 'reply')),
    -- The message of a thread that was last sent for it.
    message         TEXT CHECK (message IN ('root', 'update', 'reply')),
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
    refused         INTEGER,
    -- What a digest says of it, as JSON; empty for one of an earlier version.
    about           TEXT NOT NULL DEFAULT '',
    -- The channel that sent it last, if not its own: the fallback of its own.
    via             TEXT
) STRICT;

INSERT INTO delivery_11 (seq, id, channel, severity, fingerprint, reason, form, summary, payload,
    plain, created, state, digest, attempts, departed, next_at, wait, settled, use_plain,
    possible_repeat, why, receipt, refused, about, via)
SELECT seq, id, channel, severity, fingerprint, reason, form, summary, payload, plain, created,
    state, digest, attempts, departed, next_at, wait, settled, use_plain, possible_repeat, why,
    receipt, refused, about, via
FROM delivery;

DROP TABLE delivery;
ALTER TABLE delivery_11 RENAME TO delivery;
CREATE INDEX delivery_by_state ON delivery (state, seq);
CREATE INDEX delivery_by_departure ON delivery (departed) WHERE departed IS NOT NULL;
CREATE INDEX delivery_by_digest ON delivery (digest) WHERE digest IS NOT NULL;
CREATE INDEX delivery_by_fingerprint ON delivery (fingerprint, seq) WHERE fingerprint <> '';
-- The deliveries that a digest stands for, under it on the page.
CREATE INDEX delivery_by_receipt ON delivery (receipt, seq) WHERE state = 'folded';

-- The thread of each incident in each channel that has threads.
CREATE TABLE thread (
    channel     TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    -- What the flow finds the root by.
    key         TEXT NOT NULL,
    -- The id of the root; null if the flow does not return it.
    root        TEXT,
    opened      INTEGER NOT NULL,
    written     INTEGER NOT NULL,
    -- The delivery whose card the root shows.
    shown       TEXT NOT NULL,
    -- The highest of its cards since the incident last opened.
    severity    TEXT NOT NULL CHECK (severity IN ('info', 'warning', 'error', 'critical')),
    -- Whether the root shows that the incident is over.
    is_over     INTEGER NOT NULL,
    -- Whether the root was posted for certain; if not, the answer is missing.
    is_posted   INTEGER NOT NULL,
    -- When the root was posted that this one replaces.
    continues   INTEGER,
    PRIMARY KEY (channel, fingerprint)
) STRICT, WITHOUT ROWID;

-- The messages of the last minutes in channels with threads, which together have one limit.
CREATE TABLE operation (
    at          INTEGER NOT NULL,
    channel     TEXT NOT NULL,
    fingerprint TEXT NOT NULL
) STRICT;
CREATE INDEX operation_by_time ON operation (at);
