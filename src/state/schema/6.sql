-- The states of deliveries have the words that commands and pages use.
CREATE TABLE delivery_6 (
    seq             INTEGER PRIMARY KEY,
    id              TEXT NOT NULL UNIQUE,
    channel         TEXT NOT NULL,
    severity        TEXT NOT NULL CHECK (severity IN ('info', 'warning', 'error', 'critical')),
    -- The incident; empty if it is not known.
    fingerprint     TEXT NOT NULL,
    reason          TEXT NOT NULL CHECK (reason IN ('opened', 'repeated', 'recovered')),
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
    refused         INTEGER,
    notice          TEXT NOT NULL
) STRICT;

INSERT INTO delivery_6 (seq, id, channel, severity, fingerprint, reason, form, summary, payload,
    plain, created, state, digest, attempts, departed, next_at, wait, settled, use_plain,
    possible_repeat, why, receipt, refused, notice)
SELECT seq, id, channel, severity, fingerprint, reason, form, summary, payload, plain, created,
    CASE state WHEN 'owed' THEN 'pending' WHEN 'flying' THEN 'in_flight'
        WHEN 'sent' THEN 'delivered' ELSE state END,
    digest, attempts, departed, next_at, wait, settled, use_plain, possible_repeat, why, receipt,
    refused, notice
FROM delivery;

DROP TABLE delivery;
ALTER TABLE delivery_6 RENAME TO delivery;
CREATE INDEX delivery_by_state ON delivery (state, seq);
CREATE INDEX delivery_by_departure ON delivery (departed) WHERE departed IS NOT NULL;
CREATE INDEX delivery_by_digest ON delivery (digest) WHERE digest IS NOT NULL;
