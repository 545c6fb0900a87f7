//! Pure. Unknown names that could not be opened, and when to try each again.

use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;

use crate::clock::Timestamp;
use crate::tail::disk::FileStat;
use crate::tail::folder::{FolderId, LONGEST_BACK_OFF, WatchedPath, back_off};

/// Names in all folders that could not be opened.
#[derive(Default)]
pub(crate) struct Refusals(HashMap<WatchedPath, FailedOpening>);

/// A name that could not be opened, with its metadata at that time.
struct FailedOpening {
    stat: Option<FileStat>,
    failures: u32,
    until: i64,
}

impl Refusals {
    /// Records another failure to open a name.
    pub(crate) fn add(&mut self, at: &WatchedPath, stat: Option<FileStat>, now: Timestamp) {
        let first = FailedOpening { stat, failures: 0, until: 0 };
        let refusal = self.0.entry(at.clone()).or_insert(first);
        refusal.stat = stat;
        refusal.until = now.as_millisecond() + back_off(refusal.failures);
        refusal.failures += 1;
    }

    /// Whether opening failed recently, and the metadata has not changed since.
    pub(crate) fn is_resting(
        &self,
        at: &WatchedPath,
        now: Timestamp,
        stat: impl FnOnce() -> Option<FileStat>,
    ) -> bool {
        self.0.get(at).is_some_and(|refusal| {
            let wait = refusal.until - now.as_millisecond();
            (1..=LONGEST_BACK_OFF).contains(&wait) && refusal.stat == stat()
        })
    }

    pub(crate) fn contains(&self, at: &WatchedPath) -> bool {
        self.0.contains_key(at)
    }

    pub(crate) fn remove(&mut self, at: &WatchedPath) {
        self.0.remove(at);
    }

    /// Forgets the names of a folder that are no longer among its unknown ones.
    pub(crate) fn retain(&mut self, folder: FolderId, unknown: &[Box<OsStr>]) {
        if self.0.is_empty() {
            return;
        }
        let unknown: HashSet<&OsStr> = unknown.iter().map(|name| &**name).collect();
        self.0.retain(|(of, name), _| *of != folder || unknown.contains(&**name));
    }
}
