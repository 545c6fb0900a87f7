//! Pure. Recognizes a file by its id and by marks over the bytes that were consumed.
//!
//! No single sign is enough: all Qlik service logs begin with the same header row, file ids are
//! reused, and truncated files grow again.

use crate::tail::Mark;
use crate::tail::disk::OsId;

/// How many bytes at the beginning of a file are marked at most.
pub(crate) const HEAD: usize = 1024;
/// How many bytes before the offset are marked at most.
pub(crate) const TAIL: usize = 256;

impl Mark {
    /// Computes the mark of these bytes.
    pub(crate) fn of(bytes: &[u8]) -> Mark {
        let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
        let mut hash = [0; 8];
        hash.copy_from_slice(&digest.as_ref()[..8]);
        Mark { len: u16::try_from(bytes.len()).unwrap_or(u16::MAX), hash: u64::from_le_bytes(hash) }
    }

    /// Whether these bytes have this mark. A mark over zero bytes fits everything.
    pub(crate) fn fits(self, bytes: &[u8]) -> bool {
        self.len == 0 || self == Mark::of(bytes)
    }
}

/// The file at a path now, compared with the file that was followed there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MarkMatch {
    /// The same file, whether it has grown or not.
    Same,
    /// Another file id, but the same consumed bytes: a share was reconnected, or a file replaced by
    /// its own copy.
    Lookalike,
    /// The same file, shorter than what was consumed.
    Truncated,
    /// The same file with different bytes in the consumed part.
    Rewritten,
    /// Another file.
    Replaced,
}

impl MarkMatch {
    /// Whether the same file now has other content.
    pub(crate) fn is_in_place(self) -> bool {
        matches!(self, MarkMatch::Truncated | MarkMatch::Rewritten)
    }
}

/// The state of a file found at a path.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FileState {
    pub(crate) os_id: Option<OsId>,
    pub(crate) len: u64,
    /// Whether the bytes there have the head and tail marks.
    pub(crate) marks_fit: bool,
}

/// Decides whether the file found continues the file with this id, consumed up to `offset`.
pub(crate) fn judge(os_id: Option<OsId>, offset: u64, found: FileState) -> MarkMatch {
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
