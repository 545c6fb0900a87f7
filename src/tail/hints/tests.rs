use std::path::Path;

use notify::event::{AccessKind, AccessMode, CreateKind, Flag};

use super::*;

fn event(kind: EventKind, path: &str) -> Event {
    Event::new(kind).add_path(PathBuf::from(path))
}

fn meaning(event: notify::Result<Event>) -> &'static str {
    match hint(event, &[PathBuf::from("/logs")]) {
        None => "nothing",
        Some(Hint::Paths(_)) => "paths",
        Some(Hint::Gone(folder)) if folder == Path::new("/logs") => "gone",
        Some(Hint::Gone(_)) => "another is gone",
        Some(Hint::Rescan) => "rescan",
        Some(Hint::Failed) => "failed",
        Some(Hint::Wake) => "wake",
    }
}

#[test]
fn each_notification_has_its_meaning() {
    let opened = EventKind::Access(AccessKind::Open(AccessMode::Any));
    assert_eq!(meaning(Ok(event(opened, "/logs/a.log"))), "nothing");
    assert_eq!(meaning(Ok(event(EventKind::Create(CreateKind::File), "/logs/a.log"))), "paths");
    assert_eq!(meaning(Ok(event(EventKind::Remove(RemoveKind::File), "/logs/a.log"))), "paths");
    assert_eq!(meaning(Ok(event(EventKind::Remove(RemoveKind::Folder), "/logs"))), "gone");
    assert_eq!(meaning(Ok(Event::new(EventKind::Other).set_flag(Flag::Rescan))), "rescan");
    assert_eq!(meaning(Ok(Event::new(EventKind::Any))), "rescan");
    assert_eq!(meaning(Err(notify::Error::generic("lost"))), "failed");
}

#[test]
fn a_failing_watcher_is_retried_with_growing_delays() {
    let mut back_off = BackOff::default();
    let mut waits = Vec::new();
    for _ in 0..8 {
        back_off.failed();
        waits.push(1 + (0..100).take_while(|_| !back_off.is_over()).count());
    }
    assert_eq!(waits, [2, 4, 8, 16, 32, 64, 64, 64]);
}

#[test]
fn a_flood_of_hints_marks_everything_dirty_within_bounded_memory() {
    let mut hints = Hints::off();
    for number in 0..=MAX_HINTS {
        let path = PathBuf::from(format!("/logs/{number}.log"));
        send_hint(&hints.sender, &hints.overflow, Hint::Paths(vec![path]));
    }
    assert_eq!(hints.wait(Duration::ZERO), Dirty::Everything);
    assert_eq!(hints.wait(Duration::ZERO), Dirty::Nothing);
}

#[test]
fn hints_are_gathered_until_somebody_wakes_the_reader() {
    let mut hints = Hints::off();
    let path = |name: &str| PathBuf::from(format!("/logs/{name}.log"));
    for name in ["a", "b", "a"] {
        send_hint(&hints.sender, &hints.overflow, Hint::Paths(vec![path(name)]));
    }
    hints.waker().wake();
    send_hint(&hints.sender, &hints.overflow, Hint::Paths(vec![path("later")]));
    let gathered = hints.gather(Duration::from_hours(1));
    assert_eq!(gathered, Dirty::Paths([path("a"), path("b")].into()));
    assert_eq!(hints.gather(Duration::ZERO), Dirty::Paths([path("later")].into()));
}

#[test]
fn a_failed_watcher_is_recreated_and_everything_is_checked() {
    let dir = tempfile::TempDir::new().unwrap();
    let mut hints = Hints::new(vec![dir.path().to_owned()]);
    send_hint(&hints.sender, &hints.overflow, Hint::Failed);
    assert_eq!(hints.wait(Duration::ZERO), Dirty::Everything);
    assert!(hints.watcher.is_none());
    while hints.watcher.is_none() {
        let _dirty = hints.wait(Duration::ZERO);
    }
    std::fs::write(dir.path().join("a.log"), "one\n").unwrap();
    assert_ne!(hints.wait(Duration::from_secs(30)), Dirty::Nothing);
}
