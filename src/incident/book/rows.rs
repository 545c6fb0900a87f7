//! Pure. The book as rows of a commit, and back.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::commit::RowChange;
use crate::incident::Fingerprint;
use crate::incident::book::IncidentBook;

pub(super) const SEQUENCE: &str = "sequence";
pub(super) const TALLY: &str = "tally:";
pub(super) const WAIT: &str = "wait:";
pub(super) const USUAL: &str = "usual:";

impl IncidentBook {
    pub(super) fn take_row(&mut self, key: &str, json: &str) {
        if key == SEQUENCE {
            self.sequence = json.parse().unwrap_or(0);
        } else if let Some(id) = key.strip_prefix("run:") {
            take(&mut self.runs, id.to_owned(), json);
        } else if let Some(id) = key.strip_prefix(TALLY) {
            take(&mut self.tallies, id.to_owned(), json);
        } else if let Some(id) = key.strip_prefix(WAIT) {
            take(&mut self.waits, id.to_owned(), json);
        } else if let Some(id) = key.strip_prefix(USUAL) {
            take(&mut self.usuals, id.to_owned(), json);
        } else if let Some(fingerprint) = key.strip_prefix("incident:") {
            take(&mut self.incidents, Fingerprint(fingerprint.to_owned()), json);
        }
    }

    /// The rows that changed since the last call.
    pub fn take_changes(&mut self) -> Vec<RowChange> {
        let touched = std::mem::take(&mut self.touched);
        touched.into_iter().map(|key| self.change_of(key)).collect()
    }

    fn change_of(&self, key: String) -> RowChange {
        let json = if key == SEQUENCE {
            Some(self.sequence.to_string())
        } else if let Some(id) = key.strip_prefix("run:") {
            self.runs.get(id).map(json_of)
        } else if let Some(id) = key.strip_prefix(TALLY) {
            self.tallies.get(id).map(json_of)
        } else if let Some(id) = key.strip_prefix(WAIT) {
            self.waits.get(id).map(json_of)
        } else if let Some(id) = key.strip_prefix(USUAL) {
            self.usuals.get(id).map(json_of)
        } else {
            let fingerprint = Fingerprint(key.trim_start_matches("incident:").to_owned());
            self.incidents.get(&fingerprint).map(json_of)
        };
        match json {
            Some(json) => RowChange::Put { key, json },
            None => RowChange::Delete { key },
        }
    }
}

pub(super) fn incident_key(fingerprint: &Fingerprint) -> String {
    format!("incident:{}", fingerprint.0)
}

/// A row that cannot be read is left out.
fn take<K: Ord, T: DeserializeOwned>(rows: &mut BTreeMap<K, T>, id: K, json: &str) {
    if let Ok(row) = serde_json::from_str(json) {
        rows.insert(id, row);
    }
}

fn json_of<T: Serialize>(row: &T) -> String {
    serde_json::to_string(row).expect("rows of the book hold only text, numbers and times")
}
