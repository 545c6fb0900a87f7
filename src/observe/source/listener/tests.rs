//! A wait that only the waker can end takes an hour here.

use std::time::Duration;

use super::{ListenerWaker, ServiceListener};

const FOREVER: Duration = Duration::from_hours(1);

#[test]
fn a_wake_ends_the_next_wait_only() {
    let listener_waker = ListenerWaker::new().unwrap();
    let mut listener = ServiceListener::new(listener_waker.clone());
    listener_waker.wake();
    assert!(listener.wait(FOREVER));
    assert!(!listener.wait(Duration::ZERO));
}

#[test]
fn a_wake_from_another_thread_ends_the_current_wait() {
    let listener_waker = ListenerWaker::new().unwrap();
    let mut listener = ServiceListener::new(listener_waker.clone());
    std::thread::scope(|threads| {
        threads.spawn(|| listener_waker.wake());
        assert!(listener.wait(FOREVER));
    });
}

#[test]
fn listening_to_a_missing_service_fails_and_never_wakes() {
    let mut listener = ServiceListener::new(ListenerWaker::new().unwrap());
    assert!(!listener.listen(&["FootmanNoSuchService".to_owned()].into()));
    assert!(!listener.wait(Duration::ZERO));
}
