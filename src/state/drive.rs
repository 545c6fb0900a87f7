//! I/O. Whether a folder on Windows is on another machine: a drive letter may be a mapped share.

use std::path::{Component, Path, Prefix};

use windows_sys::Win32::Storage::FileSystem::GetDriveTypeW;

/// `DRIVE_REMOTE` of `GetDriveTypeW`.
const REMOTE: u32 = 4;

/// Whether the path begins with the letter of a mapped network drive.
pub(crate) fn is_mapped(dir: &Path) -> bool {
    let Ok(whole) = std::path::absolute(dir) else { return false };
    let letter = match whole.components().next() {
        Some(Component::Prefix(prefix)) => match prefix.kind() {
            Prefix::Disk(letter) | Prefix::VerbatimDisk(letter) => letter,
            _ => return false,
        },
        _ => return false,
    };
    drive_type(letter) == REMOTE
}

#[expect(unsafe_code, reason = "no crate in the tree wraps this one call")]
fn drive_type(letter: u8) -> u32 {
    let root = [u16::from(letter), u16::from(b':'), u16::from(b'\\'), 0];
    // SAFETY: `root` ends with a NUL and outlives the call, which does not keep the pointer.
    unsafe { GetDriveTypeW(root.as_ptr()) }
}
