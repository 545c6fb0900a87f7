//! Pure. Converts the bytes of a file to UTF-8; the byte order mark determines the encoding.
//!
//! Files without a mark are passed through, including invalid bytes.

use encoding_rs::{UTF_16BE, UTF_16LE};
use memchr::memmem;

/// The encoding of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// UTF-8 or any code page that keeps ASCII.
    Bytes,
    Utf16Le,
    Utf16Be,
}

impl Encoding {
    /// The encoding given by the first bytes of a file, and the length of the byte order mark.
    pub(crate) fn of(head: &[u8]) -> (Encoding, usize) {
        match head {
            [0xEF, 0xBB, 0xBF, ..] => (Encoding::Bytes, 3),
            [0xFF, 0xFE, ..] => (Encoding::Utf16Le, 2),
            [0xFE, 0xFF, ..] => (Encoding::Utf16Be, 2),
            _ => (Encoding::Bytes, 0),
        }
    }

    /// The encoded line end.
    pub(crate) fn line_end(self) -> &'static [u8] {
        match self {
            Encoding::Bytes => b"\n",
            Encoding::Utf16Le => b"\n\0",
            Encoding::Utf16Be => b"\0\n",
        }
    }

    /// The size of one code unit in bytes.
    pub(crate) fn unit(self) -> usize {
        self.line_end().len()
    }

    /// The position just behind the first line end. `raw` begins with a whole code unit.
    pub(crate) fn after_first_line_end(self, raw: &[u8]) -> Option<usize> {
        let unit = self.unit();
        memmem::find_iter(raw, self.line_end()).find(|at| at % unit == 0).map(|at| at + unit)
    }

    /// The position just behind the last line end. `raw` begins with a whole code unit.
    pub(crate) fn after_last_line_end(self, raw: &[u8]) -> Option<usize> {
        let unit = self.unit();
        memmem::rfind_iter(raw, self.line_end()).find(|at| at % unit == 0).map(|at| at + unit)
    }

    /// The largest length up to `len` that splits no character, as far as `raw` shows.
    pub(crate) fn character_end(self, raw: &[u8], len: usize) -> usize {
        match self {
            Encoding::Bytes => utf8_end(raw, len),
            Encoding::Utf16Le => utf16_end(raw, len, u16::from_le_bytes),
            Encoding::Utf16Be => utf16_end(raw, len, u16::from_be_bytes),
        }
    }

    /// The bytes as UTF-8; lone surrogates become U+FFFD.
    pub(crate) fn to_utf8(self, raw: Vec<u8>) -> Vec<u8> {
        let encoding = match self {
            Encoding::Bytes => return raw,
            Encoding::Utf16Le => UTF_16LE,
            Encoding::Utf16Be => UTF_16BE,
        };
        encoding.decode_without_bom_handling(&raw).0.into_owned().into_bytes()
    }
}

/// Steps back over the beginning of a character that `len` would split, but not over invalid bytes.
fn utf8_end(raw: &[u8], len: usize) -> usize {
    let len = len.min(raw.len());
    let last = &raw[len.saturating_sub(4)..len];
    let back = last.iter().rev().position(|byte| byte & 0xC0 != 0x80);
    let Some(back) = back.map(|continuations| continuations + 1) else { return len };
    let needed = match raw[len - back] {
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => 1,
    };
    if needed > back { len - back } else { len }
}

fn utf16_end(raw: &[u8], len: usize, unit: fn([u8; 2]) -> u16) -> usize {
    let len = len.min(raw.len()) / 2 * 2;
    match raw[..len] {
        [.., a, b] if (0xD800..0xDC00).contains(&unit([a, b])) => len - 2,
        _ => len,
    }
}

#[cfg(test)]
mod tests;
