//! I/O. Cuts the next block from an open file.

use std::io;

use crate::tail::decode::Encoding;
use crate::tail::marks::TAIL;
use crate::tail::source::{OpenedFile, shorter};
use crate::tail::split::{self, Cut};
use crate::tail::{Lookback, Mark};

/// The maximum number of unread bytes in one block.
pub(crate) const BLOCK: usize = 1 << 20;

/// At most this many NUL bytes are read to find lines behind them.
const MAX_NUL_RUN: u64 = 32 << 20;

/// A block cut from a file, and the position behind it.
pub(crate) struct Taken {
    pub(crate) bytes: Vec<u8>,
    pub(crate) fresh: usize,
    /// Offset in the file of the fresh bytes: behind the byte order mark, if there is one.
    pub(crate) offset: u64,
    /// The position to continue from.
    pub(crate) end: u64,
    pub(crate) lines: u64,
    pub(crate) head: Mark,
    pub(crate) tail: Mark,
    /// Whether the file continues behind what was read.
    pub(crate) more: bool,
}

impl OpenedFile {
    /// Cuts the next block behind `offset` into a spare buffer; `None` if no line is complete.
    pub(crate) fn next(
        &mut self,
        offset: u64,
        lookback: Lookback,
        raw: Vec<u8>,
    ) -> io::Result<Option<Taken>> {
        let Some(taken) = self.cut(offset, lookback.bytes, raw)? else { return Ok(None) };
        let bytes = lookback.of(&taken.bytes[taken.fresh..]);
        if bytes == lookback.bytes || taken.offset <= taken.fresh as u64 {
            return Ok(Some(taken));
        }
        self.cut(offset, bytes, taken.bytes)
    }

    fn cut(&mut self, offset: u64, lookback: usize, mut raw: Vec<u8>) -> io::Result<Option<Taken>> {
        let (encoding, bom) = Encoding::of(&self.head);
        let unit = encoding.unit();
        let reach = shorter(offset, (lookback + unit).max(TAIL).next_multiple_of(unit));
        let top = offset - reach as u64;
        raw.clear();
        self.read_onto(top, reach, &mut raw)?;
        if raw.len() < reach {
            return Ok(None);
        }
        // Drop the unused part of the lookback before the block is read, except the end, which the tail
        // mark needs.
        let start = split::lookback_start(encoding, &raw, lookback, top == 0);
        let dropped = start.min(reach.saturating_sub(TAIL)) / unit * unit;
        raw.drain(..dropped);
        let (start, back) = (start - dropped, reach - dropped);
        self.read_onto(offset, BLOCK, &mut raw)?;
        let unread = &raw[back..];
        let behind = offset + unread.len() as u64;
        let more = behind < self.stat.len;
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
        let skipped = if top == 0 { bom.saturating_sub(dropped).min(raw.len()) } else { 0 };
        let skipped_fresh = skipped.saturating_sub(back);
        let (bytes, fresh) = deliver(encoding, raw, start.max(skipped), back.max(skipped));
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

    /// Whether only NUL bytes follow: allocated space whose content has not arrived yet. If a long
    /// range ends in NUL, only its beginning is read.
    fn only_nul_from(&mut self, mut offset: u64) -> io::Result<bool> {
        if !self.ends_in_nul()? {
            return Ok(false);
        }
        let last = offset + MAX_NUL_RUN;
        loop {
            let bytes = self.read(offset, BLOCK)?;
            if bytes.iter().any(|byte| *byte != 0) {
                return Ok(false);
            }
            if bytes.len() < BLOCK || offset >= last {
                return Ok(true);
            }
            offset += BLOCK as u64;
        }
    }
}

/// Lookback from `start`, then new bytes from `fresh`, both as UTF-8.
pub(crate) fn deliver(
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
