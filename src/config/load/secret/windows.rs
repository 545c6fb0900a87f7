//! I/O. Reads and sets the Windows access list of a file, in text form (SDDL).

use std::io;
use std::os::windows::ffi::OsStrExt as _;
use std::path::Path;
use std::ptr::null_mut;

use windows_sys::Win32::Foundation::{LocalFree, WIN32_ERROR};
use windows_sys::Win32::Security::Authorization::{
    ConvertSecurityDescriptorToStringSecurityDescriptorW,
    ConvertStringSecurityDescriptorToSecurityDescriptorW, GetNamedSecurityInfoW, SDDL_REVISION_1,
    SE_FILE_OBJECT,
};
use windows_sys::Win32::Security::{
    DACL_SECURITY_INFORMATION, OWNER_SECURITY_INFORMATION, PROTECTED_DACL_SECURITY_INFORMATION,
    PSECURITY_DESCRIPTOR, SetFileSecurityW,
};

use crate::config::load::secret::access_list;

/// The requested parts: owner and permissions.
const ASKED: u32 = OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;

/// Memory allocated by the system that this process must free.
struct Owned(*mut core::ffi::c_void);

impl Drop for Owned {
    #[expect(unsafe_code, reason = "no crate in the tree wraps this one call")]
    fn drop(&mut self) {
        // SAFETY: the pointer came from a function whose result must be freed with `LocalFree`.
        unsafe { LocalFree(self.0) };
    }
}

/// Restricts a file to its owner, the system and administrators.
pub(crate) fn restrict(path: &Path) -> io::Result<()> {
    set(path, &access_list::private(&access_list(path)?, ""))
}

/// The same for a folder and its future contents.
pub(crate) fn restrict_folder(path: &Path) -> io::Result<()> {
    set(path, &access_list::private(&access_list(path)?, "OICI"))
}

#[expect(unsafe_code, reason = "no crate in the tree wraps these calls")]
pub(crate) fn access_list(path: &Path) -> io::Result<String> {
    let name = wide(path.as_os_str());
    let mut descriptor: PSECURITY_DESCRIPTOR = null_mut();
    // SAFETY: the name is zero-terminated; parts that are not requested may be null.
    let code: WIN32_ERROR = unsafe {
        GetNamedSecurityInfoW(
            name.as_ptr(),
            SE_FILE_OBJECT,
            ASKED,
            null_mut(),
            null_mut(),
            null_mut(),
            null_mut(),
            &raw mut descriptor,
        )
    };
    if code != 0 {
        return Err(io::Error::from_raw_os_error(code.cast_signed()));
    }
    let descriptor = Owned(descriptor);
    let (mut text, mut length) = (null_mut(), 0_u32);
    // SAFETY: the descriptor is alive, and both out pointers are ours.
    let done = unsafe {
        ConvertSecurityDescriptorToStringSecurityDescriptorW(
            descriptor.0,
            SDDL_REVISION_1,
            ASKED,
            &raw mut text,
            &raw mut length,
        )
    };
    if done == 0 {
        return Err(io::Error::last_os_error());
    }
    let owned = Owned(text.cast());
    // SAFETY: the system wrote `length` units there, and they live as long as `owned`.
    let units = unsafe { std::slice::from_raw_parts(text, length as usize) };
    let shown = String::from_utf16_lossy(units).trim_end_matches('\0').to_owned();
    drop(owned);
    Ok(shown)
}

#[expect(unsafe_code, reason = "no crate in the tree wraps these calls")]
fn set(path: &Path, list: &str) -> io::Result<()> {
    let (name, list) = (wide(path.as_os_str()), wide(list.as_ref()));
    let mut descriptor: PSECURITY_DESCRIPTOR = null_mut();
    // SAFETY: the text is zero-terminated, and the result is ours to free.
    let done = unsafe {
        ConvertStringSecurityDescriptorToSecurityDescriptorW(
            list.as_ptr(),
            SDDL_REVISION_1,
            &raw mut descriptor,
            null_mut(),
        )
    };
    if done == 0 {
        return Err(io::Error::last_os_error());
    }
    let descriptor = Owned(descriptor);
    let what = DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION;
    // SAFETY: the name is zero-terminated, and the descriptor is alive.
    let done = unsafe { SetFileSecurityW(name.as_ptr(), what, descriptor.0) };
    if done == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// A zero-terminated UTF-16 string, as Windows functions expect it.
fn wide(text: &std::ffi::OsStr) -> Vec<u16> {
    text.encode_wide().chain([0]).collect()
}
