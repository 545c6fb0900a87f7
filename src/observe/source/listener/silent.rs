//! I/O. A bell where no system tells that a service changed: it can only be rung.

use std::collections::BTreeSet;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Rings, from any thread.
#[derive(Clone, Debug, Default)]
pub struct ListenerWaker(Arc<(Mutex<bool>, Condvar)>);

impl ListenerWaker {
    pub fn new() -> std::io::Result<Self> {
        Ok(Self::default())
    }

    /// Ends the wait that is under way, or the next one.
    pub fn wake(&self) {
        let (is_woken, changed) = &*self.0;
        *is_woken.lock().unwrap_or_else(PoisonError::into_inner) = true;
        changed.notify_one();
    }
}

/// Waits.
#[derive(Debug)]
pub struct ServiceListener {
    listener_waker: ListenerWaker,
}

impl ServiceListener {
    pub fn new(listener_waker: ListenerWaker) -> Self {
        Self { listener_waker }
    }

    /// There is nobody to listen to.
    #[expect(clippy::unused_self, reason = "the bell of Windows needs it")]
    pub(in crate::observe::source) fn listen(&mut self, _names: &BTreeSet<String>) -> bool {
        false
    }

    /// Waits for a ring. Whether there was one.
    pub fn wait(&mut self, timeout: Duration) -> bool {
        let (is_woken, changed) = &*self.listener_waker.0;
        let is_woken = is_woken.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = changed.wait_timeout_while(is_woken, timeout, |is_woken| !*is_woken);
        let (mut is_woken, _) = waited.unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *is_woken)
    }
}
