//! I/O. Waits until the process of a service has ended, and with it its hold on the program file.

use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::time::Duration;

use windows_sys::Win32::Foundation::WAIT_TIMEOUT;
use windows_sys::Win32::System::Threading::{
    OpenProcess, PROCESS_SYNCHRONIZE, WaitForSingleObject,
};

/// A process that can be waited for.
pub(crate) struct Process(OwnedHandle);

impl Process {
    /// `None` if there is no such process any more, or if this account may not wait for it.
    #[expect(unsafe_code, reason = "no crate in the tree wraps this one call")]
    pub(crate) fn open(id: u32) -> Option<Self> {
        // SAFETY: nothing is passed by pointer, and the new handle has no other owner.
        unsafe {
            let handle = OpenProcess(PROCESS_SYNCHRONIZE, 0, id);
            (!handle.is_null()).then(|| Self(OwnedHandle::from_raw_handle(handle)))
        }
    }

    /// Whether the process has ended within this time.
    #[expect(unsafe_code, reason = "no crate in the tree wraps this one call")]
    pub(crate) fn ends_within(&self, limit: Duration) -> bool {
        let millis = u32::try_from(limit.as_millis()).unwrap_or(u32::MAX - 1);
        // SAFETY: the handle is open as long as `self` lives.
        let waited = unsafe { WaitForSingleObject(self.0.as_raw_handle(), millis) };
        waited != WAIT_TIMEOUT
    }
}
