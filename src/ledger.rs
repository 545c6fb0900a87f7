//! Pure. The tables that the deciding rooms keep between steps, with their indexes and stored rows.
//!
//! A room defines how a value is stored and found ([`TableRow`]); the table holds the values, finds
//! them, and tracks which rows the next commit must write.

mod index;
mod table;

use crate::commit::{RowChange, RowKey, StoredRows};

pub use crate::commit::TableName;
pub use crate::ledger::table::{Key, Table, TableRow};

/// A counter that continues after a restart.
#[derive(Debug, Default)]
pub struct Sequence {
    last: u64,
    is_dirty: bool,
}

impl Sequence {
    /// Restores the stored number.
    pub fn restored(rows: &StoredRows) -> Self {
        let last = rows.of(TableName::Sequence).find_map(|(_, json)| json.parse().ok());
        Self { last: last.unwrap_or(0), is_dirty: false }
    }

    /// The next number.
    pub fn advance(&mut self) -> u64 {
        self.last += 1;
        self.is_dirty = true;
        self.last
    }

    /// The row to write, if it changed since the last call.
    pub fn take_changes(&mut self) -> Option<RowChange> {
        let key = RowKey::new(TableName::Sequence, "");
        let json = self.last.to_string();
        std::mem::take(&mut self.is_dirty).then_some(RowChange::Put { key, json })
    }
}

#[cfg(test)]
mod tests;
