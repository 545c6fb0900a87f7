//! I/O. Damage within an intact file: foreign tables and impossible values.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension as _, Row, ffi};

use crate::clock::Timestamp;
use crate::state::schema;

/// Larger numbers (file numbers, offsets, lines, counts) are never written.
const LARGEST: i64 = 1 << 62;

/// Conditions that no row can meet. Times are microseconds that [`Timestamp`] can represent.
const IMPOSSIBLE: [(&str, &str); 10] = [
    (
        "file",
        "id NOT BETWEEN 0 AND :largest OR typeof(path) NOT IN ('text', 'blob') \
         OR octet_length(path) = 0 \
         OR offset NOT BETWEEN 0 AND :largest OR lines NOT BETWEEN 0 AND :largest \
         OR head_length NOT BETWEEN 0 AND 1024 OR tail_length NOT BETWEEN 0 AND 1024 \
         OR (offset > 0 AND tail_length = 0) OR generation NOT BETWEEN 0 AND 4294967295 \
         OR committed NOT BETWEEN :first AND :last",
    ),
    (
        "delivery",
        "id = '' OR channel = '' OR state NOT IN ('pending', 'in_flight', 'delivered', 'folded', 'dead', 'dissolved') \
         OR severity NOT IN ('info', 'warning', 'error', 'critical') \
         OR reason NOT IN ('opened', 'repeated', 'escalated', 'acknowledged', 'recovered') OR form NOT IN ('card', 'digest') \
         OR remaining NOT IN ('all', 'root', 'reply') \
         OR wait NOT BETWEEN 0 AND :largest OR attempts NOT BETWEEN 0 AND 2147483647 OR use_plain NOT IN (0, 1) \
         OR possible_repeat NOT IN (0, 1) OR created NOT BETWEEN :first AND :last \
         OR departed NOT BETWEEN :first AND :last OR next_at NOT BETWEEN :first AND :last \
         OR settled NOT BETWEEN :first AND :last OR refused NOT BETWEEN :first AND :last",
    ),
    (
        "command",
        "id = '' OR at NOT BETWEEN :first AND :last OR applied NOT BETWEEN :first AND :last",
    ),
    (
        "incident",
        "fingerprint = '' OR last NOT BETWEEN :first AND :last \
         OR ended NOT BETWEEN :first AND :last OR NOT json_valid(json)",
    ),
    (
        "thread",
        "channel = '' OR fingerprint = '' OR opened NOT BETWEEN :first AND :last \
         OR written NOT BETWEEN :first AND :last OR continues NOT BETWEEN :first AND :last \
         OR is_over NOT IN (0, 1) OR is_posted NOT IN (0, 1)",
    ),
    ("operation", "channel = '' OR at NOT BETWEEN :first AND :last"),
    ("history", "at NOT BETWEEN :first AND :last"),
    ("book", "key = '' OR NOT json_valid(json)"),
    ("counter", "n NOT BETWEEN 0 AND :largest"),
    ("folder", "typeof(path) NOT IN ('text', 'blob') OR since NOT BETWEEN :first AND :last"),
];

/// Finds a highest file number that is not a number.
const ODD_LAST_FILE: &str = "SELECT 1 FROM note WHERE key = 'last-file' AND (value = '' \
    OR value GLOB '*[^0-9]*' OR length(value) > 18)";

/// Columns with type, `NOT NULL`, default and position in the key, and the storage options of the
/// table.
const COLUMNS: &str = "SELECT t.name AS name, group_concat(x.name || ' ' || x.type || ' ' || \
    x.\"notnull\" || ' ' || coalesce(x.dflt_value, '-') || ' ' || x.pk || ' ' || x.hidden, ', ') \
    || ' ' || t.wr || t.strict AS what \
    FROM pragma_table_list t, pragma_table_xinfo(t.name) x \
    WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite%' GROUP BY t.name";

/// Unique columns of each table.
const UNIQUE: &str = "SELECT t.name AS name, group_concat(c.name || i.partial || i.origin, ', ') \
    AS what FROM pragma_table_list t, pragma_index_list(t.name) i, pragma_index_info(i.name) c \
    WHERE t.schema = 'main' AND t.type = 'table' AND i.\"unique\" = 1 GROUP BY t.name";

/// Fails if a table has missing or additional columns or keys. Unknown tables are ignored. If
/// `repair` is set, missing indexes are created.
pub(crate) fn schema(connection: &Connection, repair: bool) -> rusqlite::Result<()> {
    let mut ours = Connection::open_in_memory()?;
    schema::migrate(&mut ours, 0)?;
    let tables = described(&ours, COLUMNS)?;
    for (sql, aspect) in [(COLUMNS, "columns"), (UNIQUE, "keys")] {
        let (expected, found) = (described(&ours, sql)?, described(connection, sql)?);
        for table in tables.keys() {
            if expected.get(table) != found.get(table) {
                let now = found.get(table).map_or("none", String::as_str);
                return Err(damage(&format!("table {table} has unexpected {aspect}: {now}")));
            }
        }
    }
    let trigger = "SELECT name FROM sqlite_schema WHERE type = 'trigger'";
    let trigger = connection.query_row(trigger, [], |row| row.get::<_, String>(0)).optional()?;
    match trigger {
        Some(name) => Err(damage(&format!("unknown trigger {name}"))),
        None if repair => restore_indexes(connection, &ours),
        None => Ok(()),
    }
}

/// Fails at the first value that this program cannot have written.
pub(crate) fn values(connection: &Connection) -> rusqlite::Result<()> {
    let micros = |at: Timestamp| at.as_microsecond().to_string();
    for (table, impossible) in IMPOSSIBLE {
        let condition = impossible
            .replace(":largest", &LARGEST.to_string())
            .replace(":first", &micros(Timestamp::MIN))
            .replace(":last", &micros(Timestamp::MAX));
        let sql = format!("SELECT 1 FROM {table} WHERE {condition} LIMIT 1");
        if connection.query_row(&sql, [], |_| Ok(())).optional()?.is_some() {
            return Err(damage(&format!("table {table} holds an impossible value")));
        }
    }
    match connection.query_row(ODD_LAST_FILE, [], |_| Ok(())).optional()? {
        Some(()) => Err(damage("the highest file number is not a number")),
        None => Ok(()),
    }
}

/// A corruption error with this reason.
pub(crate) fn damage(why: &str) -> rusqlite::Error {
    let corrupt = ffi::Error::new(ffi::SQLITE_CORRUPT);
    rusqlite::Error::SqliteFailure(corrupt, Some(why.to_owned()))
}

/// Recreates missing indexes. A missing index is not damage, because it only costs time.
fn restore_indexes(connection: &Connection, ours: &Connection) -> rusqlite::Result<()> {
    let sql = "SELECT name, sql AS what FROM sqlite_schema WHERE type = 'index' AND sql NOT NULL";
    let found = described(connection, sql)?;
    for (name, sql) in described(ours, sql)? {
        if !found.contains_key(&name) {
            connection.execute_batch(&sql)?;
        }
    }
    Ok(())
}

fn described(connection: &Connection, sql: &str) -> rusqlite::Result<BTreeMap<String, String>> {
    let pair = |row: &Row<'_>| Ok((row.get("name")?, row.get("what")?));
    connection.prepare(sql)?.query_map([], pair)?.collect()
}
