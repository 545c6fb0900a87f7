//! I/O. Receives notifications of service changes from the service control manager.

use std::cell::UnsafeCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::c_void;
use std::io;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use windows_service::service::{Service, ServiceAccess};
use windows_service::service_manager::{ServiceManager, ServiceManagerAccess};
use windows_sys::Win32::Foundation::{WAIT_IO_COMPLETION, WAIT_OBJECT_0};
use windows_sys::Win32::System::Services::{
    NotifyServiceStatusChangeW, SERVICE_NOTIFY_2W, SERVICE_NOTIFY_DELETE_PENDING,
    SERVICE_NOTIFY_PAUSED, SERVICE_NOTIFY_RUNNING, SERVICE_NOTIFY_START_PENDING,
    SERVICE_NOTIFY_STATUS_CHANGE, SERVICE_NOTIFY_STOP_PENDING, SERVICE_NOTIFY_STOPPED,
};
use windows_sys::Win32::System::Threading::{CreateEventW, SetEvent, WaitForSingleObjectEx};

/// The changes to be notified of. Includes pending deletions, because a deleted service persists
/// until every handle to it is closed.
const CHANGES: u32 = SERVICE_NOTIFY_STOPPED
    | SERVICE_NOTIFY_START_PENDING
    | SERVICE_NOTIFY_STOP_PENDING
    | SERVICE_NOTIFY_RUNNING
    | SERVICE_NOTIFY_PAUSED
    | SERVICE_NOTIFY_DELETE_PENDING;
/// Changes within this time after a notification are covered by the same snapshot: services often
/// stop together, and one that keeps restarting must not cause constant snapshots.
const GATHERED: Duration = Duration::from_millis(200);

/// Ends a wait, from any thread.
#[derive(Clone, Debug)]
pub struct ListenerWaker(Arc<OwnedHandle>);

impl ListenerWaker {
    #[expect(unsafe_code, reason = "no crate in the tree wraps these two calls")]
    pub fn new() -> io::Result<Self> {
        // SAFETY: neither attributes nor a name are passed, and the new handle has no other owner.
        let event = unsafe {
            let event = CreateEventW(std::ptr::null(), 0, 0, std::ptr::null());
            (!event.is_null()).then(|| OwnedHandle::from_raw_handle(event))
        };
        event.map(|event| Self(Arc::new(event))).ok_or_else(io::Error::last_os_error)
    }

    /// Ends the current wait, or the next one.
    #[expect(unsafe_code, reason = "no crate in the tree wraps this one call")]
    pub fn wake(&self) {
        // SAFETY: the handle is open as long as `self` lives.
        unsafe { SetEvent(self.0.as_raw_handle()) };
    }
}

/// Waits on the thread that subscribed, because the system calls back on that thread.
pub struct ServiceListener {
    listener_waker: ListenerWaker,
    listeners: BTreeMap<String, Listener>,
}

struct Listener {
    place: &'static Slot,
    /// Open while the system may write into the slot.
    service: Option<Service>,
}

/// Memory that the system writes a notification into, possibly after the listener is gone. It is
/// therefore never freed: an uninstalled service leaks 100 bytes.
struct Slot {
    notice: UnsafeCell<SERVICE_NOTIFY_2W>,
    on_change: AtomicBool,
}

impl ServiceListener {
    pub fn new(listener_waker: ListenerWaker) -> Self {
        Self { listener_waker, listeners: BTreeMap::new() }
    }

    /// Subscribes to these services; returns whether that succeeded for all of them.
    pub(crate) fn listen(&mut self, names: &BTreeSet<String>) -> bool {
        self.listeners.retain(|name, _| names.contains(name));
        let mut manager = None;
        let mut all = true;
        for name in names {
            let listener = self.listeners.entry(name.clone()).or_insert_with(Listener::new);
            all &= listener.listen(name, &mut manager);
        }
        all
    }

    /// Waits until woken or until a service changes; returns whether either happened.
    pub fn wait(&mut self, timeout: Duration) -> bool {
        match self.wait_alertably(timeout, true) {
            WAIT_OBJECT_0 => true,
            WAIT_IO_COMPLETION => {
                self.wait_alertably(GATHERED, false);
                true
            }
            _ => false,
        }
    }

    #[expect(unsafe_code, reason = "no crate in the tree wraps this one call")]
    fn wait_alertably(&self, timeout: Duration, alertable: bool) -> u32 {
        let millis = u32::try_from(timeout.as_millis()).unwrap_or(u32::MAX - 1);
        // SAFETY: the handle is open as long as `self` lives.
        unsafe {
            WaitForSingleObjectEx(
                self.listener_waker.0.as_raw_handle(),
                millis,
                i32::from(alertable),
            )
        }
    }
}

impl Listener {
    fn new() -> Self {
        // The flag is set, so that the first `listen` subscribes.
        let place = Slot { notice: UnsafeCell::default(), on_change: AtomicBool::new(true) };
        Self { place: Box::leak(Box::new(place)), service: None }
    }

    /// Returns whether it listens. After any refusal (the service is being deleted, notifications
    /// were missed, no rights) the handle is closed, as Windows requires; the next call reopens it.
    fn listen(&mut self, name: &str, manager: &mut Option<ServiceManager>) -> bool {
        if !self.place.on_change.load(Ordering::Acquire) {
            return true;
        }
        if self.service.is_none() {
            self.service = open(name, manager);
        }
        let refused = self.service.as_ref().map(|service| self.place.subscribe(service));
        if refused == Some(0) {
            return true;
        }
        if let Some(code) = refused {
            tracing::debug!("no notification of service {name}: error {code}");
        }
        self.service = None;
        false
    }
}

fn open(name: &str, manager: &mut Option<ServiceManager>) -> Option<Service> {
    if manager.is_none() {
        *manager = ServiceManager::local_computer(None::<&str>, ServiceManagerAccess::CONNECT).ok();
    }
    manager.as_ref()?.open_service(name, ServiceAccess::QUERY_STATUS).ok()
}

impl Slot {
    /// Requests one notification, after the last one arrived. Returns 0 or an error code.
    #[expect(unsafe_code, reason = "no crate in the tree wraps this one call")]
    fn subscribe(&'static self, service: &Service) -> u32 {
        self.on_change.store(false, Ordering::Release);
        let notice = SERVICE_NOTIFY_2W {
            dwVersion: SERVICE_NOTIFY_STATUS_CHANGE,
            pfnNotifyCallback: Some(on_change),
            pContext: (&raw const self.on_change).cast_mut().cast(),
            ..SERVICE_NOTIFY_2W::default()
        };
        // SAFETY: the system does not write into the slot now, because the last notification was
        // delivered or refused; the slot is never freed, and there is no other reader.
        let refused = unsafe {
            self.notice.get().write(notice);
            NotifyServiceStatusChangeW(service.raw_handle(), CHANGES, self.notice.get())
        };
        if refused != 0 {
            self.on_change.store(true, Ordering::Release);
        }
        refused
    }
}

/// Called on the listening thread, during its wait.
#[expect(unsafe_code, reason = "the system calls it with a pointer")]
unsafe extern "system" fn on_change(notice: *const c_void) {
    // SAFETY: the system returns the slot that it was given, with the pointer to the flag beside
    // it; neither is ever freed.
    let flag = unsafe { &*(*notice.cast::<SERVICE_NOTIFY_2W>()).pContext.cast::<AtomicBool>() };
    flag.store(true, Ordering::Release);
}
