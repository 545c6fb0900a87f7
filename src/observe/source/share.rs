//! I/O. The space of a folder's disk or share, even if the list of disks does not include it.

use std::path::Path;

/// Total and free space of a folder's disk or share; `None` if unknown.
#[cfg(windows)]
#[expect(unsafe_code, reason = "no crate in the tree wraps this one call")]
pub fn space(folder: &Path) -> Option<(u64, u64)> {
    use std::os::windows::ffi::OsStrExt as _;

    use windows_sys::Win32::Storage::FileSystem::GetDiskFreeSpaceExW;

    let name: Vec<u16> = folder.as_os_str().encode_wide().chain([0]).collect();
    let (mut free, mut all) = (0, 0);
    // SAFETY: `name` ends with a NUL; it and both variables outlive the call, which keeps no
    // pointer. The last parameter may be null.
    let done = unsafe {
        GetDiskFreeSpaceExW(name.as_ptr(), &raw mut free, &raw mut all, std::ptr::null_mut())
    };
    (done != 0).then_some((all, free))
}

/// Total space of the folder's file system, and the free space for this account.
#[cfg(unix)]
pub fn space(folder: &Path) -> Option<(u64, u64)> {
    let found = rustix::fs::statvfs(folder).ok()?;
    let bytes = |blocks: u64| blocks.saturating_mul(found.f_frsize);
    Some((bytes(found.f_blocks), bytes(found.f_bavail)))
}

#[cfg(not(any(unix, windows)))]
pub fn space(_folder: &Path) -> Option<(u64, u64)> {
    None
}
