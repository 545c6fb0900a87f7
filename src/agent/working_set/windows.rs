//! I/O. Trims the working set of a Windows process.

use windows_sys::Win32::System::Threading::{GetCurrentProcess, SetProcessWorkingSetSize};

/// All threads share the process heap on Windows.
pub fn one_heap() {}

/// Returns every page that is not needed right now; needed pages come back from the standby list,
/// without disk access.
#[expect(unsafe_code, reason = "no crate in the tree wraps these calls")]
pub(crate) fn trim() {
    /// This value for both limits empties the working set.
    const EMPTY: usize = usize::MAX;
    // SAFETY: the first call returns a constant; the second only changes which pages are resident.
    let done = unsafe { SetProcessWorkingSetSize(GetCurrentProcess(), EMPTY, EMPTY) };
    tracing::debug!(done = done != 0, "returned memory to the system");
}
