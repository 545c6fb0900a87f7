//! I/O. Hints that something changed in a folder, from file system notifications.
//!
//! A hint only makes the next check come earlier. Nothing depends on hints: notifications get lost,
//! and network shares send none.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use notify::event::{EventKind, RemoveKind};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};

use crate::clock;

/// How many hints are kept until the next wait; if there are more, everything is checked.
const MAX_HINTS: usize = 1024;
/// A folder that cannot be watched is tried again after at most this many waits.
const LONGEST_BACK_OFF: u32 = 64;

/// What hints reported since the last wait.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Dirty {
    #[default]
    Nothing,
    Paths(BTreeSet<PathBuf>),
    Everything,
}

impl Dirty {
    fn add(&mut self, paths: Vec<PathBuf>) {
        match self {
            Dirty::Nothing => *self = Dirty::Paths(paths.into_iter().collect()),
            Dirty::Paths(known) => known.extend(paths),
            Dirty::Everything => {}
        }
    }
}

enum Hint {
    Paths(Vec<PathBuf>),
    /// A watched folder was removed.
    Gone(PathBuf),
    Rescan,
    /// The watcher failed and must be recreated.
    Failed,
    Wake,
}

/// Ends a wait early, from any thread.
#[derive(Clone, Debug)]
pub struct Waker(SyncSender<Hint>);

impl Waker {
    /// Ends the current wait, or the next one.
    pub fn wake(&self) {
        // If the channel is full, the wait ends anyway.
        let _full = self.0.try_send(Hint::Wake).is_err();
    }
}

/// Waits for changes in some folders.
#[derive(Debug)]
pub struct Hints {
    folders: Vec<PathBuf>,
    /// Folders that are not being watched: missing ones, or all after a failure.
    unwatched: BTreeSet<PathBuf>,
    watcher: Option<RecommendedWatcher>,
    sender: SyncSender<Hint>,
    receiver: Receiver<Hint>,
    overflow: Arc<AtomicBool>,
    back_off: BackOff,
}

/// Number of waits before the next attempt, doubled after each failure.
#[derive(Debug, Default)]
struct BackOff {
    failures: u32,
    left: u32,
}

impl BackOff {
    fn is_over(&mut self) -> bool {
        self.left = self.left.saturating_sub(1);
        self.left == 0
    }

    fn failed(&mut self) {
        self.failures += 1;
        self.left = 1_u32
            .checked_shl(self.failures)
            .map_or(LONGEST_BACK_OFF, |waits| waits.min(LONGEST_BACK_OFF));
    }
}

impl Hints {
    /// Watches these folders, without their subfolders.
    pub fn new(folders: Vec<PathBuf>) -> Hints {
        let (sender, receiver) = sync_channel(MAX_HINTS);
        let mut watching = Hints {
            unwatched: folders.iter().cloned().collect(),
            folders,
            watcher: None,
            sender,
            receiver,
            overflow: Arc::default(),
            back_off: BackOff::default(),
        };
        watching.watch_unwatched();
        watching
    }

    /// Without hints: a wait takes its full time, unless woken.
    pub fn off() -> Hints {
        Hints::new(Vec::new())
    }

    pub fn waker(&self) -> Waker {
        Waker(self.sender.clone())
    }

    /// Waits for the first hint, then takes all that are queued.
    pub fn wait(&mut self, timeout: Duration) -> Dirty {
        let mut dirty = Dirty::Nothing;
        if self.back_off.is_over() && self.watch_unwatched() {
            dirty = Dirty::Everything;
        }
        let timeout = if dirty == Dirty::Nothing { timeout } else { Duration::ZERO };
        if let Ok(hint) = self.receiver.recv_timeout(timeout) {
            self.apply(hint, &mut dirty);
        }
        while let Ok(hint) = self.receiver.try_recv() {
            self.apply(hint, &mut dirty);
        }
        if self.overflow.swap(false, Ordering::Relaxed) {
            dirty = Dirty::Everything;
        }
        dirty
    }

    /// Collects hints for this long, unless woken.
    pub fn gather(&mut self, time: Duration) -> Dirty {
        let mut dirty = Dirty::Nothing;
        let begun = clock::now();
        loop {
            let gone = clock::now().duration_since(begun).unsigned_abs();
            match self.receiver.recv_timeout(time.saturating_sub(gone)) {
                Ok(Hint::Wake) | Err(_) => return dirty,
                Ok(hint) => self.apply(hint, &mut dirty),
            }
        }
    }

    fn apply(&mut self, hint: Hint, dirty: &mut Dirty) {
        match hint {
            Hint::Paths(paths) => dirty.add(paths),
            Hint::Wake => {}
            Hint::Rescan => *dirty = Dirty::Everything,
            Hint::Gone(folder) => {
                *dirty = Dirty::Everything;
                if let Some(watcher) = &mut self.watcher {
                    // Usually the system has already dropped the watch.
                    let _dropped = watcher.unwatch(&folder).is_err();
                }
                self.unwatched.insert(folder);
            }
            Hint::Failed => {
                *dirty = Dirty::Everything;
                self.watcher = None;
                self.unwatched = self.folders.iter().cloned().collect();
                self.back_off.failed();
            }
        }
    }

    /// Tries to watch the unwatched folders; returns whether at least one succeeded.
    fn watch_unwatched(&mut self) -> bool {
        if self.unwatched.is_empty() {
            return false;
        }
        if self.watcher.is_none() {
            self.watcher = self.new_watcher();
        }
        let before = self.unwatched.len();
        if let Some(watcher) = &mut self.watcher {
            self.unwatched
                .retain(|folder| watcher.watch(folder, RecursiveMode::NonRecursive).is_err());
        }
        if self.unwatched.is_empty() {
            self.back_off = BackOff::default();
        } else {
            self.back_off.failed();
        }
        self.unwatched.len() < before
    }

    fn new_watcher(&self) -> Option<RecommendedWatcher> {
        let (sender, overflow) = (self.sender.clone(), Arc::clone(&self.overflow));
        let folders = self.folders.clone();
        notify::recommended_watcher(move |event| {
            if let Some(hint) = hint(event, &folders) {
                send_hint(&sender, &overflow, hint);
            }
        })
        .ok()
    }
}

/// Queues a hint for the next wait. If the queue is full, everything counts as changed.
fn send_hint(sender: &SyncSender<Hint>, overflow: &AtomicBool, hint: Hint) {
    if sender.try_send(hint).is_err() {
        overflow.store(true, Ordering::Relaxed);
    }
}

/// Converts a notification to a hint. Opening a file for reading gives none, because the tailer
/// does that itself.
fn hint(event: notify::Result<Event>, folders: &[PathBuf]) -> Option<Hint> {
    let Ok(event) = event else { return Some(Hint::Failed) };
    if event.need_rescan() || event.paths.is_empty() {
        return Some(Hint::Rescan);
    }
    match event.kind {
        EventKind::Access(_) => None,
        EventKind::Remove(RemoveKind::Any | RemoveKind::Folder)
            if folders.contains(&event.paths[0]) =>
        {
            event.paths.into_iter().next().map(Hint::Gone)
        }
        _ => Some(Hint::Paths(event.paths)),
    }
}

#[cfg(test)]
mod tests;
