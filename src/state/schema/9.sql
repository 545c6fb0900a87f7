-- What a digest says of a delivery, as JSON; empty for one of an earlier version.
ALTER TABLE delivery ADD COLUMN about TEXT NOT NULL DEFAULT '';
