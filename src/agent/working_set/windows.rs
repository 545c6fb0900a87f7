//! I/O. The working set of a Windows process.

use windows_sys::Win32::System::Threading::{GetCurrentProcess, SetProcessWorkingSetSize};

/// All threads share the heap of the process here.
pub fn one_heap() {}

/// Gives back every page that is not needed right now; those that are come back one by one from
/// the standby list, without a disk.
#[expect(unsafe_code, reason = "no crate in the tree wraps these calls")]
pub(in crate::agent) fn trim() {
    /// Both limits as this number ask to empty the working set.
    const EMPTY: usize = usize::MAX;
    // SAFETY: the first call gives a constant, the second changes what is resident and nothing else.
    let done = unsafe { SetProcessWorkingSetSize(GetCurrentProcess(), EMPTY, EMPTY) };
    tracing::debug!(done = done != 0, "gave memory back");
}
