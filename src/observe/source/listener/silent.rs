//! I/O. A listener for systems without notifications of services: only the waker ends its wait.

use std::collections::BTreeSet;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Ends a wait, from any thread.
#[derive(Clone, Debug, Default)]
pub struct ListenerWaker(Arc<(Mutex<bool>, Condvar)>);

impl ListenerWaker {
    pub fn new() -> std::io::Result<Self> {
        Ok(Self::default())
    }

    /// Ends the current wait, or the next one.
    pub fn wake(&self) {
        let (is_woken, changed) = &*self.0;
        *is_woken.lock().unwrap_or_else(PoisonError::into_inner) = true;
        changed.notify_one();
    }
}

/// Waits for the waker.
#[derive(Debug)]
pub struct ServiceListener {
    listener_waker: ListenerWaker,
}

impl ServiceListener {
    pub fn new(listener_waker: ListenerWaker) -> Self {
        Self { listener_waker }
    }

    /// Always fails, because there is no service manager to listen to.
    #[expect(clippy::unused_self, reason = "the Windows variant needs it")]
    pub(crate) fn listen(&mut self, _names: &BTreeSet<String>) -> bool {
        false
    }

    /// Waits until woken; returns whether it was.
    pub fn wait(&mut self, timeout: Duration) -> bool {
        let (is_woken, changed) = &*self.listener_waker.0;
        let is_woken = is_woken.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = changed.wait_timeout_while(is_woken, timeout, |is_woken| !*is_woken);
        let (mut is_woken, _) = waited.unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *is_woken)
    }
}
