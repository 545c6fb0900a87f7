//! Pure. Headers in mid-file: a restarted service may write one with other columns.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use crate::qlik::service_log::{Layout, line_end};

static HEADER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\nSequence#\t"));

/// The columns in force at each place of a block.
#[derive(Clone, Debug)]
pub(crate) struct Headers {
    first: Layout,
    /// Offsets of headers with columns other than those of the previous one.
    changes: Vec<(usize, Layout)>,
}

impl Headers {
    /// `first` is in force at the beginning of the block.
    pub(crate) fn new(first: Layout, bytes: &[u8]) -> Self {
        let mut headers = Self { first, changes: Vec::new() };
        for start in HEADER.find_iter(bytes).map(|hit| hit + 1) {
            let line = String::from_utf8_lossy(&bytes[start..line_end(bytes, start)]);
            match Layout::from_header(&line) {
                Some(layout) if layout != *headers.last() => headers.changes.push((start, layout)),
                _ => {}
            }
        }
        headers
    }

    /// The columns of a record that begins at this offset.
    pub(crate) fn at(&self, place: usize) -> &Layout {
        let before = self.changes.iter().rev().find(|(start, _)| *start <= place);
        before.map_or(&self.first, |(_, layout)| layout)
    }

    /// Whether the columns change in the block.
    pub(crate) fn changes(&self) -> bool {
        !self.changes.is_empty()
    }

    /// The columns in force at the end of the block.
    pub(crate) fn last(&self) -> &Layout {
        self.changes.last().map_or(&self.first, |(_, layout)| layout)
    }

    /// Number of changes at or after this offset.
    pub(crate) fn n_changes_from(&self, place: usize) -> u64 {
        self.changes.iter().filter(|(start, _)| *start >= place).count() as u64
    }
}
