//! The data: rows of a log as Qlik Sense writes them, all synthetic; the same seed, the same rows.

use crate::support::{Dice, healthy_row};

/// What every peer looks for, in words that all of them understand. The first is what the marked
/// rows have; the others are there to be looked for.
pub(crate) const PATTERNS: [&str; 25] = [
    "Access was denied for User",
    "Reload failed in Engine",
    "Max retries reached",
    "Execution Failed",
    "State: (Failed|Aborted|Error) after [0-9]+ retries",
    "FATAL",
    "SocketException.*(10054|10060|10061)",
    "certificate .*(has expired|was revoked)",
    "Failed to (open|load|save) app [0-9a-f]{8}",
    "License .*limit exceeded",
    "OutOfMemoryException|bad allocation",
    "Service [A-Za-z]+ stopped unexpectedly",
    "Deadlock detected",
    "HTTP/1.1. 50[0-9] ",
    "Authentication failed for user [^ ]+",
    "disk space .*below [0-9]+ GB",
    "Session [0-9a-f-]+ was lost",
    "QVD .*(is corrupt|not found)",
    "SQLSTATE [0-9A-Z]{5}",
    "Timeout (while|when) .*[0-9]{5,} ms",
    "Database connection .*(refused|terminated)",
    "Import of .* failed",
    "Synchronization .*failed for node",
    "Unhandled exception",
    "Worker node [^ ]+ not responding",
];

/// Rows in order, each a healthy one or one that is to be found.
pub(crate) struct Rows {
    dice: Dice,
    sequence: u64,
    marked: usize,
    one_in: u64,
}

impl Rows {
    /// One row in `one_in` is to be found.
    pub(crate) fn new(seed: u64, one_in: u64) -> Rows {
        Rows { dice: Dice(seed), sequence: 0, marked: 0, one_in }
    }

    /// How many rows so far are to be found.
    pub(crate) fn marked(&self) -> usize {
        self.marked
    }

    pub(crate) fn next(&mut self) -> String {
        self.sequence += 1;
        if self.sequence.is_multiple_of(self.one_in) {
            self.marked += 1;
            return marked_row(self.sequence, self.marked - 1);
        }
        healthy_row(self.sequence, &mut self.dice)
    }
}

/// A row that makes a card at once: each has a user of its own.
fn marked_row(sequence: u64, number: usize) -> String {
    format!(
        "{sequence}\t20261123T061200.000+0100\tWARN\tbench-node\tAuditSecurity.Repository.Bench\t1\t1\tLAB\\qlikservice\tAccess was denied for User: 'LAB\\EVT{number:09}E', with AccessID 'x', SessionID: 'y', SessionCount: '5', Hostname: '::1', OperationType: 'UsageDenied'\r\n"
    )
}

/// The numbers of the marked rows that a text tells of, each once.
pub(crate) fn marks(text: &str) -> Vec<usize> {
    let after = text.split("EVT").skip(1);
    let mut numbers: Vec<usize> = after.filter_map(|rest| rest.get(..9)?.parse().ok()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}
