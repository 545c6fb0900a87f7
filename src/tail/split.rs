//! Pure. Cuts consumable parts from raw bytes: whole lines, or a window of an endless line.

use crate::tail::decode::Encoding;

/// How to treat the unread bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Nothing can be consumed yet: no line is complete.
    Wait,
    /// This many bytes: whole lines.
    Lines(usize),
    /// This many bytes of a line that is longer than a block.
    Window(usize),
}

/// Cuts `unread`, which begins at the offset. `at_end` says that the file ends with it.
pub(crate) fn cut(encoding: Encoding, unread: &[u8], at_end: bool, block: usize) -> Cut {
    let sound = if at_end { without_nul_tail(encoding, unread) } else { unread };
    if let Some(len) = encoding.after_last_line_end(sound) {
        return Cut::Lines(len);
    }
    if sound.len() < block {
        return Cut::Wait;
    }
    match encoding.character_end(sound, sound.len()) {
        0 => Cut::Wait,
        len => Cut::Window(len),
    }
}

/// NUL bytes at the end of a file are space whose content has not arrived yet.
fn without_nul_tail(encoding: Encoding, bytes: &[u8]) -> &[u8] {
    let sound = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    &bytes[..sound.next_multiple_of(encoding.unit()).min(bytes.len())]
}

/// Start of the delivered lookback in `consumed`: within `lookback` bytes of its end, on a line
/// start if there is one. `at_top` says that `consumed` begins at the top of the file.
pub(crate) fn lookback_start(
    encoding: Encoding,
    consumed: &[u8],
    lookback: usize,
    at_top: bool,
) -> usize {
    let unit = encoding.unit();
    let wanted = lookback / unit * unit;
    if wanted == 0 {
        return consumed.len();
    }
    if wanted >= consumed.len() && at_top {
        return 0;
    }
    // One unit earlier: a line end there makes the wanted position a line start.
    let from = consumed.len().saturating_sub(wanted + unit);
    let at_least = consumed.len().saturating_sub(wanted);
    encoding.after_first_line_end(&consumed[from..]).map_or(at_least, |start| from + start)
}

/// Number of line ends in UTF-8 text.
pub(crate) fn count_lines(text: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', text).count() as u64
}

/// The whole lines at the beginning of UTF-8 text.
pub(crate) fn whole_lines(text: &[u8]) -> &[u8] {
    memchr::memrchr(b'\n', text).map_or(&[], |last| &text[..=last])
}

#[cfg(test)]
mod tests;
