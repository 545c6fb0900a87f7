//! I/O. Cuts blocks from any reader, front to back in one pass: old logs, compressed or not.

use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use crate::tail::decode::Encoding;
use crate::tail::read::{BLOCK, deliver};
use crate::tail::source::SHOWN_HEAD;
use crate::tail::split::{self, Cut};
use crate::tail::{Block, FileId, Label, Lookback};

/// The blocks of one whole log, cut as if the file had been followed.
#[derive(Debug)]
pub struct Stream<R> {
    from: R,
    /// Shared by all blocks of this log.
    file: FileId,
    label: Label,
    path: Arc<Path>,
    lookback: Lookback,
    encoding: Encoding,
    head: Arc<[u8]>,
    /// Lookback first, then from `consumed` the bytes that were read and not delivered.
    raw: Vec<u8>,
    consumed: usize,
    /// Offset in the file of `raw[consumed]`.
    offset: u64,
    lines: u64,
    /// Whether anything was dropped from the front of `raw`.
    beyond_top: bool,
    ended: bool,
}

impl<R: Read> Stream<R> {
    /// Begins to read; the first bytes determine the encoding.
    pub fn open(
        from: R,
        file: FileId,
        label: Label,
        path: &Path,
        lookback: impl Into<Lookback>,
    ) -> io::Result<Self> {
        let mut stream = Self {
            from,
            file,
            label,
            path: path.into(),
            lookback: lookback.into(),
            encoding: Encoding::Bytes,
            head: Arc::from([]),
            raw: Vec::new(),
            consumed: 0,
            offset: 0,
            lines: 0,
            beyond_top: false,
            ended: false,
        };
        stream.fill()?;
        stream.read_head();
        Ok(stream)
    }

    /// The next block; `None` at the end. The last line may lack its line end.
    pub fn next_block(&mut self) -> io::Result<Option<Block>> {
        self.fill()?;
        let unread = &self.raw[self.consumed..];
        let len = match split::cut(self.encoding, unread, self.ended, BLOCK) {
            Cut::Lines(len) | Cut::Window(len) => len,
            Cut::Wait => unread.len(),
        };
        if unread[..len].iter().all(|byte| *byte == 0) {
            return Ok(None);
        }
        let block = self.deliver(len);
        self.offset += len as u64;
        self.consumed += len;
        self.drop_consumed();
        Ok(Some(block))
    }

    fn deliver(&mut self, len: usize) -> Block {
        let end = self.consumed + len;
        let (before, fresh) = self.raw[..end].split_at(self.consumed);
        let lookback = self.lookback.of(fresh);
        let start = split::lookback_start(self.encoding, before, lookback, !self.beyond_top);
        let raw = self.raw[start..end].to_vec();
        let (bytes, fresh) = deliver(self.encoding, raw, 0, self.consumed - start);
        let lines = self.lines;
        self.lines += split::count_lines(&bytes[fresh..]);
        Block {
            file: self.file,
            generation: 0,
            label: Arc::clone(&self.label),
            path: Arc::clone(&self.path),
            head: Arc::clone(&self.head),
            bytes,
            fresh,
            offset: self.offset,
            lines: Some(lines),
        }
    }

    /// Reads until a block is full or the log ends.
    fn fill(&mut self) -> io::Result<()> {
        let wanted = BLOCK.saturating_sub(self.raw.len() - self.consumed);
        if wanted > 0 && !self.ended {
            let read = self.from.by_ref().take(wanted as u64).read_to_end(&mut self.raw)?;
            self.ended = read < wanted;
        }
        Ok(())
    }

    fn read_head(&mut self) {
        let (encoding, mark) = Encoding::of(&self.raw);
        self.encoding = encoding;
        self.raw.drain(..mark);
        self.offset = mark as u64;
        let head = &self.raw[..self.raw.len().min(SHOWN_HEAD)];
        self.head = Arc::from(split::whole_lines(&encoding.to_utf8(head.to_vec())));
    }

    fn drop_consumed(&mut self) {
        let unit = self.encoding.unit();
        let keep = (self.lookback.most() + unit).next_multiple_of(unit);
        let behind = self.consumed.saturating_sub(keep) / unit * unit;
        self.beyond_top |= behind > 0;
        self.raw.drain(..behind);
        self.consumed -= behind;
    }
}

#[cfg(test)]
mod tests;
