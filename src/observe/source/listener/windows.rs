//! I/O. Hears from the service control manager that a service changed.

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

/// What is listened for. A service that is to be deleted stays as long as anybody has it open: its
/// handle is closed then.
const CHANGES: u32 = SERVICE_NOTIFY_STOPPED
    | SERVICE_NOTIFY_START_PENDING
    | SERVICE_NOTIFY_STOP_PENDING
    | SERVICE_NOTIFY_RUNNING
    | SERVICE_NOTIFY_PAUSED
    | SERVICE_NOTIFY_DELETE_PENDING;
/// What changes within this time of a ring is seen in the same look: services often stop together,
/// and one that stops and starts in a circle does not keep us busy.
const GATHERED: Duration = Duration::from_millis(200);

/// Rings, from any thread.
#[derive(Clone, Debug)]
pub struct ListenerWaker(Arc<OwnedHandle>);

impl ListenerWaker {
    #[expect(unsafe_code, reason = "no crate in the tree wraps these two calls")]
    pub fn new() -> io::Result<Self> {
        // SAFETY: neither attributes nor a name are given, and nobody else owns the handle.
        let event = unsafe {
            let event = CreateEventW(std::ptr::null(), 0, 0, std::ptr::null());
            (!event.is_null()).then(|| OwnedHandle::from_raw_handle(event))
        };
        event.map(|event| Self(Arc::new(event))).ok_or_else(io::Error::last_os_error)
    }

    /// Ends the wait that is under way, or the next one.
    #[expect(unsafe_code, reason = "no crate in the tree wraps this one call")]
    pub fn wake(&self) {
        // SAFETY: the handle is open as long as `self` lives.
        unsafe { SetEvent(self.0.as_raw_handle()) };
    }
}

/// Waits on the thread that listens: there the system tells what it has to tell.
pub struct ServiceListener {
    listener_waker: ListenerWaker,
    listeners: BTreeMap<String, Listener>,
}

struct Listener {
    place: &'static Slot,
    /// Open while the system may write into the place.
    service: Option<Service>,
}

/// Where the system writes that a service changed. It may do so until it has, even when nobody
/// listens any more: so it is never freed, and a service that is uninstalled leaves 100 bytes.
struct Slot {
    notice: UnsafeCell<SERVICE_NOTIFY_2W>,
    on_change: AtomicBool,
}

impl ServiceListener {
    pub fn new(listener_waker: ListenerWaker) -> Self {
        Self { listener_waker, listeners: BTreeMap::new() }
    }

    /// Listens to these services from now on. Whether it can, to all of them.
    pub(in crate::observe::source) fn listen(&mut self, names: &BTreeSet<String>) -> bool {
        self.listeners.retain(|name, _| names.contains(name));
        let mut manager = None;
        let mut all = true;
        for name in names {
            let listener = self.listeners.entry(name.clone()).or_insert_with(Listener::new);
            all &= listener.listen(name, &mut manager);
        }
        all
    }

    /// Waits for a ring, or for a change of what is listened to. Whether there was one.
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
        // What was heard last was that nobody listens.
        let place = Slot { notice: UnsafeCell::default(), on_change: AtomicBool::new(true) };
        Self { place: Box::leak(Box::new(place)), service: None }
    }

    /// Whether it listens. After any refusal (the service is to be deleted, too much was missed, no
    /// rights) the handle is closed, as the system asks for; the next call opens it anew.
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
    /// Asks for one notification; only when the last one was heard. 0, or the number of the error.
    #[expect(unsafe_code, reason = "no crate in the tree wraps this one call")]
    fn subscribe(&'static self, service: &Service) -> u32 {
        self.on_change.store(false, Ordering::Release);
        let notice = SERVICE_NOTIFY_2W {
            dwVersion: SERVICE_NOTIFY_STATUS_CHANGE,
            pfnNotifyCallback: Some(on_change),
            pContext: (&raw const self.on_change).cast_mut().cast(),
            ..SERVICE_NOTIFY_2W::default()
        };
        // SAFETY: the system does not write into the place now, for the last notification was heard
        // or refused; the place is never freed, and nobody else reads it.
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

/// Called on the listening thread, within its wait.
#[expect(unsafe_code, reason = "the system calls it with a pointer")]
unsafe extern "system" fn on_change(notice: *const c_void) {
    // SAFETY: the system hands back the place that it was given, and so the flag beside it; neither
    // is ever freed.
    let flag = unsafe { &*(*notice.cast::<SERVICE_NOTIFY_2W>()).pContext.cast::<AtomicBool>() };
    flag.store(true, Ordering::Release);
}
