-- Deliveries name their notice, and keep the card without the message that a webhook takes around
-- it: that is put on when the card is sent.
ALTER TABLE delivery ADD COLUMN notice TEXT NOT NULL DEFAULT '';

UPDATE delivery SET notice = CASE
    WHEN form = 'card' AND substr(id, -length(channel) - 1) = '@' || channel
        THEN substr(id, 1, length(id) - length(channel) - 1)
    ELSE id END;

-- A text that is no message of ours stays as it is.
UPDATE delivery SET payload = json_extract(payload, '$.attachments[0].content')
    WHERE CASE WHEN json_valid(payload)
        THEN json_type(payload, '$.attachments[0].content') END = 'object';
UPDATE delivery SET plain = json_extract(plain, '$.attachments[0].content')
    WHERE CASE WHEN json_valid(plain)
        THEN json_type(plain, '$.attachments[0].content') END = 'object';
