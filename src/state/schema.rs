//! I/O. The tables, and the migration of older formats.

use rusqlite::Connection;

/// Each step leads from one format to the next; `user_version` holds the number of steps taken. A
/// released step is never changed.
const STEPS: [&str; 12] = [
    include_str!("schema/1.sql"),
    include_str!("schema/2.sql"),
    include_str!("schema/3.sql"),
    include_str!("schema/4.sql"),
    include_str!("schema/5.sql"),
    include_str!("schema/6.sql"),
    include_str!("schema/7.sql"),
    include_str!("schema/8.sql"),
    include_str!("schema/9.sql"),
    include_str!("schema/10.sql"),
    include_str!("schema/11.sql"),
    include_str!("schema/12.sql"),
];

/// The format that this program writes.
pub(crate) const KNOWN: i64 = STEPS.len().cast_signed() as i64;

/// The format of an open file; 0 for an empty one.
pub(crate) fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_one("PRAGMA user_version", [], |row| row.get(0))
}

/// Whether a file without a format has tables, which then belong to another program.
pub(crate) fn is_foreign(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_one("SELECT count(*) > 0 FROM sqlite_schema", [], |row| row.get(0))
}

/// Runs the missing steps in one transaction.
pub(crate) fn migrate(connection: &mut Connection, found: i64) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    for step in STEPS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", KNOWN)?;
    transaction.commit()
}
