//! I/O. Requests that wait for the same view are answered by one reading.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::web::answers::unpoisoned;

/// The result of reading, or the status of the answer if it failed.
type ReadResult<T> = Result<Arc<T>, StatusCode>;

/// Readings that several requests wait for.
pub(crate) struct SharedReading<T> {
    /// Those that have not begun, by the value that they read.
    waiting: Mutex<HashMap<String, watch::Receiver<Option<ReadResult<T>>>>>,
    /// All of them, as tasks: they end with the page.
    readings: Mutex<JoinSet<()>>,
}

impl<T> Default for SharedReading<T> {
    fn default() -> Self {
        Self { waiting: Mutex::default(), readings: Mutex::default() }
    }
}

impl<T: Send + Sync + 'static> SharedReading<T> {
    /// Reads, or waits for a reading of the same value that has not begun: nobody gets a value that
    /// is older than their request. `read` drops its [`WaitingReading`] when it begins.
    pub(crate) async fn read<R>(
        self: &Arc<Self>,
        what: String,
        read: impl FnOnce(PendingReading<T>) -> R,
    ) -> ReadResult<T>
    where
        R: Future<Output = Result<T, StatusCode>> + Send + 'static,
    {
        let waiting = unpoisoned(self.waiting.lock()).get(&what).cloned();
        let mut answer = waiting.unwrap_or_else(|| {
            let (sender, answer) = watch::channel(None);
            unpoisoned(self.waiting.lock()).insert(what.clone(), answer.clone());
            let reading = read(PendingReading { joined: Arc::clone(self), what });
            let mut readings = unpoisoned(self.readings.lock());
            while readings.try_join_next().is_some() {}
            readings.spawn(async move {
                sender.send_replace(Some(reading.await.map(Arc::new)));
            });
            answer
        });
        // The sender ends without a value only if the reading panicked.
        let read = answer.wait_for(Option::is_some).await.ok().and_then(|read| read.clone());
        read.unwrap_or(Err(StatusCode::INTERNAL_SERVER_ERROR))
    }
}

/// A reading that has not begun: others can wait for it.
pub(crate) struct PendingReading<T> {
    joined: Arc<SharedReading<T>>,
    what: String,
}

impl<T> Drop for PendingReading<T> {
    fn drop(&mut self) {
        unpoisoned(self.joined.waiting.lock()).remove(&self.what);
    }
}

#[cfg(test)]
mod tests;
