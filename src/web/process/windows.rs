//! I/O. Queries Windows for the memory of this process.

use windows_sys::Win32::System::ProcessStatus::{K32GetProcessMemoryInfo, PROCESS_MEMORY_COUNTERS};
use windows_sys::Win32::System::Threading::GetCurrentProcess;

use crate::web::process::Usage;

#[expect(unsafe_code, reason = "no crate in the tree wraps this call")]
pub(crate) fn usage() -> Usage {
    let mut counters = PROCESS_MEMORY_COUNTERS::default();
    let size = u32::try_from(size_of::<PROCESS_MEMORY_COUNTERS>()).unwrap_or_default();
    // SAFETY: the handle is a constant that means this process, and the call writes at most `size`
    // bytes to `counters`.
    let done = unsafe { K32GetProcessMemoryInfo(GetCurrentProcess(), &raw mut counters, size) };
    #[expect(clippy::cast_precision_loss, reason = "memory below 2^53 bytes is exact")]
    let resident = (done != 0).then_some(counters.WorkingSetSize as f64);
    Usage { resident, open: None }
}
