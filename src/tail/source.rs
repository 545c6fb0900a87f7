//! I/O. One open file: its content now, and whether it is a known file.

use std::io;
use std::sync::Arc;

use crate::tail::Mark;
use crate::tail::decode::Encoding;
use crate::tail::disk::{FileStat, OpenFile, OsId};
use crate::tail::followed::Followed;
use crate::tail::marks::{self, FileState, HEAD, MarkMatch, TAIL};
use crate::tail::read::BLOCK;
use crate::tail::split;

/// How many bytes of the beginning of a file accompany each block.
pub(crate) const SHOWN_HEAD: usize = 4096;

/// An open file.
pub(crate) struct OpenedFile {
    file: Box<dyn OpenFile>,
    pub(crate) os_id: Option<OsId>,
    pub(crate) stat: FileStat,
    /// The first bytes, not decoded.
    pub(crate) head: Vec<u8>,
}

impl OpenedFile {
    pub(crate) fn of(file: Box<dyn OpenFile>) -> io::Result<OpenedFile> {
        let (os_id, stat) = (file.os_id()?, file.stat()?);
        let mut source = OpenedFile { file, os_id, stat, head: Vec::new() };
        source.read_head()?;
        Ok(source)
    }

    /// Refreshes the metadata: the file may have grown since it was opened.
    pub(crate) fn refresh(&mut self) -> io::Result<()> {
        self.stat = self.file.stat()?;
        self.read_head()
    }

    fn read_head(&mut self) -> io::Result<()> {
        self.head = self.read(0, SHOWN_HEAD)?;
        Ok(())
    }

    /// Compares the file with the consumed part of a known file.
    pub(crate) fn judge(&mut self, known: &Followed) -> io::Result<MarkMatch> {
        self.distrust_len(known)?;
        let found =
            FileState { os_id: self.os_id, len: self.stat.len, marks_fit: self.marks_fit(known)? };
        Ok(marks::judge(known.os_id(), known.offset, found))
    }

    /// Whether this file contains the consumed bytes of `known`.
    pub(crate) fn continues(&mut self, known: &Followed) -> io::Result<bool> {
        self.distrust_len(known)?;
        Ok(self.stat.len >= known.offset && self.marks_fit(known)?)
    }

    /// Shares report stale lengths for a while. If the consumed content is still there beyond the
    /// reported length, the file is at least that long.
    fn distrust_len(&mut self, known: &Followed) -> io::Result<()> {
        let tail = known.tail.len as usize;
        if self.stat.len >= known.offset || tail == 0 {
            return Ok(());
        }
        let mut before = Vec::new();
        self.file.read(known.offset - tail as u64, tail, &mut before)?;
        if known.tail.fits(&before) {
            self.stat.len = known.offset;
            self.read_head()?;
        }
        Ok(())
    }

    fn marks_fit(&mut self, known: &Followed) -> io::Result<bool> {
        if !self.fits_head(known) {
            return Ok(false);
        }
        let tail = u64::from(known.tail.len);
        let before = self.read(known.offset.saturating_sub(tail), known.tail.len as usize)?;
        Ok(known.tail.fits(&before))
    }

    /// Whether `other` begins with all of this file, judging by its head and end.
    pub(crate) fn begins(&mut self, other: &mut OpenedFile) -> io::Result<bool> {
        let len = self.stat.len.min(other.stat.len);
        let end = shorter(len, SHOWN_HEAD);
        let head = shorter(len, self.head.len());
        Ok(self.head[..head] == other.head[..head.min(other.head.len())]
            && self.read(len - end as u64, end)? == other.read(len - end as u64, end)?)
    }

    /// Whether more than one line precedes `offset`, as far as the head shows.
    pub(crate) fn has_rows(&self, offset: u64) -> bool {
        let (encoding, _) = Encoding::of(&self.head);
        let start = &self.head[..shorter(offset, self.head.len())];
        let first = encoding.after_first_line_end(start);
        first.map_or(offset > start.len() as u64, |first| (first as u64) < offset)
    }

    /// Whether the last byte is NUL: space whose content has not arrived.
    pub(crate) fn ends_in_nul(&mut self) -> io::Result<bool> {
        let end = self.stat.len;
        Ok(end > 0 && self.read(end - 1, 1)? == b"\0")
    }

    /// Whether the file begins with the head of `known`.
    pub(crate) fn fits_head(&self, known: &Followed) -> bool {
        self.head.get(..known.head.len as usize).is_some_and(|head| known.head.fits(head))
    }

    /// The first whole lines as UTF-8, without byte order mark.
    pub(crate) fn shown_head(&self) -> Arc<[u8]> {
        let (encoding, bom) = Encoding::of(&self.head);
        let text = encoding.to_utf8(self.head[bom..].to_vec());
        Arc::from(split::whole_lines(&text))
    }

    /// Marks over the bytes before `offset`, for a file that is not read from the top.
    pub(crate) fn marks(&mut self, offset: u64) -> io::Result<(Mark, Mark)> {
        let len = shorter(offset, TAIL);
        let tail = self.read(offset - len as u64, len)?;
        Ok((self.head_mark(offset), Mark::of(&tail)))
    }

    pub(crate) fn head_mark(&self, offset: u64) -> Mark {
        Mark::of(&self.head[..shorter(offset, HEAD).min(self.head.len())])
    }

    /// The beginning of the unfinished line at the end of the first `len` bytes; the end itself if
    /// there is none, or if the line is longer than a block.
    pub(crate) fn last_line_start(&mut self, len: u64) -> io::Result<u64> {
        let (encoding, _) = Encoding::of(&self.head);
        let unit = encoding.unit() as u64;
        let end = self.stat.len.min(len) / unit * unit;
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

    pub(crate) fn read(&mut self, from: u64, len: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.read_onto(from, len, &mut bytes)?;
        Ok(bytes)
    }

    pub(crate) fn read_onto(
        &mut self,
        from: u64,
        len: usize,
        bytes: &mut Vec<u8>,
    ) -> io::Result<()> {
        let there = shorter(self.stat.len.saturating_sub(from), len);
        if there == 0 { Ok(()) } else { self.file.read(from, there, bytes) }
    }
}

pub(crate) fn shorter(len: u64, limit: usize) -> usize {
    usize::try_from(len).map_or(limit, |len| len.min(limit))
}
