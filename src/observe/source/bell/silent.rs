//! I/O. A bell where no system tells that a service changed: it can only be rung.

use std::collections::BTreeSet;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Rings, from any thread.
#[derive(Clone, Debug, Default)]
pub struct Ringer(Arc<(Mutex<bool>, Condvar)>);

impl Ringer {
    pub fn new() -> std::io::Result<Self> {
        Ok(Self::default())
    }

    /// Ends the wait that is under way, or the next one.
    pub fn ring(&self) {
        let (rung, changed) = &*self.0;
        *rung.lock().unwrap_or_else(PoisonError::into_inner) = true;
        changed.notify_one();
    }
}

/// Waits.
#[derive(Debug)]
pub struct Bell {
    ringer: Ringer,
}

impl Bell {
    pub fn new(ringer: Ringer) -> Self {
        Self { ringer }
    }

    /// There is nobody to listen to.
    #[expect(clippy::unused_self, reason = "the bell of Windows needs it")]
    pub(in crate::observe::source) fn listen(&mut self, _names: &BTreeSet<String>) -> bool {
        false
    }

    /// Waits for a ring. Whether there was one.
    pub fn wait(&mut self, timeout: Duration) -> bool {
        let (rung, changed) = &*self.ringer.0;
        let rung = rung.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = changed.wait_timeout_while(rung, timeout, |rung| !*rung);
        let (mut rung, _) = waited.unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *rung)
    }
}
