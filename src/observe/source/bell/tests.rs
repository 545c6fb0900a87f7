//! A wait that only a ring can end lasts an hour here.

use std::time::Duration;

use super::{Bell, Ringer};

const FOR_EVER: Duration = Duration::from_hours(1);

#[test]
fn a_ring_ends_the_next_wait_and_only_that() {
    let ringer = Ringer::new().unwrap();
    let mut bell = Bell::new(ringer.clone());
    ringer.ring();
    assert!(bell.wait(FOR_EVER));
    assert!(!bell.wait(Duration::ZERO));
}

#[test]
fn a_ring_from_another_thread_ends_the_wait_under_way() {
    let ringer = Ringer::new().unwrap();
    let mut bell = Bell::new(ringer.clone());
    std::thread::scope(|threads| {
        threads.spawn(|| ringer.ring());
        assert!(bell.wait(FOR_EVER));
    });
}

#[test]
fn who_listens_to_what_is_not_there_hears_nothing() {
    let mut bell = Bell::new(Ringer::new().unwrap());
    assert!(!bell.listen(&["FootmanNoSuchService".to_owned()].into()));
    assert!(!bell.wait(Duration::ZERO));
}
