-- When a delivery was last refused, if it may be to blame: what an earlier life knew of it.
ALTER TABLE delivery ADD COLUMN refused INTEGER;
