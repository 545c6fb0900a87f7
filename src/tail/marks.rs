//! Pure. Recognises a file again: by its id, and by marks over the bytes that were consumed.
//!
//! No single sign is enough: all Qlik service logs begin with the same header row, file ids are
//! reused, and files are truncated and grow again.

use crate::tail::Mark;
use crate::tail::disk::OsId;

/// How many bytes at the beginning of a file are marked, at most.
pub(super) const HEAD: usize = 1024;
/// How many bytes before the offset are marked, at most.
pub(super) const TAIL: usize = 256;

impl Mark {
    /// The mark of these bytes.
    pub(super) fn of(bytes: &[u8]) -> Mark {
        let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
        let mut hash = [0; 8];
        hash.copy_from_slice(&digest.as_ref()[..8]);
        Mark { len: u16::try_from(bytes.len()).unwrap_or(u16::MAX), hash: u64::from_le_bytes(hash) }
    }

    /// Whether these are the marked bytes. A mark over nothing fits all.
    pub(super) fn fits(self, bytes: &[u8]) -> bool {
        self.len == 0 || self == Mark::of(bytes)
    }
}

/// What stands at a path now, compared with what was followed there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MarkMatch {
    /// The same file, grown or not.
    Same,
    /// Another file id, but the same bytes as far as they were consumed: a share that came back,
    /// or a file replaced by its own copy.
    Lookalike,
    /// The same file, shorter than what was consumed.
    Truncated,
    /// The same file with other bytes where consumed ones stood.
    Rewritten,
    /// Another file.
    Replaced,
}

impl MarkMatch {
    /// Whether other content stands in the same file.
    pub(super) fn is_in_place(self) -> bool {
        matches!(self, MarkMatch::Truncated | MarkMatch::Rewritten)
    }
}

/// What was found at a path.
#[derive(Clone, Copy, Debug)]
pub(super) struct FileState {
    pub(super) os_id: Option<OsId>,
    pub(super) len: u64,
    /// Whether head and tail mark fit the bytes there.
    pub(super) marks_fit: bool,
}

/// Decides whether what was found continues the file with this id, consumed up to `offset`.
pub(super) fn judge(os_id: Option<OsId>, offset: u64, found: FileState) -> MarkMatch {
    let same_id = os_id.zip(found.os_id).is_none_or(|(known, now)| known == now);
    let same_bytes = found.len >= offset && found.marks_fit;
    match (same_id, same_bytes) {
        (true, true) => MarkMatch::Same,
        (false, true) => MarkMatch::Lookalike,
        (true, false) if found.len < offset => MarkMatch::Truncated,
        (true, false) => MarkMatch::Rewritten,
        (false, false) => MarkMatch::Replaced,
    }
}

#[cfg(test)]
mod tests;
