//! Pure. Finds the place of a value in a JSON file, so that a problem can point at it.

use std::ops::Range;

/// The byte range of the value at a JSON pointer, or of the nearest one around it. The text must
/// be valid JSON; anything else ends the search early.
pub(crate) fn span(text: &str, pointer: &str) -> Range<usize> {
    let mut scan = Scan { bytes: text.as_bytes(), at: 0, wanted: pointer, found: (0, 0..0) };
    scan.value("");
    let Range { start, end } = scan.found.1;
    start.min(text.len())..end.min(text.len())
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
    wanted: &'a str,
    /// The length of the longest matching pointer so far, and its range.
    found: (usize, Range<usize>),
}

impl Scan<'_> {
    fn value(&mut self, pointer: &str) {
        self.blanks();
        let start = self.at;
        match self.peek() {
            Some(b'{') => self.members(pointer),
            Some(b'[') => self.elements(pointer),
            Some(b'"') => self.string(),
            _ => self.word(),
        }
        let leads_there = |rest: &str| rest.is_empty() || rest.starts_with('/');
        // Inner values are visited first.
        let nearest = pointer.len() > self.found.0 || self.found.1.is_empty();
        if nearest && self.wanted.strip_prefix(pointer).is_some_and(leads_there) {
            self.found = (pointer.len(), start..self.at);
        }
    }

    fn members(&mut self, pointer: &str) {
        self.at += 1;
        loop {
            self.blanks();
            if self.peek() != Some(b'"') {
                self.at += 1;
                break;
            }
            let key = self.at;
            self.string();
            let key =
                serde_json::from_slice::<String>(&self.bytes[key..self.at]).unwrap_or_default();
            self.blanks();
            self.at += 1;
            self.value(&child(pointer, &key));
            if !self.another() {
                break;
            }
        }
    }

    fn elements(&mut self, pointer: &str) {
        self.at += 1;
        for i in 0.. {
            self.blanks();
            if matches!(self.peek(), None | Some(b']')) {
                self.at += 1;
                break;
            }
            self.value(&child(pointer, &i.to_string()));
            if !self.another() {
                break;
            }
        }
    }

    /// Skips a comma or the closing bracket; whether another element follows.
    fn another(&mut self) -> bool {
        self.blanks();
        let more = self.peek() == Some(b',');
        self.at += 1;
        more
    }

    fn string(&mut self) {
        self.at += 1;
        while let Some(byte) = self.peek() {
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte == b'"' {
                break;
            }
        }
        self.at = self.at.min(self.bytes.len());
    }

    fn word(&mut self) {
        while self
            .peek()
            .is_some_and(|b| !matches!(b, b',' | b']' | b'}') && !b.is_ascii_whitespace())
        {
            self.at += 1;
        }
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|b| b.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }
}

/// The pointer of a member or element below `pointer`.
pub(crate) fn child(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests;
