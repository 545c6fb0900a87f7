-- Other channels with a delivery of the same notice, as a JSON array; empty if there are none.
ALTER TABLE delivery ADD COLUMN also_in TEXT NOT NULL DEFAULT '';
