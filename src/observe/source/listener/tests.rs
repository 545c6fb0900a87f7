//! A wait that only a ring can end lasts an hour here.

use std::time::Duration;

use super::{ListenerWaker, ServiceListener};

const FOR_EVER: Duration = Duration::from_hours(1);

#[test]
fn a_ring_ends_the_next_wait_and_only_that() {
    let listener_waker = ListenerWaker::new().unwrap();
    let mut listener = ServiceListener::new(listener_waker.clone());
    listener_waker.wake();
    assert!(listener.wait(FOR_EVER));
    assert!(!listener.wait(Duration::ZERO));
}

#[test]
fn a_ring_from_another_thread_ends_the_wait_under_way() {
    let listener_waker = ListenerWaker::new().unwrap();
    let mut listener = ServiceListener::new(listener_waker.clone());
    std::thread::scope(|threads| {
        threads.spawn(|| listener_waker.wake());
        assert!(listener.wait(FOR_EVER));
    });
}

#[test]
fn who_listens_to_what_is_not_there_hears_nothing() {
    let mut listener = ServiceListener::new(ListenerWaker::new().unwrap());
    assert!(!listener.listen(&["FootmanNoSuchService".to_owned()].into()));
    assert!(!listener.wait(Duration::ZERO));
}
