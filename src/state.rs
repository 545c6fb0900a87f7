//! I/O. The `SQLite` file: positions, incidents and owed cards, in one transaction.
