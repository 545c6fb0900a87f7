//! I/O. How long the logs were when the program began: whatever is written while it starts is new.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Logs stand at most so deep below the log root.
const DEPTH: usize = 3;

/// The lengths of all files below a folder, taken before anything slow.
#[derive(Clone, Debug, Default)]
pub struct Ends(HashMap<PathBuf, u64>);

impl Ends {
    /// Looks at all files below the log root; `None` if it is not there, for then whatever appears
    /// with it existed before.
    pub fn take(log_root: &Path) -> Option<Self> {
        if !log_root.is_dir() {
            return None;
        }
        let mut ends = Self::default();
        ends.measure(log_root, DEPTH);
        Some(ends)
    }

    fn measure(&mut self, folder: &Path, deeper: usize) {
        let Ok(entries) = fs::read_dir(folder) else { return };
        for entry in entries.flatten() {
            let path = entry.path();
            let Ok(metadata) = fs::metadata(&path) else { continue };
            if metadata.is_file() {
                self.0.insert(path, metadata.len());
            } else if metadata.is_dir() && deeper > 0 {
                self.measure(&path, deeper - 1);
            }
        }
    }

    /// How long the file was; 0 if it was not there.
    pub(super) fn of(&self, path: &Path) -> u64 {
        self.0.get(path).copied().unwrap_or(0)
    }
}
