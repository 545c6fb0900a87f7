//! I/O. Log sizes at program start: anything written during the startup counts as new.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The maximum depth of logs below the log root.
const DEPTH: usize = 3;

/// The sizes of all files below a folder, taken before anything slow happens.
#[derive(Clone, Debug, Default)]
pub struct FileEnds(HashMap<PathBuf, u64>);

impl FileEnds {
    /// Measures all files below the log root; `None` if the root does not exist, because anything
    /// that appears with it later existed before.
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

    /// The size of the file; 0 if it did not exist.
    pub(crate) fn of(&self, path: &Path) -> u64 {
        self.0.get(path).copied().unwrap_or(0)
    }
}
