-- Folders that were followed before: a file that appears in one of them is new.
CREATE TABLE folder (
    path  PRIMARY KEY,
    since INTEGER NOT NULL
) WITHOUT ROWID;
