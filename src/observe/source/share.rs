//! I/O. How full a share is, which the list of disks leaves out on Windows.

use std::path::Path;

/// All space of a folder's share and what is free of it; `None` if it cannot be asked.
#[cfg(windows)]
#[expect(unsafe_code, reason = "no crate in the tree wraps this one call")]
pub(in crate::observe::source) fn space(folder: &Path) -> Option<(u64, u64)> {
    use std::os::windows::ffi::OsStrExt as _;

    use windows_sys::Win32::Storage::FileSystem::GetDiskFreeSpaceExW;

    let name: Vec<u16> = folder.as_os_str().encode_wide().chain([0]).collect();
    let (mut free, mut all) = (0, 0);
    // SAFETY: `name` ends with a NUL; it and both places live until the call returns, which keeps
    // none of them. What is not asked for may be null.
    let done = unsafe {
        GetDiskFreeSpaceExW(name.as_ptr(), &raw mut free, &raw mut all, std::ptr::null_mut())
    };
    (done != 0).then_some((all, free))
}

/// Elsewhere a share is mounted, and stands in the list of disks.
#[cfg(not(windows))]
pub(in crate::observe::source) fn space(_folder: &Path) -> Option<(u64, u64)> {
    None
}
