//! I/O. Trims the heap of the C library and the file mappings of the program.

use std::ops::Range;
use std::sync::OnceLock;

/// Read-only mappings of the program and its libraries before the first thread started.
static MAPPED_AT_START: OnceLock<Vec<Range<usize>>> = OnceLock::new();

/// Allocations of at least this many bytes get a mapping of their own.
const LARGE: i32 = 256 << 10;
/// Free bytes at the end of the heap that are returned to the system.
const FREE_END: i32 = 1 << 20;

/// Makes all threads share one heap, because they pass buffers to each other and each further heap
/// keeps the maximum that its thread ever needed. Large allocations return to the system as soon as
/// they are free; otherwise the allocator would keep ever larger blocks in the heap, fragmented by
/// small ones. Must be called before the first thread starts.
#[expect(unsafe_code, reason = "no crate in the tree wraps this one call")]
pub fn one_heap() {
    // SAFETY: sets parameters that the allocator reads later, when it creates a heap, allocates a
    // large block, or frees the end of the heap.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 1);
        libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE);
        libc::mallopt(libc::M_TRIM_THRESHOLD, FREE_END);
    }
    let mappings = std::fs::read_to_string("/proc/self/smaps").unwrap_or_default();
    MAPPED_AT_START.get_or_init(|| unchanged(&mappings));
}

/// Returns the free pages of the heap, and the unmodified pages of the program and its libraries,
/// which come back from the page cache when needed.
#[expect(unsafe_code, reason = "no crate in the tree wraps these calls")]
pub(crate) fn trim() {
    // SAFETY: only affects free memory.
    unsafe { libc::malloc_trim(0) };
    for &Range { start, end } in MAPPED_AT_START.get().into_iter().flatten() {
        let start = std::ptr::without_provenance_mut::<libc::c_void>(start);
        // SAFETY: `MADV_DONTNEED` discards changes to a private mapping, so there must be none. The
        // mapping was read-only and unmodified when there was only one thread. Since then, nothing
        // writes to it, maps over it or unmaps it: the loader is finished with the program and its
        // linked libraries, and never unloads them. Libraries loaded later (which the loader first
        // maps as a whole, then maps their writable parts over that) are not in the list. A thread
        // that reads in the meantime gets the same bytes from the file.
        unsafe { libc::madvise(start, end - start.addr(), libc::MADV_DONTNEED) };
    }
    tracing::debug!("returned memory to the system");
}

/// The private, unmodified, read-only mappings of files in `/proc/PID/smaps` (proc(5)): a line with
/// range, permissions and path for each, followed by its figures.
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
