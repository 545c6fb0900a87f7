use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::http::StatusCode;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::SharedReading;

/// Readings that begin one at a time, when they may, and are numbered.
#[derive(Clone, Default)]
struct Readings {
    joined: Arc<SharedReading<u32>>,
    may: Arc<Permits>,
    begun: Arc<AtomicU32>,
}

/// One request.
struct Asked(JoinSet<Result<u32, StatusCode>>);

impl Asked {
    async fn answer(mut self) -> Result<u32, StatusCode> {
        self.0.join_next().await.unwrap().unwrap()
    }
}

/// None may begin yet.
struct Permits(Semaphore);

impl Default for Permits {
    fn default() -> Self {
        Self(Semaphore::new(0))
    }
}

impl Readings {
    /// Asks, and runs until it waits.
    async fn ask(&self, what: &str) -> Asked {
        let (it, what) = (self.clone(), what.to_owned());
        let mut asked = Asked(JoinSet::new());
        asked.0.spawn(async move {
            let read = it.joined.read(what, |waiting| {
                let (may, begun) = (Arc::clone(&it.may), Arc::clone(&it.begun));
                async move {
                    let permit = may.0.acquire().await;
                    permit.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?.forget();
                    drop(waiting);
                    Ok(begun.fetch_add(1, Ordering::Relaxed) + 1)
                }
            });
            read.await.map(|number| *number)
        });
        tokio::task::yield_now().await;
        asked
    }
}

#[tokio::test]
async fn those_who_wait_share_a_reading_and_a_later_request_gets_its_own() {
    let readings = Readings::default();
    let mut first = Vec::new();
    for _ in 0..20 {
        first.push(readings.ask("/").await);
    }
    readings.may.0.add_permits(1);
    for one in first {
        assert_eq!(one.answer().await, Ok(1));
    }
    let second = readings.ask("/").await;
    readings.may.0.add_permits(1);
    assert_eq!(second.answer().await, Ok(2));
}

#[tokio::test]
async fn another_view_is_read_on_its_own() {
    let readings = Readings::default();
    let (one, other) = (readings.ask("/").await, readings.ask("/history").await);
    readings.may.0.add_permits(2);
    let mut numbers = [one.answer().await.unwrap(), other.answer().await.unwrap()];
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2]);
}

#[tokio::test]
async fn a_reading_that_never_begins_ends_for_all_and_is_not_waited_for_again() {
    let readings = Readings::default();
    let waiting = [readings.ask("/").await, readings.ask("/").await];
    readings.may.0.close();
    for one in waiting {
        assert_eq!(one.answer().await, Err(StatusCode::SERVICE_UNAVAILABLE));
    }
    assert!(readings.joined.waiting.lock().unwrap().is_empty());
}
