//! Pure. One followed file: how far it was read, how to know it again, when to look at it next.

use std::ffi::OsStr;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::num::{NonZeroU32, NonZeroU64};

use crate::clock::Timestamp;
use crate::tail::Mark;
use crate::tail::disk::{FileStat, OsId};
use crate::tail::folder::{FolderId, WatchedPath, back_off};

/// A file is looked at in each poll for this long after it changed.
const HOT: i64 = 2 * 60_000;
/// The longest time between two looks at a file.
pub(super) const LONGEST_REST: i64 = 10 * 60_000;
/// A file that is not there rests for this long.
const REST_AFTER_ABSENCE: i64 = 5_000;

/// A file that is followed. Packed: there can be fifty thousand of them.
#[derive(Clone)]
pub(super) struct Followed {
    pub(super) name: Box<OsStr>,
    pub(super) folder: FolderId,
    pub(super) watch: u16,
    /// The last listing of its folder that had it under its name.
    pub(super) listing: u32,
    os_id: Option<(NonZeroU64, u64)>,
    pub(super) head: Mark,
    pub(super) tail: Mark,
    pub(super) offset: u64,
    /// The lines before the offset and one more; `None` if they were not counted, or are too many.
    lines: Option<NonZeroU32>,
    pub(super) generation: u32,
    /// A sum over what metadata said when there was nothing to read; `None` if that is not known.
    seen: Option<NonZeroU64>,
    /// Whether it went on behind the offset then: with a line under way.
    pub(super) is_unfinished: bool,
    /// Whether there was nothing in it when it appeared: what is being copied begins so.
    pub(super) was_empty: bool,
    /// How often in a row it could not be read.
    failures: u8,
    /// When it last changed, and when to look again, in seconds since 1970.
    changed: u32,
    due: u32,
}

/// How long a file has been missing from listings that succeeded.
#[derive(Clone, Copy)]
pub(super) struct Absence {
    pub(super) listings: u32,
    pub(super) since: Timestamp,
}

impl Absence {
    /// Whether a file that has been missing for so long is gone.
    pub(super) fn is_for_good(&self, now: Timestamp) -> bool {
        const LISTINGS: u32 = 10;
        const SECONDS: i64 = 60;
        self.listings >= LISTINGS && now.duration_since(self.since).as_secs() >= SECONDS
    }
}

impl Followed {
    pub(super) fn new(path: WatchedPath, watch: u16) -> Followed {
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
            seen: None,
            is_unfinished: false,
            was_empty: false,
            failures: 0,
            changed: 0,
            due: 0,
        }
    }

    /// Where it is followed.
    pub(super) fn path(&self) -> WatchedPath {
        (self.folder, self.name.clone())
    }

    pub(super) fn is_at(&self, path: &WatchedPath) -> bool {
        self.folder == path.0 && self.name == path.1
    }

    /// Whether it was empty when it appeared, and nothing of it was read since.
    pub(super) fn is_unread_since_empty(&self) -> bool {
        self.was_empty && self.offset == 0
    }

    pub(super) fn os_id(&self) -> Option<OsId> {
        self.os_id.map(|(index, volume)| (volume, index.get()))
    }

    /// For the book alone, which finds files by their ids.
    pub(super) fn set_os_id(&mut self, os_id: Option<OsId>) {
        self.os_id = os_id.and_then(|(volume, index)| Some((NonZeroU64::new(index)?, volume)));
    }

    /// How many lines stand before the offset, if they were counted.
    pub(super) fn lines(&self) -> Option<u64> {
        self.lines.map(|lines| u64::from(lines.get() - 1))
    }

    pub(super) fn set_lines(&mut self, lines: Option<u64>) {
        let lines = lines.and_then(|lines| u32::try_from(lines).ok());
        self.lines = lines.and_then(|lines| NonZeroU32::MIN.checked_add(lines));
    }

    /// Begins again at the top, with other content.
    pub(super) fn restart(&mut self) {
        self.generation += 1;
        self.offset = 0;
        self.set_lines(Some(0));
        self.head = Mark::default();
        self.tail = Mark::default();
    }

    /// There is nothing to read until metadata says otherwise.
    pub(super) fn saw(&mut self, stat: FileStat) {
        self.seen = Some(sum(stat));
        self.is_unfinished = stat.len > self.offset;
    }

    /// Something else may have come, whatever metadata says.
    pub(super) fn unsee(&mut self) {
        self.seen = None;
        self.is_unfinished = false;
    }

    pub(super) fn is_seen(&self) -> bool {
        self.seen.is_some()
    }

    /// Whether metadata says what it said when there was nothing to read.
    pub(super) fn has_stat(&self, stat: FileStat) -> bool {
        self.seen == Some(sum(stat))
    }

    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        let wait = i64::from(self.due) * 1000 - now.as_millisecond();
        // A clock that stepped back must not silence a file.
        wait <= 0 || wait > 2 * LONGEST_REST
    }

    pub(super) fn is_hot(&self, now: Timestamp) -> bool {
        self.quiet_for(now) < HOT
    }

    /// How long it has not changed, in milliseconds.
    fn quiet_for(&self, now: Timestamp) -> i64 {
        now.as_millisecond() - i64::from(self.changed) * 1000
    }

    /// Notes that it was seen to change, or when it last did.
    pub(super) fn changed(&mut self, at: Timestamp) {
        self.changed = seconds(at.as_millisecond());
    }

    /// Notes that it changed at this time or later, but not in the future.
    pub(super) fn changed_at_least(&mut self, at: Option<Timestamp>, now: Timestamp) {
        let at = at.map_or(0, |at| seconds(at.min(now).as_millisecond()));
        self.changed = self.changed.max(at);
    }

    /// Rests until the next look: the longer, the longer it has been quiet. `spread` is any number
    /// that differs from file to file, so that files that rested together do not wake together.
    pub(super) fn rest(&mut self, spread: i64, longest: i64, now: Timestamp) {
        let quiet = self.quiet_for(now);
        let rest = if quiet < HOT { 0 } else { (quiet / 20).min(longest) };
        self.rest_for(rest / 64 * (48 + spread.rem_euclid(16)), now);
    }

    /// It is looked at again at once.
    pub(super) fn wake(&mut self) {
        self.due = 0;
    }

    pub(super) fn rest_after_absence(&mut self, now: Timestamp) {
        self.rest_for(REST_AFTER_ABSENCE, now);
    }

    pub(super) fn rest_after_failure(&mut self, now: Timestamp) {
        self.rest_for(back_off(self.failures.into()), now);
        self.failures = self.failures.saturating_add(1);
    }

    /// Rests for so many milliseconds, and until a full second.
    fn rest_for(&mut self, rest: i64, now: Timestamp) {
        self.due = if rest == 0 { 0 } else { seconds(now.as_millisecond() + rest + 999) };
    }

    pub(super) fn has_failed(&self) -> bool {
        self.failures > 0
    }

    /// It could be read again.
    pub(super) fn recovered(&mut self) {
        self.failures = 0;
    }
}

/// Whole seconds since 1970 of milliseconds since then, within what fits (until 2106).
fn seconds(milliseconds: i64) -> u32 {
    u32::try_from((milliseconds / 1000).max(0)).unwrap_or(u32::MAX)
}

/// Two looks with the same sum are the same, but for one chance in 2⁶³.
fn sum(stat: FileStat) -> NonZeroU64 {
    let mut hasher = DefaultHasher::new();
    stat.hash(&mut hasher);
    NonZeroU64::MIN | hasher.finish()
}

#[cfg(test)]
mod tests;
