-- The channel that sent it last, if not its own: the fallback of its own.
ALTER TABLE delivery ADD COLUMN via TEXT;
