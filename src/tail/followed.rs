//! Pure. One followed file: how far it was read, how to recognize it, when to check it next.

use std::ffi::OsStr;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::num::{NonZeroU32, NonZeroU64};

use crate::clock::Timestamp;
use crate::tail::Mark;
use crate::tail::disk::{FileStat, OsId};
use crate::tail::folder::{FolderId, WatchedPath, back_off};

/// A file is checked in each poll for this long after a change, in milliseconds.
const HOT: i64 = 2 * 60_000;
/// The longest time between two checks of a file, in milliseconds.
pub(crate) const LONGEST_REST: i64 = 10 * 60_000;
/// How long a file that does not exist rests, in milliseconds.
const REST_AFTER_ABSENCE: i64 = 5_000;

/// A followed file. Packed, because there can be fifty thousand of them.
#[derive(Clone)]
pub(crate) struct Followed {
    pub(crate) name: Box<OsStr>,
    pub(crate) folder: FolderId,
    pub(crate) watch: u16,
    /// The last listing of its folder that showed it under its name.
    pub(crate) listing: u32,
    os_id: Option<(NonZeroU64, u64)>,
    pub(crate) head: Mark,
    pub(crate) tail: Mark,
    pub(crate) offset: u64,
    /// Number of lines before the offset, plus one; `None` if not counted, or too large.
    lines: Option<NonZeroU32>,
    pub(crate) generation: u32,
    /// A hash of the metadata when there was nothing to read; `None` if unknown.
    stat_hash: Option<NonZeroU64>,
    /// Whether the file extended beyond the offset then, with an unfinished line.
    pub(crate) is_unfinished: bool,
    /// Whether the file was empty when it appeared: a copy in progress starts like this.
    pub(crate) was_empty: bool,
    /// Number of consecutive failures to read it.
    failures: u8,
    /// When it last changed, and when to check it again, in seconds since 1970.
    changed: u32,
    due: u32,
}

/// How long a file has been missing from successful listings.
#[derive(Clone, Copy)]
pub(crate) struct Absence {
    pub(crate) listings: u32,
    pub(crate) since: Timestamp,
}

impl Absence {
    /// Whether a file that has been missing for this long is gone.
    pub(crate) fn is_for_good(&self, now: Timestamp) -> bool {
        const LISTINGS: u32 = 10;
        const SECONDS: i64 = 60;
        self.listings >= LISTINGS && now.duration_since(self.since).as_secs() >= SECONDS
    }
}

impl Followed {
    pub(crate) fn new(path: WatchedPath, watch: u16) -> Followed {
        let (folder, name) = path;
        Followed {
            name,
            folder,
            watch,
            listing: 0,
            os_id: None,
            head: Mark::default(),
            tail: Mark::default(),
            offset: 0,
            lines: NonZeroU32::new(1),
            generation: 0,
            stat_hash: None,
            is_unfinished: false,
            was_empty: false,
            failures: 0,
            changed: 0,
            due: 0,
        }
    }

    /// The path at which the file is followed.
    pub(crate) fn path(&self) -> WatchedPath {
        (self.folder, self.name.clone())
    }

    pub(crate) fn is_at(&self, path: &WatchedPath) -> bool {
        self.folder == path.0 && self.name == path.1
    }

    /// Whether it was empty when it appeared and has not been read since.
    pub(crate) fn is_unread_since_empty(&self) -> bool {
        self.was_empty && self.offset == 0
    }

    pub(crate) fn os_id(&self) -> Option<OsId> {
        self.os_id.map(|(index, volume)| (volume, index.get()))
    }

    /// Called only by the book, which indexes files by their ids.
    pub(crate) fn set_os_id(&mut self, os_id: Option<OsId>) {
        self.os_id = os_id.and_then(|(volume, index)| Some((NonZeroU64::new(index)?, volume)));
    }

    /// Number of lines before the offset, if counted.
    pub(crate) fn lines(&self) -> Option<u64> {
        self.lines.map(|lines| u64::from(lines.get() - 1))
    }

    pub(crate) fn set_lines(&mut self, lines: Option<u64>) {
        let lines = lines.and_then(|lines| u32::try_from(lines).ok());
        self.lines = lines.and_then(|lines| NonZeroU32::MIN.checked_add(lines));
    }

    /// Starts again at the top, with new content.
    pub(crate) fn restart(&mut self) {
        self.generation += 1;
        self.offset = 0;
        self.set_lines(Some(0));
        self.head = Mark::default();
        self.tail = Mark::default();
    }

    /// Records that nothing can be read until the metadata changes.
    pub(crate) fn set_stat(&mut self, stat: FileStat) {
        self.stat_hash = Some(sum(stat));
        self.is_unfinished = stat.len > self.offset;
    }

    /// Forgets the recorded metadata, because the content may have changed without it.
    pub(crate) fn clear_stat(&mut self) {
        self.stat_hash = None;
        self.is_unfinished = false;
    }

    pub(crate) fn is_stat_known(&self) -> bool {
        self.stat_hash.is_some()
    }

    /// Whether the metadata is the same as when there was nothing to read.
    pub(crate) fn has_stat(&self, stat: FileStat) -> bool {
        self.stat_hash == Some(sum(stat))
    }

    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        let wait = i64::from(self.due) * 1000 - now.as_millisecond();
        // A clock that stepped back must not stop the checks of a file.
        wait <= 0 || wait > 2 * LONGEST_REST
    }

    pub(crate) fn is_hot(&self, now: Timestamp) -> bool {
        self.quiet_for(now) < HOT
    }

    /// Time since the last change, in milliseconds.
    fn quiet_for(&self, now: Timestamp) -> i64 {
        now.as_millisecond() - i64::from(self.changed) * 1000
    }

    /// Records the time of its last change.
    pub(crate) fn changed(&mut self, at: Timestamp) {
        self.changed = seconds(at.as_millisecond());
    }

    /// Records that it changed at this time or later, but not in the future.
    pub(crate) fn changed_at_least(&mut self, at: Option<Timestamp>, now: Timestamp) {
        let at = at.map_or(0, |at| seconds(at.min(now).as_millisecond()));
        self.changed = self.changed.max(at);
    }

    /// Rests until the next check; the longer it has been quiet, the longer. `spread` is any number
    /// that differs between files, so that files that started to rest together are not checked
    /// together.
    pub(crate) fn rest(&mut self, spread: i64, longest: i64, now: Timestamp) {
        let quiet = self.quiet_for(now);
        let rest = if quiet < HOT { 0 } else { (quiet / 20).min(longest) };
        self.rest_for(rest / 64 * (48 + spread.rem_euclid(16)), now);
    }

    /// Makes it due at once.
    pub(crate) fn wake(&mut self) {
        self.due = 0;
    }

    pub(crate) fn rest_after_absence(&mut self, now: Timestamp) {
        self.rest_for(REST_AFTER_ABSENCE, now);
    }

    pub(crate) fn rest_after_failure(&mut self, now: Timestamp) {
        self.rest_for(back_off(self.failures.into()), now);
        self.failures = self.failures.saturating_add(1);
    }

    /// Rests for this many milliseconds, rounded up to a full second.
    fn rest_for(&mut self, rest: i64, now: Timestamp) {
        self.due = if rest == 0 { 0 } else { seconds(now.as_millisecond() + rest + 999) };
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.failures > 0
    }

    /// Records that it could be read again.
    pub(crate) fn recovered(&mut self) {
        self.failures = 0;
    }
}

/// Converts milliseconds since 1970 to whole seconds, clamped to `u32` (until 2106).
fn seconds(milliseconds: i64) -> u32 {
    u32::try_from((milliseconds / 1000).max(0)).unwrap_or(u32::MAX)
}

/// Two metadata values with the same hash are equal, but for a chance of one in 2⁶³.
fn sum(stat: FileStat) -> NonZeroU64 {
    let mut hasher = DefaultHasher::new();
    stat.hash(&mut hasher);
    NonZeroU64::MIN | hasher.finish()
}

#[cfg(test)]
mod tests;
