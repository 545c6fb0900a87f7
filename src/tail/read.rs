//! I/O. One open file: what it is now, whether it is the one we know, and its next block.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use crate::clock::Timestamp;
use crate::tail::Mark;
use crate::tail::decode::Encoding;
use crate::tail::files::Followed;
use crate::tail::identity::{self, Found, HEAD, OsId, TAIL, Verdict};
use crate::tail::split::{self, Cut};

/// How many unread bytes one block takes at most.
pub(super) const BLOCK: usize = 1 << 20;
/// How much of the beginning of a file goes along with each block.
pub(super) const SHOWN_HEAD: usize = 4096;

/// What metadata says of a file. As long as it says the same, the file is not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Look {
    pub(super) len: u64,
    modified: Option<SystemTime>,
    /// Known without opening on Unix only.
    inode: Option<u64>,
}

impl Look {
    pub(super) fn of(metadata: &Metadata) -> Look {
        Look {
            len: metadata.len(),
            modified: metadata.modified().ok(),
            inode: os_id_of(metadata).map(|(_, inode)| inode),
        }
    }

    pub(super) fn modified(&self) -> Option<Timestamp> {
        self.modified.and_then(|at| Timestamp::try_from(at).ok())
    }
}

/// An open file.
pub(super) struct Source {
    file: File,
    pub(super) os_id: Option<OsId>,
    pub(super) look: Look,
    /// The first bytes as they stand in the file.
    head: Vec<u8>,
}

/// A block cut from a file, and the place behind it.
pub(super) struct Taken {
    pub(super) bytes: Vec<u8>,
    pub(super) fresh: usize,
    /// Where the fresh bytes begin in the file: behind the byte order mark, if there is one.
    pub(super) offset: u64,
    /// The place to continue from.
    pub(super) end: u64,
    pub(super) lines: u64,
    pub(super) head: Mark,
    pub(super) tail: Mark,
    /// Whether the file goes on behind what was read.
    pub(super) more: bool,
}

impl Source {
    pub(super) fn open(path: &Path) -> io::Result<Source> {
        // A pipe would hold us for ever.
        if !std::fs::metadata(path)?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
        }
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        let os_id = id_of_open(&file, &metadata);
        let mut source = Source { file, os_id, look: Look::of(&metadata), head: Vec::new() };
        source.read_head()?;
        Ok(source)
    }

    /// Asks again what the file is now: it may have grown since it was opened.
    pub(super) fn refresh(&mut self) -> io::Result<()> {
        self.look = Look::of(&self.file.metadata()?);
        self.read_head()
    }

    fn read_head(&mut self) -> io::Result<()> {
        self.head = self.read(0, SHOWN_HEAD)?;
        Ok(())
    }

    /// Compares the file with what was consumed of the one we know.
    pub(super) fn judge(&mut self, known: &Followed) -> io::Result<Verdict> {
        let found =
            Found { os_id: self.os_id, len: self.look.len, marks_fit: self.marks_fit(known)? };
        Ok(identity::judge(known.os_id, known.offset, found))
    }

    /// Whether the consumed bytes of `known` stand in this file.
    pub(super) fn continues(&mut self, known: &Followed) -> io::Result<bool> {
        Ok(self.look.len >= known.offset && self.marks_fit(known)?)
    }

    fn marks_fit(&mut self, known: &Followed) -> io::Result<bool> {
        if self.head.get(..known.head.len as usize).is_none_or(|head| !known.head.fits(head)) {
            return Ok(false);
        }
        let tail = u64::from(known.tail.len);
        let before = self.read(known.offset.saturating_sub(tail), known.tail.len as usize)?;
        Ok(known.tail.fits(&before))
    }

    /// The first whole lines as UTF-8, without byte order mark.
    pub(super) fn shown_head(&self) -> Arc<[u8]> {
        let (encoding, bom) = Encoding::of(&self.head);
        let text = encoding.to_utf8(self.head[bom..].to_vec());
        Arc::from(split::whole_lines(&text))
    }

    /// Marks over the bytes before `offset`, for a file that is not read from its top.
    pub(super) fn marks(&mut self, offset: u64) -> io::Result<(Mark, Mark)> {
        let len = shorter(offset, TAIL);
        let tail = self.read(offset - len as u64, len)?;
        Ok((self.head_mark(offset), Mark::of(&tail)))
    }

    fn head_mark(&self, offset: u64) -> Mark {
        Mark::of(&self.head[..shorter(offset, HEAD).min(self.head.len())])
    }

    /// The beginning of the unfinished line at the end of the file; the end itself if there is
    /// none, or if it is longer than a block.
    pub(super) fn last_line_start(&mut self) -> io::Result<u64> {
        let (encoding, _) = Encoding::of(&self.head);
        let unit = encoding.unit() as u64;
        let end = self.look.len / unit * unit;
        for window in [TAIL, BLOCK] {
            let from = (end - shorter(end, window) as u64) / unit * unit;
            let raw = self.read(from, shorter(end, window))?;
            if let Some(after) = encoding.after_last_line_end(&raw) {
                return Ok(from + after as u64);
            }
            if from == 0 {
                return Ok(0);
            }
        }
        Ok(end)
    }

    /// Cuts the next block behind `offset`; `None` if no line is complete there.
    pub(super) fn next(&mut self, offset: u64, lookback: usize) -> io::Result<Option<Taken>> {
        let (encoding, bom) = Encoding::of(&self.head);
        let unit = encoding.unit();
        let back = shorter(offset, (lookback + unit).max(TAIL).next_multiple_of(unit));
        let from = offset - back as u64;
        let mut raw = self.read(from, back + BLOCK)?;
        let behind = from + raw.len() as u64;
        let more = behind < self.look.len;
        let Some(unread) = raw.get(back..) else { return Ok(None) };
        let len = match split::cut(encoding, unread, !more, BLOCK) {
            Cut::Wait => return Ok(None),
            Cut::Window(_) if unread.ends_with(b"\0") && self.only_nul_from(behind)? => {
                return Ok(None);
            }
            Cut::Lines(len) | Cut::Window(len) => len,
        };
        raw.truncate(back + len);
        let end = offset + len as u64;
        let tail = Mark::of(&raw[raw.len() - shorter(end, TAIL).min(raw.len())..]);
        let skipped = if from == 0 { bom.min(raw.len()) } else { 0 };
        let skipped_fresh = skipped.saturating_sub(back);
        let start = split::lookback_start(encoding, &raw[..back], lookback, from == 0).max(skipped);
        let (bytes, fresh) = deliver(encoding, raw, start, back.max(skipped));
        Ok(Some(Taken {
            lines: split::count_lines(&bytes[fresh..]),
            bytes,
            fresh,
            offset: offset + skipped_fresh as u64,
            end,
            head: self.head_mark(end),
            tail,
            more,
        }))
    }

    /// Whether nothing but NUL bytes follows: space whose content has not arrived yet.
    fn only_nul_from(&mut self, mut offset: u64) -> io::Result<bool> {
        loop {
            let bytes = self.read(offset, BLOCK)?;
            if bytes.iter().any(|byte| *byte != 0) {
                return Ok(false);
            }
            if bytes.len() < BLOCK {
                return Ok(true);
            }
            offset += BLOCK as u64;
        }
    }

    fn read(&mut self, from: u64, len: usize) -> io::Result<Vec<u8>> {
        let there = shorter(self.look.len.saturating_sub(from), len);
        let mut bytes = Vec::with_capacity(there);
        if there > 0 {
            self.file.seek(SeekFrom::Start(from))?;
            Read::by_ref(&mut self.file).take(there as u64).read_to_end(&mut bytes)?;
        }
        Ok(bytes)
    }
}

/// Lookback from `start`, then what is new from `fresh`, both as UTF-8.
pub(super) fn deliver(
    encoding: Encoding,
    mut raw: Vec<u8>,
    start: usize,
    fresh: usize,
) -> (Vec<u8>, usize) {
    if encoding == Encoding::Bytes {
        raw.drain(..start);
        return (raw, fresh - start);
    }
    let new = encoding.to_utf8(raw[fresh..].to_vec());
    let mut bytes = encoding.to_utf8(raw[start..fresh].to_vec());
    let fresh = bytes.len();
    bytes.extend_from_slice(&new);
    (bytes, fresh)
}

fn shorter(len: u64, limit: usize) -> usize {
    usize::try_from(len).map_or(limit, |len| len.min(limit))
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "other platforms tell none")]
fn os_id_of(metadata: &Metadata) -> Option<OsId> {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn os_id_of(_metadata: &Metadata) -> Option<OsId> {
    None
}

#[cfg(not(windows))]
fn id_of_open(_file: &File, metadata: &Metadata) -> Option<OsId> {
    os_id_of(metadata)
}

#[cfg(windows)]
fn id_of_open(file: &File, _metadata: &Metadata) -> Option<OsId> {
    let known = winapi_util::file::information(file).ok()?;
    Some((known.volume_serial_number(), known.file_index()))
}

/// What metadata says of the file that stands at `path` now.
pub(super) fn look(path: &Path) -> io::Result<Look> {
    std::fs::metadata(path).map(|metadata| Look::of(&metadata))
}
