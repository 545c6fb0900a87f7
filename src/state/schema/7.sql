-- The class of the error that ended a reload; empty where none is known.
ALTER TABLE history ADD COLUMN error_class TEXT NOT NULL DEFAULT '';
