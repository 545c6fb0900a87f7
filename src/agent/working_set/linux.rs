//! I/O. The heap of the C library, and the pages of the program that are mapped from files.

use std::ops::Range;
use std::sync::OnceLock;

/// What the program and its libraries mapped read-only before the first thread started.
static MAPPED_AT_START: OnceLock<Vec<Range<usize>>> = OnceLock::new();

/// So many bytes or more are mapped for themselves.
const LARGE: i32 = 256 << 10;
/// So many free bytes at the end of the heap are given back.
const FREE_END: i32 = 1 << 20;

/// Lets all threads share one heap: they pass their buffers on to each other, and each further
/// heap keeps the most that its thread ever needed. What is large goes back to the system as soon
/// as it is free; otherwise the allocator would keep ever larger blocks in the heap, and what is
/// small would settle between them. To be called before the first thread starts.
#[expect(unsafe_code, reason = "no crate in the tree wraps this one call")]
pub fn one_heap() {
    // SAFETY: sets numbers that the allocator reads when it would begin another heap, when it
    // allocates much at once, and when much at the end of the heap is free.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 1);
        libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE);
        libc::mallopt(libc::M_TRIM_THRESHOLD, FREE_END);
    }
    let mappings = std::fs::read_to_string("/proc/self/smaps").unwrap_or_default();
    MAPPED_AT_START.get_or_init(|| unchanged(&mappings));
}

/// Gives back the free pages of the heap, and the pages of program and libraries that are as they
/// are in their files: those that are needed again come back from the page cache.
#[expect(unsafe_code, reason = "no crate in the tree wraps these calls")]
pub(in crate::agent) fn trim() {
    // SAFETY: touches memory that is free.
    unsafe { libc::malloc_trim(0) };
    for &Range { start, end } in MAPPED_AT_START.get().into_iter().flatten() {
        let start = std::ptr::without_provenance_mut::<libc::c_void>(start);
        // SAFETY: `MADV_DONTNEED` drops what was written into a private mapping, so nothing may
        // have been written into this one. It was read-only and held the file's own bytes alone
        // when no other thread was there. Since then nobody writes into it, maps over it or
        // unmaps it: the loader is done with the program and the libraries that it was linked
        // with, and never unloads them. What is loaded later (the loader first maps the whole
        // file and then its writable parts over that) is not among these. Another thread that
        // reads meanwhile waits for the same bytes to come back from the file.
        unsafe { libc::madvise(start, end - start.addr(), libc::MADV_DONTNEED) };
    }
    tracing::debug!("gave memory back");
}

/// The private read-only mappings of files of which no byte was changed in memory, in the format
/// of `/proc/PID/smaps` (proc(5)): a line with range, rights and path for each, then its figures.
fn unchanged(smaps: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut candidate = None;
    for line in smaps.lines() {
        if let Some(mapping) = range(line) {
            candidate = is_of_file(line).then_some(mapping);
        } else if let Some(figure) = line.strip_prefix("Anonymous:")
            && figure.trim() == "0 kB"
        {
            found.extend(candidate.take());
        }
    }
    found
}

fn range(line: &str) -> Option<Range<usize>> {
    let (start, end) = line.split_once(' ')?.0.split_once('-')?;
    let number = |hex| usize::from_str_radix(hex, 16).ok();
    Some(number(start)?..number(end)?)
}

fn is_of_file(mapping: &str) -> bool {
    let mut words = mapping.split_whitespace().skip(1);
    let rights = words.next();
    let path = words.nth(3);
    matches!(rights, Some("r--p" | "r-xp")) && path.is_some_and(|path| path.starts_with('/'))
}

#[cfg(test)]
mod tests;
