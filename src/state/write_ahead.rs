//! I/O. Finds damage in `SQLite`'s write-ahead log before `SQLite` reads it.
//!
//! `SQLite` takes a frame with a wrong checksum for the end of the log, because a crash leaves one
//! there. If the damage is in the middle, all commits after it are silently dropped. Source of the
//! format: <https://www.sqlite.org/fileformat2.html#the_write_ahead_log>.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read};
use std::path::Path;

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
/// The beginning of the file; the last bit says that checksums are of big-endian words.
const MAGIC: u32 = 0x377f_0682;
/// A crash leaves at most one commit after a broken frame: the one that was being written.
const MOST_UNFINISHED: usize = 1;

/// Whether there are commits after a damaged part of this log. False if there is no log.
pub(crate) fn is_damaged(path: &Path) -> io::Result<bool> {
    match File::open(path) {
        Ok(file) => Ok(commits_behind_damage(BufReader::new(file))? > MOST_UNFINISHED),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether something other than a log is in its place: `SQLite` ignores and overwrites it. A power
/// loss can leave the beginning of a log empty, but not filled with something else.
pub(crate) fn is_foreign(path: &Path) -> io::Result<bool> {
    let mut header = [0; HEADER];
    match File::open(path) {
        Ok(mut file) => Ok(fill(&mut file, &mut header)?
            && header[..4] != [0; 4]
            && header[..4] != MAGIC.to_be_bytes()
            && header[..4] != (MAGIC | 1).to_be_bytes()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn commits_behind_damage(mut log: impl Read) -> io::Result<usize> {
    let mut header = [0; HEADER];
    if !fill(&mut log, &mut header)? {
        return Ok(0);
    }
    let word = |bytes: &[u8], at: usize| {
        u32::from_be_bytes(bytes[4 * at..4 * at + 4].try_into().expect("four bytes"))
    };
    let is_big_endian = word(&header, 0) & 1 == 1;
    let mut sum = Sum { is_big_endian, words: (0, 0) };
    sum.add(&header[..24]);
    let mut is_whole =
        word(&header, 0) & !1 == MAGIC && sum.words == (word(&header, 6), word(&header, 7));
    // The salts tell frames of this log from those of an earlier one, which are overwritten. Without
    // a header, those of the first frame do.
    let mut salts = is_whole.then(|| (word(&header, 4), word(&header, 5)));
    let page = word(&header, 2) as usize;
    let page = if page.is_power_of_two() && page <= 65536 { page.max(512) } else { 4096 };
    let mut frame = vec![0; FRAME_HEADER + page];
    let mut behind = 0;
    while fill(&mut log, &mut frame)? {
        let found = (word(&frame, 2), word(&frame, 3));
        let is_ours = *salts.get_or_insert(found) == found;
        if is_whole {
            sum.add(&frame[..8]);
            sum.add(&frame[FRAME_HEADER..]);
            is_whole = is_ours && sum.words == (word(&frame, 4), word(&frame, 5));
        }
        let is_commit = word(&frame, 1) != 0;
        behind += usize::from(!is_whole && is_ours && is_commit);
    }
    Ok(behind)
}

/// Whether the buffer could be filled.
fn fill(log: &mut impl Read, buffer: &mut [u8]) -> io::Result<bool> {
    match log.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

/// The running checksum of a log.
struct Sum {
    is_big_endian: bool,
    words: (u32, u32),
}

impl Sum {
    fn add(&mut self, bytes: &[u8]) {
        for pair in bytes.chunks_exact(8) {
            let (one, two) = pair.split_at(4);
            let word = |bytes: &[u8]| {
                let bytes = bytes.try_into().expect("four bytes");
                if self.is_big_endian {
                    u32::from_be_bytes(bytes)
                } else {
                    u32::from_le_bytes(bytes)
                }
            };
            let (one, two) = (word(one), word(two));
            self.words.0 = self.words.0.wrapping_add(one).wrapping_add(self.words.1);
            self.words.1 = self.words.1.wrapping_add(two).wrapping_add(self.words.0);
        }
    }
}

#[cfg(test)]
mod tests;
