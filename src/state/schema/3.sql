-- Deliveries say what they are: how severe, of which incident, why, and whether they are a digest.
CREATE TABLE delivery_3 (
    seq             INTEGER PRIMARY KEY,
    id              TEXT NOT NULL UNIQUE,
    channel         TEXT NOT NULL,
    severity        TEXT NOT NULL CHECK (severity IN ('info', 'warning', 'error', 'critical')),
    -- The incident; empty if nobody knows.
    fingerprint     TEXT NOT NULL,
    reason          TEXT NOT NULL CHECK (reason IN ('opened', 'repeated', 'recovered')),
    form            TEXT NOT NULL CHECK (form IN ('card', 'digest')),
    summary         TEXT NOT NULL,
    payload         TEXT NOT NULL,
    plain           TEXT NOT NULL,
    created         INTEGER NOT NULL,
    -- owed, flying (on its way, or was when the agent died), sent, folded (said by the digest
    -- in `receipt`), dead (refused, set aside), dissolved (a digest that was not taken; its
    -- members are owed again)
    state           TEXT NOT NULL DEFAULT 'owed'
                    CHECK (state IN ('owed', 'flying', 'sent', 'folded', 'dead', 'dissolved')),
    -- The digest with which it is on its way.
    digest          TEXT,
    attempts        INTEGER NOT NULL DEFAULT 0,
    departed        INTEGER,
    next_at         INTEGER,
    -- How many microseconds the wait until next_at was meant to take.
    wait            INTEGER NOT NULL DEFAULT 0,
    settled         INTEGER,
    use_plain       INTEGER NOT NULL DEFAULT 0,
    possible_repeat INTEGER NOT NULL DEFAULT 0,
    why             TEXT,
    receipt         TEXT
) STRICT;

-- What earlier versions did not write: the incident from the history and the book, where one
-- card has this summary; else each delivery stands for itself, as an error. Their longest own
-- wait was five minutes.
INSERT INTO delivery_3 (seq, id, channel, severity, fingerprint, reason, form, summary, payload,
    plain, created, state, attempts, departed, next_at, wait, settled, use_plain,
    possible_repeat, why, receipt)
WITH said AS (
    SELECT summary, max(fingerprint) AS fingerprint, max(what) AS what, max(kind) AS kind
    FROM history WHERE what IN ('opened', 'repeated', 'recovered')
    GROUP BY summary HAVING count(DISTINCT fingerprint) = 1 AND count(DISTINCT what) = 1
)
SELECT d.seq, d.id, d.channel,
    CASE WHEN json_extract(b.json, '$.notice.severity') IN ('info', 'warning', 'error', 'critical')
        THEN json_extract(b.json, '$.notice.severity') ELSE 'error' END,
    coalesce(s.fingerprint, ''), coalesce(s.what, 'opened'),
    CASE WHEN d.id LIKE 'digest-%' THEN 'digest' ELSE 'card' END,
    d.summary, d.payload, d.plain, d.created, d.state, d.attempts, d.departed, d.next_at,
    CASE WHEN d.next_at IS NULL THEN 0 ELSE 300000000 END, d.settled, d.use_plain,
    d.possible_repeat, d.why, d.receipt
FROM delivery d
LEFT JOIN said s ON d.id NOT LIKE 'digest-%' AND s.summary = d.summary
LEFT JOIN book b ON b.key = 'incident:' || s.fingerprint AND json_valid(b.json);

-- A digest that was never tried is made anew from its members, if all of them are still here
-- ("57 troubles in ..." says how many there were).
UPDATE delivery_3 SET state = 'dissolved' WHERE form = 'digest' AND state = 'owed'
    AND attempts = 0 AND CAST(summary AS INTEGER) =
    (SELECT count(*) FROM delivery_3 m WHERE m.state = 'folded' AND m.receipt = delivery_3.id);
UPDATE delivery_3 SET state = 'owed', receipt = NULL, settled = NULL WHERE state = 'folded'
    AND receipt IN (SELECT id FROM delivery_3 WHERE state = 'dissolved');

DROP TABLE delivery;
ALTER TABLE delivery_3 RENAME TO delivery;
CREATE INDEX delivery_by_state ON delivery (state, seq);
CREATE INDEX delivery_by_departure ON delivery (departed) WHERE departed IS NOT NULL;
CREATE INDEX delivery_by_digest ON delivery (digest) WHERE digest IS NOT NULL;
