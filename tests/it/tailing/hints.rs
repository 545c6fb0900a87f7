//! Real notifications: what they name, and how waits end.

use std::fs;
use std::time::Duration;

use footman::tail::{Dirty, Hints};

use crate::tailing::world::World;

/// Long enough for any machine; a passing test takes less.
const LONG: Duration = Duration::from_secs(30);

#[test]
fn a_written_file_gives_a_hint_and_is_read_at_once() {
    let mut world = World::new();
    let mut hints = Hints::new(vec![world.folder()]);
    world.poll();
    world.write("a.log", "one\n");
    let dirty = hints.wait(LONG);
    assert_ne!(dirty, Dirty::Nothing);
    let batch = world.poll_with(&dirty, Duration::ZERO);
    assert_eq!(batch.blocks.len(), 1, "no second has passed, so the hint caused the check");
}

#[test]
fn reading_gives_no_hints() {
    let world = World::new();
    world.write("a.log", "one\n");
    let mut hints = Hints::new(vec![world.folder()]);
    fs::read(world.path("a.log")).unwrap();
    fs::read_dir(world.folder()).unwrap().count();
    assert_eq!(hints.wait(Duration::from_millis(50)), Dirty::Nothing);
}

#[test]
fn a_folder_that_appears_later_is_watched() {
    let world = World::new();
    world.hide_folder();
    let mut hints = Hints::new(vec![world.folder()]);
    assert_eq!(hints.wait(Duration::ZERO), Dirty::Nothing);
    world.show_folder();
    while hints.wait(Duration::ZERO) != Dirty::Everything {}
    world.write("a.log", "one\n");
    let dirty = hints.wait(LONG);
    assert_eq!(dirty, Dirty::Paths([world.path("a.log")].into()));
}

// Wine does not report that a watched folder was deleted, and keeps it until the watch ends.
#[cfg(unix)]
#[test]
fn a_recreated_folder_is_watched_again() {
    let world = World::new();
    let mut hints = Hints::new(vec![world.folder()]);
    fs::remove_dir(world.folder()).unwrap();
    while hints.wait(LONG) != Dirty::Everything {}
    fs::create_dir(world.folder()).unwrap();
    while hints.wait(Duration::ZERO) != Dirty::Everything {}
    world.write("a.log", "one\n");
    assert_ne!(hints.wait(LONG), Dirty::Nothing);
}

#[test]
fn a_wait_without_hints_can_be_woken() {
    let mut hints = Hints::off();
    hints.waker().wake();
    assert_eq!(hints.wait(LONG), Dirty::Nothing);
}

#[test]
fn lines_are_found_when_no_folder_can_be_watched() {
    let mut world = World::new();
    // As with an exhausted limit, nothing can be watched.
    let mut hints = Hints::new(vec![world.path("no-such-folder")]);
    for number in 0..20 {
        world.write(&format!("{number}.log"), "one\n");
        assert_eq!(hints.wait(Duration::ZERO), Dirty::Nothing);
        assert_eq!(world.poll().len(), 1);
    }
}

/// Regression: the file rested after a check that found nothing, and no hint followed.
#[test]
fn a_hint_during_the_absence_of_a_folder_does_not_stop_its_files() {
    let mut world = World::new();
    world.expects_hints = true;
    world.write("a.log", "header\none\n");
    world.poll();
    world.write("a.log", "header\n2\n");
    world.hide_folder();
    let hint = Dirty::Paths([world.path("a.log")].into());
    world.poll_with(&hint, Duration::from_secs(1));
    world.show_folder();
    assert_eq!(world.poll(), ["a.log: header", "a.log: 2"]);
}
